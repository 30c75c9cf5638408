//! `crosscast init`: a commented `crosscast.toml` that fits the project.

use crate::output::text::on_one_line;
use std::fmt::Write as _;
use std::fs::OpenOptions;
use std::io::{self, ErrorKind, Write as _};

use camino::{Utf8Path, Utf8PathBuf};

use super::{Console, Outcome, Stop};
use crate::config::{Config, FILE_NAME};
use crate::report::{Report, Status};

/// The settings cannot be written.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum InitError {
    #[error("{file} exists")]
    #[diagnostic(code(crosscast::init), help("`--force` replaces it"))]
    Exists { file: Utf8PathBuf },
    #[error("cannot write {file}")]
    #[diagnostic(code(crosscast::init))]
    Unwritable { file: Utf8PathBuf, source: io::Error },
}

/// Audits the project, and writes settings that say what it found.
pub(super) fn run(root: &Utf8Path, force: bool, console: &mut Console) -> Result<Outcome, Stop> {
    let file = root.join(FILE_NAME);
    if !force && file.exists() {
        return Err(Stop::diagnostic(InitError::Exists { file }));
    }
    let audit = crate::audit::audit(root, &Config::default()).map_err(Stop::diagnostic)?;
    let text = settings(&audit.report);
    let written = OpenOptions::new().write(true).create(true).truncate(force).create_new(!force).open(&file);
    let written = written.and_then(|mut handle| handle.write_all(text.as_bytes()));
    written.map_err(|source| match source.kind() {
        ErrorKind::AlreadyExists => Stop::diagnostic(InitError::Exists { file: file.clone() }),
        _ => Stop::diagnostic(InitError::Unwritable { file: file.clone(), source }),
    })?;
    writeln!(console.out, "wrote {file}")?;
    let failed = audit.report.checks.iter().any(|check| check.status == Status::Fail);
    if failed {
        writeln!(console.out, "next: `crosscast {root}` shows what fails; to accept it for now:")?;
        writeln!(console.out, "  crosscast {root} --baseline crosscast-baseline.json --update-baseline")?;
    }
    Ok(Outcome::Success)
}

/// The text of the settings. Everything is at its default, so nothing changes until a line is changed.
fn settings(report: &Report) -> String {
    let mut text = String::from(
        "# Settings of crosscast. Every value here is the default; change what your project needs.\n\
         # `crosscast schema settings` prints a JSON Schema for editors.\n\n",
    );
    services(report, &mut text);
    text += "# Audit these files only, or leave files out. Patterns are those of .gitignore.\n";
    text += "# include = [\"apps/**\"]\n# exclude = [\"legacy/\"]\n\n";
    text += "# Folders with your own library rules.\n# rules = [\"lint/crosscast\"]\n\n";
    text += "# Larger files are not read, but listed as problems.\n# max-file-bytes = 5000000\n\n";
    text += "[checks.pubsub-cross-instance]\nenabled = true\nseverity = \"high\"\n";
    text +=
        "require = \"every-path\"            # or \"any-integration\": one working adapter or relay is enough\n\n";
    text += "[checks.horizontal-scaling-ready]\nenabled = true\nseverity = \"low\"\n";
    text += "require = \"threshold\"             # or \"all\": nothing may be kept by one process alone\n";
    text += "min-shared-types = 2\n";
    text += "adapter-rooms = \"shared\"          # or \"in-process\": rooms must survive a restart\n\n";
    deployment(report, &mut text);
    text
}

/// What the audit found, as comments.
fn services(report: &Report, text: &mut String) {
    if report.services.is_empty() {
        text.push_str("# No realtime endpoint was found here yet.\n\n");
        return;
    }
    text.push_str("# Services with a realtime endpoint, and what the checks say of them today:\n");
    for service in &report.services {
        let verdicts: Vec<String> =
            service.checks.iter().map(|check| format!("{} {}", check.status.word(), check.name)).collect();
        // A String takes everything that is written to it.
        let _ = writeln!(text, "#   {}: {}", on_one_line(&service.root), verdicts.join(", "));
    }
    text.push('\n');
}

/// The declaration, which only its owner can make; what speaks against it stands beside it.
fn deployment(report: &Report, text: &mut String) {
    let several: Vec<_> = report.deployment.evidence.iter().filter(|each| each.multi_instance).collect();
    if several.is_empty() {
        *text +=
            "# If one instance is all there will ever be, say so and why; both checks are then skipped, unless a\n";
        *text += "# deployment file says otherwise.\n";
    } else {
        *text += "# A declaration of a single instance would be refused here, because several are deployed:\n";
        for each in several {
            let at = &each.location;
            let _ = writeln!(
                text,
                "#   {}:{} {} {}",
                on_one_line(&at.file),
                at.line,
                each.kind,
                on_one_line(&each.value)
            );
        }
    }
    *text += "# [deployment]\n# instances = \"single\"\n# reason = \"One kiosk per store; the process is never replicated.\"\n";
}

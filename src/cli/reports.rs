//! Where reports go: one to standard output, and any number to files.

use camino::{Utf8Path, Utf8PathBuf};
use clap::ValueEnum;

use super::arguments::AuditArguments;
use super::{Console, Stop};
use crate::audit::Audit;
use crate::output::{Format, Style};

/// What one `--output` says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OutputFile {
    format: Format,
    file: Utf8PathBuf,
}

impl OutputFile {
    /// Reads `FORMAT=FILE`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let (format, file) = text.split_once('=').ok_or("it must be FORMAT=FILE, as in sarif=crosscast.sarif")?;
        let known = Format::value_variants().iter().filter_map(|each| each.to_possible_value());
        let known: Vec<String> = known.map(|value| value.get_name().to_owned()).collect();
        let format =
            Format::from_str(format, false).map_err(|_| format!("the formats are {}", known.join(", ")))?;
        match file {
            "" => Err("the file's name is missing".to_owned()),
            "-" => Err("use --format for standard output".to_owned()),
            file => Ok(OutputFile { format, file: file.into() }),
        }
    }
}

/// A report cannot be written to its file.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot write the report to {file}")]
#[diagnostic(code(crosscast::output))]
struct FileError {
    file: Utf8PathBuf,
    source: std::io::Error,
}

/// Writes every report that the arguments ask for, files first: standard output may be closed early.
pub(super) fn write(audit: &Audit, arguments: &AuditArguments, console: &mut Console) -> Result<(), Stop> {
    let prefix = Prefix::new(&arguments.root, &audit.project.root);
    for output in &arguments.outputs {
        let style = Style {
            color: false,
            width: super::console::DEFAULT_WIDTH,
            verbose: arguments.verbose,
            quiet: arguments.quiet,
            prefix: prefix.of(output.format),
            sources: &audit.project,
        };
        let failed = |source| Stop::diagnostic(FileError { file: output.file.clone(), source });
        let mut bytes = Vec::new();
        output.format.write(&audit.report, &mut bytes, &style)?;
        std::fs::write(&output.file, bytes).map_err(failed)?;
    }
    let style = Style {
        color: console.color,
        width: console.width,
        verbose: arguments.verbose,
        quiet: arguments.quiet,
        prefix: prefix.of(arguments.format),
        sources: &audit.project,
    };
    arguments.format.write(&audit.report, console.out, &style)?;
    // The report stands before whatever is said on standard error next.
    console.out.flush().map_err(Stop::from)
}

/// What leads from the working folder to the audited one.
struct Prefix {
    /// As a relative path without `..`; empty where there is none.
    inside: String,
    /// As it was given, where it lies elsewhere.
    given: String,
}

impl Prefix {
    fn new(given: &Utf8Path, root: &Utf8Path) -> Self {
        let here = std::env::current_dir().ok().and_then(|here| here.canonicalize().ok());
        let here = here.and_then(|here| Utf8PathBuf::from_path_buf(here).ok());
        let inside = here.and_then(|here| root.strip_prefix(here).map(with_slash).ok());
        // A single file as the root: its folder is the root of the report.
        let folder = if given.is_file() { given.parent().unwrap_or(given) } else { given };
        let given = if inside.is_some() { String::new() } else { with_slash(folder) };
        Prefix { inside: inside.unwrap_or_default(), given }
    }

    /// Editors open any path; services know only those of the repository.
    fn of(&self, format: Format) -> &str {
        if format == Format::Unix && !self.given.is_empty() { &self.given } else { &self.inside }
    }
}

fn with_slash(folder: &Utf8Path) -> String {
    let text = folder.as_str().replace('\\', "/");
    match text.trim_end_matches('/') {
        "" if text.is_empty() => String::new(),
        text => format!("{text}/"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_output_is_a_format_and_a_file() {
        let parsed = OutputFile::parse("sarif=out/a=b.sarif").unwrap();
        assert_eq!(parsed, OutputFile { format: Format::Sarif, file: "out/a=b.sarif".into() });
        for wrong in ["sarif", "sarif=", "pdf=x", "json=-"] {
            assert!(OutputFile::parse(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn prefixes_end_with_a_slash() {
        assert_eq!(with_slash("".into()), "");
        assert_eq!(with_slash("a/b".into()), "a/b/");
        assert_eq!(with_slash("/".into()), "/");
    }
}

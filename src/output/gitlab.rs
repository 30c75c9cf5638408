//! GitLab Code Quality: <https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format>.

use serde::Serialize;
use std::io::{self, Write};

use super::findings::{self, Finding, Level, Subject};
use super::{Style, words};
use crate::report::Report;

/// One entry of the report.
#[derive(Serialize)]
struct Entry<'r> {
    description: String,
    check_name: &'r str,
    fingerprint: String,
    severity: &'static str,
    location: Location,
}

#[derive(Serialize)]
struct Location {
    path: String,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
    end: u32,
}

/// Writes the entries and a line break. Paths must be relative to the repository, so the job runs at its root.
pub(super) fn write(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let findings = findings::counted(report);
    // Every entry needs a file.
    let entries: Vec<Entry> =
        findings.iter().filter(|each| !each.at().file.is_empty()).map(|each| entry(each, style)).collect();
    serde_json::to_writer_pretty(&mut *out, &entries)?;
    writeln!(out)
}

fn entry<'r>(finding: &Finding<'r>, style: &Style) -> Entry<'r> {
    let at = finding.at();
    Entry {
        description: format!("{}.", words::capitalised(&finding.message)),
        check_name: finding.rule,
        fingerprint: finding.fingerprint.clone(),
        severity: severity(finding),
        location: Location {
            path: format!("{}{}", style.prefix, at.file),
            lines: Lines { begin: at.lines.0, end: at.lines.1 },
        },
    }
}

/// The words of GitLab are info, minor, major, critical and blocker.
fn severity(finding: &Finding) -> &'static str {
    match (finding.level, finding.subject) {
        (Level::Error, _) => "critical",
        (Level::Warning, Subject::Store(_) | Subject::Path(_)) => "major",
        (Level::Warning, _) => "minor",
        (Level::Note, _) => "info",
    }
}

//! JUnit XML: a suite per service and a case per check, for the test reports of build servers. The shape is that of
//! <https://github.com/testmoapp/junitxml>.

use super::text::{entity, replaced};
use std::io::{self, Write};

use super::findings::{self, Finding, Subject};
use super::{Style, words};
use crate::report::{CheckResult, Report, Status};

/// Writes the document.
pub(super) fn write(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let findings = findings::all(report);
    // A root without an endpoint has no service, but verdicts all the same.
    let root = [(".", report.checks.as_slice())];
    let services: Vec<(&str, &[CheckResult])> =
        report.services.iter().map(|service| (service.root.as_str(), service.checks.as_slice())).collect();
    let suites = if services.is_empty() { &root[..] } else { &services };
    let all = || suites.iter().flat_map(|(_, checks)| checks.iter());
    writeln!(out, r#"<?xml version="1.0" encoding="UTF-8"?>"#)?;
    writeln!(out, r#"<testsuites name="crosscast" {}>"#, counts(all()))?;
    for (service, checks) in suites {
        writeln!(out, r#"  <testsuite name="{}" {}>"#, escaped(service), counts(checks.iter()))?;
        for check in *checks {
            case(out, service, check, &findings, style)?;
        }
        writeln!(out, "  </testsuite>")?;
    }
    writeln!(out, "</testsuites>")
}

fn counts<'r>(checks: impl Iterator<Item = &'r CheckResult>) -> String {
    let (mut tests, mut failures, mut skipped) = (0, 0, 0);
    for check in checks {
        tests += 1;
        failures += usize::from(check.status == Status::Fail);
        skipped += usize::from(check.status == Status::Skip);
    }
    format!(r#"tests="{tests}" failures="{failures}" errors="0" skipped="{skipped}" time="0""#)
}

fn case(
    out: &mut dyn Write,
    service: &str,
    check: &CheckResult,
    findings: &[Finding],
    style: &Style,
) -> io::Result<()> {
    let (name, class) = (escaped(&check.name), escaped(service));
    let detail = escaped(&check.detail);
    write!(out, r#"    <testcase name="{name}" classname="{class}" time="0">"#)?;
    match check.status {
        Status::Skip => write!(out, r#"<skipped message="{detail}"/>"#)?,
        Status::Fail => {
            writeln!(out, r#"<failure type="{}" message="{detail}">"#, check.reason.word())?;
            for line in lines(&check.findings, findings, style) {
                writeln!(out, "{}", escaped(&line))?;
            }
            write!(out, "</failure>")?;
        }
        Status::Pass if !check.warnings.is_empty() => {
            writeln!(out, "<system-out>")?;
            for line in lines(&check.warnings, findings, style) {
                writeln!(out, "{}", escaped(&line))?;
            }
            write!(out, "</system-out>")?;
        }
        Status::Pass => {}
    }
    writeln!(out, "</testcase>")
}

/// The findings with these ids, each with its place.
fn lines(ids: &[String], findings: &[Finding], style: &Style) -> Vec<String> {
    let id = |finding: &Finding| match finding.subject {
        Subject::Path(path) => Some(path.id.clone()),
        Subject::Store(store) => Some(store.id.clone()),
        _ => None,
    };
    let named = findings.iter().filter(|finding| id(finding).is_some_and(|id| ids.contains(&id)));
    let line = |finding: &Finding| {
        let (at, message) = (finding.at(), words::capitalised(&finding.message));
        format!("{}{}:{}: {message}.", style.prefix, at.file, at.lines.0)
    };
    named.map(line).collect()
}

/// Text for attributes and elements. XML 1.0 has no way to write most control characters, so they are replaced
/// (<https://www.w3.org/TR/xml/#charsets>).
fn escaped(text: &str) -> String {
    replaced(text, |character| match character {
        '\n' => Some("&#10;"),
        '\t' => None,
        other if other.is_control() || matches!(other, '\u{fffe}' | '\u{ffff}') => Some("\u{fffd}"),
        other => entity(other),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn what_xml_cannot_hold_is_escaped_or_replaced() {
        assert_eq!(super::escaped("a<b> & \"c\"\u{1b}[0m\n"), "a&lt;b&gt; &amp; &quot;c&quot;\u{fffd}[0m&#10;");
    }
}

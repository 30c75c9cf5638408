//! A summary in Markdown, for comments on pull requests and for job summaries.

use super::text::on_one_line;
use std::io::{self, Write};

use super::findings::{self, Finding, Level, Subject};
use super::{Style, words};
use crate::report::{CheckResult, Report, Status};

/// Comments are cut by their hosts above 65536 characters, so tables stop before.
const ROWS_SHOWN: usize = 60;

/// Writes the summary.
pub(super) fn write(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    verdicts(report, out)?;
    services(report, out)?;
    let findings = findings::counted(report);
    let of = |wanted: fn(&Subject) -> bool| findings.iter().filter(move |finding| wanted(&finding.subject));
    let paths: Vec<_> = of(|subject| matches!(subject, Subject::Path(_))).collect();
    let stores: Vec<_> = of(|subject| matches!(subject, Subject::Store(_))).collect();
    let advisories: Vec<_> = of(|subject| matches!(subject, Subject::Advisory(_))).collect();
    let problems: Vec<_> = of(|subject| matches!(subject, Subject::Problem(_))).collect();
    table(out, "Broadcasts that other instances miss", &paths, style)?;
    table(out, "State that one process keeps for itself", &stores, style)?;
    deployment(report, out, style)?;
    table(out, "Advisories", &advisories, style)?;
    table(out, "Left out of the audit", &problems, style)?;
    let (seen, parsed) = (report.stats.files_seen, report.stats.files_parsed);
    writeln!(out, "\n<sub>crosscast {}: {seen} JS/TS files seen, {parsed} parsed.</sub>", report.tool.version)
}

fn verdicts(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    let failed = report.checks.iter().any(|check| check.status == Status::Fail);
    let title = if failed { "does not hold on a second instance" } else { "nothing breaks on a second instance" };
    writeln!(out, "## crosscast: {title}\n")?;
    writeln!(out, "| verdict | check | counted | why |\n| --- | --- | --- | --- |")?;
    for check in &report.checks {
        let (status, counts) = (status(check.status), words::counts(check).join("; "));
        writeln!(out, "| {status} | `{}` | {} | {} |", check.name, escaped(&counts), escaped(&check.detail))?;
    }
    Ok(())
}

/// The verdicts of each service, where there are several.
fn services(report: &Report, out: &mut dyn Write) -> io::Result<()> {
    if report.services.len() < 2 {
        return Ok(());
    }
    let names: Vec<String> = report.checks.iter().map(|check| format!("`{}`", check.name)).collect();
    writeln!(out, "\n### Services\n")?;
    writeln!(out, "| service | {} |\n| --- |{}", names.join(" | "), " --- |".repeat(names.len()))?;
    for service in &report.services {
        let verdicts: Vec<_> = service.checks.iter().map(|check: &CheckResult| status(check.status)).collect();
        writeln!(out, "| {} | {} |", code(&service.root), verdicts.join(" | "))?;
    }
    Ok(())
}

fn table(out: &mut dyn Write, title: &str, findings: &[&Finding], style: &Style) -> io::Result<()> {
    if findings.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### {title}\n\n| where | what |\n| --- | --- |")?;
    for finding in findings.iter().take(ROWS_SHOWN) {
        let at = finding.at();
        let place = match at.file.is_empty() {
            true => "the audit".to_owned(),
            false => code(&format!("{}{}:{}", style.prefix, at.file, at.lines.0)),
        };
        let note = if finding.level == Level::Note { " _(a warning: it fails nothing)_" } else { "" };
        writeln!(out, "| {place} | {}{note} |", escaped(&words::capitalised(&finding.message)))?;
    }
    let more = findings.len().saturating_sub(ROWS_SHOWN);
    if more > 0 { writeln!(out, "\n… and {more} more.") } else { Ok(()) }
}

fn deployment(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let deployment = &report.deployment;
    if deployment.declared.is_none() && deployment.evidence.is_empty() {
        return Ok(());
    }
    writeln!(out, "\n### Deployment\n")?;
    let place = |location| code(&format!("{}{}", style.prefix, words::place(location)));
    if let Some(declared) = &deployment.declared {
        let at = place(&declared.location);
        writeln!(out, "- declared single-instance: {} ({at})", escaped(&declared.reason))?;
    }
    for evidence in &deployment.evidence {
        let count = if evidence.multi_instance { "several instances" } else { "one instance" };
        let (value, at) = (escaped(&evidence.value), place(&evidence.location));
        writeln!(out, "- {} {value}: {count} ({at})", evidence.kind)?;
    }
    Ok(())
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Fail => "❌ fail",
        Status::Pass => "✅ pass",
        Status::Skip => "➖ skip",
    }
}

/// Text in a cell of a table, on one line. Code between backticks stays code; outside of it, what Markdown or HTML
/// would read as a sign is escaped. A pipe ends a cell even within code
/// (<https://github.github.com/gfm/#tables-extension->).
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut in_code = false;
    let closes = text.matches('`').count().is_multiple_of(2);
    for character in text.chars() {
        match character {
            '`' if closes => {
                in_code = !in_code;
                escaped.push('`');
            }
            '|' => escaped.push_str("\\|"),
            each if each.is_control() => escaped.push(' '),
            '`' | '*' | '_' | '<' | '>' | '[' | ']' | '\\' | '#' if !in_code => {
                escaped.push('\\');
                escaped.push(character);
            }
            each => escaped.push(each),
        }
    }
    // An odd counter is words, not a reference to an issue, and an `@` in a message must wake nobody.
    escaped.replace('@', "@\u{200b}")
}

/// Text as code; what holds backticks itself needs more of them around it.
fn code(text: &str) -> String {
    let text = on_one_line(text).replace('|', "\\|");
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

#[cfg(test)]
mod tests {
    use super::{code, escaped};

    #[test]
    fn text_stays_in_its_cell_and_is_no_markup() {
        assert_eq!(escaped("a|b <i> *c*\n`x_y|z`"), "a\\|b \\<i\\> \\*c\\* `x_y\\|z`");
        assert_eq!(escaped("one ` alone"), "one \\` alone");
        assert_eq!(escaped("@team"), "@\u{200b}team");
        assert_eq!(code("a`b"), "`` a`b ``");
    }
}

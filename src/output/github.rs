//! GitHub Actions annotations: workflow commands that put each finding on its line of the pull request.

use std::io::{self, Write};

use super::findings::{self, Finding, Level};
use super::{Style, words};
use crate::report::Report;

/// Writes one command per finding, the worst first, because GitHub shows only the first ten of a kind per step
/// (<https://docs.github.com/en/actions/reference/limits>), then the verdicts as plain lines for the log.
pub(super) fn write(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    for finding in findings::counted(report) {
        command(&finding, out, style)?;
    }
    for check in &report.checks {
        writeln!(out, "{}", findings::verdict_line(check))?;
    }
    Ok(())
}

fn command(finding: &Finding, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let command = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    };
    let at = finding.at();
    let mut properties = Vec::new();
    if !at.file.is_empty() {
        properties.push(format!("file={}", property(&format!("{}{}", style.prefix, at.file))));
        properties.push(format!("line={},endLine={}", at.lines.0, at.lines.1));
    }
    // Columns of a range over several lines would be refused.
    if let Some((column, end)) = at.columns.filter(|_| at.lines.0 == at.lines.1) {
        properties.push(format!("col={column},endColumn={end}"));
    }
    properties.push(format!("title={}", property(&format!("crosscast: {}", finding.rule))));
    let message = words::capitalised(&finding.message);
    writeln!(out, "::{command} {}::{}", properties.join(","), data(&message))
}

/// Escapes a message as the runner reads it:
/// <https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts>.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property, where a colon and a comma would end it.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[cfg(test)]
mod tests {
    use super::{data, property};

    #[test]
    fn what_the_runner_would_read_as_syntax_is_escaped() {
        assert_eq!(data("100%\r\nof a, b: c"), "100%25%0D%0Aof a, b: c");
        assert_eq!(property("a,b:c%"), "a%2Cb%3Ac%25");
    }
}

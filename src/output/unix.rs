//! One line per finding, as compilers write them: vim, emacs and problem matchers jump to them.

use super::text::on_one_line;
use std::io::{self, Write};

use super::Style;
use super::findings::{self, Level};
use crate::report::Report;

/// Writes `file:line:column: level: message [rule]`, the worst first.
pub(super) fn write(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    for finding in findings::counted(report) {
        let level = match finding.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        };
        let at = finding.at();
        // A problem of the whole audit has no file; the root stands for it, so that every line has the same shape.
        let file = if at.file.is_empty() { "." } else { at.file };
        let (line, column) = (at.lines.0, at.columns.map_or(1, |(column, _)| column));
        // Line breaks and other control characters would end the message, or command the terminal.
        let message = on_one_line(&finding.message);
        writeln!(out, "{}{file}:{line}:{column}: {level}: {message} [{}]", style.prefix, finding.rule)?;
    }
    Ok(())
}

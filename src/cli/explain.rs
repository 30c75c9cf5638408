//! `crosscast explain CHECK`: why a check matters, when it fails, what to do.

use super::{Console, Outcome, Stop};
use crate::checks::{self, Check};
use crate::output::wrap;

/// Prints the text of a check.
pub(super) fn run(check: Check, console: &mut Console) -> Result<Outcome, Stop> {
    let texts = checks::texts().map_err(Stop::diagnostic)?;
    let Some(text) = texts.iter().find(|text| text.name == check.name()) else { return Ok(Outcome::Success) };
    let width = console.width;
    let paragraph = |text: &str, first: &str, rest: &str| wrap(text, width, first, rest);
    let out = &mut console.out;
    writeln!(out, "{}: {}", text.name, text.title)?;
    writeln!(out, "{}, severity {}", text.id, text.severity)?;
    writeln!(out, "\nWhy it matters\n{}", paragraph(&text.why, "  ", "  "))?;
    writeln!(out, "\nWhat it looks at\n{}", paragraph(&text.looks_for, "  ", "  "))?;
    writeln!(out, "\nVerdicts")?;
    for row in &text.criteria {
        writeln!(out, "{}", paragraph(row, "  - ", "    "))?;
    }
    writeln!(out, "\nWhat to do")?;
    writeln!(out, "{}\n", paragraph(&text.fix, "  ", "  "))?;
    // Code must keep its lines.
    for line in text.remediation.trim().lines() {
        writeln!(out, "{}", format!("  {line}").trim_end())?;
    }
    writeln!(out, "\nReferences")?;
    for reference in &text.references {
        writeln!(out, "{}", paragraph(reference, "  - ", "    "))?;
    }
    Ok(Outcome::Success)
}

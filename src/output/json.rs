//! JSON: the report itself, indented, as `docs/report.schema.json` describes it.

use std::io::{self, Write};

use super::Style;
use crate::report::Report;

/// Writes the report and a line break.
pub(super) fn write(report: &Report, out: &mut dyn Write, _: &Style) -> io::Result<()> {
    serde_json::to_writer_pretty(&mut *out, report)?;
    writeln!(out)
}

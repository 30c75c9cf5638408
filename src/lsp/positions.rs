//! Places of the report as positions of the protocol: 0-based lines, columns in the unit that was agreed on.

use lsp_types::{Position, PositionEncodingKind, Range};

use crate::report::Location;

/// The unit of columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    /// Bytes.
    Utf8,
    /// What the protocol has where nothing is agreed, and what the report counts in.
    Utf16,
}

impl Encoding {
    /// The first of the client's wishes that can be had.
    pub(super) fn choose(wished: Option<&[PositionEncodingKind]>) -> Self {
        let known = |kind: &PositionEncodingKind| match kind.as_str() {
            "utf-8" => Some(Encoding::Utf8),
            "utf-16" => Some(Encoding::Utf16),
            _ => None,
        };
        wished.into_iter().flatten().find_map(known).unwrap_or(Encoding::Utf16)
    }

    /// The word for it.
    pub(super) fn kind(self) -> PositionEncodingKind {
        match self {
            Encoding::Utf8 => PositionEncodingKind::UTF8,
            Encoding::Utf16 => PositionEncodingKind::UTF16,
        }
    }
}

/// The text of a file with its lines, to convert columns by.
pub(super) struct Lines<'t> {
    lines: Vec<&'t str>,
    encoding: Encoding,
}

impl<'t> Lines<'t> {
    /// Splits a text.
    pub(super) fn new(text: &'t str, encoding: Encoding) -> Self {
        // Columns in the report's own unit need no text.
        let lines = if encoding == Encoding::Utf16 { Vec::new() } else { text.split('\n').collect() };
        Lines { lines, encoding }
    }

    /// A range of the report.
    pub(super) fn range(&self, location: &Location) -> Range {
        Range {
            start: self.position(location.line, location.column),
            end: self.position(location.end_line, location.end_column),
        }
    }

    /// A 1-based line and column of the report.
    pub(super) fn position(&self, line: u32, column: u32) -> Position {
        let (line, units) = (line.saturating_sub(1), column.saturating_sub(1));
        let character = match self.encoding {
            Encoding::Utf16 => units,
            Encoding::Utf8 => bytes(self.lines.get(line as usize).copied().unwrap_or_default(), units),
        };
        Position { line, character }
    }
}

/// The bytes before a column in UTF-16 units; beyond the line, its length.
fn bytes(line: &str, units: u32) -> u32 {
    let mut seen = 0;
    for (byte, character) in line.char_indices() {
        if seen >= units {
            return byte as u32;
        }
        seen += character.len_utf16() as u32;
    }
    line.len() as u32
}

/// Whether two ranges have a position in common; a range without a length lies in what it touches.
pub(super) fn overlap(one: &Range, other: &Range) -> bool {
    one.start <= other.end && other.start <= one.end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_counted_in_the_unit_agreed_on() {
        let location = Location { file: "a.js".into(), line: 2, column: 6, end_line: 2, end_column: 8 };
        let text = "x\nʼ🌍 io.emit()\n";
        let range = |encoding| {
            let range = Lines::new(text, encoding).range(&location);
            (range.start.line, range.start.character, range.end.character)
        };
        // One unit for `ʼ` (two bytes), two for the globe (four bytes), one for the blank.
        assert_eq!(range(Encoding::Utf16), (1, 5, 7));
        assert_eq!(range(Encoding::Utf8), (1, 8, 10));
    }

    #[test]
    fn the_client_chooses() {
        let kinds = |kinds: &[&'static str]| -> Vec<PositionEncodingKind> {
            kinds.iter().map(|&kind| PositionEncodingKind::new(kind)).collect()
        };
        assert_eq!(Encoding::choose(None), Encoding::Utf16);
        assert_eq!(Encoding::choose(Some(&kinds(&["utf-32", "utf-8", "utf-16"]))), Encoding::Utf8);
        assert_eq!(Encoding::choose(Some(&kinds(&["utf-32"]))), Encoding::Utf16);
    }
}

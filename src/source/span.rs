//! Byte ranges, and the lines and columns that people and editors count.

use camino::{Utf8Path, Utf8PathBuf};
use line_index::{LineIndex, WideEncoding};

/// A half-open byte range in one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Span {
    /// First byte.
    pub start: u32,
    /// One past the last byte.
    pub end: u32,
}

impl Span {
    /// Whether `other` lies inside.
    pub fn contains(self, other: Span) -> bool {
        self.start <= other.start && other.end <= self.end
    }
}

/// A place in a file: 1-based lines, 1-based columns in UTF-16 units, exclusive end (SPEC section 7).
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// Path relative to the audited root, with `/`.
    pub file: Utf8PathBuf,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

impl Location {
    /// Where bytes `start` to `end` of a file lie; offsets beyond its text are its end.
    pub(crate) fn in_file(file: &Utf8Path, text: &str, lines: &LineIndex, start: u32, end: u32) -> Self {
        let place = |offset: u32| {
            let position = lines.line_col(offset.min(text.len() as u32).into());
            let wide = lines.to_wide(WideEncoding::Utf16, position);
            let column = wide.map_or(position.col, |wide| wide.col);
            (position.line + 1, column + 1)
        };
        let (line, column) = place(start);
        let (end_line, end_column) = place(end);
        Location { file: file.to_owned(), line, column, end_line, end_column }
    }
}

/// The 1-based line of a byte offset.
pub(crate) fn line_of(text: &str, offset: usize) -> u32 {
    let before = text.get(..offset.min(text.len())).unwrap_or(text);
    1 + before.matches('\n').count() as u32
}

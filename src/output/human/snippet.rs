//! A few lines of source, each with a remark: where something starts, where it ends, and nothing in between.

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Page;
use crate::report::Location;

/// Columns before the line number, and room for the number itself.
const INDENT: usize = 5;
/// Code is cut before a remark is, but not below this.
const LEAST_CODE: usize = 24;

/// A line of source to be shown.
pub(super) struct Row<'a> {
    /// Where it is.
    pub(super) location: &'a Location,
    /// The code to show instead of the line.
    pub(super) code: Option<&'a str>,
    /// What is to be seen there.
    pub(super) remark: String,
}

impl<'a> Row<'a> {
    /// The line at a place.
    pub(super) fn of(location: &'a Location, remark: String) -> Self {
        Row { location, code: None, remark }
    }
}

impl Page<'_> {
    /// Writes lines of one file in the order of the rows, a gap marked by `gap`, which may say what lies in between.
    /// Rows without text at hand are left out: the place stands above.
    pub(super) fn snippet(&self, out: &mut dyn Write, rows: &[Row], gap: &str) -> io::Result<()> {
        let rows: Vec<(u32, &str, &str)> = rows.iter().filter_map(|row| self.source(row)).collect();
        let digits = rows.iter().map(|(number, ..)| number.to_string().len()).max().unwrap_or_default();
        let mut before: Option<u32> = None;
        for (number, code, remark) in rows {
            if before.is_some_and(|before| number != before + 1) {
                let mark = format!("{:INDENT$}{:>digits$} ┆ {gap}", "", "");
                writeln!(out, "{}", self.paint.dim(&cut(mark.trim_end(), self.style.width)))?;
            }
            before = Some(number);
            self.line(out, &format!("{:INDENT$}{number:>digits$} │ ", ""), code, remark)?;
        }
        Ok(())
    }

    fn line(&self, out: &mut dyn Write, margin: &str, code: &str, remark: &str) -> io::Result<()> {
        let room = self.style.width.saturating_sub(width(margin));
        let remark = if remark.is_empty() { String::new() } else { format!("  ← {remark}") };
        let code = cut(code, room.saturating_sub(width(&remark)).max(LEAST_CODE));
        let remark = cut(&remark, room.saturating_sub(width(&code)));
        writeln!(out, "{}{code}{}", self.paint.dim(margin), self.paint.cyan(&remark))
    }

    /// The number, the text and the remark of a row.
    fn source<'r>(&'r self, row: &'r Row) -> Option<(u32, &'r str, &'r str)> {
        let line = || self.style.sources.text(&row.location.file)?.lines().nth(row.location.line as usize - 1);
        let code = row.code.or_else(line)?.trim();
        (!code.is_empty()).then_some((row.location.line, code, row.remark.as_str()))
    }
}

/// One row per line: what is to be seen on the same line is said together.
pub(super) fn merged<'a>(rows: impl IntoIterator<Item = Row<'a>>) -> Vec<Row<'a>> {
    let mut lines: BTreeMap<u32, Row> = BTreeMap::new();
    for row in rows {
        match lines.get_mut(&row.location.line) {
            Some(known) => {
                let remarks = [std::mem::take(&mut known.remark), row.remark];
                known.remark = remarks.into_iter().filter(|each| !each.is_empty()).collect::<Vec<_>>().join(", ");
            }
            None => drop(lines.insert(row.location.line, row)),
        }
    }
    lines.into_values().collect()
}

/// Text in at most `columns` columns; `…` stands for what is cut off.
pub(super) fn cut(text: &str, columns: usize) -> String {
    // Tabs and control characters have no width of their own.
    let text: String = text.chars().map(|each| if each.is_control() { ' ' } else { each }).collect();
    if width(&text) <= columns {
        return text;
    }
    let mut kept = String::new();
    for character in text.chars() {
        if width(&kept) + 2 > columns {
            break;
        }
        kept.push(character);
    }
    format!("{}…", kept.trim_end())
}

/// The columns that a text takes; colours take none.
pub(super) fn width(text: &str) -> usize {
    textwrap::core::display_width(text)
}

#[cfg(test)]
mod tests {
    use super::cut;

    #[test]
    fn text_is_cut_to_the_columns_it_takes() {
        assert_eq!(cut("short", 5), "short");
        assert_eq!(cut("longer", 5), "long…");
        assert_eq!(cut("a\tb", 5), "a b");
        assert_eq!(cut("字字字", 5), "字字…");
        assert_eq!(cut("long   er", 6), "long…");
    }
}

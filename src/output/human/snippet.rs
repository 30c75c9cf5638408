//! One snippet of a source file with labels.

use miette::{
    GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, MietteError, NamedSource, Report,
    SourceCode, SourceSpan, SpanContents,
};
use std::io::{self, Write};

use super::super::Style;
use crate::report::Location;

/// Longer lines are minified code, which no snippet makes readable.
const MAX_LINE: usize = 400;

/// A range with its label.
pub(super) struct Label<'a> {
    /// Where.
    pub(super) location: &'a Location,
    /// What is to be seen there.
    pub(super) text: String,
    /// Whether the snippet is about this range.
    pub(super) primary: bool,
}

/// Writes a titled snippet; only the title where the text is not at hand.
pub(super) fn write(
    out: &mut dyn Write,
    style: &Style,
    title: &str,
    file: &str,
    labels: &[Label],
) -> io::Result<()> {
    let source = style.sources.text(file).filter(|text| !text.is_empty());
    let spans: Vec<LabeledSpan> =
        source.map(|text| labels.iter().filter_map(|label| span(text, label)).collect()).unwrap_or_default();
    let (Some(text), false) = (source, spans.is_empty()) else {
        return writeln!(out, "  {file}: {title}");
    };
    let diagnostic = MietteDiagnostic::new(title).with_labels(spans);
    let report = Report::new(diagnostic).with_source_code(WholeLines(NamedSource::new(file, text.to_owned())));
    let theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme)
        .with_width(style.width)
        .with_links(false)
        .with_context_lines(1)
        .tab_width(4);
    let mut page = String::new();
    handler.render_report(&mut page, &*report).map_err(io::Error::other)?;
    page.lines().try_for_each(|line| writeln!(out, "{}", line.trim_end()))
}

/// A source whose snippets begin and end with lines, not with labels.
struct WholeLines(NamedSource<String>);

impl SourceCode for WholeLines {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        // The handler asks for the place of the title without context, and for everything it prints with context.
        if (before, after) == (0, 0) {
            return self.0.read_span(span, 0, 0);
        }
        let text = self.0.inner();
        let end = span.offset() + span.len();
        let line_start = text[..span.offset()].rfind('\n').map_or(0, |newline| newline + 1);
        let line_end = text[end..].find(['\r', '\n']).map_or(text.len(), |newline| end + newline);
        self.0.read_span(&(line_start, line_end - line_start).into(), 0, 0)
    }
}

/// A label in bytes, on the first line of its range.
fn span(text: &str, label: &Label) -> Option<LabeledSpan> {
    let location = label.location;
    let (start, line) = line(text, location.line)?;
    if line.len() > MAX_LINE {
        return None;
    }
    let from = byte_offset(line, location.column);
    let to = if location.end_line == location.line { byte_offset(line, location.end_column) } else { line.len() };
    let range = start + from..start + to.max(from);
    let text = Some(label.text.clone());
    let (offset, length) = (range.start, range.len());
    Some(if label.primary {
        LabeledSpan::new_primary_with_span(text, (offset, length))
    } else {
        LabeledSpan::new(text, offset, length)
    })
}

/// A 1-based line with its offset, without its end.
fn line(text: &str, number: u32) -> Option<(usize, &str)> {
    let mut start = 0;
    for (index, line) in text.split_inclusive('\n').enumerate() {
        if index + 1 == number as usize {
            return Some((start, line.trim_end()));
        }
        start += line.len();
    }
    None
}

/// The byte offset of a 1-based column in UTF-16 units.
fn byte_offset(line: &str, column: u32) -> usize {
    let mut units = 1;
    for (offset, character) in line.char_indices() {
        if units >= column {
            return offset;
        }
        units += character.len_utf16() as u32;
    }
    line.len()
}

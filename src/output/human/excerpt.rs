//! Lines of source with labels under them, of one or several files, drawn by miette.

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents,
};
use std::fmt;

use super::snippet::{cut, width};
use crate::output::Style;
use crate::report::Location;

/// Lines between two labelled ones are shown up to this many; a longer gap begins a new block.
const GAP: u32 = 2;
/// Columns before the code: number, bar, blanks.
const MARGIN: usize = 9;
/// Columns between a label's mark and its text.
const ARROW: usize = 5;
/// Columns that a place leaves for its label.
const LABEL_ROOM: usize = 44;
/// Characters before a place that are kept where the beginning of its line is left out.
const LEAD: usize = 12;

/// A place with a remark.
pub(super) struct Mark<'a> {
    /// Where; of several lines only the first is marked.
    pub(super) location: &'a Location,
    /// What is to be seen there.
    pub(super) label: String,
    /// Whether the excerpt is about this place.
    pub(super) is_primary: bool,
}

/// A finding as miette draws it.
#[derive(Debug)]
pub(super) struct Picture {
    severity: Severity,
    message: String,
    help: Option<String>,
    source: Blocks,
    labels: Vec<LabeledSpan>,
}

/// Runs of consecutive lines in one text.
#[derive(Debug, Default)]
struct Blocks {
    text: String,
    blocks: Vec<Block>,
    /// By the offset of a label: what the head of its block says if the block is about it.
    places: Vec<(usize, String)>,
}

#[derive(Debug)]
struct Block {
    first_line: u32,
    lines: usize,
    /// Range in the text.
    start: usize,
    end: usize,
}

impl Picture {
    /// A finding with its places; the files stand in the order of the marks.
    pub(super) fn new(
        severity: Severity,
        message: String,
        help: Option<String>,
        marks: &[Mark],
        style: &Style,
    ) -> Self {
        let mut picture = Picture { severity, message, help, source: Blocks::default(), labels: Vec::new() };
        let mut files: Vec<&str> = Vec::new();
        for mark in marks {
            if !files.contains(&mark.location.file.as_str()) {
                files.push(&mark.location.file);
            }
        }
        for file in files {
            let mut of_file: Vec<&Mark> = marks.iter().filter(|mark| mark.location.file == file).collect();
            of_file.sort_by_key(|mark| (mark.location.line, mark.location.column));
            if let Some(text) = style.sources.text(file) {
                let lines: Vec<&str> = text.lines().collect();
                picture.file(&lines, &of_file, style.width);
            }
        }
        picture
    }

    /// Adds the blocks of one file.
    fn file(&mut self, lines: &[&str], marks: &[&Mark], columns: usize) {
        let mut rest = marks;
        while let Some(first) = rest.first() {
            let mut last = first.location.line;
            let mut taken = 0;
            while let Some(next) = rest.get(taken).filter(|next| next.location.line <= last + GAP) {
                last = next.location.line;
                taken += 1;
            }
            let (block, after) = rest.split_at(taken);
            self.block(lines, block, columns);
            rest = after;
        }
    }

    fn block(&mut self, lines: &[&str], marks: &[&Mark], columns: usize) {
        let (Some(first), Some(last)) = (marks.first(), marks.last()) else { return };
        let (first, last) = (first.location.line as usize, last.location.line as usize);
        let Some(shown) = lines.get(first.saturating_sub(1)..last) else { return };
        let indented = shown.iter().filter(|line| !line.trim().is_empty());
        // Blanks of one byte and one unit each, so that columns can be counted on.
        let blanks = |line: &&str| line.len() - line.trim_start_matches([' ', '\t']).len();
        let margin = indented.map(blanks).min().unwrap_or_default();
        let start = self.source.text.len();
        for (number, line) in (first..).zip(shown) {
            let line_start = self.source.text.len();
            let whole = line.get(margin..).unwrap_or_default();
            let here = || marks.iter().filter(|mark| mark.location.line as usize == number);
            let first = here().map(|mark| byte_of(whole, mark.location.column as usize, margin)).min();
            let dropped = first.map_or(0, |first| dropped(whole, first, columns));
            let kept = whole.get(dropped..).unwrap_or_default();
            let line = cut(
                &if dropped > 0 { format!("…{kept}") } else { kept.to_owned() },
                columns.saturating_sub(MARGIN),
            );
            for mark in here() {
                self.label(mark, &Line { whole, shown: &line, margin, dropped, start: line_start }, columns);
            }
            self.source.text += &line;
            self.source.text.push('\n');
        }
        let block = Block { first_line: first as u32, lines: shown.len(), start, end: self.source.text.len() };
        self.source.blocks.push(block);
    }

    /// Adds a label below a line; where there is no room for its text, its mark becomes a point, then the text is cut.
    fn label(&mut self, mark: &Mark, of: &Line, columns: usize) {
        let location = mark.location;
        let line = of.shown;
        let byte = |column: u32| of.byte(column as usize).min(line.len());
        let start = byte(location.column);
        let end =
            if location.end_line == location.line { byte(location.end_column) } else { line.trim_end().len() };
        let end = end.max(start);
        let before = width(line.get(..start).unwrap_or_default());
        let marked = width(line.get(start..end).unwrap_or_default());
        let room = |mark_at: usize| columns.saturating_sub(MARGIN + mark_at + ARROW);
        let fits = width(&mark.label) <= room(before + marked / 2);
        let end = if fits {
            end
        } else {
            line.get(start..).and_then(|rest| rest.chars().next()).map_or(end, |first| start + first.len_utf8())
        };
        let label = cut(&mark.label, room(before));
        let (offset, length) = (of.start + start, end - start);
        // A label without a length would mark nothing at the end of a line.
        let length = if length == 0 && start < line.len() { 1 } else { length };
        let span = LabeledSpan::new(Some(label.clone()), offset, length);
        let span =
            if mark.is_primary { LabeledSpan::new_primary_with_span(Some(label), *span.inner()) } else { span };
        self.source.places.push((offset, format!("{}:{}:{}", location.file, location.line, location.column)));
        self.labels.push(span);
    }

    /// Whether no line could be shown.
    pub(super) fn is_without_source(&self) -> bool {
        self.source.blocks.is_empty()
    }

    /// Draws it.
    pub(super) fn drawn(&self, style: &Style) -> Result<String, fmt::Error> {
        let mut theme = if style.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        theme.characters.advice = "•".to_owned();
        let handler = GraphicalReportHandler::new_themed(theme)
            .with_width(style.width)
            .with_context_lines(1)
            .with_links(false)
            .with_break_words(false)
            .with_word_separator(textwrap::WordSeparator::AsciiSpace)
            .with_word_splitter(textwrap::WordSplitter::NoHyphenation)
            .without_primary_span_start();
        let mut text = String::new();
        handler.render_report(&mut text, self)?;
        Ok(text)
    }
}

/// A line as it is shown.
struct Line<'l> {
    /// Without the blanks that all lines begin with.
    whole: &'l str,
    /// What is shown of it.
    shown: &'l str,
    /// Those blanks, in bytes.
    margin: usize,
    /// What is left out at its beginning, in bytes; an ellipsis stands for it.
    dropped: usize,
    /// Where it begins in the text.
    start: usize,
}

impl Line<'_> {
    /// The byte in what is shown, for a column of the file.
    fn byte(&self, column: usize) -> usize {
        let byte = byte_of(self.whole, column, self.margin);
        if self.dropped == 0 { byte } else { (byte + '…'.len_utf8()).saturating_sub(self.dropped) }
    }
}

/// How many bytes at the beginning of a line are left out, so that a place far to the right and its label have room.
fn dropped(line: &str, first: usize, columns: usize) -> usize {
    let before = line.get(..first).unwrap_or_default();
    let room = columns.saturating_sub(MARGIN + LABEL_ROOM);
    if width(before) <= room {
        return 0;
    }
    // A little of what stands before the place is kept.
    before.char_indices().rev().nth(LEAD).map_or(0, |(byte, _)| byte)
}

/// The byte in a line that has lost `margin` bytes of blanks, for a 1-based column in UTF-16 units.
fn byte_of(line: &str, column: usize, margin: usize) -> usize {
    let mut units = margin + 1;
    for (byte, character) in line.char_indices() {
        if units >= column {
            return byte;
        }
        units += character.len_utf16();
    }
    line.len()
}

impl fmt::Display for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Picture {}

impl Diagnostic for Picture {
    fn severity(&self) -> Option<Severity> {
        Some(self.severity)
    }

    fn help<'a>(&'a self) -> Option<Box<dyn fmt::Display + 'a>> {
        self.help.as_ref().map(|help| Box::new(help) as Box<dyn fmt::Display>)
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.source.blocks.is_empty()).then_some(&self.source as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.labels.iter().cloned()))
    }
}

impl SourceCode for Blocks {
    /// The whole block around a span; what reaches over two blocks is not one piece.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (from, to) = (span.offset(), span.offset() + span.len());
        let within = |block: &&Block| block.start <= from && to <= block.end;
        let block = self.blocks.iter().find(within).ok_or(MietteError::OutOfBounds)?;
        let place = self.places.iter().find(|(offset, _)| *offset == from).map(|(_, place)| place.clone());
        Ok(Box::new(MietteSpanContents::new_named(
            place.unwrap_or_default(),
            self.text.as_bytes().get(block.start..block.end).unwrap_or_default(),
            (block.start, block.end - block.start).into(),
            block.first_line as usize - 1,
            0,
            block.lines,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::SourceText;

    struct Files(&'static [(&'static str, &'static str)]);

    impl SourceText for Files {
        fn text(&self, file: &str) -> Option<&str> {
            self.0.iter().find(|(name, _)| *name == file).map(|(_, text)| *text)
        }
    }

    fn at(file: &str, line: u32, column: u32, end_line: u32, end_column: u32) -> Location {
        Location { file: file.to_owned(), line, column, end_line, end_column }
    }

    fn drawn(files: &Files, marks: &[(&Location, &str, bool)], width: usize) -> String {
        let style = Style {
            color: false,
            width,
            verbose: false,
            quiet: false,
            prefix: "",
            sources: files as &dyn SourceText,
        };
        let marks = marks.iter().map(|&(location, label, is_primary)| Mark {
            location,
            label: label.to_owned(),
            is_primary,
        });
        let marks: Vec<Mark> = marks.collect();
        Picture::new(Severity::Error, "b1 lost".to_owned(), None, &marks, &style).drawn(&style).unwrap()
    }

    /// Lines of two files, tabs, characters of two units, a call over several lines, carriage returns.
    #[test]
    fn places_of_several_files_stand_in_blocks_of_their_own() {
        let files = Files(&[
            ("a.js", "x\r\n\t\tif (ready)\r\n\t\t\t/* 🌍 */ io.emit('a', {\r\n\t\t\t\tb,\r\n\t\t\t});\r\n"),
            ("routes/b.js", "1\n2\nnotify();\n"),
        ]);
        let delivery = at("a.js", 3, 13, 5, 6);
        let (guard, call) = (at("a.js", 2, 3, 2, 13), at("routes/b.js", 3, 1, 3, 9));
        let text =
            drawn(&files, &[(&delivery, "delivered", true), (&guard, "if", false), (&call, "runs", false)], 80);
        insta::assert_snapshot!(text, @r"
          × b1 lost
           ╭─[a.js:3:13]
         2 │ if (ready)
           · ─────┬────
           ·      ╰── if
         3 │  /* 🌍 */ io.emit('a', {
           ·           ───────┬──────
           ·                  ╰── delivered
           ╰────
           ╭─[routes/b.js:3:1]
         3 │ notify();
           · ────┬───
           ·     ╰── runs
           ╰────
        ");
    }

    /// However far to the right a place is, the picture keeps to the width.
    #[test]
    fn long_lines_and_labels_are_cut() {
        let files = Files(&[(
            "a.js",
            "const aVeryLongNameOfAHandler = (socket, message) => io.to(socket.room).emit('message', message);\n",
        )]);
        let place = at("a.js", 1, 54, 1, 97);
        let text = drawn(&files, &[(&place, "delivered to a room, in this instance only", true)], 70);
        let widest = text.lines().map(width).max().unwrap_or_default();
        assert!(widest <= 70, "{widest}\n{text}");
        assert!(text.contains("a.js:1:54") && text.contains("delivered to a room, in this i"), "{text}");
    }
}

//! Expectations that stand in a fixture's source: `//~ path: process/none room`.
//!
//! `//~` speaks of its own line, `//~v` of the next one. Several may share a line.

use std::path::Path;

/// What an expectation is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// A broadcast path: `path: REACH/MECHANISM SCOPE [word…]`.
    Path,
    /// A state store: `store: CLASS TYPE [word…]`.
    Store,
    /// An advisory: `advisory: CODE`.
    Advisory,
    /// Documentation of why nothing is expected: `none: reason`.
    None,
}

/// One expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Annotation {
    /// File, relative to the fixture.
    pub(crate) file: String,
    /// 1-based line that it speaks of.
    pub(crate) line: u64,
    /// What it is about.
    pub(crate) kind: Kind,
    /// The words after the colon; quotes removed.
    pub(crate) words: Vec<String>,
    /// The text after the marker, for messages.
    pub(crate) text: String,
}

impl Annotation {
    /// Reads `path: process/none room …`.
    pub(crate) fn parse(file: &str, line: u64, text: &str) -> Result<Annotation, String> {
        let text = text.trim();
        let (kind, rest) = text.split_once(':').ok_or_else(|| format!("{file}:{line}: no colon in `{text}`"))?;
        let kind = match kind {
            "path" => Kind::Path,
            "store" => Kind::Store,
            "advisory" => Kind::Advisory,
            "none" => Kind::None,
            other => return Err(format!("{file}:{line}: `{other}` is neither path, store, advisory nor none")),
        };
        let words = if kind == Kind::None { Vec::new() } else { words(rest) };
        let least = match kind {
            Kind::Path | Kind::Store => 2,
            Kind::Advisory => 1,
            Kind::None => 0,
        };
        if words.len() < least || (kind == Kind::None && rest.trim().is_empty()) {
            return Err(format!("{file}:{line}: `{text}` says too little"));
        }
        Ok(Annotation { file: file.to_owned(), line, kind, words, text: text.to_owned() })
    }
}

/// All expectations in the text files below `folder`.
pub(crate) fn read(folder: &Path) -> Result<Vec<Annotation>, String> {
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok) {
        if !entry.file_type().is_file() || entry.file_name() == "expect.toml" {
            continue;
        }
        let Ok(text) = std::fs::read_to_string(entry.path()) else { continue };
        let file = super::relative(folder, entry.path());
        for (index, line) in text.lines().enumerate() {
            read_line(&file, index as u64 + 1, line, &mut found)?;
        }
    }
    Ok(found)
}

fn read_line(file: &str, line: u64, text: &str, found: &mut Vec<Annotation>) -> Result<(), String> {
    for part in text.split("//~").skip(1) {
        let (line, part) = match part.strip_prefix('v') {
            Some(part) => (line + 1, part),
            None => (line, part),
        };
        found.push(Annotation::parse(file, line, part)?);
    }
    Ok(())
}

/// Splits at blanks, except inside single quotes: `event='chat message'` is one word.
fn words(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
    for character in text.chars() {
        match character {
            '\'' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => {
                if !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => word.push(c),
        }
    }
    if !word.is_empty() {
        words.push(word);
    }
    words
}

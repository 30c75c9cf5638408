//! Lowered files kept from one audit to the next: after a change, only the changed files are parsed again.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::{Arc, Mutex, PoisonError};

use rustc_hash::FxHashMap;

use crate::facts::{self, LowerProblem, ModuleFacts};
use crate::source::{Language, SourceFile};

/// What lowering one text gave.
#[derive(Debug)]
pub(super) struct Lowered {
    /// What the file says.
    pub(super) facts: Arc<ModuleFacts>,
    /// What had to be left out.
    pub(super) problems: Vec<LowerProblem>,
}

/// A text, by what tells it from every other: its length in bytes, a 64-bit hash, and the grammar that read it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct TextId {
    bytes: usize,
    hash: u64,
    language: Language,
}

impl TextId {
    fn of(file: &SourceFile) -> Self {
        let mut hasher = DefaultHasher::new();
        file.text.hash(&mut hasher);
        TextId { bytes: file.text.len(), hash: hasher.finish(), language: file.language }
    }
}

/// Lowered files by their texts. What a text says does not depend on where it stands, so moved files are known too.
///
/// It holds what the latest audit used; an audit of a smaller tree makes it smaller.
#[derive(Debug, Default)]
pub struct LoweredFiles {
    known: Mutex<FxHashMap<TextId, Arc<Lowered>>>,
}

impl LoweredFiles {
    /// Lowers a file, or finds that its text was lowered before.
    pub(super) fn get(&self, file: &SourceFile) -> Entry {
        let id = TextId::of(file);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let lowered = known.unwrap_or_else(|| {
            let (facts, problems) = facts::lower(&file.text, file.language);
            Arc::new(Lowered { facts: Arc::new(facts), problems })
        });
        Entry { id, lowered }
    }

    /// Keeps what was used and drops the rest.
    pub(super) fn keep<'e>(&self, used: impl Iterator<Item = &'e Entry>) {
        let used = used.map(|entry| (entry.id, Arc::clone(&entry.lowered))).collect();
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = used;
    }
}

/// A lowered file, and the text that it was lowered from.
#[derive(Debug)]
pub(super) struct Entry {
    id: TextId,
    /// What lowering gave.
    pub(super) lowered: Arc<Lowered>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileRole;

    fn file(text: &str, language: Language) -> SourceFile {
        SourceFile {
            path: "a.js".into(),
            language,
            role: FileRole::Source,
            package: None,
            text: text.to_owned(),
            specifiers: Vec::new(),
            in_browser: false,
            lines: Default::default(),
        }
    }

    #[test]
    fn a_text_is_lowered_once_and_forgotten_when_it_is_gone() {
        let files = LoweredFiles::default();
        let (one, other) = (file("io.emit('a')", Language::JavaScript), file("io.emit('b')", Language::JavaScript));
        let first = files.get(&one);
        files.keep([&first].into_iter());

        let again = files.get(&one);
        assert!(Arc::ptr_eq(&first.lowered, &again.lowered), "the same text");
        files.keep([&again].into_iter());
        let another = files.get(&other);
        assert!(!Arc::ptr_eq(&first.lowered, &another.lowered), "another text");
        files.keep([&another].into_iter());
        let late = files.get(&one);
        assert!(!Arc::ptr_eq(&first.lowered, &late.lowered), "it was not used by the audit before");
    }

    #[test]
    fn the_grammar_tells_texts_apart() {
        let files = LoweredFiles::default();
        let text = "let a = <b>(c)";
        let one = files.get(&file(text, Language::TypeScript));
        files.keep([&one].into_iter());
        let other = files.get(&file(text, Language::JavaScript));
        assert!(!Arc::ptr_eq(&one.lowered, &other.lowered));
    }
}

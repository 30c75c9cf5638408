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
    pub(super) fn get(&self, file: &SourceFile, used: &Used) -> Arc<Lowered> {
        let id = TextId::of(file);
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner).get(&id).cloned();
        let lowered = known.unwrap_or_else(|| {
            let (facts, problems) = facts::lower(&file.text, file.language);
            Arc::new(Lowered { facts: Arc::new(facts), problems })
        });
        used.0.lock().unwrap_or_else(PoisonError::into_inner).insert(id, Arc::clone(&lowered));
        lowered
    }

    /// Keeps what was used and drops the rest.
    pub(super) fn keep(&self, used: Used) {
        let used = used.0.into_inner().unwrap_or_else(PoisonError::into_inner);
        *self.known.lock().unwrap_or_else(PoisonError::into_inner) = used;
    }
}

/// The texts that one audit uses.
#[derive(Debug, Default)]
pub(super) struct Used(Mutex<FxHashMap<TextId, Arc<Lowered>>>);

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
        let used = Used::default();
        let first = files.get(&one, &used);
        files.keep(used);

        let used = Used::default();
        assert!(Arc::ptr_eq(&first, &files.get(&one, &used)), "the same text");
        files.keep(used);
        let used = Used::default();
        assert!(!Arc::ptr_eq(&first, &files.get(&other, &used)), "another text");
        files.keep(used);
        assert!(!Arc::ptr_eq(&first, &files.get(&one, &Used::default())), "it was not used by the audit before");
    }

    #[test]
    fn the_grammar_tells_texts_apart() {
        let files = LoweredFiles::default();
        let used = Used::default();
        let text = "let a = <b>(c)";
        let one = files.get(&file(text, Language::TypeScript), &used);
        let other = files.get(&file(text, Language::JavaScript), &used);
        assert!(!Arc::ptr_eq(&one, &other));
    }
}

//! The three grammars and what their node and field ids mean here.

use super::kind::{Field, Kind};
use crate::source::Language;
use std::num::NonZeroU16;
use std::sync::OnceLock;

/// A grammar with its ids translated once.
pub(super) struct Grammar {
    /// The parser's table.
    pub(super) language: tree_sitter::Language,
    kinds: Vec<Translation>,
    fields: Vec<Field>,
}

/// What a node id means.
#[derive(Clone, Copy)]
pub(super) struct Translation {
    /// The kind.
    pub(super) kind: Kind,
    /// Whether it is a construct rather than a token.
    pub(super) named: bool,
}

impl Grammar {
    /// The grammar of a language.
    pub(super) fn of(language: Language) -> &'static Grammar {
        static JAVASCRIPT: OnceLock<Grammar> = OnceLock::new();
        static TYPESCRIPT: OnceLock<Grammar> = OnceLock::new();
        static TSX: OnceLock<Grammar> = OnceLock::new();
        match language {
            Language::JavaScript => {
                JAVASCRIPT.get_or_init(|| Grammar::new(tree_sitter_javascript::LANGUAGE.into()))
            }
            Language::TypeScript => {
                TYPESCRIPT.get_or_init(|| Grammar::new(tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into()))
            }
            Language::Tsx => TSX.get_or_init(|| Grammar::new(tree_sitter_typescript::LANGUAGE_TSX.into())),
        }
    }

    fn new(language: tree_sitter::Language) -> Grammar {
        let kinds = (0..language.node_kind_count() as u16)
            .map(|id| Translation {
                kind: Kind::from_grammar(language.node_kind_for_id(id).unwrap_or_default()),
                named: language.node_kind_is_named(id),
            })
            .map(separate_words)
            .collect();
        let fields = (0..=language.field_count() as u16)
            .map(|id| Field::from_grammar(language.field_name_for_id(id).unwrap_or_default()))
            .collect();
        Grammar { language, kinds, fields }
    }

    /// What a node id means; the id of error nodes lies outside the table.
    pub(super) fn kind(&self, id: u16) -> Translation {
        self.kinds.get(usize::from(id)).copied().unwrap_or(Translation { kind: Kind::Error, named: true })
    }

    /// What a field id means.
    pub(super) fn field(&self, id: Option<NonZeroU16>) -> Field {
        id.and_then(|id| self.fields.get(usize::from(id.get())).copied()).unwrap_or(Field::Other)
    }
}

/// Some keywords are spelt like the construct they open (`class`, `import`, `module`, `object`): as tokens they
/// mean nothing, and constructs are no tokens.
fn separate_words(translation: Translation) -> Translation {
    let Translation { kind, named } = translation;
    let keyword_expression = matches!(kind, Kind::ImportKeyword) && named;
    let agrees = named != kind.is_token()
        || matches!(kind, Kind::Comment | Kind::HashBang | Kind::OptionalChain)
        || keyword_expression;
    Translation { kind: if agrees { kind } else { Kind::Other }, named }
}

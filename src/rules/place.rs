//! The text of places: `argument.1.adapter`, `this.element`, `socket.io/Server`.

use super::model::Step;
use crate::source::suggestion;
use std::ops::Range;

/// A place as it is written: its type names are not resolved yet.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct WrittenPlace<'t> {
    /// Where it starts.
    pub(super) base: WrittenBase<'t>,
    /// Steps from there.
    pub(super) path: Vec<Step>,
}

/// The base of a [`WrittenPlace`].
#[derive(Debug, Clone, PartialEq)]
pub(super) enum WrittenBase<'t> {
    /// `this`.
    This,
    /// `argument.0`.
    Argument(u32),
    /// `arguments.0`.
    Arguments(u32),
    /// `result`.
    Result,
    /// `callback.0`.
    CallbackResult(u32),
    /// `origin`.
    Origin,
    /// `site`.
    Site,
    /// `instance.0`.
    InstanceOf(u32),
    /// `provided.0`.
    Provided(u32),
    /// `unknown`.
    Unknown,
    /// A type reference.
    Type(TypeReference<'t>),
}

/// A type as it is written.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct TypeReference<'t> {
    /// The other file, where one is named.
    pub(super) family: Option<&'t str>,
    /// What is named.
    pub(super) kind: ReferenceKind<'t>,
    /// Where the name stands in the text.
    pub(super) range: Range<usize>,
}

/// What a [`TypeReference`] names.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum ReferenceKind<'t> {
    /// The module object.
    Module,
    /// A type.
    Named(&'t str),
    /// The class object of a type.
    Class(&'t str),
}

/// Why a text is no place.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct PlaceFault {
    /// The wrong part of the text.
    pub(super) range: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// What may stand there.
    pub(super) help: String,
}

const BASES: [&str; 10] = [
    "this",
    "argument.0",
    "arguments.0",
    "result",
    "callback.0",
    "origin",
    "site",
    "instance.0",
    "provided.0",
    "unknown",
];

/// Reads a place.
pub(super) fn parse(text: &str) -> Result<WrittenPlace<'_>, PlaceFault> {
    let mut reader = Reader { text, at: 0 };
    let base = reader.base()?;
    let mut path = Vec::new();
    while reader.at < text.len() {
        path.push(reader.step()?);
    }
    Ok(WrittenPlace { base, path })
}

/// Reads `this` or `parameter.0`: the connection of a trigger. `Some(n)` is a parameter.
pub(super) fn parse_own(text: &str) -> Option<Option<u32>> {
    if text == "this" {
        return Some(None);
    }
    text.strip_prefix("parameter.")?.parse().ok().map(Some)
}

/// The step that a word after a dot means.
pub(super) fn named_step(word: &str) -> Step {
    match word {
        "element" => Step::Element,
        "key" => Step::Key,
        "item" => Step::Item,
        "entry" => Step::Entry,
        "fields" => Step::Fields,
        name => Step::Field(name.to_owned()),
    }
}

/// Whether a text is a type's name.
pub(super) fn is_type_name(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_uppercase()) && text.chars().all(is_name_char)
}

fn is_name_char(char: char) -> bool {
    char.is_alphanumeric() || char == '_' || char == '$'
}

/// A position in a place's text.
struct Reader<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Reader<'t> {
    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    /// Reads up to a character that cannot be part of a name.
    fn name(&mut self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(|char: char| !is_name_char(char) && char != '-').unwrap_or(rest.len());
        self.at += end;
        &rest[..end]
    }

    fn fault(&self, range: Range<usize>, message: String, help: impl Into<String>) -> PlaceFault {
        PlaceFault { range, message, help: help.into() }
    }

    fn base(&mut self) -> Result<WrittenBase<'t>, PlaceFault> {
        let family = self.rest().split_once('/').map(|(family, _)| family);
        if let Some(family) = family {
            self.at = family.len() + 1;
        }
        let start = self.at;
        if let Some(rest) = self.rest().strip_prefix("class ") {
            self.at = self.text.len() - rest.len();
            let name = self.name();
            return self.type_base(family, start, name, ReferenceKind::Class(name));
        }
        let word = self.name();
        if word == "module" {
            let range = start..self.at;
            return Ok(WrittenBase::Type(TypeReference { family, kind: ReferenceKind::Module, range }));
        }
        if family.is_some() || is_type_name(word) {
            return self.type_base(family, start, word, ReferenceKind::Named(word));
        }
        match word {
            "this" => Ok(WrittenBase::This),
            "result" => Ok(WrittenBase::Result),
            "origin" => Ok(WrittenBase::Origin),
            "site" => Ok(WrittenBase::Site),
            "unknown" => Ok(WrittenBase::Unknown),
            "instance" => self.index("instance").map(WrittenBase::InstanceOf),
            "provided" => self.index("provided").map(WrittenBase::Provided),
            "argument" => self.index("argument").map(WrittenBase::Argument),
            "arguments" => self.index("arguments").map(WrittenBase::Arguments),
            "callback" => self.index("callback").map(WrittenBase::CallbackResult),
            _ => {
                let help = suggestion(word, BASES);
                Err(self.fault(start..self.text.len(), format!("`{}` is no place", self.text), help))
            }
        }
    }

    fn type_base(
        &self,
        family: Option<&'t str>,
        start: usize,
        name: &str,
        kind: ReferenceKind<'t>,
    ) -> Result<WrittenBase<'t>, PlaceFault> {
        if !is_type_name(name) {
            let message = format!("`{}` names no type", self.text);
            return Err(self.fault(start..self.text.len(), message, "types begin with an upper-case letter"));
        }
        Ok(WrittenBase::Type(TypeReference { family, kind, range: start..self.at }))
    }

    /// Reads `.0` after a word that counts.
    fn index(&mut self, word: &str) -> Result<u32, PlaceFault> {
        let start = self.at;
        let digits = self.rest().strip_prefix('.').map(|rest| {
            let end = rest.find(|char: char| !char.is_ascii_digit()).unwrap_or(rest.len());
            &rest[..end]
        });
        match digits.and_then(|digits| Some((digits.len(), digits.parse().ok()?))) {
            Some((length, index)) => {
                self.at += 1 + length;
                Ok(index)
            }
            None => {
                let message = format!("`{word}` needs a position");
                Err(self.fault(
                    start.saturating_sub(word.len())..self.text.len(),
                    message,
                    format!("write `{word}.0`"),
                ))
            }
        }
    }

    fn step(&mut self) -> Result<Step, PlaceFault> {
        const STEPS: &str = "steps are `.element`, `.key`, `.item`, `.entry`, `.fields`, `.[argument.0]`, `.name` and `.'any name'`";
        let start = self.at;
        let Some(rest) = self.rest().strip_prefix('.') else {
            let message = format!("unexpected `{}` in a place", self.rest());
            return Err(self.fault(start..self.text.len(), message, STEPS));
        };
        self.at += 1;
        if let Some(inner) = rest.strip_prefix('[') {
            let index = inner
                .split_once(']')
                .and_then(|(inner, _)| Some((inner.len(), inner.strip_prefix("argument.")?.parse().ok()?)));
            let Some((length, index)) = index else {
                return Err(self.fault(start..self.text.len(), "only an argument can name a field".into(), STEPS));
            };
            self.at += length + 2;
            return Ok(Step::KeyedBy(index));
        }
        // A name that is none in JavaScript: `argument.0.'group.id'`.
        if let Some((name, _)) = rest.strip_prefix('\'').and_then(|rest| rest.split_once('\'')) {
            self.at += name.len() + 2;
            return Ok(Step::Field(name.to_owned()));
        }
        match self.name() {
            "" => Err(self.fault(start..self.text.len(), "a step is missing".into(), STEPS)),
            name => Ok(named_step(name)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ty<'t>(family: Option<&'t str>, kind: ReferenceKind<'t>, range: Range<usize>) -> WrittenBase<'t> {
        WrittenBase::Type(TypeReference { family, kind, range })
    }

    #[test]
    fn reads_every_base_and_step() {
        use ReferenceKind::{Class, Module, Named};
        let cases = [
            ("this", WrittenBase::This, vec![]),
            ("argument.10.adapter", WrittenBase::Argument(10), vec![Step::Field("adapter".into())]),
            ("arguments.1.fields", WrittenBase::Arguments(1), vec![Step::Fields]),
            ("result.element", WrittenBase::Result, vec![Step::Element]),
            ("callback.0", WrittenBase::CallbackResult(0), vec![]),
            ("unknown", WrittenBase::Unknown, vec![]),
            ("origin", WrittenBase::Origin, vec![]),
            ("site", WrittenBase::Site, vec![]),
            ("instance.0", WrittenBase::InstanceOf(0), vec![]),
            ("provided.1", WrittenBase::Provided(1), vec![]),
            ("this.entry", WrittenBase::This, vec![Step::Entry]),
            ("argument.0.item.1", WrittenBase::Argument(0), vec![Step::Item, Step::Field("1".into())]),
            (
                "argument.0.'group.id'.key",
                WrittenBase::Argument(0),
                vec![Step::Field("group.id".into()), Step::Key],
            ),
            ("this.[argument.0].key", WrittenBase::This, vec![Step::KeyedBy(0), Step::Key]),
            ("Server", ty(None, Named("Server"), 0..6), vec![]),
            (
                "socket.io/Server.nsp",
                ty(Some("socket.io"), Named("Server"), 10..16),
                vec![Step::Field("nsp".into())],
            ),
            ("class Server", ty(None, Class("Server"), 0..12), vec![]),
            ("ws/class Server", ty(Some("ws"), Class("Server"), 3..15), vec![]),
            ("ws/module", ty(Some("ws"), Module, 3..9), vec![]),
        ];
        for (text, base, path) in cases {
            assert_eq!(parse(text), Ok(WrittenPlace { base, path }), "{text}");
        }
    }

    #[test]
    fn says_what_is_wrong_where() {
        let cases = [
            ("argumet.0", 0..9, "`argumet.0` is no place"),
            ("argument", 0..8, "`argument` needs a position"),
            ("argument.x", 0..10, "`argument` needs a position"),
            ("this.", 4..5, "a step is missing"),
            ("this.[key]", 4..10, "only an argument can name a field"),
            ("this element", 4..12, "unexpected ` element` in a place"),
            ("ws/server", 3..9, "`ws/server` names no type"),
            ("", 0..0, "`` is no place"),
        ];
        for (text, range, message) in cases {
            let fault = parse(text).unwrap_err();
            assert_eq!((fault.range, fault.message.as_str()), (range, message), "{text}");
        }
    }
}

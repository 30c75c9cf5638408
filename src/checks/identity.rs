//! What makes a finding the same finding in a later version of its file: not its line.

use crate::facts::{FunctionId, ModuleFacts};
use crate::modules::ModuleGraph;
use crate::realtime::{BroadcastPath, Place, StateStore};
use crate::source::{Project, Span};

use super::Check;

/// What a finding says of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The innermost named function around it, with its class; empty at the top of a module.
    pub function: String,
    /// A hash of check, operation, code without layout, and [`Self::function`]. Neither line nor file are part of it.
    pub fingerprint: String,
}

/// The identity of a broadcast path.
pub(crate) fn of_path(project: &Project, graph: &ModuleGraph, path: &BroadcastPath) -> Identity {
    let text = &project.file(graph.module(path.place.module).file).text;
    let code = text.get(path.place.span.start as usize..path.place.span.end as usize).unwrap_or_default();
    identity(graph, path.place, Check::PubsubCrossInstance, &path.operation, &without_layout(code))
}

/// The identity of a state store: its name and what holds it, not what is put into it at first.
pub(crate) fn of_store(graph: &ModuleGraph, store: &StateStore) -> Identity {
    identity(graph, store.place, Check::HorizontalScalingReady, &store.container, &store.name)
}

fn identity(graph: &ModuleGraph, place: Place, check: Check, operation: &str, code: &str) -> Identity {
    let function = enclosing(graph.facts(place.module), place.span);
    let fingerprint = hash(&[check.name(), operation, code, &function]);
    Identity { function, fingerprint }
}

/// The innermost named function around a span, as `Class.method` or `name`.
fn enclosing(facts: &ModuleFacts, span: Span) -> String {
    let around = (1..facts.functions.len() as u32).map(FunctionId);
    let around = around.filter(|&id| !facts.function(id).is_synthetic && facts.function(id).span.contains(span));
    let named = around.filter_map(|id| {
        let function = facts.function(id);
        let own = function.name.map(|name| facts.name(name));
        let class = function.class.and_then(|class| facts.class(class).name).map(|name| facts.name(name));
        let name = match (class, own) {
            (Some(class), Some(own)) => format!("{class}.{own}"),
            (None, Some(own)) => own.to_owned(),
            (_, None) => return None,
        };
        Some((function.span.end - function.span.start, name))
    });
    named.min().map(|(_, name)| name).unwrap_or_default()
}

/// Code as formatters leave it: without white space and comments, without the comma after the last argument, and with
/// one kind of quotes.
fn without_layout(code: &str) -> String {
    let mut plain = String::with_capacity(code.len());
    let mut characters = code.chars().peekable();
    let mut quote = None;
    while let Some(character) = characters.next() {
        if let Some(open) = quote {
            plain.push(if character == '"' && open == '"' { '\'' } else { character });
            if character == '\\' {
                plain.extend(characters.next());
            } else if character == open {
                quote = None;
            }
            continue;
        }
        match (character, characters.peek()) {
            ('/', Some('/')) => while characters.next_if(|&next| next != '\n').is_some() {},
            ('/', Some('*')) => skip_block_comment(&mut characters),
            ('\'' | '"' | '`', _) => {
                quote = Some(character);
                plain.push(if character == '"' { '\'' } else { character });
            }
            (')' | ']' | '}', _) => {
                if plain.ends_with(',') {
                    plain.pop();
                }
                plain.push(character);
            }
            (';', _) => {}
            _ if character.is_whitespace() => {}
            _ => plain.push(character),
        }
    }
    plain
}

fn skip_block_comment(characters: &mut std::iter::Peekable<std::str::Chars>) {
    characters.next();
    let mut before = ' ';
    for character in characters.by_ref() {
        if before == '*' && character == '/' {
            return;
        }
        before = character;
    }
}

/// FNV-1a over the parts, each closed by a byte that UTF-8 does not have. The hash is part of files that people keep,
/// so it must never change; it guards against accidents, not against attackers.
fn hash(parts: &[&str]) -> String {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0100_0000_01b3;
    let bytes = parts.iter().flat_map(|part| part.bytes().chain(std::iter::once(0xff)));
    let hash = bytes.fold(OFFSET, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(PRIME));
    format!("{hash:016x}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layout_is_no_part_of_code() {
        let one = without_layout("io.to('a b').emit('x', { a: 1 });");
        let two =
            without_layout("io\n  .to(\"a b\") // the room\n  .emit(\n    'x', /* both */\n    { a: 1, },\n  )");
        assert_eq!(one, "io.to('a b').emit('x',{a:1})");
        assert_eq!(one, two);
        assert_ne!(one, without_layout("io.to('ab').emit('x', { a: 1 });"));
        assert_eq!(without_layout("f(`a // b`, '\\'')"), "f(`a // b`,'\\'')");
    }

    #[test]
    fn the_innermost_named_function_encloses() {
        let text =
            "class Chat { say() { each(() => io.emit('x')); } }\nconst tell = () => io.emit('y');\nio.emit('z');";
        let (facts, _) = crate::facts::lower(text, crate::source::Language::JavaScript);
        let at = |word: &str| {
            let start = text.find(word).unwrap() as u32;
            enclosing(&facts, Span { start, end: start + 1 })
        };
        assert_eq!((at("'x'").as_str(), at("'y'").as_str(), at("'z'").as_str()), ("Chat.say", "tell", ""));
    }

    #[test]
    fn hashes_never_change() {
        assert_eq!(hash(&["a", "b"]), "d2b371819297f98a");
        assert_ne!(hash(&["ab", ""]), hash(&["a", "b"]));
    }
}

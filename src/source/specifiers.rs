//! The cheap scan for import specifiers: no parser, one pass, tolerant. It may find too much (a specifier in a
//! comment), never too little for code that names its modules by string literals.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;
use rustc_hash::FxHashSet;

/// The words that stand before a specifier.
static KEYWORDS: LazyLock<Option<AhoCorasick>> =
    LazyLock::new(|| AhoCorasick::new(["require", "import", "from"]).ok());

/// Position of `require` among the keywords.
const REQUIRE: usize = 0;
/// Position of `from` among the keywords.
const FROM: usize = 2;

/// Finds the specifiers of `import`, `export … from`, `require()` and `import()`: each once, in order of appearance.
pub(super) fn scan(text: &str) -> Vec<String> {
    let mut specifiers = Vec::new();
    let mut seen = FxHashSet::default();
    let Some(keywords) = &*KEYWORDS else { return specifiers };
    for found in keywords.find_iter(text) {
        if text[..found.start()].chars().next_back().is_some_and(is_word) {
            continue;
        }
        let rest = skip_blanks(&text[found.end()..]);
        let keyword = found.pattern().as_usize();
        let argument = match rest.strip_prefix('(') {
            Some(inside) if keyword != FROM => skip_blanks(inside),
            None if keyword != REQUIRE => rest,
            _ => continue,
        };
        if let Some(specifier) = literal(argument)
            && seen.insert(specifier)
        {
            specifiers.push(specifier.to_owned());
        }
    }
    specifiers
}

fn is_word(character: char) -> bool {
    character.is_alphanumeric() || character == '_' || character == '$'
}

/// The text of a string literal at the start of `text`, if it can be a specifier.
fn literal(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|first| matches!(first, '"' | '\'' | '`'))?;
    let inside = &text[1..];
    let end = memchr::memchr3(quote as u8, b'\n', b'\\', inside.as_bytes())?;
    let specifier = &inside[..end];
    let ends_well = inside.as_bytes()[end] == quote as u8;
    let is_plain = quote != '`' || !specifier.contains("${");
    let is_trimmed = !specifier.is_empty() && specifier.trim() == specifier;
    (ends_well && is_plain && is_trimmed).then_some(specifier)
}

/// Skips white space and comments.
fn skip_blanks(text: &str) -> &str {
    let mut text = text.trim_start();
    loop {
        text = if let Some(comment) = text.strip_prefix("/*") {
            let Some(end) = comment.find("*/") else { return "" };
            comment[end + 2..].trim_start()
        } else if let Some(comment) = text.strip_prefix("//") {
            let Some(end) = comment.find('\n') else { return "" };
            comment[end..].trim_start()
        } else {
            return text;
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_every_way_to_name_a_module() {
        let text = r#"
            import a, { b } from "./a";
            import 'side-effect';
            export * from './b';import{c}from"c";
            const d = require( /* why */ 'd' );
            import e = require("e");
            const f = await import(
                // chunk
                `./f`
            );
            /** @param {import('g').Server} io */
        "#;
        assert_eq!(scan(text), ["./a", "side-effect", "./b", "c", "d", "e", "./f", "g"]);
    }

    #[test]
    fn names_each_module_once_and_no_other_strings() {
        assert_eq!(scan("require('a'); require('a')"), ["a"]);
        assert_eq!(scan("myrequire('a'); requires('b'); x.from('c'); 'import'; from 'é"), [""; 0]);
    }
}

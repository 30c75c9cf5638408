//! What the sources promise about themselves: order of modules, sizes, module docs, and no library's name.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

/// Top-level modules from the bottom to the top; a module may use those before it.
const ORDER: [&str; 15] = [
    "source",
    "rules",
    "syntax",
    "facts",
    "modules",
    "flow",
    "realtime",
    "config",
    "deployment",
    "checks",
    "report",
    "output",
    "audit",
    "lsp",
    "cli",
];

/// Modules that may use less than everything before them.
const NARROWER: [(&str, &[&str]); 4] = [
    ("rules", &["source"]),
    ("config", &["source"]),
    ("deployment", &["source", "facts"]),
    ("output", &["source", "report", "checks"]),
];

/// Package names that are ordinary words of the engine or of the report.
const ORDINARY_WORDS: [&str; 15] = [
    "events", "cluster", "http", "https", "http2", "stream", "process", "level", "request", "connect", "message",
    "assert", "path", "util", "async",
];

const MOST_LINES: usize = 600;

/// Every Rust file below `src`, with its text up to its unit tests.
fn sources() -> Vec<(String, String)> {
    let root = support::package().join("src");
    walkdir::WalkDir::new(&root)
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| (support::relative(&root, &path), fs::read_to_string(&path).expect("a source file")))
        .collect()
}

/// The code of a file: without comments, and without unit tests.
fn code(text: &str) -> String {
    let product = text.split("#[cfg(test)]").next().unwrap_or_default();
    let is_comment = |line: &&str| line.trim_start().starts_with("//");
    product.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join("\n")
}

fn is_test(path: &str) -> bool {
    path.split('/').any(|part| part == "tests" || part == "tests.rs")
}

fn top_module(path: &str) -> &str {
    path.split('/').next().unwrap_or_default().trim_end_matches(".rs")
}

/// The top-level modules that `crate::…` names in a piece of code, those in braces included.
fn used_modules(code: &str) -> BTreeSet<String> {
    let mut used = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let before = code[..at].chars().next_back();
        if before.is_some_and(|character| character.is_alphanumeric() || character == '_') {
            continue;
        }
        let rest = &code[at + "crate::".len()..];
        match rest.strip_prefix('{') {
            Some(group) => used.extend(names_in_group(group)),
            None => used.extend(identifier(rest)),
        }
    }
    used
}

/// The first names of `a::b, c::{d, e}, f}`.
fn names_in_group(text: &str) -> Vec<String> {
    let (mut names, mut depth, mut expect) = (Vec::new(), 0_usize, true);
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => expect = true,
            c if expect && (c.is_alphabetic() || c == '_') => {
                names.extend(identifier(&text[at..]));
                expect = false;
            }
            _ => {}
        }
    }
    names
}

fn identifier(text: &str) -> Option<String> {
    let end = text.find(|character: char| !(character.is_alphanumeric() || character == '_')).unwrap_or(text.len());
    (end > 0).then(|| text[..end].to_owned())
}

#[test]
fn used_modules_are_found_in_every_form() {
    let code = "use crate::source::Span; use crate::{facts, flow::{value, call_graph}}; let x = crate::rules::Y; pub(crate) fn f()";
    let used: Vec<_> = used_modules(code).into_iter().collect();
    assert_eq!(used, ["facts", "flow", "rules", "source"]);
}

#[test]
fn modules_use_only_what_stands_before_them() {
    let rank = |module: &str| ORDER.iter().position(|name| *name == module);
    let mut broken = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
        let module = top_module(path);
        if module == "main" || module == "lib" {
            continue;
        }
        let Some(own) = rank(module) else {
            broken.push(format!("src/{path}: `{module}` has no place in the order"));
            continue;
        };
        let narrower = NARROWER.iter().find(|(name, _)| *name == module).map(|(_, allowed)| *allowed);
        for used in used_modules(&code(text)) {
            let Some(other) = rank(&used) else { continue };
            let allowed = other == own || narrower.map_or(other < own, |allowed| allowed.contains(&used.as_str()));
            if !allowed {
                broken.push(format!("src/{path} uses `{used}`, which `{module}` may not"));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[test]
fn every_file_opens_with_its_purpose() {
    let silent: Vec<_> =
        sources().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(path, _)| path).collect();
    assert!(silent.is_empty(), "no `//!` at the top of: {silent:?}");
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<_> = sources()
        .into_iter()
        .map(|(path, text)| (path, text.lines().count()))
        .filter(|(_, lines)| *lines > MOST_LINES)
        .collect();
    assert!(long.is_empty(), "more than {MOST_LINES} lines: {long:?}");
}

/// Names of the packages that the rules model, apart from ordinary words and from names too short to be told apart.
fn modelled_packages() -> BTreeSet<String> {
    let folder = support::package().join("rules/libraries");
    let files = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path);
    let mut names = BTreeSet::new();
    for path in files.filter(|path| path.extension().is_some_and(|extension| extension == "toml")) {
        let text = fs::read_to_string(&path).expect("a rule file");
        let rules: toml::Table =
            toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let packages = rules.get("packages").and_then(toml::Value::as_array).into_iter().flatten();
        names.extend(packages.filter_map(toml::Value::as_str).map(str::to_owned));
    }
    let telling = |name: &String| name.len() > 3 || name.contains(['@', '.', '-']);
    names.retain(|name| telling(name) && !ORDINARY_WORDS.contains(&name.as_str()));
    names
}

/// The string literals of a piece of code, escapes left as they are.
fn literals(code: &str) -> Vec<&str> {
    let mut literals = Vec::new();
    let mut start = None;
    let mut escaped = false;
    let bytes = code.as_bytes();
    for (at, byte) in bytes.iter().enumerate() {
        match (byte, start) {
            _ if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (b'"', None) if at > 0 && bytes[at - 1] == b'\'' => {}
            (b'"', None) => start = Some(at + 1),
            (b'"', Some(from)) => {
                literals.push(&code[from..at]);
                start = None;
            }
            _ => {}
        }
    }
    literals
}

#[test]
fn the_engine_names_no_library() {
    let packages = modelled_packages();
    assert!(packages.contains("socket.io"), "the rules were not found");
    let mut named = Vec::new();
    for (path, text) in sources().iter().filter(|(path, _)| !is_test(path)) {
        let code = code(text);
        let found = literals(&code).into_iter().filter(|literal| packages.contains(*literal));
        named.extend(found.map(|literal| format!("src/{path} names \"{literal}\"")));
    }
    assert!(named.is_empty(), "library knowledge belongs in rules/libraries:\n{}", named.join("\n"));
}

#[test]
fn paths_named_in_the_architecture_page_exist() {
    let root = support::package();
    let text = fs::read_to_string(root.join("ARCHITECTURE.md")).expect("ARCHITECTURE.md");
    let folders = ["src/", "rules/", "tests/", "fixtures/", "benches/", "docs/", ".ci/", ".github/"];
    let named: Vec<PathBuf> = text
        .split('`')
        .skip(1)
        .step_by(2)
        .filter(|token| folders.iter().any(|folder| token.starts_with(folder)))
        .filter(|token| !token.contains(['*', '<', '{', ' ', '…']))
        .map(|token| PathBuf::from(token.split(':').next().unwrap_or_default()))
        .collect();
    assert!(!named.is_empty(), "ARCHITECTURE.md names no path");
    let gone: Vec<_> = named.iter().filter(|path| !root.join(path).exists()).collect();
    assert!(gone.is_empty(), "ARCHITECTURE.md names paths that do not exist: {gone:?}");
}

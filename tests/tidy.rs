//! The house rules that no lint knows: file sizes, module docs, the order of the modules, library names.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::{Path, PathBuf};

/// A module may import only what stands before it.
const ORDER: &[&str] = &[
    "source",
    "config",
    "deployment",
    "rules",
    "syntax",
    "facts",
    "modules",
    "flow",
    "realtime",
    "checks",
    "report",
    "output",
    "audit",
    "cli",
    "main",
];

/// What these modules may import at most, where that is less than everything before them.
const ONLY: &[(&str, &[&str])] = &[
    ("config", &["source"]),
    ("deployment", &["source"]),
    ("rules", &["source"]),
    ("syntax", &["source"]),
    ("output", &["report", "source"]),
];

/// Lines of a file, its tests apart.
const MAX_LINES: usize = 600;

/// Every Rust file below `src`, with its text.
fn files() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                files.push(path);
            }
        }
    }
    files.sort();
    let name = |path: &Path| path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
    files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

/// The module that a file belongs to: `flow` of `flow/value.rs`.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap_or(file).trim_end_matches(".rs")
}

/// The part of a file before its tests.
fn without_tests(text: &str) -> &str {
    text.find("\n#[cfg(test)]\nmod tests {").map_or(text, |end| &text[..end])
}

fn is_test(file: &str) -> bool {
    file.ends_with("/tests.rs") || file.contains("/tests/")
}

#[test]
fn every_file_opens_with_its_purpose() {
    let bare: Vec<String> =
        files().into_iter().filter(|(_, text)| !text.starts_with("//!")).map(|(file, _)| file).collect();
    assert_eq!(bare, Vec::<String>::new(), "the first line must be a `//!` comment");
}

#[test]
fn no_file_is_too_long() {
    let long: Vec<String> = files()
        .into_iter()
        .map(|(file, text)| (file, without_tests(&text).lines().count()))
        .filter(|(file, lines)| *lines > MAX_LINES && !is_test(file))
        .map(|(file, lines)| format!("{file}: {lines} lines"))
        .collect();
    assert_eq!(long, Vec::<String>::new(), "more than {MAX_LINES} lines are more than one idea");
}

#[test]
fn modules_import_only_what_stands_before_them() {
    let position = |module: &str| ORDER.iter().position(|each| *each == module);
    let mut wrong = Vec::new();
    for (file, text) in files() {
        let importer = module(&file);
        if importer == "lib" || is_test(&file) {
            continue;
        }
        let Some(own) = position(importer) else {
            wrong.push(format!("{file}: the module `{importer}` has no place in the order"));
            continue;
        };
        for imported in imports(without_tests(&text)) {
            let allowed = ONLY.iter().find(|(module, _)| *module == importer).map(|(_, allowed)| *allowed);
            let is_allowed = allowed.is_none_or(|allowed| allowed.contains(&imported));
            let stands_before = position(imported).is_some_and(|place| place < own);
            if imported != importer && !(is_allowed && stands_before) {
                wrong.push(format!("{file} imports `{imported}`"));
            }
        }
    }
    wrong.dedup();
    assert_eq!(wrong, Vec::<String>::new());
}

/// The top-level modules that a text names after `crate::`.
fn imports(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.match_indices("crate::").map(move |(start, found)| &line[start + found.len()..])).map(
        |rest| {
            let end = rest.find(|character: char| !character.is_alphanumeric() && character != '_');
            &rest[..end.unwrap_or(rest.len())]
        },
    )
}

#[test]
fn library_names_stand_in_the_rules() {
    let names =
        ["socket.io", "ws", "redis", "ioredis", "kafkajs", "express", "fastify", "nats", "amqplib", "mongoose"];
    let mut found = Vec::new();
    for (file, text) in files().into_iter().filter(|(file, _)| !is_test(file)) {
        for (index, line) in without_tests(&text).lines().enumerate() {
            let is_comment = line.trim_start().starts_with("//");
            if !is_comment && names.iter().any(|name| line.contains(&format!("\"{name}\""))) {
                found.push(format!("{file}:{}", index + 1));
            }
        }
    }
    assert_eq!(found, Vec::<String>::new(), "library knowledge belongs in rules/libraries");
}

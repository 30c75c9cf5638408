//! Generated files equal what the program generates; `CROSSCAST_UPDATE=1 cargo test --test generated` rewrites them.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::path::Path;

#[track_caller]
fn is_current(path: &str, expected: &str) {
    let full = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    if std::env::var_os("CROSSCAST_UPDATE").is_some() {
        std::fs::create_dir_all(full.parent().unwrap()).unwrap();
        std::fs::write(&full, expected).unwrap();
    }
    let found = std::fs::read_to_string(&full).unwrap_or_default().replace("\r\n", "\n");
    assert!(found == expected, "{path} is stale: run `CROSSCAST_UPDATE=1 cargo test --test generated`");
}

#[test]
fn the_schema_of_the_report() {
    is_current("docs/report.schema.json", &crosscast::report::schema().unwrap());
}

#[test]
fn the_schema_of_the_settings() {
    is_current("docs/settings.schema.json", &crosscast::config::schema().unwrap());
}

/// The first sample of the README is what the first command of the README prints.
#[test]
fn the_sample_in_the_readme() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("README.md")).unwrap().replace("\r\n", "\n");
    let (before, rest) = text.split_once("```text\n").unwrap();
    let (_, after) = rest.split_once("```").unwrap();
    let mut run = std::process::Command::new(env!("CARGO_BIN_EXE_crosscast"));
    let output = run.arg("fixtures/socketio/chat-without-adapter").current_dir(root).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let printed = String::from_utf8(output.stdout).unwrap();
    is_current("README.md", &format!("{before}```text\n{printed}```{after}"));
}

/// Every enumerated word of the report is explained in the reference.
#[test]
fn the_reference_has_every_word() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let reference = std::fs::read_to_string(root.join("docs/verdicts.md")).unwrap();
    let schema: serde_json::Value = serde_json::from_str(&crosscast::report::schema().unwrap()).unwrap();
    let mut words = Vec::new();
    enumerated(&schema["$defs"], &mut words);
    assert!(words.contains(&"pubsub-backed".to_owned()), "{words:?}");
    let missing: Vec<_> = words.iter().filter(|word| !reference.contains(&format!("`{word}`"))).collect();
    assert!(missing.is_empty(), "docs/verdicts.md does not explain {missing:?}");
}

/// The words of `enum` and `const` anywhere in a schema.
fn enumerated(schema: &serde_json::Value, words: &mut Vec<String>) {
    if let Some(word) = schema["const"].as_str() {
        words.push(word.to_owned());
    }
    let listed = schema["enum"].as_array().into_iter().flatten();
    words.extend(listed.filter_map(|word| word.as_str().map(str::to_owned)));
    match schema {
        serde_json::Value::Object(fields) => fields.values().for_each(|field| enumerated(field, words)),
        serde_json::Value::Array(items) => items.iter().for_each(|item| enumerated(item, words)),
        _ => {}
    }
}

/// Paths that a page names in backticks must exist; `tidy.rs` looks at the architecture page.
#[test]
fn the_pages_name_only_what_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for page in ["README.md", "CONTRIBUTING.md", "docs/verdicts.md"] {
        let text = std::fs::read_to_string(root.join(page)).unwrap();
        let is_path = |word: &&str| {
            ["src/", "rules/", "fixtures/", "tests/", "docs/", ".ci/"].iter().any(|top| word.starts_with(top))
        };
        let is_pattern = |word: &str| word.contains(['<', '*', ' ', '{']);
        for word in text.split('`').skip(1).step_by(2).filter(is_path) {
            if !is_pattern(word) && !root.join(word).exists() {
                missing.push(format!("{page}: {word}"));
            }
        }
    }
    assert_eq!(missing, Vec::<String>::new());
}

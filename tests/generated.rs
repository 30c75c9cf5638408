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

/// Paths that a page names in backticks must exist; `tidy.rs` looks at the architecture page.
#[test]
fn the_pages_name_only_what_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut missing = Vec::new();
    for page in ["README.md", "CONTRIBUTING.md"] {
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

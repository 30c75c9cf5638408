//! Whatever the bytes, the binary answers with a report: it never panics and never prints anything but JSON.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use tempfile::TempDir;

/// Source files of all fixtures, read once.
static SOURCES: LazyLock<Vec<(String, Vec<u8>)>> = LazyLock::new(|| {
    let extensions = ["js", "mjs", "cjs", "ts", "tsx", "jsx"];
    let is_source = |path: &Path| {
        path.extension().is_some_and(|extension| extensions.contains(&extension.to_string_lossy().as_ref()))
    };
    let files: Vec<PathBuf> = walkdir::WalkDir::new(support::package().join("fixtures"))
        .sort_by_file_name()
        .into_iter()
        .filter_map(Result::ok)
        .map(walkdir::DirEntry::into_path)
        .filter(|path| is_source(path))
        .collect();
    let name = |path: &Path| path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    files.iter().map(|path| (name(path), fs::read(path).expect("a fixture"))).collect()
});

/// Audits one file beside a good server; the outcome must be a report.
fn assert_reports(name: &str, content: &[u8]) -> Result<(), TestCaseError> {
    let folder = TempDir::new().expect("a temporary folder");
    let manifest = r#"{ "dependencies": { "socket.io": "^4.7.5", "ws": "^8.0.0", "redis": "^4.0.0" } }"#;
    fs::write(folder.path().join("package.json"), manifest).expect("a file");
    fs::write(folder.path().join("server.js"), "require('socket.io')(1).emit('up');\n").expect("a file");
    fs::write(folder.path().join(name), content).expect("a file");
    let report = support::audit(folder.path(), &[]).map_err(TestCaseError::fail)?;
    prop_assert_eq!(&report["schemaVersion"], 1);
    prop_assert_eq!(report["checks"].as_array().map(Vec::len), Some(2));
    Ok(())
}

/// One edit of a file: a range is dropped, doubled, moved to the end, or replaced.
#[derive(Debug, Clone)]
enum Edit {
    Drop,
    Double,
    Move,
    Replace(Vec<u8>),
}

fn edit(content: &mut Vec<u8>, from: usize, length: usize, edit: &Edit) {
    if content.is_empty() {
        return;
    }
    let from = from % content.len();
    let to = (from + length).min(content.len());
    let piece = content[from..to].to_vec();
    match edit {
        Edit::Drop => drop(content.drain(from..to)),
        Edit::Double => drop(content.splice(from..from, piece)),
        Edit::Move => {
            content.drain(from..to);
            content.extend(piece);
        }
        Edit::Replace(with) => drop(content.splice(from..to, with.iter().copied())),
    }
}

fn edits() -> impl Strategy<Value = Vec<(usize, usize, Edit)>> {
    let fragment = prop::sample::select(vec![
        "{",
        "}",
        "(",
        ")",
        "[",
        "]",
        "=>",
        "`${",
        "`",
        "'",
        "/*",
        "//",
        "?.",
        "...",
        "await ",
        "class A extends ",
        "function*",
        "#x",
        "@d()",
        "<T>",
        "</",
        "import(",
        "export default ",
        "\u{2028}",
        "\u{1F600}",
        "\0",
    ]);
    let kind = prop_oneof![
        Just(Edit::Drop),
        Just(Edit::Double),
        Just(Edit::Move),
        fragment.prop_map(|text| Edit::Replace(text.as_bytes().to_vec())),
        prop::collection::vec(any::<u8>(), 0..4).prop_map(Edit::Replace),
    ];
    prop::collection::vec((any::<usize>().prop_map(|at| at % 1_000_000), 0..60_usize, kind), 1..8)
}

/// Each case starts a process, so there are few of them, and always the same: a change must not fail by chance.
/// `PROPTEST_RNG_SEED` and `PROPTEST_CASES` look further.
fn config() -> ProptestConfig {
    let given = ProptestConfig::default();
    let cases = if std::env::var_os("PROPTEST_CASES").is_some() { given.cases } else { 40 };
    let rng_seed = match given.rng_seed {
        RngSeed::Random => RngSeed::Fixed(1),
        seed => seed,
    };
    ProptestConfig { cases, rng_seed, failure_persistence: None, ..given }
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn random_bytes_are_answered_with_a_report(
        bytes in prop::collection::vec(any::<u8>(), 0..2000),
        name in prop::sample::select(vec!["a.js", "a.mjs", "a.cjs", "a.ts", "a.tsx", "package-lock.json", "tsconfig.json"]),
    ) {
        let content = [b"require('socket.io')(1);\n".as_slice(), &bytes].concat();
        assert_reports(name, &content)?;
    }

    #[test]
    fn mutated_fixtures_are_answered_with_a_report(which in any::<prop::sample::Index>(), edits in edits()) {
        let (name, content) = &SOURCES[which.index(SOURCES.len())];
        let mut content = content.clone();
        for (from, length, kind) in &edits {
            edit(&mut content, *from, *length, kind);
        }
        assert_reports(name, &content)?;
    }
}

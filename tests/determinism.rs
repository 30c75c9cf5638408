//! Identical input gives identical bytes, whatever the number of threads.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use std::path::Path;

fn bytes(root: &Path, threads: &str) -> Vec<u8> {
    let output = support::run_json(root, &["--threads", threads]);
    output.unwrap_or_else(|error| panic!("{}: {error}", root.display())).stdout
}

#[test]
fn each_fixture_reports_the_same_bytes_on_1_and_on_16_threads() {
    for (name, folder) in support::fixtures() {
        assert!(bytes(&folder, "1") == bytes(&folder, "16"), "{name} depends on the number of threads");
    }
}

#[test]
fn all_fixtures_as_one_project_report_the_same_bytes_every_time() {
    let root = support::package().join("fixtures");
    let first = bytes(&root, "1");
    for threads in ["1", "2", "16", "16"] {
        assert!(first == bytes(&root, threads), "{threads} threads report something else than one");
    }
}

#[test]
fn the_way_the_root_is_written_does_not_matter() {
    let root = support::package().join("fixtures/socketio/chat-without-adapter");
    let plain = bytes(&root, "1");
    assert!(plain == bytes(&root.join(""), "1"), "a trailing slash changes the report");
    assert!(plain == bytes(&root.join("k8s/.."), "1"), "a detour changes the report");
    let mut here = support::crosscast();
    here.args(["--format", "json", "--fail-on", "never"]).current_dir(&root);
    let here = here.output().expect("the binary runs").stdout;
    assert!(plain == here, "the working folder as root changes the report");
}

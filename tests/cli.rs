//! The command line: exit codes, usage errors, and the commands beside the audit.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::PathBuf;
use tempfile::TempDir;

/// Both checks: high fails, low is skipped.
const FAILS_HIGH: &str = "socketio/chat-without-adapter";
/// High passes, low fails.
const FAILS_LOW: &str = "socketio/presence-in-a-map";
/// Both pass.
const PASSES: &str = "stores/presence-through-the-adapter";

fn crosscast(arguments: &[&str]) -> assert_cmd::assert::Assert {
    Command::from(support::crosscast()).args(arguments).assert()
}

fn fixture(name: &str) -> String {
    support::package().join("fixtures").join(name).to_string_lossy().into_owned()
}

fn project(files: &[(&str, &str)]) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("a file");
    }
    folder
}

fn root(folder: &TempDir) -> String {
    folder.path().to_string_lossy().into_owned()
}

fn standard_output(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stdout.clone()).expect("UTF-8")
}

fn standard_error(assert: &assert_cmd::assert::Assert) -> String {
    String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
}

#[test]
fn a_failed_check_is_exit_code_1() {
    crosscast(&[&fixture(FAILS_HIGH)]).code(1);
    crosscast(&[&fixture(FAILS_LOW)]).code(1);
    crosscast(&[&fixture(PASSES)]).code(0);
}

#[test]
fn fail_on_names_the_least_severity_that_counts() {
    crosscast(&["--fail-on", "high", &fixture(FAILS_LOW)]).code(0);
    crosscast(&["--fail-on", "high", &fixture(FAILS_HIGH)]).code(1);
    crosscast(&["--fail-on", "low", &fixture(FAILS_LOW)]).code(1);
    crosscast(&["--fail-on", "never", &fixture(FAILS_HIGH)]).code(0);
    crosscast(&["--fail-on", "sometimes", &fixture(PASSES)]).code(2);
}

#[test]
fn an_unreadable_root_is_exit_code_2_and_is_named() {
    let assert = crosscast(&["--format", "json", "no/such/folder"]).code(2);
    assert!(standard_error(&assert).contains("no/such/folder"));
    assert_eq!(standard_output(&assert), "");
}

#[test]
fn a_root_without_source_skips_both_checks() {
    let folder = project(&[("README.md", "Nothing to see here.")]);
    let report = support::audit(folder.path(), &[]).expect("a report");
    let verdicts: Vec<_> = report["checks"]
        .as_array()
        .expect("checks")
        .iter()
        .map(|check| (&check["status"], &check["reason"]))
        .collect();
    let skip = Value::from("skip");
    let (no_broadcast, no_state) = (Value::from("no-broadcast"), Value::from("no-state"));
    assert_eq!(verdicts, [(&skip, &no_broadcast), (&skip, &no_state)]);
    crosscast(&[&root(&folder)]).code(0);
}

#[test]
fn strict_turns_a_problem_into_exit_code_2() {
    let server = "const io = require('socket.io')(3000);\nio.on('connection', (socket) => {{{\n";
    let manifest = r#"{ "dependencies": { "socket.io": "^4.7.5" } }"#;
    let folder = project(&[("package.json", manifest), ("server.js", server)]);
    let report = support::audit(folder.path(), &[]).expect("a report");
    assert_eq!(report["problems"][0]["kind"], "syntax-error");
    crosscast(&["--fail-on", "never", &root(&folder)]).code(0);
    crosscast(&["--fail-on", "never", "--strict", &root(&folder)]).code(2);
    crosscast(&["--fail-on", "never", "--strict", &fixture(FAILS_HIGH)]).code(0);
}

#[test]
fn bad_configuration_is_exit_code_2_and_is_shown() {
    let folder = project(&[("crosscast.toml", "[deployment]\ninstance = \"single\"\n")]);
    let assert = crosscast(&[&root(&folder)]).code(2);
    let message = standard_error(&assert);
    assert!(message.contains("instance") && message.contains("crosscast.toml"), "{message}");
}

#[test]
fn a_single_instance_needs_a_reason() {
    let folder = project(&[("crosscast.toml", "[deployment]\ninstances = \"single\"\n")]);
    let assert = crosscast(&[&root(&folder)]).code(2);
    assert!(standard_error(&assert).contains("reason"));
}

#[test]
fn a_baseline_makes_only_new_failures_count() {
    let output = support::run_json(&PathBuf::from(fixture(FAILS_HIGH)), &[]).expect("a report");
    let folder = TempDir::new().expect("a temporary folder");
    let baseline = folder.path().join("baseline.json");
    fs::write(&baseline, output.stdout).expect("a file");
    let baseline = baseline.to_string_lossy();
    crosscast(&["--baseline", &baseline, &fixture(FAILS_HIGH)]).code(0);
    crosscast(&["--baseline", &baseline, &fixture("ws/clients-loops")]).code(1);
    crosscast(&["--baseline", "no-such-baseline.json", &fixture(PASSES)]).code(2);
}

#[test]
fn help_names_the_options() {
    let text = standard_output(&crosscast(&["--help"]).code(0));
    for option in ["--format", "--fail-on", "--strict", "--threads", "--rules", "--baseline"] {
        assert!(text.contains(option), "{option} is missing from\n{text}");
    }
    let version = standard_output(&crosscast(&["--version"]).code(0));
    assert!(version.contains(env!("CARGO_PKG_VERSION")), "{version}");
}

#[test]
fn an_unknown_option_is_exit_code_2() {
    crosscast(&["--no-such-option"]).code(2);
    crosscast(&["--format", "no-such-format", &fixture(PASSES)]).code(2);
}

#[test]
fn reports_satisfy_the_printed_schema() {
    let schema: Value = serde_json::from_str(&standard_output(&crosscast(&["schema"]).code(0))).expect("JSON");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for (name, folder) in support::fixtures() {
        let report = support::audit(&folder, &[]).unwrap_or_else(|error| panic!("{name}: {error}"));
        let errors: Vec<_> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
        assert!(errors.is_empty(), "{name}: {errors:#?}");
    }
}

#[test]
fn explain_tells_about_a_check() {
    let text = standard_output(&crosscast(&["explain", "pubsub-cross-instance"]).code(0));
    assert!(text.contains("community-realtime.message-delivery.pubsub-cross-instance"), "{text}");
    crosscast(&["explain", "no-such-check"]).code(2);
}

#[test]
fn rules_lists_the_libraries() {
    let text = standard_output(&crosscast(&["rules"]).code(0));
    for package in ["socket.io", "ws", "ioredis", "@socket.io/redis-adapter"] {
        assert!(text.contains(package), "{package} is missing from\n{text}");
    }
}

#[test]
fn a_broken_rule_file_is_exit_code_2_and_is_shown() {
    let folder = project(&[("mine.toml", "title = \"Mine\"\npackages = [\"mine\"]\nseed = true\n")]);
    let assert = crosscast(&["--rules", &root(&folder), &fixture(PASSES)]).code(2);
    let message = standard_error(&assert);
    assert!(message.contains("mine.toml") && message.contains("seed"), "{message}");
}

#[test]
fn a_rule_file_without_an_anchor_does_not_load() {
    let folder = project(&[("mine.toml", "title = \"Mine\"\n")]);
    let assert = crosscast(&["--rules", &root(&folder), &fixture(PASSES)]).code(2);
    assert!(standard_error(&assert).contains("mine.toml"));
}

//! The binary from outside: exit codes, what its streams show, and that reports keep to the printed schema.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::process::Stdio;
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

/// Standard output of a run, whatever its exit code.
fn shown(arguments: &[&str]) -> String {
    standard_output(&crosscast(arguments))
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

/// An audit of nothing would look like a pass: the path is wrong, or the settings exclude everything.
#[test]
fn a_root_without_source_is_exit_code_2() {
    let folder = project(&[("README.md", "Nothing to see here.")]);
    let assert = crosscast(&[&root(&folder)]).code(2);
    let message = standard_error(&assert);
    assert!(message.contains("holds no JavaScript or TypeScript files"), "{message}");
    assert_eq!(standard_output(&assert), "");
}

#[test]
fn a_root_without_realtime_code_skips_both_checks() {
    let folder = project(&[("index.js", "console.log('no clients here');\n")]);
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

#[test]
fn colours_follow_the_option_and_the_terminal() {
    let root = fixture(FAILS_HIGH);
    assert!(!shown(&[&root]).contains('\u{1b}'), "a pipe is no terminal");
    assert!(shown(&[&root, "--color", "always"]).contains('\u{1b}'));
    assert!(!shown(&[&root, "--color", "never"]).contains('\u{1b}'));
}

#[test]
fn explain_takes_names_and_ids() {
    let by_id = shown(&["explain", "community-realtime.realtime-ux.horizontal-scaling-ready"]);
    assert!(by_id.contains("severity low"), "{by_id}");
    assert_eq!(by_id, shown(&["explain", "horizontal-scaling-ready"]));
}

#[test]
fn explain_takes_the_codes_of_findings() {
    let text = shown(&["explain", "local-lookup"]);
    assert!(text.starts_with("local-lookup: ") && text.contains("What to do"), "{text}");
    let message = standard_error(&crosscast(&["explain", "no-such-code"]).code(2));
    assert!(message.contains("adapter-bypassed") && message.contains("syntax-error"), "{message}");
}

#[test]
fn the_manual_and_the_completions_know_every_option() {
    let manual = shown(&["man"]);
    let help = shown(&["--help"]);
    let options: Vec<&str> = help
        .split_whitespace()
        .filter_map(|word| word.strip_prefix("--"))
        .map(|word| word.trim_end_matches(|end: char| !end.is_ascii_alphanumeric()))
        .filter(|word| word.chars().all(|each| each.is_ascii_lowercase() || each == '-'))
        .collect();
    assert!(options.len() > 10, "{options:?}");
    let shells: Vec<String> = ["bash", "zsh", "fish", "powershell", "elvish"]
        .iter()
        .map(|shell| shown(&["completions", shell]))
        .collect();
    for option in options {
        // A hyphen is escaped in a manual page.
        assert!(manual.contains(&option.replace('-', "\\-")), "{option} is not in the manual");
        for text in &shells {
            assert!(text.contains(option), "{option} is not in\n{text}");
        }
    }
}

#[test]
fn reports_hold_no_path_of_the_machine() {
    let root = fixture(FAILS_HIGH);
    for format in ["human", "json", "sarif", "github", "markdown", "junit", "gitlab"] {
        let text = shown(&["--format", format, "--verbose", &root]);
        assert!(!text.is_empty() && !text.contains(&root), "{text}");
    }
}

#[test]
fn quiet_shows_one_line_per_check() {
    assert_eq!(shown(&["--quiet", &fixture(FAILS_HIGH)]).lines().count(), 2);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child =
        support::crosscast().args(["schema"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

#[test]
fn nothing_found_says_what_was_looked_at() {
    let manifest = r#"{ "dependencies": { "ws": "^8.18.0", "left-pad": "1" } }"#;
    let folder = project(&[("package.json", manifest), ("a.js", "console.log(1);\n"), ("test/a.test.js", "1;\n")]);
    let text = shown(&[&root(&folder)]);
    for part in ["Nothing was found", "2 JS/TS files (1 of the product, 1 tests)", "manifests: ws.", "--exhaustive"]
    {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert!(!shown(&[&fixture(PASSES)]).contains("Nothing was found"));
}

/// A terminal that waits sees what the audit is at, and the report afterwards. Without `script` there is no terminal.
#[cfg(target_os = "linux")]
#[test]
fn a_waiting_terminal_sees_progress() {
    let server = fs::read_to_string(format!("{}/server.js", fixture(FAILS_HIGH))).expect("a server");
    // Enough of them that no machine is done within a moment.
    let files: Vec<(String, String)> = (0..2_500).map(|number| (format!("s{number}.js"), server.clone())).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    let folder = project(&files);
    let command = format!("{} --threads 1 --quiet {}", env!("CARGO_BIN_EXE_crosscast"), root(&folder));
    let mut terminal = std::process::Command::new("script");
    terminal.args(["-qefc", &command, "/dev/null"]).env("TERM", "xterm").stdin(Stdio::null());
    if std::process::Command::new("script").arg("--version").output().is_err() {
        return;
    }
    let output = Command::from(terminal).timeout(support::BOUND).output().expect("an end in time");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(text.contains("pubsub-cross-instance"), "{text}");
    assert!(
        text.contains("following values") || text.contains("parsing") || text.contains("looking for"),
        "{text}"
    );
}

//! The command line from outside: exit codes, streams, formats.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use assert_cmd::Command;
use std::path::Path;

/// The binary, without settings from outside.
fn crosscast(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosscast"));
    command.env_remove("NO_COLOR").args(arguments);
    command
}

/// Runs a command and gives exit code, standard output and standard error.
#[track_caller]
fn run(arguments: &[&str]) -> (i32, String, String) {
    let output = crosscast(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

/// A folder with these files.
fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

const PACKAGE: &str = r#"{ "dependencies": { "socket.io": "^4.7.0" } }"#;
const CHAT: &str = "const { Server } = require('socket.io');\nconst io = new Server(3000);\n\
    io.on('connection', (socket) => {\n  socket.on('chat', (m) => io.emit('chat', m));\n});\n";

#[test]
fn a_folder_without_realtime_code_is_skipped() {
    let folder = project(&[("index.js", "console.log(1);\n")]);
    let (code, out, err) = run(&[text(folder.path()), "--quiet"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.starts_with("SKIP pubsub-cross-instance"), "{out}");
}

#[test]
fn a_failing_check_ends_with_1_unless_it_is_not_asked_for() {
    let folder = project(&[("package.json", PACKAGE), ("index.js", CHAT)]);
    let root = text(folder.path());
    let (code, out, _) = run(&[root]);
    assert_eq!(code, 1, "{out}");
    assert!(out.starts_with("FAIL pubsub-cross-instance"), "{out}");
    assert!(out.contains("index.js:4:28"), "{out}");
    assert_eq!(run(&[root, "--fail-on", "high"]).0, 1);
    assert_eq!(run(&[root, "--fail-on", "never"]).0, 0);
}

#[test]
fn json_fits_the_schema() {
    let folder = project(&[("package.json", PACKAGE), ("index.js", CHAT)]);
    let (_, out, _) = run(&[text(folder.path()), "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    let (_, schema, _) = run(&["schema"]);
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> = validator.iter_errors(&report).map(|error| error.to_string()).collect();
    assert_eq!(errors, Vec::<String>::new());
    assert_eq!(report["root"], ".");
    assert!(!out.contains(text(folder.path())), "the report holds a path of this machine");
}

#[test]
fn an_unreadable_root_ends_with_2() {
    let (code, out, err) = run(&["/no/such/folder"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(err.contains("/no/such/folder"), "{err}");
}

#[test]
fn bad_usage_ends_with_2() {
    assert_eq!(run(&["--no-such-option"]).0, 2);
    assert_eq!(run(&["--format", "yaml"]).0, 2);
    assert_eq!(run(&["--threads", "0"]).0, 2);
    let (code, _, err) = run(&["explain", "no-such-check"]);
    assert_eq!(code, 2);
    assert!(err.contains("the checks are pubsub-cross-instance and horizontal-scaling-ready"), "{err}");
}

#[test]
fn bad_settings_end_with_2_and_show_the_place() {
    let folder = project(&[("crosscast.toml", "[deployment]\ninstances = \"single\"\n")]);
    let (code, _, err) = run(&[text(folder.path())]);
    assert_eq!(code, 2);
    assert!(err.contains("missing field `reason`") && err.contains("crosscast.toml:1:1"), "{err}");
}

#[test]
fn strict_makes_problems_an_error() {
    let folder = project(&[("compose.yml", "services: [\n")]);
    let root = text(folder.path());
    let (code, out, _) = run(&[root]);
    assert_eq!(code, 0);
    assert!(out.contains("compose.yml") && out.contains("broken-manifest"), "{out}");
    let (code, _, err) = run(&[root, "--strict"]);
    assert_eq!(code, 2);
    assert!(err.contains("1 file or part was left out"), "{err}");
}

#[test]
fn colours_follow_the_option_and_the_terminal() {
    let folder = project(&[("index.js", "\n")]);
    let root = text(folder.path());
    assert!(!run(&[root]).1.contains('\u{1b}'), "a pipe is no terminal");
    assert!(run(&[root, "--color", "always"]).1.contains('\u{1b}'));
    assert!(!run(&[root, "--color", "never"]).1.contains('\u{1b}'));
}

#[test]
fn explain_takes_names_and_ids() {
    let (code, by_name, _) = run(&["explain", "pubsub-cross-instance"]);
    assert_eq!(code, 0);
    assert!(by_name.contains("severity high") && by_name.contains("What to do"), "{by_name}");
    let (_, by_id, _) = run(&["explain", "community-realtime.message-delivery.pubsub-cross-instance"]);
    assert_eq!(by_name, by_id);
    assert!(run(&["explain", "horizontal-scaling-ready"]).1.contains("severity low"));
}

#[test]
fn rules_lists_the_libraries() {
    let (code, out, _) = run(&["rules"]);
    assert_eq!(code, 0);
    assert!(out.starts_with("RULES"), "{out}");
    assert!(out.lines().count() > 1, "{out}");
}

#[test]
fn bad_rules_end_with_2() {
    let folder = project(&[("mine.toml", "title = 1\n")]);
    let (code, _, err) = run(&["rules", "--rules", text(folder.path())]);
    assert_eq!(code, 2);
    assert!(err.contains("mine.toml"), "{err}");
}

#[test]
fn help_has_examples_and_exit_codes() {
    let (code, out, err) = run(&["--help"]);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(out.contains("Examples:") && out.contains("Exit codes:") && out.contains("./rules"), "{out}");
    assert!(run(&["--version"]).1.starts_with("crosscast "));
}

#[cfg(unix)]
#[test]
fn a_closed_pipe_is_no_error() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_crosscast"))
        .args(["schema"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

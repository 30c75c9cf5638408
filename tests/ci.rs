//! The gate that the README describes for CI: what is known stays green, what is new is red, what is fixed is told.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use assert_cmd::Command;
use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const MANIFEST: &str = r#"{ "name": "app", "dependencies": { "socket.io": "^4.7.5" } }"#;
const SERVER: &str = "\
const { Server } = require('socket.io');
const io = new Server(3000);
const online = new Map();
io.on('connection', (socket) => {
  online.set(socket.id, socket.handshake.auth.user);
  io.emit('online', [...online.values()]);
  socket.on('say', (text) => io.emit('say', text));
  socket.on('disconnect', () => online.delete(socket.id));
});
";
/// The command of the README, word for word; a test compares.
const GATE: &[&str] = &[".", "--baseline", "crosscast-baseline.json"];

struct Repository(TempDir);

impl Repository {
    fn new() -> Self {
        let repository = Repository(TempDir::new().expect("a temporary folder"));
        repository.write("package.json", MANIFEST);
        repository.write("server.js", SERVER);
        fs::create_dir(repository.path().join(".git")).expect("a folder");
        repository
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, path: &str, text: &str) {
        fs::write(self.path().join(path), text).expect("a file");
    }

    fn read(&self, path: &str) -> String {
        fs::read_to_string(self.path().join(path)).expect("a file")
    }

    fn run(&self, arguments: &[&str], more: &[&str]) -> assert_cmd::assert::Assert {
        Command::from(support::crosscast()).args(arguments).args(more).current_dir(self.path()).assert()
    }

    /// The report of the gate.
    fn report(&self) -> Value {
        let assert = self.run(GATE, &["--format", "json"]);
        serde_json::from_slice(&assert.get_output().stdout).expect("JSON")
    }

    /// The lines of the standard error of a run.
    fn told(assert: &assert_cmd::assert::Assert) -> String {
        String::from_utf8(assert.get_output().stderr.clone()).expect("UTF-8")
    }
}

/// The findings of all failing checks, as `FILE:LINE`.
fn findings(report: &Value) -> Vec<String> {
    let rows = || report["broadcastPaths"].as_array().into_iter().chain(report["stateStores"].as_array()).flatten();
    let checks = report["checks"].as_array().into_iter().flatten();
    let ids = checks.flat_map(|check| check["findings"].as_array().into_iter().flatten());
    let place = |id: &Value| {
        let row = rows().find(|row| row["id"] == *id).expect("a row");
        format!("{}:{}", row["location"]["file"].as_str().expect("a file"), row["location"]["line"])
    };
    ids.map(place).collect()
}

#[test]
fn known_failures_are_green_and_new_ones_are_red() {
    let repository = Repository::new();
    repository.run(&["."], &[]).code(1);
    repository.run(GATE, &["--update-baseline"]).code(0);
    repository.run(GATE, &[]).code(0);

    // Lines move, a formatter passes over the code: nothing of it is new.
    let moved = SERVER
        .replace("const io", "// a comment\n\nconst io")
        .replace("io.emit('say', text)", "\n    io\n      .emit(\n        \"say\",\n        text,\n      )");
    repository.write("server.js", &moved);
    repository.run(GATE, &[]).code(0);
    let report = repository.report();
    assert_eq!(report["baseline"]["accepted"], 3, "{:#}", report["baseline"]);
    assert_eq!(report["baseline"]["fixed"], Value::Array(Vec::new()));
    let kept = report["broadcastPaths"].as_array().expect("paths");
    assert!(kept.iter().all(|path| path["suppressed"]["by"] == "baseline"), "known rows stay in the report");

    // A new broadcast is red, and it alone.
    repository.write("server.js", &SERVER.replace("io.on(", "setInterval(() => io.emit('tick'), 1000);\nio.on("));
    repository.run(GATE, &[]).code(1);
    assert_eq!(findings(&repository.report()), ["server.js:4"]);

    // So is known code that stands there once more.
    repository.write(
        "server.js",
        &SERVER.replace("io.emit('say', text))", "[io.emit('say', text), io.emit('say', text)])"),
    );
    repository.run(GATE, &[]).code(1);
    assert_eq!(findings(&repository.report()), ["server.js:7"]);
}

#[test]
fn moved_files_stay_known_and_copies_do_not() {
    let repository = Repository::new();
    repository.run(GATE, &["--update-baseline"]).code(0);
    fs::rename(repository.path().join("server.js"), repository.path().join("chat.js")).expect("a move");
    repository.run(GATE, &[]).code(0);
    repository.write("server.js", SERVER);
    repository.run(GATE, &[]).code(1);
    assert!(findings(&repository.report()).iter().all(|place| place.starts_with("chat.js:")));
}

#[test]
fn fixed_failures_are_told_and_pruned() {
    let repository = Repository::new();
    repository.run(GATE, &["--update-baseline"]).code(0);
    let before = repository.read("crosscast-baseline.json");
    repository.write("server.js", &SERVER.replace("  socket.on('say', (text) => io.emit('say', text));\n", ""));
    let told = Repository::told(&repository.run(GATE, &[]).code(0));
    assert!(told.contains("2 known, 1 fixed") && told.contains("io.emit('say', text) (server.js"), "{told}");
    assert_eq!(repository.report()["baseline"]["fixed"][0]["code"], "io.emit('say', text)");
    assert_eq!(repository.read("crosscast-baseline.json"), before, "nothing is written unless it is asked for");

    // Pruning takes out what is fixed and takes in nothing new.
    let new = SERVER.replace("io.emit('say', text)", "io.emit('shout', text)");
    repository.write("server.js", &new);
    repository.run(GATE, &["--update-baseline"]).code(1);
    assert_eq!(findings(&repository.report()), ["server.js:7"]);
    let after = repository.read("crosscast-baseline.json");
    assert!(!after.contains("'say'") && !after.contains("'shout'") && after.contains("'online'"), "{after}");
    let told = Repository::told(&repository.run(GATE, &[]).code(1));
    assert!(told.contains("2 known, none fixed"), "{told}");
}

#[test]
fn a_report_is_a_baseline_too() {
    let repository = Repository::new();
    let report = repository.run(&["."], &["--format", "json"]).code(1);
    repository.write("then.json", &String::from_utf8(report.get_output().stdout.clone()).expect("UTF-8"));
    repository.run(&[".", "--baseline", "then.json"], &[]).code(0);
}

#[test]
fn a_baseline_that_cannot_be_used_is_exit_code_2() {
    let repository = Repository::new();
    let told = Repository::told(&repository.run(GATE, &[]).code(2));
    assert!(told.contains("--update-baseline"), "{told}");
    repository.write("crosscast-baseline.json", "{ \"crosscastBaseline\": 1, \"failures\": [{}] }");
    repository.run(GATE, &[]).code(2);
    repository.run(&[".", "--update-baseline"], &[]).code(2);
}

#[test]
fn settings_that_mean_nothing_are_exit_code_2() {
    let repository = Repository::new();
    repository.write("crosscast.toml", "[checks.pubsub-cross-instance]\nsevrity = \"low\"\n");
    let told = Repository::told(&repository.run(&["."], &[]).code(2));
    assert!(told.contains("did you mean `severity`?") && told.contains("crosscast.toml:2:1"), "{told}");
    repository.write("crosscast.toml", "exclude = [\n");
    repository.run(&["."], &[]).code(2);
}

#[test]
fn init_writes_settings_that_change_nothing() {
    let repository = Repository::new();
    let before = repository.run(&["."], &["--format", "json"]).code(1).get_output().stdout.clone();
    repository.run(&["init"], &[]).code(0);
    let text = repository.read("crosscast.toml");
    assert!(text.contains("#   .: fail pubsub-cross-instance, fail horizontal-scaling-ready"), "{text}");
    let after = repository.run(&["."], &["--format", "json"]).code(1).get_output().stdout.clone();
    assert_eq!(before, after);
    repository.run(&["init"], &[]).code(2);
    repository.run(&["init", "--force"], &[]).code(0);

    // What it offers in comments is valid, too.
    let offered: Vec<&str> =
        text.lines().map(|line| line.strip_prefix("# ").filter(|rest| is_setting(rest)).unwrap_or(line)).collect();
    let offered =
        offered.join("\n").replace("include = [\"apps/**\"]\n", "").replace("rules = [\"lint/crosscast\"]\n", "");
    repository.write("crosscast.toml", &offered);
    let report = repository.run(&["."], &["--format", "json"]).code(0).get_output().stdout.clone();
    let report: Value = serde_json::from_slice(&report).expect("JSON");
    assert_eq!(report["checks"][0]["reason"], "single-instance");
}

fn is_setting(text: &str) -> bool {
    text.starts_with('[') || text.split_once(" = ").is_some_and(|(key, _)| !key.contains(' '))
}

#[test]
fn severity_enablement_and_excluded_files_follow_the_settings() {
    let repository = Repository::new();
    repository.write("crosscast.toml", "[checks.pubsub-cross-instance]\nenabled = false\n");
    let report: Value =
        serde_json::from_slice(&repository.run(&["."], &["--format", "json"]).code(1).get_output().stdout)
            .expect("JSON");
    assert_eq!(
        (&report["checks"][0]["status"], &report["checks"][0]["reason"]),
        (&"skip".into(), &"disabled".into())
    );
    repository.run(&[".", "--fail-on", "high"], &[]).code(0);
    repository.write(
        "crosscast.toml",
        "[checks.horizontal-scaling-ready]\nseverity = \"high\"\n[checks.pubsub-cross-instance]\nenabled = false\n",
    );
    repository.run(&[".", "--fail-on", "high"], &[]).code(1);
    repository.write("index.js", "console.log('hello');\n");
    repository.write("crosscast.toml", "exclude = [\"server.js\"]\n");
    repository.run(&["."], &[]).code(0);
    repository.write("crosscast.toml", "include = [\"index.*\"]\n");
    repository.run(&["."], &[]).code(0);
    repository.write("crosscast.toml", "max-file-bytes = 60\n");
    repository.run(&[".", "--strict"], &[]).code(2);
}

/// The recipe of the README is what these tests run.
#[test]
fn the_readme_shows_this_gate() {
    let readme = fs::read_to_string(support::package().join("README.md")).expect("README.md");
    let gate = format!("crosscast {}", GATE.join(" "));
    assert!(
        readme.contains(&gate) && readme.contains(&format!("{gate} --update-baseline")),
        "the README lacks `{gate}`"
    );
}

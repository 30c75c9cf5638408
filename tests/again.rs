//! What an audit leaves out or takes over from the one before changes nothing that it reports.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod support;

use camino::{Utf8Path, Utf8PathBuf};
use crosscast::audit::{audit, audit_again};
use crosscast::config::Config;
use crosscast::modules::LoweredFiles;
use serde_json::Value;

/// A report without its figures on the work that was done.
fn report(root: &Utf8Path, config: &Config, before: &LoweredFiles) -> Value {
    let found = audit_again(root, config, before).expect("fixtures can be audited").report;
    let mut report = serde_json::to_value(found).unwrap();
    report.as_object_mut().unwrap().remove("stats");
    report
}

fn fixtures() -> impl Iterator<Item = Utf8PathBuf> {
    support::fixtures().into_iter().map(|(_, folder)| Utf8PathBuf::from_path_buf(folder).unwrap())
}

#[test]
fn parsing_every_file_finds_no_more_than_parsing_what_matters() {
    let exhaustive = Config { exhaustive: true, ..Config::default() };
    for folder in fixtures() {
        let demanded = report(&folder, &Config::default(), &LoweredFiles::default());
        let everything = report(&folder, &exhaustive, &LoweredFiles::default());
        assert!(demanded == everything, "{folder}: parsing everything finds something else");
    }
}

#[test]
fn an_audit_that_remembers_reports_what_a_fresh_one_does() {
    // One memory for all: texts of one fixture stand in others too.
    let before = LoweredFiles::default();
    for folder in fixtures() {
        let fresh = report(&folder, &Config::default(), &LoweredFiles::default());
        assert!(fresh == report(&folder, &Config::default(), &before), "{folder}: after another folder");
    }
}

#[test]
fn a_changed_file_is_read_again() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    let write = |name: &str, text: &str| std::fs::write(root.join(name), text).unwrap();
    write("package.json", r#"{ "name": "chat", "dependencies": { "socket.io": "^4.8.0" } }"#);
    write("server.js", "exports.io = require('socket.io')(3000);\n");
    write("tick.js", "const { io } = require('./server');\nsetInterval(() => io.emit('tick'), 1000);\n");
    let before = LoweredFiles::default();
    let paths = || {
        let report = audit_again(root, &Config::default(), &before).unwrap().report;
        let fresh = audit(root, &Config::default()).unwrap().report;
        assert_eq!(serde_json::to_string(&report).unwrap(), serde_json::to_string(&fresh).unwrap());
        report.broadcast_paths.iter().map(|path| path.location.line).collect::<Vec<_>>()
    };
    assert_eq!(paths(), [2]);
    write("tick.js", "const { io } = require('./server');\n\nsetInterval(() => io.emit('tick'), 1000);\n");
    assert_eq!(paths(), [3]);
    write("tick.js", "require('./server');\n");
    assert_eq!(paths(), [0; 0]);
}

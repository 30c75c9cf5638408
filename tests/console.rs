//! What the streams show: colours, closed pipes, words that must not get out.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use std::process::Stdio;
use support::crosscast;

fn fixture() -> String {
    support::package().join("fixtures/socketio/chat-without-adapter").to_string_lossy().into_owned()
}

/// Standard output of a run.
fn shown(arguments: &[&str]) -> String {
    let output = crosscast().args(arguments).output().expect("a run");
    String::from_utf8(output.stdout).expect("UTF-8")
}

#[test]
fn colours_follow_the_option_and_the_terminal() {
    let root = fixture();
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
fn reports_hold_no_path_of_the_machine() {
    let root = fixture();
    for format in ["human", "json"] {
        let text = shown(&["--format", format, "--verbose", &root]);
        assert!(!text.is_empty() && !text.contains(&root), "{text}");
    }
}

#[test]
fn quiet_shows_one_line_per_check() {
    assert_eq!(shown(&["--quiet", &fixture()]).lines().count(), 2);
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut child =
        crosscast().args(["schema"]).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("a run");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("an end");
    assert_eq!(output.status.code(), Some(0));
    assert!(output.stderr.is_empty());
}

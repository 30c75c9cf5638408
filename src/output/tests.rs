//! Every format on the same report.

use super::*;
use crate::report::tests::{full_sample, report};

/// A report in a format.
fn shown(format: Format, change: impl FnOnce(&mut Style)) -> String {
    let sample = full_sample();
    let mut style = Style { color: false, width: 100, verbose: false, quiet: false, sources: &sample.project };
    change(&mut style);
    let mut out = Vec::new();
    format.write(&report(&sample, Vec::new()), &mut out, &style).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn human() {
    insta::assert_snapshot!(shown(Format::Human, |_| ()));
}

/// What is shown holds in the columns that there are, apart from what cannot be broken.
#[test]
fn lines_keep_to_the_width() {
    for width in [60, 80, 120] {
        let text = shown(Format::Human, |style| style.width = width);
        let long: Vec<&str> = text.lines().filter(|line| line.chars().count() > width).collect();
        assert!(long.is_empty(), "{width}: {long:#?}");
    }
}

#[test]
fn verbose_shows_every_call_between_a_trigger_and_its_delivery() {
    let text = shown(Format::Human, |style| style.verbose = true);
    let trigger = "Trigger: client event `message` (apps/chat/a.js:7) → onMessage (apps/chat/a.js:8)";
    assert!(text.contains(trigger), "{text}");
}

#[test]
fn quiet_shows_one_line_per_check() {
    insta::assert_snapshot!(shown(Format::Human, |style| style.quiet = true), @r"
FAIL pubsub-cross-instance     broadcast paths: 2 in-process, 1 pubsub-backed · integrations: 1 adapter
FAIL horizontal-scaling-ready  state types: shared message-history · in one process presence
");
}

#[test]
fn colours_appear_only_when_wanted() {
    assert!(!shown(Format::Human, |_| ()).contains('\u{1b}'));
    assert!(shown(Format::Human, |style| style.color = true).contains("\u{1b}[1;31mFAIL\u{1b}[0m"));
}

#[test]
fn json_is_the_report() {
    let text = shown(Format::Json, |_| ());
    let back: Report = serde_json::from_str(&text).unwrap();
    assert_eq!(back, report(&full_sample(), Vec::new()));
    assert!(text.ends_with("}\n"));
}

#[test]
fn long_lists_are_cut_unless_verbose() {
    let mut sample = full_sample();
    for line in 15..35 {
        sample = sample.path(crate::checks::tests::CHAT, line, crate::realtime::Reach::Process);
    }
    let report = report(&sample, Vec::new());
    let text = |verbose| {
        let style = Style { color: false, width: 100, verbose, quiet: false, sources: &sample.project };
        let mut out = Vec::new();
        Format::Human.write(&report, &mut out, &style).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert!(text(false).contains("apps/chat/a.js: 21 broadcasts (5 of 21 shown, --verbose shows all)"));
    assert_eq!(text(false).matches("Missed by").count(), 6);
    assert!(!text(true).contains("--verbose shows all"));
    assert_eq!(text(true).matches("Missed by").count(), 22);
}

#[test]
fn a_report_without_sources_still_reads() {
    struct Nothing;
    impl SourceText for Nothing {
        fn text(&self, _: &str) -> Option<&str> {
            None
        }
    }
    let text = shown(Format::Human, |style| style.sources = &Nothing);
    assert!(text.contains("b2 apps/chat/a.js:9:1  ws send `message` to all"), "{text}");
    assert!(text.contains("9 │ io.send()") && !text.contains("7 │"), "only the report's own code: {text}");
}

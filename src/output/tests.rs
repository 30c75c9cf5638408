//! Every format on the same report.

use super::*;
use crate::checks::tests::CHAT;
use crate::realtime::{Reach, Suppression};
use crate::report::tests::{full_sample, report};
use crate::source::{Problem, ProblemKind};

/// A report in a format.
fn shown(format: Format, change: impl FnOnce(&mut Style)) -> String {
    let sample = full_sample();
    in_format(format, &sample, &report(&sample, Vec::new()), change)
}

fn in_format(
    format: Format,
    sample: &crate::checks::tests::Sample,
    report: &Report,
    change: impl FnOnce(&mut Style),
) -> String {
    let mut style =
        Style { color: false, width: 100, verbose: false, quiet: false, prefix: "", sources: &sample.project };
    change(&mut style);
    let mut out = Vec::new();
    format.write(report, &mut out, &style).unwrap();
    String::from_utf8(out).unwrap()
}

/// One of everything, for the formats of other programs: what is suppressed and what was left out as well.
fn for_programs(format: Format) -> String {
    let mut sample = full_sample().path(CHAT, 20, Reach::Process).path(CHAT, 21, Reach::Process);
    sample.realtime.paths[3].suppressed = Some(Suppression::Comment("presenters share one machine".to_owned()));
    sample.realtime.paths[4].suppressed = Some(Suppression::Baseline);
    let problem =
        |file: &str, line, kind, message: &str| Problem { file: file.into(), line, kind, message: message.into() };
    let problems = vec![
        problem("apps/chat/100%, a:b.js", Some(3), ProblemKind::SyntaxError, "`{` is <never> closed."),
        problem("", None, ProblemKind::LimitReached, "It stopped."),
    ];
    in_format(format, &sample, &report(&sample, problems), |style| style.prefix = "services/")
}

#[test]
fn human() {
    insta::assert_snapshot!(shown(Format::Human, |_| ()));
}

#[test]
fn sarif() {
    // What `explain` prints stands in it in full; only the rest is compared here.
    let log: serde_json::Value = serde_json::from_str(&for_programs(Format::Sarif)).unwrap();
    let mut run = log["runs"][0].clone();
    for rule in run["tool"]["driver"]["rules"].as_array_mut().unwrap() {
        let rule = rule.as_object_mut().unwrap();
        rule.remove("help");
        rule.remove("fullDescription");
    }
    insta::assert_snapshot!(serde_json::to_string_pretty(&run).unwrap());
}

#[test]
fn github() {
    insta::assert_snapshot!(for_programs(Format::Github));
}

#[test]
fn unix() {
    insta::assert_snapshot!(for_programs(Format::Unix));
}

#[test]
fn markdown() {
    insta::assert_snapshot!(for_programs(Format::Markdown));
}

#[test]
fn junit() {
    insta::assert_snapshot!(for_programs(Format::Junit));
}

#[test]
fn gitlab() {
    insta::assert_snapshot!(for_programs(Format::Gitlab));
}

#[test]
fn mermaid() {
    insta::assert_snapshot!(for_programs(Format::Mermaid));
}

#[test]
fn dot() {
    insta::assert_snapshot!(for_programs(Format::Dot));
}

/// Without the style and the script, which stand in files of their own.
#[test]
fn html() {
    let page = for_programs(Format::Html);
    let (before, rest) = page.split_once("<style>").unwrap();
    let (_, rest) = rest.split_once("</style>").unwrap();
    let (body, rest) = rest.split_once("<script>").unwrap();
    let (_, after) = rest.split_once("</script>").unwrap();
    insta::assert_snapshot!(format!("{before}{body}{after}"));
    // The page loads nothing: an address may stand in a text, but in no attribute that fetches.
    for fetching in ["src=", "href=", "@import", "url(http"] {
        assert!(!page.contains(fetching), "{fetching}");
    }
}

/// The second of two equal calls has a fingerprint of its own, and none depends on the line.
#[test]
fn fingerprints_are_unique_and_outlive_a_move() {
    let of = |first: u32| {
        let sample = full_sample().path(CHAT, first, Reach::Process).path(CHAT, first + 2, Reach::Process);
        let report = report(&sample, Vec::new());
        let findings = findings::all(&report);
        findings.iter().map(|finding| finding.fingerprint.clone()).collect::<Vec<_>>()
    };
    let (before, after) = (of(20), of(30));
    assert_eq!(before, after);
    let unique: std::collections::BTreeSet<_> = before.iter().collect();
    assert_eq!(unique.len(), before.len());
}

/// What is shown holds in the columns that there are, apart from what cannot be broken.
#[test]
fn lines_keep_to_the_width() {
    for width in [60, 80, 120] {
        let text = shown(Format::Human, |style| style.width = width);
        let remedies = report(&full_sample(), Vec::new()).remedies;
        let code: Vec<&str> =
            remedies.iter().filter_map(|remedy| remedy.code.as_deref()).flat_map(str::lines).collect();
        let is_code = |line: &&str| code.iter().any(|each| each.starts_with(line.trim()));
        let long: Vec<&str> =
            text.lines().filter(|line| line.chars().count() > width).filter(|line| !is_code(line)).collect();
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
        let style = Style { color: false, width: 100, verbose, quiet: false, prefix: "", sources: &sample.project };
        let mut out = Vec::new();
        Format::Human.write(&report, &mut out, &style).unwrap();
        String::from_utf8(out).unwrap()
    };
    assert!(text(false).contains("apps/chat/a.js: 21 broadcasts (5 of 21 shown, --verbose shows all)"));
    assert_eq!(text(false).matches("× b").count(), 6);
    assert!(!text(true).contains("--verbose shows all"));
    assert_eq!(text(true).matches("× b").count(), 22);
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
    assert!(text.contains("× b2 clients of another instance miss `message` (ws send to all)"), "{text}");
    assert!(text.contains("    apps/chat/a.js:9:1: io.send()") && !text.contains('╭'), "{text}");
}

//! The report as bytes: ids, order, places and nulls.

use super::*;
use crate::checks::tests::{CHAT, GAME, Sample, at, path};
use crate::checks::{accept_baseline, judge, one_line};
use crate::realtime::{self, Mechanism, Reach, StateType, StoreClass, Suppression};
use crate::rules;
use crate::source::{Problem as SourceProblem, ProblemKind as SourceKind};

/// A sample with one of everything.
pub(crate) fn full_sample() -> Sample {
    let mut sample = Sample::two_services()
        .path(GAME, 4, Reach::Process)
        .path(CHAT, 9, Reach::Process)
        .path(CHAT, 3, Reach::Cluster)
        .store(12, StateType::Presence, StoreClass::InProcess)
        .store(14, StateType::MessageHistory, StoreClass::Shared)
        .integration(Mechanism::Adapter);
    let evidence = vec![realtime::Evidence { what: "no adapter attached".to_owned(), place: at(CHAT, 1) }];
    sample.realtime.endpoints.push(realtime::Endpoint {
        service: CHAT,
        transport: "ws".to_owned(),
        place: at(CHAT, 1),
        attachments: Vec::new(),
    });
    let frame = realtime::Frame { function: "onMessage".to_owned(), place: at(CHAT, 8) };
    let failing = &mut sample.realtime.paths[1];
    failing.endpoint = Some(realtime::EndpointId(0));
    failing.event = Some("message".to_owned());
    failing.evidence = evidence;
    failing.triggers.push(realtime::Trigger {
        kind: rules::TriggerKind::ClientEvent,
        name: Some("message".to_owned()),
        place: at(CHAT, 7),
        reach: Reach::Process,
        trace: vec![frame],
    });
    let written = realtime::Evidence { what: "written on connect".to_owned(), place: at(CHAT, 13) };
    sample.realtime.stores[0].evidence.push(written);
    sample.realtime.stores[1].backend = Some("mongodb".to_owned());
    sample.realtime.advisories.push(realtime::Advisory {
        code: "adapter-bypassed".to_owned(),
        message: "The sockets are iterated locally.".to_owned(),
        place: at(CHAT, 9),
        related: Vec::new(),
        service: Some(CHAT),
    });
    sample
}

pub(crate) fn report(sample: &Sample, problems: Vec<SourceProblem>) -> Report {
    let case = sample.case();
    let templates = Templates::builtin().unwrap();
    build(Inputs { case, judgement: &judge(case), baseline: None, problems, templates, packages: Vec::new() })
}

#[test]
fn ids_follow_the_place_and_findings_follow_the_ids() {
    let report = report(&full_sample(), Vec::new());
    let ids: Vec<(&str, u32, &str)> = report
        .broadcast_paths
        .iter()
        .map(|path| (path.id.as_str(), path.location.line, path.service.as_str()))
        .collect();
    assert_eq!(ids, [("b1", 3, "apps/chat"), ("b2", 9, "apps/chat"), ("b3", 4, "apps/game")]);
    assert_eq!(report.checks[0].findings, ["b2", "b3"]);
    assert_eq!(report.checks[1].findings, ["s1"]);
    let services: Vec<_> = report.services.iter().map(|service| (&*service.root, &*service.name)).collect();
    assert_eq!(services, [("apps/chat", "chat"), ("apps/game", "game")]);
}

#[test]
fn every_field_is_written() {
    let report = report(&full_sample(), Vec::new());
    let json = serde_json::to_value(&report.broadcast_paths[1]).unwrap();
    let place = |line: u32, end: u32| serde_json::json!({ "file": "apps/chat/a.js", "line": line, "column": 1, "endLine": line, "endColumn": end });
    let expected = serde_json::json!({
        "id": "b2", "service": "apps/chat", "location": place(9, 10), "code": "io.send()",
            "function": null,
            "fingerprint": "563c7b07afbd25ca",
        "transport": "ws", "operation": "send", "event": "message", "scope": "all",
        "reach": "process", "classification": "in-process", "mechanism": "none",
        "backend": null, "role": null, "condition": null, "defect": null, "confidence": "certain",
        "endpoint": { "file": "apps/chat/a.js", "line": 1 },
        "evidence": [{ "what": "no adapter attached", "location": place(1, 10) }],
        "triggers": [{ "kind": "client-event", "name": "message", "location": place(7, 10), "reach": "process",
                       "trace": [{ "function": "onMessage", "location": place(8, 10) }] }],
        "suppressed": null,
    });
    assert_eq!(json, expected);
}

#[test]
fn counts_have_the_words_of_the_criteria() {
    let report = report(&full_sample(), Vec::new());
    let counts = |index: usize| serde_json::to_value(&report.checks[index].counts).unwrap();
    let paths = serde_json::json!({
        "paths": 3, "inProcess": 2, "pubsubBacked": 1, "suppressed": 0, "integrations": 1,
        "integrationsByKind": { "adapter": 1 },
    });
    assert_eq!(counts(0), paths);
    let state = serde_json::json!({
        "stores": 2, "suppressed": 0, "held": 2, "shared": 1, "sole": 1,
        "heldTypes": ["presence", "message-history"], "sharedTypes": ["message-history"], "soleTypes": ["presence"],
    });
    assert_eq!(counts(1), state);
}

#[test]
fn suppressed_items_stay_with_their_reason() {
    let mut sample = Sample::chat().path(CHAT, 1, Reach::Process).path(CHAT, 2, Reach::Process);
    sample.realtime.paths[0].suppressed = Some(Suppression::LocalFlag);
    sample.realtime.paths[1].suppressed = Some(Suppression::Fallback("!redis".to_owned()));
    let report = report(&sample, Vec::new());
    let suppressed: Vec<_> =
        report.broadcast_paths.iter().map(|path| serde_json::to_value(&path.suppressed).unwrap()).collect();
    let fallback = serde_json::json!({ "by": "fallback", "reason": "!redis" });
    assert_eq!(suppressed, [serde_json::json!({ "by": "local-flag", "reason": null }), fallback]);
}

#[test]
fn problems_are_sorted_and_said_once() {
    let problem = |file: &str, line| SourceProblem {
        file: file.into(),
        line,
        kind: SourceKind::SyntaxError,
        message: "Unexpected token.".to_owned(),
    };
    let problems = vec![problem("b.js", Some(3)), problem("a.js", None), problem("b.js", Some(3))];
    let report = report(&Sample::chat(), problems);
    let places: Vec<_> = report.problems.iter().map(|problem| (&*problem.file, problem.line)).collect();
    assert_eq!(places, [("a.js", None), ("b.js", Some(3))]);
}

#[test]
fn the_order_of_the_analysis_does_not_show() {
    let mut sample = full_sample();
    let forwards = report(&sample, Vec::new()).broadcast_paths;
    sample.realtime.paths.reverse();
    assert_eq!(report(&sample, Vec::new()).broadcast_paths, forwards);
}

#[test]
fn code_is_one_line() {
    assert_eq!(one_line("io\n  .to(room)\n  .emit('a', {\n    b: 1,\n  })"), "io.to(room).emit('a', { b: 1, })");
    assert_eq!(one_line("send(\n  client,\n  data\n)"), "send(client, data)");
    let long = one_line(&"é".repeat(500));
    assert_eq!(long.chars().count(), 201);
    assert!(long.ends_with('…'));
}

#[test]
fn paths_of_unknown_places_do_not_break_the_report() {
    let mut sample = Sample::chat();
    let mut beyond = path(CHAT, 1, Reach::Process);
    beyond.place.span.end = 1_000_000;
    sample.realtime.paths.push(beyond);
    assert_eq!(report(&sample, Vec::new()).broadcast_paths[0].code, "");
}

#[test]
fn a_baseline_accepts_what_it_names_and_no_more() {
    let mut sample = full_sample();
    let baseline = report(&sample, Vec::new()).failures();
    let known: crate::config::Baseline = baseline.iter().cloned().map(Into::into).collect();
    accept_baseline(&sample.project, &sample.graph, &mut sample.realtime, &known);
    let accepted = report(&sample, Vec::new());
    assert_eq!(accepted.checks[0].status, Status::Pass);
    assert_eq!(accepted.checks[1].reason, Reason::NothingSole);
    let by = |path: &BroadcastPath| path.suppressed.as_ref().map(|suppressed| suppressed.by);
    let suppressed: Vec<_> = accepted.broadcast_paths.iter().map(by).collect();
    assert_eq!(suppressed, [None, Some(SuppressedBy::Baseline), Some(SuppressedBy::Baseline)]);
    assert_eq!(accepted.failures(), baseline, "a baseline is kept by the report that used it");

    let mut sample = full_sample().path(CHAT, 20, Reach::Process);
    accept_baseline(&sample.project, &sample.graph, &mut sample.realtime, &known);
    assert_eq!(report(&sample, Vec::new()).checks[0].findings, ["b3"], "the same code once more is new");
}

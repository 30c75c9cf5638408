//! Findings as diagnostics, each with the places that explain it.

use lsp_types::{Diagnostic, DiagnosticRelatedInformation, DiagnosticSeverity, NumberOrString};
use std::collections::BTreeMap;

use super::snapshot::{Snapshot, id_of};
use crate::output::findings::{Finding, Level, Subject, headline};
use crate::output::words;
use crate::report::{Evidence, Location, Trigger};

/// Related places of one diagnostic; more would bury the first.
const RELATED: usize = 20;

/// Diagnostics by file of the report; problems of the whole audit have no file and are left out.
pub(super) fn of(snapshot: &Snapshot) -> BTreeMap<String, Vec<Diagnostic>> {
    let mut files: BTreeMap<String, Vec<Diagnostic>> = BTreeMap::new();
    for finding in snapshot.findings() {
        let file = finding.at().file;
        if !file.is_empty() {
            files.entry(file.to_owned()).or_default().push(diagnostic(snapshot, &finding));
        }
    }
    files
}

fn diagnostic(snapshot: &Snapshot, finding: &Finding) -> Diagnostic {
    let severity = match finding.level {
        Level::Error => DiagnosticSeverity::ERROR,
        Level::Warning => DiagnosticSeverity::WARNING,
        Level::Note => DiagnosticSeverity::INFORMATION,
    };
    let id = id_of(finding);
    let remedy = id.and_then(|id| snapshot.remedy(id));
    let fix = remedy.map(|remedy| format!("\nWhat to do: {}.", remedy.title)).unwrap_or_default();
    let related = match finding.subject {
        Subject::Path(path) => {
            let triggers = path.triggers.iter().flat_map(|trigger| of_trigger(snapshot, trigger));
            of_evidence(snapshot, &path.evidence).chain(triggers).collect()
        }
        Subject::Store(store) => of_evidence(snapshot, &store.evidence).collect(),
        Subject::Advisory(advisory) => of_evidence(snapshot, &advisory.related).collect(),
        Subject::Problem(_) => Vec::new(),
    };
    Diagnostic {
        range: snapshot.range(finding),
        severity: Some(severity),
        code: Some(NumberOrString::String(finding.rule.to_owned())),
        source: Some("crosscast".to_owned()),
        message: format!("{}.{fix}", words::capitalised(&headline(finding))),
        related_information: Some(first_of(related)),
        data: id.map(serde_json::Value::from),
        ..Diagnostic::default()
    }
}

/// Each place once, and not too many.
fn first_of(related: Vec<DiagnosticRelatedInformation>) -> Vec<DiagnosticRelatedInformation> {
    let mut kept: Vec<DiagnosticRelatedInformation> = Vec::new();
    for each in related {
        if kept.len() < RELATED && !kept.contains(&each) {
            kept.push(each);
        }
    }
    kept
}

fn of_trigger(snapshot: &Snapshot, trigger: &Trigger) -> Vec<DiagnosticRelatedInformation> {
    let start = related(snapshot, format!("runs on {}", words::trigger(trigger)), &trigger.location);
    let frames = trigger.trace.iter();
    let frames = frames.filter_map(|frame| related(snapshot, format!("in {}", frame.function), &frame.location));
    start.into_iter().chain(frames).collect()
}

fn of_evidence<'s>(
    snapshot: &'s Snapshot,
    evidence: &'s [Evidence],
) -> impl Iterator<Item = DiagnosticRelatedInformation> + 's {
    evidence.iter().filter_map(|each| related(snapshot, each.what.clone(), &each.location))
}

fn related(snapshot: &Snapshot, message: String, location: &Location) -> Option<DiagnosticRelatedInformation> {
    Some(DiagnosticRelatedInformation { location: snapshot.location(location)?, message })
}

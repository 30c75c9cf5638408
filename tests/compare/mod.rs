//! Compares a report with a fixture's expectations, both ways, and says what to write where they differ.

mod rows;

use crate::support::annotation::{Annotation, Kind};
use crate::support::expectations::Expectations;
use rows::Row;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// Differences between the rows of the report and the expectations on lines.
pub(crate) fn lines(report: &Value, annotations: &[Annotation], expectations: &Expectations) -> Vec<String> {
    let mut differences = Vec::new();
    for kind in [Kind::Path, Kind::Store] {
        differences.extend(compare_kind(rows::of_kind(report, kind), kind, annotations));
    }
    let mut wanted: Vec<_> = annotations.iter().filter(|a| a.kind == Kind::Advisory).cloned().collect();
    for text in expectations.advisories.iter().flatten() {
        match advisory(text) {
            Some(annotation) => wanted.push(annotation),
            None => differences.push(format!("expect.toml: `{text}` is not CODE FILE:LINE")),
        }
    }
    if !wanted.is_empty() || expectations.advisories.is_some() {
        differences.extend(compare_kind(rows::of_kind(report, Kind::Advisory), Kind::Advisory, &wanted));
    }
    differences
}

fn advisory(text: &str) -> Option<Annotation> {
    let (code, place) = text.split_once(' ')?;
    let (file, line) = place.rsplit_once(':')?;
    Annotation::parse(file, line.parse().ok()?, &format!("advisory: {code}")).ok()
}

/// Pairs rows and expectations of one kind that lie on the same line, the best fitting first.
fn compare_kind<'a>(rows: Vec<Row<'a>>, kind: Kind, annotations: &'a [Annotation]) -> Vec<String> {
    let mut by_line: BTreeMap<(String, u64), Line> = BTreeMap::new();
    for annotation in annotations.iter().filter(|annotation| annotation.kind == kind) {
        by_line.entry((annotation.file.clone(), annotation.line)).or_default().wanted.push(annotation);
    }
    for row in rows {
        by_line.entry((row.file.clone(), row.line)).or_default().found.push(row);
    }
    by_line.into_values().flat_map(compare_line).collect()
}

/// What is expected and what is reported on one line.
#[derive(Default)]
struct Line<'a> {
    wanted: Vec<&'a Annotation>,
    found: Vec<Row<'a>>,
}

fn compare_line(line: Line) -> Vec<String> {
    let Line { wanted, mut found } = line;
    let mut differences = Vec::new();
    let mut unmet = Vec::new();
    for annotation in wanted {
        match found.iter().position(|row| row.differences(annotation).is_empty()) {
            Some(index) => drop(found.remove(index)),
            None => unmet.push(annotation),
        }
    }
    for annotation in unmet {
        let place = format!("{}:{}", annotation.file, annotation.line);
        if found.is_empty() {
            differences.push(format!("missing     {place}  //~ {}", annotation.text));
            continue;
        }
        let row = found.remove(0);
        let why = row.differences(annotation).join(", ");
        differences.push(format!("differs     {place}  //~ {}", annotation.text));
        differences.push(format!("            found: //~ {}  ({why})", row.text()));
    }
    for row in found {
        differences.push(format!("unexpected  {}:{}  //~ {}    {}", row.file, row.line, row.text(), row.code()));
    }
    differences
}

/// Differences in what the report says beside its lines.
pub(crate) fn whole(report: &Value, expectations: &Expectations) -> Vec<String> {
    let mut differences = verdicts("the root", &report["checks"], &expectations.checks);
    if let Some(services) = &expectations.services {
        differences.extend(compare_services(report, services));
    }
    if let Some(wanted) = &expectations.integrations {
        let found = rows::list(report, "integrations").map(rows::integration).collect();
        differences.extend(compare_lists("integration", wanted, found));
    }
    if let Some(wanted) = &expectations.deployment {
        let found = rows::list(&report["deployment"], "evidence").map(rows::evidence).collect();
        differences.extend(compare_lists("deployment evidence", wanted, found));
    }
    if let Some(wanted) = expectations.live {
        let says = |check: &Value| {
            check["detail"].as_str().is_some_and(|detail| {
                detail.contains("everal instances are deployed") || detail.contains("contradicted by")
            })
        };
        let found = rows::list(report, "checks").any(says);
        if found != wanted {
            differences.push(format!("live        expected {wanted}, found {found}"));
        }
    }
    let found = rows::list(report, "problems").map(rows::problem).collect();
    differences.extend(compare_lists("problem", &expectations.problems, found));
    differences
}

fn compare_services(report: &Value, wanted: &BTreeMap<String, BTreeMap<String, String>>) -> Vec<String> {
    let mut differences = Vec::new();
    let mut seen = BTreeSet::new();
    for service in rows::list(report, "services") {
        let root = match service["root"].as_str().unwrap_or_default() {
            "" => ".",
            root => root,
        };
        seen.insert(root);
        match wanted.get(root) {
            Some(checks) => differences.extend(verdicts(root, &service["checks"], checks)),
            None => differences.push(format!("unexpected  service `{root}`")),
        }
    }
    let missing = wanted.keys().filter(|root| !seen.contains(root.as_str()));
    differences.extend(missing.map(|root| format!("missing     service `{root}`")));
    differences
}

/// Compares `STATUS` or `STATUS REASON` with the checks of the root or a service.
fn verdicts(of: &str, found: &Value, wanted: &BTreeMap<String, String>) -> Vec<String> {
    let mut differences = Vec::new();
    for (name, wanted) in wanted {
        let check = found.as_array().into_iter().flatten().find(|check| check["name"] == name.as_str());
        let Some(check) = check else {
            differences.push(format!("missing     check {name} of {of}"));
            continue;
        };
        let (status, reason) = wanted.split_once(' ').unwrap_or((wanted, ""));
        if check["status"] != status || (!reason.is_empty() && check["reason"] != reason) {
            let found = format!("{} {}", rows::word(&check["status"]), rows::word(&check["reason"]));
            differences.push(format!("verdict     {name} of {of}: expected `{wanted}`, found `{found}`"));
        }
    }
    differences
}

/// Compares lists of texts; an expectation may leave out the last words of what it expects.
fn compare_lists(what: &str, wanted: &[String], mut found: Vec<String>) -> Vec<String> {
    let mut differences = Vec::new();
    for wanted in wanted {
        let matches = |found: &String| found == wanted || found.starts_with(&format!("{wanted} "));
        match found.iter().position(matches) {
            Some(index) => drop(found.remove(index)),
            None => differences.push(format!("missing     {what} `{wanted}`")),
        }
    }
    differences.extend(found.into_iter().map(|found| format!("unexpected  {what} `{found}`")));
    differences
}

/// What every report owes its readers, whatever it reports: order, ids, references and counts.
pub(crate) fn contract(report: &Value) -> Vec<String> {
    let mut broken = Vec::new();
    if report["schemaVersion"] != 1 {
        broken.push("contract    schemaVersion is not 1".to_owned());
    }
    let mut ids = BTreeSet::new();
    for (list, prefix) in [("broadcastPaths", 'b'), ("stateStores", 's'), ("integrations", 'i')] {
        let mut last = None;
        for (index, row) in rows::list(report, list).enumerate() {
            let id = format!("{prefix}{}", index + 1);
            if row["id"] != id.as_str() {
                broken.push(format!("contract    {list}[{index}] has the id {}, not {id}", row["id"]));
            }
            let place = rows::place(row);
            if last.is_some_and(|last| last > place) {
                broken.push(format!("contract    {list} are not ordered by place at {id}"));
            }
            last = Some(place);
            ids.insert(id);
        }
    }
    for path in rows::list(report, "broadcastPaths") {
        let class = if path["reach"] == "cluster" { "pubsub-backed" } else { "in-process" };
        if path["classification"] != class {
            broken.push(format!(
                "contract    {} has reach {} but is {}",
                path["id"], path["reach"], path["classification"]
            ));
        }
    }
    for check in rows::list(report, "checks") {
        for finding in rows::list(check, "findings").filter_map(Value::as_str) {
            if !ids.contains(finding) {
                broken.push(format!("contract    {} names {finding}, which does not exist", check["name"]));
            }
        }
    }
    broken
}

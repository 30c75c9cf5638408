//! Rows of a report, and how they are written as expectations.

use crate::support::annotation::{Annotation, Kind};
use serde_json::Value;

/// A row of a report that lies on a line.
pub(crate) struct Row<'a> {
    /// File.
    pub(crate) file: String,
    /// 1-based line.
    pub(crate) line: u64,
    kind: Kind,
    value: &'a Value,
}

/// The rows of one kind.
pub(crate) fn of_kind(report: &Value, kind: Kind) -> Vec<Row<'_>> {
    let name = match kind {
        Kind::Path => "broadcastPaths",
        Kind::Store => "stateStores",
        Kind::Advisory => "advisories",
        Kind::None => return Vec::new(),
    };
    let row = |value| {
        let (file, line, _) = place(value);
        Row { file, line, kind, value }
    };
    list(report, name).map(row).collect()
}

impl Row<'_> {
    /// The row's source text, where the report has it.
    pub(crate) fn code(&self) -> &str {
        self.value["code"].as_str().or(self.value["name"].as_str()).unwrap_or_default()
    }

    /// The row as the text of an expectation.
    pub(crate) fn text(&self) -> String {
        let value = self.value;
        match self.kind {
            Kind::Path => {
                let place = format!("{}/{}", word(&value["reach"]), word(&value["mechanism"]));
                let words = [place, word(&value["scope"])].into_iter().chain(self.marks()).collect::<Vec<_>>();
                format!("path: {}", words.join(" "))
            }
            Kind::Store => {
                let words = [word(&value["classification"]), word(&value["stateType"])];
                let words = words.into_iter().chain(self.marks()).collect::<Vec<_>>();
                format!("store: {}", words.join(" "))
            }
            Kind::Advisory => format!("advisory: {}", word(&value["code"])),
            Kind::None => String::new(),
        }
    }

    /// Words that must stand in an expectation when they apply, and must not when they do not.
    fn marks(&self) -> Vec<String> {
        let value = self.value;
        let mut marks = Vec::new();
        if self.kind == Kind::Path {
            if let Some(defect) = value["defect"].as_str() {
                marks.push(format!("defect={defect}"));
            }
            if value["role"] == "local-echo" {
                marks.push("local-echo".to_owned());
            }
            if value["confidence"] != "certain" {
                marks.push(format!("confidence={}", word(&value["confidence"])));
            }
        }
        if self.kind == Kind::Store {
            let also = list(value, "alsoTypes").map(word);
            marks.extend(also.map(|also| format!("also={also}")));
            if value["covered"] == true {
                marks.push("covered".to_owned());
            }
        }
        if value["condition"].is_string() {
            marks.push("condition".to_owned());
        }
        if let Some(by) = value["suppressed"]["by"].as_str() {
            marks.push(format!("suppressed={by}"));
        }
        marks
    }

    /// What the expectation and the row disagree on.
    pub(crate) fn differences(&self, annotation: &Annotation) -> Vec<String> {
        let value = self.value;
        if self.kind == Kind::Advisory {
            let same = value["code"] == annotation.words[0].as_str();
            return if same { Vec::new() } else { vec!["code".to_owned()] };
        }
        let mut differences = Vec::new();
        let heads = match self.kind {
            Kind::Path => {
                [format!("{}/{}", word(&value["reach"]), word(&value["mechanism"])), word(&value["scope"])]
            }
            _ => [word(&value["classification"]), word(&value["stateType"])],
        };
        for (found, wanted) in heads.iter().zip(&annotation.words) {
            if found != wanted {
                differences.push(format!("{found}, not {wanted}"));
            }
        }
        let (marks, extras): (Vec<&String>, Vec<&String>) =
            annotation.words[2..].iter().partition(|word| is_mark(word));
        let found = self.marks();
        differences.extend(marks.iter().filter(|mark| !found.contains(mark)).map(|mark| format!("no {mark}")));
        differences.extend(found.iter().filter(|mark| !marks.contains(mark)).cloned());
        differences.extend(extras.into_iter().filter(|extra| !self.has(extra)).map(|extra| format!("no {extra}")));
        differences
    }

    /// Whether a word that is checked only where it is stated holds.
    fn has(&self, word: &str) -> bool {
        let Some((key, wanted)) = word.split_once('=') else { return false };
        match key {
            "trigger" => list(self.value, "triggers").any(|trigger| is_trigger(trigger, wanted)),
            "not-trigger" => !list(self.value, "triggers").any(|trigger| is_trigger(trigger, wanted)),
            "name" | "container" | "backend" | "event" | "transport" | "operation" => self.value[key] == wanted,
            _ => false,
        }
    }
}

/// Whether a word belongs to [`Row::marks`].
fn is_mark(word: &str) -> bool {
    let key = word.split_once('=').map_or(word, |(key, _)| key);
    matches!(key, "defect" | "local-echo" | "confidence" | "also" | "covered" | "condition" | "suppressed")
}

/// `KIND` or `KIND:NAME`.
fn is_trigger(trigger: &Value, wanted: &str) -> bool {
    match wanted.split_once(':') {
        Some((kind, name)) => trigger["kind"] == kind && trigger["name"] == name,
        None => trigger["kind"] == wanted,
    }
}

/// The elements of an array member, or nothing.
pub(crate) fn list<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value[name].as_array().into_iter().flatten()
}

/// A string member as text; null is `-`.
pub(crate) fn word(value: &Value) -> String {
    value.as_str().unwrap_or("-").to_owned()
}

/// File, line and column of a row.
pub(crate) fn place(row: &Value) -> (String, u64, u64) {
    let location = &row["location"];
    let number = |key: &str| location[key].as_u64().unwrap_or_default();
    (word(&location["file"]), number("line"), number("column"))
}

/// `KIND BACKEND FILE:LINE`.
pub(crate) fn integration(row: &Value) -> String {
    let (file, line, _) = place(row);
    format!("{} {} {file}:{line}", word(&row["kind"]), word(&row["backend"]))
}

/// `KIND VALUE FILE:LINE services=FOLDER,…`.
pub(crate) fn evidence(row: &Value) -> String {
    let (file, line, _) = place(row);
    let services: Vec<_> = list(row, "services").map(word).collect();
    format!("{} {} {file}:{line} services={}", word(&row["kind"]), word(&row["value"]), services.join(","))
}

/// `KIND FILE`.
pub(crate) fn problem(row: &Value) -> String {
    format!("{} {}", word(&row["kind"]), word(&row["file"]))
}

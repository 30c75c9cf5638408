//! SARIF 2.1.0, for code scanning: every finding with its rule, its traces, and a fingerprint that outlives edits.

mod model;
mod rules;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::findings::{self, Finding, Level, Subject};
use super::{Style, words};
use crate::report::{self, BroadcastPath, Evidence, Report, SuppressedBy, Trigger};
use model::*;
use rules::Rules;

/// What relative URIs are relative to; code scanning and most viewers take it for the root of the repository.
const BASE: &str = "SRCROOT";
/// The version of the fingerprint; a new way to make it needs a new name.
const FINGERPRINT: &str = "crosscast/v1";

/// Writes the log and a line break.
pub(super) fn write(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let writer = Writer { prefix: style.prefix };
    let findings = findings::all(report);
    let mut rules = Rules::new(|code| findings.iter().any(|finding| finding.rule == code))?;
    let (problems, results): (Vec<_>, Vec<_>) =
        findings.iter().partition(|finding| matches!(finding.subject, Subject::Problem(_)));
    let results = results.into_iter().map(|finding| writer.result(finding, &mut rules)).collect();
    let notifications = problems.into_iter().map(|finding| writer.notification(finding)).collect();
    let verdicts = report.checks.iter().map(findings::verdict_line).map(serde_json::Value::from).collect();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: Tool {
                driver: Driver {
                    name: &report.tool.name,
                    semantic_version: &report.tool.version,
                    rules: rules.list,
                },
            },
            invocations: [Invocation { execution_successful: true, tool_execution_notifications: notifications }],
            original_uri_base_ids: BTreeMap::from([(
                BASE,
                Base { description: Text { text: "The folder that crosscast was started in.".to_owned() } },
            )]),
            column_kind: "utf16CodeUnits",
            results,
            properties: BTreeMap::from([("verdicts", serde_json::Value::Array(verdicts))]),
        }],
    };
    serde_json::to_writer_pretty(&mut *out, &log)?;
    writeln!(out)
}

struct Writer<'a> {
    prefix: &'a str,
}

impl Writer<'_> {
    fn result<'r>(&self, finding: &Finding<'r>, rules: &mut Rules) -> SarifResult<'r> {
        let rule_index = rules.index(finding.rule);
        let mut result = SarifResult {
            rule_id: rules.list[rule_index].id.clone(),
            rule_index,
            level: level(finding.level),
            message: Text { text: format!("{}.", finding.message) },
            locations: vec![self.place(finding)],
            partial_fingerprints: BTreeMap::from([(FINGERPRINT, finding.fingerprint.clone())]),
            related_locations: Vec::new(),
            code_flows: Vec::new(),
            suppressions: finding.suppressed().map(suppression).into_iter().collect(),
            properties: BTreeMap::new(),
        };
        match finding.subject {
            Subject::Path(path) => {
                result.related_locations = self.related(&path.evidence);
                result.code_flows = path.triggers.iter().map(|trigger| self.flow(trigger, path)).collect();
                result.properties.insert("confidence", path.confidence.word().into());
            }
            Subject::Store(store) => {
                result.related_locations = self.related(&store.evidence);
                result.properties.insert("confidence", store.confidence.word().into());
            }
            Subject::Advisory(advisory) => result.related_locations = self.related(&advisory.related),
            Subject::Problem(_) => {}
        }
        result
    }

    fn notification<'r>(&self, finding: &Finding<'r>) -> Notification<'r> {
        let has_file = !finding.at().file.is_empty();
        Notification {
            descriptor: Descriptor { id: finding.rule },
            level: level(finding.level),
            message: Text { text: format!("{}.", finding.message) },
            locations: has_file.then(|| self.place(finding)).into_iter().collect(),
        }
    }

    /// From the trigger through the calls to the delivery.
    fn flow(&self, trigger: &Trigger, path: &BroadcastPath) -> CodeFlow {
        let frames = trigger.trace.iter().map(|frame| (format!("in {}", frame.function), &frame.location));
        let steps = std::iter::once((words::trigger(trigger), &trigger.location)).chain(frames);
        let steps = steps.chain([(format!("{} {}", path.operation, words::whom(path.scope)), &path.location)]);
        let locations = steps.map(|(text, location)| Step { location: self.location(location, Some(text), None) });
        CodeFlow {
            message: Text { text: format!("Runs on {}.", words::trigger(trigger)) },
            thread_flows: [ThreadFlow { locations: locations.collect() }],
        }
    }

    fn related(&self, evidence: &[Evidence]) -> Vec<Location> {
        let numbered = evidence.iter().enumerate();
        numbered.map(|(id, each)| self.location(&each.location, Some(each.what.clone()), Some(id + 1))).collect()
    }

    fn location(&self, location: &report::Location, message: Option<String>, id: Option<usize>) -> Location {
        let region = Region {
            start_line: location.line,
            start_column: Some(location.column),
            end_line: location.end_line,
            end_column: Some(location.end_column),
        };
        self.physical(&location.file, region, message.map(|text| Text { text }), id)
    }

    fn place(&self, finding: &Finding) -> Location {
        let at = finding.at();
        let (start_column, end_column) = at.columns.unzip();
        let region = Region { start_line: at.lines.0, start_column, end_line: at.lines.1, end_column };
        self.physical(at.file, region, None, None)
    }

    fn physical(&self, file: &str, region: Region, message: Option<Text>, id: Option<usize>) -> Location {
        let artifact_location = ArtifactLocation { uri: uri(&format!("{}{file}", self.prefix)), uri_base_id: BASE };
        Location { id, physical_location: PhysicalLocation { artifact_location, region }, message }
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

/// A baseline stands outside the source; everything else is said by the source itself (section 3.35.2).
fn suppression(suppressed: &report::Suppressed) -> Suppression<'_> {
    let kind = if suppressed.by == SuppressedBy::Baseline { "external" } else { "inSource" };
    Suppression { kind, justification: suppressed.reason.as_deref() }
}

/// A relative path as a relative URI reference: what RFC 3986 does not allow in a path segment is escaped, and so is a
/// colon, which would make a scheme of the first segment.
fn uri(path: &str) -> String {
    let mut uri = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z'
            | b'A'..=b'Z'
            | b'0'..=b'9'
            | b'/'
            | b'-'
            | b'.'
            | b'_'
            | b'~'
            | b'@'
            | b'$'
            | b'&'
            | b'\''
            | b'('
            | b')'
            | b'*'
            | b'+'
            | b','
            | b';'
            | b'='
            | b'!' => uri.push(char::from(byte)),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::uri;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("apps/chat/a.js"), "apps/chat/a.js");
        assert_eq!(uri("app/[id]/ü 1#%.ts"), "app/%5Bid%5D/%C3%BC%201%23%25.ts");
        assert_eq!(uri("c:x.js"), "c%3Ax.js");
    }
}

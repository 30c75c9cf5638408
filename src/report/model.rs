//! The shape of the report, schema version 1.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

use super::words::*;

/// The version of this shape. Additions do not change it.
pub const SCHEMA_VERSION: u32 = 1;

/// What crosscast found, in full.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// The version of this shape.
    pub schema_version: u32,
    /// Who wrote it.
    pub tool: Tool,
    /// The audited root; all paths are relative to it.
    pub root: String,
    /// The verdicts on the root: per check, the worst over its services.
    pub checks: Vec<CheckResult>,
    /// The services, each with its own verdicts.
    pub services: Vec<Service>,
    /// Every place that hands a message to other clients.
    pub broadcast_paths: Vec<BroadcastPath>,
    /// Every place where realtime state lives.
    pub state_stores: Vec<StateStore>,
    /// Every pub/sub attachment in use.
    pub integrations: Vec<Integration>,
    /// How many instances run, as far as the repository says.
    pub deployment: Deployment,
    /// How the findings compare with those of an earlier audit; null where none was given.
    pub baseline: Option<BaselineComparison>,
    /// Things that are wired up, but wrong; they never decide a verdict by themselves.
    pub advisories: Vec<Advisory>,
    /// What to do about the findings; absent from reports of earlier versions.
    #[serde(default)]
    pub remedies: Vec<Remedy>,
    /// What could not be read or understood.
    pub problems: Vec<Problem>,
    /// How much was looked at.
    pub stats: Stats,
}

/// The program that wrote a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Tool {
    /// `crosscast`.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// The verdict of one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CheckResult {
    /// The full id.
    pub id: String,
    /// The short name.
    pub name: String,
    /// How bad a failure is.
    pub severity: Severity,
    /// The outcome.
    pub status: Status,
    /// Why, as a word.
    pub reason: Reason,
    /// Why, as a sentence.
    pub detail: String,
    /// What was counted.
    pub counts: Counts,
    /// Ids of the paths or stores that make it fail; empty unless it fails.
    pub findings: Vec<String>,
    /// Ids of the paths or stores that would make it fail under a stricter policy; empty unless it passes.
    pub warnings: Vec<String>,
}

/// What a check counted; on the root, over all services.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Counts {
    /// Of `pubsub-cross-instance`.
    Paths(PathCounts),
    /// Of `horizontal-scaling-ready`.
    State(StateCounts),
}

/// Broadcast paths by class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct PathCounts {
    /// Unsuppressed paths.
    pub paths: usize,
    /// Those that stay inside one instance or host.
    pub in_process: usize,
    /// Those that reach every instance.
    pub pubsub_backed: usize,
    /// Suppressed paths, which count nowhere else.
    pub suppressed: usize,
    /// Integrations that cross instances.
    pub integrations: usize,
    /// Integrations of every kind, those that stay on one host included.
    pub integrations_by_kind: BTreeMap<String, usize>,
}

/// State types by where they live.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateCounts {
    /// Unsuppressed stores, those of connections included.
    pub stores: usize,
    /// Suppressed stores, which count nowhere else.
    pub suppressed: usize,
    /// State types that are held at all.
    pub held: usize,
    /// Named types with a shared store.
    pub shared: usize,
    /// Types with a store of one process or disk that no shared store covers.
    pub sole: usize,
    /// The types behind `held`.
    pub held_types: Vec<StateType>,
    /// The types behind `shared`.
    pub shared_types: Vec<StateType>,
    /// The types behind `sole`.
    pub sole_types: Vec<StateType>,
}

/// A service: the nearest `package.json` folder that holds a realtime endpoint.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Service {
    /// Its folder; `.` for the root itself.
    pub root: String,
    /// The package's name, else the folder's.
    pub name: String,
    /// Its verdicts.
    pub checks: Vec<CheckResult>,
}

/// A range in a file: 1-based lines, 1-based columns in UTF-16 units, exclusive end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Location {
    /// Path relative to the root, with `/`.
    pub file: String,
    /// First line.
    pub line: u32,
    /// First column.
    pub column: u32,
    /// Last line.
    pub end_line: u32,
    /// Column after the last character.
    pub end_column: u32,
}

/// A line in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Line {
    /// Path relative to the root, with `/`.
    pub file: String,
    /// The line.
    pub line: u32,
}

/// One link of a chain of reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Evidence {
    /// What is to be seen there.
    pub what: String,
    /// Where.
    pub location: Location,
}

/// A place that hands a message to other clients than the one being handled.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct BroadcastPath {
    /// `b1`, `b2`, … in order of place.
    pub id: String,
    /// The folder of its service.
    pub service: String,
    /// The delivery call.
    pub location: Location,
    /// Its source text on one line.
    pub code: String,
    /// The innermost named function around it, with its class.
    pub function: Option<String>,
    /// What makes it the same path in a later version of the code: a hash of check, operation, code without layout, and
    /// function.
    pub fingerprint: String,
    /// The transport.
    pub transport: String,
    /// The delivering method.
    pub operation: String,
    /// The event, if constant.
    pub event: Option<String>,
    /// Whom it addresses.
    pub scope: Scope,
    /// How far it gets.
    pub reach: Reach,
    /// What that means for a second instance.
    pub classification: Classification,
    /// By what it crosses instances.
    pub mechanism: Mechanism,
    /// The shared system behind it.
    pub backend: Option<String>,
    /// Its part in a relay.
    pub role: Option<Role>,
    /// The condition under which its adapter or relay exists, as source text.
    pub condition: Option<String>,
    /// Why its adapter or relay cannot work.
    pub defect: Option<Defect>,
    /// How it is known.
    pub confidence: Confidence,
    /// Where its endpoint is created.
    pub endpoint: Option<Line>,
    /// Reasons.
    pub evidence: Vec<Evidence>,
    /// What makes it run.
    pub triggers: Vec<Trigger>,
    /// Why it does not count.
    pub suppressed: Option<Suppressed>,
}

/// What makes a broadcast path run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Trigger {
    /// What kind.
    pub kind: TriggerKind,
    /// The event, route, channel or job, if constant.
    pub name: Option<String>,
    /// Where it is registered.
    pub location: Location,
    /// How far a message gets on this trigger.
    pub reach: Reach,
    /// The functions between the trigger and the delivery, outermost first.
    pub trace: Vec<Frame>,
}

/// A function of a trace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Frame {
    /// Its name, or what it is.
    pub function: String,
    /// The call that enters the next function or the delivery.
    pub location: Location,
}

/// Why a path or store does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Suppressed {
    /// By what.
    pub by: SuppressedBy,
    /// The reason given, or the condition.
    pub reason: Option<String>,
}

/// A place where realtime state lives.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct StateStore {
    /// `s1`, `s2`, … in order of place.
    pub id: String,
    /// The folder of its service.
    pub service: String,
    /// Its declaration.
    pub location: Location,
    /// Its name.
    pub name: String,
    /// The innermost named function around it, with its class.
    pub function: Option<String>,
    /// What makes it the same store in a later version of the code: a hash of check, container, name and function.
    pub fingerprint: String,
    /// What holds it.
    pub container: String,
    /// What it holds.
    pub state_type: StateType,
    /// What it holds besides.
    pub also_types: Vec<StateType>,
    /// Where it lives.
    pub classification: StoreClass,
    /// The shared system behind it.
    pub backend: Option<String>,
    /// The condition under which it exists, as source text.
    pub condition: Option<String>,
    /// Whether it is a copy of a shared store of the same type.
    pub covered: bool,
    /// How it is known.
    pub confidence: Confidence,
    /// Reasons.
    pub evidence: Vec<Evidence>,
    /// Why it does not count.
    pub suppressed: Option<Suppressed>,
}

/// A pub/sub attachment in use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Integration {
    /// `i1`, `i2`, … in order of place.
    pub id: String,
    /// The folder of its service.
    pub service: String,
    /// What kind.
    pub kind: Mechanism,
    /// The shared system.
    pub backend: Option<String>,
    /// The npm package.
    pub package: Option<String>,
    /// Where.
    pub location: Location,
}

/// How many instances run, as far as the repository says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Deployment {
    /// The declaration in the settings.
    pub declared: Option<Declared>,
    /// What deployment files say.
    pub evidence: Vec<DeploymentEvidence>,
}

/// The declaration that one instance is all there will ever be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Declared {
    /// How many.
    pub instances: Instances,
    /// Why.
    pub reason: String,
    /// Where it is declared.
    pub location: Location,
}

/// What a deployment file says about the number of instances.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct DeploymentEvidence {
    /// What kind (`k8s-replicas`).
    pub kind: String,
    /// The value as written.
    pub value: String,
    /// Whether it proves more than one instance of a service with a realtime endpoint.
    pub multi_instance: bool,
    /// What it is the number of, by name.
    pub workload: Option<String>,
    /// The folders of the services that it is about; empty where it is about something else, or nothing tells.
    pub services: Vec<String>,
    /// Where.
    pub location: Location,
}

/// How the findings compare with those of an earlier audit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct BaselineComparison {
    /// How many findings it accepts; they carry `suppressed` by `baseline`.
    pub accepted: usize,
    /// What it names and the code no longer has.
    pub fixed: Vec<KnownFailure>,
}

/// A finding of an earlier audit.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct KnownFailure {
    /// The check's short name.
    pub check: String,
    /// The file that it was in.
    pub file: String,
    /// Its source text on one line, or the store's name.
    pub code: String,
    /// The innermost named function around it, with its class.
    pub function: Option<String>,
    /// What makes it the same finding.
    pub fingerprint: String,
}

/// Something that is wired up, but wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Advisory {
    /// A stable word.
    pub code: String,
    /// The folder of its service, where it belongs to one.
    pub service: Option<String>,
    /// One sentence.
    pub message: String,
    /// Where.
    pub location: Location,
    /// Related places.
    pub related: Vec<Evidence>,
}

/// What to do about some findings, with the lines to write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Remedy {
    /// `r1`, `r2`, … in order of the findings.
    pub id: String,
    /// The folder of its service.
    pub service: String,
    /// What to do, in a few words.
    pub title: String,
    /// What is to be known besides.
    pub text: Option<String>,
    /// Ids of the paths and stores that it is for.
    pub findings: Vec<String>,
    /// Where the lines belong, as far as it is one place.
    pub location: Option<Location>,
    /// The command that installs what no manifest lists yet.
    pub install: Option<String>,
    /// The lines to write.
    pub code: Option<String>,
    /// The same as insertions, which an editor may apply; empty where a person has to decide something.
    pub edits: Vec<Edit>,
}

/// An insertion into a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Edit {
    /// Where: an empty range.
    pub location: Location,
    /// What.
    pub text: String,
}

/// Something that the audit had to leave out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Problem {
    /// Path relative to the root, with `/`.
    pub file: String,
    /// What kind.
    pub kind: ProblemKind,
    /// One sentence.
    pub message: String,
    /// The line, where one is known.
    pub line: Option<u32>,
}

/// How much was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// JS/TS files below the root, of every role.
    pub files_seen: usize,
    /// The same files by what they are for; only those of the product decide verdicts.
    #[serde(default)]
    pub files_by_role: FilesByRole,
    /// The packages in the manifests that are a reason to look for realtime code.
    #[serde(default)]
    pub packages: Vec<String>,
    /// Files that had to be parsed.
    pub files_parsed: usize,
    /// Their size.
    pub bytes_parsed: usize,
}

/// JS/TS files by what they are for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct FilesByRole {
    /// Code of the product's servers.
    pub product: usize,
    /// Tests, mocks, fixtures.
    pub tests: usize,
    /// Examples, demos, templates.
    pub examples: usize,
    /// Build scripts and configuration of tools.
    pub tooling: usize,
    /// Code for browsers.
    pub client: usize,
    /// Minified, bundled or vendored code.
    pub vendored: usize,
}

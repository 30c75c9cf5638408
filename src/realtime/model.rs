//! The realtime facts of a program, in SPEC's words.

use std::collections::BTreeMap;

use crate::flow::Confidence;
use crate::modules::ModuleId;
use crate::rules::{Scope, TriggerKind};
use crate::source::{PackageId, Span};

/// A place in the program.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    /// The file.
    pub module: ModuleId,
    /// The range.
    pub span: Span,
}

/// One link of a chain of reasons.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Evidence {
    /// What is to be seen there, in a few words (`adapter attached`).
    pub what: String,
    /// Where.
    pub place: Place,
}

/// Index of a [`Service`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ServiceId(pub u32);

/// Index of an [`Endpoint`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndpointId(pub u32);

/// The nearest `package.json` folder that holds an endpoint.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// The manifest; none for the root without one.
    pub package: Option<PackageId>,
}

/// An object that holds client connections.
#[derive(Debug, Clone)]
pub struct Endpoint {
    /// Its service.
    pub service: ServiceId,
    /// The transport's word.
    pub transport: String,
    /// Where it is created.
    pub place: Place,
    /// Adapters attached to it, effective or not.
    pub attachments: Vec<Attachment>,
}

/// An adapter on an endpoint.
#[derive(Debug, Clone)]
pub struct Attachment {
    /// Where it is attached.
    pub place: Place,
    /// `cluster`, `host` or `process`.
    pub reach: Reach,
    /// The backend's word.
    pub backend: Option<String>,
    /// The npm package it comes from.
    pub package: Option<String>,
    /// The source text of the condition it is under.
    pub condition: Option<String>,
    /// Why it cannot work.
    pub defect: Option<Defect>,
    /// How it is known.
    pub confidence: Confidence,
    /// Reasons.
    pub evidence: Vec<Evidence>,
}

/// SPEC section 2, `reach`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reach {
    /// Only clients of this instance.
    Process,
    /// Workers of the same machine.
    Host,
    /// Clients of every instance.
    Cluster,
}

/// SPEC section 2, `mechanism`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Mechanism {
    /// `none`.
    None,
    /// `ipc`.
    Ipc,
    /// `adapter`.
    Adapter,
    /// `relay`.
    Relay,
    /// `managed`.
    Managed,
    /// `emitter`.
    Emitter,
    /// `engine`.
    Engine,
}

impl Mechanism {
    /// The mechanism that a rule names: of what crosses instances by itself, or of an adapter.
    pub(crate) fn of_rule(word: &str) -> Self {
        match word {
            "managed" => Mechanism::Managed,
            "emitter" => Mechanism::Emitter,
            "engine" => Mechanism::Engine,
            _ => Mechanism::Adapter,
        }
    }
}

/// SPEC section 2, the table of defects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Defect {
    /// `client-never-connected`.
    ClientNeverConnected,
    /// `one-client-for-both`.
    OneClientForBoth,
    /// `adapter-not-installed`.
    AdapterNotInstalled,
    /// `channels-differ`.
    ChannelsDiffer,
    /// `competing-consumers`.
    CompetingConsumers,
    /// `client-undefined`.
    ClientUndefined,
    /// `local-lookup`.
    LocalLookup,
}

/// Why a path runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// What kind.
    pub kind: TriggerKind,
    /// Event, route, channel or job name.
    pub name: Option<String>,
    /// Where it is registered.
    pub place: Place,
    /// How far a message gets on this trigger.
    pub reach: Reach,
    /// The functions between the trigger and the delivery, outermost first.
    pub trace: Vec<Frame>,
}

/// A function of a trace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// Its name, or a description (`callback`).
    pub function: String,
    /// The call that enters the next frame or the delivery.
    pub place: Place,
}

/// SPEC section 2.
#[derive(Debug, Clone)]
pub struct BroadcastPath {
    /// Services that run it.
    pub service: ServiceId,
    /// The delivery call.
    pub place: Place,
    /// The transport's word.
    pub transport: String,
    /// The delivering method (`emit`).
    pub operation: String,
    /// The event, if constant.
    pub event: Option<String>,
    /// Whom it addresses.
    pub scope: Scope,
    /// How far it gets.
    pub reach: Reach,
    /// By what.
    pub mechanism: Mechanism,
    /// The shared system.
    pub backend: Option<String>,
    /// Whether it is the local echo of a relay.
    pub local_echo: bool,
    /// The condition under which the adapter or relay exists.
    pub condition: Option<String>,
    /// Why the adapter or relay cannot work.
    pub defect: Option<Defect>,
    /// How it is known.
    pub confidence: Confidence,
    /// The endpoint, where known.
    pub endpoint: Option<EndpointId>,
    /// Reasons.
    pub evidence: Vec<Evidence>,
    /// Why it runs.
    pub triggers: Vec<Trigger>,
    /// Suppressed by the code itself.
    pub suppressed: Option<Suppression>,
}

/// Why a path or store does not count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Suppression {
    /// `// crosscast-ignore check: reason`.
    Comment(String),
    /// `io.local.emit`.
    LocalFlag,
    /// It exists only when a condition does not hold, which another branch covers.
    Fallback(String),
    /// An earlier report named it.
    Baseline,
}

/// SPEC section 3, `stateType`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StateType {
    /// `presence`.
    Presence,
    /// `message-history`.
    MessageHistory,
    /// `subscriptions`.
    Subscriptions,
    /// `channel-membership`.
    ChannelMembership,
    /// `connections`.
    Connections,
    /// `other`.
    Other,
}

/// SPEC section 3, `classification`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StoreClass {
    /// `in-process`.
    InProcess,
    /// `local-disk`.
    LocalDisk,
    /// `shared`.
    Shared,
}

/// SPEC section 3.
#[derive(Debug, Clone)]
pub struct StateStore {
    /// Its service.
    pub service: ServiceId,
    /// Its declaration.
    pub place: Place,
    /// Its name.
    pub name: String,
    /// What holds it (`Map`, `object`, `rooms`, `table`).
    pub container: String,
    /// What it holds.
    pub state_type: StateType,
    /// What it holds besides.
    pub also_types: Vec<StateType>,
    /// Where it lives.
    pub class: StoreClass,
    /// The shared system.
    pub backend: Option<String>,
    /// The condition under which it exists.
    pub condition: Option<String>,
    /// Whether a shared store of the same type stands behind it (SPEC section 3, copies).
    pub covered: bool,
    /// How it is known.
    pub confidence: Confidence,
    /// Reasons.
    pub evidence: Vec<Evidence>,
    /// Suppressed by the code itself.
    pub suppressed: Option<Suppression>,
}

/// A pub/sub attachment in use.
#[derive(Debug, Clone)]
pub struct Integration {
    /// `adapter`, `relay`, `managed`, `emitter`, `engine`, `ipc`.
    pub kind: Mechanism,
    /// The shared system.
    pub backend: Option<String>,
    /// The npm package.
    pub package: Option<String>,
    /// Where.
    pub place: Place,
    /// Its service.
    pub service: ServiceId,
}

/// Wired up, but wrong; never decides a verdict.
#[derive(Debug, Clone)]
pub struct Advisory {
    /// A stable word (`adapter-bypassed`).
    pub code: String,
    /// One sentence.
    pub message: String,
    /// Where.
    pub place: Place,
    /// Related places.
    pub related: Vec<Evidence>,
    /// Its service.
    pub service: Option<ServiceId>,
}

/// A call that starts further processes of this program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fork {
    /// The call.
    pub place: Place,
    /// The services whose endpoints those processes hold, too.
    pub services: Vec<ServiceId>,
}

/// Everything that the checks judge.
#[derive(Debug, Default)]
pub struct Realtime {
    /// Services.
    pub services: Vec<Service>,
    /// Endpoints.
    pub endpoints: Vec<Endpoint>,
    /// Broadcast paths, ordered by place.
    pub paths: Vec<BroadcastPath>,
    /// State stores, ordered by place.
    pub stores: Vec<StateStore>,
    /// Integrations, ordered by place.
    pub integrations: Vec<Integration>,
    /// Advisories, ordered by place.
    pub advisories: Vec<Advisory>,
    /// Forks, ordered by place.
    pub forks: Vec<Fork>,
    /// Modules that further services run, beside the service of what they hold.
    pub shared: BTreeMap<ModuleId, Vec<ServiceId>>,
}

impl Realtime {
    /// Whether a service runs what stands at a place and belongs to `owner`.
    pub fn runs(&self, service: ServiceId, owner: ServiceId, place: Place) -> bool {
        owner == service || self.shared.get(&place.module).is_some_and(|services| services.contains(&service))
    }
}

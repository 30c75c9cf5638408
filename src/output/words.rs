//! Facts of the report in words for people.

use crate::report::{
    BroadcastPath, CheckResult, Classification, Counts, Frame, Location, Reach, Scope, StateStore, StateType,
    StoreClass, Suppressed, Trigger, TriggerKind,
};

/// Whom a path addresses.
pub(crate) fn whom(scope: Scope) -> &'static str {
    match scope {
        Scope::All => "to all",
        Scope::Others => "to all others",
        Scope::Room => "to a room",
        Scope::Peer => "to one other client",
    }
}

/// What makes a path run.
pub(crate) fn trigger(trigger: &Trigger) -> String {
    let kind = match trigger.kind {
        TriggerKind::ClientEvent => "client event",
        TriggerKind::Connect => return "connect".to_owned(),
        TriggerKind::Disconnect => return "disconnect".to_owned(),
        TriggerKind::HttpRoute => "HTTP route",
        TriggerKind::Timer => "timer",
        TriggerKind::Subscription => "message from the broker",
        TriggerKind::ChangeFeed => "change in the database",
        TriggerKind::QueueJob => "job of the queue",
        TriggerKind::Emitter => "local event",
        TriggerKind::Ipc => "message from another process",
        TriggerKind::Shutdown => "shutdown",
        TriggerKind::ModuleStart => "start of the module",
        TriggerKind::Export => "call of the export",
        TriggerKind::External => "call from outside",
    };
    let name = trigger.name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
    format!("{kind}{name}")
}

/// The named functions of a trace; a callback has no name that helps.
pub(crate) fn calls(trace: &[Frame]) -> Vec<&str> {
    trace.iter().map(|frame| frame.function.as_str()).filter(|name| *name != "callback").collect()
}

/// A path that fails nothing: how far it gets.
pub(crate) fn outcome(path: &BroadcastPath) -> String {
    let how = match path.classification {
        Classification::PubsubBacked => {
            let backend = path.backend.as_ref().map(|backend| format!(", {backend}")).unwrap_or_default();
            format!("reaches every instance by {}{backend}", path.mechanism.word())
        }
        Classification::InProcess => "stays in this instance".to_owned(),
    };
    let condition = path.condition.as_ref().map(|condition| format!(", if `{condition}`")).unwrap_or_default();
    format!("{how}{condition}{}", suppressed(path.suppressed.as_ref()))
}

/// What a store holds.
pub(crate) fn types(store: &StateStore) -> String {
    let also = store.also_types.iter().map(|each| each.word());
    std::iter::once(store.state_type.word()).chain(also).collect::<Vec<_>>().join(" and ")
}

/// Where a store lives.
pub(crate) fn lives(store: &StateStore) -> String {
    let backend = store.backend.as_ref().map(|backend| format!(" ({backend})")).unwrap_or_default();
    let condition = store.condition.as_ref().map(|condition| format!(", if `{condition}`")).unwrap_or_default();
    let copy = if store.covered { ", a copy of shared state" } else { "" };
    let class = match store.classification {
        StoreClass::InProcess => "in the memory of one process",
        StoreClass::LocalDisk => "on the disk of one machine",
        StoreClass::Shared => "shared",
    };
    format!("{class}{backend}{condition}{copy}")
}

/// By what something is suppressed, or nothing.
pub(crate) fn suppressed(suppressed: Option<&Suppressed>) -> String {
    let Some(suppressed) = suppressed else { return String::new() };
    let reason = suppressed.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!(" [suppressed by {}{reason}]", suppressed.by.word())
}

/// `file:line`.
pub(crate) fn place(location: &Location) -> String {
    format!("{}:{}", location.file, location.line)
}

/// `file:line:column`, which terminals and editors make a link of.
pub(crate) fn position(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.line, location.column)
}

/// Why a path stays local.
pub(crate) fn reason(path: &BroadcastPath) -> String {
    let reaches_all = |trigger: &Trigger| trigger.reach == Reach::Cluster;
    match path.defect {
        Some(defect) => format!("{} [{}]", super::help::meaning(defect), defect.word()),
        None if path.reach == Reach::Host => "messages between processes end at the host".to_owned(),
        None if path.triggers.iter().any(reaches_all) => {
            "on this trigger nothing publishes it to the other instances".to_owned()
        }
        None => "no adapter or relay carries it to other instances".to_owned(),
    }
}

/// A text with a capital at its start.
pub(crate) fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}

/// What a check counted, in a few words; two halves of one line, where it is long enough.
pub(crate) fn counts(check: &CheckResult) -> [String; 2] {
    match &check.counts {
        Counts::Paths(counts) => {
            let kinds: Vec<String> =
                counts.integrations_by_kind.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            let kinds = if kinds.is_empty() { "none".to_owned() } else { kinds.join(", ") };
            let suppressed = and_suppressed(counts.suppressed);
            let (local, backed) = (counts.in_process, counts.pubsub_backed);
            let paths = format!("broadcast paths: {local} in-process, {backed} pubsub-backed{suppressed}");
            [paths, format!("integrations: {kinds}")]
        }
        Counts::State(counts) => {
            let words = |types: &[StateType]| {
                let words: Vec<&str> = types.iter().map(|each| each.word()).collect();
                if words.is_empty() { "none".to_owned() } else { words.join(", ") }
            };
            let (shared, sole) = (words(&counts.shared_types), words(&counts.sole_types));
            let suppressed = and_suppressed(counts.suppressed);
            [format!("state types: shared {shared}"), format!("in one process {sole}{suppressed}")]
        }
    }
}

fn and_suppressed(count: usize) -> String {
    if count == 0 { String::new() } else { format!(", {count} suppressed") }
}

//! Facts of the report in words for people.

use crate::report::{
    BroadcastPath, Classification, Frame, Location, Reach, Scope, StateStore, StoreClass, Suppressed, Trigger,
    TriggerKind,
};

/// Whom a path addresses.
pub(super) fn whom(scope: Scope) -> &'static str {
    match scope {
        Scope::All => "to all",
        Scope::Others => "to all others",
        Scope::Room => "to a room",
        Scope::Peer => "to one other client",
    }
}

/// Who does not get a message that stays local.
pub(super) fn who_misses(scope: Scope, reach: Reach) -> String {
    let elsewhere = if reach == Reach::Host { "other hosts" } else { "other instances" };
    match scope {
        Scope::All | Scope::Others => format!("clients of {elsewhere}"),
        Scope::Room => format!("the room's members on {elsewhere}"),
        Scope::Peer => format!("the client it is for, if connected to {elsewhere}"),
    }
}

/// What makes a path run.
pub(super) fn trigger(trigger: &Trigger) -> String {
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
pub(super) fn calls(trace: &[Frame]) -> Vec<&str> {
    trace.iter().map(|frame| frame.function.as_str()).filter(|name| *name != "callback").collect()
}

/// A path that fails nothing: how far it gets.
pub(super) fn outcome(path: &BroadcastPath) -> String {
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
pub(super) fn types(store: &StateStore) -> String {
    let also = store.also_types.iter().map(|each| each.word());
    std::iter::once(store.state_type.word()).chain(also).collect::<Vec<_>>().join(" and ")
}

/// Where a store lives.
pub(super) fn lives(store: &StateStore) -> String {
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
pub(super) fn suppressed(suppressed: Option<&Suppressed>) -> String {
    let Some(suppressed) = suppressed else { return String::new() };
    let reason = suppressed.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!(" [suppressed by {}{reason}]", suppressed.by.word())
}

/// `file:line`.
pub(super) fn place(location: &Location) -> String {
    format!("{}:{}", location.file, location.line)
}

/// `line 3` in the file that the page is about, else `file:line`.
pub(super) fn place_from(location: &Location, file: &str) -> String {
    if location.file == file { format!("line {}", location.line) } else { place(location) }
}

/// `file:line:column`, which terminals and editors make a link of.
pub(super) fn position(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.line, location.column)
}

//! What is wrong and what to do about it, in one sentence each.

use crate::report::{BroadcastPath, Defect, Reach, StateStore, StoreClass};

/// What to do about a path that other instances miss.
pub(in crate::output) fn for_path(path: &BroadcastPath) -> &'static str {
    match path.defect {
        Some(Defect::ClientNeverConnected) => "Call `connect()` on every broker client before the adapter uses it.",
        Some(Defect::OneClientForBoth) => {
            "Subscribe with a client of its own (`duplicate()`); a subscribed client cannot publish."
        }
        Some(Defect::AdapterNotInstalled) => "Install the adapter on the application when it starts.",
        Some(Defect::ChannelsDiffer) => "Publish to the channel that the instances subscribe to.",
        Some(Defect::CompetingConsumers) => {
            "Give every instance a subscription of its own: no shared queue, no shared consumer group."
        }
        Some(Defect::ClientUndefined) => "Import the client's package, and add it to package.json.",
        Some(Defect::LocalLookup) => {
            "Address the user by a room of their own instead of looking the connection up in a local table."
        }
        None if path.reach == Reach::Host => {
            "Workers of one host are reached; for several hosts, use an adapter with a broker behind it."
        }
        None => {
            "Give the endpoint an adapter that all instances share, or publish to a broker and deliver in its subscription."
        }
    }
}

/// What to do about a store that one process keeps for itself.
pub(in crate::output) fn for_store(store: &StateStore) -> &'static str {
    match store.classification {
        StoreClass::LocalDisk => {
            "Move it from the local disk to a database or key-value service that all instances use."
        }
        _ => "Keep it in a database or key-value service that all instances use; the process may hold a copy.",
    }
}

/// What a defect means.
pub(in crate::output) fn meaning(defect: Defect) -> &'static str {
    match defect {
        Defect::ClientNeverConnected => "the broker client behind it is never connected",
        Defect::OneClientForBoth => "one client publishes and subscribes, which it cannot do",
        Defect::AdapterNotInstalled => "there is an adapter, but nothing installs it",
        Defect::ChannelsDiffer => "no instance subscribes to the channel that is published to",
        Defect::CompetingConsumers => "only one of the instances receives each message",
        Defect::ClientUndefined => "the broker client's constructor is not defined",
        Defect::LocalLookup => "the target is looked up in a table of this instance",
    }
}

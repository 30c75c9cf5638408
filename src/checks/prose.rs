//! The sentences of verdicts. They name files and lines, so that a verdict can be read without the rest.

use camino::Utf8Path;
use std::collections::BTreeSet;

use super::{Case, Item, PathCounts, Reason, StateCounts, Status};
use crate::deployment::DeploymentEvidence;
use crate::realtime::{Place, Reach, ServiceId, StateStore, StateType, StoreClass};
use crate::rules::Scope;

/// A verdict names this many places; the findings have the rest.
const NAMED: usize = 3;

/// Why a check that is turned off is not judged.
pub(super) const DISABLED: &str = "The settings turn this check off.";

/// Why a single-instance deployment is not judged.
pub(super) fn single_instance(case: Case) -> String {
    match &case.config.single_instance {
        Some(declared) => {
            let at = &declared.location;
            let reason = declared.reason.trim().trim_end_matches('.');
            format!("Declared single-instance ({}:{}): {reason}.", at.file, at.line)
        }
        None => String::new(),
    }
}

/// The verdict on broadcast paths.
pub(super) fn paths(
    case: Case,
    service: ServiceId,
    reason: Reason,
    counts: &PathCounts,
    in_process: &[Item],
) -> String {
    let all = counts.in_process + counts.pubsub_backed;
    let named = name_all(in_process, |item| path_name(case, item));
    match reason {
        Reason::AllPathsSuppressed => {
            format!(
                "{} suppressed; no other path exists.",
                sentence_count(counts.suppressed, "broadcast path is", "broadcast paths are")
            )
        }
        Reason::AllPathsBacked => {
            format!(
                "{} the clients of every instance.",
                sentence_count(all, "broadcast path reaches", "broadcast paths reach")
            )
        }
        Reason::AnyIntegration => format!(
            "{} in use, which the policy `any-integration` accepts; {} of {all} broadcast paths still stay inside one \
             instance: {named}.",
            sentence_count(counts.crossing(), "pub/sub integration is", "pub/sub integrations are"),
            counts.in_process,
        ),
        _ if counts.pubsub_backed == 0 => format!(
            "Messages broadcast only to in-process connections. In a multi-instance deployment, users on different \
             servers would miss messages: {named}.{}",
            instances(case, service)
        ),
        _ => format!(
            "{} of {all} broadcast paths {} only clients of the instance that runs the call: {named}.{}",
            counts.in_process,
            if counts.in_process == 1 { "reaches" } else { "reach" },
            instances(case, service)
        ),
    }
}

/// The verdict on state.
pub(super) fn state(case: Case, service: ServiceId, reason: Reason, counts: &StateCounts, sole: &[Item]) -> String {
    let homes = shared_homes(case, service, &counts.shared);
    let shared =
        if counts.shared.is_empty() { "no state type is shared".to_owned() } else { format!("shared: {homes}") };
    let named = name_all(sole, |item| store_name(case, item));
    match reason {
        Reason::NothingSole => format!("No realtime state is held by one process alone; {shared}."),
        Reason::EnoughShared => {
            format!("Enough state types are shared ({homes}). Still lost with its process: {named}.")
        }
        _ => {
            let types = counts.sole.iter().map(|&each| sole_type(case, each, sole));
            format!("{} {}.{}", types.collect::<Vec<_>>().join(" "), capitalised(&shared), instances(case, service))
        }
    }
}

/// Where a state type is held alone, and what that means to users.
fn sole_type(case: Case, state_type: StateType, sole: &[Item]) -> String {
    let stores = sole.iter().filter_map(|item| match item {
        Item::Store(index) => case.realtime.stores.get(*index),
        Item::Path(_) => None,
    });
    let mut of_type: Vec<&StateStore> =
        stores.filter(|store| store.state_type == state_type || store.also_types.contains(&state_type)).collect();
    // What a store is comes before what it is besides; two tables of one server are named once.
    of_type.sort_by_key(|store| store.state_type != state_type);
    let mut known = BTreeSet::new();
    of_type.retain(|store| known.insert((&store.name, store.place)));
    let names: Vec<String> =
        of_type.iter().take(NAMED).map(|store| format!("`{}`, {}", store.name, place(case, store.place))).collect();
    let more = of_type.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!("; {more} more") } else { String::new() };
    let on_disk = of_type.iter().filter(|store| store.class == StoreClass::LocalDisk).count();
    let home = match on_disk {
        0 => "in process memory",
        all if all == of_type.len() => "on the local disk",
        _ => "in process memory and on the local disk",
    };
    let (subject, consequence) = match state_type {
        StateType::Presence => ("Presence is", "A second instance would not see these users."),
        StateType::MessageHistory => ("Message history is", "A second instance would not have these messages."),
        StateType::Subscriptions => ("Subscriptions are", "A second instance would not know these subscribers."),
        StateType::ChannelMembership => {
            ("Channel membership is", "A second instance would not know these members.")
        }
        StateType::Connections => ("Connections are", "A second instance has its own."),
        StateType::Other => ("Other realtime state is", "A second instance would have its own."),
    };
    format!("{subject} held only {home} ({}{rest}). {consequence}", names.join("; "))
}

/// The root's sentence where several services were judged.
pub(super) fn root_detail(service: &Utf8Path, status: Status, alike: usize, all: usize, detail: &str) -> String {
    let verb = match status {
        Status::Skip => "skipped",
        Status::Pass => "pass",
        Status::Fail => "fail",
    };
    format!("{alike} of {all} services {verb}. {service}: {detail}")
}

/// What the deployment adds to a failure: that it is live, and that a declaration is refused.
fn instances(case: Case, service: ServiceId) -> String {
    let Some(evidence) = case.several_instances(service).next() else { return String::new() };
    let at = |evidence: &DeploymentEvidence| format!("{}:{}", evidence.location.file, evidence.location.line);
    let fact = format!("{} ({} {})", at(evidence), evidence.kind, evidence.value);
    match &case.config.single_instance {
        Some(declared) => {
            let place = &declared.location;
            format!(" The single instance that {}:{} declares is contradicted by {fact}.", place.file, place.line)
        }
        None => format!(" Several instances are deployed: {fact}."),
    }
}

fn path_name(case: Case, item: Item) -> Option<String> {
    let Item::Path(index) = item else { return None };
    let path = case.realtime.paths.get(index)?;
    let whom = match path.scope {
        Scope::All => "to all",
        Scope::Others => "to all others",
        Scope::Room => "to a room",
        Scope::Peer => "to one other client",
    };
    let host = if path.reach == Reach::Host { ", on this host only" } else { "" };
    Some(format!("{} ({whom}{host})", place(case, path.place)))
}

fn store_name(case: Case, item: Item) -> Option<String> {
    let Item::Store(index) = item else { return None };
    let store = case.realtime.stores.get(index)?;
    Some(format!("`{}` ({})", store.name, place(case, store.place)))
}

fn place(case: Case, place: Place) -> String {
    let location = case.location(place);
    format!("{}:{}", location.file, location.line)
}

/// The first few names, and how many there are beyond them.
fn name_all(items: &[Item], name: impl Fn(Item) -> Option<String>) -> String {
    let names: Vec<String> = items.iter().take(NAMED).filter_map(|&item| name(item)).collect();
    let more = items.len().saturating_sub(NAMED);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", names.join(", "))
}

/// The shared state types, each with the store that it is shared by: `presence (`online`, redis)`.
fn shared_homes(case: Case, service: ServiceId, types: &BTreeSet<StateType>) -> String {
    let home = |state_type: StateType| {
        let mut stores = case.realtime.stores.iter().filter(|store| {
            let is_shared = store.class == StoreClass::Shared && store.suppressed.is_none();
            is_shared && store.service == service && store.state_type == state_type
        });
        match stores.next() {
            Some(store) => {
                let backend = store.backend.as_ref().map(|backend| format!(", {backend}")).unwrap_or_default();
                format!("{} (`{}`{backend})", state_word(state_type), store.name)
            }
            None => state_word(state_type).to_owned(),
        }
    };
    let words: Vec<String> = types.iter().map(|&each| home(each)).collect();
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

fn state_word(state_type: StateType) -> &'static str {
    match state_type {
        StateType::Presence => "presence",
        StateType::MessageHistory => "message history",
        StateType::Subscriptions => "subscriptions",
        StateType::ChannelMembership => "channel membership",
        StateType::Connections => "connections",
        StateType::Other => "other",
    }
}

fn capitalised(text: &str) -> String {
    let mut characters = text.chars();
    let first = characters.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    first + characters.as_str()
}

/// `1 path is`, `3 paths are`, `All 3 …` being said by nobody.
fn sentence_count(count: usize, one: &str, many: &str) -> String {
    if count == 1 { format!("1 {one}") } else { format!("{count} {many}") }
}

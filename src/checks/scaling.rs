//! `horizontal-scaling-ready`: does realtime state live where every instance sees it and a restart leaves it?

use super::{Case, Check, Counts, Item, Reason, StateCounts, Status, Verdict, prose, skip};
use crate::config::{AdapterRooms, ScalingPolicy, StateRequirement};
use crate::realtime::{ServiceId, StateStore, StateType, StoreClass};

/// Word of [`StateStore::container`] for the room table of an endpoint.
const ROOMS: &str = "rooms";

/// Judges one service.
pub(super) fn judge(case: Case, service: ServiceId) -> Verdict {
    let policy = case.config.checks.horizontal_scaling_ready;
    let stores = || {
        case.realtime
            .stores
            .iter()
            .enumerate()
            .filter(move |(_, store)| case.realtime.runs(service, store.service, store.place))
    };
    let counted = || stores().filter(|(_, store)| store.suppressed.is_none());
    let mut counts = StateCounts {
        stores: counted().count(),
        suppressed: stores().count() - counted().count(),
        ..StateCounts::default()
    };
    let mut sole = Vec::new();
    for (index, store) in counted() {
        counts.shared.extend(shared_type(policy, store));
        let types = sole_types(policy, store);
        if !types.is_empty() {
            sole.push(Item::Store(index));
        }
        counts.sole.extend(types);
    }

    let check = Check::HorizontalScalingReady;
    if !case.is_enabled(check) {
        return skip(check, Reason::Disabled, prose::DISABLED.to_owned(), Counts::State(counts));
    }
    if case.is_single_instance(service) {
        return skip(check, Reason::SingleInstance, prose::single_instance(case), Counts::State(counts));
    }
    if counts.held().is_empty() {
        let detail = "No realtime state outlives a handler call.".to_owned();
        return skip(check, Reason::NoState, detail, Counts::State(counts));
    }
    let threshold = policy.require == StateRequirement::Threshold;
    let (status, reason) = if counts.sole.is_empty() {
        (Status::Pass, Reason::NothingSole)
    } else if threshold && counts.shared.len() >= policy.min_shared_types {
        (Status::Pass, Reason::EnoughShared)
    } else {
        (Status::Fail, Reason::SoleState)
    };
    let detail = prose::state(case, service, reason, &counts, &sole);
    let (findings, warnings) = if status == Status::Fail { (sole, Vec::new()) } else { (Vec::new(), sole) };
    Verdict { check, status, reason, detail, counts: Counts::State(counts), findings, warnings }
}

/// Where a store lives, under the policy for adapter rooms.
fn class(policy: ScalingPolicy, store: &StateStore) -> StoreClass {
    let strict = policy.adapter_rooms == AdapterRooms::InProcess && store.container == ROOMS;
    if strict { StoreClass::InProcess } else { store.class }
}

/// The named type that a store shares.
fn shared_type(policy: ScalingPolicy, store: &StateStore) -> Option<StateType> {
    let named = !matches!(store.state_type, StateType::Connections | StateType::Other);
    (class(policy, store) == StoreClass::Shared && named).then_some(store.state_type)
}

/// The types that a store holds for its process or machine alone.
fn sole_types(policy: ScalingPolicy, store: &StateStore) -> Vec<StateType> {
    if store.covered || class(policy, store) == StoreClass::Shared {
        return Vec::new();
    }
    let types = std::iter::once(store.state_type).chain(store.also_types.iter().copied());
    types.filter(|&each| each != StateType::Connections).collect()
}

//! Copies: an in-process store in front of a shared store of the same type, filled from it or written together
//! with it.

use super::accesses::{Access, Verb};
use super::reach::Reach;
use crate::flow::{EdgeKind, FunctionRef, ValueFlow};
use crate::realtime::{Evidence, StateStore, StoreClass};
use rustc_hash::FxHashSet;

/// How many calls lie at most between the two writes.
const NEARNESS: u32 = 3;

/// Marks the stores of `memory` that a store of `databases` stands behind.
pub(super) fn mark(
    flow: &ValueFlow,
    reach: &Reach,
    memory: &mut [(StateStore, Vec<Access>)],
    databases: &[(StateStore, Vec<Access>)],
) {
    for (store, accesses) in memory {
        let behind = databases
            .iter()
            .filter(|(shared, _)| shared.class == StoreClass::Shared && shared.state_type == store.state_type);
        for (shared, shared_accesses) in behind {
            if is_copy(flow, reach, accesses, shared_accesses) {
                store.covered = true;
                let what = "a copy of the shared store".to_owned();
                store.evidence.push(Evidence { what, place: shared.place });
                break;
            }
        }
    }
}

/// Whether everything that is put in is also put into, or comes from, the shared store.
fn is_copy(flow: &ValueFlow, reach: &Reach, own: &[Access], shared: &[Access]) -> bool {
    let touching: FxHashSet<FunctionRef> = shared.iter().map(|access| access.function).collect();
    let mut fills = own
        .iter()
        .filter(|access| matches!(access.verb, Verb::Write | Verb::Replace | Verb::Count))
        .filter(|access| reach.after_start(access.function))
        .peekable();
    fills.peek().is_some() && fills.all(|access| is_near(flow, access.function, &touching))
}

/// Whether a function, its callers or what they call touches the shared store.
fn is_near(flow: &ValueFlow, function: FunctionRef, touching: &FxHashSet<FunctionRef>) -> bool {
    let mut callers = vec![function];
    let mut seen = FxHashSet::default();
    for _ in 0..NEARNESS {
        let mut next = Vec::new();
        for caller in callers {
            if !seen.insert(caller) {
                continue;
            }
            if calls(flow, caller, touching, NEARNESS) {
                return true;
            }
            let edges = flow.calls.callers(caller).iter();
            next.extend(edges.filter(|edge| is_call(&edge.kind)).map(|edge| edge.caller));
        }
        callers = next;
    }
    false
}

/// Whether a function or one that it calls is in `touching`.
fn calls(flow: &ValueFlow, function: FunctionRef, touching: &FxHashSet<FunctionRef>, depth: u32) -> bool {
    if touching.contains(&function) {
        return true;
    }
    // The calls are few and near: walking from the touching side up avoids an index by caller.
    let mut open: Vec<(FunctionRef, u32)> = touching.iter().map(|&each| (each, depth)).collect();
    let mut seen = FxHashSet::default();
    while let Some((at, depth)) = open.pop() {
        if at == function {
            return true;
        }
        if depth == 0 || !seen.insert(at) {
            continue;
        }
        let edges = flow.calls.callers(at).iter().filter(|edge| is_call(&edge.kind));
        open.extend(edges.map(|edge| (edge.caller, depth - 1)));
    }
    false
}

fn is_call(kind: &EdgeKind) -> bool {
    matches!(kind, EdgeKind::Direct | EdgeKind::Super | EdgeKind::Continuation)
}

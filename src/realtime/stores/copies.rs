//! Copies: an in-process store in front of a shared store of the same type, filled from it or written together
//! with it.

use super::accesses::{Access, Verb};
use super::reach::Reach;
use crate::facts::{BindingId, ExprKind, FunctionId};
use crate::flow::{EdgeKind, ExprRef, FunctionRef, ValueFlow};
use crate::realtime::{Evidence, StateStore, StateType, StoreClass};
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
    let shared = databases.iter().filter(|(shared, _)| shared.class == StoreClass::Shared);
    let links: Vec<_> = shared.map(|(shared, accesses)| (shared, accesses, Link::new(flow, accesses))).collect();
    for (store, accesses) in memory {
        for (shared, shared_accesses, link) in
            links.iter().filter(|(shared, ..)| shared.state_type == store.state_type)
        {
            // Of state of the program's own many kinds live side by side: there only the data itself shows a copy.
            let is_data = store.state_type == StateType::Other;
            let near = is_copy(flow, reach, accesses, shared_accesses);
            let is_behind = near && (!is_data || link.shared_by(accesses));
            if is_behind || link.stands_behind(accesses) {
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
    let touching = touching(shared);
    let mut fills = own
        .iter()
        .filter(|access| matches!(access.verb, Verb::Write | Verb::Replace | Verb::Count))
        .filter(|access| reach.after_start(access.function))
        .peekable();
    fills.peek().is_some() && fills.all(|access| is_near(flow, access.function, &touching))
}

fn touching(shared: &[Access]) -> FxHashSet<FunctionRef> {
    shared.iter().map(|access| access.function).collect()
}

struct Link<'l, 'a> {
    flow: &'l ValueFlow<'a>,
    /// The accesses to the shared store.
    sites: FxHashSet<ExprRef>,
    /// The functions that make them.
    touching: FxHashSet<FunctionRef>,
}

impl<'l, 'a> Link<'l, 'a> {
    fn new(flow: &'l ValueFlow<'a>, shared: &[Access]) -> Self {
        Link { flow, sites: shared.iter().filter_map(|access| access.expr).collect(), touching: touching(shared) }
    }

    /// Whether the same data goes into both, or comes out of the shared store into the own one.
    fn shared_by(&self, own: &[Access]) -> bool {
        own.iter().any(|access| {
            access.verb.changes() && access.value.is_some_and(|value| self.shares(access.function, value, 1))
        })
    }

    /// Whether what is not found in the own store is looked for in the shared one.
    fn stands_behind(&self, own: &[Access]) -> bool {
        own.iter().any(|access| {
            access.verb == Verb::Read && access.expr.is_some_and(|read| self.falls_back(access.function, read))
        })
    }

    /// Whether a call is an access to the shared store, or leads to one.
    fn leads(&self, site: ExprRef) -> bool {
        self.sites.contains(&site)
            || self
                .flow
                .calls
                .at_site(site)
                .any(|edge| is_call(&edge.kind) && calls(self.flow, edge.callee, &self.touching, NEARNESS))
    }

    /// The calls of a function that lead to the shared store.
    fn leading(&self, function: FunctionRef) -> Vec<ExprRef> {
        let facts = self.flow.facts(function.module);
        let calls = facts.exprs.iter().enumerate().filter(|(_, expr)| {
            expr.function == function.function && matches!(expr.kind, ExprKind::Call { .. } | ExprKind::New { .. })
        });
        let sites =
            calls.map(|(index, _)| ExprRef { module: function.module, expr: crate::facts::ExprId(index as u32) });
        sites.filter(|&site| self.leads(site)).collect()
    }

    /// Whether a value that a function writes is also handed to the shared store, or was read from it.
    fn shares(&self, function: FunctionRef, value: ExprRef, callers: u32) -> bool {
        let names = self.names(value, 2);
        let leading = self.leading(function);
        let handed = leading.iter().any(|&site| {
            let args = super::reach::arguments(self.flow, site).iter();
            let mut named = args.flat_map(|argument| self.names(ExprRef { expr: argument.value, ..site }, 1));
            named.any(|name| names.contains(&name))
        });
        let span = |at: ExprRef| self.flow.facts(at.module).expr(at.expr).span;
        let facts = self.flow.facts(function.module);
        let read = leading.iter().any(|&site| {
            span(value).contains(span(site))
                || facts.assigns.iter().any(|assign| {
                    names.contains(&assign.binding) && facts.expr(assign.value).span.contains(span(site))
                })
        });
        handed || read || (callers > 0 && self.passed(function, &names, callers - 1))
    }

    /// The same for what callers pass for the parameters among `names`.
    fn passed(&self, function: FunctionRef, names: &[BindingId], callers: u32) -> bool {
        let parameters = &self.flow.facts(function.module).function(function.function).parameters;
        let edges = self.flow.calls.callers(function).iter().filter(|edge| is_call(&edge.kind));
        edges.into_iter().any(|edge| {
            parameters.iter().enumerate().any(|(index, parameter)| {
                parameter.binding.is_some_and(|binding| names.contains(&binding))
                    && super::reach::argument(self.flow, edge.site, index as u32)
                        .is_some_and(|argument| self.shares(edge.caller, argument, callers))
            })
        })
    }

    /// Local variables in an expression, and in what they were assigned.
    fn names(&self, at: ExprRef, depth: u32) -> Vec<BindingId> {
        let facts = self.flow.facts(at.module);
        let span = facts.expr(at.expr).span;
        let mut names = Vec::new();
        for each in facts.exprs.iter().filter(|each| span.contains(each.span)) {
            let ExprKind::Binding(binding) = each.kind else { continue };
            if facts.binding(binding).function == FunctionId::MODULE || names.contains(&binding) {
                continue;
            }
            names.push(binding);
            let assigned = facts.assigns.iter().filter(|assign| assign.binding == binding && depth > 0);
            let further = assigned.flat_map(|assign| self.names(ExprRef { expr: assign.value, ..at }, depth - 1));
            names.extend(further.collect::<Vec<_>>());
        }
        names
    }

    /// Whether a variable takes what the own store has, and else what the shared store has.
    fn falls_back(&self, function: FunctionRef, read: ExprRef) -> bool {
        let facts = self.flow.facts(function.module);
        let span = |expr| facts.expr(expr).span;
        let takes: Vec<BindingId> = facts
            .assigns
            .iter()
            .filter(|assign| assign.function == function.function && span(assign.value).contains(span(read.expr)))
            .map(|assign| assign.binding)
            .collect();
        let leading = self.leading(function);
        // `const entry = own.get(id); let found = entry && entry.get(x); found ??= await shared.get(id)`
        facts.assigns.iter().any(|assign| {
            let from_shared = leading.iter().any(|site| span(assign.value).contains(span(site.expr)));
            let others =
                facts.assigns.iter().filter(|other| other.binding == assign.binding && other.span != assign.span);
            from_shared
                && others.into_iter().any(|other| {
                    takes.contains(&other.binding)
                        || self
                            .names(ExprRef { module: function.module, expr: other.value }, 1)
                            .iter()
                            .any(|name| takes.contains(name))
                })
        })
    }
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

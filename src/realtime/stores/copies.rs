//! Copies: an in-process store in front of a shared store of the same type, filled from it or written together
//! with it.

use super::accesses::{Access, Verb};
use super::reach::Reach;
use crate::facts::{BindingId, ExprKind, FunctionId};
use crate::flow::{EdgeKind, ExprRef, FunctionRef, ValueFlow};
use crate::realtime::{Evidence, StateStore, StateType, StoreClass};
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::BTreeSet;
use std::rc::Rc;

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
    let names = Names { flow, known: RefCell::default() };
    let links: Vec<_> = shared.map(|(shared, accesses)| (shared, Link::new(&names, accesses))).collect();
    for (store, accesses) in memory {
        let alike = || links.iter().filter(|(shared, _)| shared.state_type == store.state_type);
        if alike().next().is_none() {
            continue;
        }
        let fills = Fills::new(flow, reach, accesses);
        for (shared, link) in alike() {
            // Of state of the program's own many kinds live side by side: there only the data itself shows a copy.
            let is_data = store.state_type == StateType::Other;
            let near = fills.are_near(&link.leading_there);
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

/// What is put into a store of the process.
struct Fills {
    /// For each function that does it after the start: itself and its callers, as far as `NEARNESS` goes.
    callers: Vec<FxHashSet<FunctionRef>>,
}

impl Fills {
    fn new(flow: &ValueFlow, reach: &Reach, own: &[Access]) -> Self {
        let fills = own
            .iter()
            .filter(|access| matches!(access.verb, Verb::Write | Verb::Replace | Verb::Count))
            .filter(|access| reach.after_start(access.function));
        let functions: BTreeSet<FunctionRef> = fills.map(|access| access.function).collect();
        Fills { callers: functions.into_iter().map(|each| callers_within(flow, [each], NEARNESS - 1)).collect() }
    }

    /// Whether everything that is put in is also put into, or comes from, the store that the functions of `leading`
    /// lead to.
    fn are_near(&self, leading: &FxHashSet<FunctionRef>) -> bool {
        let near = |callers: &FxHashSet<FunctionRef>| {
            let (few, many) = if callers.len() < leading.len() { (callers, leading) } else { (leading, callers) };
            few.iter().any(|each| many.contains(each))
        };
        !self.callers.is_empty() && self.callers.iter().all(near)
    }
}

/// The functions that call one of `from` over at most so many calls, `from` included.
fn callers_within(
    flow: &ValueFlow,
    from: impl IntoIterator<Item = FunctionRef>,
    distance: u32,
) -> FxHashSet<FunctionRef> {
    let mut nearest: Vec<FunctionRef> = from.into_iter().collect();
    let mut found: FxHashSet<FunctionRef> = nearest.iter().copied().collect();
    for _ in 0..distance {
        let edges = nearest.iter().flat_map(|&each| flow.calls.callers(each));
        let callers = edges.filter(|edge| is_call(&edge.kind)).map(|edge| edge.caller);
        let next: Vec<FunctionRef> = callers.filter(|&caller| found.insert(caller)).collect();
        nearest = next;
    }
    found
}

/// A shared store, and the code that leads to it.
struct Link<'l, 'a> {
    flow: &'l ValueFlow<'a>,
    names: &'l Names<'l, 'a>,
    /// The accesses to the shared store.
    sites: FxHashSet<ExprRef>,
    /// The functions from which an access is at most `NEARNESS` calls away.
    leading_there: FxHashSet<FunctionRef>,
    /// Answers of `leading`.
    leading: RefCell<FxHashMap<FunctionRef, Rc<[ExprRef]>>>,
}

impl<'l, 'a> Link<'l, 'a> {
    fn new(names: &'l Names<'l, 'a>, shared: &[Access]) -> Self {
        Link {
            flow: names.flow,
            names,
            sites: shared.iter().filter_map(|access| access.expr).collect(),
            leading_there: callers_within(names.flow, shared.iter().map(|access| access.function), NEARNESS),
            leading: RefCell::default(),
        }
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
                .any(|edge| is_call(&edge.kind) && self.leading_there.contains(&edge.callee))
    }

    /// The calls of a function that lead to the shared store.
    fn leading(&self, function: FunctionRef) -> Rc<[ExprRef]> {
        if let Some(known) = self.leading.borrow().get(&function) {
            return known.clone();
        }
        let calls = self.flow.facts(function.module).calls_in(function.function);
        let sites = calls.map(|expr| ExprRef { module: function.module, expr });
        let found: Rc<[ExprRef]> = sites.filter(|&site| self.leads(site)).collect();
        self.leading.borrow_mut().insert(function, found.clone());
        found
    }

    /// Whether a value that a function writes is also handed to the shared store, or was read from it.
    fn shares(&self, function: FunctionRef, value: ExprRef, callers: u32) -> bool {
        let leading = self.leading(function);
        if leading.is_empty() && callers == 0 {
            return false;
        }
        let names = self.names.of(value, 2);
        let handed = leading.iter().any(|&site| {
            super::reach::arguments(self.flow, site).iter().any(|argument| {
                let passed = self.names.of(ExprRef { expr: argument.value, ..site }, 1);
                passed.iter().any(|name| names.contains(name))
            })
        });
        let span = |at: ExprRef| self.flow.facts(at.module).expr(at.expr).span;
        let facts = self.flow.facts(function.module);
        let read = leading.iter().any(|&site| {
            span(value).contains(span(site))
                || names
                    .iter()
                    .flat_map(|&name| facts.assigns_to(name))
                    .any(|assign| facts.expr(assign.value).span.contains(span(site)))
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

    /// Whether a variable takes what the own store has, and else what the shared store has.
    fn falls_back(&self, function: FunctionRef, read: ExprRef) -> bool {
        let leading = self.leading(function);
        if leading.is_empty() {
            return false;
        }
        let facts = self.flow.facts(function.module);
        let span = |expr| facts.expr(expr).span;
        let takes: Vec<BindingId> = facts
            .assigns
            .iter()
            .filter(|assign| assign.function == function.function && span(assign.value).contains(span(read.expr)))
            .map(|assign| assign.binding)
            .collect();
        // `const entry = own.get(id); let found = entry && entry.get(x); found ??= await shared.get(id)`
        facts.assigns.iter().any(|assign| {
            let from_shared = leading.iter().any(|site| span(assign.value).contains(span(site.expr)));
            from_shared
                && facts.assigns_to(assign.binding).filter(|other| other.span != assign.span).any(|other| {
                    takes.contains(&other.binding)
                        || self
                            .names
                            .of(ExprRef { module: function.module, expr: other.value }, 1)
                            .iter()
                            .any(|name| takes.contains(name))
                })
        })
    }
}

/// Local variables by the expression and the number of assignments that are followed.
type KnownNames = FxHashMap<(ExprRef, u32), Rc<[BindingId]>>;

/// The local variables in expressions, which every shared store asks for.
struct Names<'l, 'a> {
    flow: &'l ValueFlow<'a>,
    known: RefCell<KnownNames>,
}

impl Names<'_, '_> {
    /// Local variables in an expression, and in what they were assigned, so many times over.
    fn of(&self, at: ExprRef, depth: u32) -> Rc<[BindingId]> {
        if let Some(known) = self.known.borrow().get(&(at, depth)) {
            return known.clone();
        }
        let facts = self.flow.facts(at.module);
        let mentioned = facts.exprs_within(facts.expr(at.expr).span).filter_map(|(_, each)| match each.kind {
            ExprKind::Binding(binding) => Some(binding),
            _ => None,
        });
        let mut names: BTreeSet<BindingId> =
            mentioned.filter(|&binding| facts.binding(binding).function != FunctionId::MODULE).collect();
        if depth > 0 {
            for assign in names.clone().into_iter().flat_map(|binding| facts.assigns_to(binding)) {
                names.extend(self.of(ExprRef { expr: assign.value, ..at }, depth - 1).iter());
            }
        }
        let names: Rc<[BindingId]> = names.into_iter().collect();
        self.known.borrow_mut().insert((at, depth), names.clone());
        names
    }
}

fn is_call(kind: &EdgeKind) -> bool {
    matches!(kind, EdgeKind::Direct | EdgeKind::Super | EdgeKind::Continuation)
}

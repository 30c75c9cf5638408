//! Why a function runs: the climb from a function over its call edges to the registrations that start it.

use crate::facts::{ExportKind, ExprKind, FunctionId, FunctionKind, StoreKey};
use crate::flow::{
    AbstractValue, CallEdge, ClassRef, EdgeKind, ExprRef, FieldKey, FunctionRef, ValueFlow, ValueId,
};
use crate::modules::ModuleId;
use crate::realtime::Place;
use crate::rules::TriggerKind;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::{BTreeSet, VecDeque};
use std::rc::Rc;

/// One reason why a function runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Cause {
    /// What it is.
    pub kind: TriggerKind,
    /// Event or route, where constant.
    pub name: Option<Box<str>>,
    /// The registration; none for module start and exports.
    pub site: Option<ExprRef>,
    /// The function that the registration starts.
    pub entry: FunctionRef,
}

/// Answers why functions run, remembering the answers.
pub(super) struct Reach<'f, 'a> {
    flow: &'f ValueFlow<'a>,
    causes: RefCell<FxHashMap<FunctionRef, Rc<[Cause]>>>,
    exported: FxHashSet<FunctionRef>,
    /// Causes on which a broadcast path runs.
    broadcasting: RefCell<FxHashSet<Cause>>,
    /// Functions that run on what clients and brokers do, directly or through calls.
    realtime: FxHashSet<FunctionRef>,
    /// Functions from which it is not far to a broadcast path.
    broadcasters: FxHashSet<FunctionRef>,
    /// Functions that deliver themselves, or by way of a helper or two.
    deliverers: FxHashSet<FunctionRef>,
    /// Answers of `near_broadcast`.
    near: RefCell<FxHashMap<FunctionRef, bool>>,
}

/// Over how many calls a function is still near a broadcast path, and how many callers are asked.
const BROADCAST_DEPTH: u32 = 4;
const CALLER_DEPTH: u32 = 3;

/// Over how many helpers code delivers at once.
const HELPERS: u32 = 3;

/// Causes of one function that are told apart. What runs for more reasons is plumbing that everything goes through.
const MAX_CAUSES: usize = 96;

impl<'f, 'a> Reach<'f, 'a> {
    /// Prepares the answers; `deliveries` are the broadcast paths.
    pub(super) fn new(flow: &'f ValueFlow<'a>, deliveries: &[Place]) -> Self {
        let mut reach = Reach {
            flow,
            causes: RefCell::default(),
            exported: exported_functions(flow),
            broadcasting: RefCell::default(),
            realtime: FxHashSet::default(),
            broadcasters: FxHashSet::default(),
            deliverers: FxHashSet::default(),
            near: RefCell::default(),
        };
        let delivering: Vec<FunctionRef> =
            deliveries.iter().map(|&place| enclosing_function(flow, place)).collect();
        reach.broadcasters = reach.callers_within(&delivering, BROADCAST_DEPTH, |_| false);
        reach.deliverers = reach.deliver_at_once(&delivering);
        let mut broadcasting = FxHashSet::default();
        for function in delivering {
            broadcasting.extend(reach.causes(function).iter().cloned());
        }
        broadcasting.retain(|cause| !matches!(cause.kind, TriggerKind::ModuleStart | TriggerKind::Shutdown));
        reach.realtime = reach.realtime_functions(broadcasting.iter().map(|cause| cause.entry).collect());
        reach.broadcasting.replace(broadcasting);
        reach
    }

    /// Everything that runs, directly or through calls, on a client's or broker's event or where a path begins.
    fn realtime_functions(&self, mut open: Vec<FunctionRef>) -> FxHashSet<FunctionRef> {
        let mut callees: FxHashMap<FunctionRef, Vec<FunctionRef>> = FxHashMap::default();
        for edge in &self.flow.calls.edges {
            callees.entry(edge.caller).or_default().push(edge.callee);
            let begins = self.trigger(edge).is_some_and(|cause| {
                use TriggerKind::{ChangeFeed, ClientEvent, Connect, Disconnect, Ipc, QueueJob, Subscription};
                matches!(
                    cause.kind,
                    ClientEvent | Connect | Disconnect | Subscription | ChangeFeed | QueueJob | Ipc
                )
            });
            if begins {
                open.push(edge.callee);
            }
        }
        let mut found = FxHashSet::default();
        while let Some(function) = open.pop() {
            if found.insert(function) {
                open.extend(callees.get(&function).into_iter().flatten());
            }
        }
        found
    }

    /// Whether `function` runs on what clients or brokers do.
    pub(super) fn near_realtime(&self, function: FunctionRef) -> bool {
        self.realtime.contains(&function)
    }

    /// Why `function` runs, directly or through calls. Empty for code that nothing calls or exports.
    pub(super) fn causes(&self, function: FunctionRef) -> Rc<[Cause]> {
        if let Some(known) = self.causes.borrow().get(&function) {
            return known.clone();
        }
        let found: Rc<[Cause]> = self.climb(function).into_iter().collect();
        self.causes.borrow_mut().insert(function, found.clone());
        found
    }

    fn climb(&self, function: FunctionRef) -> BTreeSet<Cause> {
        let mut causes = BTreeSet::new();
        let mut seen = FxHashSet::default();
        // Nearest callers first, so that what is cut off is the farthest.
        let mut open = VecDeque::from([function]);
        while let Some(function) = open.pop_front() {
            if causes.len() >= MAX_CAUSES {
                break;
            }
            if !seen.insert(function) {
                continue;
            }
            if function.function == FunctionId::MODULE {
                causes.insert(Cause { kind: TriggerKind::ModuleStart, name: None, site: None, entry: function });
                continue;
            }
            let edges = self.flow.calls.callers(function);
            if edges.is_empty() && self.exported.contains(&function) {
                causes.insert(Cause { kind: TriggerKind::Export, name: None, site: None, entry: function });
            }
            for edge in edges {
                match self.trigger(edge) {
                    Some(cause) => {
                        // Unknown code may call at once what it is given, so the giver is a reason too.
                        if cause.kind == TriggerKind::External {
                            open.push_back(edge.caller);
                        }
                        causes.insert(cause);
                    }
                    None => open.push_back(edge.caller),
                }
            }
        }
        causes
    }

    /// The trigger of an edge; none where the caller simply goes on in the callee.
    pub(super) fn trigger(&self, edge: &CallEdge) -> Option<Cause> {
        let cause = |kind, name| Cause { kind, name, site: Some(edge.site), entry: edge.callee };
        match &edge.kind {
            EdgeKind::Direct | EdgeKind::Super | EdgeKind::Event { .. } | EdgeKind::Continuation => None,
            EdgeKind::External if self.is_synchronous(edge) => None,
            EdgeKind::External => Some(cause(TriggerKind::External, None)),
            EdgeKind::Override { trigger } => Some(match trigger {
                Some(trigger) => cause(trigger.kind, trigger.name.clone()),
                None => cause(TriggerKind::External, None),
            }),
            EdgeKind::Callback { api_use, callback } => {
                let operation = self.flow.operation(self.flow.uses.get(*api_use as usize)?)?;
                let trigger = operation.callbacks.get(*callback as usize)?.trigger.as_ref()?;
                let fixed = trigger.fixed_name.as_deref().map(Into::into);
                let name = fixed.or_else(|| {
                    let argument = argument(self.flow, edge.site, trigger.name?)?;
                    constant(self.flow, argument).map(Into::into)
                });
                Some(cause(trigger.kind, name))
            }
        }
    }

    /// Whether an unknown value is called as only arrays are (`rows.map(f)`): the function has run when the call ends.
    fn is_synchronous(&self, edge: &CallEdge) -> bool {
        let facts = self.flow.facts(edge.site.module);
        let Some(ExprKind::Call { callee, .. }) = facts.exprs.get(edge.site.expr.index()).map(|site| &site.kind)
        else {
            return false;
        };
        let ExprKind::Member { property, .. } = facts.expr(*callee).kind else { return false };
        let array = self.flow.rules.literal("Array").map(|ty| self.flow.rules.ty(ty));
        let operations = array.and_then(|array| array.methods.get(facts.name(property)));
        let mut callbacks = operations.into_iter().flatten().flat_map(|operation| &operation.callbacks).peekable();
        callbacks.peek().is_some() && callbacks.all(|callback| callback.trigger.is_none())
    }

    /// Whether something other than the program's start runs the function.
    pub(super) fn after_start(&self, function: FunctionRef) -> bool {
        self.causes(function).iter().any(|cause| cause.kind != TriggerKind::ModuleStart)
    }

    /// Whether the function runs once per process, as far as is known: its frame lives as long as its closures.
    pub(super) fn once(&self, function: FunctionRef) -> bool {
        let causes = self.causes(function);
        !causes.is_empty() && causes.iter().all(|cause| starts_once(cause.kind) && !self.is_offered_method(cause))
    }

    /// Whether a function only sets up an object: a constructor, or a framework's hook for its creation.
    pub(super) fn sets_up(&self, function: FunctionRef) -> bool {
        let facts = self.flow.facts(function.module).function(function.function);
        let edges = self.flow.calls.callers(function);
        facts.kind == FunctionKind::Constructor
            || (!edges.is_empty()
                && edges.iter().all(|edge| matches!(edge.kind, EdgeKind::Override { trigger: None })))
    }

    /// Whether nothing is known to run the function but whoever uses the module's exports.
    pub(super) fn only_offered(&self, function: FunctionRef) -> bool {
        let causes = self.causes(function);
        !causes.is_empty() && causes.iter().all(|cause| cause.kind == TriggerKind::Export)
    }

    /// Whether a cause is that others may call a method: of a service, as often as they like.
    fn is_offered_method(&self, cause: &Cause) -> bool {
        let facts = self.flow.facts(cause.entry.module).function(cause.entry.function);
        cause.kind == TriggerKind::Export && facts.class.is_some() && facts.kind == FunctionKind::Method
    }

    /// Whether a realtime trigger runs the function: something of a client connection, or what broadcasts as well,
    /// not only somewhere far away in the same program.
    pub(super) fn realtime(&self, function: FunctionRef) -> bool {
        let causes = self.causes(function);
        let broadcasts = |cause: &&Cause| self.broadcasting.borrow().contains(*cause);
        if causes.iter().any(|cause| of_connection(cause.kind)) {
            return true;
        }
        // What only an export or unknown code runs may be the program's start as well: there the same piece of code delivers.
        let mut broadcasting = causes.iter().filter(broadcasts).peekable();
        broadcasting.peek().is_some()
            && if broadcasting.all(|cause| matches!(cause.kind, TriggerKind::Export | TriggerKind::External)) {
                self.delivers_at_once(function)
            } else {
                self.near_broadcast(function)
            }
    }

    /// Whether a function delivers, itself or by way of a helper or two.
    pub(super) fn delivers(&self, function: FunctionRef) -> bool {
        self.deliverers.contains(&function)
    }

    /// Whether a function or a direct caller of it delivers, itself or by way of a helper or two.
    fn delivers_at_once(&self, function: FunctionRef) -> bool {
        let callers = self.callers_within(&[function], 1, |_| false);
        callers.iter().any(|caller| self.deliverers.contains(caller))
    }

    /// Whether a function, or one of its nearest callers, leads to a broadcast path within a few calls.
    fn near_broadcast(&self, function: FunctionRef) -> bool {
        if let Some(&known) = self.near.borrow().get(&function) {
            return known;
        }
        let near = self.callers_within(&[function], CALLER_DEPTH, |each| self.broadcasters.contains(&each));
        let is_near = near.iter().any(|each| self.broadcasters.contains(each));
        self.near.borrow_mut().insert(function, is_near);
        is_near
    }

    /// The functions that lead to deliveries over few calls. What is written where it is called (`clients.forEach(…)`) is
    /// part of the function around it.
    fn deliver_at_once(&self, delivering: &[FunctionRef]) -> FxHashSet<FunctionRef> {
        let mut found: FxHashSet<FunctionRef> = delivering.iter().copied().collect();
        let mut open = delivering.to_vec();
        for step in 0..=HELPERS {
            let mut next = Vec::new();
            while let Some(function) = open.pop() {
                for edge in self.flow.calls.callers(function) {
                    let is_part = self.trigger(edge).is_none() && !is_call(&edge.kind);
                    if is_part && found.insert(edge.caller) {
                        open.push(edge.caller);
                    } else if !is_part && self.trigger(edge).is_none() && step < HELPERS {
                        next.push(edge.caller);
                    }
                }
            }
            open = next.into_iter().filter(|&caller| found.insert(caller)).collect();
        }
        found
    }

    /// The functions that lead to `from` within so many calls; the search ends where `stop` says so.
    fn callers_within(
        &self,
        from: &[FunctionRef],
        depth: u32,
        stop: impl Fn(FunctionRef) -> bool,
    ) -> FxHashSet<FunctionRef> {
        let mut found: FxHashSet<FunctionRef> = from.iter().copied().collect();
        let mut open = from.to_vec();
        for _ in 0..depth {
            if open.iter().any(|&each| stop(each)) {
                break;
            }
            let edges = open.iter().flat_map(|&each| self.flow.calls.callers(each));
            let goes_on =
                |edge: &&CallEdge| self.trigger(edge).is_none_or(|cause| cause.kind == TriggerKind::External);
            let callers: Vec<FunctionRef> = edges.filter(goes_on).map(|edge| edge.caller).collect();
            open = callers.into_iter().filter(|&caller| found.insert(caller)).collect();
        }
        found
    }

    /// Whether a cause is a realtime trigger.
    pub(super) fn is_realtime(&self, cause: &Cause) -> bool {
        of_connection(cause.kind) || self.broadcasting.borrow().contains(cause)
    }

    /// Whether the function can run when the frame of `outer`, which it is nested in, has ended: somewhere on the
    /// way out something else than code of `outer` starts it.
    pub(super) fn outlives(&self, function: FunctionRef, outer: FunctionRef) -> bool {
        let facts = self.flow.facts(function.module);
        let mut at = function;
        while at.function != outer.function && at.function != FunctionId::MODULE {
            let edges = self.flow.calls.callers(at);
            if edges.is_empty() || edges.iter().any(|edge| self.leaves(edge, outer)) {
                return true;
            }
            at.function = facts.function(at.function).parent;
        }
        false
    }

    fn leaves(&self, edge: &CallEdge, outer: FunctionRef) -> bool {
        matches!(edge.kind, EdgeKind::Event { .. })
            || self.trigger(edge).is_some()
            || !is_within(self.flow, edge.caller, outer)
    }
}

fn is_call(kind: &EdgeKind) -> bool {
    matches!(kind, EdgeKind::Direct | EdgeKind::Super)
}

/// Whether a trigger starts code once per process.
fn starts_once(kind: TriggerKind) -> bool {
    matches!(kind, TriggerKind::ModuleStart | TriggerKind::Export | TriggerKind::External | TriggerKind::Shutdown)
}

/// Whether a trigger is something that a client connection does.
pub(super) fn of_connection(kind: TriggerKind) -> bool {
    matches!(kind, TriggerKind::Connect | TriggerKind::Disconnect | TriggerKind::ClientEvent)
}

/// Whether `inner` is `outer` or nested in it.
pub(super) fn is_within(flow: &ValueFlow, inner: FunctionRef, outer: FunctionRef) -> bool {
    if inner.module != outer.module {
        return false;
    }
    let facts = flow.facts(inner.module);
    let mut at = inner.function;
    loop {
        if at == outer.function {
            return true;
        }
        if at == FunctionId::MODULE {
            return false;
        }
        at = facts.function(at).parent;
    }
}

/// The innermost function around a place.
pub(super) fn enclosing_function(flow: &ValueFlow, place: Place) -> FunctionRef {
    let functions = &flow.facts(place.module).functions;
    let around = functions.iter().enumerate().skip(1).filter(|(_, each)| each.span.contains(place.span));
    let innermost = around.min_by_key(|(_, each)| each.span.end - each.span.start);
    let function = innermost.map_or(FunctionId::MODULE, |(index, _)| FunctionId(index as u32));
    FunctionRef { module: place.module, function }
}

/// The n-th argument of the call or `new` at `site`.
pub(super) fn argument(flow: &ValueFlow, site: ExprRef, index: u32) -> Option<ExprRef> {
    let args = arguments(flow, site);
    let argument = args.get(index as usize).filter(|argument| !argument.spread)?;
    Some(ExprRef { module: site.module, expr: argument.value })
}

/// The arguments of the call or `new` at `site`.
pub(super) fn arguments<'a>(flow: &ValueFlow<'a>, site: ExprRef) -> &'a [crate::facts::Argument] {
    match &flow.facts(site.module).expr(site.expr).kind {
        ExprKind::Call { args, .. } | ExprKind::New { args, .. } => args,
        _ => &[],
    }
}

/// The only string that an expression can be.
pub(super) fn constant<'f>(flow: &'f ValueFlow, at: ExprRef) -> Option<&'f str> {
    match flow.values(at) {
        [only] => match flow.value(*only) {
            AbstractValue::String(text) => Some(text),
            _ => None,
        },
        _ => None,
    }
}

/// Functions that code outside the project can call: whatever the modules' exports lead to.
fn exported_functions(flow: &ValueFlow) -> FxHashSet<FunctionRef> {
    let mut by_owner: FxHashMap<ValueId, Vec<ValueId>> = FxHashMap::default();
    let mut open = Vec::new();
    for (owner, key, values) in flow.all_fields() {
        if matches!(key, FieldKey::Named(_)) {
            by_owner.entry(owner).or_default().extend(values);
        }
        if matches!(flow.value(owner), AbstractValue::Exports(_)) {
            open.extend(values);
        }
    }
    open.extend(flow.graph.ids().flat_map(|module| whole_exports(flow, module)));
    let mut functions = FxHashSet::default();
    let mut seen = FxHashSet::default();
    while let Some(id) = open.pop() {
        if !seen.insert(id) {
            continue;
        }
        match flow.value(id) {
            AbstractValue::Bound(bound, _) => open.push(*bound),
            AbstractValue::Function(function) => {
                functions.insert(*function);
                open.extend(by_owner.get(&id).into_iter().flatten());
                if flow.calls.callers(*function).is_empty() {
                    open.extend(returned(flow, *function));
                }
            }
            AbstractValue::Class(class) => functions.extend(methods(flow, *class)),
            AbstractValue::Instance(class) => functions.extend(methods(flow, *class)),
            AbstractValue::Object(_) => open.extend(by_owner.get(&id).into_iter().flatten()),
            _ => {}
        }
    }
    functions
}

/// Values that replace a module's exports: `module.exports = …`, `export = …`.
fn whole_exports(flow: &ValueFlow, module: ModuleId) -> Vec<ValueId> {
    let facts = flow.facts(module);
    let replaced = facts.stores.iter().filter_map(|store| {
        let object = facts.expr(store.object?);
        let named = matches!(store.key, StoreKey::Named(key) if facts.name(key) == "exports");
        let is_module = matches!(object.kind, ExprKind::Global(name) if facts.name(name) == "module");
        (named && is_module).then_some(store.value)
    });
    let equals = facts.exports.iter().filter_map(|entry| match entry.kind {
        ExportKind::Equals { value } => Some(value),
        _ => None,
    });
    replaced.chain(equals).flat_map(|expr| flow.values(ExprRef { module, expr })).copied().collect()
}

fn returned(flow: &ValueFlow, function: FunctionRef) -> Vec<ValueId> {
    let FunctionRef { module, function } = function;
    let returns = &flow.facts(module).function(function).returns;
    returns.iter().flat_map(|&expr| flow.values(ExprRef { module, expr })).copied().collect()
}

fn methods<'a>(flow: &ValueFlow<'a>, class: ClassRef) -> impl Iterator<Item = FunctionRef> + use<'a> {
    use crate::facts::MemberKind::{Field, Getter, Method, Setter};
    let module: ModuleId = class.module;
    let class = flow.facts(module).class(class.class);
    let members = class.members.iter().filter_map(|member| match member.kind {
        Method(function) | Getter(function) | Setter(function) => Some(function),
        Field(_) => None,
    });
    members.chain(class.constructor).map(move |function| FunctionRef { module, function })
}

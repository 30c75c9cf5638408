//! Why a piece of code runs: from a delivery up the call graph to client events, routes, timers, subscriptions, …

use super::model::{Frame, Place};
use super::program::{Handed, Program};
use super::wakes::{Wake, emitter_of, event_of, firing, guards, wakes};
use crate::facts::{BindingKind, ExprKind, FunctionId, GuardKind};
use crate::flow::{AbstractValue, ApiUse, BindingRef, CallEdge, EdgeKind, ExprRef, FunctionRef};
use crate::rules::{Role, StateVerb, TriggerKind};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// A reason that was found.
#[derive(Debug, Clone)]
pub(crate) struct Found<'a> {
    /// What kind.
    pub(crate) kind: TriggerKind,
    /// Event, route, channel or job.
    pub(crate) name: Option<String>,
    /// Where it is registered.
    pub(crate) place: Place,
    /// The function that it runs.
    pub(crate) handler: FunctionRef,
    /// The use that registered the handler.
    pub(crate) registration: Option<&'a ApiUse>,
    /// Registrations of process-local listeners on the way, innermost first.
    pub(crate) listeners: Vec<&'a ApiUse>,
    /// The functions from the handler to the code in question.
    pub(crate) trace: Vec<Frame>,
    /// The same as references: each function, and the expression in it that leads on.
    pub(crate) chain: Vec<(FunctionRef, ExprRef)>,
}

/// A higher-order call on the way: only callers that pass `callee` as argument `index` of `owner` count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct Pin {
    owner: FunctionRef,
    index: u32,
    callee: FunctionRef,
}

#[derive(Debug, Clone)]
struct Node<'a> {
    function: FunctionRef,
    /// The expression in `function` that leads on towards the code in question.
    site: ExprRef,
    pin: Option<Pin>,
    /// The registration through which the node below was entered by an event.
    listener: Option<&'a ApiUse>,
    below: Option<usize>,
}

/// Nodes of one climb; beyond that the chains say nothing new.
const MAX_NODES: usize = 4_000;

/// Where a climb ends, and what it leaves out.
#[derive(Debug, Default)]
pub(crate) struct Bounds {
    /// A function above which the climb does not go.
    pub(crate) stop: Option<FunctionRef>,
    /// Calls that do not count.
    pub(crate) skip: FxHashSet<ExprRef>,
}

/// All reasons why the code at `site` runs, each by its shortest chain, in order of kind and place.
pub(crate) fn triggers<'a>(program: &Program<'a>, site: ExprRef, bounds: &Bounds) -> Vec<Found<'a>> {
    let start = Node { function: program.function_at(site), site, pin: None, listener: None, below: None };
    let mut climb = Climb {
        program,
        bounds,
        nodes: vec![start],
        seen: FxHashSet::default(),
        found: BTreeMap::new(),
        handed_out: Vec::new(),
    };
    climb.run();
    let mut found: Vec<Found<'a>> = climb.found.into_values().collect();
    // A receiver that is partly unknown: the library that is known there says why the callback runs.
    let known: FxHashSet<Place> =
        found.iter().filter(|each| each.kind != TriggerKind::External).map(|each| each.place).collect();
    found.retain(|each| each.kind != TriggerKind::External || !known.contains(&each.place));
    found
}

struct Climb<'p, 'a> {
    program: &'p Program<'a>,
    bounds: &'p Bounds,
    nodes: Vec<Node<'a>>,
    seen: FxHashSet<(FunctionRef, Option<Pin>)>,
    found: BTreeMap<(TriggerKind, Place, Option<String>), Found<'a>>,
    /// Nodes whose functions only code that no rule knows calls.
    handed_out: Vec<(usize, FunctionRef)>,
}

impl<'a> Climb<'_, 'a> {
    fn run(&mut self) {
        let mut next = 0;
        while next < self.nodes.len() && next < MAX_NODES {
            self.expand(next);
            next += 1;
        }
        // Where the code that it is handed to leads nowhere, whoever imports it may still call it.
        if self.found.is_empty() {
            for (index, function) in std::mem::take(&mut self.handed_out) {
                self.add_export(index, function);
            }
        }
    }

    fn add_export(&mut self, index: usize, function: FunctionRef) {
        if self.program.is_exported(function) {
            let span = self.program.function(function).span;
            let name = self.program.function_name(function);
            self.add(index, TriggerKind::Export, Some(name), Place { module: function.module, span }, None);
        }
    }

    fn expand(&mut self, index: usize) {
        let node = self.nodes[index].clone();
        if !self.seen.insert((node.function, node.pin)) {
            return;
        }
        let wakes = self.waits(&node);
        for &wake in &wakes {
            self.woken(index, wake);
        }
        if !wakes.is_empty() || self.bounds.stop == Some(node.function) {
            return;
        }
        if node.function.function == FunctionId::MODULE {
            self.add(index, TriggerKind::ModuleStart, None, self.program.place(node.site), None);
            return;
        }
        let edges: Vec<&'a CallEdge> = self.program.callers(node.function).collect();
        if edges.is_empty() {
            // Registered with an emitter that something else fires.
            for listener in self.program.unfired(node.function) {
                let event = self.program.argument(listener.site, 0).and_then(|event| self.program.constant(event));
                let (name, place) = (event.map(str::to_owned), self.program.place(listener.site));
                self.add(index, TriggerKind::Emitter, name, place, Some(listener));
            }
            self.add_export(index, node.function);
            return;
        }
        if edges.iter().all(|edge| edge.kind == EdgeKind::External) {
            self.handed_out.push((index, node.function));
        }
        let fired = edges.iter().any(|edge| matches!(edge.kind, EdgeKind::Event { .. }));
        for edge in edges {
            if !self.bounds.skip.contains(&edge.site) && self.passes(&node, edge) {
                self.follow(index, &node, edge, fired);
            }
        }
    }

    /// What code waits for before it runs again: what a loop around it goes through, or what is asked in a loop.
    fn waits(&self, node: &Node) -> Vec<Wake<'a>> {
        let program = self.program;
        let found = wakes(program, node.site);
        if !found.is_empty() {
            return found;
        }
        let start = program.expr(node.site).span.start;
        let mut before =
            program.asking_in(node.function).filter(|api_use| program.expr(api_use.site).span.start < start);
        let asked = before.find(|api_use| self.repeats(api_use.site));
        let listens = |asked: &ApiUse| program.flow.operation(asked).is_some_and(|each| each.listen.is_some());
        asked
            .map(|asked| if listens(asked) { Wake::Event(asked) } else { Wake::Broker(asked) })
            .into_iter()
            .collect()
    }

    /// Goes on to what brings a message that code waits for.
    fn woken(&mut self, index: usize, wake: Wake<'a>) {
        let program = self.program;
        let registration = match wake {
            Wake::Broker(asked) => {
                let kind = self.consumption(asked.site);
                return self.add(index, kind, None, program.place(asked.site), Some(asked));
            }
            Wake::Loop(made, trigger) => {
                let named = trigger.name.and_then(|name| program.argument(made.site, name));
                let constant = named.and_then(|name| program.constant(name)).map(str::to_owned);
                let name = constant.or_else(|| trigger.fixed_name.clone());
                return self.add(index, trigger.kind, name, program.place(made.site), Some(made));
            }
            Wake::Event(registration) => registration,
        };
        let firing = firing(program, registration);
        if firing.is_empty() {
            let event = event_of(program, registration).and_then(|event| program.constant(event));
            let place = program.place(registration.site);
            return self.add(index, TriggerKind::Emitter, event.map(str::to_owned), place, Some(registration));
        }
        for emission in firing {
            let (function, listener) = (program.function_at(emission.site), Some(registration));
            self.nodes.push(Node { function, site: emission.site, pin: None, listener, below: Some(index) });
        }
    }

    /// What asking a broker at a site is: where one of the values that may be asked shares its messages, they are shared.
    fn consumption(&self, site: ExprRef) -> TriggerKind {
        match self.program.operations_at(site).any(|(_, operation)| operation.competing) {
            true => TriggerKind::QueueJob,
            false => TriggerKind::Subscription,
        }
    }

    /// Whether all that the client of a listener of every message subscribed to is shared with other consumers.
    fn shares_messages(&self, listener: &ApiUse) -> bool {
        let program = self.program;
        let subscribes =
            |each: &&ApiUse| program.flow.operation(each).is_some_and(|operation| operation.subscribe.is_some());
        let subscriptions: Vec<&ApiUse> =
            listener.receiver.into_iter().flat_map(|client| program.uses_of(client)).filter(subscribes).collect();
        let shared = |each: &&ApiUse| self.consumption(each.site) == TriggerKind::QueueJob;
        !subscriptions.is_empty() && subscriptions.iter().all(shared)
    }

    /// Whether an expression stands in a loop, or in a function that calls itself again.
    fn repeats(&self, at: ExprRef) -> bool {
        let mut looped = guards(self.program, at);
        let function = self.program.function_at(at);
        looped.any(|(_, kind)| matches!(kind, GuardKind::While(_) | GuardKind::ForEach(_)))
            || self.program.callers(function).any(|edge| self.program.within(edge.caller, function))
    }

    /// Whether an edge hands over the function that a higher-order call needs.
    fn passes(&self, node: &Node, edge: &CallEdge) -> bool {
        let Some(pin) = node.pin.filter(|pin| pin.owner == node.function) else { return true };
        if !matches!(edge.kind, EdgeKind::Direct | EdgeKind::Super) {
            return true;
        }
        let argument = match self.program.handed(edge.site, pin.index) {
            Handed::This(argument) => argument,
            Handed::Nothing => return false,
            Handed::Unknown => return true,
        };
        let flow = self.program.flow;
        flow.values(argument).iter().any(|&value| match flow.value(value) {
            AbstractValue::Function(function) => *function == pin.callee,
            AbstractValue::Bound(target, _) => *flow.value(*target) == AbstractValue::Function(pin.callee),
            _ => false,
        })
    }

    fn follow(&mut self, index: usize, node: &Node, edge: &'a CallEdge, fired: bool) {
        let place = self.program.place(edge.site);
        match &edge.kind {
            EdgeKind::Direct | EdgeKind::Super | EdgeKind::Continuation => self.push(index, node, edge, None),
            EdgeKind::Event { listen } => {
                let listener = self.program.flow.uses.get(*listen as usize);
                self.push(index, node, edge, listener);
            }
            EdgeKind::Callback { .. } => {
                let Some((api_use, callback)) = self.program.callback(edge) else { return };
                let Some(trigger) = &callback.trigger else { return self.push(index, node, edge, None) };
                if trigger.kind == TriggerKind::Emitter && fired {
                    return;
                }
                let named = trigger.name.and_then(|name| self.program.argument(edge.site, name));
                let constant = named.and_then(|name| self.program.constant(name)).map(str::to_owned);
                let competes = || {
                    self.program.flow.operation(api_use).is_some_and(|operation| operation.competing)
                        || (trigger.name.is_none() && self.shares_messages(api_use))
                };
                let kind = match trigger.kind {
                    TriggerKind::Subscription if competes() => TriggerKind::QueueJob,
                    kind => kind,
                };
                self.add(index, kind, constant.or_else(|| trigger.fixed_name.clone()), place, Some(api_use));
            }
            EdgeKind::Override { trigger } => {
                let kind = trigger.as_ref().map_or(TriggerKind::External, |trigger| trigger.kind);
                if kind == TriggerKind::Emitter && fired {
                    return;
                }
                let name = trigger.as_ref().and_then(|trigger| trigger.name.as_deref()).map(str::to_owned);
                self.add(index, kind, name, place, None);
            }
            EdgeKind::External => {
                let name = self.program.argument(edge.site, 0).and_then(|name| self.program.constant(name));
                if edge.caller.function == FunctionId::MODULE || name.is_some() {
                    self.add(index, TriggerKind::External, name.map(str::to_owned), place, None);
                } else {
                    self.push(index, node, edge, None);
                }
            }
        }
    }

    fn push(&mut self, index: usize, node: &Node, edge: &CallEdge, listener: Option<&'a ApiUse>) {
        let inherited =
            node.pin.filter(|pin| self.program.within(edge.caller, pin.owner) && pin.owner != node.function);
        let pin = self.pin(edge).or(inherited);
        let above = Node { function: edge.caller, site: edge.site, pin, listener, below: Some(index) };
        self.nodes.push(above);
    }

    /// The parameter through which an edge calls its callee.
    fn pin(&self, edge: &CallEdge) -> Option<Pin> {
        let callee = self.program.callee(edge.site)?;
        let binding = self.program.binding(callee)?;
        let facts = self.program.flow.facts(binding.module);
        let declared = facts.binding(binding.binding);
        if declared.kind != BindingKind::Parameter {
            return None;
        }
        let parameters = &facts.function(declared.function).parameters;
        let index = parameters.iter().position(|parameter| parameter.binding == Some(binding.binding))?;
        let owner = FunctionRef { module: binding.module, function: declared.function };
        Some(Pin { owner, index: index as u32, callee: edge.callee })
    }

    fn add(
        &mut self,
        index: usize,
        kind: TriggerKind,
        name: Option<String>,
        place: Place,
        registration: Option<&'a ApiUse>,
    ) {
        let key = (kind, place, name.clone());
        if self.found.contains_key(&key) {
            return;
        }
        let mut trace = Vec::new();
        let mut chain = Vec::new();
        let mut listeners = Vec::new();
        let mut at = Some(index);
        while let Some(index) = at {
            let node = &self.nodes[index];
            let function = self.program.function_name(node.function);
            chain.push((node.function, node.site));
            trace.push(Frame { function, place: self.program.place(node.site) });
            listeners.extend(node.listener);
            at = node.below;
        }
        let handler = self.nodes[index].function;
        self.found.insert(key, Found { kind, name, place, handler, registration, listeners, trace, chain });
    }
}

/// Whether a trigger inside a connection's handler `owner` comes from beyond that connection: a broker, or a
/// process-local emitter that others share. Output of what was opened for this connection alone is a reply.
pub(crate) fn is_foreign(program: &Program, found: &Found, owner: FunctionRef) -> bool {
    if !found.listeners.is_empty() {
        return found.listeners.iter().any(|listener| is_shared_emitter(program, listener, owner));
    }
    match found.kind {
        TriggerKind::Subscription | TriggerKind::ChangeFeed | TriggerKind::QueueJob => true,
        TriggerKind::Emitter | TriggerKind::Ipc => {
            found.registration.is_some_and(|registration| is_shared_emitter(program, registration, owner))
        }
        _ => false,
    }
}

/// Whether the emitter of a registration outlives the connection whose handler is `owner`.
fn is_shared_emitter(program: &Program, registration: &ApiUse, owner: FunctionRef) -> bool {
    let Some(emitter) = emitter_of(program, registration).0 else { return true };
    !is_private(program, program.peel(emitter), owner, 6)
}

/// The container that a call reads an entry of.
fn read_table(program: &Program, at: ExprRef) -> Option<ExprRef> {
    let reads = program.operations_at(at).any(|(api_use, operation)| {
        let state = operation.state.as_ref().is_some_and(|state| state.verb == StateVerb::Read);
        state && api_use.receiver.is_some_and(|receiver| matches!(program.role(receiver), Role::Container))
    });
    program.receiver(at).filter(|_| reads)
}

/// The emitter of whose events a call makes a stream.
fn streamed_emitter(program: &Program, at: ExprRef) -> Option<ExprRef> {
    let (api_use, _) = program.operations_at(at).find(|(_, operation)| operation.listen.is_some())?;
    emitter_of(program, api_use).0.filter(|&emitter| Some(emitter) != program.receiver(at))
}

fn is_private(program: &Program, at: ExprRef, owner: FunctionRef, depth: u8) -> bool {
    if depth == 0 {
        return false;
    }
    let at = program.peel(at);
    match program.expr(at).kind {
        ExprKind::New { .. } => true,
        ExprKind::Call { .. } => {
            let mut callees =
                program.flow.calls.at_site(at).filter(|edge| edge.kind == EdgeKind::Direct).peekable();
            if callees.peek().is_none() {
                // `fromEvent(emitter, 'change')` is as private as the emitter, `hubs.get(room)` as the table.
                if let Some(source) = streamed_emitter(program, at).or_else(|| read_table(program, at)) {
                    return is_private(program, source, owner, depth - 1);
                }
                // `emitter.on(…).on(…)` is the emitter; `spawn(…)` is a fresh one.
                let fluent = program.receiver(at).filter(|&object| {
                    program.flow.values(object).iter().any(|value| program.flow.values(at).contains(value))
                });
                return fluent.is_none_or(|object| is_private(program, object, owner, depth - 1));
            }
            callees.all(|edge| {
                let module = edge.callee.module;
                let returns = &program.function(edge.callee).returns;
                !returns.is_empty()
                    && returns.iter().all(|&result| {
                        is_private(program, ExprRef { module, expr: result }, edge.callee, depth - 1)
                    })
            })
        }
        ExprKind::Parameter { function, .. } => function == owner.function && at.module == owner.module,
        ExprKind::Binding(binding) => {
            let home = program.flow.facts(at.module).binding(binding).function;
            let home = FunctionRef { module: at.module, function: home };
            let mut assigns = program.assigns(BindingRef { module: at.module, binding }).peekable();
            program.within(home, owner)
                && assigns.peek().is_some()
                && assigns.all(|assign| is_private(program, program.at(at, assign.value), owner, depth - 1))
        }
        ExprKind::Member { object, property, .. } => {
            let object = program.at(at, object);
            if !matches!(program.expr(object).kind, ExprKind::This) {
                return is_private(program, object, owner, depth - 1);
            }
            let facts = program.flow.facts(at.module);
            let mut stores = facts
                .stores
                .iter()
                .filter(|store| {
                    store.object.is_some_and(|object| matches!(facts.expr(object).kind, ExprKind::This))
                        && matches!(store.key, crate::facts::StoreKey::Named(name) if name == property)
                })
                .peekable();
            stores.peek().is_some()
                && stores.all(|store| is_private(program, program.at(at, store.value), owner, depth - 1))
        }
        _ => false,
    }
}

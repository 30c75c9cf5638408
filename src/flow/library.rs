//! Library calls: operations of the rules applied to calls whose receiver is a library's value.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

use super::call_graph::EdgeKind;
use super::places::Scene;
use super::solver::{ArgumentNode, Constraint, Node, Solver};
use super::table::Atom;
use super::value::{AbstractValue, ApiObject, ClassRef, Confidence, ExprRef, Step, ValueId};
use super::{ApiUse, Member};
use crate::facts::FunctionId;
use crate::rules::{Address, Base, Callback, Condition, EventName, Operation, OperationId, Place, Role, TypeId};

/// What the library calls of the program have registered so far.
#[derive(Debug, Default)]
pub(super) struct Registrations {
    pub(super) contexts: Vec<Context>,
    context_ids: FxHashMap<(u32, Option<ValueId>, TypeId, Member, u32), u32>,
    pub(super) decorations: Vec<(ExprRef, Decoration)>,
    pub(super) listeners: FxHashMap<ValueId, Vec<(Option<Atom>, Node, u32)>>,
    emissions: FxHashMap<ValueId, Vec<(Option<Atom>, u32)>>,
    /// What a stream consists of: events of emitters.
    pub(super) streams: FxHashMap<ValueId, Vec<(ValueId, Option<Atom>)>>,
    /// Properties assigned to instances of classes of which it was not known yet that they are a library's.
    pub(super) early_assignments: Vec<(ValueId, Atom, Node, ExprRef)>,
    noted_reads: FxHashSet<(ExprRef, ValueId, Atom)>,
    pub(super) constants: FxHashMap<ValueId, Node>,
    spread_arguments: FxHashMap<(u32, u32), Node>,
    pub(super) overridden: FxHashSet<(ClassRef, FunctionId, TypeId)>,
    /// Properties that any lookup found: imported names, reads, callees.
    pub(super) properties: BTreeSet<OperationId>,
}

/// One operation that may apply to one call.
#[derive(Debug, Clone)]
pub(super) struct Context {
    /// The call.
    pub(super) call: u32,
    /// The receiver; for functions and constructors the called value.
    pub(super) receiver: Option<ValueId>,
    /// Whether the receiver is a method's (`false`: it was itself called or constructed).
    pub(super) is_method: bool,
    /// `this` of a `super(…)` call, which makes no value of its own.
    pub(super) constructs: Option<ValueId>,
    pub(super) ty: TypeId,
    pub(super) member: Member,
    pub(super) operation: u32,
    /// Index into the uses, once the conditions held.
    pub(super) api_use: Option<u32>,
    rechecked: bool,
    parameters: FxHashMap<(u32, u32), Node>,
    /// Nodes of the places that conditions look at, made once.
    watched: Vec<(Place, Vec<Node>)>,
}

/// What a decorator stands on.
#[derive(Debug, Clone)]
pub(super) enum Decoration {
    /// A class.
    Class { class: ClassRef },
    /// A field.
    Property { class: ClassRef, key: Atom },
    /// A parameter of a method or constructor.
    Parameter { class: ClassRef, parameter: ExprRef },
    /// A method.
    Method { class: ClassRef, function: FunctionId },
}

impl Solver<'_> {
    /// A library's function or class was called (`this` for `super(…)`).
    pub(super) fn call_library(&mut self, call: u32, this: Option<ValueId>, value: ValueId, member: Member) {
        let Some(object) = self.api_of(value) else { return };
        let ty = object.ty;
        let found = match member {
            Member::Construct => self.rules.construct(ty),
            _ => self.rules.call(ty),
        };
        let Some((owner, operations)) = found else {
            // A modelled value that the rules do not know as callable: a method's result used as a function.
            self.calls[call as usize].resolved = true;
            self.escape_arguments(call);
            return;
        };
        self.calls[call as usize].resolved = true;
        for index in 0..operations.len() as u32 {
            self.enter(call, Some(value), false, this, owner, member.clone(), index);
        }
    }

    /// A library's method was called.
    pub(super) fn call_method(&mut self, call: u32, receiver: ValueId, name: Box<str>) {
        let Some(ty) = self.library_type(receiver) else { return };
        let Some((owner, operations)) = self.rules.method(ty, &name) else { return };
        self.calls[call as usize].resolved = true;
        for index in 0..operations.len() as u32 {
            self.enter(call, Some(receiver), true, None, owner, Member::Method(name.clone()), index);
        }
    }

    /// The type whose methods a value has.
    pub(super) fn library_type(&self, value: ValueId) -> Option<TypeId> {
        if let Some(object) = self.api_of(value) {
            return Some(object.ty);
        }
        let literal = match self.values.get(value) {
            AbstractValue::Object(_) | AbstractValue::Collected(_) if self.is_array(value) => "Array",
            AbstractValue::Object(_) => "Object",
            AbstractValue::String(_) | AbstractValue::Number(_) => "String",
            _ => return None,
        };
        self.rules.literals.get(literal).copied()
    }

    #[expect(clippy::too_many_arguments, reason = "the parts that identify a context, each used once")]
    fn enter(
        &mut self,
        call: u32,
        receiver: Option<ValueId>,
        is_method: bool,
        constructs: Option<ValueId>,
        ty: TypeId,
        member: Member,
        operation: u32,
    ) {
        let key = (call, constructs.or(receiver), ty, member.clone(), operation);
        if self.library.context_ids.contains_key(&key) {
            return;
        }
        let context = self.library.contexts.len() as u32;
        self.library.context_ids.insert(key, context);
        self.library.contexts.push(Context {
            call,
            receiver,
            is_method,
            constructs,
            ty,
            member,
            operation,
            api_use: None,
            rechecked: false,
            parameters: FxHashMap::default(),
            watched: Vec::new(),
        });
        self.apply_library_call(context);
    }

    /// The operation of a context.
    pub(super) fn context_operation(&self, context: u32) -> Option<&'_ Operation> {
        let context = &self.library.contexts[context as usize];
        super::operation_of(self.rules, context.ty, &context.member, context.operation)
    }

    /// Applies a library call if its conditions hold; otherwise it is tried again when more is known.
    pub(super) fn apply_library_call(&mut self, context: u32) {
        let Some(operation) = self.context_operation(context).cloned() else { return };
        if !self.library.contexts[context as usize].rechecked {
            self.library.contexts[context as usize].rechecked = true;
            for position in watched_arguments(&operation) {
                let call = self.library.contexts[context as usize].call;
                if let Some(node) = self.argument(call, position) {
                    self.add_constraint(node, Constraint::Recheck { context });
                }
            }
        }
        if !operation.when.iter().all(|condition| self.holds(context, condition)) {
            return;
        }
        if self.library.contexts[context as usize].api_use.is_none() {
            self.record_use(context);
            self.apply_operation(context, &operation);
        }
        self.apply_events(context, &operation);
    }

    fn record_use(&mut self, context: u32) {
        let entry = &self.library.contexts[context as usize];
        let site = self.calls[entry.call as usize].site;
        // A tagged query or a model that is constructed is used itself; a class or factory is not.
        let acts = *self.rules.role(entry.ty) != Role::Plain;
        let api_use = ApiUse {
            site,
            receiver: entry.constructs.or(entry.receiver.filter(|_| entry.is_method || acts)),
            ty: entry.ty,
            member: entry.member.clone(),
            operation: entry.operation,
            result: None,
        };
        self.uses.push(api_use);
        self.library.contexts[context as usize].api_use = Some(self.uses.len() as u32 - 1);
    }

    fn apply_operation(&mut self, context: u32, operation: &Operation) {
        let entry = self.library.contexts[context as usize].clone();
        let scene = Scene::call(context);
        let result = self.calls[entry.call as usize].result;
        if entry.constructs.is_none() {
            for place in &operation.returns {
                self.flow_into(&scene, place, result);
            }
            let mut made = operation.returns.iter().filter_map(|place| match place.base {
                Base::Fresh(ty) if place.path.is_empty() => Some(ty),
                _ => None,
            });
            if let (Some(ty), Some(api_use)) =
                (made.next(), entry.api_use.or(self.library.contexts[context as usize].api_use))
            {
                self.uses[api_use as usize].result = Some(self.fresh_value(&scene, ty));
            }
        }
        for (from, to) in &operation.flows {
            self.flow(&scene, from, to);
        }
        if let Some(provide) = &operation.provide {
            self.provide(context, provide);
        }
        for (index, callback) in operation.callbacks.iter().enumerate() {
            self.register_callback(context, index as u32, callback);
        }
    }

    fn register_callback(&mut self, context: u32, index: u32, callback: &Callback) {
        let scene = Scene::call(context);
        let call = self.library.contexts[context as usize].call;
        let constraint = Constraint::LibraryCallback { context, callback: index };
        if let Some(place) = &callback.function {
            for node in self.sources(&scene, place) {
                self.add_constraint(node, constraint.clone());
            }
        }
        if let Some(first) = callback.all_from {
            for argument in self.calls[call as usize].arguments.clone().into_iter().skip(first as usize) {
                if let Some(node) = argument.node {
                    self.add_constraint(node, constraint.clone());
                }
            }
        }
    }

    /// A function arrived that the library calls.
    pub(super) fn library_callback(&mut self, context: u32, index: u32, value: ValueId) {
        let Some(callback) =
            self.context_operation(context).and_then(|operation| operation.callbacks.get(index as usize)).cloned()
        else {
            return;
        };
        if (callback.all_from.is_some() || callback.trigger.is_some()) && self.is_array(value) {
            let any = self.field(value, Atom::ANY);
            return self.add_constraint(any, Constraint::LibraryCallback { context, callback: index });
        }
        let entry = self.library.contexts[context as usize].clone();
        let (Some(api_use), site) = (entry.api_use, self.calls[entry.call as usize].site) else { return };
        let scene = Scene::call(context);
        let arguments: Vec<ArgumentNode> = callback
            .parameters
            .iter()
            .enumerate()
            .map(|(position, places)| {
                let node = self.parameter_node(context, index, position as u32, places, value);
                ArgumentNode { node: Some(node), expr: None, spread: false }
            })
            .collect();
        self.invoke_value(value, None, &arguments, site, EdgeKind::Callback { api_use, callback: index }, None);
        if let AbstractValue::Function(function) = *self.values.get(value) {
            for place in &callback.this {
                let receiver = self.this_node(function);
                self.flow_into(&scene, place, receiver);
            }
        }
    }

    /// The node of what a library passes as a parameter; shared by all functions without a narrowing annotation.
    fn parameter_node(
        &mut self,
        context: u32,
        callback: u32,
        position: u32,
        places: &[Place],
        value: ValueId,
    ) -> Node {
        let scene = Scene::call(context);
        let fresh: Vec<TypeId> = places
            .iter()
            .filter_map(|place| match place.base {
                Base::Fresh(ty) if place.path.is_empty() => Some(ty),
                _ => None,
            })
            .collect();
        if fresh.len() > 1
            && let AbstractValue::Function(function) = *self.values.get(value)
        {
            let kept = self.narrowed_for(function, position, &fresh);
            if kept.len() < fresh.len() {
                let node = self.fresh_node();
                for ty in kept {
                    let made = self.fresh_value(&scene, ty);
                    self.add_value(node, made);
                }
                return node;
            }
        }
        let key = (callback, position);
        if let Some(&node) = self.library.contexts[context as usize].parameters.get(&key) {
            return node;
        }
        let node = self.fresh_node();
        self.library.contexts[context as usize].parameters.insert(key, node);
        for place in places {
            match (&place.base, place.path.is_empty()) {
                (Base::Fresh(ty), true) => {
                    let made = self.fresh_parameter(context, *ty);
                    self.add_value(node, made);
                }
                _ => self.flow_into(&scene, place, node),
            }
        }
        node
    }

    /// What a library hands to a callback belongs to the endpoint that the call makes, else to its receiver.
    fn fresh_parameter(&mut self, context: u32, ty: TypeId) -> ValueId {
        let scene = Scene::call(context);
        let returned =
            self.context_operation(context).map(|operation| operation.returns.clone()).unwrap_or_default();
        let endpoint = returned.iter().find_map(|place| match place.base {
            Base::Fresh(made) if place.path.is_empty() && matches!(self.rules.role(made), Role::Endpoint(_)) => {
                Some(made)
            }
            _ => None,
        });
        let Some(endpoint) = endpoint else { return self.fresh_value(&scene, ty) };
        let (owner, site) = (self.fresh_value(&scene, endpoint), self.scene_site(context));
        let made = self.derived(ty, Some(site), owner, None, false);
        match self.values.get(made).clone() {
            // Both were made by this one call; the endpoint is where the parameter came from all the same.
            AbstractValue::Api(object) if object.origin.is_none() => {
                self.values.intern(AbstractValue::Api(ApiObject { origin: Some(owner), ..object }))
            }
            _ => made,
        }
    }

    fn scene_site(&self, context: u32) -> ExprRef {
        self.calls[self.library.contexts[context as usize].call as usize].site
    }

    /// Process-local events: pairs listeners with emissions of the same emitter and event.
    fn apply_events(&mut self, context: u32, operation: &Operation) {
        let entry = self.library.contexts[context as usize].clone();
        let (Some(receiver), Some(api_use)) = (entry.receiver, entry.api_use) else { return };
        let owner = self.owner(receiver);
        if let Some(listen) = &operation.listen
            && listen.listener.is_none()
        {
            self.stream_events(context, listen);
        }
        if let Some(listen) = &operation.listen
            && let Some(node) = listen.listener.and_then(|listener| self.argument(entry.call, listener))
        {
            let mut listener = node;
            if let Some(field) = &listen.field {
                let (key, site) = (self.atoms.intern(field), self.scene_site(context));
                listener = self.fresh_node();
                self.add_constraint(node, Constraint::Load { key, to: listener, site });
            }
            for event in self.events(entry.call, &listen.event) {
                self.add_listener(owner, event, listener, api_use);
            }
        }
        if let Some(name) = &operation.emit {
            for event in self.events(entry.call, name) {
                let known = self.library.emissions.entry(owner).or_default();
                if known.contains(&(event, context)) {
                    continue;
                }
                known.push((event, context));
                for (heard, node, listen) in self.library.listeners.get(&owner).cloned().unwrap_or_default() {
                    if event.is_none() || heard.is_none() || event == heard {
                        self.add_constraint(node, Constraint::EventListener { context, listen });
                    }
                }
            }
        }
    }

    /// Registers the functions at a node for an event of an emitter: those that it fires call them.
    pub(super) fn add_listener(&mut self, emitter: ValueId, event: Option<Atom>, node: Node, listen: u32) {
        let owner = self.owner(emitter);
        let registered = (event, node, listen);
        let known = self.library.listeners.entry(owner).or_default();
        if known.contains(&registered) {
            return;
        }
        known.push(registered);
        for (source, event) in self.library.streams.get(&owner).cloned().unwrap_or_default() {
            self.listen_at_source(source, event, registered);
        }
        for (emitted, emission) in self.library.emissions.get(&owner).cloned().unwrap_or_default() {
            if event.is_none() || emitted.is_none() || event == emitted {
                self.add_constraint(node, Constraint::EventListener { context: emission, listen });
            }
        }
    }

    /// The events that a call names; `None` is an event that is not constant.
    pub(super) fn events(&mut self, call: u32, name: &EventName) -> Vec<Option<Atom>> {
        let EventName::Argument(position) = *name else { return vec![None] };
        let Some(node) = self.argument(call, position) else { return vec![None] };
        let values = self.values_at(node).to_vec();
        values
            .into_iter()
            .map(|value| match self.values.get(value) {
                AbstractValue::String(text) => Some(self.atoms.intern(&text.clone())),
                _ => None,
            })
            .collect()
    }

    /// A listener arrived that an emission calls.
    pub(super) fn event_listener(&mut self, context: u32, listen: u32, value: ValueId) {
        let Some(name) = self.context_operation(context).and_then(|operation| operation.emit.clone()) else {
            return;
        };
        let entry = &self.library.contexts[context as usize];
        let call = &self.calls[entry.call as usize];
        let (site, skip) = (
            call.site,
            match name {
                EventName::Argument(position) => position as usize + 1,
                EventName::Single => 0,
            },
        );
        let arguments: Vec<ArgumentNode> = call.arguments.iter().copied().skip(skip).collect();
        self.invoke_value(value, None, &arguments, site, EdgeKind::Event { listen }, None);
    }

    /// The node of the n-th argument of a call.
    pub(super) fn argument(&mut self, call: u32, position: u32) -> Option<Node> {
        let arguments = &self.calls[call as usize].arguments;
        let before = arguments.iter().take(position as usize + 1).find(|argument| argument.spread).copied();
        match before {
            Some(spread) => {
                if let Some(&node) = self.library.spread_arguments.get(&(call, position)) {
                    return Some(node);
                }
                let site = self.calls[call as usize].site;
                let node = self.fresh_node();
                self.library.spread_arguments.insert((call, position), node);
                self.add_constraint(spread.node?, Constraint::LoadElement { to: node, site });
                Some(node)
            }
            None => arguments.get(position as usize)?.node,
        }
    }

    /// What is known so far to stand at a place; the operation is tried again when more arrives.
    pub(super) fn place_values(&mut self, context: u32, place: &Place) -> Vec<ValueId> {
        let known = &self.library.contexts[context as usize].watched;
        let nodes = match known.iter().find(|(watched, _)| watched == place) {
            Some((_, nodes)) => nodes.clone(),
            None => {
                let nodes = self.sources(&Scene::call(context), place);
                self.library.contexts[context as usize].watched.push((place.clone(), nodes.clone()));
                for &node in &nodes {
                    self.add_constraint(node, Constraint::Recheck { context });
                }
                nodes
            }
        };
        nodes.iter().flat_map(|&node| self.values_at(node).iter().copied()).collect()
    }

    /// A value made from another one: its origin is the endpoint (or broker, database, adapter) that it came from.
    pub(super) fn derived(
        &mut self,
        ty: TypeId,
        site: Option<ExprRef>,
        from: ValueId,
        address: Option<&Address>,
        local: bool,
    ) -> ValueId {
        if self.rules.ty(ty).instance.is_some() {
            return self.library_constant(ty);
        }
        let (origin, mut steps, confidence) = match self.api_of(from) {
            Some(object) => {
                let keeps = !matches!(
                    self.rules.role(object.ty),
                    Role::Plain | Role::Connection(_) | Role::Container | Role::Emitter
                );
                let same_site = object.site == site && object.site.is_some();
                let origin = if keeps && !same_site && self.depth(from) < 3 { Some(from) } else { object.origin };
                (origin, object.steps.to_vec(), object.confidence)
            }
            None => (None, Vec::new(), Confidence::Certain),
        };
        if matches!(self.rules.role(ty), Role::Endpoint(_)) {
            steps.clear();
        }
        if let Some(address) = address {
            steps.push(Step::Address(address.scope));
        }
        if local {
            steps.push(Step::Local);
        }
        steps.sort_unstable();
        steps.dedup();
        let site = site.filter(|_| self.has_identity[ty.0 as usize]);
        self.values.intern(AbstractValue::Api(ApiObject { ty, site, origin, steps: steps.into(), confidence }))
    }

    fn depth(&self, value: ValueId) -> usize {
        std::iter::successors(self.api_of(value), |object| object.origin.and_then(|origin| self.api_of(origin)))
            .take(8)
            .count()
    }

    /// Notes that a property of a library's value was read.
    pub(super) fn note_property_read(&mut self, value: ValueId, key: Atom, site: ExprRef) {
        let Some(object) = self.api_of(value) else { return };
        let Some((owner, property)) = self.rules.property(object.ty, self.atoms.text(key)) else { return };
        let absent = self.lacks(owner, property, object.site.unwrap_or(site).module);
        if !self.library.noted_reads.insert((site, value, key)) {
            return;
        }
        let name = self.atoms.text(key).into();
        let member = if absent { Member::AbsentProperty(name) } else { Member::Property(name) };
        self.uses.push(ApiUse { site, receiver: Some(value), ty: owner, member, operation: 0, result: None });
    }

    /// A property was assigned that the library watches (`socket.onmessage = …`).
    pub(super) fn assign_property(&mut self, value: ValueId, key: Atom, from: Node, site: ExprRef) {
        let Some(object) = self.api_of(value) else {
            if matches!(self.values.get(value), AbstractValue::Instance(_)) {
                self.library.early_assignments.push((value, key, from, site));
            }
            return;
        };
        let name: Box<str> = self.atoms.text(key).into();
        let Some((owner, property)) = self.rules.property(object.ty, &name) else { return };
        if property.on_assign.is_none() {
            return;
        }
        let argument = ArgumentNode { node: Some(from), expr: Some(site.expr), spread: false };
        let known = self.library.noted_reads.contains(&(site, value, key));
        if !known {
            self.library.noted_reads.insert((site, value, key));
            let call = self.synthetic_call(site, &[argument], None);
            self.enter(call, Some(value), true, None, owner, Member::AssignProperty(name), 0);
        }
    }
}

/// The arguments on whose values the conditions and names of an operation depend.
fn watched_arguments(operation: &Operation) -> Vec<u32> {
    let mut positions: Vec<u32> = operation
        .when
        .iter()
        .filter_map(|condition| match condition {
            Condition::ArgumentIs(position, _)
            | Condition::ArgumentIsNot(position, _)
            | Condition::ArgumentKind(position, _) => Some(*position),
            _ => None,
        })
        .collect();
    let events = [operation.listen.as_ref().map(|listen| &listen.event), operation.emit.as_ref()];
    for event in events.into_iter().flatten() {
        if let EventName::Argument(position) = event {
            positions.push(*position);
        }
    }
    positions.sort_unstable();
    positions.dedup();
    positions
}

//! The constraint system: nodes with values, constraints on nodes, and the worklist.
//!
//! A node stands for an expression, a binding, a function's result or `this`, or a field of a value. A constraint on
//! a node says what a value arriving there causes. Values only ever grow, each pair of value and constraint is
//! handled once, and the number of both is bounded by the program and the caps below, so the fixpoint is reached
//! whatever the order; the order itself is first-in-first-out and therefore the same in every run.

use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;

use super::call_graph::CallEdge;
use super::cycles::Merged;
use super::library::Registrations;
use super::table::{Atom, Atoms, Values};
use super::value::{AbstractValue, ApiObject, ClassRef, ExprRef, FunctionRef, ValueId};
use super::{ApiUse, VersionCheck};
use crate::facts::{ExprId, ModuleFacts};
use crate::modules::{ModuleGraph, ModuleId};
use crate::rules::{Base, ConnectionRole, Place, Role, RuleSet, TypeId};

/// String constants that one node keeps apart; more of them become `Unknown`.
const MAX_STRINGS: usize = 48;
/// Values that one node keeps apart. A node with more is a mixing point (a table of everything, a generic helper)
/// that tells nothing; what it holds beyond becomes `Unknown`, except what the audit is about.
const MAX_VALUES: usize = 128;
/// The same for endpoints, connections, brokers and adapters.
const MAX_REALTIME_VALUES: usize = 1024;
/// Handled pairs of value and constraint after which the solver stops and says so.
const MAX_STEPS: u64 = 60_000_000;

/// A node of the constraint graph.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Node(pub u32);

/// What a value arriving at a node causes.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) enum Constraint {
    /// It arrives at `to` as well.
    Subset { to: Node },
    /// Its field arrives at `to`.
    Load { key: Atom, to: Node, site: ExprRef },
    /// Its export arrives at `to`.
    Import { key: Atom, to: Node },
    /// Its fields named by the strings of `index` arrive at `to`.
    LoadIndex { index: Option<Node>, to: Node, site: ExprRef },
    /// What iterating it gives arrives at `to`.
    LoadElement { to: Node, site: ExprRef },
    /// Its keys arrive at `to`.
    LoadKey { to: Node },
    /// What arrives at `from` arrives in its field.
    Store { key: Atom, from: Node, site: ExprRef },
    /// The same for the fields named by the strings of `index`.
    StoreIndex { index: Option<Node>, from: Node },
    /// The arriving string names the field of `object` to read.
    IndexLoaded { object: ValueId, to: Node, site: ExprRef },
    /// The arriving string names the field of `object` to write.
    IndexStored { object: ValueId, from: Node },
    /// It is called.
    Call { call: u32, this: Option<ValueId> },
    /// Its member is called.
    CallMember { call: u32, key: Atom },
    /// The member of its superclass is called (`super.m()`; the arriving value is `this`).
    CallSuperMember { call: u32, key: Atom },
    /// The library calls it.
    LibraryCallback { context: u32, callback: u32 },
    /// A listener of a process-local event: `context` is the emission, `listen` the registration.
    EventListener { context: u32, listen: u32 },
    /// A condition or name of a library call may hold now.
    Recheck { context: u32 },
    /// Unknown code calls it, and may call what it holds.
    Escape { site: ExprRef },
    /// It continues a promise: it is called with what is at `input`.
    Continuation { site: ExprRef, input: Option<Node>, output: Node },
    /// What it returns arrives at `to`.
    ResultOf { to: Node },
    /// Its fields are copied into every value of `target`.
    CopyFields { target: Node },
    /// The fields of every value of `source` are copied into it.
    CopyInto { source: Node },
    /// A pair of its keys and elements arrives at `to`.
    EntryOf { to: Node },
    /// It is a class whose instance arrives at `to`.
    InstanceOf { to: Node },
    /// It is a token that `from` is bound to.
    Provided { from: Node },
    /// It is a token, and what is bound to it arrives at `to`.
    Injected { to: Node },
    /// It is the superclass of `class`.
    Superclass { class: ClassRef },
    /// It is the superclass in which `key` of `this` is looked up.
    SuperLookup { this: ValueId, key: Atom, to: Node },
    /// The same for static members.
    StaticSuperLookup { this: ValueId, key: Atom, to: Node },
    /// It is the superclass whose constructor runs with `this`.
    SuperConstructor { call: u32, this: ValueId },
    /// It decorates something.
    Decorate { decoration: u32 },
}

/// A node's state.
#[derive(Debug, Default)]
pub(super) struct NodeState {
    /// Sorted values.
    pub(super) values: Vec<ValueId>,
    /// Values not yet handed to the constraints.
    pub(super) pending: Vec<ValueId>,
    /// What arriving values cause.
    pub(super) constraints: Vec<Constraint>,
    pub(super) strings: u16,
    pub(super) queued: bool,
}

/// How a call was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum CallKind {
    /// `f()`.
    Call,
    /// `new f()`.
    New,
    /// `super()`.
    Super,
}

/// An argument of a call: its node, where it has one, and its expression.
#[derive(Debug, Clone, Copy)]
pub(super) struct ArgumentNode {
    /// Where its values arrive; none for numbers and other plain literals.
    pub(super) node: Option<Node>,
    /// The expression, where it is one of the call's own.
    pub(super) expr: Option<ExprId>,
    /// Whether it is `...values`.
    pub(super) spread: bool,
}

/// A call of the program.
#[derive(Debug)]
pub(super) struct CallSite {
    /// The call expression.
    pub(super) site: ExprRef,
    /// How it was written.
    pub(super) kind: CallKind,
    /// Its arguments.
    pub(super) arguments: Vec<ArgumentNode>,
    /// Where its result arrives.
    pub(super) result: Node,
    /// Where the callee's values arrive, for unresolved calls.
    pub(super) callee: Node,
    /// Whether anything was called.
    pub(super) resolved: bool,
}

/// What a class is known to extend.
#[derive(Debug, Default)]
pub(super) struct ClassState {
    /// Superclasses of the program.
    pub(super) supers: Vec<ClassRef>,
    /// Classes that extend it.
    pub(super) subclasses: Vec<ClassRef>,
    /// The library object that its instances are, by `extends` or a decorator.
    pub(super) api: Option<ValueId>,
}

/// The solver.
pub(super) struct Solver<'a> {
    pub(super) graph: &'a ModuleGraph,
    pub(super) rules: &'a RuleSet,
    pub(super) versions: &'a dyn VersionCheck,
    pub(super) values: Values,
    pub(super) atoms: Atoms,
    pub(super) nodes: Vec<NodeState>,
    seen_constraints: FxHashSet<(Node, Constraint)>,
    pub(super) expr_nodes: Vec<Vec<u32>>,
    pub(super) binding_nodes: Vec<Vec<u32>>,
    pub(super) return_nodes: FxHashMap<FunctionRef, Node>,
    pub(super) this_nodes: FxHashMap<FunctionRef, Node>,
    pub(super) arguments_nodes: FxHashMap<FunctionRef, Node>,
    pub(super) fields: FxHashMap<(ValueId, Atom), Node>,
    pub(super) fields_of: Vec<Vec<(Atom, Node)>>,
    pub(super) field_copies: FxHashMap<ValueId, Vec<ValueId>>,
    pub(super) lookups: FxHashMap<(ValueId, Atom), Node>,
    pub(super) whole_exports: FxHashMap<ModuleId, Node>,
    pub(super) calls: Vec<CallSite>,
    pub(super) classes: FxHashMap<ClassRef, ClassState>,
    pub(super) edges: FxHashSet<CallEdge>,
    pub(super) library: Registrations,
    pub(super) containers: super::providers::Containers,
    pub(super) implementations: FxHashMap<Box<str>, Vec<(ClassRef, Option<crate::facts::BindingId>)>>,
    pub(super) uses: Vec<ApiUse>,
    pub(super) name_atoms: Vec<Vec<Atom>>,
    /// Of the module whose constraints are being made: which expressions are callees.
    pub(super) callees: Vec<bool>,
    queue: VecDeque<Node>,
    pub(super) merged: Merged,
    steps: u64,
    /// Objects whose members were handed to unknown code already.
    pub(super) escaped: FxHashSet<ValueId>,
    /// Whether the solver stopped before the fixpoint.
    pub(super) limit_reached: bool,
    pub(super) unknown: ValueId,
    pub(super) global_object: ValueId,
    pub(super) unknown_node: Node,
    /// Per type: whether its values are told apart by where they were made.
    pub(super) has_identity: Vec<bool>,
}

/// Requests, operators, strings and the like are alike wherever they come from; endpoints, clients, containers and
/// whatever remembers its site are not. Without this, each of a thousand routes would have a response of its own.
fn has_identity(rules: &RuleSet, ty: TypeId) -> bool {
    // A place in the value itself, or the expression that made it: what one call puts there, another finds.
    let own = |place: &Place| place.base == Base::Site || (place.base == Base::This && !place.path.is_empty());
    let remembers = || {
        rules.lineage(ty).any(|each| {
            let each = rules.ty(each);
            let operations = each.methods.values().flatten().chain(&each.call).chain(&each.any_method);
            operations.into_iter().any(|operation| {
                let flows = operation.flows.iter().flat_map(|(from, to)| [from, to]);
                let parameters =
                    operation.callbacks.iter().flat_map(|callback| callback.parameters.iter().flatten());
                let token = operation.provide.as_ref().map(|provide| &provide.token);
                flows.chain(&operation.returns).chain(parameters).chain(token).any(own)
            })
        })
    };
    if rules.shares_fields(ty) {
        return false;
    }
    match rules.role(ty) {
        Role::Plain => remembers(),
        Role::Connection(ConnectionRole { kept_only, .. }) => !kept_only,
        _ => true,
    }
}

/// The mark for expressions without a node.
pub(super) const NO_NODE: u32 = u32::MAX;

impl<'a> Solver<'a> {
    /// A solver without constraints.
    pub(super) fn new(graph: &'a ModuleGraph, rules: &'a RuleSet, versions: &'a dyn VersionCheck) -> Self {
        let mut values = Values::default();
        let unknown = values.intern(AbstractValue::Unknown);
        let global_object = values.intern(AbstractValue::GlobalObject);
        let mut atoms = Atoms::default();
        let name_atoms = graph
            .modules
            .iter()
            .map(|module| module.facts.names.iter().map(|name| atoms.intern(name)).collect())
            .collect();
        let sized = |count: fn(&ModuleFacts) -> usize| -> Vec<Vec<u32>> {
            graph.modules.iter().map(|module| vec![NO_NODE; count(&module.facts)]).collect()
        };
        let mut solver = Solver {
            graph,
            rules,
            versions,
            values,
            atoms,
            nodes: Vec::new(),
            seen_constraints: FxHashSet::default(),
            expr_nodes: sized(|facts| facts.exprs.len()),
            binding_nodes: sized(|facts| facts.bindings.len()),
            return_nodes: FxHashMap::default(),
            this_nodes: FxHashMap::default(),
            arguments_nodes: FxHashMap::default(),
            fields: FxHashMap::default(),
            fields_of: Vec::new(),
            field_copies: FxHashMap::default(),
            lookups: FxHashMap::default(),
            whole_exports: FxHashMap::default(),
            calls: Vec::new(),
            classes: FxHashMap::default(),
            edges: FxHashSet::default(),
            library: Registrations::default(),
            containers: super::providers::Containers::default(),
            implementations: FxHashMap::default(),
            uses: Vec::new(),
            name_atoms,
            callees: Vec::new(),
            queue: VecDeque::new(),
            merged: Merged::default(),
            steps: 0,
            escaped: FxHashSet::default(),
            limit_reached: false,
            unknown,
            global_object,
            unknown_node: Node(0),
            has_identity: (0..rules.types.len() as u32).map(|ty| has_identity(rules, TypeId(ty))).collect(),
        };
        solver.unknown_node = solver.fresh_node();
        solver.add_value(solver.unknown_node, unknown);
        solver
    }

    /// A module's facts.
    pub(super) fn facts(&self, module: ModuleId) -> &'a ModuleFacts {
        self.graph.facts(module)
    }

    /// A node of its own.
    pub(super) fn fresh_node(&mut self) -> Node {
        self.nodes.push(NodeState::default());
        self.merged.grow(self.nodes.len());
        Node(self.nodes.len() as u32 - 1)
    }

    /// The values at a node.
    pub(super) fn values_at(&self, node: Node) -> &[ValueId] {
        &self.nodes[self.merged.find(node).0 as usize].values
    }

    /// The library object that a value is, directly or as an instance of a user's subclass.
    pub(super) fn api_of(&self, value: ValueId) -> Option<&ApiObject> {
        match self.values.get(value) {
            AbstractValue::Api(object) => Some(object),
            AbstractValue::Instance(class) => self.class_api(*class).and_then(|base| self.api_of(base)),
            _ => None,
        }
    }

    /// The library object that instances of a class are.
    pub(super) fn class_api(&self, class: ClassRef) -> Option<ValueId> {
        let mut seen = Vec::new();
        let mut todo = vec![class];
        while let Some(next) = todo.pop() {
            if seen.contains(&next) {
                continue;
            }
            seen.push(next);
            let Some(state) = self.classes.get(&next) else { continue };
            if state.api.is_some() {
                return state.api;
            }
            todo.extend(&state.supers);
        }
        None
    }

    /// Lets a value arrive at a node.
    pub(super) fn add_value(&mut self, node: Node, value: ValueId) {
        let node = self.merged.find(node);
        let is_string = matches!(self.values.get(value), AbstractValue::String(_));
        let mut value = value;
        let (count, strings) = {
            let state = &self.nodes[node.0 as usize];
            (state.values.len(), state.strings as usize)
        };
        if (is_string && strings >= MAX_STRINGS)
            || (count >= MAX_VALUES && (count >= MAX_REALTIME_VALUES || !self.is_realtime(value)))
        {
            value = self.unknown;
        }
        let state = &mut self.nodes[node.0 as usize];
        let Err(position) = state.values.binary_search(&value) else { return };
        state.values.insert(position, value);
        state.strings += u16::from(is_string && value != self.unknown);
        state.pending.push(value);
        if !state.queued {
            state.queued = true;
            self.queue.push_back(node);
        }
    }

    /// Whether a value is what the audit is about: an endpoint, a connection, a broker, an adapter, or a step of a
    /// chain that began at one.
    fn is_realtime(&self, value: ValueId) -> bool {
        let role = |object: &ApiObject| {
            matches!(
                self.rules.role(object.ty),
                Role::Endpoint(_) | Role::Connection(_) | Role::Broker(_) | Role::Adapter(_)
            )
        };
        match self.values.get(value) {
            AbstractValue::Api(object) => {
                role(object) || object.origin.and_then(|origin| self.api_of(origin)).is_some_and(role)
            }
            AbstractValue::Method(receiver, _) => self.api_of(*receiver).is_some_and(role),
            _ => false,
        }
    }

    /// Shortens the values of a merged node to what one node keeps apart.
    pub(super) fn forget_beyond_cap(&self, values: &mut Vec<ValueId>) {
        if values.len() <= MAX_VALUES {
            return;
        }
        let mut ordinary = 0;
        values.retain(|&value| {
            ordinary += 1;
            ordinary <= MAX_VALUES || value == self.unknown || self.is_realtime(value)
        });
    }

    /// Puts a constraint on a node; the values that are there already are handled at once.
    pub(super) fn add_constraint(&mut self, node: Node, constraint: Constraint) {
        let node = self.merged.find(node);
        let constraint = match constraint {
            Constraint::Subset { to } if self.merged.find(to) == node => return,
            Constraint::Subset { to } => Constraint::Subset { to: self.merged.find(to) },
            other => other,
        };
        if !self.seen_constraints.insert((node, constraint.clone())) {
            return;
        }
        let state = &mut self.nodes[node.0 as usize];
        state.constraints.push(constraint.clone());
        let handled: Vec<ValueId> =
            state.values.iter().copied().filter(|value| !state.pending.contains(value)).collect();
        for value in handled {
            self.handle(node, value, &constraint);
        }
    }

    /// What arrives at `from` arrives at `to`.
    pub(super) fn subset(&mut self, from: Node, to: Node) {
        self.add_constraint(from, Constraint::Subset { to });
    }

    /// Runs to the fixpoint.
    pub(super) fn run(&mut self) {
        while let Some(node) = self.queue.pop_front() {
            if self.steps > self.merged.next_search {
                self.merge_cycles();
                self.merged.next_search = self.steps + (self.nodes.len() as u64 * 4).max(200_000);
            }
            if self.merged.find(node) != node {
                continue;
            }
            let state = &mut self.nodes[node.0 as usize];
            state.queued = false;
            let pending = std::mem::take(&mut state.pending);
            // Constraints that are added meanwhile see these values as handled already and catch up themselves.
            let count = state.constraints.len();
            for position in 0..count {
                let constraint = self.nodes[node.0 as usize].constraints[position].clone();
                for &value in &pending {
                    self.handle(node, value, &constraint);
                }
                self.steps += pending.len() as u64;
            }
            if self.steps > MAX_STEPS {
                self.limit_reached = true;
                self.queue.clear();
                return;
            }
        }
    }

    /// Lets the constraints of a node see values that some of them have not seen.
    pub(super) fn reconsider(&mut self, node: Node, values: Vec<ValueId>) {
        let state = &mut self.nodes[node.0 as usize];
        state.pending.extend(values);
        state.pending.sort_unstable();
        state.pending.dedup();
        if !state.pending.is_empty() && !state.queued {
            state.queued = true;
            self.queue.push_back(node);
        }
    }

    fn handle(&mut self, node: Node, value: ValueId, constraint: &Constraint) {
        match *constraint {
            Constraint::Subset { to } => self.add_value(to, value),
            Constraint::Load { key, to, site } => self.load(value, key, to, site),
            Constraint::Import { key, to } => self.import(value, key, to),
            Constraint::LoadIndex { index, to, site } => self.load_index(value, index, to, site),
            Constraint::LoadElement { to, site } => self.load_element(value, to, site),
            Constraint::LoadKey { to } => self.load_key(value, to),
            Constraint::Store { key, from, site } => self.store(value, key, from, site),
            Constraint::StoreIndex { index, from } => self.store_index(value, index, from),
            Constraint::IndexLoaded { object, to, site } => self.index_loaded(object, value, to, site),
            Constraint::IndexStored { object, from } => self.index_stored(object, value, from),
            Constraint::Call { call, this } => self.call_value(call, value, this),
            Constraint::CallMember { call, key } => self.call_member(call, value, key),
            Constraint::CallSuperMember { call, key } => self.call_super_member(call, value, key),
            Constraint::LibraryCallback { context, callback } => self.library_callback(context, callback, value),
            Constraint::EventListener { context, listen } => self.event_listener(context, listen, value),
            Constraint::Recheck { context } => self.apply_library_call(context),
            Constraint::Escape { site } => self.escape(value, site),
            Constraint::Continuation { site, input, output } => self.continuation(value, site, input, output),
            Constraint::ResultOf { to } => self.result_of(value, to),
            Constraint::CopyFields { target } => {
                for into in self.values_at(target).to_vec() {
                    self.copy_fields(value, into);
                }
            }
            Constraint::CopyInto { source } => {
                for from in self.values_at(source).to_vec() {
                    self.copy_fields(from, value);
                }
            }
            Constraint::EntryOf { to } => {
                let is_entry = matches!(self.values.get(value), AbstractValue::Entry(_));
                let entry = if is_entry { value } else { self.values.intern(AbstractValue::Entry(value)) };
                self.add_value(to, entry);
            }
            Constraint::InstanceOf { to } => self.instance_of(value, to),
            Constraint::Provided { from } => self.provided(value, from),
            Constraint::Injected { to } => self.injected(value, to),
            Constraint::Superclass { class } => self.superclass(class, value, node),
            Constraint::SuperLookup { this, key, to } => self.super_lookup(value, this, key, to),
            Constraint::StaticSuperLookup { this, key, to } => self.static_super_lookup(value, this, key, to),
            Constraint::SuperConstructor { call, this } => self.super_constructor(call, this, value),
            Constraint::Decorate { decoration } => self.decorate(decoration, value),
        }
    }
}

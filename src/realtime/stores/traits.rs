//! What the code shows about a declaration: what it stores, under which keys, when it is written, who reads it.

use super::Search;
use super::accesses::{Access, AccessIndex, Verb};
use super::declarations::Declaration;
use super::heap::{Heap, Kind};
use super::reach::{Reach, of_connection};
use super::sent::Sent;
use crate::facts::{AssignKind, BindingId, BindingKind, ExprKind, FunctionKind, PropertyKey};
use crate::flow::{AbstractValue, BindingRef, ExprRef, FieldKey, FunctionRef, ValueId};
use crate::realtime::Place;
use crate::rules::TriggerKind;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cell::RefCell;
use std::collections::BTreeSet;

/// Names by which programs know a connection's own id.
const ID_PROPERTIES: &[&str] = &["id", "sessionId", "socketId", "connectionId"];

/// What runs on more occasions than these is plumbing that everything goes through.
const MOST_OCCASIONS: usize = 20;

/// What the code shows about one declaration; each finding with a place that shows it.
#[derive(Debug, Default)]
pub(super) struct Traits {
    /// Connections are stored in it.
    pub handles: Option<Place>,
    /// They are grouped: under each key stands a collection of them.
    pub grouped_handles: bool,
    /// Its keys are ids of connections, or connections.
    pub keyed_by_connection: Option<Place>,
    /// Its entries are, or carry, ids of connections.
    pub holds_connection_ids: Option<Place>,
    /// Under each key stands a collection.
    pub grouped: Option<Place>,
    /// Its keys are what rooms are named after.
    pub keyed_by_room: Option<Place>,
    /// A realtime trigger adds to it.
    pub added: Option<(Place, TriggerKind)>,
    /// Added on connect.
    pub added_on_connect: Option<Place>,
    /// Removed when the connection goes.
    pub removed_on_disconnect: Option<Place>,
    /// Entries are removed at some time.
    pub removed: Option<Place>,
    /// What is written is also sent as a message.
    pub payload: Option<Place>,
    /// Entries are appended without a key.
    pub appended: bool,
    /// Something of it is sent to clients, published or returned.
    pub sent: Option<Place>,
    /// Something of it is handed over as a message, not only as an answer.
    pub delivered: Option<Place>,
    /// All of its entries, keys or their number are sent.
    pub listed: Option<Place>,
    /// Entries are numbers, booleans or times.
    pub plain_values: bool,
    /// Entries are functions: callbacks, listeners.
    pub functions: bool,
    /// Names of the fields that its records have, each once, in order.
    pub record_fields: Vec<String>,
    /// Names of the client events on which it is written.
    pub events: Vec<String>,
    /// Whether instances of the program's classes are its entries.
    pub instances: bool,
    /// Written by a function that subscribes at a broker.
    pub subscribed: Option<Place>,
    /// Written where the transport's list of connections is read.
    pub from_listing: Option<Place>,
    /// Methods of its entries are called as those of connections are.
    pub live: Option<Place>,
}

/// Gathers the traits of declarations.
pub(super) struct Observer<'o, 'f, 'a> {
    pub(super) heap: &'o Heap<'f, 'a>,
    pub(super) reach: &'o Reach<'f, 'a>,
    accesses: &'o AccessIndex,
    pub(super) sent: &'o Sent,
    pub(super) delivered: &'o Sent,
    /// Variables that name rooms.
    rooms: FxHashSet<BindingRef>,
    /// Functions that send to the connection of the handler which made them, and that broadcast paths call: whoever keeps
    /// one keeps that connection.
    speakers: FxHashSet<FunctionRef>,
    /// What each constant or variable was initialised with.
    initial: FxHashMap<BindingRef, ExprRef>,
    /// What is known to stand in entries, as instances and as data.
    insides: RefCell<FxHashMap<(ValueId, bool), Inside>>,
    /// Answers of `is_connection_id`.
    connection_ids: RefCell<FxHashMap<(ExprRef, u32), bool>>,
}

/// What stands in an entry of a store.
#[derive(Debug, Clone, Copy, Default)]
struct Inside {
    /// A collection, or a record with one.
    grouped: bool,
    /// A connection of this instance.
    handles: bool,
    /// Such a connection in a collection.
    grouped_handles: bool,
}

impl<'o, 'f, 'a> Observer<'o, 'f, 'a> {
    /// Prepares for a program.
    pub(super) fn new(search: &'o Search<'f, 'a>) -> Self {
        let Search { heap, reach, accesses, sent, delivered, .. } = search;
        let mut initial = FxHashMap::default();
        for module in heap.flow.graph.ids() {
            for assign in &heap.flow.facts(module).assigns {
                if assign.kind == AssignKind::Declare {
                    let binding = BindingRef { module, binding: assign.binding };
                    initial.entry(binding).or_insert(ExprRef { module, expr: assign.value });
                }
            }
        }
        Observer {
            heap,
            reach,
            accesses,
            sent,
            delivered,
            rooms: super::meanings::room_variables(heap),
            speakers: super::meanings::speakers(search),
            initial,
            insides: RefCell::default(),
            connection_ids: RefCell::default(),
        }
    }

    /// The traits of a declaration.
    pub(super) fn observe(&self, declaration: &Declaration) -> Traits {
        let mut traits = Traits::default();
        self.entries(declaration, &mut traits);
        for access in &declaration.direct {
            self.key(access, &mut traits);
            self.written(access, &mut traits);
        }
        // What instances do inside themselves says nothing of the entries.
        let mut records = self.heap.records(&declaration.containers);
        records.retain(|id| declaration.content.contains(id));
        for access in records.into_iter().flat_map(|id| self.accesses.of_value(id)) {
            self.key(access, &mut traits);
            self.written(access, &mut traits);
        }
        traits.live =
            declaration.direct.iter().find(|access| self.calls_entries(access)).map(|access| access.place);
        for access in declaration.accesses() {
            self.reads(access, &mut traits);
            self.timing(access, &mut traits);
        }
        self.record_fields(declaration, &mut traits);
        traits.plain_values = self.plain_values(declaration);
        traits
    }

    /// Whether an access goes through the entries and calls methods of theirs that data has not (`each.ping()`).
    fn calls_entries(&self, access: &Access) -> bool {
        let Some(at) = access.expr.filter(|_| access.verb == Verb::Enumerate) else { return false };
        let facts = self.heap.flow.facts(at.module);
        let iterated = facts.assigns.iter().filter(|assign| assign.value == at.expr).map(|assign| assign.binding);
        let passed = self.heap.flow.calls.at_site(at).filter(|edge| edge.callee.module == at.module);
        let received = passed.filter_map(|edge| {
            let function = facts.function(edge.callee.function);
            function.parameters.first().and_then(|parameter| parameter.binding)
        });
        let entries: Vec<BindingId> = iterated.chain(received).collect();
        let is_data = |name: &str| {
            ["Array", "String", "Object", "Function"]
                .iter()
                .filter_map(|literal| self.heap.flow.rules.literal(literal))
                .any(|ty| self.heap.flow.rules.method(ty, name).is_some())
        };
        !entries.is_empty()
            && facts.exprs.iter().any(|expr| {
                let ExprKind::Call { callee, .. } = &expr.kind else { return false };
                let ExprKind::Member { object, property, .. } = facts.expr(*callee).kind else { return false };
                matches!(facts.expr(object).kind, ExprKind::Binding(binding) if entries.contains(&binding))
                    && !is_data(facts.name(property))
            })
    }

    /// What stands in the containers.
    fn entries(&self, declaration: &Declaration, traits: &mut Traits) {
        for &container in &declaration.containers {
            for (key, values) in self.heap.fields(container) {
                for &id in values {
                    match (key, self.heap.kind(id)) {
                        (FieldKey::Key, Kind::Connection) => {
                            traits.handles.get_or_insert(declaration.place);
                            traits.keyed_by_connection.get_or_insert(declaration.place);
                        }
                        (FieldKey::Key, _) => {}
                        (_, Kind::Connection) if self.heap.is_local_handle(id) => {
                            traits.handles.get_or_insert(declaration.place);
                        }
                        (_, Kind::Function) if self.speaks(id) => {
                            traits.handles.get_or_insert(declaration.place);
                        }
                        // An object that has methods beside its entries (`get(name) { return this[name]; }`).
                        (_, Kind::Function) if self.is_method(id) => {}
                        (_, Kind::Function) => traits.functions = true,
                        (_, Kind::Owner) => {
                            traits.instances |= matches!(self.heap.flow.value(id), AbstractValue::Instance(_));
                            self.inside(id, true, traits, declaration.place);
                        }
                        (_, Kind::Container) => self.inside(id, false, traits, declaration.place),
                        _ => {}
                    }
                }
            }
        }
    }

    /// What stands in an entry, added to the traits of the store that it is an entry of.
    fn inside(&self, entry: ValueId, is_instance: bool, traits: &mut Traits, place: Place) {
        // Large programs ask for the same entries from many declarations.
        let known = self.insides.borrow().get(&(entry, is_instance)).copied();
        let inside = known.unwrap_or_else(|| {
            let found = self.look_inside(entry, is_instance);
            self.insides.borrow_mut().insert((entry, is_instance), found);
            found
        });
        if inside.grouped {
            traits.grouped.get_or_insert(place);
        }
        if inside.handles {
            traits.handles.get_or_insert(place);
        }
        traits.grouped_handles |= inside.grouped_handles;
    }

    /// A record with a handle, a collection of handles, a record with a collection.
    fn look_inside(&self, entry: ValueId, is_instance: bool) -> Inside {
        let is_collection = !is_instance && self.heap.is_collection(entry);
        let mut inside = Inside { grouped: is_collection, ..Inside::default() };
        for (key, values) in self.heap.fields(entry) {
            for &id in values {
                match self.heap.kind(id) {
                    Kind::Connection if self.heap.is_local_handle(id) => {
                        inside.handles = true;
                        inside.grouped_handles |= is_collection;
                    }
                    Kind::Function if self.speaks(id) => {
                        inside.handles = true;
                        inside.grouped_handles |= is_collection;
                    }
                    Kind::Container | Kind::Owner if *key != FieldKey::Key => {
                        let is_nested = self.heap.kind(id) == Kind::Container && self.heap.is_collection(id);
                        inside.grouped |= is_nested;
                        if (is_nested || is_collection) && self.heap.holds_handle(id) {
                            inside.handles = true;
                            inside.grouped_handles = true;
                        }
                    }
                    _ => {}
                }
            }
        }
        inside
    }

    fn is_method(&self, id: ValueId) -> bool {
        let flow = self.heap.flow;
        matches!(flow.value(id), AbstractValue::Function(function)
            if flow.facts(function.module).function(function.function).kind == FunctionKind::Method)
    }

    fn speaks(&self, id: ValueId) -> bool {
        matches!(self.heap.flow.value(id), AbstractValue::Function(function) if self.speakers.contains(function))
    }

    fn key(&self, access: &Access, traits: &mut Traits) {
        let Some(key) = access.key else { return };
        if self.is_connection_id(key, 3) {
            // For a set the key is the entry.
            if access.appends {
                traits.holds_connection_ids.get_or_insert(access.place);
            } else {
                traits.keyed_by_connection.get_or_insert(access.place);
            }
        }
        if self.variable(key).is_some_and(|binding| self.rooms.contains(&binding)) && !access.appends {
            traits.keyed_by_room.get_or_insert(access.place);
        }
    }

    fn written(&self, access: &Access, traits: &mut Traits) {
        if !access.verb.changes() {
            return;
        }
        traits.appended |= access.appends && access.key.is_none();
        let Some(value) = access.value else { return };
        if self.is_connection_id(value, 3) {
            traits.holds_connection_ids.get_or_insert(access.place);
        }
        for property in self.record(value) {
            if self.is_connection_id(property, 3) {
                traits.holds_connection_ids.get_or_insert(access.place);
            }
        }
        let added = self.added_to_list(value);
        traits.appended |= !added.is_empty();
        let sent =
            std::iter::once(value).chain(self.record(value)).chain(added).any(|each| self.is_payload(each, 2));
        if sent {
            traits.payload.get_or_insert(access.place);
        }
        traits.functions |= self.is_promise_callback(value)
            || self.record(value).into_iter().any(|each| self.is_promise_callback(each));
    }

    /// What an array literal adds to the list that it spreads: `[...messages, message]`.
    fn added_to_list(&self, at: ExprRef) -> Vec<ExprRef> {
        match &self.heap.flow.facts(at.module).expr(at.expr).kind {
            ExprKind::Array(items) if items.iter().any(|item| item.spread) => {
                let added = items.iter().filter(|item| !item.spread);
                added.map(|item| ExprRef { module: at.module, expr: item.value }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Values of the properties, where an expression is or names an object literal.
    fn record(&self, at: ExprRef) -> Vec<ExprRef> {
        let at = self.variable(at).and_then(|binding| self.initial.get(&binding)).copied().unwrap_or(at);
        match &self.heap.flow.facts(at.module).expr(at.expr).kind {
            ExprKind::Object(properties) => {
                properties.iter().map(|each| ExprRef { module: at.module, expr: each.value }).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Whether what is written is also (part of) a message.
    fn is_payload(&self, at: ExprRef, depth: u32) -> bool {
        let facts = self.heap.flow.facts(at.module);
        let is_data = |&id: &ValueId| matches!(self.heap.kind(id), Kind::Scalar | Kind::Container | Kind::Handle);
        let made = self.variable(at).and_then(|binding| self.initial.get(&binding)).copied().unwrap_or(at);
        let is_object = matches!(self.heap.flow.facts(made.module).expr(made.expr).kind, ExprKind::New { .. });
        if is_object || !self.heap.flow.values(at).iter().all(is_data) {
            return false;
        }
        if let ExprKind::Object(_) = facts.expr(at.expr).kind {
            return self.delivered.expr(at);
        }
        let Some(binding) = self.variable(at) else { return false };
        if facts.binding(binding.binding).kind != BindingKind::Parameter || depth == 0 {
            return self.delivered.binding(binding);
        }
        self.delivered.binding(binding)
            || self.passed(binding).into_iter().any(|each| self.is_payload(each, depth - 1))
    }

    /// Whether an expression is a message made into text: `JSON.stringify(message)`, or a variable that holds it.
    pub(super) fn is_serialized_payload(&self, at: ExprRef) -> bool {
        let at = self.variable(at).and_then(|binding| self.initial.get(&binding)).copied().unwrap_or(at);
        let args = super::reach::arguments(self.heap.flow, at);
        args.iter().any(|argument| self.is_payload(ExprRef { module: at.module, expr: argument.value }, 2))
    }

    /// The arguments that callers pass for a parameter.
    fn passed(&self, binding: BindingRef) -> Vec<ExprRef> {
        let flow = self.heap.flow;
        let facts = flow.facts(binding.module);
        let function = facts.binding(binding.binding).function;
        let parameters = &facts.function(function).parameters;
        let Some(index) = parameters.iter().position(|each| each.binding == Some(binding.binding)) else {
            return Vec::new();
        };
        let edges = flow.calls.callers(FunctionRef { module: binding.module, function });
        edges.iter().filter_map(|edge| super::reach::argument(flow, edge.site, index as u32)).collect()
    }

    /// Whether an expression is the id of a connection: `socket.id`, a variable that holds it, a parameter that
    /// it is passed for.
    pub(super) fn is_connection_id(&self, at: ExprRef, depth: u32) -> bool {
        if let Some(&known) = self.connection_ids.borrow().get(&(at, depth)) {
            return known;
        }
        let found = self.names_connection(at, depth);
        self.connection_ids.borrow_mut().insert((at, depth), found);
        found
    }

    fn names_connection(&self, at: ExprRef, depth: u32) -> bool {
        let flow = self.heap.flow;
        let facts = flow.facts(at.module);
        if flow.values(at).iter().any(|&id| self.heap.is_local_handle(id)) {
            return true;
        }
        match &facts.expr(at.expr).kind {
            ExprKind::Member { object, property, .. } => {
                let object = ExprRef { module: at.module, expr: *object };
                ID_PROPERTIES.contains(&facts.name(*property))
                    && flow.values(object).iter().any(|&id| self.heap.kind(id) == Kind::Connection)
            }
            ExprKind::Binding(binding) if depth > 0 => {
                let binding = BindingRef { module: at.module, binding: *binding };
                let initial = self.initial.get(&binding).copied();
                let initial = initial.filter(|&value| value != at);
                initial.is_some_and(|value| self.is_connection_id(value, depth - 1))
                    || self.passed(binding).into_iter().any(|each| self.is_connection_id(each, depth - 1))
            }
            ExprKind::Typed { value, .. } | ExprKind::Await(value) => {
                self.is_connection_id(ExprRef { module: at.module, expr: *value }, depth)
            }
            _ => false,
        }
    }

    /// Whether an expression is a record with the id of a connection in it, or such a record made into text.
    pub(super) fn carries_connection_id(&self, at: ExprRef) -> bool {
        let at = self.variable(at).and_then(|binding| self.initial.get(&binding)).copied().unwrap_or(at);
        let args = super::reach::arguments(self.heap.flow, at);
        let texts = args.iter().map(|argument| ExprRef { module: at.module, expr: argument.value });
        let mut parts = std::iter::once(at).chain(texts).flat_map(|each| self.record(each));
        parts.any(|part| self.is_connection_id(part, 2))
    }

    fn variable(&self, at: ExprRef) -> Option<BindingRef> {
        match self.heap.flow.facts(at.module).expr(at.expr).kind {
            ExprKind::Binding(binding) => Some(BindingRef { module: at.module, binding }),
            _ => None,
        }
    }

    /// `resolve` and `reject` of `new Promise(…)`: whoever keeps them keeps a call in flight.
    fn is_promise_callback(&self, at: ExprRef) -> bool {
        let Some(binding) = self.variable(at) else { return false };
        let facts = self.heap.flow.facts(binding.module);
        let declared = facts.binding(binding.binding);
        if declared.kind != BindingKind::Parameter {
            return false;
        }
        let Some(executor) = facts.function(declared.function).value else { return false };
        facts.parents_of(executor).any(|(_, expr)| match &expr.kind {
            ExprKind::New { callee, args } => {
                args.first().is_some_and(|argument| argument.value == executor)
                    && matches!(facts.expr(*callee).kind, ExprKind::Global(name) if facts.name(name) == "Promise")
            }
            _ => false,
        })
    }

    fn reads(&self, access: &Access, traits: &mut Traits) {
        let Some(expr) = access.expr.filter(|&expr| self.sent.expr(expr)) else { return };
        if self.delivered.expr(expr) {
            traits.delivered.get_or_insert(access.place);
        }
        match access.verb {
            Verb::Enumerate => {
                traits.sent.get_or_insert(access.place);
                traits.listed.get_or_insert(access.place);
            }
            Verb::Read => {
                traits.sent.get_or_insert(access.place);
                let is_whole = access.key.is_none() && access.property.is_none() && self.is_whole(expr);
                if is_whole {
                    traits.listed.get_or_insert(access.place);
                }
            }
            _ => {}
        }
    }

    /// Whether a mention of a variable takes all of it: it is an argument, an element or a property's value, not
    /// the object of a member.
    fn is_whole(&self, at: ExprRef) -> bool {
        let facts = self.heap.flow.facts(at.module);
        !facts.parents_of(at.expr).any(|(_, expr)| match expr.kind {
            ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => object == at.expr,
            _ => false,
        })
    }

    fn timing(&self, access: &Access, traits: &mut Traits) {
        if !access.verb.changes() {
            return;
        }
        let removes = matches!(access.verb, Verb::Remove | Verb::Shift | Verb::Clear | Verb::Replace);
        let realtime = self.reach.realtime(access.function);
        let causes = self.reach.causes(access.function);
        let occasions = causes.iter().map(|cause| (cause.kind, &cause.name)).collect::<BTreeSet<_>>().len();
        for cause in causes.iter() {
            if removes {
                // What takes out the oldest entry, or runs on every other occasion too, does not do it because one goes.
                let tidies = access.verb == Verb::Shift || occasions > MOST_OCCASIONS;
                if cause.kind == TriggerKind::Disconnect && !tidies {
                    traits.removed_on_disconnect.get_or_insert(access.place);
                }
                traits.removed.get_or_insert(access.place);
            }
            let adds = !matches!(access.verb, Verb::Remove | Verb::Shift | Verb::Clear);
            if adds && realtime && self.reach.is_realtime(cause) {
                if cause.kind == TriggerKind::Connect {
                    traits.added_on_connect.get_or_insert(access.place);
                }
                if traits.added.is_none_or(|(_, kind)| !of_connection(kind)) {
                    traits.added = Some((access.place, cause.kind));
                }
            }
            if let (TriggerKind::ClientEvent, Some(name)) = (cause.kind, &cause.name)
                && adds
                && !traits.events.iter().any(|each| **each == **name)
            {
                traits.events.push(name.to_string());
            }
        }
    }

    fn record_fields(&self, declaration: &Declaration, traits: &mut Traits) {
        let mut names = BTreeSet::new();
        for &id in &declaration.content {
            if self.heap.is_array(id) || self.heap.is_collection(id) {
                continue;
            }
            names.extend(self.literal_fields(id));
            for (key, values) in self.heap.fields(id) {
                let is_method = values.iter().all(|&value| self.heap.kind(value) == Kind::Function);
                if let FieldKey::Named(name) = key
                    && !is_method
                {
                    names.insert(name.to_string());
                }
            }
        }
        traits.record_fields.extend(names);
    }

    /// The named properties of an object literal, whatever their values.
    fn literal_fields(&self, id: ValueId) -> Vec<String> {
        let AbstractValue::Object(site) = self.heap.flow.value(id) else { return Vec::new() };
        let facts = self.heap.flow.facts(site.module);
        let ExprKind::Object(properties) = &facts.expr(site.expr).kind else { return Vec::new() };
        let named = properties.iter().filter_map(|property| match property.key {
            PropertyKey::Named(name) => Some(facts.name(name).to_owned()),
            _ => None,
        });
        named.collect()
    }

    /// Whether only numbers, booleans and times are written.
    fn plain_values(&self, declaration: &Declaration) -> bool {
        let mut written = declaration
            .direct
            .iter()
            .filter(|access| access.verb == Verb::Count || (access.verb == Verb::Write && access.value.is_some()));
        let mut any = false;
        let all = written.all(|access| {
            any = true;
            access.verb == Verb::Count || access.value.is_some_and(|value| self.is_plain(value, 3))
        });
        any && all && declaration.content.is_empty()
    }

    fn is_plain(&self, at: ExprRef, depth: u32) -> bool {
        let facts = self.heap.flow.facts(at.module);
        match &facts.expr(at.expr).kind {
            ExprKind::Number(_) | ExprKind::Bool(_) => true,
            ExprKind::Binary { operator, left, right } => match facts.name(*operator) {
                "-" | "*" | "/" | "%" | "<" | ">" | "===" | "!==" => true,
                "+" => [left, right]
                    .into_iter()
                    .any(|&expr| self.is_plain(ExprRef { module: at.module, expr }, depth.saturating_sub(1))),
                _ => false,
            },
            ExprKind::Call { callee, .. } | ExprKind::New { callee, .. } => self.is_numeric(at, *callee),
            ExprKind::Binding(_) if depth > 0 => self
                .variable(at)
                .and_then(|binding| self.initial.get(&binding))
                .is_some_and(|&value| self.is_plain(value, depth - 1)),
            ExprKind::Union(operands) => operands
                .iter()
                .any(|&expr| self.is_plain(ExprRef { module: at.module, expr }, depth.saturating_sub(1))),
            _ => false,
        }
    }

    /// `Date.now()`, `new Date()`, `Math.max(…)`, `Number(…)`.
    fn is_numeric(&self, at: ExprRef, callee: crate::facts::ExprId) -> bool {
        let facts = self.heap.flow.facts(at.module);
        let is_numeric = |expr: crate::facts::ExprId| match facts.expr(expr).kind {
            ExprKind::Global(name) => matches!(facts.name(name), "Date" | "Math" | "Number" | "parseInt"),
            _ => false,
        };
        match facts.expr(callee).kind {
            ExprKind::Member { object, .. } => is_numeric(object),
            _ => is_numeric(callee),
        }
    }
}

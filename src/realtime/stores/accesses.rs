//! Every access to a value or variable: library operations on containers, member reads and stores, `delete`,
//! reassignment and counting.

use super::heap::{Heap, Kind, evaluated_by};
use super::reach::{argument, arguments};
use crate::facts::{AssignKind, ExprId, ExprKind, ModuleFacts, StoreKey};
use crate::flow::{AbstractValue, ApiUse, BindingRef, ExprRef, FunctionRef, Member, ValueFlow, ValueId};
use crate::modules::ModuleId;
use crate::realtime::Place;
use crate::rules::{Base, StateAccess, StateVerb, Step};
use rustc_hash::{FxHashMap, FxHashSet};

/// What an access does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Verb {
    /// Reads it, or one entry of it.
    Read,
    /// Reads all entries, their keys or their number.
    Enumerate,
    /// Adds or changes an entry.
    Write,
    /// Takes an entry out.
    Remove,
    /// Takes out the first or last entry, whichever it is.
    Shift,
    /// Empties it.
    Clear,
    /// Assigns another value to the variable that holds it.
    Replace,
    /// Adds to or subtracts from it.
    Count,
}

impl Verb {
    /// Whether the state is another one afterwards.
    pub(super) fn changes(self) -> bool {
        !matches!(self, Verb::Read | Verb::Enumerate)
    }
}

/// One access.
#[derive(Debug, Clone)]
pub(super) struct Access {
    /// What it does.
    pub verb: Verb,
    /// The named property, where one is accessed.
    pub property: Option<Box<str>>,
    /// The expression whose value is accessed, where there is one.
    pub receiver: Option<ExprRef>,
    /// The key.
    pub key: Option<ExprRef>,
    /// What is written.
    pub value: Option<ExprRef>,
    /// The expression, for what has one.
    pub expr: Option<ExprRef>,
    /// Where.
    pub place: Place,
    /// The function that does it.
    pub function: FunctionRef,
    /// Whether a method appends (`push`, `add`): it writes without a key of its own.
    pub appends: bool,
}

/// Code that works on more containers than these is a helper for all of them, and says nothing of one.
const MOST_CONTAINERS_OF_A_SITE: usize = 8;

/// All accesses, by value and by variable.
#[derive(Default)]
pub(super) struct AccessIndex {
    by_value: FxHashMap<ValueId, Vec<Access>>,
    by_property: FxHashMap<ValueId, FxHashMap<Box<str>, Vec<Access>>>,
    by_binding: FxHashMap<BindingRef, Vec<Access>>,
}

impl AccessIndex {
    /// Collects them from the whole program.
    pub(super) fn new(heap: &Heap) -> Self {
        let mut index = AccessIndex::default();
        let global = heap.flow.all_values().find(|(_, value)| **value == AbstractValue::GlobalObject);
        let global = global.map(|(id, _)| id);
        for module in heap.flow.graph.ids() {
            Collector { heap, flow: heap.flow, facts: heap.flow.facts(module), module, global, index: &mut index }
                .run();
        }
        index
    }

    /// Accesses to a value: its entries and properties.
    pub(super) fn of_value(&self, id: ValueId) -> &[Access] {
        self.by_value.get(&id).map_or(&[], |accesses| accesses)
    }

    /// Accesses to one named property of an owner.
    pub(super) fn of_property(&self, owner: ValueId, name: &str) -> &[Access] {
        self.by_property.get(&owner).and_then(|named| named.get(name)).map_or(&[], |accesses| accesses)
    }

    fn add(&mut self, id: ValueId, kind: Kind, access: Access) {
        match access.property.clone().filter(|_| kind != Kind::Container) {
            Some(name) => self.by_property.entry(id).or_default().entry(name).or_default().push(access),
            None => self.by_value.entry(id).or_default().push(access),
        }
    }

    /// All accesses to the properties of an owner.
    pub(super) fn of_owner(&self, owner: ValueId) -> impl Iterator<Item = &Access> {
        let named = self.by_property.get(&owner).into_iter().flat_map(|named| named.values().flatten());
        self.of_value(owner).iter().chain(named)
    }

    /// Accesses to a variable itself.
    pub(super) fn of_binding(&self, binding: BindingRef) -> &[Access] {
        self.by_binding.get(&binding).map_or(&[], |accesses| accesses)
    }
}

struct Collector<'c, 'f, 'a> {
    heap: &'c Heap<'f, 'a>,
    flow: &'f ValueFlow<'a>,
    facts: &'a ModuleFacts,
    module: ModuleId,
    /// The object that undeclared variables are fields of.
    global: Option<ValueId>,
    index: &'c mut AccessIndex,
}

impl Collector<'_, '_, '_> {
    fn run(mut self) {
        let operated = self.operations();
        self.expressions(&operated);
        self.stores();
        self.deletes();
        self.assigns();
    }

    fn at(&self, expr: ExprId) -> ExprRef {
        ExprRef { module: self.module, expr }
    }

    /// An access by an expression.
    fn access(&self, verb: Verb, expr: ExprId) -> Access {
        let at = self.at(expr);
        Access {
            verb,
            property: None,
            receiver: None,
            key: None,
            value: None,
            expr: Some(at),
            place: Place { module: self.module, span: self.facts.expr(expr).span },
            function: evaluated_by(self.flow, at),
            appends: false,
        }
    }

    fn record(&mut self, object: ExprId, access: &Access) {
        if !self.tells(object) {
            return;
        }
        for &id in self.flow.values(self.at(object)) {
            let relevant = matches!(self.heap.kind(id), Kind::Container | Kind::Owner);
            // The global object and a library's objects can hold a project's variables too.
            if relevant || matches!(self.flow.value(id), AbstractValue::Api(_)) {
                self.index.add(id, self.heap.kind(id), access.clone());
            }
        }
    }

    fn record_global(&mut self, access: Access) {
        if let Some(global) = self.global {
            self.index.add(global, Kind::Owner, access);
        }
    }

    /// Library operations on containers. Gives the callees whose call says more than their member read.
    fn operations(&mut self) -> FxHashSet<ExprId> {
        let mut operated = FxHashSet::default();
        let flow = self.flow;
        let from = flow.uses.partition_point(|each| each.site.module < self.module);
        let to = flow.uses.partition_point(|each| each.site.module <= self.module);
        for api_use in flow.uses.get(from..to).unwrap_or_default() {
            let site = self.facts.exprs.get(api_use.site.expr.index());
            if let Some(ExprKind::Call { callee, .. }) = site.map(|site| &site.kind) {
                operated.insert(*callee);
            }
            let operation = flow.operation(api_use);
            let Some(state) = operation.and_then(|operation| operation.state.as_ref()) else { continue };
            if !self.operated_on(api_use, state).is_none_or(|object| self.tells(object)) {
                continue;
            }
            let single = operation.is_some_and(|operation| operation.returns.iter().any(is_one_entry));
            let receiver = self.operated_on(api_use, state).map(|object| self.at(object));
            let access = Access { receiver, ..self.operation_access(api_use, state, single) };
            for &owner in &state_owners(flow, api_use, state) {
                self.index.by_value.entry(owner).or_default().push(access.clone());
            }
        }
        operated
    }

    /// The expression whose state an operation accesses.
    fn operated_on(&self, api_use: &ApiUse, state: &StateAccess) -> Option<ExprId> {
        match state.of.as_ref().map(|place| &place.base) {
            None | Some(Base::This) => match self.facts.exprs.get(api_use.site.expr.index())?.kind {
                ExprKind::Call { callee, .. } => match self.facts.expr(callee).kind {
                    ExprKind::Member { object, .. } => Some(object),
                    _ => None,
                },
                _ => None,
            },
            Some(Base::Argument(index) | Base::Arguments(index)) => {
                argument(self.flow, api_use.site, *index).map(|at| at.expr)
            }
            Some(_) => None,
        }
    }

    /// Whether what is done to an expression says something of each container that it can be.
    fn tells(&self, object: ExprId) -> bool {
        let values = self.flow.values(self.at(object));
        values.len() <= MOST_CONTAINERS_OF_A_SITE
            || values.iter().filter(|&&id| self.heap.kind(id) == Kind::Container).count()
                <= MOST_CONTAINERS_OF_A_SITE
    }

    fn operation_access(&self, api_use: &ApiUse, state: &StateAccess, single: bool) -> Access {
        let place_of = |place: &Option<crate::rules::Place>| match place.as_ref()?.base {
            Base::Argument(index) | Base::Arguments(index) => argument(self.flow, api_use.site, index),
            _ => None,
        };
        let key = place_of(&state.key);
        let value = place_of(&state.value);
        let verb = match state.verb {
            StateVerb::Read if key.is_some() || single => Verb::Read,
            StateVerb::Read => Verb::Enumerate,
            StateVerb::Write if state.counts => Verb::Count,
            StateVerb::Write => Verb::Write,
            StateVerb::Remove if self.empties(api_use) => Verb::Clear,
            StateVerb::Remove if single && key.is_none() => Verb::Shift,
            StateVerb::Remove => Verb::Remove,
        };
        let appends = verb == Verb::Write && (key.is_none() || key == value);
        Access { key, value, appends, ..self.access(verb, api_use.site.expr) }
    }

    /// `clear()`, `splice(0)` and `splice(0, list.length)` leave nothing.
    fn empties(&self, api_use: &ApiUse) -> bool {
        let Member::Method(name) = &api_use.member else { return false };
        let args = arguments(self.flow, api_use.site);
        let number = |index: usize| match args.get(index).map(|arg| &self.facts.expr(arg.value).kind) {
            Some(ExprKind::Number(text)) => Some(self.facts.name(*text)),
            _ => None,
        };
        match &**name {
            "clear" => true,
            "splice" => number(0) == Some("0") && args.len() <= 2 && number(1).is_none(),
            _ => false,
        }
    }

    fn expressions(&mut self, operated: &FxHashSet<ExprId>) {
        for (index, expr) in self.facts.exprs.iter().enumerate() {
            let id = ExprId(index as u32);
            match &expr.kind {
                ExprKind::Member { object, property, .. } if !operated.contains(&id) => {
                    let property: Box<str> = self.facts.name(*property).into();
                    let counts = matches!(&*property, "size" | "length");
                    let verb = if counts { Verb::Enumerate } else { Verb::Read };
                    let access = Access { property: Some(property), ..self.access(verb, id) };
                    self.record(*object, &access);
                }
                ExprKind::Index { object, index } => {
                    let access = Access { key: Some(self.at(*index)), ..self.access(Verb::Read, id) };
                    self.record(*object, &access);
                }
                ExprKind::ElementOf(object) | ExprKind::KeyOf(object) => {
                    let access = self.access(Verb::Enumerate, id);
                    self.record(*object, &access);
                }
                ExprKind::Binary { operator, left, right } if self.facts.name(*operator) == "in" => {
                    let access = Access { key: Some(self.at(*left)), ..self.access(Verb::Read, id) };
                    self.record(*right, &access);
                }
                ExprKind::Global(name) => {
                    let property = Some(self.facts.name(*name).into());
                    let access = Access { property, ..self.access(Verb::Read, id) };
                    self.record_global(access);
                }
                ExprKind::Binding(binding) => {
                    let access = self.access(Verb::Read, id);
                    let binding = BindingRef { module: self.module, binding: *binding };
                    self.index.by_binding.entry(binding).or_default().push(access);
                }
                _ => {}
            }
        }
    }

    fn stores(&mut self) {
        for store in &self.facts.stores {
            let (property, key): (Option<Box<str>>, _) = match store.key {
                StoreKey::Named(name) => (Some(self.facts.name(name).into()), None),
                StoreKey::Computed(key) => (None, Some(self.at(key))),
            };
            let value = Some(self.at(store.value));
            let verb = match (&property, store.kind) {
                (Some(name), _) if **name == *"length" => Verb::Clear,
                (_, AssignKind::Update) if !self.makes_value(store.value) => Verb::Count,
                _ => Verb::Write,
            };
            let access = Access {
                verb,
                property,
                receiver: store.object.map(|object| self.at(object)),
                key,
                value,
                expr: None,
                place: Place { module: self.module, span: store.span },
                function: FunctionRef { module: self.module, function: store.function },
                appends: false,
            };
            match store.object {
                Some(object) => self.record(object, &access),
                None => self.record_global(access),
            }
        }
    }

    fn deletes(&mut self) {
        for &deleted in &self.facts.deletes {
            let (object, property, key) = match &self.facts.expr(deleted).kind {
                ExprKind::Member { object, property, .. } => {
                    (*object, Some(self.facts.name(*property).into()), None)
                }
                ExprKind::Index { object, index } => (*object, None, Some(self.at(*index))),
                _ => continue,
            };
            let receiver = Some(self.at(object));
            let access = Access { property, receiver, key, ..self.access(Verb::Remove, deleted) };
            self.record(object, &access);
        }
    }

    fn assigns(&mut self) {
        for assign in &self.facts.assigns {
            let verb = match assign.kind {
                AssignKind::Declare => continue,
                AssignKind::Update if !self.makes_value(assign.value) => Verb::Count,
                AssignKind::Assign | AssignKind::Update => Verb::Replace,
            };
            let access = Access {
                verb,
                property: None,
                receiver: None,
                key: None,
                value: Some(self.at(assign.value)),
                expr: None,
                place: Place { module: self.module, span: assign.span },
                function: FunctionRef { module: self.module, function: assign.function },
                appends: false,
            };
            let binding = BindingRef { module: self.module, binding: assign.binding };
            self.index.by_binding.entry(binding).or_default().push(access);
        }
    }

    /// Whether an update assigns what an expression makes (`x ||= {}`, `x ??= new Y()`) instead of counting.
    fn makes_value(&self, value: ExprId) -> bool {
        matches!(
            self.facts.expr(value).kind,
            ExprKind::Object(_) | ExprKind::Array(_) | ExprKind::New { .. } | ExprKind::Call { .. }
        )
    }
}

/// Whether an operation gives one entry of its receiver (`find`, `pop`).
fn is_one_entry(place: &crate::rules::Place) -> bool {
    place.base == Base::This && matches!(place.path.as_slice(), [Step::Element | Step::KeyedBy(_)])
}

/// Whose state an operation accesses: the receiver's, unless the rule says otherwise (`Object.keys(users)`).
pub(super) fn state_owners(flow: &ValueFlow, api_use: &ApiUse, state: &StateAccess) -> Vec<ValueId> {
    match state.of.as_ref().map(|place| &place.base) {
        None | Some(Base::This) => api_use.receiver.into_iter().collect(),
        Some(Base::Argument(index) | Base::Arguments(index)) => {
            argument(flow, api_use.site, *index).map(|at| flow.values(at).to_vec()).unwrap_or_default()
        }
        Some(Base::Result) => flow.values(api_use.site).to_vec(),
        Some(_) => Vec::new(),
    }
}

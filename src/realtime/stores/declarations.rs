//! Where state can live: module variables, closures of code that runs once, static fields, exports, globals, and
//! fields of objects that live as long as the process.
//!
//! The search walks from these roots over owners (instances, classes, objects of methods) and stops at containers:
//! what is reachable only through a container's entries is part of that container's state.

use super::accesses::{Access, AccessIndex, Verb};
use super::heap::{Heap, Kind, evaluated_by};
use super::owners::{CONSTRUCTORS, Makers};
use super::reach::Reach;
use crate::facts::{
    BindingId, BindingKind, ClassMember, ExprKind, FunctionId, MemberKind, ModuleFacts, PropertyKey,
};
use crate::flow::{AbstractValue, BindingRef, ClassRef, ExprRef, FieldKey, FunctionRef, ValueFlow, ValueId};
use crate::modules::ModuleId;
use crate::realtime::Place;
use crate::rules::{Role, TriggerKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// A variable that outlives the calls that use it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Slot {
    /// A named variable.
    Binding(BindingRef),
    /// A field of an owner.
    Field(ValueId, Box<str>),
}

/// A variable that may hold state.
#[derive(Debug, Clone)]
pub(super) struct Declaration {
    /// The variable.
    pub slot: Slot,
    /// Its name.
    pub name: String,
    /// Where it is declared.
    pub place: Place,
    /// The containers it holds; empty for a scalar.
    pub containers: Vec<ValueId>,
    /// What is reachable only through the containers.
    pub content: BTreeSet<ValueId>,
    /// Accesses to the variable and its containers.
    pub direct: Vec<Access>,
    /// Accesses to the content.
    pub nested: Vec<Access>,
}

impl Declaration {
    /// All accesses.
    pub(super) fn accesses(&self) -> impl Iterator<Item = &Access> {
        self.direct.iter().chain(&self.nested)
    }
}

/// Finds all declarations, ordered by place.
pub(super) fn find(heap: &Heap, accesses: &AccessIndex, reach: &Reach) -> Vec<Declaration> {
    let mut search = Search {
        heap,
        accesses,
        reach,
        owners: FxHashSet::default(),
        open: VecDeque::new(),
        pending: BTreeMap::new(),
    };
    search.roots();
    search.run();
    search.finish()
}

/// A variable that can hold more containers than these belongs to generic code that many callers share.
const MOST_CONTAINERS: usize = 64;

struct Search<'s, 'f, 'a> {
    heap: &'s Heap<'f, 'a>,
    accesses: &'s AccessIndex,
    reach: &'s Reach<'f, 'a>,
    /// Owners reached without passing through a container that changes.
    owners: FxHashSet<ValueId>,
    open: VecDeque<ValueId>,
    /// Variables found, with what they hold.
    pending: BTreeMap<Slot, Vec<ValueId>>,
}

impl Search<'_, '_, '_> {
    fn roots(&mut self) {
        for module in self.heap.flow.graph.ids() {
            self.bindings(module);
        }
        let made = instance_makers(self.heap);
        let collected = collected(self.heap);
        let registering = registering_classes(self.heap.flow, self.reach);
        let instances: FxHashMap<ClassRef, ValueId> = self
            .heap
            .flow
            .all_values()
            .filter_map(|(id, value)| match value {
                AbstractValue::Instance(class) => Some((*class, id)),
                _ => None,
            })
            .collect();
        for (id, value) in self.heap.flow.all_values() {
            let is_root = match value {
                AbstractValue::Exports(_) | AbstractValue::GlobalObject | AbstractValue::Class(_) => true,
                AbstractValue::Instance(class) => {
                    let is_entry = |class: ClassRef| instances.get(&class).is_some_and(|id| collected.contains(id));
                    Makers { reach: self.reach, flow: self.heap.flow, made: &made, registering: &registering }
                        .lives_long(*class, &is_entry, CONSTRUCTORS)
                }
                AbstractValue::Object(_) => {
                    self.heap.kind(id) == Kind::Owner
                        && self.heap.maker(id).is_some_and(|maker| self.reach.once(maker))
                }
                AbstractValue::Api(_) => self.is_bag(id),
                _ => false,
            };
            if is_root && self.owners.insert(id) {
                self.open.push_back(id);
            }
        }
    }

    /// Whether a value is an error, which variables hold for a moment only.
    fn is_error(&self, id: ValueId) -> bool {
        let AbstractValue::Instance(class) = self.heap.flow.value(id) else { return false };
        let facts = self.heap.flow.facts(class.module);
        let parent = facts.class(class.class).superclass.map(|parent| &facts.expr(parent).kind);
        matches!(parent, Some(ExprKind::Global(name)) if facts.name(*name).ends_with("Error"))
    }

    /// Whether a library's object can carry the program's own fields for as long as the process lives.
    fn is_bag(&self, id: ValueId) -> bool {
        let Some(object) = self.heap.flow.api(id) else { return false };
        let keeps = matches!(super::heap::role(self.heap.flow, object.ty), Role::Plain | Role::Endpoint(_));
        keeps && self.heap.maker(id).is_some_and(|maker| self.reach.once(maker))
    }

    /// Module variables, and variables of functions that run once which closures keep.
    fn bindings(&mut self, module: ModuleId) {
        let facts = self.heap.flow.facts(module);
        for (index, binding) in facts.bindings.iter().enumerate() {
            let declares = matches!(binding.kind, BindingKind::Var | BindingKind::Let | BindingKind::Const);
            if !declares {
                continue;
            }
            let id = BindingRef { module, binding: BindingId(index as u32) };
            if binding.kind == BindingKind::Const && names_a_part(facts, id.binding) {
                continue;
            }
            let function = FunctionRef { module, function: binding.function };
            if binding.function == FunctionId::MODULE || self.is_kept(id, function) {
                let values = self.heap.flow.binding_values(module, id.binding).to_vec();
                self.slot(Slot::Binding(id), values);
            }
        }
    }

    fn is_kept(&self, binding: BindingRef, function: FunctionRef) -> bool {
        let captured = self
            .accesses
            .of_binding(binding)
            .iter()
            .any(|access| access.function != function && self.reach.outlives(access.function, function));
        captured && self.reach.once(function)
    }

    fn slot(&mut self, slot: Slot, values: Vec<ValueId>) {
        for &id in &values {
            if self.heap.kind(id) == Kind::Owner && !self.is_error(id) && self.owners.insert(id) {
                self.open.push_back(id);
            }
        }
        let known = self.pending.entry(slot).or_default();
        known.extend(values);
        known.sort();
        known.dedup();
    }

    /// Walks to a fixpoint: a container that never changes is no border.
    fn run(&mut self) {
        loop {
            while let Some(owner) = self.open.pop_front() {
                for (key, values) in self.heap.fields(owner) {
                    if let FieldKey::Named(name) = key {
                        self.slot(Slot::Field(owner, name.clone()), values.clone());
                    }
                }
            }
            let mut through = BTreeSet::new();
            for (slot, values) in &self.pending {
                // Passing through only matters where it leads to owners that are not yet known.
                let records = self.heap.records(&self.containers(values));
                let owners = records.iter().flat_map(|&id| self.heap.holders(id)).copied();
                let unknown: Vec<ValueId> =
                    owners.filter(|id| self.heap.kind(*id) == Kind::Owner && !self.owners.contains(id)).collect();
                if !unknown.is_empty() && !self.entries_change(slot, &records) {
                    through.extend(unknown);
                }
            }
            self.owners.extend(&through);
            self.open.extend(through);
            if self.open.is_empty() {
                return;
            }
        }
    }

    fn containers(&self, values: &[ValueId]) -> Vec<ValueId> {
        let containers: Vec<ValueId> =
            values.iter().copied().filter(|&id| self.heap.kind(id) == Kind::Container).collect();
        if containers.len() > MOST_CONTAINERS { Vec::new() } else { containers }
    }

    /// Whether code adds or removes entries after the start, apart from what instances inside do to themselves.
    fn entries_change(&self, slot: &Slot, records: &BTreeSet<ValueId>) -> bool {
        let changes = |access: &Access| access.verb.changes() && self.reach.after_start(access.function);
        self.raw_accesses(slot).iter().any(changes)
            || records.iter().flat_map(|&id| self.accesses.of_value(id)).any(changes)
    }

    /// Whether code that runs on what clients or brokers do comes near a variable.
    fn is_touched(&self, slot: &Slot, records: &BTreeSet<ValueId>) -> bool {
        let near = |access: &Access| self.reach.near_realtime(access.function);
        self.raw_accesses(slot).iter().any(near)
            || records.iter().flat_map(|&id| self.accesses.of_value(id)).any(near)
    }

    fn finish(self) -> Vec<Declaration> {
        let mut held: FxHashSet<ValueId> = FxHashSet::default();
        let mut found: Vec<Declaration> = Vec::new();
        for (slot, values) in &self.pending {
            // What never changes is no state, and most of a large program is far from realtime code: the costly part
            // is left out for both.
            let records = self.heap.records(&self.containers(values));
            if self.is_touched(slot, &records) && self.entries_change(slot, &records) {
                found.extend(self.declaration(slot, values));
            }
        }
        // The declaration is the place of the first variable that holds the container; others are aliases of it.
        // What starts as a copy of defaults and is changed under its own name is that variable, not the defaults.
        found.sort_by_cached_key(|declaration| {
            (!self.changes_by_name(declaration), self.alias_rank(declaration), declaration.place)
        });
        found.retain(|declaration| {
            let fresh =
                declaration.containers.is_empty() || declaration.containers.iter().any(|id| !held.contains(id));
            held.extend(&declaration.containers);
            fresh
        });
        for declaration in &mut found {
            self.gather(declaration);
        }
        found.sort_by_key(|declaration| declaration.place);
        found
    }

    /// Whether some change is made to what the variable is called.
    fn changes_by_name(&self, declaration: &Declaration) -> bool {
        let flow = self.heap.flow;
        let named = |at: ExprRef| {
            let facts = flow.facts(at.module);
            match facts.expr(at.expr).kind {
                ExprKind::Binding(binding) => Some(facts.name(facts.binding(binding).name)),
                ExprKind::Member { property, .. } => Some(facts.name(property)),
                _ => None,
            }
        };
        let contained = declaration.containers.iter().flat_map(|&id| self.accesses.of_value(id));
        let own = self.raw_accesses(&declaration.slot).iter().chain(contained);
        own.filter(|access| access.verb.changes()).any(|access| {
            access.receiver.is_none()
                || access.receiver.and_then(named).is_some_and(|name| name == declaration.name)
        })
    }

    /// Variables that are initialised with the container itself come before those that receive it.
    fn alias_rank(&self, declaration: &Declaration) -> u32 {
        let makes = declaration.containers.iter().any(|&id| {
            let site = match self.heap.flow.value(id) {
                AbstractValue::Object(site) => Some(*site),
                _ => self.heap.flow.api(id).and_then(|object| object.site),
            };
            site.is_some_and(|site| self.initialises(&declaration.slot, site))
        });
        match (&declaration.slot, makes) {
            (_, true) => 0,
            (Slot::Binding(_), false) => 1,
            (Slot::Field(..), false) => 2,
        }
    }

    fn initialises(&self, slot: &Slot, site: ExprRef) -> bool {
        let facts = self.heap.flow.facts(site.module);
        let made = facts.expr(site.expr).span;
        match slot {
            Slot::Binding(binding) => {
                binding.module == site.module
                    && facts.assigns_to(binding.binding).any(|assign| facts.expr(assign.value).span.contains(made))
            }
            Slot::Field(owner, name) => {
                let own = |object| {
                    let object = ExprRef { module: site.module, expr: object };
                    self.heap.flow.values(object).contains(owner)
                };
                let stored = facts
                    .stores_named(name)
                    .any(|store| facts.expr(store.value).span.contains(made) && store.object.is_some_and(own));
                stored
                    || field_place(self.heap, *owner, name)
                        .is_some_and(|place| place.module == site.module && place.span.contains(made))
            }
        }
    }

    /// The declaration of a variable, where it can hold state at all.
    fn declaration(&self, slot: &Slot, values: &[ValueId]) -> Option<Declaration> {
        let containers = self.containers(values);
        let scalar = values.iter().all(|&id| self.heap.kind(id) == Kind::Scalar);
        if containers.is_empty() && !scalar {
            return None;
        }
        let (name, place) = self.identity(slot)?;
        let (content, direct, nested) = (BTreeSet::new(), Vec::new(), Vec::new());
        Some(Declaration { slot: slot.clone(), name, place, containers, content, direct, nested })
    }

    /// Adds what is reachable through a declaration's containers, and the accesses: the costly part, left out for the
    /// many variables that turn out to be aliases of others.
    fn gather(&self, declaration: &mut Declaration) {
        let Declaration { slot, containers, .. } = &*declaration;
        let content = self.heap.content(containers, &self.owners);
        let mut direct = self.slot_accesses(slot);
        direct.extend(containers.iter().flat_map(|&id| self.accesses.of_value(id)).cloned());
        let mut nested: Vec<Access> = content.iter().flat_map(|&id| self.accesses.of_owner(id)).cloned().collect();
        nested.sort_by_key(|access| (access.place, access.verb));
        *declaration = Declaration { content, direct, nested, ..declaration.clone() };
    }

    /// The accesses to a variable as they stand in the index: to a field, its owner's.
    fn raw_accesses(&self, slot: &Slot) -> &[Access] {
        match slot {
            Slot::Binding(binding) => self.accesses.of_binding(*binding),
            Slot::Field(owner, name) => self.accesses.of_property(*owner, name),
        }
    }

    fn slot_accesses(&self, slot: &Slot) -> Vec<Access> {
        match slot {
            Slot::Binding(binding) => self.accesses.of_binding(*binding).to_vec(),
            Slot::Field(owner, name) => {
                let named = self.accesses.of_property(*owner, name).iter();
                let replaces = |access: &Access| match access.verb {
                    Verb::Write => Access { verb: Verb::Replace, property: None, ..access.clone() },
                    _ => Access { property: None, ..access.clone() },
                };
                named.map(replaces).collect()
            }
        }
    }

    fn identity(&self, slot: &Slot) -> Option<(String, Place)> {
        match slot {
            Slot::Binding(BindingRef { module, binding }) => {
                let facts = self.heap.flow.facts(*module);
                let binding = facts.binding(*binding);
                let place = Place { module: *module, span: binding.span };
                Some((facts.name(binding.name).to_owned(), place))
            }
            Slot::Field(owner, name) => {
                let place = field_place(self.heap, *owner, name).or_else(|| self.first_write(*owner, name))?;
                Some((name.trim_start_matches('#').to_owned(), place))
            }
        }
    }

    /// The first assignment to a field, in order of the source.
    fn first_write(&self, owner: ValueId, name: &str) -> Option<Place> {
        let writes = self.accesses.of_property(owner, name).iter().filter(|access| access.verb.changes());
        writes.map(|access| access.place).min()
    }
}

/// Whether a constant only names a part of something else, where the part is found itself.
fn names_a_part(facts: &ModuleFacts, binding: BindingId) -> bool {
    let assigned = facts.assigns_to(binding).next();
    assigned.is_some_and(|assign| {
        matches!(
            facts.expr(assign.value).kind,
            ExprKind::Member { .. } | ExprKind::Index { .. } | ExprKind::ElementOf(_) | ExprKind::KeyOf(_)
        )
    })
}

/// Values that stand under unknown keys of some collection.
fn collected(heap: &Heap) -> FxHashSet<ValueId> {
    let containers = heap.flow.all_values().map(|(id, _)| id).filter(|&id| heap.kind(id) == Kind::Container);
    let entries = containers.flat_map(|id| heap.fields(id));
    let unnamed = entries.filter(|(key, _)| matches!(key, FieldKey::Element | FieldKey::Key));
    unnamed.flat_map(|(_, values)| values.iter().copied()).collect()
}

/// Classes whose code registers handlers: their instances live as long as what calls them.
fn registering_classes(flow: &ValueFlow, reach: &Reach) -> FxHashSet<ClassRef> {
    let mut found = FxHashSet::default();
    for edge in &flow.calls.edges {
        if reach.trigger(edge).is_none_or(|cause| cause.kind == TriggerKind::External) {
            continue;
        }
        let facts = flow.facts(edge.caller.module);
        let mut at = edge.caller.function;
        while at != FunctionId::MODULE {
            if let Some(class) = facts.function(at).class {
                found.insert(ClassRef { module: edge.caller.module, class });
                break;
            }
            at = facts.function(at).parent;
        }
    }
    found
}

/// The functions that construct each class.
fn instance_makers(heap: &Heap) -> FxHashMap<ClassRef, BTreeSet<FunctionRef>> {
    let mut makers: FxHashMap<ClassRef, BTreeSet<FunctionRef>> = FxHashMap::default();
    for module in heap.flow.graph.ids() {
        for (index, expr) in heap.flow.facts(module).exprs.iter().enumerate() {
            if !matches!(expr.kind, ExprKind::New { .. }) {
                continue;
            }
            let site = ExprRef { module, expr: crate::facts::ExprId(index as u32) };
            for &id in heap.flow.values(site) {
                if let AbstractValue::Instance(class) = heap.flow.value(id) {
                    makers.entry(*class).or_default().insert(evaluated_by(heap.flow, site));
                }
            }
        }
    }
    makers
}

/// Where a field of an owner is declared: a class member or a property of an object literal.
fn field_place(heap: &Heap, owner: ValueId, name: &str) -> Option<Place> {
    match heap.flow.value(owner) {
        AbstractValue::Instance(class) => class_field(heap, *class, name, false),
        AbstractValue::Class(class) => class_field(heap, *class, name, true),
        AbstractValue::Object(site) => {
            let facts = heap.flow.facts(site.module);
            let ExprKind::Object(properties) = &facts.expr(site.expr).kind else { return None };
            let property = properties
                .iter()
                .find(|property| matches!(property.key, PropertyKey::Named(key) if facts.name(key) == name))?;
            Some(Place { module: site.module, span: facts.expr(property.value).span })
        }
        _ => None,
    }
}

/// The member of a class or the nearest of its superclasses in the program.
fn class_field(heap: &Heap, mut class: ClassRef, name: &str, is_static: bool) -> Option<Place> {
    let mut seen = FxHashSet::default();
    while seen.insert(class) {
        let facts = heap.flow.facts(class.module);
        let declares = |member: &&ClassMember| {
            let named = member.name.is_some_and(|each| facts.name(each) == name);
            named && member.is_static == is_static && matches!(member.kind, MemberKind::Field(_))
        };
        let declared = facts.class(class.class);
        if let Some(member) = declared.members.iter().find(declares) {
            return Some(Place { module: class.module, span: member.span });
        }
        let parent = ExprRef { module: class.module, expr: declared.superclass? };
        class = heap.flow.values(parent).iter().find_map(|&id| match heap.flow.value(id) {
            AbstractValue::Class(class) => Some(*class),
            _ => None,
        })?;
    }
    None
}

//! What values hold: the fields of each value, and which values are containers, records, owners or handles.

use crate::facts::{ExprKind, StoreKey};
use crate::flow::{AbstractValue, ExprRef, FieldKey, FunctionRef, ValueFlow, ValueId};
use crate::rules::{Role, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// What a value is to a search for state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A container, or a record of data.
    Container,
    /// A client connection.
    Connection,
    /// Something whose fields are variables: an instance, a class, a module's exports, an object of methods.
    Owner,
    /// A function.
    Function,
    /// A string, a number, or something that was not traced.
    Scalar,
    /// Any other value of a library.
    Handle,
}

/// Where more than this hangs together, values of unrelated code have been merged on the way, and nothing is told
/// by what stands further in.
const MOST_RECORDS: usize = 512;

/// What stands in more values than these has been merged with the values of unrelated code, or serves all of it.
const MOST_HOLDERS: u32 = 24;

/// The fields of all values.
pub(super) struct Heap<'f, 'a> {
    pub(super) flow: &'f ValueFlow<'a>,
    fields: FxHashMap<ValueId, Vec<(FieldKey, Vec<ValueId>)>>,
    /// Values that code stores into under computed keys.
    keyed: FxHashSet<ValueId>,
    /// What each value is, by id.
    kinds: Vec<Kind>,
    /// By id: whether a value is a connection of this instance.
    handles: Vec<bool>,
    /// By id: whether a connection of this instance stands in a value, or in a record or object in it.
    holding: Vec<bool>,
    /// By id: whether a value is a collection rather than a record.
    collections: Vec<bool>,
    /// What stands in each value and can hold something itself.
    holders: FxHashMap<ValueId, Box<[ValueId]>>,
}

impl<'f, 'a> Heap<'f, 'a> {
    /// Indexes the fields by value.
    pub(super) fn new(flow: &'f ValueFlow<'a>) -> Self {
        let mut fields: FxHashMap<ValueId, Vec<(FieldKey, Vec<ValueId>)>> = FxHashMap::default();
        for (owner, key, values) in flow.all_fields() {
            if *key != FieldKey::Any {
                fields.entry(owner).or_default().push((key.clone(), values.to_vec()));
            }
        }
        fields.values_mut().for_each(|fields| fields.sort());
        let mut keyed = FxHashSet::default();
        for module in flow.graph.ids() {
            for store in &flow.facts(module).stores {
                if let (Some(expr), StoreKey::Computed(_)) = (store.object, store.key) {
                    keyed.extend(flow.values(ExprRef { module, expr }));
                }
            }
        }
        let mut heap = Heap {
            flow,
            fields,
            keyed,
            kinds: Vec::new(),
            handles: Vec::new(),
            collections: Vec::new(),
            holding: Vec::new(),
            holders: FxHashMap::default(),
        };
        heap.kinds = flow.all_values().map(|(id, _)| heap.judge(id)).collect();
        heap.collections = flow.all_values().map(|(id, _)| heap.judge_collection(id)).collect();
        heap.find_handles();
        for (id, _) in flow.all_values() {
            let inside: BTreeSet<ValueId> = heap.entries(id).filter(|&entry| heap.holds(entry)).collect();
            if !inside.is_empty() && inside.len() <= MOST_RECORDS {
                heap.holders.insert(id, inside.into_iter().collect());
            }
        }
        heap.forget_common();
        heap
    }

    /// What stands in very many values is no part of any one of them.
    fn forget_common(&mut self) {
        let mut held = vec![0_u32; self.kinds.len()];
        for (id, _) in self.flow.all_values() {
            self.holders(id).iter().for_each(|inner| held[inner.0 as usize] += 1);
        }
        for (id, _) in self.flow.all_values() {
            if let Some(holders) = self.holders.get_mut(&id)
                && holders.iter().any(|inner| held[inner.0 as usize] > MOST_HOLDERS)
            {
                *holders = holders.iter().copied().filter(|inner| held[inner.0 as usize] <= MOST_HOLDERS).collect();
            }
        }
    }

    /// Whether a value is a collection rather than a record: an array, set or map, or an object with entries under
    /// computed keys.
    pub(super) fn is_collection(&self, id: ValueId) -> bool {
        self.collections[id.0 as usize]
    }

    fn judge_collection(&self, id: ValueId) -> bool {
        match self.container_word(id).as_deref() {
            Some("object") => self.is_keyed(id),
            Some(_) => true,
            None => false,
        }
    }

    /// Finds the connections of this instance and what holds them; asked for each entry of each container.
    fn find_handles(&mut self) {
        let flow = self.flow;
        let is_handle = |id: ValueId| {
            let object = flow.api(id);
            object.is_some_and(|object| matches!(role(flow, object.ty), Role::Connection(role) if !role.remote))
        };
        self.handles = flow.all_values().map(|(id, _)| is_handle(id)).collect();
        let shallow: Vec<bool> =
            flow.all_values().map(|(id, _)| self.entries(id).any(|inner| self.is_local_handle(inner))).collect();
        let is_record =
            |id: ValueId| matches!(flow.value(id), AbstractValue::Object(_) | AbstractValue::Instance(_));
        let holds = |id: ValueId| shallow[id.0 as usize];
        self.holding = flow
            .all_values()
            .map(|(id, _)| holds(id) || self.entries(id).any(|inner| is_record(inner) && holds(inner)))
            .collect();
    }

    /// Whether a value is a connection of this instance, not a handle of a connection anywhere.
    pub(super) fn is_local_handle(&self, id: ValueId) -> bool {
        self.handles[id.0 as usize]
    }

    /// Whether a connection of this instance stands in a value, or in a record or object in it.
    pub(super) fn holds_handle(&self, id: ValueId) -> bool {
        self.holding[id.0 as usize]
    }

    fn holds(&self, id: ValueId) -> bool {
        matches!(self.kind(id), Kind::Container | Kind::Owner)
            || matches!(self.flow.value(id), AbstractValue::Entry(_))
    }

    /// What stands in a value and can hold something itself: containers, instances, pairs.
    pub(super) fn holders(&self, id: ValueId) -> &[ValueId] {
        self.holders.get(&id).map_or(&[], |holders| holders)
    }

    /// Whether code stores into a value under computed keys: it is a collection rather than a record.
    pub(super) fn is_keyed(&self, id: ValueId) -> bool {
        self.keyed.contains(&id)
    }

    /// The fields of a value, ordered by key.
    pub(super) fn fields(&self, of: ValueId) -> &[(FieldKey, Vec<ValueId>)] {
        self.fields.get(&self.flow.field_owner(of)).map_or(&[], |fields| fields)
    }

    /// What a value is.
    pub(super) fn kind(&self, id: ValueId) -> Kind {
        self.kinds[id.0 as usize]
    }

    fn judge(&self, id: ValueId) -> Kind {
        if let Some(object) = self.flow.api(id) {
            match role(self.flow, object.ty) {
                Role::Container => return Kind::Container,
                Role::Connection(_) => return Kind::Connection,
                _ => {}
            }
        }
        match self.flow.value(id) {
            AbstractValue::Object(_) if self.is_service(id) => Kind::Owner,
            AbstractValue::Object(_) => Kind::Container,
            AbstractValue::Instance(_)
            | AbstractValue::Constructed(_)
            | AbstractValue::Class(_)
            | AbstractValue::Exports(_)
            | AbstractValue::GlobalObject => Kind::Owner,
            AbstractValue::Collected(_) => Kind::Container,
            AbstractValue::Function(_) | AbstractValue::Bound(..) | AbstractValue::Method(..) => Kind::Function,
            AbstractValue::String(_) | AbstractValue::Number(_) | AbstractValue::Unknown => Kind::Scalar,
            AbstractValue::Api(_) | AbstractValue::Package { .. } | AbstractValue::Entry(_) => Kind::Handle,
        }
    }

    /// Whether an object literal is an object of methods: it has functions, and no entries under computed keys.
    fn is_service(&self, id: ValueId) -> bool {
        let methods = self.fields(id).iter().any(|(key, values)| {
            let function = |&value| matches!(self.flow.value(value), AbstractValue::Function(_));
            matches!(key, FieldKey::Named(_)) && values.iter().any(function)
        });
        methods && !self.is_keyed(id)
    }

    /// The word for a container: `Map`, `Set`, `array`, `object`, …
    pub(super) fn container_word(&self, id: ValueId) -> Option<String> {
        if let AbstractValue::Object(site) = self.flow.value(id) {
            let is_array = matches!(self.flow.facts(site.module).expr(site.expr).kind, ExprKind::Array(_));
            return Some(if is_array { "array" } else { "object" }.to_owned());
        }
        if let AbstractValue::Collected(_) = self.flow.value(id) {
            return Some("array".to_owned());
        }
        let object = self.flow.api(id)?;
        let container = self
            .flow
            .rules
            .lineage(object.ty)
            .find(|&ty| matches!(self.flow.rules.ty(ty).role, Role::Container))?;
        let name = &self.flow.rules.ty(container).name;
        let word = name.rsplit('/').next().unwrap_or(name);
        Some(match word {
            "Array" => "array".to_owned(),
            "Object" => "object".to_owned(),
            _ => word.to_owned(),
        })
    }

    /// Whether a value is an array (a literal or a built one).
    pub(super) fn is_array(&self, id: ValueId) -> bool {
        self.container_word(id).is_some_and(|word| word == "array")
    }

    /// The function that makes a value, where a known expression makes it; the value is that expression's result,
    /// not a parameter that its callback receives.
    pub(super) fn maker(&self, id: ValueId) -> Option<FunctionRef> {
        let site = match self.flow.value(id) {
            AbstractValue::Object(site) | AbstractValue::Collected(site) => *site,
            AbstractValue::Api(object) => object.site?,
            _ => return None,
        };
        self.flow.values(site).contains(&id).then(|| evaluated_by(self.flow, site))
    }

    /// Containers, and the records and collections in them that no instance stands between.
    pub(super) fn records(&self, containers: &[ValueId]) -> BTreeSet<ValueId> {
        let mut found: BTreeSet<ValueId> = containers.iter().copied().collect();
        let mut open = containers.to_vec();
        while let Some(id) = open.pop().filter(|_| found.len() < MOST_RECORDS) {
            for &entry in self.holders(id) {
                if self.kind(entry) == Kind::Container && found.insert(entry) {
                    open.push(entry);
                }
            }
        }
        found
    }

    /// Everything that is reachable through the entries of `roots`, without `roots`: records, nested containers,
    /// instances. Stops at `apart`, which live elsewhere.
    pub(super) fn content(&self, roots: &[ValueId], apart: &FxHashSet<ValueId>) -> BTreeSet<ValueId> {
        let mut content = BTreeSet::new();
        let mut seen: FxHashSet<ValueId> = roots.iter().copied().collect();
        let mut open: Vec<ValueId> = roots.to_vec();
        while let Some(id) = open.pop().filter(|_| content.len() < MOST_RECORDS) {
            for &value in self.holders(id) {
                let inside = match self.kind(value) {
                    Kind::Container => true,
                    Kind::Owner => matches!(
                        self.flow.value(value),
                        AbstractValue::Instance(_) | AbstractValue::Constructed(_) | AbstractValue::Object(_)
                    ),
                    _ => matches!(self.flow.value(value), AbstractValue::Entry(_)),
                };
                if inside && !apart.contains(&value) && seen.insert(value) {
                    content.insert(value);
                    open.push(value);
                }
            }
        }
        content
    }

    /// The values in all fields of a value, keys included.
    pub(super) fn entries(&self, id: ValueId) -> impl Iterator<Item = ValueId> + '_ {
        let fields = self.fields(id).iter();
        let pair = match self.flow.value(id) {
            AbstractValue::Entry(of) => Some(*of),
            _ => None,
        };
        fields.flat_map(|(_, values)| values.iter().copied()).chain(pair)
    }
}

/// The role of a type, its own or the nearest ancestor's.
pub(super) fn role<'a>(flow: &ValueFlow<'a>, ty: TypeId) -> &'a Role {
    let rules = flow.rules;
    let own = std::iter::successors(Some(ty), |&ty| rules.ty(ty).extends)
        .map(|ty| &rules.ty(ty).role)
        .find(|role| **role != Role::Plain);
    own.unwrap_or(&Role::Plain)
}

/// The function that evaluates an expression.
pub(super) fn evaluated_by(flow: &ValueFlow, at: ExprRef) -> FunctionRef {
    FunctionRef { module: at.module, function: flow.facts(at.module).expr(at.expr).function }
}

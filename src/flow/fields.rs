//! Fields of values: reading, writing, copying, and what stands for "some field".

use super::call_graph::{CallEdge, EdgeKind};
use super::solver::{Constraint, Node, Solver};
use super::table::Atom;
use super::value::{AbstractValue, ApiObject, ClassRef, Confidence, ExprRef, FunctionRef, ValueId};
use crate::facts::{ExprKind, FunctionId, FunctionKind, MemberKind, PropertyKey};
use crate::rules::{ConnectionRole, Iterates, Role, TypeId};

/// Objects that one object's fields are followed into; one that is copied into more is a bag of options that everything
/// passes through.
const MAX_COPIES: usize = 32;
/// Named fields that one object keeps apart.
const MAX_FIELDS: usize = 256;

impl Solver<'_> {
    /// The value that owns the fields of `value`: itself, or the one that stands for all instances of its type.
    pub(super) fn owner(&mut self, value: ValueId) -> ValueId {
        let AbstractValue::Api(object) = self.values.get(value) else { return value };
        let ty = object.ty;
        // What a handler hangs on its connection, others find on the handles that they look up or iterate over.
        let shares = |&each: &TypeId| self.rules.ty(each).shared_fields || self.is_local_connection(each);
        let Some(shared) = self.rules.lineage(ty).filter(shares).last() else {
            if object.steps.is_empty() {
                return value;
            }
            let plain = ApiObject { steps: Box::default(), ..object.clone() };
            return self.values.intern(AbstractValue::Api(plain));
        };
        self.values.intern(AbstractValue::Api(ApiObject {
            ty: shared,
            site: None,
            origin: None,
            steps: Box::default(),
            confidence: Confidence::Certain,
        }))
    }

    /// Whether a type's own role is that of a connection to this instance.
    fn is_local_connection(&self, ty: TypeId) -> bool {
        matches!(self.rules.ty(ty).role, Role::Connection(ConnectionRole { remote: false, .. }))
    }

    /// The node of a field of a value.
    pub(super) fn field(&mut self, value: ValueId, key: Atom) -> Node {
        let owner = self.owner(value);
        if let Some(&node) = self.fields.get(&(owner, key)) {
            return node;
        }
        if key.is_name() && self.is_full(owner) {
            return self.field(owner, Atom::ELEMENT);
        }
        let node = self.fresh_node();
        self.fields.insert((owner, key), node);
        if self.fields_of.len() <= owner.0 as usize {
            self.fields_of.resize_with(owner.0 as usize + 1, Vec::new);
        }
        if key == Atom::ANY {
            for (_, field) in self.fields_of[owner.0 as usize].clone() {
                self.subset(field, node);
            }
            self.link_declared_members(owner, node);
            return node;
        }
        if key == Atom::KEY {
            return node;
        }
        self.fields_of[owner.0 as usize].push((key, node));
        if let Some(&any) = self.fields.get(&(owner, Atom::ANY)) {
            self.subset(node, any);
        }
        for into in self.field_copies.get(&owner).cloned().unwrap_or_default() {
            let target = self.field(into, key);
            self.subset(node, target);
        }
        node
    }

    /// Whether a value has so many fields that it is a dictionary: further ones are its elements.
    fn is_full(&self, owner: ValueId) -> bool {
        let count = self.fields_of.get(owner.0 as usize).map_or(0, Vec::len);
        count >= MAX_FIELDS
            && matches!(self.values.get(owner), AbstractValue::Object(_) | AbstractValue::Constructed(_))
    }

    /// Methods count among the fields of an instance when it is indexed by an unknown name.
    fn link_declared_members(&mut self, owner: ValueId, any: Node) {
        let AbstractValue::Instance(class) = *self.values.get(owner) else { return };
        for member in &self.facts(class.module).class(class.class).members {
            if let (MemberKind::Method(function), false) = (member.kind, member.is_static) {
                let function = FunctionRef { module: class.module, function };
                let value = self.values.intern(AbstractValue::Function(function));
                self.add_value(any, value);
            }
        }
    }

    /// Every field of `from`, now and later, is a field of `into` too.
    pub(super) fn copy_fields(&mut self, from: ValueId, into: ValueId) {
        if matches!(self.values.get(into), AbstractValue::Unknown | AbstractValue::String(_)) {
            return;
        }
        let (from, into) = (self.owner(from), self.owner(into));
        if from == into {
            return;
        }
        if matches!(self.values.get(from), AbstractValue::Unknown | AbstractValue::Package { .. }) {
            let element = self.field(into, Atom::ELEMENT);
            return self.add_value(element, self.unknown);
        }
        let copies = self.field_copies.entry(from).or_default();
        if copies.contains(&into) || copies.len() >= MAX_COPIES {
            return;
        }
        copies.push(into);
        let fields = self.fields_of.get(from.0 as usize).cloned().unwrap_or_default();
        for (key, node) in fields {
            let target = self.field(into, key);
            self.subset(node, target);
        }
    }

    /// Whether a value is written as an array.
    pub(super) fn is_array(&self, value: ValueId) -> bool {
        match self.values.get(value) {
            AbstractValue::Object(at) => {
                matches!(self.facts(at.module).expr(at.expr).kind, ExprKind::Array(_))
            }
            AbstractValue::Collected(_) => true,
            _ => false,
        }
    }

    /// `value.key` arrives at `to`.
    pub(super) fn load(&mut self, value: ValueId, key: Atom, to: Node, site: ExprRef) {
        let found = self.lookup(value, key);
        self.subset(found, to);
        self.note_getter(value, key, site);
        self.note_property_read(value, key, site);
    }

    /// The node at which everything arrives that `value.key` can be.
    pub(super) fn lookup(&mut self, value: ValueId, key: Atom) -> Node {
        if let Some(&node) = self.lookups.get(&(value, key)) {
            return node;
        }
        let node = self.fresh_node();
        self.lookups.insert((value, key), node);
        match self.values.get(value).clone() {
            AbstractValue::Object(_) | AbstractValue::Collected(_) => self.lookup_in_object(value, key, node),
            AbstractValue::Instance(class) => {
                let field = self.field(value, key);
                self.subset(field, node);
                self.lookup_in_class(class, value, key, node);
            }
            AbstractValue::Class(class) => {
                let field = self.field(value, key);
                self.subset(field, node);
                self.lookup_static(class, value, key, node);
            }
            AbstractValue::Function(function) => {
                if self.atoms.text(key) == "prototype" {
                    let made = self.values.intern(AbstractValue::Constructed(function));
                    self.add_value(node, made);
                }
                let field = self.field(value, key);
                self.subset(field, node);
            }
            AbstractValue::Exports(_) | AbstractValue::GlobalObject | AbstractValue::Constructed(_) => {
                let field = self.field(value, key);
                self.subset(field, node);
            }
            AbstractValue::Api(_) => self.lookup_in_library(value, value, key, node),
            AbstractValue::Entry(container) => self.lookup_in_entry(container, key, node),
            AbstractValue::Package { package, path } => {
                let extended = self.extend_package(&package, &path, key);
                self.add_value(node, extended);
            }
            AbstractValue::Unknown => self.add_value(node, self.unknown),
            AbstractValue::String(_)
            | AbstractValue::Number(_)
            | AbstractValue::Bound(..)
            | AbstractValue::Method(..) => {}
        }
        node
    }

    fn lookup_in_object(&mut self, value: ValueId, key: Atom, node: Node) {
        let field = self.field(value, key);
        self.subset(field, node);
        if self.is_literal_method(value, key) {
            return;
        }
        // What a dictionary holds under unknown keys can be read by name; an object with members of its own is none.
        let is_position = self.atoms.text(key).bytes().all(|byte| byte.is_ascii_digit());
        if is_position || self.is_open_literal(value) {
            let element = self.field(value, Atom::ELEMENT);
            self.subset(element, node);
        }
    }

    /// Whether an object is written `{}` or with a spread: its members are not all known from its literal.
    fn is_open_literal(&self, value: ValueId) -> bool {
        let AbstractValue::Object(at) = self.values.get(value) else { return false };
        let ExprKind::Object(properties) = &self.facts(at.module).expr(at.expr).kind else { return false };
        properties.is_empty() || properties.iter().any(|property| property.key == PropertyKey::Spread)
    }

    /// Whether `key` is a method of the language's literals (`[].map`). These are called where they are read; as
    /// values of their own they would only multiply.
    pub(super) fn is_literal_method(&self, value: ValueId, key: Atom) -> bool {
        match self.values.get(value) {
            AbstractValue::Api(_) | AbstractValue::Instance(_) => false,
            _ => self.library_type(value).is_some_and(|ty| self.rules.method(ty, self.atoms.text(key)).is_some()),
        }
    }

    fn lookup_in_entry(&mut self, container: ValueId, key: Atom, node: Node) {
        let field = match self.atoms.text(key) {
            "0" => self.field(container, Atom::KEY),
            "1" => {
                self.element_field(container);
                self.field(container, Atom::ANY)
            }
            _ => return,
        };
        self.subset(field, node);
    }

    fn extend_package(&mut self, package: &str, path: &[Box<str>], key: Atom) -> ValueId {
        let mut path = path.to_vec();
        if path.len() < 2 && path.last().is_none_or(|last| &**last != "()") {
            path.push(self.atoms.text(key).into());
        }
        self.values.intern(AbstractValue::Package { package: package.into(), path: path.into() })
    }

    /// Members that a class or its superclasses declare; `value` is the instance.
    pub(super) fn lookup_in_class(&mut self, class: ClassRef, value: ValueId, key: Atom, node: Node) {
        let facts = self.facts(class.module);
        let declaration = facts.class(class.class);
        let name = self.atoms.text(key).to_owned();
        let mut declared = false;
        for member in declaration.members.iter().filter(|member| !member.is_static) {
            if member.name.is_none_or(|member| facts.name(member) != name) {
                continue;
            }
            declared |= self.member_value(class, member.kind, value, node);
        }
        let own = self.values.intern(AbstractValue::Instance(class));
        if own != value {
            // What the superclass's methods write to `this` before anything is known of subclasses.
            let field = self.field(own, key);
            self.subset(field, node);
        }
        if declared {
            return;
        }
        if let Some(superclass) = declaration.superclass {
            let at = self.node(class.module, superclass);
            self.add_constraint(at, Constraint::SuperLookup { this: value, key, to: node });
        }
        let decorated = self.classes.get(&class).and_then(|state| state.api);
        if let Some(base) = decorated {
            self.lookup_in_library(base, value, key, node);
        }
    }

    /// Links what a class member gives; whether it hides the superclass's.
    fn member_value(&mut self, class: ClassRef, kind: MemberKind, this: ValueId, node: Node) -> bool {
        match kind {
            MemberKind::Method(function) => {
                let function = FunctionRef { module: class.module, function };
                let method = self.values.intern(AbstractValue::Function(function));
                self.add_value(node, method);
                true
            }
            MemberKind::Getter(function) => {
                let function = FunctionRef { module: class.module, function };
                let receiver = self.this_node(function);
                self.add_value(receiver, this);
                let result = self.return_node(function);
                self.subset(result, node);
                true
            }
            MemberKind::Setter(_) | MemberKind::Field(_) => false,
        }
    }

    /// A getter runs where its property is read.
    fn note_getter(&mut self, value: ValueId, key: Atom, site: ExprRef) {
        let (AbstractValue::Instance(class) | AbstractValue::Class(class)) = *self.values.get(value) else {
            return;
        };
        let facts = self.facts(class.module);
        let name = self.atoms.text(key);
        let getters: Vec<_> = facts
            .class(class.class)
            .members
            .iter()
            .filter(|member| member.name.is_some_and(|member| facts.name(member) == name))
            .filter_map(|member| match member.kind {
                MemberKind::Getter(function) => Some(FunctionRef { module: class.module, function }),
                _ => None,
            })
            .collect();
        for callee in getters {
            self.add_edge(callee, site, EdgeKind::Direct);
        }
    }

    /// Records that `site` makes `callee` run.
    pub(super) fn add_edge(&mut self, callee: FunctionRef, site: ExprRef, kind: EdgeKind) {
        let function =
            self.facts(site.module).exprs.get(site.expr.index()).map_or(FunctionId::MODULE, |expr| expr.function);
        let caller = FunctionRef { module: site.module, function };
        self.edges.insert(CallEdge { callee, site, caller, kind });
    }

    /// Static members.
    pub(super) fn lookup_static(&mut self, class: ClassRef, value: ValueId, key: Atom, node: Node) {
        let facts = self.facts(class.module);
        let declaration = facts.class(class.class);
        let name = self.atoms.text(key).to_owned();
        if name == "prototype" {
            let instance = self.values.intern(AbstractValue::Instance(class));
            self.add_value(node, instance);
        }
        let mut declared = false;
        for member in declaration.members.iter().filter(|member| member.is_static) {
            if member.name.is_some_and(|member| facts.name(member) == name) {
                declared |= self.member_value(class, member.kind, value, node);
            }
        }
        let own = self.values.intern(AbstractValue::Class(class));
        if own != value {
            let field = self.field(own, key);
            self.subset(field, node);
        }
        if let (Some(superclass), false) = (declaration.superclass, declared) {
            let at = self.node(class.module, superclass);
            self.add_constraint(at, Constraint::StaticSuperLookup { this: value, key, to: node });
        }
    }

    /// A superclass arrived in which `key` is looked up for `this`.
    pub(super) fn super_lookup(&mut self, superclass: ValueId, this: ValueId, key: Atom, to: Node) {
        match self.values.get(superclass).clone() {
            AbstractValue::Class(class) => self.lookup_in_class(class, this, key, to),
            AbstractValue::Function(function) => {
                let made = self.values.intern(AbstractValue::Constructed(function));
                let field = self.field(made, key);
                self.subset(field, to);
            }
            AbstractValue::Api(object) => {
                let Some(instance) = self.rules.ty(object.ty).instance else { return };
                let base = self.instance_of_library(instance, superclass);
                self.lookup_in_library(base, this, key, to);
            }
            _ => {}
        }
    }

    /// A superclass arrived in which a static member is looked up.
    pub(super) fn static_super_lookup(&mut self, superclass: ValueId, this: ValueId, key: Atom, to: Node) {
        match self.values.get(superclass).clone() {
            AbstractValue::Class(class) => self.lookup_static(class, this, key, to),
            AbstractValue::Api(_) => self.lookup_in_library(superclass, superclass, key, to),
            _ => {}
        }
    }

    /// `value[index]` arrives at `to`.
    pub(super) fn load_index(&mut self, value: ValueId, index: Option<Node>, to: Node, site: ExprRef) {
        if self.has_no_index(value, site) {
            return self.note_property_read(value, Atom::ELEMENT, site);
        }
        match (index, self.values.get(value)) {
            (_, AbstractValue::Unknown) => self.add_value(to, self.unknown),
            (Some(index), _) => self.add_constraint(index, Constraint::IndexLoaded { object: value, to, site }),
            (None, _) => {
                self.element_field(value);
                let any = self.field(value, Atom::ANY);
                self.subset(any, to);
            }
        }
    }

    /// Whether the program indexes a library's table that cannot be indexed in the installed version: an object that
    /// became a `Map`, whose elements only its methods and loops give.
    fn has_no_index(&self, value: ValueId, site: ExprRef) -> bool {
        let AbstractValue::Api(object) = self.values.get(value) else { return false };
        let Some((owner, property)) = self.rules.property(object.ty, self.atoms.text(Atom::ELEMENT)) else {
            return false;
        };
        let module = object.site.unwrap_or(site).module;
        let expr = self.facts(site.module).exprs.get(site.expr.index());
        expr.is_some_and(|expr| matches!(expr.kind, ExprKind::Index { .. })) && self.lacks(owner, property, module)
    }

    /// An index arrived.
    pub(super) fn index_loaded(&mut self, object: ValueId, index: ValueId, to: Node, site: ExprRef) {
        match self.values.get(index) {
            AbstractValue::String(text) | AbstractValue::Number(text) => {
                let key = self.atoms.intern(&text.clone());
                self.load(object, key, to, site);
                let element = self.element_field(object);
                self.subset(element, to);
            }
            _ => {
                self.element_field(object);
                let any = self.field(object, Atom::ANY);
                self.subset(any, to);
            }
        }
    }

    /// The node of a container's elements under unknown keys; what the rules say its elements are is put there.
    pub(super) fn element_field(&mut self, value: ValueId) -> Node {
        let owner = self.owner(value);
        let known = self.fields.contains_key(&(owner, Atom::ELEMENT));
        let node = self.field(value, Atom::ELEMENT);
        if !known
            && let AbstractValue::Api(object) = self.values.get(value).clone()
            && let Some(element) = self.rules.lineage(object.ty).find_map(|ty| self.rules.ty(ty).element)
        {
            let made = self.derived(element, object.site, value, None, false);
            self.add_value(node, made);
        }
        node
    }

    /// What iterating `value` gives arrives at `to`.
    pub(super) fn load_element(&mut self, value: ValueId, to: Node, site: ExprRef) {
        match self.values.get(value).clone() {
            AbstractValue::Unknown => self.add_value(to, self.unknown),
            AbstractValue::Api(object) => {
                let entries =
                    self.rules.lineage(object.ty).any(|ty| self.rules.ty(ty).iterates == Iterates::Entries);
                if entries {
                    self.element_field(value);
                    let entry = self.values.intern(AbstractValue::Entry(value));
                    self.add_value(to, entry);
                } else {
                    let element = self.element_field(value);
                    self.subset(element, to);
                    let any = self.field(value, Atom::ANY);
                    self.subset(any, to);
                }
            }
            AbstractValue::Entry(container) => {
                let element = self.element_field(container);
                self.subset(element, to);
                let key = self.field(container, Atom::KEY);
                self.subset(key, to);
            }
            AbstractValue::Package { package, path } => {
                let same = self.values.intern(AbstractValue::Package { package, path });
                self.add_value(to, same);
            }
            AbstractValue::Instance(_) => {
                let any = self.field(value, Atom::ANY);
                self.subset(any, to);
                // A class that iterates itself: `[Symbol.iterator]() { return this.items.values() }`.
                let _ = site;
            }
            _ => {
                let any = self.field(value, Atom::ANY);
                self.subset(any, to);
            }
        }
    }

    /// The keys of `value` arrive at `to`.
    pub(super) fn load_key(&mut self, value: ValueId, to: Node) {
        let key = self.field(value, Atom::KEY);
        self.subset(key, to);
        if !matches!(self.values.get(value), AbstractValue::Api(_)) {
            self.add_value(to, self.unknown);
        }
    }

    /// `value.key = from`.
    pub(super) fn store(&mut self, value: ValueId, key: Atom, from: Node, site: ExprRef) {
        match self.values.get(value) {
            // Unknown code may call what is hung on its objects.
            AbstractValue::Unknown | AbstractValue::Package { .. } => {
                return self.add_constraint(from, Constraint::Escape { site });
            }
            AbstractValue::String(_) | AbstractValue::Number(_) => return,
            _ => {}
        }
        let field = self.field(value, key);
        self.subset(from, field);
        self.call_setter(value, key, from, site);
        self.assign_property(value, key, from, site);
    }

    fn call_setter(&mut self, value: ValueId, key: Atom, from: Node, site: ExprRef) {
        let (AbstractValue::Instance(class) | AbstractValue::Class(class)) = *self.values.get(value) else {
            return;
        };
        let facts = self.facts(class.module);
        for member in &facts.class(class.class).members {
            let MemberKind::Setter(function) = member.kind else { continue };
            if member.name.is_none_or(|member| facts.name(member) != self.atoms.text(key)) {
                continue;
            }
            let callee = FunctionRef { module: class.module, function };
            let this = self.this_node(callee);
            self.add_value(this, value);
            if let Some(parameter) = facts.function(function).parameters.first() {
                let parameter = self.node(class.module, parameter.value);
                self.subset(from, parameter);
            }
            self.add_edge(callee, site, EdgeKind::Direct);
        }
    }

    /// `value[index] = from`.
    pub(super) fn store_index(&mut self, value: ValueId, index: Option<Node>, from: Node) {
        match index {
            Some(index) => self.add_constraint(index, Constraint::IndexStored { object: value, from }),
            None => {
                let element = self.field(value, Atom::ELEMENT);
                self.subset(from, element);
            }
        }
    }

    /// An index for a write arrived; it is a key of the container as well.
    pub(super) fn index_stored(&mut self, object: ValueId, index: ValueId, from: Node) {
        if matches!(self.values.get(object), AbstractValue::Unknown | AbstractValue::String(_)) {
            return;
        }
        let keys = self.field(object, Atom::KEY);
        self.add_value(keys, index);
        let field = match self.values.get(index) {
            AbstractValue::String(text) | AbstractValue::Number(text) => {
                let key = self.atoms.intern(&text.clone());
                self.field(object, key)
            }
            _ => self.field(object, Atom::ELEMENT),
        };
        self.subset(from, field);
    }

    /// The result node of a function.
    pub(super) fn return_node(&mut self, function: FunctionRef) -> Node {
        if let Some(&node) = self.return_nodes.get(&function) {
            return node;
        }
        let node = self.fresh_node();
        self.return_nodes.insert(function, node);
        node
    }

    /// The `this` node of a function; arrows have that of the function around them.
    pub(super) fn this_node(&mut self, function: FunctionRef) -> Node {
        let function = self.this_function(function);
        if let Some(&node) = self.this_nodes.get(&function) {
            return node;
        }
        let node = self.fresh_node();
        self.this_nodes.insert(function, node);
        node
    }

    /// The function whose `this` is meant in `function`.
    pub(super) fn this_function(&self, mut function: FunctionRef) -> FunctionRef {
        let facts = self.facts(function.module);
        loop {
            let current = facts.function(function.function);
            if current.kind != FunctionKind::Arrow || current.parent == function.function {
                return function;
            }
            function.function = current.parent;
        }
    }
}

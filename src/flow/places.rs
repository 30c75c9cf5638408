//! Places of the rules: where values come from and go to in a library call or property read.

use super::solver::{Constraint, Node, Solver};
use super::table::Atom;
use super::value::{AbstractValue, ExprRef, ValueId};
use crate::facts::ExprId;
use crate::modules::ModuleId;
use crate::rules::{Base, Place, Property, Step, TypeId};

/// Where a place is evaluated.
#[derive(Debug, Clone, Copy)]
pub(super) enum Scene {
    /// A library call.
    Call(u32),
    /// A property read (or an override's or decorator's parameters): the value and the site of what is made.
    Value(ValueId, Option<ExprRef>),
}

impl Scene {
    /// The scene of a call's context.
    pub(super) fn call(context: u32) -> Self {
        Scene::Call(context)
    }
}

impl Solver<'_> {
    /// A node that holds one value for ever.
    pub(super) fn constant_node(&mut self, value: ValueId) -> Node {
        if let Some(&node) = self.library.constants.get(&value) {
            return node;
        }
        let node = self.fresh_node();
        self.library.constants.insert(value, node);
        self.add_value(node, value);
        node
    }

    fn site_of(&self, scene: &Scene) -> ExprRef {
        let nowhere = ExprRef { module: ModuleId(0), expr: ExprId(0) };
        match scene {
            Scene::Call(context) => self.calls[self.library.contexts[*context as usize].call as usize].site,
            Scene::Value(_, site) => site.unwrap_or(nowhere),
        }
    }

    fn receiver_of(&self, scene: &Scene) -> Option<ValueId> {
        match scene {
            Scene::Call(context) => {
                let entry = &self.library.contexts[*context as usize];
                entry.constructs.or(entry.receiver)
            }
            Scene::Value(value, _) => Some(*value),
        }
    }

    /// The value that an operation makes.
    pub(super) fn fresh_value(&mut self, scene: &Scene, ty: TypeId) -> ValueId {
        let receiver = self.receiver_of(scene).unwrap_or(self.unknown);
        match scene {
            Scene::Call(context) => {
                let site = self.site_of(scene);
                let operation =
                    self.context_operation(*context).map(|operation| (operation.address.clone(), operation.local));
                let (address, local) = operation.unwrap_or_default();
                self.derived(ty, Some(site), receiver, address.as_ref(), local)
            }
            Scene::Value(_, site) => self.derived(ty, *site, receiver, None, false),
        }
    }

    /// Nodes of a place's base.
    fn bases(&mut self, scene: &Scene, base: &Base) -> Vec<Node> {
        let call = match scene {
            Scene::Call(context) => Some(self.library.contexts[*context as usize].call),
            Scene::Value(..) => None,
        };
        match (base, call) {
            (Base::This, _) => self.receiver_of(scene).map(|value| self.constant_node(value)).into_iter().collect(),
            (Base::Argument(position), Some(call)) => self.argument(call, *position).into_iter().collect(),
            (Base::Arguments(first), Some(call)) => {
                let arguments = self.calls[call as usize].arguments.clone();
                let site = self.calls[call as usize].site;
                let mut nodes = Vec::new();
                for argument in arguments.into_iter().skip(*first as usize) {
                    let Some(node) = argument.node else { continue };
                    if argument.spread {
                        let elements = self.fresh_node();
                        self.add_constraint(node, Constraint::LoadElement { to: elements, site });
                        nodes.push(elements);
                    } else {
                        nodes.push(node);
                    }
                }
                nodes
            }
            (Base::Result, Some(call)) => vec![self.calls[call as usize].result],
            (Base::CallbackResult(position), Some(call)) => {
                let Some(function) = self.argument(call, *position) else { return Vec::new() };
                let node = self.fresh_node();
                self.add_constraint(function, Constraint::ResultOf { to: node });
                vec![node]
            }
            (Base::InstanceOf(position), Some(call)) => {
                let Some(class) = self.argument(call, *position) else { return Vec::new() };
                let node = self.fresh_node();
                self.add_constraint(class, Constraint::InstanceOf { to: node });
                vec![node]
            }
            (Base::Provided(position), Some(call)) => {
                let Some(token) = self.argument(call, *position) else { return Vec::new() };
                let node = self.fresh_node();
                self.add_constraint(token, Constraint::Injected { to: node });
                vec![node]
            }
            (Base::Fresh(ty), _) => {
                let value = self.fresh_value(scene, *ty);
                vec![self.constant_node(value)]
            }
            (Base::Origin, _) => {
                let receiver = self.receiver_of(scene);
                let origin = receiver.and_then(|value| self.api_of(value)).and_then(|object| object.origin);
                origin.map(|value| self.constant_node(value)).into_iter().collect()
            }
            (Base::Site, _) => {
                let receiver = self.receiver_of(scene);
                let site = receiver.and_then(|value| self.api_of(value)).and_then(|object| object.site);
                site.map(|site| self.node(site.module, site.expr)).into_iter().collect()
            }
            (Base::Unknown, _) => vec![self.unknown_node()],
            (_, None) => Vec::new(),
        }
    }

    /// Nodes at which everything arrives that stands at a place.
    pub(super) fn sources(&mut self, scene: &Scene, place: &Place) -> Vec<Node> {
        let mut nodes = self.bases(scene, &place.base);
        for step in &place.path {
            nodes = nodes.into_iter().map(|node| self.step(scene, node, step)).collect();
        }
        nodes
    }

    fn step(&mut self, scene: &Scene, from: Node, step: &Step) -> Node {
        let site = self.site_of(scene);
        if matches!(step, Step::Fields) {
            return from;
        }
        let to = self.fresh_node();
        let constraint = match step {
            Step::Element => Constraint::LoadIndex { index: None, to, site },
            Step::Key => Constraint::LoadKey { to },
            Step::Item => Constraint::LoadElement { to, site },
            Step::Entry => Constraint::EntryOf { to },
            Step::KeyedBy(position) => {
                let index = self.keyed_argument(scene, *position);
                Constraint::LoadIndex { index, to, site }
            }
            Step::Field(name) => Constraint::Load { key: self.atoms.intern(name), to, site },
            Step::Fields => return from,
        };
        self.add_constraint(from, constraint);
        to
    }

    fn keyed_argument(&mut self, scene: &Scene, position: u32) -> Option<Node> {
        match scene {
            Scene::Call(context) => {
                let call = self.library.contexts[*context as usize].call;
                self.argument(call, position)
            }
            Scene::Value(..) => None,
        }
    }

    /// What stands at a place arrives at a node.
    pub(super) fn flow_into(&mut self, scene: &Scene, place: &Place, to: Node) {
        for from in self.sources(scene, place) {
            self.subset(from, to);
        }
    }

    /// `from -> to`.
    pub(super) fn flow(&mut self, scene: &Scene, from: &Place, to: &Place) {
        let sources = self.sources(scene, from);
        let copies = from.path.last() == Some(&Step::Fields);
        let (last, before) = match to.path.split_last() {
            Some((last, before)) => (Some(last), before),
            None => (None, &[][..]),
        };
        let target = Place { base: to.base.clone(), path: before.to_vec() };
        let targets = self.sources(scene, &target);
        let site = self.site_of(scene);
        for &source in &sources {
            for &target in &targets {
                match last {
                    _ if copies => self.copy_between(source, target),
                    None => self.subset(source, target),
                    Some(Step::Fields) => self.copy_between(source, target),
                    Some(Step::Element | Step::Item | Step::Entry) => {
                        self.add_constraint(target, Constraint::Store { key: Atom::ELEMENT, from: source, site });
                    }
                    Some(Step::Key) => {
                        self.add_constraint(target, Constraint::Store { key: Atom::KEY, from: source, site });
                    }
                    Some(Step::KeyedBy(position)) => {
                        let index = self.keyed_argument(scene, *position);
                        self.add_constraint(target, Constraint::StoreIndex { index, from: source });
                    }
                    Some(Step::Field(name)) => {
                        let key = self.atoms.intern(name);
                        self.add_constraint(target, Constraint::Store { key, from: source, site });
                    }
                }
            }
        }
    }

    fn copy_between(&mut self, source: Node, target: Node) {
        self.add_constraint(source, Constraint::CopyFields { target });
        self.add_constraint(target, Constraint::CopyInto { source });
    }

    /// A class arrived whose instance is wanted.
    pub(super) fn instance_of(&mut self, value: ValueId, to: Node) {
        match self.values.get(value).clone() {
            AbstractValue::Class(class) => {
                let instance = self.values.intern(AbstractValue::Instance(class));
                self.add_value(to, instance);
            }
            AbstractValue::Api(object) => {
                if let Some(instance) = self.rules.ty(object.ty).instance {
                    let made = self.instance_of_library(instance, value);
                    self.add_value(to, made);
                }
            }
            _ => {}
        }
    }

    /// The instance of a library class that is made out of the program's sight.
    pub(super) fn instance_of_library(&mut self, ty: TypeId, _class: ValueId) -> ValueId {
        self.library_constant(ty)
    }

    /// What the rules say of `key` of a library's value; `value` is the receiver, `base` gives the type.
    pub(super) fn lookup_in_library(&mut self, base: ValueId, value: ValueId, key: Atom, to: Node) {
        let Some(object) = self.api_of(base) else { return };
        let (ty, site) = (object.ty, object.site);
        let name: Box<str> = self.atoms.text(key).into();
        if base == value {
            let field = self.field(value, key);
            self.subset(field, to);
        }
        if let Some((owner, property)) = self.rules.property(ty, &name) {
            let property = property.clone();
            self.library.properties.insert(property.id);
            if !site.is_some_and(|site| self.lacks(owner, &property, site.module)) {
                self.read_property(value, site, &property, to);
            }
        }
        // Any name can be a method of some types (models, fluent builders); as values they would only multiply.
        let is_listed = || self.rules.lineage(ty).any(|each| self.rules.ty(each).methods.contains_key(&*name));
        if self.rules.method(ty, &name).is_some() && (base != value || is_listed()) {
            let method = self.values.intern(AbstractValue::Method(value, name));
            self.add_value(to, method);
        }
    }

    fn read_property(&mut self, value: ValueId, site: Option<ExprRef>, property: &Property, to: Node) {
        let scene = Scene::Value(value, site);
        for place in &property.returns {
            if let (Base::Fresh(ty), true) = (&place.base, place.path.is_empty()) {
                let made = self.derived(*ty, site, value, property.address.as_ref(), property.local);
                self.add_value(to, made);
            } else {
                self.flow_into(&scene, place, to);
            }
        }
    }
}

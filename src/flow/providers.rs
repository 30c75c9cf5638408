//! Containers of services: what is bound to a token flows to whoever asks for the token.
//!
//! All containers of a program share one table. A token is a value: a string, a symbol or a class. Where nothing is
//! bound to a class, its annotation stands for an instance of it, as everywhere.

use rustc_hash::FxHashMap;

use super::places::Scene;
use super::solver::{ArgumentNode, CallKind, CallSite, Constraint, Node, Solver};
use super::value::{AbstractValue, ClassRef, ExprRef, ValueId};
use crate::facts::{Class, ExprId, ExprKind, Property, PropertyKey, TypeExpr};
use crate::modules::ModuleId;
use crate::rules::{Place, Provide, ProviderKeys};

/// What containers hold.
#[derive(Debug, Default)]
pub(super) struct Containers {
    /// By token.
    held: FxHashMap<ValueId, Node>,
}

/// The nodes of one binding; those that it does not have are empty.
#[derive(Debug, Default)]
struct Binding {
    token: Vec<Node>,
    value: Vec<Node>,
    class: Vec<Node>,
    existing: Vec<Node>,
    factory: Vec<Node>,
    /// The tokens of the factory's arguments.
    inject: Vec<Node>,
}

impl Solver<'_> {
    /// The node of what is bound to a token; none for values that cannot be one.
    fn held(&mut self, token: ValueId) -> Option<Node> {
        let can_be_token = matches!(
            self.values.get(token),
            AbstractValue::String(_)
                | AbstractValue::Class(_)
                | AbstractValue::Api(_)
                | AbstractValue::Function(_)
                | AbstractValue::Package { .. }
        );
        if !can_be_token {
            return None;
        }
        if let Some(&node) = self.containers.held.get(&token) {
            return Some(node);
        }
        let node = self.fresh_node();
        self.containers.held.insert(token, node);
        Some(node)
    }

    /// A token arrived that `from` is bound to.
    pub(super) fn provided(&mut self, token: ValueId, from: Node) {
        if let Some(held) = self.held(token) {
            self.subset(from, held);
        }
    }

    /// A token arrived that is asked for.
    pub(super) fn injected(&mut self, token: ValueId, to: Node) {
        if let Some(held) = self.held(token) {
            self.subset(held, to);
        }
    }

    /// What a token stands for: what is bound to it, and for a class an instance of it.
    fn resolved_token(&mut self, token: Node) -> Node {
        let to = self.fresh_node();
        self.add_constraint(token, Constraint::Injected { to });
        self.add_constraint(token, Constraint::InstanceOf { to });
        to
    }

    fn bind(&mut self, at: ExprRef, binding: &Binding) {
        let mut sources = binding.value.clone();
        for &class in &binding.class {
            let instance = self.fresh_node();
            self.add_constraint(class, Constraint::InstanceOf { to: instance });
            sources.push(instance);
        }
        for &existing in &binding.existing {
            sources.push(self.resolved_token(existing));
        }
        for &factory in &binding.factory {
            let result = self.fresh_node();
            let arguments: Vec<ArgumentNode> = binding
                .inject
                .iter()
                .map(|&token| ArgumentNode { node: Some(self.resolved_token(token)), expr: None, spread: false })
                .collect();
            let kind = CallKind::Call;
            self.calls.push(CallSite { site: at, kind, arguments, result, callee: factory, resolved: true });
            let call = self.calls.len() as u32 - 1;
            self.add_constraint(factory, Constraint::Call { call, this: None });
            sources.push(result);
        }
        for &token in &binding.token {
            for &from in &sources {
                self.add_constraint(token, Constraint::Provided { from });
            }
        }
    }

    /// A library call that gives a container something.
    pub(super) fn provide(&mut self, context: u32, provide: &Provide) {
        let scene = Scene::call(context);
        let mut nodes = |place: &Option<Place>| -> Vec<Node> {
            place.as_ref().map(|place| self.sources(&scene, place)).unwrap_or_default()
        };
        let (value, class, existing, factory) =
            (nodes(&provide.value), nodes(&provide.class), nodes(&provide.existing), nodes(&provide.factory));
        let token = self.sources(&scene, &provide.token);
        let at = self.calls[self.library.contexts[context as usize].call as usize].site;
        self.bind(at, &Binding { token, value, class, existing, factory, inject: Vec::new() });
    }

    /// An object literal that may bind a token, in a package that uses a container with such literals.
    pub(super) fn generate_provider(&mut self, at: ExprRef, properties: &[Property]) {
        let rules = self.rules;
        for (family, keys) in rules.providers() {
            let Some(token) = self.property(at.module, properties, &keys.token) else { continue };
            if self.uses_family(at.module, family) {
                let binding = self.literal_binding(at.module, properties, keys, token);
                self.bind(at, &binding);
            }
        }
    }

    fn literal_binding(
        &mut self,
        module: ModuleId,
        properties: &[Property],
        keys: &ProviderKeys,
        token: ExprId,
    ) -> Binding {
        let mut nodes = |key: &Option<String>| -> Vec<Node> {
            let value = key.as_ref().and_then(|key| self.property(module, properties, key));
            value.map(|value| self.node(module, value)).into_iter().collect()
        };
        let (value, class, existing, factory) =
            (nodes(&keys.value), nodes(&keys.class), nodes(&keys.existing), nodes(&keys.factory));
        let inject = keys.inject.as_ref().and_then(|key| self.property(module, properties, key));
        let inject = match inject.map(|inject| &self.facts(module).expr(inject).kind) {
            Some(ExprKind::Array(tokens)) => tokens.iter().map(|token| self.node(module, token.value)).collect(),
            _ => Vec::new(),
        };
        Binding { token: vec![self.node(module, token)], value, class, existing, factory, inject }
    }

    fn property(&self, module: ModuleId, properties: &[Property], wanted: &str) -> Option<ExprId> {
        let facts = self.facts(module);
        let found = properties
            .iter()
            .find(|property| matches!(property.key, PropertyKey::Named(name) if facts.name(name) == wanted))?;
        Some(found.value)
    }

    /// Constructor parameters hold what is bound to the class that annotates them.
    pub(super) fn generate_injection(&mut self, module: ModuleId, class: &Class) {
        let Some(constructor) = class.constructor else { return };
        for parameter in &self.facts(module).function(constructor).parameters {
            if let Some(ty) = &parameter.ty {
                let to = self.node(module, parameter.value);
                self.inject_annotated(module, ty, to);
            }
        }
    }

    fn inject_annotated(&mut self, module: ModuleId, ty: &TypeExpr, to: Node) {
        if let TypeExpr::Named { binding: Some(binding), path, .. } = ty
            && path.len() == 1
        {
            let token = self.binding_node(module, *binding);
            self.add_constraint(token, Constraint::Injected { to });
        }
    }

    /// A decorator that asks for a token stands on a parameter or field, whose values arrive at `to`.
    pub(super) fn inject_decorated(&mut self, at: ExprRef, position: u32, annotation: Option<&TypeExpr>, to: Node) {
        let argument = match &self.facts(at.module).expr(at.expr).kind {
            ExprKind::Call { args, .. } => args.get(position as usize).map(|argument| argument.value),
            _ => None,
        };
        match (argument, annotation) {
            (Some(token), _) => {
                let token = self.node(at.module, token);
                let resolved = self.resolved_token(token);
                self.subset(resolved, to);
            }
            (None, Some(annotation)) => self.inject_annotated(at.module, annotation, to),
            (None, None) => {}
        }
    }

    /// The annotation of a parameter.
    pub(super) fn parameter_annotation(&self, parameter: ExprRef) -> Option<TypeExpr> {
        let facts = self.facts(parameter.module);
        let ExprKind::Parameter { function, index, .. } = facts.expr(parameter.expr).kind else { return None };
        facts.function(function).parameters.get(index as usize)?.ty.clone()
    }

    /// The annotation of a field.
    pub(super) fn field_annotation(&self, class: ClassRef, key: super::table::Atom) -> Option<TypeExpr> {
        let members = &self.facts(class.module).class(class.class).members;
        let named = |name| self.atom(class.module, name) == key;
        members.iter().find(|member| member.name.is_some_and(named)).and_then(|member| member.ty.clone())
    }
}

//! Calls: which functions run, with what `this` and arguments, and where their results go.

use super::Member;
use super::call_graph::EdgeKind;
use super::solver::{ArgumentNode, CallKind, Constraint, Node, Solver};
use super::table::Atom;
use super::value::{AbstractValue, ApiObject, ClassRef, Confidence, ExprRef, FunctionRef, ValueId};
use crate::facts::{ExprKind, FunctionKind, MemberKind};
use crate::rules::{Role, TypeId};

impl Solver<'_> {
    /// A value arrived at the callee of a call.
    pub(super) fn call_value(&mut self, call: u32, value: ValueId, this: Option<ValueId>) {
        let kind = self.calls[call as usize].kind;
        if kind == CallKind::New {
            return self.construct(call, value);
        }
        let site = self.calls[call as usize].site;
        let result = self.calls[call as usize].result;
        match self.values.get(value).clone() {
            AbstractValue::Function(function) => {
                self.resolved(call);
                let arguments = self.calls[call as usize].arguments.clone();
                self.invoke(function, this, &arguments, site, EdgeKind::Direct);
                let output = self.return_node(function);
                self.subset(output, result);
            }
            AbstractValue::Bound(function, at) => {
                self.resolved(call);
                let arguments = self.calls[call as usize].arguments.clone();
                self.invoke_bound(function, at, &arguments, site, EdgeKind::Direct, Some(result));
            }
            AbstractValue::Api(_) => self.call_library(call, None, value, Member::Call),
            AbstractValue::Method(receiver, name) => self.call_method(call, receiver, name),
            AbstractValue::Package { package, path } => {
                self.resolved(call);
                let made = self.called_package(&package, &path);
                self.add_value(result, made);
                self.escape_arguments(call);
            }
            AbstractValue::Unknown => {
                self.resolved(call);
                self.add_value(result, self.unknown);
                self.escape_arguments(call);
            }
            _ => {}
        }
    }

    fn resolved(&mut self, call: u32) {
        self.calls[call as usize].resolved = true;
    }

    /// What unmodelled code gives is told apart by its package only: more would multiply values that nothing asks for.
    fn called_package(&mut self, package: &str, _path: &[Box<str>]) -> ValueId {
        let path = Box::new(["()".into()]);
        self.values.intern(AbstractValue::Package { package: package.into(), path })
    }

    /// `new value(…)`.
    fn construct(&mut self, call: u32, value: ValueId) {
        let site = self.calls[call as usize].site;
        let result = self.calls[call as usize].result;
        match self.values.get(value).clone() {
            AbstractValue::Class(class) => {
                self.resolved(call);
                let instance = self.values.intern(AbstractValue::Instance(class));
                self.add_value(result, instance);
                self.run_constructor(call, class, instance);
            }
            AbstractValue::Function(function) => {
                self.resolved(call);
                let made = self.values.intern(AbstractValue::Constructed(function));
                self.add_value(result, made);
                let arguments = self.calls[call as usize].arguments.clone();
                self.invoke(function, Some(made), &arguments, site, EdgeKind::Direct);
                let output = self.return_node(function);
                self.subset(output, result);
            }
            AbstractValue::Bound(inner, _) => self.construct(call, inner),
            AbstractValue::Api(_) => self.call_library(call, None, value, Member::Construct),
            AbstractValue::Package { package, path } => {
                self.resolved(call);
                let made = self.called_package(&package, &path);
                self.add_value(result, made);
                self.escape_arguments(call);
            }
            AbstractValue::Unknown => {
                self.resolved(call);
                self.add_value(result, self.unknown);
                self.escape_arguments(call);
            }
            _ => {}
        }
    }

    /// The constructor of a class runs, or the nearest inherited one.
    fn run_constructor(&mut self, call: u32, class: ClassRef, instance: ValueId) {
        let declaration = self.facts(class.module).class(class.class);
        match declaration.constructor {
            Some(constructor) => {
                let function = FunctionRef { module: class.module, function: constructor };
                let site = self.calls[call as usize].site;
                let arguments = self.calls[call as usize].arguments.clone();
                self.invoke(function, Some(instance), &arguments, site, EdgeKind::Direct);
                let synthetic = self.facts(class.module).function(constructor).is_synthetic;
                if synthetic && let Some(superclass) = declaration.superclass {
                    let at = self.node(class.module, superclass);
                    self.add_constraint(at, Constraint::SuperConstructor { call, this: instance });
                }
            }
            None => {
                if let Some(superclass) = declaration.superclass {
                    let at = self.node(class.module, superclass);
                    self.add_constraint(at, Constraint::SuperConstructor { call, this: instance });
                }
            }
        }
    }

    /// The superclass whose constructor runs with `this` arrived.
    pub(super) fn super_constructor(&mut self, call: u32, this: ValueId, superclass: ValueId) {
        match self.values.get(superclass).clone() {
            AbstractValue::Class(class) => self.run_constructor(call, class, this),
            AbstractValue::Function(function) => {
                let arguments = self.calls[call as usize].arguments.clone();
                let site = self.calls[call as usize].site;
                self.invoke(function, Some(this), &arguments, site, EdgeKind::Super);
            }
            AbstractValue::Api(_) => {
                self.resolved(call);
                self.call_library(call, Some(this), superclass, Member::Construct);
            }
            AbstractValue::Unknown | AbstractValue::Package { .. } => {
                self.resolved(call);
                self.escape_arguments(call);
            }
            _ => {}
        }
    }

    /// A value arrived at `object` in `object.key(…)`.
    pub(super) fn call_member(&mut self, call: u32, value: ValueId, key: Atom) {
        if matches!(
            self.values.get(value),
            AbstractValue::Function(_) | AbstractValue::Bound(..) | AbstractValue::Method(..)
        ) && self.call_function_member(call, value, key)
        {
            return;
        }
        if let AbstractValue::Unknown = self.values.get(value) {
            return self.call_value(call, value, None);
        }
        if self.is_literal_method(value, key) {
            let name = self.atoms.text(key).into();
            return self.call_method(call, value, name);
        }
        if matches!(self.values.get(value), AbstractValue::Api(_)) {
            let name = self.atoms.text(key).into();
            self.call_method(call, value, name);
        }
        let found = self.lookup(value, key);
        self.add_constraint(found, Constraint::Call { call, this: Some(value) });
    }

    /// `f.call`, `f.apply`, `f.bind`; false for other members.
    fn call_function_member(&mut self, call: u32, function: ValueId, key: Atom) -> bool {
        let site = self.calls[call as usize].site;
        let result = self.calls[call as usize].result;
        match self.atoms.text(key) {
            "bind" => {
                self.resolved(call);
                // Binding what this very call bound (`f = f.bind(x)`) adds nothing that the analysis tells apart.
                let again = matches!(self.values.get(function), AbstractValue::Bound(_, at) if *at == site);
                let again = again || self.bound_depth(function) >= 3;
                let bound = if again { function } else { self.values.intern(AbstractValue::Bound(function, site)) };
                self.add_value(result, bound);
                true
            }
            "call" | "apply" => {
                self.resolved(call);
                let mut arguments = self.calls[call as usize].arguments.clone();
                let this = (!arguments.is_empty()).then(|| arguments.remove(0));
                if self.atoms.text(key) == "apply" {
                    for argument in &mut arguments {
                        argument.spread = true;
                    }
                }
                self.invoke_value(function, this, &arguments, site, EdgeKind::Direct, Some(result));
                true
            }
            _ => false,
        }
    }

    fn bound_depth(&self, value: ValueId) -> usize {
        let inner = |&value: &ValueId| match self.values.get(value) {
            AbstractValue::Bound(inner, _) => Some(*inner),
            _ => None,
        };
        std::iter::successors(Some(value), inner).count() - 1
    }

    /// Calls any function-like value with `this` taken from a node.
    pub(super) fn invoke_value(
        &mut self,
        value: ValueId,
        this: Option<ArgumentNode>,
        arguments: &[ArgumentNode],
        site: ExprRef,
        kind: EdgeKind,
        result: Option<Node>,
    ) {
        match self.values.get(value).clone() {
            AbstractValue::Function(function) => {
                self.invoke(function, None, arguments, site, kind);
                if let Some(from) = this.and_then(|this| this.node) {
                    let receiver = self.this_node(function);
                    self.subset(from, receiver);
                }
                if let Some(result) = result {
                    let output = self.return_node(function);
                    self.subset(output, result);
                }
            }
            AbstractValue::Bound(inner, at) => self.invoke_bound(inner, at, arguments, site, kind, result),
            AbstractValue::Method(receiver, name) => {
                let call = self.synthetic_call(site, arguments, result);
                self.call_method(call, receiver, name);
            }
            AbstractValue::Api(_) => {
                let call = self.synthetic_call(site, arguments, result);
                self.call_library(call, None, value, Member::Call);
            }
            // Nothing but a constructor call can be meant: a container that makes its services.
            AbstractValue::Class(class) => {
                let instance = self.values.intern(AbstractValue::Instance(class));
                let call = self.synthetic_call(site, arguments, result);
                self.run_constructor(call, class, instance);
            }
            AbstractValue::Unknown | AbstractValue::Package { .. } => {
                if let Some(result) = result {
                    self.add_value(result, self.unknown);
                }
            }
            _ => {}
        }
    }

    /// A call that no expression of its own stands for: a library function that another function is handed.
    pub(super) fn synthetic_call(
        &mut self,
        site: ExprRef,
        arguments: &[ArgumentNode],
        result: Option<Node>,
    ) -> u32 {
        let result = result.unwrap_or_else(|| self.fresh_node());
        let callee = self.fresh_node();
        self.calls.push(super::solver::CallSite {
            site,
            kind: CallKind::Call,
            arguments: arguments.to_vec(),
            result,
            callee,
            resolved: true,
        });
        self.calls.len() as u32 - 1
    }

    /// Calls a function that `bind` fixed.
    fn invoke_bound(
        &mut self,
        function: ValueId,
        at: ExprRef,
        arguments: &[ArgumentNode],
        site: ExprRef,
        kind: EdgeKind,
        result: Option<Node>,
    ) {
        let ExprKind::Call { args, .. } = &self.facts(at.module).expr(at.expr).kind else { return };
        let mut fixed: Vec<ArgumentNode> = args
            .iter()
            .map(|argument| ArgumentNode {
                node: Some(self.node(at.module, argument.value)),
                expr: None,
                spread: argument.spread,
            })
            .collect();
        let this = (!fixed.is_empty()).then(|| fixed.remove(0));
        fixed.extend_from_slice(arguments);
        self.invoke_value(function, this, &fixed, site, kind, result);
    }

    /// Runs a function of the program: links `this` and arguments, records the edge.
    pub(super) fn invoke(
        &mut self,
        function: FunctionRef,
        this: Option<ValueId>,
        arguments: &[ArgumentNode],
        site: ExprRef,
        kind: EdgeKind,
    ) {
        self.add_edge(function, site, kind);
        let facts = self.facts(function.module);
        let declaration = facts.function(function.function);
        if let Some(this) = this
            && declaration.kind != FunctionKind::Arrow
        {
            let receiver = self.this_node(function);
            self.add_value(receiver, this);
        }
        for (index, parameter) in declaration.parameters.iter().enumerate() {
            let target = self.node(function.module, parameter.value);
            if parameter.rest {
                let at = ExprRef { module: function.module, expr: parameter.value };
                self.collect(at, target, arguments, index);
            } else {
                self.pass(arguments, index, target, site);
            }
        }
        if let Some(&target) = self.arguments_nodes.get(&function) {
            let at = ExprRef { module: function.module, expr: self.arguments_expr(function) };
            self.collect(at, target, arguments, 0);
        }
    }

    /// The argument at `index` arrives at `target`.
    fn pass(&mut self, arguments: &[ArgumentNode], index: usize, target: Node, site: ExprRef) {
        for (position, argument) in arguments.iter().enumerate().take(index + 1) {
            let Some(node) = argument.node else { continue };
            if argument.spread {
                let key = self.atoms.intern(&(index - position).to_string());
                self.add_constraint(node, Constraint::Load { key, to: target, site });
                self.add_constraint(node, Constraint::LoadElement { to: target, site });
            } else if position == index {
                self.subset(node, target);
            }
        }
    }

    /// The arguments from `first` on are collected in an array.
    fn collect(&mut self, at: ExprRef, target: Node, arguments: &[ArgumentNode], first: usize) {
        let array = self.values.intern(AbstractValue::Collected(at));
        self.add_value(target, array);
        for (position, argument) in arguments.iter().enumerate().skip(first) {
            let Some(node) = argument.node else { continue };
            if argument.spread {
                let element = self.field(array, Atom::ELEMENT);
                self.add_constraint(node, Constraint::LoadElement { to: element, site: at });
            } else {
                let key = self.atoms.intern(&(position - first).to_string());
                let field = self.field(array, key);
                self.subset(node, field);
            }
        }
    }

    fn arguments_expr(&self, function: FunctionRef) -> crate::facts::ExprId {
        // Any expression that identifies the function serves: its first parameter, else its first return.
        let declaration = self.facts(function.module).function(function.function);
        declaration
            .parameters
            .first()
            .map(|parameter| parameter.value)
            .or(declaration.value)
            .or(declaration.returns.first().copied())
            .unwrap_or(crate::facts::ExprId(0))
    }

    /// Everything that unknown code is given may be called by it.
    pub(super) fn escape_arguments(&mut self, call: u32) {
        let site = self.calls[call as usize].site;
        for argument in self.calls[call as usize].arguments.clone() {
            if let Some(node) = argument.node {
                self.add_constraint(node, Constraint::Escape { site });
            }
        }
    }

    /// A value was handed to unknown code.
    pub(super) fn escape(&mut self, value: ValueId, site: ExprRef) {
        match self.values.get(value).clone() {
            AbstractValue::Function(function) => {
                let unknown: Vec<ArgumentNode> = self.unknown_arguments(function);
                self.invoke(function, None, &unknown, site, EdgeKind::External);
            }
            AbstractValue::Bound(function, at) => {
                self.invoke_bound(function, at, &[], site, EdgeKind::External, None);
            }
            AbstractValue::Object(_) => self.escape_members(value, site),
            AbstractValue::Instance(class) if self.extends_unknown(class) && self.escaped.insert(value) => {
                for member in &self.facts(class.module).class(class.class).members {
                    if let MemberKind::Method(function) = member.kind {
                        let function = FunctionRef { module: class.module, function };
                        let unknown = self.unknown_arguments(function);
                        self.invoke(function, Some(value), &unknown, site, EdgeKind::External);
                    }
                }
            }
            _ => {}
        }
    }

    /// Whether a class extends one of a package that no rule knows: that package calls the methods of its instances.
    fn extends_unknown(&mut self, class: ClassRef) -> bool {
        let Some(base) = self.facts(class.module).class(class.class).superclass else { return false };
        let node = self.node(class.module, base);
        self.values_at(node).iter().any(|&value| matches!(self.values.get(value), AbstractValue::Package { .. }))
    }

    /// Functions in an object or array literal that is handed over are handed over with it.
    fn escape_members(&mut self, value: ValueId, site: ExprRef) {
        // One reason to run is enough for what merely lies in an object that unknown code is given.
        if self.escaped.insert(value) {
            let any = self.field(value, Atom::ANY);
            self.add_constraint(any, Constraint::Escape { site });
        }
    }

    fn unknown_arguments(&mut self, function: FunctionRef) -> Vec<ArgumentNode> {
        let count = self.facts(function.module).function(function.function).parameters.len();
        let node = self.unknown_node();
        vec![ArgumentNode { node: Some(node), expr: None, spread: false }; count]
    }

    /// A node that holds `Unknown` only.
    pub(super) fn unknown_node(&self) -> Node {
        self.unknown_node
    }

    /// `promise.then(value)`.
    pub(super) fn continuation(&mut self, value: ValueId, site: ExprRef, input: Option<Node>, output: Node) {
        let input = input.unwrap_or_else(|| self.unknown_node());
        let argument = ArgumentNode { node: Some(input), expr: None, spread: false };
        self.invoke_value(value, None, &[argument], site, EdgeKind::Continuation, Some(output));
    }

    /// What a function returns arrives at `to`.
    pub(super) fn result_of(&mut self, value: ValueId, to: Node) {
        match self.values.get(value).clone() {
            AbstractValue::Function(function) => {
                let output = self.return_node(function);
                self.subset(output, to);
            }
            AbstractValue::Bound(inner, _) => self.result_of(inner, to),
            AbstractValue::Unknown => self.add_value(to, self.unknown),
            _ => {}
        }
    }

    /// A class's superclass arrived.
    pub(super) fn superclass(&mut self, class: ClassRef, value: ValueId, _at: Node) {
        match self.values.get(value).clone() {
            AbstractValue::Class(base) if base != class => {
                self.classes.entry(class).or_default().supers.push(base);
                self.classes.entry(base).or_default().subclasses.push(class);
                self.run_overrides(class);
            }
            AbstractValue::Api(object) => {
                let Some(instance) = self.rules.ty(object.ty).instance else { return };
                let base = match self.rules.role(instance) {
                    Role::Endpoint(_) => self.endpoint_of_class(instance, class),
                    _ => self.instance_of_library(instance, value),
                };
                self.set_class_api(class, base);
            }
            _ => {}
        }
    }

    /// The endpoint that a subclass is: each its own, since what is attached to one is not attached to the others.
    fn endpoint_of_class(&mut self, ty: TypeId, class: ClassRef) -> ValueId {
        let own = self.values.intern(AbstractValue::Instance(class));
        self.values.intern(AbstractValue::Api(ApiObject {
            ty,
            site: None,
            origin: Some(own),
            steps: Box::default(),
            confidence: Confidence::Certain,
        }))
    }

    /// Members of an instance that were looked up or assigned before the class was known to be a library's.
    fn look_up_again(&mut self, class: ClassRef) {
        let Some(base) = self.class_api(class) else { return };
        let instance = self.values.intern(AbstractValue::Instance(class));
        let known = self.lookups.iter().filter(|((value, _), _)| *value == instance);
        let mut known: Vec<(Atom, Node)> = known.map(|((_, key), &node)| (*key, node)).collect();
        known.sort_unstable();
        for (key, node) in known {
            self.lookup_in_library(base, instance, key, node);
        }
        let assigned = self.library.early_assignments.extract_if(.., |(value, ..)| *value == instance);
        let assigned: Vec<_> = assigned.collect();
        for (value, key, from, site) in assigned {
            self.assign_property(value, key, from, site);
        }
    }

    /// A class is a library's: by `extends` or by a decorator.
    pub(super) fn set_class_api(&mut self, class: ClassRef, api: ValueId) {
        let state = self.classes.entry(class).or_default();
        if state.api.is_some() {
            return;
        }
        state.api = Some(api);
        let mut todo = vec![class];
        let mut seen = Vec::new();
        while let Some(next) = todo.pop() {
            if seen.contains(&next) {
                continue;
            }
            seen.push(next);
            self.run_overrides(next);
            self.look_up_again(next);
            todo.extend(self.classes.get(&next).map(|state| state.subclasses.clone()).unwrap_or_default());
        }
    }
}

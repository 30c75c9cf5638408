//! Frameworks that call classes: decorators, and methods that a library's subclass provides.

use super::call_graph::{EdgeKind, OverrideTrigger};
use super::library::Decoration;
use super::places::Scene;
use super::solver::{ArgumentNode, Solver};
use super::value::{AbstractValue, ClassRef, ExprRef, FunctionRef, ValueId};
use super::{ApiUse, Member};
use crate::facts::{ExprKind, MemberKind, Parameter};
use crate::modules::ModuleId;
use crate::rules::{Callback, DecoratedListener, Own, Role, Trigger, TypeId};

impl Solver<'_> {
    /// A value arrived at a decorator.
    pub(super) fn decorate(&mut self, decoration: u32, value: ValueId) {
        let AbstractValue::Api(object) = self.values.get(value) else { return };
        let object_ty = object.ty;
        let Some(rule) = self.rules.ty(object_ty).decorator.clone() else { return };
        let (at, target) = self.library.decorations[decoration as usize].clone();
        match target {
            Decoration::Class { class } => {
                let Some(ty) = rule.class else { return };
                let made = self.values.intern(AbstractValue::Api(super::value::ApiObject {
                    ty,
                    site: Some(at),
                    origin: None,
                    steps: Box::default(),
                    confidence: super::Confidence::Typed,
                }));
                self.set_class_api(class, made);
            }
            Decoration::Property { class, key, .. } => {
                let instance = self.values.intern(AbstractValue::Instance(class));
                let node = self.field(instance, key);
                for ty in self.narrowed_property(class, key, &rule.property) {
                    let made = self.decorated(ty, at, instance);
                    self.add_value(node, made);
                }
                if let Some(position) = rule.inject {
                    let annotation = self.field_annotation(class, key);
                    self.inject_decorated(at, position, annotation.as_ref(), node);
                }
            }
            Decoration::Parameter { class, parameter } => {
                let instance = self.values.intern(AbstractValue::Instance(class));
                let node = self.node(parameter.module, parameter.expr);
                for ty in self.narrowed_parameter(parameter, &rule.parameter) {
                    let made = self.decorated(ty, at, instance);
                    self.add_value(node, made);
                }
                if let Some(position) = rule.inject {
                    let annotation = self.parameter_annotation(parameter);
                    self.inject_decorated(at, position, annotation.as_ref(), node);
                }
            }
            Decoration::Method { class, function } => {
                let function = FunctionRef { module: class.module, function };
                if let Some(callback) = &rule.method {
                    self.run_decorated(class, function, callback, at);
                }
                if let Some(listener) = &rule.listen {
                    self.listen_decorated(listener, function, object_ty, at);
                }
            }
        }
    }

    fn decorated(&mut self, ty: TypeId, site: ExprRef, origin: ValueId) -> ValueId {
        self.values.intern(AbstractValue::Api(super::value::ApiObject {
            ty,
            site: Some(site),
            origin: Some(origin),
            steps: Box::default(),
            confidence: super::Confidence::Typed,
        }))
    }

    /// A decorated method is called by the framework.
    fn run_decorated(&mut self, class: ClassRef, function: FunctionRef, callback: &Callback, at: ExprRef) {
        let trigger = callback.trigger.as_ref().map(|trigger| {
            let name = trigger.name.and_then(|position| self.constant_argument(at, position));
            override_trigger(trigger, name)
        });
        self.run_framework_method(class, function, callback, at, trigger);
    }

    /// A decorated method is registered with an emitter that all values of its type share.
    fn listen_decorated(&mut self, rule: &DecoratedListener, function: FunctionRef, ty: TypeId, at: ExprRef) {
        let event = rule.event.and_then(|position| self.constant_argument(at, position));
        // A pattern hears more than the event of its own name.
        let event = event.filter(|event| !event.contains('*')).map(|event| self.atoms.intern(&event));
        let emitter = self.library_constant(rule.on);
        let listener = self.values.intern(AbstractValue::Function(function));
        let node = self.constant_node(listener);
        self.uses.push(ApiUse { site: at, receiver: None, ty, member: Member::Call, operation: 0, result: None });
        let registration = self.uses.len() as u32 - 1;
        self.add_listener(emitter, event, node, registration);
    }

    /// The constant that a decorator is given.
    fn constant_argument(&self, at: ExprRef, position: u32) -> Option<Box<str>> {
        let facts = self.facts(at.module);
        let ExprKind::Call { args, .. } = &facts.expr(at.expr).kind else { return None };
        let argument = args.get(position as usize)?;
        match facts.expr(argument.value).kind {
            ExprKind::String(name) => Some(facts.name(name).into()),
            _ => None,
        }
    }

    /// Methods that the library calls on instances of a user's subclass or decorated class.
    pub(super) fn run_overrides(&mut self, class: ClassRef) {
        let Some(base) = self.class_api(class) else { return };
        let Some(object) = self.api_of(base) else { return };
        let ty = object.ty;
        let overrides: Vec<(TypeId, String, Callback)> = self
            .rules
            .overrides(ty)
            .map(|(owner, name, callback)| (owner, name.to_owned(), callback.clone()))
            .collect();
        let facts = self.facts(class.module);
        let declaration = facts.class(class.class);
        let at = ExprRef { module: class.module, expr: declaration.value };
        for (owner, name, callback) in overrides {
            for member in &declaration.members {
                let MemberKind::Method(function) = member.kind else { continue };
                if member.name.is_none_or(|member| facts.name(member) != name) {
                    continue;
                }
                if !self.library.overridden.insert((class, function, owner)) {
                    continue;
                }
                let trigger = callback.trigger.as_ref().map(|trigger| override_trigger(trigger, None));
                let function = FunctionRef { module: class.module, function };
                self.run_framework_method(class, function, &callback, at, trigger);
            }
        }
    }

    fn run_framework_method(
        &mut self,
        class: ClassRef,
        function: FunctionRef,
        callback: &Callback,
        at: ExprRef,
        mut trigger: Option<OverrideTrigger>,
    ) {
        let instance = self.values.intern(AbstractValue::Instance(class));
        let this = self.this_node(function);
        self.add_value(this, instance);
        let scene = Scene::Value(instance, Some(at));
        let parameters = self.facts(function.module).function(function.function).parameters.clone();
        let mut arguments: Vec<ArgumentNode> = Vec::new();
        let mut positional = 0;
        let mut own = None;
        for (index, parameter) in parameters.iter().enumerate() {
            let node = self.fresh_node();
            let decorated = !parameter.decorators.is_empty();
            if !decorated {
                if let Some(places) = callback.parameters.get(positional) {
                    for place in self.narrowed_places(function.module, parameter, places) {
                        self.flow_into(&scene, &place, node);
                    }
                }
                if trigger.as_ref().is_some_and(|trigger| trigger.own_parameter == Some(positional as u32)) {
                    own = Some(index as u32);
                }
                positional += 1;
            } else if self.is_decorated_connection(function.module, parameter) {
                own = Some(index as u32);
            }
            arguments.push(ArgumentNode { node: Some(node), expr: None, spread: false });
        }
        if let Some(trigger) = &mut trigger
            && trigger.own_parameter.is_some()
        {
            trigger.own_parameter = own;
        }
        self.invoke(function, Some(instance), &arguments, at, EdgeKind::Override { trigger });
    }

    fn is_decorated_connection(&mut self, module: ModuleId, parameter: &Parameter) -> bool {
        parameter.decorators.iter().any(|&decorator| {
            let node = self.node(module, decorator);
            self.values_at(node).iter().any(|&value| {
                let AbstractValue::Api(object) = self.values.get(value) else { return false };
                let Some(rule) = &self.rules.ty(object.ty).decorator else { return false };
                rule.parameter.iter().any(|&ty| matches!(self.rules.role(ty), Role::Connection(_)))
            })
        })
    }
}

/// Why a framework calls a method; `name` is what its decorator says, where the rule has no fixed name.
fn override_trigger(trigger: &Trigger, name: Option<Box<str>>) -> OverrideTrigger {
    OverrideTrigger {
        kind: trigger.kind,
        name: trigger.fixed_name.as_deref().map(Into::into).or(name),
        own_parameter: match trigger.own {
            Own::Parameter(position) => Some(position),
            _ => None,
        },
        streams: trigger.streams.as_deref().map(Into::into),
    }
}

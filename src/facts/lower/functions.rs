//! Functions and their parameters.

use super::super::{
    AssignKind, BindingKind, ClassId, ExprId, ExprKind, FunctionId, FunctionKind, Name, Parameter, StoreKey,
    TypeExpr,
};
use super::jsdoc::Doc;
use super::patterns::Target;
use super::scopes::Space;
use super::{Lowerer, empty_function};
use crate::syntax::{Field, Kind, Node};

/// What the place of a function or class says about it.
#[derive(Clone, Copy, Default)]
pub(super) struct Hint {
    /// The variable, property or method it is the value of.
    pub(super) name: Option<Name>,
    /// Where a JSDoc comment for it would end: the start of its statement or member.
    pub(super) documented: Option<u32>,
}

/// What is known of a function before it is lowered.
pub(super) struct Outline {
    pub(super) hint: Hint,
    pub(super) class: Option<ClassId>,
    pub(super) is_static: bool,
}

/// The state around a function, restored after it.
pub(super) struct Outside {
    function: FunctionId,
    guard: Option<super::GuardId>,
    static_this: Option<ClassId>,
}

/// A parameter whose names are declared and whose pattern is still to be taken apart.
struct Pending<'t> {
    node: Node<'t>,
    pattern: Node<'t>,
    default: Option<Node<'t>>,
    rest: bool,
}

impl<'t> Lowerer<'t> {
    /// A function or arrow as a value.
    pub(super) fn function_expr(&mut self, node: Node<'t>, hint: Hint) -> ExprId {
        let kind = if node.kind() == Kind::Arrow { FunctionKind::Arrow } else { FunctionKind::Function };
        let own = node.child(Field::Name).filter(|_| node.kind() == Kind::FunctionExpression);
        let Some(own) = own else { return self.function_value(node, kind, hint) };
        self.scoped(|this| {
            this.declare(own, BindingKind::Function, Space::Value);
            let hint = Hint { name: Some(this.intern(own.text())), ..hint };
            let value = this.function_value(node, kind, hint);
            this.declare_value(own, value, node.span());
            value
        })
    }

    /// A method of an object literal as a value.
    pub(super) fn function_value(&mut self, node: Node<'t>, kind: FunctionKind, hint: Hint) -> ExprId {
        let id = self.reserve_function(node, kind);
        self.function(id, node, Outline { hint, class: None, is_static: false });
        let value = self.add(ExprKind::Function(id), node.span());
        self.facts.functions[id.index()].value = Some(value);
        value
    }

    /// Makes the id of a function, so that code in it can be owned by it.
    pub(super) fn reserve_function(&mut self, node: Node<'t>, kind: FunctionKind) -> FunctionId {
        let id = FunctionId(self.facts.functions.len() as u32);
        let mut function = empty_function(kind, self.function, node.span());
        function.guard = self.guard;
        self.facts.functions.push(function);
        id
    }

    /// Lowers a function into its reserved id. The result are the parameter properties.
    pub(super) fn function(
        &mut self,
        id: FunctionId,
        node: Node<'t>,
        outline: Outline,
    ) -> Vec<ParameterProperty<'t>> {
        let doc = self.doc_of(node, outline.hint);
        let function = &mut self.facts.functions[id.index()];
        function.name = outline.hint.name;
        function.class = outline.class;
        function.is_static = outline.is_static;
        function.is_async = node.has(Kind::Async);
        function.is_generator = node.has(Kind::Star);
        let outside = self.enter(id);
        self.scopes.push();
        self.type_parameters(node);
        let properties = self.parameters(id, node, &doc);
        let annotation = node.child(Field::ReturnType).and_then(|annotation| self.annotation(annotation));
        let documented = doc.returns.and_then(|text| self.jsdoc_type(text));
        self.facts.functions[id.index()].return_type = annotation.or(documented);
        if let Some(body) = node.child(Field::Body) {
            self.function_body(body);
        }
        self.scopes.pop();
        self.leave(outside);
        properties
    }

    /// Makes a function the one that evaluates what follows.
    pub(super) fn enter(&mut self, id: FunctionId) -> Outside {
        let outside = Outside { function: self.function, guard: self.guard, static_this: self.static_this };
        self.function = id;
        self.guard = None;
        if self.facts.function(id).kind != FunctionKind::Arrow {
            self.static_this = None;
        }
        outside
    }

    /// Goes back to the function around.
    pub(super) fn leave(&mut self, outside: Outside) {
        self.function = outside.function;
        self.guard = outside.guard;
        self.static_this = outside.static_this;
    }

    fn function_body(&mut self, body: Node<'t>) {
        if body.kind() == Kind::Block {
            self.hoist_vars(body);
            self.hoist_block(body.children());
            self.nested(body, |this| this.statements(body.children()));
        } else {
            let value = self.expr(body);
            let function = self.function.index();
            self.facts.functions[function].returns.push(value);
        }
    }

    fn parameters(&mut self, id: FunctionId, node: Node<'t>, doc: &Doc<'t>) -> Vec<ParameterProperty<'t>> {
        let pending = pending_parameters(node);
        for parameter in &pending {
            self.declare_pattern(parameter.pattern, BindingKind::Parameter);
        }
        let mut properties = Vec::new();
        for (index, parameter) in pending.iter().enumerate() {
            let value = self.parameter(id, index as u32, parameter, doc);
            properties.extend(self.parameter_property(parameter, value));
        }
        properties
    }

    /// Records one parameter and gives its names their values; the result is what the parameter holds.
    fn parameter(&mut self, function: FunctionId, index: u32, parameter: &Pending<'t>, doc: &Doc<'t>) -> ExprId {
        let Pending { node, pattern, default, rest } = *parameter;
        let decorators = self.parameter_decorators(node, function);
        let value = self.add(ExprKind::Parameter { function, index, rest }, pattern.span());
        let annotation = node.child(Field::Type).and_then(|annotation| self.annotation(annotation));
        let ty = annotation.or_else(|| self.documented_parameter(node, pattern, index, doc));
        let is_name = pattern.kind() == Kind::Identifier;
        if is_name {
            self.set_binding_type(pattern, ty.clone());
        }
        let binding = if is_name { self.binding_of(pattern) } else { None };
        let record = Parameter { value, binding, rest, ty, decorators };
        self.facts.functions[function.index()].parameters.push(record);
        let held = self.with_default(value, default, pattern);
        self.declare_value(pattern, held, node.span());
        held
    }

    fn documented_parameter(
        &mut self,
        node: Node<'t>,
        pattern: Node<'t>,
        index: u32,
        doc: &Doc<'t>,
    ) -> Option<TypeExpr> {
        let inline = self.documented_type(node.start());
        let name = (pattern.kind() == Kind::Identifier).then(|| pattern.text());
        inline.or_else(|| self.parameter_doc(doc, name, index as usize))
    }

    /// `private readonly x: T` of a constructor also is a field.
    fn parameter_property(&mut self, parameter: &Pending<'t>, value: ExprId) -> Option<ParameterProperty<'t>> {
        let Pending { node, pattern, .. } = *parameter;
        let is_property = node.has(Kind::Accessibility) || node.has(Kind::Readonly) || node.has(Kind::Override);
        if !is_property || pattern.kind() != Kind::Identifier {
            return None;
        }
        let name = self.intern(pattern.text());
        let this = self.add(ExprKind::This, pattern.span());
        let target = Target { kind: AssignKind::Declare, span: node.span() };
        self.store(this, StoreKey::Named(name), value, target);
        let binding = self.binding_of(pattern)?;
        let ty = self.facts.binding(binding).ty.clone();
        Some(ParameterProperty { name, ty, node })
    }

    /// Decorators on a parameter run with the class, not with the constructor or method.
    fn parameter_decorators(&mut self, node: Node<'t>, function: FunctionId) -> Vec<ExprId> {
        let (parent, guard) = (self.facts.function(function).parent, self.facts.function(function).guard);
        self.function = parent;
        let inside = std::mem::replace(&mut self.guard, guard);
        let decorators = self.decorators(node);
        self.function = function;
        self.guard = inside;
        decorators
    }

    /// Lowers the decorators that are children of a node.
    pub(super) fn decorators(&mut self, node: Node<'t>) -> Vec<ExprId> {
        let mut decorators = Vec::new();
        for decorator in node.children().filter(|child| child.kind() == Kind::Decorator) {
            decorators.extend(decorator.part().map(|expression| self.expr(expression)));
        }
        decorators
    }
}

/// A field that a constructor's parameter makes.
pub(super) struct ParameterProperty<'t> {
    pub(super) name: Name,
    pub(super) ty: Option<TypeExpr>,
    pub(super) node: Node<'t>,
}

/// The parameters of a function in both grammars; TypeScript's `this` is none.
fn pending_parameters(node: Node<'_>) -> Vec<Pending<'_>> {
    if let Some(only) = node.child(Field::Parameter) {
        return vec![Pending { node: only, pattern: only, default: None, rest: false }];
    }
    let Some(list) = node.child(Field::Parameters) else { return Vec::new() };
    list.parts().filter_map(pending_parameter).collect()
}

fn pending_parameter(node: Node<'_>) -> Option<Pending<'_>> {
    let (pattern, default) = match node.kind() {
        Kind::Parameter => (node.child(Field::Pattern).or(node.child(Field::Name))?, node.child(Field::Value)),
        Kind::AssignmentPattern => (node.child(Field::Left)?, node.child(Field::Right)),
        Kind::Decorator | Kind::Error => return None,
        _ => (node, None),
    };
    if pattern.kind() == Kind::This {
        return None;
    }
    let rest = pattern.kind() == Kind::RestPattern;
    let pattern = if rest { pattern.part()? } else { pattern };
    Some(Pending { node, pattern, default, rest })
}

//! Expressions: the dispatch and the simple kinds.

use super::super::{ExprId, ExprKind};
use super::Lowerer;
use super::functions::Hint;
use crate::source::Span;
use crate::syntax::{Field, Kind, Node};

impl<'t> Lowerer<'t> {
    /// Lowers an expression.
    pub(super) fn expr(&mut self, node: Node<'t>) -> ExprId {
        self.hinted_expr(node, Hint::default())
    }

    /// Lowers an expression whose value is put where `hint` says.
    pub(super) fn hinted_expr(&mut self, node: Node<'t>, hint: Hint) -> ExprId {
        match self.nested(node, |this| this.expr_inside(node, hint)) {
            Some(expr) => expr,
            None => self.unknown(node.span()),
        }
    }

    /// Lowers an expression statement's expression; a JSDoc comment for what it assigns stands at `documented`.
    pub(super) fn documented_expr(&mut self, node: Node<'t>, documented: u32) -> ExprId {
        self.hinted_expr(node, Hint { name: None, documented: Some(documented) })
    }

    /// Lowers the value of an `export default`, whose decorators are a class's.
    pub(super) fn decorated_expr(&mut self, node: Node<'t>, hint: Hint, export: Node<'t>) -> ExprId {
        if node.kind() == Kind::ClassExpression && export.has(Kind::Decorator) {
            let decorators = self.decorators(export);
            return self.class_expr(node, hint, decorators);
        }
        self.hinted_expr(node, hint)
    }

    fn expr_inside(&mut self, node: Node<'t>, hint: Hint) -> ExprId {
        let span = node.span();
        match node.kind() {
            Kind::Identifier | Kind::Undefined | Kind::This | Kind::Super => self.name_expr(node),
            Kind::Member | Kind::Subscript | Kind::Call | Kind::NonNull | Kind::Instantiation => self.chain(node),
            Kind::String | Kind::Number | Kind::True | Kind::False | Kind::Null => self.literal(node),
            Kind::Template => self.template(node),
            Kind::Object => self.object(node),
            Kind::Array => {
                let elements = self.arguments(node);
                self.add(ExprKind::Array(elements), span)
            }
            Kind::FunctionExpression | Kind::Arrow => self.function_expr(node, hint),
            Kind::ClassExpression => self.class_expr(node, hint, Vec::new()),
            Kind::Parenthesized => self.parenthesized(node, hint),
            Kind::New => self.new_expression(node),
            Kind::Await => {
                let operand = self.operand(node);
                self.add(ExprKind::Await(operand), span)
            }
            Kind::Yield => self.yield_expression(node),
            Kind::Unary => self.unary(node),
            Kind::Update => self.update(node),
            Kind::Binary => self.binary(node),
            Kind::Ternary => self.ternary(node),
            Kind::Assignment => self.assignment(node, hint),
            Kind::AugmentedAssignment => self.augmented_assignment(node),
            Kind::Sequence => self.sequence(node),
            Kind::As | Kind::TypeAssertion => self.cast(node, hint),
            Kind::Satisfies => match node.part() {
                Some(value) => self.hinted_expr(value, hint),
                None => self.unknown(span),
            },
            Kind::JsxElement | Kind::JsxSelfClosing => self.jsx(node),
            Kind::Spread => self.operand(node),
            // To the grammar a namespace is an expression.
            Kind::Namespace => {
                self.namespace(node);
                self.unknown(span)
            }
            Kind::Regex | Kind::MetaProperty | Kind::ImportKeyword => self.unknown(span),
            _ => {
                self.parts(node);
                self.unknown(span)
            }
        }
    }

    /// The one expression inside a node.
    pub(super) fn operand(&mut self, node: Node<'t>) -> ExprId {
        match node.part() {
            Some(operand) => self.expr(operand),
            None => self.unknown(node.span()),
        }
    }

    /// A use of a name, `this` or `super`.
    pub(super) fn name_expr(&mut self, node: Node<'t>) -> ExprId {
        let kind = match node.kind() {
            Kind::This => self.this_kind(),
            Kind::Super => ExprKind::Super,
            _ => self.identifier_kind(node),
        };
        self.add(kind, node.span())
    }

    fn identifier_kind(&mut self, node: Node<'t>) -> ExprKind {
        let name = self.intern(node.text());
        if let Some(binding) = self.scopes.value(name) {
            return ExprKind::Binding(binding);
        }
        match node.text() {
            "" => ExprKind::Unknown,
            "undefined" => ExprKind::Nullish,
            "exports" => ExprKind::ModuleExports,
            "arguments" => ExprKind::Arguments,
            _ => ExprKind::Global(name),
        }
    }

    fn this_kind(&self) -> ExprKind {
        if let Some(class) = self.static_this {
            return ExprKind::Class(class);
        }
        let mut function = self.facts.function(self.function);
        while function.kind == super::FunctionKind::Arrow {
            function = self.facts.function(function.parent);
        }
        match function.kind {
            super::FunctionKind::Module if !self.is_esm => ExprKind::ModuleExports,
            _ => ExprKind::This,
        }
    }

    /// Parentheses vanish; a JSDoc cast before them keeps its type.
    fn parenthesized(&mut self, node: Node<'t>, hint: Hint) -> ExprId {
        let Some(inner) = node.part() else { return self.unknown(node.span()) };
        let cast = self.documented_type(node.start());
        let value = self.hinted_expr(inner, hint);
        match cast {
            Some(ty) => self.add(ExprKind::Typed { value, ty }, inner.span()),
            None => value,
        }
    }

    /// `e as T` and `<T>e`.
    fn cast(&mut self, node: Node<'t>, hint: Hint) -> ExprId {
        let mut value = None;
        let mut ty = None;
        let mut parts = node.parts();
        if node.kind() == Kind::TypeAssertion {
            ty = parts.next().and_then(Node::part);
            value = parts.next().or(value);
        } else {
            value = parts.next().or(value);
            ty = parts.next().or(ty);
        }
        let Some(value) = value else { return self.unknown(node.span()) };
        let value = self.hinted_expr(value, hint);
        match ty {
            Some(ty) => {
                let ty = self.ty(ty);
                self.add(ExprKind::Typed { value, ty }, node.span())
            }
            // `as const` says nothing of the type.
            None => value,
        }
    }

    fn sequence(&mut self, node: Node<'t>) -> ExprId {
        let mut last = None;
        for part in node.parts() {
            last = Some(self.expr(part));
        }
        last.unwrap_or_else(|| self.unknown(node.span()))
    }

    fn yield_expression(&mut self, node: Node<'t>) -> ExprId {
        let value = node.part().map(|value| self.expr(value));
        let function = self.function.index();
        self.facts.functions[function].yields.extend(value);
        self.add(ExprKind::Yield { value, delegate: node.has(Kind::Star) }, node.span())
    }

    fn unary(&mut self, node: Node<'t>) -> ExprId {
        let operand = match node.child(Field::Argument) {
            Some(operand) => self.expr(operand),
            None => self.unknown(node.span()),
        };
        let operator = self.operator(node);
        let is_member = matches!(self.facts.expr(operand).kind, ExprKind::Member { .. } | ExprKind::Index { .. });
        if is_member && self.names.text(operator) == "delete" {
            self.facts.deletes.push(operand);
        }
        self.add(ExprKind::Unary { operator, operand }, node.span())
    }

    /// `c ? a : b`; chains of them nest to the right and are walked in a loop.
    fn ternary(&mut self, node: Node<'t>) -> ExprId {
        let outer = self.guard;
        let mut branches: Vec<(ExprId, Span)> = Vec::new();
        let mut next = node;
        let mut value = loop {
            if next.kind() != Kind::Ternary {
                break self.expr(next);
            }
            let condition = self.condition(next);
            let here = self.guard;
            self.push_condition(condition, false);
            let consequence = match next.child(Field::Consequence) {
                Some(consequence) => self.expr(consequence),
                None => self.unknown(next.span()),
            };
            self.guard = here;
            branches.push((consequence, next.span()));
            self.push_condition(condition, true);
            match next.child(Field::Alternative) {
                Some(alternative) => next = alternative,
                None => break self.unknown(next.span()),
            }
        };
        self.guard = outer;
        // One union of all branches, so that long chains do not nest in the facts either.
        let mut values: Vec<ExprId> = branches.iter().map(|&(consequence, _)| consequence).collect();
        values.push(value);
        value = self.add(ExprKind::Union(values.into()), node.span());
        value
    }
}

//! Loops.

use super::super::{AssignKind, BindingKind, ExprKind, GuardKind};
use super::Lowerer;
use crate::source::Span;
use crate::syntax::{Field, Kind, Node};

impl<'t> Lowerer<'t> {
    pub(super) fn for_statement(&mut self, node: Node<'t>) {
        self.scoped(|this| {
            this.guarded(|this| {
                if let Some(initializer) = node.child(Field::Initializer) {
                    this.hoist_block(initializer.itself());
                    this.statement(initializer);
                }
                let condition = node.child(Field::Condition).filter(|condition| condition.kind() != Kind::Empty);
                let condition = condition.map(|condition| this.statement_expr(condition));
                this.push_guard(GuardKind::While(condition), head(node));
                this.body(node.child(Field::Body));
                if let Some(increment) = node.child(Field::Increment) {
                    this.expr(increment);
                }
            });
        });
    }

    /// The condition of a `for` is an expression, or a statement of one.
    fn statement_expr(&mut self, node: Node<'t>) -> super::super::ExprId {
        match node.kind() {
            Kind::ExpressionStatement => match node.part() {
                Some(inner) => self.expr(inner),
                None => self.unknown(node.span()),
            },
            _ => self.expr(node),
        }
    }

    pub(super) fn while_statement(&mut self, node: Node<'t>) {
        self.guarded(|this| {
            let condition = this.condition(node);
            let span = this.facts.expr(condition).span;
            this.push_guard(GuardKind::While(Some(condition)), span);
            this.body(node.child(Field::Body));
        });
    }

    /// `for (… of …)` and `for (… in …)`.
    pub(super) fn for_in_statement(&mut self, node: Node<'t>) {
        self.scoped(|this| this.guarded(|this| this.for_in_inside(node)));
    }

    fn for_in_inside(&mut self, node: Node<'t>) {
        let iterated = match node.child(Field::Right) {
            Some(right) => self.expr(right),
            None => self.unknown(node.span()),
        };
        self.push_guard(GuardKind::ForEach(iterated), head(node));
        if let Some(left) = node.child(Field::Left) {
            let kind =
                if node.has(Kind::OfWord) { ExprKind::ElementOf(iterated) } else { ExprKind::KeyOf(iterated) };
            match declared_kind(node) {
                Some(BindingKind::Var) | None => {}
                Some(kind) => self.declare_pattern(left, kind),
            }
            let value = self.add(kind, left.span());
            match declared_kind(node) {
                Some(_) => self.declare_value(left, value, left.span()),
                None => self.assign_pattern(left, value, AssignKind::Assign, left.span()),
            }
        }
        self.body(node.child(Field::Body));
    }
}

/// What the head of a `for … of` declares its variable as.
fn declared_kind(node: Node<'_>) -> Option<BindingKind> {
    node.children().find_map(|child| match child.kind() {
        Kind::VarWord => Some(BindingKind::Var),
        Kind::LetWord => Some(BindingKind::Let),
        Kind::ConstWord | Kind::UsingWord => Some(BindingKind::Const),
        _ => None,
    })
}

/// The range of a loop's head: from its keyword up to its body.
fn head(node: Node<'_>) -> Span {
    let start = node.start();
    let end = node.child(Field::Body).map_or(node.span().end, Node::start);
    let text = node.text().get(..(end - start) as usize).unwrap_or_default();
    Span { start, end: start + text.trim_end().len() as u32 }
}

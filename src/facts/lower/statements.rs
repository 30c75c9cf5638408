//! Statements, and where they leave: what follows an early exit runs only if its condition does not hold.

use super::super::{ExprId, ExprKind, GuardKind};
use super::Lowerer;
use crate::syntax::{Field, Kind, Node};

/// Whether a statement always leaves the block it stands in.
pub(super) type Leaves = bool;

impl<'t> Lowerer<'t> {
    /// Lowers the statements of a block whose names are declared.
    pub(super) fn statements(&mut self, statements: impl Iterator<Item = Node<'t>>) -> Leaves {
        let guard = self.guard;
        let mut leaves = false;
        for statement in statements {
            if statement.kind() == Kind::FunctionDeclaration {
                // It is hoisted above the early exits before it.
                let here = std::mem::replace(&mut self.guard, guard);
                self.statement(statement);
                self.guard = here;
            } else {
                leaves |= self.statement(statement);
            }
        }
        self.guard = guard;
        leaves
    }

    /// Lowers one statement.
    pub(super) fn statement(&mut self, node: Node<'t>) -> Leaves {
        self.nested(node, |this| this.statement_inside(node)).unwrap_or(false)
    }

    fn statement_inside(&mut self, node: Node<'t>) -> Leaves {
        match node.kind() {
            Kind::ExpressionStatement => self.expression_statement(node),
            Kind::VarDeclaration | Kind::LexicalDeclaration | Kind::UsingDeclaration => {
                self.declarators(node, node.start());
            }
            Kind::Block => return self.block(node),
            Kind::If => return self.if_statement(node),
            Kind::Return => {
                self.return_statement(node);
                return true;
            }
            Kind::Throw => {
                self.parts(node);
                return true;
            }
            Kind::Break | Kind::Continue => return true,
            Kind::Try => return self.try_statement(node),
            Kind::Switch => self.switch_statement(node),
            Kind::For => self.for_statement(node),
            Kind::ForIn => self.for_in_statement(node),
            Kind::While | Kind::Do => self.while_statement(node),
            Kind::Labeled => {
                // Leaving a labelled statement does not leave the block around it.
                self.guarded(|this| this.parts(node));
            }
            Kind::Empty | Kind::FunctionSignature | Kind::Ambient | Kind::HashBang => {}
            _ if self.declaration(node) => {}
            _ if node.kind().is_expression() => {
                self.expr(node);
            }
            kind if kind.is_token() || kind.is_type() => {}
            _ => self.parts(node),
        }
        false
    }

    /// Lowers whatever stands below a node that has no meaning of its own: broken code, labels, `with`.
    pub(super) fn parts(&mut self, node: Node<'t>) {
        for part in node.parts() {
            self.statement(part);
        }
    }

    /// Lowers a block in its own scope.
    pub(super) fn block(&mut self, node: Node<'t>) -> Leaves {
        self.scoped(|this| {
            this.hoist_block(node.children());
            this.statements(node.children())
        })
    }

    /// Lowers the body of a conditional or loop.
    pub(super) fn body(&mut self, node: Option<Node<'t>>) -> Leaves {
        let Some(node) = node else { return false };
        self.guarded(|this| this.statement(node))
    }

    fn expression_statement(&mut self, node: Node<'t>) {
        if let Some(assignment) = super::hoist::typescript_using(node) {
            self.using_declarator(assignment);
            return;
        }
        for part in node.parts() {
            self.documented_expr(part, node.start());
        }
    }

    fn return_statement(&mut self, node: Node<'t>) {
        if let Some(value) = node.part() {
            let value = self.expr(value);
            let function = self.function.index();
            self.facts.functions[function].returns.push(value);
        }
    }

    /// Lowers a condition in parentheses.
    pub(super) fn condition(&mut self, node: Node<'t>) -> ExprId {
        match node.child(Field::Condition) {
            Some(condition) => self.expr(condition),
            None => self.unknown(node.span()),
        }
    }

    /// A whole `if … else if … else` chain, in a loop because generated ones are long.
    fn if_statement(&mut self, node: Node<'t>) -> Leaves {
        let outer = self.guard;
        let mut branches: Vec<(ExprId, Leaves)> = Vec::new();
        let mut next = Some(node);
        let mut leaves = false;
        while let Some(node) = next {
            if node.kind() != Kind::If {
                leaves = self.body(Some(node));
                break;
            }
            let condition = self.condition(node);
            let here = self.guard;
            self.push_condition(condition, false);
            branches.push((condition, self.body(node.child(Field::Consequence))));
            self.guard = here;
            next = node.child(Field::Alternative).and_then(Node::part);
            if next.is_some() {
                self.push_condition(condition, true);
            }
        }
        self.guard = outer;
        self.after_if(&branches, leaves)
    }

    /// Guards what follows an `if` chain: while every branch so far leaves, their conditions cannot have held; if
    /// everything after a branch leaves, its condition has held.
    fn after_if(&mut self, branches: &[(ExprId, Leaves)], otherwise: Leaves) -> Leaves {
        let leaving_from = branches.iter().rposition(|(_, leaves)| !leaves).map_or(0, |last| last + 1);
        for (index, &(condition, leaves)) in branches.iter().enumerate() {
            if leaves {
                self.push_condition(condition, true);
                continue;
            }
            if otherwise && index + 1 >= leaving_from {
                self.push_condition(condition, false);
            }
            return false;
        }
        otherwise
    }

    fn try_statement(&mut self, node: Node<'t>) -> Leaves {
        let body = self.body(node.child(Field::Body));
        let handler = node.child(Field::Handler);
        let caught = handler.is_none_or(|handler| self.catch_clause(handler));
        let finalizer = node.child(Field::Finalizer).and_then(|clause| clause.child(Field::Body));
        let finally = self.body(finalizer);
        finally || (body && caught)
    }

    fn catch_clause(&mut self, node: Node<'t>) -> Leaves {
        self.guarded(|this| {
            let parameter = node.child(Field::Parameter);
            this.push_guard(GuardKind::Catch, parameter.unwrap_or(node).span());
            this.scoped(|this| {
                if let Some(pattern) = parameter {
                    this.declare_pattern(pattern, super::super::BindingKind::Catch);
                    let caught = this.add(ExprKind::Caught, pattern.span());
                    this.declare_value(pattern, caught, pattern.span());
                }
                this.body(node.child(Field::Body))
            })
        })
    }

    fn switch_statement(&mut self, node: Node<'t>) {
        let subject = match node.child(Field::Value) {
            Some(value) => self.expr(value),
            None => self.unknown(node.span()),
        };
        let Some(body) = node.child(Field::Body) else { return };
        self.scoped(|this| {
            for case in body.parts() {
                this.hoist_block(case.children());
            }
            for case in body.parts() {
                this.guarded(|this| this.switch_case(case, subject));
            }
        });
    }

    fn switch_case(&mut self, case: Node<'t>, subject: ExprId) {
        let written = case.child(Field::Value);
        let value = written.map(|value| self.expr(value));
        let span = written.map_or_else(|| self.facts.expr(subject).span, Node::span);
        self.push_guard(GuardKind::Case { subject, value }, span);
        let is_value = |child: &Node<'t>| child.field() == Field::Value;
        self.statements(case.parts().filter(|child| !is_value(child)));
    }
}

/// Whether a directive such as `"use strict"` stands at the top.
pub(super) fn has_directive(root: Node<'_>, directive: &str) -> bool {
    root.parts()
        .skip_while(|part| part.kind() == Kind::HashBang)
        .map_while(|part| part.part().filter(|inner| inner.kind() == Kind::String && is_expression(part)))
        .any(|literal| literal.text().trim_matches(['"', '\'']) == directive)
}

fn is_expression(statement: Node<'_>) -> bool {
    statement.kind() == Kind::ExpressionStatement
}

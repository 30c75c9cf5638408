//! Operators and assignments.

use super::super::{AssignKind, ExprId, ExprKind, GuardId, Name};
use super::Lowerer;
use super::functions::Hint;
use super::guards::Logical;
use super::members::bare;
use super::patterns::Target;
use crate::source::Span;
use crate::syntax::{Field, Kind, Node};

/// Longer chains of one operator are put together as a balanced tree, so that nobody recurses deep into them.
const MAX_NESTED_OPERATORS: usize = 64;

impl<'t> Lowerer<'t> {
    /// The operator of a node.
    pub(super) fn operator(&mut self, node: Node<'t>) -> Name {
        let text = node.find(Kind::Operator).map_or("", Node::text);
        self.intern(text)
    }

    /// A binary expression: chains nest to the left and are walked in a loop.
    pub(super) fn binary(&mut self, node: Node<'t>) -> ExprId {
        if let Some(call) = self.misread_generic_call(node) {
            return call;
        }
        let mut spine = vec![node];
        let mut base = node;
        while let Some(left) = base.child(Field::Left) {
            base = left;
            if base.kind() != Kind::Binary {
                break;
            }
            spine.push(base);
        }
        let is_long = spine.len() > MAX_NESTED_OPERATORS;
        let mut chain = Chain { operator: "", outer: self.guard, inner: None, is_long };
        let mut value = self.expr(base);
        while let Some(node) = spine.pop() {
            let operator = operator_text(node);
            value = if is_logical(operator) {
                self.logical(node, value, &mut chain)
            } else if is_long {
                let run = run_start(&spine);
                let nodes = std::iter::once(node).chain(spine.drain(run..).rev()).collect();
                self.balanced(value, nodes)
            } else {
                self.plain_binary(node, value)
            };
            chain.operator = operator;
        }
        value
    }

    fn plain_binary(&mut self, node: Node<'t>, left: ExprId) -> ExprId {
        let right = self.right(node);
        let operator = self.operator(node);
        self.add(ExprKind::Binary { operator, left, right }, node.span())
    }

    fn right(&mut self, node: Node<'t>) -> ExprId {
        match node.child(Field::Right) {
            Some(right) => self.expr(right),
            None => self.unknown(node.span()),
        }
    }

    /// `a + b + c + …` of many terms: halves of it are joined by the operator between them.
    fn balanced(&mut self, first: ExprId, nodes: Vec<Node<'t>>) -> ExprId {
        let start = self.facts.expr(first).span.start;
        let mut terms = vec![(first, self.names.intern(""))];
        for node in nodes {
            let operator = self.operator(node);
            terms.push((self.right(node), operator));
        }
        while terms.len() > 1 {
            let mut joined = Vec::with_capacity(terms.len() / 2 + 1);
            for pair in terms.chunks(2) {
                let (left, before) = pair[0];
                let Some(&(right, operator)) = pair.get(1) else {
                    joined.push(pair[0]);
                    continue;
                };
                let from = if joined.is_empty() { start } else { self.facts.expr(left).span.start };
                let span = Span { start: from, end: self.facts.expr(right).span.end };
                joined.push((self.add(ExprKind::Binary { operator, left, right }, span), before));
            }
            terms = joined;
        }
        terms[0].0
    }

    /// `left && right` and kin, where `left` is lowered. Within a chain of one operator the guards of the earlier
    /// operands stay, so that a long chain makes one guard for each.
    fn logical(&mut self, node: Node<'t>, left: ExprId, chain: &mut Chain<'t>) -> ExprId {
        let operator = operator_text(node);
        let is_and = operator == "&&";
        let continued = self.logical.get(&left).copied().filter(|_| chain.operator == operator);
        self.guard = if continued.is_some() { chain.inner } else { chain.outer };
        self.push_condition(continued.map_or(left, |logical| logical.right), !is_and);
        let right = self.right(node);
        chain.inner = self.guard;
        self.guard = chain.outer;
        let mut operands = match &self.facts.expr(left).kind {
            ExprKind::Union(operands) if chain.flattens(continued.is_some(), operands) => operands.to_vec(),
            _ => vec![left],
        };
        operands.push(right);
        let value = self.add(ExprKind::Union(operands.into()), node.span());
        self.logical.insert(value, Logical { is_and, left, right });
        value
    }

    /// `target = value`.
    pub(super) fn assignment(&mut self, node: Node<'t>, hint: Hint) -> ExprId {
        let (Some(left), Some(right)) = (node.child(Field::Left), node.child(Field::Right)) else {
            self.parts(node);
            return self.unknown(node.span());
        };
        let left = bare(left);
        let target = Target { kind: AssignKind::Assign, span: node.span() };
        let ty = hint.documented.and_then(|at| self.documented_type(at));
        let name = self.name_of(left);
        let place = self.member_place(left);
        let mut value = self.hinted_expr(right, Hint { name: name.or(hint.name), ..hint });
        if let Some(ty) = ty {
            value = self.add(ExprKind::Typed { value, ty }, right.span());
        }
        match place {
            Some((object, key)) => self.store(object, key, value, target),
            None => self.assign_pattern(left, value, AssignKind::Assign, node.span()),
        }
        self.add(ExprKind::Assign { target: None, value }, node.span())
    }

    fn member_place(&mut self, left: Node<'t>) -> Option<(ExprId, super::super::StoreKey)> {
        let is_place = matches!(left.kind(), Kind::Member | Kind::Subscript);
        if is_place { self.place(left) } else { None }
    }

    /// `target += value` and `target ||= value`.
    pub(super) fn augmented_assignment(&mut self, node: Node<'t>) -> ExprId {
        let (Some(left), Some(right)) = (node.child(Field::Left), node.child(Field::Right)) else {
            self.parts(node);
            return self.unknown(node.span());
        };
        let read = self.expr(left);
        let hint = Hint { name: self.name_of(bare(left)), documented: None };
        match operator_text(node) {
            operator @ ("||=" | "&&=" | "??=") => {
                let assigned = self.guarded(|this| {
                    this.push_condition(read, operator != "&&=");
                    let value = this.hinted_expr(right, hint);
                    this.update_target(left, read, value, node.span());
                    this.add(ExprKind::Assign { target: Some(read), value }, node.span())
                });
                self.add(ExprKind::Union([read, assigned].into()), node.span())
            }
            _ => {
                let value = self.hinted_expr(right, hint);
                self.update_target(left, read, value, node.span());
                self.add(ExprKind::Assign { target: Some(read), value }, node.span())
            }
        }
    }

    /// `target++`: the value is the target itself.
    pub(super) fn update(&mut self, node: Node<'t>) -> ExprId {
        let Some(argument) = node.child(Field::Argument) else { return self.unknown(node.span()) };
        let read = self.expr(argument);
        self.update_target(argument, read, read, node.span());
        self.add(ExprKind::Assign { target: Some(read), value: read }, node.span())
    }

    /// Records that a target that was lowered as `read` is also written.
    fn update_target(&mut self, left: Node<'t>, read: ExprId, value: ExprId, span: Span) {
        use super::super::StoreKey;
        let target = Target { kind: AssignKind::Update, span };
        match self.facts.expr(read).kind {
            ExprKind::Member { object, property, .. } => {
                self.store(object, StoreKey::Named(property), value, target)
            }
            ExprKind::Index { object, index } => {
                let key = match self.facts.expr(index).kind {
                    ExprKind::Number(name) => StoreKey::Named(name),
                    _ => StoreKey::Computed(index),
                };
                self.store(object, key, value, target);
            }
            _ => {
                let left = bare(left);
                if left.kind() == Kind::Identifier {
                    self.assign_name(left, value, target);
                }
            }
        }
    }
}

/// What a chain of operators remembers of its operators so far.
struct Chain<'t> {
    /// The last operator.
    operator: &'t str,
    /// The guard around the whole chain.
    outer: Option<GuardId>,
    /// The guard around the last operand of a logical operator.
    inner: Option<GuardId>,
    is_long: bool,
}

impl Chain<'_> {
    /// Whether operands join the union so far instead of nesting it; only in long chains, and in parts.
    fn flattens(&self, continued: bool, operands: &[ExprId]) -> bool {
        self.is_long && continued && operands.len() < MAX_NESTED_OPERATORS
    }
}

fn operator_text<'t>(node: Node<'t>) -> &'t str {
    node.find(Kind::Operator).map_or("", Node::text)
}

fn is_logical(operator: &str) -> bool {
    matches!(operator, "&&" | "||" | "??")
}

/// Where the outer operators that are no logical ones start.
fn run_start(outer: &[Node<'_>]) -> usize {
    outer.iter().rposition(|next| is_logical(operator_text(*next))).map_or(0, |other| other + 1)
}

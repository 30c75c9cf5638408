//! Conditions and loops around code.

use super::super::{ExprId, ExprKind, Guard, GuardId, GuardKind};
use super::Lowerer;
use crate::source::Span;

/// How a `Union` came about, which conditions need to know.
#[derive(Clone, Copy)]
pub(super) struct Logical {
    /// Whether it is `&&` (else `||` or `??`).
    pub(super) is_and: bool,
    pub(super) left: ExprId,
    pub(super) right: ExprId,
}

impl Lowerer<'_> {
    /// Puts what follows under another guard.
    pub(super) fn push_guard(&mut self, kind: GuardKind, span: Span) {
        let id = GuardId(self.facts.guards.len() as u32);
        self.facts.guards.push(Guard { kind, parent: self.guard, span });
        self.guard = Some(id);
    }

    /// Puts what follows under a condition (or its negation), in its simplest form: `!` turns into `negated`, and
    /// what needs `a && b` to hold is guarded by `a` and by `b`.
    pub(super) fn push_condition(&mut self, condition: ExprId, negated: bool) {
        let mut pending = vec![(condition, negated, self.facts.expr(condition).span)];
        while let Some((condition, negated, span)) = pending.pop() {
            if let Some(operand) = self.negation(condition) {
                pending.push((operand, !negated, span));
                continue;
            }
            match self.logical.get(&condition) {
                Some(logical) if logical.is_and != negated => {
                    for operand in [logical.right, logical.left] {
                        pending.push((operand, negated, self.facts.expr(operand).span));
                    }
                }
                _ => self.push_guard(GuardKind::If { condition, negated }, span),
            }
        }
    }

    /// The operand of `!e`.
    fn negation(&self, condition: ExprId) -> Option<ExprId> {
        match self.facts.expr(condition).kind {
            ExprKind::Unary { operator, operand } if self.names.text(operator) == "!" => Some(operand),
            _ => None,
        }
    }
}

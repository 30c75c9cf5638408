//! What a `find` selects by: the key that its test compares members with.

use super::program::Program;
use crate::facts::ExprKind;
use crate::flow::{ApiUse, EdgeKind, ExprRef, FunctionRef};
use crate::rules::Operation;

/// What the test of a `find(each => each.id === key)` compares with.
pub(crate) fn test_key(program: &Program, api_use: &ApiUse, operation: &Operation) -> Option<ExprRef> {
    if operation.returns.is_empty() {
        return None;
    }
    let mut edges = program.flow.calls.at_site(api_use.site);
    let edge = edges.find(|edge| matches!(edge.kind, EdgeKind::Callback { .. }))?;
    let module = edge.callee.module;
    let facts = program.flow.facts(module);
    program.function(edge.callee).returns.iter().find_map(|&result| {
        let ExprKind::Binary { operator, left, right } = facts.expr(result).kind else { return None };
        if !matches!(facts.name(operator), "===" | "==") {
            return None;
        }
        let sides = [left, right].into_iter().map(|expr| ExprRef { module, expr });
        sides.into_iter().find(|&side| !mentions_local(program, side, edge.callee))
    })
}

/// Whether an expression starts from a variable of the test itself.
fn mentions_local(program: &Program, at: ExprRef, test: FunctionRef) -> bool {
    let at = program.peel(at);
    match program.expr(at).kind {
        ExprKind::Binding(binding) => program.flow.facts(at.module).binding(binding).function == test.function,
        ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => {
            mentions_local(program, program.at(at, object), test)
        }
        ExprKind::Call { callee, .. } => mentions_local(program, program.at(at, callee), test),
        _ => false,
    }
}

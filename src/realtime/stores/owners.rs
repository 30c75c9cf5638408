//! Objects whose fields are variables of the program although no code of the program makes them.

use crate::facts::{ExprKind, MemberKind};
use crate::flow::{ClassRef, ValueFlow};

/// Whether somebody else can make instances of a class that no code of the program constructs, to call what they can do.
/// What has only fields describes the shape of data, an abstract class is made by nobody, and one whose static methods speak
/// of the class itself (`new this()`, `make(Board, name)`) makes its instances in a way that was not traced.
pub(super) fn is_for_others(flow: &ValueFlow, class: ClassRef) -> bool {
    let facts = flow.facts(class.module);
    let declared = facts.class(class.class);
    let methods = |is_static: bool| {
        declared.members.iter().filter_map(move |member| match member.kind {
            MemberKind::Method(function) if member.is_static == is_static => Some(function),
            _ => None,
        })
    };
    let acts = methods(false).next().is_some();
    let makes_itself = methods(true).any(|function| {
        let is_this = |expr: crate::facts::ExprId| match facts.expr(expr).kind {
            ExprKind::This => true,
            ExprKind::Binding(binding) => declared.binding == Some(binding),
            _ => false,
        };
        facts.exprs.iter().filter(|expr| expr.function == function).any(|expr| match &expr.kind {
            ExprKind::New { callee, args } => is_this(*callee) || args.iter().any(|each| is_this(each.value)),
            ExprKind::Call { args, .. } => args.iter().any(|each| is_this(each.value)),
            _ => false,
        })
    });
    acts && !declared.is_abstract && !makes_itself
}

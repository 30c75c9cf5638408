//! Memos: containers whose entries can be computed again from their keys, which SPEC does not call state.

use super::Search;
use super::accesses::{Access, Verb};
use super::declarations::Declaration;
use crate::facts::{Argument, BindingId, BindingKind, ExprId, ExprKind, FunctionId, ModuleFacts};
use crate::flow::ExprRef;

/// Whether every entry is looked up first and then computed from its key: nothing comes from a client or an event.
pub(super) fn is_memo(search: &Search, declaration: &Declaration) -> bool {
    let nested =
        declaration.nested.iter().any(|access| access.verb.changes() && search.reach.after_start(access.function));
    let mut writes = declaration
        .direct
        .iter()
        .filter(|access| matches!(access.verb, Verb::Write | Verb::Count | Verb::Replace))
        .filter(|access| search.reach.after_start(access.function))
        .peekable();
    !nested && writes.peek().is_some() && writes.all(|access| is_computed(search, declaration, access))
}

fn is_computed(search: &Search, declaration: &Declaration, write: &Access) -> bool {
    let (Verb::Write, Some(key), Some(value)) = (write.verb, write.key, write.value) else { return false };
    let facts = search.heap.flow.facts(key.module);
    let ExprKind::Binding(key_binding) = facts.expr(key.expr).kind else { return false };
    let looked_up = declaration.direct.iter().any(|access| {
        let same = access.key.is_some_and(|other| {
            other.module == key.module
                && matches!(facts.expr(other.expr).kind, ExprKind::Binding(binding) if binding == key_binding)
        });
        same && access.verb == Verb::Read && access.function.module == write.function.module
    });
    looked_up && value.module == key.module && Computation { facts, key: key_binding }.of(value, 4)
}

/// Whether an expression is computed from one variable and the module's own names.
struct Computation<'a> {
    facts: &'a ModuleFacts,
    key: BindingId,
}

impl Computation<'_> {
    fn of(&self, at: ExprRef, depth: u32) -> bool {
        self.is_call(at.expr, depth) && self.mentions_key(at.expr, depth) && self.depends_on_key(at.expr, depth)
    }

    /// What does not even mention the key (`Date.now()`) is not computed from it.
    fn mentions_key(&self, expr: ExprId, depth: u32) -> bool {
        let facts = self.facts;
        let span = facts.expr(expr).span;
        facts.exprs.iter().filter(|each| span.contains(each.span)).any(|each| match each.kind {
            ExprKind::Binding(binding) if binding == self.key => true,
            ExprKind::Binding(binding) if depth > 0 => self.initial(binding).is_some_and(|value| {
                facts.binding(binding).function != FunctionId::MODULE && self.mentions_key(value, depth - 1)
            }),
            _ => false,
        })
    }

    /// A call, or a variable that holds a call's result. What `new` makes has a state of its own.
    fn is_call(&self, expr: ExprId, depth: u32) -> bool {
        match &self.facts.expr(expr).kind {
            ExprKind::Call { .. } => true,
            ExprKind::Await(value) | ExprKind::Typed { value, .. } => self.is_call(*value, depth),
            ExprKind::Binding(binding) if depth > 0 && *binding != self.key => {
                self.initial(*binding).is_some_and(|value| self.is_call(value, depth - 1))
            }
            _ => false,
        }
    }

    fn depends_on_key(&self, expr: ExprId, depth: u32) -> bool {
        let all = |args: &[Argument]| args.iter().all(|argument| self.depends_on_key(argument.value, depth));
        match &self.facts.expr(expr).kind {
            ExprKind::Binding(binding) => {
                let declared = self.facts.binding(*binding);
                *binding == self.key
                    || (declared.function == FunctionId::MODULE && declared.kind != BindingKind::Let)
                    || (depth > 0
                        && self.initial(*binding).is_some_and(|value| self.depends_on_key(value, depth - 1)))
            }
            ExprKind::Call { callee, args, .. } => self.depends_on_key(*callee, depth) && all(args),
            ExprKind::New { args, .. } | ExprKind::Array(args) => all(args),
            ExprKind::Member { object, .. } => self.depends_on_key(*object, depth),
            ExprKind::Await(value) | ExprKind::Typed { value, .. } => self.depends_on_key(*value, depth),
            ExprKind::Template { parts, .. } => parts.iter().all(|&part| self.depends_on_key(part, depth)),
            ExprKind::Binary { left, right, .. } => {
                self.depends_on_key(*left, depth) && self.depends_on_key(*right, depth)
            }
            ExprKind::Object(properties) => {
                properties.iter().all(|property| self.depends_on_key(property.value, depth))
            }
            ExprKind::String(_)
            | ExprKind::Number(_)
            | ExprKind::Bool(_)
            | ExprKind::Nullish
            | ExprKind::Global(_)
            | ExprKind::Function(_)
            | ExprKind::This
            | ExprKind::Require(_) => true,
            _ => false,
        }
    }

    fn initial(&self, binding: BindingId) -> Option<ExprId> {
        let mut assigned = self.facts.assigns.iter().filter(|assign| assign.binding == binding);
        let first = assigned.next()?;
        assigned.next().is_none().then_some(first.value)
    }
}

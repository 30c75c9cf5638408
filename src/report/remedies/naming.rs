//! What the source calls the value that an expression makes, and the statement that does so.

use crate::facts::{ExprId, ExprKind, MemberKind, ModuleFacts, StoreKey};
use crate::source::{SourceFile, Span};

/// A name and where it is given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    /// The name as other code in reach of it writes it: `io`, `this.server`, `ChatGateway`.
    pub(super) name: String,
    /// The range of the statement; of a class, its whole range.
    pub(super) statement: Span,
    /// Whether it is an assignment that always runs, so that code below it can use the name.
    pub(super) is_plain: bool,
}

/// What the value made at `span` is called.
pub(super) fn named(file: &SourceFile, facts: &ModuleFacts, span: Span) -> Option<Named> {
    let makes = |value: ExprId| is_made_by(facts, value, span, 0);
    let assigned = facts.assigns.iter().find(|assign| makes(assign.value)).map(|assign| Named {
        name: facts.name(facts.binding(assign.binding).name).to_owned(),
        statement: assign.span,
        is_plain: assign.guard.is_none(),
    });
    let stored = || {
        let store = facts.stores.iter().find(|store| makes(store.value))?;
        let StoreKey::Named(key) = store.key else { return None };
        let object = match store.object {
            Some(object) => Some(simple_text(file, facts, object)?),
            None => None,
        };
        let name = object.into_iter().chain([facts.name(key)]).collect::<Vec<_>>().join(".");
        Some(Named { name, statement: store.span, is_plain: store.guard.is_none() })
    };
    assigned.or_else(stored).or_else(|| of_class(facts, span))
}

/// A field of a class, or the class itself.
fn of_class(facts: &ModuleFacts, span: Span) -> Option<Named> {
    for class in &facts.classes {
        for member in &class.members {
            let MemberKind::Field(Some(value)) = member.kind else { continue };
            if is_made_by(facts, value, span, 0) {
                let name = format!("this.{}", facts.name(member.name?));
                return Some(Named { name, statement: member.span, is_plain: false });
            }
        }
    }
    // Of nested classes the innermost is meant, and a decorator stands before its class.
    let meant = facts.classes.iter().filter(|class| {
        let decorated = class.decorators.iter().any(|&each| facts.expr(each).span.contains(span));
        class.span == span || class.span.start == span.start || decorated
    });
    let class = meant.min_by_key(|class| class.span.end - class.span.start)?;
    Some(Named { name: facts.name(class.name?).to_owned(), statement: class.span, is_plain: false })
}

/// Whether an expression's value is what the code at `span` makes, behind `await`, a type or a choice.
fn is_made_by(facts: &ModuleFacts, value: ExprId, span: Span, depth: usize) -> bool {
    let expr = facts.expr(value);
    if expr.span == span {
        return true;
    }
    if depth > 4 || !expr.span.contains(span) {
        return false;
    }
    let inner = |value: ExprId| is_made_by(facts, value, span, depth + 1);
    match &expr.kind {
        ExprKind::Await(value) | ExprKind::Typed { value, .. } | ExprKind::Assign { value, .. } => inner(*value),
        ExprKind::Union(values) => values.iter().any(|&value| inner(value)),
        _ => false,
    }
}

/// The text of a name, `this`, or members of them.
fn simple_text<'f>(file: &'f SourceFile, facts: &ModuleFacts, expr: ExprId) -> Option<&'f str> {
    let expr = facts.expr(expr);
    match expr.kind {
        ExprKind::Binding(_) | ExprKind::Global(_) | ExprKind::This | ExprKind::Member { .. } => {
            let text = file.text.get(expr.span.start as usize..expr.span.end as usize)?;
            (text.len() < 60 && !text.contains('\n')).then_some(text)
        }
        _ => None,
    }
}

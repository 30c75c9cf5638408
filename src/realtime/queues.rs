//! Messages that wait in a buffer for a timer: the calls that put them there are the triggers (SPEC section 2).

use super::program::Program;
use super::triggers::{Bounds, Found, triggers};
use crate::facts::ExprKind;
use crate::flow::{ApiUse, ExprRef, FunctionRef, ValueId};
use crate::rules::{Role, StateVerb, TriggerKind};

/// Why the messages that a timer flushes at `site` were put into their buffer; none if there is no such buffer.
pub(crate) fn enqueuing<'a>(program: &Program<'a>, site: ExprRef, found: &[Found<'a>]) -> Option<Vec<Found<'a>>> {
    let timed = !found.is_empty() && found.iter().all(|trigger| trigger.kind == TriggerKind::Timer);
    if !timed {
        return None;
    }
    let flusher = program.function_at(site);
    let mut buffers = Vec::new();
    for argument in program.arguments(site) {
        tables(program, program.at(site, argument.value), &mut buffers, 6);
    }
    // What stays in the table is state that the timer publishes, not a message that waits.
    buffers.retain(|&buffer| program.uses_of(buffer).any(|api_use| removes(program, api_use, flusher)));
    let writes = buffers.iter().flat_map(|&buffer| program.uses_of(buffer)).filter(|api_use| {
        let state = program.flow.operation(api_use).and_then(|operation| operation.state.as_ref());
        state.is_some_and(|state| state.verb == StateVerb::Write) && program.function_at(api_use.site) != flusher
    });
    let mut reasons: Vec<Found<'a>> =
        writes.flat_map(|write| triggers(program, write.site, &Bounds::default())).collect();
    reasons.sort_by(|one, other| (one.kind, one.place, &one.name).cmp(&(other.kind, other.place, &other.name)));
    reasons.dedup_by(|one, other| (one.kind, one.place, &one.name) == (other.kind, other.place, &other.name));
    (!reasons.is_empty()).then_some(reasons)
}

fn removes(program: &Program, api_use: &ApiUse, flusher: FunctionRef) -> bool {
    let state = program.flow.operation(api_use).and_then(|operation| operation.state.as_ref());
    state.is_some_and(|state| state.verb == StateVerb::Remove)
        && program.within(program.function_at(api_use.site), flusher)
}

/// The in-process tables that an expression takes its values from.
fn tables(program: &Program, at: ExprRef, found: &mut Vec<ValueId>, depth: u8) {
    if depth == 0 {
        return;
    }
    let own = program.flow.values(at).iter().copied();
    found.extend(own.filter(|&value| is_table(program, value)));
    let at = program.resolve(at);
    let mut follow = |expr| tables(program, program.at(at, expr), found, depth - 1);
    match &program.expr(at).kind {
        ExprKind::Call { callee, args, .. } => {
            follow(*callee);
            args.iter().for_each(|argument| follow(argument.value));
        }
        ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => follow(*object),
        ExprKind::ElementOf(source) => follow(*source),
        ExprKind::Object(properties) => properties.iter().for_each(|property| follow(property.value)),
        ExprKind::Array(items) => items.iter().for_each(|item| follow(item.value)),
        _ => {}
    }
}

fn is_table(program: &Program, value: ValueId) -> bool {
    matches!(program.role(value), Role::Container)
        || matches!(program.flow.value(value), crate::flow::AbstractValue::Object(_))
}

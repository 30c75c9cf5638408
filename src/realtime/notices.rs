//! Messages that are no broadcasts: heartbeats, and the notice that announces the end of a connection.

use super::program::Program;
use super::triggers::{Bounds, Found, triggers};
use crate::facts::{ExprKind, GuardId};
use crate::flow::{ApiUse, CallEdge, EdgeKind, ExprRef, FunctionRef};
use crate::rules::TriggerKind;

/// Words of names and payloads that say "are you still there".
const HEARTBEAT: &[&str] = &["heartbeat", "ping", "pong", "keepalive"];
/// The same in two words.
const HEARTBEAT_PAIRS: &[(&str, &str)] = &[("heart", "beat"), ("keep", "alive")];

/// Words of routes and handlers that end an instance: "drain the connections", "shut down".
const FAREWELL: &[&str] = &["drain", "shutdown"];
/// The same in two words.
const FAREWELL_PAIRS: &[(&str, &str)] = &[("shut", "down")];
/// Timers that start timers, at most this deep.
const MAX_TIMERS: u8 = 4;

/// Whether one of the words of a text speaks of heartbeats; `shopping` and `typing` do not.
fn says_heartbeat(text: &str) -> bool {
    says(text, HEARTBEAT, HEARTBEAT_PAIRS)
}

/// Whether one of the words of a text, or two that follow each other, is among those given. Words end where a letter is
/// no letter, and where lower case turns to upper case.
fn says(text: &str, single: &[&str], pairs: &[(&str, &str)]) -> bool {
    let mut words: Vec<String> = Vec::new();
    let mut after_lower = false;
    for letter in text.replace("\\n", " ").chars() {
        let starts = letter.is_uppercase() && after_lower;
        if words.is_empty() || starts || !letter.is_alphanumeric() {
            words.push(String::new());
        }
        if let (true, Some(word)) = (letter.is_alphanumeric(), words.last_mut()) {
            word.extend(letter.to_lowercase());
        }
        after_lower = letter.is_lowercase();
    }
    words.retain(|word| !word.is_empty());
    words.iter().any(|word| single.contains(&word.as_str()))
        || words.windows(2).any(|pair| pairs.contains(&(pair[0].as_str(), pair[1].as_str())))
}

/// Whether a delivery only keeps connections alive: a constant message, sent by a timer or under a heartbeat's name.
pub(crate) fn is_heartbeat(program: &Program, site: ExprRef, delivery: &ApiUse, triggers: &[Found]) -> bool {
    let payload: Vec<ExprRef> = [site, delivery.site]
        .into_iter()
        .flat_map(|call| program.arguments(call).iter().map(move |each| program.at(call, each.value)))
        .filter(|&argument| !program.carries_connection(argument))
        .collect();
    let message: Vec<ExprRef> = payload
        .into_iter()
        .filter(|&each| !matches!(program.expr(each).kind, ExprKind::Parameter { .. }))
        .collect();
    let text = message.iter().map(|&each| program.source(each)).collect::<Vec<_>>().join(" ");
    if !message.iter().all(|&each| is_constant(program, each, 6)) {
        return false;
    }
    let is_comment = text.trim_start_matches(['\'', '"', '`']).starts_with(':');
    let named = !triggers.is_empty()
        && triggers.iter().all(|trigger| trigger.trace.iter().any(|frame| says_heartbeat(&frame.function)));
    is_comment || says_heartbeat(&text) || named
}

/// Whether an expression is made of constants alone.
fn is_constant(program: &Program, at: ExprRef, depth: u8) -> bool {
    if depth == 0 {
        return false;
    }
    let at = program.resolve(at);
    let each = |expr| is_constant(program, program.at(at, expr), depth - 1);
    match &program.expr(at).kind {
        ExprKind::String(_) | ExprKind::Number(_) | ExprKind::Bool(_) | ExprKind::Nullish => true,
        ExprKind::Object(properties) => properties.iter().all(|property| each(property.value)),
        ExprKind::Array(items) => items.iter().all(|item| each(item.value)),
        ExprKind::Binary { left, right, .. } => each(*left) && each(*right),
        ExprKind::Call { args, .. } => {
            // `JSON.stringify({ type: 'ping' })`, `Date.now()`.
            let callee = program.callee(at).map(|callee| program.source(callee)).unwrap_or_default();
            let plain = callee.starts_with("JSON.") || callee.starts_with("Date.") || callee.starts_with("Buffer.");
            plain && args.iter().all(|argument| each(argument.value))
        }
        ExprKind::New { args, .. } => args.iter().all(|argument| each(argument.value)),
        ExprKind::Template { parts, .. } => parts.iter().all(|&part| each(part)),
        // A running number.
        ExprKind::Member { object, .. } => matches!(program.expr(program.at(at, *object)).kind, ExprKind::This),
        _ => false,
    }
}

/// Whether a delivery is reachable only from shutdown or drain (SPEC section 2): each of its reasons is the end of the
/// process, a route that drains the instance, or a timer that nothing else starts.
pub(crate) fn is_farewell(program: &Program, reasons: &[Found]) -> bool {
    ends_the_instance(program, reasons, MAX_TIMERS)
}

fn ends_the_instance(program: &Program, reasons: &[Found], depth: u8) -> bool {
    !reasons.is_empty()
        && reasons.iter().all(|reason| match reason.kind {
            TriggerKind::Shutdown => true,
            TriggerKind::HttpRoute => {
                let handler = reason.trace.first().map(|frame| frame.function.as_str());
                let mut names = handler.into_iter().chain(reason.name.as_deref());
                names.any(|text| says(text, FAREWELL, FAREWELL_PAIRS))
            }
            TriggerKind::Timer => reason.registration.is_some_and(|timer| {
                depth > 0
                    && ends_the_instance(program, &triggers(program, timer.site, &Bounds::default()), depth - 1)
            }),
            _ => false,
        })
}

/// Whether the connection that `site` delivers to is closed right after: by the same function, or by a callback that it
/// leaves behind so that the message gets out first (`setImmediate(() => socket.disconnect())`).
pub(crate) fn is_closing_notice(program: &Program, site: ExprRef) -> bool {
    let function = program.function_at(site);
    let recipients = recipients(program, site);
    let after =
        |at: ExprRef| at.module == site.module && program.expr(at).span.start >= program.expr(site).span.end;
    let guard = program.expr(site).guard;
    let here = closings(program, function).any(|closing| {
        after(closing) && encloses(program, closing, guard) && closes_one_of(program, closing, &recipients)
    });
    here || program.callees(function).any(|edge| {
        is_later(program, edge)
            && after(edge.site)
            && program.within(edge.callee, function)
            && encloses(program, edge.site, guard)
            && closings(program, edge.callee)
                .any(|closing| encloses(program, closing, guard) && closes_one_of(program, closing, &recipients))
    })
}

/// The calls in a function that close a connection.
fn closings<'p>(program: &'p Program, function: FunctionRef) -> impl Iterator<Item = ExprRef> + 'p {
    let closes = |api_use: &&ApiUse| program.flow.operation(api_use).is_some_and(|operation| operation.close);
    program.uses_in(function).filter(closes).map(|api_use| api_use.site)
}

/// Whether an edge runs its function a little later: a timer, a promise's continuation.
fn is_later(program: &Program, edge: &CallEdge) -> bool {
    match edge.kind {
        EdgeKind::Continuation => true,
        EdgeKind::Callback { .. } => program.callback(edge).is_some_and(|(_, callback)| {
            callback.trigger.as_ref().is_none_or(|trigger| trigger.kind == TriggerKind::Timer)
        }),
        _ => false,
    }
}

fn closes_one_of(program: &Program, closing: ExprRef, recipients: &[&str]) -> bool {
    let Some(closed) = program.receiver(closing) else { return false };
    let closed = program.source(closed);
    recipients.iter().any(|recipient| {
        closed == *recipient || closed.strip_prefix(*recipient).is_some_and(|rest| rest.starts_with(['.', '?']))
    })
}

/// The texts of what a call delivers to: its receiver, or the arguments that carry a connection.
fn recipients<'a>(program: &Program<'a>, site: ExprRef) -> Vec<&'a str> {
    let mut texts: Vec<&'a str> = program
        .arguments(site)
        .iter()
        .map(|argument| program.at(site, argument.value))
        .filter(|&argument| program.carries_connection(argument))
        .map(|argument| program.source(argument))
        .collect();
    texts.extend(program.receiver(site).map(|receiver| program.source(receiver)));
    texts.retain(|text| *text != "this");
    texts
}

/// Whether code at `outer` runs whenever code under the guard `inner` ran: its guards are among the inner ones.
fn encloses(program: &Program, outer: ExprRef, inner: Option<GuardId>) -> bool {
    let facts = program.flow.facts(outer.module);
    let Some(guard) = facts.expr(outer.expr).guard else { return true };
    std::iter::successors(inner, |&each| facts.guard(each).parent).any(|each| each == guard)
}

#[cfg(test)]
mod tests {
    use super::says_heartbeat;

    #[test]
    fn heartbeats_are_whole_words() {
        for text in
            ["ssePing", "'{\"type\":\"ping\"}'", "keep_alive", "heartBeatTick", "KEEPALIVE", r"'event: x\nping'"]
        {
            assert!(says_heartbeat(text), "{text}");
        }
        for text in ["typing", "shoppingCart", "'mapping'", "keepMeAlive", "beat"] {
            assert!(!says_heartbeat(text), "{text}");
        }
    }
}

//! In which order the parts of a start run: whether clients can connect to an endpoint before something is attached to it.

use super::branches::are_exclusive;
use super::endpoints::Endpoints;
use super::model::Place;
use super::places::standing;
use super::program::Program;
use super::triggers::{Bounds, triggers};
use crate::facts::{ExprId, ExprKind};
use crate::flow::{CallEdge, EdgeKind, ExprRef, FunctionRef, Member, ValueId};
use crate::rules::{Base, Role, TriggerKind};
use crate::source::Span;

/// The way from a module's body to a call: each function, and the expression in it that leads on.
type Way = Vec<(FunctionRef, ExprRef)>;

/// Where an endpoint begins to accept clients, if it certainly does so before `attached` runs.
pub(crate) fn opened_before(
    program: &Program,
    endpoints: &Endpoints,
    endpoint: usize,
    attached: ExprRef,
) -> Option<Place> {
    let attaching = way(program, attached)?;
    let servers = servers(program, endpoints, endpoint);
    let mut opening = program.flow.uses.iter().filter(|api_use| {
        let place = program.flow.operation(api_use).and_then(|operation| operation.accepts.as_ref());
        place.is_some_and(|place| {
            let opened = standing(program, api_use, place);
            let is_endpoint = |&value: &ValueId| endpoints.of(program, value) == Some(endpoint);
            let on = opened.expr.or(program.receiver(api_use.site)).unwrap_or(api_use.site);
            let on = if place.base == Base::Result { api_use.site } else { on };
            opened.values.iter().any(is_endpoint) || servers.iter().any(|&server| is_same(program, server, on))
        })
    });
    let before = opening.find(|api_use| {
        api_use.site != attached
            && way(program, api_use.site).is_some_and(|opening| runs_first(program, &opening, &attaching))
    })?;
    Some(program.place(before.site))
}

/// What an endpoint is made on or attached to: `new Server(httpServer)`, `io.attach(httpServer)`.
fn servers(program: &Program, endpoints: &Endpoints, endpoint: usize) -> Vec<ExprRef> {
    let made = endpoints.list[endpoint].site;
    let mut found: Vec<ExprRef> = Vec::new();
    for api_use in &program.flow.uses {
        let on_it = api_use.receiver.is_some_and(|receiver| endpoints.of(program, receiver) == Some(endpoint));
        if Some(api_use.site) == made || on_it {
            found.extend(program.argument(api_use.site, 0));
        }
    }
    found
}

/// Whether two expressions are one server. Where both were made by calls, these tell; else what they can be.
fn is_same(program: &Program, one: ExprRef, other: ExprRef) -> bool {
    let (made, other_made) = (program.resolve(one), program.resolve(other));
    let is_made = |at: ExprRef| matches!(program.expr(at).kind, ExprKind::Call { .. } | ExprKind::New { .. });
    if is_made(made) && is_made(other_made) {
        return made == other_made;
    }
    let acts = |value: &&ValueId| program.api(**value).is_some();
    let values = program.flow.values(other);
    program.flow.values(one).iter().filter(acts).any(|value| values.contains(value))
}

/// How the start of the program leads to a call, if nothing else does.
fn way(program: &Program, site: ExprRef) -> Option<Way> {
    let mut found = triggers(program, site, &Bounds::default()).into_iter();
    match (found.next(), found.next()) {
        (Some(only), None) if only.kind == TriggerKind::ModuleStart => Some(only.chain),
        _ => None,
    }
}

/// Whether one call runs at a time at which the other, that the same start leads to, certainly has to wait.
fn runs_first(program: &Program, first: &Way, second: &Way) -> bool {
    let shared = first.iter().zip(second).take_while(|(one, other)| one.0 == other.0).count();
    let same = first.iter().zip(second).take_while(|(one, other)| one == other).count();
    // The last function that leads to both, by expressions of its own.
    let Some(level) = shared.checked_sub(1).map(|last| last.min(same)) else { return false };
    let (here, there) = (first[level].1, second[level].1);
    if waits_below(program, first, level) || are_exclusive(program, here, there) {
        return false;
    }
    let (start, end) = (program.expr(here).span.start, program.expr(there).span.start);
    if waits_below(program, second, level) {
        // What is started first is not waited for, unless the function awaits it, or anything else meanwhile.
        let started_before = end < start;
        return !(started_before && awaits(program, there).any(|span| span.end >= end && span.start < start));
    }
    start < end && awaits(program, here).any(|span| span.start > start && span.start < program.expr(there).span.end)
}

/// Whether a way leads on later than the function at `level` runs itself: by a continuation, or behind an `await`.
fn waits_below(program: &Program, way: &Way, level: usize) -> bool {
    (level + 1..way.len()).any(|index| {
        let (function, at) = way[index];
        let entered = program.flow.calls.at_site(way[index - 1].1).filter(|edge| edge.callee == function);
        let span = program.expr(at).span;
        let behind = |each: Span| each.start < span.end && !(each.start <= span.start && each.end >= span.end);
        entered.into_iter().any(|edge| is_later(program, edge)) || awaits(program, at).any(behind)
    })
}

/// Whether a callback runs later than the call that it is handed to.
fn is_later(program: &Program, edge: &CallEdge) -> bool {
    match edge.kind {
        EdgeKind::Continuation => true,
        EdgeKind::Callback { .. } => program.callback(edge).is_some_and(|(api_use, _)| {
            let on = api_use.receiver.map(|receiver| program.role(receiver));
            matches!(api_use.member, Member::Method(_)) && on.is_some_and(|role| *role != Role::Container)
        }),
        _ => false,
    }
}

/// The places of the `await`s in the function of an expression.
fn awaits<'p>(program: &'p Program, near: ExprRef) -> impl Iterator<Item = Span> + 'p {
    let function = program.function_at(near);
    let exprs = program.flow.facts(near.module).exprs.iter().enumerate();
    exprs.filter_map(move |(index, expr)| {
        let here = expr.function == function.function && matches!(expr.kind, ExprKind::Await(_));
        here.then(|| program.expr(program.at(near, ExprId(index as u32))).span)
    })
}

//! What wakes code that waits: the streams that a loop goes through (`for await (const message of subscription)`), and
//! the generators behind them.

use super::places::standing;
use super::program::Program;
use crate::facts::{ExprKind, FunctionId, GuardId, GuardKind};
use crate::flow::{AbstractValue, ApiUse, ExprRef, FunctionRef, ValueId};
use crate::rules::{EventName, Listen, Trigger};

/// Generators that go through generators, at most this deep.
const MAX_DEPTH: u8 = 5;

/// What wakes a piece of code.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Wake<'a> {
    /// A message of a broker: the subscription.
    Broker(&'a ApiUse),
    /// What a library's iterable brings: the call that made it, and why a loop over it runs.
    Loop(&'a ApiUse, &'a Trigger),
    /// An event of a process-local emitter: the call that makes a stream of it, or registers a listener.
    Event(&'a ApiUse),
}

/// What wakes the code at a site each time: the innermost loop around it that waits for something from outside.
pub(crate) fn wakes<'a>(program: &Program<'a>, site: ExprRef) -> Vec<Wake<'a>> {
    woken(program, site, MAX_DEPTH)
}

fn woken<'a>(program: &Program<'a>, site: ExprRef, depth: u8) -> Vec<Wake<'a>> {
    if depth == 0 {
        return Vec::new();
    }
    if let ExprKind::Yield { value: Some(inner), delegate: true } = program.expr(site).kind {
        let found = flowing(program, program.at(site, inner), depth);
        if !found.is_empty() {
            return found;
        }
    }
    let iterated = guards(program, site).filter_map(|(_, kind)| match kind {
        GuardKind::ForEach(source) => Some(program.at(site, source)),
        _ => None,
    });
    let mut found = iterated.map(|source| flowing(program, source, depth));
    found.find(|found| !found.is_empty()).unwrap_or_else(|| registered(program, site))
}

/// The conditions and loops around an expression, innermost first.
pub(crate) fn guards<'p>(
    program: &'p Program,
    at: ExprRef,
) -> impl Iterator<Item = (GuardId, GuardKind)> + use<'p> {
    let facts = program.flow.facts(at.module);
    let ids = std::iter::successors(program.expr(at).guard, |&each| facts.guard(each).parent);
    ids.map(|id| (id, facts.guard(id).kind))
}

/// What brings the values of an iterable.
fn flowing<'a>(program: &Program<'a>, iterable: ExprRef, depth: u8) -> Vec<Wake<'a>> {
    let call = program.resolve(iterable);
    if let Some((api_use, _)) = program.operations_at(call).find(|(_, operation)| operation.subscribe.is_some()) {
        return vec![Wake::Broker(api_use)];
    }
    if let Some((api_use, trigger)) = loop_trigger(program, iterable) {
        return vec![Wake::Loop(api_use, trigger)];
    }
    let mut found = Vec::new();
    for &value in program.flow.values(iterable) {
        let more = match generator_of(program, value) {
            Some(generator) => {
                let yields = yields(program, generator);
                yields.into_iter().flat_map(|each| woken(program, each, depth - 1)).collect()
            }
            None => made_of(program, value).into_iter().collect(),
        };
        found.extend::<Vec<Wake<'a>>>(more);
    }
    found
}

/// Why a loop over an iterable of a library runs: the call that made the iterable, and the trigger.
pub(crate) fn loop_trigger<'a>(program: &Program<'a>, iterable: ExprRef) -> Option<(&'a ApiUse, &'a Trigger)> {
    let mut uses = program.operations_at(program.resolve(iterable));
    uses.find_map(|(api_use, operation)| Some((api_use, operation.loops.as_ref()?)))
}

/// The call that made a value: a stream of events, or a subscription that is kept.
fn made_of<'a>(program: &Program<'a>, value: ValueId) -> Option<Wake<'a>> {
    let site = program.api(value)?.site?;
    let mut made = program.operations_at(site).filter(|(api_use, _)| api_use.result == Some(value));
    made.find_map(|(api_use, operation)| {
        let streams = operation.listen.as_ref().is_some_and(|listen| listen.listener.is_none());
        match (streams, operation.subscribe.is_some()) {
            (true, _) => Some(Wake::Event(api_use)),
            (_, true) => Some(Wake::Broker(api_use)),
            _ => None,
        }
    })
}

/// The generator function whose call gave a value.
pub(crate) fn generator_of(program: &Program, value: ValueId) -> Option<FunctionRef> {
    let AbstractValue::Collected(first) = program.flow.value(value) else { return None };
    let function = program.function_at(*first);
    let facts = program.function(function);
    (facts.is_generator && facts.yields.contains(&first.expr)).then_some(function)
}

/// The `yield` expressions of a generator function, in order.
pub(crate) fn yields(program: &Program, generator: FunctionRef) -> Vec<ExprRef> {
    let exprs = program.flow.facts(generator.module).exprs.iter().enumerate();
    exprs
        .filter(|(_, expr)| {
            expr.function == generator.function && matches!(expr.kind, ExprKind::Yield { value: Some(_), .. })
        })
        .map(|(index, _)| ExprRef { module: generator.module, expr: crate::facts::ExprId(index as u32) })
        .collect()
}

/// What wakes a `yield` in a loop without an end: whatever the generator has registered itself with, since what comes
/// is put aside until the loop goes on.
fn registered<'a>(program: &Program<'a>, site: ExprRef) -> Vec<Wake<'a>> {
    let loops = || guards(program, site).any(|(_, kind)| matches!(kind, GuardKind::While(_)));
    if !matches!(program.expr(site).kind, ExprKind::Yield { .. }) || !loops() {
        return Vec::new();
    }
    let generator = program.function_at(site);
    let count = program.flow.facts(generator.module).functions.len() as u32;
    let functions = (0..count).map(|index| FunctionRef { module: generator.module, function: FunctionId(index) });
    let inside = functions.filter(|&each| program.within(each, generator));
    let uses = inside.flat_map(|function| program.uses_in(function));
    uses.filter_map(|api_use| {
        let operation = program.flow.operation(api_use)?;
        match (&operation.listen, &operation.subscribe) {
            (Some(_), _) => Some(Wake::Event(api_use)),
            (_, Some(_)) => Some(Wake::Broker(api_use)),
            _ => None,
        }
    })
    .collect()
}

/// The emitter that a registration is with: an expression, where the source has one, and its values.
pub(crate) fn emitter_of(program: &Program, registration: &ApiUse) -> (Option<ExprRef>, Vec<ValueId>) {
    let listen = program.flow.operation(registration).and_then(|operation| operation.listen.as_ref());
    match listen.and_then(|listen| listen.of.as_ref()) {
        Some(place) => {
            let found = standing(program, registration, place);
            (found.expr, found.values)
        }
        None => (program.receiver(registration.site), registration.receiver.into_iter().collect()),
    }
}

/// The expression that names the event of a registration.
pub(crate) fn event_of(program: &Program, registration: &ApiUse) -> Option<ExprRef> {
    match program.flow.operation(registration)?.listen.as_ref()? {
        Listen { event: EventName::Argument(index), .. } => program.argument(registration.site, *index),
        Listen { event: EventName::Single, .. } => None,
    }
}

/// The calls that fire what a registration hears, in order.
pub(crate) fn firing<'a>(program: &Program<'a>, registration: &ApiUse) -> Vec<&'a ApiUse> {
    let flow = program.flow;
    let (_, emitters) = emitter_of(program, registration);
    let heard = event_of(program, registration).and_then(|event| program.constants(event));
    let fires = |emission: &&ApiUse| {
        let name = flow.operation(emission).and_then(|operation| operation.emit.as_ref());
        let named = match name {
            Some(EventName::Argument(index)) => program.argument(emission.site, *index),
            Some(EventName::Single) => return true,
            None => return false,
        };
        match (&heard, named.and_then(|named| program.constants(named))) {
            (Some(heard), Some(fired)) => heard.iter().any(|name| fired.contains(name)),
            _ => true,
        }
    };
    let mut found: Vec<&'a ApiUse> = emitters
        .iter()
        .flat_map(|&emitter| program.emissions_of(emitter))
        .filter(fires)
        .filter(|emission| program.is_alive(program.function_at(emission.site)))
        .collect();
    found.sort_by_key(|emission| emission.site);
    found.dedup_by_key(|emission| emission.site);
    found
}

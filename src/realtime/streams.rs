//! Process-local streams that a framework sends to its clients: a decorated method returns one, and what is fed into
//! it reaches everybody who asked. The path is the call that feeds it, as it is for a publication to GraphQL's clients.

use super::program::Program;
use super::provenance::is_looked_up;
use crate::facts::GuardKind;
use crate::flow::{ApiUse, EdgeKind, ExprRef, FieldKey, FunctionRef, ValueId};
use crate::rules::{EventName, Role, Scope};
use std::collections::BTreeMap;

/// A stream that clients receive.
#[derive(Debug, Clone)]
struct Stream<'a> {
    transport: &'a str,
    /// The event of the emitter that it consists of; all of them where there is no name.
    event: Option<&'a str>,
    /// Whether each client gets only some of it.
    filtered: bool,
}

/// A call that feeds a stream.
pub(crate) struct Feed<'a> {
    /// The call.
    pub(crate) api_use: &'a ApiUse,
    /// The transport's word.
    pub(crate) transport: &'a str,
    /// Whom it reaches.
    pub(crate) scope: Scope,
}

/// All calls that feed streams which clients receive, in order of their sites.
pub(crate) fn feeds<'a>(program: &Program<'a>) -> Vec<Feed<'a>> {
    let streams = streams(program);
    let mut feeds: BTreeMap<ExprRef, Feed<'a>> = BTreeMap::new();
    if streams.is_empty() {
        return Vec::new();
    }
    for api_use in &program.flow.uses {
        let emit = program.flow.operation(api_use).and_then(|operation| operation.emit.as_ref());
        let (Some(emit), Some(receiver)) = (emit, api_use.receiver) else { continue };
        if !program.is_alive(program.function_at(api_use.site)) {
            continue;
        }
        let named = match emit {
            EventName::Argument(index) => program.argument(api_use.site, *index),
            EventName::Single => None,
        };
        let name = named.and_then(|name| program.constant(name));
        let heard = |stream: &&Stream<'a>| stream.event.is_none() || name.is_none() || stream.event == name;
        let Some(stream) = streams.get(&receiver).into_iter().flatten().find(heard) else { continue };
        let picked = || program.receiver(api_use.site).is_some_and(|stream| is_looked_up(program, stream));
        let scope = if stream.filtered || picked() { Scope::Room } else { Scope::All };
        feeds.entry(api_use.site).or_insert(Feed { api_use, transport: stream.transport, scope });
    }
    feeds.into_values().collect()
}

/// The streams that the program's methods return to a framework, by the emitter behind them.
fn streams<'a>(program: &Program<'a>) -> BTreeMap<ValueId, Vec<Stream<'a>>> {
    let flow = program.flow;
    let mut found: BTreeMap<ValueId, Vec<Stream<'a>>> = BTreeMap::new();
    for edge in &flow.calls.edges {
        let transport = match &edge.kind {
            EdgeKind::Override { trigger } => trigger.as_ref().and_then(|trigger| trigger.streams.as_deref()),
            _ => program.callback(edge).and_then(|(_, callback)| callback.trigger.as_ref()?.streams.as_deref()),
        };
        let Some(transport) = transport else { continue };
        for at in handed_out(program, edge.callee) {
            let filtered = is_filtered(program, at, 6);
            for &value in flow.values(at).iter().filter(|&&value| *program.role(value) == Role::Emitter) {
                found.entry(value).or_default().push(Stream { transport, event: None, filtered });
                let made = program.api(value).and_then(|api| api.site);
                let event = made.and_then(|made| program.constant(program.argument(made, 1)?));
                for &source in flow.field(value, &FieldKey::Named("source".into())) {
                    found.entry(source).or_default().push(Stream { transport, event, filtered });
                }
            }
        }
    }
    found
}

/// What a function hands out: what it returns, and for a generator what it yields, or iterates over where it yields.
fn handed_out(program: &Program, function: FunctionRef) -> Vec<ExprRef> {
    let facts = program.flow.facts(function.module);
    let it = program.function(function);
    let mut found = it.returns.clone();
    for &value in &it.yields {
        let guards = std::iter::successors(facts.expr(value).guard, |&each| facts.guard(each).parent);
        found.extend(guards.filter_map(|each| match facts.guard(each).kind {
            GuardKind::ForEach(source) => Some(source),
            _ => None,
        }));
        found.push(value);
    }
    found.into_iter().map(|expr| ExprRef { module: function.module, expr }).collect()
}

/// Whether a stream passes a filter on its way (`stream.pipe(filter(event => event.user === id))`), here or in the
/// function that made it.
fn is_filtered(program: &Program, at: ExprRef, depth: u8) -> bool {
    let at = program.resolve(at);
    let filters = program.arguments(at).iter().any(|argument| {
        let link = program.resolve(program.at(at, argument.value));
        program.callee(link).is_some_and(|callee| program.source(callee) == "filter")
    });
    if filters || depth == 0 {
        return filters;
    }
    let made = program.flow.calls.at_site(at).filter(|edge| edge.kind == EdgeKind::Direct).any(|edge| {
        let module = edge.callee.module;
        let returns = &program.function(edge.callee).returns;
        returns.iter().any(|&result| is_filtered(program, ExprRef { module, expr: result }, depth - 1))
    });
    made || program.receiver(at).is_some_and(|object| object != at && is_filtered(program, object, depth - 1))
}

//! Process-local streams that a framework sends to its clients: a method returns one, or a generator's values go out.
//! What is fed into a stream reaches everybody who asked; its paths are the calls that feed it, as they are for a
//! publication to GraphQL's clients. A generator serves one client; its paths are its `yield`s.

use super::places::standing;
use super::program::Program;
use super::provenance::is_looked_up;
use super::wakes::{emitter_of, event_of, generator_of};
use crate::flow::{ApiUse, EdgeKind, ExprRef, FunctionRef, ValueId};
use crate::rules::{EventName, Role, Scope};
use std::collections::{BTreeMap, BTreeSet};

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

/// What the program hands to frameworks that send it on, value by value.
#[derive(Debug, Default)]
pub(crate) struct Outflow<'a> {
    /// Streams by the emitter behind them.
    streams: BTreeMap<ValueId, Vec<Stream<'a>>>,
    /// Generator functions with the transport's word: each call serves one client.
    pub(crate) generators: BTreeSet<(FunctionRef, &'a str)>,
}

impl<'a> Outflow<'a> {
    /// Collects what functions give to frameworks, and what calls are given to send.
    pub(crate) fn new(program: &Program<'a>) -> Self {
        let mut outflow = Outflow::default();
        for edge in &program.flow.calls.edges {
            let Some(transport) = streamed_by(program, &edge.kind) else { continue };
            let function = program.function(edge.callee);
            if function.is_generator {
                outflow.generators.insert((edge.callee, transport));
                continue;
            }
            for &expr in &function.returns {
                let at = ExprRef { module: edge.callee.module, expr };
                let values = program.flow.values(at).to_vec();
                outflow.add(program, transport, &values, Some(at));
            }
        }
        for api_use in &program.flow.uses {
            let sent = program.flow.operation(api_use).and_then(|operation| operation.streams.as_ref());
            let Some(sent) = sent.filter(|_| program.is_alive(program.function_at(api_use.site))) else { continue };
            let found = standing(program, api_use, &sent.of);
            outflow.add(program, &sent.transport, &found.values, found.expr);
        }
        outflow
    }

    fn add(&mut self, program: &Program<'a>, transport: &'a str, values: &[ValueId], at: Option<ExprRef>) {
        let filtered = at.is_some_and(|at| is_filtered(program, at, 6));
        for &value in values {
            if let Some(generator) = generator_of(program, value) {
                self.generators.insert((generator, transport));
            } else if *program.role(value) == Role::Emitter {
                self.streams.entry(value).or_default().push(Stream { transport, event: None, filtered });
                for (source, event) in sources(program, value) {
                    self.streams.entry(source).or_default().push(Stream { transport, event, filtered });
                }
            }
        }
    }

    /// All calls that feed streams which clients receive, in order of their sites.
    pub(crate) fn feeds(&self, program: &Program<'a>) -> Vec<Feed<'a>> {
        let mut feeds: BTreeMap<ExprRef, Feed<'a>> = BTreeMap::new();
        if self.streams.is_empty() {
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
            let Some(stream) = self.streams.get(&receiver).into_iter().flatten().find(heard) else { continue };
            let picked = || program.receiver(api_use.site).is_some_and(|stream| is_looked_up(program, stream));
            let scope = if stream.filtered || picked() { Scope::Room } else { Scope::All };
            feeds.entry(api_use.site).or_insert(Feed { api_use, transport: stream.transport, scope });
        }
        feeds.into_values().collect()
    }
}

/// The transport over which what a function returns is streamed to the client, by the edge that calls it.
fn streamed_by<'a>(program: &Program<'a>, kind: &'a EdgeKind) -> Option<&'a str> {
    match kind {
        EdgeKind::Override { trigger } => trigger.as_ref()?.streams.as_deref(),
        EdgeKind::Callback { api_use, callback } => {
            let operation = program.flow.operation(program.flow.uses.get(*api_use as usize)?)?;
            operation.callbacks.get(*callback as usize)?.trigger.as_ref()?.streams.as_deref()
        }
        _ => None,
    }
}

/// The emitters, and their events, of which a stream consists.
fn sources<'a>(program: &Program<'a>, stream: ValueId) -> Vec<(ValueId, Option<&'a str>)> {
    let Some(site) = program.api(stream).and_then(|api| api.site) else { return Vec::new() };
    let made = program.operations_at(site).filter(|(api_use, operation)| {
        api_use.result == Some(stream) && operation.listen.as_ref().is_some_and(|listen| listen.listener.is_none())
    });
    made.flat_map(|(api_use, _)| {
        let event = event_of(program, api_use).and_then(|event| program.constant(event));
        emitter_of(program, api_use).1.into_iter().map(move |emitter| (emitter, event))
    })
    .collect()
}

/// Whether a stream is narrowed on its way (`stream.pipe(filter(event => event.user === id))`), here or in the function
/// that made it.
fn is_filtered(program: &Program, at: ExprRef, depth: u8) -> bool {
    let at = program.resolve(at);
    let narrows = |call: ExprRef| program.operations_at(call).any(|(_, operation)| operation.narrows);
    let mut arguments = program.arguments(at).iter().map(|argument| program.at(at, argument.value));
    let filters = narrows(at) || arguments.any(|argument| narrows(program.resolve(argument)));
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

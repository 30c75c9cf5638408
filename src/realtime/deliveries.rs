//! Which calls hand a message to other clients: SPEC section 2, `Counted` and `Not counted`.

use super::addresses::{Addressee, addressee, addresses, is_connection_id, replying_calls};
use super::notices::{is_closing_notice, is_farewell, is_heartbeat};
use super::places::standing;
use super::program::Program;
use super::provenance::{
    Key, Picked, Provenance, called, is_looked_up, passed, passed_this, passed_with, provenance,
};
use super::queues::enqueuing;
use super::scopes::picked_scope;
use super::streams::{Feed, Outflow};
use super::triggers::{Bounds, Found, is_foreign, triggers};
use super::wakes::{emitter_of, event_of, yields};
use crate::facts::{ExprKind, GuardId};
use crate::flow::{ApiUse, CallEdge, Confidence, EdgeKind, ExprRef, FunctionRef, ValueId};
use crate::rules::{Deliver, DeliverTo, EventName, Role, Scope, StateVerb, TriggerKind};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeMap;
use std::rc::Rc;

/// A delivery to other clients, before it is classified.
#[derive(Debug, Clone)]
pub(crate) struct Delivery<'a> {
    /// The path's location: the delivery, or the call that picks the connection for a helper.
    pub(crate) site: ExprRef,
    /// The library's calls that hand the message over.
    pub(crate) uses: Vec<&'a ApiUse>,
    /// Whom it addresses.
    pub(crate) scope: Scope,
    /// How the recipients are found.
    pub(crate) via: Via,
    /// Why it runs.
    pub(crate) triggers: Vec<Found<'a>>,
    /// How it is known.
    pub(crate) confidence: Confidence,
    /// The transport, where it is not the receiver's own.
    pub(crate) transport: Option<&'a str>,
}

/// How the recipients of a delivery are found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Via {
    /// The endpoint finds them, through its adapter if it has one.
    Endpoint {
        /// `io.local`: this instance only.
        local: bool,
    },
    /// A handle that was picked from others.
    Handle {
        /// From where; none for the own connection on a foreign trigger.
        picked: Option<Picked>,
        /// Remote handles go through the adapter.
        remote: bool,
    },
    /// The call crosses instances by itself.
    Distributed,
}

/// All deliveries of the program, by site.
pub(crate) fn deliveries<'a>(program: &Program<'a>) -> Vec<Delivery<'a>> {
    let mut by_site: BTreeMap<ExprRef, Vec<(&'a ApiUse, &'a Deliver)>> = BTreeMap::new();
    for api_use in &program.flow.uses {
        let Some(deliver) = program.flow.operation(api_use).and_then(|operation| operation.deliver.as_ref()) else {
            continue;
        };
        if program.is_alive(program.function_at(api_use.site)) {
            by_site.entry(api_use.site).or_default().push((api_use, deliver));
        }
    }
    let mut finder =
        Finder { program, found: BTreeMap::new(), quiet: FxHashSet::default(), answers: Answers::default() };
    for (site, uses) in by_site {
        finder.visit(site, &most_certain(program, uses));
    }
    let outflow = Outflow::new(program);
    for feed in outflow.feeds(program) {
        finder.fed(&feed);
    }
    for &(generator, transport) in &outflow.generators {
        finder.yielded(generator, transport);
    }
    let mut found: Vec<Delivery<'a>> = finder.found.into_values().collect();
    for delivery in &mut found {
        if let Some(reasons) = enqueuing(program, delivery.site, &delivery.triggers) {
            delivery.triggers = reasons;
        }
    }
    found.retain(|delivery| !delivery.triggers.is_empty() && !is_farewell(program, &delivery.triggers));
    found
}

/// What is only typed or inferred counts where nothing better is known.
fn most_certain<'a>(program: &Program<'a>, uses: Vec<(&'a ApiUse, &'a Deliver)>) -> Vec<(&'a ApiUse, &'a Deliver)> {
    let best = uses.iter().map(|(api_use, _)| confidence(program, api_use)).max();
    uses.into_iter().filter(|(api_use, _)| Some(confidence(program, api_use)) == best).collect()
}

fn confidence(program: &Program, api_use: &ApiUse) -> Confidence {
    let object = api_use.receiver.and_then(|receiver| program.api(receiver));
    object.map_or(Confidence::Certain, |object| object.confidence)
}

/// What is followed from the library's call to the call that picks the recipient.
#[derive(Clone, Copy)]
struct Message<'u, 'a> {
    /// The library's calls that hand it over.
    uses: &'u [&'a ApiUse],
    /// Where they stand.
    delivery: ExprRef,
    /// The function through which the connection is spoken to, where code keeps that function instead.
    speaker: Option<FunctionRef>,
}

struct Finder<'p, 'a> {
    program: &'p Program<'a>,
    found: BTreeMap<ExprRef, Delivery<'a>>,
    /// Code inside handlers of connections that nothing beyond the connection runs: asked for again and again where
    /// a helper is called from everywhere.
    quiet: FxHashSet<(FunctionRef, Option<GuardId>, FunctionRef)>,
    /// Answers that many deliveries through one helper ask for.
    answers: Answers<'a>,
}

/// A question about what a call passes to a function.
#[derive(PartialEq, Eq, Hash)]
struct Passed {
    speaker: Option<FunctionRef>,
    site: ExprRef,
    callee: FunctionRef,
    /// The parameter and the field of it; none for `this`.
    parameter: Option<(u32, Option<Box<str>>)>,
}

/// Reasons beyond a connection, and whom subscriptions for those reach.
type Foreign<'a> = (Rc<[Found<'a>]>, Scope);

/// Answers about calls; none depends on the message that is followed.
#[derive(Default)]
struct Answers<'a> {
    /// Why a call runs.
    triggers: FxHashMap<ExprRef, Rc<[Found<'a>]>>,
    /// Why a call runs other than by the own connection that a function handles, and whom such subscriptions reach.
    foreign: FxHashMap<(ExprRef, FunctionRef), Foreign<'a>>,
    /// Where what a call passes comes from.
    passed: FxHashMap<Passed, Rc<[Provenance]>>,
    /// Where the function that a call calls comes from, where it may be the speaker.
    called: FxHashMap<(FunctionRef, ExprRef), Rc<[Provenance]>>,
}

impl<'a> Finder<'_, 'a> {
    fn visit(&mut self, site: ExprRef, uses: &[(&'a ApiUse, &'a Deliver)]) {
        if uses.iter().all(|(_, deliver)| deliver.heartbeat) {
            return;
        }
        let (to_connection, to_endpoint): (Vec<_>, Vec<_>) =
            uses.iter().partition(|(_, deliver)| deliver.to == DeliverTo::Connection);
        if !to_endpoint.is_empty() {
            self.addressed(site, &to_endpoint);
        }
        if !to_connection.is_empty() {
            let uses: Vec<&'a ApiUse> = to_connection.iter().map(|(api_use, _)| *api_use).collect();
            let Some(receiver) = self.program.receiver(site) else { return };
            let found = provenance(self.program, receiver);
            let mut seen = FxHashSet::default();
            let message = Message { uses: &uses, delivery: site, speaker: None };
            self.spread(site, &found, message, &mut seen);
        }
    }

    /// A call that feeds a stream which a framework sends to clients.
    fn fed(&mut self, feed: &Feed<'a>) {
        let site = feed.api_use.site;
        let triggers = triggers(self.program, site, &Bounds::default());
        if triggers.is_empty() || is_heartbeat(self.program, site, feed.api_use, &triggers) {
            return;
        }
        let via = Via::Handle { picked: None, remote: false };
        self.add(site, vec![feed.api_use], feed.scope, via, triggers);
        if let Some(delivery) = self.found.get_mut(&site) {
            delivery.transport = Some(feed.transport);
        }
    }

    /// A generator whose values go to one client: a `yield` counts where something beyond that client wakes it.
    fn yielded(&mut self, generator: FunctionRef, transport: &'a str) {
        for site in yields(self.program, generator) {
            let bounds = Bounds { stop: Some(generator), skip: FxHashSet::default() };
            let mut found = triggers(self.program, site, &bounds);
            found.retain(|each| is_foreign(self.program, each, generator));
            if found.is_empty() {
                continue;
            }
            let scope = subscribed_scope(self.program, &found);
            self.add(site, Vec::new(), scope, Via::Handle { picked: None, remote: false }, found);
            if let Some(delivery) = self.found.get_mut(&site) {
                delivery.transport = Some(transport);
            }
        }
    }

    fn addressed(&mut self, site: ExprRef, uses: &[&(&'a ApiUse, &'a Deliver)]) {
        let program = self.program;
        let targets = addresses(program, site);
        let mut bounds = Bounds::default();
        let who: Vec<Addressee> = targets.iter().map(|&target| addressee(program, target)).collect();
        match who.as_slice() {
            [Addressee::Own] => return,
            [Addressee::Parameter(function, index, field)] => {
                bounds.skip = replying_calls(program, *function, *index, field.as_deref());
            }
            _ => {}
        }
        let triggers = triggers(program, site, &bounds);
        let (first, deliver) = *uses[0];
        if triggers.is_empty() || is_heartbeat(program, site, first, &triggers) {
            return;
        }
        let steps: Vec<crate::flow::Step> = uses
            .iter()
            .filter_map(|(api_use, _)| program.api(api_use.receiver?))
            .flat_map(|object| object.steps.iter().copied())
            .collect();
        let scope = match deliver.to {
            DeliverTo::Scope(scope) => scope,
            _ => step_scope(&steps),
        };
        let by_id = scope == Scope::Room && targets.len() == 1 && is_connection_id(program, targets[0]);
        let scope = if by_id { Scope::Peer } else { scope };
        let via = match uses.iter().all(|(api_use, _)| is_distributed_use(program, api_use)) {
            true => Via::Distributed,
            false => Via::Endpoint { local: steps.contains(&crate::flow::Step::Local) },
        };
        self.add(site, uses.iter().map(|(api_use, _)| *api_use).collect(), scope, via, triggers);
    }

    /// Follows one connection's provenance to the calls that pick it. `site` is the call under consideration: the
    /// delivery itself, or a call of the helper that contains it.
    fn spread(
        &mut self,
        site: ExprRef,
        found: &[Provenance],
        message: Message<'_, 'a>,
        seen: &mut FxHashSet<(ExprRef, Provenance)>,
    ) {
        for each in found {
            if seen.len() > 2_000 || !seen.insert((site, each.clone())) {
                continue;
            }
            match each {
                Provenance::Picked(picked) => self.picked(site, picked, message),
                Provenance::Own(owner) => {
                    self.own(site, *owner, message);
                    self.spoken_for(site, *owner, message, seen);
                }
                Provenance::Parameter { function, index, field } => {
                    self.own(site, *function, message);
                    self.spoken_for(site, *function, message, seen);
                    let edges = self.program.callers(*function);
                    for edge in edges.filter(|edge| matches!(edge.kind, EdgeKind::Direct | EdgeKind::Super)) {
                        if field.is_none() && is_stand_in(self.program, edge.site, *index) {
                            continue;
                        }
                        let found = self.passed(message.speaker, edge, Some((*index, field.clone())));
                        self.spread(edge.site, &found, message, seen);
                    }
                }
                Provenance::This(function) => {
                    self.own(site, *function, message);
                    let edges = self.program.callers(*function);
                    for edge in edges.filter(|edge| matches!(edge.kind, EdgeKind::Direct | EdgeKind::Super)) {
                        let found = self.passed(message.speaker, edge, None);
                        self.spread(edge.site, &found, message, seen);
                    }
                }
                Provenance::Unknown => {}
            }
        }
    }

    /// A function that a handler makes for its own connection speaks for it wherever it is kept: in a table of
    /// listeners (`listeners.add(event => res.write(event))`), as a method of a client's record, as a property of
    /// the connection. Calls that pick it from others pick the connection.
    fn spoken_for(
        &mut self,
        site: ExprRef,
        owner: FunctionRef,
        message: Message<'_, 'a>,
        seen: &mut FxHashSet<(ExprRef, Provenance)>,
    ) {
        let program = self.program;
        let speaker = program.function_at(site);
        if speaker == owner || !program.within(speaker, owner) {
            return;
        }
        let message = Message { speaker: Some(speaker), ..message };
        let is_call = |edge: &&CallEdge| {
            edge.kind == EdgeKind::Direct && matches!(program.expr(edge.site).kind, ExprKind::Call { .. })
        };
        for edge in program.callers(speaker).filter(is_call) {
            let found = self.called(speaker, edge.site);
            self.spread(edge.site, &found, message, seen);
        }
    }

    /// Where what a call passes for a parameter, or as `this`, comes from.
    fn passed(
        &mut self,
        speaker: Option<FunctionRef>,
        edge: &CallEdge,
        parameter: Option<(u32, Option<Box<str>>)>,
    ) -> Rc<[Provenance]> {
        let program = self.program;
        let question = Passed { speaker, site: edge.site, callee: edge.callee, parameter: parameter.clone() };
        let ask = || match parameter {
            Some((index, field)) => passed_with(program, speaker, edge, index, field.as_deref()).into(),
            None => passed_this(program, speaker, edge).into(),
        };
        self.answers.passed.entry(question).or_insert_with(ask).clone()
    }

    /// Where the function that a call calls comes from, as far as that is somebody's connection.
    fn called(&mut self, speaker: FunctionRef, site: ExprRef) -> Rc<[Provenance]> {
        let program = self.program;
        let ask = || {
            let mut found = called(program, speaker, site);
            found.retain(|each| match each {
                Provenance::Picked(picked) => !is_call_in_flight(program, site, picked),
                Provenance::Parameter { .. } | Provenance::This(_) => true,
                Provenance::Own(_) | Provenance::Unknown => false,
            });
            found.into()
        };
        self.answers.called.entry((speaker, site)).or_insert_with(ask).clone()
    }

    /// Why a call runs, whoever is behind it.
    fn triggers(&mut self, site: ExprRef) -> Rc<[Found<'a>]> {
        let program = self.program;
        let ask = || triggers(program, site, &Bounds::default()).into();
        self.answers.triggers.entry(site).or_insert_with(ask).clone()
    }

    /// Why a call in the handler of a connection runs by something beyond that connection, and whom that reaches.
    fn foreign(&mut self, site: ExprRef, owner: FunctionRef) -> Foreign<'a> {
        let program = self.program;
        let ask = || {
            let bounds = Bounds { stop: Some(owner), skip: FxHashSet::default() };
            let mut found = triggers(program, site, &bounds);
            found.retain(|each| is_foreign(program, each, owner));
            let scope = subscribed_scope(program, &found);
            (found.into(), scope)
        };
        self.answers.foreign.entry((site, owner)).or_insert_with(ask).clone()
    }

    fn picked(&mut self, site: ExprRef, picked: &Picked, message: Message<'_, 'a>) {
        let program = self.program;
        let Message { uses, delivery, .. } = message;
        if let Key::Parameter(function, index) = picked.key
            && is_always_own(program, function, index, None, 6)
        {
            return;
        }
        let triggers = self.triggers(site);
        let nothing = triggers.is_empty()
            || is_heartbeat(program, site, uses[0], &triggers)
            || is_heartbeat(program, delivery, uses[0], &triggers)
            || is_closing_notice(program, site)
            || is_closing_notice(program, delivery);
        if nothing {
            return;
        }
        let Some(scope) = picked_scope(program, site, picked) else { return };
        let remote = uses.iter().all(|api_use| {
            api_use.receiver.and_then(|each| program.connection(each)).is_some_and(|role| role.remote)
        });
        let via = match uses.iter().all(|api_use| is_distributed_use(program, api_use)) {
            true => Via::Distributed,
            false => Via::Handle { picked: Some(picked.clone()), remote },
        };
        self.add(site, uses.to_vec(), scope, via, triggers.to_vec());
    }

    /// A delivery to the own connection counts where something beyond that connection triggers it.
    fn own(&mut self, site: ExprRef, owner: FunctionRef, message: Message<'_, 'a>) {
        let program = self.program;
        let Message { uses, delivery, .. } = message;
        let inner = program.function_at(site);
        let question = (inner, program.expr(site).guard, owner);
        if self.quiet.contains(&question) {
            return;
        }
        let (found, scope) = self.foreign(site, owner);
        if found.is_empty() {
            self.quiet.insert(question);
        }
        let nothing = found.is_empty()
            || is_heartbeat(program, delivery, uses[0], &found)
            || is_closing_notice(program, site)
            || is_closing_notice(program, delivery);
        if !nothing {
            self.add(site, uses.to_vec(), scope, Via::Handle { picked: None, remote: false }, found.to_vec());
        }
    }

    fn add(&mut self, site: ExprRef, uses: Vec<&'a ApiUse>, scope: Scope, via: Via, triggers: Vec<Found<'a>>) {
        let confidence = uses.iter().map(|each| confidence(self.program, each)).max();
        let confidence = confidence.unwrap_or(Confidence::Certain);
        match self.found.get_mut(&site) {
            None => {
                self.found.insert(site, Delivery { site, uses, scope, via, triggers, confidence, transport: None });
            }
            Some(known) => {
                for trigger in triggers {
                    let same = |each: &Found| (each.kind, each.place) == (trigger.kind, trigger.place);
                    if !known.triggers.iter().any(same) {
                        known.triggers.push(trigger);
                    }
                }
                known.uses.extend(uses);
                known.uses.dedup_by(|one, other| std::ptr::eq(*one, *other));
                // The wider scope describes a call that does both.
                known.scope = known.scope.min(scope);
            }
        }
    }
}

/// One subscription per client: together they reach everybody, or those who asked for the same event or channel.
fn subscribed_scope(program: &Program, found: &[Found]) -> Scope {
    let one_for_all = |each: &Found| {
        if each.listeners.is_empty() && each.kind == TriggerKind::Subscription {
            return each.registration.is_some_and(|registration| has_constant_channels(program, registration));
        }
        let registration = each.listeners.first().copied().or(each.registration);
        // An emitter per room: looked up under a key.
        let emitter = registration.and_then(|registration| emitter_of(program, registration).0);
        if emitter.is_some_and(|emitter| is_looked_up(program, emitter)) {
            return false;
        }
        let listen = registration.and_then(|registration| program.flow.operation(registration)?.listen.as_ref());
        if listen.is_some_and(|listen| listen.event == EventName::Single) {
            return true;
        }
        let event = registration.and_then(|registration| match listen {
            Some(_) => event_of(program, registration),
            None => program.argument(registration.site, 0),
        });
        event.is_none_or(|event| {
            program.constant(event).is_some() || matches!(program.expr(event).kind, ExprKind::Function(_))
        })
    };
    if found.iter().all(one_for_all) { Scope::All } else { Scope::Room }
}

/// Whether the client of a registration subscribes to channels of constant names only.
fn has_constant_channels(program: &Program, registration: &ApiUse) -> bool {
    let same_client = registration.receiver.into_iter().flat_map(|client| program.uses_of(client));
    same_client.chain(std::iter::once(registration)).all(|api_use| {
        let channel = program.flow.operation(api_use).and_then(|operation| operation.subscribe.as_ref());
        let Some(place) = channel.and_then(|channel| channel.name.as_ref()) else { return true };
        standing(program, api_use, place).expr.is_some_and(|name| program.constants(name).is_some())
    })
}

/// Whether a call passes a process-local emitter in the place of a connection.
fn is_stand_in(program: &Program, site: ExprRef, index: u32) -> bool {
    let Some(argument) = program.argument(site, index) else { return false };
    let values = program.flow.values(argument);
    let is_other = |&value: &ValueId| *program.role(value) == Role::Emitter;
    !values.is_empty() && values.iter().all(is_other)
}

fn step_scope(steps: &[crate::flow::Step]) -> Scope {
    use crate::flow::Step::Address;
    let has = |scope| steps.contains(&Address(scope));
    [Scope::Peer, Scope::Room, Scope::Others].into_iter().find(|&scope| has(scope)).unwrap_or(Scope::All)
}

/// Whether a call crosses instances by itself.
fn is_distributed_use(program: &Program, api_use: &ApiUse) -> bool {
    let deliver = program.flow.operation(api_use).and_then(|operation| operation.deliver.as_ref());
    deliver.is_some_and(|deliver| deliver.distributed.is_some())
        || api_use.receiver.is_some_and(|receiver| distributed_role(program, receiver).is_some())
}

/// Whether a function that speaks for a connection is taken out as it is called: then it ends a call in flight
/// (`pending.get(id)(answer)`, `queue.shift()()`), and the message is the reply that its client waits for.
fn is_call_in_flight(program: &Program, site: ExprRef, picked: &Picked) -> bool {
    let removes = |at: ExprRef| {
        program
            .operations_at(at)
            .any(|(_, operation)| operation.state.as_ref().is_some_and(|state| state.verb == StateVerb::Remove))
    };
    let callee = program.callee(site).map(|callee| program.resolve(callee));
    let holder = callee.and_then(|callee| program.receiver(callee)).map(|holder| program.resolve(holder));
    if callee.into_iter().chain(holder).any(removes) {
        return true;
    }
    let table = program.flow.values(picked.source);
    !picked.many
        && program.uses_in(program.function_at(site)).any(|api_use| {
            api_use.receiver.is_some_and(|receiver| table.contains(&receiver)) && removes(api_use.site)
        })
}

/// Whether every call passes the own connection, or something of it, for a parameter.
fn is_always_own(program: &Program, function: FunctionRef, index: u32, field: Option<&str>, depth: u8) -> bool {
    if depth == 0 {
        return false;
    }
    let mut edges = program.callers(function).peekable();
    edges.peek().is_some()
        && edges.all(|edge| {
            let found = passed(program, edge, index, field);
            !found.is_empty()
                && found.iter().all(|each| match each {
                    Provenance::Own(_) => true,
                    Provenance::Parameter { function, index, field } => {
                        is_always_own(program, *function, *index, field.as_deref(), depth - 1)
                    }
                    _ => false,
                })
        })
}

/// The endpoint role with a distribution of its own, of a value or of what it came from.
pub(crate) fn distributed_role<'a>(program: &Program<'a>, value: ValueId) -> Option<&'a crate::rules::Distributed> {
    let mut at = Some(value);
    for _ in 0..6 {
        let value = at?;
        if let Role::Endpoint(role) = program.role(value)
            && role.distributed.is_some()
        {
            return role.distributed.as_ref();
        }
        at = program.api(value)?.origin;
    }
    None
}

//! Hand-made relays: who publishes to a broker channel, and which subscription callbacks deliver.

use super::branches::{depends_on_event, is_alternative, is_another_entry};
use super::clients::{Proof, never_connected, shared_client};
use super::conditions::{Condition, conditions, conditions_at};
use super::deliveries::Delivery;
use super::model::{Defect, Evidence};
use super::places::standing;
use super::program::Program;
use super::triggers::Found;
use crate::flow::{ApiUse, CallEdge, EdgeKind, ExprRef, FunctionRef, ValueId};
use crate::rules::{Channel, EventName, Operation, Role, TriggerKind};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

/// A publication or a subscription.
#[derive(Debug, Clone)]
pub(crate) struct Contact<'a> {
    /// The call.
    pub(crate) api_use: &'a ApiUse,
    /// The broker's word.
    pub(crate) backend: &'a str,
    /// The channel's names; none where one of them is not constant, or there is no name.
    pub(crate) names: Option<Vec<String>>,
    /// Whether a name is given at all.
    named: bool,
    /// Whether the names are patterns.
    pattern: bool,
    /// The function it stands in.
    pub(crate) function: FunctionRef,
}

/// All contacts with brokers.
#[derive(Debug, Default)]
pub(crate) struct Relays<'a> {
    /// Publications.
    pub(crate) publications: Vec<Contact<'a>>,
    /// Subscriptions.
    pub(crate) subscriptions: Vec<Contact<'a>>,
    /// Backends whose subscription callbacks deliver, with the registrations.
    legs: Vec<(&'a str, &'a ApiUse)>,
    /// Functions with a publication to a backend whose subscription callbacks deliver.
    publishing: FxHashMap<FunctionRef, Vec<usize>>,
}

/// What a trigger of a relay says of it.
#[derive(Debug, Clone)]
pub(crate) struct Leg<'a> {
    /// The broker's word.
    pub(crate) backend: &'a str,
    /// Why it cannot work.
    pub(crate) proof: Option<Proof>,
    /// The registration or the publication.
    pub(crate) api_use: &'a ApiUse,
}

impl<'a> Relays<'a> {
    /// Collects publications, subscriptions and the deliveries in their callbacks.
    pub(crate) fn new(program: &Program<'a>, deliveries: &[Delivery<'a>]) -> Self {
        let mut relays = Relays::default();
        for api_use in &program.flow.uses {
            let function = program.function_at(api_use.site);
            let Some(operation) = program.flow.operation(api_use) else { continue };
            let Some(backend) = backend_of(program, api_use) else { continue };
            if !program.is_alive(function) {
                continue;
            }
            if let Some(channel) = &operation.publish {
                relays.publications.push(contact(program, api_use, backend, channel));
            }
            if let Some(channel) = &operation.subscribe {
                relays.subscriptions.push(contact(program, api_use, backend, channel));
            }
        }
        let mut legs = BTreeSet::new();
        for trigger in deliveries.iter().flat_map(|delivery| &delivery.triggers) {
            if let (true, Some(registration)) = (is_broadcast_kind(trigger.kind), trigger.registration)
                && let Some(backend) = backend_of(program, registration)
            {
                legs.insert((backend, registration.site));
                relays.legs.push((backend, registration));
            }
        }
        relays.legs.sort_by_key(|(backend, api_use)| (*backend, api_use.site));
        relays.legs.dedup_by_key(|(backend, api_use)| (*backend, api_use.site));
        for (index, publication) in relays.publications.iter().enumerate() {
            if relays.legs.iter().any(|leg| leg.0 == publication.backend) {
                relays.publishing.entry(publication.function).or_default().push(index);
            }
        }
        relays
    }

    /// The relay whose subscription is this trigger.
    pub(crate) fn subscription(&self, program: &Program<'a>, trigger: &Found<'a>) -> Option<Leg<'a>> {
        if !is_broadcast_kind(trigger.kind) {
            return None;
        }
        let registration = trigger.registration?;
        let subscribes =
            program.flow.operation(registration).is_some_and(|operation| operation.subscribe.is_some());
        if trigger.kind == TriggerKind::Ipc && !subscribes {
            // A child speaks to its parent alone.
            return None;
        }
        let backend = backend_of(program, registration)?;
        let clients: Vec<ValueId> = registration.receiver.into_iter().collect();
        let proof = never_connected(program, &clients)
            .or_else(|| self.one_for_both(program, &clients))
            .or_else(|| self.channels_differ(program, registration, backend));
        Some(Leg { backend, proof, api_use: registration })
    }

    /// The publication that a local trigger's handler makes beside its delivery.
    pub(crate) fn echo(&self, program: &Program<'a>, trigger: &Found<'a>) -> Option<Leg<'a>> {
        if self.publishing.is_empty() {
            return None;
        }
        let beside = |site: ExprRef| !is_alternative(program, &trigger.chain, site);
        // What some listener of some other event does is not the same message.
        let fires_here = |edge: &CallEdge| {
            !matches!(edge.kind, EdgeKind::Event { .. })
                || (trigger.chain.iter().any(|(function, _)| *function == edge.caller)
                    && names_its_event(program, edge))
        };
        let beside_edge = |edge: &CallEdge| beside(edge.site) && !is_another_entry(program, &trigger.chain, edge);
        let reached = program.reachable_by(trigger.handler, |edge| beside_edge(edge) && fires_here(edge));
        let mut found: Vec<usize> = Vec::new();
        reached.iter().for_each(|function| found.extend(self.publishing.get(function).into_iter().flatten()));
        found.retain(|&index| beside(self.publications[index].api_use.site));
        found.sort_unstable();
        let heard = found.iter().find_map(|&index| {
            let publication = &self.publications[index];
            let leg = self.legs.iter().find(|leg| self.meets(publication, leg.1, leg.0))?;
            Some((publication, leg))
        });
        if let Some((publication, leg)) = heard {
            let clients: Vec<ValueId> = publication.api_use.receiver.into_iter().collect();
            let subscriber: Vec<ValueId> = leg.1.receiver.into_iter().collect();
            let proof = never_connected(program, &clients)
                .or_else(|| never_connected(program, &subscriber))
                .or_else(|| self.one_for_both(program, &subscriber));
            return Some(Leg { backend: publication.backend, proof, api_use: publication.api_use });
        }
        // A publication that no subscription hears is a relay that cannot work, if that is proved.
        found.iter().find_map(|&index| {
            let publication = &self.publications[index];
            let leg = self.legs.iter().find(|leg| leg.0 == publication.backend)?;
            let proof = Some(self.channels_differ(program, leg.1, leg.0)?);
            Some(Leg { backend: publication.backend, proof, api_use: publication.api_use })
        })
    }

    /// The condition under which a trigger's handler publishes instead of delivering on this way:
    /// `connected ? broker.publish(…) : super.emit(…)`. What the event itself says chooses between two messages, not
    /// between two ways for one.
    pub(crate) fn bypassed(&self, program: &Program, trigger: &Found) -> Option<Condition> {
        let plain = |condition: &Condition| {
            let part = |letter: char| letter.is_alphanumeric() || "_.#?$".contains(letter);
            condition.text.chars().all(part)
        };
        self.publications.iter().find_map(|publication| {
            let (_, on_the_way) = trigger.chain.iter().find(|(function, _)| *function == publication.function)?;
            let here = conditions(program, *on_the_way);
            let there = conditions_at(program, publication.api_use.site);
            here.into_iter().find(|condition| {
                there.iter().any(|(other, at)| {
                    other.holds
                        && other.excludes(condition)
                        && (plain(other) || other.is_configuration())
                        && !depends_on_event(program, trigger.handler, *at)
                })
            })
        })
    }

    /// Whether something is published to a backend at all.
    pub(crate) fn publishes_to(&self, backend: &str) -> bool {
        self.publications.iter().any(|publication| publication.backend == backend)
    }

    /// Subscriptions that belong to a registration: those on the same client, and the registration's own.
    fn subscribed(&self, registration: &ApiUse) -> Vec<&Contact<'a>> {
        let same = |contact: &&Contact<'a>| {
            contact.api_use.site == registration.site
                || (contact.api_use.receiver.is_some() && contact.api_use.receiver == registration.receiver)
        };
        self.subscriptions.iter().filter(same).collect()
    }

    fn meets(&self, publication: &Contact, registration: &ApiUse, backend: &str) -> bool {
        if publication.backend != backend {
            return false;
        }
        let subscribed = self.subscribed(registration);
        subscribed.is_empty() || subscribed.iter().any(|each| names_meet(publication, each))
    }

    /// `channels-differ`: everything published and everything subscribed has a constant name, and none match.
    fn channels_differ(&self, program: &Program, registration: &ApiUse, backend: &str) -> Option<Proof> {
        let subscribed = self.subscribed(registration);
        let published: Vec<&Contact> =
            self.publications.iter().filter(|each| each.backend == backend && each.named).collect();
        let constant =
            |contacts: &[&Contact]| !contacts.is_empty() && contacts.iter().all(|each| each.names.is_some());
        let differ = constant(&subscribed)
            && constant(&published)
            && !subscribed.iter().any(|one| published.iter().any(|other| names_meet(other, one)));
        if !differ {
            return None;
        }
        let evidence = |what: &str, contact: &Contact| Evidence {
            what: format!("{what} {}", contact.names.clone().unwrap_or_default().join(", ")),
            place: program.place(contact.api_use.site),
        };
        let mut reasons: Vec<Evidence> = subscribed.iter().map(|each| evidence("subscribes to", each)).collect();
        reasons.extend(published.iter().map(|each| evidence("publishes to", each)));
        Some((Defect::ChannelsDiffer, reasons))
    }

    /// `one-client-for-both`: the subscribed client also publishes. Stream commands go over any client.
    fn one_for_both(&self, program: &Program, clients: &[ValueId]) -> Option<Proof> {
        let [client] = clients else { return None };
        let plain = |contact: &&Contact| {
            let stream = program.flow.operation(contact.api_use).is_some_and(|operation| operation.state.is_some());
            contact.api_use.receiver == Some(*client) && contact.named && !stream
        };
        let publishes = self.publications.iter().any(|each| plain(&each));
        let subscribes = self.subscriptions.iter().any(|each| plain(&each));
        if publishes && subscribes { shared_client(program, *client, false) } else { None }
    }
}

/// Whether an emission names its event, or needs no name: one that hands on whatever event it is given says nothing
/// of which listeners it is for.
fn names_its_event(program: &Program, edge: &CallEdge) -> bool {
    let event = program.operations_at(edge.site).find_map(|(_, operation)| operation.emit.as_ref());
    match event {
        Some(EventName::Argument(index)) => {
            program.argument(edge.site, *index).is_some_and(|event| program.constant(event).is_some())
        }
        _ => true,
    }
}

/// Kinds of triggers that every instance receives.
pub(crate) fn is_broadcast_kind(kind: TriggerKind) -> bool {
    matches!(kind, TriggerKind::Subscription | TriggerKind::ChangeFeed | TriggerKind::Ipc)
}

fn contact<'a>(program: &Program<'a>, api_use: &'a ApiUse, backend: &'a str, channel: &Channel) -> Contact<'a> {
    let mut names = None;
    if let Some(place) = &channel.name {
        let standing = standing(program, api_use, place);
        let constants: Option<Vec<String>> = match standing.expr {
            Some(expr) => channel_names(program, expr),
            None => None,
        };
        names = constants;
    }
    Contact {
        api_use,
        backend,
        names,
        named: channel.name.is_some(),
        pattern: channel.pattern,
        function: program.function_at(api_use.site),
    }
}

fn channel_names(program: &Program, at: ExprRef) -> Option<Vec<String>> {
    use crate::facts::ExprKind;
    let literal = program.resolve(at);
    if let ExprKind::Array(items) = &program.expr(literal).kind {
        let names = items.iter().map(|item| channel_names(program, program.at(literal, item.value)));
        return names.collect::<Option<Vec<_>>>().map(|names| names.concat());
    }
    program.constants(at).map(|names| names.into_iter().map(str::to_owned).collect())
}

/// Whether a publication can reach a subscription: unknown names can be anything.
fn names_meet(publication: &Contact, subscription: &Contact) -> bool {
    let (Some(published), Some(subscribed)) = (&publication.names, &subscription.names) else { return true };
    published.iter().any(|name| {
        subscribed.iter().any(|wanted| if subscription.pattern { glob(wanted, name) } else { wanted == name })
    })
}

/// Matches the patterns of brokers: `*`, `?`, `>` and `#` stand for anything.
fn glob(pattern: &str, text: &str) -> bool {
    match pattern.chars().next() {
        None => text.is_empty(),
        Some('*' | '>' | '#') => {
            let rest = &pattern[1..];
            (0..=text.len()).filter(|&at| text.is_char_boundary(at)).any(|at| glob(rest, &text[at..]))
        }
        Some(first) => {
            let mut letters = text.chars();
            letters.next().is_some_and(|letter| {
                (first == '?' || letter == first) && glob(&pattern[first.len_utf8()..], letters.as_str())
            })
        }
    }
}

/// The broker behind a use: of its receiver, else of its family.
pub(crate) fn backend_of<'a>(program: &Program<'a>, api_use: &ApiUse) -> Option<&'a str> {
    let values = [api_use.receiver, api_use.result];
    if let Some(role) = values.into_iter().flatten().find_map(|value| program.broker(value)) {
        return role.carries().then_some(role.backend.as_str());
    }
    if let Some(instance) = program.flow.rules.ty(api_use.ty).instance
        && let Role::Broker(role) = program.type_role(instance)
    {
        return role.carries().then_some(role.backend.as_str());
    }
    let operation: Option<&Operation> = program.flow.operation(api_use);
    let listens = operation.is_some_and(|operation| {
        operation.publish.is_some() || operation.subscribe.is_some() || !operation.callbacks.is_empty()
    });
    let rules = program.flow.rules;
    let family = rules.ty(api_use.ty).family;
    let types = listens.then(|| rules.types.iter().filter(|ty| ty.family == family));
    types.into_iter().flatten().find_map(|ty| match &ty.role {
        Role::Broker(role) if role.carries() => Some(role.backend.as_str()),
        Role::Database(role) if role.class == "shared" => Some(role.backend.as_str()),
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::glob;

    #[test]
    fn patterns_stand_for_any_part_of_a_channel() {
        assert!(glob("chat:*", "chat:42"));
        assert!(glob("a?c", "abc"));
        assert!(glob("rooms.>", "rooms.a.b"));
        assert!(!glob("chat:*", "news:42"));
        assert!(!glob("chat", "chat:42"));
    }
}

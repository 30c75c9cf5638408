//! How far each delivery gets: SPEC section 2, rules 1 to 6.

use super::attachments::AttachmentFacts;
use super::conditions::{Condition, condition_of_setup, conditions};
use super::deliveries::{Delivery, Via, distributed_role};
use super::endpoints::Endpoints;
use super::lookups::local_lookup;
use super::model::{
    BroadcastPath, Defect, Evidence, Integration, Mechanism, Reach, ServiceId, Suppression, Trigger,
};
use super::program::Program;
use super::relays::{Leg, Relays, backend_of, is_broadcast_kind};
use super::services::Services;
use super::triggers::Found;
use crate::flow::{ApiUse, Confidence, EdgeKind, ExprRef, Member, ValueId};
use crate::rules::{Distributed, Role, TriggerKind};

/// What classification needs to know of the whole program.
pub(crate) struct Context<'p, 'a> {
    /// The program.
    pub(crate) program: &'p Program<'a>,
    /// Its endpoints.
    pub(crate) endpoints: &'p Endpoints<'a>,
    /// Adapters on them.
    pub(crate) attachments: &'p [AttachmentFacts],
    /// Hand-made relays.
    pub(crate) relays: &'p Relays<'a>,
    /// Conditions under which adapters and relays exist.
    pub(crate) setups: Vec<Condition>,
}

/// How far a message gets on one trigger, and why.
#[derive(Debug, Clone)]
struct Outcome {
    reach: Reach,
    mechanism: Mechanism,
    backend: Option<String>,
    local_echo: bool,
    condition: Option<Condition>,
    defect: Option<Defect>,
    confidence: Confidence,
    evidence: Vec<Evidence>,
    integration: Option<Integration>,
}

impl Outcome {
    fn local() -> Outcome {
        Outcome {
            reach: Reach::Process,
            mechanism: Mechanism::None,
            backend: None,
            local_echo: false,
            condition: None,
            defect: None,
            confidence: Confidence::Certain,
            evidence: Vec::new(),
            integration: None,
        }
    }
}

impl<'p, 'a> Context<'p, 'a> {
    /// Prepares for classifying `deliveries`.
    pub(crate) fn new(
        program: &'p Program<'a>,
        endpoints: &'p Endpoints<'a>,
        attachments: &'p [AttachmentFacts],
        relays: &'p Relays<'a>,
        deliveries: &[Delivery<'a>],
    ) -> Self {
        let mut context = Context { program, endpoints, attachments, relays, setups: Vec::new() };
        let shared = attachments
            .iter()
            .filter(|each| each.attachment.reach == Reach::Cluster && each.attachment.defect.is_none());
        context.setups.extend(shared.filter_map(|each| each.condition.clone()));
        for trigger in deliveries.iter().flat_map(|delivery| &delivery.triggers) {
            let leg = relays.subscription(program, trigger);
            let working = leg.filter(|leg| leg.proof.is_none());
            context.setups.extend(working.and_then(|leg| setup_condition(program, &leg)));
        }
        context.setups.sort();
        context.setups.dedup();
        context
    }

    /// The path of a delivery, and the integrations that it uses.
    pub(crate) fn classify(
        &self,
        delivery: &Delivery<'a>,
        services: &mut Services,
    ) -> (BroadcastPath, Vec<Integration>) {
        let program = self.program;
        let endpoint = self.endpoint(delivery);
        let service = services.of_path(program, delivery, endpoint);
        let base = self.base(delivery, service);
        let mut integrations: Vec<Integration> = base.integration.clone().into_iter().collect();
        let mut worst: Option<Outcome> = None;
        let mut triggers = Vec::new();
        let mut all_local = true;
        let bypassed = |found: &Found| self.relays.bypassed(program, found).is_some();
        let all_bypassed = delivery.triggers.iter().all(bypassed);
        for found in &delivery.triggers {
            if found.kind == TriggerKind::Shutdown || (!all_bypassed && bypassed(found)) {
                continue;
            }
            let outcome = self.on_trigger(delivery, &base, found, service);
            integrations.extend(outcome.integration.clone());
            all_local &= !is_broadcast_kind(found.kind);
            triggers.push(reported(found, outcome.reach));
            worst = Some(match worst.take() {
                Some(known) if known.reach <= outcome.reach => known,
                _ => outcome,
            });
        }
        triggers.sort_by(|one, other| {
            (one.reach, one.kind, one.place, &one.name).cmp(&(other.reach, other.kind, other.place, &other.name))
        });
        let outcome = worst.unwrap_or(base);
        let suppressed = self.suppressed(delivery, &outcome, endpoint);
        let (transport, operation, event) = self.names(delivery, endpoint);
        let mut evidence: Vec<Evidence> = endpoint.map(|endpoint| self.origin(endpoint)).into_iter().collect();
        if delivery.uses.iter().all(|each| each.site != delivery.site)
            && let Some(first) = delivery.uses.first()
        {
            evidence.push(Evidence { what: "delivered by".to_owned(), place: program.place(first.site) });
        }
        evidence.extend(outcome.evidence);
        let path = BroadcastPath {
            service,
            place: program.place(delivery.site),
            transport,
            operation,
            event,
            scope: delivery.scope,
            reach: outcome.reach,
            mechanism: outcome.mechanism,
            backend: outcome.backend,
            local_echo: outcome.local_echo && all_local,
            condition: outcome.condition.map(|condition| condition.shown()),
            defect: outcome.defect,
            confidence: delivery.confidence.min(outcome.confidence),
            endpoint: endpoint.and_then(|endpoint| services.endpoint_id(endpoint)),
            evidence,
            triggers,
            suppressed,
        };
        (path, integrations)
    }

    /// Where an endpoint comes from.
    fn origin(&self, endpoint: usize) -> Evidence {
        let facts = &self.endpoints.list[endpoint];
        let what = if facts.is_ambient { "endpoint first used" } else { "endpoint created" };
        Evidence { what: what.to_owned(), place: facts.place }
    }

    /// The endpoint whose clients a delivery reaches.
    fn endpoint(&self, delivery: &Delivery) -> Option<usize> {
        let receivers = delivery.uses.iter().filter_map(|each| delivering(self.program, each));
        receivers.filter_map(|receiver| self.endpoints.of(self.program, receiver)).min()
    }

    /// All endpoints that a delivery can mean.
    fn all_endpoints(&self, delivery: &Delivery) -> Vec<usize> {
        let receivers = delivery.uses.iter().filter_map(|each| delivering(self.program, each));
        let mut found: Vec<usize> =
            receivers.filter_map(|receiver| self.endpoints.of(self.program, receiver)).collect();
        found.sort_unstable();
        found.dedup();
        found
    }

    /// Rules 1 and 2: what the call gets by itself, whoever triggers it.
    fn base(&self, delivery: &Delivery<'a>, service: ServiceId) -> Outcome {
        match &delivery.via {
            Via::Distributed => self.distributed(delivery, service),
            Via::Endpoint { local: false } | Via::Handle { remote: true, .. } => {
                let outcome = self.adapted(delivery, service);
                match local_lookup(self.program, delivery) {
                    Some(reason) if outcome.reach == Reach::Cluster => {
                        Outcome { defect: Some(Defect::LocalLookup), evidence: vec![reason], ..Outcome::local() }
                    }
                    _ => outcome,
                }
            }
            // A single target out of the transport's own table, although an adapter is there to reach it anywhere.
            Via::Handle { picked: Some(picked), .. } if !picked.many => {
                let adapted = self.adapted(delivery, service);
                let table = self.program.flow.values(picked.source);
                let own_table = table.iter().any(|&value| self.is_table_of_connections(value));
                let defect = (adapted.reach == Reach::Cluster && own_table).then_some(Defect::LocalLookup);
                Outcome { defect, ..Outcome::local() }
            }
            _ => Outcome::local(),
        }
    }

    /// Whether a value is a library's own table of the connections of this instance.
    fn is_table_of_connections(&self, value: ValueId) -> bool {
        let rules = self.program.flow.rules;
        let element = self.program.api(value).and_then(|api| rules.ty(api.ty).element);
        element.is_some_and(|element| matches!(self.program.type_role(element), Role::Connection(_)))
    }

    fn distributed(&self, delivery: &Delivery<'a>, service: ServiceId) -> Outcome {
        let program = self.program;
        let found = delivery.uses.iter().find_map(|api_use| {
            let own: Option<&'a Distributed> = program
                .flow
                .operation(api_use)
                .and_then(|operation| operation.deliver.as_ref())
                .and_then(|deliver| deliver.distributed.as_ref());
            own.or_else(|| distributed_role(program, api_use.receiver?)).map(|role| (*api_use, role))
        });
        let Some((api_use, role)) = found else { return Outcome::local() };
        if let Some(evidence) = self.unheard(api_use, role) {
            return Outcome { defect: Some(Defect::ChannelsDiffer), evidence, ..Outcome::local() };
        }
        let mechanism = Mechanism::of_rule(&role.mechanism);
        let made = api_use
            .receiver
            .and_then(|receiver| self.endpoints.of(program, receiver))
            .map_or(program.place(api_use.site), |endpoint| self.endpoints.list[endpoint].place);
        let package = super::clients::declared_package(program, api_use.ty, api_use.site.module);
        let backend = Some(role.backend.clone());
        let integration = Integration { kind: mechanism, backend: backend.clone(), package, place: made, service };
        Outcome { reach: Reach::Cluster, mechanism, backend, integration: Some(integration), ..Outcome::local() }
    }

    /// Why no adapter of the program hears an emitter: each speaks another protocol over the backend, or has another
    /// backend. One that is not known may hear it.
    fn unheard(&self, emission: &ApiUse, emitter: &Distributed) -> Option<Vec<Evidence>> {
        if Mechanism::of_rule(&emitter.mechanism) != Mechanism::Emitter {
            return None;
        }
        let attached = self.attachments.iter().filter(|each| each.attachment.reach == Reach::Cluster);
        let mut evidence = Vec::new();
        for each in attached {
            let spoken = each.protocol.as_ref().filter(|spoken| **spoken != emitter.protocol)?;
            let what = format!("the adapter hears {spoken}, the emitter speaks {}", emitter.protocol);
            evidence.push(Evidence { what, place: each.attachment.place });
        }
        evidence.dedup();
        let made = emission.receiver.and_then(|receiver| self.endpoints.of(self.program, receiver));
        let place = made.map(|endpoint| self.endpoints.list[endpoint].place)?;
        (!evidence.is_empty()).then(|| {
            evidence.push(Evidence { what: "emitter created".to_owned(), place });
            evidence
        })
    }

    /// Rule 2: the adapter of every endpoint that the delivery can mean.
    fn adapted(&self, delivery: &Delivery, service: ServiceId) -> Outcome {
        let outcomes =
            self.all_endpoints(delivery).into_iter().map(|endpoint| self.adapter_of(endpoint, delivery, service));
        outcomes.min_by_key(|outcome| outcome.reach).unwrap_or_else(Outcome::local)
    }

    fn adapter_of(&self, endpoint: usize, delivery: &Delivery, service: ServiceId) -> Outcome {
        let attached: Vec<&AttachmentFacts> =
            self.attachments.iter().filter(|each| each.endpoint == endpoint).collect();
        let effective = attached
            .iter()
            .filter(|each| each.attachment.defect.is_none() && each.attachment.reach != Reach::Process)
            .max_by_key(|each| (each.attachment.reach, each.condition.is_none(), each.attachment.confidence));
        let Some(effective) = effective else {
            let broken = attached.iter().find(|each| each.attachment.defect.is_some());
            return match broken {
                Some(broken) => Outcome {
                    defect: broken.attachment.defect,
                    evidence: broken.attachment.evidence.clone(),
                    ..Outcome::local()
                },
                None => Outcome::local(),
            };
        };
        let adapter = &effective.attachment;
        // An engine that fans out by itself is the path where it is made; its plug-in makes it a distributed engine.
        let engine = delivery
            .uses
            .iter()
            .any(|each| matches!(each.member, Member::Construct | Member::Call) || each.site == effective.site);
        let mechanism = match adapter.reach {
            Reach::Host => Mechanism::Ipc,
            _ if engine => Mechanism::Engine,
            _ => effective.mechanism,
        };
        Outcome {
            reach: adapter.reach,
            mechanism,
            backend: adapter.backend.clone(),
            condition: effective.condition.clone(),
            confidence: adapter.confidence,
            evidence: adapter.evidence.clone(),
            integration: Some(Integration {
                kind: mechanism,
                backend: adapter.backend.clone(),
                package: adapter.package.clone(),
                place: adapter.place,
                service,
            }),
            ..Outcome::local()
        }
    }

    /// Rules 3 to 6: what a trigger adds.
    fn on_trigger(
        &self,
        delivery: &Delivery<'a>,
        base: &Outcome,
        found: &Found<'a>,
        service: ServiceId,
    ) -> Outcome {
        if delivery.via != Via::Distributed && self.fallback_of(delivery).is_some() {
            return Outcome::local();
        }
        if base.reach == Reach::Cluster {
            return base.clone();
        }
        if let Some(leg) = self.relays.subscription(self.program, found) {
            return self.leg(&leg, base, false, service);
        }
        if found.kind == TriggerKind::QueueJob {
            let fed = found
                .registration
                .and_then(|registration| backend_of(self.program, registration))
                .is_some_and(|backend| self.relays.publishes_to(backend));
            let defect = base.defect.or(fed.then_some(Defect::CompetingConsumers));
            return Outcome { defect, ..base.clone() };
        }
        match self.relays.echo(self.program, found) {
            Some(leg) => self.leg(&leg, base, true, service),
            None => base.clone(),
        }
    }

    fn leg(&self, leg: &Leg<'a>, base: &Outcome, local_echo: bool, service: ServiceId) -> Outcome {
        let program = self.program;
        if let Some((defect, evidence)) = &leg.proof {
            return Outcome { defect: Some(*defect), evidence: evidence.clone(), ..base.clone() };
        }
        let place = program.place(leg.api_use.site);
        let host = leg.backend == "ipc";
        let mechanism = if host { Mechanism::Ipc } else { Mechanism::Relay };
        let what = if local_echo { "published to the broker" } else { "subscribed to the broker" };
        let backend = (!host).then(|| leg.backend.to_owned());
        let package = super::clients::declared_package(program, leg.api_use.ty, leg.api_use.site.module);
        // Publications and subscriptions are one relay, which stands at its subscription.
        let integration = (!local_echo).then(|| Integration {
            kind: mechanism,
            backend: backend.clone(),
            package,
            place,
            service,
        });
        Outcome {
            reach: if host { Reach::Host } else { Reach::Cluster },
            mechanism,
            backend,
            local_echo,
            condition: setup_condition(program, leg),
            evidence: vec![Evidence { what: what.to_owned(), place }],
            integration,
            ..Outcome::local()
        }
    }

    fn suppressed(&self, delivery: &Delivery, outcome: &Outcome, endpoint: Option<usize>) -> Option<Suppression> {
        if outcome.reach == Reach::Cluster {
            return None;
        }
        if let Some(condition) = self.fallback_of(delivery).or_else(|| self.fallback_endpoint(endpoint)) {
            return Some(Suppression::Fallback(condition.text));
        }
        (delivery.via == Via::Endpoint { local: true }).then_some(Suppression::LocalFlag)
    }

    /// The condition that excludes a delivery from the configuration in which an adapter or relay exists.
    fn fallback_of(&self, delivery: &Delivery) -> Option<Condition> {
        let mut found = self.excluded(delivery.site);
        for api_use in &delivery.uses {
            found = found.or_else(|| self.excluded(api_use.site));
        }
        found.or_else(|| {
            let mut bypassed = delivery.triggers.iter().map(|each| self.relays.bypassed(self.program, each));
            let first = bypassed.next()??;
            bypassed.all(|each| each.is_some()).then_some(first)
        })
    }

    fn fallback_endpoint(&self, endpoint: Option<usize>) -> Option<Condition> {
        self.excluded(self.endpoints.list.get(endpoint?)?.site?)
    }

    fn excluded(&self, site: ExprRef) -> Option<Condition> {
        let mut at = site;
        for _ in 0..4 {
            let found = conditions(self.program, at)
                .into_iter()
                .find(|condition| self.setups.iter().any(|setup| setup.excludes(condition)));
            if found.is_some() {
                return found;
            }
            let function = self.program.function_at(at);
            let mut callers = self.program.callers(function).filter(|edge| edge.kind == EdgeKind::Direct);
            let (Some(only), None) = (callers.next(), callers.next()) else { return None };
            at = only.site;
        }
        None
    }

    /// Transport, operation and event of a delivery.
    fn names(&self, delivery: &Delivery<'a>, endpoint: Option<usize>) -> (String, String, Option<String>) {
        let program = self.program;
        let own = delivery.transport.map(str::to_owned);
        let transport = delivery.uses.iter().find_map(|api_use| {
            let mut at = delivering(program, api_use);
            for _ in 0..6 {
                match program.role(at?) {
                    Role::Connection(role) => return Some(role.transport.clone()),
                    Role::Endpoint(role) => return Some(role.transport.clone()),
                    _ => at = program.api(at?)?.origin,
                }
            }
            None
        });
        let transport = own.or(transport).or_else(|| Some(self.endpoints.list[endpoint?].role.transport.clone()));
        let first = delivery.uses.first();
        // What crosses instances by itself, whatever it is called on, is known by who carries it.
        let carrier = || program.flow.operation(first?)?.deliver.as_ref()?.distributed.as_ref();
        let transport = transport.or_else(|| carrier().map(|carrier| carrier.backend.clone()));
        // A generator's values have no call of a library's that hands them over.
        let operation = first.map_or("yield", |api_use| program.member_name(api_use)).to_owned();
        let event = first.and_then(|api_use| {
            let index = program.flow.operation(api_use)?.deliver.as_ref()?.event?;
            program.constant(program.argument(api_use.site, index)?).map(str::to_owned)
        });
        (transport.unwrap_or_else(|| "unknown".to_owned()), operation, event)
    }
}

fn setup_condition(program: &Program, leg: &Leg) -> Option<Condition> {
    condition_of_setup(program, leg.api_use.site, &[leg.backend])
}

fn reported(found: &Found, reach: Reach) -> Trigger {
    Trigger { kind: found.kind, name: found.name.clone(), place: found.place, reach, trace: found.trace.clone() }
}

/// The object that a call delivers through: its receiver, or what it makes where it is called on a class or module.
fn delivering(program: &Program, api_use: &ApiUse) -> Option<ValueId> {
    let acts = |value: &ValueId| *program.role(*value) != Role::Plain;
    api_use.receiver.filter(acts).or(api_use.result.filter(acts)).or(api_use.receiver).or(api_use.result)
}

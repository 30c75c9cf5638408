//! The transports' own tables: rooms and topics, and presence that is read from them.

use super::Search;
use super::accesses::Access;
use super::heap::{evaluated_by, role};
use super::reach::{argument, constant};
use crate::facts::ExprKind;
use crate::flow::{ApiUse, Confidence, ExprRef, FunctionRef, Member, ValueFlow, ValueId};
use crate::realtime::{
    Attachment, Endpoint, EndpointId, Evidence, Mechanism, Place, Reach, StateStore, StateType, StoreClass,
};
use crate::rules::{Base, EndpointRole, Role, Scope, TriggerKind};
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;

/// What is known of one endpoint's tables.
#[derive(Default)]
struct Tables {
    joins: Vec<ExprRef>,
    remote_reads: Vec<ExprRef>,
    local_reads: Vec<ExprRef>,
}

/// The stores of all endpoints.
pub(super) fn find(search: &Search) -> Vec<StateStore> {
    let mut tables: BTreeMap<(EndpointId, Place), Tables> = BTreeMap::new();
    for api_use in &search.heap.flow.uses {
        let Some(receiver) = api_use.receiver else { continue };
        let Some(endpoint) = (search.endpoint_of)(receiver) else { continue };
        let function = evaluated_by(search.heap.flow, api_use.site);
        if search.reach.causes(function).is_empty() {
            continue;
        }
        let table = tables.entry((endpoint, created(search, receiver, endpoint))).or_default();
        if joins(search, api_use) {
            table.joins.push(api_use.site);
        }
        if reads_remote(search.heap.flow, api_use) {
            table.remote_reads.push(api_use.site);
        }
        if reads_local(search, api_use) {
            table.local_reads.push(api_use.site);
        }
    }
    tables.iter().flat_map(|(&(id, place), tables)| stores(search, id, place, tables)).collect()
}

fn stores(search: &Search, id: EndpointId, place: Place, tables: &Tables) -> Vec<StateStore> {
    let endpoint = &search.realtime.endpoints[id.0 as usize];
    let mut stores = Vec::new();
    if let Some(&first) = tables.joins.first()
        && has_rooms(search, endpoint)
        && is_addressed(search, id)
        && !tables.joins.iter().all(|&join| is_unconditional(search, join))
    {
        let mut store = table(search, id, place, "rooms", StateType::ChannelMembership);
        store.evidence.insert(0, evidence(search, "connections join rooms", first));
        stores.push(store);
    }
    if let Some(&first) = tables.remote_reads.iter().find(|&&read| is_used_as_presence(search, read)) {
        let mut store = table(search, id, place, "presence", StateType::Presence);
        store.evidence.insert(0, evidence(search, "connections are read through the adapter", first));
        stores.push(store);
    }
    if let Some(&first) = tables.local_reads.iter().find(|&&read| is_sent(search, read)) {
        let mut store = table(search, id, place, "presence", StateType::Presence);
        store.class = StoreClass::InProcess;
        store.backend = None;
        store.condition = None;
        store.evidence = vec![evidence(search, "read from this instance's tables and sent", first)];
        stores.push(store);
    }
    stores
}

/// A store at the endpoint's creation, shared where the endpoint's adapter is.
fn table(search: &Search, id: EndpointId, place: Place, name: &str, state_type: StateType) -> StateStore {
    let endpoint = &search.realtime.endpoints[id.0 as usize];
    let mut store = StateStore {
        service: endpoint.service,
        place,
        name: name.to_owned(),
        container: "rooms".to_owned(),
        state_type,
        also_types: Vec::new(),
        class: StoreClass::InProcess,
        backend: None,
        condition: None,
        covered: false,
        confidence: Confidence::Certain,
        evidence: Vec::new(),
        suppressed: None,
    };
    if let Some(attachment) = effective(endpoint) {
        store.class = StoreClass::Shared;
        store.backend = attachment.backend.clone();
        store.condition = attachment.condition.clone();
        store.confidence = attachment.confidence;
        let what = "shared by the adapter: every instance sees it, nothing is persisted".to_owned();
        store.evidence.push(Evidence { what, place: attachment.place });
    } else if let Some(distributed) = roles(search, endpoint).into_iter().find_map(|role| role.distributed.as_ref())
    {
        store.class = StoreClass::Shared;
        store.backend = Some(distributed.backend.clone());
    } else if state_type == StateType::ChannelMembership
        && !takes_adapters(search, endpoint)
        && let Some((place, backend)) = relayed(search, id)
    {
        store.class = StoreClass::Shared;
        store.backend = backend;
        store.evidence.push(Evidence { what: "every delivery to it is a relay's leg".to_owned(), place });
    }
    store
}

fn effective(endpoint: &Endpoint) -> Option<&Attachment> {
    endpoint.attachments.iter().find(|attachment| attachment.reach == Reach::Cluster && attachment.defect.is_none())
}

fn evidence(search: &Search, what: &str, site: ExprRef) -> Evidence {
    Evidence { what: what.to_owned(), place: place(search, site) }
}

fn place(search: &Search, site: ExprRef) -> Place {
    Place { module: site.module, span: search.heap.flow.facts(site.module).expr(site.expr).span }
}

/// Where the tables of a value's endpoint are created: at a namespace of its own, else at the endpoint.
fn created(search: &Search, value: ValueId, endpoint: EndpointId) -> Place {
    let flow = search.heap.flow;
    let mut at = Some(value);
    for _ in 0..8 {
        let Some(object) = at.and_then(|id| flow.api(id)) else { break };
        let is_child = matches!(role(flow, object.ty), Role::Endpoint(role) if role.child);
        if let Some(site) = object.site.filter(|&site| is_child && is_named_child(search, site)) {
            return place(search, site);
        }
        at = object.origin;
    }
    search.realtime.endpoints[endpoint.0 as usize].place
}

/// Whether a call makes a part of an endpoint under a name of its own; the nameless root is the endpoint itself.
fn is_named_child(search: &Search, site: ExprRef) -> bool {
    let flow = search.heap.flow;
    let Some(name) = argument(flow, site, 0) else { return false };
    constant(flow, name).is_none_or(|name| name.contains(|each: char| each.is_alphanumeric()))
}

/// The endpoint roles of the values that are made at an endpoint's place.
fn roles<'a>(search: &Search<'_, 'a>, endpoint: &Endpoint) -> Vec<&'a EndpointRole> {
    let flow = search.heap.flow;
    let mut found = Vec::new();
    for (id, _) in flow.all_values() {
        let Some(object) = flow.api(id) else { continue };
        if object.site.is_some_and(|site| place(search, site) == endpoint.place)
            && let Role::Endpoint(role) = role(flow, object.ty)
        {
            found.push(role);
        }
    }
    found
}

fn has_rooms(search: &Search, endpoint: &Endpoint) -> bool {
    let roles = roles(search, endpoint);
    // An endpoint that the rules only know by its connections has rooms if these can join.
    roles.is_empty() || roles.iter().any(|role| role.rooms)
}

/// Whether the transport has adapters of its own, which then decide about its rooms.
fn takes_adapters(search: &Search, endpoint: &Endpoint) -> bool {
    let rules = search.heap.flow.rules;
    rules.types.iter().any(|ty| {
        let is_transport = matches!(&ty.role, Role::Endpoint(role) if role.transport == endpoint.transport);
        is_transport && ty.methods.values().flatten().any(|operation| operation.attach.is_some())
    })
}

/// Where all deliveries to rooms of the endpoint are legs of a relay: the first, and its backend.
fn relayed(search: &Search, id: EndpointId) -> Option<(Place, Option<String>)> {
    let mut paths =
        search.realtime.paths.iter().filter(|path| path.endpoint == Some(id) && path.scope == Scope::Room);
    let first = paths.next()?;
    let is_leg = |mechanism| mechanism == Mechanism::Relay;
    (is_leg(first.mechanism) && paths.all(|path| is_leg(path.mechanism)))
        .then(|| (first.place, first.backend.clone()))
}

/// Whether a delivery addresses a room of the endpoint, or of one that is unknown.
fn is_addressed(search: &Search, id: EndpointId) -> bool {
    let transport = &search.realtime.endpoints[id.0 as usize].transport;
    search.realtime.paths.iter().any(|path| {
        let here = path.endpoint.is_none_or(|endpoint| endpoint == id) && path.transport == *transport;
        here && path.scope == Scope::Room
    })
}

fn joins(search: &Search, api_use: &ApiUse) -> bool {
    let operation = search.heap.flow.operation(api_use);
    operation.and_then(|operation| operation.membership.as_ref()).is_some_and(|membership| membership.joins)
}

/// A constant room that every connection joins at once: nothing about it can be lost.
fn is_unconditional(search: &Search, join: ExprRef) -> bool {
    let flow = search.heap.flow;
    let Some(membership) =
        flow.uses_at(join).iter().find_map(|api_use| flow.operation(api_use)?.membership.as_ref())
    else {
        return false;
    };
    let is_constant = membership.room.and_then(|index| argument(flow, join, index)).is_some_and(|room| {
        constant(flow, room).is_some()
            || matches!(flow.facts(room.module).expr(room.expr).kind, ExprKind::String(_))
    });
    let unguarded = flow.facts(join.module).expr(join.expr).guard.is_none();
    let causes = search.reach.causes(evaluated_by(flow, join));
    is_constant && unguarded && causes.iter().all(|cause| cause.kind == TriggerKind::Connect)
}

/// Whether a use gives handles of connections of every instance.
fn reads_remote(flow: &ValueFlow, api_use: &ApiUse) -> bool {
    let local = api_use
        .receiver
        .and_then(|id| flow.api(id))
        .is_some_and(|object| object.steps.contains(&crate::flow::Step::Local));
    !local && lists_remote(flow, api_use)
}

/// Functions that read a list of connections, of this instance or of all.
pub(super) fn listing(flow: &ValueFlow) -> FxHashSet<FunctionRef> {
    let lists = flow.uses.iter().filter(|api_use| lists_remote(flow, api_use));
    lists.map(|api_use| evaluated_by(flow, api_use.site)).collect()
}

fn lists_remote(flow: &ValueFlow, api_use: &ApiUse) -> bool {
    let Some(operation) = flow.operation(api_use) else { return false };
    let places = operation.returns.iter().chain(operation.flows.iter().map(|(from, _)| from));
    let mut fresh = places.filter_map(|place| match place.base {
        Base::Fresh(ty) => Some(ty),
        _ => None,
    });
    fresh.any(|ty| {
        let types = [Some(ty), flow.rules.ty(ty).element];
        types
            .into_iter()
            .flatten()
            .any(|ty| matches!(role(flow, ty), Role::Connection(connection) if connection.remote))
    })
}

fn reads_local(search: &Search, api_use: &ApiUse) -> bool {
    let flow = search.heap.flow;
    let word = match &api_use.member {
        Member::Property(name) => {
            let ty = flow.rules.ty(api_use.ty);
            ty.properties.get(&**name).and_then(|property| property.local_read.as_ref())
        }
        _ => flow.operation(api_use).and_then(|operation| operation.local_read.as_ref()),
    };
    word.is_some()
}

fn is_sent(search: &Search, read: ExprRef) -> bool {
    search.sent.expr(read)
}

/// Remote handles are read as presence where something of them is sent, or their number decides something.
fn is_used_as_presence(search: &Search, read: ExprRef) -> bool {
    if is_sent(search, read) {
        return true;
    }
    let flow = search.heap.flow;
    // What each is known by is read, and nothing is done to it.
    let elements: Vec<ValueId> = flow.values(read).iter().flat_map(|&list| search.heap.entries(list)).collect();
    let looked_at = |name: &str| elements.iter().any(|&each| !search.accesses.of_property(each, name).is_empty());
    let called = |api_use: &&ApiUse| {
        matches!(api_use.member, Member::Method(_)) && api_use.receiver.is_some_and(|id| elements.contains(&id))
    };
    let is_addressed = || flow.uses.iter().any(|api_use| called(&api_use));
    if ["data", "handshake", "id", "rooms"].into_iter().any(looked_at) && !is_addressed() {
        return true;
    }
    let counts = |access: &&Access| matches!(access.property.as_deref(), Some("length" | "size"));
    flow.values(read)
        .iter()
        .flat_map(|&list| search.accesses.of_value(list))
        .filter(counts)
        .filter_map(|access| access.expr)
        .any(|count| {
            let facts = flow.facts(count.module);
            facts.exprs.iter().any(|expr| {
                matches!(expr.kind, ExprKind::Binary { left, right, .. } if left == count.expr || right == count.expr)
            })
        })
}

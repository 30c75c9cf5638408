//! State in databases, key-value services and files: uses of what rules call a database, grouped by table, model
//! or key family.

use super::accesses::{Access, Verb};
use super::heap::{evaluated_by, role};
use super::reach::{argument, arguments, constant};
use super::traits::Observer;
use super::{Hint, Search};
use crate::facts::{ExprKind, PropertyKey};
use crate::flow::{ApiUse, Confidence, ExprRef, FunctionRef, ValueId};
use crate::realtime::{Evidence, Place, StateStore, StateType, StoreClass};
use crate::rules::{Base, Role, StateAccess, StateVerb, TriggerKind};
use std::collections::BTreeMap;

/// One table, model or key family of one database.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct EntityKey {
    backend: String,
    class: String,
    name: String,
}

/// What is done to an entity.
struct Entity {
    declared: Option<Place>,
    accesses: Vec<Access>,
    confidence: Confidence,
    /// Field names of what is written.
    fields: Vec<String>,
}

/// The stores, with their accesses.
pub(super) fn find(search: &Search) -> Vec<(StateStore, Vec<Access>)> {
    let observer = Observer::new(search);
    let mut entities: BTreeMap<EntityKey, Entity> = BTreeMap::new();
    for api_use in &search.heap.flow.uses {
        collect(search, api_use, &mut entities);
    }
    entities.into_iter().filter_map(|(key, entity)| store(search, &observer, key, entity)).collect()
}

/// Where a value keeps state: backend and class. A broker's client that has data commands is a shared database.
fn database<'a>(search: &Search<'_, 'a>, id: ValueId) -> Option<(&'a str, &'a str)> {
    match role(search.heap.flow, search.heap.flow.api(id)?.ty) {
        Role::Database(role) => Some((&role.backend, &role.class)),
        Role::Broker(role) => Some((&role.backend, if role.mock { "in-process" } else { "shared" })),
        _ => None,
    }
}

fn collect(search: &Search, api_use: &ApiUse, entities: &mut BTreeMap<EntityKey, Entity>) {
    let flow = search.heap.flow;
    let Some(operation) = flow.operation(api_use) else { return };
    // What is published is a message on its way, also where the broker keeps it for a while.
    let Some(state) = operation.state.as_ref().filter(|_| operation.publish.is_none()) else { return };
    for receiver in super::accesses::state_owners(flow, api_use, state) {
        let Some((backend, class)) = database(search, receiver) else { continue };
        let confidence = flow.api(receiver).map_or(Confidence::Inferred, |object| object.confidence);
        for subject in subjects(search, api_use, receiver, state) {
            let key =
                EntityKey { backend: backend.to_owned(), class: class.to_owned(), name: subject.name.clone() };
            let entity = entities.entry(key).or_insert_with(|| Entity {
                declared: None,
                accesses: Vec::new(),
                confidence,
                fields: Vec::new(),
            });
            entity.confidence = entity.confidence.max(confidence);
            let span = flow.facts(subject.site.module).expr(subject.site.expr).span;
            let site = Place { module: subject.site.module, span };
            let declared = match subject.verb {
                None => Some(site),
                Some(_) => subject.is_model.then(|| declaration(search, receiver)).flatten(),
            };
            entity.declared = entity.declared.or(declared);
            let Some(verb) = subject.verb else { continue };
            if verb.changes() {
                entity.fields.extend(written_fields(search, subject.site));
            }
            entity.accesses.push(Access {
                verb,
                property: None,
                key: place_argument(search, api_use, &state.key),
                value: place_argument(search, api_use, &state.value),
                expr: Some(subject.site),
                place: site,
                function: evaluated_by(flow, subject.site),
                appends: false,
            });
        }
    }
}

fn place_argument(search: &Search, api_use: &ApiUse, place: &Option<crate::rules::Place>) -> Option<ExprRef> {
    match place.as_ref()?.base {
        Base::Argument(index) | Base::Arguments(index) => argument(search.heap.flow, api_use.site, index),
        _ => None,
    }
}

/// What a use is about.
struct Subject {
    /// The table, model or key family.
    name: String,
    /// What is done to it; none where it is declared.
    verb: Option<Verb>,
    /// Whether the receiver is a model of its own.
    is_model: bool,
    /// The use, or the call of the wrapper around it that says the key.
    site: ExprRef,
}

/// The subjects of a use: one, or one per caller where a wrapper is given the key.
fn subjects(search: &Search, api_use: &ApiUse, receiver: ValueId, state: &StateAccess) -> Vec<Subject> {
    let verb = match state.verb {
        StateVerb::Read => Verb::Read,
        StateVerb::Write => Verb::Write,
        StateVerb::Remove => Verb::Remove,
    };
    let site = api_use.site;
    let keyed = place_argument(search, api_use, &state.key);
    let texts = match keyed {
        Some(at) => key_texts(search, at, site, WRAPPERS),
        None => tagged_text(search, site).map(|text| (text, site)).into_iter().collect(),
    };
    if !texts.is_empty() {
        return texts.iter().filter_map(|(text, site)| by_text(text, verb, *site)).collect();
    }
    let Some(name) = model_name(search, api_use, receiver) else { return Vec::new() };
    if looks_like_statement(&name) {
        return by_text(&name, verb, site).into_iter().collect();
    }
    vec![Subject { name, verb: Some(verb), is_model: keyed.is_none(), site }]
}

fn by_text(text: &str, verb: Verb, site: ExprRef) -> Option<Subject> {
    let (name, verb) = if looks_like_statement(text) { statement(text)? } else { (family(text), Some(verb)) };
    Some(Subject { name, verb, is_model: false, site })
}

/// Wrappers around a command are followed over this many calls.
const WRAPPERS: u32 = 2;

/// The texts that a key can have, each with the call that says it.
fn key_texts(search: &Search, at: ExprRef, site: ExprRef, depth: u32) -> Vec<(String, ExprRef)> {
    let known = text_of(search, at).filter(|text| text.contains(|each: char| each.is_alphanumeric()));
    if let Some(text) = known {
        return vec![(text, site)];
    }
    let flow = search.heap.flow;
    let facts = flow.facts(at.module);
    let ExprKind::Binding(binding) = facts.expr(at.expr).kind else { return Vec::new() };
    let function = facts.binding(binding).function;
    let parameters = &facts.function(function).parameters;
    let position = parameters.iter().position(|each| each.binding == Some(binding));
    let Some(position) = position.filter(|_| depth > 0) else { return Vec::new() };
    let edges = flow.calls.callers(FunctionRef { module: at.module, function });
    let passed = edges
        .iter()
        .filter_map(|edge| argument(flow, edge.site, position as u32).map(|argument| (argument, edge.site)));
    passed.flat_map(|(argument, site)| key_texts(search, argument, site, depth - 1)).collect()
}

/// The text of a constant or template; substitutions become `*`.
fn text_of(search: &Search, at: ExprRef) -> Option<String> {
    let flow = search.heap.flow;
    if let Some(text) = constant(flow, at) {
        return Some(text.to_owned());
    }
    let facts = flow.facts(at.module);
    match &facts.expr(at.expr).kind {
        ExprKind::String(name) => Some(facts.name(*name).to_owned()),
        ExprKind::Template { texts, .. } | ExprKind::Tagged { texts, .. } => {
            Some(texts.iter().map(|&text| facts.name(text)).collect::<Vec<_>>().join("*"))
        }
        ExprKind::Binary { left, right, .. } => {
            let side = |expr| text_of(search, ExprRef { module: at.module, expr });
            match (side(*left), side(*right)) {
                (None, None) => None,
                (left, right) => Some(left.unwrap_or("*".to_owned()) + &right.unwrap_or("*".to_owned())),
            }
        }
        ExprKind::Binding(binding) => {
            let assigned = facts.assigns.iter().find(|assign| assign.binding == *binding)?;
            (assigned.value != at.expr)
                .then(|| text_of(search, ExprRef { module: at.module, expr: assigned.value }))
                .flatten()
        }
        ExprKind::Call { .. } => {
            let edge = flow.calls.at_site(at).next()?;
            let module = edge.callee.module;
            let returned = *flow.facts(module).function(edge.callee.function).returns.first()?;
            let plain = matches!(
                flow.facts(module).expr(returned).kind,
                ExprKind::String(_) | ExprKind::Template { .. } | ExprKind::Binary { .. }
            );
            plain.then(|| text_of(search, ExprRef { module, expr: returned })).flatten()
        }
        _ => None,
    }
}

fn tagged_text(search: &Search, site: ExprRef) -> Option<String> {
    let facts = search.heap.flow.facts(site.module);
    match &facts.expr(site.expr).kind {
        ExprKind::Tagged { texts, .. } => {
            Some(texts.iter().map(|&text| facts.name(text)).collect::<Vec<_>>().join("*"))
        }
        _ => None,
    }
}

/// Words that start a query.
const STATEMENTS: &[&str] =
    &["INSERT", "UPDATE", "DELETE", "REPLACE", "MERGE", "UPSERT", "SELECT", "WITH", "CREATE"];

fn looks_like_statement(text: &str) -> bool {
    let first = text.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
    text.trim().contains(char::is_whitespace) && STATEMENTS.contains(&first.as_str())
}

/// The table that a query's text changes, reads or (without a verb) declares.
fn statement(text: &str) -> Option<(String, Option<Verb>)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let position = |word: &str| words.iter().position(|each| each.eq_ignore_ascii_case(word));
    let after = |word: &str| words.get(position(word)? + 1).map(|table| table_name(table));
    let has = |word: &str| position(word).is_some();
    if words.first()?.eq_ignore_ascii_case("CREATE") {
        return Some((after("EXISTS").or_else(|| after("TABLE"))?, None));
    }
    if has("INSERT") || has("REPLACE") || has("MERGE") || has("UPSERT") {
        return Some((after("INTO")?, Some(Verb::Write)));
    }
    if has("DELETE") {
        return Some((after("FROM")?, Some(Verb::Remove)));
    }
    if words.first()?.eq_ignore_ascii_case("UPDATE") {
        return Some((after("UPDATE")?, Some(Verb::Write)));
    }
    Some((after("FROM")?, Some(Verb::Read)))
}

/// A table's name without quotes, schema and column list.
fn table_name(word: &str) -> String {
    let word = word.split('(').next().unwrap_or(word);
    let plain: String =
        word.chars().filter(|each| each.is_alphanumeric() || matches!(each, '_' | '.' | '*')).collect();
    plain.rsplit('.').next().unwrap_or(&plain).to_owned()
}

/// The family of a key: `room:42:messages` and `room:*:messages` are one.
fn family(key: &str) -> String {
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|each| each.is_ascii_digit());
    let parts = key.split(':').map(|part| if is_number(part) { "*" } else { part });
    parts.collect::<Vec<_>>().join(":")
}

/// The name of a model: what its creation was told, else what the program calls it.
fn model_name(search: &Search, api_use: &ApiUse, receiver: ValueId) -> Option<String> {
    let flow = search.heap.flow;
    let site = flow.api(receiver)?.site;
    if let Some(site) = site {
        let named = argument(flow, site, 0).and_then(|first| constant(flow, first));
        if let Some(name) = named {
            return Some(name.to_owned());
        }
        let facts = flow.facts(site.module);
        if let ExprKind::Member { property, .. } = facts.expr(site.expr).kind {
            return Some(facts.name(property).to_owned());
        }
    }
    let facts = flow.facts(api_use.site.module);
    let ExprKind::Call { callee, .. } = facts.expr(api_use.site.expr).kind else { return None };
    let ExprKind::Member { object, .. } = facts.expr(callee).kind else { return None };
    match facts.expr(object).kind {
        ExprKind::Binding(binding) => Some(facts.name(facts.binding(binding).name).to_owned()),
        ExprKind::Member { property, .. } => Some(facts.name(property).to_owned()),
        _ => None,
    }
}

/// Where a model is declared: the call that makes it. A client that serves many tables is no declaration.
fn declaration(search: &Search, receiver: ValueId) -> Option<Place> {
    let flow = search.heap.flow;
    let object = flow.api(receiver)?;
    let site = object.site?;
    argument(flow, site, 0).and_then(|first| constant(flow, first))?;
    let made = flow.values(site).contains(&receiver);
    let span = flow.facts(site.module).expr(site.expr).span;
    made.then_some(Place { module: site.module, span })
}

/// Names of the properties that a call's object literals carry, two levels deep (`{ data: { text } }`).
fn written_fields(search: &Search, site: ExprRef) -> Vec<String> {
    let facts = search.heap.flow.facts(site.module);
    let mut fields = Vec::new();
    let mut open: Vec<_> = arguments(search.heap.flow, site).iter().map(|each| (each.value, 0)).collect();
    while let Some((expr, depth)) = open.pop() {
        let ExprKind::Object(properties) = &facts.expr(expr).kind else { continue };
        for property in properties {
            if let PropertyKey::Named(name) = property.key {
                fields.push(facts.name(name).to_owned());
            }
            if depth < 2 {
                open.push((property.value, depth + 1));
            }
        }
    }
    fields
}

fn store(
    search: &Search,
    observer: &Observer,
    key: EntityKey,
    entity: Entity,
) -> Option<(StateStore, Vec<Access>)> {
    let writes: Vec<&Access> = entity.accesses.iter().filter(|access| access.verb.changes()).collect();
    let (state_type, mut evidence) = state_type(search, observer, &key.name, &entity, &writes);
    let counted = writes.iter().find(|access| counts(search, access, state_type))?;
    let functions = writes.iter().map(|access| access.function);
    let first = writes.iter().map(|access| access.place).min()?;
    let place = entity.declared.unwrap_or(first);
    let service = search.service(counted.place.module, functions);
    evidence.push(Evidence { what: "written by realtime code".to_owned(), place: counted.place });
    let class = match key.class.as_str() {
        "shared" => StoreClass::Shared,
        "local-disk" => StoreClass::LocalDisk,
        _ => StoreClass::InProcess,
    };
    let store = StateStore {
        service,
        place,
        name: key.name,
        container: if entity.declared.is_some() { "model" } else { "table" }.to_owned(),
        state_type,
        also_types: Vec::new(),
        class,
        backend: (class != StoreClass::InProcess).then_some(key.backend),
        condition: None,
        covered: false,
        confidence: entity.confidence,
        evidence,
        suppressed: None,
    };
    Some((store, entity.accesses))
}

/// Whether a write makes the entity realtime state: a realtime trigger reaches it, or it is of a named type and a
/// wired-up handler writes it.
fn counts(search: &Search, access: &Access, state_type: StateType) -> bool {
    if search.reach.realtime(access.function) {
        return true;
    }
    let causes = search.reach.causes(access.function);
    let wired = causes
        .iter()
        .any(|cause| !matches!(cause.kind, TriggerKind::ModuleStart | TriggerKind::Export | TriggerKind::Shutdown));
    let named = !matches!(state_type, StateType::Other | StateType::Connections);
    wired && named
}

/// The type: ids of connections and their coming and going first, then the words of name and fields.
fn state_type(
    search: &Search,
    observer: &Observer,
    name: &str,
    entity: &Entity,
    writes: &[&Access],
) -> (StateType, Vec<Evidence>) {
    let hint: Hint = search.hint;
    let because = |what: &str, place: Place| vec![Evidence { what: what.to_owned(), place }];
    let first = writes.first().map(|access| access.place);
    let on = |access: &Access, kind: TriggerKind| {
        search.reach.causes(access.function).iter().any(|cause| cause.kind == kind)
    };
    let passes = |access: &Access, test: &dyn Fn(ExprRef) -> bool| {
        let Some(site) = access.expr else { return false };
        let args = arguments(search.heap.flow, site);
        args.iter().any(|argument| test(ExprRef { module: site.module, expr: argument.value }))
    };
    let message = writes.iter().find(|access| {
        access.verb == Verb::Write && passes(access, &|argument| observer.is_serialized_payload(argument))
    });
    let connection_id =
        writes.iter().find(|access| passes(access, &|argument| observer.is_connection_id(argument, 2)));
    let comes = writes.iter().any(|access| on(access, TriggerKind::Connect));
    let goes = writes.iter().find(|access| on(access, TriggerKind::Disconnect));
    let word = word_of(name, hint);
    if let Some(message) = message
        && word.is_none_or(|word| word == StateType::ChannelMembership)
    {
        return (StateType::MessageHistory, because("keeps what is delivered as a message", message.place));
    }
    match (word, connection_id, goes) {
        (Some(word), _, _) if word != StateType::Connections => {
            (word, first.map(|place| because("its name says so", place)).unwrap_or_default())
        }
        (_, Some(access), _) => (StateType::Presence, because("holds ids of connections", access.place)),
        (_, _, Some(goes)) if comes => {
            (StateType::Presence, because("written on connect and disconnect", goes.place))
        }
        _ => by_fields(entity, hint, first),
    }
}

/// The type that the written fields' names say.
fn by_fields(entity: &Entity, hint: Hint, first: Option<Place>) -> (StateType, Vec<Evidence>) {
    let order = [StateType::MessageHistory, StateType::Presence, StateType::Subscriptions];
    let hints: Vec<StateType> = entity.fields.iter().filter_map(|field| hint(field)).collect();
    let state_type = order.into_iter().find(|each| hints.contains(each)).unwrap_or(StateType::Other);
    let what = match state_type {
        StateType::Other => "realtime state of the program's own",
        _ => "the fields written say so",
    };
    let evidence = first.map(|place| Evidence { what: what.to_owned(), place });
    (state_type, evidence.into_iter().collect())
}

/// The type that a name or one of its segments says; the last segment of a key weighs most.
fn word_of(name: &str, hint: Hint) -> Option<StateType> {
    if let Some(word) = hint(name) {
        return Some(word);
    }
    name.rsplit([':', '/', '.']).filter(|part| !part.is_empty() && *part != "*").find_map(hint)
}

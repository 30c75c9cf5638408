//! State in databases, key-value services and files: uses of what rules call a database, grouped by table, model
//! or key family.

mod columns;
mod homes;
mod names;
mod sql;

use super::accesses::{Access, Verb};
use super::heap::{evaluated_by, role};
use super::reach::{argument, arguments};
use super::traits::Observer;
use super::{Hint, Search};
use crate::flow::{ApiUse, Confidence, ExprRef, FunctionRef, ValueId};
use crate::realtime::{Evidence, Place, StateStore, StateType, StoreClass};
use crate::rules::{Base, Role, StateAccess, StateVerb, Step, TriggerKind, Vocabulary};
use crate::source::{SchemaFile, SchemaModel};
use columns::Columns;
use homes::{Home, home};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::{BTreeMap, BTreeSet};

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
    /// What its rows consist of.
    columns: Columns,
    /// Whether it is a file, named by its path.
    is_file: bool,
    /// Whether it stands in a key-value service or broker, under a key that the program makes up.
    is_keyed: bool,
    /// The family of the rule that says so.
    family: String,
    /// What must hold for it to be where it is said to be.
    condition: Option<String>,
}

/// The stores, with their accesses.
pub(super) fn find(search: &Search) -> Vec<(StateStore, Vec<Access>)> {
    let observer = Observer::new(search);
    let mut entities: BTreeMap<EntityKey, Entity> = BTreeMap::new();
    for api_use in &search.heap.flow.uses {
        collect(search, api_use, &mut entities);
    }
    homes::unite(&mut entities);
    let mut served: FxHashMap<ExprRef, BTreeSet<&EntityKey>> = FxHashMap::default();
    for (key, entity) in &entities {
        for site in entity.accesses.iter().filter_map(|access| access.expr) {
            served.entry(site).or_default().insert(key);
        }
    }
    let is_generic = |(_, served): &(ExprRef, BTreeSet<&EntityKey>)| served.len() > MOST_ENTITIES_OF_A_SITE;
    let generic = served.into_iter().filter(is_generic).map(|(site, _)| site).collect();
    entities.into_iter().filter_map(|(key, entity)| store(search, &observer, key, entity, &generic)).collect()
}

/// A call that serves more models than these stands in a wrapper around all of them, and says nothing of one.
const MOST_ENTITIES_OF_A_SITE: usize = 3;

fn collect(search: &Search, api_use: &ApiUse, entities: &mut BTreeMap<EntityKey, Entity>) {
    let flow = search.heap.flow;
    let Some(operation) = flow.operation(api_use) else { return };
    // What is published is a message on its way, also where the broker keeps it for a while.
    let Some(state) = operation.state.as_ref().filter(|_| operation.publish.is_none()) else { return };
    for receiver in super::accesses::state_owners(flow, api_use, state) {
        let Some(Home { backend, class, schema, family }) = home(search, receiver, api_use.site.module) else {
            continue;
        };
        let confidence = flow.api(receiver).map_or(Confidence::Inferred, |object| object.confidence);
        for subject in subjects(search, api_use, receiver, state) {
            let key =
                EntityKey { backend: backend.to_owned(), class: class.to_owned(), name: subject.name.clone() };
            let entity = entities.entry(key).or_insert_with(|| Entity {
                declared: None,
                accesses: Vec::new(),
                confidence,
                columns: Columns::default(),
                is_keyed: !is_database(search, receiver),
                family: family.to_owned(),
                condition: None,
                is_file: !subject.is_model && is_files(search, receiver),
            });
            entity.confidence = entity.confidence.max(confidence);
            let span = flow.facts(subject.site.module).expr(subject.site.expr).span;
            let site = Place { module: subject.site.module, span };
            let declared = match subject.verb {
                None => Some(site),
                Some(_) => subject.is_model.then(|| names::declaration(search, receiver)).flatten(),
            };
            entity.declared = entity.declared.or(declared);
            entity.columns.add(subject.columns, subject.verb.is_some());
            if subject.is_model {
                add_declared_columns(search, receiver, &mut entity.columns);
            }
            if let Some(model) = schema.and_then(|schema| model_of_schema(schema, &subject.name)) {
                entity.columns.add_declared(model);
            }
            let Some(verb) = subject.verb else { continue };
            entity.accesses.push(Access {
                verb,
                property: None,
                receiver: None,
                key: place_argument(search, api_use, &state.key),
                value: place_argument(search, api_use, &state.value),
                expr: Some(subject.site),
                place: site,
                function: evaluated_by(flow, subject.site),
                appends: state.appends,
            });
        }
    }
}

/// The argument that a place is in, or the property of an object literal there that it names.
fn place_argument(search: &Search, api_use: &ApiUse, place: &Option<crate::rules::Place>) -> Option<ExprRef> {
    let place = place.as_ref()?;
    let mut at = match place.base {
        Base::Argument(index) | Base::Arguments(index) => argument(search.heap.flow, api_use.site, index)?,
        _ => return None,
    };
    for step in &place.path {
        let Step::Field(name) = step else { return Some(at) };
        let Some(property) = names::property(search, at, name) else { return Some(at) };
        at = property;
    }
    Some(at)
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
    /// Columns that the statement names.
    columns: Vec<String>,
}

/// The subjects of a use: one, or one per caller where a wrapper is given the key.
fn subjects(search: &Search, api_use: &ApiUse, receiver: ValueId, state: &StateAccess) -> Vec<Subject> {
    let verb = match state.verb {
        StateVerb::Read => Verb::Read,
        StateVerb::Write if state.counts => Verb::Count,
        StateVerb::Write => Verb::Write,
        StateVerb::Remove => Verb::Remove,
    };
    let site = api_use.site;
    let keyed = place_argument(search, api_use, &state.key);
    let texts = match keyed {
        Some(at) => names::key_texts(search, at, site, names::WRAPPERS),
        None => names::tagged_text(search, site).map(|text| (text, site)).into_iter().collect(),
    };
    if !texts.is_empty() {
        let subjects = texts.iter().filter_map(|(text, site)| by_text(text, verb, *site));
        // A table or key that is computed from start to end is some helper's; its callers do not say which it is.
        return subjects.filter(|subject| subject.name.contains(|each: char| each.is_alphanumeric())).collect();
    }
    // A module of functions (files) serves any key; it is no table itself, and what a variable is called is no path.
    if keyed.is_some() && is_files(search, receiver) {
        return Vec::new();
    }
    if let Some(name) = keyed.and_then(|at| names::key_word(search, at)) {
        return vec![Subject { name, verb: Some(verb), is_model: false, site, columns: Vec::new() }];
    }
    // A statement that nobody can read is about some table; what the connection is called says nothing of it.
    if keyed.is_some() && verb == Verb::Read && is_database(search, receiver) {
        return Vec::new();
    }
    let Some(name) = names::model_name(search, api_use, receiver) else { return Vec::new() };
    if sql::looks_like_statement(&name) {
        return by_text(&name, verb, site).into_iter().collect();
    }
    vec![Subject { name, verb: Some(verb), is_model: keyed.is_none(), site, columns: Vec::new() }]
}

fn by_text(text: &str, verb: Verb, site: ExprRef) -> Option<Subject> {
    if sql::looks_like_statement(text) {
        let sql::Statement { table, verb, columns } = sql::statement(text)?;
        return Some(Subject { name: table, verb, is_model: false, site, columns });
    }
    Some(Subject { name: names::family(text), verb: Some(verb), is_model: false, site, columns: Vec::new() })
}

/// Whether a value is a module of functions on the local disk rather than one database there.
fn is_files(search: &Search, id: ValueId) -> bool {
    let flow = search.heap.flow;
    flow.api(id).is_some_and(|object| {
        let is_local = matches!(role(flow, object.ty), Role::Database(role) if role.class == "local-disk");
        is_local && object.site.is_none()
    })
}

/// Whether a value is of a database, not of a broker's client or key-value service.
fn is_database(search: &Search, id: ValueId) -> bool {
    let object = search.heap.flow.api(id);
    object.is_some_and(|object| matches!(role(search.heap.flow, object.ty), Role::Database(_)))
}

/// The model of a schema file that code calls by this name: clients begin names in lower case.
fn model_of_schema<'s>(schema: &'s SchemaFile, name: &str) -> Option<&'s SchemaModel> {
    schema.models.iter().find(|model| model.name.eq_ignore_ascii_case(name))
}

/// The columns that the call which makes a model is told, or the calls that make its arguments: a schema.
fn add_declared_columns(search: &Search, receiver: ValueId, columns: &mut Columns) {
    let flow = search.heap.flow;
    let model = names::model_of(search, receiver).unwrap_or(receiver);
    let Some(site) = flow.api(model).and_then(|object| object.site) else { return };
    columns.add_record(search, site, false, 0);
}

fn store(
    search: &Search,
    observer: &Observer,
    key: EntityKey,
    mut entity: Entity,
    generic: &FxHashSet<ExprRef>,
) -> Option<(StateStore, Vec<Access>)> {
    let is_generic = |access: &Access| access.expr.is_some_and(|site| generic.contains(&site));
    for access in entity.accesses.iter().filter(|access| access.verb.changes() && !is_generic(access)) {
        if let Some(site) = access.expr {
            entity.columns.add_arguments(search, site, access.value);
            if entity.is_keyed {
                entity.columns.add(columns::field_names(search, site), true);
            }
        }
    }
    let writes: Vec<&Access> = entity.accesses.iter().filter(|access| access.verb.changes()).collect();
    let telling: Vec<&Access> = writes.iter().copied().filter(|access| !is_generic(access)).collect();
    let (state_type, mut evidence) = state_type(search, observer, &key.name, &entity, &telling);
    let named = !matches!(state_type, StateType::Other | StateType::Connections);
    let counts = |access: &&&Access| (named || !is_generic(access)) && counts(search, access, named);
    let counted = writes.iter().find(counts)?;
    let functions = writes.iter().map(|access| access.function);
    let first = writes.iter().map(|access| access.place).min()?;
    // A number that only goes up and down, and that no realtime code looks at, feeds metrics.
    let looked_at = |access: &Access| !access.verb.changes() && search.reach.realtime(access.function);
    let only_counts = writes.iter().all(|access| matches!(access.verb, Verb::Count | Verb::Remove));
    if only_counts
        && writes.iter().any(|access| access.verb == Verb::Count)
        && !entity.accesses.iter().any(looked_at)
    {
        return None;
    }
    // What the program leaves on the disk and never reads again is output.
    let is_read = entity.accesses.iter().any(|access| !access.verb.changes());
    if entity.is_file && (!is_read || is_scratch(&writes)) {
        return None;
    }
    let place = entity.declared.unwrap_or(first);
    let is_presence = named && state_type != StateType::Presence && entity.columns.tell_presence(search.vocabulary);
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
        also_types: if is_presence { vec![StateType::Presence] } else { Vec::new() },
        class,
        backend: (class != StoreClass::InProcess).then_some(key.backend),
        condition: entity.condition,
        covered: false,
        confidence: entity.confidence,
        evidence,
        suppressed: None,
    };
    Some((store, entity.accesses))
}

/// Whether the function that writes also removes: a file for the time of one call.
fn is_scratch(writes: &[&Access]) -> bool {
    let removing: Vec<FunctionRef> =
        writes.iter().filter(|access| access.verb == Verb::Remove).map(|access| access.function).collect();
    let mut written = writes.iter().filter(|access| access.verb == Verb::Write).peekable();
    written.peek().is_some() && written.all(|access| removing.contains(&access.function))
}

/// Whether a write makes the entity realtime state: a realtime trigger reaches it, or it is of a named type and a
/// wired-up handler writes it.
fn counts(search: &Search, access: &Access, named: bool) -> bool {
    if search.reach.realtime(access.function) {
        return true;
    }
    let causes = search.reach.causes(access.function);
    let wired = causes
        .iter()
        .any(|cause| !matches!(cause.kind, TriggerKind::ModuleStart | TriggerKind::Export | TriggerKind::Shutdown));
    wired && named
}

/// The type: what is kept, what its name says, what its rows consist of, and how it comes and goes.
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
    let passes = |access: &Access, test: &dyn Fn(ExprRef) -> bool| {
        let Some(site) = access.expr else { return false };
        let args = arguments(search.heap.flow, site);
        args.iter().any(|argument| test(ExprRef { module: site.module, expr: argument.value }))
    };
    let message = writes.iter().find(|access| {
        // Under a key of its own, a value is replaced: state that is sent as well, no history.
        (access.appends || !entity.is_keyed)
            && access.verb == Verb::Write
            && passes(access, &|argument| observer.is_serialized_payload(argument))
    });
    let word = word_of(name, hint, search.vocabulary).filter(|&word| word != StateType::Connections);
    if let Some(message) = message
        && word.is_none_or(|word| word == StateType::ChannelMembership)
    {
        return (StateType::MessageHistory, because("keeps what is delivered as a message", message.place));
    }
    // A table of users or of rooms has a row for each, whoever is there; keys of that name are made up for a purpose.
    let is_plain_row =
        search.vocabulary.is_plain_row(name) && (!entity.is_keyed || word == Some(StateType::Presence));
    let is_paid = word == Some(StateType::Subscriptions) && entity.columns.tell_payment(search.vocabulary);
    let by_name = word.filter(|_| !is_plain_row && !is_paid);
    let by_columns = entity.columns.state_type(search.vocabulary);
    let told = first.map(|place| because("its name says so", place)).unwrap_or_default();
    match (by_name, by_columns) {
        (Some(word), None) => (word, told),
        (Some(word), _) if word != StateType::Other => (word, told),
        (Some(word), Some((_, columns::STAYS))) => (word, told),
        (_, Some((state_type, what))) => (state_type, first.map(|place| because(what, place)).unwrap_or_default()),
        _ => by_lifetime(search, observer, writes).unwrap_or_else(|| {
            let what = "realtime state of the program's own";
            (StateType::Other, first.map(|place| because(what, place)).unwrap_or_default())
        }),
    }
}

/// Ids of connections, or rows that come and go with them, say who is there.
fn by_lifetime(search: &Search, observer: &Observer, writes: &[&Access]) -> Option<(StateType, Vec<Evidence>)> {
    let on = |access: &Access, kind: TriggerKind| {
        search.reach.causes(access.function).iter().any(|cause| cause.kind == kind)
    };
    let holds_id = |access: &&&Access| {
        access.expr.is_some_and(|site| {
            let args = arguments(search.heap.flow, site);
            let mut values = args.iter().map(|argument| ExprRef { module: site.module, expr: argument.value });
            // A row that is appended and mentions a connection is a record of what it did.
            values.any(|value| {
                observer.is_connection_id(value, 2) || (!access.appends && observer.carries_connection_id(value))
            })
        })
    };
    let found = |what: &str, access: &Access| {
        Some((StateType::Presence, vec![Evidence { what: what.to_owned(), place: access.place }]))
    };
    if let Some(access) = writes.iter().find(holds_id) {
        return found("holds ids of connections", access);
    }
    // What one place writes on both occasions is written on every other one too.
    let (comes, goes) = (TriggerKind::Connect, TriggerKind::Disconnect);
    let removes = |access: &Access| access.verb == Verb::Remove || !on(access, comes);
    let gone = writes.iter().find(|access| on(access, goes) && removes(access))?;
    let came =
        writes.iter().any(|access| access.verb == Verb::Write && on(access, comes) && access.place != gone.place);
    came.then(|| found("written on connect and disconnect", gone)).flatten()
}

/// The type that a name or one of its segments says; the last segment of a key weighs most.
fn word_of(name: &str, hint: Hint, vocabulary: &Vocabulary) -> Option<StateType> {
    if let Some(word) = hint(name) {
        return Some(word);
    }
    // What comes before only says whose it is: `room:*:blocked` lists no members.
    let mut parts = name.rsplit([':', '/', '.']).filter(|part| !part.is_empty() && *part != "*");
    let last = parts.next()?;
    hint(last).or_else(|| parts.filter(|part| !vocabulary.is_plain_row(part)).find_map(hint))
}

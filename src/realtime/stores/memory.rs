//! Stores in the memory of the process: which declarations are realtime state, and which only look like it.

use super::accesses::{Access, Verb};
use super::declarations::Declaration;
use super::heap::Kind;
use super::traits::{Observer, Traits};
use super::types::{self, Decision};
use super::{Search, memo};
use crate::facts::{ExprKind, FunctionId};
use crate::flow::{AbstractValue, Confidence, EdgeKind, ExprRef, FunctionRef};
use crate::realtime::{Evidence, StateStore, StateType, StoreClass};
use crate::rules::{Role, TriggerKind};
use crate::source::FileRole;
use rustc_hash::FxHashSet;

/// The in-process stores, with the accesses that copies are recognised by.
pub(super) fn find(search: &Search) -> Vec<(StateStore, Vec<Access>)> {
    let declarations = super::declarations::find(&search.heap, &search.accesses, &search.reach);
    let observer = Observer::new(search);
    let mut stores = Vec::new();
    for declaration in declarations {
        let declaration = on_server(search, declaration);
        let Some(declaration) = declaration else { continue };
        let judged = if declaration.containers.is_empty() {
            scalar(search, &observer, &declaration)
        } else {
            container(search, &observer, &declaration)
        };
        if let Some(decision) = judged {
            let accesses: Vec<Access> = declaration.accesses().cloned().collect();
            add(&mut stores, store(search, &declaration, decision), accesses);
        }
    }
    stores
}

/// Adds a store. The field of a class that several others extend is one, whoever's instances it is seen in: what is known
/// of it best says what it is.
fn add(stores: &mut Vec<(StateStore, Vec<Access>)>, store: StateStore, accesses: Vec<Access>) {
    let known = stores.iter_mut().find(|(known, _)| known.place == store.place && known.name == store.name);
    match known {
        Some((known, all)) => {
            all.extend(accesses);
            if known.state_type == StateType::Other && store.state_type != StateType::Other {
                *known = store;
            }
        }
        None => stores.push((store, accesses)),
    }
}

/// The declaration without what browsers do to it. What runs in browsers is there once per client, whoever else imports it.
fn on_server(search: &Search, mut declaration: Declaration) -> Option<Declaration> {
    let in_browser = |module| {
        let file = search.project.file(search.heap.flow.graph.module(module).file);
        file.in_browser || file.role == FileRole::Client
    };
    declaration.direct.retain(|access| !in_browser(access.function.module));
    declaration.nested.retain(|access| !in_browser(access.function.module));
    (!in_browser(declaration.place.module)).then_some(declaration)
}

fn store(search: &Search, declaration: &Declaration, decision: Decision) -> StateStore {
    let heap = &search.heap;
    let words = declaration.containers.iter().filter_map(|&id| heap.container_word(id));
    let container = words.min().unwrap_or_else(|| {
        let counts = declaration.direct.iter().any(|access| access.verb == Verb::Count);
        if counts { "counter" } else { "value" }.to_owned()
    });
    let confidence = declaration.containers.iter().map(|&id| match heap.flow.value(id) {
        AbstractValue::Api(object) => object.confidence,
        _ => Confidence::Certain,
    });
    let functions = declaration.accesses().map(|access| access.function);
    StateStore {
        service: search.service(declaration.place.module, functions),
        place: declaration.place,
        name: declaration.name.clone(),
        container,
        state_type: decision.state_type,
        also_types: decision.also,
        class: StoreClass::InProcess,
        backend: None,
        condition: None,
        covered: false,
        confidence: confidence.max().unwrap_or(Confidence::Certain),
        evidence: decision.evidence,
        suppressed: None,
    }
}

/// Judges a variable that holds containers.
fn container(search: &Search, observer: &Observer, declaration: &Declaration) -> Option<Decision> {
    let changes: Vec<&Access> = declaration
        .accesses()
        .filter(|access| access.verb.changes() && !fills_what_it_makes(search, declaration, access))
        .collect();
    let realtime = changes.iter().any(|access| search.reach.realtime(access.function));
    let mut traits = observer.observe(declaration);
    traits.subscribed =
        changes.iter().find(|access| subscribes(search, access.function)).map(|access| access.place);
    traits.from_listing =
        changes.iter().find(|access| follows_listing(search, access.function, 2)).map(|access| access.place);
    if !realtime && traits.handles.is_none() {
        return None;
    }
    if !changes.iter().any(|access| search.reach.after_start(access.function)) {
        return None;
    }
    let functions = traits.functions || super::owners::keeps_functions(search.heap.flow, &declaration.slot);
    if functions && traits.handles.is_none() {
        return None;
    }
    let is_state = !is_settings(search, declaration, &traits)
        && !is_buffer(search, observer, declaration)
        && !is_in_flight(search, declaration)
        && !only_steers_subscriptions(search, declaration, &traits)
        && !is_mint(search, declaration, &traits)
        && !only_reminds(search, declaration, &traits)
        && (traits.removed_on_disconnect.or(traits.subscribed).is_some() || !memo::is_memo(search, declaration))
        && !memo::is_recomputed(search, declaration);
    is_state.then(|| types::decide(&traits, &declaration.name, declaration.place, search.hint))
}

/// Whether the function that makes the containers fills them before anybody else has them.
fn fills_what_it_makes(search: &Search, declaration: &Declaration, access: &Access) -> bool {
    if access.verb == Verb::Replace {
        return false;
    }
    let maker = |id| search.heap.maker(id).filter(|maker| maker.function != FunctionId::MODULE);
    let mut makers = declaration.containers.iter().map(|&id| maker(id)).peekable();
    makers.peek().is_some() && makers.all(|maker| maker == Some(access.function))
}

/// A record whose named fields alone are assigned is state only if it is sent in messages: otherwise it is settings or flags.
fn is_settings(search: &Search, declaration: &Declaration, traits: &Traits) -> bool {
    let heap = &search.heap;
    let entry_changes = declaration
        .direct
        .iter()
        .any(|access| access.verb.changes() && access.property.is_none() && !matches!(access.verb, Verb::Replace));
    let nested_changes =
        declaration.nested.iter().any(|access| access.verb.changes() && search.reach.after_start(access.function));
    let is_record =
        declaration.containers.iter().all(|&id| heap.container_word(id).is_some_and(|word| word == "object"));
    let replaced = declaration.direct.iter().any(|access| access.verb == Verb::Replace);
    let list = declaration.containers.iter().any(|&id| heap.is_array(id));
    if entry_changes || nested_changes || (replaced && list) {
        return false;
    }
    (is_record || replaced) && traits.delivered.is_none()
}

/// Whether a function or its nearest callers read the transport's list of connections.
fn follows_listing(search: &Search, function: FunctionRef, callers: u32) -> bool {
    if search.listing.is_empty() || function.function == FunctionId::MODULE {
        return false;
    }
    let edges = search.heap.flow.calls.callers(function).iter();
    search.listing.contains(&function)
        || (callers > 0
            && edges
                .filter(|edge| edge.kind == EdgeKind::Direct)
                .any(|edge| follows_listing(search, edge.caller, callers - 1)))
}

/// Whether a function, or one inside it, subscribes at a broker.
fn subscribes(search: &Search, function: FunctionRef) -> bool {
    let mut subscribers = search.subscribers.iter();
    function.function != FunctionId::MODULE
        && subscribers.any(|&each| super::reach::is_within(search.heap.flow, each, function))
}

/// A list that is filled and then handed on and emptied in one go: an outbound or batching buffer.
fn is_buffer(search: &Search, observer: &Observer, declaration: &Declaration) -> bool {
    let is_list = declaration.containers.iter().all(|&id| search.heap.is_array(id));
    if is_list && is_drained(observer, declaration) {
        return true;
    }
    let is_empty = |access: &&Access| {
        access.verb == Verb::Clear
            || (access.verb == Verb::Replace && access.value.is_some_and(|value| is_empty_array(search, value)))
    };
    let emptying: FxHashSet<FunctionRef> =
        declaration.direct.iter().filter(is_empty).map(|access| access.function).collect();
    if !is_list || emptying.is_empty() {
        return false;
    }
    let removes = declaration.direct.iter().any(|access| matches!(access.verb, Verb::Remove | Verb::Shift));
    let hands_on = |access: &&Access| !access.verb.changes() && emptying.contains(&access.function);
    let handed_on =
        declaration.direct.iter().filter(hands_on).any(|access| {
            access.verb == Verb::Enumerate || access.expr.is_some_and(|expr| observer.sent.expr(expr))
        });
    let read_elsewhere = declaration.direct.iter().any(|access| {
        let counts = access.property.as_deref() == Some("length");
        access.verb == Verb::Enumerate && !counts && !emptying.contains(&access.function)
    });
    !removes && handed_on && !read_elsewhere
}

/// Whether one function alone keeps what it has begun: it puts entries in, and what goes on later in the same call takes
/// them out again. Calls in flight, and debounced messages that a timer hands on.
fn is_in_flight(search: &Search, declaration: &Declaration) -> bool {
    let accesses = || {
        declaration.accesses().filter(|access| {
            access.function.function != FunctionId::MODULE && search.reach.after_start(access.function)
        })
    };
    let Some(begun) = accesses().find(|access| access.verb == Verb::Write).map(|access| access.function) else {
        return false;
    };
    let taken_out = accesses().any(|access| {
        matches!(access.verb, Verb::Remove | Verb::Shift | Verb::Clear)
            && access.function != begun
            && continues(search, access.function, begun)
    });
    taken_out && accesses().all(|access| access.function == begun || continues(search, access.function, begun))
}

/// Whether a function is written inside another and runs as a later part of the same call.
fn continues(search: &Search, inner: FunctionRef, outer: FunctionRef) -> bool {
    let facts = search.heap.flow.facts(inner.module);
    let mut at = inner;
    while at != outer && at.function != FunctionId::MODULE {
        let edges = search.heap.flow.calls.callers(at);
        if edges.iter().any(|edge| search.reach.trigger(edge).is_some()) {
            return false;
        }
        at.function = facts.function(at.function).parent;
    }
    at == outer
}

/// A list whose entries are only ever taken out to be sent (`io.emit('batch', queue.shift())`).
fn is_drained(observer: &Observer, declaration: &Declaration) -> bool {
    let takes = declaration
        .direct
        .iter()
        .any(|access| access.verb == Verb::Shift && access.expr.is_some_and(|expr| observer.sent.expr(expr)));
    let read = declaration.direct.iter().any(|access| {
        let counts = access.property.as_deref() == Some("length");
        (access.verb == Verb::Enumerate && !counts) || (access.verb == Verb::Read && access.key.is_some())
    });
    takes && !read
}

fn is_empty_array(search: &Search, at: ExprRef) -> bool {
    matches!(&search.heap.flow.facts(at.module).expr(at.expr).kind, ExprKind::Array(items) if items.is_empty())
}

/// Counts that only decide when to subscribe or unsubscribe at a broker.
fn only_steers_subscriptions(search: &Search, declaration: &Declaration, traits: &Traits) -> bool {
    if traits.sent.is_some() || !traits.plain_values {
        return false;
    }
    declaration.direct.iter().any(|access| search.subscribers.contains(&access.function))
}

/// What one function asks and writes alone, to do something only once: warnings that were given, errors that were logged.
fn only_reminds(search: &Search, declaration: &Declaration, traits: &Traits) -> bool {
    let mut functions = declaration
        .accesses()
        .filter(|access| {
            access.function.function != FunctionId::MODULE && access.expr.is_none_or(|_| !is_slot(access))
        })
        .map(|access| access.function);
    let Some(only) = functions.next().filter(|&only| functions.all(|each| each == only)) else { return false };
    let marks = |access: &&Access| {
        let facts = search.heap.flow.facts(access.place.module);
        access.appends || access.value.is_some_and(|value| matches!(facts.expr(value.expr).kind, ExprKind::Bool(_)))
    };
    let mut writes = declaration.accesses().filter(|access| access.verb.changes()).peekable();
    writes.peek().is_some()
        && writes.all(|access| access.verb == Verb::Write && marks(&access))
        && traits.sent.is_none()
        && traits.keyed_by_connection.or(traits.holds_connection_ids).is_none()
        && !search.reach.delivers(only)
}

/// Whether an access is the mention of the variable itself, which every other access begins with.
fn is_slot(access: &Access) -> bool {
    access.verb == Verb::Read && access.key.is_none() && access.property.is_none()
}

/// Counters that nobody is sent, and that no realtime code looks at: they mint ids or feed metrics.
fn is_mint(search: &Search, declaration: &Declaration, traits: &Traits) -> bool {
    let changes = || declaration.accesses().filter(|access| access.verb.changes());
    if traits.sent.is_some() || !changes().all(|access| access.verb == Verb::Count) {
        return false;
    }
    let looks = |access: &Access| {
        // `counts[name]++` reads what it adds to.
        let is_part = changes().any(|change| {
            change.place.module == access.place.module && change.place.span.contains(access.place.span)
        });
        !access.verb.changes() && !is_slot(access) && !is_part && search.reach.realtime(access.function)
    };
    changes().all(|access| access.property.is_some()) || !declaration.accesses().any(looks)
}

/// Judges a plain variable: it counts users, or it is replayed to newcomers.
fn scalar(search: &Search, observer: &Observer, declaration: &Declaration) -> Option<Decision> {
    let changes: Vec<&Access> = declaration
        .direct
        .iter()
        .filter(|access| access.verb.changes() && search.reach.after_start(access.function))
        .collect();
    if !changes.iter().any(|access| search.reach.realtime(access.function)) {
        return None;
    }
    counts_users(search, observer, declaration, &changes)
        .or_else(|| is_replayed(search, observer, declaration, &changes))
}

/// Up when users come, down when they go, and looked at.
fn counts_users(
    search: &Search,
    observer: &Observer,
    declaration: &Declaration,
    changes: &[&Access],
) -> Option<Decision> {
    let on = |kind: TriggerKind| {
        changes.iter().copied().find(|access| {
            let causes = search.reach.causes(access.function);
            access.verb != Verb::Read && causes.iter().any(|cause| cause.kind == kind)
        })
    };
    let counts = changes.iter().any(|access| access.verb == Verb::Count);
    // A chat counts those who have given their name: up may come with an event, if down goes with the connection.
    let counted = |access: &&Access| access.verb == Verb::Count;
    let up = on(TriggerKind::Connect).or_else(|| on(TriggerKind::ClientEvent).filter(|access| counted(access)))?;
    let down = on(TriggerKind::Disconnect).filter(|access| access.place != up.place);
    let sent = sent_read(observer, declaration);
    // What only goes up mints ids or counts visits.
    let shown = sent.is_some() || is_compared(search, declaration);
    let down = down.filter(|_| counts && shown)?;
    let mut evidence = vec![Evidence { what: "counted when users come".to_owned(), place: up.place }];
    evidence.push(Evidence { what: "counted when they go".to_owned(), place: down.place });
    evidence.extend(sent.map(|sent| Evidence { what: "sent to clients".to_owned(), place: sent.place }));
    Some(Decision { state_type: StateType::Presence, also: Vec::new(), evidence })
}

/// Whether the variable is an operand of a comparison (`if (users >= MAX)`).
fn is_compared(search: &Search, declaration: &Declaration) -> bool {
    let reads = declaration.direct.iter().filter(|access| access.verb == Verb::Read);
    reads.filter_map(|access| access.expr).any(|at| {
        let facts = search.heap.flow.facts(at.module);
        facts.exprs.iter().any(|expr| match expr.kind {
            ExprKind::Binary { operator, left, right } => {
                (left == at.expr || right == at.expr) && facts.name(operator).contains(['<', '>'])
            }
            _ => false,
        })
    })
}

fn sent_read<'d>(observer: &Observer, declaration: &'d Declaration) -> Option<&'d Access> {
    declaration
        .direct
        .iter()
        .find(|access| access.verb == Verb::Read && access.expr.is_some_and(|expr| observer.sent.expr(expr)))
}

/// Set on one occasion, sent on another that a newcomer makes.
fn is_replayed(
    search: &Search,
    observer: &Observer,
    declaration: &Declaration,
    changes: &[&Access],
) -> Option<Decision> {
    let writers: FxHashSet<FunctionRef> = changes.iter().map(|access| access.function).collect();
    let assigned: Vec<&&Access> = changes
        .iter()
        .filter(|access| access.verb == Verb::Replace && access.value.is_some_and(|value| is_data(search, value)))
        .filter(|access| !search.reach.sets_up(access.function))
        .collect();
    let first = assigned
        .iter()
        .find(|access| search.reach.causes(access.function).iter().any(|cause| search.reach.is_realtime(cause)))?;
    let reads = || {
        declaration.direct.iter().filter(|access| {
            access.verb == Verb::Read && access.expr.is_some_and(|expr| observer.delivered.expr(expr))
        })
    };
    // Whoever comes by way of a request is a newcomer if the others are told when the value changes.
    let is_told = assigned.iter().any(|access| access.value.is_some_and(|value| observer.delivered.expr(value)))
        || reads().any(|access| writers.contains(&access.function));
    let newcomer = |access: &&Access| {
        let causes = search.reach.causes(access.function);
        causes.iter().any(|cause| match cause.kind {
            TriggerKind::Connect => true,
            TriggerKind::HttpRoute | TriggerKind::Export | TriggerKind::External => is_told,
            _ => false,
        })
    };
    let replay = reads().filter(newcomer).find(|access| !writers.contains(&access.function))?;
    let traits = observer.observe(declaration);
    let is_message = traits.payload.is_some();
    let state_type = if is_message { StateType::MessageHistory } else { StateType::Other };
    let evidence = vec![
        Evidence { what: "the last value is kept".to_owned(), place: first.place },
        Evidence { what: "replayed to newcomers".to_owned(), place: replay.place },
    ];
    Some(Decision { state_type, also: Vec::new(), evidence })
}

/// Whether an assigned value is data rather than a flag, a time or a handle.
fn is_data(search: &Search, at: ExprRef) -> bool {
    let facts = search.heap.flow.facts(at.module);
    let is_literal = matches!(
        facts.expr(at.expr).kind,
        ExprKind::Bool(_) | ExprKind::Nullish | ExprKind::Number(_) | ExprKind::Function(_)
    );
    let values = search.heap.flow.values(at);
    let handle = values.iter().any(|&id| !matches!(search.heap.kind(id), Kind::Scalar | Kind::Container));
    !is_literal && !handle
}

/// Functions that subscribe at a broker.
pub(super) fn subscribers(search_flow: &crate::flow::ValueFlow) -> FxHashSet<FunctionRef> {
    let mut functions = FxHashSet::default();
    for api_use in &search_flow.uses {
        let broker = api_use
            .receiver
            .and_then(|id| search_flow.api(id))
            .is_some_and(|object| matches!(super::heap::role(search_flow, object.ty), Role::Broker(_)));
        let subscribes = search_flow.operation(api_use).is_some_and(|operation| operation.subscribe.is_some());
        if broker && subscribes {
            functions.insert(super::heap::evaluated_by(search_flow, api_use.site));
        }
    }
    functions
}

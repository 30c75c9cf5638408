//! Whom an addressed delivery (`io.to(x).emit(…)`) means: the rooms of its chain, the handler's own connection, or
//! another one by its id.

use super::places::standing;
use super::program::Program;
use super::provenance::{Picked, Provenance, passed, provenance};
use crate::facts::{ExprKind, PropertyKey, StoreKey};
use crate::flow::{AbstractValue, EdgeKind, ExprRef, FunctionRef, ValueId};
use crate::rules::StateVerb;
use rustc_hash::FxHashSet;

/// The expressions that address the clients of a delivery: the rooms of its chain, innermost last.
pub(crate) fn addresses(program: &Program, delivery: ExprRef) -> Vec<ExprRef> {
    let mut found = Vec::new();
    let mut at = program.receiver(delivery);
    // `const chain = chain.to(room)` goes in a circle.
    let mut seen = FxHashSet::default();
    while let Some(link) = at.map(|link| program.resolve(link)).filter(|&link| seen.insert(link)) {
        for (_, operation) in program.operations_at(link) {
            let argument = operation.address.as_ref().and_then(|address| address.argument);
            found.extend(argument.and_then(|index| program.argument(link, index)));
        }
        at = program.receiver(link);
    }
    found.dedup();
    found
}

/// Whose id an address is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Addressee {
    /// The id of the connection that is being handled.
    Own,
    /// A parameter of a function: it depends on the caller.
    Parameter(FunctionRef, u32, Option<Box<str>>),
    /// Somebody or some room.
    Other,
}

/// Reads an address down to the expression that carries its value: templates with nothing around one value, and
/// variables that are assigned once.
fn core(program: &Program, at: ExprRef) -> ExprRef {
    let at = program.resolve(at);
    match &program.expr(at).kind {
        ExprKind::Template { texts, parts } if parts.len() == 1 => {
            let plain = texts.iter().all(|&text| program.name(at.module, text).is_empty());
            if plain { core(program, program.at(at, parts[0])) } else { at }
        }
        ExprKind::Array(items) if items.len() == 1 => core(program, program.at(at, items[0].value)),
        _ => at,
    }
}

/// Whose id `at` is.
pub(crate) fn addressee(program: &Program, at: ExprRef) -> Addressee {
    let at = core(program, at);
    if let ExprKind::Member { object, .. } = program.expr(at).kind
        && program.property(at) == Some("id")
    {
        let object = program.at(at, object);
        let found = provenance(program, object);
        let own = !found.is_empty() && found.iter().all(|each| matches!(each, Provenance::Own(_)));
        if own && is_connection(program, object) {
            return Addressee::Own;
        }
        if let [Provenance::Parameter { function, index, .. }] = found.as_slice()
            && is_connection(program, object)
        {
            return Addressee::Parameter(*function, *index, Some("id".into()));
        }
        return Addressee::Other;
    }
    match provenance(program, at).as_slice() {
        [Provenance::Parameter { function, index, field }] => {
            Addressee::Parameter(*function, *index, field.clone())
        }
        _ => Addressee::Other,
    }
}

fn is_connection(program: &Program, at: ExprRef) -> bool {
    let values = program.flow.values(at);
    if !values.is_empty() {
        return values.iter().any(|&value| program.connection(value).is_some());
    }
    // An unknown field of a known object (`req.user`) is something else than the connection it came with.
    match program.expr(program.resolve(at)).kind {
        ExprKind::Member { object, .. } => program.flow.values(program.at(at, object)).is_empty(),
        _ => true,
    }
}

/// The calls of `function` that pass the own connection (or its id) for a parameter: replies.
pub(crate) fn replying_calls(
    program: &Program,
    function: FunctionRef,
    index: u32,
    field: Option<&str>,
) -> FxHashSet<ExprRef> {
    let edges = program.callers(function).filter(|edge| matches!(edge.kind, EdgeKind::Direct | EdgeKind::Super));
    edges
        .filter(|edge| match field {
            Some("id") => {
                let found = passed(program, edge, index, None);
                !found.is_empty() && found.iter().all(|each| matches!(each, Provenance::Own(_)))
            }
            _ => argument_field(program, edge.site, index, field)
                .is_some_and(|argument| addressee(program, argument) == Addressee::Own),
        })
        .map(|edge| edge.site)
        .collect()
}

/// The expression that a call passes for a parameter, or for a field of it.
fn argument_field(program: &Program, site: ExprRef, index: u32, field: Option<&str>) -> Option<ExprRef> {
    let argument = program.argument(site, index)?;
    let Some(field) = field else { return Some(argument) };
    let literal = program.resolve(argument);
    let ExprKind::Object(properties) = &program.expr(literal).kind else { return None };
    properties.iter().find_map(|property| match property.key {
        PropertyKey::Named(name) if program.name(literal.module, name) == field => {
            Some(program.at(literal, property.value))
        }
        _ => None,
    })
}

/// Whether an address is the id of one connection: by what is stored in it, else by what it is called.
pub(crate) fn is_connection_id(program: &Program, at: ExprRef) -> bool {
    is_id(program, at, 8) || is_named_like_id(program, at) || is_named_like_id(program, core(program, at))
}

fn is_id(program: &Program, at: ExprRef, depth: u8) -> bool {
    if depth == 0 {
        return false;
    }
    let at = core(program, at);
    match &program.expr(at).kind {
        ExprKind::Member { object, property, .. } => {
            let object = program.at(at, *object);
            let property = program.name(at.module, *property);
            let values = program.flow.values(object);
            if values.iter().any(|&value| program.connection(value).is_some()) {
                return property == "id";
            }
            values.iter().any(|&value| field_is_id(program, value, property, depth - 1))
        }
        ExprKind::Parameter { function, index, .. } => {
            let function = FunctionRef { module: at.module, function: *function };
            let direct = program.callers(function).filter(|edge| edge.kind == EdgeKind::Direct);
            direct
                .filter_map(|edge| program.handed(edge.site, *index).expr())
                .any(|each| is_id(program, each, depth - 1))
        }
        ExprKind::Call { .. } if holds_ids(program, at, depth - 1) => true,
        ExprKind::Call { .. } => {
            program.flow.calls.at_site(at).filter(|edge| edge.kind == EdgeKind::Direct).any(|edge| {
                let module = edge.callee.module;
                let returns = &program.function(edge.callee).returns;
                returns.iter().any(|&result| is_id(program, ExprRef { module, expr: result }, depth - 1))
            })
        }
        ExprKind::Union(options) => options.iter().any(|&option| is_id(program, program.at(at, option), depth - 1)),
        _ => false,
    }
}

/// Whether a call reads a table into which the program puts connections' ids.
fn holds_ids(program: &Program, read: ExprRef, depth: u8) -> bool {
    let tables = program.operations_at(read).filter_map(|(api_use, operation)| {
        let reads = operation.state.as_ref().is_some_and(|state| state.verb == StateVerb::Read);
        api_use.receiver.filter(|_| reads)
    });
    tables.flat_map(|table| program.uses_of(table)).any(|api_use| {
        let state = program.flow.operation(api_use).and_then(|operation| operation.state.as_ref());
        let written = state.filter(|state| state.verb == StateVerb::Write).and_then(|state| state.value.as_ref());
        written
            .and_then(|place| standing(program, api_use, place).expr)
            .is_some_and(|value| is_id(program, value, depth))
    })
}

/// Whether the program stores a connection's id in a field of a value.
fn field_is_id(program: &Program, value: ValueId, field: &str, depth: u8) -> bool {
    match program.flow.value(value) {
        AbstractValue::Object(site) => {
            let ExprKind::Object(properties) = &program.expr(*site).kind else { return false };
            properties.iter().any(|property| {
                matches!(property.key, PropertyKey::Named(name) if program.name(site.module, name) == field)
                    && is_id(program, program.at(*site, property.value), depth)
            })
        }
        AbstractValue::Instance(class) => {
            let facts = program.flow.facts(class.module);
            facts.stores.iter().any(|store| {
                let on_this = store.object.is_some_and(|object| matches!(facts.expr(object).kind, ExprKind::This));
                let named = matches!(store.key, StoreKey::Named(name) if facts.name(name) == field);
                on_this && named && is_id(program, ExprRef { module: class.module, expr: store.value }, depth)
            })
        }
        _ => false,
    }
}

fn is_named_like_id(program: &Program, at: ExprRef) -> bool {
    let text = match &program.expr(at).kind {
        ExprKind::Member { .. } => program.property(at).unwrap_or_default(),
        ExprKind::Binding(_) | ExprKind::Global(_) => program.source(at),
        _ => "",
    };
    let text = text.to_lowercase().replace('_', "");
    ["socketid", "sockid", "connectionid", "connid", "sid"].iter().any(|word| text.ends_with(word))
}

/// Where an address was looked up, if it came out of a table.
pub(crate) fn looked_up(program: &Program, at: ExprRef) -> Option<Picked> {
    provenance(program, core(program, at)).into_iter().find_map(|each| match each {
        Provenance::Picked(picked) => Some(picked),
        _ => None,
    })
}

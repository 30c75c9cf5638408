//! What an entity is called: the text of its key or statement, the name of its model or table.

use crate::facts::{ExprKind, FunctionId, ModuleFacts, PropertyKey};
use crate::flow::{AbstractValue, ApiUse, ExprRef, FunctionRef, ValueId};
use crate::realtime::Place;
use crate::realtime::stores::Search;
use crate::realtime::stores::heap::role;
use crate::realtime::stores::reach::{argument, constant};
use crate::rules::Role;

/// Wrappers around a command are followed over this many calls.
pub(super) const WRAPPERS: u32 = 2;

/// The texts that a key can have, each with the call that says it.
pub(super) fn key_texts(search: &Search, at: ExprRef, site: ExprRef, depth: u32) -> Vec<(String, ExprRef)> {
    let telling = |text: &String| tells_subject(text);
    if let Some(text) = text_of(search, at).filter(telling) {
        return vec![(text, site)];
    }
    let by_callers = completed_by_callers(search, at, depth);
    if !by_callers.is_empty() {
        return by_callers;
    }
    // A statement made elsewhere is a value; where it was made says what it is.
    let flow = search.heap.flow;
    let made: Vec<(String, ExprRef)> = flow
        .values(at)
        .iter()
        .filter_map(|&id| flow.api(id)?.site)
        .filter_map(|made| Some((tagged_text(search, made)?, made)))
        .collect();
    if !made.is_empty() {
        return made;
    }
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

/// Whether a text says which key or table it is about: not all of it is computed.
fn tells_subject(text: &str) -> bool {
    let is_word = |text: &str| text.contains(|each: char| each.is_alphanumeric());
    match super::sql::looks_like_statement(text) {
        true => super::sql::statement(text).is_none_or(|statement| is_word(&statement.table)),
        false => is_word(text),
    }
}

/// The texts of a template with a parameter in it, as the callers complete it: a helper that is given the table's name
/// or the beginning of a key.
fn completed_by_callers(search: &Search, at: ExprRef, depth: u32) -> Vec<(String, ExprRef)> {
    let flow = search.heap.flow;
    let facts = flow.facts(at.module);
    let (texts, parts) = match &facts.expr(at.expr).kind {
        ExprKind::Template { texts, parts } => (texts, parts),
        ExprKind::Binding(binding) => {
            let assigned = facts.assigns_to(*binding).next();
            return match assigned.filter(|assign| assign.value != at.expr) {
                Some(assign) if is_template(facts, assign.value) => {
                    completed_by_callers(search, ExprRef { expr: assign.value, ..at }, depth)
                }
                _ => Vec::new(),
            };
        }
        _ => return Vec::new(),
    };
    let parameter = parts.iter().enumerate().find_map(|(index, &part)| {
        let ExprKind::Binding(binding) = facts.expr(part).kind else { return None };
        let function = facts.binding(binding).function;
        let parameters = &facts.function(function).parameters;
        let position = parameters.iter().position(|each| each.binding == Some(binding))?;
        Some((index, function, position))
    });
    let Some((index, function, position)) = parameter.filter(|_| depth > 0) else { return Vec::new() };
    let complete = |word: &str| {
        let mut text = String::new();
        for (at, part) in texts.iter().enumerate() {
            text.push_str(facts.name(*part));
            if at + 1 < texts.len() {
                text.push_str(if at == index { word } else { "*" });
            }
        }
        text
    };
    let edges = flow.calls.callers(FunctionRef { module: at.module, function });
    let passed = edges
        .iter()
        .filter_map(|edge| argument(flow, edge.site, position as u32).map(|argument| (argument, edge.site)));
    let words = passed.flat_map(|(argument, site)| key_texts(search, argument, site, depth - 1));
    words.map(|(word, site)| (complete(&word), site)).filter(|(text, _)| tells_subject(text)).collect()
}

fn is_template(facts: &ModuleFacts, expr: crate::facts::ExprId) -> bool {
    matches!(facts.expr(expr).kind, ExprKind::Template { .. })
}

/// The value of a property of an object literal, or of the variable that holds one.
pub(super) fn property(search: &Search, at: ExprRef, name: &str) -> Option<ExprRef> {
    let facts = search.heap.flow.facts(at.module);
    match &facts.expr(at.expr).kind {
        ExprKind::Object(properties) => {
            let named = |key: &PropertyKey| matches!(key, PropertyKey::Named(key) if facts.name(*key) == name);
            let property = properties.iter().find(|property| named(&property.key))?;
            Some(ExprRef { expr: property.value, ..at })
        }
        ExprKind::Binding(binding) => {
            let assigned = facts.assigns_to(*binding).next()?;
            let is_literal = matches!(facts.expr(assigned.value).kind, ExprKind::Object(_));
            is_literal.then(|| property(search, ExprRef { expr: assigned.value, ..at }, name)).flatten()
        }
        _ => None,
    }
}

/// What the program calls a key whose text it computes: `Keys.usersInRoom(room)`, a table object `messages`.
pub(super) fn key_word(search: &Search, at: ExprRef) -> Option<String> {
    let facts = search.heap.flow.facts(at.module);
    match &facts.expr(at.expr).kind {
        ExprKind::Call { callee, .. } => match facts.expr(*callee).kind {
            // What is called on a value of the moment (`new Date().toISOString()`) says nothing of the key.
            ExprKind::Member { object, property, .. } => {
                let is_named = last_name(facts, object).is_some() && !is_of_strings(search, facts.name(property));
                is_named.then(|| facts.name(property).to_owned())
            }
            _ => last_name(facts, *callee),
        },
        ExprKind::Member { .. } => last_name(facts, at.expr),
        // A variable of one call holds what was just computed; one of the module is an object that stands for a table.
        ExprKind::Binding(binding) if facts.binding(*binding).function == FunctionId::MODULE => {
            last_name(facts, at.expr)
        }
        _ => None,
    }
}

fn is_of_strings(search: &Search, method: &str) -> bool {
    let rules = search.heap.flow.rules;
    let types = ["String", "Object"].iter().filter_map(|literal| rules.literal(literal));
    types.into_iter().any(|ty| rules.method(ty, method).is_some()) || method.starts_with("to")
}

fn last_name(facts: &ModuleFacts, expr: crate::facts::ExprId) -> Option<String> {
    match facts.expr(expr).kind {
        ExprKind::Member { property, .. } => Some(facts.name(property).to_owned()),
        ExprKind::Binding(binding) => Some(facts.name(facts.binding(binding).name).to_owned()),
        ExprKind::Global(name) => Some(facts.name(name).to_owned()),
        _ => None,
    }
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
            let assigned = facts.assigns_to(*binding).next()?;
            (assigned.value != at.expr)
                .then(|| text_of(search, ExprRef { module: at.module, expr: assigned.value }))
                .flatten()
        }
        ExprKind::Call { .. } => {
            let Some(edge) = flow.calls.at_site(at).next() else { return joined_arguments(search, at) };
            let module = edge.callee.module;
            let returned = *flow.facts(module).function(edge.callee.function).returns.first()?;
            let plain = matches!(
                flow.facts(module).expr(returned).kind,
                ExprKind::String(_) | ExprKind::Template { .. } | ExprKind::Binary { .. }
            );
            let text = plain.then(|| text_of(search, ExprRef { module, expr: returned })).flatten();
            text.or_else(|| joined_arguments(search, at))
        }
        _ => None,
    }
}

/// The known texts among a call's arguments, as a path: `join(folder, 'scores.json')`.
fn joined_arguments(search: &Search, call: ExprRef) -> Option<String> {
    let args = crate::realtime::stores::reach::arguments(search.heap.flow, call);
    let texts: Vec<String> = args
        .iter()
        .filter_map(|argument| text_of(search, ExprRef { module: call.module, expr: argument.value }))
        .filter(|text| text.contains(|each: char| each.is_alphanumeric()))
        .collect();
    (!texts.is_empty()).then(|| texts.join("/"))
}

/// The text of a tagged template.
pub(super) fn tagged_text(search: &Search, site: ExprRef) -> Option<String> {
    let facts = search.heap.flow.facts(site.module);
    match &facts.expr(site.expr).kind {
        ExprKind::Tagged { texts, .. } => {
            Some(texts.iter().map(|&text| facts.name(text)).collect::<Vec<_>>().join("*"))
        }
        _ => None,
    }
}

/// The family of a key: `room:42:messages` and `room:*:messages` are one.
pub(super) fn family(key: &str) -> String {
    let is_number = |part: &str| !part.is_empty() && part.chars().all(|each| each.is_ascii_digit());
    let parts = key.split(':').map(|part| if is_number(part) { "*" } else { part });
    parts.collect::<Vec<_>>().join(":")
}

/// The name of a model: what its creation was told, else what the program calls it. A row is named by its model.
pub(super) fn model_name(search: &Search, api_use: &ApiUse, receiver: ValueId) -> Option<String> {
    let model = model_of(search, receiver);
    let made = made_name(search, receiver).or_else(|| made_name(search, model?));
    if made.is_some() {
        return made;
    }
    let flow = search.heap.flow;
    let facts = flow.facts(api_use.site.module);
    let ExprKind::Call { callee, .. } = facts.expr(api_use.site.expr).kind else { return None };
    let ExprKind::Member { mut object, .. } = facts.expr(callee).kind else { return None };
    // `Message.query().where(…).insert(…)`: the chain begins at the model.
    while let ExprKind::Call { callee, .. } = facts.expr(object).kind
        && let ExprKind::Member { object: earlier, .. } = facts.expr(callee).kind
    {
        let is_model = |id: &ValueId| match flow.value(*id) {
            AbstractValue::Class(_) => true,
            _ => flow.api(*id).is_some_and(|object| matches!(role(flow, object.ty), Role::Database(_))),
        };
        if !flow.values(ExprRef { module: api_use.site.module, expr: earlier }).iter().any(is_model) {
            break;
        }
        object = earlier;
    }
    last_name(facts, object)
}

/// The model that a row or query came from.
pub(super) fn model_of(search: &Search, receiver: ValueId) -> Option<ValueId> {
    let flow = search.heap.flow;
    let origin = flow.api(receiver)?.origin?;
    matches!(role(flow, flow.api(origin)?.ty), Role::Database(_)).then_some(origin)
}

/// What the expression that makes a model calls it: its first argument, a text or class, or the property or global that
/// it is.
fn made_name(search: &Search, model: ValueId) -> Option<String> {
    let flow = search.heap.flow;
    let site = flow.api(model)?.site?;
    if let Some(first) = argument(flow, site, 0) {
        if let Some(name) = constant(flow, first) {
            return Some(name.to_owned());
        }
        let class = flow.values(first).iter().find_map(|&id| match flow.value(id) {
            AbstractValue::Class(class) => {
                let facts = flow.facts(class.module);
                facts.class(class.class).name.map(|name| facts.name(name).to_owned())
            }
            _ => None,
        });
        if class.is_some() {
            return class;
        }
        // A class of a file that nothing else of interest leads to.
        let named = last_name(flow.facts(first.module), first.expr);
        if let Some(name) = named.filter(|name| name.starts_with(|each: char| each.is_uppercase())) {
            return Some(name);
        }
    }
    let facts = flow.facts(site.module);
    let made_there = flow.values(site).contains(&model);
    match facts.exprs.get(site.expr.index())?.kind {
        ExprKind::Member { property, .. } if made_there => Some(facts.name(property).to_owned()),
        ExprKind::Global(name) if made_there => Some(facts.name(name).to_owned()),
        _ => None,
    }
}

/// Where a model is declared: the call that makes it. A client that serves many tables is no declaration.
pub(super) fn declaration(search: &Search, receiver: ValueId) -> Option<Place> {
    let flow = search.heap.flow;
    let object = flow.api(receiver)?;
    let site = object.site?;
    argument(flow, site, 0).and_then(|first| constant(flow, first))?;
    let made = flow.values(site).contains(&receiver);
    let span = flow.facts(site.module).expr(site.expr).span;
    made.then_some(Place { module: site.module, span })
}

//! The scope of a delivery to connections that were picked by hand (SPEC section 2, `scope`).

use super::program::Program;
use super::provenance::{Picked, Provenance, provenance};
use crate::facts::{ExprKind, GuardKind};
use crate::flow::{ClassRef, EdgeKind, ExprRef, FunctionRef};
use crate::rules::{Role, Scope};

/// What a comparison around a delivery in a loop says of the recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Test {
    /// `client === sender`: the sender itself.
    Own,
    /// `client.id === id`: one.
    One,
    /// `client !== sender`: all but one.
    Others,
    /// `client.room === room`: those who share something.
    Room,
}

/// Whom a delivery at `site` to a picked connection addresses; none where the code picks the sender itself.
pub(crate) fn picked_scope(program: &Program, site: ExprRef, picked: &Picked) -> Option<Scope> {
    if !picked.many {
        return Some(Scope::Peer);
    }
    let mut tests = tests_around(program, site);
    tests_of_filters(program, picked.source, &mut tests);
    if tests.contains(&Test::Own) {
        return None;
    }
    if tests.contains(&Test::One) {
        return Some(Scope::Peer);
    }
    if tests.contains(&Test::Room) {
        return Some(Scope::Room);
    }
    let scope = table_scope(program, picked.source, 6);
    Some(if scope == Scope::All && tests.contains(&Test::Others) { Scope::Others } else { scope })
}

fn tests_around(program: &Program, site: ExprRef) -> Vec<Test> {
    let facts = program.flow.facts(site.module);
    let mut tests = Vec::new();
    let mut guard = facts.expr(site.expr).guard;
    while let Some(id) = guard {
        let each = facts.guard(id);
        guard = each.parent;
        match each.kind {
            GuardKind::If { condition, negated } => {
                collect_tests(program, program.at(site, condition), negated, &mut tests);
            }
            // What stands around the loop says nothing about its members.
            GuardKind::ForEach(_) | GuardKind::While(_) => break,
            _ => {}
        }
    }
    tests
}

/// `clients.filter(client => client.room === room)`.
fn tests_of_filters(program: &Program, source: ExprRef, tests: &mut Vec<Test>) {
    let mut at = Some(source);
    for _ in 0..4 {
        let Some(link) = at else { return };
        let link = program.resolve(link);
        if !matches!(program.expr(link).kind, ExprKind::Call { .. }) {
            return;
        }
        let filters =
            program.flow.calls.at_site(link).filter(|edge| matches!(edge.kind, EdgeKind::Callback { .. }));
        for edge in filters {
            let module = edge.callee.module;
            for &result in &program.function(edge.callee).returns {
                collect_tests(program, ExprRef { module, expr: result }, false, tests);
            }
        }
        at = program.receiver(link);
    }
}

fn collect_tests(program: &Program, condition: ExprRef, negated: bool, tests: &mut Vec<Test>) {
    match &program.expr(condition).kind {
        ExprKind::Union(options) => {
            for &option in options {
                collect_tests(program, program.at(condition, option), negated, tests);
            }
        }
        ExprKind::Unary { operator, operand } if program.name(condition.module, *operator) == "!" => {
            collect_tests(program, program.at(condition, *operand), !negated, tests);
        }
        ExprKind::Binary { operator, left, right } => {
            let operator = program.name(condition.module, *operator);
            let (left, right) = (program.at(condition, *left), program.at(condition, *right));
            match operator {
                "&&" | "||" => {
                    collect_tests(program, left, negated, tests);
                    collect_tests(program, right, negated, tests);
                }
                "===" | "==" => tests.extend(comparison(program, left, right, !negated)),
                "!==" | "!=" => tests.extend(comparison(program, left, right, negated)),
                _ => {}
            }
        }
        _ => {}
    }
}

fn comparison(program: &Program, left: ExprRef, right: ExprRef, equal: bool) -> Option<Test> {
    let (left, right) = (program.peel(left), program.peel(right));
    if program.carries_connection(left) && program.carries_connection(right) {
        return Some(if equal { Test::Own } else { Test::Others });
    }
    let variables = [left, right].iter().all(|&side| matches!(program.expr(side).kind, ExprKind::Binding(_)));
    if variables {
        return Some(if equal { Test::One } else { Test::Others });
    }
    let property = [left, right].into_iter().find_map(|side| program.property(side))?;
    let constant = |side: ExprRef| {
        let literal = matches!(
            program.expr(side).kind,
            ExprKind::Number(_) | ExprKind::String(_) | ExprKind::Bool(_) | ExprKind::Nullish
        );
        let upper = |name: &str| name.chars().all(|letter| letter.is_uppercase() || letter == '_');
        literal || program.property(side).is_some_and(upper)
    };
    if constant(left) || constant(right) {
        return None;
    }
    let name = property.to_lowercase();
    let shared = ["room", "channel", "group", "topic", "team", "lobby", "game", "board", "doc", "org", "project"];
    match (shared.iter().any(|word| name.contains(word)), equal) {
        (true, true) => Some(Test::Room),
        (true, false) => None,
        (false, true) => Some(Test::One),
        (false, false) => Some(Test::Others),
    }
}

/// Whether a table holds everybody or the members of one room.
fn table_scope(program: &Program, source: ExprRef, depth: u8) -> Scope {
    if depth == 0 {
        return Scope::Room;
    }
    let source = program.resolve(source);
    match &program.expr(source).kind {
        ExprKind::Binding(_) | ExprKind::Global(_) => variable_scope(program, source, depth),
        ExprKind::Member { object, .. } => {
            let object = program.at(source, *object);
            match &program.expr(program.peel(object)).kind {
                ExprKind::This => this_scope(program, source),
                _ if is_endpoint(program, object) => Scope::All,
                _ => member_scope(program, object, depth),
            }
        }
        ExprKind::Index { .. } | ExprKind::ElementOf(_) => Scope::Room,
        ExprKind::Call { .. } => call_scope(program, source, depth),
        ExprKind::Parameter { function, index, .. } => {
            let function = FunctionRef { module: source.module, function: *function };
            let mut passed = program
                .callers(function)
                .filter(|edge| edge.kind == EdgeKind::Direct)
                .filter_map(|edge| program.handed(edge.site, *index).expr());
            passed.next().map_or(Scope::Room, |argument| table_scope(program, argument, depth - 1))
        }
        ExprKind::Union(options) => {
            let first = options.first().map(|&option| program.at(source, option));
            first.map_or(Scope::All, |option| table_scope(program, option, depth - 1))
        }
        _ => Scope::All,
    }
}

fn variable_scope(program: &Program, at: ExprRef, depth: u8) -> Scope {
    let Some(binding) = program.binding(at) else { return Scope::All };
    let name = program.source(at);
    let mut assigned = program.assigns(binding).map(|assign| program.at(at, assign.value));
    let from_table = assigned.any(|value| {
        let value = program.peel(value);
        // `clients = clients.filter(…)` takes members out of the same table.
        let itself = program.receiver(value).is_some_and(|receiver| program.source(receiver) == name);
        !itself
            && matches!(
                program.expr(value).kind,
                ExprKind::Index { .. } | ExprKind::Call { .. } | ExprKind::ElementOf(_)
            )
            && table_scope(program, value, depth - 1) == Scope::Room
    });
    if from_table { Scope::Room } else { Scope::All }
}

/// `room.clients`, where `room` is one of several.
fn member_scope(program: &Program, object: ExprRef, depth: u8) -> Scope {
    let collected = program.flow.values(object).iter().any(|&value| program.is_collected(value));
    let picked = provenance(program, object)
        .iter()
        .any(|each| matches!(each, Provenance::Picked(_) | Provenance::Parameter { .. }));
    let constant = matches!(program.expr(program.resolve(object)).kind, ExprKind::Object(_) | ExprKind::New { .. });
    if collected || (picked && !constant) { Scope::Room } else { table_scope(program, object, depth - 1) }
}

/// `this.clients`: everybody's in a single hub, a room's where there are many of the class or a library makes them.
fn this_scope(program: &Program, at: ExprRef) -> Scope {
    let function = program.this_function(program.function_at(at));
    let Some(class) = program.function(function).class else { return Scope::All };
    let class = ClassRef { module: at.module, class };
    let one_of_many = program.has_many_instances(class);
    let library_made = program.flow.instance_base(class).is_some() && !is_made_here(program, class);
    if one_of_many || library_made { Scope::Room } else { Scope::All }
}

/// Whether the program itself calls a class's constructor.
fn is_made_here(program: &Program, class: ClassRef) -> bool {
    let constructor = program.flow.facts(class.module).class(class.class).constructor;
    constructor.is_some_and(|function| {
        let function = FunctionRef { module: class.module, function };
        program.callers(function).any(|edge| edge.kind == EdgeKind::Direct)
    })
}

fn call_scope(program: &Program, call: ExprRef, depth: u8) -> Scope {
    let user_code = program.flow.calls.at_site(call).any(|edge| edge.kind == EdgeKind::Direct);
    let arguments = program.arguments(call);
    if user_code {
        return if arguments.is_empty() { Scope::All } else { Scope::Room };
    }
    let Some(object) = program.receiver(call) else { return Scope::All };
    if is_endpoint(program, object) {
        return if arguments.is_empty() { Scope::All } else { Scope::Room };
    }
    let keyed = program.operations_at(call).any(|(_, operation)| {
        operation.returns.iter().any(|place| !place.path.is_empty())
            || operation.state.as_ref().is_some_and(|state| state.key.is_some())
    });
    // `Object.keys(table)`, `Array.from(table)`: the table is the argument.
    let is_static = program.flow.values(object).iter().all(|&value| *program.role(value) == Role::Plain);
    match arguments.first() {
        _ if keyed => Scope::Room,
        Some(argument) if is_static => table_scope(program, program.at(call, argument.value), depth - 1),
        _ => table_scope(program, object, depth - 1),
    }
}

fn is_endpoint(program: &Program, at: ExprRef) -> bool {
    program.flow.values(at).iter().any(|&value| matches!(program.role(value), Role::Endpoint(_)))
}

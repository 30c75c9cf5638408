//! Which pieces of code cannot run for the same event: the sides of one condition, tests of one expression against
//! different constants, the cases of a `switch`, the entries of a table of handlers.

use super::conditions::guards_around;
use super::program::Program;
use super::provenance::{Key, Provenance, provenance};
use crate::facts::{BindingKind, ExprKind, FunctionId, GuardKind};
use crate::flow::{BindingRef, CallEdge, EdgeKind, ExprRef, FunctionRef, ValueId};
use std::collections::BTreeSet;

/// What the code under a guard knows of an expression.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Known {
    /// Whether it is truthy.
    Truthy(bool),
    /// It equals one of these constants.
    Among(BTreeSet<String>),
    /// It equals none of these.
    Outside(BTreeSet<String>),
}

/// A guard as a statement about an expression.
#[derive(Debug)]
struct Test {
    /// The expression, by its source text.
    subject: String,
    /// The same as it is written.
    at: ExprRef,
    /// The variable that it is, if it is one.
    variable: Option<BindingRef>,
    known: Known,
}

impl Test {
    fn excludes(&self, other: &Test) -> bool {
        let named = match (self.variable, other.variable) {
            (Some(one), Some(another)) => one == another,
            _ => self.subject == other.subject,
        };
        named
            && match (&self.known, &other.known) {
                (Known::Truthy(one), Known::Truthy(another)) => one != another,
                (Known::Among(one), Known::Among(another)) => one.is_disjoint(another),
                (Known::Among(one), Known::Outside(another)) | (Known::Outside(another), Known::Among(one)) => {
                    one.is_subset(another)
                }
                _ => false,
            }
    }
}

/// Whether code at `site` runs only where a chain's own code does not: in another branch of one of its functions. Where a
/// table of this instance is asked for the target, what runs when it is not there sees to the others.
pub(crate) fn is_alternative(program: &Program, chain: &[(FunctionRef, ExprRef)], site: ExprRef) -> bool {
    let function = program.function_at(site);
    chain.iter().filter(|(each, _)| *each == function).any(|&(_, on_the_way)| {
        let target = chain.last().and_then(|&(_, delivery)| program.receiver(delivery));
        excluding(program, on_the_way, site)
            .any(|test| !target.is_some_and(|target| asks_for(program, &test, target)))
    })
}

/// Whether a test asks whether a target that is looked up is there: `if (socket) socket.send(…)` of a
/// `socket = sockets.get(id)`, `if (sockets.has(id)) sockets.get(id).send(…)`.
fn asks_for(program: &Program, test: &Test, target: ExprRef) -> bool {
    let looked_up = provenance(program, target).into_iter().find_map(|each| match each {
        Provenance::Picked(picked) if !picked.many && picked.key != Key::None => Some(picked),
        _ => None,
    });
    let Some(picked) = looked_up.filter(|_| matches!(test.known, Known::Truthy(_))) else { return false };
    let same_variable = test.variable.is_some() && root(program, target) == test.variable;
    let asked = program.receiver(program.peel(test.at));
    same_variable || asked.is_some_and(|table| program.source(table) == program.source(picked.source))
}

/// The variable that an expression starts from: `entry` of `entry.socket`.
fn root(program: &Program, at: ExprRef) -> Option<BindingRef> {
    let mut at = program.peel(at);
    while let Some(object) = program.receiver(at) {
        at = program.peel(object);
    }
    program.binding(at)
}

/// Whether an edge is another entry of the table of handlers out of which a chain took its own:
/// `handlers[message.type](message)`.
pub(crate) fn is_another_entry(program: &Program, chain: &[(FunctionRef, ExprRef)], edge: &CallEdge) -> bool {
    let mut links = chain.windows(2).filter(|link| link[0].1 == edge.site);
    edge.kind == EdgeKind::Direct
        && links.any(|link| link[1].0 != edge.callee)
        && program.callee(edge.site).is_some_and(|callee| is_keyed(program, callee))
}

/// Whether an expression is an entry under a key that is computed, not each entry in turn.
fn is_keyed(program: &Program, at: ExprRef) -> bool {
    let at = program.resolve(at);
    match program.expr(at).kind {
        ExprKind::Index { index, .. } => !matches!(program.expr(program.at(at, index)).kind, ExprKind::Number(_)),
        ExprKind::Call { .. } => program
            .operations_at(at)
            .any(|(_, operation)| operation.state.as_ref().is_some_and(|state| state.key.is_some())),
        _ => false,
    }
}

/// Whether two pieces of code of one function cannot both run in one call of it.
pub(crate) fn are_exclusive(program: &Program, one: ExprRef, other: ExprRef) -> bool {
    excluding(program, one, other).next().is_some()
}

/// The tests around one piece of code that exclude another one of the same function.
fn excluding(program: &Program, one: ExprRef, other: ExprRef) -> impl Iterator<Item = Test> {
    let there = tests(program, other);
    let excludes = move |test: &Test| there.iter().any(|each| each.excludes(test));
    tests(program, one)
        .into_iter()
        .filter(move |test| excludes(test) && !is_changed_between(program, test.variable, one, other))
}

/// Whether a variable gets another value between two places: what was tested before does not hold any more.
fn is_changed_between(program: &Program, variable: Option<BindingRef>, one: ExprRef, other: ExprRef) -> bool {
    let Some(variable) = variable else { return false };
    let places = [one, other].map(|at| program.expr(at).span.start);
    let between = places[0].min(places[1])..places[0].max(places[1]);
    program.assigns(variable).any(|assign| between.contains(&assign.span.start))
}

/// Whether an expression comes out of what a handler is called with, rather than out of the configuration. A library's
/// object that hangs on a request (`req.app.get('redis')`) is no part of its message.
pub(crate) fn depends_on_event(program: &Program, handler: FunctionRef, at: ExprRef) -> bool {
    let is_broker = |&value: &ValueId| program.broker(value).is_some();
    !program.flow.values(at).iter().any(is_broker) && depends(program, handler, at, 10)
}

fn depends(program: &Program, handler: FunctionRef, at: ExprRef, depth: u8) -> bool {
    if depth == 0 {
        return false;
    }
    let at = program.peel(at);
    let of = |expr| depends(program, handler, program.at(at, expr), depth - 1);
    match &program.expr(at).kind {
        ExprKind::Binding(binding) => {
            let variable = BindingRef { module: at.module, binding: *binding };
            program.assigns(variable).any(|assign| of(assign.value))
        }
        ExprKind::Parameter { function, index, .. } => {
            let function = FunctionRef { module: at.module, function: *function };
            let calls = program.callers(function).filter(|edge| edge.kind == EdgeKind::Direct);
            let mut given = calls.filter_map(|edge| program.handed(edge.site, *index).expr());
            function == handler || given.any(|argument| depends(program, handler, argument, depth - 1))
        }
        ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => of(*object),
        ExprKind::Unary { operand, .. } | ExprKind::ElementOf(operand) => of(*operand),
        ExprKind::Binary { left, right, .. } => of(*left) || of(*right),
        ExprKind::Union(options) => options.iter().any(|&option| of(option)),
        ExprKind::Call { args, .. } => {
            let on_object = program.receiver(at).is_some_and(|object| depends(program, handler, object, depth - 1));
            on_object || args.iter().any(|argument| of(argument.value))
        }
        _ => false,
    }
}

/// What the guards around an expression say, within its function and around the creation of those it stands in.
fn tests(program: &Program, at: ExprRef) -> Vec<Test> {
    guards_around(program, at).filter_map(|guard| test(program, at, guard)).collect()
}

fn test(program: &Program, near: ExprRef, guard: GuardKind) -> Option<Test> {
    match guard {
        GuardKind::If { condition, negated } => Some(of_condition(program, program.at(near, condition), negated)),
        GuardKind::Case { subject, value } => {
            let known = match value {
                Some(value) => Known::Among(BTreeSet::from([constant(program, program.at(near, value))?])),
                None => Known::Outside(other_cases(program, near, subject)),
            };
            Some(about(program, program.at(near, subject), known))
        }
        _ => None,
    }
}

/// The constants of the cases beside a `default`.
fn other_cases(program: &Program, near: ExprRef, switched: crate::facts::ExprId) -> BTreeSet<String> {
    let guards = program.flow.facts(near.module).guards.iter();
    let values = guards.filter_map(|guard| match guard.kind {
        GuardKind::Case { subject, value: Some(value) } if subject == switched => Some(program.at(near, value)),
        _ => None,
    });
    values.filter_map(|value| constant(program, value)).collect()
}

fn of_condition(program: &Program, condition: ExprRef, negated: bool) -> Test {
    let condition = program.peel(condition);
    if let Some((subject, values, equal)) = comparison(program, condition, 8) {
        let known = if equal != negated { Known::Among(values) } else { Known::Outside(values) };
        return about(program, subject, known);
    }
    about(program, condition, Known::Truthy(!negated))
}

fn about(program: &Program, subject: ExprRef, known: Known) -> Test {
    let subject = program.peel(subject);
    let words = program.source(subject).split_whitespace().collect::<Vec<_>>();
    Test { subject: words.join(" "), at: subject, variable: program.binding(subject), known }
}

/// `a === 'x'`, `'x' !== a`, `a === 'x' || a === 'y'`: the expression, the constants, and whether it has to equal one.
fn comparison(program: &Program, at: ExprRef, depth: u8) -> Option<(ExprRef, BTreeSet<String>, bool)> {
    let at = program.peel(at);
    match &program.expr(at).kind {
        ExprKind::Binary { operator, left, right } => {
            let equal = match program.name(at.module, *operator) {
                "===" | "==" => true,
                "!==" | "!=" => false,
                _ => return None,
            };
            let (left, right) = (program.at(at, *left), program.at(at, *right));
            let (subject, value) = match (constant(program, left), constant(program, right)) {
                (None, Some(value)) => (left, value),
                (Some(value), None) => (right, value),
                _ => return None,
            };
            Some((subject, BTreeSet::from([value]), equal))
        }
        // A condition that is a union is an `||`: guards are by `a` and by `b` where `a && b` has to hold.
        ExprKind::Union(options) if depth > 0 => {
            let mut found: Option<(ExprRef, BTreeSet<String>)> = None;
            for &option in options {
                let (subject, values, equal) = comparison(program, program.at(at, option), depth - 1)?;
                let same =
                    found.as_ref().is_none_or(|(known, _)| program.source(*known) == program.source(subject));
                if !equal || !same {
                    return None;
                }
                found.get_or_insert_with(|| (subject, BTreeSet::new())).1.extend(values);
            }
            found.map(|(subject, values)| (subject, values, true))
        }
        _ => None,
    }
}

/// A literal, or a member of an enumeration by its name: `Kind.Say`, of a constant or imported `Kind`.
fn constant(program: &Program, at: ExprRef) -> Option<String> {
    let at = program.peel(at);
    let literal = program.resolve(at);
    match program.expr(literal).kind {
        ExprKind::String(name) | ExprKind::Number(name) => {
            return Some(program.name(literal.module, name).to_owned());
        }
        ExprKind::Bool(truth) => return Some(truth.to_string()),
        ExprKind::Nullish => return Some(program.source(literal).to_owned()),
        _ => {}
    }
    let ExprKind::Member { object, .. } = program.expr(at).kind else { return None };
    let object = program.binding(program.at(at, object))?;
    let declared = program.flow.facts(object.module).binding(object.binding);
    let fixed = matches!(declared.kind, BindingKind::Const | BindingKind::Import | BindingKind::Enum);
    let named = program.property(at)?.starts_with(char::is_uppercase);
    (fixed && named && declared.function == FunctionId::MODULE).then(|| program.source(at).to_owned())
}

//! SPEC section 2, rule 2: a delivery whose target is known to one instance only.

use super::addresses::{addresses, is_connection_id, looked_up};
use super::deliveries::{Delivery, Via};
use super::model::Evidence;
use super::program::Program;
use super::provenance::{Key, Provenance, provenance};
use crate::facts::{ExprKind, FunctionKind, GuardKind};
use crate::flow::{AbstractValue, ExprRef, FunctionRef, ValueId};
use crate::rules::{Base, Role, StateVerb, TriggerKind};
use rustc_hash::FxHashSet;

/// Words that say that a table knows users or connections.
const PEOPLE: &[&str] = &["user", "client", "socket", "conn", "online", "player", "member", "participant", "peer"];

/// The table through which a delivery finds its target, if only this instance fills it.
pub(crate) fn local_lookup(program: &Program, delivery: &Delivery) -> Option<Evidence> {
    if delivery.triggers.iter().all(|trigger| trigger.kind == TriggerKind::Timer) {
        return None;
    }
    let table = match &delivery.via {
        Via::Endpoint { .. } => {
            let targets = addresses(program, delivery.site);
            targets
                .iter()
                .find_map(|&target| looked_up_table(program, target))
                .or_else(|| guarding_table(program, delivery.site, &targets))
        }
        _ => None,
    }?;
    let what = "the target is looked up in a table of this instance".to_owned();
    Some(Evidence { what, place: program.place(table) })
}

/// The table out of which an address comes.
fn looked_up_table(program: &Program, target: ExprRef) -> Option<ExprRef> {
    let picked = looked_up(program, target)?;
    if picked.key == Key::None && !picked.many {
        return None;
    }
    if is_of_own_connection(program, picked.source) {
        return None;
    }
    let known = is_connection_id(program, target) || speaks_of_people(program, picked.source);
    (known && is_local_table(program, picked.source)).then_some(picked.source)
}

/// The table that a condition around the delivery asks for the target.
fn guarding_table(program: &Program, site: ExprRef, targets: &[ExprRef]) -> Option<ExprRef> {
    let facts = program.flow.facts(site.module);
    let mut guard = facts.expr(site.expr).guard;
    while let Some(id) = guard {
        let each = facts.guard(id);
        guard = each.parent;
        if let GuardKind::If { condition, negated: false } = each.kind {
            let mut reads = Vec::new();
            table_reads(program, program.at(site, condition), &mut reads, 8);
            let found = reads.into_iter().find(|&(table, key)| {
                let names_target = targets.iter().any(|&target| names(program, target, key));
                names_target
                    && !is_own(program, key)
                    && !is_of_own_connection(program, table)
                    && speaks_of_people(program, table)
                    && is_local_table(program, table)
            });
            if let Some((table, _)) = found {
                return Some(table);
            }
        }
    }
    None
}

/// Whether an address is a key, or a template around it.
fn names(program: &Program, target: ExprRef, key: ExprRef) -> bool {
    let key = program.source(key);
    let target = program.peel(target);
    let within = match &program.expr(target).kind {
        ExprKind::Template { parts, .. } => {
            parts.iter().any(|&part| program.source(program.at(target, part)) == key)
        }
        _ => false,
    };
    within || program.source(target) == key
}

/// The keyed reads of tables in a condition.
fn table_reads(program: &Program, at: ExprRef, reads: &mut Vec<(ExprRef, ExprRef)>, depth: u8) {
    if depth == 0 {
        return;
    }
    let at = program.resolve(at);
    let near = |expr| program.at(at, expr);
    match &program.expr(at).kind {
        ExprKind::Union(options) => {
            options.iter().for_each(|&option| table_reads(program, near(option), reads, depth - 1));
        }
        ExprKind::Binary { left, right, .. } => {
            table_reads(program, near(*left), reads, depth - 1);
            table_reads(program, near(*right), reads, depth - 1);
        }
        ExprKind::Index { object, index } => reads.push((near(*object), near(*index))),
        ExprKind::Member { object, .. } => table_reads(program, near(*object), reads, depth - 1),
        ExprKind::Call { .. } => {
            for (_, operation) in program.operations_at(at) {
                let Some(state) = &operation.state else { continue };
                let Some(Base::Argument(key)) = state.key.as_ref().map(|key| &key.base) else { continue };
                if state.verb == StateVerb::Read
                    && let (Some(table), Some(key)) = (program.receiver(at), program.argument(at, *key))
                {
                    reads.push((table, key));
                }
            }
        }
        _ => {}
    }
}

fn is_own(program: &Program, key: ExprRef) -> bool {
    let found = provenance(program, key);
    !found.is_empty() && found.iter().all(|each| matches!(each, Provenance::Own(_)))
}

/// Whether a table hangs on the connection that is handled, or that the caller passes: `socket.rooms.has(room)` asks
/// whether the sender itself is a member.
fn is_of_own_connection(program: &Program, table: ExprRef) -> bool {
    let table = program.resolve(table);
    let ExprKind::Member { object, .. } = program.expr(table).kind else { return false };
    let object = program.at(table, object);
    program.flow.values(object).iter().any(|&value| program.connection(value).is_some())
        && !provenance(program, object).iter().any(|each| matches!(each, Provenance::Picked(_)))
}

fn speaks_of_people(program: &Program, table: ExprRef) -> bool {
    let text = program.source(table).to_lowercase();
    PEOPLE.iter().any(|word| text.contains(word))
}

/// Whether a table lives in this process and is filled by this instance alone.
fn is_local_table(program: &Program, table: ExprRef) -> bool {
    let values = program.flow.values(table);
    let in_process = |&value: &ValueId| match program.flow.value(value) {
        AbstractValue::Object(_) | AbstractValue::Collected(_) => true,
        AbstractValue::Api(_) => matches!(program.role(value), Role::Container),
        _ => false,
    };
    let elsewhere = |&value: &ValueId| {
        matches!(program.role(value), Role::Database(_) | Role::Broker(_))
            || *program.flow.value(value) == AbstractValue::Unknown
    };
    values.iter().any(in_process)
        && !values.iter().any(elsewhere)
        && values.iter().any(|&value| outlives_calls(program, value, table))
        && !is_replicated(program, values)
}

/// Whether a table is made outside of the functions that use it here: a table of one call knows nothing of its own.
fn outlives_calls(program: &Program, value: ValueId, used: ExprRef) -> bool {
    let site = match program.flow.value(value) {
        AbstractValue::Object(site) => Some(*site),
        AbstractValue::Api(object) => object.site,
        _ => None,
    };
    let Some(site) = site else { return false };
    let maker = program.function_at(site);
    let facts = program.function(maker);
    let user = program.function_at(used);
    matches!(facts.kind, FunctionKind::Module | FunctionKind::Constructor)
        || (maker != user && program.within(user, maker))
}

/// Whether a table is written when a broker's message arrives: then every instance has it.
fn is_replicated(program: &Program, table: &[ValueId]) -> bool {
    let mut fed: FxHashSet<FunctionRef> = FxHashSet::default();
    for edge in &program.flow.calls.edges {
        let trigger = program.callback(edge).and_then(|(_, callback)| callback.trigger.as_ref());
        if trigger
            .is_some_and(|trigger| matches!(trigger.kind, TriggerKind::Subscription | TriggerKind::ChangeFeed))
        {
            fed.extend(program.reachable(edge.callee));
        }
    }
    table.iter().any(|&value| {
        program.uses_of(value).any(|api_use| {
            let writes = program.flow.operation(api_use).and_then(|operation| operation.state.as_ref());
            writes.is_some_and(|state| state.verb == StateVerb::Write)
                && fed.contains(&program.function_at(api_use.site))
        })
    })
}

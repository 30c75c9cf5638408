//! What a library's object is, where connections are traced to it.

use super::program::Program;
use crate::flow::{ExprRef, ValueId};
use crate::rules::Role;

/// Whether a library's object holds connections.
pub(crate) fn is_table(program: &Program, value: ValueId) -> bool {
    let has_element = program.api(value).is_some_and(|api| program.flow.rules.ty(api.ty).element.is_some());
    has_element || matches!(program.role(value), Role::Endpoint(_) | Role::Container)
}

/// A library's object that is nothing of its own for realtime delivery: `new WebSocketPair()`.
pub(crate) fn is_plain(program: &Program, value: ValueId) -> bool {
    program.api(value).is_some() && *program.role(value) == Role::Plain
}

/// Whether a library's rules know the property of an object.
pub(crate) fn has_property(program: &Program, object: ExprRef, name: &str) -> bool {
    let flow = program.flow;
    let known =
        |value: &ValueId| program.api(*value).is_some_and(|api| flow.rules.property(api.ty, name).is_some());
    flow.values(object).iter().any(known)
}

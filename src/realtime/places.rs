//! The values and expressions that stand at a place of a library's operation.

use super::program::Program;
use crate::facts::{ExprKind, PropertyKey};
use crate::flow::{ApiUse, ExprRef, FieldKey, Member, ValueId};
use crate::rules::{Base, Place, Step};

/// What stands at a place: its values, and the expression where the source writes one.
#[derive(Debug, Clone, Default)]
pub(crate) struct Standing {
    /// The values; sorted.
    pub(crate) values: Vec<ValueId>,
    /// The expression.
    pub(crate) expr: Option<ExprRef>,
}

/// What stands at `place` of a use.
pub(crate) fn standing(program: &Program, api_use: &ApiUse, place: &Place) -> Standing {
    let flow = program.flow;
    let at_expr = |expr: Option<ExprRef>| Standing {
        values: expr.map(|expr| flow.values(expr).to_vec()).unwrap_or_default(),
        expr,
    };
    let assigned = matches!(api_use.member, Member::AssignProperty(_));
    let mut standing = match place.base {
        Base::This => {
            Standing { values: api_use.receiver.into_iter().collect(), expr: program.receiver(api_use.site) }
        }
        Base::Argument(0) if assigned => at_expr(Some(api_use.site)),
        Base::Argument(index) => at_expr(program.argument(api_use.site, index)),
        Base::Arguments(from) => {
            let arguments = program.arguments(api_use.site).iter().skip(from as usize);
            let mut values: Vec<ValueId> = arguments
                .flat_map(|argument| flow.values(program.at(api_use.site, argument.value)).iter().copied())
                .collect();
            values.sort();
            values.dedup();
            Standing { values, expr: program.argument(api_use.site, from) }
        }
        Base::Result | Base::Fresh(_) => match api_use.result {
            Some(result) => Standing { values: vec![result], expr: Some(api_use.site) },
            None => at_expr(Some(api_use.site)),
        },
        Base::Origin => {
            let origin = api_use.receiver.and_then(|receiver| program.api(receiver)).and_then(|api| api.origin);
            Standing { values: origin.into_iter().collect(), expr: None }
        }
        _ => Standing::default(),
    };
    for step in &place.path {
        standing = into(program, api_use, &standing, step);
    }
    standing
}

fn into(program: &Program, api_use: &ApiUse, of: &Standing, step: &Step) -> Standing {
    let key = match step {
        Step::Field(name) => FieldKey::Named(name.as_str().into()),
        Step::KeyedBy(index) => {
            match program.argument(api_use.site, *index).and_then(|key| program.constant(key)) {
                Some(name) => FieldKey::Named(name.into()),
                None => FieldKey::Element,
            }
        }
        Step::Key => FieldKey::Key,
        _ => FieldKey::Element,
    };
    let written = match &key {
        FieldKey::Named(name) => of.expr.and_then(|expr| property(program, expr, name)),
        _ => None,
    };
    let items = if key == FieldKey::Element { items(program, of.expr) } else { Vec::new() };
    let mut values: Vec<ValueId> = match written {
        Some(written) => program.flow.values(written).to_vec(),
        None if !items.is_empty() => items,
        None => of.values.iter().flat_map(|&value| program.flow.field(value, &key).iter().copied()).collect(),
    };
    values.sort();
    values.dedup();
    Standing { values, expr: written }
}

/// The values of the items of an array literal.
fn items(program: &Program, of: Option<ExprRef>) -> Vec<ValueId> {
    let Some(literal) = of.map(|expr| program.resolve(expr)) else { return Vec::new() };
    let ExprKind::Array(items) = &program.expr(literal).kind else { return Vec::new() };
    items.iter().flat_map(|item| program.flow.values(program.at(literal, item.value)).iter().copied()).collect()
}

/// The value that an object literal gives a property.
pub(crate) fn property(program: &Program, object: ExprRef, name: &str) -> Option<ExprRef> {
    let literal = program.resolve(object);
    let ExprKind::Object(properties) = &program.expr(literal).kind else { return None };
    properties.iter().rev().find_map(|property| match property.key {
        PropertyKey::Named(key) if program.name(literal.module, key) == name => {
            Some(program.at(literal, property.value))
        }
        _ => None,
    })
}

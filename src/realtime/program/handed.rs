//! What a call hands to a function of the project, `call` and `apply` included.

use super::Program;
use crate::facts::{Argument, ExprKind};
use crate::flow::{AbstractValue, ExprRef, ValueId};

/// What a call hands to a function in one of its parameters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Handed {
    /// The value of this expression.
    This(ExprRef),
    /// Nothing: there are fewer arguments.
    Nothing,
    /// Something that the call does not name: it stands behind a spread, or in a list that comes from elsewhere.
    Unknown,
}

impl Handed {
    /// The expression, where there is one.
    pub(crate) fn expr(self) -> Option<ExprRef> {
        match self {
            Handed::This(expr) => Some(expr),
            Handed::Nothing | Handed::Unknown => None,
        }
    }
}

impl Program<'_> {
    /// What a call of a project's function hands it as its n-th argument: `f.call(object, …)` and
    /// `f.apply(object, […])` hand on what follows the object.
    pub(crate) fn handed(&self, site: ExprRef, index: u32) -> Handed {
        let by = self.receiver(site).filter(|&function| {
            let is_function = |&value: &ValueId| {
                matches!(self.flow.value(value), AbstractValue::Function(_) | AbstractValue::Bound(..))
            };
            self.flow.values(function).iter().any(is_function)
        });
        let way = by.and_then(|_| self.property(self.callee(site)?));
        match way {
            Some("call") => self.nth(site, self.arguments(site), index + 1),
            Some("apply") => {
                let Some(list) = self.argument(site, 1).map(|list| self.resolve(list)) else {
                    return Handed::Nothing;
                };
                match &self.expr(list).kind {
                    ExprKind::Array(elements) => self.nth(list, elements, index),
                    ExprKind::Nullish => Handed::Nothing,
                    _ => Handed::Unknown,
                }
            }
            _ => self.nth(site, self.arguments(site), index),
        }
    }

    /// The n-th item of an argument list or array literal.
    fn nth(&self, near: ExprRef, items: &[Argument], index: u32) -> Handed {
        let upto = &items[..items.len().min(index as usize + 1)];
        if upto.iter().any(|each| each.spread) {
            return Handed::Unknown;
        }
        items.get(index as usize).map_or(Handed::Nothing, |item| Handed::This(self.at(near, item.value)))
    }
}

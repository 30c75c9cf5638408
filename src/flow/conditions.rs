//! The conditions under which an operation of a library means a call: what is passed, and in which version.

use super::solver::Solver;
use super::value::{AbstractValue, ExprRef, ValueId};
use crate::facts::{ExprId, ExprKind, ModuleFacts, PropertyKey};
use crate::modules::ModuleId;
use crate::rules::{ArgumentKind, Base, Condition, Family, Place, Property, Step, TypeId};

impl Solver<'_> {
    /// Whether a condition holds as far as is known.
    pub(super) fn holds(&mut self, context: u32, condition: &Condition) -> bool {
        let entry = &self.library.contexts[context as usize];
        let (call, ty) = (entry.call, entry.ty);
        let site = self.calls[call as usize].site;
        match condition {
            Condition::ArgumentIs(position, wanted) => self
                .argument(call, *position)
                .is_some_and(|node| self.values_at(node).iter().any(|&value| self.is_one_of(value, wanted))),
            Condition::ArgumentIsNot(position, refused) => match self.argument(call, *position) {
                Some(node) => self.values_at(node).iter().any(|&value| !self.is_one_of(value, refused)),
                None => true,
            },
            Condition::ArgumentKind(position, kind) => self.argument_is(call, *position, *kind),
            Condition::ArgumentAbsent(position) => {
                let arguments = &self.calls[call as usize].arguments;
                arguments.len() <= *position as usize && !arguments.iter().any(|argument| argument.spread)
            }
            Condition::ValueIs(place, wanted) => {
                self.place_values(context, place).iter().any(|&value| self.is_one_of(value, wanted))
            }
            Condition::ValueIsNot(place, refused) => {
                let values = self.place_values(context, place);
                match values.is_empty() {
                    true => !self.written_constant(call, place).is_some_and(|text| refused.contains(&text)),
                    false => values.iter().any(|&value| !self.is_one_of(value, refused)),
                }
            }
            Condition::ValuePresent(place) => self.stands_at(call, place),
            Condition::ValueAbsent(place) => !self.stands_at(call, place),
            Condition::ValueConstant(place, wanted) => self.has_constant(context, place, *wanted),
            Condition::ValueStartsWith(place, texts) => self.starts_with(context, place, texts),
            // A note about a version must not be made of one that nobody knows.
            Condition::Version(range) => self.installed_within(ty, site.module, range).unwrap_or_else(|| {
                self.context_operation(context).is_none_or(|operation| operation.advisory.is_none())
            }),
            Condition::PackageVersion(package, range) => {
                self.versions.within(site.module, package, range).unwrap_or(false)
            }
        }
    }

    /// Whether the package of a module (or the workspace around it) depends on one of a family's packages.
    pub(super) fn uses_family(&self, module: ModuleId, family: &Family) -> bool {
        family.packages.iter().any(|package| self.versions.depends_on(module, package))
    }

    /// Whether the installed version of a type's library lies in an npm range; none where no version is known.
    fn installed_within(&self, ty: TypeId, module: ModuleId, range: &str) -> Option<bool> {
        let packages = &self.rules.families[self.rules.ty(ty).family as usize].packages;
        packages.iter().find_map(|package| self.versions.within(module, package, range))
    }

    /// Whether the installed version of a type's library is known not to have the property.
    pub(super) fn lacks(&self, ty: TypeId, property: &Property, module: ModuleId) -> bool {
        let range = property.versions.as_deref();
        range.is_some_and(|range| self.installed_within(ty, module, range) == Some(false))
    }

    /// The string that an object literal among the arguments holds at a place: it is known before it has flowed.
    fn written_constant(&mut self, call: u32, place: &Place) -> Option<String> {
        let Base::Argument(position) = place.base else { return None };
        let [Step::Field(name)] = place.path.as_slice() else { return None };
        let node = self.calls[call as usize].arguments.get(position as usize)?.node?;
        self.values_at(node).iter().find_map(|&value| {
            let AbstractValue::Object(at) = self.values.get(value) else { return None };
            let facts = self.facts(at.module);
            let ExprKind::Object(properties) = &facts.expr(at.expr).kind else { return None };
            properties.iter().find_map(|property| match (&property.key, &facts.expr(property.value).kind) {
                (PropertyKey::Named(key), ExprKind::String(text)) if facts.name(*key) == name => {
                    Some(facts.name(*text).to_owned())
                }
                _ => None,
            })
        })
    }

    /// Whether something is written at a place that starts at an argument: judged by the object literals that are
    /// passed, since absence cannot be taken back once it was believed.
    fn stands_at(&mut self, call: u32, place: &Place) -> bool {
        let Base::Argument(position) = place.base else { return false };
        let call_site = &self.calls[call as usize];
        let Some(argument) = call_site.arguments.get(position as usize).copied() else { return false };
        let Some(Step::Field(name)) = place.path.first() else { return true };
        let Some(node) = argument.node else { return false };
        self.values_at(node).iter().any(|&value| match self.values.get(value) {
            AbstractValue::Object(at) => match &self.facts(at.module).expr(at.expr).kind {
                ExprKind::Object(properties) => {
                    properties.iter().any(|property| match property.key {
                        PropertyKey::Named(key) => self.facts(at.module).name(key) == name,
                        PropertyKey::Spread => true,
                        _ => false,
                    }) || is_added(self.facts(at.module), at.expr, name)
                }
                _ => false,
            },
            AbstractValue::String(_) | AbstractValue::Number(_) => false,
            _ => true,
        })
    }

    fn is_one_of(&self, value: ValueId, words: &[String]) -> bool {
        match self.values.get(value) {
            AbstractValue::String(text) => words.iter().any(|word| **word == **text),
            _ => false,
        }
    }

    fn argument_is(&mut self, call: u32, position: u32, kind: ArgumentKind) -> bool {
        if let Some(node) = self.argument(call, position) {
            let values = self.values_at(node);
            let of_kind = |&value: &ValueId| match self.values.get(value) {
                AbstractValue::Function(_)
                | AbstractValue::Class(_)
                | AbstractValue::Bound(..)
                | AbstractValue::Method(..) => kind == ArgumentKind::Function,
                AbstractValue::String(_) => kind == ArgumentKind::String,
                AbstractValue::Number(_) => kind == ArgumentKind::Number,
                AbstractValue::Object(_) | AbstractValue::Collected(_) if self.is_array(value) => {
                    kind == ArgumentKind::Array
                }
                AbstractValue::Object(_) | AbstractValue::Instance(_) | AbstractValue::Constructed(_) => {
                    kind == ArgumentKind::Object
                }
                AbstractValue::Api(_) => kind == ArgumentKind::Object,
                _ => false,
            };
            if values.iter().any(of_kind) {
                return true;
            }
        }
        let Some(call) = self.calls.get(call as usize) else { return false };
        let Some(expr) = call.arguments.get(position as usize).and_then(|argument| argument.expr) else {
            return false;
        };
        match self.facts(call.site.module).expr(expr).kind {
            ExprKind::Template { .. } | ExprKind::Binary { .. } | ExprKind::String(_) => {
                kind == ArgumentKind::String
            }
            ExprKind::Number(_) => kind == ArgumentKind::Number,
            _ => false,
        }
    }

    /// Whether some value of a place is a constant (or, where `wanted` is false, is none).
    pub(super) fn has_constant(&mut self, context: u32, place: &Place, wanted: bool) -> bool {
        let values = self.place_values(context, place);
        values.iter().any(|&value| {
            let constant = matches!(self.values.get(value), AbstractValue::String(_) | AbstractValue::Number(_));
            constant == wanted
        })
    }

    /// Whether some value of a place begins with one of the texts.
    pub(super) fn starts_with(&mut self, context: u32, place: &Place, texts: &[String]) -> bool {
        let begins = |text: &str| {
            let text = text.trim_start().to_lowercase();
            texts.iter().any(|wanted| text.starts_with(&wanted.to_lowercase()))
        };
        let values = self.place_values(context, place);
        let constant = values.iter().any(|&value| match self.values.get(value) {
            AbstractValue::String(text) => begins(text),
            _ => false,
        });
        constant
            || self.written_at(context, place).into_iter().any(|at| self.leading_text(at, 3).is_some_and(&begins))
    }

    /// The expressions that are written at a place: an argument itself, or a property of an object literal.
    fn written_at(&self, context: u32, place: &Place) -> Vec<ExprRef> {
        let Base::Argument(position) = place.base else { return Vec::new() };
        let call = &self.calls[self.library.contexts[context as usize].call as usize];
        let Some(argument) = call.arguments.get(position as usize) else { return Vec::new() };
        let module = call.site.module;
        match place.path.as_slice() {
            [] => argument.expr.map(|expr| ExprRef { module, expr }).into_iter().collect(),
            [Step::Field(name)] => {
                let values = argument.node.map_or(&[][..], |node| self.values_at(node));
                let objects = values.iter().filter_map(|&value| match self.values.get(value) {
                    AbstractValue::Object(at) => Some(*at),
                    _ => None,
                });
                objects.filter_map(|object| self.property_of(object, name)).collect()
            }
            _ => Vec::new(),
        }
    }

    fn property_of(&self, object: ExprRef, name: &str) -> Option<ExprRef> {
        let facts = self.facts(object.module);
        let ExprKind::Object(properties) = &facts.expr(object.expr).kind else { return None };
        let named = |key: PropertyKey| matches!(key, PropertyKey::Named(key) if facts.name(key) == name);
        let property = properties.iter().find(|property| named(property.key))?;
        Some(ExprRef { module: object.module, expr: property.value })
    }

    /// The text with which a template or concatenation begins; a variable is followed to its only assignment.
    fn leading_text(&self, at: ExprRef, depth: u32) -> Option<&str> {
        let facts = self.facts(at.module);
        let follow = |expr| self.leading_text(ExprRef { module: at.module, expr }, depth.checked_sub(1)?);
        match &facts.expr(at.expr).kind {
            ExprKind::String(text) => Some(facts.name(*text)),
            ExprKind::Template { texts, .. } => texts.first().map(|text| facts.name(*text)),
            ExprKind::Binary { left, .. } => follow(*left),
            ExprKind::Binding(binding) => {
                let mut assigned = facts.assigns.iter().filter(|assign| assign.binding == *binding);
                let (only, None) = (assigned.next()?, assigned.next()) else { return None };
                follow(only.value)
            }
            _ => None,
        }
    }
}

/// Whether an object literal that a variable is declared as gets a property afterwards: `options.adapter = …`.
fn is_added(facts: &ModuleFacts, literal: ExprId, name: &str) -> bool {
    facts.stores_named(name).filter_map(|store| store.object).any(|object| {
        let ExprKind::Binding(binding) = facts.expr(object).kind else { return false };
        facts.assigns_to(binding).any(|assign| assign.value == literal)
    })
}

#[cfg(test)]
mod tests {
    use crate::flow::solve;
    use crate::flow::tests::{Everything, graph};
    use crate::rules::{RuleSource, StateVerb, load_sources};

    /// What `query(…)` does to state, by rules that look at its first argument.
    fn verbs(program: &str) -> Vec<StateVerb> {
        let text = r#"
            title = "A database"
            packages = ["db"]
            [module.methods]
            query = [
              { when = { argument = 0, starts-with = ["insert", "update"] }, state = "write" },
              { when = { argument = 0, starts-with = "select" }, state = "read" },
              { when = { value = "argument.0.text", starts-with = "delete" }, state = "remove" },
            ]
            named = { when = { argument = 0, constant = true }, state = "write" }
            unnamed = { when = { value = "argument.0.id", constant = false }, state = "read" }
        "#;
        let rules = load_sources([RuleSource::new("db", "db.toml", text)]).expect("the rules load");
        let graph = graph(&format!("import * as db from 'db';\n{program}"));
        let (flow, _) = solve(&graph, &rules, &Everything);
        flow.uses.iter().filter_map(|found| Some(flow.operation(found)?.state.as_ref()?.verb)).collect()
    }

    #[test]
    fn texts_begin_with_a_word() {
        use StateVerb::{Read, Remove, Write};
        for (program, expected) in [
            ("db.query('INSERT INTO t')", vec![Write]),
            ("db.query(`\n  Update ${t}`)", vec![Write]),
            ("const q = 'select ' + t; db.query(q)", vec![Read]),
            ("const q = 'select 1'; db.query(q)", vec![Read]),
            ("db.query({ text: 'DELETE FROM t' })", vec![Remove]),
            ("db.query({ text: `delete from ${t}` })", vec![Remove]),
            ("db.query(`${verb} from t`)", vec![]),
            ("db.query(sql)", vec![]),
            ("db.query()", vec![]),
        ] {
            assert_eq!(verbs(program), expected, "{program}");
        }
    }

    #[test]
    fn constants_and_other_values() {
        use StateVerb::{Read, Write};
        for (program, expected) in [
            ("db.named('a')", vec![Write]),
            ("const name = 'a'; db.named(name)", vec![Write]),
            ("db.named(`a-${host}`)", vec![]),
            ("db.unnamed({ id: 'a' })", vec![]),
            ("db.unnamed({ id: `a-${host}` })", vec![Read]),
        ] {
            assert_eq!(verbs(program), expected, "{program}");
        }
    }
}

//! Which functions other code can call through the exports of modules.

use super::Program;
use crate::facts::{ExprKind, StoreKey};
use crate::flow::{AbstractValue, ExprRef, FieldKey, FunctionRef, ValueId};
use crate::modules::ModuleId;
use rustc_hash::{FxHashMap, FxHashSet};

impl<'a> Program<'a> {
    pub(super) fn index_exports(&mut self) {
        let mut seen = FxHashSet::default();
        let mut pending: Vec<(ValueId, u8)> = Vec::new();
        let is_exports = |(_, value): &(ValueId, &AbstractValue)| matches!(value, AbstractValue::Exports(_));
        pending.extend(self.flow.all_values().filter(is_exports).map(|(id, _)| (id, 0)));
        for module in self.flow.graph.ids() {
            pending.extend(self.whole_exports(module).into_iter().map(|value| (value, 0)));
        }
        let mut fields_of: FxHashMap<ValueId, Vec<ValueId>> = FxHashMap::default();
        self.flow.all_fields().into_iter().for_each(|(owner, key, values)| {
            if matches!(key, FieldKey::Named(_)) {
                fields_of.entry(owner).or_default().extend(values.iter().copied());
            }
        });
        // Whoever has a class or a constructor function makes instances of it.
        let made: FxHashMap<&AbstractValue, ValueId> = self
            .flow
            .all_values()
            .filter(|(_, value)| matches!(value, AbstractValue::Constructed(_) | AbstractValue::Instance(_)))
            .map(|(id, value)| (value, id))
            .collect();
        while let Some((value, depth)) = pending.pop() {
            if depth > 3 || !seen.insert(value) {
                continue;
            }
            match self.flow.value(value) {
                AbstractValue::Function(function) => {
                    self.exported.insert(*function);
                    // Whoever calls it from outside gets what it returns.
                    if self.flow.calls.callers(*function).is_empty() {
                        let results = self.results(*function);
                        pending.extend(results.map(|result| (result, depth + 1)));
                    }
                }
                AbstractValue::Class(class) | AbstractValue::Instance(class) => {
                    for member in &self.flow.facts(class.module).class(class.class).members {
                        use crate::facts::MemberKind::{Getter, Method, Setter};
                        if let Method(function) | Getter(function) | Setter(function) = member.kind {
                            self.exported.insert(FunctionRef { module: class.module, function });
                        }
                    }
                }
                _ => {}
            }
            let instance = match self.flow.value(value) {
                AbstractValue::Function(function) => made.get(&AbstractValue::Constructed(*function)),
                AbstractValue::Class(class) => made.get(&AbstractValue::Instance(*class)),
                _ => None,
            };
            pending.extend(instance.map(|&instance| (instance, depth + 1)));
            let fields = fields_of.get(&value).into_iter().flatten();
            pending.extend(fields.map(|&field| (field, depth + 1)));
        }
    }

    /// The values that a function returns.
    fn results(&self, function: FunctionRef) -> impl Iterator<Item = ValueId> + use<'a> {
        let FunctionRef { module, function } = function;
        let flow = self.flow;
        let returns = flow.facts(module).function(function).returns.iter();
        returns.flat_map(move |&expr| flow.values(ExprRef { module, expr })).copied()
    }

    /// What `module.exports = …` assigns.
    fn whole_exports(&self, module: ModuleId) -> Vec<ValueId> {
        let facts = self.flow.facts(module);
        let is_module =
            |object| matches!(facts.expr(object).kind, ExprKind::Global(name) if facts.name(name) == "module");
        let assigned = facts.stores.iter().filter(|store| {
            store.object.is_some_and(is_module)
                && matches!(store.key, StoreKey::Named(name) if facts.name(name) == "exports")
        });
        let values = assigned.flat_map(|store| self.flow.values(ExprRef { module, expr: store.value }));
        values.copied().collect()
    }
}

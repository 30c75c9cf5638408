//! `extends` and `mixins`: checks for circles, then copies what mixins give.

use super::Compiler;
use crate::rules::model::{ApiType, TypeId};
use std::collections::BTreeMap;

/// How far the search for circles is with a type.
#[derive(Clone, Copy, PartialEq)]
enum Visit {
    New,
    Open,
    Done,
}

impl Compiler<'_> {
    /// Links types to those whose members they take.
    pub(super) fn inherit(&mut self) {
        let mut references: BTreeMap<TypeId, Vec<usize>> = BTreeMap::new();
        for (index, lineage) in self.lineage.iter().enumerate() {
            references.entry(lineage.from).or_default().push(index);
        }
        let mut visits = vec![Visit::New; self.types.len()];
        for ty in 0..self.types.len() {
            self.link(TypeId(ty as u32), &references, &mut visits);
        }
    }

    /// Links a type after all that it refers to, so that a mixin's own mixins are copied along.
    fn link(&mut self, ty: TypeId, references: &BTreeMap<TypeId, Vec<usize>>, visits: &mut [Visit]) {
        if visits[ty.0 as usize] != Visit::New {
            return;
        }
        visits[ty.0 as usize] = Visit::Open;
        for &index in references.get(&ty).into_iter().flatten() {
            let to = self.lineage[index].to;
            self.link(to, references, visits);
            if visits[to.0 as usize] == Visit::Open {
                let (file, span) = (self.lineage[index].file, self.lineage[index].span.clone());
                let message = format!("{} takes its own members", self.type_name(ty));
                let help = format!("{} comes back to it", self.type_name(to));
                self.fault(file, span, message, help);
            } else if self.lineage[index].mixin {
                let mixin = self.types[to.0 as usize].clone();
                copy_members(&mixin, &mut self.types[ty.0 as usize]);
            } else {
                let parent = self.types[to.0 as usize].clone();
                let child = &mut self.types[ty.0 as usize];
                child.extends = Some(to);
                child.instance = child.instance.or(parent.instance);
                child.decorator = child.decorator.take().or(parent.decorator);
            }
        }
        visits[ty.0 as usize] = Visit::Done;
    }
}

/// Copies the members of a mixin that the type has not itself.
fn copy_members(mixin: &ApiType, into: &mut ApiType) {
    fn missing<T: Clone>(from: &BTreeMap<String, T>, into: &mut BTreeMap<String, T>) {
        for (name, value) in from {
            into.entry(name.clone()).or_insert_with(|| value.clone());
        }
    }
    missing(&mixin.methods, &mut into.methods);
    missing(&mixin.properties, &mut into.properties);
    missing(&mixin.overrides, &mut into.overrides);
    let operations = [
        (&mixin.call, &mut into.call),
        (&mixin.construct, &mut into.construct),
        (&mixin.any_method, &mut into.any_method),
    ];
    for (from, into) in operations {
        if into.is_empty() {
            into.clone_from(from);
        }
    }
    if into.any_property.is_none() {
        into.any_property.clone_from(&mixin.any_property);
    }
}

//! Answers about a file that the analysis asks for again and again, each found once and only where it is asked for:
//! a scan of all expressions for every question would make large files cost the square of their size.

use super::{Assign, BindingId, Expr, ExprId, ExprKind, FunctionId, ModuleFacts, Name, Store, StoreKey};
use crate::source::Span;
use std::sync::OnceLock;

/// The indices of a file, empty until asked for.
#[derive(Debug, Default)]
pub struct Index {
    assigns: OnceLock<Groups>,
    stores: OnceLock<Groups>,
    calls: OnceLock<Groups>,
    parents: OnceLock<Groups>,
    by_start: OnceLock<Vec<ExprId>>,
    names: OnceLock<Vec<Name>>,
}

/// Positions grouped by a key: those of key `k` stand between `starts[k]` and `starts[k + 1]`, in ascending order.
#[derive(Debug)]
struct Groups {
    starts: Vec<u32>,
    items: Vec<u32>,
}

impl Groups {
    /// Groups the pairs of key and position that `pairs` calls its argument with, twice alike.
    fn new(keys: usize, pairs: impl Fn(&mut dyn FnMut(usize, u32))) -> Self {
        let mut starts = vec![0u32; keys + 1];
        pairs(&mut |key, _| starts[key + 1] += 1);
        for key in 0..keys {
            starts[key + 1] += starts[key];
        }
        let mut next = starts.clone();
        let mut items = vec![0u32; starts[keys] as usize];
        pairs(&mut |key, item| {
            items[next[key] as usize] = item;
            next[key] += 1;
        });
        Groups { starts, items }
    }

    fn of(&self, key: usize) -> &[u32] {
        &self.items[self.starts[key] as usize..self.starts[key + 1] as usize]
    }
}

impl ModuleFacts {
    /// The assignments to a binding, in source order.
    pub fn assigns_to(&self, binding: BindingId) -> impl Iterator<Item = &Assign> {
        let groups = self.index.assigns.get_or_init(|| {
            Groups::new(self.bindings.len(), |put| {
                for (index, assign) in self.assigns.iter().enumerate() {
                    put(assign.binding.index(), index as u32);
                }
            })
        });
        groups.of(binding.index()).iter().map(|&index| &self.assigns[index as usize])
    }

    /// The stores into a property of this name, whatever the object, in source order.
    pub fn stores_to(&self, property: Name) -> impl Iterator<Item = &Store> {
        let groups = self.index.stores.get_or_init(|| {
            Groups::new(self.names.len(), |put| {
                for (index, store) in self.stores.iter().enumerate() {
                    if let StoreKey::Named(name) = store.key {
                        put(name.index(), index as u32);
                    }
                }
            })
        });
        groups.of(property.index()).iter().map(|&index| &self.stores[index as usize])
    }

    /// The stores into a property of this name, as a text.
    pub fn stores_named(&self, property: &str) -> impl Iterator<Item = &Store> {
        self.name_of(property).into_iter().flat_map(|name| self.stores_to(name))
    }

    /// The calls and `new` expressions that a function evaluates itself, in order of their ids.
    pub fn calls_in(&self, function: FunctionId) -> impl Iterator<Item = ExprId> {
        let groups = self.index.calls.get_or_init(|| {
            Groups::new(self.functions.len(), |put| {
                for (index, expr) in self.exprs.iter().enumerate() {
                    if matches!(expr.kind, ExprKind::Call { .. } | ExprKind::New { .. }) {
                        put(expr.function.index(), index as u32);
                    }
                }
            })
        });
        groups.of(function.index()).iter().map(|&index| ExprId(index))
    }

    /// The expressions that an expression is a direct part of, in order of their ids.
    pub fn parents_of(&self, id: ExprId) -> impl Iterator<Item = (ExprId, &Expr)> {
        let groups = self.index.parents.get_or_init(|| {
            Groups::new(self.exprs.len(), |put| {
                for index in 0..self.exprs.len() as u32 {
                    self.for_each_child(ExprId(index), |child| put(child.index(), index));
                }
            })
        });
        groups.of(id.index()).iter().map(|&index| (ExprId(index), self.expr(ExprId(index))))
    }

    /// The expressions that stand in a range, by where they begin.
    pub fn exprs_within(&self, span: Span) -> impl Iterator<Item = (ExprId, &Expr)> {
        let by_start = self.index.by_start.get_or_init(|| {
            let mut ids: Vec<ExprId> = (0..self.exprs.len() as u32).map(ExprId).collect();
            ids.sort_by_key(|&id| (self.expr(id).span.start, id));
            ids
        });
        let from = by_start.partition_point(|&id| self.expr(id).span.start < span.start);
        by_start[from..]
            .iter()
            .map(|&id| (id, self.expr(id)))
            .take_while(move |(_, expr)| expr.span.start <= span.end)
            .filter(move |(_, expr)| span.contains(expr.span))
    }

    /// The name that has this text, if the file has it.
    pub fn name_of(&self, text: &str) -> Option<Name> {
        let sorted = self.index.names.get_or_init(|| {
            let mut names: Vec<Name> = (0..self.names.len() as u32).map(Name).collect();
            names.sort_by(|&one, &other| self.name(one).cmp(self.name(other)));
            names
        });
        let found = sorted.binary_search_by(|&name| self.name(name).cmp(text)).ok()?;
        Some(sorted[found])
    }
}

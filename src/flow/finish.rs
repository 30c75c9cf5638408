//! The solver's result, frozen for queries.

use rustc_hash::FxHashMap;

use super::call_graph::{CallEdge, CallGraph, EdgeKind};
use super::solver::Solver;
use super::table::{Atom, Atoms};
use super::value::{AbstractValue, ClassRef, ExprRef, Step, ValueId};
use super::{ApiUse, FieldKey, ValueFlow};
use crate::facts::ClassId;
use crate::rules::{Base, Place};

/// Freezes a solved program.
pub(super) fn finish(mut solver: Solver<'_>) -> ValueFlow<'_> {
    let owners = owners(&mut solver);
    let (uses, moved) = sorted_uses(std::mem::take(&mut solver.uses));
    let edges =
        solver.edges.iter().map(|edge| CallEdge { kind: renumbered(&edge.kind, &moved), ..edge.clone() }).collect();
    let mut uses_by_site: FxHashMap<ExprRef, (u32, u32)> = FxHashMap::default();
    for (index, api_use) in uses.iter().enumerate() {
        let index = index as u32;
        uses_by_site.entry(api_use.site).or_insert((index, index)).1 = index + 1;
    }
    let (instance_api, superclasses) = classes(&solver);
    let fields = solver
        .fields
        .iter()
        .map(|(&(value, key), node)| ((value, field_key(&solver.atoms, key)), node.0))
        .collect();
    ValueFlow {
        graph: solver.graph,
        rules: solver.rules,
        uses,
        properties: solver.library.properties,
        calls: CallGraph::new(edges),
        merged: (0..solver.nodes.len() as u32)
            .map(|node| solver.merged.find(super::solver::Node(node)).0)
            .collect(),
        nodes: solver.nodes.into_iter().map(|state| state.values.into_boxed_slice()).collect(),
        values: solver.values.items,
        expr_nodes: solver.expr_nodes,
        binding_nodes: solver.binding_nodes,
        fields,
        owners,
        uses_by_site,
        instance_api,
        superclasses,
    }
}

fn field_key(atoms: &Atoms, key: Atom) -> FieldKey {
    match key {
        Atom::ELEMENT => FieldKey::Element,
        Atom::KEY => FieldKey::Key,
        Atom::ANY => FieldKey::Any,
        _ => FieldKey::Named(atoms.text(key).into()),
    }
}

fn owners(solver: &mut Solver<'_>) -> FxHashMap<ValueId, ValueId> {
    let mut owners = FxHashMap::default();
    for index in 0..solver.values.items.len() as u32 {
        let value = ValueId(index);
        let owner = solver.owner(value);
        if owner != value {
            owners.insert(value, owner);
        }
    }
    owners
}

/// Uses in their final order, and where each went.
fn sorted_uses(uses: Vec<ApiUse>) -> (Vec<ApiUse>, Vec<u32>) {
    let mut order: Vec<u32> = (0..uses.len() as u32).collect();
    let key = |index: u32| {
        let api_use = &uses[index as usize];
        (api_use.site, api_use.ty, api_use.member.clone(), api_use.operation, api_use.receiver, index)
    };
    order.sort_by_cached_key(|&index| key(index));
    let mut moved = vec![0; uses.len()];
    for (to, &from) in order.iter().enumerate() {
        moved[from as usize] = to as u32;
    }
    (order.iter().map(|&index| uses[index as usize].clone()).collect(), moved)
}

fn renumbered(kind: &EdgeKind, moved: &[u32]) -> EdgeKind {
    match *kind {
        EdgeKind::Callback { api_use, callback } => {
            EdgeKind::Callback { api_use: moved[api_use as usize], callback }
        }
        EdgeKind::Event { listen } => EdgeKind::Event { listen: moved[listen as usize] },
        ref other => other.clone(),
    }
}

type Classes = (FxHashMap<ClassRef, ValueId>, FxHashMap<ClassRef, Vec<ClassRef>>);

fn classes(solver: &Solver<'_>) -> Classes {
    let (mut api, mut supers) = (FxHashMap::default(), FxHashMap::default());
    for module in solver.graph.ids() {
        for index in 0..solver.graph.facts(module).classes.len() as u32 {
            let class = ClassRef { module, class: ClassId(index) };
            if let Some(base) = solver.class_api(class) {
                api.insert(class, base);
            }
            if let Some(state) = solver.classes.get(&class) {
                supers.insert(class, state.supers.clone());
            }
        }
    }
    (api, supers)
}

impl ValueFlow<'_> {
    /// The values at a place of a use's operation (`attach.adapter`, `clients`, `publish.name`).
    pub fn place(&self, api_use: &ApiUse, place: &Place) -> Vec<ValueId> {
        let mut values = self.place_base(api_use, &place.base);
        for step in &place.path {
            let mut next = Vec::new();
            for &value in &values {
                let key = match step {
                    crate::rules::Step::Element | crate::rules::Step::Item => FieldKey::Any,
                    crate::rules::Step::Key => FieldKey::Key,
                    crate::rules::Step::Field(name) => FieldKey::Named(name.as_str().into()),
                    _ => FieldKey::Any,
                };
                next.extend_from_slice(self.field(value, &key));
                if key == FieldKey::Any {
                    next.extend_from_slice(self.field(value, &FieldKey::Element));
                }
            }
            next.sort_unstable();
            next.dedup();
            values = next;
        }
        values
    }

    fn place_base(&self, api_use: &ApiUse, base: &Base) -> Vec<ValueId> {
        match base {
            Base::This => api_use.receiver.into_iter().collect(),
            Base::Argument(position) => {
                self.argument(api_use.site, *position).map(|at| self.values(at).to_vec()).unwrap_or_default()
            }
            Base::Arguments(first) => (*first..)
                .map_while(|position| self.argument(api_use.site, position))
                .flat_map(|at| self.values(at).to_vec())
                .collect(),
            Base::Result => match api_use.result {
                Some(value) => vec![value],
                None => self.values(api_use.site).to_vec(),
            },
            Base::Origin => api_use
                .receiver
                .and_then(|value| self.api(value))
                .and_then(|object| object.origin)
                .into_iter()
                .collect(),
            _ => Vec::new(),
        }
    }

    /// The n-th argument of a call, `new` or tagged template; for a watched assignment the assigned value itself.
    pub fn argument(&self, site: ExprRef, position: u32) -> Option<ExprRef> {
        use crate::facts::ExprKind;
        let at = |expr| ExprRef { module: site.module, expr };
        match &self.facts(site.module).expr(site.expr).kind {
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => {
                args.get(position as usize).filter(|argument| !argument.spread).map(|argument| at(argument.value))
            }
            ExprKind::Tagged { parts, .. } => parts.get((position as usize).checked_sub(1)?).map(|&part| at(part)),
            _ => None,
        }
    }

    /// Whether deliveries on a value are kept on this instance by a step (`io.local`).
    pub fn is_local(&self, value: ValueId) -> bool {
        match self.value(value) {
            AbstractValue::Api(object) => object.steps.contains(&Step::Local),
            _ => false,
        }
    }
}

//! What is not traced: values taken from annotations, then from conventional names, then `Unknown`.
//!
//! Each step runs only where the one before left nothing, and the solver goes on to a new fixpoint after it.

use rustc_hash::FxHashSet;

use super::solver::{NO_NODE, Node, Solver};
use super::value::{AbstractValue, ApiObject, ClassRef, Confidence, ExprRef, FunctionRef};
use crate::facts::{BindingKind, ClassId, ExprId, ExprKind, FunctionId, MemberKind, StoreKey, TypeExpr};
use crate::modules::ModuleId;
use crate::rules::TypeId;

/// Rounds after which no further fallback is tried.
const MAX_ROUNDS: usize = 8;

impl Solver<'_> {
    /// Solves, filling gaps until there are none.
    pub(super) fn solve_with_fallbacks(&mut self) {
        self.index_implementations();
        self.run();
        for _ in 0..MAX_ROUNDS {
            if self.limit_reached {
                return;
            }
            let typed = self.use_annotations();
            self.run();
            let named = !typed && self.use_names();
            self.run();
            let unknown = !typed && !named && self.admit_unknown();
            self.run();
            if !typed && !named && !unknown {
                return;
            }
        }
    }

    fn index_implementations(&mut self) {
        for module in self.graph.ids() {
            let facts = self.facts(module);
            for (index, class) in facts.classes.iter().enumerate() {
                let class_ref = ClassRef { module, class: ClassId(index as u32) };
                for implemented in &class.implements {
                    let TypeExpr::Named { binding, path, .. } = implemented else { continue };
                    let Some(&last) = path.last() else { continue };
                    let local = binding.filter(|&binding| facts.binding(binding).kind == BindingKind::Type);
                    self.implementations.entry(facts.name(last).into()).or_default().push((class_ref, local));
                }
            }
        }
    }

    /// Whether nothing useful arrived at a node.
    fn is_untraced(&self, node: Node) -> bool {
        self.values_at(node).iter().all(|&value| matches!(self.values.get(value), AbstractValue::Unknown))
    }

    /// Annotated parameters, variables and fields that nothing was traced to; whether any gave a value.
    fn use_annotations(&mut self) -> bool {
        let mut changed = false;
        for module in self.graph.ids() {
            let facts = self.facts(module);
            for function in &facts.functions {
                for parameter in &function.parameters {
                    if let Some(ty) = &parameter.ty {
                        let node = self.node(module, parameter.value);
                        changed |= self.annotate(module, ty, node, parameter.value);
                    }
                }
            }
            for assign in &facts.assigns {
                if let Some(ty) = &facts.binding(assign.binding).ty {
                    let node = self.binding_node(module, assign.binding);
                    changed |= self.annotate(module, ty, node, assign.value);
                }
            }
            for (index, class) in facts.classes.iter().enumerate() {
                let instance = ClassRef { module, class: ClassId(index as u32) };
                let instance = self.values.intern(AbstractValue::Instance(instance));
                for member in &class.members {
                    let (MemberKind::Field(value), Some(ty), Some(name)) = (member.kind, &member.ty, member.name)
                    else {
                        continue;
                    };
                    let key = self.atom(module, name);
                    let node = self.field(instance, key);
                    changed |= self.annotate(module, ty, node, value.unwrap_or(class.value));
                }
            }
            for (index, expr) in facts.exprs.iter().enumerate() {
                if let ExprKind::Typed { value, ty } = &expr.kind {
                    let node = self.node(module, *value);
                    changed |= self.annotate(module, ty, node, ExprId(index as u32));
                }
            }
        }
        changed
    }

    fn annotate(&mut self, module: ModuleId, ty: &TypeExpr, node: Node, at: ExprId) -> bool {
        if !self.is_untraced(node) {
            return false;
        }
        let mut changed = false;
        for value in self.typed_values(module, ty, ExprRef { module, expr: at }, 0) {
            if !self.values_at(node).contains(&value) {
                self.add_value(node, value);
                changed = true;
            }
        }
        changed
    }

    /// Receivers whose name is conventional for a library's type, where the member read from them is the type's.
    fn use_names(&mut self) -> bool {
        let mut found: Vec<(Node, TypeId, ExprRef)> = Vec::new();
        for module in self.graph.ids() {
            let facts = self.facts(module);
            for expr in &facts.exprs {
                let ExprKind::Member { object, property, .. } = expr.kind else { continue };
                let name = match facts.expr(object).kind {
                    ExprKind::Binding(binding) => facts.binding(binding).name,
                    ExprKind::Global(name) | ExprKind::Member { property: name, .. } => name,
                    _ => continue,
                };
                let node = self.node(module, object);
                if !self.is_untraced(node) {
                    continue;
                }
                for &ty in self.rules.named(facts.name(name)) {
                    let is_method = self.rules.method(ty, facts.name(property)).is_some()
                        || self.rules.property(ty, facts.name(property)).is_some();
                    let family = &self.rules.families[self.rules.ty(ty).family as usize];
                    let depends = || self.uses_family(module, family);
                    // APIs without an import show themselves by words that nothing else uses.
                    let mentions = || family.keywords.iter().any(|word| self.versions.mentions(module, word));
                    if is_method && (depends() || mentions()) {
                        found.push((node, ty, ExprRef { module, expr: object }));
                    }
                }
            }
        }
        let mut seen = FxHashSet::default();
        let mut changed = false;
        for (node, ty, site) in found {
            if !seen.insert((node, ty)) {
                continue;
            }
            let value = self.values.intern(AbstractValue::Api(ApiObject {
                ty,
                site: Some(site),
                origin: None,
                steps: Box::default(),
                confidence: Confidence::Inferred,
            }));
            self.add_value(node, value);
            changed = true;
        }
        changed
    }

    /// Parameters that nothing passes and calls that reach nothing become unknown; whether there were any.
    fn admit_unknown(&mut self) -> bool {
        let mut changed = false;
        let called: FxHashSet<FunctionRef> = self.edges.iter().map(|edge| edge.callee).collect();
        for module in self.graph.ids() {
            let facts = self.facts(module);
            for (index, function) in facts.functions.iter().enumerate() {
                let at = FunctionRef { module, function: FunctionId(index as u32) };
                if called.contains(&at) {
                    continue;
                }
                for parameter in &function.parameters {
                    let node = self.node(module, parameter.value);
                    if self.values_at(node).is_empty() {
                        self.add_value(node, self.unknown);
                        changed = true;
                    }
                }
            }
        }
        changed |= self.admit_unknown_indices();
        changed |= self.admit_unknown_arguments();
        for call in 0..self.calls.len() {
            let (resolved, callee) = (self.calls[call].resolved, self.calls[call].callee);
            if !resolved && callee.0 != NO_NODE {
                self.calls[call].resolved = true;
                let unknown = self.unknown;
                self.call_value(call as u32, unknown, None);
                changed = true;
            }
        }
        changed
    }

    /// An index that nothing is known of selects any entry: whatever is stored under it must not get lost.
    fn admit_unknown_indices(&mut self) -> bool {
        let mut changed = false;
        for module in self.graph.ids() {
            let facts = self.facts(module);
            let stored = facts.stores.iter().filter_map(|store| match store.key {
                StoreKey::Computed(index) => Some(index),
                StoreKey::Named(_) => None,
            });
            let read = facts.exprs.iter().filter_map(|expr| match expr.kind {
                ExprKind::Index { index, .. } => Some(index),
                _ => None,
            });
            // The keys of `map.set(key, value)` and kin; constructors and plain functions have none.
            let keys = facts.exprs.iter().filter_map(|expr| match &expr.kind {
                ExprKind::Call { callee, args, .. } => {
                    let is_method = matches!(facts.expr(*callee).kind, ExprKind::Member { .. });
                    args.first().filter(|argument| is_method && !argument.spread).map(|argument| argument.value)
                }
                _ => None,
            });
            for index in stored.chain(read).chain(keys) {
                let node = self.node(module, index);
                if self.values_at(node).is_empty() {
                    self.add_value(node, self.unknown);
                    changed = true;
                }
            }
        }
        changed
    }

    /// Arguments and indices without values are not constant: keys that they name can be any.
    fn admit_unknown_arguments(&mut self) -> bool {
        let arguments = self.calls.iter().flat_map(|call| &call.arguments).filter_map(|argument| argument.node);
        let mut nodes: Vec<Node> = arguments.collect();
        for module in self.graph.ids() {
            for expr in &self.facts(module).exprs {
                if let ExprKind::Index { index, .. } = expr.kind {
                    let known = self.expr_nodes[module.index()][index.index()];
                    nodes.extend((known != NO_NODE).then_some(Node(known)));
                }
            }
            for store in &self.facts(module).stores {
                if let StoreKey::Computed(index) = store.key {
                    let known = self.expr_nodes[module.index()][index.index()];
                    nodes.extend((known != NO_NODE).then_some(Node(known)));
                }
            }
        }
        let mut changed = false;
        for node in nodes {
            if self.values_at(node).is_empty() {
                self.add_value(node, self.unknown);
                changed = true;
            }
        }
        changed
    }
}

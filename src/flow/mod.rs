//! Which values reach which expression, and which function is called where: an inclusion-based, flow- and
//! context-insensitive, field-sensitive points-to analysis over the lowered modules, with the call graph built on
//! the fly (Andersen's analysis).
//!
//! Promises are transparent: a promise of a value *is* the value; `await`, `then` and `catch` pass it on.

mod call_graph;
mod calls;
mod conditions;
mod cycles;
mod decorators;
mod events;
mod fallback;
mod fields;
mod finish;
mod generate;
mod imports;
mod library;
mod places;
mod providers;
mod solver;
mod table;
#[cfg(test)]
mod tests;
mod types;
mod value;
mod versions;

pub use call_graph::{CallEdge, CallGraph, EdgeKind};
pub use value::{AbstractValue, ApiObject, ClassRef, ExprRef, FunctionRef, Step, ValueId};

use crate::facts::{BindingId, ModuleFacts};
use crate::modules::{ModuleGraph, ModuleId};
use crate::rules::{OperationId, RuleSet, TypeId};
use rustc_hash::FxHashMap;
use std::collections::BTreeSet;

pub use value::{BindingRef, Confidence};
pub use versions::ProjectVersions;

/// A field of an abstract value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldKey {
    /// A named property, array index or keyed entry.
    Named(Box<str>),
    /// Elements under unknown keys.
    Element,
    /// The keys of a container.
    Key,
    /// Everything that any field holds; present where something asked for it.
    Any,
}

/// One use of a library's operation.
#[derive(Debug, Clone)]
pub struct ApiUse {
    /// The call, `new`, tagged template, member expression (property reads) or assigned value (`on_assign`).
    pub site: ExprRef,
    /// The receiver's value; none for calls of functions and constructors.
    pub receiver: Option<ValueId>,
    /// The type that defines the operation.
    pub ty: TypeId,
    /// Which member of the type.
    pub member: Member,
    /// Index into the member's operations (0 for properties).
    pub operation: u32,
    /// The value that the call makes, where it makes one.
    pub result: Option<ValueId>,
}

/// Which member of an API type was used.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Member {
    /// The value was called.
    Call,
    /// The value was constructed.
    Construct,
    /// A method, by name.
    Method(Box<str>),
    /// A property was read.
    Property(Box<str>),
    /// A property was assigned.
    AssignProperty(Box<str>),
    /// A property was read that the installed version of the library does not have.
    AbsentProperty(Box<str>),
}

/// What the solver asks of manifests and lockfiles.
pub trait VersionCheck {
    /// Whether the version of `package` that the module's package uses lies in the npm range; none where unknown or
    /// where the package is not used.
    fn within(&self, module: ModuleId, package: &str, range: &str) -> Option<bool>;
    /// Whether the module's package (or the workspace around it) depends on `package`.
    fn depends_on(&self, module: ModuleId, package: &str) -> bool;

    /// Where the module's file stands in its package, with `/` between folders; empty where unknown.
    fn path_in_package(&self, _module: ModuleId) -> &str {
        ""
    }

    /// Whether the text of the module mentions `word`.
    fn mentions(&self, module: ModuleId, word: &str) -> bool;
    /// Whether the module's package has a source file of this name (without its ending) in a folder.
    fn has_file(&self, module: ModuleId, folder: &str, name: &str) -> bool;
}

/// The fixpoint: values of every expression, fields of every value, library uses and the call graph.
///
/// All slices are sorted by value id; ids are assigned in an order that depends on the input only.
pub struct ValueFlow<'a> {
    /// The program.
    pub graph: &'a ModuleGraph,
    /// The library rules.
    pub rules: &'a RuleSet,
    /// Library uses, sorted by (site, ty, member, operation, receiver).
    pub uses: Vec<ApiUse>,
    /// The library properties that the program looks up: imported names, reads and callees.
    pub properties: BTreeSet<OperationId>,
    /// Who calls whom.
    pub calls: CallGraph,
    values: Vec<AbstractValue>,
    nodes: Vec<Box<[ValueId]>>,
    merged: Vec<u32>,
    expr_nodes: Vec<Vec<u32>>,
    binding_nodes: Vec<Vec<u32>>,
    fields: FxHashMap<(ValueId, FieldKey), u32>,
    owners: FxHashMap<ValueId, ValueId>,
    uses_by_site: FxHashMap<ExprRef, (u32, u32)>,
    instance_api: FxHashMap<ClassRef, ValueId>,
    superclasses: FxHashMap<ClassRef, Vec<ClassRef>>,
}

/// Solves the program. The problem says so if the bounds stopped the solver early.
pub fn solve<'a>(
    graph: &'a ModuleGraph,
    rules: &'a RuleSet,
    versions: &'a dyn VersionCheck,
) -> (ValueFlow<'a>, bool) {
    let mut solver = solver::Solver::new(graph, rules, versions);
    for module in graph.ids() {
        solver.generate(module);
    }
    solver.solve_with_fallbacks();
    let complete = !solver.limit_reached;
    (finish::finish(solver), complete)
}

/// An operation by the coordinates of a use.
fn operation_of<'a>(
    rules: &'a RuleSet,
    ty: TypeId,
    member: &Member,
    index: u32,
) -> Option<&'a crate::rules::Operation> {
    let (ty, index) = (rules.ty(ty), index as usize);
    match member {
        Member::Call => ty.call.get(index),
        Member::Construct => ty.construct.get(index),
        Member::Method(name) => ty.methods.get(&**name).unwrap_or(&ty.any_method).get(index),
        Member::Property(_) | Member::AbsentProperty(_) => None,
        Member::AssignProperty(name) => {
            ty.properties.get(&**name).and_then(|property| property.on_assign.as_deref())
        }
    }
}

impl<'a> ValueFlow<'a> {
    /// The lowered file of a module.
    pub fn facts(&self, module: ModuleId) -> &'a ModuleFacts {
        self.graph.facts(module)
    }

    /// What an expression can be.
    pub fn values(&self, at: ExprRef) -> &[ValueId] {
        use crate::facts::ExprKind;
        let known = self.expr_nodes[at.module.index()][at.expr.index()];
        if known != solver::NO_NODE {
            return self.node(known);
        }
        // Nothing flows on from here (an operand of a comparison), so the solver made no node of its own.
        match self.facts(at.module).expr(at.expr).kind {
            ExprKind::Binding(binding) => self.binding_values(at.module, binding),
            ExprKind::Await(inner)
            | ExprKind::Typed { value: inner, .. }
            | ExprKind::Assign { value: inner, .. } => self.values(ExprRef { expr: inner, ..at }),
            _ => &[],
        }
    }

    /// What a variable can hold.
    pub fn binding_values(&self, module: ModuleId, binding: BindingId) -> &[ValueId] {
        self.node(self.binding_nodes[module.index()][binding.index()])
    }

    fn node(&self, node: u32) -> &[ValueId] {
        let node = self.merged.get(node as usize).copied().unwrap_or(node);
        self.nodes.get(node as usize).map_or(&[], |values| values)
    }

    /// The value behind an id.
    pub fn value(&self, id: ValueId) -> &AbstractValue {
        &self.values[id.0 as usize]
    }

    /// All values, by id.
    pub fn all_values(&self) -> impl Iterator<Item = (ValueId, &AbstractValue)> {
        self.values.iter().enumerate().map(|(index, value)| (ValueId(index as u32), value))
    }

    /// What a field of a value can hold.
    pub fn field(&self, of: ValueId, key: &FieldKey) -> &[ValueId] {
        let owner = self.owners.get(&of).copied().unwrap_or(of);
        self.fields.get(&(owner, key.clone())).map_or(&[], |&node| self.node(node))
    }

    /// The library object that the instances of a class are, where the class extends or is decorated as one.
    pub fn instance_base(&self, class: ClassRef) -> Option<ValueId> {
        self.instance_api.get(&class).copied()
    }

    /// All fields of all values, ordered by owner and key.
    pub fn all_fields(&self) -> Vec<(ValueId, &FieldKey, &[ValueId])> {
        let mut fields: Vec<_> =
            self.fields.iter().map(|((owner, key), &node)| (*owner, key, self.node(node))).collect();
        fields.sort();
        fields
    }

    /// The value that owns the fields of another: itself, or the one that stands for all instances of its type.
    pub fn field_owner(&self, of: ValueId) -> ValueId {
        self.owners.get(&of).copied().unwrap_or(of)
    }

    /// The library uses at an expression.
    pub fn uses_at(&self, site: ExprRef) -> &[ApiUse] {
        match self.uses_by_site.get(&site) {
            Some(&(start, end)) => &self.uses[start as usize..end as usize],
            None => &[],
        }
    }

    /// The operation of a use; none for a plain property read.
    pub fn operation(&self, api_use: &ApiUse) -> Option<&'a crate::rules::Operation> {
        operation_of(self.rules, api_use.ty, &api_use.member, api_use.operation)
    }

    /// The property of a use that reads one.
    pub fn property(&self, api_use: &ApiUse) -> Option<&'a crate::rules::Property> {
        match &api_use.member {
            Member::Property(name) | Member::AbsentProperty(name) => {
                self.rules.property(api_use.ty, name).map(|(_, property)| property)
            }
            _ => None,
        }
    }

    /// The library object behind a value: of `Api` itself, and of an `Instance` whose class extends one.
    pub fn api(&self, id: ValueId) -> Option<&ApiObject> {
        match self.value(id) {
            AbstractValue::Api(object) => Some(object),
            AbstractValue::Instance(class) => self.instance_api.get(class).and_then(|&base| self.api(base)),
            _ => None,
        }
    }

    /// The classes of the program that a class extends directly.
    pub fn superclasses(&self, class: ClassRef) -> &[ClassRef] {
        self.superclasses.get(&class).map_or(&[], |classes| classes)
    }
}

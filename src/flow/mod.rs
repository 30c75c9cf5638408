//! Which values reach which expression, and which function is called where: an inclusion-based, flow- and
//! context-insensitive, field-sensitive points-to analysis over the lowered modules, with the call graph built on
//! the fly (Andersen's analysis).
//!
//! Promises are transparent: a promise of a value *is* the value; `await`, `then` and `catch` pass it on.

mod call_graph;
mod value;

pub use call_graph::{CallEdge, CallGraph, EdgeKind};
pub use value::{AbstractValue, ApiObject, ClassRef, ExprRef, FunctionRef, Step, ValueId};

use crate::facts::{BindingId, ModuleFacts};
use crate::modules::{ModuleGraph, ModuleId};
use crate::rules::{RuleSet, TypeId};
use rustc_hash::FxHashMap;

pub use value::{BindingRef, Confidence};

/// A field of an abstract value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FieldKey {
    /// A named property, array index or keyed entry.
    Named(Box<str>),
    /// Elements under unknown keys.
    Element,
    /// The keys of a container.
    Key,
    /// Listeners of a process-local event; none where the event is unknown or the only one.
    Listeners(Option<Box<str>>),
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
}

/// The fixpoint: values of every expression, fields of every value, library uses and the call graph.
///
/// All slices are sorted by value id; ids are assigned in an order that depends on the input only.
pub struct ValueFlow<'a> {
    /// The program.
    pub graph: &'a ModuleGraph,
    /// The library rules.
    pub rules: &'a RuleSet,
    /// Interned values; `ValueId` indexes it.
    pub(crate) values: Vec<AbstractValue>,
    /// Per module: values of each expression.
    pub(crate) expr_values: Vec<Vec<Box<[ValueId]>>>,
    /// Per module: values of each binding.
    pub(crate) binding_values: Vec<Vec<Box<[ValueId]>>>,
    /// Fields of values.
    pub(crate) fields: FxHashMap<(ValueId, FieldKey), Box<[ValueId]>>,
    /// Library uses, sorted by (site, ty, member, operation, receiver).
    pub uses: Vec<ApiUse>,
    /// Uses by site: ranges of `uses`.
    pub(crate) uses_by_site: FxHashMap<ExprRef, (u32, u32)>,
    /// Who calls whom.
    pub calls: CallGraph,
    /// The library object that instances of a class are, where the class extends or is decorated as one.
    pub(crate) instance_api: FxHashMap<ClassRef, ValueId>,
}

impl<'a> ValueFlow<'a> {
    /// The lowered file of a module.
    pub fn facts(&self, module: ModuleId) -> &'a ModuleFacts {
        self.graph.facts(module)
    }
    /// What an expression can be.
    pub fn values(&self, at: ExprRef) -> &[ValueId] {
        &self.expr_values[at.module.index()][at.expr.index()]
    }
    /// What a variable can hold.
    pub fn binding_values(&self, module: ModuleId, binding: BindingId) -> &[ValueId] {
        &self.binding_values[module.index()][binding.index()]
    }
    /// The value behind an id.
    pub fn value(&self, id: ValueId) -> &AbstractValue {
        &self.values[id.0 as usize]
    }
    /// What a field of a value can hold.
    pub fn field(&self, of: ValueId, key: &FieldKey) -> &[ValueId] {
        self.fields.get(&(of, key.clone())).map_or(&[], |values| values)
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
        let ty = self.rules.ty(api_use.ty);
        let index = api_use.operation as usize;
        match &api_use.member {
            Member::Call => ty.call.get(index),
            Member::Construct => ty.construct.get(index),
            Member::Method(name) => ty.methods.get(&**name).unwrap_or(&ty.any_method).get(index),
            Member::Property(_) => None,
            Member::AssignProperty(name) => {
                ty.properties.get(&**name).and_then(|property| property.on_assign.as_deref())
            }
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
}

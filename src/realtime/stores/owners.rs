//! Objects whose fields are variables of the program: which classes have instances that live as long as the process, and
//! what their fields are declared to keep.

use super::declarations::Slot;
use super::reach::Reach;
use crate::facts::{ExprKind, FunctionKind, MemberKind, ModuleFacts, TypeExpr};
use crate::flow::{AbstractValue, BindingRef, ClassRef, FunctionRef, ValueFlow};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::BTreeSet;

/// Over how many constructors it is followed who makes what.
pub(super) const CONSTRUCTORS: u32 = 3;

/// Who makes the instances of classes.
pub(super) struct Makers<'m, 'f, 'a> {
    /// Why functions run.
    pub reach: &'m Reach<'f, 'a>,
    /// The program.
    pub flow: &'f ValueFlow<'a>,
    /// The functions that construct each class.
    pub made: &'m FxHashMap<ClassRef, BTreeSet<FunctionRef>>,
    /// Classes that have themselves called.
    pub registering: &'m FxHashSet<ClassRef>,
}

impl Makers<'_, '_, '_> {
    /// Whether the instances of a class live as long as the process. Entries of a collection are that collection's state, and
    /// what a function on offer makes lives as long as its caller likes, unless it has itself called.
    pub(super) fn lives_long(&self, class: ClassRef, is_entry: &dyn Fn(ClassRef) -> bool, depth: u32) -> bool {
        if is_entry(class) {
            return false;
        }
        // What nothing in the program makes, a framework makes, once.
        let Some(makers) = self.made.get(&class) else { return is_for_others(self.flow, class) };
        let once = makers.iter().all(|&maker| {
            let outer = self.constructed(maker).filter(|&outer| outer != class && depth > 0);
            self.reach.once(maker) && outer.is_none_or(|outer| self.lives_long(outer, is_entry, depth - 1))
        });
        once && (!makers.iter().all(|&maker| self.reach.only_offered(maker)) || self.registering.contains(&class))
    }

    /// The class that a function is the constructor of: what is made there lives as long as its instance.
    fn constructed(&self, maker: FunctionRef) -> Option<ClassRef> {
        let facts = self.flow.facts(maker.module);
        let function = facts.function(maker.function);
        let class = function.class.filter(|_| function.kind == FunctionKind::Constructor)?;
        (!facts.class(class).is_abstract).then_some(ClassRef { module: maker.module, class })
    }
}

/// Whether somebody else can make instances of a class that no code of the program constructs, to call what they can do.
/// What has only fields describes the shape of data, an abstract class is made by nobody, and one whose static methods speak
/// of the class itself (`new this()`, `make(Board, name)`) makes its instances in a way that was not traced.
fn is_for_others(flow: &ValueFlow, class: ClassRef) -> bool {
    let facts = flow.facts(class.module);
    let declared = facts.class(class.class);
    let methods = |is_static: bool| {
        declared.members.iter().filter_map(move |member| match member.kind {
            MemberKind::Method(function) if member.is_static == is_static => Some(function),
            _ => None,
        })
    };
    let acts = methods(false).next().is_some();
    let makes_itself = methods(true).any(|function| {
        let is_this = |expr: crate::facts::ExprId| match facts.expr(expr).kind {
            ExprKind::This => true,
            ExprKind::Binding(binding) => Some(facts.binding(binding).name) == declared.name,
            _ => false,
        };
        facts.exprs.iter().filter(|expr| expr.function == function).any(|expr| match &expr.kind {
            ExprKind::New { callee, args } => is_this(*callee) || args.iter().any(|each| is_this(each.value)),
            ExprKind::Call { args, .. } => args.iter().any(|each| is_this(each.value)),
            _ => false,
        })
    });
    acts && !declared.is_abstract && !makes_itself
}

/// Whether a variable is declared to keep functions: the listener table of an emitter, a table of handlers.
pub(super) fn keeps_functions(flow: &ValueFlow, slot: &Slot) -> bool {
    match slot {
        Slot::Binding(BindingRef { module, binding }) => {
            let facts = flow.facts(*module);
            facts.binding(*binding).ty.as_ref().is_some_and(|ty| is_of_functions(facts, ty, true))
        }
        Slot::Field(owner, name) => {
            let AbstractValue::Instance(class) = flow.value(*owner) else { return false };
            let facts = flow.facts(class.module);
            facts.class(class.class).members.iter().any(|member| {
                member.name.is_some_and(|each| facts.name(each) == &**name)
                    && member.ty.as_ref().is_some_and(|ty| is_of_functions(facts, ty, true))
            })
        }
    }
}

/// Whether a type is, or is a collection of, function types; a single function is no collection.
fn is_of_functions(facts: &ModuleFacts, ty: &TypeExpr, is_outer: bool) -> bool {
    match ty {
        TypeExpr::Function(_) => !is_outer,
        TypeExpr::Array(element) => is_of_functions(facts, element, false),
        TypeExpr::Union(types) => types.iter().any(|each| is_of_functions(facts, each, is_outer)),
        TypeExpr::Named { path, arguments, .. } => match path.as_slice() {
            [name] if !is_outer && facts.name(*name) == "Function" => true,
            [name]
                if matches!(
                    facts.name(*name),
                    "Array" | "ReadonlyArray" | "Set" | "Map" | "WeakMap" | "Record"
                ) =>
            {
                arguments.last().is_some_and(|last| is_of_functions(facts, last, false))
            }
            _ => false,
        },
        _ => false,
    }
}

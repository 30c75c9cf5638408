//! Memos: containers whose entries can be computed again from their keys, which SPEC does not call state.

use super::Search;
use super::accesses::{Access, Verb};
use super::declarations::{Declaration, Slot};
use super::heap::Kind;
use crate::facts::{Argument, BindingId, BindingKind, ExprId, ExprKind, FunctionId, ModuleFacts};
use crate::flow::{AbstractValue, ExprRef, FunctionRef, ValueId};
use crate::modules::ModuleId;

/// Whether every entry is looked up first and then computed from its key: nothing comes from a client or an event.
pub(super) fn is_memo(search: &Search, declaration: &Declaration) -> bool {
    let nested =
        declaration.nested.iter().any(|access| access.verb.changes() && search.reach.after_start(access.function));
    let mut writes = declaration
        .direct
        .iter()
        .filter(|access| matches!(access.verb, Verb::Write | Verb::Count | Verb::Replace))
        .filter(|access| search.reach.after_start(access.function))
        .peekable();
    !nested && writes.peek().is_some() && writes.all(|access| is_computed(search, declaration, access))
}

/// Whether the variable is only ever replaced as a whole, by what is computed from neither an event nor its own
/// content: it can be computed again at any time (a list of files, what a probe of the system found).
pub(super) fn is_recomputed(search: &Search, declaration: &Declaration) -> bool {
    let changes: Vec<&Access> = declaration
        .accesses()
        .filter(|access| access.verb.changes() && search.reach.after_start(access.function))
        .collect();
    let replaced: Vec<&Access> = changes.iter().copied().filter(|access| access.verb == Verb::Replace).collect();
    // What the replacing function writes is the filling of the new content.
    let fills = |access: &&&Access| replaced.iter().any(|replace| replace.function == access.function);
    !replaced.is_empty()
        && changes.iter().all(|access| fills(&access))
        && replaced
            .iter()
            .all(|access| access.value.is_some_and(|value| !Origins { search, declaration }.depends(value, 4)))
        && changes.iter().all(|access| {
            access.verb == Verb::Replace
                || access.value.is_none_or(|value| !Origins { search, declaration }.depends(value, 2))
        })
}

/// Where the parts of a value come from.
struct Origins<'o, 's, 'a> {
    search: &'o Search<'s, 'a>,
    declaration: &'o Declaration,
}

impl Origins<'_, '_, '_> {
    /// Whether an expression mentions a parameter or the variable itself, directly or by way of local variables.
    fn depends(&self, at: ExprRef, depth: u32) -> bool {
        let facts = self.search.heap.flow.facts(at.module);
        let span = facts.expr(at.expr).span;
        facts.exprs_within(span).any(|(_, each)| match each.kind {
            ExprKind::Parameter { .. } => true,
            ExprKind::Binding(binding) => {
                let declared = facts.binding(binding);
                let own = match &self.declaration.slot {
                    Slot::Binding(slot) => slot.module == at.module && slot.binding == binding,
                    Slot::Field(..) => false,
                };
                let local = declared.function != FunctionId::MODULE && depth > 0;
                own || declared.kind == BindingKind::Parameter
                    || (local
                        && facts.assigns_to(binding).any(|assign| {
                            assign.value != at.expr
                                && self.depends(ExprRef { module: at.module, expr: assign.value }, depth - 1)
                        }))
            }
            ExprKind::Member { property, .. } => match &self.declaration.slot {
                Slot::Field(_, name) => facts.name(property) == &**name,
                Slot::Binding(_) => false,
            },
            _ => false,
        })
    }
}

/// Whether a value acts, and is not computed: a timer's handle, or whatever else a library hands out but plain data.
fn acts(search: &Search, id: ValueId) -> bool {
    let rules = search.heap.flow.rules;
    let AbstractValue::Api(object) = search.heap.flow.value(id) else { return false };
    let is_data = || rules.lineage(object.ty).any(|ty| rules.literals.values().any(|&literal| literal == ty));
    search.heap.kind(id) == Kind::Handle && !is_data()
}

fn is_computed(search: &Search, declaration: &Declaration, write: &Access) -> bool {
    let (Verb::Write, Some(key), Some(value)) = (write.verb, write.key, write.value) else { return false };
    if value.module != key.module || search.heap.flow.values(value).iter().any(|&id| acts(search, id)) {
        return false;
    }
    let facts = search.heap.flow.facts(key.module);
    match facts.expr(key.expr).kind {
        ExprKind::Binding(binding) => {
            is_looked_up(search, declaration, write, binding)
                && Computation { facts, key: Some(binding) }.of(value, 4)
        }
        // One entry under a fixed name: looked up and computed by the same function, from nothing that it is given.
        ExprKind::String(text) => {
            let same = |access: &Access| {
                access.function == write.function
                    && access.key.is_some_and(
                        |other| matches!(facts.expr(other.expr).kind, ExprKind::String(each) if each == text),
                    )
            };
            declaration.direct.iter().any(|access| access.verb == Verb::Read && same(access))
                && Computation { facts, key: None }.of(value, 4)
        }
        _ => false,
    }
}

/// Whether what is written under a variable is first looked up under it, by the same code or by the caller that passes it.
fn is_looked_up(search: &Search, declaration: &Declaration, write: &Access, key: BindingId) -> bool {
    let flow = search.heap.flow;
    let module = write.function.module;
    let reads = |function: Option<FunctionRef>, binding: BindingId, module: ModuleId| {
        declaration.direct.iter().any(|access| {
            access.verb == Verb::Read
                && access.function.module == module
                && function.is_none_or(|function| access.function == function)
                && access.key.is_some_and(|at| {
                    at.module == module
                        && matches!(flow.facts(module).expr(at.expr).kind, ExprKind::Binding(each) if each == binding)
                })
        })
    };
    if reads(None, key, module) {
        return true;
    }
    let parameters = &flow.facts(module).function(write.function.function).parameters;
    let Some(index) = parameters.iter().position(|each| each.binding == Some(key)) else { return false };
    flow.calls.callers(write.function).iter().any(|edge| {
        super::reach::argument(flow, edge.site, index as u32).is_some_and(|argument| {
            matches!(
                flow.facts(argument.module).expr(argument.expr).kind,
                ExprKind::Binding(passed) if reads(Some(edge.caller), passed, argument.module)
            )
        })
    })
}

/// Whether an expression is computed from one variable, if any, and the module's own names.
struct Computation<'a> {
    facts: &'a ModuleFacts,
    key: Option<BindingId>,
}

impl Computation<'_> {
    fn of(&self, at: ExprRef, depth: u32) -> bool {
        self.is_call(at.expr, depth)
            && (self.key.is_none() || self.mentions_key(at.expr, depth))
            && self.depends_on_key(at.expr, depth)
    }

    /// What does not even mention the key (`Date.now()`) is not computed from it.
    fn mentions_key(&self, expr: ExprId, depth: u32) -> bool {
        let facts = self.facts;
        let span = facts.expr(expr).span;
        facts.exprs_within(span).any(|(_, each)| match each.kind {
            ExprKind::Binding(binding) if Some(binding) == self.key => true,
            ExprKind::Binding(binding) if depth > 0 => self.initial(binding).is_some_and(|value| {
                facts.binding(binding).function != FunctionId::MODULE && self.mentions_key(value, depth - 1)
            }),
            _ => false,
        })
    }

    /// A call, or a variable that holds a call's result. What `new` makes has a state of its own.
    fn is_call(&self, expr: ExprId, depth: u32) -> bool {
        match &self.facts.expr(expr).kind {
            ExprKind::Call { .. } => true,
            // What the language brings along (`new Intl.NumberFormat(locale)`) holds nothing of the program's.
            ExprKind::New { callee, .. } => self.is_builtin(*callee),
            ExprKind::Await(value) | ExprKind::Typed { value, .. } => self.is_call(*value, depth),
            // A part of what was computed, and a record of it with the time of it.
            ExprKind::Member { object, .. } => self.is_call(*object, depth),
            ExprKind::Object(properties) => properties.iter().any(|property| {
                self.is_call(property.value, depth)
                    && (self.key.is_none() || self.mentions_key(property.value, depth))
            }),
            ExprKind::Binding(binding) if depth > 0 && Some(*binding) != self.key => {
                self.initial(*binding).is_some_and(|value| self.is_call(value, depth - 1))
            }
            _ => false,
        }
    }

    fn is_builtin(&self, callee: ExprId) -> bool {
        match self.facts.expr(callee).kind {
            ExprKind::Global(name) => {
                !matches!(self.facts.name(name), "Map" | "Set" | "WeakMap" | "WeakSet" | "Array" | "Object")
            }
            ExprKind::Member { object, .. } => self.is_builtin(object),
            _ => false,
        }
    }

    fn depends_on_key(&self, expr: ExprId, depth: u32) -> bool {
        let all = |args: &[Argument]| args.iter().all(|argument| self.depends_on_key(argument.value, depth));
        match &self.facts.expr(expr).kind {
            ExprKind::Binding(binding) => {
                let declared = self.facts.binding(*binding);
                Some(*binding) == self.key
                    || (declared.function == FunctionId::MODULE && declared.kind != BindingKind::Let)
                    || (depth > 0
                        && self.initial(*binding).is_some_and(|value| self.depends_on_key(value, depth - 1)))
            }
            ExprKind::Call { callee, args, .. } => self.depends_on_key(*callee, depth) && all(args),
            ExprKind::New { args, .. } | ExprKind::Array(args) => all(args),
            ExprKind::Member { object, .. } => self.depends_on_key(*object, depth),
            ExprKind::Await(value) | ExprKind::Typed { value, .. } => self.depends_on_key(*value, depth),
            ExprKind::Template { parts, .. } => parts.iter().all(|&part| self.depends_on_key(part, depth)),
            ExprKind::Binary { left, right, .. } => {
                self.depends_on_key(*left, depth) && self.depends_on_key(*right, depth)
            }
            ExprKind::Object(properties) => {
                properties.iter().all(|property| self.depends_on_key(property.value, depth))
            }
            ExprKind::String(_)
            | ExprKind::Number(_)
            | ExprKind::Bool(_)
            | ExprKind::Nullish
            | ExprKind::Global(_)
            | ExprKind::Function(_)
            | ExprKind::This
            | ExprKind::Require(_) => true,
            _ => false,
        }
    }

    fn initial(&self, binding: BindingId) -> Option<ExprId> {
        let mut assigned = self.facts.assigns_to(binding);
        let first = assigned.next()?;
        assigned.next().is_none().then_some(first.value)
    }
}

//! Ways through the facts: children and parents of expressions, guards and functions around them.

use super::{
    Argument, ExprId, ExprKind, Function, FunctionId, FunctionKind, Guard, GuardId, ModuleFacts, Property,
    PropertyKey,
};
use crate::source::Span;

impl ModuleFacts {
    /// Calls `visit` with the expressions that an expression is made of, in source order. The bodies of functions
    /// and classes are no part of the expression that makes them.
    pub fn for_each_child(&self, id: ExprId, mut visit: impl FnMut(ExprId)) {
        match &self.expr(id).kind {
            ExprKind::Template { parts, .. } | ExprKind::Union(parts) | ExprKind::Jsx(parts) => {
                parts.iter().copied().for_each(visit);
            }
            ExprKind::Tagged { tag, parts, .. } => {
                visit(*tag);
                parts.iter().copied().for_each(visit);
            }
            ExprKind::Member { object, .. } => visit(*object),
            ExprKind::Index { object, index } => {
                visit(*object);
                visit(*index);
            }
            ExprKind::Call { callee, args, .. } | ExprKind::New { callee, args } => {
                visit(*callee);
                visit_arguments(args, visit);
            }
            ExprKind::Array(elements) => visit_arguments(elements, visit),
            ExprKind::Object(properties) => {
                properties.iter().for_each(|property| visit_property(property, &mut visit))
            }
            ExprKind::Await(value) | ExprKind::ElementOf(value) | ExprKind::KeyOf(value) => visit(*value),
            ExprKind::Typed { value, .. } => visit(*value),
            ExprKind::Unary { operand, .. } => visit(*operand),
            ExprKind::Yield { value, .. } => value.iter().copied().for_each(visit),
            ExprKind::Binary { left, right, .. } => {
                visit(*left);
                visit(*right);
            }
            ExprKind::Assign { target, value } => {
                target.iter().copied().for_each(&mut visit);
                visit(*value);
            }
            _ => {}
        }
    }

    /// For each expression the one that it is part of. Where several are (a chain of `&&`, a parameter with a
    /// default that is taken apart), the last.
    pub fn parents(&self) -> Vec<Option<ExprId>> {
        let mut parents = vec![None; self.exprs.len()];
        for index in 0..self.exprs.len() as u32 {
            self.for_each_child(ExprId(index), |child| parents[child.index()] = Some(ExprId(index)));
        }
        parents
    }

    /// A guard and those around it in the same function, innermost first.
    pub fn guards(&self, innermost: Option<GuardId>) -> impl Iterator<Item = &Guard> {
        std::iter::successors(innermost, |&id| self.guard(id).parent).map(|id| self.guard(id))
    }

    /// The guards around an expression in its function, innermost first.
    pub fn guards_of(&self, id: ExprId) -> impl Iterator<Item = &Guard> {
        self.guards(self.expr(id).guard)
    }

    /// A function and those around it, the module body last.
    pub fn enclosing_functions(&self, innermost: FunctionId) -> impl Iterator<Item = FunctionId> {
        let around = |&id: &FunctionId| (id != FunctionId::MODULE).then(|| self.function(id).parent);
        std::iter::successors(Some(innermost), around)
    }

    /// The function whose `this` code in a function means: itself, or what is around an arrow.
    pub fn this_function(&self, id: FunctionId) -> FunctionId {
        let is_arrow = |id: &FunctionId| self.function(*id).kind == FunctionKind::Arrow;
        self.enclosing_functions(id).find(|id| !is_arrow(id)).unwrap_or(FunctionId::MODULE)
    }

    /// All functions with their ids.
    pub fn functions(&self) -> impl Iterator<Item = (FunctionId, &Function)> {
        self.functions.iter().enumerate().map(|(index, function)| (FunctionId(index as u32), function))
    }

    /// The constant text that an expression is.
    pub fn constant(&self, id: ExprId) -> Option<&str> {
        match self.expr(id).kind {
            ExprKind::String(name) | ExprKind::Number(name) => Some(self.name(name)),
            _ => None,
        }
    }

    /// The source of a range.
    pub fn text<'a>(&self, span: Span, source: &'a str) -> &'a str {
        source.get(span.start as usize..span.end as usize).unwrap_or_default()
    }
}

fn visit_arguments(arguments: &[Argument], visit: impl FnMut(ExprId)) {
    arguments.iter().map(|argument| argument.value).for_each(visit);
}

fn visit_property(property: &Property, visit: &mut impl FnMut(ExprId)) {
    if let PropertyKey::Computed(key) = property.key {
        visit(key);
    }
    visit(property.value);
}

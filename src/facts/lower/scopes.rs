//! Which binding a name means at the place that is being lowered.

use super::super::{Binding, BindingId, BindingKind, Name};
use super::Lowerer;
use crate::source::Span;
use crate::syntax::Node;

/// Values and types live in two spaces: `interface Message` and `const Message` are different bindings.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Space {
    /// Names of values only.
    Value,
    /// Names of types only.
    Type,
    /// Both: imports, classes, enums and namespaces.
    Both,
}

/// The bindings in force, by name, with an undo log instead of a chain of maps.
#[derive(Default)]
pub(super) struct Scopes {
    values: Vec<Option<InForce>>,
    types: Vec<Option<InForce>>,
    /// What declarations have hidden, to be restored when their scope ends.
    hidden: Vec<Hidden>,
    /// Where each open scope starts in `hidden`.
    starts: Vec<usize>,
}

/// A binding, and how many scopes were open when it was declared.
#[derive(Clone, Copy)]
struct InForce {
    binding: BindingId,
    depth: usize,
}

struct Hidden {
    name: Name,
    is_type: bool,
    before: Option<InForce>,
}

impl Scopes {
    /// Opens a scope.
    pub(super) fn push(&mut self) {
        self.starts.push(self.hidden.len());
    }

    /// Ends the innermost scope.
    pub(super) fn pop(&mut self) {
        let start = self.starts.pop().unwrap_or_default();
        for hidden in self.hidden.drain(start..).rev() {
            let table = if hidden.is_type { &mut self.types } else { &mut self.values };
            table[hidden.name.index()] = hidden.before;
        }
    }

    /// The value that a name means.
    pub(super) fn value(&self, name: Name) -> Option<BindingId> {
        self.in_force(name, false).map(|found| found.binding)
    }

    /// The type that a name means; where there is none, the value (JSDoc speaks of values).
    pub(super) fn type_name(&self, name: Name) -> Option<BindingId> {
        self.in_force(name, true).map(|found| found.binding).or_else(|| self.value(name))
    }

    /// The binding that the innermost scope itself declares.
    pub(super) fn own(&self, name: Name, is_type: bool) -> Option<BindingId> {
        let found = self.in_force(name, is_type)?;
        (found.depth == self.starts.len()).then_some(found.binding)
    }

    fn in_force(&self, name: Name, is_type: bool) -> Option<InForce> {
        let table = if is_type { &self.types } else { &self.values };
        table.get(name.index()).copied().flatten()
    }

    fn set(&mut self, name: Name, is_type: bool, binding: BindingId) {
        let table = if is_type { &mut self.types } else { &mut self.values };
        if table.len() <= name.index() {
            table.resize(name.index() + 1, None);
        }
        let before = table[name.index()].replace(InForce { binding, depth: self.starts.len() });
        self.hidden.push(Hidden { name, is_type, before });
    }
}

impl<'t> Lowerer<'t> {
    /// Declares a name in the innermost scope; a name that it declares already keeps its binding, as `var` twice
    /// and an interface beside a class do.
    pub(super) fn declare(&mut self, node: Node<'t>, kind: BindingKind, space: Space) -> BindingId {
        self.declare_text(node.text(), kind, space, node.span())
    }

    /// Declares a name that stands at `span`.
    pub(super) fn declare_text(&mut self, text: &'t str, kind: BindingKind, space: Space, span: Span) -> BindingId {
        let name = self.intern(text);
        if let Some(binding) = self.scopes.own(name, space == Space::Type) {
            return binding;
        }
        let binding = match self.scopes.own(name, true).filter(|_| space == Space::Both) {
            Some(interface) => {
                self.facts.bindings[interface.index()].kind = kind;
                interface
            }
            None => self.add_binding(name, kind, span),
        };
        if space != Space::Value {
            self.scopes.set(name, true, binding);
        }
        if space != Space::Type {
            self.scopes.set(name, false, binding);
        }
        binding
    }

    fn add_binding(&mut self, name: Name, kind: BindingKind, span: Span) -> BindingId {
        let id = BindingId(self.facts.bindings.len() as u32);
        let (function, guard) = (self.function, self.guard);
        self.facts.bindings.push(Binding { name, kind, function, ty: None, guard, span });
        id
    }
}

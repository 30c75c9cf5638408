//! Declarations and assignments, with destructuring taken apart into member reads.

use super::super::{Assign, AssignKind, BindingId, ExprId, ExprKind, Name, Store, StoreKey, TypeExpr};
use super::Lowerer;
use super::functions::Hint;
use crate::source::Span;
use crate::syntax::{Comment, Field, Kind, Node};

/// How the names of a pattern receive their values.
#[derive(Clone, Copy)]
pub(super) struct Target {
    pub(super) kind: AssignKind,
    /// The range of the whole assignment.
    pub(super) span: Span,
}

impl<'t> Lowerer<'t> {
    /// Lowers `a = 1, { b } = c` of a declaration; a JSDoc comment stands at `documented`.
    pub(super) fn declarators(&mut self, declaration: Node<'t>, documented: u32) {
        for declarator in declaration.children().filter(|child| child.kind() == Kind::Declarator) {
            self.declarator(declarator, documented);
        }
    }

    fn declarator(&mut self, declarator: Node<'t>, documented: u32) {
        let Some(pattern) = declarator.child(Field::Name) else { return };
        let annotation = declarator.child(Field::Type).and_then(|annotation| self.annotation(annotation));
        let ty = annotation.or_else(|| self.documented_type(documented));
        if pattern.kind() == Kind::Identifier {
            self.set_binding_type(pattern, ty.clone());
        }
        let Some(initializer) = declarator.child(Field::Value) else { return };
        let hint = Hint { name: self.name_of(pattern), documented: Some(documented) };
        let mut value = self.hinted_expr(initializer, hint);
        if let Some(ty) = ty.filter(|_| pattern.kind() != Kind::Identifier) {
            value = self.add(ExprKind::Typed { value, ty }, initializer.span());
        }
        self.note_require(pattern, value);
        self.declare_value(pattern, value, declarator.span());
    }

    /// `using x = e` as the TypeScript grammar sees it.
    pub(super) fn using_declarator(&mut self, assignment: Node<'t>) {
        let (Some(left), Some(right)) = (assignment.child(Field::Left), assignment.child(Field::Right)) else {
            return;
        };
        let value = self.expr(right);
        self.declare_value(left, value, assignment.span());
    }

    /// Gives the declared names of a pattern their values.
    pub(super) fn declare_value(&mut self, pattern: Node<'t>, value: ExprId, span: Span) {
        self.assign_pattern(pattern, value, AssignKind::Declare, span);
    }

    /// Assigns a value to a pattern, or to what its names, members and elements take of it.
    pub(super) fn assign_pattern(&mut self, pattern: Node<'t>, value: ExprId, kind: AssignKind, span: Span) {
        self.take(pattern, value, Target { kind, span });
    }

    fn take(&mut self, pattern: Node<'t>, source: ExprId, target: Target) {
        self.nested(pattern, |this| this.take_inside(pattern, source, target));
    }

    fn take_inside(&mut self, pattern: Node<'t>, source: ExprId, target: Target) {
        match pattern.kind() {
            // The name of a TypeScript class is a `type_identifier`, although the declaration makes a variable.
            Kind::Identifier | Kind::TypeIdentifier | Kind::ShorthandPattern => {
                self.assign_name(pattern, source, target);
            }
            Kind::ObjectPattern => pattern.parts().for_each(|part| self.take_property(part, source, target)),
            Kind::ArrayPattern => self.take_elements(pattern, source, target),
            Kind::AssignmentPattern | Kind::ObjectAssignmentPattern => {
                self.take_with_default(pattern, source, target);
            }
            Kind::RestPattern | Kind::NonNull | Kind::Parenthesized => {
                if let Some(inner) = pattern.part() {
                    self.take(inner, source, target);
                }
            }
            Kind::Member | Kind::Subscript => self.assign_member(pattern, source, target),
            _ => {}
        }
    }

    fn take_property(&mut self, part: Node<'t>, source: ExprId, target: Target) {
        match part.kind() {
            Kind::PairPattern => {
                let (Some(key), Some(inner)) = (part.child(Field::Key), part.child(Field::Value)) else { return };
                let value = self.read_key(source, key);
                self.take(inner, value, target);
            }
            Kind::RestPattern => self.take(part, source, target),
            Kind::ShorthandPattern => {
                let value = self.read_named(source, part);
                self.take(part, value, target);
            }
            Kind::ObjectAssignmentPattern => {
                let Some(left) = part.child(Field::Left) else { return };
                let value =
                    if left.kind() == Kind::ShorthandPattern { self.read_named(source, left) } else { source };
                self.take(part, value, target);
            }
            _ => {}
        }
    }

    fn read_named(&mut self, source: ExprId, name: Node<'t>) -> ExprId {
        let property = self.intern(name.text());
        self.add(ExprKind::Member { object: source, property, optional: false }, name.span())
    }

    fn read_key(&mut self, source: ExprId, key: Node<'t>) -> ExprId {
        match self.key(key) {
            StoreKey::Named(property) if key.kind() != Kind::Number => {
                self.add(ExprKind::Member { object: source, property, optional: false }, key.span())
            }
            StoreKey::Named(number) => {
                let index = self.add(ExprKind::Number(number), key.span());
                self.add(ExprKind::Index { object: source, index }, key.span())
            }
            StoreKey::Computed(index) => self.add(ExprKind::Index { object: source, index }, key.span()),
        }
    }

    /// Elements stand between commas, and a hole counts: `[, second]`.
    fn take_elements(&mut self, pattern: Node<'t>, source: ExprId, target: Target) {
        let mut position = 0;
        let mut end = pattern.start() + 1;
        for element in pattern.parts() {
            position += self.commas_between(end, element.start());
            end = element.span().end;
            if element.kind() == Kind::RestPattern {
                self.take(element, source, target);
                continue;
            }
            let number = self.names.intern_decoded(position.to_string().into());
            let index = self.add(ExprKind::Number(number), element.span());
            let value = self.add(ExprKind::Index { object: source, index }, element.span());
            self.take(element, value, target);
        }
    }

    /// How many commas stand between two elements; those in comments do not count.
    pub(super) fn commas_between(&self, start: u32, end: u32) -> usize {
        let between = self.tree.text().get(start as usize..end as usize).unwrap_or_default();
        let commas = between.matches(',').count();
        if commas < 2 || !between.contains('/') {
            return commas;
        }
        let is_between = |comment: &&Comment| start <= comment.span.start && comment.span.end <= end;
        let text = |comment: &Comment| self.tree.text().get(comment.span.start as usize..comment.span.end as usize);
        let comments = self.tree.comments.iter().filter(is_between).filter_map(text);
        commas - comments.map(|comment| comment.matches(',').count()).sum::<usize>().min(commas)
    }

    fn take_with_default(&mut self, pattern: Node<'t>, source: ExprId, target: Target) {
        let Some(left) = pattern.child(Field::Left) else { return };
        let value = self.with_default(source, pattern.child(Field::Right), left);
        self.take(left, value, target);
    }

    /// The union of a value and its default.
    pub(super) fn with_default(&mut self, source: ExprId, default: Option<Node<'t>>, pattern: Node<'t>) -> ExprId {
        let Some(default) = default else { return source };
        let hint = Hint { name: self.name_of(pattern), documented: None };
        let default = self.hinted_expr(default, hint);
        self.add(ExprKind::Union([source, default].into()), pattern.span())
    }

    /// Assigns to a name: to its binding, or to the undeclared global.
    pub(super) fn assign_name(&mut self, name: Node<'t>, value: ExprId, target: Target) {
        let Target { kind, span } = target;
        let (function, guard) = (self.function, self.guard);
        let text = self.intern(name.text());
        match self.scopes.value(text) {
            Some(binding) => {
                if kind == AssignKind::Declare {
                    self.facts.bindings[binding.index()].guard = guard;
                }
                self.facts.assigns.push(Assign { binding, value, kind, span, function, guard });
            }
            // `exports = module.exports = …` only changes what the wrapper's parameter means.
            None if name.text() == "exports" => {}
            None => {
                let key = StoreKey::Named(text);
                self.facts.stores.push(Store { object: None, key, value, kind, span, function, guard });
            }
        }
    }

    /// Assigns to `object.property` or `object[key]`.
    fn assign_member(&mut self, member: Node<'t>, value: ExprId, target: Target) {
        let Some((object, key)) = self.place(member) else { return };
        self.store(object, key, value, target);
    }

    /// Records a store by the current function.
    pub(super) fn store(&mut self, object: ExprId, key: StoreKey, value: ExprId, target: Target) {
        let Target { kind, span } = target;
        let (function, guard) = (self.function, self.guard);
        self.facts.stores.push(Store { object: Some(object), key, value, kind, span, function, guard });
    }

    /// Gives a declared name its type.
    pub(super) fn set_binding_type(&mut self, name: Node<'t>, ty: Option<TypeExpr>) {
        let binding = self.binding_of(name);
        if let (Some(binding), Some(ty)) = (binding, ty) {
            self.facts.bindings[binding.index()].ty = Some(ty);
        }
    }

    /// The binding that a name means here.
    pub(super) fn binding_of(&mut self, name: Node<'t>) -> Option<BindingId> {
        let name = self.intern(name.text());
        self.scopes.value(name)
    }

    /// The name that a function takes from where it is put.
    pub(super) fn name_of(&mut self, target: Node<'t>) -> Option<Name> {
        match target.kind() {
            Kind::Identifier | Kind::ShorthandPattern => Some(self.intern(target.text())),
            Kind::Member => target.child(Field::Property).map(|property| self.intern(property.text())),
            Kind::Subscript => self.constant_key(target.child(Field::Index)?),
            _ => None,
        }
    }
}

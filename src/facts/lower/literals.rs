//! Literals, templates, object literals and JSX.

use super::super::{ExprId, ExprKind, FunctionKind, Name, Property, PropertyKey, StoreKey};
use super::Lowerer;
use super::functions::Hint;
use super::names::{decode, decode_string};
use crate::syntax::{Field, Kind, Node};

impl<'t> Lowerer<'t> {
    /// A literal without parts.
    pub(super) fn literal(&mut self, node: Node<'t>) -> ExprId {
        let kind = match node.kind() {
            Kind::Number => ExprKind::Number(self.intern(node.text())),
            Kind::True => ExprKind::Bool(true),
            Kind::False => ExprKind::Bool(false),
            Kind::Null => ExprKind::Nullish,
            _ => match self.string_name(node) {
                Some(name) => ExprKind::String(name),
                None => ExprKind::Unknown,
            },
        };
        self.add(kind, node.span())
    }

    /// The value of a string literal.
    pub(super) fn string_name(&mut self, node: Node<'t>) -> Option<Name> {
        (node.kind() == Kind::String).then(|| self.names.intern_decoded(decode_string(node.text())))
    }

    /// The value of a string literal or of a template without substitutions.
    pub(super) fn constant_string(&mut self, node: Node<'t>) -> Option<Name> {
        match node.kind() {
            Kind::String => self.string_name(node),
            Kind::Template if !node.has(Kind::TemplateSubstitution) => {
                let text = node.text().trim_matches('`');
                Some(self.names.intern_decoded(decode(text)))
            }
            _ => None,
        }
    }

    /// A template literal.
    pub(super) fn template(&mut self, node: Node<'t>) -> ExprId {
        if let Some(name) = self.constant_string(node) {
            return self.add(ExprKind::String(name), node.span());
        }
        let (texts, parts) = self.template_pieces(node);
        self.add(ExprKind::Template { texts, parts }, node.span())
    }

    /// A tagged template.
    pub(super) fn tagged(&mut self, node: Node<'t>, tag: ExprId, template: Node<'t>) -> ExprId {
        let (texts, parts) = self.template_pieces(template);
        self.add(ExprKind::Tagged { tag, texts, parts }, node.span())
    }

    /// The texts around the substitutions, and the substitutions.
    fn template_pieces(&mut self, node: Node<'t>) -> (Box<[Name]>, Box<[ExprId]>) {
        let mut texts = Vec::new();
        let mut parts = Vec::new();
        let mut start = node.start() + 1;
        for substitution in node.children().filter(|child| child.kind() == Kind::TemplateSubstitution) {
            texts.push(self.template_text(start, substitution.start()));
            parts.push(self.operand(substitution));
            start = substitution.span().end;
        }
        texts.push(self.template_text(start, node.span().end.saturating_sub(1)));
        (texts.into(), parts.into())
    }

    fn template_text(&mut self, start: u32, end: u32) -> Name {
        let text = self.tree.text().get(start as usize..end as usize).unwrap_or_default();
        self.names.intern_decoded(decode(text))
    }

    /// The key of a property, member or pattern; a computed one is lowered.
    pub(super) fn key(&mut self, key: Node<'t>) -> StoreKey {
        match self.constant_name(key) {
            Some(name) => StoreKey::Named(name),
            None => StoreKey::Computed(self.operand(key)),
        }
    }

    /// The name that a key is, if it is constant.
    pub(super) fn constant_name(&mut self, key: Node<'t>) -> Option<Name> {
        match key.kind() {
            Kind::ComputedName => self.constant_string(key.part()?),
            Kind::String => self.string_name(key),
            _ => Some(self.intern(key.text())),
        }
    }

    /// The key of an object literal's property.
    pub(super) fn property_key(&mut self, key: Node<'t>) -> PropertyKey {
        match self.key(key) {
            StoreKey::Named(name) => PropertyKey::Named(name),
            StoreKey::Computed(key) => PropertyKey::Computed(key),
        }
    }

    /// An object literal.
    pub(super) fn object(&mut self, node: Node<'t>) -> ExprId {
        let mut properties = Vec::new();
        for part in node.parts() {
            properties.extend(self.property(part));
        }
        self.add(ExprKind::Object(properties.into()), node.span())
    }

    fn property(&mut self, part: Node<'t>) -> Option<Property> {
        match part.kind() {
            Kind::Pair => {
                let key = self.property_key(part.child(Field::Key)?);
                let hint = Hint { name: named(key), documented: Some(part.start()) };
                let value = self.hinted_expr(part.child(Field::Value)?, hint);
                Some(Property { key, value })
            }
            Kind::Shorthand => {
                let value = self.name_expr(part);
                Some(Property { key: PropertyKey::Named(self.intern(part.text())), value })
            }
            Kind::Spread => Some(Property { key: PropertyKey::Spread, value: self.expr(part) }),
            Kind::Method => self.object_method(part),
            // `{ a = 1 }` is only valid in a pattern, but reads as broken code elsewhere.
            _ => {
                self.parts(part);
                None
            }
        }
    }

    fn object_method(&mut self, method: Node<'t>) -> Option<Property> {
        let key = self.property_key(method.child(Field::Name)?);
        let hint = Hint { name: named(key), documented: Some(method.start()) };
        let value = self.function_value(method, FunctionKind::Method, hint);
        let key = match key {
            PropertyKey::Named(name) if method.has(Kind::Get) => PropertyKey::Getter(name),
            PropertyKey::Named(name) if method.has(Kind::Set) => PropertyKey::Setter(name),
            key => key,
        };
        Some(Property { key, value })
    }

    /// JSX: every expression in it, components included.
    pub(super) fn jsx(&mut self, node: Node<'t>) -> ExprId {
        let mut parts = Vec::new();
        self.jsx_parts(node, &mut parts);
        self.add(ExprKind::Jsx(parts.into()), node.span())
    }

    fn jsx_parts(&mut self, node: Node<'t>, into: &mut Vec<ExprId>) {
        for part in node.parts() {
            match part.kind() {
                Kind::JsxElement | Kind::JsxSelfClosing => into.push(self.expr(part)),
                Kind::JsxOpening | Kind::JsxAttribute => self.jsx_parts(part, into),
                Kind::JsxExpression => into.extend(part.part().map(|inner| self.expr(inner))),
                Kind::Member if part.field() == Field::Name => into.push(self.expr(part)),
                // A small first letter names an element of HTML, not a value.
                Kind::Identifier if part.field() == Field::Name && part.text().starts_with(char::is_uppercase) => {
                    into.push(self.expr(part));
                }
                _ => {}
            }
        }
    }
}

fn named(key: PropertyKey) -> Option<Name> {
    match key {
        PropertyKey::Named(name) => Some(name),
        _ => None,
    }
}

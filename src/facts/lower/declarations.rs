//! Declarations: functions, classes and what only TypeScript declares.

use super::super::{ExprId, ExprKind, FunctionKind, Property, PropertyKey, TypeDeclaration, TypeExpr};
use super::Lowerer;
use super::functions::{Hint, Outline};
use super::hoist::{declared_namespace, pattern_names};
use super::scopes::Space;
use crate::syntax::{Field, Kind, Node};

impl<'t> Lowerer<'t> {
    /// Lowers a declaration or module statement; whether it was one.
    pub(super) fn declaration(&mut self, node: Node<'t>) -> bool {
        match node.kind() {
            Kind::Import => self.import(node),
            Kind::ImportAlias => self.import_alias(node),
            Kind::Export => self.export(node),
            _ => return self.exported_declaration(node, node),
        }
        true
    }

    /// Lowers a declaration in `statement`, which may be an `export` with its comment and decorators.
    pub(super) fn exported_declaration(&mut self, node: Node<'t>, statement: Node<'t>) -> bool {
        match node.kind() {
            Kind::VarDeclaration | Kind::LexicalDeclaration | Kind::UsingDeclaration => {
                self.declarators(node, statement.start());
            }
            Kind::FunctionDeclaration => self.function_declaration(node, statement),
            Kind::ClassDeclaration | Kind::AbstractClassDeclaration => self.class_declaration(node, statement),
            Kind::Interface => self.interface(node),
            Kind::TypeAlias => {
                let ty = self.in_type_parameters(node, |this| node.child(Field::Value).map(|value| this.ty(value)));
                self.type_declaration(node, ty.unwrap_or(TypeExpr::Other), Vec::new());
            }
            Kind::Enum => self.enumeration(node),
            Kind::Namespace => self.namespace(node),
            Kind::ImportAlias => self.import_alias(node),
            _ => return false,
        }
        true
    }

    fn function_declaration(&mut self, node: Node<'t>, statement: Node<'t>) {
        let name = node.child(Field::Name);
        let hint = Hint { name: name.map(|name| self.intern(name.text())), documented: Some(statement.start()) };
        let id = self.reserve_function(node, FunctionKind::Function);
        self.function(id, node, Outline { hint, class: None, is_static: false });
        let value = self.add(ExprKind::Function(id), node.span());
        self.facts.functions[id.index()].value = Some(value);
        if let Some(name) = name {
            self.declare_value(name, value, node.span());
        }
    }

    fn class_declaration(&mut self, node: Node<'t>, statement: Node<'t>) {
        let decorators = if statement.index() == node.index() { Vec::new() } else { self.decorators(statement) };
        let name = node.child(Field::Name);
        let binding = name.and_then(|name| self.binding_of(name));
        let text = name.map(|name| self.intern(name.text()));
        let value = self.class(node, text, binding, decorators);
        if let Some(name) = name {
            self.declare_value(name, value, node.span());
        }
    }

    fn interface(&mut self, node: Node<'t>) {
        let (ty, extends) = self.in_type_parameters(node, |this| {
            let ty = node.child(Field::Body).map(|body| this.ty(body));
            let clause = node.find(Kind::ExtendsType);
            let extends = clause.map(|clause| clause.parts().map(|ty| this.ty(ty)).collect());
            (ty.unwrap_or(TypeExpr::Other), extends.unwrap_or_default())
        });
        self.type_declaration(node, ty, extends);
    }

    fn type_declaration(&mut self, node: Node<'t>, ty: TypeExpr, extends: Vec<TypeExpr>) {
        let Some(name) = node.child(Field::Name) else { return };
        let name = self.intern(name.text());
        if let Some(binding) = self.scopes.type_name(name) {
            self.facts.types.push(TypeDeclaration { binding, ty, extends, span: node.span() });
        }
    }

    /// An enum is an object of its members and a type of their values.
    fn enumeration(&mut self, node: Node<'t>) {
        let Some(body) = node.child(Field::Body) else { return };
        let mut properties = Vec::new();
        let mut ty = TypeExpr::Number;
        for (position, member) in body.parts().enumerate() {
            let name = member.child(Field::Name).unwrap_or(member);
            let value = match member.child(Field::Value) {
                Some(value) => self.expr(value),
                None => {
                    let number = self.names.intern_decoded(position.to_string().into());
                    self.add(ExprKind::Number(number), member.span())
                }
            };
            if matches!(self.facts.expr(value).kind, ExprKind::String(_)) {
                ty = TypeExpr::String;
            }
            let key = self.property_key(name);
            properties.push(Property { key, value });
        }
        let value = self.add(ExprKind::Object(properties.into()), node.span());
        if let Some(name) = node.child(Field::Name) {
            self.declare_value(name, value, node.span());
        }
        self.type_declaration(node, ty, Vec::new());
    }

    /// A namespace is an object of what it exports.
    pub(super) fn namespace(&mut self, node: Node<'t>) {
        let (Some(name), Some(body)) = (declared_namespace(node), node.child(Field::Body)) else { return };
        let mut value = self.scoped(|this| {
            this.hoist_block(body.children());
            this.namespace_statements(body);
            this.namespace_object(body)
        });
        // `namespace A.B {}` puts the object into `A` as `B`.
        let inner: Vec<Node<'t>> = node
            .child(Field::Name)
            .map(|name| name.descendants(|_| false).filter(|part| part.kind() == Kind::PropertyName).collect())
            .unwrap_or_default();
        for part in inner.into_iter().rev() {
            let key = self.property_key(part);
            value = self.add(ExprKind::Object([Property { key, value }].into()), node.span());
        }
        self.declare_value(name, value, node.span());
    }

    /// The statements of a namespace; its exports are no exports of the module.
    fn namespace_statements(&mut self, body: Node<'t>) {
        let guard = self.guard;
        for statement in body.parts() {
            let declaration = statement.child(Field::Declaration).filter(|_| statement.kind() == Kind::Export);
            match declaration {
                Some(declaration) => {
                    self.nested(declaration, |this| this.exported_declaration(declaration, statement));
                }
                None if statement.kind() == Kind::Export => {}
                None => {
                    self.statement(statement);
                }
            }
        }
        self.guard = guard;
    }

    fn namespace_object(&mut self, body: Node<'t>) -> ExprId {
        let exports = body.parts().filter(|part| part.kind() == Kind::Export);
        let mut properties = Vec::new();
        for declaration in exports.filter_map(|export| export.child(Field::Declaration)) {
            let names: Vec<Node<'t>> = match declaration.kind() {
                Kind::VarDeclaration | Kind::LexicalDeclaration => {
                    let patterns = declaration.children().filter_map(|declarator| declarator.child(Field::Name));
                    patterns.flat_map(pattern_names).collect()
                }
                Kind::Namespace => declared_namespace(declaration).into_iter().collect(),
                _ => declaration.child(Field::Name).into_iter().collect(),
            };
            for name in names {
                let Some(binding) = self.binding_of(name) else { continue };
                let value = self.add(ExprKind::Binding(binding), name.span());
                let key = PropertyKey::Named(self.intern(name.text()));
                properties.push(Property { key, value });
            }
        }
        self.add(ExprKind::Object(properties.into()), body.span())
    }

    /// Lowers something in which the type parameters of a declaration are known.
    fn in_type_parameters<R>(&mut self, node: Node<'t>, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.scoped(|this| {
            this.type_parameters(node);
            inside(this)
        })
    }

    /// Declares type parameters; each stands for its constraint.
    pub(super) fn type_parameters(&mut self, node: Node<'t>) {
        let Some(list) = node.find(Kind::TypeParameters) else { return };
        let parameters = || list.children().filter(|child| child.kind() == Kind::TypeParameter);
        for name in parameters().filter_map(|parameter| parameter.child(Field::Name)) {
            self.declare(name, super::super::BindingKind::Type, Space::Type);
        }
        for parameter in parameters() {
            let constraint = parameter.find(Kind::Constraint).and_then(Node::part);
            let ty = constraint.map_or(TypeExpr::Other, |constraint| self.ty(constraint));
            self.type_declaration(parameter, ty, Vec::new());
        }
    }
}

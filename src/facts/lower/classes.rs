//! Classes.

use super::super::{
    BindingId, BindingKind, Class, ClassId, ClassMember, ExprId, ExprKind, FunctionId, FunctionKind,
};
use super::super::{MemberKind, Name, StoreKey};
use super::Lowerer;
use super::functions::{Hint, Outline};
use super::scopes::Space;
use crate::syntax::{Field, Kind, Node};

impl<'t> Lowerer<'t> {
    /// A class as a value; its own name is known inside it only.
    pub(super) fn class_expr(&mut self, node: Node<'t>, hint: Hint, decorators: Vec<ExprId>) -> ExprId {
        self.scoped(|this| {
            let own = node.child(Field::Name);
            let binding = own.map(|own| this.declare(own, BindingKind::Class, Space::Both));
            let name = own.map(|own| this.intern(own.text())).or(hint.name);
            let value = this.class(node, name, binding, decorators);
            if let Some(own) = own {
                this.declare_value(own, value, node.span());
            }
            value
        })
    }

    /// A class of either form; the result is `ExprKind::Class`.
    pub(super) fn class(
        &mut self,
        node: Node<'t>,
        name: Option<Name>,
        binding: Option<BindingId>,
        mut decorators: Vec<ExprId>,
    ) -> ExprId {
        decorators.extend(self.decorators(node));
        let id = ClassId(self.facts.classes.len() as u32);
        self.facts.classes.push(Class {
            name,
            binding,
            superclass: None,
            implements: Vec::new(),
            members: Vec::new(),
            constructor: None,
            decorators,
            function: self.function,
            value: ExprId(0),
            is_abstract: node.kind() == Kind::AbstractClassDeclaration,
            span: node.span(),
        });
        self.scoped(|this| {
            this.type_parameters(node);
            this.heritage(id, node);
            if let Some(body) = node.child(Field::Body) {
                this.class_body(id, body);
            }
        });
        let value = self.add(ExprKind::Class(id), node.span());
        self.facts.classes[id.index()].value = value;
        value
    }

    fn heritage(&mut self, id: ClassId, node: Node<'t>) {
        let Some(heritage) = node.find(Kind::ClassHeritage) else { return };
        for part in heritage.parts() {
            match part.kind() {
                Kind::Implements => {
                    let types: Vec<_> = part.parts().map(|ty| self.ty(ty)).collect();
                    self.facts.classes[id.index()].implements.extend(types);
                }
                Kind::Extends => {
                    let superclass = part.child(Field::Value).map(|value| self.expr(value));
                    self.facts.classes[id.index()].superclass = superclass;
                }
                _ => {
                    let superclass = self.expr(part);
                    self.facts.classes[id.index()].superclass = Some(superclass);
                }
            }
        }
    }

    fn class_body(&mut self, id: ClassId, body: Node<'t>) {
        let constructor = self.reserve_constructor(id, body);
        self.facts.classes[id.index()].constructor = constructor;
        let mut decorators = Vec::new();
        for node in body.parts() {
            match node.kind() {
                // The TypeScript grammar puts a method's decorators before it.
                Kind::Decorator => decorators.extend(node.part().map(|expression| self.expr(expression))),
                Kind::Method => self.method(id, constructor, node, std::mem::take(&mut decorators)),
                Kind::FieldDefinition => self.field(id, constructor, node, std::mem::take(&mut decorators)),
                Kind::StaticBlock => {
                    self.with_static_this(id, |this| this.body(node.child(Field::Body)));
                }
                Kind::MethodSignature => decorators.clear(),
                Kind::Error => self.parts(node),
                _ => {}
            }
        }
    }

    /// The constructor that field initialisers belong to, made up where only they need one.
    fn reserve_constructor(&mut self, id: ClassId, body: Node<'t>) -> Option<FunctionId> {
        if let Some(written) = body.parts().find(|node| is_constructor(*node)) {
            return Some(self.reserve_function(written, FunctionKind::Constructor));
        }
        let has_initialiser = |node: Node<'t>| {
            node.kind() == Kind::FieldDefinition && !node.has(Kind::Static) && node.child(Field::Value).is_some()
        };
        if !body.parts().any(has_initialiser) {
            return None;
        }
        let made = self.reserve_function(body, FunctionKind::Constructor);
        let function = &mut self.facts.functions[made.index()];
        function.is_synthetic = true;
        function.class = Some(id);
        function.name = Some(self.names.intern("constructor"));
        Some(made)
    }

    fn method(
        &mut self,
        id: ClassId,
        constructor: Option<FunctionId>,
        node: Node<'t>,
        mut decorators: Vec<ExprId>,
    ) {
        decorators.extend(self.decorators(node));
        let is_static = node.has(Kind::Static);
        let is_constructor = is_constructor(node);
        let name = node.child(Field::Name).and_then(|name| self.member_name(name));
        let function = match constructor.filter(|_| is_constructor) {
            Some(reserved) => reserved,
            None => self.reserve_function(node, FunctionKind::Method),
        };
        let hint = Hint { name, documented: Some(node.start()) };
        let outline = Outline { hint, class: Some(id), is_static };
        let properties = self.function(function, node, outline);
        let kind = if node.has(Kind::Get) {
            MemberKind::Getter(function)
        } else if node.has(Kind::Set) {
            MemberKind::Setter(function)
        } else {
            MemberKind::Method(function)
        };
        let members = &mut self.facts.classes[id.index()].members;
        if !is_constructor {
            members.push(ClassMember { name, kind, is_static, ty: None, decorators, span: node.span() });
        }
        members.extend(properties.into_iter().map(|property| ClassMember {
            name: Some(property.name),
            kind: MemberKind::Field(None),
            is_static: false,
            ty: property.ty,
            decorators: Vec::new(),
            span: property.node.span(),
        }));
    }

    fn field(&mut self, id: ClassId, constructor: Option<FunctionId>, node: Node<'t>, mut decorators: Vec<ExprId>) {
        decorators.extend(self.decorators(node));
        let is_static = node.has(Kind::Static);
        let name = node.child(Field::Name).or(node.child(Field::Property));
        let name = name.and_then(|name| self.member_name(name));
        let annotation = node.child(Field::Type).and_then(|annotation| self.annotation(annotation));
        let ty = annotation.or_else(|| self.documented_type(node.start()));
        let hint = Hint { name, documented: Some(node.start()) };
        let initializer = node.child(Field::Value);
        let value = initializer.map(|value| match constructor.filter(|_| !is_static) {
            Some(constructor) => {
                let outside = self.enter(constructor);
                let value = self.hinted_expr(value, hint);
                self.leave(outside);
                value
            }
            None => self.with_static_this(id, |this| this.hinted_expr(value, hint)),
        });
        let kind = MemberKind::Field(value);
        let member = ClassMember { name, kind, is_static, ty, decorators, span: node.span() };
        self.facts.classes[id.index()].members.push(member);
    }

    /// Static code runs in the function around the class, with the class as `this`.
    fn with_static_this<R>(&mut self, class: ClassId, inside: impl FnOnce(&mut Self) -> R) -> R {
        let outer = self.static_this.replace(class);
        let result = inside(self);
        self.static_this = outer;
        result
    }

    /// The constant name of a member.
    fn member_name(&mut self, name: Node<'t>) -> Option<Name> {
        match self.key(name) {
            StoreKey::Named(name) => Some(name),
            StoreKey::Computed(_) => None,
        }
    }
}

fn is_constructor(node: Node<'_>) -> bool {
    node.kind() == Kind::Method
        && !node.has(Kind::Static)
        && node.child(Field::Name).is_some_and(|name| matches!(name.text(), "constructor" | "'constructor'"))
}

//! Types of TypeScript, as far as values can be told from them.

use super::super::{Name, TypeExpr};
use super::Lowerer;
use crate::syntax::{Field, Kind, Node};

impl<'t> Lowerer<'t> {
    /// The type of `: T`; predicates and the like say nothing.
    pub(super) fn annotation(&mut self, annotation: Node<'t>) -> Option<TypeExpr> {
        if annotation.kind() != Kind::TypeAnnotation {
            return None;
        }
        annotation.part().map(|ty| self.ty(ty))
    }

    /// A type.
    pub(super) fn ty(&mut self, node: Node<'t>) -> TypeExpr {
        self.nested(node, |this| this.ty_inside(node)).unwrap_or(TypeExpr::Other)
    }

    fn ty_inside(&mut self, node: Node<'t>) -> TypeExpr {
        match node.kind() {
            Kind::TypeIdentifier | Kind::Identifier => self.named_type(&[node], Vec::new()),
            Kind::NestedTypeIdentifier | Kind::Member | Kind::Call => self.path_type(node, Vec::new()),
            Kind::GenericType | Kind::Instantiation => self.generic_type(node),
            Kind::PredefinedType => predefined(node.text()),
            Kind::UnionType | Kind::IntersectionType => self.union_type(node),
            Kind::ArrayType => TypeExpr::Array(Box::new(self.inner_type(node))),
            Kind::TupleType => {
                let elements = node.parts().map(|element| self.ty(element)).collect();
                TypeExpr::Array(Box::new(union(elements)))
            }
            Kind::ReadonlyType
            | Kind::ParenthesizedType
            | Kind::OptionalType
            | Kind::RestType
            | Kind::TypeAnnotation => self.inner_type(node),
            // A named element of a tuple.
            Kind::Parameter => node.child(Field::Type).map_or(TypeExpr::Other, |ty| self.ty(ty)),
            Kind::ObjectType => self.object_type(node),
            Kind::FunctionType => {
                let result = node.child(Field::ReturnType).map_or(TypeExpr::Other, |result| self.ty(result));
                TypeExpr::Function(Box::new(result))
            }
            Kind::TypeQuery => self.type_query(node),
            Kind::LiteralType => match node.part().map(Node::kind) {
                Some(Kind::String) => TypeExpr::String,
                Some(Kind::Number | Kind::Unary) => TypeExpr::Number,
                _ => TypeExpr::Other,
            },
            Kind::TemplateLiteralType => TypeExpr::String,
            _ => TypeExpr::Other,
        }
    }

    fn inner_type(&mut self, node: Node<'t>) -> TypeExpr {
        node.part().map_or(TypeExpr::Other, |inner| self.ty(inner))
    }

    /// `A | B | C` nests to the left, so it is unrolled in a loop.
    fn union_type(&mut self, node: Node<'t>) -> TypeExpr {
        let kind = node.kind();
        let mut pending = vec![node];
        let mut members = Vec::new();
        while let Some(node) = pending.pop() {
            if node.kind() == kind {
                pending.extend(node.parts());
            } else {
                members.push(self.ty(node));
            }
        }
        members.reverse();
        union(members)
    }

    fn generic_type(&mut self, node: Node<'t>) -> TypeExpr {
        let mut parts = node.parts();
        let name = parts.next();
        let arguments = node.find(Kind::TypeArguments);
        let arguments = arguments.map(|list| list.parts().map(|ty| self.ty(ty)).collect()).unwrap_or_default();
        name.map_or(TypeExpr::Other, |name| self.path_type(name, arguments))
    }

    /// `a.b.T` or `import('x').T`: the parts of the path from left to right.
    fn path_type(&mut self, node: Node<'t>, arguments: Vec<TypeExpr>) -> TypeExpr {
        let mut path = Vec::new();
        let mut first = node;
        loop {
            let (object, property) = match first.kind() {
                Kind::NestedTypeIdentifier => (first.child(Field::Module), first.child(Field::Name)),
                Kind::Member => (first.child(Field::Object), first.child(Field::Property)),
                _ => break,
            };
            let (Some(object), Some(property)) = (object, property) else { break };
            path.push(property);
            first = object;
        }
        if let Some(specifier) = self.import_specifier(first) {
            let path = path.iter().rev().map(|part| self.intern(part.text())).collect();
            return TypeExpr::Import { specifier, path, arguments };
        }
        if !matches!(first.kind(), Kind::TypeIdentifier | Kind::Identifier) {
            return TypeExpr::Other;
        }
        path.push(first);
        path.reverse();
        self.named_type(&path, arguments)
    }

    fn named_type(&mut self, path: &[Node<'t>], arguments: Vec<TypeExpr>) -> TypeExpr {
        let path: Vec<Name> = path.iter().map(|part| self.intern(part.text())).collect();
        let binding = path.first().and_then(|&first| self.scopes.type_name(first));
        TypeExpr::Named { binding, path, arguments }
    }

    /// The specifier of `import('x')`.
    pub(super) fn import_specifier(&mut self, node: Node<'t>) -> Option<Name> {
        let is_import = node.kind() == Kind::Call && node.has(Kind::ImportKeyword);
        let arguments = node.child(Field::Arguments).filter(|_| is_import)?;
        let specifier = arguments.part()?;
        self.constant_string(specifier)
    }

    /// `typeof x`, `typeof import('x')`.
    fn type_query(&mut self, node: Node<'t>) -> TypeExpr {
        match node.part() {
            Some(inner) if inner.kind().is_expression() => TypeExpr::TypeOf(self.expr(inner)),
            _ => TypeExpr::Other,
        }
    }

    /// An object type; one that only has an index signature is a record.
    fn object_type(&mut self, node: Node<'t>) -> TypeExpr {
        let mut properties = Vec::new();
        let mut indexed = None;
        for part in node.parts() {
            match part.kind() {
                Kind::PropertySignature => {
                    let ty = part.child(Field::Type).and_then(|annotation| self.annotation(annotation));
                    self.add_property(&mut properties, part, ty.unwrap_or(TypeExpr::Other));
                }
                Kind::MethodSignature => {
                    let result = part.child(Field::ReturnType).and_then(|annotation| self.annotation(annotation));
                    let ty = TypeExpr::Function(Box::new(result.unwrap_or(TypeExpr::Other)));
                    self.add_property(&mut properties, part, ty);
                }
                Kind::IndexSignature => {
                    indexed = part.child(Field::Type).and_then(|annotation| self.annotation(annotation));
                }
                _ => {}
            }
        }
        match indexed {
            Some(element) if properties.is_empty() => {
                let path = vec![self.intern("Record")];
                TypeExpr::Named { binding: None, path, arguments: vec![TypeExpr::String, element] }
            }
            _ => TypeExpr::Object(properties),
        }
    }

    fn add_property(&mut self, properties: &mut Vec<(Name, TypeExpr)>, part: Node<'t>, ty: TypeExpr) {
        if let Some(name) = part.child(Field::Name).and_then(|name| self.constant_name(name)) {
            properties.push((name, ty));
        }
    }
}

/// The type that a keyword names.
pub(super) fn predefined(keyword: &str) -> TypeExpr {
    match keyword {
        "string" => TypeExpr::String,
        "number" | "bigint" => TypeExpr::Number,
        _ => TypeExpr::Other,
    }
}

/// The union of types; `null`, `undefined` and what says nothing are left out where something is said.
pub(super) fn union(members: Vec<TypeExpr>) -> TypeExpr {
    let mut told: Vec<TypeExpr> = Vec::new();
    for member in members {
        if member != TypeExpr::Other && !told.contains(&member) {
            told.push(member);
        }
    }
    match told.len() {
        0 => TypeExpr::Other,
        1 => told.swap_remove(0),
        _ => TypeExpr::Union(told),
    }
}

//! Declaring names before the code that uses them: `var` per function, the rest per block.

use super::super::BindingKind;
use super::Lowerer;
use super::scopes::Space;
use crate::syntax::{Children, Field, Kind, Node};

impl<'t> Lowerer<'t> {
    /// Declares what `var` declares anywhere in a body, functions inside it left out.
    pub(super) fn hoist_vars(&mut self, body: Node<'t>) {
        let inside = |node: Node<'t>| {
            let kind = node.kind();
            kind.is_expression() || kind.is_function() || kind.is_type() || matches!(kind, Kind::ClassBody)
        };
        for node in body.descendants(inside) {
            match node.kind() {
                Kind::VarDeclaration => self.hoist_declarators(node, BindingKind::Var),
                Kind::ForIn if node.has(Kind::VarWord) => {
                    if let Some(left) = node.child(Field::Left) {
                        self.declare_pattern(left, BindingKind::Var);
                    }
                }
                _ => {}
            }
        }
    }

    /// Declares what the statements of one block declare: `let`, `const`, functions, classes, imports, types.
    pub(super) fn hoist_block(&mut self, statements: Children<'t>) {
        for statement in statements {
            self.hoist_statement(statement);
        }
    }

    fn hoist_statement(&mut self, statement: Node<'t>) {
        match statement.kind() {
            Kind::LexicalDeclaration | Kind::UsingDeclaration => {
                let kind = if statement.has(Kind::LetWord) { BindingKind::Let } else { BindingKind::Const };
                self.hoist_declarators(statement, kind);
            }
            Kind::FunctionDeclaration => self.declare_name(statement, BindingKind::Function, Space::Value),
            Kind::ClassDeclaration | Kind::AbstractClassDeclaration => {
                self.declare_name(statement, BindingKind::Class, Space::Both);
            }
            Kind::Interface | Kind::TypeAlias => self.declare_name(statement, BindingKind::Type, Space::Type),
            Kind::Enum => self.declare_name(statement, BindingKind::Enum, Space::Both),
            Kind::Namespace => self.hoist_namespace(statement),
            Kind::Import => self.hoist_import(statement),
            Kind::ImportAlias => {
                if let Some(name) = statement.part() {
                    self.declare(name, BindingKind::Const, Space::Both);
                }
            }
            Kind::Export | Kind::Labeled | Kind::Error => {
                // Their parts are few, and what they wrap is declared where they stand.
                let inner = statement.parts().filter(|part| part.kind().is_statement());
                inner.for_each(|part| match part.kind() {
                    Kind::Export | Kind::Labeled | Kind::Error => {}
                    _ => self.hoist_statement(part),
                });
            }
            Kind::ExpressionStatement => {
                if let Some(assignment) = typescript_using(statement) {
                    self.declare_using(assignment);
                } else if let Some(namespace) = statement.find(Kind::Namespace) {
                    self.hoist_namespace(namespace);
                }
            }
            _ => {}
        }
    }

    fn declare_name(&mut self, declaration: Node<'t>, kind: BindingKind, space: Space) {
        if let Some(name) = declaration.child(Field::Name) {
            self.declare(name, kind, space);
        }
    }

    fn hoist_declarators(&mut self, declaration: Node<'t>, kind: BindingKind) {
        for declarator in declaration.children().filter(|child| child.kind() == Kind::Declarator) {
            if let Some(pattern) = declarator.child(Field::Name) {
                self.declare_pattern(pattern, kind);
            }
        }
    }

    /// The outermost name of `namespace A.B {}`; `module 'x' {}` names nothing.
    fn hoist_namespace(&mut self, namespace: Node<'t>) {
        if let Some(name) = declared_namespace(namespace) {
            self.declare(name, BindingKind::Type, Space::Both);
        }
    }

    fn hoist_import(&mut self, import: Node<'t>) {
        for node in import.descendants(|_| false) {
            let bound = match node.kind() {
                Kind::ImportClause | Kind::NamespaceImport | Kind::ImportRequire => node.find(Kind::Identifier),
                Kind::ImportSpecifier => node.child(Field::Alias).or(node.child(Field::Name)),
                _ => None,
            };
            if let Some(name) = bound {
                self.declare(name, BindingKind::Import, Space::Both);
            }
        }
    }

    fn declare_using(&mut self, assignment: Node<'t>) {
        if let Some(left) = assignment.child(Field::Left) {
            self.declare_pattern(left, BindingKind::Const);
        }
    }

    /// Declares the names of a pattern.
    pub(super) fn declare_pattern(&mut self, pattern: Node<'t>, kind: BindingKind) {
        if is_name(pattern) {
            self.declare(pattern, kind, Space::Value);
            return;
        }
        for node in pattern_names(pattern) {
            self.declare(node, kind, Space::Value);
        }
    }
}

fn is_name(pattern: Node<'_>) -> bool {
    matches!(pattern.kind(), Kind::Identifier | Kind::ShorthandPattern)
}

/// The names that a pattern binds: everything but keys, default values and types.
pub(super) fn pattern_names(pattern: Node<'_>) -> impl Iterator<Item = Node<'_>> {
    let is_outside =
        |node: Node<'_>| matches!(node.field(), Field::Right | Field::Key | Field::Type | Field::Decorator);
    let itself = is_name(pattern).then_some(pattern);
    let below = pattern.descendants(is_outside).filter(move |node| is_name(*node) && !is_outside(*node));
    itself.into_iter().chain(below)
}

/// The assignment in what the TypeScript grammar makes of `using x = e` and `await using x = e`.
pub(super) fn typescript_using(statement: Node<'_>) -> Option<Node<'_>> {
    let inner = statement.part()?;
    let assignment = if inner.kind() == Kind::Await { inner.part()? } else { inner };
    (assignment.kind() == Kind::Assignment && assignment.has(Kind::UsingWord)).then_some(assignment)
}

/// The name that a namespace declares in its scope: the first part of `A.B`, nothing for `'x'`.
pub(super) fn declared_namespace(namespace: Node<'_>) -> Option<Node<'_>> {
    let mut name = namespace.child(Field::Name)?;
    while name.kind() == Kind::Member {
        name = name.child(Field::Object)?;
    }
    (name.kind() == Kind::Identifier).then_some(name)
}

//! Imports and exports.

use super::super::{ExportEntry, ExportKind, ExprKind, ImportEntry, ImportedName, Name};
use super::Lowerer;
use super::functions::Hint;
use super::hoist::{declared_namespace, pattern_names};
use crate::source::Span;
use crate::syntax::{Field, Kind, Node};

impl<'t> Lowerer<'t> {
    /// `import …`.
    pub(super) fn import(&mut self, node: Node<'t>) {
        let required = node.find(Kind::ImportRequire);
        let source = node.child(Field::Source).or_else(|| required?.child(Field::Source));
        let Some(specifier) = source.and_then(|source| self.string_name(source)) else { return };
        let type_only = node.has(Kind::TypeWord) || node.has(Kind::TypeofWord);
        let statement = Imports { specifier, type_only, span: node.span() };
        if let Some(name) = required.and_then(|clause| clause.find(Kind::Identifier)) {
            self.import_name(&statement, ImportedName::Equals, Some(name), false);
        } else if let Some(clause) = node.find(Kind::ImportClause) {
            clause.parts().for_each(|part| self.import_part(&statement, part));
        } else if required.is_none() {
            self.import_name(&statement, ImportedName::Nothing, None, false);
        }
    }

    fn import_part(&mut self, statement: &Imports, part: Node<'t>) {
        match part.kind() {
            Kind::Identifier => self.import_name(statement, ImportedName::Default, Some(part), false),
            Kind::NamespaceImport => {
                self.import_name(statement, ImportedName::Namespace, part.find(Kind::Identifier), false);
            }
            Kind::NamedImports => {
                for specifier in part.children().filter(|child| child.kind() == Kind::ImportSpecifier) {
                    let Some(imported) = specifier.child(Field::Name) else { continue };
                    let local = specifier.child(Field::Alias).unwrap_or(imported);
                    let Some(name) = self.module_name(imported) else { continue };
                    let imported = if self.names.text(name) == "default" {
                        ImportedName::Default
                    } else {
                        ImportedName::Named(name)
                    };
                    let type_only = specifier.has(Kind::TypeWord) || specifier.has(Kind::TypeofWord);
                    self.import_name(statement, imported, Some(local), type_only);
                }
            }
            _ => {}
        }
    }

    fn import_name(
        &mut self,
        statement: &Imports,
        imported: ImportedName,
        local: Option<Node<'t>>,
        type_only: bool,
    ) {
        let binding = local.and_then(|local| self.binding_of(local));
        let Imports { specifier, span, .. } = *statement;
        let type_only = type_only || statement.type_only;
        self.facts.imports.push(ImportEntry { specifier, imported, binding, type_only, span });
    }

    /// The name in an import or export specifier, which may be a string.
    fn module_name(&mut self, node: Node<'t>) -> Option<Name> {
        if node.kind() == Kind::String { self.string_name(node) } else { Some(self.intern(node.text())) }
    }

    /// `import a = b.c`.
    pub(super) fn import_alias(&mut self, node: Node<'t>) {
        let mut parts = node.parts();
        if let (Some(name), Some(value)) = (parts.next(), parts.next()) {
            let value = self.expr(value);
            self.declare_value(name, value, node.span());
        }
    }

    /// `export …`.
    pub(super) fn export(&mut self, node: Node<'t>) {
        if let Some(source) = node.child(Field::Source) {
            self.export_from(node, source);
        } else if let Some(declaration) = node.child(Field::Declaration) {
            self.export_declaration(node, declaration);
        } else if let Some(clause) = node.find(Kind::ExportClause) {
            for specifier in clause.children().filter(|child| child.kind() == Kind::ExportSpecifier) {
                self.export_specifier(specifier);
            }
        } else if let Some(value) = node.child(Field::Value) {
            let name = self.intern("default");
            let hint = Hint { name: Some(name), documented: Some(node.start()) };
            let value = self.decorated_expr(value, hint, node);
            self.add_export(ExportKind::Value { name, value }, node.span());
        } else if node.has(Kind::Equals) {
            if let Some(value) = node.part() {
                let hint = Hint { name: None, documented: Some(node.start()) };
                let value = self.hinted_expr(value, hint);
                self.add_export(ExportKind::Equals { value }, node.span());
            }
        } else if !node.has(Kind::Identifier) {
            // Broken code, whose pieces may be fine; `export as namespace X` says nothing.
            self.parts(node);
        }
    }

    fn export_from(&mut self, node: Node<'t>, source: Node<'t>) {
        let Some(specifier) = self.string_name(source) else { return };
        if let Some(clause) = node.find(Kind::ExportClause) {
            for part in clause.children().filter(|child| child.kind() == Kind::ExportSpecifier) {
                let Some(imported) = part.child(Field::Name) else { continue };
                let alias = part.child(Field::Alias).unwrap_or(imported);
                let (imported, name) = (self.module_name(imported), self.module_name(alias));
                if let Some(name) = name {
                    self.add_export(ExportKind::From { name, imported, specifier }, part.span());
                }
            }
        } else if let Some(namespace) = node.find(Kind::NamespaceExport) {
            let name = namespace.part().and_then(|name| self.module_name(name));
            if let Some(name) = name {
                self.add_export(ExportKind::From { name, imported: None, specifier }, node.span());
            }
        } else {
            self.add_export(ExportKind::All { specifier }, node.span());
        }
    }

    fn export_declaration(&mut self, node: Node<'t>, declaration: Node<'t>) {
        self.exported_declaration(declaration, node);
        let is_default = node.has(Kind::DefaultWord);
        let as_default = is_default.then(|| self.intern("default"));
        match declaration.kind() {
            Kind::VarDeclaration | Kind::LexicalDeclaration | Kind::UsingDeclaration => {
                let patterns = declaration.children().filter_map(|declarator| declarator.child(Field::Name));
                for name in patterns.flat_map(pattern_names) {
                    self.export_local(name, None, node.span());
                }
            }
            Kind::ImportAlias => {
                if let Some(name) = declaration.part() {
                    self.export_local(name, None, node.span());
                }
            }
            Kind::Namespace => {
                if let Some(name) = declared_namespace(declaration) {
                    self.export_local(name, None, node.span());
                }
            }
            Kind::Ambient => {}
            _ => {
                if let Some(name) = declaration.child(Field::Name) {
                    self.export_local(name, as_default, node.span());
                }
            }
        }
    }

    fn export_specifier(&mut self, specifier: Node<'t>) {
        let Some(local) = specifier.child(Field::Name) else { return };
        let alias = specifier.child(Field::Alias).unwrap_or(local);
        let name = self.module_name(alias);
        self.export_local(local, name, specifier.span());
    }

    /// Exports the value and the type that a name means, which can be two bindings.
    fn export_local(&mut self, local: Node<'t>, name: Option<Name>, span: Span) {
        let text = self.intern(local.text());
        let name = name.unwrap_or(text);
        let value = self.scopes.value(text);
        let ty = self.scopes.type_name(text).filter(|&ty| Some(ty) != value);
        for binding in value.into_iter().chain(ty) {
            self.add_export(ExportKind::Binding { name, binding }, span);
        }
    }

    fn add_export(&mut self, kind: ExportKind, span: Span) {
        self.facts.exports.push(ExportEntry { kind, span });
    }

    /// Remembers variables that hold `createRequire(…)`: calls of them are `require` calls.
    pub(super) fn note_require(&mut self, pattern: Node<'t>, value: super::super::ExprId) {
        if pattern.kind() == Kind::Identifier && self.makes_require(value) {
            let binding = self.binding_of(pattern);
            self.requires.extend(binding);
        }
    }

    /// Whether an expression is `createRequire(…)` or `module.createRequire(…)`.
    pub(super) fn makes_require(&self, value: super::super::ExprId) -> bool {
        let ExprKind::Call { callee, .. } = self.facts.expr(value).kind else { return false };
        let name = match self.facts.expr(callee).kind {
            ExprKind::Binding(binding) => self.facts.binding(binding).name,
            ExprKind::Member { property, .. } => property,
            _ => return false,
        };
        self.names.text(name) == "createRequire"
    }
}

/// What the names of one import statement share.
struct Imports {
    specifier: Name,
    type_only: bool,
    span: Span,
}

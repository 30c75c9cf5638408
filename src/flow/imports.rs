//! Values across module borders: imports, `require`, exports, re-exports, and what packages give.

use super::solver::{Constraint, Node, Solver};
use super::table::Atom;
use super::value::{AbstractValue, ApiObject, Confidence, ExprRef, ValueId};
use crate::facts::{ExportKind, ExprId, ExprKind, ImportedName, Name, PropertyKey, StoreKey};
use crate::modules::{ModuleId, Resolution};
use crate::rules::TypeId;

impl Solver<'_> {
    /// The value of a library's module object, class object or global.
    pub(super) fn library_constant(&mut self, ty: TypeId) -> ValueId {
        self.values.intern(AbstractValue::Api(ApiObject {
            ty,
            site: None,
            origin: None,
            steps: Box::default(),
            confidence: Confidence::Certain,
        }))
    }

    /// The exports object of a module.
    pub(super) fn exports_object(&mut self, module: ModuleId) -> ValueId {
        self.values.intern(AbstractValue::Exports(module))
    }

    /// Where everything arrives that `require` of the module gives besides the exports object.
    pub(super) fn whole_exports(&mut self, module: ModuleId) -> Node {
        if let Some(&node) = self.whole_exports.get(&module) {
            return node;
        }
        let node = self.fresh_node();
        self.whole_exports.insert(module, node);
        node
    }

    /// A file that a framework loads because of where it is: what it exports is assigned to the framework's own.
    pub(super) fn generate_conventions(&mut self, module: ModuleId) {
        let rules = self.rules;
        for family in rules.families.iter().filter(|family| !family.files.is_empty()) {
            let path = self.versions.path_in_package(module);
            let loaded: Vec<TypeId> = family
                .files
                .iter()
                .filter(|files| files.paths.matched(path, false).is_ignore() && self.uses_family(module, family))
                .map(|files| files.exports)
                .collect();
            for ty in loaded {
                let framework = self.library_constant(ty);
                self.export_to(module, framework);
            }
        }
    }

    fn export_to(&mut self, module: ModuleId, framework: ValueId) {
        let facts = self.facts(module);
        for store in &facts.stores {
            let Some(object) = store.object else { continue };
            let exports = matches!(facts.expr(object).kind, ExprKind::ModuleExports);
            match (&facts.expr(store.value).kind, store.key) {
                // `module.exports.sockets = { … }`
                (_, StoreKey::Named(name)) if exports => self.assign(module, framework, name, store.value),
                // `module.exports = { sockets: { … } }`
                (ExprKind::Object(properties), StoreKey::Named(name))
                    if self.is_module_object(module, object, name) =>
                {
                    for property in properties {
                        if let PropertyKey::Named(name) = property.key {
                            self.assign(module, framework, name, property.value);
                        }
                    }
                }
                _ => {}
            }
        }
        for entry in &facts.exports {
            if let ExportKind::Value { name, value } = entry.kind {
                self.assign(module, framework, name, value);
            }
        }
    }

    fn assign(&mut self, module: ModuleId, framework: ValueId, name: Name, value: ExprId) {
        let (key, from) = (self.atom(module, name), self.node(module, value));
        self.assign_property(framework, key, from, ExprRef { module, expr: value });
    }

    /// `module.exports` as an expression: the exports object and whatever replaced it.
    pub(super) fn generate_module_exports(&mut self, at: ExprRef) {
        let exports = self.exports_object(at.module);
        let node = self.node(at.module, at.expr);
        self.add_value(node, exports);
        let whole = self.whole_exports(at.module);
        self.subset(whole, node);
    }

    fn is_esm(&self, module: ModuleId) -> bool {
        self.facts(module).exports.iter().any(|entry| !matches!(entry.kind, ExportKind::Equals { .. }))
    }

    /// The module object that a specifier gives arrives at `to`.
    pub(super) fn load_module(&mut self, from: ModuleId, specifier: Name, to: Node, dynamic: bool) {
        match self.graph.resolve(from, specifier).clone() {
            Resolution::Module(module) => {
                let exports = self.exports_object(module);
                self.add_value(to, exports);
                let whole = self.whole_exports(module);
                self.subset(whole, to);
                if dynamic && !self.is_esm(module) {
                    let default = self.atoms.intern("default");
                    let field = self.field(exports, default);
                    self.subset(whole, field);
                }
            }
            Resolution::Package { name, subpath } => {
                let value = self.package_value(&name, &subpath);
                self.add_value(to, value);
            }
            Resolution::Builtin(name) => {
                let value = self.package_value(&name, "");
                self.add_value(to, value);
            }
            Resolution::Other | Resolution::Unresolved => self.add_value(to, self.unknown),
        }
    }

    /// The module object of a package.
    pub(super) fn package_value(&mut self, name: &str, subpath: &str) -> ValueId {
        let full = if subpath.is_empty() { name.to_owned() } else { format!("{name}/{subpath}") };
        match self.rules.module(&full).or_else(|| self.rules.module(name)) {
            Some(ty) => self.library_constant(ty),
            None => self.values.intern(AbstractValue::Package { package: name.into(), path: Box::default() }),
        }
    }

    /// The imports of a module.
    pub(super) fn generate_imports(&mut self, module: ModuleId) {
        let facts = self.facts(module);
        for entry in &facts.imports {
            let Some(binding) = entry.binding else { continue };
            let to = self.binding_node(module, binding);
            match entry.imported {
                ImportedName::Namespace => self.load_module(module, entry.specifier, to, true),
                ImportedName::Equals => self.load_module(module, entry.specifier, to, false),
                ImportedName::Default => self.import_name(module, entry.specifier, "default", to),
                ImportedName::Named(name) => {
                    self.import_name(module, entry.specifier, facts.name(name), to);
                }
                ImportedName::Nothing => {}
            }
        }
    }

    /// The export `name` of what a specifier means arrives at `to`.
    fn import_name(&mut self, from: ModuleId, specifier: Name, name: &str, to: Node) {
        let key = self.atoms.intern(name);
        match self.graph.resolve(from, specifier).clone() {
            Resolution::Module(module) => {
                let exports = self.exports_object(module);
                let field = self.field(exports, key);
                self.subset(field, to);
                let whole = self.whole_exports(module);
                if name == "default" {
                    // Interop: a CommonJS module's default import is `module.exports`.
                    self.subset(whole, to);
                    if !self.is_esm(module) {
                        self.add_value(to, exports);
                    }
                } else {
                    self.add_constraint(whole, Constraint::Import { key, to });
                }
            }
            Resolution::Package { name: package, subpath } => {
                let value = self.package_value(&package, &subpath);
                self.import_from_package(value, name, to);
            }
            Resolution::Builtin(builtin) => {
                let value = self.package_value(&builtin, "");
                self.import_from_package(value, name, to);
            }
            Resolution::Other | Resolution::Unresolved => self.add_value(to, self.unknown),
        }
    }

    fn import_from_package(&mut self, value: ValueId, name: &str, to: Node) {
        let key = self.atoms.intern(name);
        match self.values.get(value) {
            AbstractValue::Api(object) if name == "default" && self.rules.property(object.ty, name).is_none() => {
                self.add_value(to, value);
            }
            _ => self.import(value, key, to),
        }
    }

    /// A name is imported from a module object.
    pub(super) fn import(&mut self, module: ValueId, key: Atom, to: Node) {
        let found = self.lookup(module, key);
        self.subset(found, to);
    }

    /// The exports of a module.
    pub(super) fn generate_exports(&mut self, module: ModuleId) {
        let facts = self.facts(module);
        let exports = self.exports_object(module);
        for entry in &facts.exports {
            match entry.kind {
                ExportKind::Binding { name, binding } => {
                    let (from, field) = (self.binding_node(module, binding), self.atom(module, name));
                    let field = self.field(exports, field);
                    self.subset(from, field);
                }
                ExportKind::Value { name, value } => {
                    let (from, key) = (self.node(module, value), self.atom(module, name));
                    let field = self.field(exports, key);
                    self.subset(from, field);
                }
                ExportKind::From { name, imported, specifier } => {
                    let key = self.atom(module, name);
                    let field = self.field(exports, key);
                    match imported {
                        Some(imported) => {
                            self.import_name(module, specifier, facts.name(imported), field);
                        }
                        None => self.load_module(module, specifier, field, true),
                    }
                }
                ExportKind::All { specifier } => self.export_all(module, specifier, exports),
                ExportKind::Equals { value } => {
                    let (from, whole) = (self.node(module, value), self.whole_exports(module));
                    self.subset(from, whole);
                }
            }
        }
    }

    fn export_all(&mut self, module: ModuleId, specifier: Name, exports: ValueId) {
        match self.graph.resolve(module, specifier).clone() {
            Resolution::Module(source) => {
                let all = self.exports_object(source);
                self.copy_fields(all, exports);
                let (whole, target) = (self.whole_exports(source), self.fresh_node());
                self.add_value(target, exports);
                self.add_constraint(whole, Constraint::CopyFields { target });
            }
            Resolution::Package { name, subpath } => {
                // `export * from 'package'`: names are looked up there when they are imported from here.
                let value = self.package_value(&name, &subpath);
                let whole = self.whole_exports(module);
                self.add_value(whole, value);
            }
            _ => {}
        }
    }
}

//! What TypeScript and JSDoc annotations say of values.

use super::solver::Solver;
use super::table::Atom;
use super::value::{AbstractValue, ApiObject, ClassRef, Confidence, ExprRef, FunctionRef, ValueId};
use crate::facts::{BindingKind, ClassId, ExportKind, ExprKind, ImportedName, Name, Parameter, TypeExpr};
use crate::modules::{ModuleId, Resolution};
use crate::rules::{Base, Place, Step, TypeId};

/// Aliases and nested object types that are followed.
const MAX_DEPTH: u32 = 6;

/// What an annotation means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// An instance of a library's type, with its type arguments.
    Library(TypeId, Vec<(ModuleId, TypeExpr)>),
    /// An instance of a class of the program.
    Class(ClassRef),
    /// An object of a known shape.
    Shape(ModuleId, Vec<(Name, TypeExpr)>),
    /// Something of a library: its module object or a namespace.
    Constant(TypeId),
}

impl Solver<'_> {
    /// What a type means; unions give several.
    pub(super) fn meanings(&mut self, module: ModuleId, ty: &TypeExpr, depth: u32) -> Vec<Meaning> {
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        match ty {
            TypeExpr::Named { binding, path, arguments } => {
                let names: Vec<Box<str>> = path.iter().map(|&name| self.facts(module).name(name).into()).collect();
                if names.len() == 1
                    && matches!(&*names[0], "Promise" | "Readonly" | "Partial" | "Awaited" | "Required" | "Ref")
                {
                    return arguments
                        .first()
                        .map(|inner| self.meanings(module, inner, depth + 1))
                        .unwrap_or_default();
                }
                let arguments: Vec<_> = arguments.iter().map(|argument| (module, argument.clone())).collect();
                match binding {
                    Some(binding) => self.named_meanings(module, *binding, &names[1..], &arguments, depth),
                    None => self.global_meanings(&names, &arguments),
                }
            }
            TypeExpr::Import { specifier, path, arguments } => {
                let names: Vec<Box<str>> = path.iter().map(|&name| self.facts(module).name(name).into()).collect();
                let arguments: Vec<_> = arguments.iter().map(|argument| (module, argument.clone())).collect();
                self.imported_meanings(module, *specifier, &names, &arguments, depth)
            }
            TypeExpr::Union(parts) => {
                parts.iter().flat_map(|part| self.meanings(module, part, depth + 1)).collect()
            }
            TypeExpr::Object(members) => vec![Meaning::Shape(module, members.clone())],
            TypeExpr::Array(inner) => match self.rules.literals.get("Array") {
                Some(&array) => vec![Meaning::Library(array, vec![(module, (**inner).clone())])],
                None => Vec::new(),
            },
            _ => Vec::new(),
        }
    }

    fn global_meanings(&mut self, names: &[Box<str>], arguments: &[(ModuleId, TypeExpr)]) -> Vec<Meaning> {
        let Some(mut ty) = names.first().and_then(|name| self.rules.global(name)) else { return Vec::new() };
        for name in &names[1..] {
            let Some(next) = self.member_type(ty, name) else { return Vec::new() };
            ty = next;
        }
        self.rules
            .ty(ty)
            .instance
            .map(|instance| Meaning::Library(instance, arguments.to_vec()))
            .into_iter()
            .collect()
    }

    /// The type of a member that is a library constant (a class object, a namespace).
    fn member_type(&mut self, ty: TypeId, name: &str) -> Option<TypeId> {
        let (_, property) = self.rules.property(ty, name)?;
        self.library.properties.insert(property.id);
        property.returns.iter().find_map(|place| match (&place.base, place.path.is_empty()) {
            (Base::Fresh(member), true) => Some(*member),
            _ => None,
        })
    }

    fn named_meanings(
        &mut self,
        module: ModuleId,
        binding: crate::facts::BindingId,
        path: &[Box<str>],
        arguments: &[(ModuleId, TypeExpr)],
        depth: u32,
    ) -> Vec<Meaning> {
        let facts = self.facts(module);
        match facts.binding(binding).kind {
            BindingKind::Class => {
                let class = facts.classes.iter().position(|class| class.binding == Some(binding));
                let class = class.map(|index| ClassRef { module, class: ClassId(index as u32) });
                class.map(Meaning::Class).into_iter().collect()
            }
            BindingKind::Type => {
                let declared: Vec<_> = facts.types.iter().filter(|declared| declared.binding == binding).collect();
                let mut found = Vec::new();
                for declaration in declared {
                    found.extend(self.meanings(module, &declaration.ty, depth + 1));
                    for base in &declaration.extends {
                        found.extend(self.meanings(module, base, depth + 1));
                    }
                    found.extend(self.implementers(module, binding).into_iter().map(Meaning::Class));
                }
                found
            }
            BindingKind::Import => {
                let Some(entry) = facts.imports.iter().find(|entry| entry.binding == Some(binding)) else {
                    return Vec::new();
                };
                let mut names: Vec<Box<str>> = match entry.imported {
                    ImportedName::Named(name) => vec![facts.name(name).into()],
                    ImportedName::Default => vec!["default".into()],
                    _ => Vec::new(),
                };
                names.extend(path.iter().cloned());
                self.imported_meanings(module, entry.specifier, &names, arguments, depth)
            }
            // `let Server = require('x').Server` used as a type by JSDoc: the values say.
            _ => {
                let node = self.binding_node(module, binding);
                let values = self.values_at(node).to_vec();
                values.into_iter().filter_map(|value| self.constant_meaning(value, path, arguments)).collect()
            }
        }
    }

    fn constant_meaning(
        &mut self,
        value: ValueId,
        path: &[Box<str>],
        arguments: &[(ModuleId, TypeExpr)],
    ) -> Option<Meaning> {
        match self.values.get(value) {
            AbstractValue::Class(class) => Some(Meaning::Class(*class)),
            AbstractValue::Api(object) => {
                let mut ty = object.ty;
                for name in path {
                    ty = self.member_type(ty, name)?;
                }
                self.rules.ty(ty).instance.map(|instance| Meaning::Library(instance, arguments.to_vec()))
            }
            _ => None,
        }
    }

    fn imported_meanings(
        &mut self,
        from: ModuleId,
        specifier: Name,
        names: &[Box<str>],
        arguments: &[(ModuleId, TypeExpr)],
        depth: u32,
    ) -> Vec<Meaning> {
        let value = match self.graph.resolve(from, specifier).clone() {
            Resolution::Module(module) => return self.exported_meanings(module, names, arguments, depth + 1),
            Resolution::Package { name, subpath } => self.package_value(&name, &subpath),
            Resolution::Builtin(name) => self.package_value(&name, ""),
            _ => return Vec::new(),
        };
        let AbstractValue::Api(object) = self.values.get(value) else { return Vec::new() };
        let mut ty = object.ty;
        for name in names {
            match self.member_type(ty, name) {
                Some(next) => ty = next,
                None if &**name == "default" => {}
                None => return Vec::new(),
            }
        }
        match self.rules.ty(ty).instance {
            Some(instance) => vec![Meaning::Library(instance, arguments.to_vec())],
            None if names.is_empty() => vec![Meaning::Constant(ty)],
            None => Vec::new(),
        }
    }

    fn exported_meanings(
        &mut self,
        module: ModuleId,
        names: &[Box<str>],
        arguments: &[(ModuleId, TypeExpr)],
        depth: u32,
    ) -> Vec<Meaning> {
        if depth > MAX_DEPTH {
            return Vec::new();
        }
        let facts = self.facts(module);
        let Some((wanted, rest)) = names.split_first() else { return Vec::new() };
        let mut found = Vec::new();
        for entry in &facts.exports {
            match entry.kind {
                ExportKind::Binding { name, binding } if facts.name(name) == &**wanted => {
                    found.extend(self.named_meanings(module, binding, rest, arguments, depth + 1));
                }
                ExportKind::Value { name, value } if facts.name(name) == &**wanted => {
                    if let ExprKind::Class(class) = facts.expr(value).kind {
                        found.push(Meaning::Class(ClassRef { module, class }));
                    }
                }
                ExportKind::From { name, imported, specifier } if facts.name(name) == &**wanted => {
                    let mut path: Vec<Box<str>> = imported.iter().map(|&name| facts.name(name).into()).collect();
                    path.extend(rest.iter().cloned());
                    found.extend(self.imported_meanings(module, specifier, &path, arguments, depth + 1));
                }
                ExportKind::All { specifier } => {
                    found.extend(self.imported_meanings(module, specifier, names, arguments, depth + 1));
                }
                _ => {}
            }
        }
        if found.is_empty() {
            let exports = self.exports_object(module);
            let key = self.atoms.intern(wanted);
            let node = self.lookup(exports, key);
            let whole = self.whole_exports(module);
            let mut values = self.values_at(node).to_vec();
            values.extend_from_slice(self.values_at(whole));
            found.extend(values.into_iter().filter_map(|value| self.constant_meaning(value, rest, arguments)));
        }
        found
    }

    /// Classes that implement an interface of the program.
    fn implementers(&mut self, module: ModuleId, binding: crate::facts::BindingId) -> Vec<ClassRef> {
        let name = self.facts(module).binding(binding).name;
        let name = self.facts(module).name(name).to_owned();
        let mut found = Vec::new();
        for (class, implemented) in self.implementations.get(&*name).cloned().unwrap_or_default() {
            let declared = match implemented {
                Some(other) => class.module == module && other == binding,
                None => true,
            };
            if declared {
                found.push(class);
            }
        }
        found
    }

    /// The values that an annotation stands for, made at `site`.
    pub(super) fn typed_values(
        &mut self,
        module: ModuleId,
        ty: &TypeExpr,
        site: ExprRef,
        depth: u32,
    ) -> Vec<ValueId> {
        let meanings = self.meanings(module, ty, 0);
        let mut values = Vec::new();
        for meaning in meanings {
            match meaning {
                Meaning::Library(ty, arguments) => {
                    let value = self.typed_library_value(ty, site);
                    values.push(value);
                    if depth < 3 {
                        self.apply_type_arguments(ty, value, &arguments, site, depth);
                    }
                }
                Meaning::Constant(ty) => values.push(self.library_constant(ty)),
                Meaning::Class(class) => {
                    values.push(self.values.intern(AbstractValue::Instance(class)));
                    let abstract_base = self.facts(class.module).class(class.class).is_abstract;
                    if abstract_base {
                        let subclasses =
                            self.classes.get(&class).map(|state| state.subclasses.clone()).unwrap_or_default();
                        for subclass in subclasses {
                            values.push(self.values.intern(AbstractValue::Instance(subclass)));
                        }
                    }
                }
                Meaning::Shape(module, members) if depth < 3 => {
                    let shape = self.values.intern(AbstractValue::Object(site));
                    let mut useful = false;
                    for (name, member) in members {
                        let inner = self.typed_values(module, &member, site, depth + 1);
                        let key = self.atom(module, name);
                        for value in inner.into_iter().filter(|&value| value != shape) {
                            let field = self.field(shape, key);
                            self.add_value(field, value);
                            useful = true;
                        }
                    }
                    if useful {
                        values.push(shape);
                    }
                }
                Meaning::Shape(..) => {}
            }
        }
        values
    }

    fn typed_library_value(&mut self, ty: TypeId, site: ExprRef) -> ValueId {
        self.values.intern(AbstractValue::Api(ApiObject {
            ty,
            site: Some(site),
            origin: None,
            steps: Box::default(),
            confidence: Confidence::Typed,
        }))
    }

    fn apply_type_arguments(
        &mut self,
        ty: TypeId,
        value: ValueId,
        arguments: &[(ModuleId, TypeExpr)],
        site: ExprRef,
        depth: u32,
    ) {
        let steps = self
            .rules
            .lineage(ty)
            .map(|each| self.rules.ty(each).type_arguments.clone())
            .find(|steps| !steps.is_empty());
        for (step, (module, argument)) in steps.unwrap_or_default().iter().zip(arguments) {
            let key = match step {
                Step::Element => Atom::ELEMENT,
                Step::Key => Atom::KEY,
                _ => continue,
            };
            for inner in self.typed_values(*module, argument, site, depth + 1) {
                if inner != value {
                    let field = self.field(value, key);
                    self.add_value(field, inner);
                }
            }
        }
    }

    /// Of several types that a library offers, those that agree with an annotation; all where none does.
    fn narrowed(&mut self, module: ModuleId, annotation: Option<&TypeExpr>, offered: &[TypeId]) -> Vec<TypeId> {
        let Some(annotation) = annotation else { return offered.to_vec() };
        let wanted: Vec<TypeId> = self
            .meanings(module, annotation, 0)
            .into_iter()
            .filter_map(|meaning| match meaning {
                Meaning::Library(ty, _) => Some(ty),
                _ => None,
            })
            .collect();
        let kept: Vec<TypeId> = offered
            .iter()
            .copied()
            .filter(|&offer| {
                wanted.iter().any(|&wish| self.rules.is_a(offer, wish) || self.rules.is_a(wish, offer))
            })
            .collect();
        if kept.is_empty() { offered.to_vec() } else { kept }
    }

    /// Narrowing for a parameter of a callback.
    pub(super) fn narrowed_for(&mut self, function: FunctionRef, position: u32, offered: &[TypeId]) -> Vec<TypeId> {
        let parameter = self.facts(function.module).function(function.function).parameters.get(position as usize);
        let annotation = parameter.and_then(|parameter| parameter.ty.clone());
        self.narrowed(function.module, annotation.as_ref(), offered)
    }

    /// Narrowing for a parameter that a framework fills.
    pub(super) fn narrowed_places(
        &mut self,
        module: ModuleId,
        parameter: &Parameter,
        places: &[Place],
    ) -> Vec<Place> {
        let fresh = |place: &Place| match (&place.base, place.path.is_empty()) {
            (Base::Fresh(ty), true) => Some(*ty),
            _ => None,
        };
        let offered: Vec<TypeId> = places.iter().filter_map(fresh).collect();
        let kept = self.narrowed(module, parameter.ty.as_ref(), &offered);
        places.iter().filter(|place| fresh(place).is_none_or(|ty| kept.contains(&ty))).cloned().collect()
    }

    /// Narrowing for a decorated field.
    pub(super) fn narrowed_property(&mut self, class: ClassRef, key: Atom, offered: &[TypeId]) -> Vec<TypeId> {
        let facts = self.facts(class.module);
        let member = facts
            .class(class.class)
            .members
            .iter()
            .find(|member| member.name.is_some_and(|name| self.atom(class.module, name) == key));
        let annotation = member.and_then(|member| member.ty.clone());
        self.narrowed(class.module, annotation.as_ref(), offered)
    }

    /// Narrowing for a decorated parameter.
    pub(super) fn narrowed_parameter(&mut self, parameter: ExprRef, offered: &[TypeId]) -> Vec<TypeId> {
        let facts = self.facts(parameter.module);
        let ExprKind::Parameter { function, index, .. } = facts.expr(parameter.expr).kind else {
            return offered.to_vec();
        };
        let function = FunctionRef { module: parameter.module, function };
        self.narrowed_for(function, index, offered)
    }
}

//! Gives every type an id, anchors files to packages and globals, and resolves references.

use super::{Body, Compiler, Waiting};
use crate::rules::model::TypeId;
use crate::rules::place::{self, PlaceFault, ReferenceKind, TypeReference, WrittenBase};
use crate::rules::schema::{ModuleShape, Short, TypeShape, Word};
use crate::source::suggestion;
use rustc_hash::FxHashMap;
use std::ops::Range;

impl<'a> Compiler<'a> {
    /// Gives every type, class object and module object its id.
    pub(super) fn name_everything(&mut self) {
        for file in 0..self.files.len() {
            self.name_types(file);
            self.name_modules(file);
        }
        self.check_owners("package", |file| file.shape.packages.iter().collect());
        self.check_owners("global", |file| file.shape.globals.keys().collect());
        self.check_owners("literal", |file| file.shape.literals.keys().collect());
        for file in 0..self.files.len() {
            self.name_globals(file);
        }
    }

    fn name_types(&mut self, file: usize) {
        let shape = &self.files[file].shape;
        if shape.packages.is_empty() && shape.globals.is_empty() {
            let fault = self.files[file].source.fault(Some(0..0), "the file has no anchor");
            self.faults.push(fault.help("name the `packages` that it describes, or its `[globals]`"));
        }
        for (name, ty) in &shape.types {
            if !place::is_type_name(&name.text) {
                let message = format!("`{}` is no type's name", name.text);
                self.fault_at(file, name, message, "types begin with an upper-case letter");
                continue;
            }
            let id = self.add_type(file, &name.text);
            self.named.insert((file, &name.text), id);
            self.wait(id, file, name.span.clone(), Body::Written(ty));
        }
        for (name, class) in &shape.classes {
            match self.named.get(&(file, name.text.as_str())).copied() {
                Some(instance) => {
                    self.class_object(file, instance, Some((name, class)));
                }
                None => {
                    let help = suggestion(&name.text, shape.types.keys().map(|known| known.text.as_str()));
                    self.fault_at(file, name, format!("there is no type `{}`", name.text), help);
                }
            }
        }
    }

    fn wait(&mut self, ty: TypeId, file: usize, span: Range<usize>, body: Body<'a>) {
        self.bodies.push(Waiting { ty, file, span, body });
    }

    fn name_modules(&mut self, file: usize) {
        let shape = &self.files[file].shape;
        if shape.module.is_some() || shape.packages.iter().any(|package| !shape.modules.contains_key(package)) {
            let id = self.add_type(file, "module");
            self.modules.insert(file, id);
            if let Some(module) = &shape.module {
                self.wait(id, file, 0..0, Body::Written(module));
            }
            for package in &shape.packages {
                self.families[file].modules.insert(package.text.clone(), id);
            }
        }
    }

    /// Class object of a type of `file`, made where it is first asked for.
    pub(super) fn class_object(
        &mut self,
        file: usize,
        instance: TypeId,
        written: Option<(&'a Word, &'a TypeShape)>,
    ) -> TypeId {
        if let Some(&class) = self.classes.get(&instance) {
            return class;
        }
        let name = self.type_name(instance).split_once('/').map_or("", |(_, name)| name);
        let name = format!("class {name}");
        let class = self.add_type(file, &name);
        self.classes.insert(instance, class);
        let span = written.map_or(0..0, |(name, _)| name.span.clone());
        self.wait(class, file, span, Body::Class { instance, written: written.map(|(_, shape)| shape) });
        class
    }

    /// Subpaths, modules of single packages, globals and literals.
    fn name_globals(&mut self, file: usize) {
        let shape = &self.files[file].shape;
        for (subpath, module) in &shape.subpaths {
            if let Some(ty) = self.module_object(file, subpath, module) {
                for package in &shape.packages {
                    let specifier = format!("{}/{}", package.text, subpath.text.trim_start_matches('/'));
                    self.families[file].modules.insert(specifier, ty);
                }
            }
        }
        for (specifier, module) in &shape.modules {
            let owned = |package: &Word| {
                let rest = specifier.text.strip_prefix(&package.text);
                rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
            };
            if !shape.packages.iter().any(owned) {
                let help = suggestion(&specifier.text, shape.packages.iter().map(|package| package.text.as_str()));
                self.fault_at(file, specifier, format!("`{}` is none of the `packages`", specifier.text), help);
            } else if let Some(ty) = self.module_object(file, specifier, module) {
                self.families[file].modules.insert(specifier.text.clone(), ty);
            }
        }
        for (name, global) in &shape.globals {
            let ty = match (&global.0.class, &global.0.ty) {
                (Some(class), None) => self.class_of(file, class),
                (None, Some(ty)) => self.reference(file, ty),
                _ => {
                    self.fault_at(
                        file,
                        name,
                        "a global is a type or a class",
                        "write `\"Type\"` or `{ class = \"Type\" }`",
                    );
                    None
                }
            };
            if let Some(ty) = ty {
                self.families[file].globals.insert(name.text.clone(), ty);
            }
        }
        for (folder, ty) in &shape.global_files {
            if let Some(ty) = self.reference(file, ty) {
                self.families[file].global_files.insert(folder.text.trim_matches('/').to_owned(), ty);
            }
        }
        for (name, ty) in &shape.literals {
            if let Some(ty) = self.reference(file, ty) {
                self.literals.insert(name.text.clone(), ty);
            }
        }
    }

    fn module_object(&mut self, file: usize, path: &Word, module: &'a Short<ModuleShape>) -> Option<TypeId> {
        match &module.0 {
            ModuleShape::Reference(name) => self.reference(file, name),
            ModuleShape::Type(shape) => {
                let id = self.add_type(file, &format!("module {}", path.text));
                self.wait(id, file, path.span.clone(), Body::Written(shape));
                Some(id)
            }
        }
    }

    /// Checks that a name belongs to one file only.
    fn check_owners(&mut self, what: &str, names: impl Fn(&'a super::File<'a>) -> Vec<&'a Word>) {
        let mut owners: FxHashMap<&str, usize> = FxHashMap::default();
        for file in 0..self.files.len() {
            for name in names(&self.files[file]) {
                let Some(owner) = owners.insert(&name.text, file) else { continue };
                let (message, help) = if owner == file {
                    (format!("the {what} `{}` is listed twice", name.text), "remove one".to_owned())
                } else {
                    let other = self.files[owner].source;
                    let help = format!("name this file {}.toml to replace that family", other.family);
                    (format!("the {what} `{}` belongs to {} too", name.text, other.path), help)
                };
                self.fault_at(file, name, message, help);
            }
        }
    }

    /// The type that a word names.
    pub(super) fn reference(&mut self, file: usize, word: &Word) -> Option<TypeId> {
        let written = match place::parse(&word.text) {
            Ok(written) => written,
            Err(fault) => {
                self.place_fault(file, word, fault);
                return None;
            }
        };
        match written.base {
            WrittenBase::Type(reference) if written.path.is_empty() => self.resolve(file, word, &reference),
            _ => {
                self.fault_at(file, word, format!("`{}` is no type", word.text), "a type is expected here");
                None
            }
        }
    }

    /// The class object of the type that a word names.
    pub(super) fn class_of(&mut self, file: usize, word: &Word) -> Option<TypeId> {
        let instance = self.reference(file, word)?;
        let owner = self.types[instance.0 as usize].family as usize;
        Some(self.class_object(owner, instance, None))
    }

    /// The type behind a reference that stands in `word`.
    pub(super) fn resolve(&mut self, file: usize, word: &Word, reference: &TypeReference<'_>) -> Option<TypeId> {
        let owner = match reference.family {
            None => file,
            Some(family) => match self.file_of.get(family) {
                Some(&owner) => owner,
                None => {
                    let help = suggestion(family, self.files.iter().map(|file| file.source.family.as_str()));
                    let span = self.inside(file, word, 0..family.len());
                    self.fault(file, span, format!("there is no family `{family}`"), help);
                    return None;
                }
            },
        };
        let (ReferenceKind::Named(name) | ReferenceKind::Class(name)) = reference.kind else {
            return self.module_of(file, word, owner, reference);
        };
        let Some(&ty) = self.named.get(&(owner, name)) else {
            let types = self.files[owner].shape.types.keys();
            let help = suggestion(name, types.map(|known| known.text.as_str()));
            let span = self.inside(file, word, reference.range.clone());
            let family = &self.files[owner].source.family;
            self.fault(file, span, format!("there is no type `{name}` in {family}"), help);
            return None;
        };
        let is_class = matches!(reference.kind, ReferenceKind::Class(_));
        Some(if is_class { self.class_object(owner, ty, None) } else { ty })
    }

    fn module_of(
        &mut self,
        file: usize,
        word: &Word,
        owner: usize,
        reference: &TypeReference<'_>,
    ) -> Option<TypeId> {
        let module = self.modules.get(&owner).copied();
        if module.is_none() {
            let span = self.inside(file, word, reference.range.clone());
            let family = &self.files[owner].source.family;
            self.fault(file, span, format!("{family} has no `[module]`"), "name a type instead");
        }
        module
    }

    /// Records what is wrong with the text of a place.
    pub(super) fn place_fault(&mut self, file: usize, word: &Word, fault: PlaceFault) {
        let span = self.inside(file, word, fault.range);
        self.fault(file, span, fault.message, fault.help);
    }

    /// The file's range of a part of a word; the whole word where escapes shift positions.
    pub(super) fn inside(&self, file: usize, word: &Word, part: Range<usize>) -> Range<usize> {
        let start = word.span.start + 1;
        let text = &self.files[file].source.text;
        match text.get(start..start + word.text.len()) {
            Some(written) if written == word.text => start + part.start..start + part.end,
            _ => word.span.clone(),
        }
    }
}

//! From a rule file's shape to the types that the engine reads.
//!
//! Names first: every named type, class object and module object gets its id, so that files may refer to each
//! other in any order. Then the bodies; then mixins, which need finished bodies; then the checks that need all
//! of it. Faults are collected, so that an author sees all of them at once.

mod body;
mod inherit;
mod names;
mod operation;

use super::error::{RuleError, RuleFault, RuleSource};
use super::model::*;
use super::schema::{RuleFile, TypeShape, Word};
use super::set::RuleSet;
use super::table::OperationRow;
use super::wiring::ProviderKeys;
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;
use std::ops::Range;

/// Compiles rule files, which are sorted by family.
pub(super) fn compile(sources: &[RuleSource]) -> Result<RuleSet, RuleError> {
    let mut faults = Vec::new();
    let mut files = Vec::new();
    for source in sources {
        match toml::from_str::<RuleFile>(&source.text) {
            Ok(shape) => files.push(File { source, shape }),
            Err(error) => faults.push(source.toml_fault(&error)),
        }
    }
    if !faults.is_empty() {
        // A file that is missing would only make its users' references look wrong.
        return Err(RuleError { faults });
    }
    let mut compiler = Compiler::new(&files);
    compiler.name_everything();
    compiler.fill_everything();
    compiler.place_files();
    compiler.inherit();
    compiler.finish()
}

/// A rule file that could be read.
struct File<'a> {
    source: &'a RuleSource,
    shape: RuleFile,
}

/// A type that waits to be filled.
#[derive(Clone)]
struct Waiting<'a> {
    ty: TypeId,
    file: usize,
    /// Where the file names it.
    span: Range<usize>,
    body: Body<'a>,
}

/// A type's body.
#[derive(Clone, Copy)]
enum Body<'a> {
    /// As it is written.
    Written(&'a TypeShape),
    /// The class object of a type: the usual, and what is written beyond.
    Class { instance: TypeId, written: Option<&'a TypeShape> },
}

/// A reference from one type to one whose members it takes.
struct Lineage {
    from: TypeId,
    to: TypeId,
    file: usize,
    span: Range<usize>,
    mixin: bool,
}

/// The state of a compilation.
struct Compiler<'a> {
    files: &'a [File<'a>],
    file_of: FxHashMap<&'a str, usize>,
    families: Vec<Family>,
    types: Vec<ApiType>,
    /// Types by file and name.
    named: FxHashMap<(usize, &'a str), TypeId>,
    /// Class objects by their instances' type.
    classes: FxHashMap<TypeId, TypeId>,
    /// `[module]` by file.
    modules: FxHashMap<usize, TypeId>,
    literals: BTreeMap<String, TypeId>,
    bodies: Vec<Waiting<'a>>,
    /// The name of the member or type that is being filled: where faults stand that have no word of their own.
    here: Range<usize>,
    lineage: Vec<Lineage>,
    operations: Vec<OperationRow>,
    faults: Vec<RuleFault>,
}

impl<'a> Compiler<'a> {
    fn new(files: &'a [File<'a>]) -> Self {
        let family = |file: &File<'_>| Family {
            name: file.source.family.clone(),
            title: file.shape.title.clone(),
            documentation: file.shape.documentation.clone(),
            packages: file.shape.packages.iter().map(|package| package.text.clone()).collect(),
            modules: BTreeMap::new(),
            globals: BTreeMap::new(),
            global_files: BTreeMap::new(),
            seeds: file.shape.seeds,
            keywords: file.shape.keywords.iter().map(|keyword| keyword.text.clone()).collect(),
            files: Vec::new(),
            providers: file.shape.providers.as_ref().map(|keys| ProviderKeys {
                token: keys.token.clone(),
                value: keys.value.clone(),
                class: keys.class.clone(),
                existing: keys.existing.clone(),
                factory: keys.factory.clone(),
                inject: keys.inject.clone(),
            }),
            drivers: Drivers {
                shared: file.shape.drivers.shared.clone(),
                local_disk: file.shape.drivers.local_disk.clone(),
            },
            builtin: file.source.builtin,
        };
        Compiler {
            files,
            file_of: files.iter().enumerate().map(|(id, file)| (file.source.family.as_str(), id)).collect(),
            families: files.iter().map(family).collect(),
            types: Vec::new(),
            named: FxHashMap::default(),
            classes: FxHashMap::default(),
            modules: FxHashMap::default(),
            literals: BTreeMap::new(),
            bodies: Vec::new(),
            here: 0..0,
            lineage: Vec::new(),
            operations: Vec::new(),
            faults: Vec::new(),
        }
    }

    /// Adds a type whose body comes later.
    fn add_type(&mut self, file: usize, name: &str) -> TypeId {
        let id = TypeId(self.types.len() as u32);
        let name = format!("{}/{name}", self.files[file].source.family);
        self.types.push(ApiType { name, family: file as u32, ..ApiType::default() });
        id
    }

    /// Records a fault at a range of a file.
    fn fault(&mut self, file: usize, span: Range<usize>, message: impl Into<String>, help: impl Into<String>) {
        self.faults.push(self.files[file].source.fault(Some(span), message).help(help));
    }

    /// Records a fault at a word.
    fn fault_at(&mut self, file: usize, word: &Word, message: impl Into<String>, help: impl Into<String>) {
        self.fault(file, word.span.clone(), message, help);
    }

    /// The text of a type's name.
    fn type_name(&self, ty: TypeId) -> &str {
        &self.types[ty.0 as usize].name
    }

    fn finish(mut self) -> Result<RuleSet, RuleError> {
        if self.faults.is_empty() {
            return Ok(RuleSet::new(self.families, self.types, self.literals, self.operations));
        }
        let position =
            |fault: &RuleFault| (fault.source_code.name().to_owned(), fault.span.map(|span| span.offset()));
        self.faults.sort_by_cached_key(position);
        Err(RuleError { faults: self.faults })
    }
}

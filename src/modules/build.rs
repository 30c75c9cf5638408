//! Chooses the files that matter, lowers them, and resolves their specifiers.

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use rustc_hash::{FxHashMap, FxHashSet};
use std::sync::Arc;

use super::lowered::{Entry, Lowered, LoweredFiles};
use super::resolve::{FileResolution, Resolver, package_name};
use super::{Module, ModuleGraph, ModuleId, Resolution};
use crate::facts::{self, ExprKind, ModuleFacts, Name, TypeExpr};
use crate::source::{FileId, FileRole, PackageId, Problem, Project};

/// Which files the analysis starts from.
pub struct Selection<'a> {
    /// Whether a package or runtime module (`ws`, `socket.io/dist/x`, `http`) is modelled by a rule that makes a
    /// project realtime.
    pub is_seed: &'a (dyn Fn(&str) -> bool + Sync),
    /// Text that betrays realtime code without an import: ambient globals, `text/event-stream`.
    pub keywords: &'a [String],
    /// Lower every source file.
    pub all: bool,
}

/// Lowers the files that the selection needs: those that import a seed or hold a keyword, their packages, and all
/// that import them or are imported by them.
///
/// Whole packages are taken because routes, handlers and models are often loaded by folder, which no import shows.
pub fn build(
    project: &Project,
    resolver: &Resolver<'_>,
    selection: &Selection<'_>,
    lowered_before: &LoweredFiles,
) -> (ModuleGraph, Vec<Problem>) {
    let imports = Imports::of(project, resolver);
    let chosen = choose(project, &imports, selection);
    let lowered: Vec<(FileId, Entry)> =
        chosen.par_iter().map(|&id| (id, lowered_before.get(project.file(id)))).collect();
    lowered_before.keep(lowered.iter().map(|(_, entry)| entry));
    let mut problems: Vec<Problem> =
        lowered.iter().flat_map(|(id, entry)| located(project, *id, &entry.lowered)).collect();
    problems.sort();
    let ids: FxHashMap<FileId, ModuleId> =
        chosen.iter().enumerate().map(|(index, &file)| (file, ModuleId(index as u32))).collect();
    let modules = lowered
        .into_par_iter()
        .map(|(file, entry)| {
            let facts = Arc::clone(&entry.lowered.facts);
            let resolutions = specifiers(&facts)
                .into_iter()
                .map(|name| (name, link(resolver, file, facts.name(name), &ids, selection)))
                .collect();
            Module { file, facts, resolutions }
        })
        .collect();
    (ModuleGraph { modules }, problems)
}

/// The problems of a lowered file: lowering knows the text alone.
fn located(project: &Project, id: FileId, lowered: &Lowered) -> Vec<Problem> {
    let file = project.file(id);
    let problem = |problem: &facts::LowerProblem| Problem {
        file: file.path.clone(),
        line: Some(file.location(problem.span).line),
        kind: problem.kind,
        message: problem.message.to_owned(),
    };
    lowered.problems.iter().map(problem).collect()
}

/// Turns a file resolution into one of the program. A package of the project that a rule models is seen as that
/// package: in a library's own repository, its users are judged by what it promises.
fn link(
    resolver: &Resolver<'_>,
    from: FileId,
    specifier: &str,
    ids: &FxHashMap<FileId, ModuleId>,
    selection: &Selection<'_>,
) -> Resolution {
    match resolver.resolve(from, specifier) {
        FileResolution::File(_) if is_seed_package(specifier, selection) => package(specifier),
        FileResolution::File(file) => ids.get(&file).map_or(Resolution::Other, |&id| Resolution::Module(id)),
        FileResolution::Other => Resolution::Other,
        FileResolution::Package { name, subpath } => Resolution::Package { name, subpath },
        FileResolution::Builtin(name) => Resolution::Builtin(name),
        FileResolution::Unresolved => Resolution::Unresolved,
    }
}

fn package(specifier: &str) -> Resolution {
    let (name, subpath) = package_name(specifier).unwrap_or((specifier, ""));
    Resolution::Package { name: name.into(), subpath: subpath.into() }
}

/// Whether a bare specifier is a seed as it stands or by its package.
fn is_seed_package(specifier: &str, selection: &Selection<'_>) -> bool {
    let specifier = specifier.strip_prefix("node:").unwrap_or(specifier);
    let by_name = || package_name(specifier).is_some_and(|(name, _)| (selection.is_seed)(name));
    !specifier.starts_with('.') && ((selection.is_seed)(specifier) || by_name())
}

/// The import graph of the readable files, from the scanned specifiers.
struct Imports {
    imported: Vec<Vec<FileId>>,
}

impl Imports {
    fn of(project: &Project, resolver: &Resolver<'_>) -> Self {
        let files: Vec<FileId> = project.iter().map(|(id, _)| id).collect();
        let imported = files
            .par_iter()
            .map(|&id| {
                let specifiers = project.file(id).specifiers.iter();
                let mut imported: Vec<FileId> = specifiers
                    .filter_map(|specifier| match resolver.resolve(id, specifier) {
                        FileResolution::File(file) => Some(file),
                        _ => None,
                    })
                    .collect();
                imported.sort_unstable();
                imported.dedup();
                imported
            })
            .collect();
        Imports { imported }
    }

    fn importers(&self) -> Vec<Vec<FileId>> {
        let mut importers = vec![Vec::new(); self.imported.len()];
        for (from, imported) in self.imported.iter().enumerate() {
            for to in imported {
                importers[to.0 as usize].push(FileId(from as u32));
            }
        }
        importers
    }
}

/// The files to lower, in order of path.
fn choose(project: &Project, imports: &Imports, selection: &Selection<'_>) -> Vec<FileId> {
    let is_product = |id: FileId| project.file(id).role == FileRole::Source;
    let product = || project.iter().map(|(id, _)| id).filter(|&id| is_product(id));
    let mut chosen = vec![false; project.files.len()];
    if selection.all {
        product().for_each(|id| chosen[id.0 as usize] = true);
    } else {
        let seeds = seeds(project, selection);
        let packages: FxHashSet<Option<PackageId>> = seeds.iter().map(|&id| project.file(id).package).collect();
        let importers = imports.importers();
        // Upwards through product code only: a browser file that shares a helper tells nothing of the server.
        spread(&mut chosen, seeds, |id| {
            importers[id.0 as usize].iter().copied().filter(|&each| is_product(each)).collect()
        });
        product()
            .filter(|&id| packages.contains(&project.file(id).package))
            .for_each(|id| chosen[id.0 as usize] = true);
    }
    let start: Vec<FileId> = product().filter(|id| chosen[id.0 as usize]).collect();
    chosen.fill(false);
    // Downwards also into what product code imports of other roles, but not on from there.
    spread(
        &mut chosen,
        start,
        |id| if is_product(id) { imports.imported[id.0 as usize].clone() } else { Vec::new() },
    );
    project.iter().filter(|(id, file)| chosen[id.0 as usize] && !file.text.is_empty()).map(|(id, _)| id).collect()
}

/// Marks everything that can be reached from `pending`.
fn spread(reached: &mut [bool], mut pending: Vec<FileId>, next: impl Fn(FileId) -> Vec<FileId>) {
    while let Some(id) = pending.pop() {
        if !std::mem::replace(&mut reached[id.0 as usize], true) {
            pending.extend(next(id));
        }
    }
}

/// Product files that import a seed or hold a keyword.
fn seeds(project: &Project, selection: &Selection<'_>) -> Vec<FileId> {
    let keywords = (!selection.keywords.is_empty()).then(|| AhoCorasick::new(selection.keywords).ok()).flatten();
    let files: Vec<FileId> = project.iter().map(|(id, _)| id).collect();
    files
        .into_par_iter()
        .filter(|&id| {
            let file = project.file(id);
            file.role == FileRole::Source
                && (file.specifiers.iter().any(|specifier| is_seed_package(specifier, selection))
                    || keywords.as_ref().is_some_and(|keywords| keywords.is_match(&file.text)))
        })
        .collect()
}

/// Every specifier that a file's facts mention.
fn specifiers(facts: &ModuleFacts) -> FxHashSet<Name> {
    let mut found = FxHashSet::default();
    found.extend(facts.imports.iter().map(|entry| entry.specifier));
    for entry in &facts.exports {
        match entry.kind {
            facts::ExportKind::From { specifier, .. } | facts::ExportKind::All { specifier } => {
                found.insert(specifier);
            }
            _ => {}
        }
    }
    for expr in &facts.exprs {
        match &expr.kind {
            ExprKind::Require(specifier) | ExprKind::ImportCall(specifier) => {
                found.insert(*specifier);
            }
            ExprKind::Typed { ty, .. } => type_specifiers(ty, &mut found),
            _ => {}
        }
    }
    let parameters = facts.functions.iter().flat_map(|function| {
        function.parameters.iter().filter_map(|parameter| parameter.ty.as_ref()).chain(&function.return_type)
    });
    let classes = facts
        .classes
        .iter()
        .flat_map(|class| class.members.iter().filter_map(|member| member.ty.as_ref()).chain(&class.implements));
    let bindings = facts.bindings.iter().filter_map(|binding| binding.ty.as_ref());
    let declarations =
        facts.types.iter().flat_map(|declaration| std::iter::once(&declaration.ty).chain(&declaration.extends));
    for ty in parameters.chain(classes).chain(bindings).chain(declarations) {
        type_specifiers(ty, &mut found);
    }
    found
}

/// `import('x').T` within a type.
fn type_specifiers(ty: &TypeExpr, found: &mut FxHashSet<Name>) {
    match ty {
        TypeExpr::Import { specifier, arguments, .. } => {
            found.insert(*specifier);
            arguments.iter().for_each(|argument| type_specifiers(argument, found));
        }
        TypeExpr::Named { arguments, .. } | TypeExpr::Union(arguments) => {
            arguments.iter().for_each(|argument| type_specifiers(argument, found));
        }
        TypeExpr::Object(fields) => fields.iter().for_each(|(_, field)| type_specifiers(field, found)),
        TypeExpr::Array(element) | TypeExpr::Function(element) => type_specifiers(element, found),
        TypeExpr::TypeOf(_) | TypeExpr::String | TypeExpr::Number | TypeExpr::Other => {}
    }
}

#[cfg(test)]
mod tests;

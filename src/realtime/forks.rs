//! Processes that the program starts more of, and whether those hold the endpoints.

use std::collections::BTreeSet;

use camino::Utf8Path;
use rustc_hash::FxHashSet;

use super::conditions::{Condition, conditions};
use super::endpoints::Endpoints;
use super::model::{Fork, ServiceId};
use super::places::standing;
use super::program::Program;
use super::services::Services;
use crate::facts::{ExprId, ExprKind};
use crate::flow::{CallEdge, ExprRef};
use crate::modules::{ModuleId, Resolution};
use crate::source::FileId;

/// Code that leads to an endpoint is followed through this many places.
const MAX_PLACES: usize = 400;
/// Paths are put together from calls at most this deep.
const MAX_DEPTH: u32 = 4;

/// The calls that start further processes of the program, each with the services that run in those.
pub(crate) fn forks(program: &Program, endpoints: &Endpoints, services: &Services) -> Vec<Fork> {
    let uses = program.flow.uses.iter();
    let mut sites: Vec<ExprRef> = uses
        .filter(|api_use| program.flow.operation(api_use).is_some_and(|operation| operation.fork))
        .map(|api_use| api_use.site)
        .filter(|&site| program.is_alive(program.function_at(site)))
        .collect();
    sites.sort_by_key(|&site| program.place(site));
    sites.dedup();
    if sites.is_empty() {
        return Vec::new();
    }
    let importers = program.flow.graph.importers();
    let children = Children { program, importers, files: fork_files(program) };
    sites.into_iter().map(|site| children.fork(endpoints, services, site)).collect()
}

/// What further processes run.
struct Children<'p, 'a> {
    program: &'p Program<'a>,
    importers: Vec<Vec<ModuleId>>,
    /// The files that they start with; none where they run the program that forks them.
    files: Option<FxHashSet<FileId>>,
}

impl Children<'_, '_> {
    /// A process that forks itself runs the same code again: all but what stands where only the first process gets.
    fn fork(&self, endpoints: &Endpoints, services: &Services, site: ExprRef) -> Fork {
        let only_first: Vec<Condition> = conditions(self.program, site);
        let held = endpoints.list.iter().enumerate().filter(|(_, endpoint)| match endpoint.site {
            Some(created) => self.reach(created, &only_first),
            None => self.files.is_none(),
        });
        let services: BTreeSet<ServiceId> = held.filter_map(|(index, _)| services.of_endpoint(index)).collect();
        Fork { place: self.program.place(site), services: services.into_iter().collect() }
    }

    /// Whether they get to an expression: some way leads to it from where they start that none of the conditions guards.
    fn reach(&self, created: ExprRef, guards: &[Condition]) -> bool {
        let program = self.program;
        let mut pending = vec![(created.module, Some(created))];
        let mut seen = FxHashSet::default();
        while let Some((module, at)) = pending.pop() {
            if seen.len() > MAX_PLACES || !seen.insert((module, at)) {
                continue;
            }
            if let Some(at) = at {
                if conditions(program, at).iter().any(|condition| guards.contains(condition)) {
                    continue;
                }
                let callers: Vec<_> = program.callers(program.function_at(at)).collect();
                if !callers.is_empty() {
                    let theirs = callers.into_iter().filter(|edge| !self.is_primary(edge));
                    pending.extend(theirs.map(|edge| (edge.site.module, Some(edge.site))));
                    continue;
                }
            }
            // At the top of its module, or handed to a library there.
            let loads = loads_of(program, &self.importers, module);
            let starts = match &self.files {
                Some(files) => files.contains(&program.file(module)),
                None => loads.is_empty(),
            };
            if starts {
                return true;
            }
            pending.extend(loads);
        }
        false
    }

    /// Whether a library calls back only in the process that forks.
    fn is_primary(&self, edge: &CallEdge) -> bool {
        self.program.callback(edge).is_some_and(|(_, callback)| callback.primary)
    }
}

/// The files that further processes run where the program says so; none where one of them is not known.
fn fork_files(program: &Program) -> Option<FxHashSet<FileId>> {
    let mut files = FxHashSet::default();
    for api_use in &program.flow.uses {
        let Some(place) = program.flow.operation(api_use).and_then(|operation| operation.fork_file.as_ref()) else {
            continue;
        };
        let Some(written) = standing(program, api_use, place).expr else { continue };
        files.insert(file_named(program, written)?);
    }
    (!files.is_empty()).then_some(files)
}

/// The file that an expression names. Libraries resolve it from the working directory, which is mostly the
/// folder of the package; `join(__dirname, …)` is beside the module.
fn file_named(program: &Program, written: ExprRef) -> Option<FileId> {
    let project = program.project;
    let text = written_end(program, written, MAX_DEPTH)?;
    let text = text.trim_start_matches(['.', '/']);
    let own = project.file(program.file(written.module));
    let beside = own.path.parent().unwrap_or(Utf8Path::new(""));
    let package = own.package.map(|package| project.package(package).folder.as_path());
    let folders = [beside, package.unwrap_or(Utf8Path::new("")), Utf8Path::new("")];
    folders.iter().find_map(|folder| {
        let endings = ["", ".js", ".ts", ".mjs", ".cjs"].iter();
        endings.map(|ending| folder.join(format!("{text}{ending}"))).find_map(|path| project.file_at(&path))
    })
}

/// The end of a path, as far as it is written: `join(__dirname, 'worker.js')`, `new URL('./worker.js', import.meta.url)`.
fn written_end<'a>(program: &Program<'a>, at: ExprRef, depth: u32) -> Option<&'a str> {
    if let Some(text) = program.constant(at) {
        return Some(text);
    }
    let at = program.resolve(at);
    let follow = |expr| written_end(program, program.at(at, expr), depth.checked_sub(1)?);
    match &program.expr(at).kind {
        ExprKind::Call { args, .. } | ExprKind::New { args, .. } => {
            args.iter().rev().find_map(|argument| follow(argument.value))
        }
        ExprKind::Template { texts, .. } => texts.last().map(|&text| program.name(at.module, text)),
        ExprKind::Binary { right, .. } => follow(*right),
        _ => None,
    }
}

/// Where a module is loaded: by `require` or `import()` at an expression, by other imports at the top of a module.
fn loads_of(program: &Program, importers: &[Vec<ModuleId>], module: ModuleId) -> Vec<(ModuleId, Option<ExprRef>)> {
    let is_it = |resolution: &Resolution| matches!(resolution, Resolution::Module(to) if *to == module);
    let mut loads = Vec::new();
    for &from in importers[module.index()].iter().filter(|&&from| from != module) {
        let before = loads.len();
        for (index, expr) in program.flow.facts(from).exprs.iter().enumerate() {
            if let ExprKind::Require(name) | ExprKind::ImportCall(name) = expr.kind
                && is_it(program.flow.graph.resolve(from, name))
            {
                loads.push((from, Some(ExprRef { module: from, expr: ExprId(index as u32) })));
            }
        }
        if loads.len() == before {
            loads.push((from, None));
        }
    }
    loads
}

//! Processes that the program starts more of, and whether those hold the endpoints.

use std::collections::BTreeSet;

use rustc_hash::FxHashSet;

use super::conditions::{Condition, conditions};
use super::endpoints::Endpoints;
use super::model::{Fork, ServiceId};
use super::program::Program;
use super::services::Services;
use crate::facts::{ExprId, ExprKind};
use crate::flow::ExprRef;
use crate::modules::{ModuleId, Resolution};

/// Code that leads to an endpoint is followed through this many places.
const MAX_PLACES: usize = 400;

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
    sites.into_iter().map(|site| fork(program, endpoints, services, &importers, site)).collect()
}

/// A process that forks itself runs the same code again: all but what stands where only the first process gets.
fn fork(
    program: &Program,
    endpoints: &Endpoints,
    services: &Services,
    importers: &[Vec<ModuleId>],
    site: ExprRef,
) -> Fork {
    let only_first: Vec<Condition> = conditions(program, site);
    let held = endpoints.list.iter().enumerate().filter(|(_, endpoint)| match endpoint.site {
        Some(created) => runs_beside(program, importers, created, &only_first),
        None => true,
    });
    let services: BTreeSet<ServiceId> = held.filter_map(|(index, _)| services.of_endpoint(index)).collect();
    Fork { place: program.place(site), services: services.into_iter().collect() }
}

/// Whether some way leads to an expression that none of the conditions guards.
fn runs_beside(program: &Program, importers: &[Vec<ModuleId>], created: ExprRef, guards: &[Condition]) -> bool {
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
            let function = program.function_at(at);
            let callers: Vec<ExprRef> = program.callers(function).map(|edge| edge.site).collect();
            if !callers.is_empty() {
                pending.extend(callers.into_iter().map(|site| (site.module, Some(site))));
                continue;
            }
        }
        // At the top of its module, or handed to a library there.
        let loads = loads_of(program, importers, module);
        if loads.is_empty() {
            return true;
        }
        pending.extend(loads);
    }
    false
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

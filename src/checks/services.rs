//! What tells deployments which service they run: the files that start it.

use rustc_hash::FxHashSet;

use crate::deployment::{DeploymentEvidence, ServiceFacts};
use crate::modules::{ModuleGraph, ModuleId};
use crate::realtime::{Fork, Realtime, ServiceId};
use crate::source::Project;

/// The report's word for a call that starts further processes.
const FORK: &str = "process-fork";
/// Calls are shown up to this many characters as a value, longer ones without their arguments.
const MAX_VALUE: usize = 60;

/// The services, as far as deployments can name them.
pub fn service_facts(project: &Project, graph: &ModuleGraph, realtime: &Realtime) -> Vec<ServiceFacts> {
    let importers = graph.importers();
    let facts = |(index, service): (usize, &crate::realtime::Service)| {
        let id = ServiceId(index as u32);
        let endpoints =
            realtime.endpoints.iter().filter(|endpoint| realtime.runs(id, endpoint.service, endpoint.place));
        let mut pending: Vec<ModuleId> = endpoints.map(|endpoint| endpoint.place.module).collect();
        if pending.is_empty() {
            let paths = realtime.paths.iter().filter(|path| realtime.runs(id, path.service, path.place));
            pending.extend(paths.map(|path| path.place.module));
        }
        let mut reached = FxHashSet::default();
        while let Some(module) = pending.pop() {
            if reached.insert(module) {
                pending.extend(&importers[module.index()]);
            }
        }
        let folder = service.package.map(|package| project.package(package).folder.clone()).unwrap_or_default();
        let starts = reached.into_iter().map(|module| project.file(graph.module(module).file).path.clone());
        ServiceFacts { folder, starts: starts.collect() }
    };
    realtime.services.iter().enumerate().map(facts).collect()
}

/// Evidence from the code itself: it starts further processes that hold the service's endpoints.
pub fn fork_evidence(project: &Project, graph: &ModuleGraph, realtime: &Realtime) -> Vec<DeploymentEvidence> {
    let evidence = |fork: &Fork| DeploymentEvidence {
        location: project.location(graph.module(fork.place.module).file, fork.place.span),
        kind: FORK.to_owned(),
        value: shortened(super::code(project, graph, fork.place)),
        several: true,
        workload: None,
        services: fork.services.iter().map(|service| service.0 as usize).collect(),
    };
    realtime.forks.iter().map(evidence).collect()
}

/// A call as a value: whole, or the name of what is called.
fn shortened(call: String) -> String {
    match call.split_once('(') {
        Some((callee, _)) if call.chars().count() > MAX_VALUE => format!("{callee}(…)"),
        _ => call,
    }
}

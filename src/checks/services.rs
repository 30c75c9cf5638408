//! What tells deployments which service they run: the files that start it.

use rustc_hash::FxHashSet;

use crate::deployment::ServiceFacts;
use crate::modules::{ModuleGraph, ModuleId, Resolution};
use crate::realtime::{Realtime, ServiceId};
use crate::source::Project;

/// The services, as far as deployments can name them.
pub fn service_facts(project: &Project, graph: &ModuleGraph, realtime: &Realtime) -> Vec<ServiceFacts> {
    let importers = importers(graph);
    let facts = |(index, service): (usize, &crate::realtime::Service)| {
        let id = ServiceId(index as u32);
        let endpoints = realtime.endpoints.iter().filter(|endpoint| endpoint.service == id);
        let mut pending: Vec<ModuleId> = endpoints.map(|endpoint| endpoint.place.module).collect();
        if pending.is_empty() {
            let paths = realtime.paths.iter().filter(|path| path.service == id);
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

/// By module: who imports it.
fn importers(graph: &ModuleGraph) -> Vec<Vec<ModuleId>> {
    let mut importers = vec![Vec::new(); graph.modules.len()];
    for from in graph.ids() {
        for resolution in graph.module(from).resolutions.values() {
            if let Resolution::Module(to) = resolution {
                importers[to.index()].push(from);
            }
        }
    }
    importers
}

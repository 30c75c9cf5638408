//! Failures that an earlier report named do not count again.

use super::code;
use crate::config::{Baseline, Failure};
use crate::modules::ModuleGraph;
use crate::realtime::{Place, Reach, Realtime, StoreClass, Suppression};
use crate::source::Project;

/// Suppresses what the baseline accepts. A failure that it names twice is accepted twice, wherever it now stands in
/// its file.
pub fn accept_baseline(project: &Project, graph: &ModuleGraph, realtime: &mut Realtime, baseline: &Baseline) {
    let mut left = baseline.clone();
    let file = |place: Place| project.file(graph.module(place.module).file).path.to_string();
    for path in realtime.paths.iter_mut().filter(|path| path.suppressed.is_none() && path.reach != Reach::Cluster) {
        let failure = Failure::Path { file: file(path.place), code: code(project, graph, path.place) };
        if left.take(&failure) {
            path.suppressed = Some(Suppression::Baseline);
        }
    }
    for store in realtime.stores.iter_mut() {
        let failure = Failure::Store { file: file(store.place), name: store.name.clone() };
        if store.suppressed.is_none() && store.class != StoreClass::Shared && left.take(&failure) {
            store.suppressed = Some(Suppression::Baseline);
        }
    }
}

//! Failures that an earlier audit found do not count again.

use super::identity;
use crate::config::Baseline;
use crate::modules::ModuleGraph;
use crate::realtime::{Place, Reach, Realtime, StateType, StoreClass, Suppression};
use crate::source::Project;

/// Suppresses what the baseline accepts, and gives it back with what was met. Failures are looked for in their own
/// files first, then in others, where their code may have been moved.
pub fn accept_baseline(
    project: &Project,
    graph: &ModuleGraph,
    realtime: &mut Realtime,
    baseline: &Baseline,
) -> Baseline {
    let mut left = baseline.clone();
    let file = |place: Place| project.file(graph.module(place.module).file).path.as_str();
    let mut candidates = Vec::new();
    for path in realtime.paths.iter_mut().filter(|path| path.suppressed.is_none() && path.reach != Reach::Cluster) {
        let fingerprint = identity::of_path(project, graph, path).fingerprint;
        candidates.push((fingerprint, file(path.place), &mut path.suppressed));
    }
    for store in realtime.stores.iter_mut() {
        let counts = store.suppressed.is_none()
            && store.class != StoreClass::Shared
            && (store.state_type != StateType::Connections || !store.also_types.is_empty())
            && !store.covered;
        if counts {
            let fingerprint = identity::of_store(graph, store).fingerprint;
            candidates.push((fingerprint, file(store.place), &mut store.suppressed));
        }
    }
    let mut elsewhere = Vec::new();
    for (fingerprint, file, suppressed) in candidates {
        if left.take(&fingerprint, file) {
            *suppressed = Some(Suppression::Baseline);
        } else {
            elsewhere.push((fingerprint, suppressed));
        }
    }
    for (fingerprint, suppressed) in elsewhere {
        if left.take_moved(&fingerprint) {
            *suppressed = Some(Suppression::Baseline);
        }
    }
    left
}

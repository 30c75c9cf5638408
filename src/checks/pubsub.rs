//! `pubsub-cross-instance`: does every broadcast reach the clients of every instance?

use super::{Case, Check, Counts, Item, PathCounts, Reason, Status, Verdict, prose, skip};
use crate::config::PathRequirement;
use crate::realtime::{BroadcastPath, Reach, ServiceId};

/// Judges one service.
pub(super) fn judge(case: Case, service: ServiceId) -> Verdict {
    let paths = || {
        case.realtime
            .paths
            .iter()
            .enumerate()
            .filter(move |(_, path)| case.realtime.runs(service, path.service, path.place))
    };
    let counted = || paths().filter(|(_, path)| path.suppressed.is_none());
    let in_process: Vec<Item> =
        counted().filter(|(_, path)| !is_backed(path)).map(|(index, _)| Item::Path(index)).collect();
    let counts = count(case, service, in_process.len(), counted().count(), paths().count());

    let check = Check::PubsubCrossInstance;
    if !case.is_enabled(check) {
        return skip(check, Reason::Disabled, prose::DISABLED.to_owned(), Counts::Paths(counts));
    }
    if case.is_single_instance(service) {
        return skip(check, Reason::SingleInstance, prose::single_instance(case), Counts::Paths(counts));
    }
    if paths().next().is_none() {
        let detail = "The service has a realtime endpoint but broadcasts nothing.".to_owned();
        return skip(check, Reason::NoBroadcast, detail, Counts::Paths(counts));
    }
    let policy = case.config.checks.pubsub_cross_instance.require;
    let (status, reason) = if in_process.is_empty() {
        let nothing_counts = counts.pubsub_backed == 0;
        (Status::Pass, if nothing_counts { Reason::AllPathsSuppressed } else { Reason::AllPathsBacked })
    } else if policy == PathRequirement::AnyIntegration && counts.crossing() > 0 {
        (Status::Pass, Reason::AnyIntegration)
    } else {
        (Status::Fail, Reason::InProcessPaths)
    };
    let detail = prose::paths(case, service, reason, &counts, &in_process);
    let (findings, warnings) =
        if status == Status::Fail { (in_process, Vec::new()) } else { (Vec::new(), in_process) };
    Verdict { check, status, reason, detail, counts: Counts::Paths(counts), findings, warnings }
}

/// Whether a path reaches the clients of every instance.
fn is_backed(path: &BroadcastPath) -> bool {
    path.reach == Reach::Cluster
}

fn count(case: Case, service: ServiceId, in_process: usize, counted: usize, all: usize) -> PathCounts {
    let mut counts = PathCounts {
        in_process,
        pubsub_backed: counted - in_process,
        suppressed: all - counted,
        ..PathCounts::default()
    };
    for integration in case
        .realtime
        .integrations
        .iter()
        .filter(|integration| case.realtime.runs(service, integration.service, integration.place))
    {
        *counts.integrations.entry(integration.kind).or_default() += 1;
    }
    counts
}

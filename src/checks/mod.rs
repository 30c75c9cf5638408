//! The two checks: what the realtime facts mean for a second instance (SPEC section 4).
//!
//! Every service is judged for itself; the root takes the verdict of its worst service.

mod baseline;
mod code;
mod codes;
mod identity;
mod prose;
mod pubsub;
mod scaling;
mod services;
mod text;

pub use baseline::accept_baseline;
pub(crate) use code::one_line;
pub use codes::{CodeKind, CodeText, CodeTextError, codes};
pub use identity::Identity;
pub use services::{fork_evidence, service_facts};
pub use text::{CheckText, CheckTextError, texts};

use camino::Utf8Path;
use std::collections::{BTreeMap, BTreeSet};

use crate::config::{Config, Severity};
use crate::deployment::DeploymentEvidence;
use crate::modules::ModuleGraph;
use crate::realtime::{BroadcastPath, Mechanism, Place, Reach, Realtime, ServiceId, StateStore, StateType};
use crate::source::{Location, Project};

/// The checks, in the order of the report.
pub const CHECKS: [Check; 2] = [Check::PubsubCrossInstance, Check::HorizontalScalingReady];

/// A check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Check {
    /// Does every message reach every client when several instances run?
    PubsubCrossInstance,
    /// Does realtime state survive outside one process?
    HorizontalScalingReady,
}

impl Check {
    /// The short name.
    pub fn name(self) -> &'static str {
        match self {
            Check::PubsubCrossInstance => "pubsub-cross-instance",
            Check::HorizontalScalingReady => "horizontal-scaling-ready",
        }
    }

    /// The full id.
    pub fn id(self) -> &'static str {
        match self {
            Check::PubsubCrossInstance => "community-realtime.message-delivery.pubsub-cross-instance",
            Check::HorizontalScalingReady => "community-realtime.realtime-ux.horizontal-scaling-ready",
        }
    }
}

/// The outcome of a check, from best to worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Status {
    /// There is nothing to judge.
    Skip,
    /// It holds.
    Pass,
    /// It does not hold.
    Fail,
}

/// Why a check has its status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Reason {
    /// Skip: the settings turn the check off.
    Disabled,
    /// Skip: the deployment is declared single-instance.
    SingleInstance,
    /// Skip: there is no broadcast path.
    NoBroadcast,
    /// Skip: no realtime state is held.
    NoState,
    /// Pass: every path that counts reaches all instances.
    AllPathsBacked,
    /// Pass: every path is suppressed.
    AllPathsSuppressed,
    /// Pass by the policy `any-integration`.
    AnyIntegration,
    /// Fail: a path stays inside one instance.
    InProcessPaths,
    /// Pass: enough state types are shared.
    EnoughShared,
    /// Pass: nothing is held by one process alone.
    NothingSole,
    /// Fail: state is held by one process alone.
    SoleState,
}

/// A path or store of [`Realtime`], by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Item {
    /// Index into `paths`.
    Path(usize),
    /// Index into `stores`.
    Store(usize),
}

/// What a check counted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counts {
    /// Of `pubsub-cross-instance`.
    Paths(PathCounts),
    /// Of `horizontal-scaling-ready`.
    State(StateCounts),
}

/// Broadcast paths by class, and the integrations that carry them.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PathCounts {
    /// Unsuppressed paths that stay inside an instance or host.
    pub in_process: usize,
    /// Unsuppressed paths that reach every instance.
    pub pubsub_backed: usize,
    /// Suppressed paths.
    pub suppressed: usize,
    /// Integrations by kind.
    pub integrations: BTreeMap<Mechanism, usize>,
}

impl PathCounts {
    /// Integrations that cross instances, which IPC between workers of one host does not.
    pub fn crossing(&self) -> usize {
        self.integrations.iter().filter(|(kind, _)| **kind != Mechanism::Ipc).map(|(_, count)| count).sum()
    }
}

/// State types by where they live (SPEC section 4).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StateCounts {
    /// Unsuppressed stores, connections included.
    pub stores: usize,
    /// Suppressed stores.
    pub suppressed: usize,
    /// Named types with a shared store.
    pub shared: BTreeSet<StateType>,
    /// Types with a store of one process or disk that no shared store covers.
    pub sole: BTreeSet<StateType>,
}

impl StateCounts {
    /// The union of both.
    pub fn held(&self) -> BTreeSet<StateType> {
        self.shared.union(&self.sole).copied().collect()
    }
}

/// The outcome of one check on one service or on the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The check.
    pub check: Check,
    /// Its outcome.
    pub status: Status,
    /// Why, as a machine word.
    pub reason: Reason,
    /// Why, for people.
    pub detail: String,
    /// What was counted.
    pub counts: Counts,
    /// What makes it fail; empty unless it fails.
    pub findings: Vec<Item>,
    /// What would fail under a stricter policy; empty unless it passes.
    pub warnings: Vec<Item>,
}

/// All verdicts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// One per check, the worst over the services.
    pub root: Vec<Verdict>,
    /// Per service of [`Realtime`], one per check.
    pub services: Vec<Vec<Verdict>>,
}

/// What the checks look at.
#[derive(Clone, Copy)]
pub struct Case<'a> {
    /// The files.
    pub project: &'a Project,
    /// The lowered files.
    pub graph: &'a ModuleGraph,
    /// What the program does in realtime.
    pub realtime: &'a Realtime,
    /// What the repository says about instances.
    pub evidence: &'a [DeploymentEvidence],
    /// Policies and declarations.
    pub config: &'a Config,
}

impl<'a> Case<'a> {
    /// A place as people count.
    pub fn location(&self, place: Place) -> Location {
        self.project.location(self.graph.module(place.module).file, place.span)
    }

    /// The source text of a place on one line.
    pub fn code(&self, place: Place) -> String {
        code(self.project, self.graph, place)
    }

    /// What makes a path the same path in a later version of the code.
    pub fn path_identity(&self, path: &BroadcastPath) -> Identity {
        identity::of_path(self.project, self.graph, path)
    }

    /// What makes a store the same store in a later version of the code.
    pub fn store_identity(&self, store: &StateStore) -> Identity {
        identity::of_store(self.graph, store)
    }

    /// How bad a failure of a check is, in this project's opinion.
    pub fn severity(&self, check: Check) -> Severity {
        match check {
            Check::PubsubCrossInstance => self.config.checks.pubsub_cross_instance.severity,
            Check::HorizontalScalingReady => self.config.checks.horizontal_scaling_ready.severity,
        }
    }

    /// Whether the settings leave a check on.
    fn is_enabled(&self, check: Check) -> bool {
        match check {
            Check::PubsubCrossInstance => self.config.checks.pubsub_cross_instance.enabled,
            Check::HorizontalScalingReady => self.config.checks.horizontal_scaling_ready.enabled,
        }
    }

    /// The folder of a service relative to the root; `.` for the root itself.
    pub fn service_root(&self, service: ServiceId) -> &'a Utf8Path {
        let package = self.realtime.services[service.0 as usize].package;
        let folder = package.map_or(Utf8Path::new(""), |package| self.project.package(package).folder.as_path());
        if folder.as_str().is_empty() { Utf8Path::new(".") } else { folder }
    }

    /// Evidence of more than one instance of a service.
    fn several_instances(&self, service: ServiceId) -> impl Iterator<Item = &'a DeploymentEvidence> {
        let of_service = move |evidence: &&DeploymentEvidence| evidence.services.contains(&(service.0 as usize));
        self.evidence.iter().filter(|evidence| evidence.proves_several()).filter(of_service)
    }

    /// Whether the declaration of a single instance stands for a service.
    fn is_single_instance(&self, service: ServiceId) -> bool {
        self.config.single_instance.is_some() && self.several_instances(service).next().is_none()
    }
}

/// The source text of a place on one line.
fn code(project: &Project, graph: &ModuleGraph, place: Place) -> String {
    let text = &project.file(graph.module(place.module).file).text;
    one_line(text.get(place.span.start as usize..place.span.end as usize).unwrap_or_default())
}

/// Judges every service and the root.
pub fn judge(case: Case) -> Judgement {
    let services: Vec<Vec<Verdict>> = (0..case.realtime.services.len() as u32)
        .map(|service| CHECKS.iter().map(|&check| judge_service(case, check, ServiceId(service))).collect())
        .collect();
    let root = CHECKS.iter().enumerate().map(|(index, &check)| judge_root(case, check, index, &services)).collect();
    Judgement { root, services }
}

fn judge_service(case: Case, check: Check, service: ServiceId) -> Verdict {
    match check {
        Check::PubsubCrossInstance => pubsub::judge(case, service),
        Check::HorizontalScalingReady => scaling::judge(case, service),
    }
}

/// The worst service's verdict, with the counts and findings of all.
fn judge_root(case: Case, check: Check, index: usize, services: &[Vec<Verdict>]) -> Verdict {
    let verdicts: Vec<&Verdict> = services.iter().map(|verdicts| &verdicts[index]).collect();
    // Of equally bad services the first speaks for the root.
    let Some(worst) = verdicts.iter().rev().max_by_key(|verdict| verdict.status) else {
        return without_endpoint(case, check);
    };
    let mut root = (*worst).clone();
    if verdicts.len() > 1 {
        let position = verdicts.iter().position(|verdict| verdict == worst).unwrap_or_default();
        let name = case.service_root(ServiceId(position as u32));
        let alike = verdicts.iter().filter(|verdict| verdict.status == root.status).count();
        root.detail = prose::root_detail(name, root.status, alike, verdicts.len(), &worst.detail);
        root.counts = total_counts(case, &verdicts).unwrap_or(root.counts);
        root.findings = verdicts.iter().flat_map(|verdict| verdict.findings.iter().copied()).collect();
        root.warnings = verdicts.iter().flat_map(|verdict| verdict.warnings.iter().copied()).collect();
        // What several services run is one finding of the root.
        for items in [&mut root.findings, &mut root.warnings] {
            items.sort();
            items.dedup();
        }
    }
    root
}

/// The counts of all services: every path once, unions of state types.
fn total_counts(case: Case, verdicts: &[&Verdict]) -> Option<Counts> {
    let realtime = case.realtime;
    let mut counts = verdicts.iter().map(|verdict| verdict.counts.clone());
    let first = counts.next()?;
    Some(counts.fold(first, |sum, each| match (sum, each) {
        (Counts::Paths(mut sum), Counts::Paths(_)) => {
            let counted = || realtime.paths.iter().filter(|path| path.suppressed.is_none());
            sum.pubsub_backed = counted().filter(|path| path.reach == Reach::Cluster).count();
            sum.in_process = counted().count() - sum.pubsub_backed;
            sum.suppressed = realtime.paths.len() - counted().count();
            sum.integrations.clear();
            for integration in &realtime.integrations {
                *sum.integrations.entry(integration.kind).or_default() += 1;
            }
            Counts::Paths(sum)
        }
        (Counts::State(mut sum), Counts::State(each)) => {
            sum.stores = realtime.stores.iter().filter(|store| store.suppressed.is_none()).count();
            sum.suppressed = realtime.stores.len() - sum.stores;
            sum.shared.extend(each.shared);
            sum.sole.extend(each.sole);
            Counts::State(sum)
        }
        (sum, _) => sum,
    }))
}

/// The verdict on a root without any realtime endpoint.
fn without_endpoint(case: Case, check: Check) -> Verdict {
    let (reason, counts) = match check {
        Check::PubsubCrossInstance => (Reason::NoBroadcast, Counts::Paths(PathCounts::default())),
        Check::HorizontalScalingReady => (Reason::NoState, Counts::State(StateCounts::default())),
    };
    if !case.is_enabled(check) {
        return skip(check, Reason::Disabled, prose::DISABLED.to_owned(), counts);
    }
    skip(check, reason, "No realtime endpoint was found.".to_owned(), counts)
}

/// A verdict without findings.
fn skip(check: Check, reason: Reason, detail: String, counts: Counts) -> Verdict {
    Verdict { check, status: Status::Skip, reason, detail, counts, findings: Vec::new(), warnings: Vec::new() }
}

#[cfg(test)]
pub(crate) mod tests;

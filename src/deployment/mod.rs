//! What the repository says about how many instances run: orchestrators, platforms, process managers, load balancers.
//!
//! Evidence never fails a check. It can contradict the declaration of a single instance, and it makes the failure of
//! a check live instead of latent; both only for the service that it is about. Which files and keys bear evidence is data:
//! `rules/deployment.toml`.

mod commands;
mod formats;
mod helm;
mod kinds;
mod lines;
mod manifest;
mod names;
mod owners;
mod tree;
mod workloads;
mod yaml;

pub use manifest::{is_manifest, skipped_folders};
pub use owners::ServiceFacts;

use crate::source::{Location, ManifestFile, Problem, Project};
use owners::{Owner, Owners};

/// One fact about the number of instances.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeploymentEvidence {
    /// Where it stands.
    pub location: Location,
    /// What kind: the report's word.
    pub kind: String,
    /// The value as written.
    pub value: String,
    /// Whether it means more than one instance of something.
    pub several: bool,
    /// What it is the number of, by name.
    pub workload: Option<String>,
    /// The services that it is about, by position.
    pub services: Vec<usize>,
}

impl DeploymentEvidence {
    /// Whether it proves several instances of a service with an endpoint.
    pub fn proves_several(&self) -> bool {
        self.several && !self.services.is_empty()
    }
}

/// Reads the evidence from deployment files; sorted by location.
pub fn read(
    project: &Project,
    services: &[ServiceFacts],
    files: &[ManifestFile],
) -> (Vec<DeploymentEvidence>, Vec<Problem>) {
    let (manifests, problems) = manifest::read(files);
    let workloads = workloads::read(&manifests);
    let owners = Owners { project, services, workloads: &workloads }.all();
    let mut evidence = Vec::new();
    for (workload, owner) in workloads.iter().zip(owners) {
        let services: Vec<usize> = match owner {
            Owner::Services(services) => services.into_iter().collect(),
            Owner::Other | Owner::Unknown => Vec::new(),
        };
        let name = workload.names.first().or(workload.targets.first()).or(workload.images.first());
        evidence.extend(workload.counts.iter().map(|count| DeploymentEvidence {
            location: count.location.clone(),
            kind: count.kind.to_owned(),
            value: count.value.clone(),
            several: count.several,
            workload: name.cloned(),
            services: services.clone(),
        }));
    }
    evidence.sort();
    evidence.dedup_by(|one, other| {
        (&one.location, &one.kind, &one.value) == (&other.location, &other.kind, &other.value)
    });
    (evidence, problems)
}

#[cfg(test)]
mod tests;

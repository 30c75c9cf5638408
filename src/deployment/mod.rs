//! What the repository says about how many instances run: Kubernetes manifests, Compose files, process managers.
//!
//! Evidence never fails a check. It can contradict the declaration of a single instance, and it makes the failure of
//! a check live instead of latent.

mod compose;
mod kubernetes;
mod pm2;
mod yaml;

use crate::source::{Location, ManifestFile, Problem, ProblemKind};
use yaml::Node;

/// One fact about the number of instances.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct DeploymentEvidence {
    /// Where it stands.
    pub location: Location,
    /// What kind.
    pub kind: EvidenceKind,
    /// The value as written.
    pub value: String,
    /// Whether it means more than one instance.
    pub multi_instance: bool,
}

/// The kinds of evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EvidenceKind {
    /// `replicas` of a Kubernetes workload.
    KubernetesReplicas,
    /// `maxReplicas` of a HorizontalPodAutoscaler.
    KubernetesAutoscaler,
    /// `deploy.replicas` or `deploy.mode: global` of a Compose service.
    ComposeReplicas,
    /// `scale` of a Compose service.
    ComposeScale,
    /// `instances` of a PM2 application.
    Pm2Instances,
    /// `exec_mode` of a PM2 application.
    Pm2ExecMode,
}

impl EvidenceKind {
    /// The report's word.
    pub fn word(self) -> &'static str {
        match self {
            EvidenceKind::KubernetesReplicas => "k8s-replicas",
            EvidenceKind::KubernetesAutoscaler => "k8s-autoscaler",
            EvidenceKind::ComposeReplicas => "compose-replicas",
            EvidenceKind::ComposeScale => "compose-scale",
            EvidenceKind::Pm2Instances => "pm2-instances",
            EvidenceKind::Pm2ExecMode => "pm2-exec-mode",
        }
    }
}

/// Reads the evidence from deployment files; sorted by location.
pub fn read(files: &[ManifestFile]) -> (Vec<DeploymentEvidence>, Vec<Problem>) {
    let mut evidence = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        let Some(reader) = reader_for(file) else { continue };
        let parsed = yaml::parse(&file.text);
        for document in &parsed.documents {
            reader(file, document, &mut evidence);
        }
        if let Some(error) = parsed.error {
            problems.push(Problem {
                file: file.path.clone(),
                line: Some(error.line),
                kind: ProblemKind::BrokenManifest,
                message: error.message,
            });
        }
    }
    evidence.sort();
    (evidence, problems)
}

/// Reads one document of a file.
type Reader = fn(&ManifestFile, &Node, &mut Vec<DeploymentEvidence>);

/// Who reads a file, by its name and the words in it; none for files that cannot bear evidence.
fn reader_for(file: &ManifestFile) -> Option<Reader> {
    let name = file.path.file_name()?;
    if pm2::is_ecosystem(name) {
        return Some(pm2::read);
    }
    if compose::is_compose(name) {
        return Some(compose::read);
    }
    // Templates are no YAML before they are rendered.
    let is_kubernetes = file.text.contains("kind:") && file.text.contains("eplicas:") && !file.text.contains("{{");
    is_kubernetes.then_some(kubernetes::read as Reader)
}

/// Evidence for a `key: value` pair; none where the value is no plain text.
fn evidence_at(
    file: &ManifestFile,
    kind: EvidenceKind,
    pair: (&Node, &Node),
    multi_instance: impl FnOnce(&str) -> bool,
) -> Option<DeploymentEvidence> {
    let (key, value) = pair;
    let text = value.text()?;
    let location = yaml::location(file, key.start, value.end);
    Some(DeploymentEvidence { location, kind, value: text.to_owned(), multi_instance: multi_instance(text) })
}

/// Whether a count as written is more than one.
fn is_several(text: &str) -> bool {
    text.parse::<u64>().is_ok_and(|count| count > 1)
}

#[cfg(test)]
mod tests;

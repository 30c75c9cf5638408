//! Kubernetes: `replicas` of workloads and the upper bound of autoscalers.

use super::yaml::Node;
use super::{DeploymentEvidence, EvidenceKind, evidence_at, is_several};
use crate::source::ManifestFile;

/// Kinds whose `spec.replicas` counts pods.
const WORKLOADS: &[&str] = &["Deployment", "StatefulSet", "ReplicaSet", "ReplicationController", "Rollout"];

/// Reads one object, or the objects of a `List`.
pub(super) fn read(file: &ManifestFile, document: &Node, evidence: &mut Vec<DeploymentEvidence>) {
    read_object(file, document, evidence);
    if let Some(items) = document.get("items") {
        items.items().for_each(|item| read_object(file, item, evidence));
    }
}

fn read_object(file: &ManifestFile, object: &Node, evidence: &mut Vec<DeploymentEvidence>) {
    let Some(kind) = object.get("kind").and_then(Node::text) else { return };
    let Some(spec) = object.get("spec") else { return };
    let (key, evidence_kind) = if WORKLOADS.contains(&kind) {
        ("replicas", EvidenceKind::KubernetesReplicas)
    } else if kind == "HorizontalPodAutoscaler" {
        ("maxReplicas", EvidenceKind::KubernetesAutoscaler)
    } else {
        return;
    };
    let Some(pair) = spec.pair(key) else { return };
    evidence.extend(evidence_at(file, evidence_kind, pair, is_several));
}

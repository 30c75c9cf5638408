//! Compose files: `deploy.replicas`, `deploy.mode: global` and `scale` of services.

use super::yaml::Node;
use super::{DeploymentEvidence, EvidenceKind, evidence_at, is_several};
use crate::source::ManifestFile;

/// Whether a file name is a Compose file's (`compose.yaml`, `docker-compose.prod.yml`).
pub(super) fn is_compose(name: &str) -> bool {
    let stem = name.strip_prefix("docker-").unwrap_or(name);
    stem.strip_prefix("compose").is_some_and(|rest| rest.starts_with(['.', '-', '_']))
}

/// Reads all services.
pub(super) fn read(file: &ManifestFile, document: &Node, evidence: &mut Vec<DeploymentEvidence>) {
    let services = document.get("services").into_iter().flat_map(Node::pairs);
    for (_, service) in services {
        let deploy = service.get("deploy");
        let replicas = deploy.and_then(|deploy| deploy.pair("replicas"));
        let mode = deploy.and_then(|deploy| deploy.pair("mode"));
        let mode = mode.filter(|(_, value)| value.text() == Some("global"));
        let kinds = [
            (replicas, EvidenceKind::ComposeReplicas),
            (mode, EvidenceKind::ComposeReplicas),
            (service.pair("scale"), EvidenceKind::ComposeScale),
        ];
        for (pair, kind) in kinds {
            let found =
                pair.and_then(|pair| evidence_at(file, kind, pair, |text| text == "global" || is_several(text)));
            evidence.extend(found);
        }
    }
}

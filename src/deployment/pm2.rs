//! PM2 process files in JSON or YAML: `instances` and `exec_mode` of applications.

use super::yaml::Node;
use super::{DeploymentEvidence, EvidenceKind, evidence_at};
use crate::source::ManifestFile;

/// Whether a file name is a process file's (`ecosystem.config.json`, `pm2.yml`, `process.json`).
pub(super) fn is_ecosystem(name: &str) -> bool {
    ["ecosystem.", "pm2.", "process."].iter().any(|stem| name.starts_with(stem))
}

/// Reads all applications: `{ apps: […] }`, a bare list, or one application.
pub(super) fn read(file: &ManifestFile, document: &Node, evidence: &mut Vec<DeploymentEvidence>) {
    let apps = document.get("apps").unwrap_or(document);
    if apps.is_sequence() {
        apps.items().for_each(|app| read_app(file, app, evidence));
    } else {
        read_app(file, apps, evidence);
    }
}

fn read_app(file: &ManifestFile, app: &Node, evidence: &mut Vec<DeploymentEvidence>) {
    if app.get("script").is_none() {
        return;
    }
    // `max`, `0` and `-1` mean one per core (or all but one).
    let instances = app.pair("instances").filter(|(_, value)| value.text() != Some(""));
    let found = instances.and_then(|pair| evidence_at(file, EvidenceKind::Pm2Instances, pair, |text| text != "1"));
    evidence.extend(found);
    let mode = app.pair("exec_mode");
    let is_cluster = |text: &str| matches!(text, "cluster" | "cluster_mode");
    evidence.extend(mode.and_then(|pair| evidence_at(file, EvidenceKind::Pm2ExecMode, pair, is_cluster)));
}

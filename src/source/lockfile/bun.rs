//! `bun.lock`: JSON with trailing commas. (`bun.lockb` is binary and not read.)

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;

use super::{Broken, plain_version};
use crate::source::jsonc;

/// Versions by key: `ws`, or `@app/server/ws` where a workspace package has its own.
#[derive(Debug, Default)]
pub(super) struct BunLock {
    versions: FxHashMap<String, String>,
}

impl BunLock {
    /// The importer's own version, else the hoisted one.
    pub(super) fn version(&self, importer: Option<&str>, package: &str) -> Option<String> {
        let own = importer.and_then(|name| self.versions.get(&format!("{name}/{package}")));
        own.or_else(|| self.versions.get(package)).cloned()
    }
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    packages: FxHashMap<String, Vec<serde_json::Value>>,
}

/// Reads the wanted packages.
pub(super) fn parse(text: &str, wanted: &FxHashSet<&str>) -> Result<BunLock, Broken> {
    let document: Document = jsonc::from_str(text)?;
    // The order of this map does not matter: its keys are unique.
    let mut packages: Vec<_> = document.packages.into_iter().collect();
    packages.sort_by(|a, b| a.0.cmp(&b.0));
    let versions = packages.into_iter().filter_map(|(key, entry)| {
        let resolved = entry.first()?.as_str()?;
        let at = resolved.rfind('@').filter(|&at| at > 0)?;
        let is_wanted = wanted.contains(&resolved[..at]) || wanted.contains(key.as_str());
        is_wanted.then_some((key, plain_version(&resolved[at + 1..])?))
    });
    Ok(BunLock { versions: versions.collect() })
}

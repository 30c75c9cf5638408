//! `package-lock.json` and `npm-shrinkwrap.json`, versions 1 to 3.

use std::fmt;

use rustc_hash::{FxHashMap, FxHashSet};
use serde::Deserialize;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, Visitor};

use super::{Broken, plain_version};

/// Versions by place in the tree: `node_modules/ws`, `apps/a/node_modules/ws`.
#[derive(Debug, Default)]
pub(super) struct NpmLock {
    versions: FxHashMap<String, String>,
}

impl NpmLock {
    /// Looks where Node would: beside the importer first, then upwards.
    pub(super) fn version(&self, importer: &str, package: &str) -> Option<String> {
        let mut folder = importer;
        loop {
            let place = if folder.is_empty() {
                format!("node_modules/{package}")
            } else {
                format!("{folder}/node_modules/{package}")
            };
            if let Some(version) = self.versions.get(&place) {
                return Some(version.clone());
            }
            if folder.is_empty() {
                return None;
            }
            folder = folder.rsplit_once('/').map_or("", |(above, _)| above);
        }
    }
}

/// Reads the entries of the wanted packages.
pub(super) fn parse(text: &str, wanted: &FxHashSet<&str>) -> Result<NpmLock, Broken> {
    let mut deserializer = serde_json::Deserializer::from_str(text.trim_start_matches('\u{feff}'));
    let lock = Document { wanted }.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(lock)
}

/// The version of an entry.
#[derive(Deserialize)]
struct Entry {
    version: Option<String>,
}

struct Document<'a> {
    wanted: &'a FxHashSet<&'a str>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = NpmLock;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<NpmLock, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = NpmLock;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a lockfile object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<NpmLock, A::Error> {
        let mut lock = NpmLock::default();
        while let Some(key) = map.next_key::<String>()? {
            // Version 1 has `dependencies` alone, version 3 `packages` alone, version 2 both.
            let prefix = match key.as_str() {
                "packages" => "",
                "dependencies" => "node_modules/",
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            let entries = map.next_value_seed(Entries { wanted: self.wanted, prefix })?;
            for (place, version) in entries {
                lock.versions.entry(place).or_insert(version);
            }
        }
        Ok(lock)
    }
}

/// The object of entries, keyed by place or (version 1) by name.
struct Entries<'a> {
    wanted: &'a FxHashSet<&'a str>,
    prefix: &'static str,
}

impl<'de> DeserializeSeed<'de> for Entries<'_> {
    type Value = Vec<(String, String)>;
    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Entries<'_> {
    type Value = Vec<(String, String)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of packages")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries = Vec::new();
        while let Some(key) = map.next_key::<String>()? {
            let name = match key.rfind("node_modules/") {
                Some(at) => &key[at + "node_modules/".len()..],
                None => key.as_str(),
            };
            if !self.wanted.contains(name) {
                map.next_value::<IgnoredAny>()?;
                continue;
            }
            let entry: Entry = map.next_value()?;
            if let Some(version) = entry.version.as_deref().and_then(plain_version) {
                entries.push((format!("{}{key}", self.prefix), version));
            }
        }
        Ok(entries)
    }
}

//! `yarn.lock`, classic and berry. Both are lists of blocks that start with the descriptors they answer:
//! `"@scope/x@^1.0.0", x@npm:^1.1:` and, indented, `version "1.2.3"` or `version: 1.2.3`.

use rustc_hash::{FxHashMap, FxHashSet};

use super::{Broken, plain_version};

/// Versions by package, with the ranges that each answers.
#[derive(Debug, Default)]
pub(super) struct YarnLock {
    packages: FxHashMap<String, Vec<(String, String)>>,
}

impl YarnLock {
    /// The version that the range got; with a range that is not listed, the package's only version.
    pub(super) fn version(&self, package: &str, range: &str) -> Option<String> {
        let answers = self.packages.get(package)?;
        let range = range.strip_prefix("npm:").unwrap_or(range);
        if let Some((_, version)) = answers.iter().find(|(listed, _)| listed == range) {
            return Some(version.clone());
        }
        let (_, first) = answers.first()?;
        answers.iter().all(|(_, version)| version == first).then(|| first.clone())
    }
}

/// Reads the blocks of the wanted packages.
pub(super) fn parse(text: &str, wanted: &FxHashSet<&str>) -> Result<YarnLock, Broken> {
    let mut lock = YarnLock::default();
    let mut descriptors: Vec<(String, String)> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.starts_with(' ') {
            if let Some(version) = version_of(line) {
                for (name, range) in descriptors.drain(..) {
                    lock.packages.entry(name).or_default().push((range, version.clone()));
                }
            }
        } else if let Some(head) = line.trim_end().strip_suffix(':') {
            descriptors = head.split(',').filter_map(descriptor).collect();
            descriptors.retain(|(name, _)| wanted.contains(name.as_str()));
        } else if !line.trim().is_empty() && !line.starts_with('#') {
            return Err(Broken { message: "It is no list of packages".to_owned(), line: Some(index as u32 + 1) });
        }
    }
    Ok(lock)
}

/// `"@scope/x@npm:^1.0.0"` as name and range.
fn descriptor(text: &str) -> Option<(String, String)> {
    let text = text.trim().trim_matches('"');
    let at = text.get(1..)?.find('@')? + 1;
    let range = &text[at + 1..];
    Some((text[..at].to_owned(), range.strip_prefix("npm:").unwrap_or(range).to_owned()))
}

/// The version of a block's `version` line, which is indented once.
fn version_of(line: &str) -> Option<String> {
    let rest = line.strip_prefix("  version")?;
    let value = rest.strip_prefix(':').unwrap_or(rest);
    plain_version(value)
}

//! What is known of an installed package's version.

use node_semver::{Range, Version};

/// A package's version as far as the project tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InstalledVersion {
    /// The lockfile pins it.
    Exact(String),
    /// `package.json` allows these versions.
    Range(String),
}

impl InstalledVersion {
    /// Whether the version lies in `range`: `None` where only a part of what is allowed does, or where nothing is
    /// known (`latest`, a git address, a broken range).
    pub fn within(&self, range: &str) -> Option<bool> {
        match self {
            InstalledVersion::Exact(version) => {
                let version = release(Version::parse(clean(version)).ok()?);
                Some(Range::parse(range).ok()?.satisfies(&version))
            }
            InstalledVersion::Range(allowed) => range_within(clean(allowed), range),
        }
    }

    /// The version or range as written.
    pub fn text(&self) -> &str {
        let (InstalledVersion::Exact(text) | InstalledVersion::Range(text)) = self;
        text
    }
}

/// A pre-release counts as the release that it leads to: `5.0.0-beta.1` has the interface of 5.
fn release(version: Version) -> Version {
    Version { pre_release: Vec::new(), build: Vec::new(), ..version }
}

/// Drops what stands before the version: `npm:name@^1.0.0`, `workspace:^1.0.0`, `=1.0.0`, `v1.0.0`.
fn clean(text: &str) -> &str {
    let text = text.trim();
    let text = text.strip_prefix("workspace:").unwrap_or(text);
    match text.strip_prefix("npm:") {
        Some(alias) => alias.rfind('@').filter(|&at| at > 0).map_or(alias, |at| &alias[at + 1..]),
        None => text,
    }
}

/// Compares alternative by alternative: `node-semver` would be content with one that fits.
fn range_within(allowed: &str, wanted: &str) -> Option<bool> {
    if allowed.is_empty() {
        return None;
    }
    let wanted = Range::parse(wanted).ok()?;
    let alternatives =
        allowed.split("||").map(|each| Range::parse(each.trim()).ok()).collect::<Option<Vec<_>>>()?;
    if alternatives.iter().all(|each| wanted.allows_all(each)) {
        Some(true)
    } else if alternatives.iter().any(|each| wanted.allows_any(each)) {
        None
    } else {
        Some(false)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn exact(version: &str, range: &str) -> Option<bool> {
        InstalledVersion::Exact(version.to_owned()).within(range)
    }

    fn range(allowed: &str, range: &str) -> Option<bool> {
        InstalledVersion::Range(allowed.to_owned()).within(range)
    }

    #[test]
    fn a_pinned_version_decides() {
        assert_eq!(exact("4.6.7", ">=4"), Some(true));
        assert_eq!(exact("3.1.2", ">=4"), Some(false));
        assert_eq!(exact("5.0.0-beta.1", ">=4 <6"), Some(true));
        assert_eq!(exact("8.2.0", ">=8"), Some(true));
        assert_eq!(exact("next", ">=4"), None);
    }

    #[test]
    fn a_range_decides_only_if_all_of_it_fits() {
        assert_eq!(range("^4.0.0", ">=4"), Some(true));
        assert_eq!(range("~3.1.0", ">=4"), Some(false));
        assert_eq!(range("^3.0.0 || ^4.0.0", ">=4"), None);
        assert_eq!(range("^4.1.0 || ^5.0.0", ">=4 <6"), Some(true));
        assert_eq!(range(">=3", ">=4"), None);
        assert_eq!(range("*", ">=4"), None);
        assert_eq!(range("latest", ">=4"), None);
        assert_eq!(range("git+https://example.org/x.git", ">=4"), None);
        assert_eq!(range("npm:@other/name@^4.2.0", ">=4"), Some(true));
        assert_eq!(range("workspace:^4.2.0", ">=4"), Some(true));
    }
}

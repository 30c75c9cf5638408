//! Which files the settings take in and leave out.

use camino::{Utf8Path, Utf8PathBuf};
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Patterns of the settings, in the language of `.gitignore`.
#[derive(Debug, Clone, Default)]
pub struct PathFilter {
    /// The folder that the patterns are relative to, absolute.
    base: Utf8PathBuf,
    include: Option<Gitignore>,
    exclude: Option<Gitignore>,
}

/// A pattern that means nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BadPattern {
    /// As written.
    pub pattern: String,
    /// What is wrong with it.
    pub message: String,
}

impl PathFilter {
    /// Compiles patterns relative to `base`, an absolute folder.
    pub fn new(base: &Utf8Path, include: &[String], exclude: &[String]) -> Result<Self, BadPattern> {
        Ok(PathFilter { base: base.to_owned(), include: compile(base, include)?, exclude: compile(base, exclude)? })
    }

    /// Whether a source file (an absolute path) is to be audited, as far as `include` says.
    pub(super) fn includes(&self, path: &Utf8Path) -> bool {
        self.include.as_ref().is_none_or(|patterns| self.matches(patterns, path, false))
    }

    /// Whether a file or folder (an absolute path) is left out.
    pub(super) fn excludes(&self, path: &Utf8Path, is_folder: bool) -> bool {
        self.exclude.as_ref().is_some_and(|patterns| self.matches(patterns, path, is_folder))
    }

    fn matches(&self, patterns: &Gitignore, path: &Utf8Path, is_folder: bool) -> bool {
        let Ok(inside) = path.strip_prefix(&self.base) else { return false };
        !inside.as_str().is_empty() && patterns.matched_path_or_any_parents(inside, is_folder).is_ignore()
    }
}

/// One matcher for a list of patterns; none for an empty list.
fn compile(base: &Utf8Path, patterns: &[String]) -> Result<Option<Gitignore>, BadPattern> {
    if patterns.is_empty() {
        return Ok(None);
    }
    let mut builder = GitignoreBuilder::new(base);
    for pattern in patterns {
        let bad = |message: String| BadPattern { pattern: pattern.clone(), message };
        if pattern.trim().is_empty() || pattern.starts_with('#') {
            return Err(bad("an empty pattern matches nothing".to_owned()));
        }
        builder.add_line(None, pattern).map_err(|error| bad(error.to_string()))?;
    }
    let bad = |error: ignore::Error| BadPattern { pattern: patterns[0].clone(), message: error.to_string() };
    builder.build().map(Some).map_err(bad)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filter(include: &[&str], exclude: &[&str]) -> PathFilter {
        let owned = |list: &[&str]| list.iter().map(|each| (*each).to_owned()).collect::<Vec<_>>();
        PathFilter::new(Utf8Path::new("/repo"), &owned(include), &owned(exclude)).unwrap()
    }

    #[test]
    fn patterns_are_those_of_gitignore() {
        let filter = filter(&["apps/", "!apps/old/"], &["legacy/", "*.gen.ts"]);
        let path = |text: &str| Utf8PathBuf::from(format!("/repo/{text}"));
        assert!(filter.includes(&path("apps/ws/server.ts")));
        assert!(!filter.includes(&path("server.ts")) && !filter.includes(&path("apps/old/x.ts")));
        assert!(filter.excludes(&path("a/legacy"), true) && filter.excludes(&path("a/api.gen.ts"), false));
        assert!(!filter.excludes(&path("a/api.ts"), false));
        assert!(!filter.excludes(Utf8Path::new("/elsewhere/legacy"), true));
    }

    #[test]
    fn nothing_written_takes_everything() {
        let filter = PathFilter::default();
        assert!(filter.includes(Utf8Path::new("/x/a.js")) && !filter.excludes(Utf8Path::new("/x/a.js"), false));
    }

    #[test]
    fn a_pattern_without_meaning_is_named() {
        let fault = PathFilter::new(Utf8Path::new("/repo"), &[], &["a{b".to_owned()]).unwrap_err();
        assert_eq!(fault.pattern, "a{b");
    }
}

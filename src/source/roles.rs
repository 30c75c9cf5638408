//! What a file is for, as far as its path tells. Only the path below the audited root counts: auditing a folder
//! inside somebody's `examples/` audits it as a product.

use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::FxHashSet;
use serde::Deserialize;

use super::FileRole;

/// `rules/roles.toml`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct RoleNames {
    pub(super) browser_packages: FxHashSet<String>,
    pub(super) frontend_packages: FxHashSet<String>,
    pub(super) bundler_packages: FxHashSet<String>,
    pub(super) full_stack_packages: FxHashSet<String>,
    pub(super) server_packages: FxHashSet<String>,
    pub(super) server_builtins: FxHashSet<String>,
    pub(super) browser_text: Vec<String>,
    pub(super) server_text: Vec<String>,
    pub(super) hook_text: Vec<String>,
    pub(super) folders: FolderNames,
    pub(super) files: FileNames,
}

/// Names of folders.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct FolderNames {
    pub(super) assets: Vec<String>,
    pub(super) client: Vec<String>,
    pub(super) server: Vec<String>,
    test_anywhere: Vec<String>,
    test: Vec<String>,
    inner: Vec<String>,
    example: Vec<String>,
    template: Vec<String>,
    tooling: Vec<String>,
    vendored: Vec<String>,
}

/// Parts of file names.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(super) struct FileNames {
    test_marks: Vec<String>,
    test_ends: Vec<String>,
    tools: Vec<String>,
    tool_marks: Vec<String>,
}

/// The names, read once. A test holds that the file is well formed.
pub(super) static NAMES: LazyLock<RoleNames> =
    LazyLock::new(|| toml::from_str(include_str!("../../rules/roles.toml")).unwrap_or_default());

/// Judges paths of one project.
pub(super) struct PathRoles {
    /// Folders with a `package.json`, and the root.
    packages: FxHashSet<Utf8PathBuf>,
    /// Folders called `test` and the like below which a file is named as a test.
    test_folders: FxHashSet<Utf8PathBuf>,
}

impl PathRoles {
    /// Prepares to judge `files`.
    pub(super) fn new<'a>(
        package_folders: impl Iterator<Item = &'a Utf8Path>,
        files: impl Iterator<Item = &'a Utf8Path>,
    ) -> Self {
        let mut packages: FxHashSet<Utf8PathBuf> = package_folders.map(Utf8Path::to_owned).collect();
        packages.insert(Utf8PathBuf::new());
        let mut test_folders = FxHashSet::default();
        for file in files {
            let stem = file.file_stem().unwrap_or_default();
            if !NAMES.files.test_ends.iter().any(|end| stem.ends_with(end.as_str())) {
                continue;
            }
            let folders = file.ancestors().skip(1);
            let tests = folders.filter(|each| each.file_name().is_some_and(|name| has(&NAMES.folders.test, name)));
            test_folders.extend(tests.map(Utf8Path::to_owned));
        }
        PathRoles { packages, test_folders }
    }

    /// The role that the path shows; none where it shows nothing.
    pub(super) fn role(&self, path: &Utf8Path) -> Option<FileRole> {
        if folders(path).any(|folder| has(&NAMES.folders.vendored, folder.file_name().unwrap_or_default())) {
            Some(FileRole::Vendored)
        } else if self.is_test(path) {
            Some(FileRole::Test)
        } else if self.is_example(path) {
            Some(FileRole::Example)
        } else if self.is_tooling(path) {
            Some(FileRole::Tooling)
        } else {
            None
        }
    }

    fn is_test(&self, path: &Utf8Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        if NAMES.files.test_marks.iter().any(|mark| name.contains(mark.as_str())) {
            return true;
        }
        folders(path).any(|folder| {
            let name = folder.file_name().unwrap_or_default();
            has(&NAMES.folders.test_anywhere, name)
                || has(&NAMES.folders.test, name)
                    && (self.is_in_package(folder)
                        || self.is_in_inner(folder)
                        || self.test_folders.contains(folder))
        })
    }

    fn is_example(&self, path: &Utf8Path) -> bool {
        let mut below_creator = false;
        folders(path).collect::<Vec<_>>().into_iter().rev().any(|folder| {
            let name = folder.file_name().unwrap_or_default();
            below_creator |= name.starts_with("create-");
            has(&NAMES.folders.example, name) && self.is_in_package(folder)
                || below_creator && has(&NAMES.folders.template, name)
        })
    }

    fn is_tooling(&self, path: &Utf8Path) -> bool {
        let name = path.file_name().unwrap_or_default().to_ascii_lowercase();
        let mut parts = name.split('.');
        let first = parts.next().unwrap_or_default();
        if first.is_empty() {
            return true;
        }
        let at_package = self.is_in_package(path);
        let marked = parts.any(|part| has(&NAMES.files.tool_marks, part));
        if has(&NAMES.files.tools, first)
            && (marked || at_package && name.split('.').count() == 2 && first.ends_with("file"))
        {
            return true;
        }
        if at_package && marked {
            return true;
        }
        folders(path).any(|folder| {
            has(&NAMES.folders.tooling, folder.file_name().unwrap_or_default()) && self.is_in_package(folder)
        })
    }

    /// Whether a path stands directly in a package's folder (or the root).
    fn is_in_package(&self, path: &Utf8Path) -> bool {
        path.parent().is_some_and(|parent| self.packages.contains(parent))
    }

    /// Whether a path stands directly in `src` or the like, which itself stands directly in a package.
    fn is_in_inner(&self, path: &Utf8Path) -> bool {
        path.parent().is_some_and(|parent| {
            has(&NAMES.folders.inner, parent.file_name().unwrap_or_default()) && self.is_in_package(parent)
        })
    }
}

/// Whether a list of names has `name`.
pub(super) fn has(names: &[String], name: &str) -> bool {
    names.iter().any(|each| each == name)
}

/// The folders around a file, innermost first, the root left out.
pub(super) fn folders(path: &Utf8Path) -> impl Iterator<Item = &Utf8Path> {
    path.ancestors().skip(1).filter(|folder| !folder.as_str().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn role(path: &str) -> Option<FileRole> {
        let packages = ["", "packages/create-app", "services/web"].map(Utf8Path::new);
        let files = ["services/web/modules/pay/test/unit/PayTests.js", path].map(Utf8Path::new);
        PathRoles::new(packages.into_iter(), files.into_iter()).role(Utf8Path::new(path))
    }

    #[test]
    fn the_names_are_well_formed() {
        let names: RoleNames = toml::from_str(include_str!("../../rules/roles.toml")).unwrap();
        assert!(names.server_packages.len() > 50);
    }

    #[test]
    fn tests() {
        for path in [
            "test/a.js",
            "src/tests/a.ts",
            "src/deep/__tests__/a.ts",
            "src/chat.gateway.spec.ts",
            "services/web/test/acceptance/a.js",
            "services/web/modules/pay/test/unit/helper.js",
            "server/tests/fixtures/a.js",
            "a.stories.tsx",
        ] {
            assert_eq!(role(path), Some(FileRole::Test), "{path}");
        }
    }

    #[test]
    fn product_folders_with_everyday_names() {
        for path in [
            "src/modules/tests/quiz.js",
            "src/routes/fixtures/matches.js",
            "src/demo/socket.ts",
            "src/docs/swagger.ts",
            "src/scripts/run.ts",
            "src/config/redis.config.ts",
            "src/api/stories/stories.controller.ts",
            "latest/server.js",
            "next.ts",
            "src/next.config/a.ts",
        ] {
            assert_eq!(role(path), None, "{path}");
        }
    }

    #[test]
    fn examples_and_tooling() {
        assert_eq!(role("examples/chat/server.js"), Some(FileRole::Example));
        assert_eq!(role("packages/create-app/templates/ws/index.ts"), Some(FileRole::Example));
        for path in [
            "vite.config.ts",
            "Gruntfile.js",
            "build/webpack.prod.conf.js",
            ".eslintrc.js",
            "app.config.js",
            "scripts/x.js",
        ] {
            assert_eq!(role(path), Some(FileRole::Tooling), "{path}");
        }
    }
}

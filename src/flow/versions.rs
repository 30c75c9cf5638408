//! Versions from the project's manifests and lockfiles.

use camino::Utf8Path;
use nodejs_built_in_modules::is_nodejs_builtin_module;

use super::VersionCheck;
use crate::modules::{ModuleGraph, ModuleId};
use crate::source::{PackageId, Project};

/// The versions that a project's manifests and lockfiles tell.
pub struct ProjectVersions<'a> {
    /// The project.
    pub project: &'a Project,
    /// Its modules.
    pub graph: &'a ModuleGraph,
}

impl ProjectVersions<'_> {
    fn package(&self, module: ModuleId) -> Option<PackageId> {
        self.project.file(self.graph.module(module).file).package
    }
}

impl VersionCheck for ProjectVersions<'_> {
    fn within(&self, module: ModuleId, package: &str, range: &str) -> Option<bool> {
        self.project.version(self.package(module)?, package)?.within(range)
    }

    fn depends_on(&self, module: ModuleId, package: &str) -> bool {
        // The runtime brings its own modules along.
        let own = || self.package(module).is_some_and(|own| self.project.depends_on(own, package));
        is_nodejs_builtin_module(package) || own()
    }

    fn path_in_package(&self, module: ModuleId) -> &str {
        let path = &self.project.file(self.graph.module(module).file).path;
        let folder = self.package(module).map(|package| &self.project.package(package).folder);
        folder.and_then(|folder| path.strip_prefix(folder).ok()).unwrap_or(path).as_str()
    }

    fn mentions(&self, module: ModuleId, word: &str) -> bool {
        self.project.file(self.graph.module(module).file).text.contains(word)
    }

    fn has_file(&self, module: ModuleId, folder: &str, name: &str) -> bool {
        let package = self.package(module).map(|id| self.project.package(id).folder.as_path());
        let folder = package.unwrap_or(Utf8Path::new("")).join(folder);
        ["js", "ts", "cjs", "mjs"]
            .iter()
            .any(|ending| self.project.file_at(&folder.join(format!("{name}.{ending}"))).is_some())
    }
}

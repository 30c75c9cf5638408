//! Packages of a workspace that nothing runs: they cannot be installed from outside, nothing imports them, and they do not
//! start by themselves. Their code belongs to no service.

use rustc_hash::FxHashSet;

use super::Program;
use crate::modules::ModuleId;
use crate::source::{PackageId, PackageManifest};

/// Beginnings of the names of scripts that run a program.
const STARTING: &[&str] = &["start", "dev", "serve", "preview", "deploy"];

impl Program<'_> {
    /// The modules of packages that nothing runs.
    pub(super) fn unused_modules(&self) -> FxHashSet<ModuleId> {
        let graph = self.flow.graph;
        let package = |module: ModuleId| self.project.file(self.file(module)).package;
        let mut unused: FxHashSet<PackageId> =
            graph.ids().filter_map(package).filter(|&id| self.is_idle(self.project.package(id))).collect();
        if unused.is_empty() {
            return FxHashSet::default();
        }
        let importers = graph.importers();
        for module in graph.ids() {
            let own = package(module);
            let by_others = importers[module.index()].iter().any(|&importer| package(importer) != own);
            if let Some(own) = own.filter(|_| by_others) {
                unused.remove(&own);
            }
        }
        graph.ids().filter(|&module| package(module).is_some_and(|own| unused.contains(&own))).collect()
    }

    /// Whether a package offers something, but only to a workspace of which no package asks for it.
    fn is_idle(&self, package: &PackageManifest) -> bool {
        let Some(name) = package.name.as_deref().filter(|_| package.is_private && !package.has_bin) else {
            return false;
        };
        let is_member = !package.folder.as_str().is_empty() && self.project.package_named(name).is_some();
        let starts = package.scripts.keys().any(|script| STARTING.iter().any(|start| script.starts_with(start)));
        let is_asked_for = self.project.packages.iter().any(|each| each.dependencies.contains_key(name));
        is_member && !package.entries.is_empty() && !starts && !is_asked_for
    }
}

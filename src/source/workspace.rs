//! Workspaces: which packages of the project find each other by name, and pnpm's catalogs of versions.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use saphyr::{LoadableYamlNode, Yaml};

use super::{PackageId, PackageManifest, Problem, ProblemKind};

/// `pnpm-workspace.yaml`.
#[derive(Debug, Default)]
pub(super) struct PnpmWorkspace {
    /// `packages`.
    packages: Vec<String>,
    /// `catalog` and `catalogs`, by `catalog:` reference and package.
    catalogs: BTreeMap<(String, String), String>,
}

impl PnpmWorkspace {
    /// Reads the file in `folder` if there is one.
    pub(super) fn read(root: &Utf8Path, folder: &Utf8Path) -> (Option<Self>, Option<Problem>) {
        let file = folder.join("pnpm-workspace.yaml");
        let Ok(text) = std::fs::read_to_string(root.join(&file)) else { return (None, None) };
        match Yaml::load_from_str(&text) {
            Ok(documents) => (documents.first().map(PnpmWorkspace::from_yaml), None),
            Err(error) => {
                let line = u32::try_from(error.marker().line()).ok();
                let message = format!("This workspace file is not used: {}.", error.info());
                (None, Some(Problem { file, line, kind: ProblemKind::BrokenManifest, message }))
            }
        }
    }

    fn from_yaml(yaml: &Yaml<'_>) -> Self {
        let list = yaml.as_mapping_get("packages").and_then(Yaml::as_sequence);
        let packages = list.into_iter().flatten().filter_map(|each| Some(each.as_str()?.to_owned())).collect();
        let mut catalogs = BTreeMap::new();
        let mut add = |reference: &str, catalog: &Yaml<'_>| {
            for (name, range) in catalog.as_mapping().into_iter().flatten() {
                if let (Some(name), Some(range)) = (name.as_str(), range.as_str()) {
                    catalogs.insert((reference.to_owned(), name.to_owned()), range.to_owned());
                }
            }
        };
        if let Some(catalog) = yaml.as_mapping_get("catalog") {
            add("catalog:", catalog);
            add("catalog:default", catalog);
        }
        for (name, catalog) in yaml.as_mapping_get("catalogs").and_then(Yaml::as_mapping).into_iter().flatten() {
            if let Some(name) = name.as_str() {
                add(&format!("catalog:{name}"), catalog);
            }
        }
        PnpmWorkspace { packages, catalogs }
    }
}

/// Finds the members of every workspace, replaces `catalog:` ranges, and returns the members by name.
pub(super) fn link(
    root: &Utf8Path,
    packages: &mut [PackageManifest],
) -> (BTreeMap<String, PackageId>, Vec<Problem>) {
    let mut problems = Vec::new();
    let mut members = vec![false; packages.len()];
    for index in 0..packages.len() {
        let folder = packages[index].folder.clone();
        let (pnpm, problem) = PnpmWorkspace::read(root, &folder);
        problems.extend(problem);
        let mut patterns = packages[index].workspaces.clone();
        if let Some(pnpm) = &pnpm {
            patterns.extend(pnpm.packages.iter().cloned());
            fill_catalogs(packages, &folder, &pnpm.catalogs);
        }
        let Some(globs) = globs(&patterns) else { continue };
        members[index] = true;
        for (member, package) in packages.iter().enumerate() {
            if let Ok(path) = package.folder.strip_prefix(&folder)
                && globs.matched(path, true).is_ignore()
            {
                members[member] = true;
            }
        }
    }
    (by_name(packages, &members), problems)
}

/// Members come before packages that no workspace lists (which may still be linked by hand), outer before inner.
fn by_name(packages: &[PackageManifest], members: &[bool]) -> BTreeMap<String, PackageId> {
    let mut names = BTreeMap::new();
    for wanted in [true, false] {
        for (index, package) in packages.iter().enumerate() {
            if let Some(name) = &package.name
                && members[index] == wanted
            {
                names.entry(name.clone()).or_insert(PackageId(index as u32));
            }
        }
    }
    names
}

fn fill_catalogs(
    packages: &mut [PackageManifest],
    folder: &Utf8PathBuf,
    catalogs: &BTreeMap<(String, String), String>,
) {
    for package in packages.iter_mut().filter(|package| package.folder.starts_with(folder)) {
        for (name, range) in &mut package.dependencies {
            if range.starts_with("catalog:")
                && let Some(listed) = catalogs.get(&(range.clone(), name.clone()))
            {
                range.clone_from(listed);
            }
        }
    }
}

/// Workspace patterns have the grammar of ignore files, anchored at their folder.
fn globs(patterns: &[String]) -> Option<Gitignore> {
    if patterns.is_empty() {
        return None;
    }
    let mut builder = GitignoreBuilder::new("");
    for pattern in patterns {
        let (negation, path) = match pattern.strip_prefix('!') {
            Some(path) => ("!", path),
            None => ("", pattern.as_str()),
        };
        let path = path.trim_start_matches("./").trim_start_matches('/').trim_end_matches('/');
        let _skipped = builder.add_line(None, &format!("{negation}/{path}"));
    }
    builder.build().ok()
}

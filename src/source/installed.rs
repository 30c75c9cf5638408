//! Telling a `node_modules` folder of installed packages from one that holds the project's own code.

use camino::Utf8Path;
use serde::Deserialize;

/// What package managers leave in a folder that they filled.
const INSTALL_MARKS: [&str; 6] =
    [".package-lock.json", ".yarn-integrity", ".yarn-state.yml", ".modules.yaml", ".pnpm", ".bin"];

/// The fields that tell where a package came from.
#[derive(Deserialize, Default)]
#[serde(default)]
struct Origin {
    /// Written into each installed package by npm up to version 6.
    #[serde(rename = "_resolved")]
    resolved: Option<serde::de::IgnoredAny>,
    #[serde(rename = "_id")]
    id: Option<serde::de::IgnoredAny>,
    dependencies: std::collections::BTreeMap<String, serde::de::IgnoredAny>,
    #[serde(rename = "devDependencies")]
    dev_dependencies: std::collections::BTreeMap<String, serde::de::IgnoredAny>,
}

/// Whether the `node_modules` folder at `path` is the project's own code.
///
/// Package managers install beside a `package.json`. A `node_modules` folder without one beside it was made by
/// hand, to let its packages find each other by name; it is own code unless a package manager left its mark in
/// it, or a manifest above depends on a package that lies in it. (Ignored folders never get here.)
pub(super) fn is_own_code(root: &Utf8Path, path: &Utf8Path) -> bool {
    let Some(parent) = path.parent() else { return false };
    let folder = root.join(path);
    if root.join(parent).join("package.json").is_file() {
        return false;
    }
    if INSTALL_MARKS.iter().any(|mark| folder.join(mark).exists()) {
        return false;
    }
    let packages = packages_in(&folder);
    let above: Vec<Origin> = parent.ancestors().skip(1).map(|each| origin(&root.join(each))).collect();
    !packages.iter().any(|name| {
        let installed = origin(&folder.join(name));
        let wanted = |manifest: &Origin| {
            manifest.dependencies.contains_key(name) || manifest.dev_dependencies.contains_key(name)
        };
        installed.resolved.is_some() || installed.id.is_some() || above.iter().any(wanted)
    })
}

/// Names of the packages in a `node_modules` folder, scoped ones included.
fn packages_in(folder: &Utf8Path) -> Vec<String> {
    let mut packages = Vec::new();
    for name in folders_in(folder) {
        if name.starts_with('@') {
            let scoped = folders_in(&folder.join(&name)).into_iter().map(|inner| format!("{name}/{inner}"));
            packages.extend(scoped);
        } else {
            packages.push(name);
        }
    }
    packages
}

fn folders_in(folder: &Utf8Path) -> Vec<String> {
    let Ok(entries) = folder.read_dir_utf8() else { return Vec::new() };
    let folders = entries.flatten().filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.map(|entry| entry.file_name().to_owned()).collect()
}

fn origin(folder: &Utf8Path) -> Origin {
    let text = std::fs::read_to_string(folder.join("package.json")).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

//! Lockfiles: which versions of a manifest's direct dependencies are installed.
//!
//! They reach several megabytes and only a few entries matter, so each format has a reader that skips the rest.

mod bun;
mod npm;
mod pnpm;
mod yarn;

use camino::{Utf8Path, Utf8PathBuf};
use rustc_hash::{FxHashMap, FxHashSet};

use super::{PackageManager, PackageManifest, Problem, ProblemKind};

/// The names a lockfile can have, in order of preference where several lie together.
const NAMES: [&str; 5] = ["npm-shrinkwrap.json", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock"];

/// Why a lockfile cannot be used: a sentence and the line.
#[derive(Debug)]
struct Broken {
    message: String,
    line: Option<u32>,
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Broken { message: error.to_string(), line: u32::try_from(error.line()).ok().filter(|&line| line > 0) }
    }
}

/// A read lockfile.
#[derive(Debug)]
enum Lockfile {
    Npm(npm::NpmLock),
    Yarn(yarn::YarnLock),
    Pnpm(pnpm::PnpmLock),
    Bun(bun::BunLock),
}

impl Lockfile {
    fn parse(name: &str, text: &str, wanted: &FxHashSet<&str>) -> Result<Self, Broken> {
        // A merge that was left unfinished; line scanners would read on over it.
        if let Some(line) = text.lines().position(|line| line.starts_with("<<<<<<< ")) {
            let message = "It has unresolved merge conflicts".to_owned();
            return Err(Broken { message, line: Some(line as u32 + 1) });
        }
        match name {
            "yarn.lock" => yarn::parse(text, wanted).map(Lockfile::Yarn),
            "pnpm-lock.yaml" => pnpm::parse(text, wanted).map(Lockfile::Pnpm),
            "bun.lock" => bun::parse(text, wanted).map(Lockfile::Bun),
            _ => npm::parse(text, wanted).map(Lockfile::Npm),
        }
    }

    /// The version of `package` that the manifest in `importer` (relative to the lockfile) gets.
    fn version(&self, importer: &str, manifest: &PackageManifest, package: &str, range: &str) -> Option<String> {
        match self {
            Lockfile::Npm(lock) => lock.version(importer, package),
            Lockfile::Yarn(lock) => lock.version(package, range),
            Lockfile::Pnpm(lock) => lock.version(importer, package),
            Lockfile::Bun(lock) => lock.version(manifest.name.as_deref(), package),
        }
    }
}

/// Fills in `locked` of all manifests from the nearest lockfile upwards. `root` is the audited folder; where it
/// is a part of a bigger repository, the lockfile may stand above it.
pub(super) fn pin_versions(root: &Utf8Path, packages: &mut [PackageManifest]) -> Vec<Problem> {
    let top = repository_top(root);
    let mut users: FxHashMap<Utf8PathBuf, Vec<usize>> = FxHashMap::default();
    let mut order = Vec::new();
    for (index, package) in packages.iter().enumerate() {
        let Some(lockfile) = nearest(&root.join(&package.folder), top) else { continue };
        let entry = users.entry(lockfile.clone()).or_default();
        if entry.is_empty() {
            order.push(lockfile);
        }
        entry.push(index);
    }
    let mut problems = Vec::new();
    for lockfile in order {
        let indices = users.remove(&lockfile).unwrap_or_default();
        let manager = lockfile.file_name().and_then(PackageManager::of_lockfile);
        for &index in &indices {
            packages[index].manager = packages[index].manager.or(manager);
        }
        if let Err(broken) = pin_from(&lockfile, root, packages, &indices)
            && let Ok(file) = lockfile.strip_prefix(root)
        {
            let message = format!("This lockfile is not used: {}.", broken.message);
            let file = file.to_owned();
            problems.push(Problem { file, line: broken.line, kind: ProblemKind::BrokenManifest, message });
        }
    }
    problems
}

fn pin_from(
    lockfile: &Utf8Path,
    root: &Utf8Path,
    packages: &mut [PackageManifest],
    indices: &[usize],
) -> Result<(), Broken> {
    let text =
        std::fs::read_to_string(lockfile).map_err(|error| Broken { message: error.to_string(), line: None })?;
    let folder = lockfile.parent().unwrap_or(root);
    let wanted: FxHashSet<&str> =
        indices.iter().flat_map(|&index| packages[index].dependencies.keys().map(String::as_str)).collect();
    let lock = Lockfile::parse(lockfile.file_name().unwrap_or_default(), &text, &wanted)?;
    for &index in indices {
        let package = &packages[index];
        let absolute = root.join(&package.folder);
        let importer =
            absolute.strip_prefix(folder).map(|path| path.as_str().replace('\\', "/")).unwrap_or_default();
        let importer = importer.trim_end_matches('/');
        let versions = package.dependencies.iter().filter_map(|(name, range)| {
            lock.version(importer, package, name, range).map(|version| (name.clone(), version))
        });
        packages[index].locked = versions.collect();
    }
    Ok(())
}

/// The nearest lockfile in `folder` or above, up to `top`.
fn nearest(folder: &Utf8Path, top: &Utf8Path) -> Option<Utf8PathBuf> {
    folder
        .ancestors()
        .take_while(|each| each.starts_with(top))
        .find_map(|each| NAMES.iter().map(|name| each.join(name)).find(|path| path.is_file()))
}

/// The folder of the repository that `root` belongs to; `root` itself where it belongs to none, so that nothing
/// above it is read by chance.
fn repository_top(root: &Utf8Path) -> &Utf8Path {
    root.ancestors().find(|each| each.join(".git").exists()).unwrap_or(root)
}

/// A version without what package managers write around it; none for links and addresses.
fn plain_version(text: &str) -> Option<String> {
    let text = text.trim().trim_matches(['\'', '"']);
    let starts_well = text.starts_with(|first: char| first.is_ascii_digit());
    (starts_well && node_semver::Version::parse(text).is_ok()).then(|| text.to_owned())
}

#[cfg(test)]
mod tests;

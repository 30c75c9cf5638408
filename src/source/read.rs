//! Reads a project from disk.

use camino::{Utf8Path, Utf8PathBuf};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use super::walk::{Walked, walk};
use super::{
    FileRole, Language, PackageId, PackageManifest, Problem, Project, ProjectOptions, SourceFile, languages,
    lockfile, manifest, output_folders, schemas, settle, workspace,
};

/// Why there is nothing to audit.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The root does not exist or may not be read.
    #[error("cannot read {path}: {source}")]
    Unreadable {
        /// As given.
        path: Utf8PathBuf,
        /// What the system says.
        source: std::io::Error,
    },
    /// The root's path is not text.
    #[error("the path of {path} is not valid UTF-8")]
    NotUtf8 {
        /// As given.
        path: Utf8PathBuf,
    },
    /// The root is a file of another kind.
    #[error("{path} is no JavaScript or TypeScript file")]
    NotSource {
        /// As given.
        path: Utf8PathBuf,
    },
    /// The root holds no code.
    #[error("{path} holds no JavaScript or TypeScript files")]
    NoSource {
        /// As given.
        path: Utf8PathBuf,
    },
}

/// Reads the project in `root`, a folder or a single file.
///
/// Files that cannot be used are reported as problems and left out, or left without text.
pub fn read_project(root: &Utf8Path, options: &ProjectOptions) -> Result<(Project, Vec<Problem>), ReadError> {
    let unreadable = |source| ReadError::Unreadable { path: root.to_owned(), source };
    let absolute = canonical(root)?;
    let is_folder = std::fs::metadata(&absolute).map_err(unreadable)?.is_dir();
    let (folder, walked) = if is_folder {
        std::fs::read_dir(&absolute).map_err(unreadable)?;
        let walked = walk(&absolute, &options.filter);
        (absolute, walked)
    } else {
        single_file(root, &absolute)?
    };
    if walked.sources.is_empty() {
        return Err(ReadError::NoSource { path: root.to_owned() });
    }
    Ok(assemble(folder, walked, options))
}

/// The absolute folder of a root: itself, or the folder around a single file; none where it cannot be read.
pub fn folder_of(root: &Utf8Path) -> Option<Utf8PathBuf> {
    let absolute = canonical(root).ok()?;
    if absolute.is_dir() { Some(absolute) } else { absolute.parent().map(Utf8Path::to_owned) }
}

/// The absolute path without links.
fn canonical(root: &Utf8Path) -> Result<Utf8PathBuf, ReadError> {
    let absolute = root
        .as_std_path()
        .canonicalize()
        .map_err(|source| ReadError::Unreadable { path: root.to_owned(), source })?;
    let absolute =
        Utf8PathBuf::from_path_buf(absolute).map_err(|_| ReadError::NotUtf8 { path: root.to_owned() })?;
    // Windows marks canonical paths in a way that few programs understand.
    Ok(absolute.as_str().strip_prefix(r"\\?\").map(Utf8PathBuf::from).unwrap_or(absolute))
}

/// One file as a project: its folder with nothing else but the manifest.
fn single_file(root: &Utf8Path, absolute: &Utf8Path) -> Result<(Utf8PathBuf, Walked), ReadError> {
    let not_source = || ReadError::NotSource { path: root.to_owned() };
    let (Some(folder), Some(name)) = (absolute.parent(), absolute.file_name()) else { return Err(not_source()) };
    if languages::of_path(absolute).is_none() && !languages::is_node_script(folder, Utf8Path::new(name)) {
        return Err(not_source());
    }
    let mut walked = Walked { sources: vec![name.into()], ..Walked::default() };
    if folder.join("package.json").is_file() {
        walked.others.push("package.json".into());
    }
    Ok((folder.to_owned(), walked))
}

fn assemble(root: Utf8PathBuf, walked: Walked, options: &ProjectOptions) -> (Project, Vec<Problem>) {
    let Walked { mut sources, mut others, links, own_modules, mut problems } = walked;
    others.extend(output_folders::remove(&mut sources, &others));
    sources.sort();
    let (packages, manifest_problems) = read_packages(&root, &others);
    problems.extend(manifest_problems);
    let mut project = Project {
        files: source_files(sources, &packages),
        packages,
        schemas: schemas::read(&root, &others),
        root,
        others: others.into_iter().collect(),
        links,
        own_modules,
        ..Project::default()
    };
    project.files_seen = project.files.len();
    let (workspace, workspace_problems) = workspace::link(&project.root, &mut project.packages);
    project.workspace = workspace;
    problems.extend(workspace_problems);
    // The lockfiles and the sources are the two big things to read; neither needs the other.
    let mut packages = std::mem::take(&mut project.packages);
    let manifests = packages.clone();
    let root = project.root.clone();
    project.packages = manifests;
    let (lock_problems, role_problems) =
        rayon::join(|| lockfile::pin_versions(&root, &mut packages), || settle::settle(&mut project, options));
    project.packages = packages;
    problems.extend(lock_problems);
    problems.extend(role_problems);
    problems.sort();
    (project, problems)
}

/// All manifests, sorted by folder.
fn read_packages(root: &Utf8Path, others: &[Utf8PathBuf]) -> (Vec<PackageManifest>, Vec<Problem>) {
    let mut paths: Vec<&Utf8PathBuf> =
        others.iter().filter(|path| path.file_name() == Some("package.json")).collect();
    paths.sort_by_key(|path| path.parent());
    let (packages, problems): (Vec<_>, Vec<_>) = paths.par_iter().map(|path| manifest::read(root, path)).unzip();
    (packages, problems.into_iter().flatten().collect())
}

/// The files, each with its nearest package.
fn source_files(paths: Vec<Utf8PathBuf>, packages: &[PackageManifest]) -> Vec<SourceFile> {
    let folders: FxHashMap<&Utf8Path, PackageId> = packages
        .iter()
        .enumerate()
        .map(|(index, package)| (package.folder.as_path(), PackageId(index as u32)))
        .collect();
    let file = |path: Utf8PathBuf| SourceFile {
        language: languages::of_path(&path).unwrap_or(Language::JavaScript),
        role: FileRole::Source,
        package: path.ancestors().skip(1).find_map(|folder| folders.get(folder).copied()),
        text: String::new(),
        specifiers: Vec::new(),
        in_browser: false,
        lines: Default::default(),
        path,
    };
    paths.into_iter().map(file).collect()
}

#[cfg(test)]
mod tests;

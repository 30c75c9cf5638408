//! The file system as `oxc_resolver` sees it: the project's own files, answered from memory. What the walk left
//! out (installed packages, ignored files) does not exist here, and a build product that is missing stands for the
//! source file it would be made from.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use oxc_resolver::{FileMetadata, FileSystem, ResolveError};
use rustc_hash::{FxHashMap, FxHashSet};

use crate::source::{Project, output_folders};

/// What there is.
#[derive(Debug, Default)]
pub(super) struct Contents {
    root: Utf8PathBuf,
    files: FxHashSet<Utf8PathBuf>,
    folders: FxHashSet<Utf8PathBuf>,
    /// Folders with a `package.json`; the value tells whether it can be parsed.
    packages: FxHashMap<Utf8PathBuf, bool>,
    links: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// Texts that are read instead of the file's own, by absolute path.
    pub(super) replaced: FxHashMap<PathBuf, String>,
}

impl Contents {
    /// The files of a project.
    pub(super) fn new(project: &Project) -> Self {
        let mut contents = Contents {
            root: project.root.clone(),
            links: project.links.clone(),
            packages: project.packages.iter().map(|each| (each.folder.clone(), !each.is_broken)).collect(),
            ..Contents::default()
        };
        // Neither set is ever listed, so the order of insertion does not matter.
        let sources = project.files.iter().map(|file| &file.path);
        let mut paths: Vec<&Utf8PathBuf> = sources.chain(&project.others).collect();
        paths.sort_unstable();
        for path in paths {
            for folder in path.ancestors().skip(1) {
                if !contents.folders.insert(folder.to_owned()) {
                    break;
                }
            }
            contents.files.insert(path.clone());
        }
        contents
    }

    /// Whether a file is there; the path is relative to the root.
    pub(super) fn has_file(&self, path: &Utf8Path) -> bool {
        self.files.contains(path)
    }

    /// Whether a folder is there; the path is relative to the root.
    pub(super) fn has_folder(&self, path: &Utf8Path) -> bool {
        self.folders.contains(path)
    }

    /// The path below the root with links followed; none for what lies outside.
    pub(super) fn relative(&self, path: &Path) -> Option<Utf8PathBuf> {
        let path = Utf8Path::from_path(path.strip_prefix(&self.root).ok()?)?;
        let path = if cfg!(windows) { path.as_str().replace('\\', "/").into() } else { path.to_owned() };
        for (link, target) in &self.links {
            if let Ok(below) = path.strip_prefix(link) {
                return Some(if below.as_str().is_empty() { target.clone() } else { target.join(below) });
            }
        }
        Some(path)
    }

    /// The source file that a missing build product would be made from.
    pub(super) fn source_of(&self, path: &Utf8Path) -> Option<Utf8PathBuf> {
        let package = path.ancestors().skip(1).find(|folder| self.packages.contains_key(*folder))?;
        output_folders::source_of(path, package, |file| self.has_file(file))
    }
}

/// `oxc_resolver`'s door to [`Contents`].
pub(super) struct ProjectFiles(pub(super) Arc<Contents>);

impl ProjectFiles {
    fn find(&self, path: &Path) -> io::Result<FileMetadata> {
        let Some(relative) = self.0.relative(path) else { return outside(path) };
        if self.0.has_file(&relative) {
            Ok(FileMetadata::new(true, false, false))
        } else if self.0.has_folder(&relative) {
            Ok(FileMetadata::new(false, true, false))
        } else if self.0.source_of(&relative).is_some() {
            Ok(FileMetadata::new(true, false, false))
        } else {
            Err(io::ErrorKind::NotFound.into())
        }
    }
}

/// Only a `tsconfig.json` that is extended from within may lie outside.
fn outside(path: &Path) -> io::Result<FileMetadata> {
    if path.extension().is_some_and(|extension| extension == "json") && !path.ends_with("package.json") {
        return std::fs::metadata(path).map(Into::into);
    }
    Err(io::ErrorKind::NotFound.into())
}

impl FileSystem for ProjectFiles {
    fn new() -> Self {
        ProjectFiles(Arc::default())
    }

    fn read(&self, path: &Path) -> io::Result<Vec<u8>> {
        let relative = self.0.relative(path);
        if path.ends_with("package.json") {
            let folder = relative.as_deref().and_then(Utf8Path::parent);
            return match folder.and_then(|folder| self.0.packages.get(folder)) {
                Some(true) => std::fs::read(path),
                // A broken manifest is reported by `source`; here its folder is a package without fields.
                Some(false) => Ok(b"{}".to_vec()),
                None => Err(io::ErrorKind::NotFound.into()),
            };
        }
        std::fs::read(path)
    }

    fn read_to_string(&self, path: &Path) -> io::Result<String> {
        match self.0.replaced.get(path) {
            Some(text) => Ok(text.clone()),
            None => std::fs::read_to_string(path),
        }
    }

    fn metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.find(path)
    }

    fn symlink_metadata(&self, path: &Path) -> io::Result<FileMetadata> {
        self.find(path)
    }

    fn read_link(&self, _path: &Path) -> Result<PathBuf, ResolveError> {
        Err(io::Error::from(io::ErrorKind::InvalidInput).into())
    }

    fn canonicalize(&self, path: &Path) -> io::Result<PathBuf> {
        Ok(path.to_owned())
    }
}

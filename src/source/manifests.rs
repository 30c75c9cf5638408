//! Deployment files and the configuration file: the few files beside code that the audit reads.

use camino::{Utf8Path, Utf8PathBuf};
use std::io::ErrorKind;
use walkdir::{DirEntry, WalkDir};

use super::{Problem, ProblemKind, ProjectOptions};

/// More candidates than this is not a deployment but a data set.
const MAX_FILES: usize = 4_000;

/// A text file that may describe a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestFile {
    /// Path relative to the root, with `/`.
    pub path: Utf8PathBuf,
    /// Its text.
    pub text: String,
}

/// Which files may describe a deployment.
pub struct ManifestSelection<'a> {
    /// Whether a file may, by its path relative to the root.
    pub wanted: &'a dyn Fn(&Utf8Path) -> bool,
    /// Names of folders that hold none.
    pub skipped_folders: &'a [String],
}

/// Collects the files below `root` (canonical) that may describe a deployment, sorted by path.
pub fn read_manifests(
    root: &Utf8Path,
    options: &ProjectOptions,
    selection: &ManifestSelection,
) -> (Vec<ManifestFile>, Vec<Problem>) {
    let mut files = Vec::new();
    let mut problems = Vec::new();
    let walk = WalkDir::new(root).follow_links(false).sort_by_file_name().into_iter();
    let excluded = |entry: &DirEntry| {
        let path = Utf8Path::from_path(entry.path());
        path.is_none_or(|path| options.filter.excludes(path, entry.file_type().is_dir()))
    };
    let entries = walk.filter_entry(|entry| {
        entry.depth() == 0 || !is_skipped_folder(entry, selection.skipped_folders) && !excluded(entry)
    });
    // An unreadable folder is reported by the walk over the code, which sees the same tree.
    for entry in entries.flatten() {
        let Some(path) = candidate(root, &entry, selection) else { continue };
        if files.len() == MAX_FILES {
            problems.push(problem(
                path,
                ProblemKind::LimitReached,
                format!("More than {MAX_FILES} deployment files."),
            ));
            break;
        }
        match read(&entry, options.max_file_bytes) {
            Ok(text) => files.push(ManifestFile { path, text }),
            Err((kind, message)) => problems.push(problem(path, kind, message)),
        }
    }
    (files, problems)
}

/// Reads an optional file of the root (`crosscast.toml`, `package.json`); none where it does not exist.
pub fn read_optional(root: &Utf8Path, name: &str) -> std::io::Result<Option<String>> {
    match std::fs::read_to_string(root.join(name)) {
        Ok(text) => Ok(Some(text)),
        Err(error) if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the walk leaves this folder out.
fn is_skipped_folder(entry: &DirEntry, skipped: &[String]) -> bool {
    entry.file_type().is_dir()
        && entry.file_name().to_str().is_some_and(|name| skipped.iter().any(|each| each == name))
}

/// The path of a file that may describe a deployment.
fn candidate(root: &Utf8Path, entry: &DirEntry, selection: &ManifestSelection) -> Option<Utf8PathBuf> {
    if !entry.file_type().is_file() {
        return None;
    }
    let path = Utf8Path::from_path(entry.path())?.strip_prefix(root).ok()?;
    let path = Utf8PathBuf::from(path.as_str().replace('\\', "/"));
    (selection.wanted)(&path).then_some(path)
}

/// The text of a candidate.
fn read(entry: &DirEntry, max_bytes: u64) -> Result<String, (ProblemKind, String)> {
    let unreadable = |error: String| (ProblemKind::Unreadable, error);
    let bytes = entry.metadata().map_err(|error| unreadable(error.to_string()))?.len();
    if bytes > max_bytes {
        return Err((ProblemKind::TooLarge, format!("{bytes} bytes are more than the limit of {max_bytes}.")));
    }
    let bytes = std::fs::read(entry.path()).map_err(|error| unreadable(error.to_string()))?;
    String::from_utf8(bytes).map_err(|_| (ProblemKind::InvalidUtf8, "The file is not UTF-8.".to_owned()))
}

/// A problem of a whole file.
fn problem(file: Utf8PathBuf, kind: ProblemKind, message: String) -> Problem {
    Problem { file, line: None, kind, message }
}

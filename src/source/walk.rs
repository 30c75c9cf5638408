//! The tree walk: which files there are, with ignore files, links and installed packages taken into account.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use rayon::prelude::*;
use walkdir::{DirEntry, WalkDir};

use super::{PathFilter, Problem, ProblemKind, installed, languages};

/// What the walk found. All paths are relative to the root.
#[derive(Debug, Default)]
pub(super) struct Walked {
    /// JS/TS files, type declarations left out.
    pub(super) sources: Vec<Utf8PathBuf>,
    /// All other files.
    pub(super) others: Vec<Utf8PathBuf>,
    /// Symbolic links within the root and what they point to within it.
    pub(super) links: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// `node_modules` folders that hold the project's own code.
    pub(super) own_modules: Vec<Utf8PathBuf>,
    /// What could not be listed.
    pub(super) problems: Vec<Problem>,
}

/// Lists the files under `root`, which must be a canonical path. Folders of one depth are listed side by side, and
/// everything is put in order of path at the end.
pub(super) fn walk(root: &Utf8Path, filter: &PathFilter) -> Walked {
    let excluded = root.as_std_path().join(".git/info/exclude");
    // Git reads it before any `.gitignore`.
    let outermost = excluded.is_file().then(|| Ignores::read(root.as_std_path(), &excluded, None)).flatten();
    let mut walked = Walked::default();
    let mut folders = vec![Folder { path: root.as_std_path().to_owned(), ignores: outermost }];
    while !folders.is_empty() {
        let listed: Vec<(Walked, Vec<Folder>)> =
            folders.into_par_iter().map(|folder| list(root, filter, folder)).collect();
        folders = Vec::new();
        for (part, inner) in listed {
            walked.add(part);
            folders.extend(inner);
        }
    }
    walked.sources.sort_unstable();
    walked.others.sort_unstable();
    walked.links.sort_unstable();
    walked.own_modules.sort_unstable();
    walked.problems.sort_unstable();
    walked
}

impl Walked {
    fn add(&mut self, part: Walked) {
        self.sources.extend(part.sources);
        self.others.extend(part.others);
        self.links.extend(part.links);
        self.own_modules.extend(part.own_modules);
        self.problems.extend(part.problems);
    }
}

/// A folder to list.
struct Folder {
    path: PathBuf,
    /// The ignore files of the folders around it.
    ignores: Option<Arc<Ignores>>,
}

/// Lists one folder: its files, and the folders in it to list next.
fn list(root: &Utf8Path, filter: &PathFilter, folder: Folder) -> (Walked, Vec<Folder>) {
    let mut walked = Walked::default();
    let mut entries = Vec::new();
    for entry in WalkDir::new(&folder.path).min_depth(1).max_depth(1).sort_by_file_name() {
        match entry {
            Ok(entry) => entries.push(entry),
            Err(error) => walked.problems.push(unlistable(root, &error)),
        }
    }
    let own = entries.iter().find(|entry| entry.file_name() == ".gitignore" && !entry.file_type().is_dir());
    let ignores = match own {
        Some(own) => Ignores::read(&folder.path, own.path(), folder.ignores),
        None => folder.ignores,
    };
    let mut inner = Vec::new();
    for entry in entries {
        let Some(path) = relative(root, entry.path()) else {
            walked.problems.push(unnameable(root, entry.path()));
            continue;
        };
        let ignored =
            |is_folder| ignores.as_ref().is_some_and(|ignores| ignores.match_path(entry.path(), is_folder));
        let absolute = root.join(&path);
        if filter.excludes(&absolute, entry.file_type().is_dir()) {
            continue;
        }
        if entry.file_type().is_dir() {
            if !ignored(true) && is_entered(root, &path, &mut walked) {
                inner.push(Folder { path: entry.into_path(), ignores: ignores.clone() });
            }
        } else if !ignored(false) {
            visit_file(root, path, &entry, filter.includes(&absolute), &mut walked);
        }
    }
    (walked, inner)
}

/// Whether a folder is one to descend into, as far as its name tells.
fn is_entered(root: &Utf8Path, path: &Utf8Path, walked: &mut Walked) -> bool {
    let name = path.file_name().unwrap_or_default();
    // Hidden folders hold tools' state, caches and generated code (`.git`, `.next`, `.yarn`).
    if name.starts_with('.') || matches!(name, "bower_components" | "jspm_packages") {
        return false;
    }
    if name == "node_modules" {
        let own = installed::is_own_code(root, path);
        if own {
            walked.own_modules.push(path.to_owned());
        }
        return own;
    }
    true
}

fn visit_file(root: &Utf8Path, path: Utf8PathBuf, entry: &DirEntry, included: bool, walked: &mut Walked) {
    if entry.path_is_symlink() {
        visit_link(root, path, entry.path(), walked);
    } else if entry.file_type().is_file() {
        if languages::of_path(&path).is_some() || languages::is_node_script(root, &path) {
            if included {
                walked.sources.push(path);
            }
        } else {
            walked.others.push(path);
        }
    }
}

/// A link is never followed: what it points to inside the root is walked itself, and what lies outside is not
/// the project.
fn visit_link(root: &Utf8Path, path: Utf8PathBuf, link: &Path, walked: &mut Walked) {
    let problem =
        |kind, message: &str| Problem { file: path.clone(), line: None, kind, message: message.to_owned() };
    match link.canonicalize() {
        Ok(target) if link.starts_with(&target) => {
            walked
                .problems
                .push(problem(ProblemKind::SymlinkLoop, "This symbolic link leads back to a folder above it."));
        }
        Ok(target) => {
            if let Some(target) = relative(root, &target) {
                walked.links.push((path, target));
            }
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            if languages::of_path(&path).is_some() {
                walked.problems.push(problem(ProblemKind::Unreadable, "This symbolic link points to nothing."));
            }
        }
        Err(_) => {
            walked
                .problems
                .push(problem(ProblemKind::SymlinkLoop, "This symbolic link cannot be followed to its end."));
        }
    }
}

/// `path` below `root` with `/`; none where it is outside or not UTF-8.
fn relative(root: &Utf8Path, path: &Path) -> Option<Utf8PathBuf> {
    let path = path.strip_prefix(root).ok()?;
    let path = path.to_str()?;
    Some(if cfg!(windows) { path.replace('\\', "/").into() } else { path.into() })
}

fn unlistable(root: &Utf8Path, error: &walkdir::Error) -> Problem {
    let file = error.path().and_then(|path| relative(root, path)).unwrap_or_default();
    let reason = error.io_error().map_or_else(|| error.to_string(), ToString::to_string);
    Problem {
        file,
        line: None,
        kind: ProblemKind::Unreadable,
        message: format!("It could not be listed: {reason}."),
    }
}

fn unnameable(root: &Utf8Path, path: &Path) -> Problem {
    let path = path.strip_prefix(root).unwrap_or(path);
    Problem {
        file: path.to_string_lossy().replace('\\', "/").into(),
        line: None,
        kind: ProblemKind::Unreadable,
        message: "Its name is not valid UTF-8.".to_owned(),
    }
}

/// An ignore file in force, and those of the folders around it.
#[derive(Debug)]
struct Ignores {
    matcher: Gitignore,
    around: Option<Arc<Ignores>>,
}

impl Ignores {
    /// Adds a folder's ignore file to those around it.
    fn read(folder: &Path, file: &Path, around: Option<Arc<Ignores>>) -> Option<Arc<Self>> {
        let mut builder = GitignoreBuilder::new(folder);
        // A line that is no valid pattern is skipped, as git does.
        let _skipped = builder.add(file);
        match builder.build() {
            Ok(matcher) if !matcher.is_empty() => Some(Arc::new(Ignores { matcher, around })),
            _ => around,
        }
    }

    /// Whether a path is ignored: the innermost ignore file that mentions it decides.
    fn match_path(&self, path: &Path, is_folder: bool) -> bool {
        let layers = std::iter::successors(Some(self), |layer| layer.around.as_deref());
        for layer in layers {
            match layer.matcher.matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }
}

//! The tree walk: which files there are, with ignore files, links and installed packages taken into account.

use std::path::Path;

use camino::{Utf8Path, Utf8PathBuf};
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
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

/// Lists the files under `root`, which must be a canonical path.
pub(super) fn walk(root: &Utf8Path, filter: &PathFilter) -> Walked {
    let mut walked = Walked::default();
    let mut ignores = IgnoreStack::new(root);
    let mut entries = WalkDir::new(root).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) => {
                walked.problems.push(unlistable(root, &error));
                continue;
            }
        };
        let Some(path) = relative(root, entry.path()) else {
            walked.problems.push(unnameable(root, entry.path()));
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
            }
            continue;
        };
        if entry.depth() == 0 {
            ignores.enter(entry.path(), 0);
            continue;
        }
        ignores.leave_to(entry.depth());
        let absolute = root.join(&path);
        if filter.excludes(&absolute, entry.file_type().is_dir()) {
            if entry.file_type().is_dir() {
                entries.skip_current_dir();
            }
            continue;
        }
        if entry.file_type().is_dir() {
            if visit_folder(root, &path, &entry, &mut ignores, &mut walked) {
                ignores.enter(entry.path(), entry.depth());
            } else {
                entries.skip_current_dir();
            }
        } else if !ignores.is_ignored(entry.path(), false) {
            visit_file(root, path, &entry, filter.includes(&absolute), &mut walked);
        }
    }
    walked
}

/// Whether to descend into a folder.
fn visit_folder(
    root: &Utf8Path,
    path: &Utf8Path,
    entry: &DirEntry,
    ignores: &mut IgnoreStack,
    walked: &mut Walked,
) -> bool {
    let name = path.file_name().unwrap_or_default();
    // Hidden folders hold tools' state, caches and generated code (`.git`, `.next`, `.yarn`).
    if name.starts_with('.') || matches!(name, "bower_components" | "jspm_packages") {
        return false;
    }
    if ignores.is_ignored(entry.path(), true) {
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

/// The ignore files in force, outermost first, each with the depth of its folder.
struct IgnoreStack {
    layers: Vec<(usize, Gitignore)>,
}

impl IgnoreStack {
    /// Starts with `.git/info/exclude`, which git reads before any `.gitignore`.
    fn new(root: &Utf8Path) -> Self {
        let mut stack = IgnoreStack { layers: Vec::new() };
        stack.push(root.as_std_path(), &root.as_std_path().join(".git/info/exclude"), 0);
        stack
    }

    /// Adds the `.gitignore` of a folder that is being entered.
    fn enter(&mut self, folder: &Path, depth: usize) {
        self.push(folder, &folder.join(".gitignore"), depth);
    }

    /// Drops the layers of folders that the walk has left.
    fn leave_to(&mut self, depth: usize) {
        while self.layers.last().is_some_and(|(layer, _)| *layer >= depth) {
            self.layers.pop();
        }
    }

    fn push(&mut self, folder: &Path, file: &Path, depth: usize) {
        if !file.is_file() {
            return;
        }
        let mut builder = GitignoreBuilder::new(folder);
        // A line that is no valid pattern is skipped, as git does.
        let _skipped = builder.add(file);
        if let Ok(matcher) = builder.build() {
            self.layers.push((depth, matcher));
        }
    }

    /// The innermost ignore file that mentions the path decides.
    fn is_ignored(&self, path: &Path, is_folder: bool) -> bool {
        for (_, layer) in self.layers.iter().rev() {
            match layer.matched(path, is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }
}

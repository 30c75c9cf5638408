//! Settles the role of every file: path first, then content, then who imports it.

use camino::Utf8Path;
use rayon::prelude::*;

use super::evidence::{PackageKind, RunsOn, Subject};
use super::importers::FileIndex;
use super::roles::PathRoles;
use super::{FileRole, PackageManifest, ProjectOptions, SourceFile, languages, specifiers, text};
use super::{Problem, Project};

/// A file's role and how firm it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Standing {
    role: FileRole,
    /// Whether an import by product code makes it product code.
    yields: bool,
    /// Whether its content was looked at.
    read: bool,
    /// Whether nothing but being imported by browser code only can tell where it runs.
    open: bool,
    /// Whether its content shows browser code.
    browser: bool,
    /// Whether only its place shows browser code.
    placed: bool,
}

/// Reads the files that need reading and settles all roles.
pub(super) fn settle(project: &mut Project, options: &ProjectOptions) -> Vec<Problem> {
    let mut settling = Settling::new(project, options);
    let wanted: Vec<bool> = settling.standings.iter().map(|standing| standing.role == FileRole::Source).collect();
    settling.read(&wanted);
    settling.judge_content();
    settling.follow_browser_code();
    settling.follow_product_code();
    let in_browser = settling.bundled_with_browsers();
    let Settling { standings, problems, .. } = settling;
    for ((file, standing), in_browser) in project.files.iter_mut().zip(standings).zip(in_browser) {
        file.role = standing.role;
        file.in_browser = in_browser;
        if matches!(standing.role, FileRole::Test | FileRole::Example | FileRole::Vendored) {
            file.text = String::new();
        }
    }
    problems
}

struct Settling<'a> {
    root: &'a Utf8Path,
    files: &'a mut [SourceFile],
    packages: &'a [PackageManifest],
    options: &'a ProjectOptions,
    index: FileIndex,
    standings: Vec<Standing>,
    problems: Vec<Problem>,
}

impl<'a> Settling<'a> {
    /// Starts with the roles that paths show.
    fn new(project: &'a mut Project, options: &'a ProjectOptions) -> Self {
        let Project { root, files, packages, .. } = project;
        let judge = PathRoles::new(
            packages.iter().map(|package| package.folder.as_path()),
            files.iter().map(|file| file.path.as_path()),
        );
        let index = FileIndex::new(files.iter().map(|file| file.path.as_path()));
        let mut roles: Vec<_> = files.iter().map(|file| by_path(&judge, &file.path)).collect();
        for started in started_files(packages, &index) {
            if roles[started] == Some(FileRole::Tooling) {
                roles[started] = None;
            }
        }
        let is_example = |role: &Option<FileRole>| matches!(role, Some(FileRole::Test | FileRole::Example));
        // A root of nothing but examples and tests is audited for what they do.
        let all_beside_the_product = !roles.iter().any(Option::is_none);
        if options.include_tests || all_beside_the_product {
            roles.iter_mut().filter(|role| is_example(role)).for_each(|role| *role = None);
        }
        let standing = |role: Option<FileRole>| Standing {
            role: role.unwrap_or(FileRole::Source),
            yields: matches!(role, Some(FileRole::Test | FileRole::Example | FileRole::Tooling)),
            read: false,
            open: false,
            browser: false,
            placed: false,
        };
        let standings = roles.into_iter().map(standing).collect();
        Settling { root, files, packages, options, index, standings, problems: Vec::new() }
    }

    /// Reads files and scans them for imports. Tooling is read with the product; it may name the server's parts.
    fn read(&mut self, wanted: &[bool]) {
        let (root, limit) = (self.root, self.options.max_file_bytes);
        let problems: Vec<Problem> = self
            .files
            .par_iter_mut()
            .zip(&mut self.standings)
            .zip(wanted)
            .filter(|(_, wanted)| **wanted)
            .filter_map(|((file, standing), _)| {
                standing.read = true;
                let (text, problem) = text::read(root, &file.path, limit);
                take_text(file, standing, text);
                problem
            })
            .collect();
        self.problems.extend(problems);
    }

    fn package_folder(&self, file: usize) -> &'a Utf8Path {
        let package = self.files[file].package.map(|id| self.packages[id.0 as usize].folder.as_path());
        package.unwrap_or(Utf8Path::new(""))
    }

    /// Tells browser code from server code.
    fn judge_content(&mut self) {
        let kinds: Vec<PackageKind> = self.packages.iter().map(PackageKind::of).collect();
        self.files.par_iter().zip(&mut self.standings).for_each(|(file, standing)| {
            if standing.role != FileRole::Source {
                return;
            }
            let package = file.package.map_or(PackageKind::Other, |id| kinds[id.0 as usize]);
            let (path, language) = (file.path.as_path(), file.language);
            let subject = Subject { path, language, text: &file.text, specifiers: &file.specifiers, package };
            match subject.runs_on() {
                RunsOn::Server => {}
                RunsOn::Browser => standing.role = FileRole::Client,
                RunsOn::LikelyBrowser => *standing = Standing { role: FileRole::Client, yields: true, ..*standing },
                RunsOn::Unknown => standing.open = true,
            }
            standing.browser = standing.role == FileRole::Client && subject.shows_browser();
            standing.placed = standing.role == FileRole::Client && !standing.browser;
        });
    }

    /// A file that says nothing itself and is imported by browser code only is browser code.
    fn follow_browser_code(&mut self) {
        let mut importers: Vec<Vec<usize>> = vec![Vec::new(); self.files.len()];
        for file in 0..self.files.len() {
            if !matches!(self.standings[file].role, FileRole::Source | FileRole::Client) {
                continue;
            }
            for imported in self.imports(file) {
                importers[imported].push(file);
            }
        }
        for started in started_files(self.packages, &self.index) {
            self.standings[started].open = false;
        }
        loop {
            let is_client = |file: &usize| self.standings[*file].role == FileRole::Client;
            let followers: Vec<usize> = (0..self.files.len())
                .filter(|&file| self.standings[file].open && !importers[file].is_empty())
                .filter(|&file| importers[file].iter().all(is_client))
                .collect();
            if followers.is_empty() {
                return;
            }
            for file in followers {
                self.standings[file] =
                    Standing { role: FileRole::Client, yields: true, open: false, ..self.standings[file] };
            }
        }
    }

    /// What product code imports is product code, wherever it lies.
    fn follow_product_code(&mut self) {
        let mut pending: Vec<usize> =
            (0..self.files.len()).filter(|&file| self.standings[file].role == FileRole::Source).collect();
        while !pending.is_empty() {
            let mut promoted = vec![false; self.files.len()];
            for file in pending.drain(..) {
                for imported in self.imports(file) {
                    promoted[imported] |= self.standings[imported].yields;
                }
            }
            let unread: Vec<bool> = promoted
                .iter()
                .zip(&self.standings)
                .map(|(promoted, standing)| *promoted && !standing.read)
                .collect();
            for (file, _) in promoted.iter().enumerate().filter(|(_, promoted)| **promoted) {
                let standing = &mut self.standings[file];
                *standing = Standing { role: FileRole::Source, yields: false, ..*standing };
                pending.push(file);
            }
            self.read(&unread);
        }
    }

    /// Product code that runs in browsers although server code imports it: what shows it in its content, and what the
    /// server gets only by way of such files.
    fn bundled_with_browsers(&self) -> Vec<bool> {
        let is_product = |file: usize| self.standings[file].role == FileRole::Source;
        let mut browser: Vec<bool> =
            (0..self.files.len()).map(|file| is_product(file) && self.standings[file].browser).collect();
        if !browser.contains(&true) {
            return browser;
        }
        let mut importers: Vec<Vec<usize>> = vec![Vec::new(); self.files.len()];
        for file in (0..self.files.len()).filter(|&file| is_product(file)) {
            for imported in self.imports(file) {
                importers[imported].push(file);
            }
        }
        loop {
            let followers: Vec<usize> = (0..self.files.len())
                .filter(|&file| is_product(file) && !browser[file])
                .filter(|&file| self.standings[file].open || self.standings[file].placed)
                .filter(|&file| !importers[file].is_empty() && importers[file].iter().all(|&each| browser[each]))
                .collect();
            if followers.is_empty() {
                return browser;
            }
            followers.into_iter().for_each(|file| browser[file] = true);
        }
    }

    /// The files that a file imports, as far as paths tell.
    fn imports(&self, file: usize) -> Vec<usize> {
        let (path, package) = (&self.files[file].path, self.package_folder(file));
        let specifiers = self.files[file].specifiers.iter();
        specifiers.filter_map(|specifier| self.index.resolve(path, package, specifier)).collect()
    }
}

fn by_path(judge: &PathRoles, path: &Utf8Path) -> Option<FileRole> {
    let name = path.file_name().unwrap_or_default();
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    if stem.ends_with(".min") || stem.ends_with(".bundle") {
        return Some(FileRole::Vendored);
    }
    judge.role(path)
}

/// Keeps what was read, unless a machine wrote it.
fn take_text(file: &mut SourceFile, standing: &mut Standing, text: Option<String>) {
    let Some(text) = text else { return };
    if text::is_generated(&text) {
        *standing = Standing { role: FileRole::Vendored, yields: false, ..*standing };
        return;
    }
    file.specifiers = specifiers::scan(&text);
    file.text = text;
}

/// Files that manifests name as entries, or that their scripts start.
fn started_files(packages: &[PackageManifest], index: &FileIndex) -> Vec<usize> {
    let mut files = Vec::new();
    for package in packages {
        let entries = package.entries.iter().map(String::as_str);
        let starts = package.scripts.iter().filter(|(name, _)| {
            ["start", "dev", "serve", "server", "develop", "prod"].iter().any(|word| name.starts_with(word))
        });
        let words = starts.flat_map(|(_, command)| command.split_whitespace());
        let is_file = |word: &&str| languages::of_path(Utf8Path::new(word)).is_some() || word.contains('/');
        for name in entries.chain(words.filter(is_file)) {
            let path = super::importers::normalize(&package.folder, name.trim_matches(['"', '\'']));
            files.extend(path.and_then(|path| index.probe(&path)));
        }
    }
    files
}

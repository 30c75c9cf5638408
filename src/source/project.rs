//! The project as found on disk.

use camino::{Utf8Path, Utf8PathBuf};
use line_index::LineIndex;
use rustc_hash::FxHashSet;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{InstalledVersion, Location, PackageManager, PathFilter, SchemaFile, Span};

/// A source file of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FileId(pub u32);

/// A `package.json` of the project.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PackageId(pub u32);

/// The grammar a file is read with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Language {
    /// `.js`, `.mjs`, `.cjs`, `.jsx`.
    JavaScript,
    /// `.ts`, `.mts`, `.cts`.
    TypeScript,
    /// `.tsx`.
    Tsx,
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FileRole {
    /// Code of the product.
    Source,
    /// Tests, mocks, fixtures, stories.
    Test,
    /// Examples, demos, templates, documentation.
    Example,
    /// Build scripts and tool configuration.
    Tooling,
    /// Code for browsers only.
    Client,
    /// Minified, bundled or vendored code.
    Vendored,
}

/// One JS/TS file.
#[derive(Debug)]
pub struct SourceFile {
    /// Path relative to the root, with `/`.
    pub path: Utf8PathBuf,
    /// How to parse it.
    pub language: Language,
    /// What it is for.
    pub role: FileRole,
    /// The nearest `package.json` upwards within the root.
    pub package: Option<PackageId>,
    /// Its text; empty where it was not needed.
    pub text: String,
    /// Import specifiers found by the scan, each once, in order of appearance.
    pub specifiers: Vec<String>,
    /// Whether it is product code only because server code imports code for browsers.
    pub in_browser: bool,
    /// Line starts, made when first asked for.
    pub(crate) lines: OnceLock<LineIndex>,
}

/// A `package.json` with what the audit needs from it.
#[derive(Debug, Default, Clone)]
pub struct PackageManifest {
    /// Folder relative to the root; empty for the root itself.
    pub folder: Utf8PathBuf,
    /// `name`.
    pub name: Option<String>,
    /// `version`.
    pub version: Option<String>,
    /// `type: "module"`.
    pub is_esm: bool,
    /// All dependency kinds: package to range.
    pub dependencies: BTreeMap<String, String>,
    /// The package manager: that of `packageManager`, else of the nearest lockfile.
    pub manager: Option<PackageManager>,
    /// Versions that the nearest lockfile pins for `dependencies`.
    pub locked: BTreeMap<String, String>,
    /// `scripts`.
    pub scripts: BTreeMap<String, String>,
    /// `main`, `module`, `bin`, `exports` targets, as written.
    pub entries: Vec<String>,
    /// `private`: it cannot be published.
    pub is_private: bool,
    /// Whether there is a `bin` field: a command that people run.
    pub has_bin: bool,
    /// Whether there is an `exports` field, which then alone says what the package offers.
    pub has_exports: bool,
    /// `workspaces`, in either shape.
    pub workspaces: Vec<String>,
    /// `_moduleAliases`: prefix to folder.
    pub module_aliases: BTreeMap<String, String>,
    /// The `crosscast` key, as JSON text.
    pub crosscast: Option<String>,
    /// Whether the file could not be parsed; the folder is a package all the same.
    pub is_broken: bool,
}

/// What to look at.
#[derive(Debug, Clone)]
pub struct ProjectOptions {
    /// Files above this many bytes become a problem.
    pub max_file_bytes: u64,
    /// Analyse tests and examples as well.
    pub include_tests: bool,
    /// What the settings take in and leave out.
    pub filter: PathFilter,
}

impl Default for ProjectOptions {
    fn default() -> Self {
        ProjectOptions { max_file_bytes: 5_000_000, include_tests: false, filter: PathFilter::default() }
    }
}

/// The project as found on disk.
#[derive(Debug, Default)]
pub struct Project {
    /// The audited folder, absolute.
    pub root: Utf8PathBuf,
    /// JS/TS files of every role, sorted by path.
    pub files: Vec<SourceFile>,
    /// Manifests, sorted by folder.
    pub packages: Vec<PackageManifest>,
    /// Files that describe databases, sorted by path.
    pub schemas: Vec<SchemaFile>,
    /// JS/TS files seen, those without a role of `Source` included.
    pub files_seen: usize,
    /// Files that are no code to read: data, type declarations, build output. Relative to the root.
    pub(crate) others: FxHashSet<Utf8PathBuf>,
    /// Symbolic links within the root, and their targets.
    pub(crate) links: Vec<(Utf8PathBuf, Utf8PathBuf)>,
    /// `node_modules` folders that hold the project's own code.
    pub(crate) own_modules: Vec<Utf8PathBuf>,
    /// Packages of the project by name.
    pub(crate) workspace: BTreeMap<String, PackageId>,
}

impl Project {
    /// A file.
    pub fn file(&self, id: FileId) -> &SourceFile {
        &self.files[id.0 as usize]
    }

    /// A manifest.
    pub fn package(&self, id: PackageId) -> &PackageManifest {
        &self.packages[id.0 as usize]
    }

    /// Where a span lies, as people count.
    pub fn location(&self, file: FileId, span: Span) -> Location {
        self.file(file).location(span)
    }

    /// A file by its path relative to the root.
    pub fn file_at(&self, path: &Utf8Path) -> Option<FileId> {
        let found = self.files.binary_search_by(|file| file.path.as_path().cmp(path)).ok()?;
        Some(FileId(found as u32))
    }

    /// All files with their ids, in order of path.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &SourceFile)> {
        self.files.iter().enumerate().map(|(index, file)| (FileId(index as u32), file))
    }

    /// The packages of the project by name: workspace members, then others that may be linked by hand.
    pub fn workspace_packages(&self) -> impl Iterator<Item = (&str, PackageId)> {
        self.workspace.iter().map(|(name, &id)| (name.as_str(), id))
    }

    /// The schema file of an ending that a package's code means: that of the package, else the only one.
    pub fn schema(&self, package: Option<PackageId>, ending: &str) -> Option<&SchemaFile> {
        let mut of_ending = self.schemas.iter().filter(|file| file.path.extension() == Some(ending));
        let folder = package.map(|id| self.package(id).folder.as_path()).unwrap_or(Utf8Path::new(""));
        let own = of_ending.clone().find(|file| file.path.starts_with(folder));
        own.or_else(|| of_ending.next())
    }

    /// The package of the project with this name.
    pub fn package_named(&self, name: &str) -> Option<PackageId> {
        self.workspace.get(name).copied()
    }

    /// A package and those in the folders above it, which npm's hoisting makes its code find the dependencies of.
    pub fn package_chain(&self, id: PackageId) -> impl Iterator<Item = &PackageManifest> {
        let folder = &self.package(id).folder;
        // Sorted by folder, an outer package stands before what lies in it.
        let outer = self.packages[..=id.0 as usize].iter().rev();
        outer.filter(move |package| folder.starts_with(&package.folder))
    }

    /// What is known of the version of `name` in a package: pinned before allowed, own before hoisted.
    pub fn version(&self, package: PackageId, name: &str) -> Option<InstalledVersion> {
        self.package_chain(package).find_map(|package| package.version_of(name))
    }

    /// Whether a package, or one around it, depends on `name`.
    pub fn depends_on(&self, package: PackageId, name: &str) -> bool {
        self.package_chain(package).any(|package| package.dependencies.contains_key(name))
    }
}

impl PackageManifest {
    /// What the manifest and its lockfile tell of a dependency's version.
    pub fn version_of(&self, name: &str) -> Option<InstalledVersion> {
        let locked = self.locked.get(name).cloned().map(InstalledVersion::Exact);
        locked.or_else(|| self.dependencies.get(name).cloned().map(InstalledVersion::Range))
    }
}

impl SourceFile {
    /// Where a span lies, as people count.
    pub fn location(&self, span: Span) -> Location {
        let lines = self.lines.get_or_init(|| LineIndex::new(&self.text));
        Location::in_file(&self.path, &self.text, lines, span.start, span.end)
    }
}

//! The project as found on disk.

use camino::Utf8PathBuf;
use line_index::LineIndex;
use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::{Location, Span};

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
    /// Line starts, made when first asked for.
    pub(crate) lines: OnceLock<LineIndex>,
}

/// A `package.json` with what the audit needs from it.
#[derive(Debug, Default)]
pub struct PackageManifest {
    /// Folder relative to the root; empty for the root itself.
    pub folder: Utf8PathBuf,
    /// `name`.
    pub name: Option<String>,
    /// `type: "module"`.
    pub is_esm: bool,
    /// All dependency kinds: package to range.
    pub dependencies: BTreeMap<String, String>,
    /// Versions that the nearest lockfile pins for `dependencies`.
    pub locked: BTreeMap<String, String>,
    /// `scripts`.
    pub scripts: BTreeMap<String, String>,
    /// `main`, `module`, `bin`, `exports` targets, as written.
    pub entries: Vec<String>,
    /// The `crosscast` key, as JSON text.
    pub crosscast: Option<String>,
}

/// What to look at.
#[derive(Debug, Clone)]
pub struct ProjectOptions {
    /// Files above this many bytes become a problem.
    pub max_file_bytes: u64,
    /// Analyse tests and examples as well.
    pub include_tests: bool,
}

impl Default for ProjectOptions {
    fn default() -> Self {
        ProjectOptions { max_file_bytes: 5_000_000, include_tests: false }
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
    /// JS/TS files seen, those without a role of `Source` included.
    pub files_seen: usize,
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
}

impl SourceFile {
    /// Where a span lies, as people count.
    pub fn location(&self, span: Span) -> Location {
        let lines = self.lines.get_or_init(|| LineIndex::new(&self.text));
        let place = |offset: u32| {
            let offset = offset.min(self.text.len() as u32);
            let position = lines.line_col(offset.into());
            let wide = lines.to_wide(line_index::WideEncoding::Utf16, position);
            let column = wide.map_or(position.col, |wide| wide.col);
            (position.line + 1, column + 1)
        };
        let (line, column) = place(span.start);
        let (end_line, end_column) = place(span.end);
        Location { file: self.path.clone(), line, column, end_line, end_column }
    }
}

//! What could not be read or understood; the audit goes on without it.

use camino::Utf8PathBuf;

/// Something that the audit had to leave out.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Path relative to the audited root.
    pub file: Utf8PathBuf,
    /// 1-based line, where one is known.
    pub line: Option<u32>,
    /// What kind.
    pub kind: ProblemKind,
    /// One sentence for people.
    pub message: String,
}

/// The kinds of problems.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ProblemKind {
    /// The file could not be opened or read.
    Unreadable,
    /// It is larger than the limit.
    TooLarge,
    /// It holds NUL bytes.
    Binary,
    /// It is not UTF-8; bad bytes were replaced.
    InvalidUtf8,
    /// The parser had to skip a part of it.
    SyntaxError,
    /// It nests deeper than the limit.
    TooDeep,
    /// A symbolic link leads back to a folder above it.
    SymlinkLoop,
    /// A `package.json`, `tsconfig.json`, workspace file or lockfile is broken.
    BrokenManifest,
    /// The analysis stopped early to stay within its bounds.
    LimitReached,
}

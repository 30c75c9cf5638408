//! The audited tree: files, manifests and the cheap facts that need no parser.

mod problem;
mod project;
mod span;

pub use problem::{Problem, ProblemKind};
pub use project::{FileId, FileRole, Language, PackageId, PackageManifest, Project, ProjectOptions, SourceFile};
pub use span::{Location, Span};

//! The audited tree: files, manifests and the cheap facts that need no parser.

mod manifests;
mod problem;
mod project;
mod span;

pub use manifests::{ManifestFile, read_manifests, read_optional};
pub use problem::{Problem, ProblemKind};
pub use project::{FileId, FileRole, Language, PackageId, PackageManifest, Project, ProjectOptions, SourceFile};
pub use span::{Location, Span};

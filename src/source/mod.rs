//! The audited tree: files, manifests and the cheap facts that need no parser.

mod evidence;
mod filter;
mod importers;
mod installed;
pub(crate) mod jsonc;
mod languages;
mod lockfile;
mod manifest;
mod manifests;
mod nearest;
pub(crate) mod output_folders;
mod package_manager;
mod problem;
mod project;
mod read;
mod roles;
mod schemas;
mod settle;
mod span;
mod specifiers;
mod text;
mod version;
mod walk;
mod workspace;

pub use filter::{BadPattern, PathFilter};
pub use manifests::{ManifestFile, ManifestSelection, read_manifests, read_optional};
pub(crate) use nearest::suggestion;
pub use package_manager::PackageManager;
pub use problem::{Problem, ProblemKind};
pub use project::{FileId, FileRole, Language, PackageId, PackageManifest, Project, ProjectOptions, SourceFile};
pub use read::{ReadError, folder_of, read_project};
pub use schemas::{SchemaFile, SchemaModel};
pub(crate) use span::line_of;
pub use span::{Location, Span};
pub use version::InstalledVersion;

//! The templates of remedies: TOML files in `rules/remedies`, which know the libraries so that the program need not.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Every template, in the order in which they are tried.
#[derive(Debug, Default)]
pub struct Templates {
    /// The files.
    pub(super) files: Vec<TemplateFile>,
}

/// A file of templates, for some transports.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct TemplateFile {
    /// What the file is about, for its readers.
    #[serde(rename = "title")]
    _title: String,
    /// The transports of the paths, or of the service's endpoints where a store is meant; empty for any.
    #[serde(default)]
    pub(super) transports: Vec<String>,
    /// What the endpoint is called where the source gives it no name.
    #[serde(default = "server")]
    pub(super) endpoint: String,
    /// The templates; the first whose conditions hold is taken.
    #[serde(rename = "remedy", default)]
    pub(super) remedies: Vec<Template>,
}

fn server() -> String {
    "server".to_owned()
}

/// One remedy before its placeholders are filled.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Template {
    /// When it applies.
    #[serde(default)]
    pub(super) when: When,
    /// What to do, in a few words.
    pub(super) title: String,
    /// What is to be known besides.
    #[serde(default)]
    pub(super) text: String,
    /// Names by the evidence at whose place they are declared: `client = "client is never connected"`. The template
    /// applies only where all are found.
    #[serde(default)]
    pub(super) names: BTreeMap<String, String>,
    /// The lines, and what they need.
    #[serde(flatten)]
    pub(super) lines: Lines,
    /// The same for the client libraries that they can be written with: the one that the project depends on is
    /// taken, else the first.
    #[serde(default, rename = "client")]
    pub(super) clients: Vec<Client>,
    /// Where the lines go: after the statement that creates the `endpoint`, or after that of one of `names`.
    #[serde(default)]
    pub(super) after: Option<String>,
    /// Whether an editor may write the lines there.
    #[serde(default)]
    pub(super) edit: bool,
}

/// Lines of code.
#[derive(Debug, Default, Clone, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) struct Lines {
    /// Packages that must be installed, apart from the client's own.
    #[serde(default)]
    pub(super) install: Vec<String>,
    /// What they import.
    #[serde(default)]
    pub(super) imports: Vec<Import>,
    /// The code, with placeholders.
    #[serde(default)]
    pub(super) code: String,
}

/// A client library.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Client {
    /// Its npm package.
    pub(super) package: String,
    /// Its versions for which the lines are right, as an npm range.
    #[serde(default)]
    pub(super) versions: Option<String>,
    /// What they import beside the template's imports.
    #[serde(default)]
    pub(super) imports: Vec<Import>,
    /// The code, with placeholders.
    pub(super) code: String,
}

/// One imported name.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Import {
    /// The local name.
    pub(super) name: String,
    /// The module.
    pub(super) from: String,
    /// Whether it is the default export, which CommonJS gets by `require` itself.
    #[serde(default)]
    pub(super) default: bool,
}

/// Conditions; all must hold.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct When {
    /// Types of state: the remedy is for stores, not for paths. An empty list means any type.
    pub(super) store: Option<Vec<String>>,
    /// What holds the state; any if left out.
    #[serde(default)]
    pub(super) container: Vec<String>,
    /// Where it lives, or how far the path gets.
    pub(super) reach: Option<String>,
    /// The path's defect. Without this key the path has none.
    pub(super) defect: Option<String>,
    /// Whether the path's endpoint has an adapter that works.
    pub(super) attached: Option<bool>,
    /// The service depends on one of these packages.
    #[serde(default)]
    pub(super) depends: Vec<String>,
    /// Versions of packages, as npm ranges; unknown versions do not lie in them.
    #[serde(default)]
    pub(super) versions: BTreeMap<String, String>,
    /// What stands in the source of the endpoint's creation.
    pub(super) endpoint: Option<String>,
}

/// A built-in template cannot be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the built-in remedies `{file}` are broken")]
pub struct TemplateError {
    /// The file.
    pub file: &'static str,
    /// What is wrong with it.
    #[source]
    pub error: toml::de::Error,
}

/// Files in `rules/remedies`, as the build script found them; `general` stands last, because it fits everything.
const FILES: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/remedies.rs"));

impl Templates {
    /// The built-in templates.
    pub fn builtin() -> Result<&'static Templates, &'static TemplateError> {
        static TEMPLATES: OnceLock<Result<Templates, TemplateError>> = OnceLock::new();
        TEMPLATES.get_or_init(Templates::read).as_ref()
    }

    fn read() -> Result<Templates, TemplateError> {
        let mut files = Vec::new();
        for &(file, text) in FILES {
            let read: TemplateFile = toml::from_str(text).map_err(|error| TemplateError { file, error })?;
            files.push(read);
        }
        // What is for all transports is tried last.
        files.sort_by_key(|file| file.transports.is_empty());
        Ok(Templates { files })
    }
}

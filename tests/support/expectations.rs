//! `expect.toml`: what a fixture expects beyond its lines.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::Path;

/// The file. Keys that are left out are not checked, except `problems`, which then must be empty.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct Expectations {
    /// Verdicts of the root: check name to `STATUS` or `STATUS REASON`.
    pub(crate) checks: BTreeMap<String, String>,
    /// Verdicts of each service, by its root; exactly these services exist.
    pub(crate) services: Option<BTreeMap<String, BTreeMap<String, String>>>,
    /// `KIND BACKEND [FILE:LINE]`, exactly these; the backend `-` stands for null.
    pub(crate) integrations: Option<Vec<String>>,
    /// `CODE FILE:LINE`, exactly these, beside those on the lines.
    pub(crate) advisories: Option<Vec<String>>,
    /// `KIND FILE`, exactly these.
    #[serde(default)]
    pub(crate) problems: Vec<String>,
    /// `KIND VALUE [FILE:LINE [services=FOLDER,…]]`, exactly these pieces of deployment evidence.
    pub(crate) deployment: Option<Vec<String>>,
    /// Whether a detail of the root's checks says that several instances are deployed.
    pub(crate) live: Option<bool>,
    /// Expectations on files that cannot carry comments.
    #[serde(default)]
    pub(crate) expect: Vec<Elsewhere>,
    /// More arguments for the command line.
    #[serde(default)]
    pub(crate) arguments: Vec<String>,
}

/// An expectation that stands apart from its line.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Elsewhere {
    /// The file.
    pub(crate) file: String,
    /// 1-based.
    pub(crate) line: u64,
    /// `path: …`, `store: …` or `advisory: …`.
    pub(crate) expect: String,
}

/// Reads `expect.toml` of a fixture.
pub(crate) fn read(folder: &Path) -> Result<Expectations, String> {
    let text = std::fs::read_to_string(folder.join("expect.toml")).map_err(|error| error.to_string())?;
    toml::from_str(&text).map_err(|error| format!("expect.toml: {error}"))
}

//! Settings: the policies of the checks, the declared deployment, and what to look at.
//!
//! They stand in `crosscast.toml` at the audited root, or under `"crosscast"` in its `package.json`.

use camino::{Utf8Path, Utf8PathBuf};
use miette::{Diagnostic, NamedSource, SourceSpan};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroUsize;

use crate::source::{Location, ManifestFile, ProjectOptions, read_optional};

/// The file at the audited root.
pub const FILE_NAME: &str = "crosscast.toml";

/// Everything that steers an audit.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The policies of the checks.
    pub checks: Checks,
    /// The declaration that only one instance ever runs.
    pub single_instance: Option<SingleInstance>,
    /// Folders with rules beside the built-in ones.
    pub rules: Vec<Utf8PathBuf>,
    /// Failures that do not count.
    pub baseline: Baseline,
    /// What to look at.
    pub project: ProjectOptions,
    /// Lower every source file, not only what realtime values can reach.
    pub exhaustive: bool,
    /// Worker threads; one per core where none.
    pub threads: Option<NonZeroUsize>,
}

/// Failures that an earlier report named, and how often.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Baseline(BTreeMap<Failure, usize>);

/// A failure, as it can be told again when the lines around it have changed.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Failure {
    /// A broadcast path.
    Path {
        /// Its file.
        file: String,
        /// Its source text on one line.
        code: String,
    },
    /// A state store.
    Store {
        /// Its file.
        file: String,
        /// Its name.
        name: String,
    },
}

impl FromIterator<Failure> for Baseline {
    fn from_iter<I: IntoIterator<Item = Failure>>(failures: I) -> Self {
        let mut baseline = Baseline::default();
        for failure in failures {
            *baseline.0.entry(failure).or_default() += 1;
        }
        baseline
    }
}

impl Baseline {
    /// Whether a failure is named once more; takes it out.
    pub fn take(&mut self, failure: &Failure) -> bool {
        let count = self.0.get_mut(failure).filter(|count| **count > 0);
        count.map(|count| *count -= 1).is_some()
    }
}

/// The policies of the checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Checks {
    /// `[checks.pubsub-cross-instance]`.
    pub pubsub_cross_instance: PubsubPolicy,
    /// `[checks.horizontal-scaling-ready]`.
    pub horizontal_scaling_ready: ScalingPolicy,
}

/// When `pubsub-cross-instance` passes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PubsubPolicy {
    /// How much has to be backed.
    pub require: PathRequirement,
}

/// How many broadcast paths must be backed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathRequirement {
    /// Every path.
    #[default]
    EveryPath,
    /// One pub/sub integration is enough.
    AnyIntegration,
}

/// When `horizontal-scaling-ready` passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ScalingPolicy {
    /// Whether a number of shared types is enough.
    pub require: StateRequirement,
    /// That number.
    pub min_shared_types: usize,
    /// How the room table of an adapter counts.
    pub adapter_rooms: AdapterRooms,
}

impl Default for ScalingPolicy {
    fn default() -> Self {
        ScalingPolicy {
            require: StateRequirement::Threshold,
            min_shared_types: 2,
            adapter_rooms: AdapterRooms::Shared,
        }
    }
}

/// How much state must be shared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StateRequirement {
    /// `min-shared-types` types, or nothing held solely by a process.
    #[default]
    Threshold,
    /// Nothing may be held solely by a process.
    All,
}

/// How rooms behind a shared adapter count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AdapterRooms {
    /// As shared: every instance sees the membership.
    #[default]
    Shared,
    /// As in-process: nothing of it survives a restart.
    InProcess,
}

/// The declaration that only one instance ever runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SingleInstance {
    /// Why, in the project's words.
    pub reason: String,
    /// Where it is declared.
    pub location: Location,
}

/// The settings of a project cannot be used.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {file}")]
    #[diagnostic(code(crosscast::config::unreadable))]
    Unreadable {
        /// Relative to the root.
        file: Utf8PathBuf,
        /// Why.
        #[source]
        error: std::io::Error,
    },
    /// The file says something that means nothing.
    #[error("invalid settings: {message}")]
    #[diagnostic(code(crosscast::config::invalid))]
    Invalid {
        /// What is wrong.
        message: String,
        /// The file.
        #[source_code]
        source_code: NamedSource<String>,
        /// The place.
        #[label("here")]
        span: Option<SourceSpan>,
    },
}

/// The settings as written.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Written {
    checks: Checks,
    deployment: Option<WrittenDeployment>,
    rules: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct WrittenDeployment {
    #[serde(rename = "instances")]
    _instances: Instances,
    reason: String,
}

/// What `instances` may say. More than one instance is what every audit assumes, so there is no word for it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Instances {
    Single,
}

/// Reads the settings of a root; the defaults where there are none. `crosscast.toml` goes before `package.json`.
pub fn load(root: &Utf8Path) -> Result<Config, ConfigError> {
    let read = |name: &str| {
        let unreadable = |error| ConfigError::Unreadable { file: name.into(), error };
        let file = |text| ManifestFile { path: name.into(), text };
        read_optional(root, name).map(|text| text.map(file)).map_err(unreadable)
    };
    if let Some(file) = read(FILE_NAME)? {
        return parse_toml(root, &file);
    }
    match read("package.json")? {
        Some(file) => parse_package_json(root, &file),
        None => Ok(Config::default()),
    }
}

fn parse_toml(root: &Utf8Path, file: &ManifestFile) -> Result<Config, ConfigError> {
    let invalid = |error: &toml::de::Error| invalid(file, error.message().to_owned(), error.span());
    let written: Written = toml::from_str(&file.text).map_err(|error| invalid(&error))?;
    let offset =
        line_starting_with(&file.text, "[deployment]").or_else(|| line_starting_with(&file.text, "deployment"));
    accept(root, file, written, offset)
}

fn parse_package_json(root: &Utf8Path, file: &ManifestFile) -> Result<Config, ConfigError> {
    // A broken manifest is a problem of the audit, which the walk reports; it holds no settings.
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(&file.text) else { return Ok(Config::default()) };
    let Some(settings) = manifest.get("crosscast") else { return Ok(Config::default()) };
    let key = file.text.find("\"crosscast\"");
    let span = key.map(|start| start..start + "\"crosscast\"".len());
    let written: Written =
        serde_json::from_value(settings.clone()).map_err(|error| invalid(file, error.to_string(), span))?;
    let inside = key.and_then(|start| file.text[start..].find("\"deployment\"").map(|offset| start + offset));
    accept(root, file, written, inside)
}

/// Settings in force from settings as written; `deployment` is the offset of that table.
fn accept(
    root: &Utf8Path,
    file: &ManifestFile,
    written: Written,
    deployment: Option<usize>,
) -> Result<Config, ConfigError> {
    let place = deployment.unwrap_or_default();
    let single_instance = match written.deployment {
        Some(declared) if declared.reason.trim().is_empty() => {
            let message = "a single-instance deployment needs a `reason`".to_owned();
            return Err(invalid(file, message, Some(place..place + 1)));
        }
        Some(declared) => Some(SingleInstance { reason: declared.reason, location: line_at(file, place) }),
        None => None,
    };
    let rules = written.rules.iter().map(|folder| root.join(folder)).collect();
    Ok(Config { checks: written.checks, single_instance, rules, ..Config::default() })
}

fn invalid(file: &ManifestFile, message: String, span: Option<std::ops::Range<usize>>) -> ConfigError {
    let source_code = NamedSource::new(&file.path, file.text.clone());
    ConfigError::Invalid { message, source_code, span: span.map(SourceSpan::from) }
}

/// Offset of the first line that starts with `word`.
fn line_starting_with(text: &str, word: &str) -> Option<usize> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        if line.trim_start().starts_with(word) {
            return Some(offset + line.len() - line.trim_start().len());
        }
        offset += line.len();
    }
    None
}

/// From an offset to the end of its line.
fn line_at(file: &ManifestFile, offset: usize) -> Location {
    let (before, after) = file.text.split_at(offset);
    let line = before.matches('\n').count() as u32 + 1;
    let units = |text: &str| text.encode_utf16().count() as u32;
    let column = units(before.rsplit('\n').next().unwrap_or_default()) + 1;
    let rest = after.lines().next().unwrap_or_default();
    Location { file: file.path.clone(), line, column, end_line: line, end_column: column + units(rest.trim_end()) }
}

#[cfg(test)]
mod tests;

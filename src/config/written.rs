//! The settings as they are written, and the schema that editors complete and check them with.

use std::num::NonZeroU64;

use schemars::JsonSchema;
use serde::Deserialize;

use super::Checks;

/// Settings of crosscast: `crosscast.toml`, or the same keys under `"crosscast"` in `package.json`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default, rename_all = "kebab-case")]
#[schemars(title = "crosscast settings")]
pub(super) struct Written {
    /// Where editors find this schema.
    #[serde(rename = "$schema")]
    #[schemars(rename = "$schema")]
    pub(super) _schema: Option<String>,
    /// The declaration that one instance is all there will ever be.
    pub(super) deployment: Option<WrittenDeployment>,
    /// The policies of the checks.
    pub(super) checks: Checks,
    /// Folders with your own library rules, relative to the file with the settings.
    pub(super) rules: Vec<String>,
    /// Audit these files only. Patterns are those of `.gitignore`, relative to the file with the settings.
    pub(super) include: Vec<String>,
    /// Leave these files and folders out, deployment files too. Patterns are those of `.gitignore`.
    pub(super) exclude: Vec<String>,
    /// Files with more bytes than this are not read, but listed under `problems`. 5000000 where it is not given.
    pub(super) max_file_bytes: Option<NonZeroU64>,
}

/// The declaration that one instance is all there will ever be.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct WrittenDeployment {
    /// More than one instance is what every audit assumes, so there is no other word.
    #[serde(rename = "instances")]
    #[schemars(rename = "instances")]
    pub(super) _instances: WrittenInstances,
    /// Why there will never be a second one.
    #[schemars(length(min = 1))]
    pub(super) reason: String,
}

/// What `instances` may say.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WrittenInstances {
    /// Both checks are skipped, unless the repository says otherwise.
    Single,
}

/// The JSON Schema of the settings, ending in a line break. `docs/settings.schema.json` is this text.
pub fn schema() -> Result<String, serde_json::Error> {
    serde_json::to_string_pretty(&schemars::schema_for!(Written)).map(|text| text + "\n")
}

//! Settings: the policies of the checks, the declared deployment, and what to look at.
//!
//! They stand in the nearest `crosscast.toml` at or above the audited root, or under `"crosscast"` in the nearest
//! `package.json` that has that key.

mod baseline;
mod load;
mod written;

pub use baseline::{Baseline, Failure};
pub use load::{ConfigError, FILE_NAME, load, load_file};
pub use written::schema;

use camino::Utf8PathBuf;
use schemars::JsonSchema;
use serde::Deserialize;
use std::num::NonZeroUsize;

use crate::source::{Location, ProjectOptions};

/// Everything that steers an audit.
#[derive(Debug, Clone, Default)]
pub struct Config {
    /// The policies of the checks.
    pub checks: Checks,
    /// The declaration that only one instance ever runs.
    pub single_instance: Option<SingleInstance>,
    /// Folders with rules beside the built-in ones.
    pub rules: Vec<Utf8PathBuf>,
    /// Failures that do not count; none where there is no baseline at all.
    pub baseline: Option<Baseline>,
    /// What to look at.
    pub project: ProjectOptions,
    /// Lower every source file, not only what realtime values can reach.
    pub exhaustive: bool,
    /// Worker threads; one per core where none.
    pub threads: Option<NonZeroUsize>,
}

/// The policies of the checks.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Checks {
    /// Does every message reach every client when several instances run?
    pub pubsub_cross_instance: PubsubPolicy,
    /// Does realtime state survive outside one process?
    pub horizontal_scaling_ready: ScalingPolicy,
}

/// When `pubsub-cross-instance` passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PubsubPolicy {
    /// Whether the check runs at all; where it does not, its verdict is a skip.
    pub enabled: bool,
    /// How bad a failure is: what `--fail-on` compares.
    pub severity: Severity,
    /// How much has to be backed.
    pub require: PathRequirement,
}

impl Default for PubsubPolicy {
    fn default() -> Self {
        PubsubPolicy { enabled: true, severity: Severity::High, require: PathRequirement::EveryPath }
    }
}

/// How bad a failure of a check is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// `low`.
    Low,
    /// `high`.
    High,
}

/// How many broadcast paths must be backed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PathRequirement {
    /// Every path.
    #[default]
    EveryPath,
    /// One pub/sub integration is enough.
    AnyIntegration,
}

/// When `horizontal-scaling-ready` passes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ScalingPolicy {
    /// Whether the check runs at all; where it does not, its verdict is a skip.
    pub enabled: bool,
    /// How bad a failure is: what `--fail-on` compares.
    pub severity: Severity,
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
            enabled: true,
            severity: Severity::Low,
            require: StateRequirement::Threshold,
            min_shared_types: 2,
            adapter_rooms: AdapterRooms::Shared,
        }
    }
}

/// How much state must be shared.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum StateRequirement {
    /// `min-shared-types` types, or nothing held solely by a process.
    #[default]
    Threshold,
    /// Nothing may be held solely by a process.
    All,
}

/// How rooms behind a shared adapter count.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
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

#[cfg(test)]
mod tests;

//! The explanation of each check, kept as data in `rules/checks`.

use serde::Deserialize;

use super::{CHECKS, Check};

/// What `crosscast explain` prints, and what reports cite.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CheckText {
    /// The check's full id.
    pub id: String,
    /// Its short name.
    pub name: String,
    /// `low` or `high`.
    pub severity: String,
    /// One line.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// What the audit looks at.
    pub looks_for: String,
    /// When it passes, fails and is skipped.
    pub criteria: Vec<String>,
    /// One sentence of what to do.
    pub fix: String,
    /// What to do, with code.
    pub remediation: String,
    /// Further reading.
    pub references: Vec<String>,
}

/// The text of a check cannot be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the built-in text of `{check}` is broken")]
pub struct CheckTextError {
    /// The check's name.
    pub check: &'static str,
    /// What is wrong with it.
    #[source]
    pub error: toml::de::Error,
}

/// The texts of all checks, in the order of [`CHECKS`].
pub fn texts() -> Result<Vec<CheckText>, CheckTextError> {
    let read = |&check: &Check| {
        let text = match check {
            Check::PubsubCrossInstance => include_str!("../../rules/checks/pubsub-cross-instance.toml"),
            Check::HorizontalScalingReady => include_str!("../../rules/checks/horizontal-scaling-ready.toml"),
        };
        toml::from_str(text).map_err(|error| CheckTextError { check: check.name(), error })
    };
    CHECKS.iter().map(read).collect()
}

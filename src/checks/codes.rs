//! The words beside the checks that findings carry: defects, advisories, problems; explained in `rules/codes.toml`.

use serde::Deserialize;

/// The explanation of a word.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CodeText {
    /// The word as it stands in the report.
    pub code: String,
    /// Where it stands.
    pub kind: CodeKind,
    /// One line.
    pub title: String,
    /// Why it matters.
    pub why: String,
    /// One sentence of what to do.
    pub fix: String,
}

/// Where in the report a word stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum CodeKind {
    /// `defect` of a broadcast path.
    Defect,
    /// `code` of an advisory.
    Advisory,
    /// `kind` of a problem.
    Problem,
}

impl CodeKind {
    /// What the word names, for people.
    pub fn noun(self) -> &'static str {
        match self {
            CodeKind::Defect => "defect of an adapter or relay",
            CodeKind::Advisory => "advisory",
            CodeKind::Problem => "problem",
        }
    }
}

/// The built-in explanations cannot be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("the built-in explanations of codes are broken")]
pub struct CodeTextError(#[source] pub toml::de::Error);

/// The file's shape.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Codes {
    code: Vec<CodeText>,
}

/// All explanations: defects, advisories, problems.
pub fn codes() -> Result<Vec<CodeText>, CodeTextError> {
    let text = include_str!("../../rules/codes.toml");
    toml::from_str::<Codes>(text).map(|codes| codes.code).map_err(CodeTextError)
}

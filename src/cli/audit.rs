//! `crosscast [PATH]`: one audit, one report, one exit code.

use camino::{Utf8Path, Utf8PathBuf};

use super::arguments::{AuditArguments, FailOn};
use super::{Console, Outcome, Stop, reports};
use crate::config::{self, Baseline, Config};
use crate::report::{Report, Severity, Status};

/// Audits a folder and prints the report.
pub(super) fn run(arguments: &AuditArguments, console: &mut Console) -> Result<Outcome, Stop> {
    let config = settings(arguments)?;
    let audit = crate::audit::audit(&arguments.root, &config).map_err(Stop::diagnostic)?;
    reports::write(&audit, arguments, console)?;
    if arguments.strict && !audit.report.problems.is_empty() {
        return Err(Stop::diagnostic(StrictError { problems: audit.report.problems.len() }));
    }
    Ok(outcome(&audit.report, arguments.fail_on))
}

/// `--strict` was given, and something could not be read.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("{problems} {} left out of the audit", if *.problems == 1 { "file or part was" } else { "files or parts were" })]
#[diagnostic(code(crosscast::strict), help("the report lists them under `problems`"))]
struct StrictError {
    problems: usize,
}

/// The baseline cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum BaselineError {
    #[error("cannot read the baseline {file}")]
    #[diagnostic(code(crosscast::baseline))]
    Unreadable { file: Utf8PathBuf, source: std::io::Error },
    #[error("the baseline {file} is no report of this version")]
    #[diagnostic(code(crosscast::baseline), help("write one with `crosscast --format json`"))]
    NoReport { file: Utf8PathBuf, source: serde_json::Error },
}

/// The failures that an earlier report names.
fn baseline(file: &Utf8Path) -> Result<Baseline, BaselineError> {
    let unreadable = |source| BaselineError::Unreadable { file: file.to_owned(), source };
    let text = std::fs::read_to_string(file).map_err(unreadable)?;
    let no_report = |source| BaselineError::NoReport { file: file.to_owned(), source };
    serde_json::from_str(&text).map(|report: Report| report.to_baseline()).map_err(no_report)
}

/// The settings of the root, and those of the command line on top.
fn settings(arguments: &AuditArguments) -> Result<Config, Stop> {
    let mut config = config::load(&arguments.root).map_err(Stop::diagnostic)?;
    config.rules.extend(arguments.rules.iter().cloned());
    config.project.include_tests = arguments.include_tests;
    config.threads = arguments.threads;
    config.exhaustive = arguments.exhaustive;
    if let Some(file) = &arguments.baseline {
        config.baseline = baseline(file).map_err(Stop::diagnostic)?;
    }
    Ok(config)
}

/// What the verdicts mean for the exit code.
fn outcome(report: &Report, fail_on: FailOn) -> Outcome {
    let counts = |severity| match fail_on {
        FailOn::Low => true,
        FailOn::High => severity == Severity::High,
        FailOn::Never => false,
    };
    let failed = report.checks.iter().any(|check| check.status == Status::Fail && counts(check.severity));
    if failed { Outcome::ChecksFailed } else { Outcome::Success }
}

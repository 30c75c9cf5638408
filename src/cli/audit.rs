//! `crosscast [PATH]`: one audit, one report, one exit code.

use super::arguments::{AuditArguments, FailOn};
use super::baseline::KnownFailures;
use super::{Console, Outcome, Stop, progress, reports};
use crate::audit;
use crate::config::{self, Config};
use crate::report::{Report, Severity, Status};

/// Audits a folder and prints the report.
pub(super) fn run(arguments: &AuditArguments, console: &mut Console) -> Result<Outcome, Stop> {
    let mut config = settings(arguments)?;
    let known = arguments.baseline.as_deref().map(KnownFailures::read).transpose()?;
    if let Some(known) = &known {
        config.baseline = known.or_all(arguments, &config)?;
    }
    let run = |watch: audit::Watch| audit::audit_watched(&arguments.root, &config, watch);
    let audit = progress::shown(console.shows_progress, run).map_err(Stop::diagnostic)?;
    if let Some(known) = &known {
        known.follow(arguments, &audit.report, console)?;
    }
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

/// The settings of the root, and those of the command line on top.
fn settings(arguments: &AuditArguments) -> Result<Config, Stop> {
    let found = match &arguments.config {
        Some(file) => config::load_file(file),
        None => config::load(&arguments.root),
    };
    let mut config = found.map_err(Stop::diagnostic)?;
    config.rules.extend(arguments.rules.iter().cloned());
    config.project.include_tests = arguments.include_tests;
    config.threads = arguments.threads;
    config.exhaustive = arguments.exhaustive;
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

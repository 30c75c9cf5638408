//! The audit as a whole: the one place that names every stage.

use camino::Utf8Path;
use miette::Diagnostic;
use thiserror::Error;

use crate::checks::{self, Case};
use crate::config::Config;
use crate::deployment;
use crate::pending::{ReadError, analyze, build, read_project, solve};
use crate::report::{self, Report};
use crate::rules::{self, RuleError};
use crate::source::{Project, read_manifests};

/// The outcome of an audit.
#[derive(Debug)]
pub struct Audit {
    /// What was read; snippets come from it.
    pub project: Project,
    /// What was found.
    pub report: Report,
}

/// Why an audit cannot start. Once it runs, everything that is wrong with the audited code is a problem in the report.
#[derive(Debug, Error, Diagnostic)]
pub enum AuditError {
    /// The root cannot be read.
    #[error(transparent)]
    #[diagnostic(code(crosscast::root))]
    Root(#[from] ReadError),
    /// Rule files are wrong.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Rules(#[from] RuleError),
    /// The worker threads cannot be started.
    #[error("cannot start {threads} worker threads")]
    #[diagnostic(code(crosscast::threads))]
    Threads {
        /// How many were asked for.
        threads: usize,
        /// Why.
        #[source]
        error: rayon::ThreadPoolBuildError,
    },
}

/// Audits the folder `root`.
pub fn audit(root: &Utf8Path, config: &Config) -> Result<Audit, AuditError> {
    let Some(threads) = config.threads else { return run(root, config) };
    let threads = threads.get();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    pool.map_err(|error| AuditError::Threads { threads, error })?.install(|| run(root, config))
}

/// Every stage, in order.
fn run(root: &Utf8Path, config: &Config) -> Result<Audit, AuditError> {
    let rules = rules::load(&config.rules)?;
    let (project, mut problems) = read_project(root, &config.project)?;
    let mut noting = |found| problems.extend(found);

    let (graph, found) = build(&project, &rules);
    noting(found);
    let (flow, found) = solve(&project, &graph, &rules);
    noting(found);
    let (mut realtime, found) = analyze(&project, &flow, &rules);
    noting(found);
    checks::accept_baseline(&project, &graph, &mut realtime, &config.baseline);
    let (manifests, found) = read_manifests(root, &config.project);
    noting(found);
    let (evidence, found) = deployment::read(&manifests);
    noting(found);

    let case = Case { project: &project, graph: &graph, realtime: &realtime, evidence: &evidence, config };
    let judgement = checks::judge(case);
    let report = report::build(report::Inputs { case, judgement: &judgement, problems });
    Ok(Audit { project, report })
}

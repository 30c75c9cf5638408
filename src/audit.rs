//! The audit as a whole: the one place that names every stage.

use camino::Utf8Path;
use miette::Diagnostic;
use std::collections::BTreeSet;
use thiserror::Error;

use crate::checks::{self, Case};
use crate::config::Config;
use crate::deployment;
use crate::flow::{self, ProjectVersions};
use crate::modules::{self, LoweredFiles, Selection, resolve::Resolver};
use crate::realtime;
use crate::report::{self, Report, TemplateError, Templates};
use crate::rules::{self, RuleError, RuleSet, Vocabulary};
use crate::source::{ManifestSelection, Problem, ProblemKind, Project, ReadError, read_manifests, read_project};

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
    /// The vocabulary that crosscast brings along is wrong.
    #[error("the built-in vocabulary does not load")]
    Vocabulary(#[source] &'static RuleError),
    /// The remedies that crosscast brings along are wrong.
    #[error("the built-in remedies do not load")]
    Remedies(#[source] &'static TemplateError),
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

/// What an audit is at, for those who wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Files are read.
    Reading,
    /// Files that matter are parsed.
    Parsing,
    /// Values are followed.
    Following,
    /// Broadcasts, state and deployment are looked for.
    Judging,
}

impl Stage {
    /// All stages, in order.
    pub const ALL: [Stage; 4] = [Stage::Reading, Stage::Parsing, Stage::Following, Stage::Judging];

    /// What happens, in a few words.
    pub fn doing(self) -> &'static str {
        match self {
            Stage::Reading => "reading files",
            Stage::Parsing => "parsing what realtime code can reach",
            Stage::Following => "following values",
            Stage::Judging => "looking for broadcasts and state",
        }
    }
}

/// Told of each stage when it begins.
pub type Watch<'w> = &'w (dyn Fn(Stage) + Sync);

/// Audits the folder `root`.
pub fn audit(root: &Utf8Path, config: &Config) -> Result<Audit, AuditError> {
    in_pool(root, config, &LoweredFiles::default(), &|_| ())
}

/// Audits the folder `root`, and says how far it is.
pub fn audit_watched(root: &Utf8Path, config: &Config, watch: Watch) -> Result<Audit, AuditError> {
    in_pool(root, config, &LoweredFiles::default(), watch)
}

/// Audits the folder `root` again: files whose text was lowered by the audit before are not parsed. The outcome is
/// that of [`audit`].
pub fn audit_again(root: &Utf8Path, config: &Config, before: &LoweredFiles) -> Result<Audit, AuditError> {
    in_pool(root, config, before, &|_| ())
}

/// With as many threads as the settings ask for.
fn in_pool(root: &Utf8Path, config: &Config, before: &LoweredFiles, watch: Watch) -> Result<Audit, AuditError> {
    let Some(threads) = config.threads else { return run(root, config, before, watch) };
    let threads = threads.get();
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
    let pool = pool.map_err(|error| AuditError::Threads { threads, error })?;
    pool.install(|| run(root, config, before, watch))
}

/// Every stage, in order.
fn run(root: &Utf8Path, config: &Config, before: &LoweredFiles, watch: Watch) -> Result<Audit, AuditError> {
    watch(Stage::Reading);
    let rules = rules::load(&config.rules)?;
    let vocabulary = Vocabulary::builtin().map_err(AuditError::Vocabulary)?;
    let templates = Templates::builtin().map_err(AuditError::Remedies)?;
    let (project, mut problems) = read_project(root, &config.project)?;
    let mut noting = |found: Vec<Problem>| problems.extend(found);

    let (resolver, found) = Resolver::new(&project);
    noting(found);
    let keywords: Vec<String> = rules.keywords().map(str::to_owned).collect();
    let is_seed = |package: &str| rules.seeds(package);
    let selection = Selection { is_seed: &is_seed, keywords: &keywords, all: config.exhaustive };
    watch(Stage::Parsing);
    let (graph, found) = modules::build(&project, &resolver, &selection, before);
    noting(found);
    let versions = ProjectVersions { project: &project, graph: &graph };
    watch(Stage::Following);
    let (flow, complete) = flow::solve(&graph, &rules, &versions);
    if !complete {
        noting(vec![limit_reached()]);
    }
    watch(Stage::Judging);
    let (mut realtime, found) = realtime::analyze(&project, &flow, vocabulary);
    noting(found);
    let selection =
        ManifestSelection { wanted: &deployment::is_manifest, skipped_folders: deployment::skipped_folders() };
    let (manifests, found) = read_manifests(&project.root, &config.project, &selection);
    noting(found);
    let services = checks::service_facts(&project, &graph, &realtime);
    let (mut evidence, found) = deployment::read(&project, &services, &manifests);
    evidence.extend(checks::fork_evidence(&project, &graph, &realtime));
    evidence.sort();
    noting(found);

    let baseline = config.baseline.as_ref();
    let baseline = baseline.map(|known| checks::accept_baseline(&project, &graph, &mut realtime, known));

    let case = Case { project: &project, graph: &graph, realtime: &realtime, evidence: &evidence, config };
    let judgement = checks::judge(case);
    let baseline = baseline.as_ref();
    let packages = known_packages(&project, &rules);
    let inputs = report::Inputs { case, judgement: &judgement, baseline, problems, templates, packages };
    let report = report::build(inputs);
    Ok(Audit { project, report })
}

/// The packages that the project depends on and that are a reason to look for realtime code, sorted.
fn known_packages(project: &Project, rules: &RuleSet) -> Vec<String> {
    let named = project.packages.iter().flat_map(|package| package.dependencies.keys());
    let known: BTreeSet<&String> = named.filter(|name| rules.seeds(name)).collect();
    known.into_iter().cloned().collect()
}

/// The solver stopped within its bounds.
fn limit_reached() -> Problem {
    Problem {
        file: camino::Utf8PathBuf::new(),
        line: None,
        kind: ProblemKind::LimitReached,
        message: "the value flow stopped at its limit; values that travel far may be missing".to_owned(),
    }
}

//! What a report says of single places, as the formats for other programs need it: a rule, a level, a place, a sentence.

use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

use super::words;
use crate::report::{
    Advisory, BroadcastPath, CheckResult, Classification, Problem, Reach, Report, Scope, Severity, StateStore,
    Status, StoreClass, Suppressed,
};

/// How bad a finding is. The order is from bad to harmless.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// It fails a check of high severity.
    Error,
    /// It fails a check of low severity, or is an advisory or a problem.
    Warning,
    /// It fails nothing under the present policy.
    Note,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Subject<'r> {
    /// A broadcast that other instances miss.
    Path(&'r BroadcastPath),
    /// State that one process keeps for itself.
    Store(&'r StateStore),
    /// Something that is wired up, but wrong.
    Advisory(&'r Advisory),
    /// Something that was left out of the audit.
    Problem(&'r Problem),
}

/// One statement about one place.
#[derive(Debug, Clone)]
pub(crate) struct Finding<'r> {
    /// The check's name, the advisory's code or the problem's kind.
    pub(crate) rule: &'r str,
    /// How bad it is.
    pub(crate) level: Level,
    /// One sentence without its full stop.
    pub(crate) message: String,
    /// What it is about.
    pub(crate) subject: Subject<'r>,
    /// The same for the same code in later versions of the file; unique within a report.
    pub(crate) fingerprint: String,
}

/// Where a finding stands; lines and columns as in the report, columns only where the place is exact.
#[derive(Debug, Clone, Copy)]
pub(crate) struct At<'r> {
    /// The file, relative to the audited root; empty where the whole audit is meant.
    pub(crate) file: &'r str,
    /// First and last line.
    pub(crate) lines: (u32, u32),
    /// First column, and the column after the last character.
    pub(crate) columns: Option<(u32, u32)>,
}

impl<'r> Finding<'r> {
    /// Where it stands.
    pub(crate) fn at(&self) -> At<'r> {
        let location = match self.subject {
            Subject::Path(path) => &path.location,
            Subject::Store(store) => &store.location,
            Subject::Advisory(advisory) => &advisory.location,
            Subject::Problem(problem) => {
                let line = problem.line.unwrap_or(1);
                return At { file: &problem.file, lines: (line, line), columns: None };
            }
        };
        At {
            file: &location.file,
            lines: (location.line, location.end_line),
            columns: Some((location.column, location.end_column)),
        }
    }

    /// Why it does not count.
    pub(crate) fn suppressed(&self) -> Option<&'r Suppressed> {
        match self.subject {
            Subject::Path(path) => path.suppressed.as_ref(),
            Subject::Store(store) => store.suppressed.as_ref(),
            Subject::Advisory(_) | Subject::Problem(_) => None,
        }
    }
}

/// All findings in the order of their place in the report: broadcasts, state, advisories, problems. Suppressed ones
/// are among them.
pub(crate) fn all(report: &Report) -> Vec<Finding<'_>> {
    let verdicts = Verdicts::new(report);
    let paths = report.broadcast_paths.iter().filter_map(|path| verdicts.path(path));
    let stores = report.state_stores.iter().filter_map(|store| verdicts.store(store));
    let advisories = report.advisories.iter().map(|advisory| Finding {
        rule: &advisory.code,
        level: Level::Warning,
        message: trimmed(&advisory.message),
        fingerprint: fingerprint(&[&advisory.code, &advisory.location.file, &advisory.message]),
        subject: Subject::Advisory(advisory),
    });
    let problems = report.problems.iter().map(|problem| Finding {
        rule: problem.kind.word(),
        level: Level::Warning,
        message: trimmed(&problem.message),
        fingerprint: fingerprint(&[problem.kind.word(), &problem.file, &problem.message]),
        subject: Subject::Problem(problem),
    });
    let mut findings: Vec<Finding> = paths.chain(stores).chain(advisories).chain(problems).collect();
    number_alike(&mut findings);
    findings
}

/// Those that count, the worst first.
pub(crate) fn counted(report: &Report) -> Vec<Finding<'_>> {
    let mut findings = all(report);
    findings.retain(|finding| finding.suppressed().is_none());
    findings.sort_by_key(|finding| finding.level);
    findings
}

/// Per id of a path or store: the check that names it, and how bad that is.
struct Verdicts<'r> {
    of: FxHashMap<&'r str, (&'r CheckResult, Level)>,
    /// The checks by what they count: paths, state.
    checks: [Option<&'r CheckResult>; 2],
}

impl<'r> Verdicts<'r> {
    fn new(report: &'r Report) -> Self {
        let mut of = FxHashMap::default();
        let services = report.services.iter().flat_map(|service| &service.checks);
        for check in services.chain(&report.checks) {
            let level = failing(check);
            for id in &check.findings {
                of.insert(id.as_str(), (check, level));
            }
            for id in &check.warnings {
                of.entry(id.as_str()).or_insert((check, Level::Note));
            }
        }
        let of_kind = |is_paths: bool| {
            report.checks.iter().find(|check| matches!(check.counts, crate::report::Counts::Paths(_)) == is_paths)
        };
        Verdicts { of, checks: [of_kind(true), of_kind(false)] }
    }

    /// The check that names an item, or would name it if it were not suppressed.
    fn of(&self, id: &str, kind: usize, is_suppressed: bool) -> Option<(&'r CheckResult, Level)> {
        let suppressed = || self.checks[kind].filter(|_| is_suppressed).map(|check| (check, failing(check)));
        self.of.get(id).copied().or_else(suppressed)
    }

    fn path(&self, path: &'r BroadcastPath) -> Option<Finding<'r>> {
        if path.classification == Classification::PubsubBacked {
            return None;
        }
        let (check, level) = self.of(&path.id, 0, path.suppressed.is_some())?;
        Some(Finding {
            rule: &check.name,
            level,
            message: format!("{}{}", path_message(path), worst_trigger(path)),
            fingerprint: path.fingerprint.clone(),
            subject: Subject::Path(path),
        })
    }

    fn store(&self, store: &'r StateStore) -> Option<Finding<'r>> {
        if store.classification == StoreClass::Shared {
            return None;
        }
        let (check, level) = self.of(&store.id, 1, store.suppressed.is_some())?;
        Some(Finding {
            rule: &check.name,
            level,
            message: store_message(store),
            fingerprint: store.fingerprint.clone(),
            subject: Subject::Store(store),
        })
    }
}

/// How bad a failure of a check is.
fn failing(check: &CheckResult) -> Level {
    match check.severity {
        Severity::High => Level::Error,
        Severity::Low => Level::Warning,
    }
}

/// Who misses a message, and why.
fn path_message(path: &BroadcastPath) -> String {
    let event = path.event.as_ref().map_or("this message".to_owned(), |event| format!("`{event}`"));
    let elsewhere = if path.reach == Reach::Host { "another host" } else { "another instance" };
    let missed = match path.scope {
        Scope::All | Scope::Others => format!("clients of {elsewhere} miss"),
        Scope::Room => format!("members of the room on {elsewhere} miss"),
        Scope::Peer => format!("a client of {elsewhere} misses"),
    };
    let how = format!("{} {} {}", path.transport, path.operation, words::whom(path.scope));
    format!("{missed} {event} ({how}): {}", words::reason(path))
}

/// What a finding says where the places that matter are shown beside it.
pub(crate) fn headline(finding: &Finding) -> String {
    match finding.subject {
        Subject::Path(path) => path_message(path),
        _ => finding.message.clone(),
    }
}

/// The trigger that decides, in a few words.
fn worst_trigger(path: &BroadcastPath) -> String {
    let worst = path.triggers.iter().filter(|trigger| trigger.reach < Reach::Cluster).min_by_key(|each| each.reach);
    worst.map(|trigger| format!("; runs on {}", words::trigger(trigger))).unwrap_or_default()
}

/// What is lost with a store.
fn store_message(store: &StateStore) -> String {
    format!(
        "{} in {} `{}` lives {}: a restart loses it and other instances do not see it",
        words::types(store),
        store.container,
        store.name,
        words::lives(store)
    )
}

/// A sentence that another text goes on from.
fn trimmed(sentence: &str) -> String {
    sentence.trim().trim_end_matches('.').to_owned()
}

/// 64-bit FNV-1a, which is the same on every system and in every version
/// (<https://datatracker.ietf.org/doc/html/draft-eastlake-fnv>). Parts are told apart by a byte that no text holds.
fn fingerprint(parts: &[&str]) -> String {
    let mut hash: u64 = 0xcbf2_9ce4_8422_2325;
    let bytes = parts.iter().flat_map(|part| part.bytes().chain([0xff]));
    for byte in bytes {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
    }
    format!("{hash:016x}")
}

/// The same code in the same file several times: the second and later ones are told apart by their number.
fn number_alike(findings: &mut [Finding]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for finding in findings {
        let count = seen.entry(finding.fingerprint.clone()).or_default();
        *count += 1;
        if *count > 1 {
            finding.fingerprint = format!("{}-{count}", finding.fingerprint);
        }
    }
}

/// `FAIL pubsub-cross-instance: …`, for logs.
pub(crate) fn verdict_line(check: &CheckResult) -> String {
    let status = match check.status {
        Status::Fail => "FAIL",
        Status::Pass => "PASS",
        Status::Skip => "SKIP",
    };
    format!("{status} {}: {}", check.name, check.detail)
}

//! Baselines: an earlier report, or the small file that `--update-baseline` keeps.

use serde::{Deserialize, Serialize};

use super::{Classification, KnownFailure, Report, StateType, StoreClass, Suppressed, SuppressedBy};
use crate::checks::{CHECKS, Check};
use crate::config::{Baseline, Failure};

/// The version of the small file.
const BASELINE_VERSION: u32 = 1;

/// The small file: the accepted failures and nothing else, in order, so that its changes read well in a review.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BaselineFile {
    crosscast_baseline: u32,
    failures: Vec<KnownFailure>,
}

/// Reads a baseline of either form.
pub fn read_baseline(text: &str) -> Result<Baseline, serde_json::Error> {
    let value: serde_json::Value = serde_json::from_str(text)?;
    if value.get("crosscastBaseline").is_some() {
        let file: BaselineFile = serde_json::from_value(value)?;
        return Ok(file.failures.into_iter().map(Failure::from).collect());
    }
    serde_json::from_value(value).map(|report: Report| report.failures().into_iter().map(Failure::from).collect())
}

/// The small file with these failures, ending in a line break.
pub fn write_baseline(mut failures: Vec<KnownFailure>) -> Result<String, serde_json::Error> {
    failures.sort();
    let file = BaselineFile { crosscast_baseline: BASELINE_VERSION, failures };
    serde_json::to_string_pretty(&file).map(|text| text + "\n")
}

impl Report {
    /// The failures of this report, those that it accepted from a baseline of its own included.
    pub fn failures(&self) -> Vec<KnownFailure> {
        let counts = |suppressed: &Option<Suppressed>| {
            suppressed.as_ref().is_none_or(|suppressed| suppressed.by == SuppressedBy::Baseline)
        };
        self.failures_where(counts)
    }

    /// The failures that this report accepted from its baseline: what is left of it.
    pub fn accepted(&self) -> Vec<KnownFailure> {
        self.failures_where(|suppressed| {
            suppressed.as_ref().is_some_and(|suppressed| suppressed.by == SuppressedBy::Baseline)
        })
    }

    fn failures_where(&self, wanted: impl Fn(&Option<Suppressed>) -> bool) -> Vec<KnownFailure> {
        let failure =
            |check: Check, file: &str, code: &str, function: &Option<String>, fingerprint: &str| KnownFailure {
                check: check.name().to_owned(),
                file: file.to_owned(),
                code: code.to_owned(),
                function: function.clone(),
                fingerprint: fingerprint.to_owned(),
            };
        let [path_check, store_check] = CHECKS;
        let paths = self.broadcast_paths.iter();
        let paths =
            paths.filter(|path| path.classification == Classification::InProcess && wanted(&path.suppressed));
        let paths = paths
            .map(|path| failure(path_check, &path.location.file, &path.code, &path.function, &path.fingerprint));
        let stores = self.state_stores.iter().filter(|store| {
            store.classification != StoreClass::Shared
                && (store.state_type != StateType::Connections || !store.also_types.is_empty())
                && !store.covered
                && wanted(&store.suppressed)
        });
        let stores = stores.map(|store| {
            failure(store_check, &store.location.file, &store.name, &store.function, &store.fingerprint)
        });
        paths.chain(stores).collect()
    }
}

impl From<KnownFailure> for Failure {
    fn from(known: KnownFailure) -> Self {
        let KnownFailure { check, file, code, function, fingerprint } = known;
        Failure { check, file, code, function: function.unwrap_or_default(), fingerprint }
    }
}

impl From<&Failure> for KnownFailure {
    fn from(failure: &Failure) -> Self {
        let Failure { check, file, code, function, fingerprint } = failure.clone();
        KnownFailure { check, file, code, function: Some(function).filter(|name| !name.is_empty()), fingerprint }
    }
}

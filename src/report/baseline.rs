//! An earlier report as a baseline: what failed then is accepted now.

use super::{Classification, Report, StoreClass, Suppressed, SuppressedBy};
use crate::config::{Baseline, Failure};

impl Report {
    /// The failures of this report, those that it accepted from a baseline of its own included.
    pub fn to_baseline(&self) -> Baseline {
        let counts = |suppressed: &Option<Suppressed>| {
            suppressed.as_ref().is_none_or(|suppressed| suppressed.by == SuppressedBy::Baseline)
        };
        let paths = self.broadcast_paths.iter();
        let paths =
            paths.filter(|path| path.classification == Classification::InProcess && counts(&path.suppressed));
        let stores = self.state_stores.iter();
        let stores = stores.filter(|store| store.classification != StoreClass::Shared && counts(&store.suppressed));
        let paths = paths.map(|path| Failure::Path { file: path.location.file.clone(), code: path.code.clone() });
        let stores =
            stores.map(|store| Failure::Store { file: store.location.file.clone(), name: store.name.clone() });
        paths.chain(stores).collect()
    }
}

//! `// crosscast-ignore CHECK: reason` (SPEC section 6).

use super::advisories::about_comment;
use super::model::{Place, Realtime, Suppression};
use crate::flow::ValueFlow;
use crate::modules::ModuleId;
use crate::source::{Project, Span};

/// The name of the check that judges broadcast paths.
const PATHS: &str = "pubsub-cross-instance";
/// The name of the check that judges state stores.
const STORES: &str = "horizontal-scaling-ready";

/// A directive, read.
struct Ignore {
    place: Place,
    check: String,
    reason: String,
    last_line: u32,
}

/// Marks what comments suppress, and reports comments that suppress nothing or give no reason.
pub(crate) fn apply(project: &Project, flow: &ValueFlow, realtime: &mut Realtime) {
    for module in flow.graph.ids() {
        for ignore in directives(project, flow, module) {
            if ignore.reason.is_empty() {
                let message = format!("This ignores {} without a reason, and is not followed.", ignore.check);
                realtime.advisories.push(about_comment("suppression-without-reason", message, ignore.place, None));
                continue;
            }
            if !suppress(project, flow, realtime, &ignore) {
                let message = format!("Nothing here for {} to ignore.", ignore.check);
                realtime.advisories.push(about_comment("unused-suppression", message, ignore.place, None));
            }
        }
    }
}

fn directives(project: &Project, flow: &ValueFlow, module: ModuleId) -> Vec<Ignore> {
    let file = flow.graph.module(module).file;
    let read = |text: &str, span: Span| {
        let rest = text.trim().strip_prefix("ignore")?.trim();
        let (check, reason) = rest.split_once(':').unwrap_or((rest, ""));
        let reason = reason.trim().trim_end_matches("*/").trim();
        Some(Ignore {
            place: Place { module, span },
            check: check.trim().trim_end_matches("*/").trim().to_owned(),
            reason: reason.to_owned(),
            last_line: project.location(file, span).end_line,
        })
    };
    flow.facts(module).directives.iter().filter_map(|each| read(&each.text, each.span)).collect()
}

/// Whether the comment suppresses anything: items that begin on its line or on the line below.
fn suppress(project: &Project, flow: &ValueFlow, realtime: &mut Realtime, ignore: &Ignore) -> bool {
    let hits = |place: Place| {
        if place.module != ignore.place.module {
            return false;
        }
        let file = flow.graph.module(place.module).file;
        let line = project.location(file, place.span).line;
        line == ignore.last_line || line == ignore.last_line + 1
    };
    let reason = || Suppression::Comment(ignore.reason.clone());
    let mut used = false;
    if ignore.check == PATHS {
        for path in realtime.paths.iter_mut().filter(|path| hits(path.place)) {
            path.suppressed.get_or_insert_with(reason);
            used = true;
        }
    }
    if ignore.check == STORES {
        for store in realtime.stores.iter_mut().filter(|store| hits(store.place)) {
            store.suppressed.get_or_insert_with(reason);
            used = true;
        }
    }
    used
}

//! What is known of the broadcast, store or endpoint under the cursor.

use lsp_types::{Hover, HoverContents, MarkupContent, MarkupKind, Position, Range};

use super::positions::overlap;
use super::snapshot::Snapshot;
use crate::output::words;
use crate::report::{BroadcastPath, Classification, Evidence, Location, Remedy, StateStore, Trigger};

/// Triggers and reasons that are listed.
const LISTED: usize = 8;

/// The hover at a position of a file of the report.
pub(super) fn at(snapshot: &Snapshot, file: &str, position: Position) -> Option<Hover> {
    let lines = snapshot.lines(file);
    let here = Range { start: position, end: position };
    let is_here = |location: &Location| overlap(&lines.range(location), &here);
    let path = snapshot.paths_in(file).filter(|path| is_here(&path.location)).last();
    if let Some(path) = path {
        return Some(hover(of_path(snapshot, path), lines.range(&path.location)));
    }
    if let Some(store) = snapshot.stores_in(file).find(|store| is_here(&store.location)) {
        return Some(hover(of_store(snapshot, store), lines.range(&store.location)));
    }
    let endpoints = snapshot.endpoints_in(file);
    let endpoint = endpoints.iter().find(|endpoint| endpoint.line == position.line + 1)?;
    let text = of_endpoint(&endpoint.paths);
    Some(hover(text, Range { start: lines.position(endpoint.line, 1), end: position }))
}

fn hover(value: String, range: Range) -> Hover {
    let contents = HoverContents::Markup(MarkupContent { kind: MarkupKind::Markdown, value });
    Hover { contents, range: Some(range) }
}

fn of_path(snapshot: &Snapshot, path: &BroadcastPath) -> String {
    let event = path.event.as_ref().map(|event| format!(" {}", code(event))).unwrap_or_default();
    let mut text = format!(
        "**Broadcast {}** · {} {}{event} {}\n\n",
        path.classification.word(),
        path.transport,
        path.operation,
        words::whom(path.scope)
    );
    text += &match path.classification {
        Classification::InProcess => format!("{}.", words::capitalised(&words::reason(path))),
        Classification::PubsubBacked => format!("{}.", words::capitalised(&words::outcome(path))),
    };
    if path.classification == Classification::InProcess {
        text += &words::suppressed(path.suppressed.as_ref());
    }
    text += &format!("\n\nConfidence: {}\n", path.confidence.word());
    text += &triggers(snapshot, &path.triggers);
    text += &evidence(snapshot, &path.evidence);
    if path.classification == Classification::InProcess && path.suppressed.is_none() {
        text += &remedy(snapshot.remedy(&path.id));
    }
    text
}

fn of_store(snapshot: &Snapshot, store: &StateStore) -> String {
    let mut text = format!(
        "**State: {}** · {} {}\n\nLives {}{}.\n\nConfidence: {}\n",
        words::types(store),
        store.container,
        code(&store.name),
        words::lives(store),
        words::suppressed(store.suppressed.as_ref()),
        store.confidence.word()
    );
    text += &evidence(snapshot, &store.evidence);
    if store.suppressed.is_none() {
        text += &remedy(snapshot.remedy(&store.id));
    }
    text
}

/// How many paths go through an endpoint, and how far they get.
pub(super) fn of_endpoint(paths: &[&BroadcastPath]) -> String {
    let local = paths.iter().filter(|path| path.classification == Classification::InProcess).count();
    let noun = if paths.len() == 1 { "broadcast" } else { "broadcasts" };
    format!("{} {noun}, {local} in-process", paths.len())
}

fn triggers(snapshot: &Snapshot, triggers: &[Trigger]) -> String {
    let mut text = String::new();
    for trigger in triggers.iter().take(LISTED) {
        text += &format!("\n- runs on {} ({})", words::trigger(trigger), link(snapshot, &trigger.location));
        for frame in &trigger.trace {
            text += &format!(" → {} ({})", frame.function, link(snapshot, &frame.location));
        }
    }
    text + &more(triggers.len())
}

fn evidence(snapshot: &Snapshot, evidence: &[Evidence]) -> String {
    let mut text = String::new();
    for each in evidence.iter().take(LISTED) {
        text += &format!("\n- {} ({})", each.what, link(snapshot, &each.location));
    }
    text + &more(evidence.len())
}

fn more(all: usize) -> String {
    if all > LISTED { format!("\n- … and {} more", all - LISTED) } else { String::new() }
}

fn remedy(remedy: Option<&Remedy>) -> String {
    let Some(remedy) = remedy else { return String::new() };
    let mut text = format!("\n\n**What to do**: {}", remedy.title);
    for part in [&remedy.text].into_iter().flatten() {
        text += &format!("\n\n{part}");
    }
    if let Some(install) = &remedy.install {
        text += &format!("\n\n```sh\n{install}\n```");
    }
    if let Some(code) = &remedy.code {
        text += &format!("\n\n```js\n{code}\n```");
    }
    text
}

/// `file:line`, as a link where the editor makes one of it.
fn link(snapshot: &Snapshot, location: &Location) -> String {
    let name = words::place(location);
    match snapshot.uri(&location.file) {
        Some(uri) => format!("[{name}]({}#L{})", uri.as_str(), location.line),
        None => name,
    }
}

fn code(text: &str) -> String {
    if text.contains('`') { format!("`` {text} ``") } else { format!("`{text}`") }
}

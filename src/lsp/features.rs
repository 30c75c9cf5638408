//! Code actions, code lenses and document links.

use lsp_types::{
    CodeAction, CodeActionContext, CodeActionKind, CodeActionOrCommand, CodeLens, Command, Diagnostic,
    DocumentLink, Position, Range, TextEdit, Uri, WorkspaceEdit,
};
use std::collections::BTreeMap;
use std::str::FromStr;

use super::positions::overlap;
use super::snapshot::{Snapshot, id_of};
use super::{diagnostics, hover};
use crate::output::findings::{Finding, Subject};
use crate::report::{Evidence, Location, Remedy};

/// Reasons that a suppression can have, of paths and of stores; the author changes them where neither fits.
const PATH_REASONS: [&str; 2] = [
    "the message is meant for the clients of this instance only",
    "one instance serves everybody who can get this message",
];
const STORE_REASONS: [&str; 2] =
    ["this state may be lost on a restart", "each instance keeps this for its own clients"];

/// What can be done about the findings in a range. `is_current` says whether a file is as it was audited: insertions
/// into another text would go astray.
pub(super) fn actions(
    snapshot: &Snapshot,
    file: &str,
    range: Range,
    context: &CodeActionContext,
    is_current: &dyn Fn(&str) -> bool,
) -> Vec<CodeActionOrCommand> {
    let wanted = |kind: &CodeActionKind| {
        let only = context.only.as_ref();
        only.is_none_or(|only| only.iter().any(|each| kind.as_str().starts_with(each.as_str())))
    };
    if !wanted(&CodeActionKind::QUICKFIX) || !is_current(file) {
        return Vec::new();
    }
    let all = diagnostics::of(snapshot).remove(file).unwrap_or_default();
    let mut actions = Vec::new();
    for finding in snapshot.findings().iter().filter(|finding| finding.at().file == file) {
        let Some(id) = id_of(finding) else { continue };
        let place = snapshot.range(finding);
        if !overlap(&place, &range) {
            continue;
        }
        let solves: Vec<Diagnostic> = all
            .iter()
            .filter(|each| each.data.as_ref().and_then(|data| data.as_str()) == Some(id))
            .cloned()
            .collect();
        if let Some(remedy) = snapshot.remedy(id) {
            actions.extend(repair(snapshot, remedy, &solves, is_current));
        }
        actions.extend(suppressions(snapshot, finding, &solves));
    }
    actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()
}

/// The insertions of a remedy.
fn repair(
    snapshot: &Snapshot,
    remedy: &Remedy,
    solves: &[Diagnostic],
    is_current: &dyn Fn(&str) -> bool,
) -> Option<CodeAction> {
    let is_safe = remedy.edits.iter().all(|edit| is_current(&edit.location.file));
    if remedy.edits.is_empty() || !is_safe {
        return None;
    }
    let edits = remedy.edits.iter().map(|edit| (edit.location.clone(), edit.text.clone()));
    let install = remedy.install.as_ref().map(|install| format!(" (then: {install})")).unwrap_or_default();
    Some(CodeAction {
        is_preferred: Some(true),
        ..action(snapshot, &format!("{}{install}", remedy.title), edits, solves)?
    })
}

/// A comment above the finding, with a reason.
fn suppressions(snapshot: &Snapshot, finding: &Finding, solves: &[Diagnostic]) -> Vec<CodeAction> {
    let reasons = match finding.subject {
        Subject::Path(_) => PATH_REASONS,
        Subject::Store(_) => STORE_REASONS,
        Subject::Advisory(_) | Subject::Problem(_) => return Vec::new(),
    };
    let at = finding.at();
    let Some(line) = snapshot.text(at.file).and_then(|text| text.split('\n').nth(at.lines.0 as usize - 1)) else {
        return Vec::new();
    };
    let indentation = &line[..line.len() - line.trim_start().len()];
    let line_break = if line.ends_with('\r') { "\r\n" } else { "\n" };
    let location =
        Location { file: at.file.to_owned(), line: at.lines.0, column: 1, end_line: at.lines.0, end_column: 1 };
    let suppress = |reason: &str| {
        let text = format!("{indentation}// crosscast-ignore {}: {reason}{line_break}", finding.rule);
        action(snapshot, &format!("Ignore: {reason}"), [(location.clone(), text)].into_iter(), solves)
    };
    reasons.into_iter().filter_map(suppress).collect()
}

fn action(
    snapshot: &Snapshot,
    title: &str,
    edits: impl Iterator<Item = (Location, String)>,
    solves: &[Diagnostic],
) -> Option<CodeAction> {
    let mut files: BTreeMap<String, (Uri, Vec<TextEdit>)> = BTreeMap::new();
    for (location, new_text) in edits {
        let place = snapshot.location(&location)?;
        let (_, edits) = files.entry(location.file).or_insert_with(|| (place.uri, Vec::new()));
        edits.push(TextEdit { range: place.range, new_text });
    }
    let changes = Some(files.into_values().collect());
    Some(CodeAction {
        title: title.to_owned(),
        kind: Some(CodeActionKind::QUICKFIX),
        diagnostics: Some(solves.to_vec()),
        edit: Some(WorkspaceEdit { changes, ..WorkspaceEdit::default() }),
        ..CodeAction::default()
    })
}

/// Above each endpoint, how many paths go through it and how many of them stay here. `command` is the client's own
/// command that shows places; without one the lens is text.
pub(super) fn lenses(snapshot: &Snapshot, file: &str, command: Option<&str>) -> Vec<CodeLens> {
    let lines = snapshot.lines(file);
    let uri = snapshot.uri(file);
    let lens = |endpoint: super::snapshot::EndpointPaths| {
        let start = lines.position(endpoint.line, 1);
        let places = endpoint.paths.iter().filter_map(|path| snapshot.location(&path.location));
        let places: Vec<_> = places.collect();
        let arguments = command.and_then(|_| {
            let values = [serde_json::to_value(&uri), serde_json::to_value(start), serde_json::to_value(&places)];
            values.into_iter().collect::<Result<Vec<_>, _>>().ok()
        });
        let command = Command {
            title: hover::of_endpoint(&endpoint.paths),
            command: command.unwrap_or_default().to_owned(),
            arguments,
        };
        CodeLens { range: Range { start, end: start }, command: Some(command), data: None }
    };
    snapshot.endpoints_in(file).into_iter().map(lens).collect()
}

/// From the first word of each finding to the place that explains it best: the endpoint, or what writes the store.
pub(super) fn links(snapshot: &Snapshot, file: &str) -> Vec<DocumentLink> {
    let findings = snapshot.findings();
    let of_file = findings.iter().filter(|finding| finding.at().file == file);
    of_file.filter_map(|finding| link(snapshot, finding)).collect()
}

fn link(snapshot: &Snapshot, finding: &Finding) -> Option<DocumentLink> {
    let evidence: &[Evidence] = match finding.subject {
        Subject::Path(path) => &path.evidence,
        Subject::Store(store) => &store.evidence,
        Subject::Advisory(advisory) => &advisory.related,
        Subject::Problem(_) => return None,
    };
    let at = finding.at();
    let is_elsewhere = |each: &&Evidence| each.location.file != at.file || each.location.line != at.lines.0;
    let best = evidence.iter().find(is_elsewhere)?;
    let target = snapshot.uri(&best.location.file)?;
    let target =
        Uri::from_str(&format!("{}#L{},{}", target.as_str(), best.location.line, best.location.column)).ok()?;
    let start = snapshot.range(finding).start;
    let (column, _) = at.columns?;
    let line = snapshot.text(at.file)?.lines().nth(at.lines.0 as usize - 1)?;
    let word = first_word(line, column as usize);
    let end = Position { line: start.line, character: start.character + word };
    Some(DocumentLink {
        range: Range { start, end },
        target: Some(target),
        tooltip: Some(format!("{} ({}:{})", best.what, best.location.file, best.location.line)),
        data: None,
    })
}

/// The length of the identifier that begins at a 1-based column; names are ASCII where this matters, so one unit is one
/// byte. At least one unit is linked.
fn first_word(line: &str, column: usize) -> u32 {
    let rest = line.encode_utf16().skip(column.saturating_sub(1));
    let is_name = |unit: &u16| {
        u8::try_from(*unit).is_ok_and(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'))
    };
    (rest.take_while(is_name).count() as u32).max(1)
}

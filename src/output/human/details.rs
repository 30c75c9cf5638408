//! The sections below the snippets: single paths and stores, what to do, and everything that does not fail.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::snippet::Label;
use super::{Page, help};
use crate::report::{
    BroadcastPath, Classification, Evidence, Location, Reach, Scope, StateStore, StoreClass, Suppressed, Trigger,
};

/// Without `--verbose`: this many triggers, reasons, or rows of a list.
const ROWS_SHOWN: usize = 3;
const LIST_SHOWN: usize = 10;

/// Reasons that stand on the page already.
pub(super) type Said<'i> = BTreeSet<(&'i str, &'i Location)>;

impl Page<'_> {
    /// One path: what it is, what runs it, and why it stays local.
    pub(super) fn path<'i>(
        &self,
        out: &mut dyn Write,
        path: &'i BroadcastPath,
        said: &mut Said<'i>,
    ) -> io::Result<()> {
        let at = position(&path.location);
        writeln!(out, "  {} {at}  {}", self.paint.bold(&path.id), path.code)?;
        let event = path.event.as_ref().map(|event| format!(" `{event}`")).unwrap_or_default();
        let mut what = format!("{}: {}{event} {}", path.transport, path.operation, whom(path.scope));
        if path.reach == Reach::Host {
            what += ", to other workers of this host only";
        }
        if let Some(defect) = path.defect {
            what += &format!("; defect: {}", defect.word());
        }
        if let Some(endpoint) = &path.endpoint {
            what += &format!("; endpoint: {}:{}", endpoint.file, endpoint.line);
        }
        self.row(out, &what)?;
        self.triggers(out, &path.triggers)?;
        self.reasons(out, &path.evidence, &path.location.file, said)
    }

    /// What runs a path; the triggers that stay local come first.
    fn triggers(&self, out: &mut dyn Write, triggers: &[Trigger]) -> io::Result<()> {
        let mut triggers: Vec<&Trigger> = triggers.iter().collect();
        triggers.sort_by_key(|trigger| trigger.reach);
        for trigger in triggers.iter().take(self.rows()) {
            let name = trigger.name.as_ref().map(|name| format!(" `{name}`")).unwrap_or_default();
            let mut text = format!("runs on {}{name} ({})", trigger.kind.word(), place(&trigger.location));
            for frame in &trigger.trace {
                text += &format!(" → {}:{}", frame.function, frame.location.line);
            }
            if trigger.reach == Reach::Cluster {
                text += " (reaches every instance)";
            }
            self.row(out, &text)?;
        }
        self.more(out, triggers.len(), "triggers")
    }

    /// Why something is as it is; what was said of an item above is not said again unless everything is wanted.
    fn reasons<'i>(
        &self,
        out: &mut dyn Write,
        evidence: &'i [Evidence],
        file: &str,
        said: &mut Said<'i>,
    ) -> io::Result<()> {
        let is_new = |reason: &&'i Evidence| said.insert((&reason.what, &reason.location)) || self.style.verbose;
        let evidence: Vec<&Evidence> = evidence.iter().filter(is_new).collect();
        for reason in evidence.iter().take(self.rows()) {
            let at = if reason.location.file == file {
                format!("line {}", reason.location.line)
            } else {
                place(&reason.location)
            };
            self.row(out, &format!("{} ({at})", reason.what))?;
        }
        self.more(out, evidence.len(), "reasons")
    }

    /// One store: what it holds and why that is known.
    pub(super) fn store<'i>(
        &self,
        out: &mut dyn Write,
        store: &'i StateStore,
        said: &mut Said<'i>,
    ) -> io::Result<()> {
        let at = position(&store.location);
        writeln!(out, "  {} {at}  {} `{}`", self.paint.bold(&store.id), store.container, store.name)?;
        self.row(out, &format!("holds {}, {}", types(store), lives(store)))?;
        self.reasons(out, &store.evidence, &store.location.file, said)
    }

    /// Each advice once, with the ids that it is for.
    pub(super) fn what_to_do(&self, out: &mut dyn Write) -> io::Result<()> {
        let ids: BTreeSet<&str> = self.findings().into_iter().collect();
        let paths = self.report.broadcast_paths.iter().filter(|path| ids.contains(&*path.id));
        let stores = self.report.state_stores.iter().filter(|store| ids.contains(&*store.id));
        let advice = paths.map(|path| (help::for_path(path), path.id.as_str()));
        let advice = advice.chain(stores.map(|store| (help::for_store(store), store.id.as_str())));
        let mut grouped: Vec<(&str, Vec<&str>)> = Vec::new();
        for (text, id) in advice {
            match grouped.iter_mut().find(|(each, _)| *each == text) {
                Some((_, ids)) => ids.push(id),
                None => grouped.push((text, vec![id])),
            }
        }
        if grouped.is_empty() {
            return Ok(());
        }
        self.heading(out, "What to do")?;
        for (text, ids) in grouped {
            let shown = ids[..ids.len().min(ROWS_SHOWN * 2)].join(", ");
            let more = if ids.len() > ROWS_SHOWN * 2 { ", …" } else { "" };
            self.paragraph(out, &format!("{text} ({shown}{more})"), "  - ", "    ")?;
        }
        let checks =
            self.report.checks.iter().filter(|check| !check.findings.is_empty() || !check.warnings.is_empty());
        let commands: Vec<String> = checks.map(|check| format!("`crosscast explain {}`", check.name)).collect();
        self.paragraph(out, &format!("More: {}", commands.join(", ")), "  ", "  ")
    }

    /// What is known of the number of instances.
    pub(super) fn deployment(&self, out: &mut dyn Write) -> io::Result<()> {
        let deployment = &self.report.deployment;
        if deployment.declared.is_none() && deployment.evidence.is_empty() {
            return Ok(());
        }
        self.heading(out, "Deployment")?;
        if let Some(declared) = &deployment.declared {
            let text = format!("declared single-instance: {} ({})", declared.reason, place(&declared.location));
            self.row(out, &text)?;
        }
        let rows = deployment.evidence.iter().map(|evidence| {
            let count = if evidence.multi_instance { "several instances" } else { "one instance" };
            format!("{} {}: {count} ({})", evidence.kind, evidence.value, place(&evidence.location))
        });
        self.list(out, rows.collect())
    }

    /// Paths and stores that no verdict names.
    pub(super) fn passing(&self, out: &mut dyn Write) -> io::Result<()> {
        let ids: BTreeSet<&str> = self.findings().into_iter().collect();
        let stores = self.report.state_stores.iter().filter(|store| !ids.contains(&*store.id));
        let stores: Vec<String> = stores
            .map(|store| {
                let suppressed = suppressed(store.suppressed.as_ref());
                let (at, types, lives) = (place(&store.location), types(store), lives(store));
                format!("{} {} `{}`: {types}, {lives} ({at}){suppressed}", store.id, store.container, store.name)
            })
            .collect();
        if !stores.is_empty() {
            self.heading(out, "Other state")?;
            self.list(out, stores)?;
        }
        let paths = self.report.broadcast_paths.iter().filter(|path| !ids.contains(&*path.id));
        let paths: Vec<String> = paths.map(other_path).collect();
        if !paths.is_empty() {
            self.heading(out, "Other broadcasts")?;
            self.list(out, paths)?;
        }
        Ok(())
    }

    /// Pub/sub attachments in use.
    pub(super) fn integrations(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.report.integrations.is_empty() {
            return Ok(());
        }
        self.heading(out, "Pub/sub integrations")?;
        let rows = self.report.integrations.iter().map(|integration| {
            let backend = integration.backend.as_deref().unwrap_or("unknown backend");
            let package = integration.package.as_ref().map(|name| format!(", {name}")).unwrap_or_default();
            let at = place(&integration.location);
            format!("{} {}: {backend}{package} ({at})", integration.id, integration.kind.word())
        });
        self.list(out, rows.collect())
    }

    /// Things that are wired up, but wrong.
    pub(super) fn advisories(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.report.advisories.is_empty() {
            return Ok(());
        }
        self.heading(out, "Advisories")?;
        let rows = self
            .report
            .advisories
            .iter()
            .map(|advisory| format!("{}: {} ({})", advisory.code, advisory.message, place(&advisory.location)));
        self.list(out, rows.collect())
    }

    /// What could not be read.
    pub(super) fn problems(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.report.problems.is_empty() {
            return Ok(());
        }
        self.heading(out, "Problems: left out of the audit")?;
        let rows = self.report.problems.iter().map(|problem| {
            let line = problem.line.map(|line| format!(":{line}")).unwrap_or_default();
            format!("{}{line}: {}: {}", problem.file, problem.kind.word(), problem.message)
        });
        self.list(out, rows.collect())
    }

    /// How much was looked at.
    pub(super) fn stats(&self, out: &mut dyn Write) -> io::Result<()> {
        let stats = &self.report.stats;
        let text = format!("{} JS/TS files seen, {} parsed.", stats.files_seen, stats.files_parsed);
        writeln!(out, "\n{}", self.paint.dim(&text))
    }

    /// Rows, the first few unless everything is wanted.
    fn list(&self, out: &mut dyn Write, rows: Vec<String>) -> io::Result<()> {
        let shown = if self.style.verbose { rows.len() } else { rows.len().min(LIST_SHOWN) };
        rows[..shown].iter().try_for_each(|row| self.paragraph(out, row, "  ", "    "))?;
        if shown < rows.len() {
            writeln!(out, "  … and {} more (--verbose shows all)", rows.len() - shown)?;
        }
        Ok(())
    }

    /// A line below an item.
    fn row(&self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        self.paragraph(out, text, "     ", "       ")
    }

    fn rows(&self) -> usize {
        if self.style.verbose { usize::MAX } else { ROWS_SHOWN }
    }

    fn more(&self, out: &mut dyn Write, all: usize, what: &str) -> io::Result<()> {
        match all.saturating_sub(self.rows()) {
            0 => Ok(()),
            more => self.row(out, &format!("… and {more} more {what}")),
        }
    }
}

/// Labels for the paths of one file: the deliveries, and the reasons that stand in the same file.
pub(super) fn path_labels<'a>(paths: &[&'a BroadcastPath]) -> Vec<Label<'a>> {
    let deliveries = paths.iter().map(|path| {
        let trigger = path.triggers.iter().min_by_key(|trigger| trigger.reach);
        let trigger = trigger.map(|trigger| format!(", on {}", trigger.kind.word())).unwrap_or_default();
        Label {
            location: &path.location,
            text: format!("{} {}{trigger}", path.id, whom(path.scope)),
            primary: true,
        }
    });
    let mut labels: Vec<Label> = deliveries.collect();
    labels.extend(reason_labels(paths.iter().map(|path| (&path.location, path.evidence.as_slice()))));
    labels
}

/// Labels for the stores of one file.
pub(super) fn store_labels<'a>(stores: &[&'a StateStore]) -> Vec<Label<'a>> {
    let declarations = stores.iter().map(|store| {
        let text = format!("{} {}, {}", store.id, types(store), store.classification.word());
        Label { location: &store.location, text, primary: true }
    });
    let mut labels: Vec<Label> = declarations.collect();
    labels.extend(reason_labels(stores.iter().map(|store| (&store.location, store.evidence.as_slice()))));
    labels
}

/// The first reason of each item, each place once, where it stands in the item's own file.
fn reason_labels<'a>(items: impl Iterator<Item = (&'a Location, &'a [Evidence])>) -> Vec<Label<'a>> {
    let mut seen = BTreeSet::new();
    let mut labels = Vec::new();
    for (location, evidence) in items {
        let here = |reason: &&Evidence| reason.location.file == location.file && reason.location != *location;
        let Some(reason) = evidence.iter().find(here) else { continue };
        if seen.insert(&reason.location) {
            labels.push(Label { location: &reason.location, text: reason.what.clone(), primary: false });
        }
    }
    labels
}

/// A path that fails nothing, on one line.
fn other_path(path: &BroadcastPath) -> String {
    let how = match path.classification {
        Classification::PubsubBacked => {
            let backend = path.backend.as_ref().map(|backend| format!(", {backend}")).unwrap_or_default();
            format!("reaches every instance by {}{backend}", path.mechanism.word())
        }
        Classification::InProcess => "stays in this instance".to_owned(),
    };
    let condition = path.condition.as_ref().map(|condition| format!(", if `{condition}`")).unwrap_or_default();
    let (at, whom, suppressed) = (place(&path.location), whom(path.scope), suppressed(path.suppressed.as_ref()));
    format!("{} {at} {whom}: {how}{condition}{suppressed}", path.id)
}

fn whom(scope: Scope) -> &'static str {
    match scope {
        Scope::All => "to all",
        Scope::Others => "to all others",
        Scope::Room => "to a room",
        Scope::Peer => "to one other client",
    }
}

fn types(store: &StateStore) -> String {
    let also = store.also_types.iter().map(|each| each.word());
    std::iter::once(store.state_type.word()).chain(also).collect::<Vec<_>>().join(" and ")
}

fn lives(store: &StateStore) -> String {
    let backend = store.backend.as_ref().map(|backend| format!(" ({backend})")).unwrap_or_default();
    let condition = store.condition.as_ref().map(|condition| format!(", if `{condition}`")).unwrap_or_default();
    let copy = if store.covered { ", a copy of shared state" } else { "" };
    let class = match store.classification {
        StoreClass::InProcess => "in the memory of one process",
        StoreClass::LocalDisk => "on the disk of one machine",
        StoreClass::Shared => "shared",
    };
    format!("{class}{backend}{condition}{copy}")
}

fn suppressed(suppressed: Option<&Suppressed>) -> String {
    let Some(suppressed) = suppressed else { return String::new() };
    let reason = suppressed.reason.as_ref().map(|reason| format!(": {reason}")).unwrap_or_default();
    format!(" [suppressed by {}{reason}]", suppressed.by.word())
}

/// `file:line`.
fn place(location: &Location) -> String {
    format!("{}:{}", location.file, location.line)
}

/// `file:line:column`, which terminals and editors make a link of.
fn position(location: &Location) -> String {
    format!("{}:{}:{}", location.file, location.line, location.column)
}

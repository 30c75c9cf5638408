//! The sections below what fails: what to do, and everything else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::{help, words};
use super::Page;
use crate::report::Location;

/// Without `--verbose`: this many ids of an advice, and rows of a list.
const IDS_SHOWN: usize = 6;
const LIST_SHOWN: usize = 10;

/// Per file what stands there, by id where it has one, and the line.
type Files<'r> = BTreeMap<&'r str, Vec<(Option<&'r str>, u32)>>;

impl Page<'_> {
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
            let shown = ids[..ids.len().min(IDS_SHOWN)].join(", ");
            let more = if ids.len() > IDS_SHOWN { ", …" } else { "" };
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
            let text =
                format!("declared single-instance: {} ({})", declared.reason, words::place(&declared.location));
            self.paragraph(out, &text, "  ", "    ")?;
        }
        let rows = deployment.evidence.iter().map(|evidence| {
            let count = if evidence.multi_instance { "several instances" } else { "one instance" };
            format!("{} {}: {count} ({})", evidence.kind, evidence.value, words::place(&evidence.location))
        });
        self.list(out, rows.collect())
    }

    /// Paths and stores that no verdict names.
    pub(super) fn passing(&self, out: &mut dyn Write) -> io::Result<()> {
        let ids: BTreeSet<&str> = self.findings().into_iter().collect();
        let stores = self.report.state_stores.iter().filter(|store| !ids.contains(&*store.id));
        let stores: Vec<String> = stores
            .map(|store| {
                let suppressed = words::suppressed(store.suppressed.as_ref());
                let (at, types, lives) = (words::place(&store.location), words::types(store), words::lives(store));
                format!("{} {} `{}`: {types}, {lives} ({at}){suppressed}", store.id, store.container, store.name)
            })
            .collect();
        if !stores.is_empty() {
            self.heading(out, "Other state")?;
            self.list(out, stores)?;
        }
        let paths = self.report.broadcast_paths.iter().filter(|path| !ids.contains(&*path.id));
        let paths: Vec<_> =
            paths.map(|path| (words::outcome(path), Some(path.id.as_str()), &path.location)).collect();
        if !paths.is_empty() {
            self.heading(out, "Other broadcasts")?;
            self.grouped(out, paths)?;
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
            let at = words::place(&integration.location);
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
            .map(|advisory| (format!("{}: {}", advisory.code, advisory.message), None, &advisory.location));
        self.grouped(out, rows)
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

    /// Statements that hold at several places; `id` names what stands at each.
    fn grouped<'r>(
        &self,
        out: &mut dyn Write,
        rows: impl IntoIterator<Item = (String, Option<&'r str>, &'r Location)>,
    ) -> io::Result<()> {
        let mut statements: Vec<(String, Files)> = Vec::new();
        for (statement, id, location) in rows {
            let index = statements.iter().position(|(each, _)| *each == statement).unwrap_or_else(|| {
                statements.push((statement, Files::new()));
                statements.len() - 1
            });
            statements[index].1.entry(&location.file).or_default().push((id, location.line));
        }
        for (statement, files) in statements {
            self.paragraph(out, &statement, "  ", "    ")?;
            let shown = if self.style.verbose { files.len() } else { files.len().min(LIST_SHOWN) };
            for (file, places) in files.iter().take(shown) {
                let ids: Vec<&str> = places.iter().filter_map(|(id, _)| *id).collect();
                let lines: Vec<String> = places.iter().map(|(_, line)| line.to_string()).collect();
                let ids = if ids.is_empty() { String::new() } else { format!("{}: ", ids.join(", ")) };
                self.paragraph(out, &format!("{ids}{file}:{}", lines.join(", ")), "    ", "      ")?;
            }
            if shown < files.len() {
                writeln!(out, "    … and {} more files (--verbose shows all)", files.len() - shown)?;
            }
        }
        Ok(())
    }
}

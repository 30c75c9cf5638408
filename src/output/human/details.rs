//! The sections below what fails: what to do, and everything else.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use super::super::words;
use super::{Page, snippet};
use crate::report::{Location, Remedy, StateStore};

/// Without `--verbose`: this many ids of a remedy, rows of a list, remedies, rows of the table of state.
const IDS_SHOWN: usize = 6;
const LIST_SHOWN: usize = 10;
const REMEDIES_SHOWN: usize = 6;
const ROWS_SHOWN: usize = 20;
/// Columns before a remedy's lines.
const CODE_INDENT: usize = 7;
/// A cell of the table is cut after so many columns.
const COLUMN_MAX: usize = 44;

/// Per file what stands there, by id where it has one, and the line.
type Files<'r> = BTreeMap<&'r str, Vec<(Option<&'r str>, u32)>>;

impl Page<'_> {
    /// Each remedy once, with the ids that it is for and the lines to write.
    pub(super) fn what_to_do(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.report.remedies.is_empty() {
            return Ok(());
        }
        self.heading(out, "What to do")?;
        let all = self.report.remedies.len();
        let shown = if self.style.verbose { all } else { all.min(REMEDIES_SHOWN) };
        for remedy in &self.report.remedies[..shown] {
            self.remedy(out, remedy)?;
        }
        if shown < all {
            writeln!(out, "\n  … and {} more (--verbose shows all)", all - shown)?;
        }
        let checks =
            self.report.checks.iter().filter(|check| !check.findings.is_empty() || !check.warnings.is_empty());
        let commands: Vec<String> = checks.map(|check| format!("`crosscast explain {}`", check.name)).collect();
        writeln!(out)?;
        self.paragraph(out, &format!("More: {}", commands.join(", ")), "  ", "  ")
    }

    fn remedy(&self, out: &mut dyn Write, remedy: &Remedy) -> io::Result<()> {
        let shown = remedy.findings[..remedy.findings.len().min(IDS_SHOWN)].join(", ");
        let more = if remedy.findings.len() > IDS_SHOWN { ", …" } else { "" };
        writeln!(out)?;
        let id = format!("  {} ", self.paint.bold(&remedy.id));
        self.paragraph(out, &format!("{} ({shown}{more})", remedy.title), &id, "     ")?;
        if let Some(text) = &remedy.text {
            self.paragraph(out, text, "     ", "     ")?;
        }
        if let Some(install) = &remedy.install {
            writeln!(out, "\n       {}", self.paint.green(install))?;
        }
        if let Some(code) = &remedy.code {
            writeln!(out)?;
            // Code keeps its lines, however long they are.
            for line in narrowed(code, self.style.width.saturating_sub(CODE_INDENT)) {
                let line = if line.is_empty() { String::new() } else { self.paint.green(&line) };
                writeln!(out, "{}", format!("{:CODE_INDENT$}{line}", "").trim_end())?;
            }
        }
        Ok(())
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

    /// Every store: what it holds, what it is, where it lives.
    pub(super) fn state(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut stores: Vec<&StateStore> = self.report.state_stores.iter().collect();
        if stores.is_empty() {
            return Ok(());
        }
        stores.sort_by_key(|store| (store.state_type, store.classification));
        self.heading(out, "State")?;
        let rows: Vec<[String; 5]> = stores.iter().map(|store| row(store)).collect();
        let shown = if self.style.verbose { rows.len() } else { rows.len().min(ROWS_SHOWN) };
        let head = ["", "holds", "what", "where", "class"].map(str::to_owned);
        let widths: [usize; 4] = std::array::from_fn(|column| {
            let cells = rows[..shown].iter().chain([&head]).map(|row| snippet::width(&row[column]));
            cells.max().unwrap_or_default().min(COLUMN_MAX)
        });
        for (index, cells) in std::iter::once(&head).chain(&rows[..shown]).enumerate() {
            let mut line = String::from(" ");
            for (cell, width) in cells.iter().zip(widths) {
                let cell = snippet::cut(cell, width);
                line += &format!(" {cell}{} ", " ".repeat(width.saturating_sub(snippet::width(&cell))));
            }
            line += &format!(" {}", cells[4]);
            let line = snippet::cut(line.trim_end(), self.style.width);
            writeln!(out, "{}", if index == 0 { self.paint.dim(&line) } else { line })?;
        }
        if shown < rows.len() {
            writeln!(out, "  … and {} more (--verbose shows all)", rows.len() - shown)?;
        }
        Ok(())
    }

    /// Paths that no verdict names.
    pub(super) fn passing(&self, out: &mut dyn Write) -> io::Result<()> {
        let ids: BTreeSet<&str> = self.findings().into_iter().collect();
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

    /// How much was looked at; in full where nothing was found, because then that is the question.
    pub(super) fn stats(&self, out: &mut dyn Write) -> io::Result<()> {
        let stats = &self.report.stats;
        let is_empty = self.report.broadcast_paths.is_empty() && self.report.state_stores.is_empty();
        if is_empty {
            return self.nothing(out);
        }
        let text = format!("{} JS/TS files seen, {} parsed.", stats.files_seen, stats.files_parsed);
        writeln!(out, "\n{}", self.paint.dim(&text))
    }

    fn nothing(&self, out: &mut dyn Write) -> io::Result<()> {
        let stats = &self.report.stats;
        let roles = &stats.files_by_role;
        let counts = [
            (roles.product, "of the product"),
            (roles.tests, "tests"),
            (roles.examples, "examples"),
            (roles.tooling, "tooling"),
            (roles.client, "for browsers"),
            (roles.vendored, "vendored or generated"),
        ];
        let counts: Vec<String> =
            counts.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}")).collect();
        let packages = match stats.packages.as_slice() {
            [] => "none of those that crosscast knows (`crosscast rules` lists them)".to_owned(),
            names => names.join(", "),
        };
        self.heading(out, "Nothing was found: no broadcast and no realtime state")?;
        let seen = format!(
            "Looked at {} JS/TS files ({}). {} had to be parsed: those of the product that mention a realtime library, and what \
             they reach.",
            stats.files_seen,
            counts.join(", "),
            stats.files_parsed
        );
        self.paragraph(out, &seen, "  ", "  ")?;
        self.paragraph(out, &format!("Realtime libraries in the manifests: {packages}."), "  ", "  ")?;
        let hint = "If there should be something: is this the folder of the server? `--include-tests` takes tests and examples in, \
                    `--exhaustive` parses every file, and `--rules DIR` brings rules for a library that crosscast does not know.";
        self.paragraph(out, hint, "  ", "  ")
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

/// A row of the table of state.
fn row(store: &StateStore) -> [String; 5] {
    let condition = store.condition.as_ref().map(|condition| format!(", if `{condition}`")).unwrap_or_default();
    let backend = store.backend.as_ref().map(|backend| format!(" ({backend})")).unwrap_or_default();
    let copy = if store.covered { ", a copy" } else { "" };
    let class = store.classification.word();
    let class = format!("{class}{backend}{copy}{condition}{}", words::suppressed(store.suppressed.as_ref()));
    let what = format!("{} {}", store.container, store.name);
    [store.id.clone(), words::types(store), what, words::place(&store.location), class]
}

/// Lines of code; where one is too long, comments at the ends of lines stand above them instead.
fn narrowed(code: &str, columns: usize) -> Vec<String> {
    let fits = code.lines().all(|line| snippet::width(line) <= columns);
    let mut lines = Vec::new();
    for line in code.lines() {
        match line.split_once("  // ").filter(|_| !fits) {
            Some((code, comment)) => {
                let indentation = &line[..line.len() - line.trim_start().len()];
                lines.push(format!("{indentation}// {comment}"));
                lines.push(code.trim_end().to_owned());
            }
            None => lines.push(line.to_owned()),
        }
    }
    lines
}

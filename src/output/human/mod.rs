//! For people: the verdicts first, then what fails and why with its source, then what to do, then the rest.

mod details;
mod items;
mod paint;
mod snippet;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::{Style, words, wrap};
use crate::report::{BroadcastPath, Report, StateStore, Status};
use items::Said;
use paint::Paint;

/// Without `--verbose`: this many files per section, and this many items per file.
const FILES_SHOWN: usize = 8;
const ITEMS_SHOWN: usize = 5;

/// Writes the items of a file that are shown.
type WriteFile<'f, 'i, T> = &'f mut dyn FnMut(&mut dyn Write, &[&'i T]) -> io::Result<()>;

/// What every section needs.
struct Page<'a> {
    report: &'a Report,
    style: &'a Style<'a>,
    paint: Paint,
}

/// Writes the whole page.
pub(super) fn write(report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
    let page = Page { report, style, paint: Paint { color: style.color } };
    page.verdicts(out)?;
    if style.quiet {
        return Ok(());
    }
    page.services(out)?;
    page.failing_paths(out)?;
    page.failing_stores(out)?;
    page.what_to_do(out)?;
    page.deployment(out)?;
    page.passing(out)?;
    page.integrations(out)?;
    page.advisories(out)?;
    page.problems(out)?;
    page.stats(out)
}

impl Page<'_> {
    /// One line per check, and the sentence behind it.
    fn verdicts(&self, out: &mut dyn Write) -> io::Result<()> {
        let width = self.report.checks.iter().map(|check| check.name.len()).max().unwrap_or_default();
        for check in &self.report.checks {
            let name = self.paint.bold(&format!("{:width$}", check.name));
            let title = format!("{} {name}  ", self.status(check.status));
            let counts = words::counts(check);
            let line = counts.join(" · ");
            if self.style.quiet {
                writeln!(out, "{title}{line}")?;
                continue;
            }
            if snippet::width(&title) + snippet::width(&line) <= self.style.width {
                writeln!(out, "{title}{line}")?;
            } else {
                self.paragraph(out, &counts[0], &title, "     ")?;
                self.paragraph(out, &counts[1], "     ", "     ")?;
            }
            self.paragraph(out, &check.detail, "     ", "     ")?;
        }
        Ok(())
    }

    /// The verdicts of each service, where there are several.
    fn services(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.report.services.len() < 2 {
            return Ok(());
        }
        self.heading(out, "Services")?;
        let width = self.report.services.iter().map(|service| service.root.len()).max().unwrap_or_default();
        for service in &self.report.services {
            let verdicts =
                service.checks.iter().map(|check| format!("{} {}", self.status(check.status), check.name));
            let verdicts = verdicts.collect::<Vec<_>>().join("  ");
            self.paragraph(out, &verdicts, &format!("  {:width$}  ", service.root), "      ")?;
        }
        Ok(())
    }

    /// Paths that fail a check or are warned of, by file.
    fn failing_paths(&self, out: &mut dyn Write) -> io::Result<()> {
        let ids = self.findings();
        let paths: Vec<&BroadcastPath> =
            self.report.broadcast_paths.iter().filter(|path| ids.contains(&path.id.as_str())).collect();
        if paths.is_empty() {
            return Ok(());
        }
        self.heading(out, "Broadcasts that other instances miss")?;
        self.by_file(out, &paths, ["broadcast", "broadcasts"], |path| &path.location.file, &mut |out, shown| {
            let mut said = Said::new();
            shown.iter().try_for_each(|path| self.path(out, path, &mut said))
        })
    }

    /// Stores that fail a check or are warned of, by file.
    fn failing_stores(&self, out: &mut dyn Write) -> io::Result<()> {
        let ids = self.findings();
        let stores: Vec<&StateStore> =
            self.report.state_stores.iter().filter(|store| ids.contains(&store.id.as_str())).collect();
        if stores.is_empty() {
            return Ok(());
        }
        self.heading(out, "State that one process keeps for itself")?;
        self.by_file(out, &stores, ["store", "stores"], |store| &store.location.file, &mut |out, shown| {
            shown.iter().try_for_each(|store| self.store(out, store))
        })
    }

    /// A line for each file, and below it what `write` makes of the items to show.
    fn by_file<'i, T>(
        &self,
        out: &mut dyn Write,
        items: &[&'i T],
        [one, many]: [&str; 2],
        file: impl Fn(&'i T) -> &'i str,
        write: WriteFile<'_, 'i, T>,
    ) -> io::Result<()> {
        let mut files: BTreeMap<&str, Vec<&'i T>> = BTreeMap::new();
        for item in items {
            files.entry(file(item)).or_default().push(item);
        }
        let (max_files, max_items) =
            if self.style.verbose { (usize::MAX, usize::MAX) } else { (FILES_SHOWN, ITEMS_SHOWN) };
        for (file, items) in files.iter().take(max_files) {
            let (all, shown) = (items.len(), items.len().min(max_items));
            let noun = if all == 1 { one } else { many };
            writeln!(out, "\n{file}: {all} {noun}{}", shown_of(shown, all))?;
            write(out, &items[..shown])?;
        }
        let rest: usize = files.values().skip(max_files).map(Vec::len).sum();
        if rest > 0 {
            let files = files.len() - max_files;
            writeln!(out, "\n… and {rest} more in {files} more files (--verbose shows all)")?;
        }
        Ok(())
    }

    /// Ids that a root verdict names.
    fn findings(&self) -> Vec<&str> {
        let checks = self.report.checks.iter();
        checks.flat_map(|check| check.findings.iter().chain(&check.warnings)).map(String::as_str).collect()
    }

    fn status(&self, status: Status) -> String {
        match status {
            Status::Fail => self.paint.red("FAIL"),
            Status::Pass => self.paint.green("PASS"),
            Status::Skip => self.paint.yellow("SKIP"),
        }
    }

    fn heading(&self, out: &mut dyn Write, text: &str) -> io::Result<()> {
        writeln!(out, "\n{}", self.paint.bold(text))
    }

    /// Text wrapped at the width of the page.
    fn paragraph(&self, out: &mut dyn Write, text: &str, first: &str, rest: &str) -> io::Result<()> {
        writeln!(out, "{}", wrap(text, self.style.width, first, rest))
    }
}

/// ` (5 of 9 shown)`, where not all are.
fn shown_of(shown: usize, all: usize) -> String {
    if shown == all { String::new() } else { format!(" ({shown} of {all} shown, --verbose shows all)") }
}

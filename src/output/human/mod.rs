//! For people: the verdicts first, then what fails and why with its source, then what to do, then the rest.

mod details;
mod excerpt;
mod items;
mod paint;
mod snippet;

use std::collections::BTreeMap;
use std::io::{self, Write};

use super::findings::{self, Finding, Subject};
use super::{Style, words, wrap};
use crate::report::{Report, Status};
use items::Said;
use paint::Paint;

/// Without `--verbose`: this many files per section, and this many items per file.
const FILES_SHOWN: usize = 8;
const ITEMS_SHOWN: usize = 5;

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
    page.failing(out)?;
    page.what_to_do(out)?;
    page.state(out)?;
    page.passing(out)?;
    page.integrations(out)?;
    page.deployment(out)?;
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

    /// What fails a check or is warned of, by service and file.
    fn failing(&self, out: &mut dyn Write) -> io::Result<()> {
        let findings = findings::all(self.report);
        let is_failing = |finding: &&Finding| finding.suppressed().is_none();
        let mut said = Said::new();
        let paths: Vec<&Finding> =
            findings.iter().filter(is_failing).filter(|each| matches!(each.subject, Subject::Path(_))).collect();
        if !paths.is_empty() {
            self.heading(out, "Broadcasts that other instances miss")?;
            self.by_file(out, &paths, ["broadcast", "broadcasts"], &mut said)?;
        }
        let stores: Vec<&Finding> =
            findings.iter().filter(is_failing).filter(|each| matches!(each.subject, Subject::Store(_))).collect();
        if !stores.is_empty() {
            self.heading(out, "State that one process keeps for itself")?;
            self.by_file(out, &stores, ["store", "stores"], &mut said)?;
        }
        Ok(())
    }

    /// A line for each service and file, and below it the findings.
    fn by_file(
        &self,
        out: &mut dyn Write,
        findings: &[&Finding],
        [one, many]: [&str; 2],
        said: &mut Said,
    ) -> io::Result<()> {
        let mut files: BTreeMap<(&str, &str), Vec<&Finding>> = BTreeMap::new();
        for &finding in findings {
            files.entry((service(finding), finding.at().file)).or_default().push(finding);
        }
        let (max_files, max_items) =
            if self.style.verbose { (usize::MAX, usize::MAX) } else { (FILES_SHOWN, ITEMS_SHOWN) };
        let is_one = self.report.services.len() < 2;
        for ((service, file), items) in files.iter().take(max_files) {
            let (all, shown) = (items.len(), items.len().min(max_items));
            let noun = if all == 1 { one } else { many };
            let service = if is_one { String::new() } else { format!("[{service}] ") };
            writeln!(out, "\n{service}{}: {all} {noun}{}", self.paint.bold(file), shown_of(shown, all))?;
            items[..shown].iter().try_for_each(|finding| self.item(out, finding, said))?;
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

/// The folder of the service that a finding belongs to.
fn service<'r>(finding: &Finding<'r>) -> &'r str {
    match finding.subject {
        Subject::Path(path) => &path.service,
        Subject::Store(store) => &store.service,
        Subject::Advisory(advisory) => advisory.service.as_deref().unwrap_or(""),
        Subject::Problem(_) => "",
    }
}

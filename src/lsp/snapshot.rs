//! The outcome of one audit of one workspace folder, and the questions that editors ask of it.

use camino::{Utf8Path, Utf8PathBuf};
use lsp_types::{Location as LspLocation, Range, Uri};
use std::collections::BTreeMap;

use super::positions::{Encoding, Lines};
use super::uris;
use crate::audit::Audit;
use crate::output::SourceText;
use crate::output::findings::{self, Finding, Subject};
use crate::report::{BroadcastPath, Location, Remedy, Report, StateStore};

/// An audit with what conversion needs.
pub(super) struct Snapshot {
    /// The audited folder, absolute.
    root: Utf8PathBuf,
    audit: Audit,
    encoding: Encoding,
}

/// An endpoint with the paths that go through it.
pub(super) struct EndpointPaths<'s> {
    /// The line, 1-based.
    pub(super) line: u32,
    /// The paths, in order of place.
    pub(super) paths: Vec<&'s BroadcastPath>,
}

impl Snapshot {
    /// Keeps an audit.
    pub(super) fn new(audit: Audit, encoding: Encoding) -> Self {
        Snapshot { root: audit.project.root.clone(), audit, encoding }
    }

    /// What was found.
    pub(super) fn report(&self) -> &Report {
        &self.audit.report
    }

    /// All findings that count.
    pub(super) fn findings(&self) -> Vec<Finding<'_>> {
        findings::counted(&self.audit.report)
    }

    /// The name of a file in the report.
    pub(super) fn name_of(&self, path: &Utf8Path) -> Option<String> {
        Some(path.strip_prefix(&self.root).ok()?.as_str().replace('\\', "/"))
    }

    /// The absolute path of a file of the report.
    pub(super) fn path_of(&self, file: &str) -> Utf8PathBuf {
        self.root.join(file)
    }

    /// The text that was audited.
    pub(super) fn text(&self, file: &str) -> Option<&str> {
        self.audit.project.text(file)
    }

    /// Converts ranges of one file.
    pub(super) fn lines(&self, file: &str) -> Lines<'_> {
        Lines::new(self.text(file).unwrap_or_default(), self.encoding)
    }

    /// A place of the report.
    pub(super) fn location(&self, location: &Location) -> Option<LspLocation> {
        let uri = self.uri(&location.file)?;
        Some(LspLocation { uri, range: self.lines(&location.file).range(location) })
    }

    /// The URI of a file of the report.
    pub(super) fn uri(&self, file: &str) -> Option<Uri> {
        uris::of_path(&self.path_of(file))
    }

    /// The range of a finding; a line without columns is marked whole.
    pub(super) fn range(&self, finding: &Finding) -> Range {
        let at = finding.at();
        let (column, end_column) = match (at.columns, finding.subject) {
            (Some(columns), _) => columns,
            (None, _) => {
                let line = self.text(at.file).and_then(|text| text.lines().nth(at.lines.0 as usize - 1));
                let units = line.unwrap_or_default().encode_utf16().count() as u32;
                (1, units + 1)
            }
        };
        let lines = self.lines(at.file);
        Range { start: lines.position(at.lines.0, column), end: lines.position(at.lines.1, end_column) }
    }

    /// The remedy of a finding.
    pub(super) fn remedy(&self, id: &str) -> Option<&Remedy> {
        self.report().remedies.iter().find(|remedy| remedy.findings.iter().any(|each| each == id))
    }

    /// The paths of a file.
    pub(super) fn paths_in<'s>(&'s self, file: &'s str) -> impl Iterator<Item = &'s BroadcastPath> {
        self.report().broadcast_paths.iter().filter(move |path| path.location.file == file)
    }

    /// The stores of a file.
    pub(super) fn stores_in<'s>(&'s self, file: &'s str) -> impl Iterator<Item = &'s StateStore> {
        self.report().state_stores.iter().filter(move |store| store.location.file == file)
    }

    /// The endpoints of a file, in order of place.
    pub(super) fn endpoints_in(&self, file: &str) -> Vec<EndpointPaths<'_>> {
        let mut lines: BTreeMap<u32, Vec<&BroadcastPath>> = BTreeMap::new();
        for path in &self.report().broadcast_paths {
            if let Some(endpoint) = path.endpoint.as_ref().filter(|endpoint| endpoint.file == file) {
                lines.entry(endpoint.line).or_default().push(path);
            }
        }
        lines.into_iter().map(|(line, paths)| EndpointPaths { line, paths }).collect()
    }
}

/// The id of what a finding is about.
pub(super) fn id_of<'r>(finding: &Finding<'r>) -> Option<&'r str> {
    match finding.subject {
        Subject::Path(path) => Some(&path.id),
        Subject::Store(store) => Some(&store.id),
        Subject::Advisory(_) | Subject::Problem(_) => None,
    }
}

//! A deployment file as trees, with its kind.

use std::ops::Range;
use std::rc::Rc;

use camino::{Utf8Path, Utf8PathBuf};
use line_index::LineIndex;

use super::kinds::{Format, KINDS, ManifestKind};
use super::tree::{self, Node};
use super::yaml::{self, Parsed};
use super::{formats, helm, lines};
use crate::source::{Location, ManifestFile, Problem, ProblemKind};

/// A file as one kind of manifest.
pub(super) struct Manifest<'a> {
    /// Its kind.
    pub(super) kind: &'static ManifestKind,
    /// Its path.
    pub(super) path: &'a Utf8Path,
    /// What it holds.
    pub(super) documents: Vec<Rc<Node>>,
    /// The folder of the Helm chart that it is part of.
    pub(super) chart: Option<Utf8PathBuf>,
    text: &'a str,
    lines: LineIndex,
}

impl Manifest<'_> {
    /// A range in the report's terms. The parsers' ends may include white space, the report's do not.
    pub(super) fn location(&self, range: Range<usize>) -> Location {
        let within = self.text.get(range.clone()).unwrap_or_default();
        let end = range.start + within.trim_end().len();
        Location::in_file(self.path, self.text, &self.lines, range.start as u32, end as u32)
    }
}

/// Whether a file may be a manifest, by its path.
pub fn is_manifest(path: &Utf8Path) -> bool {
    let name = path.file_name().unwrap_or_default();
    !KINDS.skip_files.iter().any(|skipped| skipped == name)
        && KINDS.manifests.iter().any(|kind| kind.fits_path(path))
}

/// Names of folders that hold no deployment of the product.
pub fn skipped_folders() -> &'static [String] {
    &KINDS.skip_folders
}

/// Reads the files as every kind that they may be.
pub(super) fn read(files: &[ManifestFile]) -> (Vec<Manifest<'_>>, Vec<Problem>) {
    let charts = charts(files);
    let mut manifests = Vec::new();
    let mut problems = Vec::new();
    for file in files {
        let kinds = KINDS.manifests.iter().filter(|kind| kind.fits_path(&file.path) && kind.fits_text(&file.text));
        let kinds: Vec<_> = kinds.filter(|kind| stands_beside(kind, file, files)).collect();
        let mut parsed: Vec<(Format, Vec<Rc<Node>>)> = Vec::new();
        for kind in kinds {
            let known = parsed.iter().find(|(format, _)| *format == kind.format);
            let documents = match known {
                Some((_, documents)) => documents.clone(),
                None => {
                    let Parsed { documents, error } = parse(kind.format, file, &charts);
                    problems.extend(error.map(|error| Problem {
                        file: file.path.clone(),
                        line: Some(error.line),
                        kind: ProblemKind::BrokenManifest,
                        message: error.message,
                    }));
                    parsed.push((kind.format, documents.clone()));
                    documents
                }
            };
            let documents = match base_of(kind, file, files) {
                Some(base) => documents.iter().map(|document| tree::overlay(document, &base)).collect(),
                None => documents,
            };
            let chart = chart_of(&charts, file).map(|chart| chart.folder.clone());
            let lines = LineIndex::new(&file.text);
            manifests.push(Manifest { kind, path: &file.path, documents, chart, text: &file.text, lines });
        }
    }
    (manifests, problems)
}

fn stands_beside(kind: &ManifestKind, file: &ManifestFile, files: &[ManifestFile]) -> bool {
    let Some(name) = &kind.beside else { return true };
    let wanted = file.path.with_file_name(name);
    files.iter().any(|each| each.path == wanted)
}

/// The file that a file is laid over.
fn base_of(kind: &ManifestKind, file: &ManifestFile, files: &[ManifestFile]) -> Option<Rc<Node>> {
    let wanted = file.path.with_file_name(kind.base.as_ref()?);
    let base = files.iter().find(|each| each.path == wanted && each.path != file.path)?;
    yaml::parse(&base.text).documents.into_iter().next()
}

/// A Helm chart.
struct Chart {
    folder: Utf8PathBuf,
    /// Its files of values.
    values: Vec<Rc<Node>>,
}

/// The charts, inner ones first.
fn charts(files: &[ManifestFile]) -> Vec<Chart> {
    let is_chart = |file: &&ManifestFile| matches!(file.path.file_name(), Some("Chart.yaml" | "Chart.yml"));
    let folders = files.iter().filter(is_chart).filter_map(|file| file.path.parent());
    let mut charts: Vec<Chart> = folders
        .map(|folder| {
            let values = files.iter().filter(|file| {
                file.path.parent() == Some(folder)
                    && file.path.file_name().is_some_and(|name| name.contains("values"))
            });
            let values = values.flat_map(|file| yaml::parse(&file.text).documents).collect();
            Chart { folder: folder.to_owned(), values }
        })
        .collect();
    charts.sort_by_key(|chart| std::cmp::Reverse(chart.folder.components().count()));
    charts
}

/// The innermost chart that a file is part of.
fn chart_of<'c>(charts: &'c [Chart], file: &ManifestFile) -> Option<&'c Chart> {
    charts.iter().find(|chart| file.path.starts_with(&chart.folder))
}

fn parse(format: Format, file: &ManifestFile, charts: &[Chart]) -> Parsed {
    let text = &file.text;
    let one = |node| Parsed { documents: vec![node], error: None };
    match format {
        Format::Yaml if text.contains("{{") => {
            let values = chart_of(charts, file).map_or(&[][..], |chart| &chart.values);
            // What is broken here may be whole once it is rendered.
            Parsed { error: None, ..yaml::parse(&helm::blank(text, values)) }
        }
        Format::Yaml => yaml::parse(text),
        Format::Toml => formats::toml(text),
        Format::Hcl => formats::hcl(text),
        Format::Javascript => formats::javascript(text),
        Format::Procfile => one(lines::procfile(text)),
        Format::Dockerfile => one(lines::dockerfile(text)),
        Format::Script => one(lines::script(text)),
        Format::Nginx => one(lines::nginx(text)),
        Format::Haproxy => one(lines::haproxy(text)),
    }
}

//! What manifests say: workloads, what tells whose they are, and how many instances of them run.

use camino::{Utf8Path, Utf8PathBuf};

use super::commands::{self, is_several};
use super::helm;
use super::kinds::{CountKind, Format, KINDS, ManifestKind, Several, WorkloadKind};
use super::manifest::Manifest;
use super::tree::{Found, Node};
use super::yaml;
use crate::source::Location;

/// A file with more workloads than this is data.
const MAX_WORKLOADS: usize = 500;
/// So many names of instances are shown.
const MAX_NAMES: usize = 5;

/// Something that a manifest runs, or says something of.
#[derive(Debug, Clone, Default)]
pub(super) struct Workload {
    /// Workloads of one family know each other by name.
    pub(super) family: String,
    /// The manifest.
    pub(super) file: Utf8PathBuf,
    /// What it is called.
    pub(super) names: Vec<String>,
    /// What it speaks of, by name.
    pub(super) targets: Vec<String>,
    /// Images that it runs.
    pub(super) images: Vec<String>,
    /// What its containers are called.
    pub(super) containers: Vec<String>,
    /// Folders that its image is built from, relative to the root.
    pub(super) contexts: Vec<Utf8PathBuf>,
    /// Dockerfiles, relative to the root.
    pub(super) dockerfiles: Vec<Utf8PathBuf>,
    /// Command lines.
    pub(super) commands: Vec<String>,
    /// Folders that they run in, as written.
    pub(super) directories: Vec<String>,
    /// Hosts that it passes connections to.
    pub(super) hosts: Vec<String>,
    /// Whether the folder of the manifest tells whose it is.
    pub(super) folder_tells: bool,
    /// Numbers of instances.
    pub(super) counts: Vec<Count>,
    /// What makes it the same as another, with the report's word for several of them.
    pub(super) copy_of: Option<(String, &'static str)>,
    /// Where it begins.
    pub(super) location: Option<Location>,
}

/// A number of instances.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Count {
    /// Where it stands.
    pub(super) location: Location,
    /// The report's word.
    pub(super) kind: &'static str,
    /// As written.
    pub(super) value: String,
    /// Whether it is several.
    pub(super) several: bool,
}

impl Workload {
    /// The folder of its manifest.
    pub(super) fn folder(&self) -> &Utf8Path {
        self.file.parent().unwrap_or(Utf8Path::new(""))
    }
}

/// Everything that the manifests say.
pub(super) fn read(manifests: &[Manifest]) -> Vec<Workload> {
    let mut workloads = Vec::new();
    for manifest in manifests {
        let reader = Reader { manifest, all: manifests };
        let before = workloads.len();
        for document in &manifest.documents {
            reader.document(manifest.kind, Found::root(document), None, &mut workloads);
            if workloads.len() - before >= MAX_WORKLOADS {
                workloads.truncate(before + MAX_WORKLOADS);
                break;
            }
        }
    }
    // A script that starts nothing several times tells nothing of a deployment.
    workloads.retain(|each| each.family != "script" || !each.counts.is_empty());
    add_copies(&mut workloads);
    workloads
}

/// Reads one manifest.
struct Reader<'a> {
    manifest: &'a Manifest<'a>,
    all: &'a [Manifest<'a>],
}

impl Reader<'_> {
    /// `place` is where everything stands, for YAML within YAML.
    fn document(
        &self,
        kind: &'static ManifestKind,
        document: Found,
        place: Option<&Location>,
        workloads: &mut Vec<Workload>,
    ) {
        for of in &kind.workloads {
            for found in of.find(document).into_iter().take(MAX_WORKLOADS) {
                workloads.push(self.workload(kind, of, found, place));
                if place.is_none() {
                    self.inline(of, found, workloads);
                }
            }
        }
    }

    fn workload(
        &self,
        kind: &'static ManifestKind,
        of: &'static WorkloadKind,
        at: Found,
        place: Option<&Location>,
    ) -> Workload {
        let texts = |paths: &super::kinds::Paths| {
            let mut texts = paths.texts(at);
            texts.retain(|text| !helm::is_rendered(text));
            texts
        };
        let literal = |paths: &super::kinds::Paths| {
            let texts = paths.texts(at);
            texts.iter().filter_map(|text| helm::literal_part(text)).map(str::to_owned).collect()
        };
        let location = place.cloned().unwrap_or_else(|| self.manifest.location(at.range()));
        let mut workload = Workload {
            family: kind.family.clone(),
            file: self.manifest.path.to_owned(),
            names: literal(&of.name),
            targets: literal(&of.target),
            images: texts(&of.image),
            containers: texts(&of.container),
            commands: texts(&of.command),
            directories: texts(&of.directory),
            hosts: texts(&of.hosts),
            folder_tells: of.folder,
            location: Some(location),
            ..Workload::default()
        };
        self.build(&mut workload, texts(&of.context), texts(&of.dockerfile));
        let is_template = self.manifest.chart.is_some() && workload.names.is_empty() && kind.family == "kubernetes";
        if of.chart_name || is_template && workload.targets.is_empty() {
            workload.names.extend(self.chart_names());
        }
        for count in &of.counts {
            workload.counts.extend(self.count(count, at, place));
        }
        self.count_commands(kind, of, at, &mut workload);
        if let Some(copies) = &of.copies
            && !copies.need.find(at).is_empty()
        {
            let mut signature: Vec<String> =
                copies.same.find(at).into_iter().map(|found| outline(found, 0)).collect();
            signature.extend(connections(copies.connections.find(at)));
            workload.copy_of = Some((signature.join("\n"), &copies.kind));
        }
        workload
    }

    /// Build contexts and Dockerfiles, made relative to the root.
    fn build(&self, workload: &mut Workload, contexts: Vec<String>, dockerfiles: Vec<String>) {
        let folder = workload.folder().to_owned();
        let local = |text: &String| !text.contains("://") && !text.contains('$') && !text.starts_with("git@");
        workload.contexts =
            contexts.iter().filter(|text| local(text)).filter_map(|text| join(&folder, text)).collect();
        workload.contexts.dedup();
        if self.manifest.kind.format == Format::Dockerfile {
            workload.dockerfiles.push(workload.file.clone());
            return;
        }
        let exists = |path: &Utf8PathBuf| {
            self.all.iter().any(|each| each.kind.format == Format::Dockerfile && each.path == path.as_path())
        };
        let named = if dockerfiles.is_empty() { vec!["Dockerfile".to_owned()] } else { dockerfiles };
        for name in named.iter().filter(|text| local(text)) {
            let beside = [folder.clone()].into_iter().filter(|_| name != "Dockerfile" || workload.folder_tells);
            let bases: Vec<Utf8PathBuf> = workload.contexts.iter().cloned().chain(beside).collect();
            workload.dockerfiles.extend(bases.iter().filter_map(|base| join(base, name)).find(exists));
        }
    }

    /// The name of the chart, and what its values are about.
    fn chart_names(&self) -> Vec<String> {
        let Some(chart) = self.manifest.chart.as_deref() else { return Vec::new() };
        let of_chart = |each: &&Manifest| each.kind.family == "helm-chart" && each.path.parent() == Some(chart);
        let charts = self.all.iter().filter(of_chart);
        charts
            .flat_map(|each| {
                each.documents.iter().flat_map(|document| each.kind.workloads[0].name.texts(Found::root(document)))
            })
            .collect()
    }

    fn count(&self, count: &'static CountKind, at: Found, place: Option<&Location>) -> Vec<Count> {
        if !count.applies(at) {
            return Vec::new();
        }
        let found = count.path.0.find(at);
        let make = |location: Location, value: String, several: bool| Count {
            location,
            kind: &count.kind,
            value,
            several,
        };
        if found.is_empty() {
            let Some(default) = &count.default else { return Vec::new() };
            let location = place.cloned().unwrap_or_else(|| self.manifest.location(at.range()));
            let location = Location { end_line: location.line, end_column: location.column, ..location };
            let several = is_several(count.several, default).unwrap_or(false);
            return vec![make(location, default.clone(), several)];
        }
        let read = |found: Found| {
            // A number that the base gives stands there; what turns it on may stand here.
            let here = if found.node.is_inherited() { count.condition(at)? } else { found };
            let location = place.cloned().unwrap_or_else(|| self.manifest.location(here.range()));
            if count.several == Several::Items {
                let items = found.node.len();
                return (items > 1).then(|| make(location, format!("{items} servers"), true));
            }
            let value = self.value(found.node)?;
            if !count.words.is_empty() {
                return count.words.contains(&value).then(|| make(location, value, true));
            }
            let several = is_several(count.several, &value).unwrap_or(false);
            Some(make(location, value, several))
        };
        found.into_iter().filter_map(read).collect()
    }

    /// The value of a count; variables are looked up in the manifests beside.
    fn value(&self, node: &Node) -> Option<String> {
        let text = node.text()?.trim();
        if text.is_empty() || helm::is_rendered(text) {
            return None;
        }
        if node.literal().is_none()
            && let Some(name) = text.strip_prefix("var.")
        {
            return self.variable(name);
        }
        Some(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    /// The default of a Terraform variable of the same folder.
    fn variable(&self, name: &str) -> Option<String> {
        let path = super::tree::Path::parse(&format!("variable > {name} > default"));
        let beside = self
            .all
            .iter()
            .filter(|each| each.kind.format == Format::Hcl && each.path.parent() == self.manifest.path.parent());
        let found =
            beside.flat_map(|each| each.documents.iter()).flat_map(|document| path.find(Found::root(document)));
        found.filter_map(|found| found.node.literal().map(str::to_owned)).next()
    }

    /// Numbers of processes in commands.
    fn count_commands(&self, kind: &ManifestKind, of: &WorkloadKind, at: Found, workload: &mut Workload) {
        let Some(whole) = workload.location.clone() else { return };
        let place = |found: Found| self.manifest.location(found.range());
        let mut lines: Vec<(String, Location)> = Vec::new();
        for found in of.command.find(at) {
            let text = found.node.text().map(str::to_owned).or_else(|| found.node.words());
            lines.extend(text.map(|text| (text, place(found))));
        }
        // `command` and `args` are one command line.
        if lines.len() > 1 {
            let text = lines.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(" ");
            workload.commands.push(text.clone());
            if lines.iter().all(|(line, _)| commands::counts(line).is_empty()) {
                lines.push((text, whole));
            }
        }
        for (line, location) in lines {
            for count in commands::counts(&line) {
                // What a script starts is named in it.
                if kind.format == Format::Script {
                    workload.targets.extend(count.of.clone());
                }
                let (kind, value, several) = (count.kind, count.value, count.several);
                workload.counts.push(Count { location: location.clone(), kind, value, several });
            }
        }
    }

    /// YAML within YAML: objects follow the rules of their own kind of file, operations set a number.
    fn inline(&self, of: &'static WorkloadKind, at: Found, workloads: &mut Vec<Workload>) {
        let Some(title) = &of.inline_family else { return };
        let Some(kind) = KINDS.manifests.iter().find(|kind| kind.title == *title) else { return };
        for found in of.inline.find(at) {
            let Some(text) = found.node.text().filter(|text| text.contains(':')) else { continue };
            let place = self.manifest.location(found.range());
            let documents = yaml::parse(text).documents;
            for document in &documents {
                self.document(kind, Found::root(document), Some(&place), workloads);
                let Some(operation) = &of.inline_operation else { continue };
                let [pointer, value] = ["path", "value"].map(super::tree::Path::parse);
                for item in document.items() {
                    let of_item = |path: &super::tree::Path| {
                        path.find(Found::root(item)).first().and_then(|found| found.node.text()).map(str::to_owned)
                    };
                    if of_item(&pointer).as_deref() == Some(operation.at.as_str())
                        && let Some(value) = of_item(&value)
                        && let Some(workload) =
                            workloads.iter_mut().rev().find(|each| each.file == *self.manifest.path)
                    {
                        let several = is_several(Several::AboveOne, &value).unwrap_or(false);
                        let location = place.clone();
                        workload.counts.push(Count { location, kind: &operation.kind, value, several });
                    }
                }
            }
        }
    }
}

/// The connection strings among settings, written `KEY: value` or `KEY=value`, in order. Addresses of web pages and of
/// the instance itself may differ.
fn connections(settings: Vec<Found>) -> Vec<String> {
    let mut found = Vec::new();
    for setting in settings.into_iter().flat_map(Found::children) {
        let Some(text) = setting.node.text() else { continue };
        let (key, value) = match setting.key.and_then(Node::text) {
            Some(key) => (key, text),
            None => text.split_once('=').unwrap_or(("", text)),
        };
        let scheme = value.trim_matches(['"', '\'']).split_once("://").map(|(scheme, _)| scheme);
        if scheme.is_some_and(|scheme| !matches!(scheme, "http" | "https" | "ws" | "wss")) {
            found.push(format!("{key}={value}"));
        }
    }
    found.sort();
    found
}

/// A node as text, to compare; deep ones are cut.
fn outline(found: Found, depth: usize) -> String {
    let key = found.key.and_then(Node::text).unwrap_or_default();
    let inner = match found.node.text() {
        Some(text) => text.to_owned(),
        None if depth > 4 => String::new(),
        None => found.children().take(50).map(|child| outline(child, depth + 1)).collect::<Vec<_>>().join(","),
    };
    format!("{key}:{inner}")
}

/// Several workloads of one file that run the same are several instances of it.
fn add_copies(workloads: &mut [Workload]) {
    for index in 0..workloads.len() {
        let Some((signature, kind)) = workloads[index].copy_of.clone() else { continue };
        let same = |each: &&Workload| {
            each.file == workloads[index].file
                && each.copy_of.as_ref().is_some_and(|(other, _)| *other == signature)
        };
        let names: Vec<String> =
            workloads.iter().filter(same).filter_map(|each| each.names.first().cloned()).collect();
        let is_first = workloads[..index].iter().filter(same).count() == 0;
        let Some(location) = workloads[index].location.clone().filter(|_| is_first && names.len() > 1) else {
            continue;
        };
        let location = Location { end_line: location.line, end_column: location.column, ..location };
        workloads[index].counts.push(Count { location, kind, value: enumerated(&names), several: true });
    }
}

/// The first names of a list, and how many more there are.
fn enumerated(names: &[String]) -> String {
    match names.len().saturating_sub(MAX_NAMES) {
        0 => names.join(", "),
        more => format!("{} and {more} more", names[..MAX_NAMES].join(", ")),
    }
}

/// `text` from `folder`, without `.` and `..`; none where it leaves the root.
pub(super) fn join(folder: &Utf8Path, text: &str) -> Option<Utf8PathBuf> {
    let mut parts: Vec<&str> = folder.as_str().split('/').filter(|part| !part.is_empty()).collect();
    if text.starts_with('/') {
        parts.clear();
    }
    for part in text.split(['/', '\\']) {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/").into())
}

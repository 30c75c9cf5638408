//! `rules/deployment.toml`: where deployments are described, and which keys say what.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use camino::Utf8Path;
use serde::Deserialize;

use super::tree::{Found, Path};

/// The whole file.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct Kinds {
    /// Names of folders without deployments of the product.
    pub(super) skip_folders: Vec<String>,
    /// Names of files that say nothing.
    pub(super) skip_files: Vec<String>,
    /// What other people make: first words of images.
    pub(super) infrastructure_images: Vec<String>,
    /// Words in names that tell another role than serving clients.
    pub(super) other_roles: Vec<String>,
    /// Words in names that tell nothing.
    pub(super) empty_words: Vec<String>,
    /// Files.
    pub(super) manifests: Vec<ManifestKind>,
    /// Commands that start several processes.
    pub(super) commands: Vec<CommandKind>,
}

/// A kind of file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct ManifestKind {
    /// What people call it.
    pub(super) title: String,
    /// Workloads of one family know each other by name.
    pub(super) family: String,
    /// How it is written.
    pub(super) format: Format,
    /// Patterns for names, or for paths.
    files: Vec<String>,
    /// What must stand in it.
    #[serde(default)]
    text: Vec<String>,
    /// The title of files that are of that kind and not of this.
    other_than: Option<String>,
    /// A file that must stand beside it.
    pub(super) beside: Option<String>,
    /// A file that must stand beside it, over which it is laid.
    pub(super) base: Option<String>,
    /// Pages that the facts come from.
    #[serde(default, rename = "documentation")]
    _documentation: Vec<String>,
    /// What it describes.
    pub(super) workloads: Vec<WorkloadKind>,
}

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Format {
    Yaml,
    Toml,
    Hcl,
    Javascript,
    Procfile,
    Dockerfile,
    Script,
    Nginx,
    Haproxy,
}

/// What a file says of one workload.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct WorkloadKind {
    /// Where workloads stand.
    #[serde(default = "at_the_top")]
    at: Paths,
    /// What must hold for it to be one.
    #[serde(default)]
    when: Conditions,
    /// A path that must exist.
    present: Option<WrittenPath>,
    /// What it is called.
    #[serde(default)]
    pub(super) name: Paths,
    /// Whether it is called like the Helm chart.
    #[serde(default)]
    pub(super) chart_name: bool,
    /// Names of the workloads that it speaks of.
    #[serde(default)]
    pub(super) target: Paths,
    /// Images that it runs.
    #[serde(default)]
    pub(super) image: Paths,
    /// What its containers are called.
    #[serde(default)]
    pub(super) container: Paths,
    /// Folders that its image is built from.
    #[serde(default)]
    pub(super) context: Paths,
    /// Dockerfiles.
    #[serde(default)]
    pub(super) dockerfile: Paths,
    /// What it runs.
    #[serde(default)]
    pub(super) command: Paths,
    /// Where it runs that.
    #[serde(default)]
    pub(super) directory: Paths,
    /// Names of hosts that it passes connections to.
    #[serde(default)]
    pub(super) hosts: Paths,
    /// Whether the folder of the file tells whose it is.
    #[serde(default)]
    pub(super) folder: bool,
    /// Numbers of instances.
    #[serde(default)]
    pub(super) counts: Vec<CountKind>,
    /// When several workloads are instances of one thing.
    pub(super) copies: Option<CopiesKind>,
    /// YAML within YAML.
    #[serde(default)]
    pub(super) inline: Paths,
    /// The title of the files whose rules it follows.
    pub(super) inline_family: Option<String>,
    /// An operation of a JSON patch.
    pub(super) inline_operation: Option<OperationKind>,
}

/// A number of instances.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CountKind {
    /// Where it stands, from the workload.
    pub(super) path: WrittenPath,
    /// The report's word.
    pub(super) kind: String,
    /// When it is several.
    #[serde(default)]
    pub(super) several: Several,
    /// Words that mean several.
    #[serde(default)]
    pub(super) words: Vec<String>,
    /// What holds where it is not written.
    pub(super) default: Option<String>,
    /// What must hold for it to count.
    #[serde(default)]
    when: Conditions,
    /// What must not hold.
    #[serde(default)]
    unless: Conditions,
}

/// When a count is several instances.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Several {
    /// A number above 1.
    #[default]
    AboveOne,
    /// Anything but 1: `max`, `0` and `-1` are numbers of cores.
    NotOne,
    /// More than one item or pair.
    Items,
}

/// When several workloads of a file are instances of one thing.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CopiesKind {
    /// The report's word.
    pub(super) kind: String,
    /// What must be the same.
    pub(super) same: Paths,
    /// What must exist, one of them.
    pub(super) need: Paths,
    /// Settings whose connection strings must be the same: instances of one service share their data.
    pub(super) connections: Paths,
}

/// An operation of a JSON patch that sets a number of instances.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct OperationKind {
    /// Its pointer.
    pub(super) at: String,
    /// The report's word.
    pub(super) kind: String,
}

/// A command that starts several processes.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(super) struct CommandKind {
    /// Programs.
    pub(super) programs: Vec<String>,
    /// Subcommands; none for any.
    #[serde(default)]
    pub(super) after: Vec<String>,
    /// Subcommands that another entry knows.
    #[serde(default)]
    pub(super) unless_after: Vec<String>,
    /// Options whose value is the number.
    #[serde(default)]
    pub(super) options: Vec<String>,
    /// The position after the subcommand whose word is the number.
    pub(super) position: Option<usize>,
    /// Whether numbers are written `NAME=NUMBER`.
    #[serde(default)]
    pub(super) named: bool,
    /// The report's word.
    pub(super) kind: String,
    /// When it is several.
    pub(super) several: Several,
}

/// Paths that add up.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "Vec<String>")]
pub(super) struct Paths(Vec<Path>);

impl From<Vec<String>> for Paths {
    fn from(texts: Vec<String>) -> Self {
        Paths(texts.iter().map(|text| Path::parse(text)).collect())
    }
}

impl Paths {
    /// Everything at any of the paths.
    pub(super) fn find<'n>(&self, from: Found<'n>) -> Vec<Found<'n>> {
        self.0.iter().flat_map(|path| path.find(from)).collect()
    }

    /// The texts at the paths; lists of words are joined.
    pub(super) fn texts(&self, from: Found) -> Vec<String> {
        let text = |found: Found| found.node.text().map(str::to_owned).or_else(|| found.node.words());
        self.find(from).into_iter().filter_map(text).filter(|text| !text.is_empty()).collect()
    }
}

fn at_the_top() -> Paths {
    Paths(vec![Path::default()])
}

/// A path in a table.
#[derive(Debug, Deserialize)]
#[serde(from = "String")]
pub(super) struct WrittenPath(pub(super) Path);

impl From<String> for WrittenPath {
    fn from(text: String) -> Self {
        WrittenPath(Path::parse(&text))
    }
}

/// Paths and the words that may stand there; all must hold. `word*` is a beginning.
#[derive(Debug, Default, Deserialize)]
#[serde(from = "BTreeMap<String, Vec<String>>")]
struct Conditions(Vec<(Path, Vec<String>)>);

impl From<BTreeMap<String, Vec<String>>> for Conditions {
    fn from(table: BTreeMap<String, Vec<String>>) -> Self {
        Conditions(table.into_iter().map(|(path, words)| (Path::parse(&path), words)).collect())
    }
}

impl Conditions {
    fn hold(&self, at: Found) -> bool {
        self.0.iter().all(|(path, words)| {
            path.find(at).iter().any(|found| found.node.literal().is_some_and(|text| is_one_of(text, words)))
        })
    }
}

fn is_one_of(text: &str, words: &[String]) -> bool {
    words.iter().any(|word| match word.strip_suffix('*') {
        Some(beginning) => text.starts_with(beginning),
        None => text == word,
    })
}

impl WorkloadKind {
    /// The workloads of a document.
    pub(super) fn find<'n>(&self, document: Found<'n>) -> Vec<Found<'n>> {
        let mut found = self.at.find(document);
        found.retain(|each| {
            !each.node.is_inherited()
                && self.when.hold(*each)
                && self.present.as_ref().is_none_or(|path| !path.0.find(*each).is_empty())
        });
        found
    }
}

impl CountKind {
    /// What must hold for it to count, as written for a workload.
    pub(super) fn condition<'n>(&self, workload: Found<'n>) -> Option<Found<'n>> {
        let written = self.when.0.iter().flat_map(|(path, _)| path.find(workload));
        written.into_iter().find(|found| !found.node.is_inherited())
    }

    /// Whether it counts for a workload.
    pub(super) fn applies(&self, workload: Found) -> bool {
        self.when.hold(workload) && (self.unless.0.is_empty() || !self.unless.hold(workload))
    }
}

impl ManifestKind {
    /// Whether a file is of this kind, by its path.
    pub(super) fn fits_path(&self, path: &Utf8Path) -> bool {
        self.is_named(path) && !self.other().is_some_and(|other| other.is_named(path))
    }

    fn other(&self) -> Option<&'static ManifestKind> {
        let title = self.other_than.as_ref()?;
        KINDS.manifests.iter().find(|kind| kind.title == *title)
    }

    fn is_named(&self, path: &Utf8Path) -> bool {
        let name = path.file_name().unwrap_or_default();
        self.files.iter().any(|pattern| {
            if pattern.contains('/') {
                path.as_str() == pattern || ends_with(path.as_str(), pattern)
            } else {
                matches(name, pattern)
            }
        })
    }

    /// Whether a file is of this kind, by its text.
    pub(super) fn fits_text(&self, text: &str) -> bool {
        self.text.iter().all(|word| text.contains(word.as_str()))
    }
}

/// Whether the last components of a path match a pattern with slashes.
fn ends_with(path: &str, pattern: &str) -> bool {
    let mut parts = path.rsplit('/');
    pattern.rsplit('/').all(|pattern| parts.next().is_some_and(|part| matches(part, pattern)))
}

/// `*` matches anything.
fn matches(name: &str, pattern: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = name.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else { return rest.is_empty() };
    for part in middle {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
    }
    rest.ends_with(last)
}

/// The kinds, read once. A test holds that the file is well formed.
pub(super) static KINDS: LazyLock<Kinds> =
    LazyLock::new(|| toml::from_str(include_str!("../../rules/deployment.toml")).unwrap_or_default());

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_well_formed() {
        let kinds: Kinds = toml::from_str(include_str!("../../rules/deployment.toml")).unwrap();
        for manifest in &kinds.manifests {
            for workload in &manifest.workloads {
                let inline = workload.inline_family.iter().chain(&manifest.other_than);
                for title in inline {
                    assert!(kinds.manifests.iter().any(|each| each.title == *title), "{title}");
                }
            }
        }
    }

    #[test]
    fn names_match_patterns() {
        for (name, pattern, is) in [
            ("docker-compose.prod.yml", "docker-compose*.yml", true),
            ("docker-compose.yml", "docker-compose*.yml", true),
            ("Dockerfile", "Dockerfile", true),
            ("Dockerfile.dev", "Dockerfile", false),
            ("my-task-def.json", "*task-def*.json", true),
            ("values.yaml", "values*.yml", false),
            ("a.yaml", "*.yaml", true),
        ] {
            assert_eq!(matches(name, pattern), is, "{name} {pattern}");
        }
        assert!(ends_with("deploy/ecs/web.json", "ecs/*.json") && !ends_with("ecs.json", "ecs/*.json"));
    }
}

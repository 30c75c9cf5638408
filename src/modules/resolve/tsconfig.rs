//! `tsconfig.json` and `jsconfig.json`: which aliases hold in which folder.
//!
//! `oxc_resolver` reads them, but gives up on a configuration as a whole if it extends a package that is not
//! installed, which is the rule in a fresh checkout. So each text is parsed here first, and what leads nowhere is
//! taken out.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use camino::{Utf8Path, Utf8PathBuf};
use oxc_resolver::{ResolveError, ResolverImpl, TsConfig};
use rustc_hash::{FxHashMap, FxHashSet};
use serde_json::Value;

use super::file_system::Contents;
use crate::source::{FileRole, Problem, ProblemKind, Project, jsonc};

/// The configurations that may hold aliases, by folder.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    folders: FxHashMap<Utf8PathBuf, Vec<Arc<TsConfig>>>,
}

impl Aliases {
    /// The paths that a bare specifier may stand for in a folder, nearest configuration first.
    pub(super) fn candidates(&self, folder: &Utf8Path, specifier: &str) -> Vec<PathBuf> {
        if self.folders.is_empty() {
            return Vec::new();
        }
        let configs = folder.ancestors().filter_map(|each| self.folders.get(each)).flatten();
        configs.flat_map(|config| config.resolve_path_alias_or_base_url(specifier)).collect()
    }

    /// The nearest folder with aliases: within it, all files share them.
    pub(super) fn scope<'a>(&self, folder: &'a Utf8Path) -> &'a Utf8Path {
        folder.ancestors().find(|each| self.folders.contains_key(*each)).unwrap_or(Utf8Path::new(""))
    }
}

/// The configuration files that lie around product code, by folder and in order of preference.
pub(super) fn files(project: &Project) -> Vec<Utf8PathBuf> {
    let product = project.files.iter().filter(|file| file.role == FileRole::Source);
    let folders: FxHashSet<&Utf8Path> = product.flat_map(|file| file.path.ancestors().skip(1)).collect();
    let mut files: Vec<Utf8PathBuf> = project
        .others
        .iter()
        .filter(|path| path.file_name().is_some_and(is_config_name))
        .filter(|path| path.parent().is_some_and(|folder| folders.contains(folder)))
        .cloned()
        .collect();
    // `tsconfig.json` comes before `jsconfig.json`, and both before variants for a base or a build.
    let rank = |path: &Utf8PathBuf| match path.file_name() {
        Some("tsconfig.json") => 0,
        Some("jsconfig.json") => 1,
        _ => 2,
    };
    files.sort_by(|a, b| (a.parent(), rank(a), a).cmp(&(b.parent(), rank(b), b)));
    files
}

fn is_config_name(name: &str) -> bool {
    (name.starts_with("tsconfig") || name.starts_with("jsconfig")) && name.ends_with(".json")
}

/// Parses the configurations and stores their repaired texts. Returns what is broken.
pub(super) fn repair(project: &Project, contents: &mut Contents, files: &[Utf8PathBuf]) -> Vec<Problem> {
    let mut problems = Vec::new();
    for file in files {
        let absolute = project.root.join(file);
        let Ok(text) = std::fs::read_to_string(&absolute) else { continue };
        let mut config = match jsonc::from_str::<Value>(&text) {
            Ok(config) => config,
            Err(error) => {
                problems.push(broken(file, u32::try_from(error.line()).ok(), &error.to_string()));
                Value::Object(serde_json::Map::new())
            }
        };
        repair_links(project, contents, file, &mut config);
        contents.replaced.insert(absolute.into_std_path_buf(), config.to_string());
    }
    problems
}

fn broken(file: &Utf8Path, line: Option<u32>, reason: &str) -> Problem {
    let message = format!("This configuration is not used: {reason}.");
    Problem {
        file: file.to_owned(),
        line: line.filter(|&line| line > 0),
        kind: ProblemKind::BrokenManifest,
        message,
    }
}

/// Takes out `extends` and `references` that lead nowhere.
fn repair_links(project: &Project, contents: &Contents, file: &Utf8Path, config: &mut Value) {
    let Some(fields) = config.as_object_mut() else { return };
    let folder = file.parent().unwrap_or(Utf8Path::new(""));
    if let Some(extends) = fields.remove("extends") {
        let one = extends.as_str().map(|_| vec![extends.clone()]);
        let bases = one.or_else(|| extends.as_array().cloned()).unwrap_or_default();
        let bases = bases.iter().filter_map(Value::as_str);
        let found: Vec<Value> =
            bases.filter_map(|base| base_path(project, contents, folder, base)).map(Value::String).collect();
        fields.insert("extends".to_owned(), Value::Array(found));
    }
    if let Some(references) = fields.get_mut("references").and_then(Value::as_array_mut) {
        references.retain(|reference| {
            let path = reference["path"].as_str().and_then(|path| contents.relative(&join(project, folder, path)));
            path.is_some_and(|path| {
                contents.has_file(&path) && path != file || contents.has_file(&path.join("tsconfig.json"))
            })
        });
    }
}

/// The absolute path of a configuration that another extends, if it exists.
fn base_path(project: &Project, contents: &Contents, folder: &Utf8Path, base: &str) -> Option<String> {
    let path = if base.starts_with('.') || Path::new(base).is_absolute() {
        join(project, folder, base)
    } else {
        let (name, below) = super::package_name(base)?;
        let package = project.package_named(name)?;
        project.root.join(&project.package(package).folder).join(below).into_std_path_buf()
    };
    let with_extension = PathBuf::from(format!("{}.json", path.display()));
    [path.clone(), with_extension, path.join("tsconfig.json")]
        .into_iter()
        .find(|path| match contents.relative(path) {
            Some(relative) => contents.has_file(&relative),
            None => path.is_file(),
        })
        .and_then(|path| path.to_str().map(str::to_owned))
}

/// `root/folder/path` without `.` and `..`.
fn join(project: &Project, folder: &Utf8Path, path: &str) -> PathBuf {
    let mut joined = project.root.join(folder).into_std_path_buf();
    for component in Path::new(path).components() {
        match component {
            std::path::Component::CurDir => {}
            std::path::Component::ParentDir => {
                joined.pop();
            }
            component => joined.push(component),
        }
    }
    joined
}

/// Loads the configurations that hold aliases.
pub(super) fn load(resolver: &ResolverImpl, project: &Project, files: &[Utf8PathBuf]) -> (Aliases, Vec<Problem>) {
    let mut aliases = Aliases::default();
    let mut problems = Vec::new();
    for file in files {
        match resolver.resolve_tsconfig(project.root.join(file)) {
            Ok(config) => {
                let with_references = std::iter::once(&config).chain(&config.references_resolved);
                let holding = with_references.filter(|each| {
                    each.compiler_options.paths.is_some() || each.compiler_options.base_url.is_some()
                });
                let holding: Vec<_> = holding.cloned().collect();
                if !holding.is_empty() {
                    let folder = file.parent().unwrap_or(Utf8Path::new("")).to_owned();
                    aliases.folders.entry(folder).or_default().extend(holding);
                }
            }
            Err(error) => problems.push(broken(file, line_of(&error), &reason_of(&error, project))),
        }
    }
    (aliases, problems)
}

fn line_of(error: &ResolveError) -> Option<u32> {
    match error {
        // The text that was parsed is the repaired one, so its lines are not the file's.
        ResolveError::Json(_) => None,
        ResolveError::TsconfigLoadFailed { source, .. } => line_of(source),
        _ => None,
    }
}

/// The error without the place where the project lies on this machine.
fn reason_of(error: &ResolveError, project: &Project) -> String {
    let text = match error {
        ResolveError::Json(json) => json.message.clone(),
        ResolveError::TsconfigLoadFailed { source, .. } => reason_of(source, project),
        other => other.to_string(),
    };
    text.replace(&format!("{}/", project.root), "")
}

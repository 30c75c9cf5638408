//! Where rule files come from: those that crosscast brings along, and the user's folders.

use super::compile::compile;
use super::error::{RuleError, RuleSource};
use super::schema::RuleFile;
use super::set::RuleSet;
use camino::{Utf8Path, Utf8PathBuf};
use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

/// Stem and text of each built-in file; `build.rs` lists them.
const BUILTIN: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/libraries.rs"));

/// The rules that crosscast brings along.
pub fn builtin() -> Result<&'static RuleSet, &'static RuleError> {
    static RULES: OnceLock<Result<RuleSet, RuleError>> = OnceLock::new();
    RULES.get_or_init(|| load(&[])).as_ref()
}

/// The built-in rules and those of the user's folders. A file of a later folder replaces the family of the same
/// stem.
pub fn load(folders: &[Utf8PathBuf]) -> Result<RuleSet, RuleError> {
    let mut sources = builtin_sources();
    let mut faults = Vec::new();
    for folder in folders {
        match read_folder(folder) {
            Ok(files) => sources.extend(files),
            Err((path, error)) => {
                let source = RuleSource::new("", path.as_str(), "");
                faults.push(source.fault(None, format!("cannot read {path}: {error}")));
            }
        }
    }
    if faults.is_empty() { load_sources(sources) } else { Err(RuleError { faults }) }
}

/// Rules from texts. A later source replaces an earlier one of the same family.
pub fn load_sources(sources: impl IntoIterator<Item = RuleSource>) -> Result<RuleSet, RuleError> {
    let families: BTreeMap<String, RuleSource> =
        sources.into_iter().map(|source| (source.family.clone(), source)).collect();
    compile(&families.into_values().collect::<Vec<_>>())
}

/// The JSON schema of a rule file.
pub fn schema_json() -> String {
    let schema = schemars::schema_for!(RuleFile);
    let mut text = serde_json::to_string_pretty(&schema).unwrap_or_default();
    text.push('\n');
    text
}

/// The built-in files.
fn builtin_sources() -> Vec<RuleSource> {
    let source = |&(stem, text): &(&str, &str)| RuleSource {
        family: stem.to_owned(),
        path: format!("rules/libraries/{stem}.toml"),
        text: Arc::new(text.to_owned()),
        builtin: true,
    };
    BUILTIN.iter().map(source).collect()
}

/// The rule files of a user's folder.
fn read_folder(folder: &Utf8Path) -> Result<Vec<RuleSource>, (Utf8PathBuf, std::io::Error)> {
    let failed = |path: &Utf8Path| {
        let path = path.to_owned();
        move |error| (path, error)
    };
    let mut sources = Vec::new();
    for entry in folder.read_dir_utf8().map_err(failed(folder))? {
        let entry = entry.map_err(failed(folder))?;
        let path = entry.path();
        if path.extension() == Some("toml") {
            let text = std::fs::read_to_string(path).map_err(failed(path))?;
            sources.push(RuleSource::new(path.file_stem().unwrap_or_default(), path.as_str(), text));
        }
    }
    Ok(sources)
}

//! The rule files, their schema and the handbook agree with the code, and every operation has a fixture.

#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may panic, in its helpers too")]

mod support;

use camino::Utf8Path;
use crosscast::flow::{self, ProjectVersions};
use crosscast::modules::{self, Selection, resolve::Resolver};
use crosscast::rules::{self, OperationId, RuleSet};
use crosscast::source::{ProjectOptions, read_project};
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

fn repository(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// The built-in rule files.
fn rule_files() -> Vec<PathBuf> {
    let folder = repository("rules/libraries");
    let entries = fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn the_schema_is_current() {
    let path = repository("rules/schema.json");
    let current = crosscast::rules::schema_json();
    if std::env::var_os("CROSSCAST_UPDATE").is_some() {
        fs::write(&path, current).unwrap();
    } else {
        let stored = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
        assert!(stored == current, "rules/schema.json is stale: run `CROSSCAST_UPDATE=1 cargo test --test rules`");
    }
}

#[test]
fn the_schema_accepts_every_rule_file() {
    let schema = serde_json::from_str(&crosscast::rules::schema_json()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let files = rule_files();
    for file in &files {
        let rules: serde_json::Value = toml::from_str(&fs::read_to_string(file).unwrap()).unwrap();
        let errors: Vec<String> =
            validator.iter_errors(&rules).map(|error| format!("{}: {error}", error.instance_path())).collect();
        assert!(errors.is_empty(), "{}: {errors:#?}", file.display());
    }
}

#[test]
fn the_schema_refuses_what_the_loader_refuses() {
    let schema = serde_json::from_str(&crosscast::rules::schema_json()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for text in [
        "packages = ['no-title']",
        "title = 'T'\npakages = ['x']",
        "title = 'T'\n[types.A]\nextend = 'B'",
        "title = 'T'\n[types.A.methods]\nm = 1",
        "title = 'T'\n[types.A.methods]\nm = { retruns = 'this' }",
        "title = 'T'\n[types.A.methods]\nm = { deliver = { to = 'nobody' } }",
        "title = 'T'\n[types.A]\nendpoint = { rooms = true }",
    ] {
        let rules: serde_json::Value = toml::from_str(text).unwrap();
        assert!(!validator.is_valid(&rules), "{text}");
    }
}

#[test]
fn the_handbook_explains_every_key() {
    let schema: serde_json::Value = serde_json::from_str(&crosscast::rules::schema_json()).unwrap();
    let mut keys = BTreeSet::new();
    collect_keys(&schema, &mut keys);
    let handbook = fs::read_to_string(repository("rules/README.md")).unwrap();
    let words: BTreeSet<&str> = handbook
        .split(|char: char| !char.is_alphanumeric() && char != '-')
        .filter(|word| !word.is_empty())
        .collect();
    let missing: Vec<&String> = keys.iter().filter(|key| !words.contains(key.as_str())).collect();
    assert!(keys.len() > 60 && missing.is_empty(), "rules/README.md does not mention {missing:?}");
}

/// The names of all properties in a schema.
fn collect_keys(schema: &serde_json::Value, keys: &mut BTreeSet<String>) {
    match schema {
        serde_json::Value::Object(object) => {
            for (name, value) in object {
                match value {
                    serde_json::Value::Object(properties) if name == "properties" => {
                        keys.extend(properties.keys().cloned());
                        properties.values().for_each(|property| collect_keys(property, keys));
                    }
                    _ => collect_keys(value, keys),
                }
            }
        }
        serde_json::Value::Array(values) => values.iter().for_each(|value| collect_keys(value, keys)),
        _ => {}
    }
}

#[test]
fn every_operation_is_hit_by_a_fixture() {
    let rules = rules::builtin().unwrap();
    let mut used = BTreeSet::new();
    for (_, folder) in support::fixtures() {
        used.extend(operations_used(rules, Utf8Path::from_path(&folder).unwrap()));
    }
    let mut missing: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (id, row) in rules.operations.iter().enumerate() {
        if !row.implied && !used.contains(&OperationId(id as u32)) {
            missing.entry(&row.family).or_default().push(row.to_string());
        }
    }
    let count: usize = missing.values().map(Vec::len).sum();
    let lines: Vec<String> = missing
        .iter()
        .map(|(family, names)| format!("rules/libraries/{family}.toml\n    {}", names.join("\n    ")))
        .collect();
    assert!(missing.is_empty(), "{count} operations have no fixture:\n{}", lines.join("\n"));
}

/// The operations and property reads that an audit of the folder applies.
fn operations_used(rules: &RuleSet, folder: &Utf8Path) -> BTreeSet<OperationId> {
    let (project, _) = read_project(folder, &ProjectOptions::default()).unwrap();
    let (resolver, _) = Resolver::new(&project);
    let keywords: Vec<String> = rules.keywords().map(str::to_owned).collect();
    let selection = Selection { is_seed: &|package| rules.seeds(package), keywords: &keywords, all: false };
    let (graph, _) = modules::build(&project, &resolver, &selection, &modules::LoweredFiles::default());
    let versions = ProjectVersions { project: &project, graph: &graph };
    let (flow, _) = flow::solve(&graph, rules, &versions);
    let applied = flow.uses.iter().filter_map(|api_use| flow.operation(api_use).map(|operation| operation.id));
    applied.chain(flow.properties.iter().copied()).collect()
}

//! `package.json`: the fields that the audit needs, read leniently.

use std::collections::BTreeMap;

use camino::{Utf8Path, Utf8PathBuf};
use serde_json::Value;

use super::{PackageManager, PackageManifest, Problem, ProblemKind};

/// Reads the manifest at `path` (relative to `root`). A broken one still marks its folder as a package.
pub(super) fn read(root: &Utf8Path, path: &Utf8Path) -> (PackageManifest, Option<Problem>) {
    let folder = path.parent().map(Utf8Path::to_owned).unwrap_or_default();
    let broken = |line: Option<u32>, reason: String| {
        let message = format!("This package.json is not used: {reason}.");
        Some(Problem { file: path.to_owned(), line, kind: ProblemKind::BrokenManifest, message })
    };
    let empty = |folder| PackageManifest { folder, is_broken: true, ..Default::default() };
    let text = match std::fs::read(root.join(path)) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
        Err(error) => return (empty(folder), broken(None, error.to_string())),
    };
    match serde_json::from_str::<Value>(text.trim_start_matches('\u{feff}')) {
        Ok(Value::Object(fields)) => (manifest(folder, &Value::Object(fields)), None),
        Ok(_) => (empty(folder), broken(Some(1), "it is no object".to_owned())),
        Err(error) => {
            let line = u32::try_from(error.line()).ok().filter(|&line| line > 0);
            (empty(folder), broken(line, error.to_string()))
        }
    }
}

fn manifest(folder: Utf8PathBuf, json: &Value) -> PackageManifest {
    let mut dependencies = BTreeMap::new();
    // A package in several groups takes its range from the one that an installation obeys.
    for group in ["peerDependencies", "devDependencies", "optionalDependencies", "dependencies"] {
        dependencies.extend(strings(&json[group]));
    }
    let mut entries = Vec::new();
    for field in ["main", "module", "bin", "exports"] {
        targets(&json[field], &mut entries);
    }
    PackageManifest {
        folder,
        name: json["name"].as_str().map(str::to_owned),
        version: json["version"].as_str().map(str::to_owned),
        is_esm: json["type"] == "module",
        dependencies,
        manager: json["packageManager"].as_str().and_then(PackageManager::of_field),
        locked: BTreeMap::new(),
        scripts: strings(&json["scripts"]),
        entries,
        workspaces: workspaces(&json["workspaces"]),
        module_aliases: strings(&json["_moduleAliases"]),
        is_private: json["private"] == true,
        has_bin: json["bin"].is_object() || json["bin"].is_string(),
        has_exports: json["exports"].is_object() || json["exports"].is_string(),
        crosscast: json.get("crosscast").map(Value::to_string),
        is_broken: false,
    }
}

/// The string values of an object.
fn strings(json: &Value) -> BTreeMap<String, String> {
    let fields = json.as_object().into_iter().flatten();
    fields.filter_map(|(key, value)| Some((key.clone(), value.as_str()?.to_owned()))).collect()
}

/// All strings in an entry field, whatever conditions stand around them.
fn targets(json: &Value, entries: &mut Vec<String>) {
    match json {
        Value::String(target) if !entries.contains(target) => entries.push(target.clone()),
        Value::Object(fields) => fields.values().for_each(|value| targets(value, entries)),
        Value::Array(values) => values.iter().for_each(|value| targets(value, entries)),
        _ => {}
    }
}

/// `workspaces: […]`, or yarn's `workspaces: { packages: […] }`.
fn workspaces(json: &Value) -> Vec<String> {
    let list = json.as_array().or_else(|| json["packages"].as_array());
    list.into_iter().flatten().filter_map(|pattern| Some(pattern.as_str()?.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (PackageManifest, Option<Problem>) {
        let folder = tempfile::tempdir().unwrap();
        let root = Utf8Path::from_path(folder.path()).unwrap();
        std::fs::write(root.join("package.json"), text).unwrap();
        read(root, Utf8Path::new("package.json"))
    }

    #[test]
    fn takes_the_fields_it_needs() {
        let (manifest, problem) = read_text(
            r#"{ "name": "app", "type": "module", "main": "./server.js", "bin": { "app": "bin/www" },
                 "exports": { ".": { "import": "./esm.js", "require": ["./cjs.js"] } },
                 "devDependencies": { "ws": "7", "x": "1" }, "dependencies": { "ws": "8", "odd": 3 },
                 "workspaces": { "packages": ["packages/*"] }, "crosscast": { "a": 1 } }"#,
        );
        assert_eq!(problem, None);
        assert_eq!(manifest.name.as_deref(), Some("app"));
        assert!(manifest.is_esm && manifest.has_exports);
        assert_eq!(manifest.dependencies, BTreeMap::from([("ws".into(), "8".into()), ("x".into(), "1".into())]));
        assert_eq!(manifest.entries, ["./server.js", "bin/www", "./esm.js", "./cjs.js"]);
        assert_eq!(manifest.workspaces, ["packages/*"]);
        assert_eq!(manifest.crosscast.as_deref(), Some(r#"{"a":1}"#));
    }

    #[test]
    fn a_broken_one_is_a_problem_with_a_line() {
        let (manifest, problem) = read_text("{\n  \"name\": \"app\",\n}");
        assert!(manifest.is_broken);
        let problem = problem.unwrap();
        assert_eq!((problem.kind, problem.line), (ProblemKind::BrokenManifest, Some(3)));
        assert_eq!(read_text("[]").1.unwrap().line, Some(1));
    }

    #[test]
    fn odd_types_are_passed_over() {
        let (manifest, problem) = read_text(r#"{ "name": 1, "dependencies": [], "scripts": null, "main": false }"#);
        assert_eq!(problem, None);
        assert_eq!(manifest.name, None);
        assert!(manifest.entries.is_empty());
    }
}

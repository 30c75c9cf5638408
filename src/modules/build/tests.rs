//! Which files a selection takes.

use super::*;
use crate::modules::resolve::Resolver;
use crate::source::{ProjectOptions, read_project};

/// The files that are lowered for a seed called `ws` and the keyword `text/event-stream`.
fn chosen(files: &[(&str, &str)], all: bool) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let root = camino::Utf8Path::from_path(folder.path()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let (project, _) = read_project(root, &ProjectOptions::default()).unwrap();
    let (resolver, _) = Resolver::new(&project);
    let keywords = ["text/event-stream".to_owned()];
    let selection = Selection { is_seed: &|specifier| specifier == "ws", keywords: &keywords, all };
    let (graph, _) = build(&project, &resolver, &selection, &LoweredFiles::default());
    graph.modules.iter().map(|module| project.file(module.file).path.to_string()).collect()
}

const WORKSPACE: [(&str, &str); 9] = [
    ("api/package.json", r#"{ "name": "api" }"#),
    ("api/index.js", "require('ws/lib/x'); require('../shared/log')"),
    ("api/routes/a.js", "// loaded by folder"),
    ("api/test/a.js", "require('ws')"),
    ("shared/log.js", "require('./color'); const x = 1"),
    ("shared/color.js", "const x = 1"),
    ("jobs/package.json", r#"{ "name": "jobs" }"#),
    ("jobs/index.js", "require('bull')"),
    ("runner/index.js", "require('../api')"),
];

#[test]
fn without_a_seed_nothing_is_lowered() {
    assert_eq!(chosen(&[("index.js", "require('express')")], false), [""; 0]);
    assert_eq!(chosen(&[("index.js", "require('express')")], true), ["index.js"]);
}

#[test]
fn a_seed_brings_its_package_and_what_is_connected() {
    let mut expected =
        vec!["api/index.js", "api/routes/a.js", "runner/index.js", "shared/color.js", "shared/log.js"];
    assert_eq!(chosen(&WORKSPACE, false), expected);
    expected.insert(2, "jobs/index.js");
    assert_eq!(chosen(&WORKSPACE, true), expected);
}

#[test]
fn a_keyword_is_a_seed() {
    assert_eq!(
        chosen(&[("a.js", "res.type('text/event-stream')"), ("b/package.json", "{}"), ("b/b.js", "1")], false),
        ["a.js"]
    );
}

#[test]
fn a_modelled_package_of_the_project_stays_a_package() {
    let selection = Selection { is_seed: &|specifier| specifier == "ws", keywords: &[], all: false };
    assert!(is_seed_package("ws", &selection) && is_seed_package("ws/lib/x", &selection));
    assert!(!is_seed_package("./ws", &selection));
    assert_eq!(package("ws/lib/x"), Resolution::Package { name: "ws".into(), subpath: "lib/x".into() });
}

//! The stages of an audit, one by one and as a whole, and the audit after one file changed.
//!
//! `cargo bench --bench stages`

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

mod support;

use crosscast::audit::{audit, audit_again};
use crosscast::config::Config;
use crosscast::flow::{self, ProjectVersions};
use crosscast::modules::{self, LoweredFiles, ModuleGraph, Selection, resolve::Resolver};
use crosscast::realtime;
use crosscast::rules::{self, RuleSet, Vocabulary};
use crosscast::source::{Project, ProjectOptions, read_project};
use divan::{Bencher, black_box};

fn main() {
    divan::main();
}

/// Features of the measured server; each has four files.
const SIZES: [usize; 3] = [25, 100, 400];

fn read(root: &camino::Utf8Path) -> Project {
    read_project(root, &ProjectOptions::default()).unwrap().0
}

fn lowered(project: &Project, rules: &RuleSet, before: &LoweredFiles) -> ModuleGraph {
    let (resolver, _) = Resolver::new(project);
    let keywords: Vec<String> = rules.keywords().map(str::to_owned).collect();
    let is_seed = |package: &str| rules.seeds(package);
    let selection = Selection { is_seed: &is_seed, keywords: &keywords, all: false };
    modules::build(project, &resolver, &selection, before).0
}

#[divan::bench]
fn rules() -> RuleSet {
    rules::load(&[]).unwrap()
}

#[divan::bench(args = SIZES)]
fn walk_read_and_scan(bencher: Bencher, features: usize) {
    let tree = support::server(features);
    let root = tree.root();
    bencher.bench(|| read(&root));
}

#[divan::bench(args = SIZES)]
fn resolve_and_lower(bencher: Bencher, features: usize) {
    let tree = support::server(features);
    let (project, rules) = (read(&tree.root()), rules::load(&[]).unwrap());
    bencher.bench(|| lowered(&project, &rules, &LoweredFiles::default()));
}

#[divan::bench(args = SIZES)]
fn solve(bencher: Bencher, features: usize) {
    let tree = support::server(features);
    let (project, rules) = (read(&tree.root()), rules::load(&[]).unwrap());
    let graph = lowered(&project, &rules, &LoweredFiles::default());
    let versions = ProjectVersions { project: &project, graph: &graph };
    bencher.bench(|| black_box(flow::solve(&graph, &rules, &versions)).1);
}

#[divan::bench(args = SIZES)]
fn find_paths_and_stores(bencher: Bencher, features: usize) {
    let tree = support::server(features);
    let (project, rules) = (read(&tree.root()), rules::load(&[]).unwrap());
    let graph = lowered(&project, &rules, &LoweredFiles::default());
    let versions = ProjectVersions { project: &project, graph: &graph };
    let (flow, _) = flow::solve(&graph, &rules, &versions);
    let vocabulary = Vocabulary::builtin().unwrap();
    bencher.bench(|| realtime::analyze(&project, &flow, vocabulary));
}

#[divan::bench(args = SIZES)]
fn whole_audit(bencher: Bencher, features: usize) {
    let tree = support::server(features);
    let root = tree.root();
    bencher.bench(|| audit(&root, &Config::default()).unwrap().report);
}

/// What an editor waits for after a save.
#[divan::bench(args = SIZES)]
fn audit_after_one_changed_file(bencher: Bencher, features: usize) {
    let tree = support::server(features);
    let root = tree.root();
    let before = LoweredFiles::default();
    audit_again(&root, &Config::default(), &before).unwrap();
    let mut edits = 0;
    bencher
        .with_inputs(|| {
            edits += 1;
            tree.write(
                "src/feature0/store.js",
                &format!("exports.add = () => {edits};\nexports.list = () => [];\n"),
            );
        })
        .bench_local_values(|()| audit_again(&root, &Config::default(), &before).unwrap().report);
}

//! What an adversary would write. Each program comes in sizes that double: time should double with them.
//!
//! `cargo bench --bench worst_cases`

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]

mod support;

use crosscast::audit::audit;
use crosscast::config::Config;
use divan::Bencher;
use support::Tree;

fn main() {
    divan::main();
}

fn measure(bencher: Bencher, tree: &Tree) {
    let root = tree.root();
    bencher.bench(|| audit(&root, &Config::default()).unwrap().report);
}

#[divan::bench(args = [500, 1000, 2000, 4000], sample_count = 5)]
fn long_call_chain(bencher: Bencher, depth: usize) {
    measure(bencher, &support::long_chain(depth));
}

#[divan::bench(args = [500, 1000, 2000, 4000], sample_count = 5)]
fn wide_dispatch(bencher: Bencher, width: usize) {
    measure(bencher, &support::wide_dispatch(width));
}

#[divan::bench(args = [5_000, 10_000, 20_000, 40_000], sample_count = 5)]
fn literal_table(bencher: Bencher, rows: usize) {
    measure(bencher, &support::literal_table(rows));
}

/// Megabytes. Files beyond the size limit are listed, not parsed.
#[divan::bench(args = [1, 4, 50], sample_count = 5)]
fn minified_bundle(bencher: Bencher, megabytes: usize) {
    measure(bencher, &support::bundle(megabytes));
}

/// Features of four files.
#[divan::bench(args = [100, 200, 400, 800], sample_count = 5)]
fn many_files(bencher: Bencher, features: usize) {
    measure(bencher, &support::server(features));
}

//! TEMPORARY: the stages that other branches bring, with the agreed signatures. To be deleted when they are merged:
//! `audit.rs` then imports `source::read_project`, `modules::build`, `flow::solve` and `realtime::analyze`.
#![allow(missing_docs, reason = "temporary")]

use camino::Utf8Path;

use crate::modules::ModuleGraph;
use crate::realtime::Realtime;
use crate::rules::RuleSet;
use crate::source::{Problem, Project, ProjectOptions};

#[derive(Debug, thiserror::Error, miette::Diagnostic)]
#[error("cannot read {0}")]
pub struct ReadError(String, #[source] std::io::Error);

pub fn read_project(root: &Utf8Path, _: &ProjectOptions) -> Result<(Project, Vec<Problem>), ReadError> {
    std::fs::read_dir(root).map_err(|error| ReadError(root.to_string(), error))?;
    Ok((Project { root: root.to_owned(), ..Project::default() }, Vec::new()))
}

pub fn build(_: &Project, _: &RuleSet) -> (ModuleGraph, Vec<Problem>) {
    Default::default()
}

pub fn solve(_: &Project, _: &ModuleGraph, _: &RuleSet) -> ((), Vec<Problem>) {
    Default::default()
}

pub fn analyze(_: &Project, _: &(), _: &RuleSet) -> (Realtime, Vec<Problem>) {
    Default::default()
}

//! What the integration tests share: where fixtures are, and how the binary is run.

#![allow(dead_code, reason = "each test binary uses its own part of this module")]

pub(crate) mod annotation;
pub(crate) mod expectations;

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::Duration;

/// Far more than any audit of the tests needs, far less than a hang.
pub(crate) const BOUND: Duration = Duration::from_secs(60);

/// The folder of the package.
pub(crate) fn package() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every fixture: a folder that holds an `expect.toml`, as `theme/case` and as a path, in order of the name.
pub(crate) fn fixtures() -> Vec<(String, PathBuf)> {
    let root = package().join("fixtures");
    let mut found: Vec<_> = walkdir::WalkDir::new(&root)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|entry| entry.file_name() == "expect.toml")
        .filter_map(|entry| entry.path().parent().map(Path::to_path_buf))
        .map(|folder| (relative(&root, &folder), folder))
        .collect();
    found.sort();
    found
}

/// `path` seen from `root`, with `/`.
pub(crate) fn relative(root: &Path, path: &Path) -> String {
    let parts = path.strip_prefix(root).unwrap_or(path).components();
    parts.map(|part| part.as_os_str().to_string_lossy().into_owned()).collect::<Vec<_>>().join("/")
}

/// The binary under test, with no colour and no configuration from outside.
pub(crate) fn crosscast() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_crosscast"));
    command.env("NO_COLOR", "1").env_remove("FORCE_COLOR").env_remove("GITHUB_ACTIONS");
    command
}

/// The JSON report of a folder, whatever its verdicts; the error says what the binary did instead.
pub(crate) fn audit(root: &Path, more: &[&str]) -> Result<Value, String> {
    let output = run_json(root, more)?;
    serde_json::from_slice(&output.stdout).map_err(|error| format!("standard output is not JSON: {error}"))
}

/// Runs the binary for JSON. An exit code other than 0 is an error, because failing checks are allowed here, and so is
/// a run that does not end.
pub(crate) fn run_json(root: &Path, more: &[&str]) -> Result<Output, String> {
    let mut command = crosscast();
    command.args(["--format", "json", "--fail-on", "never"]).args(more).arg(root);
    let output = assert_cmd::Command::from(command).timeout(BOUND).output().map_err(|error| error.to_string())?;
    match output.status.code() {
        Some(0) => Ok(output),
        None => Err(format!("no end within {BOUND:?}")),
        code => Err(format!("exit {code:?}: {}", String::from_utf8_lossy(&output.stderr).trim())),
    }
}

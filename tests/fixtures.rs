//! Each folder below `fixtures/` that holds an `expect.toml` is a test: the report of the binary must say what the
//! fixture's lines and its `expect.toml` say, nothing less and nothing more.

mod compare;
mod support;

use libtest_mimic::{Arguments, Failed, Trial};
use std::path::Path;
use std::process::ExitCode;
use support::annotation::{self, Annotation};
use support::{expectations, fixtures};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let mut trials: Vec<_> =
        fixtures().into_iter().map(|(name, folder)| Trial::test(name, move || check(&folder))).collect();
    trials.push(Trial::test("there are fixtures", || match fixtures().len() {
        0..50 => Err(Failed::from("fixtures are missing")),
        _ => Ok(()),
    }));
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Audits one fixture and lists every difference.
fn check(folder: &Path) -> Result<(), Failed> {
    let expectations = expectations::read(folder)?;
    let mut annotations = annotation::read(folder)?;
    for row in &expectations.expect {
        annotations.push(Annotation::parse(&row.file, row.line, &row.expect)?);
    }
    let more: Vec<_> = expectations.arguments.iter().map(String::as_str).collect();
    let report = support::audit(folder, &more)?;
    let mut differences = compare::lines(&report, &annotations, &expectations);
    differences.extend(compare::whole(&report, &expectations));
    differences.extend(compare::contract(&report));
    if differences.is_empty() { Ok(()) } else { Err(Failed::from(format!("\n  {}", differences.join("\n  ")))) }
}

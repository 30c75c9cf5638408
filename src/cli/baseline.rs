//! `--baseline FILE` and `--update-baseline`: which failures are known, and what became of them.

use std::io::{self, ErrorKind};

use camino::{Utf8Path, Utf8PathBuf};

use super::arguments::AuditArguments;
use super::{Console, Stop};
use crate::config::{Baseline, Config};
use crate::report::{KnownFailure, Report, read_baseline, write_baseline};

/// The file of a baseline, and what it names; none where it does not exist yet.
pub(super) struct KnownFailures<'a> {
    file: &'a Utf8Path,
    failures: Option<Baseline>,
}

/// The baseline cannot be used.
#[derive(Debug, thiserror::Error, miette::Diagnostic)]
enum BaselineError {
    #[error("there is no baseline {file}")]
    #[diagnostic(code(crosscast::baseline), help("`--update-baseline` writes one with the failures of today"))]
    Missing { file: Utf8PathBuf },
    #[error("cannot read the baseline {file}")]
    #[diagnostic(code(crosscast::baseline))]
    Unreadable { file: Utf8PathBuf, source: io::Error },
    #[error("cannot write the baseline {file}")]
    #[diagnostic(code(crosscast::baseline))]
    Unwritable { file: Utf8PathBuf, source: io::Error },
    #[error("the baseline {file} is no report of this version")]
    #[diagnostic(code(crosscast::baseline), help("write one with `crosscast --baseline FILE --update-baseline`"))]
    NoReport { file: Utf8PathBuf, source: serde_json::Error },
}

impl<'a> KnownFailures<'a> {
    /// Reads the file.
    pub(super) fn read(file: &'a Utf8Path) -> Result<Self, Stop> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(KnownFailures { file, failures: None }),
            Err(source) => {
                return Err(Stop::diagnostic(BaselineError::Unreadable { file: file.to_owned(), source }));
            }
        };
        let no_report = |source| Stop::diagnostic(BaselineError::NoReport { file: file.to_owned(), source });
        Ok(KnownFailures { file, failures: Some(read_baseline(&text).map_err(no_report)?) })
    }

    /// What the file names. Where it is to be written for the first time, everything that fails today.
    pub(super) fn or_all(&self, arguments: &AuditArguments, config: &Config) -> Result<Option<Baseline>, Stop> {
        if self.failures.is_some() {
            return Ok(self.failures.clone());
        }
        if !arguments.update_baseline {
            return Err(Stop::diagnostic(BaselineError::Missing { file: self.file.to_owned() }));
        }
        let today = crate::audit::audit(&arguments.root, config).map_err(Stop::diagnostic)?;
        Ok(Some(today.report.failures().into_iter().map(Into::into).collect()))
    }

    /// Tells what became of the known failures, and writes the file anew where that is asked for.
    pub(super) fn follow(
        &self,
        arguments: &AuditArguments,
        report: &Report,
        console: &mut Console,
    ) -> Result<(), Stop> {
        let Some(comparison) = &report.baseline else { return Ok(()) };
        if arguments.update_baseline {
            let text = write_baseline(report.accepted()).map_err(io::Error::from)?;
            let unwritable = |source| BaselineError::Unwritable { file: self.file.to_owned(), source };
            std::fs::write(self.file, text).map_err(unwritable).map_err(Stop::diagnostic)?;
        }
        let (file, accepted, fixed) = (self.file, comparison.accepted, &comparison.fixed);
        let err = &mut console.err;
        match (self.failures.is_some(), fixed.len()) {
            (false, _) => writeln!(err, "baseline {file}: written with {accepted} known")?,
            (true, 0) => writeln!(err, "baseline {file}: {accepted} known, none fixed")?,
            (true, gone) => {
                writeln!(err, "baseline {file}: {accepted} known, {gone} fixed")?;
                for failure in fixed {
                    writeln!(err, "  fixed {}", in_words(failure))?;
                }
                let hint =
                    if arguments.update_baseline { "taken out" } else { "`--update-baseline` takes them out" };
                writeln!(err, "  {hint}")?;
            }
        }
        Ok(())
    }
}

fn in_words(failure: &KnownFailure) -> String {
    let within = failure.function.as_ref().map(|name| format!(" in {name}")).unwrap_or_default();
    format!("{}: {} ({}{within})", failure.check, failure.code, failure.file)
}

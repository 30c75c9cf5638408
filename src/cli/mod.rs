//! The command line: arguments to settings, a report to standard output, errors to standard error, an exit code.

mod arguments;
mod audit;
mod baseline;
mod console;
mod explain;
mod generate;
mod init;
mod progress;
mod reports;
mod rules;

pub use console::Console;

use clap::Parser;
use miette::Diagnostic;
use std::ffi::OsString;
use std::io;
use std::process::ExitCode;

use arguments::{Arguments, Command, SchemaKind};

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Exit code 0.
    Success,
    /// Exit code 1: a check failed.
    ChecksFailed,
    /// Exit code 2: bad usage, bad settings, an unreadable root, or any problem under `--strict`.
    Error,
}

impl From<Outcome> for ExitCode {
    fn from(outcome: Outcome) -> Self {
        match outcome {
            Outcome::Success => ExitCode::SUCCESS,
            Outcome::ChecksFailed => ExitCode::from(1),
            Outcome::Error => ExitCode::from(2),
        }
    }
}

/// Why a command ends early.
enum Stop {
    /// Nobody reads the output any more, or it cannot be written.
    Output(io::Error),
    /// Something to tell the user.
    Diagnostic(Box<dyn Diagnostic + Send + Sync>),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Stop::Output(error)
    }
}

impl Stop {
    fn diagnostic(error: impl Diagnostic + Send + Sync + 'static) -> Self {
        Stop::Diagnostic(Box::new(error))
    }
}

/// Runs the process's own arguments on its own streams.
pub fn main() -> ExitCode {
    // The language server's own threads read and write the streams, so they must not be locked here.
    if let Ok(Arguments { command: Some(Command::Lsp { .. }), .. }) = Arguments::try_parse() {
        return serve();
    }
    let mut out = io::BufWriter::new(io::stdout().lock());
    // Not locked: the thread that shows progress writes there too.
    let mut err = io::stderr();
    let mut console = Console::of_process(&mut out, &mut err);
    run(std::env::args_os(), &mut console).into()
}

/// Serves an editor; why a session broke off stands in the editor's log of standard error.
fn serve() -> ExitCode {
    let (code, ended) = crate::lsp::stdio();
    if let Some(ended) = ended {
        use std::io::Write;
        // There is no place left to report that standard error cannot be written.
        let _ = writeln!(io::stderr(), "crosscast lsp: {ended}");
    }
    code
}

/// Runs a command line; the first argument is the program's name.
pub fn run(arguments: impl IntoIterator<Item = OsString>, console: &mut Console) -> Outcome {
    let result = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => {
            console.choose_color(arguments.color);
            dispatch(arguments, console)
        }
        Err(error) => console.usage(&error),
    };
    let result = result.and_then(|outcome| console.out.flush().map(|()| outcome).map_err(Stop::from));
    match result {
        Ok(outcome) => outcome,
        Err(Stop::Output(error)) if error.kind() == io::ErrorKind::BrokenPipe => Outcome::Success,
        Err(Stop::Output(error)) => console.complain(&OutputError { error }),
        Err(Stop::Diagnostic(diagnostic)) => console.complain(&*diagnostic),
    }
}

/// Standard output cannot be written.
#[derive(Debug, thiserror::Error, Diagnostic)]
#[error("cannot write the output")]
#[diagnostic(code(crosscast::output))]
struct OutputError {
    #[source]
    error: io::Error,
}

fn dispatch(arguments: Arguments, console: &mut Console) -> Result<Outcome, Stop> {
    match &arguments.command {
        None => audit::run(&arguments.audit, console),
        Some(Command::Init { root, force }) => init::run(root, *force, console),
        Some(Command::Explain { topic }) => explain::run(topic, console),
        // `main` serves before the streams are locked; a caller of `run` has no streams to give.
        Some(Command::Lsp { .. }) => Ok(Outcome::Error),
        Some(Command::Man) => generate::man(console),
        Some(Command::Completions { shell }) => generate::completions(*shell, console),
        Some(Command::Rules { folders }) => rules::run(folders, console),
        Some(Command::Schema { of }) => {
            let text = match of {
                SchemaKind::Report => crate::report::schema().map_err(io::Error::from)?,
                SchemaKind::Rules => crate::rules::schema_json(),
                SchemaKind::Settings => crate::config::schema().map_err(io::Error::from)?,
            };
            console.out.write_all(text.as_bytes())?;
            Ok(Outcome::Success)
        }
    }
}

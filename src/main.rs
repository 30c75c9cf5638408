//! The binary: hands the process to [`crosscast::cli`] and decides nothing.

use std::process::ExitCode;

fn main() -> ExitCode {
    crosscast::cli::main()
}

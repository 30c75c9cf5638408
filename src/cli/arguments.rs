//! The arguments: one table gives the parser and the help.

use camino::Utf8PathBuf;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::num::NonZeroUsize;

use super::explain::Topic;
use super::reports::OutputFile;
use crate::output::Format;

/// Finds the broadcasts and the state of JavaScript/TypeScript realtime servers that break on a second instance.
#[derive(Debug, Parser)]
#[command(name = "crosscast", version, args_conflicts_with_subcommands = true, after_help = AFTER_HELP)]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,

    #[command(flatten)]
    pub(super) audit: AuditArguments,

    /// When to use colours.
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    pub(super) color: ColorChoice,
}

const AFTER_HELP: &str = "\
Examples:
  crosscast                           audit the current folder
  crosscast apps/chat --verbose       audit a folder, and show everything that was found
  crosscast --format json > now.json  the whole report, for programs
  crosscast --output sarif=crosscast.sarif --output json=crosscast.json
                                      the report for people, and two for programs
  crosscast --baseline then.json      only what is new since an earlier report
  crosscast init                      write a commented crosscast.toml for this project
  crosscast --fail-on high            only `pubsub-cross-instance` decides the exit code
  crosscast explain pubsub-cross-instance
  crosscast ./rules                   audit a folder that is named like a command

Exit codes:
  0  no check failed that --fail-on asks for
  1  a check failed
  2  bad usage, bad settings, a folder that cannot be read or holds no JS/TS,
     or (with --strict) a file that could not be read";

/// What an audit looks at and prints.
#[derive(Debug, Args)]
pub(super) struct AuditArguments {
    /// The folder to audit.
    #[arg(default_value = ".", value_name = "PATH")]
    pub(super) root: Utf8PathBuf,

    /// The format of the report.
    #[arg(long, value_enum, default_value_t)]
    pub(super) format: Format,

    /// Write a report to a file as well; may be repeated, with several formats.
    #[arg(long = "output", short, value_name = "FORMAT=FILE", value_parser = OutputFile::parse)]
    pub(super) outputs: Vec<OutputFile>,

    /// The lowest severity whose failure makes the exit code 1.
    #[arg(long, value_enum, default_value_t, value_name = "SEVERITY")]
    pub(super) fail_on: FailOn,

    /// End with exit code 2 if any file could not be read or parsed.
    #[arg(long)]
    pub(super) strict: bool,

    /// A folder with more library rules; may be repeated.
    #[arg(long = "rules", value_name = "DIR")]
    pub(super) rules: Vec<Utf8PathBuf>,

    /// An earlier JSON report or a file of --update-baseline; what it names does not count again.
    #[arg(long, value_name = "FILE")]
    pub(super) baseline: Option<Utf8PathBuf>,

    /// Write the baseline anew: all failures where there is no file yet, else without those that are fixed.
    #[arg(long, requires = "baseline")]
    pub(super) update_baseline: bool,

    /// The settings, instead of the nearest `crosscast.toml` or `package.json` upwards.
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<Utf8PathBuf>,

    /// Audit tests and examples as well.
    #[arg(long)]
    pub(super) include_tests: bool,

    /// Parse every source file, not only those that a realtime library can reach.
    #[arg(long)]
    pub(super) exhaustive: bool,

    /// Worker threads; one per core by default.
    #[arg(long, value_name = "N")]
    pub(super) threads: Option<NonZeroUsize>,

    /// Show every path, store and trigger, however many there are.
    #[arg(long, short, conflicts_with = "quiet")]
    pub(super) verbose: bool,

    /// Show one line per check.
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Explain a check, or a word of the report: why it matters, what to do.
    Explain {
        /// The name or id of a check, or the code of a defect, an advisory or a problem.
        #[arg(value_parser = Topic::parse, value_name = "CHECK|CODE")]
        topic: Topic,
    },
    /// List the libraries that crosscast knows.
    Rules {
        /// A folder with more library rules; may be repeated.
        #[arg(long = "rules", value_name = "DIR")]
        folders: Vec<Utf8PathBuf>,
    },
    /// Look at a project and write a commented `crosscast.toml` for it.
    Init {
        /// The folder of the project.
        #[arg(default_value = ".", value_name = "PATH")]
        root: Utf8PathBuf,
        /// Replace a file that exists.
        #[arg(long)]
        force: bool,
    },
    /// Print the JSON Schema of the report, of rule files or of the settings.
    Schema {
        /// Which schema.
        #[arg(value_enum, default_value_t)]
        of: SchemaKind,
    },
    /// Serve an editor as a language server, on standard input and output.
    Lsp {
        /// Accepted because editors pass it; there is no other way to talk.
        #[arg(long)]
        stdio: bool,
    },
    /// Print the manual page (`crosscast man | man -l -`).
    Man,
    /// Print completions for a shell.
    Completions {
        /// Which shell.
        #[arg(value_enum)]
        shell: clap_complete::Shell,
    },
}

/// What `--fail-on` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum FailOn {
    /// Any failing check.
    #[default]
    Low,
    /// A failing check of high severity.
    High,
    /// Nothing.
    Never,
}

/// What `--color` says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum ColorChoice {
    /// On terminals, unless NO_COLOR is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// What `schema` prints.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum SchemaKind {
    /// The JSON report.
    #[default]
    Report,
    /// Rule files.
    Rules,
    /// `crosscast.toml`.
    Settings,
}

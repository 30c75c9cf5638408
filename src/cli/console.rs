//! The streams of a run, and what they can show.

use miette::{Diagnostic, GraphicalReportHandler, GraphicalTheme};
use std::io::{self, IsTerminal, Write};

use super::arguments::ColorChoice;
use super::{Outcome, Stop};

/// Columns where the output is no terminal.
pub(super) const DEFAULT_WIDTH: usize = 100;
/// Wider text is hard to read.
const MAX_WIDTH: usize = 160;

/// The streams of a run.
pub struct Console<'a> {
    /// Standard output.
    pub out: &'a mut dyn Write,
    /// Standard error.
    pub err: &'a mut dyn Write,
    /// Whether standard output shows colours.
    pub color: bool,
    /// Whether standard error shows colours.
    pub err_color: bool,
    /// Whether standard error is a terminal that shows how far an audit is.
    pub shows_progress: bool,
    /// Columns.
    pub width: usize,
}

impl<'a> Console<'a> {
    /// The streams of this process: colours on terminals, unless `NO_COLOR` is set to anything
    /// (<https://no-color.org>) or the terminal is dumb.
    pub fn of_process(out: &'a mut dyn Write, err: &'a mut dyn Write) -> Self {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        let allowed = !is_set("NO_COLOR") && !is_dumb;
        let columns = terminal_size::terminal_size().map(|(width, _)| usize::from(width.0));
        Console {
            out,
            err,
            color: allowed && io::stdout().is_terminal(),
            err_color: allowed && io::stderr().is_terminal(),
            shows_progress: !is_dumb && io::stderr().is_terminal(),
            width: columns.unwrap_or(DEFAULT_WIDTH).min(MAX_WIDTH),
        }
    }

    /// Follows `--color`.
    pub(super) fn choose_color(&mut self, choice: ColorChoice) {
        match choice {
            ColorChoice::Auto => {}
            ColorChoice::Always => (self.color, self.err_color) = (true, true),
            ColorChoice::Never => (self.color, self.err_color) = (false, false),
        }
    }

    /// Shows the parser's answer: help and version on standard output, mistakes on standard error.
    pub(super) fn usage(&mut self, error: &clap::Error) -> Result<Outcome, Stop> {
        let text = error.render();
        let (stream, color, outcome) = match error.use_stderr() {
            true => (&mut self.err, self.err_color, Outcome::Error),
            false => (&mut self.out, self.color, Outcome::Success),
        };
        if color {
            write!(stream, "{}", text.ansi())?
        } else {
            write!(stream, "{text}")?
        }
        Ok(outcome)
    }

    /// Shows an error.
    pub(super) fn complain(&mut self, diagnostic: &dyn Diagnostic) -> Outcome {
        let theme = if self.err_color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        let handler = GraphicalReportHandler::new_themed(theme).with_width(self.width).with_links(false);
        let mut text = String::new();
        let rendered = handler.render_report(&mut text, diagnostic);
        let text = if rendered.is_ok() { text } else { format!("error: {diagnostic}\n") };
        // There is no place left to report that standard error cannot be written.
        let _ = self.err.write_all(text.as_bytes());
        Outcome::Error
    }
}

//! From a report to bytes: one function per format, all with the same shape.

pub(crate) mod findings;
mod github;
mod gitlab;
mod help;
mod html;
mod human;
mod json;
mod junit;
mod markdown;
mod sarif;
pub(crate) mod text;
mod topology;
mod unix;
pub(crate) mod words;

use std::io::{self, Write};

use crate::report::Report;
use crate::source::Project;

/// A format of the report.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For people, with source snippets.
    #[default]
    Human,
    /// For programs: the whole report.
    Json,
    /// For code scanning: SARIF 2.1.0.
    Sarif,
    /// Annotations on pull requests, as workflow commands of GitHub Actions.
    Github,
    /// One line per finding, for editors and problem matchers.
    Unix,
    /// A summary for comments on pull requests and for job summaries.
    Markdown,
    /// JUnit XML, for the test reports of build servers.
    Junit,
    /// GitLab Code Quality.
    Gitlab,
    /// The topology as a Mermaid flowchart.
    Mermaid,
    /// The topology for Graphviz.
    Dot,
    /// One page with the topology, filters and all evidence.
    Html,
}

/// How a report is shown to people; formats for programs ignore it.
#[derive(Clone, Copy)]
pub struct Style<'a> {
    /// ANSI colours.
    pub color: bool,
    /// Columns to wrap text at.
    pub width: usize,
    /// Everything, however long.
    pub verbose: bool,
    /// The verdicts only.
    pub quiet: bool,
    /// What stands before the report's paths to make them relative to the working folder; empty, or ends with `/`.
    /// The formats whose reader looks for the files itself use it.
    pub prefix: &'a str,
    /// Where snippets come from.
    pub sources: &'a dyn SourceText,
}

/// The text of source files.
pub trait SourceText {
    /// The text of a file by its path in the report; none where it is not at hand.
    fn text(&self, file: &str) -> Option<&str>;
}

impl SourceText for Project {
    fn text(&self, file: &str) -> Option<&str> {
        let index = self.files.binary_search_by(|each| each.path.as_str().cmp(file)).ok();
        // Paths sort by component, text by byte: where the two orders differ the search may miss.
        let index = index.or_else(|| self.files.iter().position(|each| each.path == file))?;
        self.files.get(index).map(|file| file.text.as_str())
    }
}

impl Format {
    /// Writes a report.
    pub fn write(self, report: &Report, out: &mut dyn Write, style: &Style) -> io::Result<()> {
        let write: fn(&Report, &mut dyn Write, &Style) -> io::Result<()> = match self {
            Format::Human => human::write,
            Format::Json => json::write,
            Format::Sarif => sarif::write,
            Format::Github => github::write,
            Format::Unix => unix::write,
            Format::Markdown => markdown::write,
            Format::Junit => junit::write,
            Format::Gitlab => gitlab::write,
            Format::Mermaid => topology::mermaid::write,
            Format::Dot => topology::dot::write,
            Format::Html => html::write,
        };
        write(report, out, style)
    }
}

/// Text in lines of at most `width` columns, without breaking words or names with hyphens.
pub fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(width.max(40)).initial_indent(first).subsequent_indent(rest);
    // Paths must not break at their slashes: a broken one is no link.
    let options = options.break_words(false).word_splitter(textwrap::WordSplitter::NoHyphenation);
    let options = options.word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::fill(text.trim(), options)
}

#[cfg(test)]
mod tests;

//! What is wrong with a rule file, said at the place where it is wrong.

use miette::{Diagnostic, NamedSource, SourceSpan};
use std::ops::Range;
use std::sync::Arc;
use thiserror::Error;

/// The rules do not load: every fault that was found.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("the rules do not load: {}", summary(.faults))]
pub struct RuleError {
    /// The faults, in the order of files and positions.
    #[related]
    pub faults: Vec<RuleFault>,
}

/// One fault of a rule file.
#[derive(Debug, Clone, Error, Diagnostic)]
#[error("{message}")]
pub struct RuleFault {
    /// What is wrong.
    pub message: String,
    /// The file.
    #[source_code]
    pub source_code: NamedSource<Arc<String>>,
    /// Where, as far as a place can be named.
    #[label("here")]
    pub span: Option<SourceSpan>,
    /// What was probably meant, or what to do.
    #[help]
    pub help: Option<String>,
}

fn summary(faults: &[RuleFault]) -> String {
    match faults {
        [only] => only.message.clone(),
        _ => format!("{} faults", faults.len()),
    }
}

/// A file of rules before it is read: the text and what it is called.
#[derive(Debug, Clone)]
pub struct RuleSource {
    /// The family: the file's stem.
    pub family: String,
    /// The file's path, as messages name it.
    pub path: String,
    /// The text.
    pub text: Arc<String>,
    /// Whether it is one of the files that crosscast brings along.
    pub builtin: bool,
}

impl RuleSource {
    /// A file of a user.
    pub fn new(family: impl Into<String>, path: impl Into<String>, text: impl Into<String>) -> Self {
        RuleSource { family: family.into(), path: path.into(), text: Arc::new(text.into()), builtin: false }
    }

    /// A fault of this file.
    pub(crate) fn fault(&self, span: Option<Range<usize>>, message: impl Into<String>) -> RuleFault {
        RuleFault {
            message: message.into(),
            source_code: NamedSource::new(&self.path, Arc::clone(&self.text)),
            span: span.map(SourceSpan::from),
            help: None,
        }
    }

    /// What the TOML reader found wrong, in the rule language's words.
    pub(crate) fn toml_fault(&self, error: &toml::de::Error) -> RuleFault {
        let message = error.message();
        let mut fault = self.fault(error.span(), message);
        for (prefix, what) in [("unknown field `", "key"), ("unknown variant `", "word")] {
            let Some((written, rest)) = message.strip_prefix(prefix).and_then(|rest| rest.split_once('`')) else {
                continue;
            };
            let known: Vec<&str> = rest.split('`').skip(1).step_by(2).collect();
            fault.message = format!("unknown {what} `{written}`");
            fault.help = Some(crate::source::suggestion(written, known));
        }
        fault
    }
}

impl RuleFault {
    /// Adds what was probably meant.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

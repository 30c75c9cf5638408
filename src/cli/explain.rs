//! `crosscast explain CHECK|CODE`: what a word of the report means, why it matters, what to do.

use super::{Console, Outcome, Stop};
use crate::checks::{self, CheckText, CodeText};
use crate::output::wrap;

/// Something that can be explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Topic {
    /// A check.
    Check(Box<CheckText>),
    /// A defect, an advisory or a problem.
    Code(CodeText),
}

impl Topic {
    /// Finds a check by its name or id, or a code.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        let checks = checks::texts().map_err(|error| error.to_string())?;
        let codes = checks::codes().map_err(|error| error.to_string())?;
        let named = |name: &str| name == text;
        if let Some(check) = checks.iter().find(|check| named(&check.name) || named(&check.id)) {
            return Ok(Topic::Check(Box::new(check.clone())));
        }
        let known = || {
            let names = checks.iter().map(|check| check.name.as_str());
            let names = names.chain(codes.iter().map(|code| code.code.as_str()));
            names.collect::<Vec<_>>().join(", ")
        };
        let found = codes.iter().find(|code| named(&code.code)).cloned();
        found.map(Topic::Code).ok_or_else(|| format!("what can be explained: {}", known()))
    }
}

/// Prints the explanation.
pub(super) fn run(topic: &Topic, console: &mut Console) -> Result<Outcome, Stop> {
    match topic {
        Topic::Check(text) => check(text, console),
        Topic::Code(text) => code(text, console),
    }
}

fn check(text: &CheckText, console: &mut Console) -> Result<Outcome, Stop> {
    let width = console.width;
    let paragraph = |text: &str, first: &str, rest: &str| wrap(text, width, first, rest);
    let out = &mut console.out;
    writeln!(out, "{}: {}", text.name, text.title)?;
    writeln!(out, "{}, severity {}", text.id, text.severity)?;
    writeln!(out, "\nWhy it matters\n{}", paragraph(&text.why, "  ", "  "))?;
    writeln!(out, "\nWhat it looks at\n{}", paragraph(&text.looks_for, "  ", "  "))?;
    writeln!(out, "\nVerdicts")?;
    for row in &text.criteria {
        writeln!(out, "{}", paragraph(row, "  - ", "    "))?;
    }
    writeln!(out, "\nWhat to do")?;
    writeln!(out, "{}\n", paragraph(&text.fix, "  ", "  "))?;
    // Code must keep its lines.
    for line in text.remediation.trim().lines() {
        writeln!(out, "{}", format!("  {line}").trim_end())?;
    }
    writeln!(out, "\nReferences")?;
    for reference in &text.references {
        writeln!(out, "{}", paragraph(reference, "  - ", "    "))?;
    }
    Ok(Outcome::Success)
}

fn code(text: &CodeText, console: &mut Console) -> Result<Outcome, Stop> {
    let width = console.width;
    let out = &mut console.out;
    writeln!(out, "{}", wrap(&format!("{}: {}", text.code, text.title), width, "", "  "))?;
    writeln!(out, "{}", text.kind.noun())?;
    writeln!(out, "\nWhy it matters\n{}", wrap(&text.why, width, "  ", "  "))?;
    writeln!(out, "\nWhat to do\n{}", wrap(&text.fix, width, "  ", "  "))?;
    Ok(Outcome::Success)
}

#[cfg(test)]
mod tests {
    use super::Topic;

    #[test]
    fn checks_and_codes_are_topics() {
        assert!(matches!(Topic::parse("pubsub-cross-instance"), Ok(Topic::Check(_))));
        assert!(matches!(Topic::parse("adapter-bypassed"), Ok(Topic::Code(_))));
        let error = Topic::parse("adapter").unwrap_err();
        assert!(error.contains("adapter-bypassed") && error.contains("horizontal-scaling-ready"), "{error}");
    }
}

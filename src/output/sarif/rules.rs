//! The rules of a SARIF log: the checks, and the codes that the log uses.

use std::io;

use super::model::{Configuration, Help, Rule, RuleProperties, Text};
use crate::checks::{self, CheckText, CodeText};

/// Rules in the order of the log.
pub(super) struct Rules {
    /// As they are written.
    pub(super) list: Vec<Rule>,
    /// Their names, by which findings know them.
    names: Vec<String>,
}

impl Rules {
    /// Both checks, and those codes that `is_used` wants.
    pub(super) fn new(is_used: impl Fn(&str) -> bool) -> io::Result<Self> {
        let checks = checks::texts().map_err(io::Error::other)?;
        let codes = checks::codes().map_err(io::Error::other)?;
        let mut rules = Rules { list: Vec::new(), names: Vec::new() };
        for check in checks {
            rules.names.push(check.name.clone());
            rules.list.push(of_check(check));
        }
        for code in codes.into_iter().filter(|code| is_used(&code.code)) {
            rules.names.push(code.code.clone());
            rules.list.push(of_code(&code));
        }
        Ok(rules)
    }

    /// Where a rule stands, by the name of a check or a code; codes of a user's own rule files get an entry when they
    /// are met.
    pub(super) fn index(&mut self, name: &str) -> usize {
        if let Some(index) = self.names.iter().position(|each| each == name) {
            return index;
        }
        self.names.push(name.to_owned());
        self.list.push(unknown(name));
        self.list.len() - 1
    }
}

fn of_check(check: CheckText) -> Rule {
    let is_high = check.severity == "high";
    let criteria: Vec<String> = check.criteria.iter().map(|row| format!("- {row}")).collect();
    let references: Vec<String> = check.references.iter().map(|row| format!("- {row}")).collect();
    let (title, why, looks_for) = (check.title, check.why.trim(), check.looks_for.trim());
    let (remediation, criteria, references) =
        (check.remediation.trim(), criteria.join("\n"), references.join("\n"));
    Rule {
        id: check.id,
        name: pascal(&check.name),
        short_description: Text { text: title.clone() },
        full_description: Text { text: why.to_owned() },
        help: Help {
            text: format!("{why}\n\n{looks_for}\n\n{criteria}\n\n{}\n\n{remediation}\n\n{references}", check.fix),
            markdown: format!(
                "# {title}\n\n{why}\n\n## What it looks at\n\n{looks_for}\n\n## Verdicts\n\n{criteria}\n\n\
                 ## What to do\n\n{}\n\n```text\n{remediation}\n```\n\n## References\n\n{references}\n",
                check.fix
            ),
        },
        // The first reference is the standard that asks for it; the second explains the matter.
        help_uri: check.references.iter().skip(1).find_map(|reference| address(reference)),
        default_configuration: Configuration { level: if is_high { "error" } else { "warning" } },
        properties: RuleProperties {
            tags: vec!["reliability", "realtime", "horizontal-scaling"],
            severity: if is_high { "error" } else { "warning" },
            precision: "high",
        },
    }
}

fn of_code(code: &CodeText) -> Rule {
    let (title, why, fix) = (&code.title, code.why.trim(), &code.fix);
    Rule {
        id: code.code.clone(),
        name: pascal(&code.code),
        short_description: Text { text: title.clone() },
        full_description: Text { text: why.to_owned() },
        help: Help {
            text: format!("{why}\n\n{fix}"),
            markdown: format!("# {title}\n\n{why}\n\n## What to do\n\n{fix}\n"),
        },
        help_uri: None,
        default_configuration: Configuration { level: "warning" },
        properties: RuleProperties {
            tags: vec!["reliability", "realtime"],
            severity: "warning",
            precision: "medium",
        },
    }
}

/// A code of which nothing is known but its name.
fn unknown(code: &str) -> Rule {
    let title = code.replace('-', " ");
    let fix = "A rule file that was loaded with `--rules` gives this code.".to_owned();
    let kind = checks::CodeKind::Advisory;
    of_code(&CodeText { code: code.to_owned(), kind, title: title.clone(), why: title, fix })
}

/// `pubsub-cross-instance` as `PubsubCrossInstance`, which viewers show as a name.
fn pascal(name: &str) -> String {
    name.split('-').map(super::super::words::capitalised).collect()
}

/// The address at the end of a reference.
fn address(reference: &str) -> Option<String> {
    let at = reference.find("https://")?;
    Some(reference[at..].trim().to_owned())
}

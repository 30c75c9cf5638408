//! Command lines: which program they start, with how many processes.

use super::kinds::{CommandKind, KINDS, Several};

/// A number of processes in a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct CommandCount {
    /// The report's word.
    pub(super) kind: &'static str,
    /// As written.
    pub(super) value: String,
    /// Whether it is several.
    pub(super) several: bool,
    /// What it is the number of, where that is named (`web=2`).
    pub(super) of: Option<String>,
}

/// Longer command lines are data.
const MAX_LENGTH: usize = 4_000;

/// The words of a command line, quotes taken off, and its parts between `&&`, `||`, `;` and `|`.
pub(super) fn parts(line: &str) -> Vec<Vec<String>> {
    let mut parts: Vec<Vec<String>> = vec![Vec::new()];
    if line.len() > MAX_LENGTH {
        return parts;
    }
    let mut word = String::new();
    let mut quote = None;
    for character in line.chars().chain([' ']) {
        match (quote, character) {
            (Some(open), _) if character == open => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, ' ' | '\t' | '&' | '|' | ';' | '\n') => {
                if !word.is_empty()
                    && let Some(part) = parts.last_mut()
                {
                    part.push(std::mem::take(&mut word));
                }
                if matches!(character, '&' | '|' | ';') && parts.last().is_some_and(|part| !part.is_empty()) {
                    parts.push(Vec::new());
                }
            }
            _ => word.push(character),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The numbers of processes that a command line asks for.
pub(super) fn counts(line: &str) -> Vec<CommandCount> {
    let mut found = Vec::new();
    for part in parts(line) {
        for kind in &KINDS.commands {
            let program = part.iter().position(|word| {
                let name = word.rsplit('/').next().unwrap_or_default();
                kind.programs.iter().any(|program| program == name)
            });
            if let Some(program) = program {
                count(kind, &part[program + 1..], &mut found);
            }
        }
    }
    found
}

/// The numbers in the words after the program.
fn count(kind: &'static CommandKind, words: &[String], found: &mut Vec<CommandCount>) {
    if words.iter().any(|word| kind.unless_after.contains(word)) {
        return;
    }
    let after = match words.iter().position(|word| kind.after.contains(word)) {
        Some(at) => &words[at + 1..],
        None if kind.after.is_empty() => words,
        None => return,
    };
    let mut values = Vec::new();
    let mut rest = words.iter();
    while let Some(word) = rest.next() {
        for option in &kind.options {
            if word == option {
                values.extend(rest.next().cloned());
            } else if let Some(value) = word.strip_prefix(option.as_str()) {
                // `-i4` and `--instances=4`.
                let value = value.strip_prefix('=').or((option.len() == 2).then_some(value));
                values.extend(value.map(str::to_owned));
            }
        }
    }
    if let Some(position) = kind.position {
        let mut plain = after.iter().filter(|word| !word.starts_with('-'));
        values.extend(plain.nth(position.saturating_sub(1)).cloned());
    }
    if kind.named && kind.options.is_empty() {
        values.extend(after.iter().filter(|word| word.contains('=')).cloned());
    }
    for value in values {
        let (of, value) = match value.split_once('=').filter(|_| kind.named) {
            Some((of, value)) => (Some(of.to_owned()), value.to_owned()),
            None => (None, value),
        };
        if let Some(several) = is_several(kind.several, &value) {
            found.push(CommandCount { kind: &kind.kind, value, several, of });
        }
    }
}

/// Whether a number as written is several instances; none where it is no number.
pub(super) fn is_several(rule: Several, value: &str) -> Option<bool> {
    let number = value.parse::<i64>().ok();
    match rule {
        Several::AboveOne => number.map(|number| number > 1),
        Several::NotOne => Some(number != Some(1) && !value.is_empty()),
        Several::Items => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(line: &str) -> Vec<String> {
        let one = |each: CommandCount| {
            let of = each.of.map(|of| format!(" of {of}")).unwrap_or_default();
            format!("{} {}{}{of}", each.kind, each.value, if each.several { "" } else { " (one)" })
        };
        counts(line).into_iter().map(one).collect()
    }

    #[test]
    fn commands_that_start_several_processes() {
        assert_eq!(shown("NODE_ENV=production pm2 start server.js -i max"), ["pm2-instances max"]);
        assert_eq!(shown("npm run build && npx pm2-runtime dist/main.js -i 4"), ["pm2-instances 4"]);
        assert_eq!(shown("pm2 start app.js --instances=1"), ["pm2-instances 1 (one)"]);
        assert_eq!(shown("docker compose up -d --scale chat=3"), ["compose-scale 3 of chat"]);
        assert_eq!(
            shown("heroku ps:scale web=2 worker=1"),
            ["heroku-formation 2 of web", "heroku-formation 1 (one) of worker"]
        );
        assert_eq!(shown("kubectl scale --replicas=3 deployment/chat"), ["k8s-replicas 3"]);
        assert_eq!(shown("fly scale count 2"), ["fly-machines 2"]);
    }

    #[test]
    fn commands_that_do_not() {
        for line in [
            "pm2 start server.js",
            "node server.js -i 4",
            "sed -i 4d pm2.txt",
            "pm2 logs -i 3",
            "docker run -i 3 x",
            "",
        ] {
            assert!(shown(line).is_empty(), "{line}");
        }
    }
}

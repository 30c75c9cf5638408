//! What lowering makes of each construct: source on one side, facts on the other.

mod classes;
mod comments;
mod guards;
mod modules;
mod robust;
mod scopes;
mod spans;
mod typescript;
mod values;

use super::{ModuleFacts, lower};
use crate::source::Language::{self, *};

/// JavaScript means the same to each grammar.
const EVERYWHERE: &[Language] = &[JavaScript, TypeScript, Tsx];

/// Lowers a snippet and compares all its facts, line by line.
fn check(languages: &[Language], source: &str, expected: &str) {
    for &language in languages {
        let (facts, _) = lower(source, language);
        let lines: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
        assert_eq!(facts.dump(), lines.join("\n"), "\n--- of {language:?}\n{source}");
    }
}

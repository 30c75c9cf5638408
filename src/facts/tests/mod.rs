//! What lowering makes of each construct, as tables of source and facts.

mod robust;
mod trees;

use super::{ModuleFacts, lower};
use crate::source::Language;

/// Lowers a snippet and compares all its facts.
fn check(language: Language, source: &str, expected: &str) {
    let (facts, _) = lower(source, language);
    let lines: Vec<&str> = expected.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    assert_eq!(facts.dump(), lines.join("\n"), "\n--- of {language:?}\n{source}");
}

#[test]
fn scratch() {
    let Ok(paths) = std::env::var("SCRATCH") else { return };
    for path in paths.split(',') {
        let text = std::fs::read_to_string(path).unwrap();
        let language = match path.rsplit('.').next().unwrap() {
            "ts" => Language::TypeScript,
            "tsx" => Language::Tsx,
            _ => Language::JavaScript,
        };
        let (facts, problems) = lower(&text, language);
        println!("=== {path}\n{}", facts.dump());
        for p in problems { println!("{p:?}"); }
    }
    println!("=== ");
}

//! Each key of the rule language, each fault with its place, and how files come together.

use super::*;

/// Loads files, given as (family, text).
fn rules(files: &[(&str, &str)]) -> Result<RuleSet, RuleError> {
    load_sources(files.iter().map(|(family, text)| RuleSource::new(*family, format!("{family}.toml"), *text)))
}

/// Loads one file `lib` whose head is given.
fn lib(body: &str) -> RuleSet {
    let text = format!("title = \"Lib\"\npackages = [\"lib\"]\n{body}");
    rules(&[("lib", &text)]).unwrap_or_else(|error| panic!("{}", render(&error)))
}

/// The faults as a user sees them, without colours.
fn render(error: &RuleError) -> String {
    let mut text = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
    for fault in &error.faults {
        handler.render_report(&mut text, fault).unwrap();
    }
    text
}

/// The faults of a file `lib`, which must have some.
fn faults(body: &str) -> String {
    let text = format!("title = \"Lib\"\npackages = [\"lib\"]\n{body}");
    render(&rules(&[("lib", &text)]).unwrap_err())
}

#[test]
fn the_handbooks_first_rule_loads() {
    let handbook = include_str!("../../rules/README.md");
    let (_, rest) = handbook.split_once("## A first rule\n\n```toml\n").unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    let rules = rules(&[("acme", text)]).unwrap_or_else(|error| panic!("{}", render(&error)));
    let module = rules.module("acme-realtime").unwrap();
    let (_, class) = rules.property(module, "Server").unwrap();
    assert_eq!(class.returns.len(), 1);
}

//! Each key of the rule language, each fault with its place, and how files come together.

mod faults;
mod files;
mod keys;
mod lookups;

use super::*;

/// Loads files, given as (family, text).
fn rules(files: &[(&str, &str)]) -> Result<RuleSet, RuleError> {
    load_sources(files.iter().map(|(family, text)| RuleSource::new(*family, format!("{family}.toml"), *text)))
}

/// A file that must load.
fn loaded(files: &[(&str, &str)]) -> RuleSet {
    rules(files).unwrap_or_else(|error| panic!("{}", one_line_each(&error)))
}

/// The text of a file `lib` with this body.
fn lib_text(body: &str) -> String {
    format!("title = \"Lib\"\npackages = [\"lib\"]\n{body}")
}

/// The rules of one file `lib` with this body, which must load.
fn lib(body: &str) -> RuleSet {
    loaded(&[("lib", &lib_text(body))])
}

/// Each fault as `file: marked text: message | help`.
fn one_line_each(error: &RuleError) -> String {
    let line = |fault: &RuleFault| {
        let text = fault.source_code.inner();
        let marked = fault.span.map_or("", |span| &text[span.offset()..span.offset() + span.len()]);
        let help = fault.help.as_deref().unwrap_or("-");
        format!("{}: {marked}: {} | {help}", fault.source_code.name(), fault.message)
    };
    error.faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The type of a name.
fn ty(rules: &RuleSet, name: &str) -> TypeId {
    rules.type_named(name).unwrap_or_else(|| panic!("no type {name}"))
}

/// The operations of `lib/T`'s method `m`, whose value is written in TOML.
fn operations(value: &str) -> Vec<Operation> {
    let rules = lib(&format!("[types.T]\n[types.T.methods]\nm = {value}\n[types.Other]\n[types.Third]"));
    let (_, operations) = rules.method(ty(&rules, "lib/T"), "m").unwrap();
    operations.to_vec()
}

/// The only operation of a method with these keys.
fn operation(keys: &str) -> Operation {
    let mut operations = operations(&format!("{{ {keys} }}"));
    assert_eq!(operations.len(), 1);
    operations.remove(0)
}

/// A place without steps.
fn at(base: Base) -> Place {
    Place { base, path: Vec::new() }
}

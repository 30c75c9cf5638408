//! A template with its placeholders filled: names, imports, the command that installs, and insertions.

use std::collections::BTreeMap;

use super::naming::Named;
use super::syntax::FileSyntax;
use super::template::{Client, Import, Template};
use super::{Chosen, Edit, Problem, Remedy};
use crate::checks::Item;
use crate::modules::ModuleId;
use crate::realtime::Place;
use crate::source::{PackageManager, Span};

/// Placeholders and what stands for them.
type Values = BTreeMap<String, String>;

impl<'a> Problem<'a> {
    /// The remedy, without its findings.
    pub(super) fn filled(self, chosen: Chosen<'a>) -> Remedy {
        let Chosen { template, client, .. } = chosen;
        let endpoint_name = chosen.endpoint.and_then(|endpoint| self.named(endpoint.place));
        let values = self.values(&chosen, endpoint_name.as_ref());
        let fill = |text: &str| fill(text.trim_end(), &values);
        let anchor = self.anchor(&chosen, endpoint_name.as_ref());
        let module = anchor.as_ref().map_or_else(|| self.home(), |(place, _)| place.module);
        let code = aligned(&fill(client.map_or(template.lines.code.as_str(), |(client, _)| client.code.as_str())));
        let code = self.syntax(module).quoted(&code);
        let imports: Vec<Import> =
            client.iter().flat_map(|(client, _)| &client.imports).chain(&template.lines.imports).cloned().collect();
        let syntax = self.syntax(module);
        let written = syntax.imports(&imports);
        let is_clear = template.edit
            && client.is_none_or(|(_, is_only)| is_only)
            && !written.clash
            && !declared(&code).any(|name| syntax.is_taken(name));
        let edits = match &anchor {
            Some((_, Some(statement))) if is_clear => self.edits(module, *statement, &written.lines, &code),
            _ => Vec::new(),
        };
        let gap = if written.lines.is_empty() || code.is_empty() { "" } else { "\n\n" };
        Remedy {
            service: self.service,
            title: fill(&template.title),
            text: fill(&template.text).split_whitespace().collect::<Vec<_>>().join(" "),
            findings: Vec::new(),
            place: anchor.map(|(place, _)| place),
            install: self.install(template, client.map(|(client, _)| client)),
            code: format!("{}{gap}{code}", written.lines.join("\n")),
            edits,
        }
    }

    /// Where the lines go: a place, and the statement below which they can be written.
    fn anchor(self, chosen: &Chosen, endpoint_name: Option<&Named>) -> Option<(Place, Option<Span>)> {
        let statement = |named: &Named| named.is_plain.then_some(named.statement);
        match chosen.template.after.as_deref()? {
            "endpoint" => Some((chosen.endpoint?.place, endpoint_name.and_then(statement))),
            key => chosen.names.get(key).map(|(named, place)| (*place, statement(named))),
        }
    }

    /// The file after which lines are written that belong to no place: one for all findings of a service, so that they
    /// share a remedy.
    fn home(self) -> ModuleId {
        let paths = self.case.realtime.paths.iter().filter(|path| path.service == self.service);
        let stores = self.case.realtime.stores.iter().filter(|store| store.service == self.service);
        let places = paths.map(|path| path.place).chain(stores.map(|store| store.place));
        places.map(|place| place.module).min().unwrap_or(self.place.module)
    }

    fn values(self, chosen: &Chosen, endpoint_name: Option<&Named>) -> Values {
        let at = |place: Place| {
            let location = self.case.location(place);
            format!("{}:{}", location.file, location.line)
        };
        let endpoint = endpoint_name.map_or(&chosen.file.endpoint, |named| &named.name);
        let mut values = Values::from([("endpoint".to_owned(), endpoint.clone())]);
        let endpoint_place = chosen.endpoint.map_or_else(|| at(self.place), |endpoint| at(endpoint.place));
        values.insert("endpoint-place".to_owned(), endpoint_place);
        if let Item::Store(index) = self.item
            && let Some(store) = self.case.realtime.stores.get(index)
        {
            values.insert("store".to_owned(), store.name.clone());
        }
        for (key, (named, place)) in &chosen.names {
            values.insert((*key).to_owned(), named.name.clone());
            values.insert(format!("{key}-place"), at(*place));
        }
        values
    }

    fn syntax(self, module: ModuleId) -> FileSyntax<'a> {
        let module = self.case.graph.module(module);
        let file = self.case.project.file(module.file);
        let is_esm = file.package.is_some_and(|package| self.case.project.package(package).is_esm);
        FileSyntax::new(file, &module.facts, is_esm)
    }

    /// The command for what no manifest lists yet.
    fn install(self, template: &Template, client: Option<&Client>) -> Option<String> {
        let wanted = template.lines.install.iter().chain(client.map(|client| &client.package));
        let missing: Vec<&str> = wanted.map(String::as_str).filter(|package| !self.depends_on(package)).collect();
        if missing.is_empty() {
            return None;
        }
        let manager = self.packages().iter().find_map(|package| package.manager);
        let command = manager.unwrap_or(PackageManager::Npm).install(&missing);
        let folder = self.case.service_root(self.service);
        Some(if folder == "." { command } else { format!("cd {folder} && {command}") })
    }

    /// The lines as insertions below a statement, the imports below the file's own.
    fn edits(self, module: ModuleId, statement: Span, imports: &[String], code: &str) -> Vec<Edit> {
        let syntax = self.syntax(module);
        let file = self.case.graph.module(module).file;
        let Some(below) = syntax.below_statement(statement.end) else { return Vec::new() };
        let line_break = syntax.line_break();
        let lines = |lines: &mut dyn Iterator<Item = &str>, indentation: &str, at: u32| {
            let mut text = if syntax.begins_a_line(at) { String::new() } else { line_break.to_owned() };
            for line in lines {
                text += format!("{indentation}{line}").trim_end();
                text += line_break;
            }
            text
        };
        let code_text = |at: u32| lines(&mut code.lines(), syntax.indentation(statement), at);
        let import_text = |at: u32| lines(&mut imports.iter().map(String::as_str), "", at);
        if imports.is_empty() {
            return vec![Edit { file, offset: below, text: code_text(below) }];
        }
        match syntax.below_imports(below) {
            Some(at) if at == below => {
                vec![Edit { file, offset: below, text: format!("{}{}", import_text(at), code_text(below)) }]
            }
            Some(at) => vec![
                Edit { file, offset: at, text: import_text(at) },
                Edit { file, offset: below, text: code_text(below) },
            ],
            // There is no place for imports that is certainly right.
            None => Vec::new(),
        }
    }
}

/// Replaces `«key»`; a key without a value stays, so that a mistake in a template is seen.
fn fill(text: &str, values: &Values) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('«') {
        filled += before;
        let Some((key, after)) = after.split_once('»') else {
            rest = after;
            continue;
        };
        match values.get(key) {
            Some(value) => filled += value,
            None => filled += &format!("«{key}»"),
        }
        rest = after;
    }
    filled + rest
}

/// Comments at the ends of lines in one column again, after names of other lengths were filled in.
fn aligned(code: &str) -> String {
    let split = |line: &str| {
        let (code, comment) = line.split_once("  // ")?;
        Some((code.trim_end().to_owned(), comment.to_owned()))
    };
    let lines = code.lines().filter_map(split);
    let width = lines.map(|(code, _)| code.chars().count()).max().unwrap_or_default();
    let line = |line: &str| match split(line) {
        Some((code, comment)) => {
            format!("{code}{}  // {comment}", " ".repeat(width.saturating_sub(code.chars().count())))
        }
        None => line.to_owned(),
    };
    code.lines().map(line).collect::<Vec<_>>().join("\n")
}

/// The names that lines of code declare.
fn declared(code: &str) -> impl Iterator<Item = &str> {
    let names = code.lines().filter_map(|line| {
        let line = line.trim_start();
        line.strip_prefix("const ").or_else(|| line.strip_prefix("let ")).or_else(|| line.strip_prefix("class "))
    });
    names.filter_map(|rest| rest.split(|each: char| !(each.is_alphanumeric() || each == '_' || each == '$')).next())
}

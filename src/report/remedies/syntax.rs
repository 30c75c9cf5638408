//! How the lines of a remedy must look in the file that they are for: its module system, quotes, names and indentation.

use crate::facts::{Expr, ExprKind, FunctionId, ModuleFacts};
use crate::source::{SourceFile, Span};

use super::template::Import;

/// How a file is written.
pub(super) struct FileSyntax<'a> {
    file: &'a SourceFile,
    facts: &'a ModuleFacts,
    /// `import` instead of `require`.
    is_esm: bool,
    quote: char,
}

/// Lines of import, and whether another meaning of one of their names stands in the way.
pub(super) struct Imports {
    /// The lines, those that the file has already left out.
    pub(super) lines: Vec<String>,
    /// A name is taken by something else.
    pub(super) clash: bool,
}

impl<'a> FileSyntax<'a> {
    /// Looks at the file; its package decides where it says nothing itself.
    pub(super) fn new(file: &'a SourceFile, facts: &'a ModuleFacts, is_package_esm: bool) -> Self {
        let requires =
            facts.exprs.iter().any(|expr| matches!(expr.kind, ExprKind::Require(_) | ExprKind::ModuleExports));
        let is_esm = match file.path.extension() {
            Some("mjs" | "mts") => true,
            Some("cjs" | "cts") => false,
            _ if !facts.imports.is_empty() || !facts.exports.is_empty() => true,
            _ if requires => false,
            Some("ts" | "tsx") => true,
            _ => is_package_esm,
        };
        let count = |quote: char| {
            ["require(", "from ", "import "]
                .iter()
                .map(|before| file.text.matches(&format!("{before}{quote}")).count())
                .sum::<usize>()
        };
        let quote = if count('\'') > count('"') { '\'' } else { '"' };
        FileSyntax { file, facts, is_esm, quote }
    }

    /// Code with the quotes of the file. Lines that hold other quotes as well stay as they are.
    pub(super) fn quoted(&self, code: &str) -> String {
        if self.quote == '"' {
            return code.to_owned();
        }
        let line = |line: &str| {
            if line.contains(['\'', '`']) { line.to_owned() } else { line.replace('"', "'") }
        };
        code.lines().map(line).collect::<Vec<_>>().join("\n")
    }

    /// The lines that import these names, one line for each module.
    pub(super) fn imports(&self, imports: &[Import]) -> Imports {
        let mut clash = false;
        let mut modules: Vec<(&str, Vec<&Import>)> = Vec::new();
        for import in imports {
            if self.has(import) {
                continue;
            }
            clash |= self.is_taken(&import.name);
            match modules.iter_mut().find(|(from, _)| *from == import.from) {
                Some((_, names)) => names.push(import),
                None => modules.push((&import.from, vec![import])),
            }
        }
        let lines = modules.iter().flat_map(|(from, names)| self.import_lines(from, names)).collect();
        Imports { lines, clash }
    }

    fn import_lines(&self, from: &str, names: &[&Import]) -> Vec<String> {
        let quote = self.quote;
        let named: Vec<&str> =
            names.iter().filter(|import| !import.default).map(|import| import.name.as_str()).collect();
        let mut lines = Vec::new();
        for default in names.iter().filter(|import| import.default) {
            lines.push(match self.is_esm {
                true => format!("import {} from {quote}{from}{quote};", default.name),
                false => format!("const {} = require({quote}{from}{quote});", default.name),
            });
        }
        if !named.is_empty() {
            let named = named.join(", ");
            lines.push(match self.is_esm {
                true => format!("import {{ {named} }} from {quote}{from}{quote};"),
                false => format!("const {{ {named} }} = require({quote}{from}{quote});"),
            });
        }
        lines
    }

    /// Whether the file imports the name from this module already.
    fn has(&self, import: &Import) -> bool {
        let binds = |name: &str| {
            self.facts
                .bindings
                .iter()
                .any(|binding| binding.function == FunctionId::MODULE && self.facts.name(binding.name) == name)
        };
        let imported = self.facts.imports.iter().any(|entry| {
            let local = entry.binding.map(|binding| self.facts.name(self.facts.binding(binding).name));
            self.facts.name(entry.specifier) == import.from && local == Some(import.name.as_str())
        });
        let required = self.facts.exprs.iter().any(
            |expr| matches!(expr.kind, ExprKind::Require(specifier) if self.facts.name(specifier) == import.from),
        );
        imported || (required && binds(&import.name))
    }

    /// Whether anything in the file has this name.
    pub(super) fn is_taken(&self, name: &str) -> bool {
        self.facts.bindings.iter().any(|binding| self.facts.name(binding.name) == name)
    }

    /// Where further imports go: the start of the line below the last one at the top level. Those after `before` do
    /// not count. None where there is none.
    pub(super) fn below_imports(&self, before: u32) -> Option<u32> {
        let entries = self.facts.imports.iter().map(|entry| entry.span);
        let is_top = |expr: &&Expr| expr.function == FunctionId::MODULE && expr.guard.is_none();
        let requires =
            self.facts.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::Require(_)) && is_top(expr));
        let requires = requires.map(|expr| self.around(expr.span));
        let last = entries.chain(requires).filter(|span| span.end <= before).map(|span| span.end).max()?;
        self.below_statement(last).filter(|&line| line <= before)
    }

    /// The whole of the expression or declaration at the top level that a span is a part of.
    fn around(&self, span: Span) -> Span {
        let exprs =
            self.facts.exprs.iter().filter(|expr| expr.function == FunctionId::MODULE).map(|expr| expr.span);
        let assigns = self.facts.assigns.iter().map(|assign| assign.span);
        let outer = exprs.chain(assigns).filter(|outer| outer.contains(span));
        outer.max_by_key(|outer| outer.end).unwrap_or(span)
    }

    /// The start of the line below the statement that ends at `end`; none where more code follows on its line.
    pub(super) fn below_statement(&self, end: u32) -> Option<u32> {
        let rest = self.file.text.get(end as usize..)?;
        let line = rest.lines().next().unwrap_or_default();
        let after = line.trim_start_matches([';', ' ', '\t']);
        (after.is_empty() || after.starts_with("//")).then(|| self.next_line(end)).flatten()
    }

    /// The start of the next line; the end of the text where there is none.
    fn next_line(&self, offset: u32) -> Option<u32> {
        let text = self.file.text.as_str();
        let rest = text.get(offset as usize..)?;
        let line = rest.find('\n').map_or(text.len(), |at| offset as usize + at + 1);
        u32::try_from(line).ok()
    }

    /// The blanks at the start of the line that a span begins on.
    pub(super) fn indentation(&self, span: Span) -> &'a str {
        let before = self.file.text.get(..span.start as usize).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = self.file.text.get(start..).unwrap_or_default();
        let blank = line.find(|each: char| !matches!(each, ' ' | '\t')).unwrap_or(0);
        &line[..blank]
    }

    /// The line break of the file.
    pub(super) fn line_break(&self) -> &'static str {
        if self.file.text.contains("\r\n") { "\r\n" } else { "\n" }
    }

    /// Whether the text goes on below `offset` or ends with a line break, so that lines can be put there as they are.
    pub(super) fn begins_a_line(&self, offset: u32) -> bool {
        self.file.text.get(..offset as usize).is_some_and(|before| before.is_empty() || before.ends_with('\n'))
    }
}

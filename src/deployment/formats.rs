//! TOML, HCL and the data in JavaScript modules as trees.

use std::ops::Range;
use std::rc::Rc;

use hcl_edit::Span as _;
use hcl_edit::expr::{Expression, ObjectKey};
use hcl_edit::structure::{Body, Structure};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::tree::{MERGE, Node, Pair, Value};
use super::yaml::{ParseError, Parsed};
use crate::facts::{self, AssignKind, BindingId, ExportKind, ExprId, ExprKind, ModuleFacts, PropertyKey, StoreKey};
use crate::source::{Language, line_of};

/// Nesting that is followed; the parsers have bounds of their own.
const MAX_DEPTH: usize = 60;

/// One document.
fn document(node: Rc<Node>) -> Parsed {
    Parsed { documents: vec![node], error: None }
}

fn failed(text: &str, offset: usize, message: String) -> Parsed {
    Parsed { documents: Vec::new(), error: Some(ParseError { line: line_of(text, offset), message }) }
}

/// Reads TOML.
pub(super) fn toml(text: &str) -> Parsed {
    match DeTable::parse(text) {
        Ok(table) => document(toml_table(table.get_ref(), table.span(), 0)),
        Err(error) => failed(
            text,
            error.span().map_or(0, |span| span.start),
            error.message().trim_end_matches('.').to_owned(),
        ),
    }
}

fn toml_table(table: &DeTable, range: Range<usize>, depth: usize) -> Rc<Node> {
    let pair = |(key, value): (&Spanned<std::borrow::Cow<str>>, &Spanned<DeValue>)| {
        (Node::scalar(key.span(), key.get_ref().as_ref()), toml_value(value, depth + 1))
    };
    let mut pairs: Vec<Pair> = table.iter().map(pair).collect();
    pairs.sort_by_key(|(key, _)| key.start);
    Rc::new(Node { start: range.start, end: range.end, value: Value::Mapping(pairs) })
}

fn toml_value(value: &Spanned<DeValue>, depth: usize) -> Rc<Node> {
    let range = value.span();
    match value.get_ref() {
        DeValue::Table(table) if depth < MAX_DEPTH => toml_table(table, range, depth),
        DeValue::Array(items) if depth < MAX_DEPTH => {
            let items = items.iter().map(|item| toml_value(item, depth + 1)).collect();
            Rc::new(Node { start: range.start, end: range.end, value: Value::Sequence(items) })
        }
        DeValue::String(text) => Node::scalar(range, text.as_ref()),
        DeValue::Integer(number) => Node::scalar(range, number.as_str()),
        DeValue::Float(number) => Node::scalar(range, number.as_str()),
        DeValue::Boolean(is) => Node::scalar(range, is.to_string()),
        _ => Node::expression(range, ""),
    }
}

/// Reads HCL: blocks become mappings under their type and labels.
pub(super) fn hcl(text: &str) -> Parsed {
    match hcl_edit::parser::parse_body(text) {
        Ok(body) => document(hcl_body(text, &body, 0..text.len(), 0)),
        Err(error) => {
            let line = u32::try_from(error.location().line()).unwrap_or(1);
            Parsed {
                documents: Vec::new(),
                error: Some(ParseError { line, message: error.message().replace('\n', "; ") }),
            }
        }
    }
}

fn hcl_body(text: &str, body: &Body, range: Range<usize>, depth: usize) -> Rc<Node> {
    let mut pairs: Vec<Pair> = Vec::new();
    for structure in body.iter().take_while(|_| depth < MAX_DEPTH) {
        let whole = structure.span().unwrap_or(range.start..range.start);
        match structure {
            Structure::Attribute(attribute) => {
                let key = attribute.key.span().unwrap_or(whole.start..whole.start);
                let key = Node::scalar(key, attribute.key.as_str());
                pairs.push((key, hcl_value(text, &attribute.value, depth + 1)));
            }
            Structure::Block(block) => {
                let head = |range: Option<Range<usize>>| range.unwrap_or(whole.start..whole.start);
                let mut node = hcl_body(text, &block.body, whole.clone(), depth + 1);
                for label in block.labels.iter().rev() {
                    let key = Node::scalar(head(label.span()), label.as_str());
                    let value = Value::Mapping(vec![(key, node)]);
                    node = Rc::new(Node { start: whole.start, end: whole.end, value });
                }
                pairs.push((Node::scalar(head(block.ident.span()), block.ident.as_str()), node));
            }
        }
    }
    Rc::new(Node { start: range.start, end: range.end, value: Value::Mapping(pairs) })
}

fn hcl_value(text: &str, value: &Expression, depth: usize) -> Rc<Node> {
    let range = value.span().unwrap_or(0..0);
    let source = || text.get(range.clone()).unwrap_or_default().trim().trim_matches('"').to_owned();
    match value {
        _ if depth >= MAX_DEPTH => Node::expression(range, ""),
        Expression::String(string) => Node::scalar(range, string.as_str()),
        Expression::Number(number) => Node::scalar(range, number.to_string()),
        Expression::Bool(is) => Node::scalar(range, is.to_string()),
        Expression::Array(array) => {
            let items = array.iter().map(|item| hcl_value(text, item, depth + 1)).collect();
            Rc::new(Node { start: range.start, end: range.end, value: Value::Sequence(items) })
        }
        Expression::Object(object) => {
            let pair = |(key, value): (&ObjectKey, &hcl_edit::expr::ObjectValue)| {
                let place = key.span().unwrap_or(range.start..range.start);
                let name = text.get(place.clone()).unwrap_or_default().trim().trim_matches('"');
                (Node::scalar(place, name), hcl_value(text, value.expr(), depth + 1))
            };
            let pairs = object.iter().map(pair).collect();
            Rc::new(Node { start: range.start, end: range.end, value: Value::Mapping(pairs) })
        }
        Expression::Parenthesis(inner) => hcl_value(text, inner.inner(), depth + 1),
        // `jsonencode([…])`, `tostring(3)`: what goes in is what comes out.
        Expression::FuncCall(call) if call.args.len() == 1 => match call.args.iter().next() {
            Some(only) => hcl_value(text, only, depth + 1),
            None => Node::expression(range.clone(), source()),
        },
        _ => Node::expression(range.clone(), source()),
    }
}

/// Reads what a JavaScript module exports, as far as it is literal.
pub(super) fn javascript(text: &str) -> Parsed {
    let (facts, problems) = facts::lower(text, Language::TypeScript);
    let reader = Literals { text, facts: &facts };
    let error = problems.first().map(|problem| ParseError {
        line: line_of(text, problem.span.start as usize),
        message: problem.message.to_owned(),
    });
    Parsed { documents: reader.exported(), error }
}

/// The literal data of a module.
struct Literals<'a> {
    text: &'a str,
    facts: &'a ModuleFacts,
}

impl Literals<'_> {
    /// `module.exports = …`, `export default …`, and the mapping of all named exports.
    fn exported(&self) -> Vec<Rc<Node>> {
        let mut found = Vec::new();
        let mut named: Vec<Pair> = Vec::new();
        let mut add = |name: Option<&str>, value: Rc<Node>| match name {
            None | Some("default" | "exports") => found.push(value),
            Some(name) => named.push((self.key(name, value.start), value)),
        };
        for store in &self.facts.stores {
            let StoreKey::Named(key) = store.key else { continue };
            let of_module = store.object.is_some_and(|object| match self.facts.expr(object).kind {
                ExprKind::ModuleExports => true,
                ExprKind::Global(name) => self.facts.name(name) == "module" && self.facts.name(key) == "exports",
                _ => false,
            });
            if of_module {
                add(Some(self.facts.name(key)), self.node(store.value, 0));
            }
        }
        for export in &self.facts.exports {
            match export.kind {
                ExportKind::Value { name, value } => add(Some(self.facts.name(name)), self.node(value, 0)),
                ExportKind::Equals { value } => add(None, self.node(value, 0)),
                ExportKind::Binding { name, binding } => {
                    if let Some(value) = self.only_value(binding) {
                        add(Some(self.facts.name(name)), self.node(value, 0));
                    }
                }
                ExportKind::From { .. } | ExportKind::All { .. } => {}
            }
        }
        if !named.is_empty() {
            found.push(Rc::new(Node { start: 0, end: self.text.len(), value: Value::Mapping(named) }));
        }
        found
    }

    /// What a variable holds, where it is assigned once.
    fn only_value(&self, binding: BindingId) -> Option<ExprId> {
        let mut values = self.facts.assigns.iter().filter(|assign| assign.binding == binding);
        match (values.next(), values.next()) {
            (Some(only), None) if only.kind == AssignKind::Declare => Some(only.value),
            _ => None,
        }
    }

    fn node(&self, id: ExprId, depth: usize) -> Rc<Node> {
        let expr = self.facts.expr(id);
        let range = expr.span.start as usize..expr.span.end as usize;
        let source = || self.text.get(range.clone()).unwrap_or_default().to_owned();
        let whole = |value| Rc::new(Node { start: range.start, end: range.end, value });
        if depth > MAX_DEPTH {
            return Node::expression(range.clone(), "");
        }
        match &expr.kind {
            ExprKind::String(name) => Node::scalar(range.clone(), self.facts.name(*name)),
            ExprKind::Number(name) => Node::scalar(range.clone(), self.facts.name(*name)),
            ExprKind::Bool(is) => Node::scalar(range.clone(), is.to_string()),
            ExprKind::Unary { operand, .. } if matches!(self.facts.expr(*operand).kind, ExprKind::Number(_)) => {
                Node::scalar(range.clone(), source())
            }
            ExprKind::Array(items) => {
                whole(Value::Sequence(items.iter().map(|item| self.node(item.value, depth + 1)).collect()))
            }
            ExprKind::Object(properties) => {
                let pairs = properties.iter().filter_map(|property| {
                    let value = self.node(property.value, depth + 1);
                    let key = match property.key {
                        PropertyKey::Named(name) => self.facts.name(name),
                        PropertyKey::Spread => MERGE,
                        _ => return None,
                    };
                    Some((self.key(key, value.start), value))
                });
                whole(Value::Mapping(pairs.collect()))
            }
            ExprKind::Typed { value, .. } => self.node(*value, depth + 1),
            ExprKind::Binding(binding) => match self.only_value(*binding) {
                Some(value) => self.node(value, depth + 1),
                None => Node::expression(range.clone(), source()),
            },
            // `defineConfig({…})`: what goes in is what comes out.
            ExprKind::Call { args, .. }
                if args.len() == 1 && matches!(self.facts.expr(args[0].value).kind, ExprKind::Object(_)) =>
            {
                self.node(args[0].value, depth + 1)
            }
            _ => Node::expression(range.clone(), source()),
        }
    }

    /// The key before a value. Facts do not keep its place: it is the last such word shortly before the value.
    fn key(&self, name: &str, value: usize) -> Rc<Node> {
        const NEAR: usize = 64;
        let before = self.text.get(..value).unwrap_or_default();
        match before.rfind(name).filter(|start| before.len() - start <= name.len() + NEAR) {
            Some(start) => Node::scalar(start..start + name.len(), name),
            None => Node::scalar(value..value, name),
        }
    }
}

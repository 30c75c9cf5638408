//! JSDoc: the types that comments give to variables, parameters and results.

use super::super::{BindingKind, Name, TypeDeclaration, TypeExpr};
use super::Lowerer;
use super::functions::Hint;
use super::names::decode_string;
use super::scopes::Space;
use super::types::{predefined, union};
use crate::source::Span;
use crate::syntax::Node;

/// The tags of one comment that speak of types.
#[derive(Default)]
pub(super) struct Doc<'t> {
    /// `@param {type} name`, in order; names can be `options.io`.
    params: Vec<(&'t str, &'t str)>,
    /// `@returns {type}`.
    pub(super) returns: Option<&'t str>,
    /// `@type {type}`.
    ty: Option<&'t str>,
    /// `@typedef {type} Name`.
    typedefs: Vec<(&'t str, &'t str)>,
    /// `@property {type} name`.
    properties: Vec<(&'t str, &'t str)>,
}

impl<'t> Lowerer<'t> {
    /// What the comment before a function says, be it before the function itself or before its statement.
    pub(super) fn doc_of(&mut self, node: Node<'t>, hint: Hint) -> Doc<'t> {
        let before = self.comments.documentation(node.start());
        let span = before.or_else(|| self.comments.documentation(hint.documented?));
        span.map(|span| self.read_doc(span)).unwrap_or_default()
    }

    fn read_doc(&self, span: Span) -> Doc<'t> {
        Doc::read(self.tree.text().get(span.start as usize..span.end as usize).unwrap_or_default())
    }

    /// The `@type` of the comment before the code at an offset.
    pub(super) fn documented_type(&mut self, at: u32) -> Option<TypeExpr> {
        let span = self.comments.documentation(at)?;
        let ty = self.read_doc(span).ty?;
        self.jsdoc_type(ty)
    }

    /// The type of a parameter by its name, or by its position where it is a pattern.
    pub(super) fn parameter_doc(&mut self, doc: &Doc<'t>, name: Option<&str>, index: usize) -> Option<TypeExpr> {
        let mut own = doc.params.iter().filter(|(name, _)| !name.contains('.'));
        let (name, ty) = *match name {
            Some(name) => own.find(|(param, _)| *param == name),
            None => own.nth(index),
        }?;
        let members =
            doc.params.iter().filter_map(|(path, ty)| Some((path.strip_prefix(name)?.strip_prefix('.')?, *ty)));
        let members: Vec<_> = members.filter(|(member, _)| !member.contains('.')).collect();
        if members.is_empty() { self.jsdoc_type(ty) } else { Some(self.documented_object(&members)) }
    }

    fn documented_object(&mut self, members: &[(&'t str, &'t str)]) -> TypeExpr {
        let member = |&(name, ty): &(&'t str, &'t str)| {
            let name = self.intern(name);
            (name, self.jsdoc_type(ty).unwrap_or(TypeExpr::Other))
        };
        TypeExpr::Object(members.iter().map(member).collect())
    }

    /// Declares the `@typedef`s of the file.
    pub(super) fn typedefs(&mut self) {
        let spans = std::mem::take(&mut self.comments.typedefs);
        let docs: Vec<(Span, Doc<'t>)> = spans.into_iter().map(|span| (span, self.read_doc(span))).collect();
        let declare = |&(span, ref doc): &(Span, Doc<'t>)| -> Vec<_> {
            doc.typedefs
                .iter()
                .map(|&(name, ty)| (self.declare_text(name, BindingKind::Type, Space::Type, span), ty))
                .collect()
        };
        let declared: Vec<_> = docs.iter().map(declare).collect();
        for ((span, doc), bindings) in docs.iter().zip(declared) {
            for (binding, ty) in bindings {
                let ty = if doc.properties.is_empty() {
                    self.jsdoc_type(ty).unwrap_or(TypeExpr::Other)
                } else {
                    self.documented_object(&doc.properties)
                };
                self.facts.types.push(TypeDeclaration { binding, ty, extends: Vec::new(), span: *span });
            }
        }
    }

    /// The type that a JSDoc type expression means; `None` where it says nothing.
    pub(super) fn jsdoc_type(&mut self, text: &'t str) -> Option<TypeExpr> {
        let mut parser = TypeParser { lowerer: self, rest: text, depth: 0 };
        Some(parser.union()).filter(|ty| *ty != TypeExpr::Other)
    }
}

impl<'t> Doc<'t> {
    fn read(comment: &'t str) -> Doc<'t> {
        let mut doc = Doc::default();
        let mut rest = comment;
        while let Some(at) = rest.find('@') {
            rest = &rest[at + 1..];
            let word = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
            let (tag, after) = rest.split_at(word);
            let Some((ty, after)) = braced(after.trim_start()) else { continue };
            let after = after.trim_start_matches([' ', '\t']);
            match tag {
                "param" | "arg" | "argument" => doc.params.extend(param_name(after).map(|name| (name, ty))),
                "returns" | "return" => doc.returns = Some(ty),
                "type" => doc.ty = Some(ty),
                "typedef" => doc.typedefs.extend(param_name(after).map(|name| (name, ty))),
                "property" | "prop" => doc.properties.extend(param_name(after).map(|name| (name, ty))),
                _ => {}
            }
            rest = after;
        }
        doc
    }
}

/// The text in the braces at the start, and what follows them.
fn braced(text: &str) -> Option<(&str, &str)> {
    let inner = text.strip_prefix('{')?;
    let mut depth = 1;
    for (at, sign) in inner.char_indices() {
        match sign {
            '{' => depth += 1,
            '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some((&inner[..at], &inner[at + 1..]));
        }
    }
    None
}

/// The name in `name`, `[name]`, `[name=default]`.
fn param_name(text: &str) -> Option<&str> {
    let text = text.trim_start_matches('[').trim_start();
    let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$' | '.'))).unwrap_or(text.len());
    Some(&text[..end]).filter(|name| !name.is_empty())
}

/// A recursive-descent parser of JSDoc's type expressions.
struct TypeParser<'a, 't> {
    lowerer: &'a mut Lowerer<'t>,
    rest: &'t str,
    depth: u32,
}

/// Type expressions nested deeper than this say nothing.
const MAX_TYPE_DEPTH: u32 = 32;

impl<'t> TypeParser<'_, 't> {
    fn union(&mut self) -> TypeExpr {
        if self.depth >= MAX_TYPE_DEPTH {
            self.rest = "";
            return TypeExpr::Other;
        }
        self.depth += 1;
        let mut members = vec![self.postfix()];
        while self.eat("|") || self.eat("&") {
            members.push(self.postfix());
        }
        self.depth -= 1;
        union(members)
    }

    /// A type with its prefixes (`?T`, `!T`, `...T`) and suffixes (`T[]`, `T=`).
    fn postfix(&mut self) -> TypeExpr {
        while self.eat("?") || self.eat("!") || self.eat("...") {}
        let mut ty = self.primary();
        loop {
            if self.eat("[]") {
                ty = TypeExpr::Array(Box::new(ty));
            } else if !(self.eat("=") || self.eat("?") || self.eat("!")) {
                return ty;
            }
        }
    }

    fn primary(&mut self) -> TypeExpr {
        if self.eat("(") {
            let inner = self.union();
            self.eat(")");
            return inner;
        }
        if self.rest.trim_start().starts_with('{') {
            return self.object();
        }
        if self.rest.trim_start().starts_with(['"', '\'']) {
            self.string();
            return TypeExpr::String;
        }
        match self.word() {
            "" => {
                self.rest = "";
                TypeExpr::Other
            }
            "import" => self.import(),
            "typeof" => {
                // The value's own type is not known here, but a class's instances are not meant.
                self.union();
                TypeExpr::Other
            }
            "function" | "Function" => TypeExpr::Function(Box::new(self.function_result())),
            word => self.named(word),
        }
    }

    fn import(&mut self) -> TypeExpr {
        if !self.eat("(") {
            return TypeExpr::Other;
        }
        let Some(specifier) = self.string() else { return TypeExpr::Other };
        self.eat(")");
        let path = self.path();
        let arguments = self.type_arguments();
        TypeExpr::Import { specifier, path, arguments }
    }

    fn named(&mut self, word: &'t str) -> TypeExpr {
        let first = self.lowerer.intern(word);
        let mut path = vec![first];
        path.extend(self.path());
        let arguments = self.type_arguments();
        let is_keyword = path.len() == 1 && arguments.is_empty();
        match word {
            "string" | "String" if is_keyword => TypeExpr::String,
            "number" | "Number" | "bigint" if is_keyword => TypeExpr::Number,
            "any" | "unknown" | "void" | "null" | "undefined" | "boolean" | "Boolean" | "object" | "Object"
                if is_keyword =>
            {
                predefined("any")
            }
            "Array" if arguments.len() == 1 => TypeExpr::Array(Box::new(arguments[0].clone())),
            _ => TypeExpr::Named { binding: self.lowerer.scopes.type_name(first), path, arguments },
        }
    }

    /// `.a.b` after a name.
    fn path(&mut self) -> Vec<Name> {
        let mut path = Vec::new();
        while !self.rest.starts_with(".<") && self.eat(".") {
            let word = self.word();
            if word.is_empty() {
                break;
            }
            path.push(self.lowerer.intern(word));
        }
        path
    }

    fn type_arguments(&mut self) -> Vec<TypeExpr> {
        let mut arguments = Vec::new();
        if self.eat(".<") || self.eat("<") {
            while !self.rest.is_empty() {
                arguments.push(self.union());
                if !self.eat(",") {
                    break;
                }
            }
            self.eat(">");
        }
        arguments
    }

    /// `{ a: T, b: U }`.
    fn object(&mut self) -> TypeExpr {
        self.eat("{");
        let mut properties = Vec::new();
        while !self.eat("}") && !self.rest.is_empty() {
            let name = self.word();
            self.eat("?");
            if name.is_empty() || !self.eat(":") {
                self.rest = "";
                break;
            }
            let name = self.lowerer.intern(name);
            properties.push((name, self.union()));
            while self.eat(",") || self.eat(";") || self.eat("*") {}
        }
        TypeExpr::Object(properties)
    }

    /// `(A, B): R` of `function(A, B): R`.
    fn function_result(&mut self) -> TypeExpr {
        if self.eat("(") {
            while !self.eat(")") && !self.rest.is_empty() {
                self.union();
                self.eat(",");
            }
        }
        if self.eat(":") { self.union() } else { TypeExpr::Other }
    }

    fn string(&mut self) -> Option<Name> {
        let text = self.rest.trim_start();
        let quote = text.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
        let end = text[1..].find(quote)? + 2;
        self.rest = &text[end..];
        Some(self.lowerer.names.intern_decoded(decode_string(&text[..end])))
    }

    fn word(&mut self) -> &'t str {
        let text = self.rest.trim_start();
        let end = text.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(text.len());
        self.rest = &text[end..];
        &text[..end]
    }

    fn eat(&mut self, sign: &str) -> bool {
        match self.rest.trim_start().strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }
}

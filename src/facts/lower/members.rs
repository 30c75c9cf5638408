//! Member accesses, calls and `new`: a chain such as `io.of('/x').to(r).emit(m)` is one spine, walked in a loop.

use super::super::{Argument, ExprId, ExprKind, Name, StoreKey};
use super::Lowerer;
use super::functions::Hint;
use crate::source::Span;
use crate::syntax::{Field, Kind, Node};

/// How many links of one chain are kept; generated code has longer ones, whose innermost links are left out.
const MAX_LINKS: usize = 400;

impl<'t> Lowerer<'t> {
    /// Lowers a chain from its innermost expression outwards.
    pub(super) fn chain(&mut self, node: Node<'t>) -> ExprId {
        if let Some(call) = self.generic_call_of_import(node) {
            return call;
        }
        let mut links = Vec::new();
        let mut base = node;
        while let Some(inner) = inner_link(base) {
            links.push(base);
            base = inner;
        }
        let mut value = if links.len() > MAX_LINKS {
            self.too_deep.get_or_insert(node.span());
            links.truncate(MAX_LINKS);
            self.unknown(base.span())
        } else {
            match self.module_call(base, &mut links) {
                Some(value) => value,
                None => self.expr(base),
            }
        };
        while let Some(link) = links.pop() {
            value = self.link(link, value);
        }
        value
    }

    /// `require('x')`, `import('x')` and `module.exports` at the start of a chain; takes their links.
    fn module_call(&mut self, base: Node<'t>, links: &mut Vec<Node<'t>>) -> Option<ExprId> {
        let link = *links.last()?;
        let value = match (base.kind(), link.kind()) {
            (Kind::ImportKeyword, Kind::Call) => self.import_call(link),
            (Kind::Identifier, Kind::Call) if self.is_require(base) => {
                let specifier = self.only_string_argument(link)?;
                self.add(ExprKind::Require(specifier), link.span())
            }
            (Kind::Identifier, Kind::Member) if base.text() == "module" && self.binding_of(base).is_none() => {
                let property = link.child(Field::Property).filter(|property| property.text() == "exports")?;
                let span = Span { start: link.start(), end: property.span().end };
                self.add(ExprKind::ModuleExports, span)
            }
            _ => return None,
        };
        links.pop();
        Some(value)
    }

    fn is_require(&mut self, base: Node<'t>) -> bool {
        match self.binding_of(base) {
            None => base.text() == "require",
            Some(binding) => self.requires.contains(&binding),
        }
    }

    fn import_call(&mut self, call: Node<'t>) -> ExprId {
        match self.first_argument(call).and_then(|argument| self.constant_string(argument)) {
            Some(specifier) => self.add(ExprKind::ImportCall(specifier), call.span()),
            None => {
                if let Some(arguments) = call.child(Field::Arguments) {
                    self.arguments(arguments);
                }
                self.unknown(call.span())
            }
        }
    }

    fn first_argument(&self, call: Node<'t>) -> Option<Node<'t>> {
        call.child(Field::Arguments).filter(|arguments| arguments.kind() == Kind::Arguments)?.part()
    }

    fn only_string_argument(&mut self, call: Node<'t>) -> Option<Name> {
        let argument = self.first_argument(call)?;
        self.constant_string(argument)
    }

    /// Lowers one link on top of what stands before it.
    fn link(&mut self, node: Node<'t>, inner: ExprId) -> ExprId {
        let optional = node.has(Kind::OptionalChain);
        let span = node.span();
        match node.kind() {
            Kind::Member => {
                let Some(property) = node.child(Field::Property) else { return self.unknown(span) };
                let property = self.intern(property.text());
                self.add(ExprKind::Member { object: inner, property, optional }, span)
            }
            Kind::Subscript => self.subscript(node, inner, optional),
            Kind::Call => match node.child(Field::Arguments) {
                Some(template) if template.kind() == Kind::Template => self.tagged(node, inner, template),
                arguments => {
                    let args = arguments.map(|arguments| self.arguments(arguments)).unwrap_or_default();
                    self.call(inner, args, optional, span)
                }
            },
            // `e!` and `f<T>` are what they wrap.
            _ => inner,
        }
    }

    fn call(&mut self, callee: ExprId, args: Box<[Argument]>, optional: bool, span: Span) -> ExprId {
        if let ([only], true) = (&*args, self.makes_require(callee)) {
            if let ExprKind::String(specifier) = self.facts.expr(only.value).kind {
                return self.add(ExprKind::Require(specifier), span);
            }
        }
        self.add(ExprKind::Call { callee, args, optional }, span)
    }

    fn subscript(&mut self, node: Node<'t>, object: ExprId, optional: bool) -> ExprId {
        let Some(index) = node.child(Field::Index) else { return self.unknown(node.span()) };
        if let Some(property) = self.constant_string(index) {
            return self.add(ExprKind::Member { object, property, optional }, node.span());
        }
        let index = self.expr(index);
        self.add(ExprKind::Index { object, index }, node.span())
    }

    /// The arguments of a call, or the elements of an array.
    pub(super) fn arguments(&mut self, list: Node<'t>) -> Box<[Argument]> {
        let mut arguments = Vec::new();
        let mut end = list.start() + 1;
        for part in list.parts() {
            if list.kind() == Kind::Array {
                // A hole counts as an element.
                let commas = self.commas_between(end, part.start());
                for _ in usize::from(!arguments.is_empty())..commas {
                    let value = self.add(ExprKind::Nullish, Span { start: part.start(), end: part.start() });
                    arguments.push(Argument { value, spread: false });
                }
                end = part.span().end;
            }
            let spread = part.kind() == Kind::Spread;
            let value = self.expr(part);
            arguments.push(Argument { value, spread });
        }
        arguments.into()
    }

    /// `new C(…)`.
    pub(super) fn new_expression(&mut self, node: Node<'t>) -> ExprId {
        let callee = match node.child(Field::Constructor) {
            Some(callee) => self.expr(callee),
            None => self.unknown(node.span()),
        };
        let args = node.child(Field::Arguments).map(|arguments| self.arguments(arguments)).unwrap_or_default();
        self.add(ExprKind::New { callee, args }, node.span())
    }

    /// The object and key that an assignment to a member or element writes.
    pub(super) fn place(&mut self, node: Node<'t>) -> Option<(ExprId, StoreKey)> {
        let node = bare(node);
        let object = node.child(Field::Object)?;
        if is_module_exports(node, object) && self.binding_of(object).is_none() {
            let module = self.intern("module");
            let object = self.add(ExprKind::Global(module), object.span());
            return Some((object, StoreKey::Named(self.intern("exports"))));
        }
        let object = self.expr(object);
        match node.kind() {
            Kind::Member => {
                let property = node.child(Field::Property)?;
                Some((object, StoreKey::Named(self.intern(property.text()))))
            }
            _ => {
                let index = node.child(Field::Index)?;
                let key = match self.constant_key(index) {
                    Some(name) => StoreKey::Named(name),
                    None => StoreKey::Computed(self.expr(index)),
                };
                Some((object, key))
            }
        }
    }

    /// A key that is known: a string or number.
    pub(super) fn constant_key(&mut self, index: Node<'t>) -> Option<Name> {
        match index.kind() {
            Kind::Number => Some(self.intern(index.text())),
            _ => self.constant_string(index),
        }
    }

    /// The grammar of TypeScript reads `f<import('x').T>(a)` as two comparisons.
    pub(super) fn misread_generic_call(&mut self, node: Node<'t>) -> Option<ExprId> {
        let arguments = node.child(Field::Right).filter(|right| right.kind() == Kind::Parenthesized)?;
        let compared = node.child(Field::Left).filter(|left| left.kind() == Kind::Binary)?;
        let has_operator =
            |node: Node<'t>, sign| node.find(Kind::Operator).is_some_and(|found| found.text() == sign);
        if !self.is_typescript || !has_operator(node, ">") || !has_operator(compared, "<") {
            return None;
        }
        let callee = self.expr(compared.child(Field::Left)?);
        let values = arguments.part()?;
        let values: Vec<Node<'t>> =
            if values.kind() == Kind::Sequence { values.parts().collect() } else { vec![values] };
        let args = values
            .into_iter()
            .map(|value| Argument { value: self.hinted_expr(value, Hint::default()), spread: false })
            .collect();
        Some(self.add(ExprKind::Call { callee, args, optional: false }, node.span()))
    }

    /// A chain that is nothing but `import('x')` in a type position.
    fn generic_call_of_import(&mut self, node: Node<'t>) -> Option<ExprId> {
        let specifier = self.import_specifier(node)?;
        Some(self.add(ExprKind::ImportCall(specifier), node.span()))
    }
}

/// What a link of a chain stands on.
fn inner_link(node: Node<'_>) -> Option<Node<'_>> {
    match node.kind() {
        Kind::Member | Kind::Subscript => node.child(Field::Object),
        Kind::Call => node.child(Field::Function),
        Kind::Instantiation => node.child(Field::Function).or_else(|| node.part()),
        Kind::NonNull => node.part(),
        _ => None,
    }
}

/// An assignment's target without parentheses and `!`.
pub(super) fn bare(node: Node<'_>) -> Node<'_> {
    let mut node = node;
    while matches!(node.kind(), Kind::NonNull | Kind::Parenthesized) {
        match node.part() {
            Some(inner) => node = inner,
            None => break,
        }
    }
    node
}

fn is_module_exports(node: Node<'_>, object: Node<'_>) -> bool {
    object.kind() == Kind::Identifier
        && object.text() == "module"
        && node.child(Field::Property).is_some_and(|property| property.text() == "exports")
}

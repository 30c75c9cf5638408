//! The flat syntax tree: nodes in preorder, each knowing where its subtree ends.

use super::grammar::Grammar;
use super::kind::{Field, Kind};
use crate::source::{Language, Span};
use std::ops::ControlFlow;

/// A parsed file.
pub struct Tree<'t> {
    text: &'t str,
    nodes: Vec<RawNode>,
    /// Comments, in source order.
    pub comments: Vec<Comment>,
    /// Where the parser first had to skip or invent something.
    pub error: Option<Span>,
}

/// A comment.
#[derive(Debug, Clone, Copy)]
pub struct Comment {
    /// Its range.
    pub span: Span,
}

/// A node as stored: its subtree is `nodes[own index + 1..end]`.
#[derive(Clone, Copy)]
struct RawNode {
    kind: Kind,
    field: Field,
    start: u32,
    stop: u32,
    end: u32,
}

/// A node of a tree.
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

/// How many steps of the parser a byte of text may cost before parsing is given up. Code takes up to two; text that
/// is no code can take unboundedly many.
const STEPS_PER_BYTE: u64 = 20;
/// Steps that any file may take.
const FREE_STEPS: u64 = 2_000_000;
/// tree-sitter reports progress once in so many steps.
const STEPS_PER_REPORT: u64 = 100;

impl<'t> Tree<'t> {
    /// Parses a text. Never fails: what cannot be read is a [`Kind::Error`] node, and a text that the parser gives
    /// up on is an empty tree with an error.
    pub fn parse(text: &'t str, language: Language) -> Tree<'t> {
        let grammar = Grammar::of(language);
        let mut tree = Tree { text, nodes: Vec::new(), comments: Vec::new(), error: None };
        match parse(text, grammar) {
            Some(parsed) => {
                Copier { grammar, tree: &mut tree, has_error: parsed.root_node().has_error() }.copy(&parsed)
            }
            None => {
                tree.nodes.push(RawNode {
                    kind: Kind::Program,
                    field: Field::Other,
                    start: 0,
                    stop: text.len() as u32,
                    end: 1,
                });
                tree.error = Some(Span { start: 0, end: 0 });
            }
        }
        tree
    }

    /// The text.
    pub fn text(&self) -> &'t str {
        self.text
    }

    /// How many bytes stand in parts that could not be read.
    pub fn unread(&self) -> u32 {
        let mut unread = 0;
        let mut upto = 0;
        for node in self.nodes.iter().filter(|node| node.kind == Kind::Error) {
            unread += node.stop.saturating_sub(node.start.max(upto));
            upto = node.stop.max(upto);
        }
        unread
    }

    /// The whole file; its kind is `Error` where nothing could be read as a program.
    pub fn root(&'t self) -> Node<'t> {
        Node { tree: self, index: 0 }
    }

    /// How many nodes there are.
    pub fn len(&self) -> usize {
        self.nodes.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.nodes.is_empty()
    }
}

fn parse(text: &str, grammar: &Grammar) -> Option<tree_sitter::Tree> {
    let mut parser = tree_sitter::Parser::new();
    parser.set_language(&grammar.language).ok()?;
    let mut reports_left = (FREE_STEPS + STEPS_PER_BYTE * text.len() as u64) / STEPS_PER_REPORT;
    let mut progress = |_: &tree_sitter::ParseState| {
        reports_left = reports_left.saturating_sub(1);
        if reports_left == 0 { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let options = tree_sitter::ParseOptions::new().progress_callback(&mut progress);
    let bytes = text.as_bytes();
    parser.parse_with_options(&mut |offset, _| bytes.get(offset..).unwrap_or_default(), None, Some(options))
}

/// The one pass over tree-sitter's tree.
struct Copier<'a, 't> {
    grammar: &'static Grammar,
    tree: &'a mut Tree<'t>,
    has_error: bool,
}

impl Copier<'_, '_> {
    fn copy(&mut self, parsed: &tree_sitter::Tree) {
        self.tree.nodes.reserve(self.tree.text.len() / 6 + 16);
        let mut cursor = parsed.walk();
        let mut open: Vec<u32> = Vec::new();
        loop {
            let inside = match self.node(&cursor, open.last().copied()) {
                Some(index) if cursor.goto_first_child() => {
                    open.push(index);
                    true
                }
                Some(index) => {
                    self.close(index);
                    false
                }
                None => false,
            };
            if inside {
                continue;
            }
            while !cursor.goto_next_sibling() {
                let Some(index) = open.pop() else { return };
                self.close(index);
                cursor.goto_parent();
            }
        }
    }

    /// Copies one node; the result says that its children are wanted.
    fn node(&mut self, cursor: &tree_sitter::TreeCursor<'_>, parent: Option<u32>) -> Option<u32> {
        let node = cursor.node();
        let translation = self.grammar.kind(node.kind_id());
        let mut kind = translation.kind;
        let (start, stop) = (node.start_byte() as u32, node.end_byte() as u32);
        if self.has_error && self.tree.error.is_none() && (node.is_error() || node.is_missing()) {
            // ``styled.div<T>`…` `` is valid, but to the grammar it lacks a `!`.
            let lacks_sign = node.is_missing() && parent.is_some_and(|parent| self.is(parent, Kind::NonNull));
            self.tree.error = (!lacks_sign).then_some(Span { start, end: stop });
        }
        if kind == Kind::Comment {
            self.tree.comments.push(Comment { span: Span { start, end: stop } });
            return None;
        }
        if !translation.named && parent.is_some_and(|parent| self.has_operator(parent)) {
            kind = Kind::Operator;
        }
        if kind == Kind::Other && !translation.named {
            return None;
        }
        let field = self.grammar.field(cursor.field_id());
        let index = self.tree.nodes.len() as u32;
        self.tree.nodes.push(RawNode { kind, field, start, stop, end: index + 1 });
        (!kind.is_leaf()).then_some(index)
    }

    fn is(&self, node: u32, kind: Kind) -> bool {
        self.tree.nodes[node as usize].kind == kind
    }

    fn has_operator(&self, node: u32) -> bool {
        let kind = self.tree.nodes[node as usize].kind;
        matches!(kind, Kind::Binary | Kind::Unary | Kind::Update | Kind::AugmentedAssignment)
    }

    fn close(&mut self, index: u32) {
        self.tree.nodes[index as usize].end = self.tree.nodes.len() as u32;
    }
}

impl<'t> Node<'t> {
    fn raw(self) -> RawNode {
        self.tree.nodes[self.index as usize]
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        self.raw().kind
    }

    /// Its role in its parent.
    pub fn field(self) -> Field {
        self.raw().field
    }

    /// Its range.
    pub fn span(self) -> Span {
        let raw = self.raw();
        Span { start: raw.start, end: raw.stop }
    }

    /// Its first byte.
    pub fn start(self) -> u32 {
        self.raw().start
    }

    /// Its source.
    pub fn text(self) -> &'t str {
        let raw = self.raw();
        self.tree.text.get(raw.start as usize..raw.stop as usize).unwrap_or_default()
    }

    /// Its position in preorder, which identifies it.
    pub fn index(self) -> u32 {
        self.index
    }

    /// Its children, words and signs included.
    pub fn children(self) -> Children<'t> {
        Children { tree: self.tree, next: self.index + 1, end: self.raw().end }
    }

    /// The node alone, as a list.
    pub fn itself(self) -> Children<'t> {
        Children { tree: self.tree, next: self.index, end: self.raw().end }
    }

    /// Its children that are constructs.
    pub fn parts(self) -> impl Iterator<Item = Node<'t>> {
        self.children().filter(|child| !child.kind().is_token())
    }

    /// All nodes below it, in source order. `skip` is asked for each; the inside of what it names is left out.
    pub fn descendants(self, skip: impl Fn(Node<'t>) -> bool) -> impl Iterator<Item = Node<'t>> {
        let tree = self.tree;
        let end = self.raw().end;
        let mut next = self.index + 1;
        std::iter::from_fn(move || {
            let node = (next < end).then_some(Node { tree, index: next })?;
            next = if skip(node) { node.raw().end } else { next + 1 };
            Some(node)
        })
    }

    /// The child in a role.
    pub fn child(self, field: Field) -> Option<Node<'t>> {
        self.children().find(|child| child.field() == field)
    }

    /// The first child of a kind.
    pub fn find(self, kind: Kind) -> Option<Node<'t>> {
        self.children().find(|child| child.kind() == kind)
    }

    /// Whether it has a child of a kind.
    pub fn has(self, kind: Kind) -> bool {
        self.find(kind).is_some()
    }

    /// The first child that is a construct.
    pub fn part(self) -> Option<Node<'t>> {
        self.parts().next()
    }

    /// The expression inside parentheses.
    pub fn inner(self) -> Node<'t> {
        let mut node = self;
        while node.kind() == Kind::Parenthesized {
            match node.part() {
                Some(inner) => node = inner,
                None => break,
            }
        }
        node
    }
}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", self.kind())?;
        if self.field() != Field::Other {
            write!(f, "@{:?}", self.field())?;
        }
        let mut list = f.debug_list();
        self.children().for_each(|child| {
            list.entry(&child);
        });
        list.finish()
    }
}

/// The children of a node.
#[derive(Clone)]
pub struct Children<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        let node = (self.next < self.end).then_some(Node { tree: self.tree, index: self.next })?;
        self.next = node.raw().end;
        Some(node)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str, language: Language) -> String {
        let tree = Tree::parse(text, language);
        let shape = format!("{:?}", tree.root());
        shape.replace("[]", "")
    }

    #[test]
    fn the_grammars_speak_one_vocabulary() {
        for (text, expected) in [
            (
                "a?.b;",
                "Program[ExpressionStatement[Member[Identifier@Object, OptionalChain, PropertyName@Property]]]",
            ),
            (
                "a?.();",
                "Program[ExpressionStatement[Call[Identifier@Function, OptionalChain, Arguments@Arguments]]]",
            ),
            ("-a;", "Program[ExpressionStatement[Unary[Operator@Operator, Identifier@Argument]]]"),
            ("import 'x';", "Program[Import[String@Source]]"),
            (
                "import('x');",
                "Program[ExpressionStatement[Call[ImportKeyword@Function, Arguments@Arguments[String]]]]",
            ),
            ("/* a */ this; // b", "Program[ExpressionStatement[This]]"),
        ] {
            for language in [Language::JavaScript, Language::TypeScript, Language::Tsx] {
                assert_eq!(shape(text, language), expected, "{language:?}");
            }
        }
    }

    #[test]
    fn comments_are_kept_beside_the_tree() {
        let tree = Tree::parse("/* a */ f(/* b */); // c", Language::TypeScript);
        let spans: Vec<_> = tree.comments.iter().map(|comment| (comment.span.start, comment.span.end)).collect();
        assert_eq!(spans, [(0, 7), (10, 17), (20, 24)]);
    }

    #[test]
    fn the_first_error_is_located() {
        assert_eq!(Tree::parse("a(); b();", Language::JavaScript).error, None);
        assert_eq!(Tree::parse("styled.p<{ a: b }>`c`;", Language::Tsx).error, None);
        let error = Tree::parse("a();\nlet 1 = ;", Language::JavaScript).error.expect("an error");
        assert!(error.start >= 5);
    }

    #[test]
    fn children_and_descendants() {
        let tree = Tree::parse("f(a, g(b));", Language::JavaScript);
        let call = tree.root().part().and_then(Node::part).expect("a call");
        let parts: Vec<_> = call.parts().map(Node::text).collect();
        assert_eq!(parts, ["f", "(a, g(b))"]);
        let names = call.descendants(|node| node.text() == "g(b)").filter(|node| node.kind() == Kind::Identifier);
        assert_eq!(names.map(Node::text).collect::<Vec<_>>(), ["f", "a"]);
    }
}

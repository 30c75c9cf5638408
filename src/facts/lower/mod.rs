//! Lowering of a syntax tree: the walk's state, and the way in.
//!
//! Names are declared before the code that uses them is lowered (`hoist`), so a use finds its binding wherever
//! the declaration stands. Long spines (`a.b().c()`, `a + b + c`, `else if`) are walked in loops; everything else
//! recurses up to [`MAX_DEPTH`].

mod classes;
mod comments;
mod declarations;
mod expressions;
mod functions;
mod guards;
mod hoist;
mod jsdoc;
mod literals;
mod loops;
mod members;
mod modules;
mod names;
mod operators;
mod patterns;
mod scopes;
mod statements;
mod types;

use super::{
    BindingId, ClassId, Expr, ExprId, ExprKind, Function, FunctionId, FunctionKind, GuardId, ModuleFacts, Name,
};
use crate::source::{Language, ProblemKind, Span};
use crate::syntax::{Kind, Node, Tree};
use comments::Comments;
use guards::Logical;
use names::Names;
use rustc_hash::{FxHashMap, FxHashSet};
use scopes::Scopes;

/// How deep statements and expressions may nest before the inner ones are left out. Worker threads have stacks of
/// two megabytes, and a level of nesting takes at most some kilobytes of them.
const MAX_DEPTH: u32 = 400;

/// A part of a file that lowering had to leave out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LowerProblem {
    /// `SyntaxError` or `TooDeep`.
    pub kind: ProblemKind,
    /// Where.
    pub span: Span,
    /// One sentence for people.
    pub message: &'static str,
}

/// Lowers one file. Never fails: broken parts are skipped, and the problems say where the first ones are.
pub fn lower(text: &str, language: Language) -> (ModuleFacts, Vec<LowerProblem>) {
    let (tree, language) = parse(text, language);
    let mut lowerer = Lowerer::new(&tree, language);
    lowerer.module();
    lowerer.finish()
}

/// Parses a text. JavaScript with type annotations (Flow's, or TypeScript in a file of the wrong name) is read as
/// TypeScript, which has almost the same.
fn parse(text: &str, language: Language) -> (Tree<'_>, Language) {
    let tree = Tree::parse(text, language);
    if language == Language::JavaScript && tree.error.is_some() {
        let typed = Tree::parse(text, Language::Tsx);
        if typed.error.is_none() || typed.unread() < tree.unread() {
            return (typed, Language::Tsx);
        }
    }
    (tree, language)
}

/// The state of the walk.
struct Lowerer<'t> {
    tree: &'t Tree<'t>,
    is_typescript: bool,
    facts: ModuleFacts,
    names: Names<'t>,
    scopes: Scopes,
    comments: Comments,
    /// The function that evaluates what is being lowered.
    function: FunctionId,
    /// The guard around what is being lowered.
    guard: Option<GuardId>,
    /// The class that `this` means in static initialisers and blocks.
    static_this: Option<ClassId>,
    /// Whether there are ESM imports or exports.
    is_esm: bool,
    /// What made a `Union` of `&&`, `||` or `??`.
    logical: FxHashMap<ExprId, Logical>,
    /// Bindings that hold the result of `createRequire(…)`.
    requires: FxHashSet<BindingId>,
    depth: u32,
    too_deep: Option<Span>,
}

impl<'t> Lowerer<'t> {
    fn new(tree: &'t Tree<'t>, language: Language) -> Self {
        Lowerer {
            tree,
            is_typescript: language != Language::JavaScript,
            facts: ModuleFacts::default(),
            names: Names::default(),
            scopes: Scopes::default(),
            comments: Comments::read(tree),
            function: FunctionId::MODULE,
            guard: None,
            static_this: None,
            is_esm: false,
            logical: FxHashMap::default(),
            requires: FxHashSet::default(),
            depth: 0,
            too_deep: None,
        }
    }

    fn module(&mut self) {
        let root = self.tree.root();
        self.is_esm = root.children().any(|child| matches!(child.kind(), Kind::Import | Kind::Export));
        self.facts.functions.push(empty_function(FunctionKind::Module, FunctionId::MODULE, root.span()));
        self.facts.directives = self.comments.directives(self.tree.text());
        self.facts.use_client = statements::has_directive(root, "use client");
        self.scopes.push();
        self.hoist_vars(root);
        self.hoist_block(root.children());
        self.typedefs();
        self.statements(root.children());
        self.scopes.pop();
    }

    fn finish(mut self) -> (ModuleFacts, Vec<LowerProblem>) {
        self.facts.names = self.names.into_texts();
        self.facts.syntax_error = self.tree.error;
        let mut problems = Vec::new();
        if let Some(span) = self.tree.error {
            let message = "a part of the file is not valid and was skipped";
            problems.push(LowerProblem { kind: ProblemKind::SyntaxError, span, message });
        }
        if let Some(span) = self.too_deep {
            let message = "code nests too deep here; the innermost part was skipped";
            problems.push(LowerProblem { kind: ProblemKind::TooDeep, span, message });
        }
        (self.facts, problems)
    }

    /// The name that a text is.
    fn intern(&mut self, text: &'t str) -> Name {
        self.names.intern(text)
    }

    /// Adds an expression that the current function evaluates.
    fn add(&mut self, kind: ExprKind, span: Span) -> ExprId {
        let id = ExprId(self.facts.exprs.len() as u32);
        self.facts.exprs.push(Expr { kind, span, function: self.function, guard: self.guard });
        id
    }

    fn unknown(&mut self, span: Span) -> ExprId {
        self.add(ExprKind::Unknown, span)
    }

    /// Goes one level deeper for `inside`, unless that is too deep.
    fn nested<R>(&mut self, node: Node<'t>, inside: impl FnOnce(&mut Self) -> R) -> Option<R> {
        if self.depth >= MAX_DEPTH {
            self.too_deep.get_or_insert(node.span());
            return None;
        }
        self.depth += 1;
        let result = inside(self);
        self.depth -= 1;
        Some(result)
    }

    /// Lowers something under the current guard and forgets the guards that it adds.
    fn guarded<R>(&mut self, inside: impl FnOnce(&mut Self) -> R) -> R {
        let guard = self.guard;
        let result = inside(self);
        self.guard = guard;
        result
    }

    /// Lowers something in a scope of its own.
    fn scoped<R>(&mut self, inside: impl FnOnce(&mut Self) -> R) -> R {
        self.scopes.push();
        let result = inside(self);
        self.scopes.pop();
        result
    }
}

/// A function before anything is known of it.
fn empty_function(kind: FunctionKind, parent: FunctionId, span: Span) -> Function {
    Function {
        kind,
        name: None,
        parameters: Vec::new(),
        returns: Vec::new(),
        yields: Vec::new(),
        parent,
        guard: None,
        class: None,
        is_static: false,
        is_async: false,
        is_generator: false,
        is_synthetic: false,
        return_type: None,
        value: None,
        span,
    }
}

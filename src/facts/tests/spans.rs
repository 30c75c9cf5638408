//! Ranges: what a fact covers in the source.

use super::*;
use crate::facts::{ExprKind, GuardKind};
use crate::source::Span;

fn facts(source: &str) -> ModuleFacts {
    lower(source, TypeScript).0
}

fn texts(source: &str, spans: impl Iterator<Item = Span>) -> Vec<&str> {
    spans.map(|span| &source[span.start as usize..span.end as usize]).collect()
}

/// A call covers its whole chain, from the first name to the last parenthesis.
#[test]
fn calls_cover_their_chain() {
    let source = "(io).to(r)\n  .emit('m', x); f(g<T>(y)!);";
    let facts = facts(source);
    let calls = facts.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::Call { .. }));
    let found = texts(source, calls.map(|expr| expr.span));
    assert_eq!(found, ["(io).to(r)", "(io).to(r)\n  .emit('m', x)", "g<T>(y)", "f(g<T>(y)!)"]);
}

/// Parentheses belong to nothing but the chains that start with them.
#[test]
fn parentheses_are_left_out() {
    let source = "x = ((a + b));";
    let facts = facts(source);
    let sums = facts.exprs.iter().filter(|expr| matches!(expr.kind, ExprKind::Binary { .. }));
    assert_eq!(texts(source, sums.map(|expr| expr.span)), ["a + b"]);
}

/// A guard covers its condition, a loop's its head.
#[test]
fn guards_cover_conditions_and_heads() {
    let source =
        "if (!a && b) c(); for (const x of xs) d(); while (e) f(); for (;;) g(); switch (h) { case 1: i(); }";
    let facts = facts(source);
    let found = texts(source, facts.guards.iter().map(|guard| guard.span));
    assert_eq!(found, ["!a", "!a", "b", "for (const x of xs)", "e", "for (;;)", "1"]);
}

/// What `!` negates is the condition, so that `negated` alone says when code runs.
#[test]
fn negations_are_part_of_the_guard() {
    let facts = facts("if (!a) b();");
    let GuardKind::If { condition, negated } = facts.guards[0].kind else { panic!("an `if`") };
    assert!(negated);
    assert_eq!(facts.show(condition), "^a");
}

/// A binding covers its name, an assignment its declarator, a store its whole expression.
#[test]
fn bindings_and_assignments() {
    let source = "const users = new Map(), { a: b } = c; users.d = 1; e.f++;";
    let facts = facts(source);
    assert_eq!(texts(source, facts.bindings.iter().map(|binding| binding.span)), ["users", "b"]);
    let assigned = texts(source, facts.assigns.iter().map(|assign| assign.span));
    assert_eq!(assigned, ["users = new Map()", "{ a: b } = c"]);
    assert_eq!(texts(source, facts.stores.iter().map(|store| store.span)), ["users.d = 1", "e.f++"]);
}

/// The first syntax error is located, and reported once.
#[test]
fn syntax_errors() {
    let (facts, problems) = lower("ok();\nlet = = 2;\n) (", JavaScript);
    assert_eq!(problems.len(), 1);
    assert_eq!(problems[0].kind, crate::source::ProblemKind::SyntaxError);
    assert_eq!(facts.syntax_error, Some(problems[0].span));
    assert!(problems[0].span.start >= 6);
}

/// Children come before parents, and each expression has the parent that contains it.
#[test]
fn children_come_first() {
    let facts = facts(include_str!("varied.tsx"));
    let parents = facts.parents();
    for (index, parent) in parents.iter().enumerate() {
        if let Some(parent) = parent {
            assert!(parent.index() > index);
        }
    }
    assert!(parents.iter().flatten().count() > 40);
}

/// Ways out of nested functions and guards.
#[test]
fn ways_out() {
    let facts = facts("function f() { return () => { if (a) { for (const x of b) return this; } }; }");
    let this = facts.exprs.iter().position(|expr| matches!(expr.kind, ExprKind::This)).unwrap() as u32;
    let this = crate::facts::ExprId(this);
    let around: Vec<u32> = facts.enclosing_functions(facts.expr(this).function).map(|id| id.0).collect();
    assert_eq!(around, [2, 1, 0]);
    assert_eq!(facts.this_function(facts.expr(this).function).0, 1);
    assert_eq!(facts.guards_of(this).count(), 2);
}

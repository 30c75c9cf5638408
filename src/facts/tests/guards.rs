//! Conditions, loops and early exits.

use super::*;

/// If and else.
#[test]
fn if_and_else() {
    check(
        EVERYWHERE,
        r#"if (a) b(); else if (c) d(); else e();"#,
        r#"
            ^b() [if ^a]
            ^d() [if ^c] [unless ^a]
            ^e() [unless ^c] [unless ^a]
        "#,
    );
}

/// What follows an early exit.
#[test]
fn what_follows_an_early_exit() {
    check(
        EVERYWHERE,
        r#"function f() { if (!io) return; a(); if (b) { log(); throw e; } c(); }"#,
        r#"
            declare f = fn f
            Function f()
            ^a() in f [if ^io]
            ^log() in f [if ^b] [if ^io]
            ^c() in f [unless ^b] [if ^io]
        "#,
    );
}

/// What follows a branch that stays.
#[test]
fn what_follows_a_branch_that_stays() {
    check(
        EVERYWHERE,
        r#"function f() { if (a) { b(); } else { return; } c(); if (d) return; else if (e) { g(); } else { throw h; } i(); }"#,
        r#"
            declare f = fn f
            Function f()
            ^b() in f [if ^a]
            ^c() in f [if ^a]
            ^g() in f [if ^e] [unless ^d] [if ^a]
            ^i() in f [if ^e] [unless ^d] [if ^a]
        "#,
    );
}

/// An exit leaves its own block only.
#[test]
fn an_exit_leaves_its_own_block_only() {
    check(
        EVERYWHERE,
        r#"for (const x of xs) { if (x) continue; a(); } b();"#,
        r#"
            declare x = each(^xs) [for ^xs]
            ^a() [unless x] [for ^xs]
            ^b()
        "#,
    );
}

/// Logical operators and conditional expressions.
#[test]
fn logical_operators_and_conditional_expressions() {
    check(
        EVERYWHERE,
        r#"a && b(); c || d(); e ?? f(); g ? h() : i(); j && k && l();"#,
        r#"
            (^a | ^b())
            (^c | ^d())
            (^e | ^f())
            (^h() | ^i())
            ((^j | ^k) | ^l())
        "#,
    );
}

/// Every part of a condition is a guard.
#[test]
fn every_part_of_a_condition_is_a_guard() {
    check(
        EVERYWHERE,
        r#"if (a && !b && (c || d)) e(); if (f || !g) h(); else i();"#,
        r#"
            ((^a | ! ^b) | (^c | ^d))
            ^e() [if (^c | ^d)] [unless ^b] [if ^a]
            (^f | ! ^g)
            ^h() [if (^f | ! ^g)]
            ^i() [if ^g] [unless ^f]
        "#,
    );
}

/// Switch.
#[test]
fn switch() {
    check(
        EVERYWHERE,
        r#"switch (kind) { case 'a': x(); break; case B: if (c) break; y(); break; default: z(); }"#,
        r#"
            ^x() [^kind is "a"]
            ^y() [unless ^c] [^kind is ^B]
            ^z() [^kind is default]
        "#,
    );
}

/// Loops.
#[test]
fn loops() {
    check(
        EVERYWHERE,
        r#"while (a) b(); do c(); while (d); for (; e; f()) g(); for (const h of i) j(h);"#,
        r#"
            declare h = each(^i) [for ^i]
            ^b() [while ^a]
            ^c() [while ^d]
            ^g() [while ^e]
            ^f() [while ^e]
            ^j(h) [for ^i]
        "#,
    );
}

/// Catch, and nothing for try and finally.
#[test]
fn catch_and_nothing_for_try_and_finally() {
    check(
        EVERYWHERE,
        r#"try { a(); } catch { b(); } finally { c(); }"#,
        r#"
            ^a()
            ^b() [catch]
            ^c()
        "#,
    );
}

/// A function starts without guards and remembers where it was made.
#[test]
fn a_function_starts_without_guards_and_remembers_where_it_was_made() {
    check(
        EVERYWHERE,
        r#"if (a) { const f = () => b(); function g() { c(); } }"#,
        r#"
            declare f = fn f [if ^a]
            declare g = fn g [if ^a]
            Arrow f() returns ^b() [if ^a]
            Function g() [if ^a]
            ^c() in g
        "#,
    );
}

/// A hoisted function is not behind the exits before it.
#[test]
fn a_hoisted_function_is_not_behind_the_exits_before_it() {
    check(
        EVERYWHERE,
        r#"function f() { if (a) return; g(); function g() {} }"#,
        r#"
            declare g = fn g in f
            declare f = fn f
            Function f()
            Function g() in f
            g() in f [unless ^a]
        "#,
    );
}

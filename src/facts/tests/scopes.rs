//! Names and their bindings.

use super::*;

/// Var belongs to the function, let and const to the block.
#[test]
fn var_belongs_to_the_function_let_and_const_to_the_block() {
    check(
        EVERYWHERE,
        r#"function f() { if (a) { var x = 1; let y = 2; } return [x, y]; }"#,
        r#"
            declare x = 1 in f [if ^a]
            declare y = 2 in f [if ^a]
            declare f = fn f
            Function f() returns [x, ^y]
        "#,
    );
}

/// A use before the declaration finds it.
#[test]
fn a_use_before_the_declaration_finds_it() {
    check(
        EVERYWHERE,
        r#"use(later); const later = 1; hoisted(); function hoisted() { return later; }"#,
        r#"
            declare later = 1
            declare hoisted = fn hoisted
            Function hoisted() returns later
            ^use(later)
            hoisted()
        "#,
    );
}

/// The inner name hides the outer one only inside.
#[test]
fn the_inner_name_hides_the_outer_one_only_inside() {
    check(
        EVERYWHERE,
        r#"const x = 1; { const x = 2; a(x); } b(x); function g(x) { return x; }"#,
        r#"
            declare x = 1
            declare x = 2
            declare x = g#0 in g
            declare g = fn g
            Function g(x) returns x
            ^a(x)
            ^b(x)
        "#,
    );
}

/// A function expression knows its own name, and nobody else does.
#[test]
fn a_function_expression_knows_its_own_name_and_nobody_else_does() {
    check(
        EVERYWHERE,
        r#"const f = function g() { return g; }; g();"#,
        r#"
            declare g = fn g
            declare f = fn g
            Function g() returns g
            ^g()
        "#,
    );
}

/// A catch binding lives in the clause.
#[test]
fn a_catch_binding_lives_in_the_clause() {
    check(
        EVERYWHERE,
        r#"try { a(); } catch (e) { b(e); } c(e);"#,
        r#"
            declare e = caught [catch]
            ^a()
            ^b(e) [catch]
            ^c(^e)
        "#,
    );
}

/// Destructured catch bindings.
#[test]
fn destructured_catch_bindings() {
    check(
        EVERYWHERE,
        r#"try {} catch ({ message }) { log(message); }"#,
        r#"
            declare message = caught.message [catch]
            ^log(message) [catch]
        "#,
    );
}

/// The head of a loop has a scope.
#[test]
fn the_head_of_a_loop_has_a_scope() {
    check(
        EVERYWHERE,
        r#"for (let i = 0; i < n; i++) { a(i); } b(i);"#,
        r#"
            declare i = 0
            update i = i [while (i < ^n)]
            ^a(i) [while (i < ^n)]
            ^b(^i)
        "#,
    );
}

/// Var in a loop head is the function's.
#[test]
fn var_in_a_loop_head_is_the_function_s() {
    check(
        EVERYWHERE,
        r#"for (var k in o) a(k); b(k);"#,
        r#"
            declare k = key(^o) [for ^o]
            ^a(k) [for ^o]
            ^b(k)
        "#,
    );
}

/// The cases of a switch share a scope.
#[test]
fn the_cases_of_a_switch_share_a_scope() {
    check(
        EVERYWHERE,
        r#"switch (s) { case 1: let v = 1; case f(): a(v); break; default: b(v); } c(v);"#,
        r#"
            declare v = 1 [^s is 1]
            ^f()
            ^a(v) [^s is ^f()]
            ^b(v) [^s is default]
            ^c(^v)
        "#,
    );
}

/// Parameters see each other, and the body sees them.
#[test]
fn parameters_see_each_other_and_the_body_sees_them() {
    check(
        EVERYWHERE,
        r#"function f(a, b = a, { c, d: [e] = [] }, ...rest) { return c + e; }"#,
        r#"
            declare a = f#0 in f
            declare b = (f#1 | a) in f
            declare c = f#2.c in f
            declare e = (f#2.d | [])[0] in f
            declare rest = ...f#3 in f
            declare f = fn f
            Function f(a, b, _, ...rest) returns (c + e)
        "#,
    );
}

/// Var twice is one binding.
#[test]
fn var_twice_is_one_binding() {
    check(
        EVERYWHERE,
        r#"var a = 1; var a = 2; use(a);"#,
        r#"
            declare a = 1
            declare a = 2
            ^use(a)
        "#,
    );
}

/// A class declaration is hoisted, a class expression is not known outside.
#[test]
fn a_class_declaration_is_hoisted_a_class_expression_is_not_known_outside() {
    check(
        EVERYWHERE,
        r#"new A(); class A {} const B = class C { m() { return C; } }; C;"#,
        r#"
            declare A = class A
            declare C = class C
            declare B = class C
            Method m() returns C of C
            class A { }
            class C { m(); }
            new A()
        "#,
    );
}

/// Labels are no names.
#[test]
fn labels_are_no_names() {
    check(
        EVERYWHERE,
        r#"outer: for (;;) { continue outer; }"#,
        r#"
            
        "#,
    );
}

/// Arguments is the function's unless bound.
#[test]
fn arguments_is_the_function_s_unless_bound() {
    check(
        EVERYWHERE,
        r#"function f() { return arguments; } function g(arguments) { return arguments; }"#,
        r#"
            declare f = fn f
            declare arguments = g#0 in g
            declare g = fn g
            Function f() returns arguments
            Function g(arguments) returns arguments
        "#,
    );
}

/// Undefined and null say nothing.
#[test]
fn undefined_and_null_say_nothing() {
    check(
        EVERYWHERE,
        r#"x = undefined; y = null; z = void 0;"#,
        r#"
            assign ^.x = nullish
            assign ^.y = nullish
            assign ^.z = void 0
        "#,
    );
}

/// Names that nobody binds are globals, and so is what is assigned to them.
#[test]
fn names_that_nobody_binds_are_globals_and_so_is_what_is_assigned_to_them() {
    check(
        EVERYWHERE,
        r#"total = other + 1; process.env.X;"#,
        r#"
            assign ^.total = (^other + 1)
        "#,
    );
}

//! Imports and exports, of both kinds.

use super::*;

/// Require.
#[test]
fn require() {
    check(
        EVERYWHERE,
        r#"const io = require('socket.io')(http); const { a } = require(`b`); require('c'); require(d); require.resolve('e');"#,
        r#"
            declare io = require("socket.io")(^http)
            declare a = require("b").a
            require("c")
            ^require(^d)
            ^require.resolve("e")
        "#,
    );
}

/// A bound require is a function like any other.
#[test]
fn a_bound_require_is_a_function_like_any_other() {
    check(
        EVERYWHERE,
        r#"function f(require) { return require('x'); }"#,
        r#"
            declare require = f#0 in f
            declare f = fn f
            Function f(require) returns require("x")
        "#,
    );
}

/// CreateRequire.
#[test]
fn createrequire() {
    check(
        EVERYWHERE,
        r#"import { createRequire } from 'module'; const require = createRequire(import.meta.url); const a = require('a'); createRequire(import.meta.url)('b');"#,
        r#"
            import createRequire as createRequire from "module"
            declare require = createRequire(?.url)
            declare a = require("a")
            createRequire(?.url)
            require("b")
        "#,
    );
}

/// Imports.
#[test]
fn imports() {
    check(
        EVERYWHERE,
        r#"import a, { b, c as d, default as e, 'f-g' as h } from 'x'; import * as i from "y"; import 'z';"#,
        r#"
            import default as a from "x"
            import b as b from "x"
            import c as d from "x"
            import default as e from "x"
            import f-g as h from "x"
            import * as i from "y"
            import nothing from "z"
        "#,
    );
}

/// Exports.
#[test]
fn exports() {
    check(
        EVERYWHERE,
        r#"export const a = 1, { b, c: [d] } = x; export function f() {} export class G {} export { a as h, f as default, f as 'i-j' };"#,
        r#"
            export Const a as a
            export Const b as b
            export Const d as d
            export Function f as f
            export Class G as G
            export Const a as h
            export Function f as default
            export Function f as i-j
            declare a = 1
            declare b = ^x.b
            declare d = ^x.c[0]
            declare f = fn f
            declare G = class G
            Function f()
            class G { }
        "#,
    );
}

/// Exports of others.
#[test]
fn exports_of_others() {
    check(
        EVERYWHERE,
        r#"export { a, b as c, default } from 'x'; export * from 'y'; export * as ns from 'z';"#,
        r#"
            export a as a from "x"
            export b as c from "x"
            export default as default from "x"
            export * from "y"
            export * as ns from "z"
        "#,
    );
}

/// Default exports.
#[test]
fn default_exports() {
    check(
        EVERYWHERE,
        r#"export default function f() {}"#,
        r#"
            export Function f as default
            declare f = fn f
            Function f()
        "#,
    );
}

/// Default export of a value.
#[test]
fn default_export_of_a_value() {
    check(
        EVERYWHERE,
        r#"export default () => {};"#,
        r#"
            export fn default as default
            Arrow default()
        "#,
    );
}

/// Default export of a class without a name.
#[test]
fn default_export_of_a_class_without_a_name() {
    check(
        EVERYWHERE,
        r#"export default class { m() {} }"#,
        r#"
            export class default as default
            Method m() of default
            class default { m(); }
        "#,
    );
}

/// Module is a name that can be bound.
#[test]
fn module_is_a_name_that_can_be_bound() {
    check(
        EVERYWHERE,
        r#"function f(module) { module.exports = 1; exports.a = module; }"#,
        r#"
            declare module = f#0 in f
            declare f = fn f
            assign module.exports = 1 in f
            assign exports.a = module in f
            Function f(module)
        "#,
    );
}

/// Use client.
#[test]
fn use_client() {
    check(
        EVERYWHERE,
        r#"'use strict'; "use client"; a();"#,
        r#"
            ^a()
            use client
        "#,
    );
}

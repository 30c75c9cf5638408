//! JSDoc and directives.

use super::*;

/// Parameters, results and variables.
#[test]
fn parameters_results_and_variables() {
    check(
        &[JavaScript],
        r#"/** @param {import('socket.io').Server} io @param {Object} o @param {Map<string, Socket[]>} o.users @returns {Promise<string>} */ function f(io, { users }) {} /** @type {Array<Foo>} */ const a = [];"#,
        r#"
            declare io = f#0 in f
            declare users = f#1.users in f
            declare f = fn f
            declare a = []
            Function f(io: import("socket.io").Server, _: {users: ^Map<string, ^Socket[]>}): ^Promise<string>
            a: ^Foo[]
        "#,
    );
}

/// On assigned functions, methods and inline.
#[test]
fn on_assigned_functions_methods_and_inline() {
    check(
        &[JavaScript],
        r#"/** @param {Server} io */ module.exports = (io) => {}; const o = { /** @param {?A} a */ m(a) {} }; f(/** @param {B=} b */ (b) => {}, function (/** @type {C} */ c) {});"#,
        r#"
            declare io = exports#0 in exports
            declare a = m#0 in m
            declare o = {m: fn m}
            declare b = fn3#0 in fn3
            declare c = fn4#0 in fn4
            assign ^module.exports = fn exports
            Arrow exports(io: ^Server)
            Method m(a: ^A)
            Arrow fn3(b: ^B)
            Function fn4(c: ^C)
            ^f(fn fn3, fn fn4)
        "#,
    );
}

/// Casts, fields and typedefs.
#[test]
fn casts_fields_and_typedefs() {
    check(
        &[JavaScript],
        r#"/** @typedef {import('ws')} WS */ const a = /** @type {WS} */ (b); class D { /** @type {Set<WS>} */ e = new Set(); constructor() { /** @type {F} */ this.g = h(); } }"#,
        r#"
            declare a = (^b as WS)
            declare D = class D
            assign this.g = (^h() as ^F) in constructor
            Constructor constructor() of D
            class D { e: ^Set<WS> = new ^Set() in constructor; }
            type WS = import("ws").
            new ^Set() in constructor
        "#,
    );
}

/// A required value as a type.
#[test]
fn a_required_value_as_a_type() {
    check(
        &[JavaScript],
        r#"const { Server } = require('socket.io'); /** @param {Server} io @param {...string} rest @param {(a: b) => c} cb */ function f(io, ...rest) {}"#,
        r#"
            declare Server = require("socket.io").Server
            declare io = f#0 in f
            declare rest = ...f#1 in f
            declare f = fn f
            Function f(io: Server, ...rest: string)
        "#,
    );
}

/// Typedef of an object.
#[test]
fn typedef_of_an_object() {
    check(
        &[JavaScript],
        r#"/** @typedef {Object} Ctx
 * @property {Server} io the server
 * @property {{ a: number, b: string[] }} rest
 */
/** @param {Ctx} ctx */ const f = (ctx) => ctx.io;"#,
        r#"
            declare ctx = f#0 in f
            declare f = fn f
            Arrow f(ctx: Ctx) returns ctx.io
            type Ctx = {io: ^Server, rest: {a: number, b: string[]}}
        "#,
    );
}

/// The directives of a file and JSX.
#[test]
fn the_directives_of_a_file_and_jsx() {
    check(
        &[JavaScript],
        r#"'use strict'; 'use client'; /** crosscast-ignore a: b */ f();"#,
        r#"
            ^f()
            use client
            crosscast-ignore a: b
        "#,
    );
}

/// Directives.
#[test]
fn directives() {
    check(
        &[JavaScript],
        r#"// crosscast-ignore pubsub-cross-instance: one node only
a(); /* crosscast-ignore horizontal-scaling-ready: b */
// not crosscast-ignore"#,
        r#"
            ^a()
            crosscast-ignore pubsub-cross-instance: one node only
            crosscast-ignore horizontal-scaling-ready: b
        "#,
    );
}

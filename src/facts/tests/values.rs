//! Expressions, patterns and assignments.

use super::*;

/// Objects are taken apart by member reads.
#[test]
fn objects_are_taken_apart_by_member_reads() {
    check(
        EVERYWHERE,
        r#"const { a, b: { c }, 'd-e': f, [k]: g, 0: h, i = 1, ...rest } = x;"#,
        r#"
            declare a = ^x.a
            declare c = ^x.b.c
            declare f = ^x.d-e
            declare g = ^x[^k]
            declare h = ^x[0]
            declare i = (^x.i | 1)
            declare rest = ^x
        "#,
    );
}

/// Arrays are taken apart by index reads, and holes count.
#[test]
fn arrays_are_taken_apart_by_index_reads_and_holes_count() {
    check(
        EVERYWHERE,
        r#"const [a, , b = 2, [c], ...rest] = x;"#,
        r#"
            declare a = ^x[0]
            declare b = (^x[2] | 2)
            declare c = ^x[3][0]
            declare rest = ^x
        "#,
    );
}

/// Assignments take apart the same way, into members too.
#[test]
fn assignments_take_apart_the_same_way_into_members_too() {
    check(
        EVERYWHERE,
        r#"({ a: o.p, b: q[0], c } = x); [r.s] = y;"#,
        r#"
            assign ^o.p = ^x.a
            assign ^q.0 = ^x.b
            assign ^.c = ^x.c
            assign ^r.s = ^y[0]
        "#,
    );
}

/// Parameters.
#[test]
fn parameters() {
    check(
        EVERYWHERE,
        r#"io.on('c', ({ id, data: { user = null } }, [first], ...more) => {});"#,
        r#"
            declare id = fn1#0.id in fn1
            declare user = (fn1#0.data.user | nullish) in fn1
            declare first = fn1#1[0] in fn1
            declare more = ...fn1#2 in fn1
            Arrow fn1(_, _, ...more)
            ^io.on("c", fn fn1)
        "#,
    );
}

/// Loops.
#[test]
fn loops() {
    check(
        EVERYWHERE,
        r#"for (const [k, { v }] of m) a(k, v); for (const p in o) b(p); for (x.y of z); for await (const c of d) e(c);"#,
        r#"
            declare k = each(^m)[0] [for ^m]
            declare v = each(^m)[1].v [for ^m]
            declare p = key(^o) [for ^o]
            declare c = each(^d) [for ^d]
            assign ^x.y = each(^z) [for ^z]
            ^a(k, v) [for ^m]
            ^b(p) [for ^o]
            ^e(c) [for ^d]
        "#,
    );
}

/// A function that is a default value has the name.
#[test]
fn a_function_that_is_a_default_value_has_the_name() {
    check(
        EVERYWHERE,
        r#"const { onJoin = () => {} } = x;"#,
        r#"
            declare onJoin = (^x.onJoin | fn onJoin)
            Arrow onJoin()
        "#,
    );
}

/// Compound assignments are updates of what they also read.
#[test]
fn compound_assignments_are_updates_of_what_they_also_read() {
    check(
        EVERYWHERE,
        r#"let n = 0; n += 2; n++; --o.n; o['k'] -= 1; o[i]++; s ||= make(); t.u ??= [];"#,
        r#"
            declare n = 0
            update n = 2
            update n = n
            update ^o.n = ^o.n
            update ^o.k = 1
            update ^o[^i] = ^o[^i]
            update ^.s = ^make() [unless ^s]
            update ^t.u = [] [unless ^t.u]
            (^s | (^s = ^make()))
            (^t.u | (^t.u = []))
        "#,
    );
}

/// A chain of exports.
#[test]
fn a_chain_of_exports() {
    check(
        EVERYWHERE,
        r#"exports = module.exports = create; exports.a = 1; module.exports.b = 2; module['exports'].c = 3;"#,
        r#"
            assign ^module.exports = ^create
            assign exports.a = 1
            assign exports.b = 2
            assign ^module.exports.c = 3
        "#,
    );
}

/// This of a CommonJS module is its exports.
#[test]
fn this_of_a_commonjs_module_is_its_exports() {
    check(
        EVERYWHERE,
        r#"this.a = 1; const f = () => this; function g() { return this; }"#,
        r#"
            declare f = fn f
            declare g = fn g
            assign exports.a = 1
            Arrow f() returns exports
            Function g() returns this
        "#,
    );
}

/// The value of an assignment.
#[test]
fn the_value_of_an_assignment() {
    check(
        EVERYWHERE,
        r#"const a = b = c; if ((d = e())) d.f();"#,
        r#"
            declare a = (= ^c)
            assign ^.b = ^c
            assign ^.d = ^e()
            ^d.f() [if (= ^e())]
        "#,
    );
}

/// Delete.
#[test]
fn delete() {
    check(
        EVERYWHERE,
        r#"delete users[id]; delete a.b; delete c['d'];"#,
        r#"
            delete ^users[^id]
            delete ^a.b
            delete ^c.d
        "#,
    );
}

/// Stores by constant and computed keys.
#[test]
fn stores_by_constant_and_computed_keys() {
    check(
        EVERYWHERE,
        r#"o['a'] = 1; o[`b`] = 2; o[3] = 4; o[k] = 5; o?.p; o?.[q];"#,
        r#"
            assign ^o.a = 1
            assign ^o.b = 2
            assign ^o.3 = 4
            assign ^o[^k] = 5
        "#,
    );
}

/// Functions take the name of what they are put into.
#[test]
fn functions_take_the_name_of_what_they_are_put_into() {
    check(
        EVERYWHERE,
        r#"a.onJoin = function () {}; b = () => {}; const c = { d: () => {}, e() {} }, f = class {}; o['g'] = () => {};"#,
        r#"
            declare c = {d: fn d, e: fn e}
            declare f = class f
            assign ^a.onJoin = fn onJoin
            assign ^.b = fn b
            assign ^o.g = fn g
            Function onJoin()
            Arrow b()
            Arrow d()
            Method e()
            Arrow g()
            class f { }
        "#,
    );
}

/// Calls, chains and spans of options.
#[test]
fn calls_chains_and_spans_of_options() {
    check(
        EVERYWHERE,
        r#"io.to(r).emit('m', ...args); a?.b?.(c); new A; new a.B(1)(2); (0, f)(x);"#,
        r#"
            ^io.to(^r).emit("m", ...^args)
            ^a?.b?.(^c)
            new ^A()
            new ^a.B(1)(2)
            ^f(^x)
        "#,
    );
}

/// Literals.
#[test]
fn literals() {
    check(
        EVERYWHERE,
        r#"x = ['a', "b\n", 1, true, null, /re/g, `c`, `d${e}f`, tag`g${h}`, , 2];"#,
        r#"
            assign ^.x = ["a", "b\n", 1, true, nullish, ?, "c", `d${^e}f`, ^tag`g${^h}`, nullish, 2]
        "#,
    );
}

/// Object literals.
#[test]
fn object_literals() {
    check(
        EVERYWHERE,
        r#"x = { a, 'b': 1, 3: 2, [c]: 4, ...d, e() {}, get f() { return 1; }, set f(v) {}, async *g() {}, ['h']: 5 };"#,
        r#"
            declare v = f#0 in f
            assign ^.x = {a: ^a, b: 1, 3: 2, [^c]: 4, ...^d, e: fn e, get f: fn f, set f: fn f, g: fn g, h: 5}
            Method e()
            Method f() returns 1
            Method f(v)
            Method g() async generator
        "#,
    );
}

/// Unions of what can be the value.
#[test]
fn unions_of_what_can_be_the_value() {
    check(
        EVERYWHERE,
        r#"x = a ? b : c ? d : e; y = f || g; z = h && i && j; w = k ?? l;"#,
        r#"
            assign ^.x = (^b | ^d | ^e)
            assign ^.y = (^f | ^g)
            assign ^.z = ((^h | ^i) | ^j)
            assign ^.w = (^k | ^l)
        "#,
    );
}

/// Operators.
#[test]
fn operators() {
    check(
        EVERYWHERE,
        r#"x = !a; y = -1; z = typeof b; t = c in d; u = e instanceof F; v = g === h;"#,
        r#"
            assign ^.x = ! ^a
            assign ^.y = - 1
            assign ^.z = typeof ^b
            assign ^.t = (^c in ^d)
            assign ^.u = (^e instanceof ^F)
            assign ^.v = (^g === ^h)
        "#,
    );
}

/// Sequences are their last operand.
#[test]
fn sequences_are_their_last_operand() {
    check(
        EVERYWHERE,
        r#"x = (a(), b);"#,
        r#"
            assign ^.x = ^b
            ^a()
        "#,
    );
}

/// Await and yield.
#[test]
fn await_and_yield() {
    check(
        EVERYWHERE,
        r#"async function f() { return await g(); } function* h() { yield 1; yield* i(); yield; }"#,
        r#"
            declare f = fn f
            declare h = fn h
            Function f() async returns await ^g()
            Function h() generator yields 1 yields ^i()
        "#,
    );
}

/// A function called on the spot.
#[test]
fn a_function_called_on_the_spot() {
    check(
        EVERYWHERE,
        r#"(function (io) { io.emit('x'); })(server); (() => {})();"#,
        r#"
            declare io = fn1#0 in fn1
            Function fn1(io)
            Arrow fn2()
            io.emit("x") in fn1
            fn fn1(^server)
            fn fn2()
        "#,
    );
}

/// New.target, import.meta and import().
#[test]
fn new_target_import_meta_and_import() {
    check(
        EVERYWHERE,
        r#"function F() { return new.target; } const l = () => import('./lazy'); import(`./x`); import(name);"#,
        r#"
            declare F = fn F
            declare l = fn l
            Function F() returns ?
            Arrow l() returns import("./lazy")
            import("./x")
        "#,
    );
}

/// What is fine around an error.
#[test]
fn what_is_fine_around_an_error() {
    check(
        &[JavaScript],
        r#"const a = f(1); const = ; function g() { return a; } io.emit('x'"#,
        r#"
            declare a = ^f(1)
            declare g = fn g
            Function g() returns a
        "#,
    );
}

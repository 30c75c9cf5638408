//! Classes and object methods.

use super::*;

/// A static method's this is left to the solver.
#[test]
fn a_static_method_s_this_is_left_to_the_solver() {
    check(
        EVERYWHERE,
        r#"class A { static of() { return new this(); } }"#,
        r#"
            declare A = class A
            Method of() static returns new this() of A
            class A { static of(); }
        "#,
    );
}

/// Derived classes with a made-up constructor.
#[test]
fn derived_classes_with_a_made_up_constructor() {
    check(
        EVERYWHERE,
        r#"class A extends B { x = 1; }"#,
        r#"
            declare A = class A
            Constructor constructor() synthetic of A
            class A extends ^B { x = 1 in constructor; }
        "#,
    );
}

/// Members, accessors, private names, static members.
#[test]
fn members_accessors_private_names_static_members() {
    check(
        EVERYWHERE,
        r#"class A extends B { #p = 1; q; static r = 2; constructor(x) { super(x); this.y = x; } get s() { return this.#p; } set s(v) {} static async t() {} *[u]() {} 'v'() {} ['w'] = 3 }"#,
        r#"
            declare x = constructor#0 in constructor
            declare v = s#0 in s
            declare A = class A
            assign this.y = x in constructor
            Constructor constructor(x) of A
            Method s() returns this.#p of A
            Method s(v) of A
            Method t() async static of A
            Method fn5() generator of A
            Method v() of A
            class A extends ^B { #p = 1 in constructor; q; static r = 2 in fn0; s get; s set; static t(); ?(); v(); w = 3 in constructor; }
            super(x) in constructor
        "#,
    );
}

/// Field initialisers without a constructor belong to a made-up one.
#[test]
fn field_initialisers_without_a_constructor_belong_to_a_made_up_one() {
    check(
        EVERYWHERE,
        r#"class A { users = new Map(); on = () => this.users; }"#,
        r#"
            declare A = class A
            Constructor constructor() synthetic of A
            Arrow on() returns this.users in constructor
            class A { users = new ^Map() in constructor; on = fn on in constructor; }
            new ^Map() in constructor
        "#,
    );
}

/// Static code has the class as this.
#[test]
fn static_code_has_the_class_as_this() {
    check(
        EVERYWHERE,
        r#"class A { static a = this.b; static { this.c = () => this; } }"#,
        r#"
            declare A = class A
            assign class A.c = fn c
            Arrow c() returns class A
            class A { static a = class A.b in fn0; }
        "#,
    );
}

/// An object's methods.
#[test]
fn an_object_s_methods() {
    check(
        EVERYWHERE,
        r#"const o = { a() { return this; }, b: function () { return this; } };"#,
        r#"
            declare o = {a: fn a, b: fn b}
            Method a() returns this
            Function b() returns this
        "#,
    );
}

/// Class expressions.
#[test]
fn class_expressions() {
    check(
        EVERYWHERE,
        r#"exports.A = class extends mixin(B) {};"#,
        r#"
            assign exports.A = class A
            class A extends ^mixin(^B) { }
            ^mixin(^B)
        "#,
    );
}

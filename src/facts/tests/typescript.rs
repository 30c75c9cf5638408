//! What only TypeScript and JSX have.

use super::*;

/// Imports and exports of types.
#[test]
fn imports_and_exports_of_types() {
    check(
        &[TypeScript],
        r#"import type { A } from 'a'; import { type B, C } from 'c'; import D = require('d'); import E = D.F; export type { A } from 'a'; export = D;"#,
        r#"
            import type A as A from "a"
            import type B as B from "c"
            import C as C from "c"
            import = as D from "d"
            export A as A from "a"
            export = D
            declare E = D.F
        "#,
    );
}

/// Interfaces, aliases and enums.
#[test]
fn interfaces_aliases_and_enums() {
    check(
        &[TypeScript],
        r#"interface A extends B<C>, D { a?: string; m(x: number): Promise<A>; readonly e: E[] } type F = A | null | 'x'; enum G { H, I = 'i' } export type { F };"#,
        r#"
            export Type F as F
            declare G = {H: 0, I: "i"}
            type A = {a: string, m: () => ^Promise<A>, e: ^E[]} extends ^B<^C>, ^D
            type F = A | string
            type G = string
        "#,
    );
}

/// A value and a type of one name.
#[test]
fn a_value_and_a_type_of_one_name() {
    check(
        &[TypeScript],
        r#"interface M { a: string } const M = model<M>('M'); export { M };"#,
        r#"
            export Const M as M
            export Type M as M
            declare M = ^model("M")
            type M = {a: string}
        "#,
    );
}

/// Annotations.
#[test]
fn annotations() {
    check(
        &[TypeScript],
        r#"const a: Map<string, import('ws').WebSocket> = new Map(); let b: io.Server, c: typeof a; function f(this: X, x?: A, ...y: B[]): Promise<void> {}"#,
        r#"
            declare a = new ^Map()
            declare x = f#0 in f
            declare y = ...f#1 in f
            declare f = fn f
            Function f(x: ^A, ...y: ^B[]): ^Promise<other>
            a: ^Map<string, import("ws").WebSocket>
            b: ^io.Server
            c: typeof a
        "#,
    );
}

/// Casts and assertions.
#[test]
fn casts_and_assertions() {
    check(
        &[TypeScript],
        r#"const a = b as Server, c = <Server>d, e = f!, g = h satisfies I, j = k as const, l = m as unknown as N;"#,
        r#"
            declare a = (^b as ^Server)
            declare c = (^d as ^Server)
            declare e = ^f
            declare g = ^h
            declare j = ^k
            declare l = ((^m as other) as ^N)
        "#,
    );
}

/// Destructured values with a type.
#[test]
fn destructured_values_with_a_type() {
    check(
        &[TypeScript],
        r#"const { io }: { io: Server } = ctx; function f({ io }: { io: Server }) {}"#,
        r#"
            declare io = (^ctx as {io: ^Server}).io
            declare io = f#0.io in f
            declare f = fn f
            Function f(_: {io: ^Server})
        "#,
    );
}

/// Parameter properties.
#[test]
fn parameter_properties() {
    check(
        &[TypeScript],
        r#"class A { constructor(private readonly io: Server, public name = 'x', plain: number) {} }"#,
        r#"
            declare io = constructor#0 in constructor
            declare name = (constructor#1 | "x") in constructor
            declare plain = constructor#2 in constructor
            declare A = class A
            declare this.io = constructor#0 in constructor
            declare this.name = (constructor#1 | "x") in constructor
            Constructor constructor(io: ^Server, name, plain: number) of A
            class A { io: ^Server; name; }
        "#,
    );
}

/// Decorators.
#[test]
fn decorators() {
    check(
        &[TypeScript],
        r#"@Gateway({ cors: true }) export class A { @Server() server: IO; @On('m') handle(@Body() body: B, @Socket() s) {} constructor(@Inject(T) private t: T) {} }"#,
        r#"
            export Class A as A
            declare body = handle#0 in handle
            declare s = handle#1 in handle
            declare t = constructor#0 in constructor
            declare A = class A
            declare this.t = constructor#0 in constructor
            Constructor constructor(@^Inject(^T) t: ^T) of A
            Method handle(@^Body() body: ^B, @^Socket() s) of A
            @^Gateway({cors: true}) class A { @^Server() server: ^IO; @^On("m") handle(); t: ^T; }
            ^Gateway({cors: true})
            ^Server()
            ^On("m")
            ^Body()
            ^Socket()
            ^Inject(^T)
        "#,
    );
}

/// Abstract classes and overloads.
#[test]
fn abstract_classes_and_overloads() {
    check(
        &[TypeScript],
        r#"abstract class A implements B, C.D<E> { abstract m(): void; n(): string; n(x?: number): string { return ''; } declare o: P }"#,
        r#"
            declare x = n#0 in n
            declare A = class A
            Method n(x: number): string returns "" of A
            abstract class A implements ^B implements ^C.D<^E> { n(); o: ^P; }
        "#,
    );
}

/// Declare is left out.
#[test]
fn declare_is_left_out() {
    check(
        &[TypeScript],
        r#"declare const a: A; declare function f(): void; declare module 'x' { const y: number; } f(a);"#,
        r#"
            ^f(^a)
        "#,
    );
}

/// Namespaces.
#[test]
fn namespaces() {
    check(
        &[TypeScript],
        r#"namespace A { export const b = 1; export function c() { return b; } const d = 2; } A.c(); namespace E.F { export class G {} }"#,
        r#"
            declare b = 1
            declare c = fn c
            declare d = 2
            declare A = {b: b, c: c}
            declare G = class G
            declare E = {F: {G: G}}
            Function c() returns b
            class G { }
            A.c()
        "#,
    );
}

/// Generics.
#[test]
fn generics() {
    check(
        &[TypeScript],
        r#"function f<T extends Server>(io: T): T { return g<T>(io); } h<import('x').Y>(io);"#,
        r#"
            declare io = f#0 in f
            declare f = fn f
            Function f(io: T): T returns ^g(io)
            type T = ^Server
            ^h(^io)
        "#,
    );
}

/// Type arguments are no comparison.
#[test]
fn type_arguments_are_no_comparison() {
    check(
        &[TypeScript],
        r#"const m = new Map<string, Set<string>>(); const r = useRef<Socket | null>(null); styled.div<{ a: b }>`c ${d}`;"#,
        r#"
            declare m = new ^Map()
            declare r = ^useRef(nullish)
            ^styled.div`c ${^d}`
        "#,
    );
}

/// Records, tuples, unions, functions.
#[test]
fn records_tuples_unions_functions() {
    check(
        &[TypeScript],
        r#"type A = { [k: string]: B }; type C = [D, E?]; type F = () => G; type H = readonly I[]; type J = keyof K; type L = `m${string}`;"#,
        r#"
            type A = ^Record<string, ^B>
            type C = ^D | ^E[]
            type F = () => ^G
            type H = ^I[]
            type J = other
            type L = string
        "#,
    );
}

/// Using.
#[test]
fn using() {
    check(
        &[TypeScript],
        r#"{ using a = b(); await using c = d(); e(a, c); }"#,
        r#"
            declare a = ^b()
            declare c = ^d()
            ^e(a, c)
        "#,
    );
}

/// Type parameters hide.
#[test]
fn type_parameters_hide() {
    check(
        &[TypeScript],
        r#"import { T } from 't'; class A<T> { x: T } type B<T extends C> = T; let y: T;"#,
        r#"
            import T as T from "t"
            declare A = class A
            class A { x: T; }
            type T = other
            type T = ^C
            type B = T
            y: T
        "#,
    );
}

/// A styled template is no syntax error.
#[test]
fn a_styled_template_is_no_syntax_error() {
    check(
        &[Tsx],
        r#"const P = styled.p<{ a: b }>`x ${c}`; const q = f<T>(x);"#,
        r#"
            declare P = ^styled.p`x ${^c}`
            declare q = ^f(^x)
        "#,
    );
}

/// JSX holds expressions.
#[test]
fn jsx_holds_expressions() {
    check(
        &[Tsx],
        r#"const A = () => <div onClick={() => send(1)} {...rest}><B.C>{list.map(x => <D key={x} />)}</B.C></div>;"#,
        r#"
            declare x = fn3#0 in fn3
            declare A = fn A
            Arrow A() returns <fn fn2, ^rest, <^B.C, ^list.map(fn fn3)>>
            Arrow fn2() returns ^send(1) in A
            Arrow fn3(x) returns <^D, x> in A
        "#,
    );
}

/// Members of enums count on from the last number.
#[test]
fn enums_count_on() {
    check(
        &[TypeScript],
        "enum A { B, C = 5, D, E = 1 << 2 }",
        r#"
            declare A = {B: 0, C: 5, D: 6, E: (1 << 2)}
            type A = number
        "#,
    );
}

/// JavaScript with type annotations is read by the grammar that has them; other broken code keeps its own.
#[test]
fn annotated_javascript() {
    let flow = "// @flow\nimport type { Socket } from 'x';\nconst send = (socket: ?Socket, text: string): void => { socket.send(text); };";
    assert_eq!(lower(flow, JavaScript).0.dump(), lower(flow, Tsx).0.dump());
    assert!(lower(flow, JavaScript).1.is_empty());
    let broken = "a();\nlet 1 = ;\nb();";
    assert_eq!(lower(broken, JavaScript).1.len(), 1);
}

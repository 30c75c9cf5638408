//! Lowering ends, and in bounded stack, whatever the text.

use super::*;
use crate::source::ProblemKind;

/// Lowers a text on a thread with a worker's stack.
fn lower_in_thread(language: Language, text: String) -> (ModuleFacts, bool) {
    let work = move || {
        let (facts, problems) = lower(&text, language);
        (facts, problems.iter().any(|problem| problem.kind == ProblemKind::TooDeep))
    };
    std::thread::Builder::new().stack_size(2 << 20).spawn(work).unwrap().join().unwrap()
}

#[test]
fn deep_nesting_is_cut() {
    let n = 3000;
    for (open, middle, close) in [
        ("[", "a", "]"),
        ("(", "a", ")"),
        ("f(", "a", ")"),
        ("x = {a: ", "b", "}"),
        ("!", "a", ""),
        ("await ", "a", ""),
        ("a = ", "b", ""),
        ("a ** ", "b", ""),
        ("a ? ", "b", " : c"),
        ("if (a) ", "b", ""),
        ("if (a) { ", "b", "}"),
        ("{", "a", "}"),
        ("for (const x of y) ", "b", ""),
        ("while (a) {", "b", "}"),
        ("try {", "b", "} catch (e) {}"),
        ("switch (a) { case b: ", "c", "}"),
        ("label: ", "b", ""),
        ("function f() {", "a", "}"),
        ("(function () {", "a", "})()"),
        ("f(() => {", "a", "})"),
        ("x => ", "a", ""),
        ("class A { m() {", "a", "} }"),
        ("x = class { a = ", "b", "}"),
        ("`${", "a", "}`"),
        ("f`${", "a", "}`"),
        ("(a, ", "b", ")"),
        ("a[", "b", "]"),
        ("a || (b && ", "c", ")"),
        ("function f(a = ", "b", ") {}"),
        ("async () => { for await (const x of y) ", "a", "}"),
    ] {
        for language in [Language::JavaScript, Language::TypeScript] {
            let text = format!("{}{middle}{}", open.repeat(n), close.repeat(n));
            let (_, too_deep) = lower_in_thread(language, text);
            assert!(too_deep, "{language:?}: {open}");
        }
    }
}

#[test]
fn deep_types_and_patterns_are_cut() {
    let n = 3000;
    for (start, open, middle, close, end) in [
        ("let x: ", "A<", "B", ">", ";"),
        ("let x: ", "(", "B", ")", ";"),
        ("let x: ", "{ a: ", "B", "}", ";"),
        ("let x: ", "() => ", "B", "", ";"),
        ("let ", "[", "x", "]", "= y;"),
        ("let ", "{ a: ", "x", "}", "= y;"),
        ("function f(", "{ a: ", "x", "}", ") {}"),
        ("", "namespace A {", "x", "}", ""),
        ("", "namespace A { export ", "const x = 1", "}", ""),
    ] {
        let text = format!("{start}{}{middle}{}{end}", open.repeat(n), close.repeat(n));
        let (_, too_deep) = lower_in_thread(Language::TypeScript, text);
        assert!(too_deep || open.contains("export"), "{open}");
    }
}

#[test]
fn long_chains_are_no_nesting() {
    let n = 5_000;
    for (start, link, end) in [
        ("x = a", " + b", ";"),
        ("x = a", " && b", ";"),
        ("x = a", " || b", ";"),
        ("x = a", " && b || c", ";"),
        ("x = a", " + b - c", ";"),
        ("x = ", "a ? b : ", "c;"),
        ("", "if (a) { b() } else ", "c();"),
        ("x = [a", ", a", "];"),
        ("x = (a", ", a", ");"),
        ("a();", "if (b) return;", ""),
        ("", "var a = 1;", ""),
        ("var x = 1;", "x += 1;", ""),
    ] {
        let text = format!("{start}{}{end}", link.repeat(n));
        let (facts, too_deep) = lower_in_thread(Language::TypeScript, text);
        assert!(!too_deep, "{link}");
        assert!(facts.exprs.len() < 8 * n, "{link}: {}", facts.exprs.len());
        assert!(facts.guards.len() <= 4 * n, "{link}: {}", facts.guards.len());
        let nesting = nesting(&facts);
        assert!(nesting < 500, "{link}: {nesting}");
    }
}

/// How deep expressions nest in the facts.
fn nesting(facts: &ModuleFacts) -> usize {
    let mut depths = vec![1; facts.exprs.len()];
    for index in 0..facts.exprs.len() {
        let mut depth = 0;
        facts.for_each_child(crate::facts::ExprId(index as u32), |child| depth = depth.max(depths[child.index()]));
        depths[index] = depth + 1;
    }
    depths.into_iter().max().unwrap_or(0)
}

#[test]
fn long_call_chains_are_cut() {
    for link in [".a", "(b)", "[c]", ".then(() => d)"] {
        let (facts, too_deep) = lower_in_thread(Language::JavaScript, format!("x{}", link.repeat(5_000)));
        assert!(too_deep);
        assert!(nesting(&facts) < 500, "{link}");
    }
}

#[test]
fn text_that_is_no_code_is_survived() {
    for text in
        ["", "\0", "\u{feff}", "}{", "((((", "`${", "/*", "'", "\"\\", "<<<<<<<", "export", "import {", "@", "#!"]
    {
        for language in [Language::JavaScript, Language::TypeScript, Language::Tsx] {
            lower(text, language);
        }
    }
    for noise in ["{", "}", "(", "<a", "`", "@a ", "\u{1f600}", "case ", "<", "a b "] {
        lower_in_thread(Language::Tsx, noise.repeat(50_000));
    }
}

/// Every prefix of a varied text and every text with one piece cut out lowers.
#[test]
fn broken_code_is_survived() {
    let text = include_str!("varied.tsx");
    let ends: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
    for (position, &at) in ends.iter().enumerate().step_by(7) {
        lower(&text[..at], Language::Tsx);
        let resume = ends.get(position + 11).copied().unwrap_or(text.len());
        lower(&format!("{}{}", &text[..at], &text[resume..]), Language::TypeScript);
        lower(&text[at..], Language::JavaScript);
    }
}

//! Each fault: the marked text, the message and the help.

use super::*;

/// The faults of a file `lib` with this body.
fn faults(body: &str) -> String {
    match rules(&[("lib", &lib_text(body))]) {
        Ok(_) => "loads".to_owned(),
        Err(error) => one_line_each(&error),
    }
}

/// Compares the faults of bodies.
fn check(cases: &[(&str, &str)]) {
    for (body, expected) in cases {
        assert_eq!(faults(body), *expected, "\n{body}\n");
    }
}

/// The same for the keys of an operation.
fn check_operations(cases: &[(&str, &str)]) {
    for (keys, expected) in cases {
        let body = format!("[types.T.methods]\nto = {{ {keys} }}");
        assert_eq!(faults(&body), *expected, "\n{keys}\n");
    }
}

#[test]
fn unknown_keys_name_the_nearest() {
    check(&[
        ("pakages = ['x']", "lib.toml: pakages: unknown key `pakages` | did you mean `packages`?"),
        ("[modul]", "lib.toml: modul: unknown key `modul` | did you mean `module`?"),
        ("[types.A]\nextend = 'B'", "lib.toml: extend: unknown key `extend` | did you mean `extends`?"),
        (
            "[module.methods]\nf = [{ retruns = 'this' }]",
            "lib.toml: retruns: unknown key `retruns` | did you mean `returns`?",
        ),
        ("[globals]\nx = { clas = 'A' }", "lib.toml: clas: unknown key `clas` | did you mean `class`?"),
    ]);
    check_operations(&[
        (
            "callback = { fn = 'argument.0' }",
            "lib.toml: fn: unknown key `fn` | known here: function, all-from, parameters, this, primary, trigger",
        ),
        ("when = { argment = 0 }", "lib.toml: argment: unknown key `argment` | did you mean `argument`?"),
    ]);
}

#[test]
fn unknown_words_name_the_nearest() {
    check_operations(&[
        ("deliver = 'adressed'", "lib.toml: 'adressed': unknown word `adressed` | did you mean `addressed`?"),
        (
            "deliver = { to = 'evrybody' }",
            "lib.toml: 'evrybody': unknown word `evrybody` | known here: addressed, connection, all, others, room, peer",
        ),
        ("state = { verb = 'reed' }", "lib.toml: 'reed': unknown word `reed` | did you mean `read`?"),
    ]);
}

#[test]
fn wrong_types_of_values_say_what_may_stand_there() {
    check_operations(&[
        (
            "returns = 1",
            "lib.toml: 1: invalid type: integer `1`, expected a string, a table or an array of them | -",
        ),
        ("address = ['room']", "lib.toml: ['room']: invalid type: sequence, expected a string or a table | -"),
        ("when = 'x'", "lib.toml: 'x': a condition is a table such as `{ argument = 0, is = \"connection\" }` | -"),
    ]);
}

#[test]
fn unknown_types_name_the_nearest() {
    check(&[
        (
            "[types.Server]\n[module.methods]\nf = 'Sever'",
            "lib.toml: Sever: there is no type `Sever` in lib | did you mean `Server`?",
        ),
        (
            "[module.methods]\nf = 'libb/Server.x'",
            "lib.toml: libb: there is no family `libb` | did you mean `lib`?",
        ),
        ("[types.A]\n[types.B]\nextends = 'C'", "lib.toml: C: there is no type `C` in lib | known here: A, B"),
        ("[types.B]\nextends = 'this'", "lib.toml: 'this': `this` is no type | a type is expected here"),
        ("[classes.A]\n[types.Ab]", "lib.toml: A: there is no type `A` | known here: Ab"),
        ("[types.server]", "lib.toml: server: `server` is no type's name | types begin with an upper-case letter"),
        (
            "modules.lib = 'A'\n[types.A]\n[types.B]\nextends = 'module'",
            "lib.toml: module: lib has no `[module]` | name a type instead",
        ),
    ]);
}

#[test]
fn places_are_marked_where_they_are_wrong() {
    check_operations(&[
        ("returns = 'argumet.0'", "lib.toml: argumet.0: `argumet.0` is no place | did you mean `argument.0`?"),
        ("returns = 'argument'", "lib.toml: argument: `argument` needs a position | write `argument.0`"),
        (
            "flows = 'argument.0 this'",
            "lib.toml: 'argument.0 this': `argument.0 this` is no flow | write \"from -> to\"",
        ),
        ("flows = 'argument.0 -> ths'", "lib.toml: ths: `ths` is no place | did you mean `this`?"),
        (
            "flows = 'argument.0 -> unknown'",
            "lib.toml: 'argument.0 -> unknown': nothing can flow to `unknown` | end at `this`, `result`, `site`, an argument, or a field of a type with `shared-fields`",
        ),
        (
            "returns = 'this.[key]'",
            "lib.toml: .[key]: only an argument can name a field | steps are `.element`, `.key`, `.item`, `.entry`, `.fields`, `.[argument.0]`, `.name` and `.'any name'`",
        ),
        (
            "returns = \"\\u0061rgument\"",
            "lib.toml: \"\\u0061rgument\": `argument` needs a position | write `argument.0`",
        ),
    ]);
    check(&[(
        "[types.T.properties]\np = 'argument.0'",
        "lib.toml: 'argument.0': reading a property has no `argument.0` | start at `this`, `origin`, `unknown` or a type",
    )]);
}

#[test]
fn operations_that_do_nothing_do_not_load() {
    check_operations(&[
        ("", "lib.toml: to: lib/T: operation 0 of `methods.to` does nothing | say what it does, or leave it out"),
        (
            "when = { argument = 0, is = 'x' }",
            "lib.toml: to: lib/T: operation 0 of `methods.to` does nothing | say what it does, or leave it out",
        ),
    ]);
}

#[test]
fn properties_that_say_nothing_do_not_load() {
    check(&[(
        "[types.T.properties]\np = {}",
        "lib.toml: p: lib/T: `properties.p` says nothing | say what reading it gives, or leave it out",
    )]);
}

#[test]
fn conditions_that_make_no_sense() {
    check_operations(&[
        (
            "connect = true, when = { argument = 0 }",
            "lib.toml: to: the condition says nothing | add `is`, `not`, `starts-with`, `constant`, `kind`, `absent`, `present` or `version`",
        ),
        (
            "connect = true, when = { is = 'x' }",
            "lib.toml: 'x': the condition does not say what it looks at | add `argument = 0`",
        ),
        (
            "connect = true, when = { argument = 0, value = 'argument.0.x', is = 'x' }",
            "lib.toml: 'argument.0.x': a condition looks at an `argument` or a `value` | split it in two",
        ),
        (
            "connect = true, when = { value = 'argument.0.x', kind = 'array' }",
            "lib.toml: 'argument.0.x': only an `argument` has a `kind` | use `argument`",
        ),
        (
            "connect = true, when = { value = 'this.x', is = 'x' }",
            "lib.toml: 'this.x': a condition's `value` starts at an argument | write `argument.0.name`",
        ),
        (
            "connect = true, when = { package = 'x' }",
            "lib.toml: 'x': a condition on a package has a `version` | add `version = \">=1\"`",
        ),
    ]);
    let fault = faults("[types.T.methods]\nm = { connect = true, when = { version = 'four' } }");
    assert!(fault.starts_with("lib.toml: 'four': `four` is no npm range"), "{fault}");
}

#[test]
fn callbacks_say_which_function_they_are() {
    let which = "write either `function = \"argument.0\"` or `all-from = 0`";
    check_operations(&[
        (
            "callback = { parameters = ['this'] }",
            &format!("lib.toml: to: a callback says which function it is | {which}"),
        ),
        (
            "callback = { function = 'argument.0', all-from = 1 }",
            &format!("lib.toml: 'argument.0': a callback says which function it is | {which}"),
        ),
        (
            "callback = { function = 'argument.0', trigger = { kind = 'connect', own = 'argument.0' } }",
            "lib.toml: 'argument.0': `argument.0` is no connection | write `this` or `parameter.0`",
        ),
    ]);
    check(&[(
        "[types.T.overrides]\nm = { function = 'argument.0' }",
        "lib.toml: 'argument.0': the function is the method itself | remove `function`",
    )]);
}

#[test]
fn roles_that_make_no_sense() {
    check(&[
        (
            "[types.T]\nemitter = true\ncontainer = true",
            "lib.toml: T: lib/T has 2 roles | a type has one role; give each its own type",
        ),
        (
            "[types.T]\nadapter = { reach = 'cluster' }",
            "lib.toml: T: a cluster adapter has a backend | add `backend = \"…\"`",
        ),
        (
            "[types.T]\nadapter = { reach = 'host', backend = 'redis' }",
            "lib.toml: 'redis': host reach has no backend | remove `backend`",
        ),
    ]);
}

#[test]
fn circles_of_types() {
    check(&[
        ("[types.A]\nextends = 'A'", "lib.toml: 'A': lib/A takes its own members | lib/A comes back to it"),
        (
            "[types.A]\nextends = 'B'\n[types.B]\nmixins = 'A'",
            "lib.toml: 'A': lib/B takes its own members | lib/A comes back to it",
        ),
    ]);
}

#[test]
fn names_listed_twice() {
    check(&[
        ("[types.T.methods]\n'a|b' = 'this'\nb = 'this'", "lib.toml: b: `b` is listed twice | remove one"),
        (
            "[types.T.methods]\n'a|' = 'this'",
            "lib.toml: 'a|': a name is missing | write one name, or several as \"a|b\"",
        ),
    ]);
}

#[test]
fn all_faults_are_told_at_once_in_order() {
    let text = faults("[types.T.methods]\nb = 'X'\na = 'Y'\n[module]\nextends = 'Z'");
    let marked: Vec<&str> = text.lines().filter_map(|line| line.split(": ").nth(1)).collect();
    assert_eq!(marked, ["X", "Y", "Z"]);
}

#[test]
fn a_user_sees_the_place() {
    let error = rules(&[("lib", &lib_text("[types.T.methods]\nto = { retruns = \"this\" }"))]).unwrap_err();
    let mut text = String::new();
    let handler = miette::GraphicalReportHandler::new_themed(miette::GraphicalTheme::unicode_nocolor());
    handler.render_report(&mut text, &error).unwrap();
    let text: Vec<&str> = text.lines().map(str::trim_end).collect();
    insta::assert_snapshot!(text.join("\n"), @r#"
      × the rules do not load: unknown key `retruns`

    Error:
      × unknown key `retruns`
       ╭─[lib.toml:4:8]
     3 │ [types.T.methods]
     4 │ to = { retruns = "this" }
       ·        ───┬───
       ·           ╰── here
       ╰────
      help: did you mean `returns`?
    "#);
}

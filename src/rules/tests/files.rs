//! How files come together: anchors, owners, references, replacement, folders.

use super::*;

const HEAD: &str = "title = \"T\"\n";

#[test]
fn the_handbooks_first_rule_loads() {
    let handbook = include_str!("../../../rules/README.md");
    let (_, rest) = handbook.split_once("## A first rule\n\n```toml\n").unwrap();
    let (text, _) = rest.split_once("```").unwrap();
    let rules = loaded(&[("acme", text)]);
    let module = rules.module("acme-realtime").unwrap();
    assert_eq!(rules.property(module, "Server").unwrap().1.returns.len(), 1);
}

#[test]
fn a_file_without_an_anchor_does_not_load() {
    let error = rules(&[("lib", "title = \"T\"\n[types.A]")]).unwrap_err();
    assert_eq!(
        one_line_each(&error),
        "lib.toml: : the file has no anchor | name the `packages` that it describes, or its `[globals]`"
    );
    let rules = loaded(&[("lib", "title = \"T\"\n[globals]\nthing = 'A'\n[types.A]")]);
    assert_eq!(rules.global("thing"), rules.type_named("lib/A"));
}

#[test]
fn a_file_without_a_title_does_not_load() {
    let error = rules(&[("lib", "packages = ['a']")]).unwrap_err();
    assert_eq!(error.faults[0].message, "missing field `title`");
}

#[test]
fn packages_globals_and_literals_have_one_owner() {
    let types = "[types.A]";
    let a = format!("{HEAD}packages = ['x']\n[globals]\nthing = 'A'\n[literals]\nArray = 'A'\n{types}");
    let b = format!("{HEAD}packages = ['y', 'x', 'y']\n[globals]\nthing = 'A'\n[literals]\nArray = 'A'\n{types}");
    let error = rules(&[("a", &a), ("b", &b)]).unwrap_err();
    assert_eq!(
        one_line_each(&error),
        "b.toml: 'x': the package `x` belongs to a.toml too | name this file a.toml to replace that family\n\
         b.toml: 'y': the package `y` is listed twice | remove one\n\
         b.toml: thing: the global `thing` belongs to a.toml too | name this file a.toml to replace that family\n\
         b.toml: Array: the literal `Array` belongs to a.toml too | name this file a.toml to replace that family"
    );
}

#[test]
fn modules_subpaths_and_packages_of_their_own() {
    let rules = loaded(&[(
        "lib",
        "title = 'T'
        packages = ['lib', '@x/fork']
        seeds = true
        keywords = ['text/event-stream']
        [module]
        [subpaths]
        'deep/path' = 'A'
        [subpaths.own.methods]
        f = 'A'
        [modules.'@x/fork'.methods]
        g = 'A'
        [types.A]
        connection = { transport = 'lib' }",
    )]);
    let name = |specifier: &str| rules.module(specifier).map(|ty| rules.ty(ty).name.as_str());
    assert_eq!(name("lib"), Some("lib/module"));
    assert_eq!(name("lib/dist/index.js"), Some("lib/module"));
    assert_eq!(name("lib/deep/path"), Some("lib/A"));
    assert_eq!(name("@x/fork/deep/path"), Some("lib/A"));
    assert_eq!(name("lib/own"), Some("lib/module own"));
    assert_eq!(name("@x/fork"), Some("lib/module @x/fork"));
    assert_eq!(name("@x/other"), None);
    assert!(rules.seeds("lib/any") && rules.seeds("@x/fork") && !rules.seeds("@x/other"));
    assert_eq!(rules.seed_packages().collect::<Vec<_>>(), ["lib", "@x/fork"]);
    assert_eq!(rules.keywords().collect::<Vec<_>>(), ["text/event-stream"]);

    let text = lib_text("modules.lob = 'A'\n[types.A]");
    let error = super::rules(&[("lib", &text)]).unwrap_err();
    assert_eq!(one_line_each(&error), "lib.toml: lob: `lob` is none of the `packages` | did you mean `lib`?");
}

#[test]
fn globals_are_types_or_classes() {
    let rules =
        lib("[globals]\nMap = { class = 'Map' }\nprocess = { type = 'Process' }\n[types.Map]\n[types.Process]");
    let name = |global: &str| rules.global(global).map(|ty| rules.ty(ty).name.as_str());
    assert_eq!((name("Map"), name("process")), (Some("lib/class Map"), Some("lib/Process")));
    let error = super::rules(&[("lib", &lib_text("[globals]\nx = { class = 'A', type = 'A' }\n[types.A]"))]);
    assert_eq!(
        one_line_each(&error.unwrap_err()),
        "lib.toml: x: a global is a type or a class | write `\"Type\"` or `{ class = \"Type\" }`"
    );
}

#[test]
fn literals_have_types() {
    let rules = lib("[literals]\nArray = 'List'\n[types.List]");
    assert_eq!(rules.literal("Array"), rules.type_named("lib/List"));
}

#[test]
fn files_refer_to_each_other_in_any_order() {
    let a = format!(
        "{HEAD}packages = ['a']\n[types.A]\nextends = 'b.c/B'\n[module.properties]\nB = {{ class = 'b.c/B' }}"
    );
    let b = format!("{HEAD}packages = ['b']\n[types.B.methods]\nm = 'a/A'");
    let rules = loaded(&[("a", &a), ("b.c", &b)]);
    let (a, b) = (ty(&rules, "a/A"), ty(&rules, "b.c/B"));
    assert!(rules.is_a(a, b) && !rules.is_a(b, a));
    assert_eq!(rules.family(ty(&rules, "b.c/class B")).name, "b.c");
    assert_eq!(rules.method(a, "m").unwrap().1[0].returns, [at(Base::Fresh(a))]);
}

#[test]
fn a_later_file_of_the_same_family_replaces_it() {
    let old = RuleSource::new("lib", "old/lib.toml", "title = 'old'\npackages = ['lib', 'lib2']");
    let new = RuleSource::new("lib", "new/lib.toml", "title = 'new'\npackages = ['lib']");
    let rules = load_sources([old, new]).unwrap();
    assert_eq!(rules.families.len(), 1);
    assert_eq!(rules.families[0].title, "new");
    assert_eq!(rules.module("lib2"), None);
}

#[test]
fn folders_of_the_user_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = camino::Utf8PathBuf::from_path_buf(folder.path().to_owned()).unwrap();
    std::fs::write(path.join("acme.test.toml"), "title = 'Acme'\npackages = ['@acme/test-only']").unwrap();
    std::fs::write(path.join("notes.txt"), "no rule").unwrap();
    let rules = load(std::slice::from_ref(&path)).unwrap_or_else(|error| panic!("{}", one_line_each(&error)));
    let family = rules.families.iter().find(|family| family.name == "acme.test").unwrap();
    assert!(
        !family.builtin
            && rules.families.iter().filter(|family| family.builtin).count() + 1 == rules.families.len()
    );

    let error = load(&[path.join("missing")]).unwrap_err();
    assert!(error.faults[0].message.starts_with(&format!("cannot read {}", path.join("missing"))));
}

#[test]
fn builtin_rules_load() {
    if let Err(error) = builtin() {
        panic!("{}", one_line_each(error));
    }
}

#[test]
fn the_table_says_what_a_family_gives() {
    let rules = loaded(&[(
        "lib",
        "title = 'T'
        packages = ['lib']
        documentation = ['https://lib.example']
        [module.properties]
        Server = { class = 'Server' }
        [types.Server]
        endpoint = { transport = 't' }
        [types.Server.methods]
        'to|in' = ['this', 'Redis']
        [types.Redis]
        broker = { backend = 'redis' }",
    )]);
    let rows = table(&rules);
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0].gives, ["broker", "transport"]);
    assert_eq!(rows[0].documentation, ["https://lib.example"]);
    assert_eq!(rows[0].operations, 3, "two of to|in, and the property");
    let names: Vec<String> = rules.operations.iter().map(ToString::to_string).collect();
    assert_eq!(
        names,
        [
            "lib/Server methods.to|in #0",
            "lib/Server methods.to|in #1",
            "lib/module properties.Server #0",
            "lib/class Server construct #0",
            "lib/class Server call #0",
        ]
    );
    let carrier = loaded(&[("lib", &lib_text(""))]);
    assert_eq!(table(&carrier)[0].gives, ["carrier"]);
}

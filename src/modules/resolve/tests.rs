//! Small projects, each with a table of specifiers and what they mean.

use super::*;
use crate::source::{ProjectOptions, read_project};

/// Reads the files as a project; a case is the importer, the specifier and what it means.
fn check(files: &[(&str, &str)], cases: &[(&str, &str, &str)]) -> Vec<Problem> {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    for (path, text) in files {
        let path = root.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let options = ProjectOptions { include_tests: true, ..ProjectOptions::default() };
    let (project, _) = read_project(root, &options).unwrap();
    let (resolver, problems) = Resolver::new(&project);
    for (from, specifier, meaning) in cases {
        let from = project.file_at(Utf8Path::new(from)).unwrap();
        // Asked twice: the second answer comes from the cache.
        for _ in 0..2 {
            let found = match resolver.resolve(from, specifier) {
                FileResolution::File(file) => project.file(file).path.to_string(),
                FileResolution::Other => "other".to_owned(),
                FileResolution::Package { name, subpath } if subpath.is_empty() => format!("package {name}"),
                FileResolution::Package { name, subpath } => format!("package {name} / {subpath}"),
                FileResolution::Builtin(name) => format!("builtin {name}"),
                FileResolution::Unresolved => "nothing".to_owned(),
            };
            assert_eq!(found, *meaning, "{specifier} in {}", project.file(from).path);
        }
    }
    problems
}

#[test]
fn relative_paths() {
    let files = [
        ("src/a.ts", ""),
        ("src/b.tsx", ""),
        ("src/c.mts", ""),
        ("src/d/index.js", ""),
        ("src/e.js", ""),
        ("src/e/index.js", ""),
        ("src/f/package.json", r#"{ "main": "./main.js" }"#),
        ("src/f/main.js", ""),
        ("src/data.json", "{}"),
        ("src/types.d.ts", ""),
        ("index.js", ""),
    ];
    let cases = [
        ("src/a.ts", "./a.js", "src/a.ts"),
        ("src/a.ts", "./b.js", "src/b.tsx"),
        ("src/a.ts", "./b.jsx", "src/b.tsx"),
        ("src/a.ts", "./c.mjs", "src/c.mts"),
        ("src/a.ts", "./d", "src/d/index.js"),
        ("src/a.ts", "./d/", "src/d/index.js"),
        ("src/a.ts", "./e", "src/e.js"),
        ("src/a.ts", "./f", "src/f/main.js"),
        ("src/a.ts", "..", "index.js"),
        ("src/d/index.js", ".", "src/d/index.js"),
        ("src/a.ts", "./data.json", "other"),
        ("src/a.ts", "./types", "other"),
        ("src/a.ts", "./a?worker", "src/a.ts"),
        ("src/a.ts", "./missing", "nothing"),
        ("src/a.ts", "../../outside", "nothing"),
    ];
    assert_eq!(check(&files, &cases), []);
}

#[test]
fn packages_and_runtime_modules() {
    let cases = [
        ("a.js", "ws", "package ws"),
        ("a.js", "@socket.io/redis-adapter", "package @socket.io/redis-adapter"),
        ("a.js", "socket.io/dist/namespace", "package socket.io / dist/namespace"),
        ("a.js", "npm:ws@8/lib/x", "package ws / lib/x"),
        ("a.js", "http", "builtin http"),
        ("a.js", "node:fs/promises", "builtin fs/promises"),
        ("a.js", "bun:sqlite", "builtin bun:sqlite"),
        ("a.js", "cloudflare:workers", "builtin cloudflare:workers"),
        ("a.js", "https://esm.sh/ws", "nothing"),
        ("a.js", "@", "nothing"),
    ];
    let installed = [("a.js", ""), ("package.json", "{}"), ("node_modules/ws/index.js", "")];
    assert_eq!(check(&installed, &cases), []);
}

#[test]
fn aliases_of_configurations() {
    let files = [
        (
            "tsconfig.base.json",
            r##"{ "compilerOptions": { "baseUrl": ".", "paths": { "@lib/*": ["libs/*/src"] } } }"##,
        ),
        (
            "app/tsconfig.json",
            r##"{ // extends what is not installed, too
                "extends": ["@tsconfig/node20/tsconfig.json", "../tsconfig.base"],
                "include": ["nothing"],
                "references": [{ "path": "./gone" }],
            }"##,
        ),
        ("app/main.js", ""),
        ("libs/core/src/index.ts", ""),
        ("js/jsconfig.json", r##"{ "compilerOptions": { "paths": { "~utils/*": ["./helpers/*"] } } }"##),
        ("js/main.js", ""),
        ("js/helpers/x.js", ""),
        ("solution/tsconfig.json", r##"{ "files": [], "references": [{ "path": "./tsconfig.app.json" }] }"##),
        ("solution/tsconfig.app.json", r##"{ "compilerOptions": { "paths": { "#/*": ["./src/*"] } } }"##),
        ("solution/src/a.ts", ""),
    ];
    let cases = [
        ("app/main.js", "@lib/core", "libs/core/src/index.ts"),
        ("app/main.js", "@lib/missing", "package @lib/missing"),
        ("js/main.js", "~utils/x", "js/helpers/x.js"),
        ("solution/src/a.ts", "#/a", "solution/src/a.ts"),
        ("app/main.js", "ws", "package ws"),
    ];
    assert_eq!(check(&files, &cases), []);
}

#[test]
fn aliases_without_a_configuration() {
    let files = [
        (
            "web/package.json",
            r#"{ "_moduleAliases": { "@root": ".", "@deep": "src/deep" }, "dependencies": { "lib": "1" } }"#,
        ),
        ("web/src/a.js", ""),
        ("web/src/deep/b.js", ""),
        ("web/lib/c.js", ""),
        ("web/config/d.js", ""),
    ];
    let cases = [
        ("web/src/a.js", "@/deep/b", "web/src/deep/b.js"),
        ("web/src/a.js", "~/a", "web/src/a.js"),
        ("web/src/a.js", "@root/src/a", "web/src/a.js"),
        ("web/src/a.js", "@deep/b", "web/src/deep/b.js"),
        ("web/src/a.js", "config/d", "web/config/d.js"),
        ("web/src/a.js", "lib/c", "package lib / c"),
        ("web/src/a.js", "@/missing", "nothing"),
    ];
    assert_eq!(check(&files, &cases), []);
}

#[test]
fn packages_of_the_workspace_lead_to_their_source() {
    let files = [
        ("package.json", r#"{ "workspaces": ["packages/*"] }"#),
        (
            "packages/app/package.json",
            r#"{ "name": "app", "dependencies": { "shared": "workspace:*", "types": "file:../kinds" } }"#,
        ),
        ("packages/app/index.ts", ""),
        ("packages/shared/package.json", r#"{ "name": "shared", "main": "dist/index.js" }"#),
        ("packages/shared/src/index.ts", ""),
        ("packages/shared/src/net/io.ts", ""),
        ("packages/kinds/package.json", r#"{ "name": "kinds" }"#),
        ("packages/kinds/index.ts", ""),
        (
            "packages/mapped/package.json",
            r##"{ "name": "@x/mapped", "imports": { "#own": "./src/own.ts" }, "exports": {
                ".": { "types": "./dist/index.d.ts", "require": "./dist/index.cjs" },
                "./deep/*": { "types": "./src/deep/*.ts", "import": "./bundle/*.js" } } }"##,
        ),
        ("packages/mapped/src/index.ts", ""),
        ("packages/mapped/src/own.ts", ""),
        ("packages/mapped/src/deep/one.ts", ""),
    ];
    let cases = [
        ("packages/app/index.ts", "shared", "packages/shared/src/index.ts"),
        ("packages/app/index.ts", "shared/net/io", "packages/shared/src/net/io.ts"),
        ("packages/app/index.ts", "shared/dist/net/io.js", "packages/shared/src/net/io.ts"),
        ("packages/app/index.ts", "types", "packages/kinds/index.ts"),
        ("packages/app/index.ts", "@x/mapped", "packages/mapped/src/index.ts"),
        ("packages/app/index.ts", "@x/mapped/deep/one", "packages/mapped/src/deep/one.ts"),
        ("packages/mapped/src/index.ts", "#own", "packages/mapped/src/own.ts"),
        ("packages/mapped/src/index.ts", "@x/mapped/deep/one", "packages/mapped/src/deep/one.ts"),
    ];
    assert_eq!(check(&files, &cases), []);
}

#[test]
fn a_namesake_of_a_published_package_is_told_apart() {
    let files = [
        ("apps/ws/package.json", r#"{ "name": "ws", "version": "0.1.0", "dependencies": { "ws": "^8.0.0" } }"#),
        ("apps/ws/index.js", ""),
        ("apps/api/package.json", r#"{ "name": "api", "dependencies": { "ws": "^8.1.0", "engine": "~1.2.0" } }"#),
        ("apps/api/index.js", ""),
        ("engine/package.json", r#"{ "name": "engine", "version": "1.2.3" }"#),
        ("engine/index.js", ""),
    ];
    let cases = [
        ("apps/ws/index.js", "ws", "package ws"),
        ("apps/api/index.js", "ws", "package ws"),
        ("apps/api/index.js", "engine", "engine/index.js"),
        ("engine/index.js", "engine", "package engine"),
    ];
    assert_eq!(check(&files, &cases), []);
}

#[test]
fn own_code_in_node_modules_is_found_by_name() {
    let files = [
        (
            "packages/node_modules/@app/util/package.json",
            r#"{ "name": "@app/util", "version": "1.0.0", "main": "lib/main.js" }"#,
        ),
        ("packages/node_modules/@app/util/lib/main.js", ""),
        ("packages/node_modules/plain/index.js", ""),
        (
            "packages/node_modules/@app/run/package.json",
            r#"{ "name": "@app/run", "dependencies": { "@app/util": "1.0.0" } }"#,
        ),
        ("packages/node_modules/@app/run/index.js", ""),
    ];
    let cases = [
        ("packages/node_modules/@app/run/index.js", "@app/util", "packages/node_modules/@app/util/lib/main.js"),
        ("packages/node_modules/@app/run/index.js", "plain", "packages/node_modules/plain/index.js"),
        ("packages/node_modules/@app/run/index.js", "express", "package express"),
    ];
    assert_eq!(check(&files, &cases), []);
}

#[test]
fn broken_configurations_are_problems_and_the_rest_resolves() {
    let files = [
        ("tsconfig.json", "{\n  \"compilerOptions\": {\n"),
        ("a/tsconfig.json", r#"{ "extends": "./b.json" }"#),
        ("a/b.json", r#"{ "extends": "./tsconfig.json" }"#),
        ("c/tsconfig.json", r#"{ "compilerOptions": { "paths": ["x"] } }"#),
        ("package.json", "{ broken"),
        ("a/x.ts", ""),
        ("c/y.ts", ""),
        ("index.ts", ""),
    ];
    let cases =
        [("a/x.ts", "../index.js", "index.ts"), ("c/y.ts", "../a/x", "a/x.ts"), ("index.ts", "ws", "package ws")];
    let problems = check(&files, &cases);
    let found: Vec<_> = problems.iter().map(|each| (each.file.as_str(), each.line)).collect();
    assert_eq!(found, [("a/tsconfig.json", None), ("c/tsconfig.json", None), ("tsconfig.json", Some(3))]);
    assert!(!problems.iter().any(|problem| problem.message.contains("/tmp/")), "{problems:?}");
}

#[cfg(unix)]
#[test]
fn links_lead_to_their_target() {
    let folder = tempfile::tempdir().unwrap();
    let root = Utf8Path::from_path(folder.path()).unwrap();
    for path in ["shared/a.js", "server/index.js"] {
        std::fs::create_dir_all(root.join(path).parent().unwrap()).unwrap();
        std::fs::write(root.join(path), "").unwrap();
    }
    std::os::unix::fs::symlink("../shared", root.join("server/common")).unwrap();
    let (project, _) = read_project(root, &ProjectOptions::default()).unwrap();
    let (resolver, _) = Resolver::new(&project);
    let from = project.file_at(Utf8Path::new("server/index.js")).unwrap();
    let target = project.file_at(Utf8Path::new("shared/a.js")).unwrap();
    assert_eq!(resolver.resolve(from, "./common/a"), FileResolution::File(target));
}

#[test]
fn names_of_packages() {
    assert_eq!(package_name("ws"), Some(("ws", "")));
    assert_eq!(package_name("@a/b/c/d"), Some(("@a/b", "c/d")));
    for broken in ["", "@", "@a", "@/x", "~/x", "#x", "/x", "a:b", "$lib/x"] {
        assert_eq!(package_name(broken), None, "{broken}");
    }
}

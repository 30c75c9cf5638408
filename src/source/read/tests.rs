//! Whole small projects, good and bad.

use super::*;
use crate::source::{InstalledVersion, ProblemKind};

/// A folder with the given files; a path that ends with `/` is made as an empty folder.
struct Tree {
    folder: tempfile::TempDir,
}

impl Tree {
    fn new(files: &[(&str, &str)]) -> Self {
        let tree = Tree { folder: tempfile::tempdir().unwrap() };
        for (path, text) in files {
            tree.write(path, text.as_bytes());
        }
        tree
    }

    fn root(&self) -> &Utf8Path {
        Utf8Path::from_path(self.folder.path()).unwrap()
    }

    fn write(&self, path: &str, bytes: &[u8]) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn read(&self) -> (Project, Vec<Problem>) {
        read_project(self.root(), &ProjectOptions::default()).unwrap()
    }
}

fn paths(project: &Project) -> Vec<&str> {
    project.files.iter().map(|file| file.path.as_str()).collect()
}

fn role(project: &Project, path: &str) -> FileRole {
    project.file(project.file_at(Utf8Path::new(path)).unwrap()).role
}

#[test]
fn what_cannot_be_audited_is_an_error() {
    let tree = Tree::new(&[("notes.txt", "x"), ("types.d.ts", "x")]);
    let options = ProjectOptions::default();
    let error = |path: &Utf8Path| read_project(path, &options).unwrap_err();
    assert!(matches!(error(&tree.root().join("missing")), ReadError::Unreadable { .. }));
    assert!(matches!(error(&tree.root().join("notes.txt")), ReadError::NotSource { .. }));
    assert!(matches!(error(tree.root()), ReadError::NoSource { .. }));
    assert!(error(tree.root()).to_string().ends_with("holds no JavaScript or TypeScript files"));
}

#[test]
fn a_single_file_is_a_project() {
    let tree = Tree::new(&[("a.js", "require('ws')"), ("b.js", ""), ("package.json", r#"{"name":"x"}"#)]);
    let (project, problems) = read_project(&tree.root().join("a.js"), &ProjectOptions::default()).unwrap();
    assert_eq!(problems, []);
    assert_eq!(paths(&project), ["a.js"]);
    assert_eq!(project.files[0].specifiers, ["ws"]);
    assert_eq!(project.packages[0].name.as_deref(), Some("x"));
}

#[test]
fn ignored_and_installed_files_are_left_out() {
    let tree = Tree::new(&[
        (".gitignore", "/generated\n*.gen.js\n!keep.gen.js\n"),
        (".git/info/exclude", "private.js\n"),
        ("package.json", "{}"),
        ("server.js", ""),
        ("private.js", ""),
        ("generated/a.js", ""),
        ("src/a.gen.js", ""),
        ("src/keep.gen.js", ""),
        ("src/.gitignore", "local.js\n"),
        ("src/local.js", ""),
        ("local.js", ""),
        ("node_modules/ws/index.js", ""),
        (".next/server/a.js", ""),
        ("bower_components/x/x.js", ""),
        ("bin/www", "#!/usr/bin/env node\nrequire('../server')\n"),
        ("bin/tool", "#!/bin/sh\n"),
    ]);
    let (project, problems) = tree.read();
    assert_eq!(problems, []);
    assert_eq!(paths(&project), ["bin/www", "local.js", "server.js", "src/keep.gen.js"]);
    assert_eq!(project.files_seen, 4);
}

#[test]
fn own_code_in_node_modules_is_read() {
    let tree = Tree::new(&[
        ("package.json", r#"{ "name": "app", "dependencies": { "ws": "8" } }"#),
        ("packages/node_modules/@app/runtime/package.json", r#"{ "name": "@app/runtime", "version": "1.0.0" }"#),
        ("packages/node_modules/@app/runtime/index.js", "require('ws')"),
        ("packages/node_modules/@app/runtime/node_modules/ws/index.js", ""),
    ]);
    assert_eq!(paths(&tree.read().0), ["packages/node_modules/@app/runtime/index.js"]);
}

#[test]
fn committed_third_party_node_modules_are_not_read() {
    let beside_manifest = [("package.json", "{}"), ("server.js", ""), ("node_modules/ws/index.js", "")];
    assert_eq!(paths(&Tree::new(&beside_manifest).read().0), ["server.js"]);
    let marked_by_npm = [
        ("server.js", ""),
        ("node_modules/ws/package.json", r#"{ "name": "ws", "_resolved": "https://registry/ws.tgz" }"#),
        ("node_modules/ws/index.js", ""),
    ];
    assert_eq!(paths(&Tree::new(&marked_by_npm).read().0), ["server.js"]);
    let marked_folder =
        [("server.js", ""), ("node_modules/.package-lock.json", "{}"), ("node_modules/ws/index.js", "")];
    assert_eq!(paths(&Tree::new(&marked_folder).read().0), ["server.js"]);
    let wanted_above = [
        ("package.json", r#"{ "dependencies": { "ws": "8" } }"#),
        ("server.js", ""),
        ("legacy/node_modules/ws/index.js", ""),
    ];
    assert_eq!(paths(&Tree::new(&wanted_above).read().0), ["server.js"]);
}

#[test]
fn bad_files_are_problems_and_the_rest_is_read() {
    let tree = Tree::new(&[("good.js", "import 'ws'")]);
    tree.write("binary.js", b"var a\0b");
    tree.write("latin.js", b"// ok\n// caf\xe9\nrequire('ws')");
    tree.write("big.js", &b"// big\n".repeat(100));
    let options = ProjectOptions { max_file_bytes: 500, ..ProjectOptions::default() };
    let (project, problems) = read_project(tree.root(), &options).unwrap();
    let kinds: Vec<_> = problems.iter().map(|each| (each.file.as_str(), each.kind, each.line)).collect();
    assert_eq!(
        kinds,
        [
            ("big.js", ProblemKind::TooLarge, None),
            ("binary.js", ProblemKind::Binary, None),
            ("latin.js", ProblemKind::InvalidUtf8, Some(2)),
        ]
    );
    let latin = project.file(project.file_at(Utf8Path::new("latin.js")).unwrap());
    assert_eq!(latin.specifiers, ["ws"]);
    assert!(latin.text.contains('\u{fffd}'));
}

#[cfg(unix)]
#[test]
fn unreadable_files_and_folders_are_problems() {
    use std::os::unix::fs::PermissionsExt;
    let tree = Tree::new(&[("a.js", ""), ("secret.js", ""), ("locked/b.js", "")]);
    let close = |path: &str| {
        std::fs::set_permissions(tree.root().join(path), std::fs::Permissions::from_mode(0o000)).unwrap();
    };
    close("secret.js");
    close("locked");
    // The superuser reads everything, so that nothing can be shown.
    if std::fs::read(tree.root().join("secret.js")).is_ok() {
        return;
    }
    let (_, problems) = tree.read();
    let found: Vec<_> = problems.iter().map(|each| (each.file.as_str(), each.kind)).collect();
    assert_eq!(found, [("locked", ProblemKind::Unreadable), ("secret.js", ProblemKind::Unreadable)]);
    std::fs::set_permissions(tree.root().join("locked"), std::fs::Permissions::from_mode(0o700)).unwrap();
}

#[cfg(unix)]
#[test]
fn links_are_not_followed_and_loops_are_reported() {
    use std::os::unix::fs::symlink;
    let outside = Tree::new(&[("far.js", "")]);
    let tree = Tree::new(&[("src/a.js", ""), ("packages/b/index.js", "")]);
    symlink(tree.root(), tree.root().join("src/up")).unwrap();
    symlink("self", tree.root().join("self")).unwrap();
    symlink(tree.root().join("packages/b"), tree.root().join("src/b")).unwrap();
    symlink(outside.root(), tree.root().join("far")).unwrap();
    symlink("nowhere.js", tree.root().join("dangling.js")).unwrap();
    let (project, problems) = tree.read();
    assert_eq!(paths(&project), ["packages/b/index.js", "src/a.js"]);
    let found: Vec<_> = problems.iter().map(|each| (each.file.as_str(), each.kind)).collect();
    assert_eq!(
        found,
        [
            ("dangling.js", ProblemKind::Unreadable),
            ("self", ProblemKind::SymlinkLoop),
            ("src/up", ProblemKind::SymlinkLoop),
        ]
    );
}

#[test]
fn tests_and_examples_count_only_below_the_root() {
    let files =
        [("examples/chat/server.js", "require('ws')"), ("test/a.test.js", "require('../examples/chat/server')")];
    let tree = Tree::new(&files);
    // There is nothing else, so this is what the audit is about.
    assert_eq!(role(&tree.read().0, "examples/chat/server.js"), FileRole::Source);
    tree.write("index.js", b"module.exports = 1");
    let (project, _) = tree.read();
    assert_eq!(role(&project, "examples/chat/server.js"), FileRole::Example);
    assert_eq!(project.files[0].text, "");
    let inner = read_project(&tree.root().join("examples"), &ProjectOptions::default()).unwrap().0;
    assert_eq!(role(&inner, "chat/server.js"), FileRole::Source);
    let options = ProjectOptions { include_tests: true, ..ProjectOptions::default() };
    let all = read_project(tree.root(), &options).unwrap().0;
    assert!(all.files.iter().all(|file| file.role == FileRole::Source && !file.text.is_empty()));
}

#[test]
fn what_the_product_imports_is_product() {
    let (project, _) = Tree::new(&[
        ("package.json", r#"{ "scripts": { "start": "node scripts/start.js" } }"#),
        ("server.js", "require('http'); require('./fixtures/seed'); require('./public/shared.js')"),
        ("fixtures/seed.js", "require('../scripts/helper')"),
        ("fixtures/other.js", ""),
        ("public/shared.js", "exports.JOIN = 'join'"),
        ("public/main.js", "document.querySelector('x')"),
        ("scripts/helper.js", ""),
        ("scripts/start.js", ""),
        ("scripts/lint.js", ""),
    ])
    .read();
    let product: Vec<&str> =
        project.files.iter().filter(|file| file.role == FileRole::Source).map(|file| file.path.as_str()).collect();
    assert_eq!(
        product,
        ["fixtures/seed.js", "public/shared.js", "scripts/helper.js", "scripts/start.js", "server.js"]
    );
    assert_eq!(role(&project, "public/main.js"), FileRole::Client);
    assert_eq!(role(&project, "fixtures/other.js"), FileRole::Test);
    assert_eq!(role(&project, "scripts/lint.js"), FileRole::Tooling);
}

#[test]
fn a_project_of_both_halves_is_told_apart() {
    let (project, _) = Tree::new(&[
        ("package.json", r#"{ "dependencies": { "next": "14", "react": "18", "socket.io": "4" } }"#),
        ("src/pages/index.tsx", "import { useChat } from '../hooks/useChat'; import React from 'react';"),
        (
            "src/pages/api/socket.ts",
            "import { EVENTS } from '../../lib/events'; import { Server } from 'socket.io';",
        ),
        (
            "src/hooks/useChat.ts",
            "import io from '../lib/socket'; import { EVENTS } from '../lib/events'; useEffect(() => {})",
        ),
        ("src/lib/socket.ts", "import { io } from 'socket.io-client'; export default io();"),
        ("src/lib/events.ts", "export const EVENTS = {};"),
        ("src/app/api/post/route.ts", "export async function POST() {}"),
        ("src/app/chat/page.tsx", "'use client'\nimport io from '@/lib/socket';"),
    ])
    .read();
    let client: Vec<&str> =
        project.files.iter().filter(|file| file.role == FileRole::Client).map(|file| file.path.as_str()).collect();
    assert_eq!(
        client,
        ["src/app/chat/page.tsx", "src/hooks/useChat.ts", "src/lib/socket.ts", "src/pages/index.tsx"]
    );
}

#[test]
fn a_frontend_package_is_client_code() {
    let (project, _) = Tree::new(&[
        ("client/package.json", r#"{ "dependencies": { "vue": "3", "vite": "5", "socket.io-client": "4" } }"#),
        ("client/src/server.js", "import { io } from 'socket.io-client'"),
        ("client/vite.config.js", ""),
        ("server/package.json", r#"{ "dependencies": { "socket.io": "4" } }"#),
        ("server/index.js", "require('socket.io')"),
        ("server/lib.js", ""),
    ])
    .read();
    assert_eq!(role(&project, "client/src/server.js"), FileRole::Client);
    assert_eq!(role(&project, "client/vite.config.js"), FileRole::Tooling);
    assert_eq!(role(&project, "server/index.js"), FileRole::Source);
    assert_eq!(role(&project, "server/lib.js"), FileRole::Source);
}

#[test]
fn versions_come_from_the_nearest_lockfile_and_climb() {
    let (project, problems) = Tree::new(&[
        ("package.json", r#"{ "workspaces": ["apps/*"], "dependencies": { "redis": "^4.0.0" } }"#),
        (
            "package-lock.json",
            r#"{ "lockfileVersion": 3, "packages": { "node_modules/ws": { "version": "8.1.0" }, "node_modules/redis": { "version": "4.6.7" } } }"#,
        ),
        ("apps/a/package.json", r#"{ "name": "a", "dependencies": { "ws": "^8.0.0", "nats": "^2.0.0" } }"#),
        ("apps/a/index.js", ""),
    ])
    .read();
    assert_eq!(problems, []);
    let package = project.files[0].package.unwrap();
    assert_eq!(project.package(package).name.as_deref(), Some("a"));
    assert_eq!(project.version(package, "ws"), Some(InstalledVersion::Exact("8.1.0".to_owned())));
    assert_eq!(project.version(package, "nats"), Some(InstalledVersion::Range("^2.0.0".to_owned())));
    assert_eq!(project.version(package, "redis"), Some(InstalledVersion::Exact("4.6.7".to_owned())));
    assert_eq!(project.version(package, "kafkajs"), None);
    assert!(project.depends_on(package, "redis") && !project.depends_on(package, "kafkajs"));
    assert_eq!(project.workspace_packages().map(|(name, _)| name).collect::<Vec<_>>(), ["a"]);
}

#[test]
fn pnpm_workspaces_and_catalogs() {
    let (project, problems) = Tree::new(&[
        ("package.json", "{}"),
        ("pnpm-workspace.yaml", "packages:\n  - 'packages/*'\n  - '!packages/old'\ncatalog:\n  ws: ^8.0.0\n"),
        ("packages/a/package.json", r#"{ "name": "a", "dependencies": { "ws": "catalog:" } }"#),
        ("packages/a/index.js", ""),
        ("elsewhere/a/package.json", r#"{ "name": "a" }"#),
    ])
    .read();
    assert_eq!(problems, []);
    let package = project.package_named("a").unwrap();
    assert_eq!(project.package(package).folder, "packages/a");
    assert_eq!(project.version(package, "ws"), Some(InstalledVersion::Range("^8.0.0".to_owned())));
}

#[test]
fn broken_manifests_are_problems_with_lines() {
    let (project, problems) = Tree::new(&[
        ("package.json", "{\n  \"name\": \"x\"\n  \"a\": 1 }"),
        ("a/package.json", "{}"),
        ("a/package-lock.json", "{\n  \"packages\": {\n}"),
        ("b/package.json", "{}"),
        ("b/pnpm-workspace.yaml", "packages:\n  - [\n"),
        ("a/index.js", ""),
        ("index.js", ""),
    ])
    .read();
    let found: Vec<_> = problems.iter().map(|each| (each.file.as_str(), each.kind, each.line.is_some())).collect();
    let broken = ProblemKind::BrokenManifest;
    assert_eq!(
        found,
        [
            ("a/package-lock.json", broken, true),
            ("b/pnpm-workspace.yaml", broken, true),
            ("package.json", broken, true)
        ]
    );
    assert_eq!(project.packages.len(), 3);
}

#[test]
fn generated_files_are_vendored() {
    let minified = "function a(b){return b.c(d)};".repeat(400);
    let (project, _) =
        Tree::new(&[("index.js", ""), ("lib/x.min.js", "x"), ("lib/packed.js", &minified), ("lib/hand.js", "x")])
            .read();
    assert_eq!(role(&project, "lib/x.min.js"), FileRole::Vendored);
    assert_eq!(role(&project, "lib/packed.js"), FileRole::Vendored);
    assert_eq!(role(&project, "lib/hand.js"), FileRole::Source);
}

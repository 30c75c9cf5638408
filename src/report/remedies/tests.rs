//! Remedies on small projects on disk: the whole audit runs, because the conditions ask for all of it.

use super::Templates;
use crate::config::Config;
use crate::report::{Remedy, Report};
use camino::Utf8Path;
use std::fs;

/// The report of a project made of these files.
fn report(files: &[(&str, &str)]) -> Report {
    let folder = tempfile::tempdir().unwrap();
    for (path, text) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let root = Utf8Path::from_path(folder.path()).unwrap();
    crate::audit::audit(root, &Config::default()).unwrap().report
}

/// The remedy of the first path.
fn remedy(files: &[(&str, &str)]) -> Remedy {
    let report = report(files);
    report.remedies.into_iter().find(|remedy| remedy.findings.contains(&"b1".to_owned())).unwrap()
}

const ESM: &str = "import { Server } from 'socket.io';\n\nexport const io = new Server(3000);\nio.on('connection', (socket) => {\n  socket.on('say', (text) => io.emit('say', text));\n});\n";

fn manifest(more: &str, dependencies: &str) -> String {
    format!(r#"{{ "name": "chat"{more}, "dependencies": {{ "socket.io": "^4.8.0"{dependencies} }} }}"#)
}

#[test]
fn templates_load_and_have_no_unknown_placeholder() {
    let templates = Templates::builtin().unwrap();
    assert!(templates.files.len() > 3);
    assert!(templates.files.last().unwrap().transports.is_empty(), "what fits everything is tried last");
}

#[test]
fn lines_follow_the_module_system_and_the_quotes() {
    let esm = remedy(&[("package.json", &manifest(r#", "type": "module""#, "")), ("server.js", ESM)]);
    assert!(esm.code.unwrap().starts_with("import { createClient } from 'redis';\n"));
    let cjs = "const { Server } = require(\"socket.io\");\nconst io = new Server(3000);\nio.on(\"connection\", (socket) => {\n  socket.on(\"say\", (text) => io.emit(\"say\", text));\n});\n";
    let cjs = remedy(&[("package.json", &manifest("", "")), ("server.js", cjs)]);
    assert!(cjs.code.unwrap().starts_with("const { createClient } = require(\"redis\");\n"));
}

#[test]
fn the_client_library_of_the_project_is_taken_and_what_is_missing_is_installed() {
    let with = |dependencies: &str, lock: (&str, &str)| {
        remedy(&[("package.json", &manifest("", dependencies)), ("server.js", ESM), lock])
    };
    let none = with("", ("README.md", ""));
    assert_eq!(none.install.as_deref(), Some("npm install @socket.io/redis-adapter redis"));
    let ioredis = with(r#", "ioredis": "^5.4.0""#, ("yarn.lock", "# yarn lockfile v1\n"));
    assert_eq!(ioredis.install.as_deref(), Some("yarn add @socket.io/redis-adapter"));
    assert!(ioredis.code.unwrap().contains("new Redis(process.env.REDIS_URL"));
    let old = with(r#", "redis": "^3.1.2""#, ("pnpm-lock.yaml", "lockfileVersion: '9.0'\n"));
    assert_eq!(old.install.as_deref(), Some("pnpm add @socket.io/redis-adapter"));
    assert!(!old.code.unwrap().contains("connect()"), "the old client connects by itself");
}

/// Two clients: which one is right is for a person to say, so no editor may write it.
#[test]
fn what_is_ambiguous_is_no_edit() {
    let both = remedy(&[
        ("package.json", &manifest("", r#", "redis": "^4.6.0", "ioredis": "^5.4.0""#)),
        ("server.js", ESM),
    ]);
    assert!(both.code.is_some() && both.edits.is_empty());
    let taken = ESM.replace("export const io", "const pubClient = 1;\nexport const io");
    let taken = remedy(&[("package.json", &manifest("", "")), ("server.js", &taken)]);
    assert!(taken.edits.is_empty(), "the name is taken");
    let clear = remedy(&[("package.json", &manifest("", "")), ("server.js", ESM)]);
    let places: Vec<_> = clear.edits.iter().map(|edit| (edit.location.line, edit.location.column)).collect();
    assert_eq!(places, [(2, 1), (4, 1)], "below the imports, and below the endpoint");
}

#[test]
fn the_endpoint_has_the_name_that_the_code_gives_it() {
    let class = "import { Server } from 'socket.io';\nexport class Chat {\n  constructor() {\n    this.server = new Server(3000);\n    this.server.on('connection', (socket) => socket.on('say', (text) => this.server.emit('say', text)));\n  }\n}\nnew Chat();\n";
    let remedy = remedy(&[("package.json", &manifest("", "")), ("server.js", class)]);
    assert!(remedy.title.contains("`this.server`"), "{}", remedy.title);
    assert!(remedy.code.unwrap().ends_with("this.server.adapter(createAdapter(pubClient, subClient));"));
    assert_eq!(
        remedy.edits[1].text.lines().next().unwrap().len(),
        4 + "const pubClient = createClient({ url: process.env.REDIS_URL });".len()
    );
}

/// What an editor writes must do what it promises: the audit that follows finds nothing any more.
#[test]
fn applied_edits_repair_the_path() {
    let manifest = manifest("", r#", "redis": "^4.6.0""#);
    let apply = |source: &str, remedy: &Remedy| {
        let mut lines: Vec<String> = source.lines().map(|line| format!("{line}\n")).collect();
        for edit in remedy.edits.iter().rev() {
            assert_eq!(edit.location.column, 1);
            lines.insert(edit.location.line as usize - 1, edit.text.clone());
        }
        lines.concat()
    };
    let never = "const { Server } = require('socket.io');\nconst { createClient } = require('redis');\nconst { createAdapter } = require('@socket.io/redis-adapter');\nconst pub = createClient();\nconst sub = pub.duplicate();\npub.connect();\nconst io = new Server(3000, { adapter: createAdapter(pub, sub) });\nio.on('connection', (socket) => socket.on('say', (text) => io.emit('say', text)));\n";
    for source in [ESM, never] {
        let remedy = remedy(&[("package.json", &manifest), ("server.js", source)]);
        let repaired = apply(source, &remedy);
        let report = report(&[("package.json", &manifest), ("server.js", &repaired)]);
        let reach: Vec<_> = report.broadcast_paths.iter().map(|path| path.reach.word()).collect();
        assert_eq!(reach, ["cluster"], "{repaired}");
    }
}

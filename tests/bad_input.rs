//! Input that cannot be read or understood costs one row under `problems` and nothing else.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use serde_json::Value;
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const GOOD: &str = "\
const { Server } = require('socket.io');
const io = new Server(3000);
io.on('connection', (socket) => {
  socket.on('say', (text) => io.emit('say', text));
});
";
const MANIFEST: &str = r#"{ "name": "app", "dependencies": { "socket.io": "^4.7.5" } }"#;

/// A project with one good server, and beside it whatever `add` writes.
fn audit_beside(add: impl FnOnce(&Path)) -> Value {
    let folder = TempDir::new().expect("a temporary folder");
    write(folder.path(), "package.json", MANIFEST);
    write(folder.path(), "server.js", GOOD);
    add(folder.path());
    let report = support::audit(folder.path(), &[]).expect("a report");
    let found = report["broadcastPaths"].as_array().expect("paths");
    assert!(found.iter().any(|path| path["location"]["file"] == "server.js"), "the good file was not audited");
    report
}

fn write(root: &Path, path: &str, content: impl AsRef<[u8]>) {
    let path = root.join(path);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, content).expect("a file");
}

/// Exactly these problems, as `KIND FILE`, in this order.
fn assert_problems(report: &Value, wanted: &[&str]) {
    let text = |value: &Value| value.as_str().unwrap_or("-").to_owned();
    let row = |row: &Value| format!("{} {}", text(&row["kind"]), text(&row["file"]));
    let found: Vec<_> = report["problems"].as_array().expect("problems").iter().map(row).collect();
    assert_eq!(found, wanted, "{:#}", report["problems"]);
    for row in report["problems"].as_array().into_iter().flatten() {
        assert!(!text(&row["message"]).is_empty());
    }
}

#[test]
fn a_good_project_has_no_problems() {
    assert_problems(&audit_beside(|_| {}), &[]);
}

#[test]
fn a_binary_file() {
    let report = audit_beside(|root| write(root, "bad.js", b"require('socket.io');\0\0\x01\x02"));
    assert_problems(&report, &["binary bad.js"]);
}

#[test]
fn a_file_of_6_megabytes() {
    let text = format!("require('socket.io');\n{}", "// padding\n".repeat(6_000_000 / 11));
    assert_problems(&audit_beside(|root| write(root, "bad.js", text)), &["too-large bad.js"]);
}

#[test]
fn a_file_with_broken_syntax_is_read_around_the_break() {
    let text = "const io = require('socket.io')(3001);\nio.emit('before');\nfunction ( {{{ ;\n";
    let report = audit_beside(|root| write(root, "bad.js", text));
    assert_problems(&report, &["syntax-error bad.js"]);
    assert!(report["problems"][0]["line"].as_u64().is_some_and(|line| line >= 3), "{:#}", report["problems"]);
}

#[test]
fn a_file_that_is_not_utf8_is_still_audited() {
    let mut text = b"// caf\xe9\n".to_vec();
    text.extend_from_slice(GOOD.as_bytes());
    let report = audit_beside(|root| write(root, "latin.js", text));
    assert_problems(&report, &["invalid-utf8 latin.js"]);
    let files: Vec<_> = report["broadcastPaths"].as_array().expect("paths").iter().collect();
    assert!(files.iter().any(|path| path["location"]["file"] == "latin.js"));
}

#[test]
fn nesting_of_10_000_levels() {
    // One level a line: a single long line would pass for minified code, which is not audited.
    for (open, close) in [("[\n", "]\n"), ("(\n", ")\n"), ("{a:\n", "}\n"), ("()=>{\n", "}\n"), ("f(\n", ")\n")] {
        let text = format!(
            "const io = require('socket.io')(3001);\nconst x = {}0{};\n",
            open.repeat(10_000),
            close.repeat(10_000)
        );
        let report = audit_beside(|root| write(root, "bad.js", text));
        assert_problems(&report, &["too-deep bad.js"]);
    }
}

#[test]
fn a_chain_of_10_000_links() {
    let text = format!("require('socket.io')(3001){};\n", "\n  .to('room')".repeat(10_000));
    let report = audit_beside(|root| write(root, "bad.js", text));
    assert_problems(&report, &["too-deep bad.js"]);
}

#[test]
fn a_broken_manifest_lockfile_and_tsconfig() {
    let report = audit_beside(|root| {
        write(root, "package-lock.json", "{{{");
        write(root, "packages/a/package.json", "{ \"name\": ");
        write(root, "packages/a/index.js", GOOD);
        write(root, "tsconfig.json", "{ \"compilerOptions\": ");
        write(root, "typed.ts", "import { io } from './other';\nio.emit('x');\n");
        write(root, "other.ts", "import { Server } from 'socket.io';\nexport const io = new Server(3002);\n");
    });
    let wanted = [
        "broken-manifest package-lock.json",
        "broken-manifest packages/a/package.json",
        "broken-manifest tsconfig.json",
    ];
    assert_problems(&report, &wanted);
}

#[test]
fn a_manifest_of_the_wrong_shape() {
    let report = audit_beside(|root| {
        write(root, "packages/a/package.json", "[1, 2]");
        write(root, "packages/b/package.json", r#"{ "name": 7, "dependencies": ["socket.io"], "exports": 3 }"#);
        write(root, "packages/b/index.js", GOOD);
    });
    let problems = report["problems"].as_array().expect("problems");
    assert!(problems.iter().any(|row| row["file"] == "packages/a/package.json"), "{problems:#?}");
    assert!(problems.iter().all(|row| row["kind"] == "broken-manifest"), "{problems:#?}");
}

#[test]
fn an_empty_file_and_a_lonely_byte_order_mark() {
    let report = audit_beside(|root| {
        write(root, "empty.js", "");
        write(root, "mark.js", "\u{feff}");
        write(root, "marked.js", format!("\u{feff}{GOOD}"));
    });
    assert_problems(&report, &[]);
    let paths = report["broadcastPaths"].as_array().expect("paths");
    assert!(paths.iter().any(|path| path["location"]["file"] == "marked.js"));
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_to_a_folder_above() {
    let report = audit_beside(|root| {
        fs::create_dir(root.join("lib")).expect("a folder");
        std::os::unix::fs::symlink(root, root.join("lib/up")).expect("a link");
    });
    assert_problems(&report, &["symlink-loop lib/up"]);
    assert_eq!(report["broadcastPaths"].as_array().map(Vec::len), Some(1));
}

#[cfg(unix)]
#[test]
fn a_link_that_leads_nowhere() {
    let report = audit_beside(|root| {
        std::os::unix::fs::symlink(root.join("gone.js"), root.join("dangling.js")).expect("a link");
    });
    assert_problems(&report, &["unreadable dangling.js"]);
}

#[test]
fn imports_that_go_round_in_circles() {
    let report = audit_beside(|root| {
        write(root, "a.js", "exports.b = require('./b');\nexports.io = require('./c').io;\n");
        write(root, "b.js", "module.exports = require('./a');\nrequire('./a').io.emit('round');\n");
        write(root, "c.js", "export * from './d.js';\nexport { io } from './d.js';\n");
        write(root, "d.js", "export * from './c.js';\nexport { io } from './c.js';\nimport 'socket.io';\n");
    });
    assert_problems(&report, &[]);
}

#[test]
fn a_chain_that_is_made_from_itself() {
    let text = "require('socket.io');\nconst io = io.to('a');\nio.on('connection', () => io.emit('x'));\n";
    assert_problems(&audit_beside(|root| write(root, "bad.js", text)), &[]);
}

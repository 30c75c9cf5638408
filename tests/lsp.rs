//! The language server as a client sees it: the real binary, its standard streams, the protocol's own messages.

#![allow(clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod support;

use serde_json::{Value, json};
use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tempfile::TempDir;

const MANIFEST: &str = r#"{ "name": "chat", "dependencies": { "socket.io": "^4.8.0", "redis": "^4.6.0" } }"#;
/// The globe takes four bytes and two UTF-16 units, so that the units differ on its line.
const SERVER: &str = "\
const { Server } = require('socket.io');
const io = new Server(3000);
io.on('connection', (socket) => {
  socket.on('say', (text) => {
    /* 🌍 */ io.emit('say', text);
  });
});
";

/// A running server.
struct Client {
    child: Child,
    input: Option<ChildStdin>,
    messages: Receiver<Value>,
    /// Messages that came while another was waited for.
    seen: Vec<Value>,
    next_id: i64,
}

impl Client {
    /// Starts a server and shakes hands.
    fn start(folders: &[&Path], more: Value) -> (Self, Value) {
        let mut command = support::crosscast();
        command.args(["lsp", "--stdio"]).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::inherit());
        let mut child = command.spawn().expect("a server");
        let output = child.stdout.take().expect("its output");
        let (sender, messages) = channel();
        std::thread::spawn(move || {
            let mut output = BufReader::new(output);
            while let Some(message) = read_message(&mut output) {
                if sender.send(message).is_err() {
                    break;
                }
            }
        });
        let input = child.stdin.take();
        let mut client = Client { child, input, messages, seen: Vec::new(), next_id: 0 };
        let folders: Vec<Value> = folders.iter().map(|path| json!({ "uri": uri(path), "name": "test" })).collect();
        let mut parameters = json!({ "processId": null, "capabilities": {}, "workspaceFolders": folders });
        let fields = parameters.as_object_mut().expect("an object");
        fields.extend(more.as_object().expect("an object").clone());
        let answer = client.request("initialize", parameters);
        client.notify("initialized", json!({}));
        (client, answer)
    }

    fn send(&mut self, message: &Value) {
        let text = message.to_string();
        let input = self.input.as_mut().expect("an open input");
        write!(input, "Content-Length: {}\r\n\r\n{text}", text.len()).expect("a message");
        input.flush().expect("a message");
    }

    fn notify(&mut self, method: &str, parameters: Value) {
        self.send(&json!({ "jsonrpc": "2.0", "method": method, "params": parameters }));
    }

    fn ask(&mut self, method: &str, parameters: Value) -> i64 {
        self.next_id += 1;
        let id = self.next_id;
        self.send(&json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": parameters }));
        id
    }

    /// The result of a request.
    fn request(&mut self, method: &str, parameters: Value) -> Value {
        let id = self.ask(method, parameters);
        let answer = self.answer(id);
        assert!(answer.get("error").is_none(), "{method}: {answer}");
        answer["result"].clone()
    }

    fn answer(&mut self, id: i64) -> Value {
        self.wait(|message| message["id"] == id && message.get("method").is_none())
    }

    /// The next message that is wanted; others are kept.
    fn wait(&mut self, wanted: impl Fn(&Value) -> bool) -> Value {
        if let Some(at) = self.seen.iter().position(&wanted) {
            return self.seen.remove(at);
        }
        loop {
            let message = self.messages.recv_timeout(Duration::from_secs(30)).expect("a message in time");
            if wanted(&message) {
                return message;
            }
            self.seen.push(message);
        }
    }

    /// The next diagnostics of a file.
    fn diagnostics(&mut self, path: &Path) -> Vec<Value> {
        let uri = uri(path);
        let message = self.wait(|message| {
            message["method"] == "textDocument/publishDiagnostics" && message["params"]["uri"] == *uri
        });
        message["params"]["diagnostics"].as_array().expect("a list").clone()
    }

    fn open(&mut self, path: &Path) {
        let text = fs::read_to_string(path).expect("a file");
        let document = json!({ "uri": uri(path), "languageId": "javascript", "version": 1, "text": text });
        self.notify("textDocument/didOpen", json!({ "textDocument": document }));
    }

    fn save(&mut self, path: &Path, text: &str) {
        fs::write(path, text).expect("a file");
        let document = json!({ "uri": uri(path), "version": 2 });
        self.notify(
            "textDocument/didChange",
            json!({ "textDocument": document, "contentChanges": [{ "text": text }] }),
        );
        self.notify("textDocument/didSave", json!({ "textDocument": { "uri": uri(path) } }));
    }

    /// Says goodbye; the exit code.
    fn end(mut self) -> Option<i32> {
        self.request("shutdown", Value::Null);
        self.notify("exit", Value::Null);
        drop(self.input.take());
        self.child.wait().expect("an end").code()
    }
}

/// A test that fails must not leave its server behind.
impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn read_message(input: &mut impl BufRead) -> Option<Value> {
    let mut length = 0;
    loop {
        let mut line = String::new();
        if input.read_line(&mut line).ok()? == 0 {
            return None;
        }
        let line = line.trim();
        if line.is_empty() {
            break;
        }
        if let Some(number) = line.strip_prefix("Content-Length: ") {
            length = number.parse().expect("a length");
        }
    }
    let mut body = vec![0; length];
    input.read_exact(&mut body).ok()?;
    serde_json::from_slice(&body).ok()
}

fn uri(path: &Path) -> String {
    url::Url::from_file_path(path).expect("an absolute path").to_string()
}

/// A project with `server.js`; the folder ends with the value.
fn project(server: &str) -> (TempDir, PathBuf, PathBuf) {
    let folder = TempDir::new().expect("a temporary folder");
    let root = folder.path().canonicalize().expect("a path");
    fs::write(root.join("package.json"), MANIFEST).expect("a file");
    let file = root.join("server.js");
    fs::write(&file, server).expect("a file");
    (folder, root, file)
}

fn at(path: &Path, line: u32, character: u32) -> Value {
    json!({ "textDocument": { "uri": uri(path) }, "position": { "line": line, "character": character } })
}

fn range(line: u32, from: u32, to: u32) -> Value {
    json!({ "start": { "line": line, "character": from }, "end": { "line": line, "character": to } })
}

#[test]
fn diagnostics_come_by_themselves_and_follow_every_save() {
    let (_folder, root, file) = project(SERVER);
    let (mut client, answer) = Client::start(&[&root], json!({}));
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-16");
    let diagnostics = client.diagnostics(&file);
    assert_eq!(diagnostics.len(), 1, "{diagnostics:#?}");
    let first = &diagnostics[0];
    // `    /* 🌍 */ io.emit` : four blanks, `/* `, two units of the globe, ` */ `.
    assert_eq!(first["range"], range(4, 13, 33));
    assert_eq!((&first["severity"], &first["code"]), (&json!(1), &json!("pubsub-cross-instance")));
    let related: Vec<&str> = first["relatedInformation"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|each| each["message"].as_str())
        .collect();
    assert!(
        related.contains(&"endpoint created") && related.contains(&"runs on client event `say`"),
        "{related:?}"
    );

    client.open(&file);
    client.save(&file, &SERVER.replace("io.emit", "socket.emit"));
    assert_eq!(client.diagnostics(&file), Vec::<Value>::new(), "what is repaired is taken back");
    client.save(&file, SERVER);
    assert_eq!(client.diagnostics(&file).len(), 1);
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_watched_file_that_changes_starts_an_audit() {
    let (_folder, root, file) = project(SERVER);
    let watching = json!({ "workspace": { "didChangeWatchedFiles": { "dynamicRegistration": true } } });
    let (mut client, _) = Client::start(&[&root], json!({ "capabilities": watching }));
    let registration = client.wait(|message| message["method"] == "client/registerCapability");
    assert_eq!(registration["params"]["registrations"][0]["method"], "workspace/didChangeWatchedFiles");
    assert_eq!(client.diagnostics(&file).len(), 1);
    let settings = root.join("crosscast.toml");
    fs::write(&settings, "[deployment]\ninstances = \"single\"\nreason = \"A kiosk.\"\n").expect("a file");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri(&settings), "type": 1 }] }));
    assert_eq!(client.diagnostics(&file), Vec::<Value>::new());
    // Broken settings are said once, and what was known stays.
    fs::write(&settings, "[deployment]\ninstances = 3\n").expect("a file");
    client.notify("workspace/didChangeWatchedFiles", json!({ "changes": [{ "uri": uri(&settings), "type": 2 }] }));
    let message = client.wait(|message| message["method"] == "window/showMessage");
    assert!(message["params"]["message"].as_str().is_some_and(|text| text.contains("crosscast")), "{message}");
}

#[test]
fn columns_are_bytes_where_the_client_wants_that() {
    let (_folder, root, file) = project(SERVER);
    let encodings = json!({ "capabilities": { "general": { "positionEncodings": ["utf-8", "utf-16"] } } });
    let (mut client, answer) = Client::start(&[&root], encodings);
    assert_eq!(answer["capabilities"]["positionEncoding"], "utf-8");
    assert_eq!(client.diagnostics(&file)[0]["range"], range(4, 15, 35));
    assert!(client.request("textDocument/hover", at(&file, 4, 16))["contents"]["value"].is_string());
}

#[test]
fn a_hover_says_what_and_why() {
    let (_folder, root, file) = project(SERVER);
    let (mut client, _) = Client::start(&[&root], json!({}));
    let hover = client.request("textDocument/hover", at(&file, 4, 16));
    let text = hover["contents"]["value"].as_str().expect("a text");
    for part in [
        "Broadcast in-process",
        "client event `say`",
        "endpoint created",
        "io.adapter(createAdapter(",
        "npm install",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    assert_eq!(hover["range"], range(4, 13, 33));
    let endpoint = client.request("textDocument/hover", at(&file, 1, 8));
    assert_eq!(endpoint["contents"]["value"], "1 broadcast, 1 in-process");
    assert_eq!(client.request("textDocument/hover", at(&file, 6, 0)), Value::Null);
}

#[test]
fn actions_suppress_with_a_reason_and_repair() {
    let (_folder, root, file) = project(SERVER);
    let (mut client, _) = Client::start(&[&root], json!({}));
    let wanted = json!({
        "textDocument": { "uri": uri(&file) }, "range": range(4, 14, 14), "context": { "diagnostics": [] }
    });
    let actions = client.request("textDocument/codeAction", wanted.clone());
    let actions = actions.as_array().expect("a list");
    let titles: Vec<&str> = actions.iter().filter_map(|action| action["title"].as_str()).collect();
    assert!(titles[0].starts_with("Attach a Redis adapter to `io`"), "{titles:?}");
    assert_eq!(actions[0]["isPreferred"], true);

    // What the first action writes repairs the code, and the audit after the save agrees.
    let repaired = applied(SERVER, &actions[0]["edit"]["changes"][uri(&file)]);
    client.open(&file);
    assert_eq!(client.diagnostics(&file).len(), 1);
    client.save(&file, &repaired);
    assert_eq!(client.diagnostics(&file), Vec::<Value>::new(), "{repaired}");

    // So does a comment.
    let ignore =
        actions.iter().find(|action| action["title"].as_str().is_some_and(|title| title.starts_with("Ignore: ")));
    let ignored = applied(SERVER, &ignore.expect("an action")["edit"]["changes"][uri(&file)]);
    assert!(
        ignored.contains("\n    // crosscast-ignore pubsub-cross-instance: the message is meant for"),
        "{ignored}"
    );
    client.save(&file, SERVER);
    assert_eq!(client.diagnostics(&file).len(), 1);
    client.save(&file, &ignored);
    assert_eq!(client.diagnostics(&file), Vec::<Value>::new(), "{ignored}");

    // In a text that differs from the audited one, insertions would go astray.
    client.save(&file, SERVER);
    assert_eq!(client.diagnostics(&file).len(), 1);
    let document = json!({ "uri": uri(&file), "version": 9 });
    let change = json!([{ "text": format!("\n{SERVER}") }]);
    client.notify("textDocument/didChange", json!({ "textDocument": document, "contentChanges": change }));
    assert_eq!(client.request("textDocument/codeAction", wanted), json!([]));
}

/// Insertions of whole lines, applied from the last to the first.
fn applied(text: &str, edits: &Value) -> String {
    let mut lines: Vec<String> = text.lines().map(|line| format!("{line}\n")).collect();
    for edit in edits.as_array().expect("edits").iter().rev() {
        assert_eq!(edit["range"]["start"]["character"], 0);
        let line = edit["range"]["start"]["line"].as_u64().expect("a line") as usize;
        lines.insert(line, edit["newText"].as_str().expect("a text").to_owned());
    }
    lines.concat()
}

#[test]
fn lenses_count_and_links_lead_to_the_evidence() {
    let (_folder, root, file) = project(SERVER);
    let (mut client, _) =
        Client::start(&[&root], json!({ "initializationOptions": { "showPlaces": "my.places" } }));
    let document = json!({ "textDocument": { "uri": uri(&file) } });
    let lenses = client.request("textDocument/codeLens", document.clone());
    assert_eq!(lenses[0]["range"], range(1, 0, 0));
    assert_eq!(lenses[0]["command"]["title"], "1 broadcast, 1 in-process");
    assert_eq!(lenses[0]["command"]["command"], "my.places");
    assert_eq!(lenses[0]["command"]["arguments"][2][0]["range"], range(4, 13, 33));
    let links = client.request("textDocument/documentLink", document);
    assert_eq!(links[0]["range"], range(4, 13, 15));
    assert_eq!(links[0]["target"], format!("{}#L2,12", uri(&file)));
}

#[test]
fn several_folders_are_audited_and_can_come_and_go() {
    let (_first_folder, first, first_file) = project(SERVER);
    let (_second_folder, second, second_file) = project(SERVER);
    let (mut client, _) = Client::start(&[&first], json!({}));
    assert_eq!(client.diagnostics(&first_file).len(), 1);
    let event = |added: Value, removed: Value| json!({ "event": { "added": added, "removed": removed } });
    let folder = |path: &Path| json!([{ "uri": uri(path), "name": "test" }]);
    client.notify("workspace/didChangeWorkspaceFolders", event(folder(&second), json!([])));
    assert_eq!(client.diagnostics(&second_file).len(), 1);
    client.notify("workspace/didChangeWorkspaceFolders", event(json!([]), folder(&first)));
    assert_eq!(client.diagnostics(&first_file), Vec::<Value>::new());
    assert_eq!(client.request("textDocument/hover", at(&first_file, 4, 16)), Value::Null);
    assert!(client.request("textDocument/hover", at(&second_file, 4, 16))["contents"].is_object());
}

/// Nothing is known before the first audit, so a request waits; a client that cancels gets its answer at once.
#[test]
fn a_request_that_waits_can_be_cancelled() {
    let folder = TempDir::new().expect("a temporary folder");
    let root = folder.path().canonicalize().expect("a path");
    fs::write(root.join("package.json"), MANIFEST).expect("a file");
    // Enough to be audited for a moment.
    for number in 0..300 {
        fs::write(root.join(format!("server{number}.js")), SERVER.repeat(3)).expect("a file");
    }
    let file = root.join("server0.js");
    let (mut client, _) = Client::start(&[&root], json!({}));
    let cancelled = client.ask("textDocument/hover", at(&file, 4, 16));
    let kept = client.ask("textDocument/hover", at(&file, 4, 16));
    client.notify("$/cancelRequest", json!({ "id": cancelled }));
    assert_eq!(client.answer(cancelled)["error"]["code"], -32800);
    assert!(client.answer(kept)["result"]["contents"].is_object());
}

#[test]
fn progress_is_shown_where_the_client_can() {
    let (_folder, root, _) = project(SERVER);
    let (mut client, _) =
        Client::start(&[&root], json!({ "capabilities": { "window": { "workDoneProgress": true } } }));
    let kind = |kind: &'static str| {
        move |message: &Value| message["method"] == "$/progress" && message["params"]["value"]["kind"] == kind
    };
    client.wait(|message| message["method"] == "window/workDoneProgress/create");
    client.wait(kind("begin"));
    client.wait(kind("end"));
}

#[test]
fn what_is_not_served_is_an_error_and_a_client_that_goes_ends_the_server() {
    let (_folder, root, file) = project(SERVER);
    let (mut client, _) = Client::start(&[&root], json!({}));
    client.diagnostics(&file);
    let id = client.ask("textDocument/rename", at(&file, 4, 16));
    assert_eq!(client.answer(id)["error"]["code"], -32601);
    let id = client.ask("textDocument/hover", json!({ "textDocument": { "uri": uri(&file) } }));
    assert_eq!(client.answer(id)["error"]["code"], -32602);
    drop(client.input.take());
    assert_eq!(client.child.wait().expect("an end").code(), Some(1));
}

/// An editor's own client: Neovim shows the finding, applies the first action, saves, and the finding goes. Without
/// Neovim there is nothing to run.
#[test]
fn neovim_shows_a_finding_and_repairs_it() {
    let (_folder, root, file) = project(SERVER);
    let script = format!(
        r#"
local id = vim.lsp.start_client({{ name = 'crosscast', cmd = {{ [[{binary}]], 'lsp' }}, root_dir = [[{root}]],
  workspace_folders = {{ {{ uri = vim.uri_from_fname([[{root}]]), name = 'test' }} }} }})
vim.cmd('edit ' .. [[{file}]])
vim.lsp.buf_attach_client(0, id)
vim.wait(20000, function() return #vim.diagnostic.get(0) > 0 end)
for _, each in ipairs(vim.diagnostic.get(0)) do io.write('FOUND ', each.lnum, ' ', each.code, '\n') end
local document = vim.lsp.util.make_text_document_params()
local at = {{ line = 4, character = 14 }}
local wanted = {{ textDocument = document, range = {{ start = at, ['end'] = at }}, context = {{ diagnostics = {{}} }} }}
local answers = vim.lsp.buf_request_sync(0, 'textDocument/codeAction', wanted, 10000)
for _, answer in pairs(answers) do vim.lsp.util.apply_workspace_edit(answer.result[1].edit, 'utf-16') end
vim.cmd('silent write')
vim.wait(20000, function() return #vim.diagnostic.get(0) == 0 end)
io.write('LEFT ', #vim.diagnostic.get(0), '\n')
vim.cmd('qa!')
"#,
        binary = env!("CARGO_BIN_EXE_crosscast"),
        root = root.display(),
        file = file.display()
    );
    let init = root.join("init.lua");
    fs::write(&init, script).expect("a file");
    let mut editor = std::process::Command::new("nvim");
    editor.args(["--headless", "-n", "-u"]).arg(&init).stdin(Stdio::null());
    if std::process::Command::new("nvim").arg("--version").output().is_err() {
        return;
    }
    let output = assert_cmd::Command::from(editor).timeout(support::BOUND).output().expect("an end in time");
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    assert!(text.contains("FOUND 4 pubsub-cross-instance") && text.contains("LEFT 0"), "{text}");
}

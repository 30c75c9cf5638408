//! The value flow on small programs: which library operations are found, across which shapes of code.

use std::collections::BTreeMap;

use crate::facts::{ExprKind, ModuleFacts, Name, TypeExpr};
use crate::flow::{ApiUse, Member, ValueFlow, VersionCheck, solve};
use crate::modules::{Module, ModuleGraph, ModuleId, Resolution};
use crate::source::{FileId, Language};
use rustc_hash::FxHashMap;

pub(super) struct Everything;

impl VersionCheck for Everything {
    fn within(&self, _: ModuleId, _: &str, _: &str) -> Option<bool> {
        None
    }
    fn depends_on(&self, _: ModuleId, _: &str) -> bool {
        true
    }

    fn mentions(&self, _: ModuleId, _: &str) -> bool {
        false
    }

    fn has_file(&self, _: ModuleId, _: &str, _: &str) -> bool {
        false
    }
}

/// Files by name: `//- name.ts` heads each.
fn files(program: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut current = "main.ts".to_owned();
    for line in program.lines() {
        if let Some(name) = line.trim().strip_prefix("//- ") {
            current = name.to_owned();
            continue;
        }
        let text: &mut String = files.entry(current.clone()).or_default();
        text.push_str(line);
        text.push('\n');
    }
    files
}

fn specifiers(facts: &ModuleFacts) -> Vec<Name> {
    let mut found: Vec<Name> = facts.imports.iter().map(|entry| entry.specifier).collect();
    for entry in &facts.exports {
        match entry.kind {
            crate::facts::ExportKind::From { specifier, .. } | crate::facts::ExportKind::All { specifier } => {
                found.push(specifier)
            }
            _ => {}
        }
    }
    for expr in &facts.exprs {
        if let ExprKind::Require(name) | ExprKind::ImportCall(name) = expr.kind {
            found.push(name);
        }
    }
    let types = facts
        .functions
        .iter()
        .flat_map(|function| &function.parameters)
        .filter_map(|parameter| parameter.ty.as_ref());
    for ty in types {
        if let TypeExpr::Import { specifier, .. } = ty {
            found.push(*specifier);
        }
    }
    found
}

pub(super) fn graph(program: &str) -> ModuleGraph {
    let files = files(program);
    let names: Vec<&String> = files.keys().collect();
    let mut modules = Vec::new();
    for (index, (name, text)) in files.iter().enumerate() {
        let language = if name.ends_with(".js") { Language::JavaScript } else { Language::TypeScript };
        let (facts, _) = crate::facts::lower(text, language);
        let mut resolutions = FxHashMap::default();
        for specifier in specifiers(&facts) {
            let text = facts.name(specifier);
            let resolution = match text.strip_prefix("./") {
                Some(local) => match names.iter().position(|name| name.split('.').next() == Some(local)) {
                    Some(position) => Resolution::Module(ModuleId(position as u32)),
                    None => Resolution::Unresolved,
                },
                None => Resolution::Package { name: text.into(), subpath: "".into() },
            };
            resolutions.insert(specifier, resolution);
        }
        modules.push(Module { file: FileId(index as u32), facts: facts.into(), resolutions });
    }
    ModuleGraph { modules }
}

fn describe(flow: &ValueFlow<'_>, program: &BTreeMap<String, String>, api_use: &ApiUse) -> Option<String> {
    let Member::Method(method) = &api_use.member else { return None };
    let operation = flow.operation(api_use)?;
    let marks = [
        operation.deliver.as_ref().map(|_| "deliver"),
        operation.publish.as_ref().map(|_| "publish"),
        operation.attach.as_ref().map(|_| "attach"),
    ];
    let mark = marks.into_iter().flatten().next()?;
    let receiver = flow.api(api_use.receiver?)?;
    let (name, text) = program.iter().nth(api_use.site.module.index())?;
    let span = flow.facts(api_use.site.module).expr(api_use.site.expr).span;
    let line = text[..span.start as usize].matches('\n').count() + 1;
    Some(format!("{name}:{line} {mark} {}.{method}", flow.rules.ty(receiver.ty).name))
}

/// The deliveries, publications and attachments of a program, one a line.
fn uses(program: &str) -> Vec<String> {
    let rules = crate::rules::load(&[]).expect("the built-in rules load");
    let graph = graph(program);
    let (flow, complete) = solve(&graph, &rules, &Everything);
    assert!(complete);
    let files = files(program);
    let mut found: Vec<String> = flow.uses.iter().filter_map(|api_use| describe(&flow, &files, api_use)).collect();
    found.dedup();
    found
}

#[track_caller]
fn check(program: &str, expected: &[&str]) {
    assert_eq!(uses(program), expected, "in\n{program}");
}

#[test]
fn constructors_and_imports() {
    check(
        "import { Server } from 'socket.io';\nconst io = new Server(3000);\nio.emit('a', 1);",
        &["main.ts:3 deliver socket.io/Server.emit"],
    );
    check(
        "//- main.js\nconst io = require('socket.io')(http);\nio.emit('a');",
        &["main.js:2 deliver socket.io/Server.emit"],
    );
    check(
        "//- main.js\nconst { Server } = require('socket.io');\nnew Server(http).emit('a');",
        &["main.js:2 deliver socket.io/Server.emit"],
    );
    check("import io from 'socket.io-client';\nconst socket = io();\nsocket.emit('a');", &[]);
    check("import { EventEmitter } from 'events';\nconst io = new EventEmitter();\nio.emit('a');", &[]);
}

#[test]
fn handlers_receive_sockets() {
    check(
        "import { Server } from 'socket.io';\nconst io = new Server();\nio.on('connection', (socket) => {\nsocket.broadcast.emit('a');\nsocket.on('m', () => socket.to('r').emit('b'));\n});",
        &[
            "main.ts:4 deliver socket.io/BroadcastOperator.emit",
            "main.ts:5 deliver socket.io/BroadcastOperator.emit",
        ],
    );
}

#[test]
fn singletons_across_modules() {
    check(
        "//- a.ts\nimport { Server } from 'socket.io';\nlet io: any;\nexport function init(s) { io = new Server(s); return io; }\nexport function getIO() { return io; }\n//- b.ts\nimport { getIO } from './a';\nexport const send = () => { getIO().emit('x'); };",
        &["b.ts:2 deliver socket.io/Server.emit"],
    );
    check(
        "//- a.js\nmodule.exports = (io) => { io.emit('x'); };\n//- b.js\nconst io = require('socket.io')();\nrequire('./a')(io);",
        &["a.js:1 deliver socket.io/Server.emit"],
    );
    check(
        "//- a.js\nlet io;\nmodule.exports = { init: (s) => { io = require('socket.io')(s); }, get: () => io };\n//- b.js\nconst sockets = require('./a');\nsockets.get().emit('x');",
        &["b.js:2 deliver socket.io/Server.emit"],
    );
}

#[test]
fn classes_and_fields() {
    check(
        "//- a.ts\nimport type { Server } from 'socket.io';\nexport class Game { constructor(private server: Server) {}\nplay() { this.server.emit('x'); } }\n//- b.ts\nimport { Server } from 'socket.io';\nimport { Game } from './a';\nnew Game(new Server()).play();",
        &["a.ts:3 deliver socket.io/Server.emit"],
    );
    check(
        "import { Server } from 'socket.io';\nclass Base { io; constructor(io) { this.io = io; } }\nclass Sub extends Base { go() { this.io.emit('x'); } }\nnew Sub(new Server()).go();",
        &["main.ts:3 deliver socket.io/Server.emit"],
    );
    check(
        "import { Server } from 'socket.io';\nclass S { static #io = new Server(); static get io() { return S.#io; } }\nS.io.emit('x');",
        &["main.ts:3 deliver socket.io/Server.emit"],
    );
    check(
        "//- main.js\nfunction Chat(io) { this.io = io; }\nChat.prototype.send = function () { this.io.emit('x'); };\nnew Chat(require('socket.io')()).send();",
        &["main.js:2 deliver socket.io/Server.emit"],
    );
}

#[test]
fn bags_and_promises() {
    check(
        "//- a.js\nconst express = require('express'); const app = express();\napp.set('io', require('socket.io')());\napp.get('/x', require('./b').handler);\n//- b.js\nexports.handler = (req, res) => { const io = req.app.get('io');\nio.emit('x'); };",
        &["b.js:2 deliver socket.io/Server.emit"],
    );
    check(
        "//- main.js\nglobal.io = require('socket.io')();\nfunction f() { io.emit('x'); }\nf();",
        &["main.js:2 deliver socket.io/Server.emit"],
    );
    check(
        "import { Server } from 'socket.io';\nasync function make() { return new Server(); }\nconst [io] = await Promise.all([make()]);\nio.emit('x');\nmake().then((s) => s.emit('y'));",
        &["main.ts:4 deliver socket.io/Server.emit", "main.ts:5 deliver socket.io/Server.emit"],
    );
}

#[test]
fn containers() {
    check(
        "import { WebSocketServer } from 'ws';\nconst wss = new WebSocketServer({ port: 1 });\nconst all = new Map();\nwss.on('connection', (ws) => { all.set(1, ws); });\nfor (const [, ws] of all) ws.send('x');\nwss.clients.forEach((c) => { c.send('y'); });\nfor (const ws of all.values()) ws.send('z');",
        &[
            "main.ts:5 deliver ws/WebSocket.send",
            "main.ts:6 deliver ws/WebSocket.send",
            "main.ts:7 deliver ws/WebSocket.send",
        ],
    );
    check(
        "import { WebSocketServer } from 'ws';\nconst list: any = {};\nnew WebSocketServer({ port: 1 }).on('connection', (ws) => { list[ws.id] = { ws }; });\nObject.values(list).forEach((p) => p.ws.send('x'));\nfor (const id in list) list[id].ws.send('y');",
        &["main.ts:4 deliver ws/WebSocket.send", "main.ts:5 deliver ws/WebSocket.send"],
    );
}

#[test]
fn bound_and_partial_functions() {
    check(
        "//- main.js\nconst io = require('socket.io')();\nfunction send(server, room) { server.to(room).emit('x'); }\nsetInterval(send.bind(null, io, 'r'), 1);\nsend.call(null, io);",
        &["main.js:2 deliver socket.io/BroadcastOperator.emit"],
    );
    check(
        "//- main.js\nconst io = require('socket.io')();\nconst make = (server) => (room) => server.to(room).emit('x');\nmake(io)('r');",
        &["main.js:2 deliver socket.io/BroadcastOperator.emit"],
    );
}

#[test]
fn nest_gateways() {
    check(
        "import { WebSocketGateway, WebSocketServer, SubscribeMessage } from '@nestjs/websockets';\nimport { Server, Socket } from 'socket.io';\n@WebSocketGateway()\nexport class Chat {\n@WebSocketServer() server: Server;\n@SubscribeMessage('m')\nonMessage(client: Socket, body: any) { this.server.emit('x', body);\nclient.broadcast.emit('y'); }\n}",
        &[
            "main.ts:7 deliver nestjs-websockets/GatewayServer.emit",
            "main.ts:8 deliver socket.io/BroadcastOperator.emit",
        ],
    );
}

//! Programs to measure on: written into a temporary folder, the same ones every time.

#![allow(clippy::unwrap_used, reason = "a benchmark stops at the first surprise")]
#![allow(dead_code, reason = "each benchmark uses its own part of this module")]

use camino::{Utf8Path, Utf8PathBuf};
use std::fmt::Write;
use tempfile::TempDir;

/// A project on disk.
pub(crate) struct Tree {
    folder: TempDir,
}

impl Tree {
    /// An empty project that depends on Socket.IO.
    pub(crate) fn new() -> Self {
        let tree = Tree { folder: tempfile::tempdir().unwrap() };
        tree.write(
            "package.json",
            r#"{ "name": "measured", "dependencies": { "socket.io": "^4.8.0", "express": "^4.21.0", "ioredis": "^5.4.0" } }"#,
        );
        tree
    }

    /// The project's folder.
    pub(crate) fn root(&self) -> Utf8PathBuf {
        Utf8PathBuf::from_path_buf(self.folder.path().to_owned()).unwrap()
    }

    /// Writes a file.
    pub(crate) fn write(&self, path: &str, text: &str) {
        let path = self.root().join(path);
        std::fs::create_dir_all(path.parent().unwrap_or(Utf8Path::new("."))).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

/// A server of `features` features, four files each: routes, a service, a store and handlers of client events. Every
/// second feature relays through Redis.
pub(crate) fn server(features: usize) -> Tree {
    let tree = Tree::new();
    let mut main = String::from(
        "const express = require('express');\nconst { Server } = require('socket.io');\nconst app = express();\n\
         const io = new Server(app.listen(3000));\n",
    );
    for n in 0..features {
        let folder = format!("src/feature{n}");
        writeln!(
            main,
            "require('./{folder}/handlers')(io);\napp.use('/feature{n}', require('./{folder}/routes')(io));"
        )
        .unwrap();
        tree.write(
            &format!("{folder}/handlers.js"),
            "const service = require('./service');\nconst store = require('./store');\nmodule.exports = (io) => {\n  \
             io.on('connection', (socket) => {\n    store.add(socket.handshake.auth.user, socket);\n    \
             socket.on('say', (room, text) => service.say(io, room, text));\n    \
             socket.on('disconnect', () => store.remove(socket.handshake.auth.user));\n  });\n};\n",
        );
        let publish = if n % 2 == 0 { "io.to(room).emit('said', text);" } else { "redis.publish('said', text);" };
        tree.write(
            &format!("{folder}/service.js"),
            &format!(
                "const Redis = require('ioredis');\nconst redis = new Redis();\nexports.say = (io, room, text) => {{\n  \
                 {publish}\n}};\nexports.listen = (io) => {{\n  const subscriber = redis.duplicate();\n  \
                 subscriber.subscribe('said');\n  subscriber.on('message', (channel, text) => io.emit('said', text));\n\
                 }};\n"
            ),
        );
        tree.write(
            &format!("{folder}/store.js"),
            "const users = new Map();\nexports.add = (user, socket) => users.set(user, socket.id);\n\
             exports.remove = (user) => users.delete(user);\nexports.list = () => [...users.keys()];\n",
        );
        tree.write(
            &format!("{folder}/routes.js"),
            "const { Router } = require('express');\nconst service = require('./service');\n\
             const store = require('./store');\nmodule.exports = (io) => {\n  const router = Router();\n  \
             router.get('/users', (req, res) => res.json(store.list()));\n  \
             router.post('/say', (req, res) => { service.say(io, req.body.room, req.body.text); res.end(); });\n  \
             service.listen(io);\n  return router;\n};\n",
        );
    }
    tree.write("server.js", &main);
    tree
}

/// A socket that is handed down through `depth` functions before anything is sent.
pub(crate) fn long_chain(depth: usize) -> Tree {
    let tree = Tree::new();
    let mut text = String::from("const io = require('socket.io')(3000);\nfunction f0(io) { io.emit('end'); }\n");
    for n in 1..depth {
        writeln!(text, "function f{n}(io) {{ f{}(io); }}", n - 1).unwrap();
    }
    writeln!(text, "io.on('connection', (socket) => socket.on('go', () => f{}(io)));", depth - 1).unwrap();
    tree.write("server.js", &text);
    tree
}

/// `width` handlers in a table, called by a name that is not known.
pub(crate) fn wide_dispatch(width: usize) -> Tree {
    let tree = Tree::new();
    let mut text = String::from("const io = require('socket.io')(3000);\nconst handlers = {\n");
    for n in 0..width {
        writeln!(text, "  event{n}(socket, data) {{ socket.broadcast.emit('event{n}', data); }},").unwrap();
    }
    text.push_str("};\nio.on('connection', (socket) => {\n  socket.onAny((name, data) => handlers[name](socket, data));\n});\n");
    tree.write("server.js", &text);
    tree
}

/// A literal table of `rows` rows that reaches a broadcast.
pub(crate) fn literal_table(rows: usize) -> Tree {
    let tree = Tree::new();
    let mut text = String::from("const io = require('socket.io')(3000);\nconst table = {\n");
    for n in 0..rows {
        writeln!(text, "  key{n}: {{ name: 'row {n}', tags: ['a{n}', 'b{n}'], next: {{ id: {n} }} }},").unwrap();
    }
    text.push_str("};\nio.on('connection', (socket) => socket.on('get', (key) => io.emit('row', table[key])));\n");
    tree.write("server.js", &text);
    tree
}

/// A minified bundle of `megabytes` MB beside a small server.
pub(crate) fn bundle(megabytes: usize) -> Tree {
    let tree = Tree::new();
    let unit = "var a=function(e,t){return e.emit(t),{a:1,b:[e,t]}};function b(c){for(var d=0;d<c;d++)a(c,d)};";
    tree.write("vendor.js", &unit.repeat(megabytes * 1024 * 1024 / unit.len()));
    tree.write("server.js", "const io = require('socket.io')(3000);\nsetInterval(() => io.emit('tick'), 1000);\n");
    tree
}

//! State stores of small programs: what is found, as what, and what is passed over.

use super::Hint;
use crate::flow::{ExprRef, Member, Step, ValueFlow, ValueId, VersionCheck, solve};
use crate::modules::{Module, ModuleGraph, ModuleId, Resolution};
use crate::realtime::{
    BroadcastPath, Endpoint, EndpointId, Mechanism, Place, Reach, Realtime, Service, ServiceId, StateStore,
    StateType, StoreClass,
};
use crate::rules::Vocabulary;
use crate::rules::{DeliverTo, Role, Scope};
use crate::source::{FileId, FileRole, Language, Project, SourceFile};
use rustc_hash::FxHashMap;
use std::collections::BTreeMap;

struct AnyVersion;

impl VersionCheck for AnyVersion {
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

/// Files by path: `//- name.js` heads each.
fn files(program: &str) -> BTreeMap<String, String> {
    let mut files = BTreeMap::new();
    let mut current = "main.js".to_owned();
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

fn language(name: &str) -> Language {
    match name.rsplit('.').next() {
        Some("ts" | "mts" | "cts") => Language::TypeScript,
        Some("tsx") => Language::Tsx,
        _ => Language::JavaScript,
    }
}

/// `./x` from a file, as a path.
fn joined(from: &str, specifier: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in specifier.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            other => parts.push(other),
        }
    }
    parts.join("/")
}

fn resolve(files: &BTreeMap<String, String>, from: &str, specifier: &str) -> Resolution {
    if !specifier.starts_with('.') {
        let specifier = specifier.strip_prefix("node:").unwrap_or(specifier);
        let slash = if specifier.starts_with('@') { 2 } else { 1 };
        let cut = specifier.match_indices('/').nth(slash - 1).map_or(specifier.len(), |(at, _)| at);
        let subpath = specifier[cut..].trim_start_matches('/');
        return Resolution::Package { name: specifier[..cut].into(), subpath: subpath.into() };
    }
    let path = joined(from, specifier);
    let plain = path.strip_suffix(".js").unwrap_or(&path);
    let endings = ["", ".ts", ".js", ".tsx", ".mjs", "/index.ts", "/index.js"];
    let candidates = endings.iter().flat_map(|ending| [format!("{path}{ending}"), format!("{plain}{ending}")]);
    let mut found = candidates.filter_map(|name| files.keys().position(|each| *each == name));
    found.next().map_or(Resolution::Unresolved, |index| Resolution::Module(ModuleId(index as u32)))
}

fn graph(files: &BTreeMap<String, String>) -> ModuleGraph {
    let mut modules = Vec::new();
    for (index, (name, text)) in files.iter().enumerate() {
        let (facts, _) = crate::facts::lower(text, language(name));
        let mut resolutions = FxHashMap::default();
        for id in 0..facts.names.len() as u32 {
            // Any string may be a specifier; the solver asks only for those that are.
            let id = crate::facts::Name(id);
            resolutions.insert(id, resolve(files, name, facts.name(id)));
        }
        modules.push(Module { file: FileId(index as u32), facts: facts.into(), resolutions });
    }
    ModuleGraph { modules }
}

fn project(files: &BTreeMap<String, String>) -> Project {
    let source = |(name, text): (&String, &String)| SourceFile {
        path: name.as_str().into(),
        language: language(name),
        role: FileRole::Source,
        package: None,
        text: text.clone(),
        specifiers: Vec::new(),
        in_browser: false,
        lines: Default::default(),
    };
    Project { files: files.iter().map(source).collect(), ..Default::default() }
}

/// Endpoints and deliveries as the flow shows them, without the finer points of paths.
fn realtime(flow: &ValueFlow) -> Realtime {
    let mut realtime = Realtime { services: vec![Service { package: None }], ..Default::default() };
    for (id, _) in flow.all_values() {
        let Some(object) = flow.api(id) else { continue };
        let Role::Endpoint(role) = super::heap::role(flow, object.ty) else { continue };
        let Some(site) = object.site.filter(|&site| flow.values(site).contains(&id)) else { continue };
        let place = place(flow, site);
        if realtime.endpoints.iter().all(|endpoint| endpoint.place != place) {
            let transport = role.transport.clone();
            realtime.endpoints.push(Endpoint { service: ServiceId(0), transport, place, attachments: Vec::new() });
        }
    }
    for api_use in &flow.uses {
        let Some(deliver) = flow.operation(api_use).and_then(|operation| operation.deliver.as_ref()) else {
            continue;
        };
        let receiver = api_use.receiver.expect("deliveries have receivers");
        let (Some(endpoint), Member::Method(name)) = (endpoint(flow, &realtime, receiver), &api_use.member) else {
            continue;
        };
        let steps = flow.api(receiver).map(|object| object.steps.clone()).unwrap_or_default();
        let scopes = steps.iter().filter_map(|step| match step {
            Step::Address(scope) => Some(*scope),
            Step::Local => None,
        });
        let scope = scopes.max_by_key(|scope| *scope == Scope::Room);
        if scope.is_none()
            && deliver.to == DeliverTo::Connection
            && !name.contains("write")
            && !name.contains("send")
        {
            continue;
        }
        realtime.paths.push(path(flow, &realtime, endpoint, api_use.site, name, scope.unwrap_or(Scope::All)));
    }
    realtime
}

fn endpoint(flow: &ValueFlow, realtime: &Realtime, value: ValueId) -> Option<Option<EndpointId>> {
    let mut at = Some(value);
    while let Some(object) = at.and_then(|id| flow.api(id)) {
        let made = object.site.map(|site| place(flow, site));
        let known = realtime.endpoints.iter().position(|endpoint| Some(endpoint.place) == made);
        if let Some(index) = known {
            return Some(Some(EndpointId(index as u32)));
        }
        at = object.origin;
    }
    Some(None)
}

fn place(flow: &ValueFlow, site: ExprRef) -> Place {
    Place { module: site.module, span: flow.facts(site.module).expr(site.expr).span }
}

fn path(
    flow: &ValueFlow,
    realtime: &Realtime,
    endpoint: Option<EndpointId>,
    site: ExprRef,
    operation: &str,
    scope: Scope,
) -> BroadcastPath {
    let transport = endpoint.map(|id| realtime.endpoints[id.0 as usize].transport.clone()).unwrap_or_default();
    BroadcastPath {
        service: ServiceId(0),
        place: place(flow, site),
        transport,
        operation: operation.to_owned(),
        event: None,
        scope,
        reach: Reach::Process,
        mechanism: Mechanism::None,
        backend: None,
        local_echo: false,
        condition: None,
        defect: None,
        confidence: crate::flow::Confidence::Certain,
        endpoint,
        evidence: Vec::new(),
        triggers: Vec::new(),
        suppressed: None,
    }
}

/// A small vocabulary, so that these tests do not depend on the real one.
fn words(identifier: &str) -> Option<StateType> {
    let identifier = identifier.to_lowercase();
    let table = [
        ("subscription", StateType::Subscriptions),
        ("topic", StateType::Subscriptions),
        ("online", StateType::Presence),
        ("users", StateType::Presence),
        ("message", StateType::MessageHistory),
        ("history", StateType::MessageHistory),
        ("room", StateType::ChannelMembership),
        ("member", StateType::ChannelMembership),
        ("participant", StateType::ChannelMembership),
    ];
    table.into_iter().find(|(word, _)| identifier.contains(word)).map(|(_, state_type)| state_type)
}

fn describe(project: &Project, graph: &ModuleGraph, store: &StateStore) -> String {
    let location = project.location(graph.module(store.place.module).file, store.place.span);
    let class = match store.class {
        StoreClass::InProcess => "in-process",
        StoreClass::LocalDisk => "local-disk",
        StoreClass::Shared => "shared",
    };
    let mut text = format!("{}:{} {class} {:?} {}", location.file, location.line, store.state_type, store.name);
    for also in &store.also_types {
        text += &format!(" also={also:?}");
    }
    if store.covered {
        text += " covered";
    }
    text
}

pub(super) fn stores(files: &BTreeMap<String, String>) -> Vec<String> {
    let rules = crate::rules::load(&[]).expect("the built-in rules load");
    let graph = graph(files);
    let (flow, _) = solve(&graph, &rules, &AnyVersion);
    let realtime = realtime(&flow);
    let project = project(files);
    let hint: Hint = &words;
    let endpoint_of = |value| endpoint(&flow, &realtime, value).flatten();
    let found = super::find(&project, &flow, &realtime, &endpoint_of, hint, &Vocabulary::default());
    found.iter().map(|store| describe(&project, &graph, store)).collect()
}

#[track_caller]
fn check(program: &str, expected: &[&str]) {
    assert_eq!(stores(&files(program)), expected, "in\n{program}");
}

#[test]
fn who_is_online() {
    check(
        "const io = require('socket.io')(3000);
const known = new Map();
io.on('connection', (socket) => {
  known.set(socket.id, socket.handshake.auth.name);
  io.emit('list', [...known.values()]);
  socket.on('disconnect', () => known.delete(socket.id));
});",
        &["main.js:2 in-process Presence known"],
    );
}

#[test]
fn users_kept_in_another_file_with_their_room() {
    check(
        "//- main.js
const io = require('socket.io')(3000);
const { enter, leave, inRoom } = require('./people');
io.on('connection', (socket) => {
  socket.on('joinRoom', ({ name, room }) => {
    enter(socket.id, name, room);
    io.to(room).emit('list', inRoom(room));
  });
  socket.on('disconnect', () => leave(socket.id));
});
//- people.js
const people = [];
exports.enter = (id, name, room) => people.push({ id, name, room });
exports.leave = (id) => people.splice(people.findIndex((each) => each.id === id), 1);
exports.inRoom = (room) => people.filter((each) => each.room === room);",
        &["people.js:1 in-process Presence people also=ChannelMembership"],
    );
}

#[test]
fn handles_are_connections_until_they_are_listed() {
    let program = |reply: &str| {
        format!(
            "const {{ WebSocketServer }} = require('ws');
const wss = new WebSocketServer({{ port: 1 }});
const peers = new Map();
wss.on('connection', (ws, req) => {{
  peers.set(req.url, ws);
  for (const peer of peers.values()) peer.send({reply});
  ws.on('close', () => peers.delete(req.url));
}});"
        )
    };
    check(&program("'hello'"), &["main.js:3 in-process Connections peers"]);
    check(&program("JSON.stringify([...peers.keys()])"), &["main.js:3 in-process Presence peers also=Connections"]);
}

#[test]
fn handles_grouped_by_room_are_membership() {
    check(
        "const { WebSocketServer } = require('ws');
const wss = new WebSocketServer({ port: 1 });
const groups = {};
wss.on('connection', (ws) => {
  ws.on('message', (group) => {
    (groups[group] ??= new Set()).add(ws);
    for (const peer of groups[group]) peer.send('hi');
  });
});",
        &["main.js:3 in-process ChannelMembership groups also=Connections"],
    );
}

#[test]
fn messages_that_are_kept() {
    check(
        "const io = require('socket.io')(3000);
let log = [];
let last = null;
io.on('connection', (socket) => {
  socket.emit('log', log);
  if (last) socket.emit('last', last);
  socket.on('say', (text) => {
    log.push({ text });
    log = log.slice(-10);
    io.emit('say', text);
  });
  socket.on('pin', (text) => {
    last = text;
    io.emit('pin', text);
  });
});",
        &["main.js:2 in-process MessageHistory log", "main.js:3 in-process MessageHistory last"],
    );
}

#[test]
fn fields_of_a_singleton_and_of_what_it_keeps() {
    check(
        "//- main.ts
import { Server } from 'socket.io';
import { Lobby } from './lobby';
const io = new Server();
const lobby = new Lobby();
io.on('connection', (socket) => {
  socket.on('open', (code: string) => io.emit('opened', lobby.open(code)));
  socket.on('score', (code: string, points: number) => lobby.score(code, points));
});
//- lobby.ts
class Game {
  points: number[] = [];
}
export class Lobby {
  private games = new Map<string, Game>();
  open(code: string) {
    this.games.set(code, new Game());
    return code;
  }
  score(code: string, points: number) {
    this.games.get(code)?.points.push(points);
  }
}",
        &["lobby.ts:5 in-process Other games"],
    );
}

#[test]
fn users_are_counted_but_minted_ids_are_not() {
    check(
        "const io = require('socket.io')(3000);
let visitors = 0;
let nextId = 0;
io.on('connection', (socket) => {
  visitors++;
  const id = nextId++;
  socket.emit('id', id);
  io.emit('visitors', visitors);
  socket.on('disconnect', () => { visitors--; });
});",
        &["main.js:2 in-process Presence visitors"],
    );
}

#[test]
fn what_is_no_store() {
    check(
        "const io = require('socket.io')(3000);
const plugins = new Map([['a', 1]]);
const cache = new Map();
const calls = new Map();
let outbox = [];
function render(text) {
  if (!cache.has(text)) cache.set(text, String(text).trim());
  return cache.get(text);
}
io.on('connection', (socket) => {
  const own = [];
  socket.on('say', (text) => {
    own.push(text);
    outbox.push(render(text));
  });
  socket.on('ask', (id) => new Promise((resolve) => calls.set(id, resolve)));
});
setInterval(() => {
  io.emit('all', outbox);
  outbox = [];
}, 50);",
        &[],
    );
}

#[test]
fn rooms_count_only_where_something_addresses_them() {
    let program = |room: &str, delivery: &str| {
        format!(
            "const io = require('socket.io')(3000);
io.on('connection', (socket) => {{
  socket.join({room});
  socket.on('say', (text) => {delivery});
}});"
        )
    };
    let rooms = &["main.js:1 in-process ChannelMembership rooms"];
    check(&program("socket.handshake.query.room", "io.to('a').emit('say', text)"), rooms);
    check(&program("socket.handshake.query.room", "io.emit('say', text)"), &[]);
    check(&program("'lobby'", "io.to('lobby').emit('say', text)"), &[]);
}

#[test]
fn keys_of_a_shared_database() {
    check(
        "const Redis = require('ioredis');
const io = require('socket.io')(3000);
const redis = new Redis();
io.on('connection', async (socket) => {
  await redis.sadd('online', socket.id);
  io.emit('online', await redis.smembers('online'));
  socket.on('disconnect', () => redis.srem('online', socket.id));
});",
        &["main.js:5 shared Presence online"],
    );
}

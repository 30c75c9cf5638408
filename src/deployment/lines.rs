//! Formats of lines as trees: Procfiles, Dockerfiles, scripts, nginx and HAProxy configurations.

use std::ops::Range;
use std::rc::Rc;

use super::tree::{Node, Pair, Value};

/// The lines of a text with their byte ranges, line breaks left out.
fn lines(text: &str) -> impl Iterator<Item = (Range<usize>, &str)> {
    let mut start = 0;
    text.split_inclusive('\n').map(move |line| {
        let trimmed = line.trim_end();
        let range = start..start + trimmed.len();
        start += line.len();
        (range, trimmed)
    })
}

fn mapping(text: &str, pairs: Vec<Pair>) -> Rc<Node> {
    Rc::new(Node { start: 0, end: text.len(), value: Value::Mapping(pairs) })
}

/// `web: node server.js` of a Procfile.
pub(super) fn procfile(text: &str) -> Rc<Node> {
    let pair = |(range, line): (Range<usize>, &str)| {
        let (name, command) = line.split_once(':')?;
        let is_name = !name.is_empty() && name.chars().all(|each| each.is_alphanumeric() || "-_".contains(each));
        let value = line.len() - command.trim_start().len();
        let node = Node::scalar(range.start + value..range.end, command.trim());
        is_name.then(|| (Node::scalar(range.start..range.start + name.len(), name), node))
    };
    mapping(text, lines(text).filter_map(pair).collect())
}

/// `{ command, directory }` of the last stage of a Dockerfile. An `ENTRYPOINT` stands before the `CMD`.
pub(super) fn dockerfile(text: &str) -> Rc<Node> {
    let mut directory = None;
    let (mut entrypoint, mut command) = (None, None);
    for (range, line) in joined(text) {
        let Some((word, rest)) = line.trim_start().split_once(char::is_whitespace) else { continue };
        let node = || Node::scalar(range.clone(), exec_form(rest.trim()));
        match word.to_ascii_uppercase().as_str() {
            "FROM" => (directory, entrypoint, command) = (None, None, None),
            "WORKDIR" => directory = Some(node()),
            "ENTRYPOINT" => entrypoint = Some(node()),
            "CMD" => command = Some(node()),
            _ => {}
        }
    }
    let mut pairs = Vec::new();
    for (name, node) in [("directory", directory), ("command", entrypoint), ("command", command)] {
        pairs.extend(node.map(|node| (Node::scalar(node.start..node.start, name), node)));
    }
    mapping(text, pairs)
}

/// `["node", "server.js"]` as a command line.
fn exec_form(text: &str) -> String {
    match serde_json::from_str::<Vec<String>>(text) {
        Ok(words) => words.join(" "),
        Err(_) => text.to_owned(),
    }
}

/// The commands of a shell script or Makefile, and of the `scripts` of a `package.json`, one per line.
pub(super) fn script(text: &str) -> Rc<Node> {
    let is_manifest = text.trim_start().starts_with('{');
    let mut in_scripts = !is_manifest;
    let mut commands = Vec::new();
    for (range, line) in joined(text) {
        if is_manifest {
            let trimmed = line.trim_start();
            in_scripts =
                (in_scripts || trimmed.starts_with("\"scripts\"")) && !(in_scripts && trimmed.starts_with('}'));
        }
        if in_scripts {
            let comma = usize::from(is_manifest && line.ends_with(','));
            commands.push(Node::scalar(range.start..range.end - comma, unquoted(&line, is_manifest)));
        }
    }
    Rc::new(Node { start: 0, end: text.len(), value: Value::Sequence(commands) })
}

/// The command of `"name": "command",`.
fn unquoted(line: &str, is_manifest: bool) -> String {
    let value = line.split_once("\": \"").filter(|_| is_manifest).map(|(_, value)| value);
    match value {
        Some(value) => value.trim_end_matches([',', '}', ' ']).trim_end_matches('"').replace("\\\"", "\""),
        None => line.trim().to_owned(),
    }
}

/// Lines with their continuations (`\` at the end), comments left out; ranges are those of the first line.
fn joined(text: &str) -> Vec<(Range<usize>, String)> {
    let mut whole: Vec<(Range<usize>, String)> = Vec::new();
    let mut continues = false;
    for (range, line) in lines(text) {
        if line.trim_start().starts_with('#') {
            continue;
        }
        let start = range.start + line.len() - line.trim_start().len();
        let next = line.ends_with('\\');
        let content = line.trim_end_matches('\\');
        match whole.last_mut().filter(|_| continues) {
            Some((_, before)) => before.push_str(content),
            None => whole.push((start..range.end, content.trim_start().to_owned())),
        }
        continues = next;
    }
    whole
}

/// `{ NAME: [server, …] }` of nginx's `upstream NAME { server …; }`. Servers that are only a `backup` or are `down` do not
/// count.
pub(super) fn nginx(text: &str) -> Rc<Node> {
    let mut upstreams: Vec<Pair> = Vec::new();
    let mut open: Option<(Rc<Node>, Vec<Rc<Node>>)> = None;
    for (range, statement) in statements(text) {
        let words: Vec<&str> = statement.split_whitespace().collect();
        match (words.as_slice(), &mut open) {
            (["upstream", name, "{"], _) => open = Some((Node::scalar(range, *name), Vec::new())),
            (["server", host, rest @ ..], Some((_, servers))) => {
                if !rest.iter().any(|word| matches!(*word, "backup" | "down")) {
                    servers.push(Node::scalar(range, *host));
                }
            }
            (["}"], _) => upstreams.extend(open.take().map(backend)),
            _ => {}
        }
    }
    mapping(text, upstreams)
}

/// The statements of nginx's language without comments: `word … ;`, `word … {` and `}`.
fn statements(text: &str) -> Vec<(Range<usize>, String)> {
    let mut found = Vec::new();
    let mut statement = String::new();
    let mut start = 0;
    for (range, line) in lines(text) {
        let content = line.split('#').next().unwrap_or_default();
        for (offset, character) in content.char_indices() {
            if statement.trim().is_empty() {
                statement.clear();
                start = range.start + offset;
            }
            match character {
                ';' | '{' | '}' => {
                    let end = range.start + offset;
                    let mut words = std::mem::take(&mut statement);
                    if character != ';' {
                        words = format!("{words} {character}");
                    }
                    found.push((start..end.max(start), words));
                }
                _ => statement.push(character),
            }
        }
        statement.push(' ');
    }
    found
}

/// `{ NAME: [server, …] }` of HAProxy's `backend NAME` and `listen NAME` sections.
pub(super) fn haproxy(text: &str) -> Rc<Node> {
    let mut backends: Vec<Pair> = Vec::new();
    let mut open: Option<(Rc<Node>, Vec<Rc<Node>>)> = None;
    for (range, line) in lines(text) {
        let content = line.split('#').next().unwrap_or_default();
        let words: Vec<&str> = content.split_whitespace().collect();
        let at = range.start + content.len() - content.trim_start().len()..range.start + content.trim_end().len();
        match (words.as_slice(), &mut open) {
            (["backend" | "listen", name, ..], _) => {
                backends.extend(open.take().map(backend));
                open = Some((Node::scalar(at, *name), Vec::new()));
            }
            (["frontend" | "global" | "defaults", ..], _) => backends.extend(open.take().map(backend)),
            (["server", _, host, rest @ ..], Some((_, servers))) => {
                if !rest.iter().any(|word| matches!(*word, "backup" | "disabled")) {
                    servers.push(Node::scalar(at, *host));
                }
            }
            (["server-template", _, count, host, ..], Some((_, servers))) => {
                let count = count.rsplit('-').next().and_then(|last| last.parse::<usize>().ok()).unwrap_or(1);
                servers.extend((0..count.min(2)).map(|_| Node::scalar(at.clone(), *host)));
            }
            _ => {}
        }
    }
    backends.extend(open.take().map(backend));
    mapping(text, backends)
}

fn backend((name, servers): (Rc<Node>, Vec<Rc<Node>>)) -> Pair {
    let end = servers.last().map_or(name.end, |last| last.end);
    let node = Node { start: name.start, end, value: Value::Sequence(servers) };
    (name, Rc::new(node))
}

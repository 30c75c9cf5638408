//! The realtime topology as a graph of six columns: triggers, handlers, paths, endpoints, brokers, and the endpoints of the
//! other instances. What has no way into the last column is an island.

pub(super) mod dot;
pub(super) mod mermaid;

use std::collections::BTreeMap;

use super::words;
use crate::report::{BroadcastPath, Classification, Mechanism, Reach, Report, Trigger, TriggerKind};

/// Triggers of one kind are drawn one by one up to this many.
const SINGLE_MAX: usize = 6;

/// A column of the picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Column {
    /// What makes a path run.
    Trigger,
    /// The named functions between a trigger and its delivery.
    Handler,
    /// A broadcast path.
    Path,
    /// An endpoint of the instance that runs the code.
    Endpoint,
    /// A broker, an engine or a hosted service.
    Broker,
    /// The same endpoint on the other instances.
    Remote,
}

/// How a node or an edge is to be marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mark {
    /// It reaches every instance, or is on the way.
    Shared,
    /// It stays in one instance.
    Island,
    /// It stays there, and that is accepted.
    Suppressed,
    /// Neither: triggers and handlers.
    Plain,
}

impl Mark {
    /// The word for classes of styles.
    pub(super) fn word(self) -> &'static str {
        match self {
            Mark::Shared => "shared",
            Mark::Island => "island",
            Mark::Suppressed => "suppressed",
            Mark::Plain => "plain",
        }
    }
}

/// A node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// The folder of its service; empty for what belongs to none.
    pub(super) service: String,
    /// Its column.
    pub(super) column: Column,
    /// What it is.
    pub(super) label: String,
    /// Where it is; may be empty.
    pub(super) place: String,
    /// How it is marked.
    pub(super) mark: Mark,
    /// The id of its path, where it is one.
    pub(super) id: Option<String>,
}

/// An edge between two nodes, by index.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Edge {
    /// From.
    pub(super) from: usize,
    /// To.
    pub(super) to: usize,
    /// How it is marked.
    pub(super) mark: Mark,
}

/// The graph: nodes in the order of the report, each once; edges sorted.
#[derive(Debug, Default)]
pub(super) struct Topology {
    /// The nodes.
    pub(super) nodes: Vec<Node>,
    /// The edges.
    pub(super) edges: Vec<Edge>,
    keys: BTreeMap<(String, Column, String, String), usize>,
}

impl Topology {
    /// The topology of a report.
    pub(super) fn new(report: &Report) -> Self {
        let mut topology = Topology::default();
        for path in &report.broadcast_paths {
            topology.path(path);
        }
        topology.mark_endpoints();
        topology.edges.sort();
        topology.edges.dedup();
        topology
    }

    /// Services in order of their folders; what belongs to none comes last.
    pub(super) fn services(&self) -> Vec<&str> {
        let mut services: Vec<&str> = self.nodes.iter().map(|node| node.service.as_str()).collect();
        services.sort_by_key(|service| (service.is_empty(), *service));
        services.dedup();
        services
    }

    fn path(&mut self, path: &BroadcastPath) {
        let mark = mark_of(path);
        let label = label_of(path);
        let node = self.add(&path.service, Column::Path, label, words::place(&path.location), mark);
        self.nodes[node].id = Some(path.id.clone());
        let endpoint = self.endpoint(path);
        self.edge(node, endpoint, mark);
        let broker = self.broker(path);
        self.triggers(path, node, broker);
        let Some(broker) = broker else { return };
        let remote = self.remote(path, endpoint);
        self.edge(broker, remote, Mark::Shared);
        match path.mechanism {
            // The subscription delivers, so the broker stands before the path; an echo publishes beside it.
            Mechanism::Relay if path.role.is_some() => self.edge(node, broker, Mark::Shared),
            Mechanism::Relay => {}
            Mechanism::Emitter | Mechanism::Managed => self.edge(node, broker, Mark::Shared),
            _ => self.edge(endpoint, broker, Mark::Shared),
        }
    }

    /// What makes a path run. Many triggers of one kind are one node: a hundred routes tell no more than their number.
    fn triggers(&mut self, path: &BroadcastPath, node: usize, broker: Option<usize>) {
        let mut kinds: BTreeMap<TriggerKind, Vec<&Trigger>> = BTreeMap::new();
        for trigger in &path.triggers {
            kinds.entry(trigger.kind).or_default().push(trigger);
        }
        for triggers in kinds.into_values() {
            if triggers.len() <= SINGLE_MAX {
                triggers.iter().for_each(|trigger| self.trigger(path, trigger, node, broker));
                continue;
            }
            let Some(first) = triggers.first() else { continue };
            let label =
                format!("{} × {}", triggers.len(), words::trigger(&Trigger { name: None, ..(*first).clone() }));
            let mark = triggers.iter().map(|trigger| edge_mark(path, trigger)).max().unwrap_or(Mark::Plain);
            let from = self.add(&path.service, Column::Trigger, label, String::new(), Mark::Plain);
            match handler(first).filter(|_| all_same(&triggers)) {
                Some(handler) => self.through(path, from, handler, node, mark),
                None => self.edge(from, node, mark),
            }
        }
    }

    fn trigger(&mut self, path: &BroadcastPath, trigger: &Trigger, node: usize, broker: Option<usize>) {
        let mark = edge_mark(path, trigger);
        let place = words::place(&trigger.location);
        let from = self.add(&path.service, Column::Trigger, words::trigger(trigger), place, Mark::Plain);
        match handler(trigger) {
            Some(handler) => self.through(path, from, handler, node, mark),
            None => self.edge(from, node, mark),
        }
        let is_received = matches!(trigger.kind, TriggerKind::Subscription | TriggerKind::ChangeFeed);
        if let Some(broker) = broker.filter(|_| is_received) {
            self.edge(broker, from, Mark::Shared);
        }
    }

    /// From a trigger over the function that delivers.
    fn through(&mut self, path: &BroadcastPath, from: usize, (name, file): (&str, &str), node: usize, mark: Mark) {
        let handler = self.add(&path.service, Column::Handler, format!("{name}()"), file.to_owned(), Mark::Plain);
        self.edge(from, handler, mark);
        self.edge(handler, node, mark);
    }

    fn endpoint(&mut self, path: &BroadcastPath) -> usize {
        let place = path.endpoint.as_ref().map(|line| format!("{}:{}", line.file, line.line)).unwrap_or_default();
        let label = format!("{} clients", path.transport);
        // Whether it is an island is known when all its paths are.
        self.add(&path.service, Column::Endpoint, label, place, Mark::Island)
    }

    fn remote(&mut self, path: &BroadcastPath, endpoint: usize) -> usize {
        let place = self.nodes[endpoint].place.clone();
        let label = format!("{} clients of other instances", path.transport);
        self.add(&path.service, Column::Remote, label, place, Mark::Shared)
    }

    /// What carries the path to other instances; none where nothing does.
    fn broker(&mut self, path: &BroadcastPath) -> Option<usize> {
        if path.classification == Classification::InProcess {
            return None;
        }
        let backend = path.backend.as_deref().unwrap_or("unknown backend");
        let label = format!("{backend} ({})", path.mechanism.word());
        Some(self.add(&path.service, Column::Broker, label, String::new(), Mark::Shared))
    }

    /// An endpoint is no island if anything of it crosses.
    fn mark_endpoints(&mut self) {
        let crosses: Vec<usize> = self
            .edges
            .iter()
            .filter(|edge| edge.mark == Mark::Shared)
            .flat_map(|edge| [edge.from, edge.to])
            .collect();
        for index in crosses {
            if self.nodes[index].column == Column::Endpoint {
                self.nodes[index].mark = Mark::Shared;
            }
        }
        let failing: Vec<usize> =
            self.edges.iter().filter(|edge| edge.mark == Mark::Island).map(|edge| edge.to).collect();
        for (index, node) in self.nodes.iter_mut().enumerate() {
            if node.column == Column::Endpoint && node.mark == Mark::Island && !failing.contains(&index) {
                node.mark = Mark::Suppressed;
            }
        }
    }

    /// The node with these words, once.
    fn add(&mut self, service: &str, column: Column, label: String, place: String, mark: Mark) -> usize {
        let key = (service.to_owned(), column, label.clone(), place.clone());
        if let Some(&known) = self.keys.get(&key) {
            return known;
        }
        let index = self.nodes.len();
        self.nodes.push(Node { service: service.to_owned(), column, label, place, mark, id: None });
        self.keys.insert(key, index);
        index
    }

    fn edge(&mut self, from: usize, to: usize, mark: Mark) {
        self.edges.push(Edge { from, to, mark });
    }
}

/// The named function nearest to the delivery, and its file.
fn handler(trigger: &Trigger) -> Option<(&str, &str)> {
    let named = trigger.trace.iter().rev().find(|frame| !words::calls(std::slice::from_ref(frame)).is_empty())?;
    Some((&named.function, &named.location.file))
}

/// Whether all triggers go over one function.
fn all_same(triggers: &[&Trigger]) -> bool {
    triggers.windows(2).all(|pair| handler(pair[0]) == handler(pair[1]))
}

/// A trigger that reaches every instance, or one on which the path stays where it is.
fn edge_mark(path: &BroadcastPath, trigger: &Trigger) -> Mark {
    if trigger.reach == Reach::Cluster { Mark::Shared } else { mark_of(path) }
}

/// How a path is marked.
pub(super) fn mark_of(path: &BroadcastPath) -> Mark {
    match path.classification {
        Classification::PubsubBacked => Mark::Shared,
        Classification::InProcess if path.suppressed.is_some() => Mark::Suppressed,
        Classification::InProcess => Mark::Island,
    }
}

/// What a path sends, and to whom. The id makes each path a node of its own.
fn label_of(path: &BroadcastPath) -> String {
    let event = path.event.as_ref().map(|event| format!(" `{event}`")).unwrap_or_default();
    format!("{} {}{event} {}", path.id, path.operation, words::whom(path.scope))
}

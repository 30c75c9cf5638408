//! Cycle elimination: nodes that pass everything to each other hold the same values and are made one.
//!
//! Programs that mix values (tables of handlers, generic helpers) make large cycles of subset constraints; without
//! this every value would travel around each of them. Cycles are searched for now and then with Tarjan's algorithm,
//! which is linear in nodes and constraints.

use rustc_hash::FxHashSet;

use super::solver::{Constraint, Node, Solver};
use super::value::ValueId;

/// Which node stands for which, and when to search again.
#[derive(Debug, Default)]
pub(super) struct Merged {
    stands_for: Vec<u32>,
    /// The step count after which cycles are searched for again.
    pub(super) next_search: u64,
}

impl Merged {
    /// Makes room for new nodes, which stand for themselves.
    pub(super) fn grow(&mut self, nodes: usize) {
        self.stands_for.extend(self.stands_for.len() as u32..nodes as u32);
    }

    /// The node that stands for `node`. Chains are short: every search resolves them.
    pub(super) fn find(&self, node: Node) -> Node {
        let mut current = node.0;
        while self.stands_for[current as usize] != current {
            current = self.stands_for[current as usize];
        }
        Node(current)
    }
}

/// Tarjan's bookkeeping.
struct Search {
    order: Vec<u32>,
    low: Vec<u32>,
    on_stack: Vec<bool>,
    stack: Vec<u32>,
    next: u32,
    cycles: Vec<Vec<u32>>,
}

impl Solver<'_> {
    /// Makes the nodes of each subset cycle one.
    pub(super) fn merge_cycles(&mut self) {
        let count = self.nodes.len();
        let mut search = Search {
            order: vec![0; count],
            low: vec![0; count],
            on_stack: vec![false; count],
            stack: Vec::new(),
            next: 1,
            cycles: Vec::new(),
        };
        for node in 0..count as u32 {
            if search.order[node as usize] == 0 && self.merged.find(Node(node)).0 == node {
                self.search_from(node, &mut search);
            }
        }
        for cycle in std::mem::take(&mut search.cycles) {
            self.merge(&cycle);
        }
        for node in 0..count as u32 {
            let found = self.merged.find(Node(node)).0;
            self.merged.stands_for[node as usize] = found;
        }
    }

    /// The n-th subset target of a node at or after `position`, with the position after it.
    fn next_target(&self, node: u32, mut position: usize) -> Option<(u32, usize)> {
        let constraints = &self.nodes[node as usize].constraints;
        while position < constraints.len() {
            position += 1;
            if let Constraint::Subset { to } = constraints[position - 1] {
                return Some((self.merged.find(to).0, position));
            }
        }
        None
    }

    fn search_from(&self, start: u32, search: &mut Search) {
        let mut frames: Vec<(u32, usize)> = vec![(start, 0)];
        search.enter(start);
        while let Some(&mut (node, ref mut position)) = frames.last_mut() {
            match self.next_target(node, *position) {
                Some((target, after)) => {
                    *position = after;
                    if search.order[target as usize] == 0 {
                        search.enter(target);
                        frames.push((target, 0));
                    } else if search.on_stack[target as usize] {
                        let seen = search.order[target as usize];
                        search.low[node as usize] = search.low[node as usize].min(seen);
                    }
                }
                None => {
                    frames.pop();
                    if let Some(&(parent, _)) = frames.last() {
                        let low = search.low[node as usize];
                        search.low[parent as usize] = search.low[parent as usize].min(low);
                    }
                    search.leave(node);
                }
            }
        }
    }

    /// Makes the nodes of a cycle one: the smallest stands for all.
    fn merge(&mut self, cycle: &[u32]) {
        let Some(&into) = cycle.iter().min() else { return };
        let mut values: Vec<ValueId> = Vec::new();
        let mut constraints: Vec<Constraint> = Vec::new();
        let mut common: Option<FxHashSet<ValueId>> = None;
        let mut strings = 0;
        for &node in cycle {
            self.merged.stands_for[node as usize] = into;
            let state = std::mem::take(&mut self.nodes[node as usize]);
            let seen = state.values.iter().copied().filter(|value| !state.pending.contains(value));
            common = Some(match common {
                None => seen.collect(),
                Some(known) => seen.filter(|value| known.contains(value)).collect(),
            });
            strings = strings.max(state.strings);
            values.extend(state.values);
            constraints.extend(state.constraints);
        }
        values.sort_unstable();
        values.dedup();
        self.forget_beyond_cap(&mut values);
        let common = common.unwrap_or_default();
        let unseen = values.iter().copied().filter(|value| !common.contains(value)).collect();
        let mut known = FxHashSet::default();
        constraints.retain(|constraint| match constraint {
            Constraint::Subset { to } => {
                let to = self.merged.find(*to);
                to.0 != into && known.insert(Constraint::Subset { to })
            }
            other => known.insert(other.clone()),
        });
        let state = &mut self.nodes[into as usize];
        state.values = values;
        state.constraints = constraints;
        state.strings = strings;
        state.queued = false;
        self.reconsider(Node(into), unseen);
    }
}

impl Search {
    fn enter(&mut self, node: u32) {
        self.order[node as usize] = self.next;
        self.low[node as usize] = self.next;
        self.next += 1;
        self.stack.push(node);
        self.on_stack[node as usize] = true;
    }

    fn leave(&mut self, node: u32) {
        if self.low[node as usize] != self.order[node as usize] {
            return;
        }
        let mut cycle = Vec::new();
        while let Some(member) = self.stack.pop() {
            self.on_stack[member as usize] = false;
            cycle.push(member);
            if member == node {
                break;
            }
        }
        if cycle.len() > 1 {
            self.cycles.push(cycle);
        }
    }
}

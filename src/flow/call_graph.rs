//! Who calls whom, and why.

use super::value::{ExprRef, FunctionRef};
use rustc_hash::FxHashMap;

/// One reason why a function runs.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallEdge {
    /// The function that runs.
    pub callee: FunctionRef,
    /// The call, `new`, registration, event emission, decorator or property read that makes it run.
    pub site: ExprRef,
    /// The function that evaluates `site`.
    pub caller: FunctionRef,
    /// How.
    pub kind: EdgeKind,
}

/// The kinds of call edges.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EdgeKind {
    /// A call, `new`, tagged template, getter or setter; `receiver` says whether `this` is the callee's object.
    Direct,
    /// `super(…)`.
    Super,
    /// A library calls it: index into [`super::ValueFlow::uses`] and into the operation's callbacks.
    Callback {
        /// The use.
        api_use: u32,
        /// Which callback of its operation.
        callback: u32,
    },
    /// A process-local event: `site` is the emission; the registration is `api_use`.
    Event {
        /// The use that registered the listener.
        listen: u32,
    },
    /// A library calls a method that a subclass or decorated class provides.
    Override {
        /// Name of the library's type and method, for messages.
        trigger: Option<OverrideTrigger>,
    },
    /// It continues another call: `promise.then(f)`.
    Continuation,
    /// The function was handed to code that no rule knows.
    External,
}

/// The trigger of an override or a decorated method.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OverrideTrigger {
    /// The trigger's kind.
    pub kind: crate::rules::TriggerKind,
    /// Its name, if constant.
    pub name: Option<Box<str>>,
    /// Which parameter is the connection whose event is handled.
    pub own_parameter: Option<u32>,
    /// The transport over which what it returns is streamed to the client.
    pub streams: Option<Box<str>>,
}

/// All edges, by callee and by site.
#[derive(Debug, Default)]
pub struct CallGraph {
    /// Sorted by (callee, site, kind).
    pub edges: Vec<CallEdge>,
    by_callee: FxHashMap<FunctionRef, (u32, u32)>,
    by_site: FxHashMap<ExprRef, Vec<u32>>,
}

impl CallGraph {
    /// Sorts and indexes the edges.
    pub fn new(mut edges: Vec<CallEdge>) -> Self {
        edges.sort();
        edges.dedup();
        let mut graph = CallGraph { edges, ..Default::default() };
        let mut start = 0;
        while start < graph.edges.len() {
            let callee = graph.edges[start].callee;
            let end = start + graph.edges[start..].partition_point(|edge| edge.callee == callee);
            graph.by_callee.insert(callee, (start as u32, end as u32));
            start = end;
        }
        for (index, edge) in graph.edges.iter().enumerate() {
            graph.by_site.entry(edge.site).or_default().push(index as u32);
        }
        graph
    }

    /// Why `function` runs.
    pub fn callers(&self, function: FunctionRef) -> &[CallEdge] {
        match self.by_callee.get(&function) {
            Some(&(start, end)) => &self.edges[start as usize..end as usize],
            None => &[],
        }
    }

    /// What runs because of the expression at `site`.
    pub fn at_site(&self, site: ExprRef) -> impl Iterator<Item = &CallEdge> {
        self.by_site.get(&site).into_iter().flatten().map(|&index| &self.edges[index as usize])
    }
}

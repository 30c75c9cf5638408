//! What is sent to clients: the backward slice from everything that deliveries, broker publications, HTTP
//! responses and acknowledgements hand over.

use super::accesses::AccessIndex;
use super::heap::{Heap, Kind, role};
use super::reach::{Reach, arguments};
use crate::facts::{Argument, AssignKind, BindingKind, ExprId, ExprKind, PropertyKey};
use crate::flow::{ApiUse, BindingRef, EdgeKind, ExprRef, FunctionRef, ValueId};
use crate::modules::ModuleId;
use crate::rules::{Role, TriggerKind};
use rustc_hash::{FxHashMap, FxHashSet};

/// Everything that ends up in a message to a client.
#[derive(Default)]
pub(super) struct Sent {
    exprs: FxHashSet<ExprRef>,
    bindings: FxHashSet<BindingRef>,
}

impl Sent {
    /// Slices the program. With `through_containers`, what is written into a container that is sent is sent too.
    pub(super) fn new(heap: &Heap, accesses: &AccessIndex, reach: &Reach, through_containers: bool) -> Self {
        let mut slicer = Slicer {
            heap,
            accesses: through_containers.then_some(accesses),
            reach,
            sent: Sent::default(),
            open: Vec::new(),
            seen: FxHashSet::default(),
        };
        let assigned = assignments(heap);
        slicer.roots();
        while let Some(at) = slicer.open.pop() {
            slicer.visit(at, &assigned);
        }
        slicer.sent
    }

    /// Whether the value of an expression is sent.
    pub(super) fn expr(&self, at: ExprRef) -> bool {
        self.exprs.contains(&at)
    }

    /// Whether the value of a variable is sent.
    pub(super) fn binding(&self, binding: BindingRef) -> bool {
        self.bindings.contains(&binding)
    }
}

/// The values assigned to each variable.
fn assignments(heap: &Heap) -> FxHashMap<BindingRef, Vec<ExprRef>> {
    let mut assigned: FxHashMap<BindingRef, Vec<ExprRef>> = FxHashMap::default();
    for module in heap.flow.graph.ids() {
        for assign in &heap.flow.facts(module).assigns {
            if assign.kind != AssignKind::Update {
                let binding = BindingRef { module, binding: assign.binding };
                assigned.entry(binding).or_default().push(ExprRef { module, expr: assign.value });
            }
        }
    }
    assigned
}

struct Slicer<'s, 'f, 'a> {
    heap: &'s Heap<'f, 'a>,
    accesses: Option<&'s AccessIndex>,
    reach: &'s Reach<'f, 'a>,
    sent: Sent,
    open: Vec<ExprRef>,
    seen: FxHashSet<ValueId>,
}

impl Slicer<'_, '_, '_> {
    fn push(&mut self, at: ExprRef) {
        if self.sent.exprs.insert(at) {
            self.open.push(at);
        }
    }

    fn push_all(&mut self, module: ModuleId, exprs: impl IntoIterator<Item = ExprId>) {
        for expr in exprs {
            self.push(ExprRef { module, expr });
        }
    }

    fn push_arguments(&mut self, module: ModuleId, args: &[Argument]) {
        self.push_all(module, args.iter().map(|argument| argument.value));
    }

    /// Arguments of whatever sends, and what routes and acknowledged handlers give back.
    fn roots(&mut self) {
        for api_use in &self.heap.flow.uses {
            if self.sends(api_use) {
                self.push_arguments(api_use.site.module, arguments(self.heap.flow, api_use.site));
            }
        }
        if self.accesses.is_none() {
            return;
        }
        for module in self.heap.flow.graph.ids() {
            let facts = self.heap.flow.facts(module);
            for (index, function) in facts.functions.iter().enumerate() {
                let function_ref = FunctionRef { module, function: crate::facts::FunctionId(index as u32) };
                if self.started_by(function_ref, TriggerKind::HttpRoute) {
                    self.push_all(module, function.returns.iter().copied());
                }
            }
            for expr in &facts.exprs {
                if let ExprKind::Call { callee, args, .. } = &expr.kind
                    && self.is_acknowledgement(module, *callee)
                {
                    self.push_arguments(module, args);
                }
            }
        }
    }

    fn sends(&self, api_use: &ApiUse) -> bool {
        let flow = self.heap.flow;
        let Some(operation) = flow.operation(api_use) else { return false };
        if operation.publish.is_some() {
            return true;
        }
        if let Some(deliver) = &operation.deliver {
            return !deliver.heartbeat;
        }
        // Whatever else is called on an open response (`json`, `end`) writes its arguments: an answer, no message.
        if self.accesses.is_none() {
            return false;
        }
        let api = api_use.receiver.and_then(|receiver| flow.api(receiver));
        let response = api.is_some_and(
            |object| matches!(role(flow, object.ty), Role::Connection(connection) if connection.kept_only),
        );
        response && operation.callbacks.is_empty()
    }

    fn started_by(&self, function: FunctionRef, kind: TriggerKind) -> bool {
        let edges = self.heap.flow.calls.callers(function);
        edges.iter().filter_map(|edge| self.reach.trigger(edge)).any(|cause| cause.kind == kind)
    }

    /// `callback(…)` inside a client event's handler that was given it.
    fn is_acknowledgement(&self, module: ModuleId, callee: ExprId) -> bool {
        let facts = self.heap.flow.facts(module);
        let ExprKind::Binding(binding) = facts.expr(callee).kind else { return false };
        let binding = facts.binding(binding);
        binding.kind == BindingKind::Parameter
            && self.started_by(FunctionRef { module, function: binding.function }, TriggerKind::ClientEvent)
    }

    fn visit(&mut self, at: ExprRef, assigned: &FxHashMap<BindingRef, Vec<ExprRef>>) {
        let flow = self.heap.flow;
        let module = at.module;
        match &flow.facts(module).expr(at.expr).kind {
            ExprKind::Binding(binding) => {
                let binding = BindingRef { module, binding: *binding };
                self.sent.bindings.insert(binding);
                for &value in assigned.get(&binding).into_iter().flatten() {
                    self.push(value);
                }
                self.visit_writes(at);
            }
            ExprKind::Parameter { function, index, .. } => {
                self.visit_callers(FunctionRef { module, function: *function }, *index);
            }
            ExprKind::Call { callee, args, .. } => {
                self.push_all(module, [*callee]);
                self.visit_call(at, args);
                self.visit_writes(at);
            }
            ExprKind::New { args, .. } | ExprKind::Array(args) => self.push_arguments(module, args),
            ExprKind::Member { object, .. } => {
                self.push_all(module, [*object]);
                self.visit_writes(at);
            }
            ExprKind::Index { object, .. } => self.push_all(module, [*object]),
            ExprKind::Template { parts, .. } | ExprKind::Tagged { parts, .. } => {
                self.push_all(module, parts.iter().copied());
            }
            ExprKind::Object(properties) => {
                for property in properties {
                    if let PropertyKey::Computed(key) = property.key {
                        self.push_all(module, [key]);
                    }
                    self.push_all(module, [property.value]);
                }
            }
            ExprKind::Union(operands) => self.push_all(module, operands.iter().copied()),
            ExprKind::Await(value) | ExprKind::ElementOf(value) | ExprKind::KeyOf(value) => {
                self.push_all(module, [*value]);
            }
            ExprKind::Unary { operand, .. } => self.push_all(module, [*operand]),
            ExprKind::Binary { left, right, .. } => self.push_all(module, [*left, *right]),
            ExprKind::Assign { value, .. } | ExprKind::Typed { value, .. } => self.push_all(module, [*value]),
            _ => {}
        }
    }

    /// A call's value comes from what the callee returns, else from the arguments.
    fn visit_call(&mut self, site: ExprRef, args: &[Argument]) {
        let flow = self.heap.flow;
        let mut known = false;
        for edge in flow.calls.at_site(site) {
            let FunctionRef { module, function } = edge.callee;
            if matches!(edge.kind, EdgeKind::Direct) {
                known = true;
            }
            self.push_all(module, flow.facts(module).function(function).returns.iter().copied());
        }
        if !known {
            self.push_arguments(site.module, args);
        }
    }

    /// A parameter's value comes from the callers' arguments; that of a synchronous callback from the receiver.
    fn visit_callers(&mut self, function: FunctionRef, index: u32) {
        let flow = self.heap.flow;
        for edge in flow.calls.callers(function) {
            match &edge.kind {
                EdgeKind::Direct | EdgeKind::Super => {
                    if let Some(argument) = super::reach::argument(flow, edge.site, index) {
                        self.push(argument);
                    }
                }
                EdgeKind::Event { .. } => {
                    if let Some(argument) = super::reach::argument(flow, edge.site, index + 1) {
                        self.push(argument);
                    }
                }
                EdgeKind::Callback { .. } if self.reach.trigger(edge).is_none() => {
                    if let ExprKind::Call { callee, .. } = &flow.facts(edge.site.module).expr(edge.site.expr).kind {
                        self.sent.exprs.insert(edge.site);
                        self.push_all(edge.site.module, [*callee]);
                    }
                }
                _ => {}
            }
        }
    }

    /// What is written into a container that is sent is sent.
    fn visit_writes(&mut self, at: ExprRef) {
        let Some(accesses) = self.accesses else { return };
        for &id in self.heap.flow.values(at) {
            if self.heap.kind(id) != Kind::Container || !self.seen.insert(id) {
                continue;
            }
            for access in accesses.of_value(id) {
                if access.verb.changes()
                    && let Some(value) = access.value
                {
                    self.push(value);
                }
            }
        }
    }
}

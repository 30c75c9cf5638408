//! The program as the realtime analysis asks for it: places, roles, constants and the call graph in both directions.

use super::model::Place;
use crate::facts::{Argument, Expr, ExprId, ExprKind, Function, FunctionId, FunctionKind};
use crate::flow::{
    AbstractValue, ApiObject, ApiUse, BindingRef, CallEdge, ClassRef, EdgeKind, ExprRef, FieldKey, FunctionRef,
    Member, ValueFlow, ValueId,
};
use crate::modules::ModuleId;
use crate::rules::{ApiType, BrokerRole, Callback, ConnectionRole, Operation, Role, TypeId};
use crate::source::{FileId, Project, Span};
use rustc_hash::{FxHashMap, FxHashSet};

mod exports;
mod handed;
mod unused;

pub(crate) use handed::Handed;

/// The audited program with the indices that backward and forward queries need.
pub(crate) struct Program<'a> {
    /// Files and manifests.
    pub(crate) project: &'a Project,
    /// The solved value flow.
    pub(crate) flow: &'a ValueFlow<'a>,
    /// Edges by the function that evaluates their site.
    by_caller: FxHashMap<FunctionRef, Vec<u32>>,
    /// Positions in `facts.assigns` by binding.
    assigns: FxHashMap<BindingRef, Vec<u32>>,
    /// Values that are found under unknown keys of something: members of a collection.
    collected: FxHashSet<ValueId>,
    /// Objects and instances with a field that holds a connection.
    wrappers: FxHashSet<ValueId>,
    /// Objects and instances by the functions in their fields.
    holders: FxHashMap<FunctionRef, Vec<ValueId>>,
    /// Functions that can run: reachable from a module body, an export or a library's callback.
    alive: FxHashSet<FunctionRef>,
    /// Functions that other code can call through a module's exports.
    exported: FxHashSet<FunctionRef>,
    /// Positions in `flow.uses` by the function that evaluates their site.
    uses: FxHashMap<FunctionRef, Vec<u32>>,
    /// Positions in `flow.uses` by receiver.
    uses_of: FxHashMap<ValueId, Vec<u32>>,
    /// Positions in `flow.uses` of calls that ask a broker for messages, by function.
    asking: FxHashMap<FunctionRef, Vec<u32>>,
    /// Positions in `flow.uses` of calls that fire events, by emitter.
    emissions: FxHashMap<ValueId, Vec<u32>>,
    /// Positions in `flow.uses` of registrations with emitters, by listener, where nothing fires the event.
    unfired: FxHashMap<FunctionRef, Vec<u32>>,
}

/// An expression that is in no source.
static NOWHERE: Expr =
    Expr { kind: ExprKind::Unknown, span: Span { start: 0, end: 0 }, function: FunctionId::MODULE, guard: None };

impl<'a> Program<'a> {
    /// Indexes a solved program.
    pub(crate) fn new(project: &'a Project, flow: &'a ValueFlow<'a>) -> Self {
        let mut program = Program {
            project,
            flow,
            by_caller: FxHashMap::default(),
            assigns: FxHashMap::default(),
            collected: FxHashSet::default(),
            wrappers: FxHashSet::default(),
            holders: FxHashMap::default(),
            alive: FxHashSet::default(),
            exported: FxHashSet::default(),
            uses: FxHashMap::default(),
            uses_of: FxHashMap::default(),
            asking: FxHashMap::default(),
            emissions: FxHashMap::default(),
            unfired: FxHashMap::default(),
        };
        for (index, edge) in flow.calls.edges.iter().enumerate() {
            program.by_caller.entry(edge.caller).or_default().push(index as u32);
        }
        for module in flow.graph.ids() {
            for (index, assign) in flow.facts(module).assigns.iter().enumerate() {
                let binding = BindingRef { module, binding: assign.binding };
                program.assigns.entry(binding).or_default().push(index as u32);
            }
        }
        for (index, api_use) in flow.uses.iter().enumerate() {
            let function = program.function_at(api_use.site);
            program.uses.entry(function).or_default().push(index as u32);
            if flow.operation(api_use).is_some_and(asks) {
                program.asking.entry(function).or_default().push(index as u32);
            }
            let emits = flow.operation(api_use).is_some_and(|operation| operation.emit.is_some());
            if let Some(emitter) = api_use.receiver.filter(|_| emits) {
                program.emissions.entry(flow.field_owner(emitter)).or_default().push(index as u32);
            }
            if let Some(receiver) = api_use.receiver {
                program.uses_of.entry(receiver).or_default().push(index as u32);
            }
        }
        program.index_unfired();
        program.index_fields();
        program.index_exports();
        program.index_alive();
        program
    }

    fn index_unfired(&mut self) {
        for (index, api_use) in self.flow.uses.iter().enumerate() {
            let listen = self.flow.operation(api_use).and_then(|operation| operation.listen.as_ref());
            let Some(listener) = listen.and_then(|listen| self.argument(api_use.site, listen.listener?)) else {
                continue;
            };
            for &value in self.flow.values(listener) {
                if let AbstractValue::Function(function) = self.flow.value(value)
                    && self.flow.calls.callers(*function).is_empty()
                {
                    self.unfired.entry(*function).or_default().push(index as u32);
                }
            }
        }
    }

    fn index_fields(&mut self) {
        let mut collected = FxHashSet::default();
        let mut wrappers = FxHashSet::default();
        let mut holders: FxHashMap<FunctionRef, Vec<ValueId>> = FxHashMap::default();
        self.flow.all_fields().into_iter().for_each(|(owner, key, values)| {
            let in_library = matches!(self.flow.value(owner), AbstractValue::Api(_));
            if matches!(key, FieldKey::Element | FieldKey::Key) || in_library {
                collected.extend(values.iter().copied());
            }
            let plain = matches!(self.flow.value(owner), AbstractValue::Object(_) | AbstractValue::Instance(_));
            let named = matches!(key, FieldKey::Named(_));
            if plain && named && values.iter().any(|&value| self.connection(value).is_some()) {
                wrappers.insert(owner);
            }
            for &value in values.iter().filter(|_| plain && named) {
                if let AbstractValue::Function(function) = self.flow.value(value) {
                    holders.entry(*function).or_default().push(owner);
                }
            }
        });
        self.holders = holders;
        self.collected = collected;
        self.wrappers = wrappers;
    }

    fn index_alive(&mut self) {
        let unused = self.unused_modules();
        let used = self.flow.graph.ids().filter(|module| !unused.contains(module));
        let mut pending: Vec<FunctionRef> =
            used.map(|module| FunctionRef { module, function: FunctionId::MODULE }).collect();
        pending.extend(self.exported.iter().filter(|function| !unused.contains(&function.module)));
        let called_by_library = |edge: &&CallEdge| matches!(edge.kind, EdgeKind::Override { .. });
        pending.extend(self.flow.calls.edges.iter().filter(called_by_library).map(|edge| edge.callee));
        let mut registered: FxHashMap<FunctionRef, Vec<FunctionRef>> = FxHashMap::default();
        self.unfired.iter().for_each(|(&listener, uses)| {
            for &index in uses {
                let site = self.flow.uses[index as usize].site;
                registered.entry(self.function_at(site)).or_default().push(listener);
            }
        });
        while let Some(function) = pending.pop() {
            if !self.alive.insert(function) {
                continue;
            }
            pending.extend(self.callees(function).map(|edge| edge.callee));
            pending.extend(registered.get(&function).into_iter().flatten().copied());
        }
    }

    /// An expression; a use that an import alone makes stands at none, and gets an empty one.
    pub(crate) fn expr(&self, at: ExprRef) -> &'a Expr {
        self.flow.facts(at.module).exprs.get(at.expr.index()).unwrap_or(&NOWHERE)
    }

    /// A function.
    pub(crate) fn function(&self, at: FunctionRef) -> &'a Function {
        self.flow.facts(at.module).function(at.function)
    }

    /// The function whose call evaluates an expression.
    pub(crate) fn function_at(&self, at: ExprRef) -> FunctionRef {
        FunctionRef { module: at.module, function: self.expr(at).function }
    }

    /// The function around a function; none for a module body.
    pub(crate) fn parent(&self, function: FunctionRef) -> Option<FunctionRef> {
        let parent = self.function(function).parent;
        (parent != function.function).then_some(FunctionRef { module: function.module, function: parent })
    }

    /// Whether `inner` is `outer` or written inside it.
    pub(crate) fn within(&self, inner: FunctionRef, outer: FunctionRef) -> bool {
        inner.module == outer.module
            && std::iter::successors(Some(inner), |&each| self.parent(each)).any(|each| each == outer)
    }

    /// The nearest function that has a `this` of its own.
    pub(crate) fn this_function(&self, function: FunctionRef) -> FunctionRef {
        let mut at = function;
        while self.function(at).kind == FunctionKind::Arrow {
            match self.parent(at) {
                Some(parent) => at = parent,
                None => break,
            }
        }
        at
    }

    /// Where an expression stands.
    pub(crate) fn place(&self, at: ExprRef) -> Place {
        Place { module: at.module, span: self.expr(at).span }
    }

    /// The file of a module.
    pub(crate) fn file(&self, module: ModuleId) -> FileId {
        self.flow.graph.module(module).file
    }

    /// The source text of a place.
    pub(crate) fn text(&self, place: Place) -> &'a str {
        let text = &self.project.file(self.file(place.module)).text;
        text.get(place.span.start as usize..place.span.end as usize).unwrap_or("")
    }

    /// The source text of an expression.
    pub(crate) fn source(&self, at: ExprRef) -> &'a str {
        self.text(self.place(at))
    }

    /// A string of a module.
    pub(crate) fn name(&self, module: ModuleId, name: crate::facts::Name) -> &'a str {
        self.flow.facts(module).name(name)
    }

    /// What people call a function.
    pub(crate) fn function_name(&self, function: FunctionRef) -> String {
        let facts = self.function(function);
        match facts.name {
            _ if facts.kind == FunctionKind::Module => "module".to_owned(),
            Some(name) => self.name(function.module, name).to_owned(),
            None => "callback".to_owned(),
        }
    }

    /// Reasons why a function runs, those in dead code left out.
    pub(crate) fn callers(&self, function: FunctionRef) -> impl Iterator<Item = &'a CallEdge> + '_ {
        self.flow.calls.callers(function).iter().filter(|edge| self.alive.contains(&edge.caller))
    }

    /// What a function makes run.
    pub(crate) fn callees(&self, function: FunctionRef) -> impl Iterator<Item = &'a CallEdge> + '_ {
        let edges = self.by_caller.get(&function).into_iter().flatten();
        edges.map(|&index| &self.flow.calls.edges[index as usize])
    }

    /// Whether a function can run at all.
    pub(crate) fn is_alive(&self, function: FunctionRef) -> bool {
        self.alive.contains(&function)
    }

    /// Whether other code can call a function through a module's exports.
    pub(crate) fn is_exported(&self, function: FunctionRef) -> bool {
        self.exported.contains(&function)
    }

    /// Library uses that a function evaluates, in order of their sites.
    pub(crate) fn uses_in(&self, function: FunctionRef) -> impl Iterator<Item = &'a ApiUse> + '_ {
        self.uses.get(&function).into_iter().flatten().map(|&index| &self.flow.uses[index as usize])
    }

    /// Calls of a function that ask a broker for messages, in order of their sites.
    pub(crate) fn asking_in(&self, function: FunctionRef) -> impl Iterator<Item = &'a ApiUse> + '_ {
        self.asking.get(&function).into_iter().flatten().map(|&index| &self.flow.uses[index as usize])
    }

    /// Calls that fire events of an emitter, in order of their sites.
    pub(crate) fn emissions_of(&self, emitter: ValueId) -> impl Iterator<Item = &'a ApiUse> + '_ {
        let owner = self.flow.field_owner(emitter);
        self.emissions.get(&owner).into_iter().flatten().map(|&index| &self.flow.uses[index as usize])
    }

    /// Registrations of a function with emitters whose event nothing in the program fires.
    pub(crate) fn unfired(&self, listener: FunctionRef) -> impl Iterator<Item = &'a ApiUse> + '_ {
        self.unfired.get(&listener).into_iter().flatten().map(|&index| &self.flow.uses[index as usize])
    }

    /// Library uses whose receiver is a value.
    pub(crate) fn uses_of(&self, receiver: ValueId) -> impl Iterator<Item = &'a ApiUse> + '_ {
        self.uses_of.get(&receiver).into_iter().flatten().map(|&index| &self.flow.uses[index as usize])
    }

    /// Library uses with their operations, at one site.
    pub(crate) fn operations_at(&self, site: ExprRef) -> impl Iterator<Item = (&'a ApiUse, &'a Operation)> + '_ {
        self.flow.uses_at(site).iter().filter_map(|each| Some((each, self.flow.operation(each)?)))
    }

    /// The assignments to a binding: position order.
    pub(crate) fn assigns(&self, binding: BindingRef) -> impl Iterator<Item = &'a crate::facts::Assign> + '_ {
        let facts = self.flow.facts(binding.module);
        self.assigns.get(&binding).into_iter().flatten().map(move |&index| &facts.assigns[index as usize])
    }

    /// The library type of a value, and its object.
    pub(crate) fn api(&self, value: ValueId) -> Option<&'a ApiObject> {
        self.flow.api(value)
    }

    /// The first role in a type's lineage.
    pub(crate) fn type_role(&self, ty: TypeId) -> &'a Role {
        let rules = self.flow.rules;
        let mut at = Some(ty);
        while let Some(each) = at {
            let ty: &'a ApiType = rules.ty(each);
            if ty.role != Role::Plain {
                return &ty.role;
            }
            at = ty.extends;
        }
        &Role::Plain
    }

    /// What a value is for realtime delivery.
    pub(crate) fn role(&self, value: ValueId) -> &'a Role {
        self.api(value).map_or(&Role::Plain, |object| self.type_role(object.ty))
    }

    /// The connection role of a value.
    pub(crate) fn connection(&self, value: ValueId) -> Option<&'a ConnectionRole> {
        match self.role(value) {
            Role::Connection(role) => Some(role),
            _ => None,
        }
    }

    /// The broker role of a value.
    pub(crate) fn broker(&self, value: ValueId) -> Option<&'a BrokerRole> {
        match self.role(value) {
            Role::Broker(role) => Some(role),
            _ => None,
        }
    }

    /// Whether an expression can be a connection, or an object of the program that wraps one.
    pub(crate) fn carries_connection(&self, at: ExprRef) -> bool {
        let carries = |&value: &ValueId| self.connection(value).is_some() || self.wrappers.contains(&value);
        // Operands of comparisons are not evaluated; the variables in them are.
        let named = match self.expr(at).kind {
            ExprKind::Binding(binding) => self.flow.binding_values(at.module, binding),
            _ => &[],
        };
        self.flow.values(at).iter().chain(named).any(carries)
    }

    /// Whether an expression can be a function, or an object with that function in a field.
    pub(crate) fn holds_function(&self, at: ExprRef, function: FunctionRef) -> bool {
        let holders = self.holders.get(&function).map_or(&[][..], |holders| holders);
        self.flow
            .values(at)
            .iter()
            .any(|value| *self.flow.value(*value) == AbstractValue::Function(function) || holders.contains(value))
    }

    /// Whether instances of a class are members of some collection: there are many of them.
    pub(crate) fn has_many_instances(&self, class: ClassRef) -> bool {
        self.flow.all_values().any(|(id, value)| *value == AbstractValue::Instance(class) && self.is_collected(id))
    }

    /// Whether a value is a member of some collection.
    pub(crate) fn is_collected(&self, value: ValueId) -> bool {
        self.collected.contains(&value)
    }

    /// The arguments of a call or `new`.
    pub(crate) fn arguments(&self, site: ExprRef) -> &'a [Argument] {
        match &self.expr(site).kind {
            ExprKind::Call { args, .. } | ExprKind::New { args, .. } => args,
            _ => &[],
        }
    }

    /// The n-th argument of a call, where no spread hides it.
    pub(crate) fn argument(&self, site: ExprRef, index: u32) -> Option<ExprRef> {
        let arguments = self.arguments(site);
        let upto = arguments.get(..=index as usize)?;
        let argument = upto.last()?;
        let hidden = upto.iter().any(|each| each.spread);
        (!hidden).then_some(ExprRef { module: site.module, expr: argument.value })
    }

    /// The callee of a call or `new`.
    pub(crate) fn callee(&self, site: ExprRef) -> Option<ExprRef> {
        match self.expr(site).kind {
            ExprKind::Call { callee, .. } | ExprKind::New { callee, .. } => {
                Some(ExprRef { module: site.module, expr: callee })
            }
            _ => None,
        }
    }

    /// The object that a method call or property read starts from.
    pub(crate) fn receiver(&self, site: ExprRef) -> Option<ExprRef> {
        let member = match self.expr(site).kind {
            ExprKind::Call { callee, .. } => callee,
            _ => site.expr,
        };
        match self.expr(ExprRef { module: site.module, expr: member }).kind {
            ExprKind::Member { object, .. } | ExprKind::Index { object, .. } => {
                Some(ExprRef { module: site.module, expr: object })
            }
            _ => None,
        }
    }

    /// The property that a method call or property read names.
    pub(crate) fn property(&self, site: ExprRef) -> Option<&'a str> {
        let member = match self.expr(site).kind {
            ExprKind::Call { callee, .. } => callee,
            _ => site.expr,
        };
        match self.expr(ExprRef { module: site.module, expr: member }).kind {
            ExprKind::Member { property, .. } => Some(self.name(site.module, property)),
            _ => None,
        }
    }

    /// Strips what does not change a value: `await`, types, assignments.
    pub(crate) fn peel(&self, at: ExprRef) -> ExprRef {
        let mut at = at;
        loop {
            let inner = match self.expr(at).kind {
                ExprKind::Await(inner) => inner,
                ExprKind::Typed { value, .. } | ExprKind::Assign { value, .. } => value,
                _ => return at,
            };
            at = ExprRef { module: at.module, expr: inner };
        }
    }

    /// Follows variables that are assigned once to what they stand for.
    pub(crate) fn resolve(&self, at: ExprRef) -> ExprRef {
        let mut at = self.peel(at);
        for _ in 0..8 {
            let ExprKind::Binding(binding) = self.expr(at).kind else { break };
            let mut assigns = self.assigns(BindingRef { module: at.module, binding });
            let (Some(only), None) = (assigns.next(), assigns.next()) else { break };
            at = self.peel(ExprRef { module: at.module, expr: only.value });
        }
        at
    }

    /// The binding that an expression names.
    pub(crate) fn binding(&self, at: ExprRef) -> Option<BindingRef> {
        match self.expr(self.peel(at)).kind {
            ExprKind::Binding(binding) => Some(BindingRef { module: at.module, binding }),
            _ => None,
        }
    }

    /// The constants that an expression can be; none if it can be something else as well.
    pub(crate) fn constants(&self, at: ExprRef) -> Option<Vec<&'a str>> {
        let flow: &'a ValueFlow<'a> = self.flow;
        let mut constants = Vec::new();
        for &value in flow.values(at) {
            match flow.value(value) {
                AbstractValue::String(text) | AbstractValue::Number(text) => constants.push(&**text),
                _ => return None,
            }
        }
        if constants.is_empty()
            && let ExprKind::String(name) = self.expr(self.resolve(at)).kind
        {
            constants.push(self.name(at.module, name));
        }
        (!constants.is_empty()).then_some(constants)
    }

    /// The one constant that an expression is.
    pub(crate) fn constant(&self, at: ExprRef) -> Option<&'a str> {
        match self.constants(at)?.as_slice() {
            [only] => Some(only),
            _ => None,
        }
    }

    /// The callback of an operation that an edge stands for.
    pub(crate) fn callback(&self, edge: &CallEdge) -> Option<(&'a ApiUse, &'a Callback)> {
        let EdgeKind::Callback { api_use, callback } = edge.kind else { return None };
        let api_use = self.flow.uses.get(api_use as usize)?;
        let operation = self.flow.operation(api_use)?;
        Some((api_use, operation.callbacks.get(callback as usize)?))
    }

    /// The name of the member that a use is about.
    pub(crate) fn member_name(&self, api_use: &'a ApiUse) -> &'a str {
        match &api_use.member {
            Member::Method(name)
            | Member::Property(name)
            | Member::AssignProperty(name)
            | Member::AbsentProperty(name) => name,
            Member::Call => self.callee(api_use.site).and_then(|callee| self.property(callee)).unwrap_or("call"),
            Member::Construct => "new",
        }
    }

    /// Everything that can run because `function` runs, itself included: calls, library callbacks without a
    /// trigger of their own, and listeners of events that it fires.
    pub(crate) fn reachable(&self, function: FunctionRef) -> FxHashSet<FunctionRef> {
        self.reachable_by(function, |_| true)
    }

    /// The same over the edges that `passes` lets through.
    pub(crate) fn reachable_by(
        &self,
        function: FunctionRef,
        passes: impl Fn(&CallEdge) -> bool,
    ) -> FxHashSet<FunctionRef> {
        let mut reached = FxHashSet::default();
        let mut pending = vec![function];
        while let Some(at) = pending.pop() {
            if !reached.insert(at) {
                continue;
            }
            for edge in self.callees(at) {
                let follows = match &edge.kind {
                    EdgeKind::Callback { .. } => {
                        self.callback(edge).is_some_and(|(_, callback)| callback.trigger.is_none())
                    }
                    EdgeKind::Override { .. } => false,
                    _ => true,
                };
                if follows && passes(edge) {
                    pending.push(edge.callee);
                }
            }
        }
        reached
    }

    /// An expression of the same module.
    pub(crate) fn at(&self, near: ExprRef, expr: ExprId) -> ExprRef {
        ExprRef { module: near.module, expr }
    }
}

/// Whether an operation asks a broker for messages, or an emitter for its next event, and gets them as its result rather
/// than by a callback.
fn asks(operation: &Operation) -> bool {
    if operation.listen.as_ref().is_some_and(|listen| listen.listener.is_none()) {
        return true;
    }
    let called_back = operation.callbacks.iter().any(|callback| callback.trigger.is_some());
    let channel = operation.subscribe.as_ref();
    channel.is_some_and(|channel| !called_back && (channel.name.is_none() || operation.competing))
}

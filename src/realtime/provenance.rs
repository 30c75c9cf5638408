//! Where a connection comes from, seen from the code that sends to it: is it the one whose event is being handled,
//! one that was picked from others, or one that a caller passes?
//!
//! This is a backward query over the source, not over abstract values: two variables can hold the same abstract
//! value (`Socket`), and yet one is the sender and the other somebody else.

use super::keys::test_key;
use super::objects::{has_property, is_table};
use super::program::{Handed, Program};
use super::wakes::loop_trigger;
use crate::facts::{BindingKind, ExprKind, PropertyKey, StoreKey};
use crate::flow::{AbstractValue, ApiUse, BindingRef, CallEdge, EdgeKind, ExprRef, FunctionRef, Member};
use crate::rules::{Base, EventName, Own, Place, Role, Step};
use rustc_hash::FxHashSet;

mod this;

/// Where a connection comes from.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Provenance {
    /// It is the connection that this function handles, or that it has just made.
    Own(FunctionRef),
    /// It was looked up, iterated over, or kept in a variable beyond its handler.
    Picked(Picked),
    /// The function's caller passes it, or an object that holds it under the field.
    Parameter {
        /// The function.
        function: FunctionRef,
        /// Which parameter.
        index: u32,
        /// Which field of it.
        field: Option<Box<str>>,
    },
    /// It is, or belongs to, the `this` of the function.
    This(FunctionRef),
    /// Nothing is known.
    Unknown,
}

/// A connection picked from others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Picked {
    /// What it was picked from.
    pub(crate) source: ExprRef,
    /// Whether the code goes through all of the source.
    pub(crate) many: bool,
    /// What selects it.
    pub(crate) key: Key,
}

/// What selects an entry of a table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Key {
    /// Nothing: iteration, or a variable that keeps one connection.
    None,
    /// A parameter of the function.
    Parameter(FunctionRef, u32),
    /// Anything else.
    Other(ExprRef),
}

/// Steps that one query may take; real chains need a few dozen.
const FUEL: u32 = 4_000;

/// One backward query.
pub(crate) struct Query<'p, 'a> {
    program: &'p Program<'a>,
    visiting: FxHashSet<(ExprRef, Option<Box<str>>)>,
    fuel: u32,
    /// A function that speaks for the connection of the handler that made it: whoever holds it, holds that one.
    speaker: Option<FunctionRef>,
}

/// Where the value of an expression comes from; sorted, without duplicates.
pub(crate) fn provenance(program: &Program, at: ExprRef) -> Vec<Provenance> {
    Query::new(program, None).of(at, None)
}

/// Whether a value is one of many, looked up by a key.
pub(crate) fn is_looked_up(program: &Program, at: ExprRef) -> bool {
    let keyed = |each: &Provenance| matches!(each, Provenance::Picked(Picked { key, .. }) if *key != Key::None);
    provenance(program, at).iter().any(keyed)
}

/// Where the argument (or a field of it) that a call passes for a parameter comes from.
pub(crate) fn passed(program: &Program, edge: &CallEdge, index: u32, field: Option<&str>) -> Vec<Provenance> {
    passed_with(program, None, edge, index, field)
}

/// The same where what is passed may hold a function that speaks for a connection.
pub(crate) fn passed_with(
    program: &Program,
    speaker: Option<FunctionRef>,
    edge: &CallEdge,
    index: u32,
    field: Option<&str>,
) -> Vec<Provenance> {
    tidy(Query::new(program, speaker).handed(edge.site, index, field))
}

/// Where the `this` that a call passes comes from.
pub(crate) fn passed_this(program: &Program, speaker: Option<FunctionRef>, edge: &CallEdge) -> Vec<Provenance> {
    tidy(Query::new(program, speaker).this_at(edge))
}

/// Where the function that a call calls comes from, or the object whose method it is: of the handler that made it,
/// or picked from others. `speaker` is that function.
pub(crate) fn called(program: &Program, speaker: FunctionRef, site: ExprRef) -> Vec<Provenance> {
    let Some(callee) = program.callee(site).map(|callee| program.peel(callee)) else { return Vec::new() };
    let mut query = Query::new(program, Some(speaker));
    let found = match program.expr(callee).kind {
        ExprKind::Member { object, .. } => query.of(program.at(callee, object), None),
        ExprKind::Index { object, .. } => {
            let table = query.of(program.at(callee, object), None);
            let own = !table.is_empty() && table.iter().all(|each| matches!(each, Provenance::Own(_)));
            if own { table } else { query.of(callee, None) }
        }
        _ => query.of(callee, None),
    };
    tidy(found)
}

fn tidy(mut found: Vec<Provenance>) -> Vec<Provenance> {
    found.sort();
    found.dedup();
    found
}

impl<'p, 'a> Query<'p, 'a> {
    fn new(program: &'p Program<'a>, speaker: Option<FunctionRef>) -> Self {
        Query { program, visiting: FxHashSet::default(), fuel: FUEL, speaker }
    }

    /// Whether an expression can be a connection, an object that wraps one, or what speaks for one.
    fn carries(&self, at: ExprRef) -> bool {
        self.program.carries_connection(at)
            || self.speaker.is_some_and(|speaker| self.program.holds_function(at, speaker))
    }

    /// Where `at`, or its field, comes from.
    fn of(&mut self, at: ExprRef, field: Option<&str>) -> Vec<Provenance> {
        let key = (at, field.map(Box::from));
        if self.fuel == 0 || !self.visiting.insert(key.clone()) {
            return Vec::new();
        }
        self.fuel -= 1;
        let found = self.step(at, field);
        self.visiting.remove(&key);
        tidy(found)
    }

    fn step(&mut self, at: ExprRef, field: Option<&str>) -> Vec<Provenance> {
        let near = |expr| ExprRef { module: at.module, expr };
        match &self.program.expr(at).kind {
            ExprKind::Await(inner)
            | ExprKind::Typed { value: inner, .. }
            | ExprKind::Assign { value: inner, .. } => self.of(near(*inner), field),
            ExprKind::Union(options) => options.iter().flat_map(|&option| self.of(near(option), field)).collect(),
            ExprKind::Binding(binding) => {
                self.variable(BindingRef { module: at.module, binding: *binding }, at, field)
            }
            ExprKind::Global(_) => vec![self.kept(at)],
            ExprKind::This => self.this(self.program.this_function(self.program.function_at(at)), field),
            ExprKind::Parameter { function, index, .. } => {
                self.parameter(FunctionRef { module: at.module, function: *function }, *index, field)
            }
            ExprKind::ElementOf(source) | ExprKind::KeyOf(source) => vec![self.iterated(at, near(*source))],
            ExprKind::Index { object, index } => self.index(near(*object), near(*index), field),
            ExprKind::Member { object, .. } => self.member(at, near(*object), field),
            ExprKind::Call { .. } => self.call(at, field),
            ExprKind::New { .. } => self.construction(at),
            ExprKind::Object(properties) => {
                let wanted = |key: &PropertyKey| match (field, key) {
                    (Some(field), PropertyKey::Named(name)) => self.program.name(at.module, *name) == field,
                    _ => false,
                };
                match properties.iter().find(|property| wanted(&property.key)) {
                    Some(property) => self.of(near(property.value), None),
                    None if field.is_some() => Vec::new(),
                    None => {
                        let values = properties.iter().map(|property| near(property.value));
                        self.parts(values.collect(), at)
                    }
                }
            }
            ExprKind::Array(items) => self.parts(items.iter().map(|item| near(item.value)).collect(), at),
            ExprKind::Function(_) if self.speaker.is_some() => vec![Provenance::Own(self.program.function_at(at))],
            ExprKind::Nullish | ExprKind::String(_) | ExprKind::Number(_) | ExprKind::Bool(_) => Vec::new(),
            _ => vec![Provenance::Unknown],
        }
    }

    fn kept(&self, source: ExprRef) -> Provenance {
        Provenance::Picked(Picked { source, many: false, key: Key::None })
    }

    fn each(&self, source: ExprRef) -> Provenance {
        Provenance::Picked(Picked { source, many: true, key: Key::None })
    }

    /// What a loop goes through: all of a table, or the library's iterable of the connections that come.
    fn iterated(&self, at: ExprRef, source: ExprRef) -> Provenance {
        match loop_trigger(self.program, source) {
            Some((_, trigger)) if trigger.own == Own::Parameter(0) => Provenance::Own(self.program.function_at(at)),
            _ => self.each(source),
        }
    }

    /// A literal or new object is what the connections in it are.
    fn parts(&mut self, parts: Vec<ExprRef>, at: ExprRef) -> Vec<Provenance> {
        let carrying: Vec<ExprRef> = parts.into_iter().filter(|&part| self.carries(part)).collect();
        if carrying.is_empty() {
            return vec![self.kept(at)];
        }
        carrying.into_iter().flat_map(|part| self.of(part, None)).collect()
    }

    /// A variable is what is assigned to it, unless a handler keeps its own connection in a variable outside.
    fn variable(&mut self, binding: BindingRef, at: ExprRef, field: Option<&str>) -> Vec<Provenance> {
        let facts = self.program.flow.facts(binding.module).binding(binding.binding);
        if facts.kind == BindingKind::Import {
            return vec![self.kept(at)];
        }
        let home = FunctionRef { module: binding.module, function: facts.function };
        let assigned: Vec<ExprRef> = self
            .program
            .assigns(binding)
            .map(|assign| ExprRef { module: binding.module, expr: assign.value })
            .collect();
        let mut found = Vec::new();
        for value in assigned {
            found.extend(self.of(value, field));
        }
        if let Some(field) = field {
            found.extend(self.stored_in(binding, field));
        }
        for each in &mut found {
            let inner = match each {
                Provenance::Own(function) | Provenance::This(function) => *function,
                Provenance::Parameter { function, .. } => *function,
                _ => continue,
            };
            let outlives = inner != home && self.program.within(inner, home);
            if outlives {
                *each = self.kept(at);
            }
        }
        found
    }

    /// What is stored in a field of a local object: `const client = {}; client.ws = ws`.
    fn stored_in(&mut self, binding: BindingRef, field: &str) -> Vec<Provenance> {
        let facts = self.program.flow.facts(binding.module);
        let values: Vec<ExprRef> = facts
            .stores
            .iter()
            .filter(|store| {
                let on_binding = store.object.is_some_and(
                    |object| matches!(facts.expr(object).kind, ExprKind::Binding(each) if each == binding.binding),
                );
                on_binding && matches!(store.key, StoreKey::Named(name) if facts.name(name) == field)
            })
            .map(|store| ExprRef { module: binding.module, expr: store.value })
            .collect();
        values.into_iter().flat_map(|value| self.of(value, None)).collect()
    }

    fn parameter(&mut self, function: FunctionRef, index: u32, field: Option<&str>) -> Vec<Provenance> {
        let edges: Vec<&CallEdge> = self.program.callers(function).collect();
        let mut found = Vec::new();
        for edge in edges {
            match &edge.kind {
                EdgeKind::Callback { .. } => found.extend(self.callback_parameter(edge, index, field)),
                EdgeKind::Override { trigger } => {
                    let own = trigger.as_ref().and_then(|trigger| trigger.own_parameter) == Some(index);
                    found.push(if own { Provenance::Own(function) } else { Provenance::Unknown });
                }
                EdgeKind::Event { .. } => found.extend(self.event_parameter(edge, index, field)),
                EdgeKind::Continuation => {
                    let source = self.program.receiver(edge.site);
                    found.extend(source.map(|source| self.of(source, field)).unwrap_or_default());
                }
                EdgeKind::External => found.push(Provenance::Unknown),
                EdgeKind::Direct | EdgeKind::Super if self.is_loop_callback(edge) => {
                    found.extend(self.handed(edge.site, index, field));
                }
                EdgeKind::Direct | EdgeKind::Super => {
                    found.push(Provenance::Parameter { function, index, field: field.map(Box::from) });
                }
            }
        }
        if found.is_empty() {
            found.push(Provenance::Unknown);
        }
        found
    }

    /// Whether an edge calls back a function that was written as an argument of a call to the edge's caller
    /// (`everyClient(client => …)`): then the helper picks, and the callback delivers.
    fn is_loop_callback(&self, edge: &CallEdge) -> bool {
        let Some(callee) = self.program.callee(edge.site) else { return false };
        let Some(binding) = self.program.binding(callee) else { return false };
        let facts = self.program.flow.facts(binding.module);
        facts.binding(binding.binding).kind == BindingKind::Parameter
            && self.program.function(edge.callee).value.is_some()
    }

    fn callback_parameter(&mut self, edge: &CallEdge, index: u32, field: Option<&str>) -> Vec<Provenance> {
        let Some((api_use, callback)) = self.program.callback(edge) else { return Vec::new() };
        if let Some(trigger) = &callback.trigger
            && trigger.own == Own::Parameter(index)
        {
            return vec![Provenance::Own(edge.callee)];
        }
        let Some(places) = callback.parameters.get(index as usize) else { return vec![Provenance::Unknown] };
        let mut found = Vec::new();
        for place in places {
            found.extend(match (&place.base, place.path.is_empty()) {
                (Base::Fresh(ty), _) if matches!(self.program.type_role(*ty), Role::Connection(_)) => {
                    // An endpoint is asked for its connections: `server.forEach(client => …)`, `server.find(id, client => …)`.
                    let asked = callback.trigger.is_none().then(|| self.program.receiver(api_use.site)).flatten();
                    let is_table = api_use.receiver.is_some_and(|receiver| is_table(self.program, receiver));
                    let looked_up = !matches!(
                        callback.function.as_ref().map(|place| &place.base),
                        None | Some(Base::Argument(0))
                    );
                    match asked.filter(|_| is_table) {
                        Some(source) if looked_up => self.looked_up(source, self.program.argument(api_use.site, 0)),
                        Some(source) => vec![self.each(source)],
                        None => vec![Provenance::Own(edge.callee)],
                    }
                }
                _ => self.place(api_use, place, field),
            });
        }
        if found.is_empty() {
            found.push(Provenance::Unknown);
        }
        found
    }

    /// A listener's parameter is what the emission passes after the event's name.
    fn event_parameter(&mut self, edge: &CallEdge, index: u32, field: Option<&str>) -> Vec<Provenance> {
        let emission = self.program.operations_at(edge.site).find_map(|(_, operation)| operation.emit.as_ref());
        let offset = match emission {
            Some(EventName::Argument(event)) => event + 1,
            _ => 0,
        };
        self.argument(edge.site, index + offset, field)
    }

    /// Where the n-th argument that a call hands to a project's function comes from.
    fn handed(&mut self, site: ExprRef, index: u32, field: Option<&str>) -> Vec<Provenance> {
        match self.program.handed(site, index) {
            Handed::This(argument) => self.of(argument, field),
            Handed::Nothing => Vec::new(),
            Handed::Unknown => vec![Provenance::Unknown],
        }
    }

    /// Where the n-th argument of a call comes from. A missing argument is nothing; one behind a spread is unknown.
    fn argument(&mut self, site: ExprRef, index: u32, field: Option<&str>) -> Vec<Provenance> {
        match self.program.argument(site, index) {
            Some(argument) => self.of(argument, field),
            None if self.program.arguments(site).iter().any(|each| each.spread) => vec![Provenance::Unknown],
            None => Vec::new(),
        }
    }

    /// A place of a library's operation.
    fn place(&mut self, api_use: &ApiUse, place: &Place, field: Option<&str>) -> Vec<Provenance> {
        let base = match place.base {
            Base::This => self.program.receiver(api_use.site),
            Base::Argument(index) => self.program.argument(api_use.site, index),
            _ => None,
        };
        let Some(base) = base else { return vec![Provenance::Unknown] };
        match place.path.first() {
            None => self.of(base, field),
            Some(Step::Field(name)) => self.of(base, Some(name)),
            Some(Step::KeyedBy(key)) => self.looked_up(base, self.program.argument(api_use.site, *key)),
            Some(_) => self.looked_up_or_each(base, api_use),
        }
    }

    /// `map.get(key)` looks up; `array.find(test)` looks up; `array.forEach(f)` and `array.pop()` go by position.
    fn looked_up_or_each(&mut self, source: ExprRef, api_use: &ApiUse) -> Vec<Provenance> {
        let Some(operation) = self.program.flow.operation(api_use) else { return vec![self.each(source)] };
        if let Some(Base::Argument(key)) =
            operation.state.as_ref().and_then(|state| state.key.as_ref()).map(|key| &key.base)
        {
            return self.looked_up(source, self.program.argument(api_use.site, *key));
        }
        match test_key(self.program, api_use, operation) {
            Some(key) => self.looked_up(source, Some(key)),
            None => {
                let gives_one = operation.returns.iter().any(|place| place.path.last() == Some(&Step::Element));
                let many = !gives_one || operation.callbacks.is_empty();
                vec![Provenance::Picked(Picked { source, many, key: Key::None })]
            }
        }
    }

    /// An entry of a table under a key: the handler's own one if the key is the own connection or its id.
    fn looked_up(&mut self, source: ExprRef, key: Option<ExprRef>) -> Vec<Provenance> {
        let Some(key) = key else { return vec![self.kept(source)] };
        let found = self.of(key, None);
        let own: Vec<Provenance> =
            found.iter().filter(|each| matches!(each, Provenance::Own(_))).cloned().collect();
        if !own.is_empty() && own.len() == found.len() {
            return own;
        }
        let many = found.iter().any(|each| matches!(each, Provenance::Picked(Picked { many: true, .. })));
        let key = match found.as_slice() {
            [Provenance::Parameter { function, index, .. }] => Key::Parameter(*function, *index),
            _ => Key::Other(key),
        };
        vec![Provenance::Picked(Picked { source, many, key })]
    }

    fn index(&mut self, object: ExprRef, index: ExprRef, field: Option<&str>) -> Vec<Provenance> {
        // `[key, value]` pairs and destructured arrays: the pair's own provenance.
        if let ExprKind::Number(position) = self.program.expr(index).kind {
            let found = self.of(object, field);
            // `pair[1]` of an object that the library's rules describe is part of it.
            if has_property(self.program, object, self.program.name(index.module, position)) {
                return found;
            }
            if found.iter().any(|each| matches!(each, Provenance::Picked(_))) {
                return found;
            }
            return vec![self.kept(object)];
        }
        self.looked_up(object, Some(index))
    }

    fn member(&mut self, at: ExprRef, object: ExprRef, _field: Option<&str>) -> Vec<Provenance> {
        let program = self.program;
        if let Some(found) = self.library_property(at, object) {
            return found;
        }
        let property = program.property(at).unwrap_or_default();
        if self.is_same_kind(at, object) {
            return vec![self.kept(at)];
        }
        if matches!(program.expr(program.peel(object)).kind, ExprKind::This) {
            return self.own_field(at, property);
        }
        let found = self.of(object, Some(property));
        if found.is_empty() { vec![self.kept(at)] } else { found }
    }

    /// A property that the library's rules describe: `connection.socket`, `wss.clients`.
    fn library_property(&mut self, at: ExprRef, object: ExprRef) -> Option<Vec<Provenance>> {
        let api_use =
            self.program.flow.uses_at(at).iter().find(|each| matches!(each.member, Member::Property(_)))?;
        let receiver = api_use.receiver?;
        Some(match self.program.role(receiver) {
            Role::Endpoint(_) | Role::Container => vec![self.kept(at)],
            _ => self.of(object, None),
        })
    }

    /// A connection that hangs on a connection, or a wrapper on a wrapper of its own class, is another one.
    fn is_same_kind(&self, at: ExprRef, object: ExprRef) -> bool {
        let flow = self.program.flow;
        let both_connections = |values: &[crate::flow::ValueId]| {
            values.iter().any(|&value| self.program.connection(value).is_some_and(|role| !role.kept_only))
        };
        let (inner, outer) = (flow.values(at), flow.values(object));
        if both_connections(inner) && both_connections(outer) {
            return true;
        }
        outer.iter().any(|value| matches!(flow.value(*value), AbstractValue::Instance(_)) && inner.contains(value))
    }

    fn call(&mut self, at: ExprRef, field: Option<&str>) -> Vec<Provenance> {
        let program = self.program;
        let edges: Vec<&CallEdge> =
            program.flow.calls.at_site(at).filter(|edge| edge.kind == EdgeKind::Direct).collect();
        let mut found = Vec::new();
        for edge in edges {
            let returns = program.function(edge.callee).returns.clone();
            for result in returns {
                let result = ExprRef { module: edge.callee.module, expr: result };
                for each in self.of(result, field) {
                    found.extend(self.seen_by_caller(each, edge));
                }
            }
        }
        for (api_use, operation) in program.operations_at(at) {
            for place in &operation.returns {
                found.extend(match &place.base {
                    Base::Fresh(_) => self.made(at, api_use),
                    _ => self.place(api_use, place, field),
                });
            }
        }
        if found.is_empty() {
            found.push(Provenance::Unknown);
        }
        found
    }

    /// What an operation hands out: from a table it is another's, from a request it is one's own.
    fn made(&mut self, at: ExprRef, api_use: &ApiUse) -> Vec<Provenance> {
        let program = self.program;
        let from_table = api_use.receiver.is_some_and(|receiver| is_table(self.program, receiver));
        match (from_table, program.receiver(at)) {
            (true, Some(source)) => match program.argument(at, 0) {
                Some(key) => self.looked_up(source, Some(key)),
                None => vec![self.kept(source)],
            },
            _ => vec![Provenance::Own(program.function_at(at))],
        }
    }

    /// Translates what a function returns into its caller's terms.
    fn seen_by_caller(&mut self, found: Provenance, edge: &CallEdge) -> Vec<Provenance> {
        match found {
            Provenance::Parameter { function, index, field } if function == edge.callee => {
                self.handed(edge.site, index, field.as_deref())
            }
            Provenance::This(function) if function == edge.callee => self.this_at(edge),
            Provenance::Picked(picked) => match picked.key {
                Key::Parameter(function, index) if function == edge.callee => {
                    match self.program.handed(edge.site, index).expr() {
                        Some(key) => self.looked_up(picked.source, Some(key)),
                        None => vec![Provenance::Picked(Picked { key: Key::None, ..picked })],
                    }
                }
                _ => vec![Provenance::Picked(picked)],
            },
            other => vec![other],
        }
    }
}

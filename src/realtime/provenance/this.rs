//! Where `this` comes from: what callers pass, what a library binds, and what a constructor was given.

use super::{Provenance, Query};
use crate::facts::{ExprKind, FunctionId, StoreKey};
use crate::flow::{AbstractValue, CallEdge, ClassRef, EdgeKind, ExprRef, FunctionRef, ValueId};
use crate::realtime::objects::is_plain;
use crate::rules::Own;

impl Query<'_, '_> {
    /// `this.socket`: part of `this` where the constructor was given it, else a place where one is kept.
    pub(super) fn own_field(&mut self, at: ExprRef, property: &str) -> Vec<Provenance> {
        let program = self.program;
        let function = program.this_function(program.function_at(at));
        let facts = program.flow.facts(at.module);
        let Some(class) = program.function(function).class else {
            return self.this(function, Some(property));
        };
        let class = ClassRef { module: at.module, class };
        let mut given = false;
        let mut kept = false;
        for store in &facts.stores {
            let in_class = store.object.is_some_and(|object| matches!(facts.expr(object).kind, ExprKind::This))
                && matches!(store.key, StoreKey::Named(name) if facts.name(name) == property);
            let owner = program.this_function(FunctionRef { module: at.module, function: store.function });
            if !in_class || program.function(owner).class != Some(class.class) {
                continue;
            }
            let value = program.peel(ExprRef { module: at.module, expr: store.value });
            if !self.carries(value) {
                continue;
            }
            match facts.class(class.class).constructor {
                Some(constructor) if constructor == owner.function => given = true,
                _ => kept = true,
            }
        }
        let collected = program.has_many_instances(class);
        let only_kept = kept && !given && !collected;
        if only_kept { vec![self.kept(at)] } else { self.this(function, None) }
    }

    /// Where the `this` of a function, or its field, comes from.
    pub(super) fn this(&mut self, function: FunctionRef, field: Option<&str>) -> Vec<Provenance> {
        if function.function == FunctionId::MODULE {
            return vec![Provenance::Unknown];
        }
        let edges: Vec<&CallEdge> = self.program.callers(function).collect();
        let mut found = Vec::new();
        for edge in edges {
            match &edge.kind {
                EdgeKind::Direct | EdgeKind::Super => found.push(Provenance::This(function)),
                EdgeKind::Override { .. } => found.push(Provenance::Own(function)),
                EdgeKind::Callback { .. } => {
                    let Some((api_use, callback)) = self.program.callback(edge) else { continue };
                    if let Some(bound) = self.bound_receiver(api_use.site, function) {
                        found.extend(self.of(bound, field));
                    } else if callback.trigger.as_ref().is_some_and(|trigger| trigger.own == Own::This) {
                        found.push(Provenance::Own(function));
                    } else {
                        for place in &callback.this {
                            found.extend(self.place(api_use, place, field));
                        }
                    }
                }
                EdgeKind::Event { .. } => found.extend(self.this_at(edge)),
                EdgeKind::Continuation | EdgeKind::External => found.push(Provenance::Unknown),
            }
        }
        if found.is_empty() {
            found.push(Provenance::Unknown);
        }
        found
    }

    /// The object that `f.bind(object)` among the arguments of a registration fixes as `this` of `function`.
    fn bound_receiver(&self, site: ExprRef, function: FunctionRef) -> Option<ExprRef> {
        let flow = self.program.flow;
        self.program.arguments(site).iter().find_map(|argument| {
            let at = ExprRef { module: site.module, expr: argument.value };
            flow.values(at).iter().find_map(|&value| {
                let AbstractValue::Bound(target, bind) = flow.value(value) else { return None };
                let is_target = *flow.value(*target) == AbstractValue::Function(function);
                is_target.then(|| self.program.argument(*bind, 0)).flatten()
            })
        })
    }

    /// Where the `this` that an edge passes comes from.
    pub(super) fn this_at(&mut self, edge: &CallEdge) -> Vec<Provenance> {
        let program = self.program;
        if let EdgeKind::Event { listen } = edge.kind {
            let Some(registration) = program.flow.uses.get(listen as usize) else { return Vec::new() };
            let object =
                self.bound_receiver(registration.site, edge.callee).or_else(|| program.receiver(registration.site));
            return object.map(|object| self.of(object, None)).unwrap_or_default();
        }
        if matches!(program.expr(edge.site).kind, ExprKind::New { .. }) {
            return self.construction(edge.site);
        }
        if edge.kind == EdgeKind::Super {
            return vec![Provenance::This(program.this_function(edge.caller))];
        }
        let Some(object) = program.receiver(edge.site) else { return vec![Provenance::Unknown] };
        // `f.call(object, …)`: the object is the first argument.
        let is_function = |value: &ValueId| matches!(program.flow.value(*value), AbstractValue::Function(_));
        if program.flow.values(object).iter().any(is_function) {
            return self.argument(edge.site, 0, None);
        }
        if matches!(program.expr(object).kind, ExprKind::Super) {
            return vec![Provenance::This(program.this_function(edge.caller))];
        }
        self.of(object, None)
    }

    /// `new Wrapper(socket)` is what the socket is; `new Socket()` is one's own.
    pub(super) fn construction(&mut self, at: ExprRef) -> Vec<Provenance> {
        let program = self.program;
        if program.flow.values(at).iter().any(|&value| program.connection(value).is_some()) {
            return vec![Provenance::Own(program.function_at(at))];
        }
        let arguments: Vec<ExprRef> =
            program.arguments(at).iter().map(|argument| program.at(at, argument.value)).collect();
        if arguments.is_empty() && program.flow.values(at).iter().any(|&value| is_plain(program, value)) {
            return vec![Provenance::Own(program.function_at(at))];
        }
        self.parts(arguments, at)
    }
}

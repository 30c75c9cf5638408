//! Fills types with members and roles.

use super::{Body, Compiler, Lineage, Waiting};
use crate::rules::model::*;
use crate::rules::place::named_step;
use crate::rules::schema::{
    AdapterMechanismWord, AdapterShape, BrokerShape, CallbackShape, DecoratorShape, DistributedShape, IteratesWord,
    Many, MechanismWord, OperationShape, PropertyShape, ReachWord, StoreClassWord, TypeShape, Word,
};
use crate::rules::table::OperationRow;
use crate::rules::wiring::{ConventionalFiles, DecoratedListener, Decorator};
use ignore::gitignore::GitignoreBuilder;
use std::collections::BTreeMap;

impl<'a> Compiler<'a> {
    /// Fills every type; class objects that turn up on the way are filled too.
    pub(super) fn fill_everything(&mut self) {
        let mut next = 0;
        while next < self.bodies.len() {
            let Waiting { ty, file, span, body } = self.bodies[next].clone();
            self.here = span;
            match body {
                Body::Written(shape) => self.fill(ty, file, shape),
                Body::Class { instance, written } => self.fill_class(ty, file, instance, written),
            }
            next += 1;
        }
    }

    /// Compiles the patterns of files that frameworks load by their place.
    pub(super) fn place_files(&mut self) {
        for (index, file) in self.files.iter().enumerate() {
            for written in &file.shape.files {
                let mut patterns = GitignoreBuilder::new("");
                for pattern in &written.paths.0 {
                    if let Err(error) = patterns.add_line(None, &format!("/{}", pattern.text)) {
                        self.fault_at(index, pattern, error.to_string(), "write it as in `.gitignore`");
                    }
                }
                let (Ok(paths), Some(exports)) = (patterns.build(), self.reference(index, &written.exports)) else {
                    continue;
                };
                self.families[index].files.push(ConventionalFiles { paths, exports });
            }
        }
    }

    /// Fills a type with what is written.
    fn fill(&mut self, ty: TypeId, file: usize, shape: &'a TypeShape) {
        let at = At { ty, file };
        if let Some(extends) = &shape.extends {
            self.take_members(at, extends, false);
        }
        for mixin in &shape.mixins.0 {
            self.take_members(at, mixin, true);
        }
        let call = self.operations(at, "call", &shape.call);
        let construct = self.operations(at, "construct", &shape.construct);
        let any_method = self.operations(at, "any-method", &shape.any_method);
        let methods = self.members(at, "methods", &shape.methods, |compiler, member, written| {
            compiler.operations(at, member, written)
        });
        let properties = self.members(at, "properties", &shape.properties, |compiler, member, written| {
            compiler.property(at, member, &written.0)
        });
        let overrides = self.members(at, "overrides", &shape.overrides, |compiler, _, written| {
            compiler.provided_callback(at, written)
        });
        let any_property = shape.any_property.as_ref().map(|written| self.property(at, "any-property", &written.0));
        let role = self.role(at, shape);
        let instance = shape.instance.as_ref().and_then(|name| self.reference(file, name));
        let element = shape.element.as_ref().and_then(|name| self.reference(file, name));
        let decorator = shape.decorator.as_ref().map(|decorator| self.decorator(at, decorator));
        let filled = &mut self.types[ty.0 as usize];
        (filled.call, filled.construct, filled.any_method) = (call, construct, any_method);
        (filled.methods, filled.properties, filled.overrides) = (methods, properties, overrides);
        (filled.any_property, filled.role, filled.decorator) = (any_property, role, decorator);
        (filled.instance, filled.element) = (instance, element);
        filled.names = shape.names.iter().map(|name| name.text.clone()).collect();
        filled.type_arguments = shape.type_arguments.iter().map(|word| named_step(&word.text)).collect();
        filled.shared_fields = shape.shared_fields;
        filled.iterates = match shape.iterates {
            IteratesWord::Elements => Iterates::Elements,
            IteratesWord::Entries => Iterates::Entries,
        };
    }

    /// Fills a class object: what is written, and that calling and constructing it give an instance.
    fn fill_class(&mut self, ty: TypeId, file: usize, instance: TypeId, written: Option<&'a TypeShape>) {
        if let Some(written) = written {
            self.fill(ty, file, written);
        }
        let at = At { ty, file };
        let implied = |compiler: &mut Self, member: &str| Operation {
            id: compiler.identify(at, member, 0, true),
            returns: vec![Place { base: Base::Fresh(instance), path: Vec::new() }],
            ..Operation::default()
        };
        if self.types[ty.0 as usize].construct.is_empty() {
            let construct = implied(self, "construct");
            self.types[ty.0 as usize].construct = vec![construct];
        }
        if self.types[ty.0 as usize].call.is_empty() {
            let is_written = written.is_some_and(|written| !written.construct.0.is_empty());
            let call =
                if is_written { self.types[ty.0 as usize].construct.clone() } else { vec![implied(self, "call")] };
            self.types[ty.0 as usize].call = call;
        }
        self.types[ty.0 as usize].instance.get_or_insert(instance);
    }

    fn take_members(&mut self, at: At, name: &Word, mixin: bool) {
        if let Some(to) = self.reference(at.file, name) {
            self.lineage.push(Lineage { from: at.ty, to, file: at.file, span: name.span.clone(), mixin });
        }
    }

    /// Compiles members; `"a|b"` stands for two.
    fn members<W, T: Clone>(
        &mut self,
        at: At,
        what: &str,
        written: &'a BTreeMap<Word, W>,
        compile: impl Fn(&mut Self, &str, &'a W) -> T,
    ) -> BTreeMap<String, T> {
        let mut members = BTreeMap::new();
        let around = self.here.clone();
        for (names, value) in written {
            self.here = names.span.clone();
            let compiled = compile(self, &format!("{what}.{}", names.text), value);
            for name in names.text.split('|').map(str::trim) {
                if name.is_empty() {
                    self.fault_at(at.file, names, "a name is missing", "write one name, or several as \"a|b\"");
                } else if members.insert(name.to_owned(), compiled.clone()).is_some() {
                    self.fault_at(at.file, names, format!("`{name}` is listed twice"), "remove one");
                }
            }
        }
        self.here = around;
        members
    }

    /// Compiles alternatives of a member.
    fn operations(&mut self, at: At, member: &str, written: &'a Many<OperationShape>) -> Vec<Operation> {
        let operations = written.0.iter().enumerate();
        operations.map(|(index, operation)| self.operation(at, member, index, operation)).collect()
    }

    /// Compiles one operation and gives it its identity.
    fn operation(&mut self, at: At, member: &str, index: usize, written: &'a OperationShape) -> Operation {
        let id = self.identify(at, member, index, false);
        let faults = self.faults.len();
        let mut operation = self.compile_operation(at.file, written);
        operation.id = id;
        if does_nothing(&operation) && self.faults.len() == faults {
            let name = self.type_name(at.ty).to_owned();
            let message = format!("{name}: operation {index} of `{member}` does nothing");
            self.fault(at.file, self.here.clone(), message, "say what it does, or leave it out");
        }
        operation
    }

    /// Enters an operation into the list of all.
    fn identify(&mut self, at: At, member: &str, index: usize, implied: bool) -> OperationId {
        let id = OperationId(self.operations.len() as u32);
        self.operations.push(OperationRow {
            family: self.files[at.file].source.family.clone(),
            ty: self.type_name(at.ty).to_owned(),
            member: member.to_owned(),
            index: index as u32,
            implied,
        });
        id
    }

    /// Compiles what reading a property gives.
    fn property(&mut self, at: At, member: &str, written: &'a PropertyShape) -> Property {
        // Where only assigning to it means something, reading it is no operation of its own.
        let only_assigned = written.on_assign.is_some() && written.returns.0.is_empty() && written.class.is_none();
        let id = self.identify(at, member, 0, only_assigned);
        let faults = self.faults.len();
        let mut returns: Vec<Place> =
            written.returns.0.iter().filter_map(|word| self.read_place(at.file, word)).collect();
        if let Some(class) = written.class.as_ref().and_then(|name| self.class_of(at.file, name)) {
            returns.push(Place { base: Base::Fresh(class), path: Vec::new() });
        }
        let assigned = written.on_assign.as_deref();
        let on_assign = assigned.map(|operation| self.operation(at, &format!("{member}.on-assign"), 0, operation));
        let property = Property {
            id,
            returns,
            address: written.address.as_ref().map(|address| (&address.0).into()),
            local: written.local,
            state: written.state.map(StateVerb::from),
            local_read: written.local_read.map(|word| word.text().to_owned()),
            versions: written.versions.as_ref().map(|word| self.version_range(at.file, word)),
            advisory: written.advisory.as_ref().map(|advisory| (advisory.code.clone(), advisory.message.clone())),
            on_assign: on_assign.map(Box::new),
        };
        let says_nothing = property.returns.is_empty()
            && property.address.is_none()
            && !property.local
            && (property.state.is_none() && property.local_read.is_none() && property.on_assign.is_none());
        if says_nothing && self.faults.len() == faults {
            let message = format!("{}: `{member}` says nothing", self.type_name(at.ty));
            self.fault(at.file, self.here.clone(), message, "say what reading it gives, or leave it out");
        }
        property
    }

    /// A place that reading a property can give.
    fn read_place(&mut self, file: usize, word: &Word) -> Option<Place> {
        let place = self.place(file, word)?;
        if !matches!(place.base, Base::This | Base::Origin | Base::Fresh(_) | Base::Unknown) {
            let message = format!("reading a property has no `{}`", word.text);
            self.fault_at(file, word, message, "start at `this`, `origin`, `unknown` or a type");
        }
        Some(place)
    }

    /// Compiles a callback whose function is known: an override or a decorated method.
    fn provided_callback(&mut self, at: At, written: &'a CallbackShape) -> Callback {
        if let Some(function) = &written.function {
            self.fault_at(at.file, function, "the function is the method itself", "remove `function`");
        }
        self.callback(at.file, written)
    }

    fn decorator(&mut self, at: At, written: &'a DecoratorShape) -> Decorator {
        let class = written.class.as_ref().and_then(|name| self.reference(at.file, name));
        let mut types = |names: &Many<Word>| -> Vec<TypeId> {
            names.0.iter().filter_map(|name| self.reference(at.file, name)).collect()
        };
        let (property, parameter) = (types(&written.property), types(&written.parameter));
        let method = written.method.as_ref().map(|callback| self.provided_callback(at, callback));
        let listen = written.listen.as_ref().and_then(|listen| {
            Some(DecoratedListener { on: self.reference(at.file, &listen.on)?, event: listen.event })
        });
        let (hides_parameter, inject) = (written.hides_parameter, written.inject);
        Decorator { class, property, parameter, hides_parameter, method, inject, listen }
    }

    /// The one role of a type.
    fn role(&mut self, at: At, shape: &'a TypeShape) -> Role {
        let mut roles = Vec::new();
        if let Some(endpoint) = &shape.endpoint {
            roles.push(Role::Endpoint(EndpointRole {
                transport: endpoint.transport.clone(),
                rooms: endpoint.rooms,
                child: endpoint.child,
                distributed: endpoint.distributed.as_ref().map(Distributed::from),
                adapter_installed: endpoint.adapter_installed,
            }));
        }
        if let Some(connection) = &shape.connection {
            roles.push(Role::Connection(ConnectionRole {
                transport: connection.transport.clone(),
                remote: connection.remote,
                kept_only: connection.kept_only,
            }));
        }
        roles.extend(shape.adapter.as_ref().map(|adapter| self.adapter_role(at, adapter)));
        roles.extend(shape.broker.as_ref().map(|broker| self.broker_role(at, broker)));
        roles.extend(shape.emitter.then_some(Role::Emitter));
        roles.extend(shape.container.then_some(Role::Container));
        if let Some(database) = &shape.database {
            let class = match database.class {
                StoreClassWord::Shared => "shared",
                StoreClassWord::LocalDisk => "local-disk",
                StoreClassWord::InProcess => "in-process",
            };
            let backend = database.backend.clone();
            let schema = database
                .schema
                .as_ref()
                .map(|schema| DatabaseSchema { ending: schema.ending.clone(), local: schema.local.clone() });
            roles.push(Role::Database(DatabaseRole { backend, class: class.to_owned(), schema }));
        }
        if roles.len() > 1 {
            let message = format!("{} has {} roles", self.type_name(at.ty), roles.len());
            self.fault(at.file, self.here.clone(), message, "a type has one role; give each its own type");
        }
        roles.into_iter().next().unwrap_or_default()
    }

    fn adapter_role(&mut self, at: At, written: &AdapterShape) -> Role {
        let reach = match written.reach {
            ReachWord::Cluster => "cluster",
            ReachWord::Host => "host",
            ReachWord::Process => "process",
        };
        match (&written.backend, written.reach) {
            (None, ReachWord::Cluster) => {
                self.fault(at.file, self.here.clone(), "a cluster adapter has a backend", "add `backend = \"…\"`");
            }
            (Some(backend), ReachWord::Host | ReachWord::Process) => {
                self.fault_at(at.file, backend, format!("{reach} reach has no backend"), "remove `backend`");
            }
            _ => {}
        }
        let backend = written.backend.as_ref().map(|backend| backend.text.clone());
        let mechanism = match written.mechanism {
            AdapterMechanismWord::Adapter => "adapter",
            AdapterMechanismWord::Managed => "managed",
            AdapterMechanismWord::Engine => "engine",
        };
        let protocol = written.protocol.clone().or_else(|| backend.clone());
        let needs_hub = written.needs_hub;
        Role::Adapter(AdapterRole {
            mechanism: mechanism.to_owned(),
            reach: reach.to_owned(),
            backend,
            protocol,
            needs_hub,
        })
    }

    fn broker_role(&mut self, at: At, written: &BrokerShape) -> Role {
        let mut range = |word: &Option<Word>| word.as_ref().map(|word| self.version_range(at.file, word));
        Role::Broker(BrokerRole {
            backend: written.backend.clone(),
            host_only: written.reach == ReachWord::Host,
            process_only: written.reach == ReachWord::Process,
            connect_since: range(&written.connect_since),
            separate_clients: range(&written.separate_clients),
            mock: written.mock,
        })
    }
}

/// The type that is being filled, and its file.
#[derive(Clone, Copy)]
pub(super) struct At {
    /// The type.
    pub(super) ty: TypeId,
    /// The file.
    pub(super) file: usize,
}

impl From<&DistributedShape> for Distributed {
    fn from(written: &DistributedShape) -> Self {
        let mechanism = match written.mechanism {
            MechanismWord::Managed => "managed",
            MechanismWord::Engine => "engine",
            MechanismWord::Emitter => "emitter",
        };
        let protocol = written.protocol.as_ref().unwrap_or(&written.backend).clone();
        Distributed { mechanism: mechanism.to_owned(), backend: written.backend.clone(), protocol }
    }
}

/// Whether an operation has no effect but its conditions.
fn does_nothing(operation: &Operation) -> bool {
    let Operation {
        id: _,
        when: _,
        returns,
        flows,
        callbacks,
        address,
        local,
        deliver,
        attach,
        install,
        clients,
        connect,
        publish,
        subscribe,
        competing,
        listen,
        emit,
        narrows,
        streams,
        loops,
        membership,
        close,
        state,
        local_read,
        accepts,
        hub,
        fork,
        fork_file,
        provide,
        advisory,
    } = operation;
    returns.is_empty()
        && flows.is_empty()
        && callbacks.is_empty()
        && clients.is_empty()
        && !(*local || *connect || *competing || *close || *fork || *hub || *narrows)
        && (streams.is_none() && loops.is_none())
        && (address.is_none() && deliver.is_none() && attach.is_none() && install.is_none())
        && (publish.is_none() && subscribe.is_none() && listen.is_none() && emit.is_none())
        && (provide.is_none()
            && fork_file.is_none()
            && accepts.is_none()
            && membership.is_none()
            && state.is_none()
            && local_read.is_none()
            && advisory.is_none())
}

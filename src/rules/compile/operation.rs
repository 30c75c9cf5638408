//! Compiles operations, conditions, callbacks and places.

use super::Compiler;
use crate::rules::model::*;
use crate::rules::place::{self, WrittenBase};
use crate::rules::schema::{
    AddressShape, ArgumentKindWord, CallbackShape, ChannelShape, ConditionShape, DeliverShape, DeliverWord,
    HostsShape, IndexOrText, Many, OperationShape, ProvideShape, ScopeWord, StateShape, StateVerbWord,
    TriggerShape, TriggerWord, Word,
};
use crate::rules::wiring::Provide;
use crate::source::suggestion;

impl<'a> Compiler<'a> {
    /// Compiles an operation, all but its identity.
    pub(super) fn compile_operation(&mut self, file: usize, written: &'a OperationShape) -> Operation {
        let event_name = |event: Option<u32>| event.map_or(EventName::Single, EventName::Argument);
        Operation {
            id: OperationId::default(),
            when: written.when.0.iter().flat_map(|condition| self.condition(file, condition)).collect(),
            returns: self.places(file, &written.returns),
            flows: written.flows.0.iter().filter_map(|flow| self.flow(file, flow)).collect(),
            callbacks: {
                let own = written.callback.0.iter().map(|callback| self.called_back(file, callback));
                let mut callbacks: Vec<Callback> = own.collect();
                callbacks.extend(written.hosts.as_ref().into_iter().flat_map(|hosts| self.hosted(file, hosts)));
                callbacks
            },
            address: written.address.as_ref().map(|address| (&address.0).into()),
            local: written.local,
            deliver: written.deliver.as_ref().map(|deliver| (&deliver.0).into()),
            attach: written.attach.as_ref().and_then(|attach| {
                let adapter = self.place(file, &attach.adapter)?;
                let this = Place { base: Base::This, path: Vec::new() };
                let to = attach.to.as_ref().map_or(Some(this), |to| self.place(file, to))?;
                Some(Attach { adapter, to, early: attach.early })
            }),
            install: written.install.as_ref().and_then(|place| self.place(file, place)),
            clients: self.places(file, &written.clients),
            connect: written.connect,
            publish: written.publish.as_ref().map(|channel| self.channel(file, &channel.0)),
            subscribe: written.subscribe.as_ref().map(|channel| self.channel(file, &channel.0)),
            competing: written.competing,
            listen: written.listen.as_ref().map(|listen| Listen {
                event: event_name(listen.event),
                listener: listen.listener,
                field: listen.field.clone(),
                of: listen.of.as_ref().and_then(|of| self.place(file, of)),
            }),
            emit: written.emit.as_ref().map(|emit| event_name(emit.event)),
            narrows: written.narrows,
            streams: written.streams.as_ref().and_then(|streams| {
                Some(Streams { of: self.place(file, &streams.of)?, transport: streams.transport.clone() })
            }),
            loops: written.loops.as_ref().map(|trigger| self.trigger(file, &trigger.0)),
            membership: written
                .membership
                .as_ref()
                .map(|membership| Membership { room: membership.room, joins: membership.joins }),
            close: written.close,
            state: written.state.as_ref().map(|state| self.state(file, &state.0)),
            local_read: written.local_read.map(|word| word.text().to_owned()),
            accepts: written.accepts.as_ref().and_then(|place| self.place(file, place)),
            hub: written.hub,
            fork: written.fork,
            fork_file: written.fork_file.as_ref().and_then(|place| self.place(file, place)),
            provide: written.provide.as_ref().and_then(|provide| self.provide(file, provide)),
            advisory: written.advisory.as_ref().map(|advisory| (advisory.code.clone(), advisory.message.clone())),
        }
    }

    /// Compiles what a container is given.
    fn provide(&mut self, file: usize, written: &'a ProvideShape) -> Option<Provide> {
        let mut place = |word: &Option<Word>| word.as_ref().and_then(|word| self.place(file, word));
        let (value, class, existing, factory) =
            (place(&written.value), place(&written.class), place(&written.existing), place(&written.factory));
        Some(Provide { token: self.place(file, &written.token)?, value, class, existing, factory })
    }

    /// Compiles places; those that are wrong are left out, with a fault.
    pub(super) fn places(&mut self, file: usize, written: &Many<Word>) -> Vec<Place> {
        written.0.iter().filter_map(|word| self.place(file, word)).collect()
    }

    /// Compiles a place.
    pub(super) fn place(&mut self, file: usize, word: &Word) -> Option<Place> {
        let written = match place::parse(&word.text) {
            Ok(written) => written,
            Err(fault) => {
                self.place_fault(file, word, fault);
                return None;
            }
        };
        let base = match written.base {
            WrittenBase::This => Base::This,
            WrittenBase::Argument(index) => Base::Argument(index),
            WrittenBase::Arguments(from) => Base::Arguments(from),
            WrittenBase::Result => Base::Result,
            WrittenBase::CallbackResult(index) => Base::CallbackResult(index),
            WrittenBase::Origin => Base::Origin,
            WrittenBase::Site => Base::Site,
            WrittenBase::InstanceOf(index) => Base::InstanceOf(index),
            WrittenBase::Provided(index) => Base::Provided(index),
            WrittenBase::Unknown => Base::Unknown,
            WrittenBase::Type(reference) => Base::Fresh(self.resolve(file, word, &reference)?),
        };
        Some(Place { base, path: written.path })
    }

    fn flow(&mut self, file: usize, word: &Word) -> Option<(Place, Place)> {
        let Some(arrow) = word.text.find("->") else {
            self.fault_at(file, word, format!("`{}` is no flow", word.text), "write \"from -> to\"");
            return None;
        };
        let part = |compiler: &Self, from: usize, to: usize| {
            let untrimmed = &word.text[from..to];
            let start = from + untrimmed.len() - untrimmed.trim_start().len();
            let text = untrimmed.trim().to_owned();
            let span = compiler.inside(file, word, start..start + text.len());
            // A word's range includes its quotes; these stand in for them.
            Word { text, span: span.start.saturating_sub(1)..span.end + 1 }
        };
        let (from, to) = (part(self, 0, arrow), part(self, arrow + 2, word.text.len()));
        let (source, target) = (self.place(file, &from), self.place(file, &to));
        if target.as_ref().is_some_and(|target| !is_target(target)) {
            let help = "end at `this`, `result`, `site`, an argument, or a field of a type with `shared-fields`";
            self.fault_at(file, word, format!("nothing can flow to `{}`", to.text), help);
        }
        Some((source?, target?))
    }

    /// Compiles a condition table: all its keys.
    fn condition(&mut self, file: usize, written: &'a ConditionShape) -> Vec<Condition> {
        let constants = |words: &Many<Word>| words.0.iter().map(|word| word.text.clone()).collect::<Vec<_>>();
        let mut conditions = Vec::new();
        let mut place = None;
        if let Some(argument) = written.argument {
            conditions.extend(written.is.as_ref().map(|is| Condition::ArgumentIs(argument, constants(is))));
            conditions.extend(written.not.as_ref().map(|not| Condition::ArgumentIsNot(argument, constants(not))));
            conditions.extend(written.kind.map(|kind| Condition::ArgumentKind(argument, kind.into())));
            conditions.extend(written.absent.then_some(Condition::ArgumentAbsent(argument)));
            place = Some(Place { base: Base::Argument(argument), path: Vec::new() });
        } else if let Some(value) = written.value.as_ref().and_then(|word| self.argument_place(file, word)) {
            conditions.extend(written.is.as_ref().map(|is| Condition::ValueIs(value.clone(), constants(is))));
            conditions.extend(written.not.as_ref().map(|not| Condition::ValueIsNot(value.clone(), constants(not))));
            conditions.extend(written.absent.then(|| Condition::ValueAbsent(value.clone())));
            place = Some(value);
        }
        if let Some(place) = place {
            let starts_with = written.starts_with.as_ref();
            conditions.extend(written.present.then(|| Condition::ValuePresent(place.clone())));
            conditions.extend(written.constant.map(|is| Condition::ValueConstant(place.clone(), is)));
            conditions.extend(starts_with.map(|texts| Condition::ValueStartsWith(place.clone(), constants(texts))));
        }
        if let Some(word) = &written.version {
            let range = self.version_range(file, word);
            let package = written.package.as_ref().map(|package| package.text.clone());
            conditions.push(match package {
                Some(package) => Condition::PackageVersion(package, range),
                None => Condition::Version(range),
            });
        }
        self.check_condition(file, written, conditions.is_empty());
        conditions
    }

    /// Records keys of a condition that do not go together, and conditions that say nothing.
    fn check_condition(&mut self, file: usize, written: &ConditionShape, says_nothing: bool) {
        let looks = written.argument.is_some() || written.value.is_some();
        let asks = written.is.as_ref().or(written.not.as_ref()).or(written.starts_with.as_ref());
        let asks = asks.and_then(|words| words.0.first());
        let fault = match (&written.value, &written.package, asks) {
            (Some(value), _, _) if written.argument.is_some() => {
                (Some(value), "a condition looks at an `argument` or a `value`", "split it in two")
            }
            (Some(value), _, _) if written.kind.is_some() => {
                (Some(value), "only an `argument` has a `kind`", "use `argument`")
            }
            (_, Some(package), _) if written.version.is_none() => {
                (Some(package), "a condition on a package has a `version`", "add `version = \">=1\"`")
            }
            (_, _, Some(asked)) if !looks => {
                (Some(asked), "the condition does not say what it looks at", "add `argument = 0`")
            }
            (value, _, _) if says_nothing => {
                let help = "add `is`, `not`, `starts-with`, `constant`, `kind`, `absent`, `present` or `version`";
                (value.as_ref(), "the condition says nothing", help)
            }
            _ => return,
        };
        let (word, message, help) = fault;
        let span = word.map_or(self.here.clone(), |word| word.span.clone());
        self.fault(file, span, message, help);
    }

    fn argument_place(&mut self, file: usize, word: &Word) -> Option<Place> {
        let place = self.place(file, word)?;
        if !matches!(place.base, Base::Argument(_)) {
            self.fault_at(file, word, "a condition's `value` starts at an argument", "write `argument.0.name`");
        }
        Some(place)
    }

    /// Checks an npm range.
    pub(super) fn version_range(&mut self, file: usize, word: &Word) -> String {
        if let Err(error) = node_semver::Range::parse(&word.text) {
            self.fault_at(
                file,
                word,
                format!("`{}` is no npm range: {error}", word.text),
                "write for example \">=4 <6\"",
            );
        }
        word.text.clone()
    }

    /// Compiles a callback of a call, which must say which function it is.
    fn called_back(&mut self, file: usize, written: &'a CallbackShape) -> Callback {
        let callback = self.callback(file, written);
        if written.function.is_some() == written.all_from.is_some() {
            let span = written.function.as_ref().map_or(self.here.clone(), |word| word.span.clone());
            let message = "a callback says which function it is";
            self.fault(file, span, message, "write either `function = \"argument.0\"` or `all-from = 0`");
        }
        callback
    }

    /// The methods that the library calls on objects it is given: a callback for each.
    fn hosted(&mut self, file: usize, hosts: &HostsShape) -> Vec<Callback> {
        let types = &self.files[file].shape.types;
        let Some(shape) = types.iter().find(|(name, _)| name.text == hosts.ty.text).map(|(_, shape)| shape) else {
            let known = suggestion(&hosts.ty.text, types.keys().map(|name| name.text.as_str()));
            self.fault_at(file, &hosts.ty, format!("no type `{}` in this file", hosts.ty.text), known);
            return Vec::new();
        };
        let objects = self.places(file, &hosts.objects);
        let mut callbacks = Vec::new();
        for (name, written) in &shape.overrides {
            let callback = self.callback(file, written);
            callbacks.extend(objects.iter().cloned().map(|mut object| {
                object.path.push(Step::Field(name.text.clone()));
                Callback { function: Some(object), ..callback.clone() }
            }));
        }
        callbacks
    }

    /// Compiles a callback.
    pub(super) fn callback(&mut self, file: usize, written: &'a CallbackShape) -> Callback {
        Callback {
            function: written.function.as_ref().and_then(|place| self.place(file, place)),
            all_from: written.all_from,
            parameters: written.parameters.iter().map(|places| self.places(file, places)).collect(),
            this: self.places(file, &written.this),
            primary: written.primary,
            trigger: written.trigger.as_ref().map(|trigger| self.trigger(file, &trigger.0)),
        }
    }

    fn trigger(&mut self, file: usize, written: &TriggerShape) -> Trigger {
        let (name, fixed_name) = match &written.name {
            None => (None, None),
            Some(IndexOrText::Index(argument)) => (Some(*argument), None),
            Some(IndexOrText::Text(text)) => (None, Some(text.clone())),
        };
        let own = written.own.as_ref().map_or(Own::None, |word| match place::parse_own(&word.text) {
            Some(None) => Own::This,
            Some(Some(parameter)) => Own::Parameter(parameter),
            None => {
                self.fault_at(
                    file,
                    word,
                    format!("`{}` is no connection", word.text),
                    "write `this` or `parameter.0`",
                );
                Own::None
            }
        });
        Trigger { kind: written.kind.into(), name, fixed_name, own, streams: written.streams.clone() }
    }

    fn channel(&mut self, file: usize, written: &ChannelShape) -> Channel {
        let name = written.channel.as_ref().and_then(|place| self.place(file, place));
        Channel { name, pattern: written.pattern }
    }

    fn state(&mut self, file: usize, written: &StateShape) -> StateAccess {
        let mut place = |word: &Option<Word>| word.as_ref().and_then(|word| self.place(file, word));
        StateAccess {
            verb: written.verb.into(),
            of: place(&written.of),
            key: place(&written.key),
            value: place(&written.value),
            appends: written.appends,
            counts: written.counts,
        }
    }
}

/// Whether a flow can end at a place. A fresh value is nobody's, unless its type shares fields among all values.
fn is_target(place: &Place) -> bool {
    match place.base {
        Base::This | Base::Argument(_) | Base::Arguments(_) | Base::Result | Base::Origin | Base::Site => true,
        Base::Fresh(_) => !place.path.is_empty(),
        Base::Unknown | Base::InstanceOf(_) | Base::CallbackResult(_) | Base::Provided(_) => false,
    }
}

impl From<StateVerbWord> for StateVerb {
    fn from(word: StateVerbWord) -> Self {
        match word {
            StateVerbWord::Read => StateVerb::Read,
            StateVerbWord::Write => StateVerb::Write,
            StateVerbWord::Remove => StateVerb::Remove,
        }
    }
}

impl From<ScopeWord> for Scope {
    fn from(word: ScopeWord) -> Self {
        match word {
            ScopeWord::All => Scope::All,
            ScopeWord::Others => Scope::Others,
            ScopeWord::Room => Scope::Room,
            ScopeWord::Peer => Scope::Peer,
        }
    }
}

impl From<&AddressShape> for Address {
    fn from(written: &AddressShape) -> Self {
        Address { scope: written.scope.into(), argument: written.argument }
    }
}

impl From<&DeliverShape> for Deliver {
    fn from(written: &DeliverShape) -> Self {
        Deliver {
            to: match written.to {
                DeliverWord::Addressed => DeliverTo::Addressed,
                DeliverWord::Connection => DeliverTo::Connection,
                DeliverWord::All => DeliverTo::Scope(Scope::All),
                DeliverWord::Others => DeliverTo::Scope(Scope::Others),
                DeliverWord::Room => DeliverTo::Scope(Scope::Room),
                DeliverWord::Peer => DeliverTo::Scope(Scope::Peer),
            },
            event: written.event,
            heartbeat: written.heartbeat,
            distributed: written.distributed.as_ref().map(Distributed::from),
        }
    }
}

impl From<ArgumentKindWord> for ArgumentKind {
    fn from(word: ArgumentKindWord) -> Self {
        match word {
            ArgumentKindWord::Function => ArgumentKind::Function,
            ArgumentKindWord::String => ArgumentKind::String,
            ArgumentKindWord::Object => ArgumentKind::Object,
            ArgumentKindWord::Array => ArgumentKind::Array,
            ArgumentKindWord::Number => ArgumentKind::Number,
        }
    }
}

impl From<TriggerWord> for TriggerKind {
    fn from(word: TriggerWord) -> Self {
        match word {
            TriggerWord::ClientEvent => TriggerKind::ClientEvent,
            TriggerWord::Connect => TriggerKind::Connect,
            TriggerWord::Disconnect => TriggerKind::Disconnect,
            TriggerWord::HttpRoute => TriggerKind::HttpRoute,
            TriggerWord::Timer => TriggerKind::Timer,
            TriggerWord::Subscription => TriggerKind::Subscription,
            TriggerWord::ChangeFeed => TriggerKind::ChangeFeed,
            TriggerWord::QueueJob => TriggerKind::QueueJob,
            TriggerWord::Emitter => TriggerKind::Emitter,
            TriggerWord::Ipc => TriggerKind::Ipc,
            TriggerWord::Shutdown => TriggerKind::Shutdown,
        }
    }
}

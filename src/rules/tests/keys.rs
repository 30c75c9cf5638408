//! What each key compiles to.

use super::*;

#[test]
fn returns_one_place_or_several_and_a_string_is_short() {
    assert_eq!(operation("returns = 'this'").returns, [at(Base::This)]);
    assert_eq!(operation("returns = ['this', 'argument.1']").returns, [at(Base::This), at(Base::Argument(1))]);
    assert_eq!(operations("'result.key'")[0].returns, [Place { base: Base::Result, path: vec![Step::Key] }]);
    assert_eq!(operations("['this', { connect = true }]").len(), 2);
}

#[test]
fn a_type_is_a_fresh_value() {
    let rules = lib("[types.T.methods]\nm = ['Other', 'class Other', 'lib/Other', 'module']\n[types.Other]");
    let (_, operations) = rules.method(ty(&rules, "lib/T"), "m").unwrap();
    let names = operations.iter().map(|operation| match operation.returns[0].base {
        Base::Fresh(ty) => rules.ty(ty).name.as_str(),
        ref other => panic!("{other:?}"),
    });
    assert_eq!(names.collect::<Vec<_>>(), ["lib/Other", "lib/class Other", "lib/Other", "lib/module"]);
}

#[test]
fn flows_copy_from_place_to_place() {
    let flows = operation("flows = ['argument.0 -> this.[argument.1]', 'arguments.1.fields->site']").flows;
    assert_eq!(flows[0], (at(Base::Argument(0)), Place { base: Base::This, path: vec![Step::KeyedBy(1)] }));
    assert_eq!(flows[1], (Place { base: Base::Arguments(1), path: vec![Step::Fields] }, at(Base::Site)));
}

#[test]
fn conditions() {
    let when = |text: &str| operation(&format!("connect = true, when = {text}")).when;
    let dialect = || Place { base: Base::Argument(0), path: vec![Step::Field("dialect".into())] };
    let words = |words: &[&str]| words.iter().map(|word| word.to_string()).collect::<Vec<_>>();
    let cases = [
        ("{ argument = 0, is = 'a' }", Condition::ArgumentIs(0, words(&["a"]))),
        ("{ argument = 2, not = ['a', 'b'] }", Condition::ArgumentIsNot(2, words(&["a", "b"]))),
        ("{ argument = 1, kind = 'function' }", Condition::ArgumentKind(1, ArgumentKind::Function)),
        ("{ argument = 1, kind = 'string' }", Condition::ArgumentKind(1, ArgumentKind::String)),
        ("{ argument = 1, kind = 'object' }", Condition::ArgumentKind(1, ArgumentKind::Object)),
        ("{ argument = 1, kind = 'array' }", Condition::ArgumentKind(1, ArgumentKind::Array)),
        ("{ argument = 1, kind = 'number' }", Condition::ArgumentKind(1, ArgumentKind::Number)),
        ("{ argument = 1, absent = true }", Condition::ArgumentAbsent(1)),
        ("{ argument = 1, present = true }", Condition::ValuePresent(at(Base::Argument(1)))),
        ("{ value = 'argument.0.dialect', is = 'x' }", Condition::ValueIs(dialect(), words(&["x"]))),
        ("{ value = 'argument.0.dialect', not = 'x' }", Condition::ValueIsNot(dialect(), words(&["x"]))),
        ("{ value = 'argument.0.dialect', absent = true }", Condition::ValueAbsent(dialect())),
        ("{ value = 'argument.0.dialect', present = true }", Condition::ValuePresent(dialect())),
        ("{ argument = 0, constant = true }", Condition::ValueConstant(at(Base::Argument(0)), true)),
        ("{ value = 'argument.0.dialect', constant = false }", Condition::ValueConstant(dialect(), false)),
        (
            "{ argument = 1, starts-with = ['insert', 'update'] }",
            Condition::ValueStartsWith(at(Base::Argument(1)), words(&["insert", "update"])),
        ),
        ("{ version = '>=4' }", Condition::Version(">=4".into())),
        ("{ package = 'x', version = '<8' }", Condition::PackageVersion("x".into(), "<8".into())),
    ];
    for (text, condition) in cases {
        assert_eq!(when(text), [condition], "{text}");
    }
    assert_eq!(when("[{ argument = 0, is = 'a', version = '1' }, { argument = 1, absent = true }]").len(), 3);
}

#[test]
fn callbacks() {
    let callbacks = operation(
        "callback = { function = 'argument.1', parameters = ['this', ['argument.0', 'unknown']], this = 'origin', \
         trigger = { kind = 'connect', own = 'parameter.0' } }",
    )
    .callbacks;
    let callback = &callbacks[0];
    assert_eq!(callback.function, Some(at(Base::Argument(1))));
    assert_eq!(callback.parameters, [vec![at(Base::This)], vec![at(Base::Argument(0)), at(Base::Unknown)]]);
    assert_eq!(callback.this, [at(Base::Origin)]);
    let trigger = callback.trigger.as_ref().unwrap();
    assert_eq!((trigger.kind, trigger.own), (TriggerKind::Connect, Own::Parameter(0)));

    let callbacks = operation("callback = ['argument.0', { all-from = 1, trigger = 'http-route' }]").callbacks;
    assert_eq!((callbacks[0].all_from, callbacks[0].trigger.is_none()), (None, true));
    assert_eq!(callbacks[1].all_from, Some(1));
    assert_eq!(callbacks[1].trigger.as_ref().unwrap().kind, TriggerKind::HttpRoute);
}

#[test]
fn triggers_name_what_starts_them() {
    let trigger = |text: &str| {
        let operation = operation(&format!("callback = {{ function = 'argument.1', trigger = {text} }}"));
        operation.callbacks[0].trigger.clone().unwrap()
    };
    let named = trigger("{ kind = 'client-event', name = 0, own = 'this' }");
    assert_eq!((named.name, named.fixed_name, named.own), (Some(0), None, Own::This));
    let fixed = trigger("{ kind = 'client-event', name = 'message' }");
    assert_eq!((fixed.name, fixed.fixed_name, fixed.own), (None, Some("message".into()), Own::None));
    let kinds = [
        ("client-event", TriggerKind::ClientEvent),
        ("connect", TriggerKind::Connect),
        ("disconnect", TriggerKind::Disconnect),
        ("http-route", TriggerKind::HttpRoute),
        ("timer", TriggerKind::Timer),
        ("subscription", TriggerKind::Subscription),
        ("change-feed", TriggerKind::ChangeFeed),
        ("queue-job", TriggerKind::QueueJob),
        ("emitter", TriggerKind::Emitter),
        ("ipc", TriggerKind::Ipc),
        ("shutdown", TriggerKind::Shutdown),
    ];
    for (word, kind) in kinds {
        assert_eq!(trigger(&format!("'{word}'")).kind, kind, "{word}");
    }
}

#[test]
fn addresses_and_deliveries() {
    let address = operation("returns = 'this', address = { scope = 'room', argument = 0 }").address;
    assert_eq!(address, Some(Address { scope: Scope::Room, argument: Some(0) }));
    let address = operation("returns = 'this', address = 'others'").address;
    assert_eq!(address, Some(Address { scope: Scope::Others, argument: None }));
    assert!(operation("local = true").local);
    let recipients = [
        ("addressed", DeliverTo::Addressed),
        ("connection", DeliverTo::Connection),
        ("all", DeliverTo::Scope(Scope::All)),
        ("others", DeliverTo::Scope(Scope::Others)),
        ("room", DeliverTo::Scope(Scope::Room)),
        ("peer", DeliverTo::Scope(Scope::Peer)),
    ];
    for (word, to) in recipients {
        assert_eq!(operation(&format!("deliver = '{word}'")).deliver.unwrap().to, to, "{word}");
    }
    let deliver = operation(
        "deliver = { to = 'all', event = 1, heartbeat = true, distributed = { mechanism = 'managed', backend = 'ably' } }",
    );
    let distributed = Distributed { mechanism: "managed".into(), backend: "ably".into(), protocol: "ably".into() };
    let to = DeliverTo::Scope(Scope::All);
    assert_eq!(
        deliver.deliver,
        Some(Deliver { to, event: Some(1), heartbeat: true, distributed: Some(distributed) })
    );
}

#[test]
fn adapters_and_brokers() {
    let attach = operation("attach = { adapter = 'argument.0' }").attach.unwrap();
    assert_eq!((attach.adapter, attach.to), (at(Base::Argument(0)), at(Base::This)));
    let attach = operation("attach = { adapter = 'argument.1', to = 'result' }").attach.unwrap();
    assert_eq!((attach.to, attach.early), (at(Base::Result), false));
    assert!(operation("attach = { adapter = 'argument.0', early = true }").attach.unwrap().early);
    assert_eq!(operation("accepts = 'result'").accepts, Some(at(Base::Result)));
    assert_eq!(operation("install = 'argument.0'").install, Some(at(Base::Argument(0))));
    assert_eq!(operation("clients = ['argument.0', 'argument.1']").clients.len(), 2);
    assert!(operation("connect = true").connect);
    assert!(operation("competing = true").competing);
    let channel = |name, pattern| Some(Channel { name, pattern });
    assert_eq!(operation("publish = 'argument.0'").publish, channel(Some(at(Base::Argument(0))), false));
    assert_eq!(operation("publish = {}").publish, channel(None, false));
    let subscribe = operation("subscribe = { channel = 'argument.0', pattern = true }").subscribe;
    assert_eq!(subscribe, channel(Some(at(Base::Argument(0))), true));
}

#[test]
fn emitters_rooms_and_state() {
    let listen = operation("listen = { event = 0, listener = 1 }").listen;
    let event = EventName::Argument(0);
    assert_eq!(listen, Some(Listen { event, listener: Some(1), field: None, of: None }));
    let listen = operation("listen = { event = 1, of = 'argument.0' }").listen.unwrap();
    assert_eq!((listen.listener, listen.of), (None, Some(at(Base::Argument(0)))));
    assert!(operation("narrows = true").narrows);
    let streams = operation("streams = { of = 'argument.0', transport = 'sse' }").streams.unwrap();
    assert_eq!((streams.of, streams.transport.as_str()), (at(Base::Argument(0)), "sse"));
    assert_eq!(operation("listen = { listener = 0 }").listen.unwrap().event, EventName::Single);
    assert_eq!(operation("emit = { event = 0 }").emit, Some(EventName::Argument(0)));
    assert_eq!(operation("emit = {}").emit, Some(EventName::Single));
    let loops = operation("loop = { kind = 'connect', own = 'parameter.0' }").loops.unwrap();
    assert_eq!((loops.kind, loops.own), (TriggerKind::Connect, Own::Parameter(0)));
    let membership = operation("membership = { room = 0 }").membership;
    assert_eq!(membership, Some(Membership { room: Some(0), joins: true }));
    let membership = operation("membership = { joins = false }").membership;
    assert_eq!(membership, Some(Membership { room: None, joins: false }));
    assert!(operation("close = true").close);
    assert!(operation("fork = true").fork);
    assert!(operation("hub = true").hub);
    let state = operation("state = 'remove'").state;
    assert_eq!(
        state,
        Some(StateAccess {
            verb: StateVerb::Remove,
            of: None,
            key: None,
            value: None,
            appends: false,
            counts: false
        })
    );
    let state =
        operation("state = { verb = 'write', of = 'argument.0', key = 'argument.1', value = 'argument.2' }");
    let place = |argument| Some(at(Base::Argument(argument)));
    let write = StateAccess {
        verb: StateVerb::Write,
        of: place(0),
        key: place(1),
        value: place(2),
        appends: false,
        counts: false,
    };
    assert_eq!(state.state, Some(write));
    assert_eq!(operation("local-read = 'presence'").local_read.as_deref(), Some("presence"));
    let advisory = operation("advisory = { code = 'c', message = 'm' }").advisory;
    assert_eq!(advisory, Some(("c".to_owned(), "m".to_owned())));
}

#[test]
fn properties() {
    let rules = lib("[types.T.properties]
        plain = 'T'
        'a|b' = { returns = ['this', 'origin'] }
        C = { class = 'T' }
        broadcast = { returns = 'T', address = 'others', local = true }
        size = { state = 'read', local-read = 'channel-membership' }
        onmessage = { on-assign = { callback = 'argument.0' } }
        [types.U]
        any-property = 'T'");
    let t = ty(&rules, "lib/T");
    let property = |name: &str| rules.property(t, name).unwrap().1;
    assert_eq!(property("plain").returns, [at(Base::Fresh(t))]);
    assert_eq!(property("a").id, property("b").id);
    assert_eq!(property("b").returns, [at(Base::This), at(Base::Origin)]);
    assert_eq!(property("C").returns, [at(Base::Fresh(ty(&rules, "lib/class T")))]);
    assert_eq!(property("broadcast").address, Some(Address { scope: Scope::Others, argument: None }));
    assert!(property("broadcast").local);
    assert_eq!(property("size").state, Some(StateVerb::Read));
    assert_eq!(property("size").local_read.as_deref(), Some("channel-membership"));
    assert_eq!(property("onmessage").on_assign.as_ref().unwrap().callbacks.len(), 1);
    assert!(rules.property(t, "else").is_none());
    assert_eq!(rules.property(ty(&rules, "lib/U"), "else").unwrap().1.returns, [at(Base::Fresh(t))]);
}

#[test]
fn roles() {
    let role = |text: &str| {
        let rules = lib(&format!("[types.T]\n{text}"));
        rules.role(ty(&rules, "lib/T")).clone()
    };
    let distributed = Distributed { mechanism: "engine".into(), backend: "x".into(), protocol: "y".into() };
    let endpoint = |rooms, child, adapter_installed, distributed| {
        Role::Endpoint(EndpointRole { transport: "t".into(), rooms, child, distributed, adapter_installed })
    };
    assert_eq!(role("endpoint = { transport = 't' }"), endpoint(false, false, false, None));
    let all = "endpoint = { transport = 't', rooms = true, child = true, adapter-installed = true, \
               distributed = { mechanism = 'engine', backend = 'x', protocol = 'y' } }";
    assert_eq!(role(all), endpoint(true, true, true, Some(distributed)));
    let connection = ConnectionRole { transport: "t".into(), remote: true, kept_only: true };
    assert_eq!(
        role("connection = { transport = 't', remote = true, kept-only = true }"),
        Role::Connection(connection)
    );
    let adapter = |reach: &str, backend: Option<String>| {
        let protocol = backend.clone();
        Role::Adapter(AdapterRole {
            mechanism: "adapter".into(),
            reach: reach.into(),
            backend,
            protocol,
            needs_hub: false,
        })
    };
    assert_eq!(
        role("adapter = { reach = 'cluster', backend = 'redis' }"),
        adapter("cluster", Some("redis".into()))
    );
    assert_eq!(role("adapter = { reach = 'host' }"), adapter("host", None));
    let broker = BrokerRole {
        backend: "redis".into(),
        host_only: true,
        process_only: false,
        connect_since: Some(">=4".into()),
        separate_clients: Some("<6".into()),
        mock: true,
    };
    let text = "broker = { backend = 'redis', reach = 'host', connect-since = '>=4', separate-clients = '<6', mock = true }";
    assert_eq!(role(text), Role::Broker(broker));
    assert_eq!(role("emitter = true"), Role::Emitter);
    assert_eq!(role("container = true"), Role::Container);
    let database = DatabaseRole { backend: "sqlite".into(), class: "local-disk".into(), schema: None };
    assert_eq!(role("database = { backend = 'sqlite', class = 'local-disk' }"), Role::Database(database));
    assert_eq!(role(""), Role::Plain);
}

#[test]
fn further_keys_of_types() {
    let rules = lib("[types.T]
        call = 'this'
        construct = 'T'
        any-method = 'this'
        instance = 'T'
        iterates = 'entries'
        element = 'U'
        type-arguments = ['key', 'element', 'name']
        shared-fields = true
        names = ['io', 'server']
        decorator = { class = 'U', property = 'U', parameter = ['T', 'U'], hides-parameter = true, method = { trigger = 'timer' } }
        [types.T.overrides]
        'open|onOpen' = { parameters = ['U'], trigger = { kind = 'connect', own = 'parameter.0' } }
        [types.U]");
    let (t, u) = (ty(&rules, "lib/T"), ty(&rules, "lib/U"));
    let compiled = rules.ty(t);
    assert_eq!((compiled.call.len(), compiled.construct.len(), compiled.any_method.len()), (1, 1, 1));
    assert_eq!((compiled.instance, compiled.element), (Some(t), Some(u)));
    assert_eq!((compiled.iterates, compiled.shared_fields), (Iterates::Entries, true));
    assert_eq!(compiled.type_arguments, [Step::Key, Step::Element, Step::Field("name".into())]);
    assert_eq!(rules.named("server"), [t]);
    let decorator = compiled.decorator.as_ref().unwrap();
    assert_eq!((decorator.class, &decorator.property, &decorator.parameter), (Some(u), &vec![u], &vec![t, u]));
    assert!(decorator.hides_parameter && decorator.method.is_some());
    assert_eq!(compiled.overrides.keys().collect::<Vec<_>>(), ["onOpen", "open"]);
    assert_eq!(compiled.overrides["open"].trigger.as_ref().unwrap().own, Own::Parameter(0));
}

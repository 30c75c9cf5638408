//! Compiled rules: a library's API as types with operations. The engine reads only this, never TOML.
//!
//! Every value that a library hands out is an instance of an [`ApiType`]: the module object that `require('x')`
//! gives, a class that it exports (its `construct` says what `new` gives), a server, an operator chain. One
//! concept therefore describes exports, static members, instances and fluent builders.

pub use super::roles::*;
use super::wiring::{ConventionalFiles, Decorator, Provide, ProviderKeys};
use std::collections::BTreeMap;

/// Index of an [`ApiType`] in its [`super::RuleSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TypeId(pub u32);

/// Index of a [`Family`] in its [`super::RuleSet`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FamilyId(pub u32);

/// One rule file: a family of packages with one API.
#[derive(Debug, Clone)]
pub struct Family {
    /// The file's stem, as `crosscast rules` lists it.
    pub name: String,
    /// One line that says what the family is.
    pub title: String,
    /// Where its facts come from.
    pub documentation: Vec<String>,
    /// npm names (and builtin names without `node:`); empty for language built-ins, whose anchors are globals.
    pub packages: Vec<String>,
    /// Package (with subpath, where the rule names one) to the type of its module object.
    pub modules: BTreeMap<String, TypeId>,
    /// Global names to the type of their value.
    pub globals: BTreeMap<String, TypeId>,
    /// Folders each of whose files defines a global of its name, with the type of its value.
    pub global_files: BTreeMap<String, TypeId>,
    /// Whether a file that mentions one of the packages is a reason to analyse the project: true for transports,
    /// brokers and managed services, false for carriers and language built-ins.
    pub seeds: bool,
    /// Texts whose presence in a file is a reason to analyse it: for APIs without an import.
    pub keywords: Vec<String>,
    /// Files that the framework loads because of where they are.
    pub files: Vec<ConventionalFiles>,
    /// The object literals that bind tokens of the family's container.
    pub providers: Option<ProviderKeys>,
    /// The drivers of the databases that its types work on.
    pub drivers: Drivers,
    /// Whether crosscast brings the file along.
    pub builtin: bool,
}

/// An operation or property read as it was written: members that share one (`"to|in"`, mixins) share the id.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct OperationId(pub u32);

/// A library's type.
#[derive(Debug, Clone, Default)]
pub struct ApiType {
    /// `family/Name`; anonymous module and class objects are `family/module` and `family/class Name`.
    pub name: String,
    /// Its rule file (0 where defaulted).
    pub family: u32,
    /// The type whose members it has too.
    pub extends: Option<TypeId>,
    /// What a call of the value does.
    pub call: Vec<Operation>,
    /// What `new` of the value does.
    pub construct: Vec<Operation>,
    /// Methods by name; all operations whose conditions hold apply.
    pub methods: BTreeMap<String, Vec<Operation>>,
    /// What any method that is not listed does (fluent builders, generated models).
    pub any_method: Vec<Operation>,
    /// Properties by name: what reading gives.
    pub properties: BTreeMap<String, Property>,
    /// What reading any property that is not listed gives.
    pub any_property: Option<Property>,
    /// Methods of a user's subclass (or decorated class) that the library calls.
    pub overrides: BTreeMap<String, Callback>,
    /// For a class or decorator object: the type of its instances. TypeScript annotations and `extends` use it.
    pub instance: Option<TypeId>,
    /// What it does as a decorator.
    pub decorator: Option<Decorator>,
    /// What iterating gives: `element` (arrays, sets) or `[key, element]` (maps).
    pub iterates: Iterates,
    /// What its elements are, whoever put them there (`wss.clients`).
    pub element: Option<TypeId>,
    /// What TypeScript type arguments say of its fields, in order: `Map<K, V>` has `[Key, Element]`.
    pub type_arguments: Vec<Step>,
    /// Whether all instances share their fields: request objects, application bags reached by unknown ways.
    pub shared_fields: bool,
    /// Variable names by which an untraced value is taken for one (confidence `inferred`).
    pub names: Vec<String>,
    /// What it is for realtime delivery.
    pub role: Role,
}

/// What iteration gives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Iterates {
    /// The elements.
    #[default]
    Elements,
    /// `[key, element]` pairs.
    Entries,
}

/// What one call does. An operation applies where all its conditions hold.
#[derive(Debug, Clone, Default)]
pub struct Operation {
    /// Its identity: index into [`super::RuleSet::operations`].
    pub id: OperationId,
    /// Conditions on the call.
    pub when: Vec<Condition>,
    /// The values of the call expression.
    pub returns: Vec<Place>,
    /// `from -> to` copies.
    pub flows: Vec<(Place, Place)>,
    /// Functions that the library calls.
    pub callbacks: Vec<Callback>,
    /// The result addresses these clients when a delivery is called on it.
    pub address: Option<Address>,
    /// The result never leaves the instance (`io.local`).
    pub local: bool,
    /// It hands a message to client connections.
    pub deliver: Option<Deliver>,
    /// It attaches an adapter.
    pub attach: Option<Attach>,
    /// It installs a framework adapter for all endpoints of the application; the value installed.
    pub install: Option<Place>,
    /// For adapters and relays: the broker clients it is given.
    pub clients: Vec<Place>,
    /// It connects a broker client.
    pub connect: bool,
    /// It publishes to a broker channel.
    pub publish: Option<Channel>,
    /// It subscribes to a broker channel.
    pub subscribe: Option<Channel>,
    /// It delivers each message to one of several consumers (`competing-consumers`).
    pub competing: bool,
    /// It registers a listener of a process-local event: the event's and the listener's arguments.
    pub listen: Option<Listen>,
    /// It fires a process-local event: the event's argument; the listeners get the arguments after it.
    pub emit: Option<EventName>,
    /// Only part of what comes through it goes on (`filter`).
    pub narrows: bool,
    /// It sends every value of a stream or generator to the client.
    pub streams: Option<Streams>,
    /// Why a loop over the result runs; its own connection is parameter 0, the loop's variable.
    pub loops: Option<Trigger>,
    /// It puts a connection into a room or topic, or takes it out.
    pub membership: Option<Membership>,
    /// It closes a connection.
    pub close: bool,
    /// It reads, writes or removes state of the receiver (a container or a database).
    pub state: Option<StateAccess>,
    /// It reads connection or room tables of this instance only (SPEC section 3): the state word.
    pub local_read: Option<String>,
    /// The server, or endpoint, to which clients can connect from then on.
    pub accepts: Option<Place>,
    /// It makes the forking process hand on what adapters that need a hub send.
    pub hub: bool,
    /// It starts further processes of this program (deployment evidence).
    pub fork: bool,
    /// The file that further processes run instead of this program.
    pub fork_file: Option<Place>,
    /// It gives a container of services something under a token.
    pub provide: Option<Provide>,
    /// An advisory about the call itself: code and message.
    pub advisory: Option<(String, String)>,
}

/// A condition on a call.
#[derive(Debug, Clone, PartialEq)]
pub enum Condition {
    /// The argument is one of these constants.
    ArgumentIs(u32, Vec<String>),
    /// The argument is none of these constants (unknown values satisfy it).
    ArgumentIsNot(u32, Vec<String>),
    /// The argument can be of this kind.
    ArgumentKind(u32, ArgumentKind),
    /// There is no such argument.
    ArgumentAbsent(u32),
    /// The place, which starts at an argument, holds one of these constants (`argument.0.dialect`).
    ValueIs(Place, Vec<String>),
    /// The place, which starts at an argument, holds none of these constants (unknown values satisfy it).
    ValueIsNot(Place, Vec<String>),
    /// Something stands at the place, which starts at an argument.
    ValuePresent(Place),
    /// Nothing stands at the place, which starts at an argument.
    ValueAbsent(Place),
    /// Some (`true`: a constant, `false`: other) value of the place, which starts at an argument, is a string or
    /// number constant.
    ValueConstant(Place, bool),
    /// Some value of the place, which starts at an argument, begins with one of these texts, trimmed and whatever
    /// the case: a constant, or a template by its leading text. Unknown values do not satisfy it.
    ValueStartsWith(Place, Vec<String>),
    /// The installed version of the family's package lies in the npm range (unknown versions satisfy it).
    Version(String),
    /// The installed version of another package lies in the npm range; without that package it does not hold.
    PackageVersion(String, String),
}

/// The kind of an argument, judged by its values, else by its syntax.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ArgumentKind {
    /// A function or class.
    Function,
    /// A string or template.
    String,
    /// An object literal or instance.
    Object,
    /// An array.
    Array,
    /// A number.
    Number,
}

/// A value position of a call: a base and steps into it.
#[derive(Debug, Clone, PartialEq)]
pub struct Place {
    /// Where to start.
    pub base: Base,
    /// Steps from there.
    pub path: Vec<Step>,
}

/// The base of a [`Place`].
#[derive(Debug, Clone, PartialEq)]
pub enum Base {
    /// The receiver (`this`).
    This,
    /// The n-th argument (`argument.0`).
    Argument(u32),
    /// All arguments from the n-th on (`arguments.1`).
    Arguments(u32),
    /// The call's result.
    Result,
    /// What the function given as n-th argument returns (`callback.0`).
    CallbackResult(u32),
    /// A fresh instance of a type, made at the call; its origin is the receiver's endpoint (`Server`).
    Fresh(TypeId),
    /// The endpoint (or other value) that the receiver came from (`origin`).
    Origin,
    /// The expression that made the receiver, as a target (`site`): `new Promise(resolve => resolve(x))`.
    Site,
    /// An instance of the class given as n-th argument (`instance.0`).
    InstanceOf(u32),
    /// What the container holds under the token that the n-th argument is (`provided.0`).
    Provided(u32),
    /// Nothing known (`unknown`).
    Unknown,
}

/// A step of a [`Place`].
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    /// Any element (`element`).
    Element,
    /// Any key (`key`).
    Key,
    /// What iterating gives (`item`): an element, or a `[key, element]` pair.
    Item,
    /// A `[key, element]` pair of the value (`entry`).
    Entry,
    /// The field named by the n-th argument, else any (`[argument.0]`).
    KeyedBy(u32),
    /// A named field (`.name`).
    Field(String),
    /// All fields and elements, each under its own name (`fields`): copies them.
    Fields,
}

/// Reading a property.
#[derive(Debug, Clone, Default)]
pub struct Property {
    /// Its identity: index into [`super::RuleSet::operations`].
    pub id: OperationId,
    /// Its values; `Result`, `Argument` and callbacks make no sense here.
    pub returns: Vec<Place>,
    /// As for [`Operation::address`] (`socket.broadcast`).
    pub address: Option<Address>,
    /// As for [`Operation::local`].
    pub local: bool,
    /// Reading it reads state of the receiver (`map.size`).
    pub state: Option<StateVerb>,
    /// Reading it reads connection or room tables of this instance only (SPEC section 3): the state word.
    pub local_read: Option<String>,
    /// The npm range of the versions that have it; all where none is given.
    pub versions: Option<String>,
    /// An advisory about reading it in a version that does not have it: code and message.
    pub advisory: Option<(String, String)>,
    /// Assigning a value to it attaches an adapter, is a listener (`ws.onmessage`), …
    pub on_assign: Option<Box<Operation>>,
}

/// A function that the library calls.
#[derive(Debug, Clone, Default)]
pub struct Callback {
    /// Which argument it is.
    pub function: Option<Place>,
    /// Every argument from this one on that is a function (`app.get(path, …handlers)`).
    pub all_from: Option<u32>,
    /// What its parameters receive.
    pub parameters: Vec<Vec<Place>>,
    /// What `this` is in it.
    pub this: Vec<Place>,
    /// Whether only the process that forks runs it, and not the ones that it starts.
    pub primary: bool,
    /// Why it runs; none for synchronous helpers (`forEach`) and continuations (`then`, `setTimeout`).
    pub trigger: Option<Trigger>,
}

/// Why a callback runs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// What it is.
    pub kind: TriggerKind,
    /// The argument that names it (event, path, channel).
    pub name: Option<u32>,
    /// A fixed name.
    pub fixed_name: Option<String>,
    /// The connection whose event is handled.
    pub own: Own,
    /// What the function returns is a process-local stream of which every value goes to the client, or it is a generator
    /// whose values do; the transport's word.
    pub streams: Option<String>,
}

/// The kinds of triggers (SPEC section 1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum TriggerKind {
    /// A message or event of a client.
    ClientEvent,
    /// A connection was made.
    Connect,
    /// A connection went.
    Disconnect,
    /// An HTTP request.
    HttpRoute,
    /// A repeating timer or schedule.
    Timer,
    /// A broker subscription that every instance receives.
    Subscription,
    /// A database change feed that every instance receives.
    ChangeFeed,
    /// A job of a work queue: one instance receives it.
    QueueJob,
    /// A process-local emitter.
    Emitter,
    /// A message of another process of the same host.
    Ipc,
    /// The process ends: shutdown and drain handlers.
    Shutdown,
    /// The module is evaluated.
    ModuleStart,
    /// Nothing in the project calls it, but a module exports it.
    Export,
    /// Code that the rules do not know calls it.
    External,
}

/// The connection that a callback handles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Own {
    /// None.
    #[default]
    None,
    /// The receiver of the registration (`socket.on(…)`).
    This,
    /// The callback's n-th parameter (`wss.on('connection', ws => …)`).
    Parameter(u32),
}

/// Which clients a delivery on the result addresses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address {
    /// The scope.
    pub scope: Scope,
    /// The argument that holds the room, user or id.
    pub argument: Option<u32>,
}

/// SPEC section 2, `scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Everybody.
    All,
    /// All but the sender.
    Others,
    /// A room or topic.
    Room,
    /// One other connection.
    Peer,
}

/// Handing a message over.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deliver {
    /// To whom.
    pub to: DeliverTo,
    /// The argument that names the event.
    pub event: Option<u32>,
    /// A heartbeat (`ping`), which is no path.
    pub heartbeat: bool,
    /// This call crosses instances by itself, whatever the endpoint.
    pub distributed: Option<Distributed>,
}

/// Recipients of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliverTo {
    /// The receiver's address if it has one, else everybody of the endpoint.
    Addressed,
    /// The receiver, which is one connection: a reply, or a path where it was looked up.
    Connection,
    /// A fixed scope.
    Scope(Scope),
}

/// Attaching an adapter.
#[derive(Debug, Clone, PartialEq)]
pub struct Attach {
    /// The adapter.
    pub adapter: Place,
    /// The endpoint; usually the receiver or the result.
    pub to: Place,
    /// Whether connections that are there already do not get it.
    pub early: bool,
}

/// A broker channel of a call.
#[derive(Debug, Clone, PartialEq)]
pub struct Channel {
    /// Where its name stands; none if the call has no name.
    pub name: Option<Place>,
    /// Whether the name is a pattern.
    pub pattern: bool,
}

/// A process-local event's registration.
#[derive(Debug, Clone, PartialEq)]
pub struct Listen {
    /// The event's name.
    pub event: EventName,
    /// The argument that is the listener; none where the result is the stream of the events.
    pub listener: Option<u32>,
    /// The property of that argument that is the listener: `subscribe({ next })`.
    pub field: Option<String>,
    /// The emitter, where it is not the receiver: `on(emitter, 'event')`.
    pub of: Option<Place>,
}

/// Sending every value of a stream to the client.
#[derive(Debug, Clone, PartialEq)]
pub struct Streams {
    /// The stream, or what a generator function gave.
    pub of: Place,
    /// The report's `transport` word.
    pub transport: String,
}

/// The name of a process-local event.
#[derive(Debug, Clone, PartialEq)]
pub enum EventName {
    /// An argument.
    Argument(u32),
    /// There is only one event (`subject.next`); arguments from 0 on are handed over.
    Single,
}

/// Room membership.
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// The argument that names the room or topic.
    pub room: Option<u32>,
    /// False for `leave`.
    pub joins: bool,
}

/// An access to state.
#[derive(Debug, Clone, PartialEq)]
pub struct StateAccess {
    /// What happens.
    pub verb: StateVerb,
    /// Whose state; the receiver's where not said.
    pub of: Option<Place>,
    /// The key, table or document type.
    pub key: Option<Place>,
    /// What is written.
    pub value: Option<Place>,
    /// Whether what is written is added to what stands there.
    pub appends: bool,
    /// Whether it only adds to a number, or to what is counted.
    pub counts: bool,
}

/// What an access does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StateVerb {
    /// Reads.
    Read,
    /// Adds or changes.
    Write,
    /// Removes.
    Remove,
}

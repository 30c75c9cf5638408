//! What a call does, as it is written in a rule file.

use super::sugar::{FromWord, IndexOrText, Many, Short, Word};
use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::Error as WordError;

/// Reads a string as one of an enumeration's words.
fn word_of<T: for<'de> Deserialize<'de>>(word: &Word) -> Result<T, String> {
    let deserializer: serde::de::value::StrDeserializer<'_, WordError> = word.text.as_str().into_deserializer();
    T::deserialize(deserializer).map_err(|error| error.to_string())
}

/// What one call does. It applies where all its conditions hold. A string is short for `{ returns = "…" }`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct OperationShape {
    /// Conditions on the call; all must hold.
    pub(crate) when: Many<ConditionShape>,
    /// The values of the call: places.
    pub(crate) returns: Many<Word>,
    /// Copies, each `"from -> to"` between two places.
    pub(crate) flows: Many<Word>,
    /// Functions that the library calls.
    pub(crate) callback: Many<CallbackShape>,
    /// Objects whose methods the library calls by their names.
    pub(crate) hosts: Option<HostsShape>,
    /// Which clients a delivery on the result reaches; a string is short for `{ scope = "…" }`.
    pub(crate) address: Option<Short<AddressShape>>,
    /// Whether what the result delivers never leaves the instance.
    pub(crate) local: bool,
    /// It hands a message to client connections; a string is short for `{ to = "…" }`.
    pub(crate) deliver: Option<Short<DeliverShape>>,
    /// It attaches an adapter to an endpoint.
    pub(crate) attach: Option<AttachShape>,
    /// It installs a framework adapter for the whole application: the place of the adapter.
    pub(crate) install: Option<Word>,
    /// The broker clients that an adapter or relay is given: places.
    pub(crate) clients: Many<Word>,
    /// Whether it connects a broker client.
    pub(crate) connect: bool,
    /// It publishes to a broker channel; a string is short for `{ channel = "…" }`.
    pub(crate) publish: Option<Short<ChannelShape>>,
    /// It subscribes to a broker channel; a string is short for `{ channel = "…" }`.
    pub(crate) subscribe: Option<Short<ChannelShape>>,
    /// Whether each message goes to one of several consumers.
    pub(crate) competing: bool,
    /// It registers a listener of a process-local event.
    pub(crate) listen: Option<ListenShape>,
    /// It fires a process-local event.
    pub(crate) emit: Option<EmitShape>,
    /// Whether only part of what comes through it goes on.
    pub(crate) narrows: bool,
    /// It sends every value of a stream or generator to the client.
    pub(crate) streams: Option<StreamsShape>,
    /// Why a loop over the result runs, each time; a string is short for `{ kind = "…" }`.
    #[serde(rename = "loop")]
    pub(crate) loops: Option<Short<TriggerShape>>,
    /// It puts a connection into a room or topic, or takes it out.
    pub(crate) membership: Option<MembershipShape>,
    /// Whether it closes a connection.
    pub(crate) close: bool,
    /// It reads, writes or removes state of the receiver; a string is short for `{ verb = "…" }`.
    pub(crate) state: Option<Short<StateShape>>,
    /// It reads tables of this instance only: the state's word.
    pub(crate) local_read: Option<super::StateWord>,
    /// The server, or endpoint, to which clients can connect from then on: a place.
    pub(crate) accepts: Option<Word>,
    /// Whether it makes the forking process hand on what adapters that need a hub send.
    pub(crate) hub: bool,
    /// Whether it starts further processes of this program.
    pub(crate) fork: bool,
    /// The file that further processes run instead of this program: a place within an argument.
    pub(crate) fork_file: Option<Word>,
    /// It gives a container of services something under a token.
    pub(crate) provide: Option<ProvideShape>,
    /// A note about the call itself.
    pub(crate) advisory: Option<AdvisoryShape>,
}

impl FromWord for OperationShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(OperationShape { returns: Many(vec![word]), ..Default::default() })
    }
}

/// A condition on a call; all its keys must hold.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct ConditionShape {
    /// The argument that is looked at.
    pub(crate) argument: Option<u32>,
    /// The place within an argument that is looked at, in place of `argument`.
    pub(crate) value: Option<Word>,
    /// It is one of these constants.
    pub(crate) is: Option<Many<Word>>,
    /// It is none of these constants.
    pub(crate) not: Option<Many<Word>>,
    /// `true`: some value of it is a string or number constant; `false`: some value of it is none.
    pub(crate) constant: Option<bool>,
    /// It begins with one of these texts, trimmed and whatever the case; unknown values do not.
    pub(crate) starts_with: Option<Many<Word>>,
    /// It can be of this kind.
    pub(crate) kind: Option<ArgumentKindWord>,
    /// `true`: there is no such value.
    pub(crate) absent: bool,
    /// `true`: there is such a value.
    pub(crate) present: bool,
    /// The package whose version is looked at, where it is not the family's own; it must be installed.
    pub(crate) package: Option<Word>,
    /// The npm range in which the installed version of the package lies.
    pub(crate) version: Option<Word>,
}

impl FromWord for ConditionShape {
    fn from_word(_: Word) -> Result<Self, String> {
        Err("a condition is a table such as `{ argument = 0, is = \"connection\" }`".to_owned())
    }
}

/// The kind of an argument.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ArgumentKindWord {
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

/// A function that the library calls.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct CallbackShape {
    /// The place of the function.
    pub(crate) function: Option<Word>,
    /// Every argument from this one on that is a function, in place of `function`.
    pub(crate) all_from: Option<u32>,
    /// What each parameter receives: a place or an array of places.
    pub(crate) parameters: Vec<Many<Word>>,
    /// What `this` is in it: places.
    pub(crate) this: Many<Word>,
    /// Whether the processes that a fork starts do not run it: only the one that forks does.
    pub(crate) primary: bool,
    /// Why it runs; none for synchronous helpers and continuations. A string is short for `{ kind = "…" }`.
    pub(crate) trigger: Option<Short<TriggerShape>>,
}

impl FromWord for CallbackShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(CallbackShape { function: Some(word), ..Default::default() })
    }
}

/// Why a callback runs.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct TriggerShape {
    /// What it is.
    pub(crate) kind: TriggerWord,
    /// What names it: the argument at a position, or a fixed text.
    pub(crate) name: Option<IndexOrText>,
    /// The connection whose event is handled: `this` or `parameter.N`.
    pub(crate) own: Option<Word>,
    /// What the function returns is a process-local stream of which every value goes to the client: the transport's word.
    pub(crate) streams: Option<String>,
}

impl FromWord for TriggerShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(TriggerShape { kind: word_of(&word)?, name: None, own: None, streams: None })
    }
}

/// The kinds of triggers.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TriggerWord {
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
    /// The process ends.
    Shutdown,
}

/// Which clients a delivery on the result reaches.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AddressShape {
    /// The scope.
    pub(crate) scope: ScopeWord,
    /// The argument that holds the room, user or id.
    pub(crate) argument: Option<u32>,
}

impl FromWord for AddressShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(AddressShape { scope: word_of(&word)?, argument: None })
    }
}

/// The scopes of a broadcast path.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ScopeWord {
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
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DeliverShape {
    /// To whom.
    pub(crate) to: DeliverWord,
    /// The argument that names the event.
    pub(crate) event: Option<u32>,
    /// Whether it is a ping, which is no path.
    #[serde(default)]
    pub(crate) heartbeat: bool,
    /// The call crosses instances by itself, whatever the endpoint.
    pub(crate) distributed: Option<DistributedShape>,
}

impl FromWord for DeliverShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(DeliverShape { to: word_of(&word)?, event: None, heartbeat: false, distributed: None })
    }
}

/// Recipients of a delivery.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum DeliverWord {
    /// The receiver's address if it has one, else everybody of the endpoint.
    Addressed,
    /// The receiver, which is one connection.
    Connection,
    /// Everybody.
    All,
    /// All but the sender.
    Others,
    /// A room or topic.
    Room,
    /// One other connection.
    Peer,
}

/// How a delivery crosses instances by itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DistributedShape {
    /// The mechanism.
    pub(crate) mechanism: MechanismWord,
    /// The backend's word.
    pub(crate) backend: String,
    /// For emitters: the protocol of the adapters that hear it, where it is not the one of the backend's first adapter.
    pub(crate) protocol: Option<String>,
}

/// Mechanisms that cross instances by themselves.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum MechanismWord {
    /// A hosted service or gateway fans out.
    Managed,
    /// The transport is itself distributed.
    Engine,
    /// A broker-side emitter of the transport.
    Emitter,
}

/// Attaching an adapter.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AttachShape {
    /// The place of the adapter.
    pub(crate) adapter: Word,
    /// The place of the endpoint; `this` by default.
    pub(crate) to: Option<Word>,
    /// Whether connections that are there already do not get it.
    #[serde(default)]
    pub(crate) early: bool,
}

/// Something that a container of services is given under a token: places.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ProvideShape {
    /// The token: a string, a symbol or a class.
    pub(crate) token: Word,
    /// What it stands for.
    pub(crate) value: Option<Word>,
    /// The class whose instance it stands for.
    pub(crate) class: Option<Word>,
    /// Another token for the same.
    pub(crate) existing: Option<Word>,
    /// The function that makes it.
    pub(crate) factory: Option<Word>,
}

/// Objects that a library is given, and calls the methods of.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct HostsShape {
    /// The places of the objects.
    pub(crate) objects: Many<Word>,
    /// The type of the file whose `overrides` say which methods are called and why.
    #[serde(rename = "as")]
    pub(crate) ty: Word,
}

/// A broker channel of a call.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct ChannelShape {
    /// The place of its name.
    pub(crate) channel: Option<Word>,
    /// Whether the name is a pattern.
    pub(crate) pattern: bool,
}

impl FromWord for ChannelShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(ChannelShape { channel: Some(word), pattern: false })
    }
}

/// Registering a listener of a process-local event.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ListenShape {
    /// The argument that names the event; none where there is only one event.
    pub(crate) event: Option<u32>,
    /// The argument that is the listener; none where the result is the stream of the events.
    pub(crate) listener: Option<u32>,
    /// The property of that argument that is the listener.
    pub(crate) field: Option<String>,
    /// The place of the emitter, where that is not the receiver.
    pub(crate) of: Option<Word>,
}

/// Sending every value of a stream to the client.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct StreamsShape {
    /// The place of the stream or of what a generator function gave.
    pub(crate) of: Word,
    /// The transport's word.
    pub(crate) transport: String,
}

/// Firing a process-local event.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct EmitShape {
    /// The argument that names the event; none where there is only one event.
    pub(crate) event: Option<u32>,
}

/// Room membership.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct MembershipShape {
    /// The argument that names the room or topic.
    pub(crate) room: Option<u32>,
    /// `false` where it takes the connection out. `true` by default.
    #[serde(default = "yes")]
    pub(crate) joins: bool,
}

fn yes() -> bool {
    true
}

/// An access to state.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct StateShape {
    /// What happens.
    pub(crate) verb: StateVerbWord,
    /// The place whose state it is; `this` by default.
    pub(crate) of: Option<Word>,
    /// The place of the key, table or document type.
    pub(crate) key: Option<Word>,
    /// The place of what is written.
    pub(crate) value: Option<Word>,
    /// Whether what is written is added to what stands there, as to a list or stream.
    #[serde(default)]
    pub(crate) appends: bool,
    /// Whether it only adds to a number, or to what is counted.
    #[serde(default)]
    pub(crate) counts: bool,
}

impl FromWord for StateShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(StateShape { verb: word_of(&word)?, of: None, key: None, value: None, appends: false, counts: false })
    }
}

/// What an access to state does.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StateVerbWord {
    /// Reads.
    Read,
    /// Adds or changes.
    Write,
    /// Removes.
    Remove,
}

/// A note about the call itself.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AdvisoryShape {
    /// The advisory's code.
    pub(crate) code: String,
    /// One sentence for people.
    pub(crate) message: String,
}

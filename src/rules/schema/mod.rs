//! The shape of a rule file: what `rules/libraries/*.toml` may say. The doc comments here are the texts of
//! `rules/schema.json`, which editors show.

mod operation;
mod sugar;

pub(crate) use operation::*;
pub(crate) use sugar::{FromWord, IndexOrText, Many, Short, Word};

use schemars::JsonSchema;
use serde::Deserialize;
use std::collections::BTreeMap;

/// A crosscast rule file: the API of a family of packages as types with operations.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct RuleFile {
    /// One line: what the family is.
    pub(crate) title: String,
    /// npm names of the packages; Node's own modules without `node:`.
    #[serde(default)]
    pub(crate) packages: Vec<Word>,
    /// Addresses of the pages that the facts come from.
    #[serde(default)]
    pub(crate) documentation: Vec<String>,
    /// Whether a mention of a package is a reason to analyse the project.
    #[serde(default)]
    pub(crate) seeds: bool,
    /// Texts whose presence in a file is a reason to analyse it.
    #[serde(default)]
    pub(crate) keywords: Vec<Word>,
    /// The module object of every package of the file.
    pub(crate) module: Option<TypeShape>,
    /// Further entry points of every package, by subpath.
    #[serde(default)]
    pub(crate) subpaths: BTreeMap<Word, Short<ModuleShape>>,
    /// The module object of one package, or of one of its subpaths, where it differs from `module`.
    #[serde(default)]
    pub(crate) modules: BTreeMap<Word, Short<ModuleShape>>,
    /// Global names and the types of their values.
    #[serde(default)]
    pub(crate) globals: BTreeMap<Word, Short<GlobalShape>>,
    /// Folders of a package each of whose files defines a global of the file's name, and the type of its value:
    /// with `"api/models" = "Model"`, `api/models/Message.js` makes `Message` a `Model`.
    #[serde(default)]
    pub(crate) global_files: BTreeMap<Word, Word>,
    /// Types of literals: `Array`, `String`, `Function`, `Object`, …
    #[serde(default)]
    pub(crate) literals: BTreeMap<Word, Word>,
    /// Named types.
    #[serde(default)]
    pub(crate) types: BTreeMap<Word, TypeShape>,
    /// Files that the framework loads because of where they are.
    #[serde(default)]
    pub(crate) files: Vec<FilesShape>,
    /// The keys of an object literal that binds a token of the family's container.
    pub(crate) providers: Option<ProvidersShape>,
    /// For the family's types that keep their data in whichever database a driver connects to: the packages that are
    /// drivers. One that is installed decides.
    #[serde(default)]
    pub(crate) drivers: DriversShape,
    /// What the class object of a type has beyond calls and `new` that give an instance.
    #[serde(default)]
    pub(crate) classes: BTreeMap<Word, TypeShape>,
}

/// Driver packages, with the word of the backend that each connects to: `{ pg = "postgres" }`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DriversShape {
    /// Drivers of databases in the network.
    #[serde(default)]
    pub(crate) shared: BTreeMap<String, String>,
    /// Drivers of databases in files of this machine.
    #[serde(default)]
    pub(crate) local_disk: BTreeMap<String, String>,
}

/// Files that the framework loads because of where they are.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct FilesShape {
    /// Patterns of their paths within the package, as in `.gitignore`.
    pub(crate) paths: Many<Word>,
    /// The type that their exports are taken for.
    pub(crate) exports: Word,
}

/// The keys of an object literal that binds a token of a container of services, wherever it stands.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ProvidersShape {
    /// The key of the token: `provide`.
    pub(crate) token: String,
    /// The key of what it stands for: `useValue`.
    pub(crate) value: Option<String>,
    /// The key of the class whose instance it stands for: `useClass`.
    pub(crate) class: Option<String>,
    /// The key of another token for the same: `useExisting`.
    pub(crate) existing: Option<String>,
    /// The key of the function that makes it: `useFactory`.
    pub(crate) factory: Option<String>,
    /// The key of the array of tokens that the function is given: `inject`.
    pub(crate) inject: Option<String>,
}

/// A module object: a type without a name, or a string that names one.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(from = "TypeShape")]
#[schemars(with = "TypeShape")]
pub(crate) enum ModuleShape {
    /// A named type.
    Reference(Word),
    /// A type of its own.
    Type(Box<TypeShape>),
}

impl From<TypeShape> for ModuleShape {
    fn from(shape: TypeShape) -> Self {
        ModuleShape::Type(Box::new(shape))
    }
}

impl FromWord for ModuleShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(ModuleShape::Reference(word))
    }
}

/// The value of a global name. A string is the name of its type.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct GlobalShape {
    /// The type whose class object it is.
    pub(crate) class: Option<Word>,
    /// The type of its value.
    #[serde(rename = "type")]
    pub(crate) ty: Option<Word>,
}

impl FromWord for GlobalShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(GlobalShape { class: None, ty: Some(word) })
    }
}

/// A type of a library: what its values can do.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct TypeShape {
    /// The type whose members and role it has too.
    pub(crate) extends: Option<Word>,
    /// Types whose members are copied where this one has none of that name.
    pub(crate) mixins: Many<Word>,
    /// What a call of the value does.
    pub(crate) call: Many<OperationShape>,
    /// What `new` of the value does.
    pub(crate) construct: Many<OperationShape>,
    /// What methods do, by name; `"a|b"` for several that do the same.
    pub(crate) methods: BTreeMap<Word, Many<OperationShape>>,
    /// What every method that is not listed does.
    pub(crate) any_method: Many<OperationShape>,
    /// What reading properties gives, by name; `"a|b"` for several that give the same.
    pub(crate) properties: BTreeMap<Word, Short<PropertyShape>>,
    /// What reading every property that is not listed gives.
    pub(crate) any_property: Option<Short<PropertyShape>>,
    /// Methods of a user's subclass or decorated class that the library calls.
    pub(crate) overrides: BTreeMap<Word, CallbackShape>,
    /// For class objects: the type of the instances.
    pub(crate) instance: Option<Word>,
    /// What the value does as a decorator.
    pub(crate) decorator: Option<DecoratorShape>,
    /// What iterating gives.
    pub(crate) iterates: IteratesWord,
    /// The type of its elements, whoever put them there.
    pub(crate) element: Option<Word>,
    /// What the type's TypeScript arguments say of its fields, in order: `key`, `element`, `entry` or a field's name.
    pub(crate) type_arguments: Vec<Word>,
    /// Whether all values of the type share one table of fields.
    pub(crate) shared_fields: bool,
    /// Variable names by which an untraced value is taken for one.
    pub(crate) names: Vec<Word>,
    /// Role: an object that holds client connections.
    pub(crate) endpoint: Option<EndpointShape>,
    /// Role: one client connection.
    pub(crate) connection: Option<ConnectionShape>,
    /// Role: a transport's plug-in that carries its broadcasts between instances.
    pub(crate) adapter: Option<AdapterShape>,
    /// Role: a client of a broker.
    pub(crate) broker: Option<BrokerShape>,
    /// Role: a process-local emitter.
    pub(crate) emitter: bool,
    /// Role: an in-process container or cache.
    pub(crate) container: bool,
    /// Role: a handle of a database, table, model or key-value service.
    pub(crate) database: Option<DatabaseShape>,
}

/// What iterating a value gives.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum IteratesWord {
    /// The elements.
    #[default]
    Elements,
    /// `[key, element]` pairs.
    Entries,
}

/// Reading a property. A string is short for `{ returns = "…" }`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct PropertyShape {
    /// Its values: places.
    pub(crate) returns: Many<Word>,
    /// The type whose class object it is.
    pub(crate) class: Option<Word>,
    /// Which clients a delivery on it reaches; a string is short for `{ scope = "…" }`.
    pub(crate) address: Option<Short<AddressShape>>,
    /// Whether what it delivers never leaves the instance.
    pub(crate) local: bool,
    /// What reading it does to state of the receiver.
    pub(crate) state: Option<StateVerbWord>,
    /// Reading it reads tables of this instance only: the state's word.
    pub(crate) local_read: Option<StateWord>,
    /// The npm range of the versions that have it; all where none is given.
    pub(crate) versions: Option<Word>,
    /// A note about reading it in a version that does not have it.
    pub(crate) advisory: Option<operation::AdvisoryShape>,
    /// What assigning to it does; `argument.0` is the assigned value.
    pub(crate) on_assign: Option<Box<OperationShape>>,
}

impl FromWord for PropertyShape {
    fn from_word(word: Word) -> Result<Self, String> {
        Ok(PropertyShape { returns: Many(vec![word]), ..Default::default() })
    }
}

/// State types.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StateWord {
    /// Who is online.
    Presence,
    /// Past messages.
    MessageHistory,
    /// Who listens to what.
    Subscriptions,
    /// Who is in which room.
    ChannelMembership,
    /// Live handles.
    Connections,
    /// Anything else.
    Other,
}

impl StateWord {
    /// The report's word.
    pub(crate) fn text(self) -> &'static str {
        match self {
            StateWord::Presence => "presence",
            StateWord::MessageHistory => "message-history",
            StateWord::Subscriptions => "subscriptions",
            StateWord::ChannelMembership => "channel-membership",
            StateWord::Connections => "connections",
            StateWord::Other => "other",
        }
    }
}

/// What a value does as a decorator.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub(crate) struct DecoratorShape {
    /// A decorated class is a subclass of this type.
    pub(crate) class: Option<Word>,
    /// A decorated property holds a value of this type, or of one of these by its annotation.
    pub(crate) property: Many<Word>,
    /// A decorated parameter holds a value of this type, or of one of these by its annotation.
    pub(crate) parameter: Many<Word>,
    /// Whether a decorated parameter does not count among the positions.
    pub(crate) hides_parameter: bool,
    /// The library calls a decorated method; `trigger.name` counts the decorator's arguments.
    pub(crate) method: Option<CallbackShape>,
    /// A decorated parameter or property holds what the container has under the token at this position of the
    /// decorator's arguments; without arguments, under its annotation.
    pub(crate) inject: Option<u32>,
    /// A decorated method listens to a process-local event.
    pub(crate) listen: Option<DecoratedListenerShape>,
}

/// A method that a decorator registers with a process-local emitter.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DecoratedListenerShape {
    /// The emitter's type, whose values share their listeners.
    pub(crate) on: Word,
    /// The decorator's argument that names the event.
    pub(crate) event: Option<u32>,
}

/// An endpoint: an object that holds client connections.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct EndpointShape {
    /// The report's word for the transport.
    pub(crate) transport: String,
    /// Whether it has a table of rooms that is state.
    #[serde(default)]
    pub(crate) rooms: bool,
    /// Whether it belongs to the endpoint that made it and shares its adapter.
    #[serde(default)]
    pub(crate) child: bool,
    /// It crosses instances by itself.
    pub(crate) distributed: Option<DistributedShape>,
    /// Whether its adapter is installed for the whole application.
    #[serde(default)]
    pub(crate) adapter_installed: bool,
}

/// A connection: one client.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct ConnectionShape {
    /// The report's word for the transport.
    pub(crate) transport: String,
    /// Whether it is a handle whose deliveries go through the adapter.
    #[serde(default)]
    pub(crate) remote: bool,
    /// Whether deliveries count only where the value is kept beyond its handler.
    #[serde(default)]
    pub(crate) kept_only: bool,
}

/// An adapter.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct AdapterShape {
    /// How far it carries.
    pub(crate) reach: ReachWord,
    /// The backend's word, for `cluster`.
    pub(crate) backend: Option<Word>,
    /// What carries its broadcasts, where it is no adapter in the strict sense.
    #[serde(default)]
    pub(crate) mechanism: AdapterMechanismWord,
    /// How it speaks over its backend, where the backend has adapters that do not hear each other.
    pub(crate) protocol: Option<String>,
    /// Whether the process that forks has to hand its messages on.
    #[serde(default)]
    pub(crate) needs_hub: bool,
}

/// What carries an adapter's broadcasts.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum AdapterMechanismWord {
    /// The adapter itself, through its backend.
    #[default]
    Adapter,
    /// A hosted service that holds the connections.
    Managed,
    /// The transport's own engine.
    Engine,
}

/// How far broadcasts reach.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum ReachWord {
    /// Every instance.
    #[default]
    Cluster,
    /// Other processes of the same machine.
    Host,
    /// This process only.
    Process,
}

/// A client of a broker.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct BrokerShape {
    /// The backend's word.
    pub(crate) backend: String,
    /// How far its messages go; `cluster` by default.
    #[serde(default)]
    pub(crate) reach: ReachWord,
    /// npm range in which nothing flows before `connect`.
    pub(crate) connect_since: Option<Word>,
    /// npm range in which one client cannot both publish and subscribe.
    pub(crate) separate_clients: Option<Word>,
    /// Whether it is a mock that reaches nobody.
    #[serde(default)]
    pub(crate) mock: bool,
}

/// A handle of a database.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DatabaseShape {
    /// The backend's word.
    pub(crate) backend: String,
    /// Where it keeps its data.
    pub(crate) class: StoreClassWord,
    /// Files beside the code that say which database it is and what its models consist of.
    pub(crate) schema: Option<DatabaseSchemaShape>,
}

/// Files that describe a database apart from the code.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub(crate) struct DatabaseSchemaShape {
    /// The ending of the files.
    pub(crate) ending: String,
    /// Providers that keep their data on the local disk.
    #[serde(default)]
    pub(crate) local: Vec<String>,
}

/// Where a database keeps its data.
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum StoreClassWord {
    /// In a networked database or service.
    Shared,
    /// In a file of this machine.
    LocalDisk,
    /// In memory.
    InProcess,
}

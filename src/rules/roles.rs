//! What a type of a library is to the audit: an endpoint, a connection, an adapter, a broker client, a database.

use std::collections::BTreeMap;

/// What a type is for realtime delivery.
#[derive(Debug, Clone, Default, PartialEq)]
pub enum Role {
    /// Nothing of its own.
    #[default]
    Plain,
    /// A realtime endpoint (SPEC section 1).
    Endpoint(EndpointRole),
    /// One client connection.
    Connection(ConnectionRole),
    /// A transport plug-in that carries broadcasts between instances.
    Adapter(AdapterRole),
    /// A client of a broker.
    Broker(BrokerRole),
    /// A process-local emitter.
    Emitter,
    /// An in-process container or cache: `Map`, `Set`, `LRUCache`.
    Container,
    /// A handle of a database, table, model or key-value service.
    Database(DatabaseRole),
}

/// An endpoint type.
#[derive(Debug, Clone, PartialEq)]
pub struct EndpointRole {
    /// The report's `transport` word.
    pub transport: String,
    /// Whether the endpoint has a table of rooms that is state (SPEC section 3).
    pub rooms: bool,
    /// Whether it belongs to the endpoint that it was made from (a namespace of a server) and shares its adapter.
    pub child: bool,
    /// The engine is distributed by itself or a hosted service: every delivery is `cluster` with this mechanism.
    pub distributed: Option<Distributed>,
    /// The framework adapter that applies to it is installed application-wide (Nest).
    pub adapter_installed: bool,
}

/// How a delivery crosses instances by itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Distributed {
    /// `managed`, `engine` or `emitter`.
    pub mechanism: String,
    /// The backend's word.
    pub backend: String,
    /// For emitters: the protocol of the adapters that hear it.
    pub protocol: String,
}

/// A connection type.
#[derive(Debug, Clone, PartialEq)]
pub struct ConnectionRole {
    /// The report's `transport` word.
    pub transport: String,
    /// A remote handle: deliveries on it go through the adapter (`fetchSockets()`).
    pub remote: bool,
    /// Deliveries count only if the value is kept beyond its handler (an HTTP response: SSE).
    pub kept_only: bool,
}

/// An adapter type.
#[derive(Debug, Clone, PartialEq)]
pub struct AdapterRole {
    /// `adapter`, or what carries its broadcasts instead: `managed`, `engine`.
    pub mechanism: String,
    /// `cluster`, `host` or `process`.
    pub reach: String,
    /// The backend's word; none for host and process reach.
    pub backend: Option<String>,
    /// How it speaks over its backend: the backend's word, unless adapters of one backend do not hear each other.
    pub protocol: Option<String>,
    /// Whether the process that forks has to hand its messages on, and does so only if it is told to.
    pub needs_hub: bool,
}

/// A broker client type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct BrokerRole {
    /// The backend's word: `redis`, `nats`, …
    pub backend: String,
    /// Whether messages stay on the machine (IPC of `cluster` and PM2).
    pub host_only: bool,
    /// Whether messages stay in the process (threads, `BroadcastChannel`): it carries nothing to other instances.
    pub process_only: bool,
    /// npm range in which a client carries nothing until `connect` ran (`client-never-connected`).
    pub connect_since: Option<String>,
    /// npm range in which one client cannot both publish and subscribe (`one-client-for-both`).
    pub separate_clients: Option<String>,
    /// Whether a mock that reaches nobody.
    pub mock: bool,
}

impl BrokerRole {
    /// Whether what is published can reach another process at all.
    pub fn carries(&self) -> bool {
        !self.mock && !self.process_only
    }
}

/// A database type.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct DatabaseRole {
    /// The backend's word: `redis`, `mongodb`, `postgres`, `sqlite`, …
    pub backend: String,
    /// `shared`, `local-disk` or `in-process`.
    pub class: String,
    /// Files beside the code that say which database it is.
    pub schema: Option<DatabaseSchema>,
}

/// Driver packages of databases, each with the word of the backend that it connects to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drivers {
    /// Of databases in the network.
    pub shared: BTreeMap<String, String>,
    /// Of databases in files of this machine.
    pub local_disk: BTreeMap<String, String>,
}

/// Files that describe a database apart from the code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DatabaseSchema {
    /// The ending of the files.
    pub ending: String,
    /// Providers that keep their data on the local disk.
    pub local: Vec<String>,
}

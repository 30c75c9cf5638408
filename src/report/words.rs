//! The enumerated words of the report, and how the program's own enumerations map to them.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::checks;
use crate::config;
use crate::flow;
use crate::realtime;
use crate::rules;
use crate::source;

/// An enumeration of the report with its words, made from one of the program.
macro_rules! words {
    ($(#[$doc:meta])* $name:ident from $source:path { $($(#[$variant_doc:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
        pub enum $name {
            $($(#[$variant_doc])* #[serde(rename = $word)] $variant,)+
        }

        impl $name {
            /// The word as it stands in the report.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }
        }

        impl From<$source> for $name {
            fn from(value: $source) -> Self {
                use $source as Source;
                match value { $(Source::$variant => $name::$variant,)+ }
            }
        }
    };
}

words! {
    /// How bad a failure of a check is.
    Severity from config::Severity {
        /// Lost on restarts and scale events.
        Low = "low",
        /// Messages are lost.
        High = "high",
    }
}
words! {
    /// The outcome of a check.
    Status from checks::Status {
        /// There is nothing to judge.
        Skip = "skip",
        /// It holds.
        Pass = "pass",
        /// It does not hold.
        Fail = "fail",
    }
}
words! {
    /// Why a check has its status.
    Reason from checks::Reason {
        /// Skip: the settings turn the check off.
        Disabled = "disabled",
        /// Skip: the deployment is declared single-instance, and nothing contradicts it.
        SingleInstance = "single-instance",
        /// Skip: there is no broadcast path.
        NoBroadcast = "no-broadcast",
        /// Skip: no realtime state is held.
        NoState = "no-state",
        /// Pass: every unsuppressed path reaches all instances.
        AllPathsBacked = "all-paths-backed",
        /// Pass: every path is suppressed.
        AllPathsSuppressed = "all-paths-suppressed",
        /// Pass by the policy `any-integration`.
        AnyIntegration = "any-integration",
        /// Fail: an unsuppressed path stays inside one instance.
        InProcessPaths = "in-process-paths",
        /// Pass: enough state types are shared.
        EnoughShared = "enough-shared",
        /// Pass: no state is held by one process alone.
        NothingSole = "nothing-sole",
        /// Fail: state is held by one process alone.
        SoleState = "sole-state",
    }
}
words! {
    /// Whom a broadcast addresses.
    Scope from rules::Scope {
        /// Everybody.
        All = "all",
        /// Everybody but the sender.
        Others = "others",
        /// A room or topic.
        Room = "room",
        /// One other connection.
        Peer = "peer",
    }
}
words! {
    /// How far a message gets.
    Reach from realtime::Reach {
        /// Clients of the instance that runs the call.
        Process = "process",
        /// Clients of other workers on the same machine, too.
        Host = "host",
        /// Clients of every instance.
        Cluster = "cluster",
    }
}
words! {
    /// By what a message crosses instances.
    Mechanism from realtime::Mechanism {
        /// By nothing.
        None = "none",
        /// Messages between workers of one host.
        Ipc = "ipc",
        /// The transport's own plug-in.
        Adapter = "adapter",
        /// Application code that publishes to a broker and delivers in its subscription.
        Relay = "relay",
        /// A hosted service or gateway.
        Managed = "managed",
        /// An emitter that publishes into an adapter's channels from outside.
        Emitter = "emitter",
        /// A transport that is itself distributed.
        Engine = "engine",
    }
}
words! {
    /// Why an adapter or relay that is wired up cannot work.
    Defect from realtime::Defect {
        /// A client that needs `connect()` never gets it.
        ClientNeverConnected = "client-never-connected",
        /// One client publishes and subscribes, which its library cannot do.
        OneClientForBoth = "one-client-for-both",
        /// A framework adapter exists that nothing installs.
        AdapterNotInstalled = "adapter-not-installed",
        /// What is published is never subscribed to.
        ChannelsDiffer = "channels-differ",
        /// Only one of the instances receives each message.
        CompetingConsumers = "competing-consumers",
        /// The client's constructor does not exist.
        ClientUndefined = "client-undefined",
        /// The target is looked up in a table of one instance.
        LocalLookup = "local-lookup",
    }
}
words! {
    /// How a fact is known.
    Confidence from flow::Confidence {
        /// The value was traced to the library.
        Certain = "certain",
        /// From a type annotation or decorator.
        Typed = "typed",
        /// From a conventional name.
        Inferred = "inferred",
    }
}
words! {
    /// What makes a broadcast path run.
    TriggerKind from rules::TriggerKind {
        /// A message or event of a client.
        ClientEvent = "client-event",
        /// A connection was made.
        Connect = "connect",
        /// A connection went.
        Disconnect = "disconnect",
        /// An HTTP request.
        HttpRoute = "http-route",
        /// A timer or schedule.
        Timer = "timer",
        /// A broker subscription.
        Subscription = "subscription",
        /// A database change feed.
        ChangeFeed = "change-feed",
        /// A job of a work queue.
        QueueJob = "queue-job",
        /// A process-local emitter.
        Emitter = "emitter",
        /// A message of another process of the same host.
        Ipc = "ipc",
        /// The process ends.
        Shutdown = "shutdown",
        /// The module is evaluated.
        ModuleStart = "module-start",
        /// A module exports it, and nothing in the project calls it.
        Export = "export",
        /// Code outside the project calls it.
        External = "external",
    }
}
words! {
    /// What a state store holds.
    StateType from realtime::StateType {
        /// Who is online.
        Presence = "presence",
        /// Messages for those who come later.
        MessageHistory = "message-history",
        /// Who wants what.
        Subscriptions = "subscriptions",
        /// Who is in which room.
        ChannelMembership = "channel-membership",
        /// Live handles.
        Connections = "connections",
        /// Anything else that is lost with it.
        Other = "other",
    }
}
words! {
    /// Where a state store lives.
    StoreClass from realtime::StoreClass {
        /// In the memory of one process.
        InProcess = "in-process",
        /// On the disk of one machine.
        LocalDisk = "local-disk",
        /// Where every instance sees it.
        Shared = "shared",
    }
}
words! {
    /// Why a file or a part of it was left out.
    ProblemKind from source::ProblemKind {
        /// It could not be opened or read.
        Unreadable = "unreadable",
        /// It is larger than the limit.
        TooLarge = "too-large",
        /// It holds NUL bytes.
        Binary = "binary",
        /// It is not UTF-8.
        InvalidUtf8 = "invalid-utf8",
        /// The parser had to skip a part of it.
        SyntaxError = "syntax-error",
        /// It nests deeper than the limit.
        TooDeep = "too-deep",
        /// A symbolic link leads back.
        SymlinkLoop = "symlink-loop",
        /// A manifest or deployment file is broken.
        BrokenManifest = "broken-manifest",
        /// The analysis stopped early to stay within its bounds.
        LimitReached = "limit-reached",
    }
}

/// What a path's reach means for a second instance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Classification {
    /// Clients of other instances miss the message.
    #[serde(rename = "in-process")]
    InProcess,
    /// They receive it.
    #[serde(rename = "pubsub-backed")]
    PubsubBacked,
}

impl Classification {
    /// The word as it stands in the report.
    pub fn word(self) -> &'static str {
        match self {
            Classification::InProcess => "in-process",
            Classification::PubsubBacked => "pubsub-backed",
        }
    }
}

impl From<realtime::Reach> for Classification {
    fn from(reach: realtime::Reach) -> Self {
        match reach {
            realtime::Reach::Process | realtime::Reach::Host => Classification::InProcess,
            realtime::Reach::Cluster => Classification::PubsubBacked,
        }
    }
}

/// The part that a path plays in a relay.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Role {
    /// It delivers at once to the clients of its own instance, and the relay brings the message to the others.
    #[serde(rename = "local-echo")]
    LocalEcho,
}

/// By what a finding is suppressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum SuppressedBy {
    /// A `crosscast-ignore` comment.
    #[serde(rename = "comment")]
    Comment,
    /// An earlier report.
    #[serde(rename = "baseline")]
    Baseline,
    /// The call says itself that it is meant to stay local.
    #[serde(rename = "local-flag")]
    LocalFlag,
    /// It exists only where a condition does not hold.
    #[serde(rename = "fallback")]
    Fallback,
}

impl SuppressedBy {
    /// The word as it stands in the report.
    pub fn word(self) -> &'static str {
        match self {
            SuppressedBy::Comment => "comment",
            SuppressedBy::Baseline => "baseline",
            SuppressedBy::LocalFlag => "local-flag",
            SuppressedBy::Fallback => "fallback",
        }
    }
}

/// What `deployment.declared` may say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub enum Instances {
    /// One instance, for good.
    #[serde(rename = "single")]
    Single,
}

//! What the program does in realtime: services, endpoints, attachments, relays, triggers, broadcast paths, state
//! stores. Plain data about the program; no verdicts, no text layout.

mod addresses;
mod deliveries;
mod model;
mod notices;
mod program;
mod provenance;
mod scopes;
mod triggers;

pub use model::*;

//! What the program does in realtime: services, endpoints, attachments, relays, triggers, broadcast paths, state
//! stores. Plain data about the program; no verdicts, no text layout.

mod model;
pub mod stores;

pub use model::*;

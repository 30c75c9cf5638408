//! The JSON report: the contract that other programs read (SPEC section 7).
//!
//! The types here are the contract and nothing else; no other part of the program is serialized. Fields are written
//! even where they are null, so that a reader finds everything in one sample.

mod baseline;
mod build;
mod model;
mod remedies;
mod schema;
mod words;

pub use baseline::{read_baseline, write_baseline};
pub use build::{Inputs, build};
pub use model::*;
pub use remedies::{TemplateError, Templates};
pub use schema::schema;
pub use words::*;

#[cfg(test)]
pub(crate) mod tests;

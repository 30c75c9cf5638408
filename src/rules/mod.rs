//! Library knowledge as data: the TOML language of `rules/libraries`, and what it compiles to.
//!
//! The engine reads a [`RuleSet`], never TOML. The built-in files enter by the same door as the user's:
//! a file's shape (`schema`) is compiled (`compile`) into the types of `model`.

mod compile;
mod error;
mod load;
mod model;
mod place;
mod roles;
mod schema;
mod set;
mod table;
#[cfg(test)]
mod tests;
mod vocabulary;
mod wiring;

pub use error::{RuleError, RuleFault, RuleSource};
pub use load::{builtin, load, load_sources, schema_json};
pub use model::*;
pub use set::RuleSet;
pub use table::{OperationRow, RuleRow, table};
pub use vocabulary::{Column, Vocabulary};
pub use wiring::{ConventionalFiles, DecoratedListener, Decorator, Provide, ProviderKeys};

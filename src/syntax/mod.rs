//! Text to syntax tree, in one vocabulary for JavaScript, TypeScript and TSX.
//!
//! The grammars of tree-sitter disagree about names (`field_definition` and `public_field_definition`, a bare
//! `identifier` and a `required_parameter`) and its trees are slow to walk by field. So a parse is copied once, in
//! one pass, into a flat [`Tree`] of [`Node`]s with [`Kind`]s of our own, and the original is dropped: no type of
//! tree-sitter leaves this module.

mod grammar;
mod kind;
mod tree;

pub use kind::{Field, Kind};
pub use tree::{Children, Comment, Node, Tree};

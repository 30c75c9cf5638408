//! Whole small projects.

//! Small projects.

//! crosscast audits JavaScript/TypeScript realtime servers for code that works on one instance and loses messages
//! or state on two.

pub mod audit;
pub mod checks;
pub mod cli;
pub mod config;
pub mod deployment;
pub mod facts;
pub mod flow;
pub mod lsp;
pub mod modules;
pub mod output;
pub mod realtime;
pub mod report;
pub mod rules;
pub mod source;
pub mod syntax;

//! A file for each resource: request → command, snapshot → answer; nothing else.

pub mod automations;
pub mod bases;
pub mod changes;
pub mod commands;
pub mod docs;
pub mod formulas;
pub mod inbox;
pub mod local;
pub mod people;
pub mod query;
pub mod records;
pub mod session;
pub mod tables;
pub mod templates;
pub mod tokens;

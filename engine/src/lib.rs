//! Placeholder.

pub mod log;
pub mod store;

//! JSON ↔ engine types, by hand: `docs/protocol.md` is what both sides are written from.
//!
//! [`value`] writes cells and reads inputs, [`describe`] writes bases, tables and fields, [`ops`] reads commands,
//! [`results`] writes what they answered, [`rows`] writes records, [`history`] writes commits.

pub mod args;
pub mod describe;
pub mod history;
pub mod ops;
pub mod results;
pub mod rows;
pub mod value;

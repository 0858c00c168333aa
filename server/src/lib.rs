//! Sheaf as a server: HTTP, WebSocket, the command line and the browser app.
//!
//! [`routes::ROUTES`] is the table of all routes; [`routes::router`] makes the service of it; [`serve::serve`] runs
//! it. The engine decides what a command does; here it is decided who may ask, and how it looks as JSON.

pub mod access;
pub mod api;
pub mod app;
pub mod ask;
pub mod assets;
pub mod auth;
pub mod cli;
pub mod control;
pub mod deliver;
pub mod demo;
pub mod directory;
pub mod error;
pub mod export;
pub mod extract;
pub mod guard;
pub mod hub;
pub mod import;
pub mod live;
pub mod metrics;
pub mod outgoing;
pub mod routes;
pub mod secret;
pub mod serve;
pub mod socket;
pub mod templates;
pub mod time;
pub mod wire;

pub use app::{App, Options};
pub use routes::router;

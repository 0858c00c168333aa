//! Figures for operators, at `/metrics` in the form that Prometheus reads.

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::metrics::histogram::{Histogram, exponential_buckets};
use prometheus_client::registry::Registry;

/// What a request is counted under: the route and not the path, so that there are few.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
pub struct Labels {
    /// `GET` …
    pub method: String,
    /// As in the table of routes.
    pub route: String,
    /// Of the answer.
    pub status: u16,
}

/// See the module's head.
#[derive(Debug)]
pub struct Metrics {
    registry: Registry,
    /// Requests answered.
    pub requests: Family<Labels, Counter>,
    /// Seconds until the answer began.
    pub seconds: Histogram,
    /// Open sockets.
    pub sockets: Gauge,
    /// Logins that failed.
    pub failed_logins: Counter,
    /// Frames sent to sockets.
    pub frames: Counter,
    /// Times that a slow socket's patches were dropped for a fresh snapshot.
    pub stale: Counter,
    /// Sockets closed since nothing was read for too long.
    pub stalled: Counter,
    /// Effects delivered.
    pub delivered: Counter,
    /// Effects given up.
    pub undelivered: Counter,
}

impl Metrics {
    pub(crate) fn new() -> Self {
        let metrics = Self {
            registry: Registry::default(),
            requests: Family::default(),
            seconds: Histogram::new(exponential_buckets(0.000_1, 4.0, 10)),
            sockets: Gauge::default(),
            failed_logins: Counter::default(),
            frames: Counter::default(),
            stale: Counter::default(),
            stalled: Counter::default(),
            delivered: Counter::default(),
            undelivered: Counter::default(),
        };
        let mut registry = Registry::with_prefix("sheaf");
        registry.register("http_requests", "Requests answered", metrics.requests.clone());
        registry.register("http_seconds", "Seconds until the answer began", metrics.seconds.clone());
        registry.register("sockets", "Open sockets", metrics.sockets.clone());
        registry.register("failed_logins", "Logins that failed", metrics.failed_logins.clone());
        registry.register("socket_frames", "Frames sent to sockets", metrics.frames.clone());
        registry.register(
            "socket_stale",
            "Times that a slow socket got a fresh snapshot",
            metrics.stale.clone(),
        );
        registry.register("socket_stalled", "Sockets closed since nothing was read", metrics.stalled.clone());
        registry.register(
            "effects_delivered",
            "Outgoing requests that were taken",
            metrics.delivered.clone(),
        );
        registry.register("effects_failed", "Outgoing requests given up", metrics.undelivered.clone());
        Self { registry, ..metrics }
    }

    /// All of it as text.
    pub fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a text cannot fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}

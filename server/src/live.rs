//! [`Live`]: an open base with what is kept for those who ask it.

use engine::Base;
use engine::analyze::AnalyzeCache;
use engine::view::OrderCache;

/// An open base, its orders and partial sums. Sockets have their own (`hub.rs`): a request that reads a newer
/// version would otherwise make them begin anew.
#[derive(Debug)]
pub struct Live {
    /// The base.
    pub base: Base,
    /// Orders that requests asked for.
    pub orders: OrderCache,
    /// Sums that requests asked for.
    pub sums: AnalyzeCache,
}

impl Live {
    pub(crate) fn new(base: Base) -> Self {
        Self { base, orders: OrderCache::default(), sums: AnalyzeCache::default() }
    }
}

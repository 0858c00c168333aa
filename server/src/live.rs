//! [`Live`]: an open base with what is kept for those who ask it.

use std::sync::{Mutex, PoisonError};

use engine::Base;
use engine::analyze::AnalyzeCache;
use engine::automation::{Runner, SystemClock};
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
    /// Follows the base and runs its automations, while the server serves.
    runner: Mutex<Option<Runner>>,
}

impl Live {
    pub(crate) fn new(base: Base, runs: bool) -> Self {
        let runner = runs.then(|| Runner::start(base.clone(), std::sync::Arc::new(SystemClock)));
        Self {
            base,
            orders: OrderCache::default(),
            sums: AnalyzeCache::default(),
            runner: Mutex::new(runner),
        }
    }

    /// Lets the runner look at the clock.
    pub(crate) fn nudge(&self) {
        if let Some(runner) = &*self.runner.lock().unwrap_or_else(PoisonError::into_inner) {
            runner.nudge();
        }
    }

    /// Ends the runner and waits for the run at hand.
    pub(crate) fn stop(&self) {
        let runner = self.runner.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(runner) = runner {
            runner.stop();
        }
    }
}

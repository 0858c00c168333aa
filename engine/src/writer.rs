//! One base's writer: a group of requests → plan → apply → append → compute → publish → answer.
use std::collections::VecDeque;
use std::sync::Arc;

use crate::base::Reply;
use crate::change::{Commit, Version};
use crate::command::Request;

/// What the writer's thread is sent.
pub(crate) enum Message {
    /// Commands and who waits for them.
    Request(Box<Request>, Reply),
    /// The clock moved.
    Tick(i64),
}

/// The newest commits, kept in memory for watchers that resume and for undo.
#[derive(Default)]
pub(crate) struct Recent {
    commits: VecDeque<(Arc<Commit>, usize)>,
    bytes: usize,
}

impl Recent {
    /// The commits `after + 1 ..= upto`, if all of them are still here.
    pub(crate) fn range(&self, after: Version, upto: Version) -> Option<Vec<Arc<Commit>>> {
        let first = self.commits.front()?.0.version;
        if after + 1 < first {
            return None;
        }
        let skip = (after + 1 - first) as usize;
        let commits = self.commits.iter().skip(skip).take_while(|(commit, _)| commit.version <= upto);
        Some(commits.map(|(commit, _)| Arc::clone(commit)).collect())
    }
}

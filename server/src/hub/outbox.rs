//! [`Outbox`]: frames on their way to one socket, never more than it can take.
//!
//! The hub puts frames in, the socket's own task sends them. Over the limit the data frames go and the hub is
//! told when there is room again: it then sends each window anew. Memory stays bounded however slow a reader is.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use axum::extract::ws::Utf8Bytes;
use tokio::sync::Notify;

/// Bytes that wait for one socket.
pub const QUEUE_BYTES_MAX: usize = 1 << 20;
/// Frames that wait for one socket.
pub const QUEUE_FRAMES_MAX: usize = 256;

/// What a frame is for, as far as dropping it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Operations on windows; with the version they start from.
    Patch(u64),
    /// A whole window.
    Snap,
    /// Where people are: the next one will do.
    Presence,
    /// Never dropped.
    Control,
}

/// A frame that waits.
#[derive(Clone, Debug)]
pub struct Frame {
    /// What it is for.
    pub kind: Kind,
    /// JSON.
    pub text: Utf8Bytes,
}

impl Frame {
    /// A frame that is never dropped.
    pub fn control(text: impl Into<Utf8Bytes>) -> Self {
        Self { kind: Kind::Control, text: text.into() }
    }
}

/// See the module's head.
#[derive(Debug, Default)]
pub struct Outbox {
    queue: Mutex<Queue>,
    ready: Notify,
}

#[derive(Debug, Default)]
struct Queue {
    frames: VecDeque<Frame>,
    bytes: usize,
    /// The hub waits for room.
    hungry: bool,
    close: Option<(u16, &'static str)>,
}

/// What the socket's task is to do next.
#[derive(Debug)]
pub enum Next {
    /// Send these, then flush.
    Frames(Vec<Frame>),
    /// Close with this code.
    Close(u16, &'static str),
}

impl Outbox {
    /// Adds frames if they fit; an empty queue takes anything.
    ///
    /// Otherwise patches, windows and presence are dropped, those that waited included, and the version from
    /// which the socket has seen no patch is given back, if any patch was dropped.
    pub fn push(&self, frames: Vec<Frame>) -> Result<(), Option<u64>> {
        let mut queue = self.lock();
        let bytes: usize = frames.iter().map(|frame| frame.text.len()).sum();
        let fits = queue.frames.is_empty()
            || queue.bytes + bytes <= QUEUE_BYTES_MAX
                && queue.frames.len() + frames.len() <= QUEUE_FRAMES_MAX;
        queue.frames.extend(frames);
        queue.bytes += bytes;
        let result = if fits { Ok(()) } else { Err(queue.drop_data()) };
        drop(queue);
        self.ready.notify_one();
        result
    }

    /// Adds a frame that is never dropped, whoever has put the others in.
    pub fn push_control(&self, frame: Frame) {
        let mut queue = self.lock();
        queue.bytes += frame.text.len();
        queue.frames.push_back(frame);
        drop(queue);
        self.ready.notify_one();
    }

    /// Whether a window may be added without dropping anything.
    pub fn has_room(&self) -> bool {
        let queue = self.lock();
        queue.frames.is_empty()
            || queue.bytes < QUEUE_BYTES_MAX / 2 && queue.frames.len() < QUEUE_FRAMES_MAX / 2
    }

    /// Asks to be told when the queue is empty; `false` if it is.
    pub fn await_room(&self) -> bool {
        let mut queue = self.lock();
        queue.hungry = !queue.frames.is_empty();
        queue.hungry
    }

    /// Closes the socket after what waits.
    pub fn close(&self, code: u16, why: &'static str) {
        self.lock().close.get_or_insert((code, why));
        self.ready.notify_one();
    }

    /// Waits for frames. The second part tells that the hub waits for room and there is some now.
    pub async fn next(&self) -> (Next, bool) {
        loop {
            {
                let mut queue = self.lock();
                if !queue.frames.is_empty() {
                    let frames = queue.frames.drain(..).collect();
                    queue.bytes = 0;
                    return (Next::Frames(frames), std::mem::take(&mut queue.hungry));
                }
                if let Some((code, why)) = queue.close {
                    return (Next::Close(code, why), false);
                }
            }
            self.ready.notified().await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Queue> {
        self.queue.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Queue {
    fn drop_data(&mut self) -> Option<u64> {
        let mut first = None;
        self.frames.retain(|frame| {
            if let Kind::Patch(from) = frame.kind {
                first.get_or_insert(from);
            }
            frame.kind == Kind::Control
        });
        self.bytes = self.frames.iter().map(|frame| frame.text.len()).sum();
        first
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(kind: Kind, bytes: usize) -> Frame {
        Frame { kind, text: "x".repeat(bytes).into() }
    }

    #[tokio::test]
    async fn a_full_queue_keeps_what_must_arrive() {
        let outbox = Outbox::default();
        assert_eq!(outbox.push(vec![frame(Kind::Snap, 2 * QUEUE_BYTES_MAX)]), Ok(()));
        assert!(!outbox.has_room());
        assert_eq!(outbox.push(vec![frame(Kind::Patch(7), 10), Frame::control("ack")]), Err(Some(7)));
        assert!(outbox.await_room());
        let (Next::Frames(frames), hungry) = outbox.next().await else { panic!("frames wait") };
        assert!(hungry && frames.len() == 1 && frames[0].text.as_str() == "ack");
        outbox.close(1000, "bye");
        assert!(matches!(outbox.next().await.0, Next::Close(1000, _)));
    }

    #[test]
    fn the_number_of_frames_is_bounded() {
        let outbox = Outbox::default();
        for n in 0..QUEUE_FRAMES_MAX as u64 {
            assert_eq!(outbox.push(vec![frame(Kind::Patch(n), 1)]), Ok(()));
        }
        assert_eq!(outbox.push(vec![frame(Kind::Patch(999), 1)]), Err(Some(0)));
        assert!(outbox.has_room());
    }
}

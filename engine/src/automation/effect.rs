//! The outbox: what is due, and what becomes of an effect after an attempt. Pure; the server does the sending.
//!
//! At least once: an attempt whose answer is lost is made again with the same key. Eight attempts, 5 s · 2ⁿ
//! apart, each moved by up to 20 % by a hash of the effect's number, so that what failed together does not come
//! back together. Network errors, 408, 429 and 5xx are tried again; other answers are final.

use std::sync::Arc;

use super::{Effect, EffectStatus};
use crate::snapshot::Snapshot;

/// Attempts after which an effect is given up.
pub const ATTEMPTS_MAX: u32 = 8;
/// The pause after the first attempt, milliseconds.
pub const PAUSE_MS_FIRST: i64 = 5_000;
/// No pause is longer, whatever a receiver asks for: a day.
pub const PAUSE_MS_MAX: i64 = 24 * 3_600 * 1_000;
/// Characters of an answer that are kept.
const ANSWER_CHARS_MAX: usize = 4_096;

/// How an attempt ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Attempt {
    /// It was taken.
    Delivered(String),
    /// It may work later.
    Later {
        /// What was answered.
        answer: String,
        /// The receiver asked to wait so long.
        retry_after_ms: Option<i64>,
    },
    /// It will not work.
    Refused(String),
}

impl Attempt {
    /// What an HTTP status means; `None` for a request that got no answer.
    pub fn of_status(status: Option<u16>, answer: impl Into<String>, retry_after_ms: Option<i64>) -> Self {
        let answer = answer.into();
        match status {
            Some(200..=299) => Self::Delivered(answer),
            None | Some(408 | 429 | 500..=599) => Self::Later { answer, retry_after_ms },
            Some(_) => Self::Refused(answer),
        }
    }
}

/// What of a base's outbox is due at `now_ms`, oldest first.
pub fn outbox(snapshot: &Snapshot, now_ms: i64) -> Vec<Arc<Effect>> {
    let effects = snapshot.stored().automation.effects.values();
    effects.filter(|effect| is_due(effect, now_ms)).cloned().collect()
}

/// When the outbox has something due next, milliseconds UTC.
pub fn next_due_ms(snapshot: &Snapshot) -> Option<i64> {
    let effects = snapshot.stored().automation.effects.values();
    effects.filter(|effect| effect.status == EffectStatus::Pending).map(|effect| effect.due_ms).min()
}

/// Effects that were given up, oldest first.
pub fn dead_letters(snapshot: &Snapshot) -> Vec<Arc<Effect>> {
    let effects = snapshot.stored().automation.effects.values();
    effects.filter(|effect| effect.status == EffectStatus::Failed).cloned().collect()
}

/// Whether an effect is to be sent now.
pub fn is_due(effect: &Effect, now_ms: i64) -> bool {
    effect.status == EffectStatus::Pending && effect.due_ms <= now_ms
}

/// The effect after an attempt: what [`crate::Command::Sent`] takes.
pub fn after(effect: &Effect, attempt: Attempt, now_ms: i64) -> Effect {
    let attempts = effect.attempts + 1;
    let (status, answer, due_ms) = match attempt {
        Attempt::Delivered(answer) => (EffectStatus::Delivered, answer, effect.due_ms),
        Attempt::Refused(answer) => (EffectStatus::Failed, answer, effect.due_ms),
        Attempt::Later { answer, .. } if attempts >= ATTEMPTS_MAX => {
            (EffectStatus::Failed, answer, effect.due_ms)
        }
        Attempt::Later { answer, retry_after_ms } => {
            let pause = pause_ms(effect.id, attempts).max(retry_after_ms.unwrap_or(0)).min(PAUSE_MS_MAX);
            (EffectStatus::Pending, answer, now_ms + pause)
        }
    };
    let answer = answer.chars().take(ANSWER_CHARS_MAX).collect();
    Effect { attempts, due_ms, status, answer, ..effect.clone() }
}

/// A failed effect to be sent again, with the same key and all its attempts before it.
pub fn again(effect: &Effect, now_ms: i64) -> Effect {
    Effect { attempts: 0, due_ms: now_ms, status: EffectStatus::Pending, ..effect.clone() }
}

/// The pause after the attempt number `attempts` (from 1), milliseconds.
pub fn pause_ms(id: u64, attempts: u32) -> i64 {
    let usual = PAUSE_MS_FIRST << attempts.saturating_sub(1).min(20);
    // −20 % … +20 % in thousandths, from a hash: the same for everybody who computes it.
    let hash = blake3::hash(&[id.to_le_bytes(), u64::from(attempts).to_le_bytes()].concat());
    let thousandths = i64::from(u16::from_le_bytes([hash.as_bytes()[0], hash.as_bytes()[1]])) % 401 - 200;
    usual + usual * thousandths / 1_000
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::id::PersonId;

    fn effect() -> Effect {
        Effect {
            id: 7,
            run: 1,
            kind: "http".into(),
            payload: serde_json::Value::Null,
            owner: PersonId(1),
            time_ms: 0,
            attempts: 0,
            due_ms: 0,
            status: EffectStatus::Pending,
            answer: String::new(),
        }
    }

    #[test]
    fn pauses_double_and_differ_by_at_most_a_fifth() {
        for id in 0..200 {
            for attempts in 1..ATTEMPTS_MAX {
                let usual = 5_000 << (attempts - 1);
                let pause = pause_ms(id, attempts);
                assert!((usual * 4 / 5..=usual * 6 / 5).contains(&pause), "{id} {attempts}: {pause}");
            }
        }
        let firsts: std::collections::BTreeSet<i64> = (0..200).map(|id| pause_ms(id, 1)).collect();
        assert!(firsts.len() > 100, "effects that fail together come back apart");
    }

    #[test]
    fn eight_attempts_and_no_more() {
        let mut one = effect();
        let mut now_ms = 0;
        for attempts in 1..=ATTEMPTS_MAX {
            assert!(is_due(&one, now_ms));
            one = after(&one, Attempt::of_status(Some(503), "busy", None), now_ms);
            assert_eq!(one.attempts, attempts);
            assert!(!is_due(&one, now_ms));
            now_ms = one.due_ms;
        }
        assert_eq!(one.status, EffectStatus::Failed);
        assert!(is_due(&again(&one, now_ms), now_ms));
    }

    #[test]
    fn statuses_mean_what_they_say() {
        let ends = |status| after(&effect(), Attempt::of_status(status, "", None), 0).status;
        assert_eq!(ends(Some(204)), EffectStatus::Delivered);
        for later in [None, Some(408), Some(429), Some(500), Some(599)] {
            assert_eq!(ends(later), EffectStatus::Pending, "{later:?}");
        }
        for refused in [Some(301), Some(400), Some(404), Some(410)] {
            assert_eq!(ends(refused), EffectStatus::Failed, "{refused:?}");
        }
    }

    #[test]
    fn a_receiver_may_ask_to_wait_up_to_a_day() {
        let later = |ms| Attempt::Later { answer: String::new(), retry_after_ms: Some(ms) };
        assert_eq!(after(&effect(), later(60_000), 1_000).due_ms, 61_000);
        assert!(after(&effect(), later(1), 0).due_ms >= 4_000);
        assert_eq!(after(&effect(), later(i64::MAX), 0).due_ms, PAUSE_MS_MAX);
    }
}

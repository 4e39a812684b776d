//! What a future costs that is recorded as a task.

use super::cost::compare;
use crate::clock::pairs;
use crate::slices::Outcome;
use crate::subjects::{POLL, TASK};

/// Events in a slice.
const EVENTS: u64 = 18_000;

/// A task that is polled once against four reads of the clock.
pub(super) fn task() -> Outcome {
    compare(TASK, EVENTS, |events| pairs(events / 3 * 2))
}

/// One more poll of a task against two reads of the clock.
pub(super) fn poll() -> Outcome {
    compare(POLL, EVENTS, pairs)
}

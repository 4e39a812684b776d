//! What a future costs that is recorded as a task.

use std::future::{pending, ready};
use std::hint::black_box;
use std::pin::pin;
use std::task::{Context, Waker};

use super::cost::compare;
use crate::clock::pairs;
use crate::slices::Outcome;
use crate::subjects::Subject;
use traceme::traced;

/// Three events each: it begins, is polled, and ends.
const TASK: Subject = Subject { name: "task", record: tasks, bytes: 27 };
/// One event.
const POLL: Subject = Subject { name: "poll", record: polls, bytes: 32 };

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

#[inline(never)]
fn tasks(events: u64) {
    let mut context = Context::from_waker(Waker::noop());
    for n in 0..events / 3 {
        let task = pin!(traced!(ready(n), "task"));
        let _ = black_box(task.poll(&mut context));
    }
}

/// Of a task that begins, is dropped and ends here too.
#[inline(never)]
fn polls(events: u64) {
    let mut context = Context::from_waker(Waker::noop());
    let mut task = pin!(traced!(pending::<u64>(), "polled"));
    for _ in 0..events - 3 {
        let _ = black_box(task.as_mut().poll(&mut context));
    }
}

//! The numbers of activities and tasks, and whether the session has met any.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crate::record::recorder::{STAMP, UNDECIDED};
use crate::record::thread::Local;
use crate::record::wire;

/// How many numbers a thread takes at a time: to take one would cost as much as a fifth of a task.
const BLOCK: u64 = 64;

thread_local! {
    /// The numbers that this thread has taken and not given: the next one, and the one behind the last.
    static TAKEN: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// Alone in its part of the processor's cache: what all threads read must not be near what some write.
#[repr(align(128))]
struct Apart<T>(T);

/// The next number that no thread has taken.
static NEXT: Apart<AtomicU64> = Apart(AtomicU64::new(1));
/// Whether the session has met a callsite whose events belong to no thread's track: a counter's, an activity's.
static SHARED: Apart<AtomicBool> = Apart(AtomicBool::new(false));

/// Whether the session can have events that belong to no thread's track.
pub(crate) fn is_shared() -> bool {
    // Relaxed: those that are in a chunk were acquired with it.
    SHARED.0.load(Ordering::Relaxed)
}

/// The session can have such events from now on.
#[inline(always)]
pub(crate) fn share() {
    // Relaxed, both: published with the event.
    if !SHARED.0.load(Ordering::Relaxed) {
        SHARED.0.store(true, Ordering::Relaxed);
    }
}

/// The word for the ends of activities, which have no callsite; `None` without a session.
#[inline(always)]
pub(crate) fn word_of_ends() -> Option<u64> {
    // Relaxed: a thread that hasn't joined the session of this number does so under a lock.
    let stamp = STAMP.load(Ordering::Relaxed);
    if matches!(stamp, 0 | UNDECIDED) {
        return None;
    }
    share();
    Some(stamp)
}

/// The id of an activity that begins, in the session of its callsite's word.
#[inline(always)]
pub(crate) fn begin_activity(word: u64) -> u64 {
    Local::with(|local| {
        // A handler that interrupts this takes a number of its own.
        let Some(_busy) = local.enter() else { return wire::activity(word, take(1)) };
        let (mut next, mut end) = TAKEN.get();
        if next == end {
            next = take(BLOCK);
            end = next + BLOCK;
        }
        TAKEN.set((next + 1, end));
        wire::activity(word, next)
    })
}

#[inline(never)]
fn take(count: u64) -> u64 {
    // Relaxed: a number only has to be given once.
    NEXT.0.fetch_add(count, Ordering::Relaxed)
}

/// An id that is above those of all activities that have begun.
pub(super) fn next_activity(word: u64) -> u64 {
    // Relaxed: those that are in a chunk were acquired with it.
    wire::activity(word, NEXT.0.load(Ordering::Relaxed))
}

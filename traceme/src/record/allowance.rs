//! What a session with a budget knows of its costs: what threads may record until somebody looks again, and what was used.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::record::budget::Budget;
use crate::record::buffers;
use crate::record::thread::Local;

/// How often somebody has looked.
static LOOKS: AtomicU64 = AtomicU64::new(0);
/// How many events a thread may record between two looks before it leaves out more by itself.
static MOST: AtomicU64 = AtomicU64::new(u64::MAX);
/// The same until the first look.
const FIRST: u64 = 500;
/// The bits of both numbers of a [`Budget`]; a share of 0 if there is none.
static SHARE: AtomicU64 = AtomicU64::new(0);
static USED: AtomicU64 = AtomicU64::new(0);

/// What was attempted at a callsite that can be left out, and what of it was recorded, on all threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Count {
    pub(crate) attempts: u64,
    pub(crate) chosen: u64,
    /// Of tasks: how often those that were recorded were polled.
    pub(crate) polls: u64,
}

/// The number of the last look, and how many events a thread may record until the next.
pub(super) fn get() -> (u64, u64) {
    // Relaxed, both: a thread that sees one without the other records a little more, or less.
    (LOOKS.load(Ordering::Relaxed), MOST.load(Ordering::Relaxed))
}

/// Looks at what all threads have counted, by callsite id; gives how many threads have counted anything since the last look.
pub(crate) fn look(counts: &mut Vec<Count>) -> u64 {
    // Inside the recorder: a signal handler that traces would wait for the lock for ever.
    Local::with(|local| {
        let _busy = local.enter();
        buffers::count_sampled(counts)
    })
}

/// Lets each thread record so many events until the next call.
pub(crate) fn allow(most: u64) {
    // Relaxed, both: see `get`.
    MOST.store(most, Ordering::Relaxed);
    LOOKS.fetch_add(1, Ordering::Relaxed);
}

/// Says what was used of the budget.
pub(crate) fn tell(budget: Budget) {
    // Relaxed, both: numbers for people.
    SHARE.store(budget.share.to_bits(), Ordering::Relaxed);
    USED.store(budget.used.to_bits(), Ordering::Relaxed);
}

/// The budget of the session, if it has one.
pub(super) fn told() -> Option<Budget> {
    // Relaxed, both: as above.
    let [share, used] = [&SHARE, &USED].map(|bits| f64::from_bits(bits.load(Ordering::Relaxed)));
    (share > 0.0).then_some(Budget { share, used })
}

/// A session starts; if it has a budget, threads record little until somebody looks.
pub(super) fn begin(has_budget: bool) {
    // Relaxed, all: nobody records yet.
    MOST.store(if has_budget { FIRST } else { u64::MAX }, Ordering::Relaxed);
    // What was recorded in the sessions before is none of this one's.
    LOOKS.fetch_add(1, Ordering::Relaxed);
    SHARE.store(0, Ordering::Relaxed);
}

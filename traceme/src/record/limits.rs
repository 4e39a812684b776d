//! How long the spans of a callsite may take, if a trigger of the session watches them.
//!
//! The hot path compares each span with the least of all limits. What comes up to that is compared with the limit of its
//! callsite, which lies here by the callsite's id. Entries change under the lock of the session that runs, and are read
//! without any: memory for them is made where callsites are looked up, never where a span ends.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::callsite::ID_BITS;
use crate::record::kept::Kept;

/// No limit.
pub(crate) const NONE: u64 = u64::MAX;

/// Callsites in a block: of blocks there are as many as callsites can need, and those are made that are used.
const BLOCK: usize = 1024;
const BLOCKS: usize = (1 << ID_BITS) / BLOCK;

/// The least limit in ticks, or a little less; [`NONE`] if there is none.
static LEAST: AtomicU64 = AtomicU64::new(NONE);
/// In ns, by callsite.
static TABLE: [Kept<AtomicU64>; BLOCKS] = [const { Kept::new() }; BLOCKS];

/// Whether a span that took so many ticks may have reached a limit. All that a span costs for it.
#[inline(always)]
pub(crate) fn may_be_reached(ticks: u64) -> bool {
    // Relaxed: a number; a span that ends while the limit is set is compared with it or not.
    ticks >= LEAST.load(Ordering::Relaxed)
}

/// The limit of a callsite in ns, or [`NONE`].
pub(crate) fn of(callsite: u64) -> u64 {
    let at = usize::try_from(callsite).unwrap_or(usize::MAX);
    let entry = TABLE.get(at / BLOCK).and_then(|block| block.get()?.get(at % BLOCK));
    // Relaxed: as above.
    entry.map_or(NONE, |limit| limit.load(Ordering::Relaxed))
}

/// Gives a callsite this limit in ns, unless it has a lower one.
pub(super) fn lower(callsite: u32, limit: u64) {
    let at = callsite as usize;
    let block = TABLE.get(at / BLOCK).and_then(|block| block.make(BLOCK, || AtomicU64::new(NONE)));
    if let Some(entry) = block.and_then(|block| block.get(at % BLOCK)) {
        // Relaxed: as above.
        entry.fetch_min(limit, Ordering::Relaxed);
    }
}

/// There is a limit of so many ticks, or a little more.
pub(super) fn lower_least(ticks: u64) {
    // Relaxed: as above.
    LEAST.fetch_min(ticks, Ordering::Relaxed);
}

/// The session is over: there are no limits.
pub(super) fn forget() {
    // Relaxed, both: as above.
    if LEAST.swap(NONE, Ordering::Relaxed) != NONE {
        let entries = TABLE.iter().filter_map(Kept::get).flatten();
        entries.for_each(|limit| limit.store(NONE, Ordering::Relaxed));
    }
}

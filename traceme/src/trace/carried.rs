//! Activities over the seams between the batches that a session's sinks get.
//!
//! An activity begins in one batch and ends in another, on whatever threads. Each batch is read alone, so it is told what
//! is open; and it leaves what it found to the next one.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::index::{Contents, Place};
use crate::record::wire::{self, Record};
use crate::sync::AtomicU64;

/// How many open activities, and how many ends without a beginning, are remembered: the others of some can have been lost.
pub(super) const MOST_OPEN: usize = 1 << 16;

/// What the batches before leave to a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    /// The activities that have not ended, by their ids, which grow.
    open: BTreeMap<u64, OpenActivity>,
    /// Ends that came before their beginnings: when, and of which activity. Threads are looked at one after the other.
    ends: Vec<(u64, u64)>,
    /// Whether this batch leaves anything to another.
    goes_on: bool,
}

/// An activity that began in an earlier batch.
#[derive(Clone, Debug)]
struct OpenActivity {
    /// When, in ns.
    start: u64,
    /// The words of its beginning.
    record: Arc<[AtomicU64]>,
}

/// What a batch has of activities that are not wholly in it.
#[derive(Debug, Default)]
pub(super) struct Seam {
    /// Those that began and did not end: which, when, and where.
    pub(super) begun: Vec<(u64, u64, Place)>,
    /// Those that had begun before, and ended.
    pub(super) ended: BTreeSet<u64>,
    /// Ends without a beginning: when, and of which activity.
    pub(super) ends: Vec<(u64, u64)>,
}

impl Carried {
    /// What the first batch is left.
    #[cfg(feature = "enable")]
    pub(crate) fn for_the_first() -> Self {
        Self { goes_on: true, ..Self::default() }
    }

    /// The same for the last batch: what is missing in that one doesn't come.
    #[cfg(feature = "enable")]
    pub(crate) fn for_the_last(self) -> Self {
        Self { goes_on: false, ..self }
    }

    /// When an activity began that had not ended.
    pub(super) fn start(&self, activity: u64) -> Option<u64> {
        self.open.get(&activity).map(|open| open.start)
    }

    /// The ends whose beginnings can only be in this batch, or in a later one.
    pub(super) fn ends(&self) -> &[(u64, u64)] {
        &self.ends
    }

    pub(super) fn goes_on(&self) -> bool {
        self.goes_on
    }

    /// The beginning of an activity that had not ended.
    pub(super) fn record(&self, activity: u64) -> Option<Record<'_>> {
        Some(wire::read(&self.open.get(&activity)?.record)?.0)
    }
}

/// What a batch adds to what it was left.
#[derive(Debug)]
pub(super) struct Change {
    begun: Vec<(u64, OpenActivity)>,
    ended: BTreeSet<u64>,
    ends: Vec<(u64, u64)>,
}

impl Change {
    pub(super) fn of(contents: Contents<'_>, seam: &Seam) -> Self {
        let open = |&(activity, start, place): &(u64, u64, Place)| {
            let words = contents.words_at(place)?;
            // Relaxed: these words were published.
            let copy = |word: &AtomicU64| AtomicU64::new(word.load(Ordering::Relaxed));
            let record = words.get(..wire::read(words)?.1)?.iter().map(copy).collect();
            Some((activity, OpenActivity { start, record }))
        };
        let begun = seam.begun.iter().filter_map(open).collect();
        Self { begun, ended: seam.ended.clone(), ends: seam.ends.clone() }
    }

    /// What is left to the next batch.
    pub(super) fn apply(self, mut carried: Carried) -> Carried {
        for activity in &self.ended {
            carried.open.remove(activity);
        }
        carried.open.extend(self.begun);
        while carried.open.len() > MOST_OPEN {
            carried.open.pop_first();
        }
        Carried { ends: self.ends, goes_on: true, ..carried }
    }
}

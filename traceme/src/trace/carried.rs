//! What goes on over the seams between the batches that a session's sinks get.
//!
//! An activity begins in one batch and ends in another, on whatever threads. Each batch is read alone, so it is told what
//! is open; and it leaves what it found to the next one. So it does with what is open on threads, where it ends: the next
//! one would have to read the chunk from its first word on.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::index::{Contents, Index, Place};
use super::scan::Section;
use super::seam::{self, ChunkName};
use crate::record::wire::{self, Record};
use crate::sync::AtomicU64;

/// How many open activities, and how many ends without a beginning, are remembered: the others of some can have been lost.
pub(super) const MOST_OPEN: usize = 1 << 16;

/// Of how many chunks it is remembered where the last batch ended. Of others it is found again.
const MOST_REACHED: usize = 1 << 14;

/// What the batches before leave to a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    /// The activities that have not ended, by their ids, which grow.
    open: BTreeMap<u64, OpenActivity>,
    /// Ends that came before their beginnings: when, and of which activity. Threads are looked at one after the other.
    ends: Vec<(u64, u64)>,
    /// What goes on where the batches before ended, in chunks that are still written.
    reached: BTreeMap<ChunkName, Section>,
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

    /// What goes on in the chunk of these words where the batches before ended, if that is known.
    pub(super) fn reached(&self, words: &[AtomicU64]) -> Option<&Section> {
        self.reached.get(&seam::name_of(words)?)
    }

    /// As if nothing were known of chunks.
    #[cfg(all(test, not(loom)))]
    pub(super) fn without_chunks(self) -> Self {
        Self { reached: BTreeMap::new(), ..self }
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
    reached: Vec<(ChunkName, Section)>,
    /// The chunks that are not written any more.
    finished: BTreeSet<ChunkName>,
    /// The last section of each thread: those before are over.
    last: BTreeMap<u64, u64>,
}

impl Change {
    pub(super) fn of(contents: Contents<'_>, index: &Index) -> Self {
        let open = |&(activity, start, place): &(u64, u64, Place)| {
            let words = contents.words_at(place)?;
            // Relaxed: these words were published.
            let copy = |word: &AtomicU64| AtomicU64::new(word.load(Ordering::Relaxed));
            let record = words.get(..wire::read(words)?.1)?.iter().map(copy).collect();
            Some((activity, OpenActivity { start, record }))
        };
        let seam = index.seam();
        let begun = seam.begun.iter().filter_map(open).collect();
        // Looked at once: who finishes a chunk meanwhile doesn't make it half forgotten.
        let finished = contents.recorded.chunks.iter().filter(|chunk| chunk.is_finished());
        let finished: BTreeSet<ChunkName> = finished.filter_map(|chunk| seam::name_of(chunk.words())).collect();
        let reached = index.last_sections().filter_map(|section| {
            let words = contents.words(section.chunk);
            let name = seam::name_of(words).filter(|name| section.to == words.len() && !finished.contains(name))?;
            Some((name, seam::behind_end(contents, section)?))
        });
        let reached = reached.collect();
        let last = index.last_sections().map(|section| (section.thread, section.sequence)).collect();
        Self { begun, ended: seam.ended.clone(), ends: seam.ends.clone(), reached, finished, last }
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
        // Threads and chunks come and go.
        let is_over = |section: &Section| self.last.get(&section.thread).is_some_and(|&last| last > section.sequence);
        carried.reached.retain(|name, section| !self.finished.contains(name) && !is_over(section));
        carried.reached.extend(self.reached);
        while carried.reached.len() > MOST_REACHED {
            carried.reached.pop_first();
        }
        Carried { ends: self.ends, goes_on: true, ..carried }
    }
}

//! What goes on over the seams between the batches that a session's sinks get.
//!
//! An activity begins in one batch and ends in another, on whatever threads. Each batch is read alone, so it is told what
//! is open; and it leaves what it found to the next one. So it does with what is open on threads, where it ends: the next
//! one would have to read the chunk from its first word on.
//!
//! Threads are looked at one after the other. So what happened before something that is in a batch is in the next batch at
//! the latest: for so long it is remembered what has ended, and what was added to something that is not known yet. It can be
//! much later where a part has full chunks only, for sums: these look at neither.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::flags::Flags;
use super::index::{Contents, Index, Place};
use super::scan::Section;
use super::seam::{self, ChunkName};
use crate::record::wire::{self, Record};
use crate::sync::AtomicU64;

/// How many open activities, and how many ends without a beginning, are remembered: the others of some can have been lost, and
/// who forgets a future leaves it open for ever. The oldest are given up: what begins now ends sooner, as a rule. The end of one
/// that was given up is one without a beginning, and counted as such.
pub(super) const MOST_OPEN: usize = 1 << 16;

/// How many additions to an open activity are remembered: the last ones.
const MOST_APPENDED: usize = 64;

/// Of how many chunks it is remembered where the last batch ended. Of others it is found again.
const MOST_REACHED: usize = 1 << 14;

/// What the batches before leave to a batch.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    /// The activities that have not ended, by their ids, which grow on each thread.
    open: BTreeMap<u64, OpenActivity>,
    /// Those that ended in the last batch: polls and additions can be on their way still.
    ended: BTreeMap<u64, Ended>,
    /// What was added to activities that have not ended, or may begin in this batch, in order.
    appended: BTreeMap<u64, Vec<Addition>>,
    /// Ends that came before their beginnings. Threads are looked at one after the other.
    ends: Vec<Ending>,
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

/// An activity that ended in the last batch.
#[derive(Clone, Debug)]
struct Ended {
    ending: Ending,
    /// Its name, if it is a task's that was made at run time.
    name: Option<Box<str>>,
}

/// Metadata that was added to an activity: when, and the words of the record.
#[derive(Clone, Debug)]
pub(super) struct Addition {
    pub(super) ns: u64,
    record: Arc<[AtomicU64]>,
}

/// When an activity ended, and how.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ending {
    pub(super) ns: u64,
    pub(super) activity: u64,
    pub(super) flags: Flags,
}

/// What a batch has of activities that are not wholly in it.
#[derive(Debug, Default)]
pub(super) struct Seam {
    /// Those that began and did not end: which, when, and where.
    pub(super) begun: Vec<(u64, u64, Place)>,
    /// Those that ended, and have their beginning here or in an earlier one.
    pub(super) ended: BTreeMap<u64, Ending>,
    /// What was added to those that did not: to which, when, and where.
    pub(super) appended: Vec<(u64, u64, Place)>,
    /// Ends without a beginning.
    pub(super) ends: Vec<Ending>,
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

    /// When and how an activity ended in the last batch.
    pub(super) fn ended(&self, activity: u64) -> Option<Ending> {
        self.ended.get(&activity).map(|ended| ended.ending)
    }

    /// The name of a task that ended in the last batch, if it was made at run time.
    pub(super) fn name_of_ended(&self, task: u64) -> Option<&str> {
        self.ended.get(&task)?.name.as_deref()
    }

    /// What was added to an activity before.
    pub(super) fn appended(&self, activity: u64) -> &[Addition] {
        self.appended.get(&activity).map_or(&[], Vec::as_slice)
    }

    /// The record of an addition, counted from 1.
    pub(super) fn addition(&self, activity: u64, at: u32) -> Option<Record<'_>> {
        let addition = self.appended(activity).get((at as usize).checked_sub(1)?)?;
        Some(wire::read(&addition.record)?.0)
    }

    /// The ends whose beginnings can only be in this batch, or in a later one.
    pub(super) fn ends(&self) -> &[Ending] {
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
    ended: BTreeMap<u64, Ended>,
    appended: Vec<(u64, Addition)>,
    ends: Vec<Ending>,
    reached: Vec<(ChunkName, Section)>,
    /// The chunks that are not written any more.
    finished: BTreeSet<ChunkName>,
    /// The last section of each thread: those before are over.
    last: BTreeMap<u64, u64>,
}

impl Change {
    pub(super) fn of(contents: Contents<'_>, index: &Index) -> Self {
        let copied = |place: Place| -> Option<Arc<[AtomicU64]>> {
            let words = contents.words_at(place)?;
            // Relaxed: these words were published.
            let copy = |word: &AtomicU64| AtomicU64::new(word.load(Ordering::Relaxed));
            Some(words.get(..wire::read(words)?.1)?.iter().map(copy).collect())
        };
        let seam = index.seam();
        let open = |&(activity, start, place)| Some((activity, OpenActivity { start, record: copied(place)? }));
        let begun = seam.begun.iter().filter_map(open).collect();
        let ended = |(&activity, &ending): (&u64, &Ending)| {
            let name = contents.known.name_of(activity).map(|name| name.to_str().into());
            (activity, Ended { ending, name })
        };
        let ended = seam.ended.iter().map(ended).collect();
        let added = |&(activity, ns, place)| Some((activity, Addition { ns, record: copied(place)? }));
        let appended = seam.appended.iter().filter_map(added).collect();
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
        Self { begun, ended, appended, ends: seam.ends.clone(), reached, finished, last }
    }

    /// What is left to the next batch.
    pub(super) fn apply(self, mut carried: Carried) -> Carried {
        self.ended.keys().for_each(|activity| drop(carried.open.remove(activity)));
        carried.open.extend(self.begun);
        give_up_oldest(&mut carried.open);
        // What was not known in this batch, either, doesn't begin any more.
        let open = &carried.open;
        carried.appended.retain(|activity, _| open.contains_key(activity));
        for (activity, addition) in self.appended {
            let is_known = open.contains_key(&activity) || carried.appended.contains_key(&activity);
            if !is_known && carried.appended.len() > MOST_OPEN {
                continue;
            }
            let appended = carried.appended.entry(activity).or_default();
            appended.push(addition);
            if appended.len() > MOST_APPENDED {
                appended.remove(0);
            }
        }
        // Threads and chunks come and go.
        let is_over = |section: &Section| self.last.get(&section.thread).is_some_and(|&last| last > section.sequence);
        carried.reached.retain(|name, section| !self.finished.contains(name) && !is_over(section));
        carried.reached.extend(self.reached);
        while carried.reached.len() > MOST_REACHED {
            carried.reached.pop_first();
        }
        Carried { ended: self.ended, ends: self.ends, goes_on: true, ..carried }
    }
}

/// Gives up those that are too many: by the times when they began, for ids are given to threads in blocks.
fn give_up_oldest(open: &mut BTreeMap<u64, OpenActivity>) {
    let Some(surplus) = open.len().checked_sub(MOST_OPEN).filter(|&surplus| surplus > 0) else { return };
    let mut starts: Vec<(u64, u64)> = open.iter().map(|(&activity, open)| (open.start, activity)).collect();
    starts.select_nth_unstable(surplus);
    starts[..surplus].iter().for_each(|(_, activity)| drop(open.remove(activity)));
}

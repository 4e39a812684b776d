//! What was not recorded: how often, why, where and when.

use std::collections::BTreeMap;
use std::fmt;

use crate::sync::{AtomicU64, Ordering};

/// Why an event was lost.
///
/// None is lost for its size: it carries at most 14 values, and of a text 4,094 bytes. A longer text is cut, and
/// [says so](crate::trace::Text::is_cut).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
#[repr(u8)]
pub enum Cause {
    /// The session's memory was used up. In a ring: all of it was being written.
    Full = 1,
    /// It happened inside the recorder itself: in a signal handler or an allocator that interrupted it.
    Reentrant,
    /// The thread's local data had been torn down.
    Teardown,
    /// More than 128 spans were open on the thread.
    TooDeep,
    /// The process has more callsites than the recorder tells apart.
    TableFull,
    /// It was recorded, and given up later for newer events, or because it got too old: see [`Memory::ring`](crate::Memory::ring)
    /// and [`Memory::for_last`](crate::Memory::for_last).
    Overwritten,
    /// The memory of a [ring](crate::Memory::ring) was used up, and what could have been given up for the event was in
    /// use at that moment: another thread gave up a part, or a snapshot, a rotation or a batch was taken. No writer waits for that.
    Pinned,
    /// It was left out on purpose: of its callsite only some events are recorded, because of a `rate` or a
    /// [budget](crate::session::Builder::budget). The count is exact. When each of them happened is not known: the times are
    /// those of the recording.
    Sampled,
}

impl Cause {
    /// All causes.
    pub const ALL: &'static [Self] = &[
        Self::Full,
        Self::Reentrant,
        Self::Teardown,
        Self::TooDeep,
        Self::TableFull,
        Self::Overwritten,
        Self::Pinned,
        Self::Sampled,
    ];

    /// The cause in two words or less, as exports name it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Reentrant => "re-entrant",
            Self::Teardown => "teardown",
            Self::TooDeep => "too deep",
            Self::TableFull => "table full",
            Self::Overwritten => "overwritten",
            Self::Pinned => "pinned",
            Self::Sampled => "sampled",
        }
    }
}

/// As its [`name`](Cause::name).
#[cfg(feature = "serde")]
impl serde::Serialize for Cause {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Events lost for one reason at one callsite on one thread; times are in ticks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    pub(crate) cause: Cause,
    /// The number of the thread; `None` if it is not known any more.
    pub(crate) thread: Option<u64>,
    /// The callsite's id; 0 if it is not known.
    pub(crate) callsite: u64,
    pub(crate) count: u64,
    pub(crate) first: u64,
    pub(crate) last: u64,
}

impl Lost {
    /// Both as one, with cause, thread and callsite of this.
    #[must_use]
    pub(crate) fn and(self, other: Self) -> Self {
        let (first, last) = (self.first.min(other.first), self.last.max(other.last));
        Self { count: self.count + other.count, first, last, ..self }
    }

    /// Adds a loss to one that there may be.
    pub(crate) fn add(to: &mut Option<Self>, lost: Option<Self>) {
        *to = match (*to, lost) {
            (Some(to), Some(lost)) => Some(to.and(lost)),
            (to, lost) => to.or(lost),
        };
    }

    /// The same without its thread.
    #[must_use]
    pub(crate) fn nobodys(self) -> Self {
        Self { thread: None, ..self }
    }
}

/// How many losses of threads that have ended are kept as they are; further ones are put together by callsite.
const MOST_APART: usize = 4096;

/// The losses of threads that have ended, however many they were.
#[derive(Debug)]
pub(crate) struct Ended {
    apart: Vec<Lost>,
    together: BTreeMap<(Cause, u64), Lost>,
}

impl Ended {
    pub(crate) const fn new() -> Self {
        Self { apart: Vec::new(), together: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, lost: impl IntoIterator<Item = Lost>) {
        for lost in lost {
            if self.apart.len() < MOST_APART {
                self.apart.push(lost);
                continue;
            }
            let same = self.together.entry((lost.cause, lost.callsite));
            same.and_modify(|same| *same = same.and(lost)).or_insert(lost.nobodys());
        }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = Lost> {
        self.apart.iter().chain(self.together.values()).copied()
    }

    pub(crate) fn take(&mut self) -> Vec<Lost> {
        let together = std::mem::take(&mut self.together);
        let mut lost = std::mem::take(&mut self.apart);
        lost.extend(together.into_values());
        lost
    }
}

/// How many pairs of cause and callsite a table tells apart; further ones are counted without their callsite.
const ENTRIES: usize = 24;

/// Counts of lost events. All stores are atomic additions, because a signal handler that loses an event may
/// interrupt the thread while it loses another.
#[derive(Debug)]
pub(crate) struct LossTable {
    entries: [Entry; ENTRIES],
    /// One for each cause, for the callsites that find no entry.
    others: [Entry; Cause::ALL.len()],
}

#[derive(Debug)]
struct Entry {
    /// Callsite id << 8 | cause; 0 while free.
    key: AtomicU64,
    count: AtomicU64,
    first: AtomicU64,
    last: AtomicU64,
}

impl Entry {
    fn new() -> Self {
        Self {
            key: AtomicU64::new(0),
            count: AtomicU64::new(0),
            first: AtomicU64::new(u64::MAX),
            last: AtomicU64::new(0),
        }
    }

    fn add(&self, ticks: u64) {
        // Relaxed, all three: read under the ledger's lock, or when the thread is gone; a session that reads
        // while the thread goes on may see a count without its time, and takes the rest the next time.
        self.first.fetch_min(ticks, Ordering::Relaxed);
        self.last.fetch_max(ticks, Ordering::Relaxed);
        self.count.fetch_add(1, Ordering::Relaxed);
    }

    /// Takes what was counted; what comes later is taken the next time.
    fn take(&self, cause: Cause, callsite: u64) -> Option<Lost> {
        // Relaxed: the swap is the whole of the protocol, each event is taken once.
        let count = self.count.swap(0, Ordering::Relaxed);
        let first = self.first.swap(u64::MAX, Ordering::Relaxed);
        let last = self.last.swap(0, Ordering::Relaxed);
        let first = first.min(last);
        (count > 0).then_some(Lost { cause, thread: None, callsite, count, first, last })
    }

    /// What was counted, and stays.
    fn look(&self, cause: Cause, callsite: u64) -> Option<Lost> {
        // Relaxed, all three: what is counted at this moment is seen or not.
        let count = self.count.load(Ordering::Relaxed);
        let last = self.last.load(Ordering::Relaxed);
        let first = self.first.load(Ordering::Relaxed).min(last);
        (count > 0).then_some(Lost { cause, thread: None, callsite, count, first, last })
    }
}

impl LossTable {
    pub(crate) fn new() -> Self {
        Self { entries: std::array::from_fn(|_| Entry::new()), others: std::array::from_fn(|_| Entry::new()) }
    }

    /// Counts one event of `callsite` (0 if unknown) as lost at `ticks`.
    pub(crate) fn add(&self, cause: Cause, callsite: u64, ticks: u64) {
        let key = callsite << 8 | cause as u64;
        for entry in &self.entries {
            // Relaxed: keys are set once and never change; see `Entry::add` for the counts.
            let found = match entry.key.compare_exchange(0, key, Ordering::Relaxed, Ordering::Relaxed) {
                Ok(_) => key,
                Err(other) => other,
            };
            if found == key {
                return entry.add(ticks);
            }
        }
        self.others[cause as usize - 1].add(ticks);
    }

    /// Frees the entries, whose counts were taken, for other callsites. Nobody may count or take at the same time.
    pub(crate) fn forget(&self) {
        for entry in &self.entries {
            // Relaxed: ordered by the lock that the caller holds.
            entry.key.store(0, Ordering::Relaxed);
        }
    }

    /// Forgets all counts. Nobody may count or take at the same time.
    pub(crate) fn clear(&self) {
        for entry in self.entries.iter().chain(&self.others) {
            // Relaxed, all three: nobody else is there.
            entry.count.store(0, Ordering::Relaxed);
            entry.first.store(u64::MAX, Ordering::Relaxed);
            entry.last.store(0, Ordering::Relaxed);
        }
        self.forget();
    }

    /// Takes all counts; each lost event is in what exactly one call gives.
    pub(crate) fn take(&self, thread: Option<u64>) -> Vec<Lost> {
        self.each(thread, Entry::take)
    }

    /// All counts, which stay.
    pub(crate) fn look(&self, thread: Option<u64>) -> Vec<Lost> {
        self.each(thread, Entry::look)
    }

    fn each(&self, thread: Option<u64>, lost: impl Fn(&Entry, Cause, u64) -> Option<Lost>) -> Vec<Lost> {
        let known = self.entries.iter().filter_map(|entry| {
            // Relaxed: see `add`.
            let key = entry.key.load(Ordering::Relaxed);
            let cause = Cause::ALL.iter().copied().find(|&cause| cause as u64 == key & 0xff)?;
            lost(entry, cause, key >> 8)
        });
        let others = self.others.iter().zip(Cause::ALL).filter_map(|(entry, &cause)| lost(entry, cause, 0));
        known.chain(others).map(|lost| Lost { thread, ..lost }).collect()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_full_table_keeps_the_cause_and_drops_the_callsite() {
        let table = LossTable::new();
        for callsite in 1..=100 {
            table.add(Cause::Full, callsite, callsite * 10);
            table.add(Cause::TooDeep, callsite, 5);
        }
        let lost = table.look(Some(7));
        assert_eq!(lost, table.take(Some(7)), "a look takes nothing");
        let count = |cause| lost.iter().filter(|l| l.cause == cause).map(|l| l.count).sum::<u64>();
        assert_eq!((count(Cause::Full), count(Cause::TooDeep)), (100, 100));
        assert!(lost.iter().all(|l| l.thread == Some(7)));
        assert_eq!(lost[0], Lost { cause: Cause::Full, thread: Some(7), callsite: 1, count: 1, first: 10, last: 10 });
        assert_eq!(lost.iter().map(|l| l.last).max(), Some(1000));
        assert!(table.take(None).is_empty(), "counts are taken once");
    }

    #[test]
    fn losses_of_many_threads_are_put_together_by_callsite() {
        const THREADS: u64 = 10_000;
        let mut ended = Ended::new();
        for thread in 1..=THREADS {
            let of = |cause, callsite, count| Lost {
                cause,
                thread: Some(thread),
                callsite,
                count,
                first: thread,
                last: thread,
            };
            ended.add([of(Cause::Sampled, 1, 2), of(Cause::Sampled, 2, 3), of(Cause::Full, 1, 5)]);
        }
        assert_eq!(ended.iter().count(), MOST_APART + 3);
        let lost = ended.take();
        let sum = |cause, callsite| {
            let of = lost.iter().filter(|lost| (lost.cause, lost.callsite) == (cause, callsite));
            of.map(|lost| lost.count).sum::<u64>()
        };
        let sums = [sum(Cause::Sampled, 1), sum(Cause::Sampled, 2), sum(Cause::Full, 1)];
        assert_eq!(sums, [2, 3, 5].map(|count| count * THREADS));
        assert!(lost[..MOST_APART].iter().all(|lost| lost.thread == Some(lost.first)));
        let first = MOST_APART as u64 / 3 + 1;
        for lost in &lost[MOST_APART..] {
            assert_eq!((lost.thread, lost.last), (None, THREADS));
            assert!(lost.first == first || lost.first == first + 1, "{lost:?}");
        }
        assert_eq!(ended.iter().count(), 0);
    }
}

//! Which events of a callsite with a rate are recorded, and how many are left out: each thread counts for itself.
//!
//! The word of such a callsite has [`wire::SAMPLED`], so that it is none that the hot path takes for an event's, and leaves that
//! way by the test which is there anyway. It comes here. A thread has an entry for each of these callsites that it has met. To
//! leave an event out it adds 1 to `skipped` there, up to where the next one is recorded. That one stands for those before
//! it: its weight is written in front of it. How far apart they are is drawn by lot, so that no program that does the same
//! again and again is always seen at the same point.
//!
//! What was left out is a loss with a cause of its own. `skipped` only grows while the thread is there; who sweeps the ledger keeps beside it how much
//! was taken, as the other losses are taken: each one once, and what comes behind the stop the next time.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::callsite::{CallsiteCell, ID_BITS};
use crate::record::allowance::{self, Count};
use crate::record::kept::Kept;
use crate::record::loss::{Cause, Lost};
use crate::record::owner;
use crate::record::periods;
use crate::record::recorder::{self, Settle};
use crate::record::thread::{Local, Slot};
use crate::record::wire::{self, SAMPLED, TIME_BITS, WEIGHED, id_of, stamp_of};

/// Callsites in a block: of blocks there are as many as callsites can need, and those are made that are used.
const BLOCK: usize = 256;
const BLOCKS: usize = (1 << ID_BITS) / BLOCK;
/// For one block, for two, for four, up to all.
const SIZES: usize = BLOCKS.ilog2() as usize + 1;

/// The entries of the callsites that follow each other in the table.
type Block = Kept<Entry>;

/// What a thread leaves out, by callsite. Only the thread stores, but for what is taken.
#[derive(Debug, Default)]
pub(crate) struct Table {
    blocks: Kept<Block>,
    /// Where the thread finds the entries: as many slots as the callsites that it has met need, and those before that, each
    /// time twice as many. They stay: the thread may have been interrupted where it looks at them.
    slots: [Kept<Slot>; SIZES],
    /// What is drawn from.
    random: AtomicU64,
    /// How many events were counted at the last look. Under the ledger's lock.
    counted: AtomicU64,
    /// How many were to be recorded since, at all callsites.
    since: Since,
}

/// One callsite on one thread. All counts only grow, as long as the thread is there.
#[derive(Debug)]
pub(crate) struct Entry {
    /// How many events were left out.
    skipped: AtomicU64,
    /// The next event that finds as many left out, or more, is recorded.
    until: AtomicU64,
    /// Of those left out, how many recorded events stand for.
    weighed: AtomicU64,
    /// How many were to be recorded.
    chosen: AtomicU64,
    /// Of tasks that were recorded: how many polls.
    polls: AtomicU64,
    /// How many of them since the last look at the budget.
    since: Since,
    /// Of those left out, how many are in the ledger of a session. Under the ledger's lock.
    taken: AtomicU64,
}

/// How many events were to be recorded since the last look at the budget, how many they stand for, and which look that was.
#[derive(Debug, Default)]
struct Since {
    look: AtomicU64,
    events: AtomicU64,
    attempts: AtomicU64,
}

/// So many events of a callsite a thread records between two looks, whatever the others do: what is rare is to be whole.
const FEW: u64 = 2;
/// And so many of one that has less than this part, one in so many, of all that the thread attempts.
const SOME: u64 = 500;
const PART: u64 = 1000;

/// The callsite's word if its event is to be recorded, else 0. The word that it has now isn't plainly one of the session and
/// the selection that hold: perhaps it has [`SAMPLED`], perhaps the session hasn't met it.
#[inline(never)]
pub(super) fn admit<S: Settle>(site: &'static CallsiteCell) -> u64 {
    Local::with(|local| {
        let stamp = S::stamp();
        if local.leave_out(site.word() ^ stamp, stamp) { 0 } else { admit_slowly::<S>(site) }
    })
}

/// The same where it takes more than to count an event: the session hasn't met the callsite, or the thread hasn't, or it is
/// an event's turn.
#[cold]
#[inline(never)]
pub(crate) fn admit_slowly<S: Settle>(site: &'static CallsiteCell) -> u64 {
    let word = site.word();
    let is_known = word & SAMPLED != 0 && stamp_of(word) == S::stamp();
    let word = if is_known { word } else { recorder::resolve::<S>(site) };
    if word & SAMPLED == 0 { word } else { choose(word) }
}

/// The word to record the event with; 0 if it is left out, and counted. The first event on a thread, in a
/// session, or after a change of the filter is recorded.
fn choose(word: u64) -> u64 {
    let recorded = word | WEIGHED;
    Local::with(|local| {
        // Who finds it set writes nothing: the event is counted there.
        let Some(_busy) = local.enter() else { return recorded };
        // A signal handler's event: it is recorded, and stands for nothing else.
        if local.is_leaving_out() {
            return recorded;
        }
        let epoch = wire::epoch_of(word);
        if local.epoch.get() != epoch && !owner::join(local, epoch, id_of(word)) {
            return 0;
        }
        // Looked at again: this may be the first time that the thread sees the entry in this session.
        match find(local, word).filter(|entry| entry.is_early()) {
            Some(entry) => {
                local.skip(entry, stamp_of(word));
                0
            }
            None => recorded,
        }
    })
}

/// Counts a poll of a task that was chosen, at the callsite of this id. Not the first one of a thread that joins by it.
#[cold]
#[inline(never)]
pub(crate) fn count_poll(callsite: u64) {
    // Relaxed: only to find the entry by; who meets another session writes nothing.
    let word = recorder::STAMP.load(Ordering::Relaxed) | SAMPLED | callsite;
    Local::with(|local| {
        let Some(_busy) = local.enter() else { return };
        if local.epoch.get() != wire::epoch_of(word) || local.is_leaving_out() {
            return;
        }
        if let Some(entry) = find(local, word) {
            // Relaxed, both: only this thread stores it.
            entry.polls.store(entry.polls.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        }
    });
}

/// The entry of the callsite of this word. The thread has joined the word's session, and is leaving out nothing.
fn find(local: &Local, word: u64) -> Option<&'static Entry> {
    let table = &local.buffer()?.sampled;
    let ((known, slots), stamp) = (local.sampling(), stamp_of(word));
    if known != stamp {
        // Relaxed: only a number.
        let thread = local.buffer()?.thread.load(Ordering::Relaxed);
        table.begin(wire::epoch_of(known) == wire::epoch_of(stamp), thread ^ stamp);
    }
    let callsite = usize::try_from(id_of(word)).ok()?;
    let entry = table.entry(callsite)?;
    let slots = table.slots(callsite, slots)?;
    slots.get(callsite)?.set(entry);
    local.begin_sampling(slots, stamp);
    Some(entry)
}

/// Where the entry of a callsite is that a thread hasn't met: there it is always an event's turn, and nothing is stored.
pub(super) static UNMET: Entry = Entry::new();

impl Entry {
    const fn new() -> Self {
        Self {
            skipped: AtomicU64::new(0),
            until: AtomicU64::new(0),
            weighed: AtomicU64::new(0),
            chosen: AtomicU64::new(0),
            polls: AtomicU64::new(0),
            since: Since { look: AtomicU64::new(0), events: AtomicU64::new(0), attempts: AtomicU64::new(0) },
            taken: AtomicU64::new(0),
        }
    }

    /// Whether it is not the turn of an event that is recorded.
    #[inline(always)]
    pub(super) fn is_early(&self) -> bool {
        // Relaxed, both: only this thread stores `skipped`; for `until`, see `hasten`.
        self.skipped.load(Ordering::Relaxed) < self.until.load(Ordering::Relaxed)
    }

    /// Counts an event that is left out.
    #[inline(always)]
    pub(super) fn skip(&self) {
        // Relaxed, both: only this thread stores it, and others only look at what was counted.
        self.skipped.store(self.skipped.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
    }

    /// How many events one stands for that is recorded now, and draws when the next one is.
    pub(crate) fn choose(&self, local: &Local, callsite: u64) -> u64 {
        // Acquire: pairs with the fence of `periods::set`. Who has seen a word has the period that was set before it.
        fence(Ordering::Acquire);
        let table = local.buffer().map(|buffer| &buffer.sampled);
        // Relaxed, all: only this thread stores them; for `until`, see `hasten`.
        let skipped = self.skipped.load(Ordering::Relaxed);
        let weight = skipped - self.weighed.load(Ordering::Relaxed) + 1;
        let gap = periods::of(callsite).draw(|| table.map_or(0, Table::random));
        let gap = gap.saturating_add(table.map_or(0, |table| self.excess(table, weight)));
        self.until.store(skipped.saturating_add(gap), Ordering::Relaxed);
        self.chosen.store(self.chosen.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        // As much as there is room for in a word: later ones stand for the rest.
        weight.min(1 << TIME_BITS)
    }

    /// How many more events to leave out, because the thread has recorded too many since somebody looked at the budget: the
    /// more, the more there were. None, as a rule, and none of what is rare. This event stands for so many.
    fn excess(&self, thread: &Table, weight: u64) -> u64 {
        let (look, most) = allowance::get();
        let ((own, attempts), (all, all_attempts)) = (self.since.count(look, weight), thread.since.count(look, weight));
        let is_rare = own < FEW || own < SOME && attempts < all_attempts / PART;
        if all < most || is_rare {
            return 0;
        }
        let steps = (all - most).saturating_mul(32) / most.max(1);
        steps.saturating_mul(steps).min(1 << 20)
    }

    /// Records the next event soon, if the period has become so much shorter that it would be late.
    fn hasten(&self, skipped: u64, period: u64) {
        let until = skipped.saturating_add(period);
        // Relaxed, both: the thread may store another one at this moment. Then one of the two holds: what is left out is
        // counted in any case.
        if self.until.load(Ordering::Relaxed) > until.saturating_add(period) {
            self.until.store(until, Ordering::Relaxed);
        }
    }

    /// The event of this weight is recorded: it stands for what was left out.
    pub(crate) fn weigh(&self, weight: u64) {
        // Relaxed, both: only this thread stores it.
        self.weighed.store(self.weighed.load(Ordering::Relaxed) + weight - 1, Ordering::Relaxed);
    }
}

impl Since {
    /// Counts an event of this weight; gives how many there were since this look before it, and how many all stand for.
    fn count(&self, look: u64, weight: u64) -> (u64, u64) {
        // Relaxed, all: only this thread stores them.
        let is_first = self.look.load(Ordering::Relaxed) != look;
        self.look.store(look, Ordering::Relaxed);
        let before = |count: &AtomicU64| if is_first { 0 } else { count.load(Ordering::Relaxed) };
        let (events, attempts) = (before(&self.events), before(&self.attempts).saturating_add(weight));
        self.events.store(events + 1, Ordering::Relaxed);
        self.attempts.store(attempts, Ordering::Relaxed);
        (events, attempts)
    }
}

impl Table {
    fn entry(&self, callsite: usize) -> Option<&Entry> {
        let block = self.blocks.make(BLOCKS, Block::new)?.get(callsite / BLOCK)?;
        block.make(BLOCK, Entry::new)?.get(callsite % BLOCK)
    }

    /// Slots up to that of a callsite, which has none among those that are known so far. What is in these is in the others
    /// too.
    fn slots(&'static self, callsite: usize, known: &'static [Slot]) -> Option<&'static [Slot]> {
        if callsite < known.len() {
            return Some(known);
        }
        let size = (callsite / BLOCK + 1).next_power_of_two().ilog2() as usize;
        let more = self.slots.get(size)?.make(BLOCK << size, Slot::new)?;
        more.iter().zip(known).for_each(|(slot, known)| slot.set(known.entry()));
        Some(more)
    }

    fn entries(&self) -> impl Iterator<Item = (u64, &Entry)> {
        let blocks = self.blocks.get().unwrap_or_default().iter().enumerate();
        let blocks = blocks.filter_map(|(at, block)| Some((at * BLOCK, block.get()?)));
        blocks.flat_map(|(first, block)| (first as u64..).zip(block))
    }

    /// Has the next event of each callsite recorded. If the session is another one than before, what was left out in that one
    /// is none of its business.
    fn begin(&self, same_session: bool, seed: u64) {
        for (_, entry) in self.entries() {
            // Relaxed, all: only this thread stores them.
            let skipped = entry.skipped.load(Ordering::Relaxed);
            entry.until.store(skipped, Ordering::Relaxed);
            if !same_session {
                entry.weighed.store(skipped, Ordering::Relaxed);
            }
        }
        // Never 0, from which nothing can be drawn.
        self.random.store(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1, Ordering::Relaxed);
    }

    /// A number by lot: Marsaglia's xorshift.
    fn random(&self) -> u64 {
        // Relaxed, both: only this thread stores it.
        let mut bits = self.random.load(Ordering::Relaxed);
        bits ^= bits << 13;
        bits ^= bits >> 7;
        bits ^= bits << 17;
        self.random.store(bits, Ordering::Relaxed);
        bits
    }

    /// Adds what was attempted, and what of it was recorded; gives whether there was anything since the last call. Under the
    /// ledger's lock.
    pub(crate) fn count(&self, counts: &mut Vec<Count>) -> bool {
        let mut all = 0;
        for (callsite, entry) in self.entries() {
            // Relaxed, both: what is counted at this moment is seen or not.
            let (skipped, chosen) = (entry.skipped.load(Ordering::Relaxed), entry.chosen.load(Ordering::Relaxed));
            let at = usize::try_from(callsite).unwrap_or(usize::MAX);
            if skipped + chosen + entry.polls.load(Ordering::Relaxed) == 0 || at > (1 << ID_BITS) {
                continue;
            }
            if at >= counts.len() {
                counts.resize(at + 1, Count::default());
            }
            counts[at].attempts += skipped + chosen;
            counts[at].chosen += chosen;
            // Relaxed: as above.
            counts[at].polls += entry.polls.load(Ordering::Relaxed);
            all += skipped + chosen;
            entry.hasten(skipped, periods::of(callsite).whole());
        }
        // Relaxed: under a lock.
        self.counted.swap(all, Ordering::Relaxed) != all
    }

    /// The thread has ended, and what it counted is counted elsewhere: the table is for another one. Under the
    /// ledger's lock.
    pub(crate) fn clear(&self) {
        for (_, entry) in self.entries() {
            // What was recorded since the last look stays: otherwise programs with many short threads would record too much.
            for count in [&entry.skipped, &entry.until, &entry.weighed, &entry.chosen, &entry.polls, &entry.taken] {
                // Relaxed: ordered by the lock.
                count.store(0, Ordering::Relaxed);
            }
        }
        // Relaxed: as above.
        self.counted.store(0, Ordering::Relaxed);
    }

    /// What was left out and not taken; `take` says whether it is now. Under the ledger's lock.
    pub(crate) fn left_out(&self, thread: u64, take: bool) -> impl Iterator<Item = Lost> {
        self.entries().filter_map(move |(callsite, entry)| {
            // Relaxed, all: what is counted at this moment is seen or not, and then taken the next time. `taken` changes
            // under a lock.
            let (skipped, taken) = (entry.skipped.load(Ordering::Relaxed), entry.taken.load(Ordering::Relaxed));
            if take {
                entry.taken.store(skipped, Ordering::Relaxed);
            }
            let count = skipped - taken;
            let lost = Lost { cause: Cause::Sampled, thread: Some(thread), callsite, count, first: 0, last: u64::MAX };
            (count > 0).then_some(lost)
        })
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    /// What a thread that has ended had counted is kept elsewhere.
    #[test]
    fn the_next_thread_counts_anew() {
        let table = Table::default();
        let entry = table.entry(3).expect("memory");
        for count in [&entry.skipped, &entry.chosen, &entry.polls] {
            count.store(5, Ordering::Relaxed);
        }
        let counted = || {
            let mut counts = Vec::new();
            table.count(&mut counts);
            counts.last().map(|count: &Count| [count.attempts, count.chosen, count.polls])
        };
        assert_eq!(counted(), Some([10, 5, 5]));
        table.clear();
        assert_eq!(counted(), None);
    }
}

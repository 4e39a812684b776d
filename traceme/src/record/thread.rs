//! What each thread keeps: where it writes, its shadow stack, its busy flag.
//!
//! [`Local`] is the thread's own and has no destructor, so it can be used at any time, even while the thread is torn down. The
//! hot path in [`span`](crate::instrument) uses nothing else. The turns that are rarer (a first event, a full chunk, an end out
//! of order) are in [`owner`](super::owner).

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicPtr, Ordering as StdOrdering, compiler_fence};

use crate::callsite::ID_BITS;
use crate::record::buffer::{Buffer, Open};
use crate::record::chunk::{Chunk, Committed};
use crate::record::sampling::{Entry, UNMET};
use crate::record::wire::{self, CLOCK_WORDS, EPOCH_SHIFT, MAX_DEPTH};
use crate::sync::AtomicU64;

thread_local! {
    static LOCAL: Local = const { Local::new() };
}

/// The state of the calling thread.
#[derive(Debug)]
pub(crate) struct Local {
    /// Set while the thread is inside the recorder: a signal handler or an allocator that finds it set leaves all here alone.
    busy: Cell<bool>,
    /// Set once the thread has given back what it had: from then on events are lost.
    pub(crate) torn_down: Cell<bool>,
    /// The session whose chunk this is; 0 if none.
    pub(crate) epoch: Cell<u64>,
    /// The same if the hot path may write: not where another clock than the processor's counter is read.
    pub(crate) hot_epoch: Cell<u64>,
    /// The words of the chunk; none without one.
    words: Cell<&'static [AtomicU64]>,
    /// How far they are written, and where that is published.
    committed: Cell<Committed>,
    published: Cell<*const AtomicU64>,
    /// The key of a span that begins at the chunk's first word, with none around it: see [`wire::key`].
    origin: Cell<u64>,
    /// The base of times in the chunk, and the last time: time never goes backwards on a thread.
    pub(crate) base: Cell<u64>,
    pub(crate) last: Cell<u64>,
    /// By which stamp the thread leaves events out, or [`LEAVING_OUT`]; 0 if by none. And where it counts them, by callsite.
    sampling: Cell<u64>,
    slots: Cell<&'static [Slot]>,
    /// How many spans are open, and which.
    pub(crate) depth: Cell<usize>,
    stack: Cell<&'static [Open]>,
    buffer: Cell<Option<&'static Buffer>>,
}

/// Instead of a stamp, while the thread counts an event that it leaves out: no stamp has this bit.
const LEAVING_OUT: u64 = 1;

/// Where a thread finds what it counts of a callsite.
#[derive(Debug)]
pub(crate) struct Slot(AtomicPtr<Entry>);

impl Slot {
    pub(crate) fn new() -> Self {
        Self(AtomicPtr::new((&raw const UNMET).cast_mut()))
    }

    pub(crate) fn set(&self, entry: &'static Entry) {
        // Relaxed: only the thread that has the buffer stores and loads it.
        self.0.store(std::ptr::from_ref(entry).cast_mut(), StdOrdering::Relaxed);
    }

    #[inline(always)]
    #[allow(unsafe_code, reason = "a reference that can be stored: one that may be missing takes a test each time")]
    pub(crate) fn entry(&self) -> &'static Entry {
        // SAFETY: the pointer is made of a reference that is valid for ever, and nothing is stored through it but by what
        // the entry's atomics allow. Relaxed: as above.
        unsafe { &*self.0.load(StdOrdering::Relaxed) }
    }
}

/// Where a thread without a chunk publishes: it never does.
static NOWHERE: AtomicU64 = AtomicU64::new(0);

const PANICKING: u64 = 1 << 63;

/// The words at the end of a chunk that are for ENDs only: two for each span that can be open, because one that
/// leaves the stack before it ends takes an `END_DETACHED`, and a CLOCK.
pub(crate) const RESERVED_WORDS: usize = 2 * MAX_DEPTH + CLOCK_WORDS;

/// Where a thread writes next, read once for a record: stores to the chunk don't make the compiler read it again.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    words: &'static [AtomicU64],
    pub(crate) committed: Committed,
    /// How many spans are open.
    pub(crate) depth: usize,
    origin: u64,
    /// The base of times, and the last time.
    pub(crate) base: u64,
    pub(crate) last: u64,
}

impl Place {
    /// How many words are not written yet.
    #[inline(always)]
    pub(crate) fn free(&self) -> usize {
        self.words.len().saturating_sub(self.committed.words())
    }

    /// The next `words` words.
    #[inline(always)]
    pub(crate) fn record(&self, words: usize) -> Option<&'static [AtomicU64]> {
        let at = self.committed.words();
        self.words.get(at..at + words)
    }

    /// The key of a span that begins here.
    #[inline(always)]
    pub(crate) fn key(&self) -> u64 {
        wire::key_behind(self.origin, self.committed.words(), self.depth)
    }

    /// Publishes a record of `words` words that ends in `ticks` and holds `events` events, now that its head is
    /// written too.
    #[inline(always)]
    pub(crate) fn commit(&self, local: &Local, words: usize, events: u64, ticks: u64) {
        let committed = self.committed.plus(words, events);
        local.committed.set(committed);
        local.last.set(ticks);
        local.publish(committed);
    }
}

/// The right to be inside the recorder on this thread: ends when dropped.
pub(crate) struct Busy<'a>(&'a Local);

impl Drop for Busy<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        // Keeps what was done inside before the store, as a signal handler sees it.
        compiler_fence(StdOrdering::SeqCst);
        self.0.busy.set(false);
    }
}

impl Local {
    const fn new() -> Self {
        Self {
            busy: Cell::new(false),
            torn_down: Cell::new(false),
            epoch: Cell::new(0),
            hot_epoch: Cell::new(0),
            words: Cell::new(&[]),
            committed: Cell::new(Committed::NOTHING),
            published: Cell::new(&raw const NOWHERE),
            origin: Cell::new(0),
            base: Cell::new(0),
            last: Cell::new(0),
            sampling: Cell::new(0),
            slots: Cell::new(&[]),
            depth: Cell::new(0),
            stack: Cell::new(&[]),
            buffer: Cell::new(None),
        }
    }

    /// Runs `f` with the calling thread's state.
    #[inline(always)]
    #[allow(unsafe_code, reason = "`LocalKey::with` is not inlined around a body of this size: a call each event")]
    pub(crate) fn with<R>(f: impl FnOnce(&Self) -> R) -> R {
        let local = LOCAL.with(std::ptr::from_ref);
        // SAFETY: the pointer comes from this thread's `LOCAL`, which is initialised at compile time and has no
        // destructor: it is valid as long as the thread runs, its last destructors included. The reference is
        // shared, as all others to `LOCAL` are, and `f` can't keep it or give it to another thread: it takes any
        // lifetime, and `Local` is not `Sync`.
        f(unsafe { &*local })
    }

    /// Enters the recorder; `None` if the thread is inside it already.
    #[inline(always)]
    pub(crate) fn enter(&self) -> Option<Busy<'_>> {
        // A signal handler that comes in between finds the thread outside, and leaves it so.
        if self.busy.get() {
            return None;
        }
        self.busy.set(true);
        // Keeps what is done inside behind the store, as a signal handler sees it.
        compiler_fence(StdOrdering::SeqCst);
        Some(Busy(self))
    }

    /// Enters the recorder until [`Local::leave_inside`]; `false` if the thread is inside it already.
    pub(crate) fn stay_inside(&self) -> bool {
        self.enter().map(ManuallyDrop::new).is_some()
    }

    /// Ends what [`Local::stay_inside`] began.
    pub(crate) fn leave_inside(&self) {
        drop(Busy(self));
    }

    /// Where a record of `words` words goes, if there is room for it and for what ends the spans open or about to be.
    #[inline(always)]
    pub(crate) fn place(&self, words: usize) -> Option<Place> {
        let place = self.place_of_end();
        (place.committed.words() + words + RESERVED_WORDS <= place.words.len()).then_some(place)
    }

    /// Where an END goes: while a span is open there is always a word for it.
    #[inline(always)]
    pub(crate) fn place_of_end(&self) -> Place {
        Place {
            words: self.words.get(),
            committed: self.committed.get(),
            depth: self.depth.get(),
            origin: self.origin.get(),
            base: self.base.get(),
            last: self.last.get(),
        }
    }

    /// Opens a span at `depth`, the current one; `false` if there are too many.
    #[inline(always)]
    pub(crate) fn push(&self, depth: usize, key: u64, callsite: u64, ticks: u64, panicking: bool) -> bool {
        let Some(open) = self.stack.get().get(depth) else { return false };
        let panicking = if panicking { PANICKING } else { 0 };
        // Relaxed, all three: nobody else reads them.
        open.key.store(key, StdOrdering::Relaxed);
        open.about.store(callsite, StdOrdering::Relaxed);
        open.start.store(ticks | panicking, StdOrdering::Relaxed);
        self.depth.set(depth + 1);
        true
    }

    /// The key of the innermost open span; 0 if none is open.
    #[inline(always)]
    pub(crate) fn innermost(&self) -> u64 {
        self.key_at(self.depth.get().wrapping_sub(1))
    }

    /// The same, and when it began, in ticks: later than ever if the thread was panicking.
    #[inline(always)]
    pub(crate) fn innermost_since(&self) -> (u64, u64) {
        let open = self.stack.get().get(self.depth.get().wrapping_sub(1));
        // Relaxed, both: only this thread stores them.
        open.map_or((0, 0), |open| (open.key.load(StdOrdering::Relaxed), open.start.load(StdOrdering::Relaxed)))
    }

    /// The key of the span open at `depth`.
    #[inline(always)]
    pub(crate) fn key_at(&self, depth: usize) -> u64 {
        let open = self.stack.get().get(depth);
        // Relaxed: only this thread stores it.
        open.map_or(0, |open| open.key.load(StdOrdering::Relaxed))
    }

    /// The span open at `depth`, and whether the thread was panicking when it began.
    pub(crate) fn open_at(&self, depth: usize) -> (wire::Open, bool) {
        let Some(open) = self.stack.get().get(depth) else { return Default::default() };
        // Relaxed, all three: only this thread stores them.
        let start = open.start.load(StdOrdering::Relaxed);
        let (key, about) = (open.key.load(StdOrdering::Relaxed), open.about.load(StdOrdering::Relaxed));
        let task = wire::task(key, about >> ID_BITS);
        (wire::Open { callsite: wire::id_of(about), key, start: start & !PANICKING, task }, start & PANICKING != 0)
    }

    /// Has the open span `key` be known as a poll of this task, if its record should be given away while it is open.
    pub(crate) fn set_task(&self, key: u64, task: u64) {
        let depth = wire::depth_of(key);
        if let Some(open) = self.stack.get().get(depth).filter(|_| self.key_at(depth) == key) {
            // Relaxed, both: only this thread loads and stores it.
            let callsite = wire::id_of(open.about.load(StdOrdering::Relaxed));
            open.about.store(callsite | wire::within_session(task) << ID_BITS, StdOrdering::Relaxed);
        }
    }

    /// Gives the open span `key` a limit in ns.
    pub(crate) fn set_limit(&self, key: u64, limit: u64) {
        let depth = wire::depth_of(key);
        let limits = self.buffer.get().filter(|_| self.key_at(depth) == key).map(|buffer| &buffer.limits);
        if let Some(place) = limits.and_then(|limits| limits.get(depth)) {
            // Relaxed: only this thread reads it.
            place.store(limit, StdOrdering::Relaxed);
        }
    }

    /// The limit of the span `key`, in ns.
    pub(crate) fn limit_of(&self, key: u64) -> u64 {
        let limit = self.buffer.get().and_then(|buffer| buffer.limits.get(wire::depth_of(key)));
        // Relaxed: only this thread stores it.
        limit.map_or(0, |limit| limit.load(StdOrdering::Relaxed))
    }

    /// Forgets the session: nothing is open, nothing can be written.
    pub(crate) fn leave(&self) {
        self.epoch.set(0);
        self.hot_epoch.set(0);
        self.depth.set(0);
        // What was interrupted sets it again, to a stamp that doesn't hold any more.
        if !self.is_leaving_out() {
            self.sampling.set(0);
        }
        self.slots.set(&[]);
        self.words.set(&[]);
        self.committed.set(Committed::NOTHING);
        self.published.set(&raw const NOWHERE);
    }

    /// Joins a session.
    pub(crate) fn join(&self, epoch: u64, buffer: &'static Buffer, hot: bool) {
        self.epoch.set(epoch);
        self.hot_epoch.set(if hot { epoch } else { 0 });
        self.set_buffer(Some(buffer));
    }

    /// Leaves an event out, unless that takes more than to count it, which nobody has done then. `rest` is its callsite's word
    /// less the stamp that holds: [`wire::SAMPLED`] and the id, or else the word says nothing.
    ///
    /// The thread need not be outside the recorder: nothing there minds that one more is counted.
    #[inline(always)]
    pub(crate) fn leave_out(&self, rest: u64, stamp: u64) -> bool {
        // What has another stamp in it is beyond all slots.
        let at = usize::try_from(rest.wrapping_sub(wire::SAMPLED)).unwrap_or(usize::MAX);
        let Some(slot) = self.slots.get().get(at).filter(|_| self.sampling.get() == stamp) else { return false };
        let entry = slot.entry();
        if !entry.is_early() {
            return false;
        }
        self.skip(entry, stamp);
        true
    }

    /// Counts an event that is left out, with no stamp meanwhile that a signal handler could count by.
    #[inline(always)]
    pub(crate) fn skip(&self, entry: &Entry, stamp: u64) {
        self.sampling.set(LEAVING_OUT);
        // Both: keep what is between them there, as a signal handler sees it.
        compiler_fence(StdOrdering::SeqCst);
        entry.skip();
        compiler_fence(StdOrdering::SeqCst);
        self.sampling.set(stamp);
    }

    /// Whether a signal handler has interrupted the thread where it counts an event that it leaves out.
    pub(crate) fn is_leaving_out(&self) -> bool {
        self.sampling.get() == LEAVING_OUT
    }

    /// What is left out at the callsite of this word; `None` if it isn't [`wire::WEIGHED`], or if the thread hasn't met it in
    /// this session with this selection.
    pub(crate) fn sampled(&self, word: u64) -> Option<&'static Entry> {
        let is_known = word & wire::WEIGHED != 0 && self.sampling.get() == wire::stamp_of(word);
        let at = usize::try_from(wire::id_of(word)).ok().filter(|_| is_known)?;
        let entry = self.slots.get().get(at)?.entry();
        (!std::ptr::eq(entry, &raw const UNMET)).then_some(entry)
    }

    /// By which stamp the thread leaves events out, and where it counts them.
    pub(crate) fn sampling(&self) -> (u64, &'static [Slot]) {
        (self.sampling.get(), self.slots.get())
    }

    /// Leaves events out from now on by this stamp, and counts them there.
    pub(crate) fn begin_sampling(&self, slots: &'static [Slot], stamp: u64) {
        self.slots.set(slots);
        // Keeps it behind what was done for this stamp, as a signal handler sees it.
        compiler_fence(StdOrdering::SeqCst);
        self.sampling.set(stamp);
    }

    pub(crate) fn buffer(&self) -> Option<&'static Buffer> {
        self.buffer.get()
    }

    pub(crate) fn set_buffer(&self, buffer: Option<&'static Buffer>) {
        self.buffer.set(buffer);
        self.stack.set(buffer.map_or(&[], |buffer| buffer.stack));
    }

    /// Goes on behind `committed` in `chunk`, in the section of that number, with times from `base` on.
    pub(crate) fn go_on(&self, chunk: &'static Chunk, committed: Committed, sequence: u64, base: u64) {
        self.origin.set(wire::key(self.epoch.get() << EPOCH_SHIFT, 0, wire::place(sequence, 0)));
        self.words.set(chunk.words());
        self.published.set(chunk.committed());
        self.go_on_behind(committed, base);
    }

    /// Goes on behind `committed` in the same chunk, with times from `base` on.
    pub(crate) fn go_on_behind(&self, committed: Committed, base: u64) {
        self.base.set(base);
        self.last.set(base);
        self.committed.set(committed);
        self.publish(committed);
    }

    #[inline(always)]
    #[allow(unsafe_code, reason = "Rust 1.85 has no constants with references to what changes")]
    fn publish(&self, committed: Committed) {
        // SAFETY: the pointer is that of `NOWHERE`, or made of a reference that is valid for ever.
        committed.publish(unsafe { &*self.published.get() });
    }
}

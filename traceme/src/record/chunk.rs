//! A chunk: the words that one thread writes and that a session reads, and who may do what with it when.
//!
//! [`Chunk::split`] makes the two halves. The [`Writer`] belongs to one thread at a time; it can be handed to
//! another. The [`Reader`] belongs to the session, which closes it when it stops: what was committed by then is
//! in the trace, what the writer still commits behind that is late. Whichever half is through last counts the
//! late events, and whichever is dropped last gives the chunk back to the pool.
//!
//! The words are atomics, so a reader and a writer that disagreed could at worst read nonsense, never undefined
//! behaviour. Chunks are never freed: see [`pool`](super::pool).

use std::fmt;

use crate::record::budget::Budget;
use crate::record::loss::Lost;
use crate::record::time::Clock;
use crate::record::wire;
use crate::sync::{AtomicU32, AtomicU64, Ordering};

/// The words of a chunk: 256 KiB.
#[cfg(not(loom))]
pub(crate) const WORDS: usize = 32 * 1024;
#[cfg(loom)]
pub(crate) const WORDS: usize = 16;

/// `closed` while no reader has closed the chunk.
const OPEN: u64 = u64::MAX;

/// How far a chunk is written: how many words, and how many events these hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Committed(u64);

impl Committed {
    pub(crate) const NOTHING: Self = Self(0);

    /// Further on by `words` and `events`.
    #[inline(always)]
    #[must_use]
    pub(crate) const fn plus(self, words: usize, events: u64) -> Self {
        Self(self.0 + words as u64 + (events << 32))
    }

    /// The words written.
    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "the low half is the length")]
    pub(crate) const fn words(self) -> usize {
        self.0 as u32 as usize
    }

    /// Publishes the words up to here; only the thread that owns the chunk's writer calls this.
    #[inline(always)]
    pub(crate) fn publish(self, published: &AtomicU64) {
        // Release: whoever acquires this length sees the words below it.
        published.store(self.0, Ordering::Release);
    }

    /// The events in them.
    #[inline(always)]
    pub(crate) const fn events(self) -> u64 {
        self.0 >> 32
    }
}

/// What a chunk tells when a life of it is over.
pub(crate) trait Home: Sync {
    /// Takes back a chunk that no half refers to.
    fn give_back(&self, chunk: &'static Chunk);

    /// Counts events that were committed after their session's stop.
    fn count_late(&self, events: u64);

    /// Counts a chunk that nobody writes any more: a session can give it up.
    fn count_finished(&self);
}

/// The memory of a chunk and its protocol words, on cache lines of their own.
#[repr(align(128))]
pub(crate) struct Chunk {
    words: &'static [AtomicU64],
    home: &'static dyn Home,
    /// A [`Committed`], stored by the writer.
    committed: AtomicU64,
    /// The [`Committed`] that the reader saw when it closed the chunk, or [`OPEN`].
    closed: AtomicU64,
    /// How many threads have written here, one after the other.
    sections: AtomicU32,
    /// Halves that are not through yet.
    unsettled: AtomicU32,
    /// Halves that exist.
    halves: AtomicU32,
    /// When its last writer left it, in ticks.
    left: AtomicU64,
}

impl Chunk {
    pub(crate) fn new(words: &'static [AtomicU64], home: &'static dyn Home) -> Self {
        Self {
            words,
            home,
            committed: AtomicU64::new(0),
            closed: AtomicU64::new(OPEN),
            sections: AtomicU32::new(0),
            unsettled: AtomicU32::new(0),
            halves: AtomicU32::new(0),
            left: AtomicU64::new(0),
        }
    }

    /// Starts a life of this chunk, which the pool holds to be free.
    pub(crate) fn split(&'static self) -> (Writer, Reader) {
        // Relaxed, all six: the pool's lock or channel ordered the last life before this one, and the halves
        // reach other threads through channels.
        self.committed.store(0, Ordering::Relaxed);
        self.closed.store(OPEN, Ordering::Relaxed);
        self.sections.store(0, Ordering::Relaxed);
        self.unsettled.store(2, Ordering::Relaxed);
        self.halves.store(2, Ordering::Relaxed);
        self.left.store(0, Ordering::Relaxed);
        (Writer { chunk: self }, Reader { chunk: self, from: Committed::NOTHING, closed: None })
    }

    /// All words, written or not.
    #[inline(always)]
    pub(crate) fn words(&self) -> &'static [AtomicU64] {
        self.words
    }

    /// Where [`Committed::publish`] stores.
    pub(crate) fn committed(&self) -> &AtomicU64 {
        &self.committed
    }

    /// Makes the next touch of each page by a writer a cheap one.
    pub(crate) fn populate(&self) {
        const PAGE: usize = 4096 / 8;
        for page in self.words.chunks(PAGE) {
            // Relaxed: the words of a free chunk mean nothing to anybody.
            page[0].store(0, Ordering::Relaxed);
        }
    }

    /// One half has seen its last: the second one counts what was committed behind the close.
    fn settle(&self) {
        // AcqRel: the second sees the last commit and the close of the first.
        if self.unsettled.fetch_sub(1, Ordering::AcqRel) == 1 {
            // Relaxed, both: ordered by the line above.
            let committed = Committed(self.committed.load(Ordering::Relaxed));
            let closed = Committed(self.closed.load(Ordering::Relaxed));
            self.home.count_late(committed.events() - closed.events());
        }
    }

    fn release(&'static self) {
        // AcqRel: all that either half did lies before the next life.
        if self.halves.fetch_sub(1, Ordering::AcqRel) == 1 {
            self.home.give_back(self);
        }
    }
}

/// The right to write a chunk.
pub(crate) struct Writer {
    chunk: &'static Chunk,
}

impl Writer {
    pub(crate) fn chunk(&self) -> &'static Chunk {
        self.chunk
    }

    /// Counts a section that is about to be written.
    pub(crate) fn begin_section(&self) {
        // Release: pairs with `glance`. Who sees the section sees all that its thread wrote into other chunks before.
        self.chunk.sections.fetch_add(1, Ordering::Release);
    }

    /// The thread that wrote here leaves the chunk; `ticks` is the time of the last event.
    pub(crate) fn leave_at(&self, ticks: u64) {
        // Relaxed: `settle` orders it, or the channel to the next writer.
        self.chunk.left.store(ticks, Ordering::Relaxed);
    }

    /// How far the chunk was written by its last writer.
    pub(crate) fn committed(&self) -> Committed {
        // Acquire: pairs with the commit of a writer on another thread that handed the chunk over.
        Committed(self.chunk.committed.load(Ordering::Acquire))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.chunk.settle();
        self.chunk.home.count_finished();
        self.chunk.release();
    }
}

/// How far a chunk was written, and by how many threads, when it was looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Glance {
    committed: Committed,
    sections: u32,
}

impl Glance {
    /// Whether nothing was committed behind this.
    pub(crate) fn is_at(self, committed: Committed) -> bool {
        self.committed == committed
    }
}

/// The right to read what is committed to a chunk, from `from` on: what is before that was given away.
pub(crate) struct Reader {
    chunk: &'static Chunk,
    from: Committed,
    closed: Option<Committed>,
}

impl Reader {
    /// Takes what is committed by now; events that come behind it are late.
    pub(crate) fn close(&mut self) -> Committed {
        if let Some(closed) = self.closed {
            return closed;
        }
        // Acquire: pairs with the writer's commit.
        let closed = self.chunk.committed.load(Ordering::Acquire);
        self.finish(Committed(closed))
    }

    fn finish(&mut self, closed: Committed) -> Committed {
        // Relaxed: `settle` orders it before the other half reads it.
        self.chunk.closed.store(closed.0, Ordering::Relaxed);
        self.closed = Some(closed);
        self.chunk.settle();
        closed
    }

    /// The words taken by [`Reader::close`], or by [`Reader::peek`]; none before. Those before [`Reader::start`] are among
    /// them: what they say of open spans and the time holds behind them too.
    pub(crate) fn words(&self) -> &[AtomicU64] {
        let length = self.closed.map_or(0, Committed::words);
        &self.chunk.words[..length.min(self.chunk.words.len())]
    }

    /// Whether the words taken are of one section: of one thread.
    pub(crate) fn has_one_section(&self) -> bool {
        // Relaxed: the length that was acquired covers the sections that matter.
        self.chunk.sections.load(Ordering::Relaxed) == 1
    }

    /// The number of events in those that are this reader's.
    pub(crate) fn events(&self) -> u64 {
        self.closed.map_or(0, |closed| closed.events().saturating_sub(self.from.events()))
    }

    /// Whether it was closed, with all up to here.
    pub(crate) fn is_closed_at(&self, end: Committed) -> bool {
        self.closed == Some(end)
    }

    /// Whether the writer is through with the chunk, so that closing it makes nothing late.
    pub(crate) fn is_finished(&self) -> bool {
        // Acquire: pairs with the writer's `settle`.
        self.chunk.unsettled.load(Ordering::Acquire) == u32::from(self.closed.is_none())
    }

    /// When the chunk was begun and when it was left, in ticks; of one that is being written, the former twice.
    pub(crate) fn interval(&self) -> (u64, u64) {
        let written = self.glance().committed.words();
        // Relaxed: ordered by the load that told that it is finished, if it is.
        let left = self.chunk.left.load(Ordering::Relaxed);
        let begun = wire::base_of(&self.chunk.words[..written.min(self.chunk.words.len())]).unwrap_or(left);
        if left == 0 { (begun, begun) } else { (begun.min(left), left) }
    }

    /// The first look of [`Reader::peek`].
    pub(crate) fn glance(&self) -> Glance {
        // Acquire, both: what each thread wrote before it came here is seen by who looks at other chunks after this.
        let committed = Committed(self.chunk.committed.load(Ordering::Acquire));
        Glance { committed, sections: self.chunk.sections.load(Ordering::Acquire) }
    }

    /// How far the chunk is committed by now; the chunk is not closed, and what comes behind is not late.
    ///
    /// If a thread has gone on here since the first look behind another one, this has that look's length: it can have
    /// written into a chunk since that was looked at before this one, and would be there without that. Not so the thread
    /// that took the chunk: it was through with what it had before.
    pub(crate) fn peek(&self, before: Glance) -> Committed {
        self.closed.unwrap_or_else(|| {
            // Acquire: pairs with the writer's commit.
            let now = Committed(self.chunk.committed.load(Ordering::Acquire));
            // Relaxed: the length that was acquired covers the sections in it.
            let sections = self.chunk.sections.load(Ordering::Relaxed);
            if sections <= before.sections.max(1) { now } else { before.committed }
        })
    }

    /// Another reader, of the words from `from` to `to`.
    pub(crate) fn share(&self, from: Committed, to: Committed) -> Self {
        // Relaxed: this half keeps the chunk alive meanwhile.
        self.chunk.halves.fetch_add(1, Ordering::Relaxed);
        Self { chunk: self.chunk, from, closed: Some(to) }
    }

    /// Another reader of the same.
    pub(crate) fn again(&self) -> Self {
        self.share(self.from, self.closed.unwrap_or(self.from))
    }

    /// The part up to `to`, for somebody else; this reader goes on behind it.
    pub(crate) fn split_off(&mut self, to: Committed) -> Self {
        let part = self.share(self.from, to);
        self.from = to;
        part
    }

    /// Where this reader's part begins.
    pub(crate) fn start(&self) -> Committed {
        self.from
    }
}

impl Drop for Reader {
    /// A reader that was never closed took nothing: all its events are late.
    fn drop(&mut self) {
        if self.closed.is_none() {
            self.finish(Committed::NOTHING);
        }
        self.chunk.release();
    }
}

/// What was recorded: closed chunks, and what is not in them.
#[derive(Debug, Default)]
pub(crate) struct Recorded {
    pub(crate) chunks: Vec<Reader>,
    pub(crate) lost: Vec<Lost>,
    /// Events that began in a session and were committed after its stop, counted since the last session.
    pub(crate) late: u64,
    /// Alerts that no handler was called for, though the session has one.
    pub(crate) missed_alerts: u64,
    pub(crate) budget: Option<Budget>,
    /// Whether there can be events that belong to no thread's track.
    pub(crate) shared: bool,
    /// Activities whose ids are below this one, in the same session, can have begun before the recording does.
    pub(crate) activities_from: u64,
    /// When the recording begins, in ticks: for what goes on behind a rotation, that. 0 if with the session.
    pub(crate) since: u64,
    pub(crate) clock: Clock,
    /// What those who take live haven't had, of the chunks above.
    pub(crate) news: News,
}

/// What has come since the last time that somebody took it live.
#[derive(Debug, Default)]
pub(crate) struct News {
    pub(crate) chunks: Vec<Reader>,
    /// What was overwritten before it was taken.
    pub(crate) missed: Option<Lost>,
    /// What was lost for other reasons and told to somebody else, who will not tell it again.
    pub(crate) lost: Vec<Lost>,
}

impl Recorded {
    /// Nothing, in the time of `clock`; there can be samples in what is added.
    pub(crate) fn of(clock: Clock) -> Self {
        Self { clock, shared: true, ..Self::default() }
    }

    /// The same once more, for somebody else.
    pub(crate) fn share(&self) -> Self {
        Self {
            chunks: self.chunks.iter().map(Reader::again).collect(),
            lost: self.lost.clone(),
            news: News::default(),
            ..*self
        }
    }
}

impl fmt::Debug for Chunk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for a person to look at.
        let committed = Committed(self.committed.load(Ordering::Relaxed));
        f.debug_struct("Chunk").field("committed", &committed).finish_non_exhaustive()
    }
}

impl fmt::Debug for Writer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Writer").field(self.chunk).finish()
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").field("chunk", self.chunk).field("closed", &self.closed).finish()
    }
}

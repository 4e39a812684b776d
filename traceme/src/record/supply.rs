//! How one session's chunks reach its writers, and what bounds them.
//!
//! A background thread keeps a few chunks with all their pages in stock, so that a writer never waits for the
//! system. A writer that takes one leaves its reading half to the session at the same time: whenever the session
//! stops it holds every chunk that has ever been written, full or not. All three channels are as long as the
//! session has chunks, so that sending never waits and never fails while the session runs.
//!
//! In a ring, a writer that takes one of the last chunks first gives up an old one for it, unless somebody else looks at
//! what is held at this moment. Nobody waits: there are some more, for such moments.

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::record::chunk::{Chunk, Home, Reader, Writer};
use crate::record::clock;
use crate::record::held::{Closed, Held, Rotated};
use crate::record::pool::{Pool, SEGMENT_CHUNKS};
use crate::record::thread::Local;
use crate::sync::{lock, try_lock};

/// The stock that a session begins with, and the least that it keeps.
const STOCK: usize = 2 * SEGMENT_CHUNKS;
/// The most that is kept in stock: 64 MiB, for many threads that begin at once.
const MOST_STOCK: usize = 256;
/// How long the background thread sleeps while writers are busy, and while they are not: at one event every 11 ns
/// a thread uses up the least stock in 11 ms.
const BUSY: Duration = Duration::from_millis(1);
const QUIET: Duration = Duration::from_millis(4);
/// The part of a ring that is kept free, for writers that come while somebody else looks at what is held: each of them
/// uses up a chunk in 180 us, at most.
const SPARE: usize = 8;

/// The writers' end of a session's supply.
pub(crate) struct Supply {
    pool: &'static Pool,
    /// How many chunks the session may use in all, and how many it uses.
    limit: usize,
    used: AtomicUsize,
    /// From how many on a writer gives up an old chunk for a new one; never, unless the session is a ring.
    full: usize,
    /// How many chunks had been finished when there was nothing to give up: while there are no more, there still isn't.
    barren: AtomicU64,
    /// How old, in ticks, what nobody writes any more gets; for ever, unless the session keeps the last of some time only.
    age: Option<u64>,
    stock: Receiver<&'static Chunk>,
    /// The reading half of every chunk that a writer takes, and the number of its thread.
    taken: Sender<(u64, Reader)>,
    /// Set before the session takes in the last chunks.
    stopped: AtomicBool,
    kept: Mutex<Kept>,
    orphans: (Sender<Writer>, Receiver<Writer>),
}

/// What the session holds.
struct Kept {
    held: Held,
    /// What comes in. Without it the session has stopped: a writer that takes a chunk is told so.
    inbox: Option<Receiver<(u64, Reader)>>,
}

/// What to do when the memory is used up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum WhenFull {
    /// Lose the new events.
    Lose,
    /// Overwrite the old ones.
    Overwrite,
}

/// Why there is no chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoChunk {
    /// The session uses all it may, or the system gives no more memory.
    Full,
    /// The same, and what could be given up for it was in somebody else's hands.
    Pinned,
    /// The session has stopped.
    Stopped,
}

/// The background thread that keeps chunks in stock, as its session sees it.
#[derive(Debug)]
pub(crate) struct Stocking {
    /// Ends the thread once it is dropped.
    _running: Sender<()>,
    stocker: Stocker,
}

/// The same as the next session sees it.
#[derive(Debug)]
pub(crate) struct Stocker {
    /// Disconnected when the thread has given its stock back. The thread itself is detached: of one that had ended and
    /// was joined by nobody, tools would say that it leaks.
    ended: Receiver<()>,
}

/// A supply of at most `limit` chunks; at least 2 if old ones are overwritten.
///
/// What is older than `age`, in ticks, is given up.
pub(crate) fn open(
    pool: &'static Pool,
    limit: usize,
    when_full: WhenFull,
    age: Option<u64>,
    live: bool,
) -> std::io::Result<(Arc<Supply>, Stocking)> {
    let (stock_in, stock) = bounded(limit);
    let (taken, inbox) = bounded(limit);
    let full = match when_full {
        WhenFull::Lose => usize::MAX,
        WhenFull::Overwrite => limit - (limit / SPARE).max(1),
    };
    let mut held = Held::new(limit);
    held.set_live(live);
    let kept = Mutex::new(Kept { held, inbox: Some(inbox) });
    let used = AtomicUsize::new(0);
    let supply = Arc::new(Supply {
        pool,
        limit,
        used,
        full,
        barren: AtomicU64::new(u64::MAX),
        age,
        stock,
        taken,
        stopped: AtomicBool::new(false),
        kept,
        orphans: bounded(limit),
    });
    pool.make_room(limit);
    // Before any writer runs: the first chunk of each of a few threads costs no page fault.
    supply.fill(&stock_in, STOCK.min(SEGMENT_CHUNKS));
    let (running, stop) = bounded(0);
    let (works, ended) = bounded(0);
    let stocked = Arc::clone(&supply);
    let thread = thread::Builder::new().name("traceme-stock".into()).spawn(move || {
        let _works: Sender<()> = works;
        stocked.keep(stock_in, stop);
    });
    drop(thread.inspect_err(|_| supply.clear())?);
    Ok((supply, Stocking { _running: running, stocker: Stocker { ended } }))
}

impl Supply {
    /// A chunk for the thread of this number to write, whose other half the session has.
    pub(crate) fn take(&self, thread: u64) -> Result<Writer, NoChunk> {
        let room = self.make_room();
        // Relaxed: a count; the chunks themselves come through the channel.
        let count = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < self.limit).then_some(n + 1));
        count.map_err(|_| room.err().unwrap_or(NoChunk::Full))?;
        let chunk = self.stock.try_recv().ok().or_else(|| self.pool.take());
        let Some(chunk) = chunk.or_else(|| self.take_old()) else {
            // Relaxed: as above.
            self.used.fetch_sub(1, Ordering::Relaxed);
            return Err(NoChunk::Full);
        };
        let (writer, reader) = chunk.split();
        // There is room for all the chunks of the session: the only failure is that it has stopped.
        self.taken.try_send((thread, reader)).map_err(|_| NoChunk::Stopped)?;
        // Pairs with that of `close`: the session takes the chunk in, or it is found here to have stopped. What nobody takes in
        // stays in the channel: events in it would be counted as late when that is freed, and that can be after the last stop.
        fence(Ordering::SeqCst);
        // Relaxed: ordered by the fence.
        if self.stopped.load(Ordering::Relaxed) { Err(NoChunk::Stopped) } else { Ok(writer) }
    }

    /// Gives up chunks of a ring that is full. Not while anybody else has what is held: a writer doesn't wait for that.
    fn make_room(&self) -> Result<(), NoChunk> {
        // Relaxed: a guess is enough; the limit itself is kept by `take`.
        while self.used.load(Ordering::Relaxed) >= self.full {
            self.give_up()?;
        }
        Ok(())
    }

    fn give_up(&self) -> Result<(), NoChunk> {
        // Before the look. Whoever loses an event comes here: it must not look at each of thousands of threads.
        let finished = self.pool.finished();
        // Relaxed, both: a count by itself; an old one leads to one more look.
        if self.barren.load(Ordering::Relaxed) == finished {
            return Err(NoChunk::Full);
        }
        let evicted = try_lock(&self.kept).ok_or(NoChunk::Pinned)?.up_to_date().evict();
        let Some(evicted) = evicted else {
            self.barren.store(finished, Ordering::Relaxed);
            return Err(NoChunk::Full);
        };
        // First back to the pool, then counted as free; a snapshot may hold it longer.
        drop(evicted);
        // Relaxed: as above.
        self.used.fetch_sub(1, Ordering::Relaxed);
        Ok(())
    }

    /// What a ring gives up before it is full, because the system gives no more memory.
    fn take_old(&self) -> Option<&'static Chunk> {
        if self.full == usize::MAX {
            return None;
        }
        self.give_up().ok()?;
        // The background thread may have been faster.
        self.pool.take().or_else(|| self.stock.try_recv().ok())
    }

    /// Runs `f` with what the session holds.
    pub(crate) fn with_held<R>(&self, f: impl FnOnce(&mut Held) -> R) -> R {
        f(lock(&self.kept).up_to_date())
    }

    /// Gives away what is committed by now, or of it what is `full`: it counts no more as the session's.
    ///
    /// Runs `then` before anybody else sees what is held.
    pub(crate) fn rotate<R>(&self, full: bool, then: impl FnOnce(&mut Held) -> R) -> (Rotated, R) {
        let (rotated, then) = self.with_held(|held| (held.rotate(full), then(held)));
        // Relaxed: a count.
        self.used.fetch_sub(rotated.given_away, Ordering::Relaxed);
        (rotated, then)
    }

    /// The rest of a dead thread's chunk, if it has `words` words left.
    pub(crate) fn adopt(&self, words: usize) -> Option<Writer> {
        let has_room = |writer: &Writer| writer.chunk().words().len() - writer.committed().words() >= words;
        self.orphans.1.try_recv().ok().filter(has_room)
    }

    /// Leaves the rest of a dead thread's chunk to the next thread that needs one.
    pub(crate) fn leave(&self, writer: Writer) {
        // There is room for all the chunks of the session; a writer that came back would only be dropped.
        let _ = self.orphans.0.try_send(writer);
    }

    /// Closes all that the session holds, and gives it away. From here on a writer that takes a chunk finds that nobody
    /// would read it.
    pub(crate) fn close(&self) -> Closed {
        let mut kept = lock(&self.kept);
        // Relaxed: ordered by the fence, which pairs with that of `take`.
        self.stopped.store(true, Ordering::Relaxed);
        fence(Ordering::SeqCst);
        let closed = kept.up_to_date().close();
        kept.inbox = None;
        drop(kept);
        // What dead threads left, no writer takes any more.
        self.orphans.1.try_iter().for_each(drop);
        closed
    }

    fn keep(self: Arc<Self>, stock: Sender<&'static Chunk>, ended: Receiver<()>) {
        // All its life inside the recorder: an allocator that traces must not come back here, not even where the last of a
        // session is freed.
        Local::with(|local| {
            let _busy = local.enter();
            self.keep_busily(&stock, &ended);
            drop((self, stock, ended));
        });
    }

    fn keep_busily(&self, stock: &Sender<&'static Chunk>, ended: &Receiver<()>) {
        let mut target = STOCK;
        let mut pause = BUSY;
        while ended.recv_timeout(pause) == Err(RecvTimeoutError::Timeout) {
            let used_up = target.saturating_sub(stock.len());
            if stock.is_empty() {
                target = (2 * target).min(MOST_STOCK);
            }
            pause = if used_up > 0 { BUSY } else { QUIET };
            // Beyond what the session itself may use: a snapshot, a part, a batch holds on to chunks that are used no more.
            self.pool.make_room(MOST_STOCK);
            self.fill(stock, target);
            self.expire();
        }
        self.clear();
    }

    /// Gives up what has got too old.
    fn expire(&self) {
        let Some(age) = self.age else { return };
        let expired = self.with_held(|held| held.expire(clock::now().saturating_sub(age)));
        // First back to the pool, then counted as free.
        let count = expired.len();
        drop(expired);
        // Relaxed: a count.
        self.used.fetch_sub(count, Ordering::Relaxed);
    }

    /// Gives the stock back.
    fn clear(&self) {
        self.stock.try_iter().for_each(|chunk| self.pool.give_back(chunk));
    }

    /// Brings the stock to `target`, but to no more than the session may still use.
    fn fill(&self, stock: &Sender<&'static Chunk>, target: usize) {
        // Relaxed: a guess is enough.
        let target = target.min(self.limit.saturating_sub(self.used.load(Ordering::Relaxed)));
        while stock.len() < target {
            let Some(chunk) = self.pool.take() else { return };
            chunk.populate();
            if let Err(refused) = stock.try_send(chunk) {
                return self.pool.give_back(refused.into_inner());
            }
        }
    }
}

impl Kept {
    /// What the session holds, with all that has come in.
    fn up_to_date(&mut self) -> &mut Held {
        for (thread, reader) in self.inbox.iter().flat_map(Receiver::try_iter) {
            self.held.add(thread, reader);
        }
        &mut self.held
    }
}

impl Stocking {
    /// Ends it.
    pub(crate) fn end(self) -> Stocker {
        self.stocker
    }
}

impl Stocker {
    /// Waits until the stock is back in the pool: another session would need other memory instead. Not for long: on a
    /// busy machine the thread may come late.
    pub(crate) fn wait(self) {
        let _ = self.ended.recv_timeout(Duration::from_millis(100));
    }
}

impl fmt::Debug for Supply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Relaxed: for a person to look at.
        let used = self.used.load(Ordering::Relaxed);
        f.debug_struct("Supply").field("limit", &self.limit).field("used", &used).finish_non_exhaustive()
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::record::chunk::Committed;

    #[test]
    fn a_ring_without_room_says_whether_there_was_something_to_give_up() {
        let (supply, stocking) = open(Pool::with_room(2), 2, WhenFull::Overwrite, None, false).expect("memory");
        let [first, _second] = [1, 2].map(|thread| supply.take(thread).expect("there are two"));
        assert_eq!(supply.take(3).err(), Some(NoChunk::Full), "both are being written");
        assert_eq!(supply.with_held(|_| supply.take(3)).err(), Some(NoChunk::Full), "it is known, without a look");
        drop(first);
        assert_eq!(supply.with_held(|_| supply.take(3)).err(), Some(NoChunk::Pinned));
        assert_eq!(supply.take(3).expect("the first is given up").committed().words(), 0);
        stocking.end().wait();
    }

    #[test]
    fn what_is_written_while_a_session_stops_is_in_it_or_late_before_it_is_freed() {
        const CHUNKS: usize = 1024;
        let pool = Pool::with_room(CHUNKS);
        for _ in 0..200 {
            let (supply, stocking) = open(pool, CHUNKS, WhenFull::Lose, None, false).expect("memory");
            let (begun, begins) = bounded(1);
            let write = || {
                let event = |writer: Writer| Committed::NOTHING.plus(1, 1).publish(writer.chunk().committed());
                let told = |_: &Writer| _ = begun.try_send(());
                let chunks = std::iter::from_fn(|| supply.take(1).ok().inspect(told));
                chunks.map(event).count() as u64
            };
            let (closed, written) = thread::scope(|scope| {
                let writing = scope.spawn(write);
                begins.recv().expect("a chunk");
                (supply.close(), writing.join().expect("no panic"))
            });
            let recorded: u64 = closed.chunks.iter().map(Reader::events).sum();
            assert_eq!(recorded + pool.take_late(), written);
            stocking.end().wait();
        }
    }

    #[test]
    fn without_a_ring_nothing_can_be_pinned() {
        let (supply, stocking) = open(Pool::global(), 1, WhenFull::Lose, None, false).expect("memory");
        drop(supply.take(1).expect("there is one"));
        assert_eq!(supply.with_held(|_| supply.take(1)).err(), Some(NoChunk::Full));
        stocking.end().wait();
    }
}

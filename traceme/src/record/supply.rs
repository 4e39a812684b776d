//! How one session's chunks reach its writers, and what bounds them.
//!
//! A background thread keeps a few chunks with all their pages in stock, so that a writer never waits for the
//! system. A writer that takes one leaves its reading half to the session at the same time: whenever the session
//! stops it holds every chunk that has ever been written, full or not. All three channels are as long as the
//! session has chunks, so that sending never waits and never fails while the session runs.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, RecvTimeoutError, Sender, bounded};

use crate::record::chunk::{Chunk, Home, Reader, Writer};
use crate::record::pool::{Pool, SEGMENT_CHUNKS};
use crate::record::thread::Local;

/// The stock that a session begins with, and the least that it keeps.
const STOCK: usize = 2 * SEGMENT_CHUNKS;
/// The most that is kept in stock: 64 MiB, for many threads that begin at once.
const MOST_STOCK: usize = 256;
/// How long the background thread sleeps while writers are busy, and while they are not: at one event every 11 ns
/// a thread uses up the least stock in 11 ms.
const BUSY: Duration = Duration::from_millis(1);
const QUIET: Duration = Duration::from_millis(4);

/// The writers' end of a session's supply.
pub(crate) struct Supply {
    pool: &'static Pool,
    /// How many chunks the session may use in all, and how many it uses.
    limit: usize,
    used: AtomicUsize,
    stock: Receiver<&'static Chunk>,
    taken: Sender<Reader>,
    orphans: (Sender<Writer>, Receiver<Writer>),
}

/// Why there is no chunk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoChunk {
    /// The session uses all it may, or the system gives no more memory.
    Full,
    /// The session has stopped.
    Stopped,
}

/// The session's end of its supply. Once it is dropped, a writer that takes a chunk is told that the session has stopped.
#[derive(Debug)]
pub(crate) struct Intake {
    /// The reading half of every chunk that a writer takes.
    pub(crate) taken: Receiver<Reader>,
    /// Ends the background thread that keeps chunks in stock, once it is dropped.
    _running: Sender<()>,
    stocker: Stocker,
}

/// The background thread that keeps chunks in stock, as the next session sees it.
#[derive(Debug)]
pub(crate) struct Stocker {
    /// Disconnected when the thread has given its stock back. The thread itself is detached: of one that had ended and
    /// was joined by nobody, tools would say that it leaks.
    ended: Receiver<()>,
}

/// A supply of at most `limit` chunks.
pub(crate) fn open(pool: &'static Pool, limit: usize) -> std::io::Result<(Arc<Supply>, Intake)> {
    let (stock_in, stock) = bounded(limit);
    let (taken, taken_out) = bounded(limit);
    let supply = Supply { pool, limit, used: AtomicUsize::new(0), stock, taken, orphans: bounded(limit) };
    let supply = Arc::new(supply);
    // Before any writer runs: the first chunk of each of a few threads costs no page fault.
    supply.fill(&stock_in, STOCK.min(SEGMENT_CHUNKS));
    let (running, stop) = bounded(0);
    let (works, ended) = bounded(0);
    let stocked = Arc::clone(&supply);
    let thread = thread::Builder::new().name("traceme-stock".into()).spawn(move || {
        let _works: Sender<()> = works;
        stocked.keep(&stock_in, &stop);
    });
    drop(thread.inspect_err(|_| supply.clear())?);
    Ok((supply, Intake { taken: taken_out, _running: running, stocker: Stocker { ended } }))
}

impl Supply {
    /// A chunk to write, whose other half the session has.
    pub(crate) fn take(&self) -> Result<Writer, NoChunk> {
        // Relaxed: a count; the chunks themselves come through the channel.
        let count = self.used.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |n| (n < self.limit).then_some(n + 1));
        count.map_err(|_| NoChunk::Full)?;
        let Some(chunk) = self.stock.try_recv().ok().or_else(|| self.pool.take()) else {
            // Relaxed: as above.
            self.used.fetch_sub(1, Ordering::Relaxed);
            return Err(NoChunk::Full);
        };
        let (writer, reader) = chunk.split();
        // There is room for all the chunks of the session: the only failure is that it has stopped.
        self.taken.try_send(reader).map_err(|_| NoChunk::Stopped)?;
        Ok(writer)
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

    /// Lets go of what dead threads left: no writer takes it any more.
    pub(crate) fn close(&self) {
        self.orphans.1.try_iter().for_each(drop);
    }

    fn keep(&self, stock: &Sender<&'static Chunk>, ended: &Receiver<()>) {
        // All its life inside the recorder: an allocator that traces must not come back here.
        Local::with(|local| {
            let _busy = local.enter();
            self.keep_busily(stock, ended);
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
            self.fill(stock, target);
        }
        self.clear();
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

impl Intake {
    /// Ends the supply.
    pub(crate) fn end(self) -> Stocker {
        self.stocker
    }
}

impl Stocker {
    /// Waits until the stock is back in the pool: another session would need other memory instead. Not for long: in a
    /// process made by `fork` the thread isn't there.
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

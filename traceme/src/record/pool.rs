//! Where chunks come from and go back to.
//!
//! Memory is mapped in segments of 2 MiB, one huge page each, and cut into chunks. A segment is never unmapped:
//! chunks are `'static`, and whoever still looks at an old one can do no harm. What is not needed any more is
//! given back to the system page by page instead, and is taken into use again first.

use std::fmt;
use std::sync::{LazyLock, PoisonError};
#[cfg(not(loom))]
use std::sync::{Mutex, MutexGuard};

#[cfg(loom)]
use loom::sync::{Mutex, MutexGuard};

use crate::record::chunk::{Chunk, Home, WORDS};
use crate::record::os;
use crate::sync::{AtomicU64, Ordering};

/// The chunks of a segment.
pub(crate) const SEGMENT_CHUNKS: usize = 8;
/// How many free chunks keep their pages between sessions: 16 MiB.
const KEPT: usize = 8 * SEGMENT_CHUNKS;

static POOL: LazyLock<Pool> = LazyLock::new(Pool::new);

/// All chunks that no half refers to, and the count of late events.
pub(crate) struct Pool {
    free: Mutex<Free>,
    late: AtomicU64,
}

#[derive(Default)]
pub(crate) struct Free {
    /// Chunks whose pages are there, as far as their last users touched them.
    warm: Vec<&'static Chunk>,
    /// Segments whose pages were given back.
    cold: Vec<Segment>,
    /// All segments: the one that a chunk is in is found by address.
    segments: Vec<Segment>,
}

#[derive(Clone, Copy)]
struct Segment {
    words: &'static [AtomicU64],
    chunks: &'static [Chunk],
}

impl Segment {
    fn contains(&self, chunk: &'static Chunk) -> bool {
        self.chunks.as_ptr_range().contains(&std::ptr::from_ref(chunk))
    }
}

impl Pool {
    pub(crate) fn new() -> Self {
        Self { free: Mutex::new(Free::default()), late: AtomicU64::new(0) }
    }

    pub(crate) fn free(&self) -> MutexGuard<'_, Free> {
        // Each holder leaves the lists whole, even if it panics.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pool of the process.
    pub(crate) fn global() -> &'static Self {
        &POOL
    }

    /// A free chunk; `None` if the system gives no more memory.
    pub(crate) fn take(&'static self) -> Option<&'static Chunk> {
        if let Some(chunk) = self.free().warm.pop() {
            return Some(chunk);
        }
        let cold = self.free().cold.pop();
        let segment = match cold {
            Some(segment) => segment,
            // Mapped without the lock: writers that find the stock empty must not wait for each other's pages.
            None => self.map_segment()?,
        };
        let (last, others) = segment.chunks.split_last()?;
        self.free().warm.extend(others);
        Some(last)
    }

    /// A free chunk that is not to be mapped first, if there is one.
    #[cfg(all(test, loom))]
    pub(crate) fn warm_chunk(&self) -> Option<&'static Chunk> {
        self.free().warm.pop()
    }

    fn map_segment(&'static self) -> Option<Segment> {
        let words = os::map(SEGMENT_CHUNKS * WORDS)?;
        let chunks: Vec<Chunk> = words.chunks_exact(WORDS).map(|words| Chunk::new(words, self)).collect();
        let segment = Segment { words, chunks: chunks.leak() };
        let mut free = self.free();
        free.segments.push(segment);
        // Giving a chunk back never allocates: an allocator that traces would come back here.
        let Free { warm, cold, segments } = &mut *free;
        warm.reserve(segments.len() * SEGMENT_CHUNKS - warm.len());
        cold.reserve(segments.len() - cold.len());
        Some(segment)
    }

    /// The late events since the last call.
    pub(crate) fn take_late(&self) -> u64 {
        // Relaxed: see `count_late`.
        self.late.swap(0, Ordering::Relaxed)
    }
}

#[cfg(not(loom))]
fn inside_recorder(f: impl FnOnce()) {
    if crate::record::fork::is_over() {
        return;
    }
    crate::record::thread::Local::with(|local| {
        let _busy = local.enter();
        f();
    });
}

/// There are no signals in a model.
#[cfg(loom)]
fn inside_recorder(f: impl FnOnce()) {
    f();
}

impl Home for Pool {
    fn give_back(&self, chunk: &'static Chunk) {
        // Inside the recorder: a signal handler that comes here would wait for this lock for ever.
        inside_recorder(|| {
            let mut free = self.free();
            free.warm.push(chunk);
            if free.warm.len() > KEPT {
                free.chill(chunk);
            }
        });
    }

    fn count_late(&self, events: u64) {
        // Relaxed: a count that is taken by a swap, each event once.
        self.late.fetch_add(events, Ordering::Relaxed);
    }
}

impl Free {
    /// Gives back the pages of the segment that `chunk` is in, if all of it is free.
    fn chill(&mut self, chunk: &'static Chunk) {
        let Some(&segment) = self.segments.iter().find(|segment| segment.contains(chunk)) else { return };
        let free = self.warm.iter().filter(|other| segment.contains(other)).count();
        if free == segment.chunks.len() {
            self.warm.retain(|other| !segment.contains(other));
            os::discard(segment.words);
            self.cold.push(segment);
        }
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let free = self.free();
        f.debug_struct("Pool")
            .field("segments", &free.segments.len())
            .field("warm", &free.warm.len())
            .field("cold", &free.cold.len())
            .finish_non_exhaustive()
    }
}

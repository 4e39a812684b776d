//! Where chunks come from and go back to.
//!
//! Memory is mapped in segments of 2 MiB, one huge page each, and cut into chunks. A segment is never unmapped:
//! chunks are `'static`, and whoever still looks at an old one can do no harm. What is not needed any more is
//! given back to the system page by page instead, and is taken into use again first.

use std::fmt;
use std::mem::MaybeUninit;
use std::sync::atomic::AtomicU64 as StdAtomicU64;
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

/// How many segments more there is room for than a session can use: several writers may map one at the same time.
const SPARE: usize = 8;

/// All chunks that no half refers to, and the count of late events.
///
/// Taking a chunk and giving it back never allocate, and nobody allocates while he has the lock: who waits for it may be a
/// signal handler inside the allocator, or an allocator that traces.
pub(crate) struct Pool {
    free: Mutex<Free>,
    late: AtomicU64,
    finished: StdAtomicU64,
}

#[derive(Default)]
pub(crate) struct Free {
    /// Chunks whose pages are there, as far as their last users touched them.
    warm: Vec<&'static Chunk>,
    /// Segments whose pages were given back.
    cold: Vec<Segment>,
    /// All segments: the one that a chunk is in is found by address.
    segments: Vec<Segment>,
    /// Where the chunks of further segments will be.
    blank: Vec<Blank>,
}

type Blank = &'static mut [MaybeUninit<Chunk>; SEGMENT_CHUNKS];

#[derive(Clone, Copy)]
struct Segment {
    words: &'static [AtomicU64],
    chunks: [&'static Chunk; SEGMENT_CHUNKS],
}

impl Segment {
    fn contains(&self, chunk: &'static Chunk) -> bool {
        self.words.as_ptr_range().contains(&chunk.words().as_ptr())
    }
}

impl Pool {
    pub(crate) fn new() -> Self {
        Self { free: Mutex::new(Free::default()), late: AtomicU64::new(0), finished: StdAtomicU64::new(0) }
    }

    pub(crate) fn free(&self) -> MutexGuard<'_, Free> {
        // Each holder leaves the lists whole, even if it panics.
        self.free.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The pool of the process.
    pub(crate) fn global() -> &'static Self {
        &POOL
    }

    /// Makes room for so many chunks to be taken.
    pub(crate) fn make_room(&self, chunks: usize) {
        inside_recorder(|| {
            let segments = chunks.div_ceil(SEGMENT_CHUNKS) + SPARE;
            let missing = segments.saturating_sub(self.free().blank.len());
            let blank = Box::leak(Box::new_uninit_slice(missing * SEGMENT_CHUNKS));
            let mut blank: Vec<Blank> =
                blank.chunks_exact_mut(SEGMENT_CHUNKS).filter_map(|blank| Blank::try_from(blank).ok()).collect();
            // The longer lists are made without the lock, and what they replace is freed without it.
            let mut room = Free::default();
            loop {
                let mut free = self.free();
                // And for those that writers map at this moment.
                let all = free.segments.len() + free.blank.len() + blank.len() + SPARE;
                if !free.holds(all) && room.holds(all) {
                    free.move_to(&mut room);
                }
                if free.holds(all) {
                    return free.blank.append(&mut blank);
                }
                drop(free);
                room = Free::with_room(all);
            }
        });
    }

    /// A free chunk; `None` if the system gives no more memory, or no room was made.
    pub(crate) fn take(&'static self) -> Option<&'static Chunk> {
        if let Some(chunk) = self.free().warm.pop() {
            return Some(chunk);
        }
        let cold = self.free().cold.pop();
        // Mapped without the lock: writers that find the stock empty must not wait for each other's pages.
        let Some(segment) = cold.or_else(|| self.map_segment()) else {
            // Others may have mapped more than they took.
            return self.free().warm.pop();
        };
        let [chunk, others @ ..] = segment.chunks;
        self.free().warm.extend(others);
        Some(chunk)
    }

    /// A free chunk that is not to be mapped first, if there is one.
    #[cfg(all(test, loom))]
    pub(crate) fn warm_chunk(&self) -> Option<&'static Chunk> {
        self.free().warm.pop()
    }

    fn map_segment(&'static self) -> Option<Segment> {
        let blank = self.free().blank.pop()?;
        let Some(words) = os::map(SEGMENT_CHUNKS * WORDS) else {
            self.free().blank.push(blank);
            return None;
        };
        let mut parts = words.chunks_exact(WORDS);
        let chunk =
            |blank: &'static mut MaybeUninit<Chunk>| &*blank.write(Chunk::new(parts.next().unwrap_or_default(), self));
        let segment = Segment { words, chunks: blank.each_mut().map(chunk) };
        self.free().segments.push(segment);
        Some(segment)
    }

    /// How many chunks were finished so far.
    pub(crate) fn finished(&self) -> u64 {
        // Acquire: see `count_finished`.
        self.finished.load(Ordering::Acquire)
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
            let whole = if free.warm.len() > KEPT { free.take_whole(chunk) } else { None };
            drop(free);
            if let Some(segment) = whole {
                // Without the lock, which writers wait for at a new chunk: the system takes its time for 2 MiB.
                os::discard(segment.words);
                self.free().cold.push(segment);
            }
        });
    }

    fn count_late(&self, events: u64) {
        // Relaxed: a count that is taken by a swap, each event once.
        self.late.fetch_add(events, Ordering::Relaxed);
    }

    fn count_finished(&self) {
        // Release: whoever sees the count sees the chunk to be finished.
        self.finished.fetch_add(1, Ordering::Release);
    }
}

impl Free {
    /// Empty lists with room for so many segments.
    fn with_room(segments: usize) -> Self {
        Self {
            warm: Vec::with_capacity(segments * SEGMENT_CHUNKS),
            cold: Vec::with_capacity(segments),
            segments: Vec::with_capacity(segments),
            blank: Vec::with_capacity(segments),
        }
    }

    /// Whether the lists have room for so many segments.
    fn holds(&self, segments: usize) -> bool {
        let least = self.cold.capacity().min(self.segments.capacity()).min(self.blank.capacity());
        segments <= least.min(self.warm.capacity() / SEGMENT_CHUNKS)
    }

    /// Goes on in these lists, which are empty and have room for it; they become those that were there.
    fn move_to(&mut self, room: &mut Self) {
        room.warm.append(&mut self.warm);
        room.cold.append(&mut self.cold);
        room.segments.append(&mut self.segments);
        room.blank.append(&mut self.blank);
        std::mem::swap(self, room);
    }

    /// Takes out the segment that `chunk` is in, if all of it is free.
    fn take_whole(&mut self, chunk: &'static Chunk) -> Option<Segment> {
        let segment = *self.segments.iter().find(|segment| segment.contains(chunk))?;
        let free = self.warm.iter().filter(|other| segment.contains(other)).count();
        if free < segment.chunks.len() {
            return None;
        }
        self.warm.retain(|other| !segment.contains(other));
        Some(segment)
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // Looked at first: printing may allocate.
        let lengths = |free: &Free| [free.segments.len(), free.warm.len(), free.cold.len()];
        let [segments, warm, cold] = lengths(&self.free());
        let mut pool = f.debug_struct("Pool");
        pool.field("segments", &segments).field("warm", &warm).field("cold", &cold).finish_non_exhaustive()
    }
}

#[cfg(test)]
impl Pool {
    /// One for a test, with room for so many chunks.
    pub(crate) fn with_room(chunks: usize) -> &'static Self {
        let pool: &'static Self = Box::leak(Box::new(Self::new()));
        pool.make_room(chunks);
        pool
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn give_back(pool: &'static Pool, chunks: &[&'static Chunk]) {
        chunks.iter().for_each(|chunk| pool.give_back(chunk));
    }

    #[test]
    fn what_is_not_kept_warm_is_given_back_by_the_segment_and_used_again() {
        let pool = Pool::with_room(KEPT + 2 * SEGMENT_CHUNKS);
        for _ in 0..3 {
            let taken: Vec<_> =
                std::iter::repeat_with(|| pool.take()).take(KEPT + 2 * SEGMENT_CHUNKS).flatten().collect();
            assert_eq!(taken.len(), KEPT + 2 * SEGMENT_CHUNKS);
            taken.iter().for_each(|chunk| chunk.populate());
            give_back(pool, &taken);
            let free = pool.free();
            assert_eq!((free.segments.len(), free.cold.len(), free.warm.len()), (10, 2, KEPT));
        }
    }

    #[test]
    fn the_lists_never_grow_in_the_hands_of_writers() {
        let pool = Pool::with_room(3 * SEGMENT_CHUNKS);
        let capacities = || {
            let free = pool.free();
            [free.warm.capacity(), free.cold.capacity(), free.segments.capacity(), free.blank.capacity()]
        };
        let before = capacities();
        let taken: Vec<_> = std::iter::from_fn(|| pool.take()).collect();
        assert_eq!(taken.len(), (3 + SPARE) * SEGMENT_CHUNKS, "and then there is no more room");
        give_back(pool, &taken);
        assert_eq!(capacities(), before);
    }

    #[test]
    fn chunks_that_are_taken_and_given_back_at_the_same_time_are_never_two_threads() {
        let pool = Pool::with_room(20 * SEGMENT_CHUNKS);
        let work = || {
            for turn in 0..2_000 {
                let taken: Vec<_> = std::iter::from_fn(|| pool.take()).take(1 + turn % 70).collect();
                // A chunk that another thread has as well would be begun twice: its halves are counted.
                let halves: Vec<_> = taken.iter().map(|chunk| chunk.split()).collect();
                assert_eq!(halves.len(), 1 + turn % 70);
            }
        };
        std::thread::scope(|scope| {
            scope.spawn(work);
            scope.spawn(work);
        });
        let free = pool.free();
        assert_eq!(free.cold.len() * SEGMENT_CHUNKS + free.warm.len(), free.segments.len() * SEGMENT_CHUNKS);
    }
}

//! Memory to write events to that nobody reads: for measuring what recording them costs.

use std::sync::Mutex;

use crate::record::buffer::Buffer;
use crate::record::chunk::{Chunk, Committed, Home, WORDS};
use crate::record::clock;
use crate::record::thread::{Local, RESERVED_WORDS};
use crate::record::wire;
use crate::sync::AtomicU64;

/// The number of a session that the events seem to be of. None has it: what is written with it goes to no session.
const EPOCH: u64 = (1 << wire::EPOCH_BITS) - 1;

/// What callsites' words are to have in them.
pub(crate) const STAMP: u64 = wire::stamp(EPOCH, 0);

/// The number of the session that follows the one of this number: never 0, nor a trial's.
pub(super) const fn epoch_behind(epoch: u64) -> u64 {
    epoch % (EPOCH - 1) + 1
}

/// Whether it is the number that events of trials have.
pub(super) const fn is_trials(epoch: u64) -> bool {
    epoch == EPOCH
}

/// A trial's memory that isn't in use: chunks are never freed. It is never waited for, so a fork may find it locked.
static SPARE: Mutex<Option<Memory>> = Mutex::new(None);

struct Memory {
    chunk: &'static Chunk,
    buffer: &'static Buffer,
}

/// Takes back nothing: a trial's chunk has no life that could end.
struct Nowhere;

impl Home for Nowhere {
    fn give_back(&self, _: &'static Chunk) {}

    fn count_late(&self, _: u64) {}

    fn count_finished(&self) {}
}

impl Memory {
    /// `None` if the system gives none.
    fn new() -> Option<Self> {
        let buffer = Buffer::new()?;
        let words: Vec<AtomicU64> = (0..WORDS).map(|_| AtomicU64::new(0)).collect();
        let chunk: &'static Chunk = Box::leak(Box::new(Chunk::new(words.leak(), &Nowhere)));
        chunk.populate();
        Some(Self { chunk, buffer })
    }
}

/// While it is there, the thread that made it writes what nobody reads. What else it records, in a signal handler or an
/// allocator, is a session's as ever: that has the thread join the session, until the trial begins anew.
pub(crate) struct Trial(Option<Memory>);

impl Trial {
    pub(crate) fn new() -> Self {
        let spare = SPARE.try_lock().ok().and_then(|mut spare| spare.take());
        Self(spare.or_else(Memory::new))
    }

    /// Begins anew with no span open, and with room for so many words: behind what was written before or, where the chunk
    /// ends, at its front. So it goes through all of the chunk, as a session does.
    pub(crate) fn begin(&self, words: usize) {
        let Some(Memory { chunk, buffer }) = &self.0 else { return };
        Local::with(|local| {
            let _busy = local.enter();
            let written = local.place_of_end().committed.words();
            let is_full = written + words + RESERVED_WORDS > WORDS;
            // Not at word 0: the key of a span that begins there could be 0.
            let from = if is_full { 1 } else { written.max(1) };
            local.leave();
            local.join(EPOCH, buffer, clock::is_counter());
            local.go_on(chunk, Committed::NOTHING.plus(from, 0), 0, clock::now());
        });
    }

    /// Whether all that was written since then went to the chunk. A signal handler that records makes the thread join a
    /// session.
    pub(crate) fn is_undisturbed(&self) -> bool {
        Local::with(|local| local.epoch.get() == EPOCH)
    }
}

impl Drop for Trial {
    fn drop(&mut self) {
        if self.is_undisturbed() {
            Local::with(|local| {
                let _busy = local.enter();
                local.leave();
                local.set_buffer(None);
            });
        }
        if let Ok(mut spare) = SPARE.try_lock() {
            *spare = self.0.take();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_session_has_the_number_of_a_trial() {
        let numbers = [0, 1, EPOCH - 2, EPOCH - 1].map(epoch_behind);
        assert_eq!(numbers, [1, 2, EPOCH - 1, 1], "they are used again before it is a trial's turn");
    }
}

//! What a session holds while it runs: the reading half of every chunk, by the thread that took the chunk.
//!
//! Of a ring, chunks are given up here. It is the thread that holds most which loses one, its oldest that nobody writes
//! any more; of several such threads the one whose chunk was taken first. So a thread keeps what it holds as long as
//! any other holds more. Whoever has this has it alone: the lock around it is in [`supply`](super::supply).

use std::cmp::Reverse;
use std::collections::{BTreeMap, VecDeque};

use crate::record::chunk::{Glance, Reader};
use crate::record::loss::{Cause, Lost};

/// The chunks of a session, and what was overwritten.
#[derive(Debug, Default)]
pub(crate) struct Held {
    /// By number of the thread that took them.
    threads: BTreeMap<u64, Thread>,
    /// Counts chunks, in the order in which they come.
    chunks: u64,
    /// What was overwritten of threads that are not told apart.
    others: Option<Lost>,
}

#[derive(Debug, Default)]
struct Thread {
    /// The oldest first, with their numbers.
    chunks: VecDeque<(u64, Reader)>,
    overwritten: Option<Lost>,
}

/// All that a session held.
pub(crate) struct Closed {
    pub(crate) chunks: Vec<Reader>,
    /// How many of them, from the first on, had been closed before.
    pub(crate) closed_before: usize,
    pub(crate) overwritten: Vec<Lost>,
}

impl Held {
    /// Takes in the chunk that a thread takes.
    pub(crate) fn add(&mut self, thread: u64, reader: Reader) {
        self.threads.entry(thread).or_default().chunks.push_back((self.chunks, reader));
        self.chunks += 1;
    }

    /// Gives up the chunk whose turn it is, and counts its events; `None` if all are being written.
    pub(crate) fn evict(&mut self) -> Option<Reader> {
        let mut victim = None;
        for (&thread, Thread { chunks, .. }) in &self.threads {
            // Most threads hold less than the one: whether their chunks are finished needn't be known.
            if victim.is_some_and(|(most, ..): (usize, Reverse<u64>, u64, usize)| chunks.len() < most) {
                continue;
            }
            // Mostly the first one: of a thread that runs, only the last is being written.
            let finished = chunks.iter().enumerate().find(|(_, (_, reader))| reader.is_finished());
            victim = victim.max(finished.map(|(at, &(number, _))| (chunks.len(), Reverse(number), thread, at)));
        }
        let (.., thread, at) = victim?;
        let (_, mut reader) = self.threads.get_mut(&thread)?.chunks.remove(at)?;
        reader.close();
        self.count(thread, &reader);
        Some(reader)
    }

    /// Counts the events of a chunk that `thread` had taken as lost.
    fn count(&mut self, thread: u64, reader: &Reader) {
        let (first, last) = reader.interval();
        let (cause, count) = (Cause::Overwritten, reader.events());
        let lost = Lost { cause, thread: Some(thread), callsite: 0, count, first, last };
        let lost = (count > 0).then_some(lost);
        // Which events of a shared chunk are whose would have to be read.
        match self.threads.get_mut(&thread).filter(|_| reader.has_one_section()) {
            Some(held) => add(&mut held.overwritten, lost),
            None => add(&mut self.others, lost.map(nobodys)),
        }
        // Threads come and go: of one that holds nothing any more, nothing is kept.
        if self.threads.get(&thread).is_some_and(|held| held.chunks.is_empty()) {
            let gone = self.threads.remove(&thread);
            add(&mut self.others, gone.and_then(|gone| gone.overwritten).map(nobodys));
        }
    }

    /// What was overwritten so far.
    pub(crate) fn overwritten(&self) -> Vec<Lost> {
        self.threads.values().map(|thread| thread.overwritten).chain([self.others]).flatten().collect()
    }

    fn readers(&self) -> impl Iterator<Item = &Reader> {
        self.threads.values().flat_map(|thread| thread.chunks.iter().map(|(_, reader)| reader))
    }

    /// Readers of what is committed by now, while writers go on. Of each thread they have all up to some moment: that is
    /// why each chunk is looked at twice.
    pub(crate) fn peek(&self) -> Vec<Reader> {
        let glances: Vec<Glance> = self.readers().map(Reader::glance).collect();
        self.readers().zip(glances).map(|(reader, glance)| reader.peek(glance)).collect()
    }

    /// Closes the chunks that nobody writes any more, and gives readers of those that were open so far.
    pub(crate) fn close_finished(&mut self) -> Vec<Reader> {
        let readers = self.threads.values_mut().flat_map(|thread| thread.chunks.iter_mut().map(|(_, reader)| reader));
        let closed = readers.filter(|reader| !reader.is_closed() && reader.is_finished()).map(|reader| {
            reader.close();
            reader.share()
        });
        closed.collect()
    }

    /// Closes all chunks, and gives them away.
    pub(crate) fn close(&mut self) -> Closed {
        let overwritten = self.overwritten();
        let threads = std::mem::take(self).threads.into_values();
        let readers = threads.flat_map(|thread| thread.chunks.into_iter().map(|(_, reader)| reader));
        let (mut chunks, mut open): (Vec<Reader>, Vec<Reader>) = readers.partition(Reader::is_closed);
        let closed_before = chunks.len();
        for reader in &mut open {
            reader.close();
        }
        chunks.append(&mut open);
        Closed { chunks, closed_before, overwritten }
    }
}

/// Adds what was overwritten to what was before.
fn add(to: &mut Option<Lost>, lost: Option<Lost>) {
    *to = match (*to, lost) {
        (Some(to), Some(lost)) => Some(Lost {
            count: to.count + lost.count,
            first: to.first.min(lost.first),
            last: to.last.max(lost.last),
            ..to
        }),
        (to, lost) => to.or(lost),
    };
}

/// A loss without its thread.
fn nobodys(lost: Lost) -> Lost {
    Lost { thread: None, ..lost }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;
    use crate::record::chunk::{Committed, Writer};
    use crate::record::pool::Pool;

    /// A chunk of `thread` with so many events of so many threads, which was left at `ticks`.
    fn take(held: &mut Held, thread: u64, events: u64, sections: usize, ticks: u64) -> Writer {
        let (writer, reader) = Pool::global().take().expect("memory").split();
        (0..sections).for_each(|_| writer.begin_section());
        Committed::NOTHING.plus(1, events).publish(writer.chunk().committed());
        writer.leave_at(ticks);
        held.add(thread, reader);
        writer
    }

    fn lost(thread: impl Into<Option<u64>>, count: u64, first: u64, last: u64) -> Lost {
        Lost { cause: Cause::Overwritten, thread: thread.into(), callsite: 0, count, first, last }
    }

    #[test]
    fn who_holds_most_gives_up_its_oldest_and_of_equals_the_oldest_goes() {
        let mut held = Held::default();
        for (thread, events) in [(2, 1), (1, 10), (1, 20), (3, 3), (1, 30)] {
            drop(take(&mut held, thread, events, 1, events));
        }
        let written = [4, 5].map(|thread| take(&mut held, thread, thread * 100, 1, 0));
        let evicted: Vec<u64> = std::iter::from_fn(|| held.evict()).map(|reader| reader.events()).collect();
        assert_eq!(evicted, [10, 20, 1, 3, 30], "and those that are written stay");
        drop(written);
        let evicted: Vec<u64> = std::iter::from_fn(|| held.evict()).map(|reader| reader.events()).collect();
        assert_eq!(evicted, [400, 500]);
    }

    #[test]
    fn losses_are_those_of_a_thread_as_long_as_it_holds_anything() {
        let mut held = Held::default();
        for (thread, events, sections, ticks) in
            [(1, 10, 1, 5), (1, 20, 1, 6), (1, 30, 1, 7), (2, 7, 2, 4), (2, 0, 1, 9)]
        {
            drop(take(&mut held, thread, events, sections, ticks));
        }
        let evict = |held: &mut Held, times: usize| (0..times).for_each(|_| drop(held.evict().expect("one is left")));
        evict(&mut held, 2);
        assert_eq!(held.overwritten(), [lost(1, 30, 5, 6)]);
        evict(&mut held, 1);
        assert_eq!(held.overwritten(), [lost(1, 30, 5, 6), lost(None, 7, 4, 4)], "a shared chunk is nobody's");
        evict(&mut held, 2);
        assert_eq!(held.overwritten(), [lost(None, 67, 4, 7)], "nothing of no events");
    }
}

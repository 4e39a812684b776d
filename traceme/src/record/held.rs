//! What a session holds while it runs: the reading half of every chunk, by the thread that took the chunk.
//!
//! Of a ring, chunks are given up here. It is the thread that holds most which loses one, its oldest that nobody writes
//! any more; of several such threads the one whose chunk was taken first. So a thread keeps what it holds as long as
//! any other holds more. Whoever has this has it alone: the lock around it is in [`supply`](super::supply).
//!
//! A writer comes here as well, within whatever it interrupted: all room is made beforehand, nothing is freed.

use std::cmp::Reverse;

use crate::record::chunk::{Glance, Reader};
use crate::record::loss::{Cause, Lost};

/// The chunks of a session, and what was overwritten.
#[derive(Debug)]
pub(crate) struct Held {
    /// Each chunk has one; those in no thread's list are in that of the free ones.
    places: Vec<Place>,
    free: Option<usize>,
    /// Those that hold a chunk.
    threads: Vec<Thread>,
    /// Counts chunks, in the order in which they come.
    chunks: u64,
    /// What was overwritten of threads that are not told apart.
    others: Option<Lost>,
}

#[derive(Debug)]
struct Place {
    reader: Option<Reader>,
    /// The number of the chunk.
    number: u64,
    /// The place behind this one, in its list.
    next: Option<usize>,
}

#[derive(Debug)]
struct Thread {
    /// The number of the thread that took the chunks.
    number: u64,
    /// The places of its chunks, the oldest first, and how many there are.
    first: Option<usize>,
    last: Option<usize>,
    count: usize,
    overwritten: Option<Lost>,
}

/// The chunk that is to be given up.
struct Victim {
    thread: usize,
    place: usize,
    /// The place in front of it.
    before: Option<usize>,
}

/// All that a session held.
pub(crate) struct Closed {
    pub(crate) chunks: Vec<Reader>,
    /// How many of them, from the first on, had been closed before.
    pub(crate) closed_before: usize,
    pub(crate) overwritten: Vec<Lost>,
}

impl Held {
    /// Room for so many chunks.
    pub(crate) fn new(chunks: usize) -> Self {
        let (places, threads) = (Vec::with_capacity(chunks), Vec::with_capacity(chunks));
        Self { places, free: None, threads, chunks: 0, others: None }
    }

    /// Takes in the chunk that a thread takes.
    pub(crate) fn add(&mut self, thread: u64, reader: Reader) {
        let place = Place { reader: Some(reader), number: self.chunks, next: None };
        self.chunks += 1;
        let at = self.free.unwrap_or(self.places.len());
        match self.places.get_mut(at) {
            Some(free) => {
                self.free = free.next;
                *free = place;
            }
            None => self.places.push(place),
        }
        let known = self.threads.iter().position(|known| known.number == thread);
        let index = known.unwrap_or(self.threads.len());
        if known.is_none() {
            self.threads.push(Thread { number: thread, first: None, last: None, count: 0, overwritten: None });
        }
        let thread = &mut self.threads[index];
        match thread.last {
            Some(last) => self.places[last].next = Some(at),
            None => thread.first = Some(at),
        }
        thread.last = Some(at);
        thread.count += 1;
    }

    /// Gives up the chunk whose turn it is, and counts its events; `None` if all are being written.
    pub(crate) fn evict(&mut self) -> Option<Reader> {
        let Victim { thread, place, before } = self.victim()?;
        let next = self.places[place].next;
        let of = &mut self.threads[thread];
        of.count -= 1;
        match before {
            Some(before) => self.places[before].next = next,
            None => of.first = next,
        }
        if next.is_none() {
            of.last = before;
        }
        let mut reader = self.places[place].reader.take()?;
        self.places[place].next = self.free.replace(place);
        reader.close();
        self.count(thread, &reader);
        Some(reader)
    }

    fn victim(&self) -> Option<Victim> {
        let mut victim: Option<((usize, Reverse<u64>), Victim)> = None;
        for (index, thread) in self.threads.iter().enumerate() {
            // Most threads hold less than the one: whether their chunks are finished needn't be known.
            if victim.as_ref().is_some_and(|((most, _), _)| thread.count < *most) {
                continue;
            }
            // Mostly the first one: of a thread that runs, only the last is being written.
            let is_finished = |place: &Place| place.reader.as_ref().is_some_and(Reader::is_finished);
            let (mut before, mut at) = (None, thread.first);
            while let Some(place) = at.filter(|&at| !is_finished(&self.places[at])) {
                (before, at) = (Some(place), self.places[place].next);
            }
            let Some(place) = at else { continue };
            let turn = (thread.count, Reverse(self.places[place].number));
            if victim.as_ref().is_none_or(|(other, _)| turn > *other) {
                victim = Some((turn, Victim { thread: index, place, before }));
            }
        }
        victim.map(|(_, victim)| victim)
    }

    /// Counts the events of a chunk that the thread of this index had taken as lost.
    fn count(&mut self, index: usize, reader: &Reader) {
        let thread = &mut self.threads[index];
        let (first, last) = reader.interval();
        let (cause, count) = (Cause::Overwritten, reader.events());
        let lost = Lost { cause, thread: Some(thread.number), callsite: 0, count, first, last };
        let lost = (count > 0).then_some(lost);
        // Which events of a shared chunk are whose would have to be read.
        if reader.has_one_section() {
            add(&mut thread.overwritten, lost);
        } else {
            add(&mut self.others, lost.map(nobodys));
        }
        // Threads come and go: of one that holds nothing any more, nothing is kept.
        if thread.count == 0 {
            let gone = self.threads.swap_remove(index);
            add(&mut self.others, gone.overwritten.map(nobodys));
        }
    }

    /// What was overwritten so far.
    pub(crate) fn overwritten(&self) -> Vec<Lost> {
        self.threads.iter().map(|thread| thread.overwritten).chain([self.others]).flatten().collect()
    }

    fn readers(&self) -> impl Iterator<Item = &Reader> {
        self.places.iter().filter_map(|place| place.reader.as_ref())
    }

    /// Readers of what is committed by now, while writers go on. Of each thread they have all up to some moment: that is
    /// why each chunk is looked at twice.
    pub(crate) fn peek(&self) -> Vec<Reader> {
        let glances: Vec<Glance> = self.readers().map(Reader::glance).collect();
        self.readers().zip(glances).map(|(reader, glance)| reader.peek(glance)).collect()
    }

    /// Closes the chunks that nobody writes any more, and gives readers of those that were open so far.
    pub(crate) fn close_finished(&mut self) -> Vec<Reader> {
        let readers = self.places.iter_mut().filter_map(|place| place.reader.as_mut());
        let closed = readers.filter(|reader| !reader.is_closed() && reader.is_finished()).map(|reader| {
            reader.close();
            reader.share()
        });
        closed.collect()
    }

    /// Closes all chunks, and gives them away.
    pub(crate) fn close(&mut self) -> Closed {
        let overwritten = self.overwritten();
        let places = std::mem::replace(self, Self::new(0)).places.into_iter();
        let readers = places.filter_map(|place| place.reader);
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
        let mut held = Held::new(8);
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
        let mut held = Held::new(8);
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

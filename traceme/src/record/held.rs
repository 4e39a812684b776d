//! What a session holds while it runs: the reading half of every chunk, by the thread that took the chunk.
//!
//! Of a ring, chunks are given up here. It is the thread that holds most which loses one, its oldest that nobody writes
//! any more; of several such threads the one whose chunk was taken first. So a thread keeps what it holds as long as
//! any other holds more. Whoever has this has it alone: the lock around it is in [`supply`](super::supply).
//!
//! A writer comes here as well, within whatever it interrupted: all room is made beforehand, nothing is freed.

use std::cmp::Reverse;

use crate::record::chunk::{Committed, Glance, News, Reader};
use crate::record::loss::{Cause, Lost};

/// How many losses, told apart by thread and callsite, wait for whoever takes live.
const MOST_TOLD: usize = 4096;

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
    /// If somebody takes live what comes: what is left for that.
    live: Option<News>,
    cut: Cut,
}

/// Where what was given away ends, and what is held begins.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cut {
    /// In ticks; 0 at the start.
    pub(crate) ticks: u64,
    /// The id of the first activity that has not begun before.
    pub(crate) activity: u64,
}

#[derive(Debug)]
struct Place {
    reader: Option<Reader>,
    /// The number of the chunk.
    number: u64,
    /// How far it was taken live.
    told: Committed,
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

impl Place {
    /// Whether all was taken live that will ever come.
    fn is_told(&self) -> bool {
        self.reader.as_ref().is_some_and(|reader| reader.is_closed_at(self.told))
    }
}

/// A chunk that is to be given up, or away.
struct Link {
    thread: usize,
    place: usize,
    /// The place in front of it.
    before: Option<usize>,
}

/// All that a session held.
pub(crate) struct Closed {
    pub(crate) chunks: Vec<Reader>,
    pub(crate) overwritten: Vec<Lost>,
    pub(crate) news: News,
    pub(crate) cut: Cut,
}

/// What a session held up to some moment.
pub(crate) struct Rotated {
    pub(crate) chunks: Vec<Reader>,
    pub(crate) overwritten: Vec<Lost>,
    /// How many chunks are the session's no more.
    pub(crate) given_away: usize,
}

impl Held {
    /// Room for so many chunks.
    pub(crate) fn new(chunks: usize) -> Self {
        let (places, threads) = (Vec::with_capacity(chunks), Vec::with_capacity(chunks));
        Self { places, free: None, threads, chunks: 0, others: None, live: None, cut: Cut::default() }
    }

    /// Takes in the chunk that a thread takes.
    pub(crate) fn add(&mut self, thread: u64, reader: Reader) {
        let told = Committed::NOTHING;
        let place = Place { reader: Some(reader), number: self.chunks, told, next: None };
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

    /// Whether [`news`](Self::news) are taken from here on.
    pub(crate) fn set_live(&mut self, is_live: bool) {
        self.live = is_live.then(News::default);
    }

    pub(crate) fn cut(&self) -> Cut {
        self.cut
    }

    pub(crate) fn set_cut(&mut self, cut: Cut) {
        self.cut = cut;
    }

    /// Tells who takes live of what was lost, because nobody else will.
    pub(crate) fn tell(&mut self, lost: &[Lost]) {
        let Some(told) = self.live.as_mut().map(|live| &mut live.lost) else { return };
        for &lost in lost {
            // Whoever takes it can be busy for long.
            let lost = if told.len() < MOST_TOLD { lost } else { Lost { callsite: 0, ..lost.nobodys() } };
            let is_same = |other: &&mut Lost| {
                (other.cause, other.thread, other.callsite) == (lost.cause, lost.thread, lost.callsite)
            };
            match told.iter_mut().find(is_same) {
                Some(same) => *same = same.and(lost),
                None => told.push(lost),
            }
        }
    }

    /// Gives up the chunk whose turn it is, and counts its events; `None` if all are being written.
    pub(crate) fn evict(&mut self) -> Option<Reader> {
        let victim = self.victim()?;
        self.give_up(victim)
    }

    /// Gives up the chunks that were left before `ticks`, and counts their events.
    pub(crate) fn expire(&mut self, ticks: u64) -> Vec<Reader> {
        let mut expired = Vec::new();
        for thread in (0..self.threads.len()).rev() {
            let (mut before, mut at) = (None, self.threads[thread].first);
            while let Some(place) = at {
                at = self.places[place].next;
                let is_old = |reader: &Reader| reader.is_finished() && reader.interval().1 < ticks;
                if self.places[place].reader.as_ref().is_some_and(is_old) {
                    expired.extend(self.give_up(Link { thread, place, before }));
                } else {
                    before = Some(place);
                }
            }
        }
        expired
    }

    fn give_up(&mut self, link: Link) -> Option<Reader> {
        let (thread, told) = (link.thread, self.places[link.place].told);
        let mut reader = self.unlink(link)?;
        let untold = reader.close().events().saturating_sub(told.max(reader.start()).events());
        if let Some(live) = &mut self.live {
            Lost::add(&mut live.missed, overwritten(&reader, untold).map(Lost::nobodys));
        }
        self.count(thread, &reader);
        Some(reader)
    }

    /// Takes a chunk out of its thread's list.
    fn unlink(&mut self, Link { thread, place, before }: Link) -> Option<Reader> {
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
        self.places[place].next = self.free.replace(place);
        self.places[place].reader.take()
    }

    fn victim(&self) -> Option<Link> {
        let mut victim: Option<((usize, Reverse<u64>), Link)> = None;
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
                victim = Some((turn, Link { thread: index, place, before }));
            }
        }
        victim.map(|(_, victim)| victim)
    }

    /// Counts the events of a chunk that the thread of this index had taken as lost.
    fn count(&mut self, index: usize, reader: &Reader) {
        let thread = &mut self.threads[index];
        let lost = overwritten(reader, reader.events()).map(|lost| Lost { thread: Some(thread.number), ..lost });
        // Which events of a shared chunk are whose would have to be read.
        if reader.has_one_section() {
            Lost::add(&mut thread.overwritten, lost);
        } else {
            Lost::add(&mut self.others, lost.map(Lost::nobodys));
        }
        self.forget_if_empty(index);
    }

    /// Threads come and go: of one that holds nothing any more, nothing is kept.
    fn forget_if_empty(&mut self, index: usize) {
        if self.threads[index].count == 0 {
            let gone = self.threads.swap_remove(index);
            Lost::add(&mut self.others, gone.overwritten.map(Lost::nobodys));
        }
    }

    /// What was overwritten so far, or since it was last taken.
    pub(crate) fn overwritten(&self) -> Vec<Lost> {
        self.threads.iter().map(|thread| thread.overwritten).chain([self.others]).flatten().collect()
    }

    fn take_overwritten(&mut self) -> Vec<Lost> {
        let threads = self.threads.iter_mut().map(|thread| thread.overwritten.take());
        threads.chain([self.others.take()]).flatten().collect()
    }

    /// The places that hold a chunk, each with how far that is committed by now, while writers go on. Of each thread it is
    /// all up to some moment: that is why each chunk is looked at twice.
    fn look(&self) -> Vec<(usize, Committed)> {
        self.look_at(|_| true)
    }

    /// The same, of the places that are asked for.
    fn look_at(&self, is_asked_for: impl Fn(&Place) -> bool) -> Vec<(usize, Committed)> {
        let places = self.places.iter().enumerate().filter(|(_, place)| is_asked_for(place));
        let held = places.filter_map(|(at, place)| Some((at, place.reader.as_ref()?)));
        let glances: Vec<(usize, &Reader, Glance)> = held.map(|(at, reader)| (at, reader, reader.glance())).collect();
        glances.into_iter().map(|(at, reader, glance)| (at, reader.peek(glance))).collect()
    }

    /// Readers of what is committed by now.
    pub(crate) fn peek(&self) -> Vec<Reader> {
        let seen = self.look().into_iter();
        let readers = seen.filter_map(|(at, to)| self.places[at].reader.as_ref().map(|reader| (reader, to)));
        readers.map(|(reader, to)| reader.share(reader.start(), to)).collect()
    }

    /// What was committed since the last call, by now, and not overwritten before.
    pub(crate) fn news(&mut self) -> News {
        let mut news = self.live.replace(News::default()).unwrap_or_default();
        for (at, to) in self.look_at(|place| !place.is_told()) {
            let place = &mut self.places[at];
            let Some(reader) = &mut place.reader else { continue };
            let from = place.told.max(reader.start());
            if from < to {
                news.chunks.push(reader.share(from, to));
            }
            place.told = from.max(to);
            // In this order: when the writer is through, the length is the last one. Then it isn't looked at again.
            if reader.is_finished() && reader.glance().is_at(to) {
                reader.close();
            }
        }
        news
    }

    /// Gives away what is committed by now. Nothing of it is in what is given later. If only what is `full` is asked for, then
    /// of chunks that nobody writes any more: if anything of a thread is given, so is all that it wrote before.
    pub(crate) fn rotate(&mut self, full: bool) -> Rotated {
        let mut chunks = Vec::new();
        let mut through = vec![false; self.places.len()];
        let wanted = if full { self.full() } else { vec![true; self.places.len()] };
        let most_waiting = self.places.capacity();
        for (at, to) in self.look() {
            let place = &mut self.places[at];
            let Some(reader) = place.reader.as_mut().filter(|_| wanted[at]) else { continue };
            let from = place.told.max(reader.start());
            if let Some(live) = self.live.as_mut().filter(|_| from < to) {
                // Whoever takes live gets it all the same, unless that has as much waiting as the session can hold.
                if live.chunks.len() < most_waiting {
                    live.chunks.push(reader.share(from, to));
                } else {
                    let untold = to.events().saturating_sub(from.events());
                    Lost::add(&mut live.missed, overwritten(reader, untold).map(Lost::nobodys));
                }
            }
            place.told = from.max(to);
            // In this order: when the writer is through, the length is the last one.
            through[at] = reader.is_finished() && reader.glance().is_at(to);
            if !through[at] || reader.start() < to {
                chunks.push(reader.split_off(to));
            }
        }
        let overwritten = self.take_overwritten();
        let given_away = self.unlink_all(&through);
        Rotated { chunks, overwritten, given_away }
    }

    /// Which places have chunks that nobody writes any more, without those behind one of the same thread that is written:
    /// between two looks a thread can have gone on.
    fn full(&self) -> Vec<bool> {
        let mut full = vec![false; self.places.len()];
        for thread in &self.threads {
            let mut at = thread.first;
            let is_finished = |at: &usize| self.places[*at].reader.as_ref().is_some_and(Reader::is_finished);
            while let Some(place) = at.filter(is_finished) {
                full[place] = true;
                at = self.places[place].next;
            }
        }
        full
    }

    /// Takes the chunks of these places out of the lists; gives how many those are.
    fn unlink_all(&mut self, places: &[bool]) -> usize {
        let mut count = 0;
        for thread in (0..self.threads.len()).rev() {
            let (mut before, mut at) = (None, self.threads[thread].first);
            while let Some(place) = at {
                at = self.places[place].next;
                if !places[place] {
                    before = Some(place);
                    continue;
                }
                // Closed, so that what was given away is not taken to be late.
                if let Some(mut reader) = self.unlink(Link { thread, place, before }) {
                    reader.close();
                }
                count += 1;
            }
            self.forget_if_empty(thread);
        }
        count
    }

    /// Closes all chunks, and gives them away.
    pub(crate) fn close(&mut self) -> Closed {
        let overwritten = self.overwritten();
        let Self { places, live, cut, .. } = std::mem::replace(self, Self::new(0));
        let (mut chunks, is_live) = (Vec::new(), live.is_some());
        let mut news = live.unwrap_or_default();
        for Place { reader, told, .. } in places {
            let Some(mut reader) = reader else { continue };
            let (from, is_finished) = (told.max(reader.start()), reader.is_finished());
            let to = reader.close();
            // What is open is told where its thread goes on, and nowhere else.
            if is_live && (from < to || !is_finished) {
                news.chunks.push(reader.share(from.min(to), to));
            }
            chunks.push(reader);
        }
        Closed { chunks, overwritten, news, cut }
    }
}

/// Events of a chunk, as overwritten.
fn overwritten(reader: &Reader, count: u64) -> Option<Lost> {
    let (first, last) = reader.interval();
    (count > 0).then_some(Lost { cause: Cause::Overwritten, thread: None, callsite: 0, count, first, last })
}

#[cfg(all(test, not(loom)))]
mod tests;

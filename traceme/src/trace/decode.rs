//! The events of one thread, read from its sections record by record.
//!
//! The decoder keeps the same stack of open spans as the thread did. Sections were checked when they were found
//! (see [`index`](super::index)). One that says that other spans are open than the stack holds has a hole before
//! it. Then it is right: what it doesn't name has ended unseen, and what the stack doesn't hold has begun so.

use std::collections::VecDeque;
use std::slice;

use super::index::{Contents, KEY_MASK, Place, Section, Thread, small};
use super::losses::Loss;
use super::read::{CallsiteId, Event, Flags, Meta};
use crate::record::args::Values;
use crate::record::time::Clock;
use crate::record::wire::{self, EndFlags, Record};
use crate::sync::AtomicU64;

/// A span that has not ended.
#[derive(Clone, Copy, Debug)]
struct OpenSpan {
    /// What `END_DETACHED` and `APPEND` name it by.
    key: u64,
    /// When it began, in ticks.
    start: u64,
    number: u64,
}

/// Gives the events of a thread in time order.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    contents: Contents<'a>,
    clock: Clock,
    sections: slice::Iter<'a, Section>,
    losses: slice::Iter<'a, Loss>,
    /// When the first of `losses` is due; never, if there is none.
    next_loss: u64,
    /// When the recording ends, in ns.
    end: u64,
    with_counters: bool,

    section: Option<&'a Section>,
    /// The words of the section that are not read yet.
    rest: &'a [AtomicU64],
    base: u64,
    /// The events before the next one in the chunk.
    serial: u64,

    /// The latest time given, in ns: time never goes backwards.
    latest: u64,
    spans: u64,
    stack: Vec<OpenSpan>,
    detached: Vec<OpenSpan>,

    /// Events to give before going on with `held`. As long as there are any, `rest` is empty: so the loop over
    /// records looks for them only when it runs out of words.
    pending: VecDeque<(Event<'a>, Option<Place>)>,
    held: &'a [AtomicU64],
    /// The words that were left at the record of the latest event; `None` if it was pending.
    left: Option<usize>,
    pending_place: Option<Place>,
}

impl<'a> Decoder<'a> {
    /// The events of `thread`, with its losses, of a recording that ends at `end`.
    pub(super) fn new(contents: Contents<'a>, thread: &'a Thread, losses: &'a [Loss], end: u64) -> Self {
        Self {
            contents,
            clock: contents.recorded.clock,
            sections: thread.sections.iter(),
            losses: losses.iter(),
            next_loss: losses.first().map_or(u64::MAX, |loss| loss.first),
            end,
            with_counters: false,
            section: None,
            rest: &[],
            base: 0,
            serial: 0,
            latest: 0,
            spans: 0,
            stack: Vec::new(),
            detached: Vec::new(),
            pending: VecDeque::new(),
            held: &[],
            left: None,
            pending_place: None,
        }
    }

    /// Gives the thread's samples too.
    pub(super) fn with_counters(self) -> Self {
        Self { with_counters: true, ..self }
    }

    /// Where the name and the metadata of the latest event are.
    pub(super) fn place(&self) -> Option<Place> {
        match (self.left, self.section) {
            (Some(left), Some(section)) => {
                Some(Place::Record { chunk: small(section.chunk), at: small(section.to - left) })
            }
            _ => self.pending_place,
        }
    }

    /// The time of a record, in ns.
    #[inline(always)]
    fn ns(&mut self, time: u64) -> u64 {
        self.latest = self.latest.max(self.clock.ns(self.base.saturating_add(time)));
        self.latest
    }

    #[inline(always)]
    fn push(&mut self, key: u64, start: u64) -> u64 {
        let number = self.spans;
        self.spans += 1;
        self.stack.push(OpenSpan { key, start, number });
        number
    }

    #[inline(always)]
    fn meta(&self, id: u64, values: Values<'a>) -> Option<Meta<'a>> {
        self.contents.callsite(id).map(|(id, callsite)| Meta::recorded(id, callsite, values))
    }

    #[inline(always)]
    fn begin(&mut self, id: u64, time: u64, values: Values<'a>) -> Option<Event<'a>> {
        let meta = self.meta(id, values)?;
        let key = wire::key(id, self.stack.len() as u64, self.serial);
        self.serial += 1;
        let span = self.push(key, self.base.saturating_add(time));
        Some(Event::Begin { ns: self.ns(time), span, meta })
    }

    #[inline(always)]
    fn end(&mut self, time: u64) -> Option<Event<'a>> {
        let span = self.stack.pop()?.number;
        Some(Event::End { ns: self.ns(time), span, flags: Flags::NONE })
    }

    /// The event of a record that is neither a BEGIN nor an END, if it makes one.
    #[inline(never)]
    fn other(&mut self, record: &Record<'a>) -> Option<Event<'a>> {
        match *record {
            Record::Instant { id, time, values } => {
                self.serial += 1;
                let ns = self.ns(time);
                self.meta(id, values).map(|meta| Event::Instant { ns, meta })
            }
            Record::Counter { id, time, values } => {
                self.serial += 1;
                let ns = self.ns(time);
                self.meta(id, values).filter(|_| self.with_counters).map(|meta| Event::Counter { ns, meta })
            }
            Record::Append { id, time, target, values } => {
                self.serial += 1;
                let ns = self.ns(time);
                let span = self.number_of(target & KEY_MASK)?;
                self.meta(id, values).map(|meta| Event::Append { ns, span, meta })
            }
            Record::EndAt { depth, flags, time } => {
                let ns = self.ns(time);
                let inside = self.stack.get(depth + 1..)?;
                self.detached.extend_from_slice(inside);
                self.stack.truncate(depth + 1);
                let span = self.stack.pop()?.number;
                Some(Event::End { ns, span, flags: flags_of(flags) })
            }
            Record::EndDetached { key, flags, time } => {
                let ns = self.ns(time);
                // The latest of that key; one that was detached before this recording begins is unknown.
                let at = self.detached.iter().rposition(|open| open.key == key)?;
                let span = self.detached.remove(at).number;
                Some(Event::End { ns, span, flags: flags_of(flags) })
            }
            Record::Clock { base } => {
                self.base = base.ticks;
                None
            }
            Record::Begin { .. } | Record::End { .. } | Record::Thread { .. } => None,
        }
    }

    /// The number of the span that has not ended and has this key.
    fn number_of(&self, key: u64) -> Option<u64> {
        let open = self.stack.get(wire::depth_of(key)).filter(|open| open.key == key);
        open.or_else(|| self.detached.iter().rfind(|open| open.key == key)).map(|open| open.number)
    }

    /// Gives what happens between two runs of records. `None` with words to read: go on; without: the end.
    #[cold]
    #[inline(never)]
    fn turn(&mut self) -> Option<Event<'a>> {
        loop {
            if let Some((event, place)) = self.pending.pop_front() {
                self.left = None;
                self.pending_place = place;
                return Some(event);
            }
            if !self.held.is_empty() {
                self.rest = std::mem::take(&mut self.held);
                return None;
            }
            match self.sections.next() {
                Some(section) => self.enter(section),
                None => self.finish(),
            }
            if self.section.is_none() && self.pending.is_empty() {
                return None;
            }
        }
    }

    /// Goes on with the next section.
    fn enter(&mut self, section: &'a Section) {
        let words = self.contents.words(section.chunk);
        self.held = words.get(section.from..section.to).unwrap_or_default();
        self.section = Some(section);
        self.base = section.base;
        self.serial = section.serial;
        if !section.follows {
            let end = self.clock.ns(section.base).max(self.latest);
            self.give(Event::Gap { ns: self.latest, end, loss: None });
        }
        // Over a hole a key alone could be another span's.
        let is = |mine: &OpenSpan, key, start| mine.key == key && (section.follows || mine.start == start);
        let open = section.open.iter().map(|&(key, start)| (key & KEY_MASK, start));
        let same = self.stack.iter().zip(open.clone()).take_while(|&(mine, (key, start))| is(mine, key, start)).count();
        self.give_up(same);
        for (key, start) in open.skip(same) {
            self.latest = self.latest.max(self.clock.ns(start));
            self.give_losses();
            let span = self.push(key, start);
            if let Some(meta) = self.meta(wire::id_of(key), Values::EMPTY) {
                let place = CallsiteId::new(wire::id_of(key)).map(Place::Open);
                self.pending.push_back((Event::Begin { ns: self.latest, span, meta }, place));
            }
        }
    }

    /// Ends what is open when there are no more records.
    fn finish(&mut self) {
        let end = self.latest.max(self.end);
        if self.section.take().is_some_and(|section| section.damaged) {
            self.give(Event::Gap { ns: self.latest, end, loss: None });
        }
        self.latest = self.losses.as_slice().last().map_or(end, |loss| loss.first.max(end));
        self.give_losses();
        for detached in std::mem::take(&mut self.detached) {
            self.give(Event::End { ns: self.latest, span: detached.number, flags: Flags::LEAKED });
        }
        self.give_up(0);
    }

    /// Ends the spans above `depth`, whose ends are not known.
    fn give_up(&mut self, depth: usize) {
        while self.stack.len() > depth {
            let Some(open) = self.stack.pop() else { return };
            self.give(Event::End { ns: self.latest, span: open.number, flags: Flags::INCOMPLETE });
        }
    }

    fn give(&mut self, event: Event<'a>) {
        self.pending.push_back((event, None));
    }

    /// Gives the losses that are due.
    fn give_losses(&mut self) {
        let losses = self.losses.as_slice();
        let due = losses.partition_point(|loss| loss.first <= self.latest);
        let gap = |loss: &'a Loss| Event::Gap { ns: loss.first, end: loss.last, loss: Some(loss) };
        self.pending.extend(losses[..due].iter().map(|loss| (gap(loss), None)));
        self.losses = losses[due..].iter();
        self.next_loss = losses.get(due).map_or(u64::MAX, |loss| loss.first);
    }

    /// Gives the losses that are due, and then `event`.
    #[cold]
    #[inline(never)]
    fn interrupt(&mut self, event: Event<'a>) -> Option<Event<'a>> {
        let place = self.place();
        self.give_losses();
        self.pending.push_back((event, place));
        self.held = std::mem::take(&mut self.rest);
        self.turn()
    }
}

impl<'a> Iterator for Decoder<'a> {
    type Item = Event<'a>;

    #[inline]
    fn next(&mut self) -> Option<Event<'a>> {
        loop {
            let Some((record, used)) = wire::read(self.rest) else {
                self.rest = &[];
                let event = self.turn();
                if event.is_some() || self.rest.is_empty() {
                    return event;
                }
                continue;
            };
            self.left = Some(self.rest.len());
            self.rest = &self.rest[used..];
            let event = match record {
                Record::Begin { id, time, values } => self.begin(id, time, values),
                Record::End { time } => self.end(time),
                ref other => self.other(other),
            };
            if event.is_some() {
                return if self.latest < self.next_loss { event } else { self.interrupt(event?) };
            }
        }
    }
}

fn flags_of(flags: EndFlags) -> Flags {
    if flags.panicked { Flags::PANICKED } else { Flags::NONE }
}

//! The events of one thread, read from its sections record by record.
//!
//! The decoder keeps the same stack of open spans as the thread did. Sections were checked when they were found
//! (see [`index`](super::index)). One that says that other spans are open than the stack holds has a hole before
//! it. Then it is right: what it doesn't name has ended unseen, and what the stack doesn't hold has begun so.

use std::collections::VecDeque;
use std::slice;

use super::head::{self, KEY_MASK};
use super::index::{Contents, Place, Section, Thread, small};
use super::losses::Loss;
use super::read::{Event, Flags};
use crate::record::args::Values;
use crate::record::time::Clock;
use crate::record::value::load;
use crate::record::wire::{self, EndFlags, MAX_DEPTH, Record};
use crate::sync::AtomicU64;

/// A span that has not ended.
#[derive(Clone, Copy, Debug, Default)]
struct OpenSpan {
    number: u64,
    /// When it began, in ns.
    start: u64,
    callsite: u64,
    /// The word of its chunk that it began at.
    at: u32,
}

impl OpenSpan {
    /// What `END_DETACHED`, `APPEND` and `OPEN` name it by.
    fn key(self, depth: usize) -> u64 {
        wire::key(self.callsite, depth, self.at as usize)
    }
}

/// What changes with every record.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor<'a> {
    /// The words of the section that are not read yet; none while events are pending.
    rest: slice::Iter<'a, AtomicU64>,
    /// What times count from, in ticks: so far from overflow that any time can be added.
    base: u64,
    /// The latest time given, in ns: time never goes backwards.
    latest: u64,
    /// How many spans are open.
    depth: usize,
    /// How many spans have begun.
    spans: u64,
}

/// Gives the events of a thread in time order.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    contents: Contents<'a>,
    clock: Clock,
    sections: slice::Iter<'a, Section>,
    section: Option<&'a Section>,
    /// The section's chunk, and where it ends there.
    chunk: u32,
    to: usize,
    stack: [OpenSpan; MAX_DEPTH],
    /// Spans that are not on the stack any more, but have not ended, with their keys.
    detached: Vec<(u64, OpenSpan)>,
    /// Events to give before reading on in `held`.
    pending: VecDeque<(Event<'a>, Place)>,
    held: slice::Iter<'a, AtomicU64>,
    losses: slice::Iter<'a, Loss>,
    /// When the first of `losses` is due; never, if there is none.
    next_loss: u64,
    /// When the recording ends, in ns.
    end: u64,
    with_counters: bool,
}

impl<'a> Decoder<'a> {
    /// The events of `thread`, with its losses, of a recording that ends at `end`.
    pub(super) fn new(contents: Contents<'a>, thread: &'a Thread, losses: &'a [Loss], end: u64) -> Self {
        Self {
            contents,
            clock: contents.recorded.clock,
            sections: thread.sections.iter(),
            section: None,
            chunk: 0,
            to: 0,
            stack: [OpenSpan::default(); MAX_DEPTH],
            detached: Vec::new(),
            pending: VecDeque::new(),
            held: slice::Iter::default(),
            losses: losses.iter(),
            next_loss: losses.first().map_or(u64::MAX, |loss| loss.first),
            end,
            with_counters: false,
        }
    }

    /// Gives the thread's samples too.
    pub(super) fn with_counters(self) -> Self {
        Self { with_counters: true, ..self }
    }

    /// The next event, if it is simple: made by a BEGIN or an END, as most are.
    #[inline(always)]
    pub(super) fn simple(&mut self, cursor: &mut Cursor<'a>) -> Option<(Event<'a>, Place)> {
        let place = self.place(cursor);
        let mut rest = cursor.rest.clone();
        let head = load(rest.next()?);
        let ns = cursor.latest.max(self.clock.ns(cursor.base + head::time(head)));
        if ns >= self.next_loss {
            return None;
        }
        let event = match head::kind(head) {
            wire::END => {
                cursor.depth = cursor.depth.checked_sub(1)?;
                Event::End { ns, span: self.stack.get(cursor.depth)?.number, flags: Flags::NONE }
            }
            wire::BEGIN => {
                let values = head::values(&mut rest)?;
                let (callsite, span) = (head::id(head), cursor.spans);
                let open = OpenSpan { number: span, start: ns, callsite, at: small(self.to - cursor.rest.len()) };
                *self.stack.get_mut(cursor.depth)? = open;
                cursor.depth += 1;
                cursor.spans += 1;
                Event::Begin { ns, span, meta: self.contents.recorded_meta(callsite, values) }
            }
            _ => return None,
        };
        cursor.latest = ns;
        cursor.rest = rest;
        Some((event, place))
    }

    /// The next event, of whatever kind; `None` at the end.
    pub(super) fn other(&mut self, cursor: &mut Cursor<'a>) -> Option<(Event<'a>, Place)> {
        if self.pending.is_empty() {
            while self.pending.is_empty() {
                if cursor.rest.len() > 0 {
                    self.read(cursor);
                } else if let Some(section) = self.sections.next() {
                    self.enter(section, cursor);
                } else {
                    self.finish(cursor);
                    break;
                }
            }
            self.held = std::mem::take(&mut cursor.rest);
        }
        let next = self.pending.pop_front();
        if self.pending.is_empty() {
            cursor.rest = std::mem::take(&mut self.held);
        }
        next
    }

    /// Reads a record, or gives the losses that are due before it.
    fn read(&mut self, cursor: &mut Cursor<'a>) {
        let place = self.place(cursor);
        let mut next = self.simple(cursor);
        if next.is_none() {
            let words = cursor.rest.as_slice();
            let Some((record, used)) = wire::read(words) else {
                cursor.rest = [].iter();
                return;
            };
            let ns = self.ns(cursor);
            if ns >= self.next_loss {
                return self.give_losses(ns);
            }
            cursor.rest = words[used..].iter();
            cursor.latest = ns;
            next = self.event(&record, cursor).map(|event| (event, place));
        }
        self.pending.extend(next);
    }

    #[inline(always)]
    fn place(&self, cursor: &Cursor<'a>) -> Place {
        Place::Record { chunk: self.chunk, at: small(self.to - cursor.rest.len()) }
    }

    /// The time of the next record, in ns.
    fn ns(&self, cursor: &Cursor<'a>) -> u64 {
        let time = cursor.rest.clone().next().map_or(0, |head| head::time(load(head)));
        cursor.latest.max(self.clock.ns(cursor.base + time))
    }

    /// The event of a record that is not simple, if it makes one.
    fn event(&mut self, record: &Record<'a>, cursor: &mut Cursor<'a>) -> Option<Event<'a>> {
        let ns = cursor.latest;
        match *record {
            Record::Instant { id, values, .. } => {
                Some(Event::Instant { ns, meta: self.contents.recorded_meta(id, values) })
            }
            Record::Counter { id, values, .. } => {
                self.with_counters.then(|| Event::Counter { ns, meta: self.contents.recorded_meta(id, values) })
            }
            Record::Append { id, target, values, .. } => {
                let span = self.number_of(target & KEY_MASK, cursor.depth)?;
                Some(Event::Append { ns, span, meta: self.contents.recorded_meta(id, values) })
            }
            Record::EndAt { depth, flags, .. } => {
                let (ended, inside) = self.stack.get(depth..cursor.depth)?.split_first()?;
                self.detached.extend(inside.iter().zip(depth + 1..).map(|(open, depth)| (open.key(depth), *open)));
                cursor.depth = depth;
                Some(Event::End { ns, span: ended.number, flags: flags_of(flags) })
            }
            Record::EndDetached { key, flags, .. } => {
                // The latest of that key; one that was detached before this recording begins is not known.
                let at = self.detached.iter().rposition(|&(detached, _)| detached == key)?;
                let span = self.detached.remove(at).1.number;
                Some(Event::End { ns, span, flags: flags_of(flags) })
            }
            Record::Clock { base } => {
                cursor.base = base_of(base.ticks);
                None
            }
            Record::Begin { .. } | Record::End { .. } | Record::Thread { .. } => None,
        }
    }

    /// The number of the span that has not ended and has this key.
    fn number_of(&self, key: u64, depth: usize) -> Option<u64> {
        let at = wire::depth_of(key);
        let open = self.stack.get(..depth)?.get(at).filter(|open| open.key(at) == key);
        let detached = || self.detached.iter().rfind(|(detached, _)| *detached == key).map(|(_, open)| open);
        open.or_else(detached).map(|open| open.number)
    }

    /// Goes on with the next section.
    fn enter(&mut self, section: &'a Section, cursor: &mut Cursor<'a>) {
        let words = self.contents.words(section.chunk);
        self.section = Some(section);
        (self.chunk, self.to) = (small(section.chunk), section.to);
        cursor.rest = words.get(section.from..section.to).unwrap_or_default().iter();
        cursor.base = base_of(section.base);
        if !section.follows {
            let end = self.clock.ns(section.base).max(cursor.latest);
            self.give(Event::Gap { ns: cursor.latest, end, loss: None });
        }
        let same = self.stack[..cursor.depth].iter().zip(&section.open).enumerate();
        let same = same.take_while(|&(depth, (mine, &(key, start)))| {
            // Over a hole a key alone could be another span's.
            mine.key(depth) == key & KEY_MASK && (section.follows || mine.start == self.clock.ns(start))
        });
        let same = same.count();
        self.give_up(same, cursor);
        for &(key, start) in &section.open[same..] {
            cursor.latest = cursor.latest.max(self.clock.ns(start));
            self.give_losses(cursor.latest);
            let callsite = wire::id_of(key);
            let open = OpenSpan { number: cursor.spans, start: cursor.latest, callsite, at: head::at_of(key) };
            self.stack[cursor.depth] = open;
            cursor.depth += 1;
            cursor.spans += 1;
            let meta = self.contents.recorded_meta(callsite, Values::EMPTY);
            self.pending.push_back((Event::Begin { ns: open.start, span: open.number, meta }, Place::Open(callsite)));
        }
    }

    /// Ends what is open when there are no more records.
    fn finish(&mut self, cursor: &mut Cursor<'a>) {
        let ns = cursor.latest;
        if self.section.take().is_some_and(|section| section.damaged) {
            self.give(Event::Gap { ns, end: self.end.max(ns), loss: None });
        }
        let last = self.losses.as_slice().last().map_or(ns, |loss| loss.first.max(ns));
        cursor.latest = last.max(self.end);
        self.give_losses(cursor.latest);
        for (_, open) in std::mem::take(&mut self.detached) {
            self.give(Event::End { ns: cursor.latest, span: open.number, flags: Flags::LEAKED });
        }
        self.give_up(0, cursor);
    }

    /// Ends the spans above `depth`, whose ends are not known.
    fn give_up(&mut self, depth: usize, cursor: &mut Cursor<'a>) {
        for at in (depth..cursor.depth).rev() {
            self.give(Event::End { ns: cursor.latest, span: self.stack[at].number, flags: Flags::INCOMPLETE });
        }
        cursor.depth = depth;
    }

    /// Gives the losses up to `ns`.
    fn give_losses(&mut self, ns: u64) {
        let losses = self.losses.as_slice();
        let due = losses.partition_point(|loss| loss.first <= ns);
        for loss in &losses[..due] {
            self.give(Event::Gap { ns: loss.first, end: loss.last, loss: Some(loss) });
        }
        self.losses = losses[due..].iter();
        self.next_loss = losses.get(due).map_or(u64::MAX, |loss| loss.first);
    }

    fn give(&mut self, event: Event<'a>) {
        self.pending.push_back((event, Place::Nowhere));
    }
}

/// The base of times, in ticks: far enough from overflow for any time.
fn base_of(ticks: u64) -> u64 {
    ticks.min(u64::MAX >> 1)
}

fn flags_of(flags: EndFlags) -> Flags {
    if flags.panicked { Flags::PANICKED } else { Flags::NONE }
}

//! The events of one thread, read from its sections record by record.
//!
//! The decoder keeps the same stack of open spans as the thread did. A section that says that other spans are
//! open than the stack holds has a hole before it. Then it is right: what it doesn't name has ended unseen, and
//! what the stack doesn't hold has begun so. A record that no thread can have written ends its section.

use std::collections::{BTreeSet, VecDeque};
use std::slice;

use super::flags::Flags;
use super::index::{Contents, Place, small};
use super::losses::Loss;
use super::meta::Meta;
use super::read::Event;
use super::scan::Section;
use crate::callsite::CallsiteKind;
use crate::record::args::Values;
use crate::record::ends::EndFlags;
use crate::record::time::Clock;
use crate::record::value::load;
use crate::record::wire::{self, AT_ACTIVITY, MAX_DEPTH, Record};
use crate::sync::AtomicU64;

/// A span that has not ended.
#[derive(Clone, Copy, Debug, Default)]
struct OpenSpan {
    number: u64,
    /// When it began, in ns.
    start: u64,
    /// Where it began: see [`wire::place`].
    at: u64,
}

impl OpenSpan {
    /// What `END_DETACHED`, `APPEND` and `OPEN` name it by.
    fn key(self, depth: usize) -> u64 {
        wire::key(0, depth, self.at)
    }
}

/// What changes with every record.
#[derive(Clone, Debug, Default)]
pub(super) struct Cursor<'a> {
    /// The words of the section that are not read yet; none while events are pending.
    rest: slice::Iter<'a, AtomicU64>,
    /// What times count from, in ticks since the session's start; wrapped if that is negative, for a section that
    /// began before it.
    base: u64,
    /// The latest time given, in ns: time never goes backwards.
    latest: u64,
    /// How many spans are open.
    depth: usize,
    /// How many spans have begun.
    spans: u64,
    /// Whether the last of them is ended by the next record: then it was never put on the stack.
    leaf: bool,
}

/// Gives the events of a thread in time order.
#[derive(Debug)]
pub(super) struct Decoder<'a> {
    contents: Contents<'a>,
    clock: Clock,
    sections: slice::Iter<'a, Section>,
    /// Whether the last section ended in damage.
    broken: bool,
    /// The section's chunk, where it ends there, and the place of the chunk's first word.
    chunk: u32,
    to: usize,
    origin: u64,
    stack: [OpenSpan; MAX_DEPTH],
    /// The keys and numbers of spans that are not on the stack any more, but have not ended. In order: a program can
    /// keep many, as in a queue.
    detached: BTreeSet<(u64, u64)>,
    /// Events to give before reading on in `held`.
    pending: VecDeque<(Event<'a>, Place)>,
    held: slice::Iter<'a, AtomicU64>,
    losses: slice::Iter<'a, Loss>,
    /// When the first of `losses` is due; never, if there is none.
    next_loss: u64,
    /// When the recording ends, in ns.
    end: u64,
    with_shared: bool,
}

impl<'a> Decoder<'a> {
    /// The events of these sections of a thread, with its losses, of a recording that ends at `end`.
    pub(super) fn new(contents: Contents<'a>, sections: &'a [Section], losses: &'a [Loss], end: u64) -> Self {
        Self {
            contents,
            clock: contents.recorded.clock,
            sections: sections.iter(),
            broken: false,
            chunk: 0,
            to: 0,
            origin: 0,
            stack: [OpenSpan::default(); MAX_DEPTH],
            detached: BTreeSet::new(),
            pending: VecDeque::new(),
            held: slice::Iter::default(),
            losses: losses.iter(),
            next_loss: losses.first().map_or(u64::MAX, |loss| loss.first),
            end,
            with_shared: false,
        }
    }

    /// Gives what belongs to tracks of the whole process too, all of it as samples: it is told apart by its place.
    pub(super) fn with_shared(self) -> Self {
        Self { with_shared: true, ..self }
    }

    /// The next event, if it is simple: made by a BEGIN or an END, as most are.
    #[inline(always)]
    pub(super) fn simple(&mut self, cursor: &mut Cursor<'a>) -> Option<(Event<'a>, Place)> {
        let place = self.place(cursor);
        let mut rest = cursor.rest.clone();
        let head = load(rest.next()?);
        let ns = self.ns(cursor, wire::time_of(head));
        if ns >= self.next_loss {
            return None;
        }
        let event = match wire::kind_of(head) {
            wire::END if cursor.leaf => {
                cursor.leaf = false;
                Event::End { ns, span: cursor.spans - 1, flags: Flags::NONE }
            }
            wire::END => {
                cursor.depth = cursor.depth.checked_sub(1)?;
                Event::End { ns, span: self.stack.get(cursor.depth)?.number, flags: Flags::NONE }
            }
            wire::BEGIN => {
                let values = wire::take_values(&mut rest)?;
                if cursor.depth >= MAX_DEPTH || !self.contents.knows(wire::callsite_of(head)) {
                    return None;
                }
                let span = cursor.spans;
                cursor.leaf = rest.as_slice().first().is_some_and(|next| wire::kind_of(load(next)) == wire::END);
                if !cursor.leaf {
                    let at = self.origin + (self.to - cursor.rest.len()) as u64;
                    *self.stack.get_mut(cursor.depth)? = OpenSpan { number: span, start: ns, at };
                    cursor.depth += 1;
                }
                cursor.spans += 1;
                Event::Begin { ns, span, meta: self.contents.recorded_meta(wire::callsite_of(head), values) }
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
        let words = cursor.rest.as_slice();
        let record = wire::read(words);
        let untimed = matches!(record, None | Some((Record::Thread { .. } | Record::Clock { .. }, _)));
        let ns = if untimed { cursor.latest } else { self.ns(cursor, wire::time_in(words)) };
        if ns >= self.next_loss {
            return self.give_losses(ns);
        }
        let next = self.simple(cursor).or_else(|| {
            let Some((record, used)) = record.filter(|(record, _)| self.contents.fits(record, cursor.depth)) else {
                cursor.rest = [].iter();
                self.broken = true;
                return None;
            };
            cursor.rest = words[used..].iter();
            cursor.latest = ns;
            let at = self.origin + (self.to - words.len()) as u64;
            self.event(&record, at, cursor).map(|event| (event, place))
        });
        self.pending.extend(next);
    }

    #[inline(always)]
    fn place(&self, cursor: &Cursor<'a>) -> Place {
        Place::Record { chunk: self.chunk, at: small(self.to - cursor.rest.len()) }
    }

    /// The time of a record, in ns.
    #[inline(always)]
    fn ns(&self, cursor: &Cursor<'a>, time: u64) -> u64 {
        let ticks = cursor.base.wrapping_add(time);
        // Negative: before the session's start.
        cursor.latest.max(self.clock.ns_after(if ticks >> 63 == 0 { ticks } else { 0 }))
    }

    fn base_of(&self, ticks: u64) -> u64 {
        ticks.wrapping_sub(self.clock.start.ticks)
    }

    /// The event of a record that is not simple, and begins at word `at` behind the origin, if it makes one.
    fn event(&mut self, record: &Record<'a>, at: u64, cursor: &mut Cursor<'a>) -> Option<Event<'a>> {
        let ns = cursor.latest;
        match *record {
            Record::Begin { id, weight, values } => {
                // Behind a weight, or it would be a simple one.
                let open = OpenSpan { number: cursor.spans, start: ns, at };
                *self.stack.get_mut(cursor.depth)? = open;
                (cursor.depth, cursor.spans) = (cursor.depth + 1, cursor.spans + 1);
                let meta = self.contents.recorded_meta(id, values).weighing(weight);
                Some(Event::Begin { ns, span: open.number, meta })
            }
            Record::Instant { id, weight, values } => {
                Some(Event::Instant { ns, meta: self.contents.recorded_meta(id, values).weighing(weight) })
            }
            Record::Counter { id, values, .. } => {
                self.with_shared.then(|| Event::Counter { ns, meta: self.contents.recorded_meta(id, values) })
            }
            Record::ActivityBegin { .. } if self.with_shared => self.shared(ns),
            Record::ActivityBegin { id, weight, activity, values } => {
                let is_task = self.contents.kind_of(id) == Some(CallsiteKind::Task);
                let meta = self.contents.recorded_meta(id, values).weighing(weight).beginning(activity);
                is_task.then_some(Event::Spawn { ns, meta })
            }
            Record::ActivityEnd { .. } | Record::Measured { .. } => self.shared(ns),
            Record::Append { target, .. } if target & AT_ACTIVITY != 0 => self.shared(ns),
            Record::Append { id, target, values, .. } => {
                let span = self.number_of(wire::within_session(target), cursor.depth)?;
                Some(Event::Append { ns, span, meta: self.contents.recorded_meta(id, values) })
            }
            Record::EndAt { depth, flags, .. } => {
                let (ended, inside) = self.stack.get(depth..cursor.depth)?.split_first()?;
                self.detached
                    .extend(inside.iter().zip(depth + 1..).map(|(open, depth)| (open.key(depth), open.number)));
                cursor.depth = depth;
                Some(Event::End { ns, span: ended.number, flags: flags_of(flags) })
            }
            Record::EndDetached { key, flags } => {
                // One that was detached before this recording begins is not known.
                let ended = self.detached_by(wire::within_session(key))?;
                self.detached.remove(&ended);
                Some(Event::End { ns, span: ended.1, flags: flags_of(flags) })
            }
            Record::Clock { base } => {
                cursor.base = self.base_of(base.ticks);
                None
            }
            Record::End { .. } | Record::Thread { .. } => None,
        }
    }

    /// What belongs to no thread, as a sample of nothing: its place tells it.
    fn shared(&self, ns: u64) -> Option<Event<'a>> {
        self.with_shared.then(|| Event::Counter { ns, meta: self.contents.recorded_meta(0, Values::EMPTY) })
    }

    /// Where the instant, or the span of this number, began that was given last: see [`wire::place`]. It tells it from all
    /// others of its thread, in whatever part of the recording it is met.
    pub(super) fn place_of(&self, place: Place, span: Option<u64>) -> u64 {
        match place {
            Place::Record { at, .. } => self.origin + u64::from(at),
            // Those of OPEN records are on the stack as long as one of their section has not been given.
            _ => self.stack.iter().find(|open| Some(open.number) == span).map_or(0, |open| open.at),
        }
    }

    /// The number of the span that has not ended and has this key.
    fn number_of(&self, key: u64, depth: usize) -> Option<u64> {
        let at = wire::depth_of(key);
        let open = self.stack.get(..depth)?.get(at).filter(|open| open.key(at) == key);
        open.map(|open| open.number).or_else(|| Some(self.detached_by(key)?.1))
    }

    /// The detached span of this key, with the key: the latest, if there are several.
    fn detached_by(&self, key: u64) -> Option<(u64, u64)> {
        self.detached.range((key, 0)..=(key, u64::MAX)).next_back().copied()
    }

    /// Goes on with the next section.
    fn enter(&mut self, section: &'a Section, cursor: &mut Cursor<'a>) {
        let words = self.contents.words(section.chunk);
        (self.chunk, self.to) = (small(section.chunk), section.to);
        self.origin = wire::place(section.sequence, 0);
        cursor.rest = words.get(section.from..section.to).unwrap_or_default().iter();
        cursor.base = self.base_of(section.base);
        let whole = section.follows && !std::mem::take(&mut self.broken);
        if !whole {
            let end = self.clock.ns(section.base).max(cursor.latest);
            self.give(Event::Gap { ns: cursor.latest, end, loss: None });
        }
        let same = self.stack[..cursor.depth].iter().zip(&section.open).enumerate();
        let same = same.take_while(|&(depth, (mine, open))| {
            // Over a hole a key alone could be another span's.
            let start = self.clock.ns(open.start);
            mine.key(depth) == wire::within_session(open.key) && (whole || mine.start == start)
        });
        let same = same.count();
        self.give_up(same, cursor);
        for &wire::Open { callsite, key, start, task } in &section.open[same..] {
            cursor.latest = cursor.latest.max(self.clock.ns(start));
            self.give_losses(cursor.latest);
            let open = OpenSpan { number: cursor.spans, start: cursor.latest, at: wire::place_of(key) };
            self.stack[cursor.depth] = open;
            cursor.depth += 1;
            cursor.spans += 1;
            let known = self.begin_before(section, open.at).filter(|&(_, id, _)| id == callsite);
            let (place, _, meta) = known
                .unwrap_or_else(|| (Place::open(callsite, task), callsite, self.contents.open_meta(callsite, task)));
            let meta = meta.continuing();
            self.pending.push_back((Event::Begin { ns: open.start, span: open.number, meta }, place));
        }
    }

    /// The BEGIN of a span that was open when the section did, if that is in a part of it that was given away: where, of
    /// which callsite, with which metadata.
    fn begin_before(&self, section: &Section, at: u64) -> Option<(Place, u64, Meta<'a>)> {
        let at = usize::try_from(at.checked_sub(self.origin)?).ok().filter(|&at| at < section.from)?;
        let place = Place::Record { chunk: self.chunk, at: small(at) };
        match self.contents.record(place)? {
            Record::Begin { id, .. } => Some((place, id, self.contents.meta(place)?)),
            _ => None,
        }
    }

    /// Ends what is open when there are no more records.
    fn finish(&mut self, cursor: &mut Cursor<'a>) {
        let ns = cursor.latest;
        if std::mem::take(&mut self.broken) {
            self.give(Event::Gap { ns, end: self.end.max(ns), loss: None });
        }
        let last = self.losses.as_slice().last().map_or(ns, |loss| loss.first.max(ns));
        cursor.latest = last.max(self.end);
        self.give_losses(cursor.latest);
        for (_, span) in std::mem::take(&mut self.detached) {
            self.give(Event::End { ns: cursor.latest, span, flags: Flags::LEAKED });
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

pub(super) fn flags_of(flags: EndFlags) -> Flags {
    let all = [
        (flags.panicked, Flags::PANICKED),
        (flags.failed, Flags::FAILED),
        (flags.alerted, Flags::ALERTED),
        (flags.cancelled, Flags::CANCELLED),
    ];
    all.into_iter().filter(|&(set, _)| set).fold(Flags::NONE, |flags, (_, flag)| flags.with(flag))
}

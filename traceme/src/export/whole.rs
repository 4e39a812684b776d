//! The events of a track with all that is known of a span where it begins.
//!
//! A recording says when a span ends, and what was appended to it, only where that happened. The formats want
//! to know it where the span begins: parents before their children, with durations. So events wait here until the
//! first of them is complete. A span that is open for longer than [`WINDOW`] events is looked up by reading the
//! track a second time. So the memory depends on how many spans are open for long, forgotten ones included, and not on
//! the recording's length.

use std::collections::{HashMap, VecDeque};

use crate::trace::{Event, Flags, Meta};

/// How many events can wait.
pub(super) const WINDOW: usize = 16 * 1024;

/// An event that is complete.
#[derive(Debug)]
pub(super) enum Step<'a> {
    Begin(WholeSpan<'a>),
    End {
        ns: u64,
        span: u64,
        flags: Flags,
    },
    Instant {
        ns: u64,
        meta: Meta<'a>,
    },
    /// A task is made.
    Spawn {
        ns: u64,
        meta: Meta<'a>,
    },
    Sample {
        ns: u64,
        meta: Meta<'a>,
    },
    /// A part of the recording itself is missing.
    Hole {
        ns: u64,
        end: u64,
    },
}

/// A span where it begins.
#[derive(Debug)]
pub(super) struct WholeSpan<'a> {
    pub(super) span: u64,
    pub(super) start: u64,
    pub(super) end: u64,
    pub(super) flags: Flags,
    pub(super) meta: Meta<'a>,
    pub(super) appended: Vec<Meta<'a>>,
}

/// What becomes known of a span after its beginning.
#[derive(Debug, Default)]
struct Rest<'a> {
    end: Option<(u64, Flags)>,
    appended: Vec<Meta<'a>>,
}

/// Appends to what was appended. What the same callsite appended before has the same keys, and is forgotten: a span
/// that is open for days may get a value a second.
fn append<'a>(appended: &mut Vec<Meta<'a>>, meta: Meta<'a>) {
    if let Some(before) = appended.iter().position(|before| before.callsite_id() == meta.callsite_id()) {
        appended.remove(before);
    }
    appended.push(meta);
}

/// Gives the events of a track, each when it is complete.
pub(super) struct Whole<'a, I, F> {
    events: I,
    /// Reads the track from its beginning.
    again: F,
    /// The end of the span that was given last, if nothing lies between.
    ended: Option<(u64, u64, Flags)>,
    waiting: VecDeque<Event<'a>>,
    /// Of each span whose beginning waits, with its number, in the order of their numbers.
    rests: VecDeque<(u64, Rest<'a>)>,
    /// The spans that are open for long, once one was met.
    long: Option<LongSpans<'a>>,
    /// The latest time.
    latest: u64,
}

impl<'a, I: Iterator<Item = Event<'a>>, F: Fn() -> I> Whole<'a, I, F> {
    /// The events of a track that `again` gives, from its first one on.
    pub(super) fn new(again: F) -> Self {
        let (waiting, rests) = (VecDeque::new(), VecDeque::new());
        Self { events: again(), again, ended: None, waiting, rests, long: None, latest: 0 }
    }

    /// The next event, if it waits and is complete.
    #[inline(always)]
    fn complete(&mut self) -> Option<Step<'a>> {
        loop {
            let step = match *self.waiting.front()? {
                Event::Begin { ns, span, meta } => {
                    let (end, flags) = self.rests.front()?.1.end?;
                    let (_, rest) = self.rests.pop_front()?;
                    Step::Begin(WholeSpan { span, start: ns, end, flags, meta, appended: rest.appended })
                }
                Event::End { ns, span, flags } => Step::End { ns, span, flags },
                Event::Instant { ns, meta } => Step::Instant { ns, meta },
                Event::Spawn { ns, meta } => Step::Spawn { ns, meta },
                Event::Counter { ns, meta } => Step::Sample { ns, meta },
                Event::Gap { ns, end, loss: None } => Step::Hole { ns, end },
                // With its span; and among the losses.
                Event::Append { .. } | Event::Gap { .. } => {
                    self.waiting.pop_front();
                    continue;
                }
            };
            self.waiting.pop_front();
            return Some(step);
        }
    }

    /// The next step, if nothing waits and the next events are one that waits for none, or a span with nothing inside,
    /// as most are. What it can't give waits afterwards.
    #[inline(always)]
    fn simple(&mut self) -> Option<Step<'a>> {
        if let Some((ns, span, flags)) = self.ended.take() {
            return Some(Step::End { ns, span, flags });
        }
        if !self.waiting.is_empty() {
            return None;
        }
        let event = self.events.next()?;
        if let Event::Begin { ns: start, span, meta } = event {
            let next = self.events.next();
            if let Some(Event::End { ns: end, span: ended, flags }) = next {
                if ended == span {
                    self.latest = end;
                    self.ended = Some((end, span, flags));
                    return Some(Step::Begin(WholeSpan { span, start, end, flags, meta, appended: Vec::new() }));
                }
            }
            self.add(event);
            next.into_iter().for_each(|event| self.add(event));
        } else {
            self.add(event);
        }
        None
    }

    /// Lets an event wait.
    #[inline]
    fn add(&mut self, event: Event<'a>) {
        self.latest = self.latest.max(event.ns());
        match event {
            Event::Begin { span, .. } => self.rests.push_back((span, Rest::default())),
            Event::End { ns, span, flags } => {
                if let Some(rest) = self.rest(span) {
                    rest.end = Some((ns, flags));
                }
            }
            Event::Append { span, meta, .. } => {
                if let Some(rest) = self.rest(span) {
                    append(&mut rest.appended, meta);
                }
            }
            _ => {}
        }
        self.waiting.push_back(event);
    }

    fn rest(&mut self, span: u64) -> Option<&mut Rest<'a>> {
        // Most recordings number their spans without gaps, but for what an adapter leaves out.
        let first = self.rests.front()?.0;
        let guess = usize::try_from(span.checked_sub(first)?).ok()?;
        let is_there = self.rests.get(guess).is_some_and(|&(number, _)| number == span);
        let place =
            if is_there { guess } else { self.rests.binary_search_by_key(&span, |&(number, _)| number).ok()? };
        self.rests.get_mut(place).map(|(_, rest)| rest)
    }

    /// Completes the first span that waits by what comes later than the window, or by what little is known of a
    /// span that never ends.
    fn look_ahead(&mut self) {
        let again = &self.again;
        let long = self.long.get_or_insert_with(|| LongSpans::find(again()));
        let unknown = Some((self.latest, Flags::INCOMPLETE));
        if let Some((span, rest)) = self.rests.front_mut() {
            match long.take(*span) {
                Some(found) => *rest = found,
                None => rest.end = rest.end.or(unknown),
            }
        }
    }
}

impl<'a, I: Iterator<Item = Event<'a>>, F: Fn() -> I> Iterator for Whole<'a, I, F> {
    type Item = Step<'a>;

    #[inline]
    fn next(&mut self) -> Option<Step<'a>> {
        if let Some(step) = self.simple() {
            return Some(step);
        }
        loop {
            if let Some(step) = self.complete() {
                return Some(step);
            }
            let full = self.waiting.len() >= WINDOW;
            match if full { None } else { self.events.next() } {
                Some(event) => self.add(event),
                None if self.waiting.is_empty() => return None,
                None => self.look_ahead(),
            }
        }
    }
}

/// The spans of a track within which so many events lie that they can't wait for its end.
#[derive(Default)]
struct LongSpans<'a> {
    ended: HashMap<u64, Rest<'a>>,
    /// Those that never end, in the order of their numbers: there may be many, one for each guard that was forgotten.
    endless: Vec<(u64, Flags)>,
    /// When the recording ends.
    latest: u64,
    appended: HashMap<u64, Vec<Meta<'a>>>,
}

impl<'a> LongSpans<'a> {
    fn find(events: impl Iterator<Item = Event<'a>>) -> Self {
        let mut long = Self::default();
        // In the order of their numbers; removing is fast at both ends.
        let mut open: VecDeque<(u64, usize)> = VecDeque::new();
        for (at, event) in events.enumerate() {
            match event {
                Event::Begin { span, .. } => open.push_back((span, at)),
                Event::End { ns, span, flags } => {
                    let is_last = open.back().is_some_and(|&(other, _)| other == span);
                    let search = || open.partition_point(|&(other, _)| other < span);
                    let place = if is_last { open.len() - 1 } else { search() };
                    let Some(&(_, began)) = open.get(place).filter(|(other, _)| *other == span) else { continue };
                    open.remove(place);
                    if at - began >= WINDOW / 2 {
                        long.add(span, ns, flags);
                    } else if !long.appended.is_empty() {
                        long.appended.remove(&span);
                    }
                }
                Event::Append { span, meta, .. } => append(long.appended.entry(span).or_default(), meta),
                _ => {}
            }
        }
        long.endless.sort_unstable_by_key(|&(span, _)| span);
        long
    }

    fn add(&mut self, span: u64, ns: u64, flags: Flags) {
        self.latest = self.latest.max(ns);
        if flags.is_leaked() {
            self.endless.push((span, flags));
        } else {
            let appended = self.appended.remove(&span).unwrap_or_default();
            self.ended.insert(span, Rest { end: Some((ns, flags)), appended });
        }
    }

    fn take(&mut self, span: u64) -> Option<Rest<'a>> {
        self.ended.remove(&span).or_else(|| {
            let place = self.endless.binary_search_by_key(&span, |&(number, _)| number).ok()?;
            let appended = self.appended.remove(&span).unwrap_or_default();
            Some(Rest { end: Some((self.latest, self.endless[place].1)), appended })
        })
    }
}

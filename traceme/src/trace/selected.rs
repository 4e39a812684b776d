//! The events of a trace that a [`Selection`] shows.
//!
//! They are read as those of the whole trace are, and the others are left out, as if their callsites had not been
//! recorded. Spans get new numbers, without gaps.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use super::decode::Cursor;
use super::events::Source;
use super::index::Place;
use super::meta::Meta;
use super::read::Event;
use super::selection::Selection;
use crate::callsite::Callsite;

/// A selection, as it applies to the callsites of a trace.
#[derive(Clone, Debug)]
pub(super) struct Selected {
    /// By callsite: whether its events are shown.
    callsites: Vec<bool>,
    rate: f64,
    /// How many events are shown, once somebody asks.
    pub(super) count: OnceLock<u64>,
}

impl Selected {
    /// What `selection` shows, of all or of what is shown already.
    pub(super) fn new(selection: &Selection, callsites: &[&'static Callsite], before: Option<&Self>) -> Self {
        let shown = |index: usize| before.is_none_or(|before| before.callsites.get(index) == Some(&true));
        let callsites = callsites.iter().enumerate();
        let callsites = callsites.map(|(index, &callsite)| shown(index) && selection.filter.selects(callsite));
        let rate = before.map_or(1.0, |before| before.rate).min(selection.rate);
        Self { callsites: callsites.collect(), rate, count: OnceLock::new() }
    }

    /// Whether events of this name and metadata are shown; what has no callsite is.
    fn shows(&self, meta: &Meta<'_>) -> bool {
        meta.callsite_id().is_none_or(|id| self.callsites.get(id.index()) == Some(&true))
    }

    /// Whether the tree is shown whose root began at a [`place`](crate::record::wire::place) of a thread: a share of
    /// all places is, in any part of them.
    fn keeps(&self, thread: u64, place: u64) -> bool {
        /// 2 to the power of -53: numbers of 53 bits are exact.
        const UNIT: f64 = 1.0 / (1_u64 << 53) as f64;
        #[expect(clippy::cast_precision_loss, reason = "53 bits")]
        let share = (scatter(scatter(thread) ^ place) >> 11) as f64 * UNIT;
        share < self.rate
    }
}

/// A number all of whose bits depend on all bits of `number`.
fn scatter(number: u64) -> u64 {
    // Odd, with bits all over.
    const FACTOR: u64 = 0xd6e8_feb8_6659_fd93;
    // Twice: a product carries upwards only, and brings down what the shift brings down.
    let once = (number ^ number >> 32).wrapping_add(FACTOR).wrapping_mul(FACTOR);
    let twice = (once ^ once >> 32).wrapping_mul(FACTOR);
    twice ^ twice >> 32
}

/// Gives the events of a track that are shown, in time order.
#[derive(Debug)]
pub(super) struct SelectedEvents<'a> {
    /// Not `Events`: a type that contains itself is dropped by a function of its own, for which the cursor of each one has
    /// to be in memory.
    cursor: Cursor<'a>,
    source: Box<Source<'a>>,
    selected: &'a Selected,
    /// The number of the thread; `None` if the track is no thread's, so that no span is inside another.
    thread: Option<u64>,
    /// The open spans that what begins now begins in, outermost first, each with its new number if it is shown.
    stack: Vec<(u64, Option<u64>)>,
    /// Whether what is in these is shown at all.
    keeps_tree: bool,
    /// The other open spans that are shown, with their new numbers.
    others: BTreeMap<u64, u64>,
    /// How many spans were shown.
    spans: u64,
}

impl<'a> SelectedEvents<'a> {
    /// Of the events of a track, which is the thread's of this number, if it is one's.
    pub(super) fn new(source: Box<Source<'a>>, selected: &'a Selected, thread: Option<u64>) -> Self {
        let (cursor, stack, others) = (Cursor::default(), Vec::new(), BTreeMap::new());
        Self { cursor, source, selected, thread, stack, keeps_tree: true, others, spans: 0 }
    }

    /// Whether what has just been given, the span of this number or an instant, is in a tree that is shown.
    fn is_kept(&mut self, place: Place, span: Option<u64>) -> bool {
        if let Some(thread) = self.thread.filter(|_| self.stack.is_empty()) {
            self.keeps_tree = self.selected.keeps(thread, self.source.place_of(place, span));
        }
        self.keeps_tree
    }

    /// The new number of a span that begins, if it is shown.
    fn begin(&mut self, span: u64, meta: &Meta<'_>, place: Place) -> Option<u64> {
        let shown = self.is_kept(place, Some(span)) && self.selected.shows(meta);
        let number = shown.then_some(self.spans);
        self.spans += u64::from(shown);
        if self.thread.is_some() {
            self.stack.push((span, number));
        } else {
            self.others.extend(number.map(|number| (span, number)));
        }
        number
    }

    /// The new number of a span that ends, if it is shown. If it is not the innermost one, those inside stay open.
    fn end(&mut self, span: u64) -> Option<u64> {
        match self.stack.iter().rposition(|&(other, _)| other == span) {
            Some(at) => {
                let inside = self.stack.drain(at + 1..).filter_map(|(span, number)| Some((span, number?)));
                self.others.extend(inside);
                self.stack.pop()?.1
            }
            None => self.others.remove(&span),
        }
    }

    /// The new number of a span that is open, if it is shown.
    fn number_of(&self, span: u64) -> Option<u64> {
        let inner = self.stack.iter().rev().find(|(other, _)| *other == span);
        inner.map_or_else(|| self.others.get(&span).copied(), |&(_, number)| number)
    }
}

impl<'a> Iterator for SelectedEvents<'a> {
    type Item = (Event<'a>, Place);

    fn next(&mut self) -> Option<(Event<'a>, Place)> {
        loop {
            let (event, place) = self.source.next_placed(&mut self.cursor)?;
            let shown = match event {
                Event::Begin { ns, span, meta } => {
                    self.begin(span, &meta, place).map(|span| Event::Begin { ns, span, meta })
                }
                Event::End { ns, span, flags } => self.end(span).map(|span| Event::End { ns, span, flags }),
                Event::Append { ns, span, meta } => self.number_of(span).map(|span| Event::Append { ns, span, meta }),
                Event::Instant { meta, .. } => {
                    (self.is_kept(place, None) && self.selected.shows(&meta)).then_some(event)
                }
                Event::Spawn { meta, .. } | Event::Counter { meta, .. } => self.selected.shows(&meta).then_some(event),
                Event::Gap { .. } => Some(event),
            };
            if let Some(event) = shown {
                return Some((event, place));
            }
        }
    }
}

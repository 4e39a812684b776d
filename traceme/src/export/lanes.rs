//! Which row a span is drawn on. Slices of one row must lie within each other: a span that outlives the one that
//! it began in gets an extra row, a lane; those that begin inside it go there too. So does what lies too deep.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use super::whole::WholeSpan;
use crate::trace::{Flags, Track};

/// How many spans can be drawn inside each other, and an instant in the last one: Perfetto has 512 levels, and takes
/// the ends of deeper ones for those of others.
pub(super) const LEVELS: usize = 500;

/// The rows of one track: the track's own, number 0, and as many extra ones as spans overlap.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By lane: the spans that are drawn and have not ended, outermost first.
    drawn: Vec<Vec<u64>>,
    /// The lanes on which nothing is drawn.
    empty: BinaryHeap<Reverse<usize>>,
    /// The lanes of spans that are drawn on extra ones.
    extra: HashMap<u64, usize>,
    /// The open spans that what begins now begins in: each is the last one drawn on its lane.
    open: Vec<OpenSpan>,
    /// Whether spans are never drawn inside each other.
    flat: bool,
}

#[derive(Clone, Copy, Debug)]
struct OpenSpan {
    span: u64,
    lane: usize,
    end: u64,
}

/// How a span is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    /// 0 for the track's own row.
    pub(super) lane: usize,
    /// When it ends, in ns: for a span whose end is not known, as far as the span around it reaches.
    pub(super) end: u64,
    /// What is special about it.
    pub(super) flags: Flags,
}

impl Lanes {
    /// The rows of a track. Activities have nothing to do with others of their name, whatever their times.
    pub(super) fn of(track: &Track) -> Self {
        Self { flat: track.kind.is_flat(), ..Self::default() }
    }

    /// Finds the lane of a span that begins now.
    #[inline]
    pub(super) fn begin(&mut self, span: &WholeSpan<'_>) -> Drawn {
        let (mut end, mut flags) = (span.end, span.flags);
        let outer = self.open.last().copied();
        if let Some(outer) = outer.filter(|_| flags.is_leaked()) {
            end = end.min(outer.end);
        }
        let lane = match outer {
            Some(outer) if end <= outer.end && self.drawn[outer.lane].len() < LEVELS => outer.lane,
            Some(outer) if end <= outer.end => self.take_empty(),
            Some(_) => {
                flags = flags.with(Flags::OVERLAPPING);
                self.take_empty()
            }
            None => self.take_empty(),
        };
        self.drawn[lane].push(span.span);
        if lane > 0 {
            self.extra.insert(span.span, lane);
        }
        if !self.flat {
            self.open.push(OpenSpan { span: span.span, lane, end });
        }
        Drawn { lane, end, flags }
    }

    /// The first lane on which nothing is drawn.
    fn take_empty(&mut self) -> usize {
        self.empty.pop().map_or_else(
            || {
                self.drawn.push(Vec::new());
                self.drawn.len() - 1
            },
            |Reverse(lane)| lane,
        )
    }

    /// Ends a span: gives its lane, and how many slices end there with it, those that lie inside included; none if it
    /// was ended before, with the span around it.
    #[inline]
    pub(super) fn end(&mut self, span: u64) -> (usize, usize) {
        if let Some(place) = self.open.iter().rposition(|open| open.span == span) {
            self.open.truncate(place);
        }
        let lane = if self.extra.is_empty() { 0 } else { self.extra.get(&span).copied().unwrap_or(0) };
        let Some(drawn) = self.drawn.get_mut(lane) else { return (0, 0) };
        let Some(place) = drawn.iter().rposition(|&drawn| drawn == span) else { return (0, 0) };
        let ended = drawn.len() - place;
        if lane > 0 {
            for span in &drawn[place..] {
                self.extra.remove(span);
            }
        }
        drawn.truncate(place);
        if place == 0 {
            self.empty.push(Reverse(lane));
        }
        (lane, ended)
    }
}

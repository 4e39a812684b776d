//! Which row a span is drawn on. Slices of one row must lie within each other: a span that outlives the one that
//! it began in gets an extra row, a lane; those that begin inside it go there too. So does what lies too deep.

use super::whole::WholeSpan;
use crate::trace::Flags;

/// How many spans can be drawn inside each other, and an instant in the last one: Perfetto has 512 levels, and takes
/// the ends of deeper ones for those of others.
pub(super) const LEVELS: usize = 500;

/// The rows of one track: the track's own, number 0, and as many extra ones as spans overlap.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By lane: the spans that are drawn and have not ended, outermost first.
    drawn: Vec<Vec<u64>>,
    /// The open spans that what begins now begins in: each is the last one drawn on its lane.
    open: Vec<OpenSpan>,
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
            Some(outer) if end <= outer.end => self.empty(),
            Some(_) => {
                flags = flags.with(Flags::OVERLAPPING);
                self.empty()
            }
            None => self.empty(),
        };
        if lane == self.drawn.len() {
            self.drawn.push(Vec::new());
        }
        self.drawn[lane].push(span.span);
        self.open.push(OpenSpan { span: span.span, lane, end });
        Drawn { lane, end, flags }
    }

    /// The first lane on which nothing is drawn.
    fn empty(&self) -> usize {
        self.drawn.iter().position(Vec::is_empty).unwrap_or(self.drawn.len())
    }

    /// Ends a span: gives its lane, and how many slices end there with it, those that lie inside included; none if it
    /// was ended before, with the span around it.
    #[inline]
    pub(super) fn end(&mut self, span: u64) -> (usize, usize) {
        if let Some(place) = self.open.iter().rposition(|open| open.span == span) {
            self.open.truncate(place);
        }
        for (lane, drawn) in self.drawn.iter_mut().enumerate() {
            if let Some(place) = drawn.iter().rposition(|&drawn| drawn == span) {
                let ended = drawn.len() - place;
                drawn.truncate(place);
                return (lane, ended);
            }
        }
        (0, 0)
    }
}

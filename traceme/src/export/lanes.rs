//! Which row a span is drawn on. Slices of one row must lie within each other: a span that outlives the one that
//! it began in gets an extra row, a lane; those that begin inside it go there too.

use super::whole::WholeSpan;

/// The rows of one track: the track's own, number 0, and as many extra ones as spans overlap.
#[derive(Debug, Default)]
pub(super) struct Lanes {
    /// By lane: the open spans, outermost first.
    lanes: Vec<Vec<OpenSpan>>,
    /// The open spans that what begins now begins in, with their lanes.
    open: Vec<(u64, usize, u64)>,
}

#[derive(Clone, Copy, Debug)]
struct OpenSpan {
    span: u64,
    end: u64,
}

/// Where a span is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Drawn {
    /// 0 for the track's own row.
    pub(super) lane: usize,
    /// When it ends, in ns: for a span whose end is not known, as far as the span around it reaches.
    pub(super) end: u64,
}

impl Lanes {
    /// Finds the lane of a span that begins now.
    #[inline]
    pub(super) fn begin(&mut self, span: &WholeSpan<'_>) -> Drawn {
        let (preferred, outer) = self.open.last().map_or((0, u64::MAX), |&(_, lane, end)| (lane, end));
        let end = if span.flags.is_leaked() { span.end.min(outer) } else { span.end };
        let fits = |lane: &Vec<OpenSpan>| lane.last().is_none_or(|open| open.end >= end);
        let lane = if self.lanes.get(preferred).is_some_and(fits) {
            preferred
        } else {
            self.lanes.iter().position(fits).unwrap_or(self.lanes.len())
        };
        if lane == self.lanes.len() {
            self.lanes.push(Vec::new());
        }
        self.lanes[lane].push(OpenSpan { span: span.span, end });
        self.open.push((span.span, lane, end));
        Drawn { lane, end }
    }

    /// Ends a span: gives its lane, and how many slices end there with it, those that lie inside included; none if it
    /// was ended before, with the span around it.
    #[inline]
    pub(super) fn end(&mut self, span: u64) -> (usize, usize) {
        if let Some(place) = self.open.iter().rposition(|&(open, ..)| open == span) {
            self.open.truncate(place);
        }
        for (lane, open) in self.lanes.iter_mut().enumerate() {
            if let Some(place) = open.iter().rposition(|open| open.span == span) {
                let ended = open.len() - place;
                open.truncate(place);
                return (lane, ended);
            }
        }
        (0, 0)
    }
}

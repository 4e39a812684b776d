//! Which row a span is drawn on. Slices of one row must lie within each other: a span that outlives the one that
//! it began in gets an extra row, a lane; those that begin inside it go there too.

use super::whole::WholeSpan;
use crate::trace::Flags;

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
            Some(outer) if end <= outer.end => outer.lane,
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

#[cfg(all(test, not(loom)))]
mod tests {
    use super::super::whole::{Step, Whole};
    use super::*;
    use crate::trace::{Read, TraceBuilder, TrackKind};

    /// The lane of each of these spans, in the order in which they begin.
    fn lanes(spans: &[(u64, u64)]) -> Vec<usize> {
        let mut builder = TraceBuilder::default();
        let track = builder.add_track("device", TrackKind::Device { ordinal: 0 }, None).unwrap();
        for &(start, end) in spans {
            builder.span(track, "span", start, Some(end), &[]).unwrap();
        }
        let trace = builder.build();
        let mut lanes = Lanes::default();
        let mut found = Vec::new();
        for step in Whole::new(|| trace.events(track)) {
            match step {
                Step::Begin(span) => found.push(lanes.begin(&span).lane),
                Step::End { span, .. } => assert_eq!(lanes.end(span).1, 1),
                _ => panic!("{step:?}"),
            }
        }
        found
    }

    #[test]
    fn nested_spans_share_a_lane() {
        assert_eq!(lanes(&[(0, 100), (10, 50), (20, 50), (60, 100), (100, 110)]), [0, 0, 0, 0, 0]);
        assert_eq!(lanes(&[(5, 5), (5, 5), (5, 10)]), [0, 0, 0], "at one moment");
    }

    #[test]
    fn a_span_that_outlives_another_has_its_own_lane_for_itself_and_what_begins_inside() {
        assert_eq!(lanes(&[(0, 100), (50, 150), (60, 120)]), [0, 1, 1]);
        // What begins once the outer one has ended begins outside of both.
        assert_eq!(lanes(&[(0, 100), (50, 150), (120, 140), (200, 210)]), [0, 1, 0, 0]);
    }

    #[test]
    fn spans_that_have_nothing_to_do_with_each_other_are_not_drawn_inside_each_other() {
        // The third begins in the second, outlives it, and would fit the first.
        assert_eq!(lanes(&[(0, 100), (10, 200), (20, 300), (30, 400)]), [0, 1, 2, 3]);
        // A lane is used again when it is empty.
        assert_eq!(lanes(&[(0, 100), (50, 150), (160, 200), (170, 250)]), [0, 1, 0, 1]);
    }
}

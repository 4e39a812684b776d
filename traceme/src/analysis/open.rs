//! The open spans of a track.

use std::collections::HashSet;

#[derive(Clone, Copy, Debug)]
pub(super) struct OpenSpan {
    number: u64,
    /// The place of its name.
    pub(super) name: usize,
    /// When it began, in ns.
    pub(super) start: u64,
    /// The number of the span that it began in.
    began_in: Option<u64>,
    /// Whether a span around it has ended: what begins later begins outside of it.
    detached: bool,
}

/// The open spans of a track, in the order in which they began: the last one is the innermost.
#[derive(Debug, Default)]
pub(super) struct OpenSpans(Vec<OpenSpan>);

impl OpenSpans {
    pub(super) fn innermost(&self) -> Option<&OpenSpan> {
        self.0.last()
    }

    pub(super) fn begin(&mut self, number: u64, name: usize, start: u64) {
        let around = self.0.iter().rfind(|span| !span.detached);
        let began_in = around.map(|span| span.number);
        self.0.push(OpenSpan { number, name, start, began_in, detached: false });
    }

    /// Ends the innermost span, if it has this number, as most that end have.
    #[inline]
    pub(super) fn end_innermost(&mut self, number: u64) -> Option<OpenSpan> {
        if self.innermost()?.number == number { self.0.pop() } else { None }
    }

    /// Ends a span that others began in. Those that leaked end with it; these are given too, behind it.
    pub(super) fn end_outer(&mut self, number: u64, leaked: &HashSet<u64>) -> Vec<OpenSpan> {
        let Some(at) = self.0.iter().rposition(|span| span.number == number) else { return Vec::new() };
        let ended = self.0.remove(at);
        let mut all = vec![ended];
        let inside = self.0.split_off(at);
        for mut span in inside {
            let ends_too = |outer: &OpenSpan| span.began_in == Some(outer.number);
            if leaked.contains(&span.number) && all.iter().any(ends_too) {
                all.push(span);
            } else {
                span.detached |= !ended.detached;
                self.0.push(span);
            }
        }
        all
    }

    /// Ends all.
    pub(super) fn end_all(&mut self) -> impl Iterator<Item = OpenSpan> {
        self.0.drain(..).rev()
    }
}

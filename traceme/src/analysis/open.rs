//! The open spans of a track.
//!
//! Nearly all spans end as on a stack. One that outlives a span around it is detached: it leaves the stack, since what
//! begins later begins outside of it, and is found by its number from then on. So an event takes the same few steps
//! however many spans are open: a queue of guards detaches all that it holds.

use std::collections::{BTreeMap, HashSet};

#[derive(Clone, Copy, Debug)]
pub(super) struct OpenSpan {
    /// Higher than those of all spans that began before.
    number: u64,
    /// The place of its name.
    pub(super) name: usize,
    /// When it began, in ns.
    pub(super) start: u64,
    /// How many spans it stands for.
    pub(super) weight: u64,
}

#[derive(Clone, Copy, Debug)]
struct Detached {
    span: OpenSpan,
    /// The only span that began in it and can be open still: what was above it on the stack.
    inside: Option<u64>,
}

/// The open spans of a track. Of all of them, the innermost is the one that began last.
#[derive(Debug, Default)]
pub(super) struct OpenSpans {
    /// Each began in the one before it.
    stack: Vec<OpenSpan>,
    /// By number.
    detached: BTreeMap<u64, Detached>,
}

impl OpenSpans {
    #[inline]
    pub(super) fn innermost(&self) -> Option<&OpenSpan> {
        if self.detached.is_empty() { self.stack.last() } else { self.innermost_of_all() }
    }

    #[cold]
    fn innermost_of_all(&self) -> Option<&OpenSpan> {
        let last = self.detached.last_key_value().map(|(_, detached)| &detached.span);
        self.stack.last().into_iter().chain(last).max_by_key(|span| span.number)
    }

    #[inline]
    pub(super) fn begin(&mut self, number: u64, name: usize, start: u64, weight: u64) {
        self.stack.push(OpenSpan { number, name, start, weight });
    }

    /// Ends the span on top of the stack, if it has this number, as most that end have. None that is open began in it.
    #[inline]
    pub(super) fn end_top(&mut self, number: u64) -> Option<OpenSpan> {
        if self.stack.last()?.number == number { self.stack.pop() } else { None }
    }

    /// Ends any other span. Those that began in it and leaked end with it; these are given too, behind it.
    pub(super) fn end_other(&mut self, number: u64, leaked: &HashSet<u64>) -> Vec<OpenSpan> {
        let mut ended = Vec::new();
        if let Ok(at) = self.stack.binary_search_by_key(&number, |span| span.number) {
            self.detach_from(at);
        }
        let mut next = self.detached.remove(&number);
        while let Some(Detached { span, inside }) = next {
            ended.push(span);
            let inside = inside.filter(|inside| leaked.contains(inside));
            next = inside.and_then(|inside| self.detached.remove(&inside));
        }
        ended
    }

    /// Moves what is on the stack from `at` on to the detached ones.
    fn detach_from(&mut self, at: usize) {
        let mut inside = None;
        for span in self.stack.drain(at..).rev() {
            self.detached.insert(span.number, Detached { span, inside });
            inside = Some(span.number);
        }
    }

    /// Ends all.
    pub(super) fn end_all(self) -> impl Iterator<Item = OpenSpan> {
        self.stack.into_iter().chain(self.detached.into_values().map(|detached| detached.span))
    }
}

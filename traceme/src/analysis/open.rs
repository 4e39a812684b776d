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
        let top = self.stack.last();
        match self.detached.last_key_value() {
            Some((&number, last)) if top.is_none_or(|top| top.number < number) => Some(&last.span),
            _ => top,
        }
    }

    #[inline]
    pub(super) fn begin(&mut self, number: u64, name: usize, start: u64) {
        self.stack.push(OpenSpan { number, name, start });
    }

    /// Ends the innermost span, if it has this number, as most that end have.
    #[inline]
    pub(super) fn end_innermost(&mut self, number: u64) -> Option<OpenSpan> {
        let innermost = *self.innermost().filter(|innermost| innermost.number == number)?;
        if self.stack.last().is_some_and(|top| top.number == number) {
            self.stack.pop();
        } else {
            self.detached.pop_last();
        }
        Some(innermost)
    }

    /// Ends a span that others began in. Those that leaked end with it; these are given too, behind it.
    pub(super) fn end_outer(&mut self, number: u64, leaked: &HashSet<u64>) -> Vec<OpenSpan> {
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

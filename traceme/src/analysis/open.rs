//! The open spans of a track.
//!
//! Nearly all spans end as on a stack. One that outlives a span around it is detached: it leaves the stack, since what
//! begins later begins outside of it, and is found by its number from then on. So an event takes the same few steps
//! however many spans are open: a queue of guards detaches all that it holds.

use std::collections::{BTreeMap, HashSet};

/// An open span, without its number.
#[derive(Clone, Copy, Debug)]
pub(super) struct OpenName {
    /// The place of its name.
    pub(super) name: usize,
    /// When it began, in ns.
    pub(super) start: u64,
    /// How many spans it stands for.
    pub(super) weight: u64,
    /// Of which task, if it is a poll.
    pub(super) task: Option<PollOf>,
}

/// The task that is polled.
#[derive(Clone, Copy, Debug)]
pub(super) struct PollOf {
    /// The place of its name among those of tasks.
    pub(super) name: usize,
    /// Whether it was made in the recording.
    pub(super) is_made: bool,
}

/// What is open on a track where a part of the recording ends, which is read part by part.
#[derive(Clone, Debug, Default)]
pub(super) struct Left {
    /// Until when the track's time has been counted, in ns.
    pub(super) until: u64,
    /// When the last event was.
    pub(super) seen: Option<u64>,
    /// The spans that are open, the outermost first.
    pub(super) open: Vec<OpenName>,
}

#[derive(Clone, Copy, Debug)]
struct OpenSpan {
    /// Higher than those of all spans that began before.
    number: u64,
    named: OpenName,
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
    pub(super) fn innermost(&self) -> Option<&OpenName> {
        let span = if self.detached.is_empty() { self.stack.last() } else { self.innermost_of_all() };
        span.map(|span| &span.named)
    }

    #[cold]
    fn innermost_of_all(&self) -> Option<&OpenSpan> {
        let last = self.detached.last_key_value().map(|(_, detached)| &detached.span);
        self.stack.last().into_iter().chain(last).max_by_key(|span| span.number)
    }

    #[inline]
    pub(super) fn begin(&mut self, number: u64, named: OpenName) {
        self.stack.push(OpenSpan { number, named });
    }

    /// Ends the span on top of the stack, if it has this number, as most that end have. None that is open began in it.
    #[inline]
    pub(super) fn end_top(&mut self, number: u64) -> Option<OpenName> {
        if self.stack.last()?.number == number { self.stack.pop().map(|span| span.named) } else { None }
    }

    /// Those that began in the poll of this number and are open, though it ends: they were kept across an `.await`, unless they
    /// leaked. None, if it is no poll.
    pub(super) fn held_in<'a>(
        &'a self,
        number: u64,
        leaked: &'a HashSet<u64>,
    ) -> impl Iterator<Item = OpenName> + use<'a> {
        let at = self.stack.binary_search_by_key(&number, |span| span.number).ok();
        let poll = at.filter(|&at| self.stack[at].named.task.is_some());
        let inside = poll.and_then(|at| self.stack.get(at + 1..)).unwrap_or_default();
        inside.iter().filter(|span| !leaked.contains(&span.number)).map(|span| span.named)
    }

    /// Ends any other span. Those that began in it and leaked end with it; these are given too, behind it.
    pub(super) fn end_other(&mut self, number: u64, leaked: &HashSet<u64>) -> Vec<OpenName> {
        let mut ended = Vec::new();
        if let Ok(at) = self.stack.binary_search_by_key(&number, |span| span.number) {
            self.detach_from(at);
        }
        let mut next = self.detached.remove(&number);
        while let Some(Detached { span, inside }) = next {
            ended.push(span.named);
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
    pub(super) fn end_all(self) -> impl Iterator<Item = OpenName> {
        let detached = self.detached.into_values().map(|detached| detached.span);
        self.stack.into_iter().chain(detached).map(|span| span.named)
    }
}

//! What recording took of the time of the recorded program, as far as that can be known.

use std::collections::HashMap;

use super::summary::{Overhead, Summary, sum};
use crate::callsite::CallsiteKind;
use crate::instrument::{Selftest, costs};
use crate::trace::{Cause, ClockSource, Tables, TrackId, TrackKind};

/// What leaving out an event takes, as a part of what a span takes: in a loop of nothing else, where the self-test measures spans.
const LEFT_OUT: f64 = 0.15;

/// What a ring has given up of a thread, and when that happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overwritten {
    pub(super) spans: u64,
    pub(super) others: u64,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Overwritten {
    pub(super) fn by_track(tables: &Tables) -> HashMap<TrackId, Self> {
        let mut tracks = HashMap::new();
        for loss in tables.losses.lost().filter(|loss| loss.cause == Cause::Overwritten) {
            // Of the time of a thread of which nothing is left, nothing is known.
            let Some(track) = loss.track else { continue };
            let none = Self { spans: 0, others: 0, first: loss.first, last: loss.last };
            let all = tracks.entry(track).or_insert(none);
            let kind = loss.callsite.and_then(|id| tables.callsite(id)).map(|callsite| callsite.kind);
            let count = if kind == Some(CallsiteKind::Span) { &mut all.spans } else { &mut all.others };
            *count = count.saturating_add(loss.count);
            (all.first, all.last) = (all.first.min(loss.first), all.last.max(loss.last));
        }
        tracks
    }
}

/// What can't be told from the other figures of a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Taken {
    /// Of threads, from the first event of each to its last, in ns.
    time: u64,
    /// What was recorded in that time and has been overwritten.
    spans: u64,
    others: u64,
}

impl Taken {
    /// Adds a thread which recorded from one time to another, in a recording of this length.
    pub(super) fn add(&mut self, seen: Option<(u64, u64)>, overwritten: Option<&Overwritten>, length: u64) {
        let lost = overwritten.map(|lost| (lost.first, lost.last));
        let seen = seen.into_iter().chain(lost).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        // What it recorded may lie on tracks that belong to no thread.
        self.time = self.time.saturating_add(seen.map_or(length, |(first, last)| last.saturating_sub(first)));
        let (spans, others) = overwritten.map_or((0, 0), |lost| (lost.spans, lost.others));
        (self.spans, self.others) = (self.spans.saturating_add(spans), self.others.saturating_add(others));
    }
}

impl Overhead {
    /// That of what a summary tells of, if it costs this; `None` if nothing was recorded.
    pub(super) fn of(summary: &Summary, costs: &Selftest) -> Option<Self> {
        let (taken, left_out) = (summary.taken, summary.losses.left_out);
        let given = summary.tracks.iter().filter(|track| matches!(track.kind, TrackKind::Device { .. }));
        let given = sum(given.map(|track| track.spans + track.instants));
        let recorded = summary.losses.recorded.saturating_sub(given);
        let threads = || summary.tracks.iter().filter(|track| matches!(track.kind, TrackKind::Thread { .. }));
        let spans = sum(threads().map(|track| track.spans)).min(recorded);
        let (spans, others) = (spans.saturating_add(taken.spans), (recorded - spans).saturating_add(taken.others));
        let events = spans.saturating_add(others);
        // Of threads that recorded one event each, nothing better is known.
        let time = if taken.time > 0 { taken.time as f64 } else { threads().count() as f64 * summary.duration as f64 };
        if events == 0 || time == 0.0 {
            return None;
        }
        let left_out_ns = LEFT_OUT * costs.span_ns;
        let recording = spans as f64 * costs.span_ns + others as f64 * costs.instant_ns;
        let total = recording + left_out as f64 * left_out_ns;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of times")]
        let whole = total as u64;
        // What is behind the last event of a thread was left out at other times.
        let share = (total / time).min(1.0);
        Some(Self { events, event_ns: recording / events as f64, left_out, left_out_ns, total: whole, share })
    }
}

impl Summary {
    /// The same, with what recording took: unless there is a better account of that, or it isn't of this process.
    pub(super) fn with_overhead(self) -> Self {
        if self.budget.is_some() || self.losses.recorded == 0 {
            return self;
        }
        // A clock that a test sets says nothing of time.
        let costs = costs::known_in(self.process.pid).filter(|costs| costs.clock != ClockSource::Mock);
        let overhead = costs.and_then(|costs| Overhead::of(&self, &costs));
        Self { overhead, ..self }
    }
}

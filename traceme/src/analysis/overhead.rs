//! What recording took of the time of the recorded program, as far as that can be known.

use std::collections::HashMap;

use super::summary::{Overhead, Summary, sum};
use crate::instrument::{Selftest, costs};
use crate::trace::{Cause, ClockSource, Tables, TrackId, TrackKind};

/// What leaving out an event takes, as a part of what a span takes: in a loop of nothing else, where the self-test measures spans.
const LEFT_OUT: f64 = 0.15;

/// How much a ring has given up of a thread, and when that happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overwritten {
    pub(super) count: u64,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Overwritten {
    pub(super) fn by_track(tables: &Tables) -> HashMap<TrackId, Self> {
        let mut tracks = HashMap::new();
        for loss in tables.losses.lost().filter(|loss| loss.cause == Cause::Overwritten) {
            // Of the time of a thread of which nothing is left, nothing is known.
            let Some(track) = loss.track else { continue };
            let all = tracks.entry(track).or_insert(Self { count: 0, first: loss.first, last: loss.last });
            all.count = all.count.saturating_add(loss.count);
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
    /// How much was recorded in that time and has been overwritten.
    overwritten: u64,
}

impl Taken {
    /// Adds a thread which recorded from one time to another, in a recording of this length.
    pub(super) fn add(&mut self, seen: Option<(u64, u64)>, overwritten: Option<&Overwritten>, length: u64) {
        let lost = overwritten.map(|lost| (lost.first, lost.last));
        let seen = seen.into_iter().chain(lost).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        // What it recorded may lie on tracks that belong to no thread.
        self.time = self.time.saturating_add(seen.map_or(length, |(first, last)| last.saturating_sub(first)));
        self.overwritten = self.overwritten.saturating_add(overwritten.map_or(0, |lost| lost.count));
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
        // What was overwritten was like what is left.
        let events = recorded.saturating_add(taken.overwritten);
        // Of threads that recorded one event each, nothing better is known.
        let time = if taken.time > 0 { taken.time as f64 } else { threads().count() as f64 * summary.duration as f64 };
        if recorded == 0 || time == 0.0 {
            return None;
        }
        let left_out_ns = LEFT_OUT * costs.span_ns;
        let event_ns = (spans as f64 * costs.span_ns + (recorded - spans) as f64 * costs.instant_ns) / recorded as f64;
        let total = events as f64 * event_ns + left_out as f64 * left_out_ns;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of times")]
        let whole = total as u64;
        // What is behind the last event of a thread was left out at other times.
        let share = (total / time).min(1.0);
        Some(Self { events, event_ns, left_out, left_out_ns, total: whole, share })
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

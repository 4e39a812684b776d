//! What recording took of the time of the recorded program, as far as that can be known.

use super::summary::{Overhead, Summary, sum};
use crate::instrument::{Selftest, costs};
use crate::trace::{ClockSource, TrackKind};

/// What leaving out an event takes, as a part of what a span takes: in a loop of nothing else, where the self-test measures spans.
const LEFT_OUT: f64 = 0.085;

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
        let whole = total.round() as u64;
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

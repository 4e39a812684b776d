//! What recording took of the time of the recorded program, as far as that can be known.

use super::summary::{Overhead, Summary, sum};
use crate::instrument::costs;
use crate::trace::{ClockSource, TrackKind};

impl Overhead {
    /// That of what a summary tells of; `None` if it isn't of this process, or nothing was recorded.
    pub(super) fn of(summary: &Summary) -> Option<Self> {
        let given = summary.tracks.iter().filter(|track| matches!(track.kind, TrackKind::Device { .. }));
        let given = sum(given.map(|track| track.spans + track.instants));
        let events = summary.losses.recorded.saturating_sub(given);
        let threads = || summary.tracks.iter().filter(|track| matches!(track.kind, TrackKind::Thread { .. }));
        let spans = sum(threads().map(|track| track.spans)).min(events);
        let time = threads().map(|track| track.busy.max(summary.duration) as f64).sum::<f64>();
        if events == 0 || time == 0.0 {
            return None;
        }
        // A clock that a test sets says nothing of time.
        let costs = costs::known_in(summary.process.pid).filter(|costs| costs.clock != ClockSource::Mock)?;
        let total = spans as f64 * costs.span_ns + (events - spans) as f64 * costs.instant_ns;
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a sum of times")]
        let whole = total as u64;
        Some(Self { events, event_ns: total / events as f64, total: whole, share: total / time })
    }
}

impl Summary {
    /// The same, with what recording took.
    pub(super) fn with_overhead(self) -> Self {
        let overhead = Overhead::of(&self);
        Self { overhead, ..self }
    }
}

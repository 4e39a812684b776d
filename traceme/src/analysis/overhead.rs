//! What recording took of the time of the recorded program, as far as that can be known.

use super::summary::{Summary, sum};
use crate::instrument::costs;
use crate::trace::TrackKind;

/// What recording took of the time of the threads that were recorded: an estimate.
///
/// It is how often something was recorded, times what that costs on this machine by [`selftest`](crate::selftest()). That
/// knows nothing of values that take long to evaluate, of caches that the program would have had for itself, of annotations
/// that were not recorded, and of events that were lost.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Overhead {
    /// How many spans, instants, samples and other events were recorded. A span is one.
    pub events: u64,
    /// What one of them costs, in ns: the mean of what a span does with its end, and of what others do, each as an instant.
    pub event_ns: f64,
    /// What they cost together, in ns.
    pub total: u64,
    /// The part of the threads' time that this is, from 0 to 1: of the recording's duration for each thread of which there
    /// is something. Where threads of one name are [taken together](crate::Memory::summary_only), of the time that they were
    /// busy, if that is longer.
    pub share: f64,
}

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
        let costs = costs::known_in(summary.process.pid)?;
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

//! What is counted of each track.

use super::summary::TrackSummary;
use crate::trace::{Meta, TrackKind};

/// What happened on a track.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct TrackFigures {
    pub(super) busy: u64,
    pub(super) spans: u64,
    pub(super) instants: u64,
    /// How many of the spans were measured elsewhere: they count where they end.
    pub(super) measured: u64,
    /// When the first event was, and the last.
    pub(super) seen: Option<(u64, u64)>,
}

impl TrackFigures {
    /// Counts a span, unless it began before.
    #[inline]
    pub(super) fn begin(&mut self, meta: &Meta<'_>) {
        self.spans += u64::from(!meta.continues());
        self.measured += u64::from(meta.is_measured());
    }

    /// An event happened, at the time that is given back.
    #[inline]
    pub(super) fn see(&mut self, ns: u64) -> u64 {
        self.seen = Some((self.seen.map_or(ns, |(first, _)| first), ns));
        ns
    }

    /// How many events began.
    pub(super) fn recorded(self) -> u64 {
        self.spans - self.measured + self.instants
    }

    pub(super) fn summary(self, name: String, kind: TrackKind, length: u64, lost: u64) -> TrackSummary {
        let Self { busy, spans, instants, .. } = self;
        let utilisation = if length == 0 { 0.0 } else { busy as f64 / length as f64 };
        TrackSummary { name, kind, busy, utilisation, spans, instants, lost }
    }
}

//! What is gathered of the spans of one name.

use super::durations::Durations;
use super::sampled::{LeftOut, scaled};
use super::spread::Spread;
use super::summary::SpanSummary;
use crate::trace::Flags;

#[derive(Clone, Debug, Default)]
pub(super) struct Spans {
    count: u64,
    /// How many they stand for.
    weight: u64,
    incomplete: u64,
    panicked: u64,
    failed: u64,
    alerted: u64,
    /// How many were kept across an `.await`.
    pub(super) held: u64,
    total: u64,
    pub(super) self_time: u64,
    durations: Durations,
    /// Of those whose time is in `total`.
    spread: Spread,
    /// How many are open on the track that is being read, and since when there are any.
    open: u64,
    since: u64,
    /// How many the first of these stands for.
    outermost: u64,
}

impl Spans {
    pub(super) fn begin(&mut self, ns: u64, weight: u64) {
        self.resume(ns, weight);
        self.count(weight);
    }

    pub(super) fn count(&mut self, weight: u64) {
        self.count += 1;
        self.weight = self.weight.saturating_add(weight);
    }

    /// One that is open goes on at `ns`, behind what was read of its track before.
    pub(super) fn resume(&mut self, ns: u64, weight: u64) {
        if self.open == 0 {
            (self.since, self.outermost) = (ns, weight);
        }
        self.open += 1;
    }

    /// What is read of its track ends at `ns`, and one is open.
    pub(super) fn pause(&mut self, ns: u64) {
        self.open -= 1;
        if self.open == 0 {
            let time = ns.saturating_sub(self.since).saturating_mul(self.outermost);
            self.total = self.total.saturating_add(time);
        }
    }

    /// The ends of so many are not known.
    pub(super) fn lose_ends(&mut self, count: u64) {
        self.incomplete += count;
    }

    /// The end of one whose time is its own, whatever else goes on.
    pub(super) fn end_alone(&mut self, start: u64, ns: u64, weight: u64, flags: Flags) {
        let time = ns.saturating_sub(start).saturating_mul(weight);
        (self.total, self.self_time) = (self.total.saturating_add(time), self.self_time.saturating_add(time));
        self.spread.add(ns.saturating_sub(start), weight);
        self.end_counted(start, ns, weight, flags);
    }

    pub(super) fn end(&mut self, start: u64, ns: u64, weight: u64, flags: Flags) {
        self.pause(ns);
        if self.open == 0 {
            // `since` may be where the last part of the recording ended.
            self.spread.add(ns.saturating_sub(start.min(self.since)), self.outermost);
        }
        self.end_counted(start, ns, weight, flags);
    }

    fn end_counted(&mut self, start: u64, ns: u64, weight: u64, flags: Flags) {
        self.panicked += u64::from(flags.is_panicked());
        self.failed += u64::from(flags.is_failed());
        self.alerted += u64::from(flags.is_alerted());
        if flags.is_incomplete() || flags.is_leaked() {
            self.incomplete += 1;
        } else {
            self.durations.add(ns.saturating_sub(start), weight);
        }
    }

    /// The figures, where no name can have more time than `most`.
    pub(super) fn summary(mut self, name: String, left_out: &LeftOut, most: u64) -> SpanSummary {
        let estimated = left_out.estimate(self.count, self.weight, left_out.spans.get(&name));
        let scale = if self.weight == 0 { 1.0 } else { estimated as f64 / self.weight as f64 };
        let error = self.spread.error(scale);
        // What is exact stays as it is.
        let most = if estimated > self.count { most } else { u64::MAX };
        let [p50, p95, p99] = self.durations.percentiles([50, 95, 99]);
        SpanSummary {
            name,
            count: self.count,
            estimated,
            incomplete: self.incomplete,
            panicked: self.panicked,
            failed: self.failed,
            alerted: self.alerted,
            held_across_await: self.held,
            total: scaled(self.total, estimated, self.weight).min(most),
            total_error: whole(error),
            self_time: scaled(self.self_time, estimated, self.weight).min(most),
            min: self.durations.min(),
            mean: self.durations.mean(),
            p50,
            p95,
            p99,
            max: self.durations.max(),
        }
    }
}

/// In whole ns: the largest number, if it is larger.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it isn't negative, and saturates")]
fn whole(ns: f64) -> u64 {
    ns.round() as u64
}

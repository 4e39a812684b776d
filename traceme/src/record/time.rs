//! How ticks become nanoseconds: by a line through two moments that were read on both clocks.

/// Where the times of a trace come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum ClockSource {
    /// The processor's counter: `rdtsc` on x86-64, `cntvct_el0` on aarch64.
    Counter,
    /// The system's monotonic clock: slower to read; taken where the counter can't be trusted.
    Monotonic,
    /// A clock that a test sets.
    Mock,
}

/// One moment on two clocks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(crate) ticks: u64,
    /// `CLOCK_MONOTONIC`, or what stands for it.
    pub(crate) ns: u64,
}

/// How the ticks of a session become nanoseconds since its start.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Clock {
    pub(crate) source: ClockSource,
    pub(crate) start: Anchor,
    pub(crate) stop: Anchor,
    /// Nanoseconds since 1970 at the start.
    pub(crate) wall_ns: u64,
    /// Nanoseconds a tick, times 2^(64 - shift): the high half of a product needs no shift, which is slow.
    multiplier: u64,
    shift: u32,
}

impl Default for Clock {
    fn default() -> Self {
        Self::even(ClockSource::Monotonic, Anchor::default(), Anchor::default(), 0)
    }
}

impl Clock {
    /// A clock whose ticks are nanoseconds.
    pub(crate) fn even(source: ClockSource, start: Anchor, stop: Anchor, wall_ns: u64) -> Self {
        Self { source, start, stop, wall_ns, multiplier: 1 << 63, shift: 1 }
    }

    /// A counter whose rate is that between `from` and `stop`.
    pub(crate) fn through(from: Anchor, start: Anchor, stop: Anchor, wall_ns: u64) -> Self {
        let ticks = u128::from(stop.ticks.saturating_sub(from.ticks));
        let ns = u128::from(stop.ns.saturating_sub(from.ns));
        let rate = |shift: u32| u64::try_from(((ns << 64) >> shift).checked_div(ticks)?).ok();
        let even = Self::even(ClockSource::Counter, start, stop, wall_ns);
        let fits = (0..20).find_map(|shift| Some((rate(shift)?, shift)));
        fits.map_or(even, |(multiplier, shift)| Self { multiplier, shift, ..even })
    }

    /// Nanoseconds from the session's start to `ticks`; 0 for times before it.
    #[inline(always)]
    pub(crate) fn ns(&self, ticks: u64) -> u64 {
        self.ns_after(ticks.saturating_sub(self.start.ticks))
    }

    /// How many nanoseconds `ticks` are.
    #[inline(always)]
    pub(crate) fn ns_after(&self, ticks: u64) -> u64 {
        ((u128::from(ticks << self.shift) * u128::from(self.multiplier)) >> 64) as u64
    }

    /// How many ticks are so many nanoseconds: the most that are not more.
    pub(crate) fn ticks_in(&self, ns: u64) -> u64 {
        let ticks = (u128::from(ns) << 64 >> self.shift) / u128::from(self.multiplier.max(1));
        u64::try_from(ticks).unwrap_or(u64::MAX)
    }

    /// Nanoseconds a tick, to show.
    #[expect(clippy::cast_precision_loss, reason = "to show")]
    pub(crate) fn ns_per_tick(&self) -> f64 {
        self.multiplier as f64 / (1u128 << (64 - self.shift)) as f64
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn a_long_time_loses_no_nanosecond() {
        let start = Anchor { ticks: 1 << 60, ns: 5 };
        let stop = Anchor { ticks: start.ticks + 4000, ns: start.ns + 1000 };
        let clock = Clock::through(start, start, stop, 0);
        let month = 30 * 86_400 * 1_000_000_000;
        assert_eq!(clock.ns(start.ticks + 4 * month), month);
        assert_eq!(clock.ns(start.ticks - 10), 0, "before the start");
        assert_eq!(clock.ticks_in(0), 0);
        for ns in [1, 999, 1000, month] {
            let ticks = clock.ticks_in(ns);
            assert!(clock.ns_after(ticks) <= ns && clock.ns_after(ticks + 1) >= ns, "{ticks} ticks in {ns} ns");
        }
        assert_eq!(Clock::default().ticks_in(u64::MAX), u64::MAX);
    }
}

//! Points in time, of the clock that events are recorded with.

use std::ops::{Add, Sub};
use std::time::{Duration, Instant};

use crate::record::clock;

/// A point in time of the recorder's clock, as [`now`] gives it.
///
/// It is for times that are taken apart from a span, to be recorded by [`record_span`](crate::record_span). It stays valid
/// whatever sessions start and stop. A later one is larger. What is added or subtracted may be off by the error of the
/// clock's rate as it is known by then: 0.1 % in the first milliseconds of a process, a ten-millionth after a second.
///
/// ```
/// use std::time::{Duration, Instant};
/// use traceme::Timestamp;
///
/// let before = traceme::now();
/// let instant = Instant::now();
/// let after = traceme::now();
/// let same = Timestamp::from(instant);
/// # let most = Duration::from_millis(50);
/// # assert!(same + most > before && same < after + most);
/// assert!(after >= before && after - before < Duration::from_secs(60));
/// assert_eq!(before - after, Duration::ZERO, "a difference is never negative");
/// assert!(before - Duration::from_millis(5) < before);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Timestamp {
    ticks: u64,
}

/// The time now. It reads the clock, and needs no session: what is measured may begin before one does.
///
/// ```
/// let start = traceme::now();
/// let took = traceme::now() - start;
/// println!("{took:?}");
/// ```
#[inline]
pub fn now() -> Timestamp {
    Timestamp { ticks: clock::now_anytime() }
}

impl Timestamp {
    pub(super) fn ticks(self) -> u64 {
        self.ticks
    }
}

/// That much later, but not later than the clock can tell.
impl Add<Duration> for Timestamp {
    type Output = Self;

    fn add(self, duration: Duration) -> Self {
        Self { ticks: self.ticks.saturating_add(clock::ticks_in(duration)) }
    }
}

/// That much earlier, but not before the clock began: mostly when the machine did.
impl Sub<Duration> for Timestamp {
    type Output = Self;

    fn sub(self, duration: Duration) -> Self {
        Self { ticks: self.ticks.saturating_sub(clock::ticks_in(duration)) }
    }
}

/// The time between two; none if the second is later.
impl Sub for Timestamp {
    type Output = Duration;

    fn sub(self, earlier: Self) -> Duration {
        clock::time_of(self.ticks.saturating_sub(earlier.ticks))
    }
}

/// The same moment, to less than a microsecond, unless the thread is interrupted meanwhile.
impl From<Instant> for Timestamp {
    fn from(instant: Instant) -> Self {
        Self { ticks: clock::ticks_at(instant) }
    }
}

//! How far apart the events of a callsite are that are recorded, by the callsite's id: what its rate says.
//!
//! It is set where callsites are looked up, under the lock of what is recorded, and by who holds a budget. Threads look at it
//! when they draw how many events to leave out next.

use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::callsite::ID_BITS;
use crate::rate::Rate;
use crate::record::kept::Kept;

/// Callsites in a block: as in `limits`.
const BLOCK: usize = 1024;
const BLOCKS: usize = (1 << ID_BITS) / BLOCK;

static TABLE: [Kept<Entry>; BLOCKS] = [const { Kept::new() }; BLOCKS];

struct Entry {
    /// What the callsite's rate says.
    own: AtomicU64,
    /// What holds: the same or, to keep to a budget, longer.
    now: AtomicU64,
}

impl Entry {
    const fn new() -> Self {
        Self { own: AtomicU64::new(Period::EACH.0), now: AtomicU64::new(Period::EACH.0) }
    }
}

/// Bits of a period behind the point.
const FRACTION: u32 = 24;

/// Of how many events one is recorded, on average: 1 or more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Period(u64);

impl Period {
    pub(crate) const EACH: Self = Self(1 << FRACTION);
    /// So long that the weight of an event still has room in a word.
    const LONGEST: f64 = (1_u64 << 40) as f64;

    pub(crate) fn of(rate: Rate) -> Self {
        Self::new(1.0 / rate.get())
    }

    /// The same without what is behind the point.
    pub(crate) fn whole(self) -> u64 {
        self.0 >> FRACTION
    }

    /// How many events it is long.
    pub(crate) fn events(self) -> f64 {
        self.0 as f64 / f64::from(1 << FRACTION)
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is clamped first")]
    pub(crate) fn new(events: f64) -> Self {
        Self((events.clamp(1.0, Self::LONGEST) * f64::from(1 << FRACTION)) as u64)
    }

    /// How many events to leave out before one that is recorded, by lot: from none to twice as many as on average.
    pub(crate) fn draw(self, mut random: impl FnMut() -> u64) -> u64 {
        if self == Self::EACH {
            return 0;
        }
        let part = random() >> (u64::BITS - FRACTION);
        let events = self.whole() + u64::from(part < self.0 & ((1 << FRACTION) - 1));
        ((u128::from(random()) * u128::from(2 * events - 1)) >> u64::BITS) as u64
    }
}

fn entry(callsite: u64) -> Option<&'static Entry> {
    let at = usize::try_from(callsite).unwrap_or(usize::MAX);
    TABLE.get(at / BLOCK)?.get()?.get(at % BLOCK)
}

/// The period of a callsite.
pub(crate) fn of(callsite: u64) -> Period {
    // Relaxed: a number; see `set`.
    entry(callsite).map_or(Period::EACH, |entry| Period(entry.now.load(Ordering::Relaxed)))
}

/// The period that a callsite's rate says.
pub(crate) fn own(callsite: u64) -> Period {
    // Relaxed: a number.
    entry(callsite).map_or(Period::EACH, |entry| Period(entry.own.load(Ordering::Relaxed)))
}

/// Gives a callsite the period of its rate.
pub(super) fn set(callsite: u32, period: Period) {
    let at = callsite as usize;
    let block = TABLE.get(at / BLOCK).and_then(|block| block.make(BLOCK, Entry::new));
    let Some(entry) = block.and_then(|block| block.get(at % BLOCK)) else { return };
    // Relaxed, both: the fence orders them before the callsite's word, which says that there is a period.
    entry.own.store(period.0, Ordering::Relaxed);
    entry.now.store(period.0, Ordering::Relaxed);
    fence(Ordering::Release);
}

/// Lets a callsite record no more than one event in this period.
pub(crate) fn lengthen(callsite: u64, period: Period) {
    if let Some(entry) = entry(callsite) {
        // Relaxed, both: a change of the filter at this moment is looked at the next time.
        let own = entry.own.load(Ordering::Relaxed);
        entry.now.store(own.max(period.0), Ordering::Relaxed);
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn what_is_drawn_is_right_on_average() {
        let mut bits = 1_u64;
        let mut random = || {
            bits = bits.wrapping_mul(0xd134_2543_de82_ef95).wrapping_add(0xa5);
            bits ^ bits >> 29
        };
        for events in [1.0, 1.25, 1.9, 2.0, 3.3, 100.0, 12_345.67] {
            let period = Period::new(events);
            let draws = 1_000_000;
            let all: u64 = (0..draws).map(|_| period.draw(&mut random)).sum();
            let average = all as f64 / draws as f64 + 1.0;
            assert!((average / events - 1.0).abs() < 0.003, "{average} instead of {events}");
        }
        assert_eq!(Period::new(0.5), Period::EACH);
        assert_eq!(Period::new(f64::INFINITY), Period::new(1e13));
    }
}

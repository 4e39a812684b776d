//! How far apart the events of a callsite are that are recorded, by the callsite's id: what its rate says.
//!
//! It is set where callsites are looked up, under the lock of what is recorded, and by who holds a budget. Threads look at it
//! when they draw how many events to leave out next.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering, fence};

use crate::callsite::ID_BITS;
use crate::rate::Rate;

/// Callsites in a block: as in `limits`.
const BLOCK: usize = 1024;
const BLOCKS: usize = (1 << ID_BITS) / BLOCK;

static TABLE: [OnceLock<Box<[AtomicU64]>>; BLOCKS] = [const { OnceLock::new() }; BLOCKS];

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
        let events = (self.0 >> FRACTION) + u64::from(part < self.0 & ((1 << FRACTION) - 1));
        ((u128::from(random()) * u128::from(2 * events - 1)) >> u64::BITS) as u64
    }
}

/// The period of a callsite.
pub(crate) fn of(callsite: u64) -> Period {
    let at = usize::try_from(callsite).unwrap_or(usize::MAX);
    let entry = TABLE.get(at / BLOCK).and_then(|block| block.get()?.get(at % BLOCK));
    // Relaxed: a number; see `set`.
    Period(entry.map_or(Period::EACH.0, |period| period.load(Ordering::Relaxed)))
}

/// Gives a callsite this period.
pub(crate) fn set(callsite: u32, period: Period) {
    let at = callsite as usize;
    let Some(block) = TABLE.get(at / BLOCK) else { return };
    let block = block.get_or_init(|| (0..BLOCK).map(|_| AtomicU64::new(Period::EACH.0)).collect());
    // Relaxed: the fence orders it before the callsite's word, which says that there is a period.
    block[at % BLOCK].store(period.0, Ordering::Relaxed);
    fence(Ordering::Release);
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

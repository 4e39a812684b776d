//! The durations of the spans of one name, in little memory.
//!
//! The first ones are kept. When there are more than fit, they become counts by size: each power of two is cut
//! into 64 steps of equal width, so that the middle of a step is less than 1 % away from all that fell into it.

/// How many durations are kept exactly: as much memory as some powers of two take.
pub(super) const EXACT: usize = 256;

const STEP_BITS: u32 = 6;
const STEPS: usize = 1 << STEP_BITS;

/// The counts of one power of two.
type Octave = Option<Box<[u64; STEPS]>>;

#[derive(Clone, Debug)]
pub(super) struct Durations {
    count: u64,
    sum: u64,
    min: u64,
    max: u64,
    /// Empty for a single one, which is `min`: many names that are made at run time occur once.
    kept: Vec<u64>,
    /// Used once `kept` was full.
    octaves: Vec<Octave>,
}

impl Default for Durations {
    fn default() -> Self {
        Self { count: 0, sum: 0, min: u64::MAX, max: 0, kept: Vec::new(), octaves: Vec::new() }
    }
}

impl Durations {
    /// Adds the duration of a span that stands for so many.
    pub(super) fn add(&mut self, ns: u64, weight: u64) {
        let only = (self.count == 1).then_some(self.min);
        self.count = self.count.saturating_add(weight);
        self.sum = self.sum.saturating_add(ns.saturating_mul(weight));
        self.min = self.min.min(ns);
        self.max = self.max.max(ns);
        if !self.octaves.is_empty() {
            self.count_in(ns, weight);
        } else if self.count == 1 {
            // Not kept yet.
        } else if self.kept.len() < EXACT && weight == 1 {
            self.kept.extend(only);
            self.kept.push(ns);
        } else {
            let kept = std::mem::take(&mut self.kept);
            only.into_iter().chain(kept).for_each(|ns| self.count_in(ns, 1));
            self.count_in(ns, weight);
        }
    }

    fn count_in(&mut self, ns: u64, weight: u64) {
        let (octave, step) = place(ns);
        if octave >= self.octaves.len() {
            self.octaves.resize_with(octave + 1, || None);
        }
        let count = &mut self.octaves[octave].get_or_insert_with(|| Box::new([0; STEPS]))[step];
        *count = count.saturating_add(weight);
    }

    pub(super) fn min(&self) -> u64 {
        if self.count == 0 { 0 } else { self.min }
    }

    pub(super) fn max(&self) -> u64 {
        self.max
    }

    pub(super) fn mean(&self) -> u64 {
        let half = self.count / 2;
        self.sum.saturating_add(half).checked_div(self.count).unwrap_or(0)
    }

    /// For each percentage, rising: the least duration that so many of the spans don't exceed.
    pub(super) fn percentiles<const N: usize>(&mut self, percentages: [u64; N]) -> [u64; N] {
        self.kept.sort_unstable();
        percentages.map(|percentage| {
            let rank = u64::try_from((u128::from(self.count) * u128::from(percentage)).div_ceil(100));
            self.of_rank(rank.unwrap_or(self.count))
        })
    }

    /// The duration at this place, from 1, of all in order.
    fn of_rank(&self, rank: u64) -> u64 {
        if self.octaves.is_empty() {
            let at = usize::try_from(rank.saturating_sub(1)).unwrap_or(usize::MAX);
            return self.kept.get(at).copied().unwrap_or(self.min());
        }
        let mut before = 0_u64;
        for (octave, counts) in self.octaves.iter().enumerate() {
            for (step, count) in counts.iter().flat_map(|counts| counts.iter()).enumerate() {
                before = before.saturating_add(*count);
                if before >= rank {
                    return middle(octave, step).clamp(self.min, self.max);
                }
            }
        }
        self.max
    }
}

/// The octave and the step that a duration falls into. The first octave holds all below 64, exactly.
fn place(ns: u64) -> (usize, usize) {
    let octave = ns.checked_ilog2().map_or(0, |log| (log + 1).saturating_sub(STEP_BITS));
    let steps = ns >> octave.saturating_sub(1);
    (octave as usize, usize::try_from(steps).unwrap_or(0) % STEPS)
}

/// The middle of what falls there.
fn middle(octave: usize, step: usize) -> u64 {
    let Some(shift) = octave.checked_sub(1) else { return step as u64 };
    let width = 1_u64 << shift;
    ((STEPS + step) as u64) * width + width / 2
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    #[test]
    fn the_middle_of_a_step_is_close() {
        let edges = (0..64).flat_map(|bit| [(1_u64 << bit) - 1, 1 << bit, (1 << bit) + 1, (1 << bit) + (1 << bit) / 3]);
        for ns in (0..5000).chain(edges).chain([u64::MAX]) {
            let (octave, step) = place(ns);
            let error = middle(octave, step).abs_diff(ns);
            assert!(u128::from(error) * 100 < u128::from(ns.max(1)), "{ns} ns: {error} off");
            assert!(ns >= 128 || error == 0, "{ns} ns is not exact");
        }
    }

    #[test]
    fn percentiles_are_exact_until_there_are_many() {
        let mut durations = Durations::default();
        assert_eq!((durations.percentiles([50, 99]), durations.min(), durations.mean()), ([0, 0], 0, 0));
        durations.add(EXACT as u64 * 1000, 1);
        assert_eq!((durations.percentiles([0, 99]), durations.min()), ([256_000; 2], 256_000));
        for ns in (1..EXACT as u64).rev() {
            durations.add(ns * 1000, 1);
        }
        assert_eq!(durations.percentiles([50, 95, 99]), [128_000, 244_000, 254_000]);
        durations.add(1_000_000, 1);
        let [p50, p95, p99] = durations.percentiles([50, 95, 99]);
        for (found, exact) in [(p50, 129_000_u64), (p95, 245_000), (p99, 255_000)] {
            assert!(found.abs_diff(exact) * 100 < exact, "{found} for {exact}");
        }
        assert_eq!((durations.min(), durations.max(), durations.percentiles([100])), (1000, 1_000_000, [1_000_000]));
    }

    #[test]
    fn a_span_that_stands_for_many_counts_as_many() {
        let mut durations = Durations::default();
        durations.add(10, 1);
        durations.add(30, 99);
        durations.add(20, 1);
        assert_eq!((durations.percentiles([0, 1, 2, 99]), durations.mean()), ([10, 20, 30, 30], 30));
    }

    #[test]
    fn weights_that_no_thread_writes_overflow_nothing() {
        let mut durations = Durations::default();
        for ns in [10, 10, 20, 20] {
            durations.add(ns, u64::MAX - 1);
        }
        assert_eq!((durations.count, durations.sum), (u64::MAX, u64::MAX));
        assert_eq!((durations.percentiles([0, 50, 100]), durations.mean()), ([10; 3], 1));
    }
}

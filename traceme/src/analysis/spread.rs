//! How far an estimated sum of times may be from the true one.
//!
//! A span that was drawn stands for those left out before it, as many times with its own duration. The sum would be exact if all
//! took the same, since their number is known. So the error comes from how far durations lie from their mean: it is the root
//! of the sum of `weight * (weight - 1) * difference^2`, where what scales the sum to the exact count is a part of the weights.

/// Sums over spans whose time counts, with their weights and durations.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Spread {
    /// Of the weights, times 1, the duration, and its square.
    once: [f64; 3],
    /// The same of the squares of the weights.
    twice: [f64; 3],
}

impl Spread {
    /// Adds a span that took so long and stands for so many.
    #[inline]
    pub(super) fn add(&mut self, ns: u64, weight: u64) {
        let (ns, weight) = (ns as f64, weight as f64);
        let mut term = weight;
        for (once, twice) in self.once.iter_mut().zip(&mut self.twice) {
            *once += term;
            *twice += term * weight;
            term *= ns;
        }
    }

    /// The standard error of the sum of weighted durations, if each stands for `scale` times as many: in ns.
    pub(super) fn error(&self, scale: f64) -> f64 {
        let weights = self.once[0];
        if weights == 0.0 || (scale <= 1.0 && self.twice[0] <= weights) {
            return 0.0;
        }
        let mean = self.once[1] / weights;
        let squares = |sums: &[f64; 3]| (sums[2] - 2.0 * mean * sums[1] + mean * mean * sums[0]).max(0.0);
        let squares = (scale * scale * squares(&self.twice) - scale * squares(&self.once)).max(0.0);
        // The mean is of these same spans. If one of them has all the weight, nothing is known of how they differ.
        let known = 1.0 - self.twice[0] / (weights * weights);
        if known > 1e-9 { (squares / known).sqrt() } else { scale * self.once[1] }
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use super::*;

    fn error(spans: &[(u64, u64)], scale: f64) -> f64 {
        let mut spread = Spread::default();
        spans.iter().for_each(|&(ns, weight)| spread.add(ns, weight));
        spread.error(scale)
    }

    #[test]
    fn it_is_the_root_of_the_squares() {
        assert_eq!(error(&[], 1.0), 0.0);
        assert_eq!(error(&[(10, 1), (500, 1)], 1.0), 0.0, "all of them are known");
        assert_eq!(error(&[(123, 7), (123, 1), (123, 90)], 1.0), 0.0, "all took the same");
        // The mean is 20: 2 * 1 * 10^2 twice, of which half is known.
        assert!((error(&[(10, 2), (30, 2)], 1.0) - (400.0_f64 / 0.5).sqrt()).abs() < 1e-9);
        // The same, as weights of 1 that are scaled.
        assert!((error(&[(10, 1), (30, 1)], 2.0) - (400.0_f64 / 0.5).sqrt()).abs() < 1e-9);
    }

    #[test]
    fn of_one_span_that_stands_for_many_nothing_is_known() {
        assert_eq!(error(&[(50, 10)], 1.0), 500.0);
        assert_eq!(error(&[(50, 1)], 10.0), 500.0);
    }
}

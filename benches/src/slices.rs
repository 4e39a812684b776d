//! How things are compared on a machine that does other work too: in turn, in slices of less than a millisecond, of
//! which those count that were [quiet](crate::quiet), by the 10th percentile of each thing.

use std::time::{Duration, Instant};

use crate::clock::ticks;

/// How far the floor's median may be above its 10th percentile.
const LARGEST_SPREAD: f64 = 1.05;

/// The ticks that `what` takes.
#[inline(always)]
pub fn time(what: impl FnOnce()) -> u64 {
    let start = ticks();
    what();
    ticks() - start
}

/// The times of many runs of the same thing, in ticks.
#[derive(Clone, Debug)]
pub struct Times {
    sorted: Vec<u64>,
}

impl Times {
    /// These times.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn new(times: impl IntoIterator<Item = u64>) -> Self {
        let mut sorted: Vec<u64> = times.into_iter().collect();
        assert!(!sorted.is_empty(), "nothing was measured");
        sorted.sort_unstable();
        Self { sorted }
    }

    /// The time that this part of them, from 0 to 1, is not above.
    pub fn quantile(&self, part: f64) -> f64 {
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "an index")]
        let rank = (part * (self.sorted.len() - 1) as f64).round() as usize;
        self.sorted[rank] as f64
    }

    /// The 10th percentile.
    pub fn p10(&self) -> f64 {
        self.quantile(0.1)
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.quantile(0.5)
    }

    /// Whether the machine was too busy while these, a floor's times, were measured.
    pub fn is_void(&self) -> bool {
        self.median() > LARGEST_SPREAD * self.p10()
    }
}

/// Things that were measured together, `N` at a time, each by itself.
pub fn columns<const N: usize>(rows: &[[u64; N]]) -> [Times; N] {
    std::array::from_fn(|at| Times::new(rows.iter().map(|row| row[at])))
}

/// What a row has to say.
#[derive(Clone, Debug)]
pub enum Outcome {
    /// The figure, and what else is worth knowing.
    Measured(f64, String),
    /// The machine was too busy: no figure, and what was seen.
    Void(String),
}

impl Outcome {
    /// The figure, unless the floor's times say that it is worth nothing.
    pub fn of(floors: &[&Times], figure: f64, note: String) -> Self {
        if floors.iter().any(|floor| floor.is_void()) {
            return Self::Void(format!("{figure:.3}, but the floor's median is over 5 % above its p10; {note}"));
        }
        Self::Measured(figure, note)
    }
}

/// How much longer to wait for the machine to be quiet.
#[derive(Clone, Copy, Debug)]
pub struct Patience {
    end: Instant,
}

impl Patience {
    /// Measures until the outcome is not void, with patience for one row.
    pub fn of_row(mut measure: impl FnMut(Self) -> Result<Outcome, Outcome>) -> Outcome {
        let patience = Self::of(Duration::from_secs(30));
        loop {
            let outcome = measure(patience).unwrap_or_else(|void| void);
            if matches!(outcome, Outcome::Measured(..)) || patience.is_over() {
                return outcome;
            }
        }
    }

    /// Patience for one of the processes that a row starts.
    pub fn of_process() -> Self {
        Self::of(Duration::from_secs(6))
    }

    /// Patience for so long.
    #[expect(clippy::disallowed_methods, reason = "a limit, not a measurement")]
    pub fn of(wait: Duration) -> Self {
        Self { end: Instant::now() + wait }
    }

    /// Whether it has been as long.
    #[expect(clippy::disallowed_methods, reason = "a limit, not a measurement")]
    pub fn is_over(self) -> bool {
        Instant::now() > self.end
    }

    /// Calls `more`, which adds what it measured while the machine was quiet, until there are `wanted`.
    ///
    /// # Errors
    ///
    /// A void outcome, if the machine is not quiet for long enough.
    pub fn gather<T>(self, wanted: usize, more: impl FnMut(&mut Vec<T>)) -> Result<Vec<T>, Outcome> {
        self.gather_on(Vec::new(), wanted, more)
    }

    /// The same with what was measured before.
    ///
    /// # Errors
    ///
    /// As [`gather`](Self::gather).
    pub fn gather_on<T>(
        self,
        mut measured: Vec<T>,
        wanted: usize,
        mut more: impl FnMut(&mut Vec<T>),
    ) -> Result<Vec<T>, Outcome> {
        while measured.len() < wanted {
            if self.is_over() {
                return Err(Outcome::Void(format!("{} of {wanted} slices had a core for themselves", measured.len())));
            }
            more(&mut measured);
        }
        Ok(measured)
    }
}

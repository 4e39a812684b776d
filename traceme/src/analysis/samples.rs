//! What is gathered of the samples of one counter.

use super::summary::CounterSummary;
use crate::trace::Value;

#[derive(Clone, Copy, Debug)]
pub(super) struct Samples {
    count: u64,
    min: f64,
    max: f64,
    sum: f64,
    /// What the samples add up to over time, and the time itself.
    area: f64,
    time: u64,
    last: Option<(u64, f64)>,
}

impl Default for Samples {
    fn default() -> Self {
        let (min, max) = (f64::INFINITY, f64::NEG_INFINITY);
        Self { count: 0, min, max, sum: 0.0, area: 0.0, time: 0, last: None }
    }
}

impl Samples {
    /// Takes the next one, at `ns`, if it is a number.
    pub(super) fn add(&mut self, ns: u64, value: Value<'_>) {
        let Some(value) = number(value) else { return };
        self.hold(ns);
        self.last = Some((ns, value));
        self.count += 1;
        self.sum += value;
        self.min = self.min.min(value);
        self.max = self.max.max(value);
    }

    /// The last one holds until `ns`.
    fn hold(&mut self, ns: u64) {
        if let Some((since, value)) = self.last.filter(|&(since, _)| since < ns) {
            self.area += value * (ns - since) as f64;
            self.time = self.time.saturating_add(ns - since);
        }
    }

    /// The figures, in a recording that ends at `end`; `None` if there are no samples.
    pub(super) fn summary(mut self, name: String, unit: String, end: u64) -> Option<CounterSummary> {
        self.hold(end);
        let Self { count, min, max, sum, area, time, last } = self;
        let mean = if time == 0 { sum / count as f64 } else { area / time as f64 };
        last.map(|(_, last)| CounterSummary { name, unit, samples: count, min, max, mean, last })
    }
}

fn number(value: Value<'_>) -> Option<f64> {
    match value {
        Value::U64(number) => Some(number as f64),
        Value::I64(number) => Some(number as f64),
        Value::U128(number) => Some(number as f64),
        Value::I128(number) => Some(number as f64),
        Value::F64(number) => Some(number).filter(|number| !number.is_nan()),
        _ => None,
    }
}

//! What recording costs on this machine, as a reader gets it.

use std::fmt;

use crate::record::time::ClockSource;

/// What recording costs in this process, on this machine, as [`selftest`](crate::selftest()) found it: the median of slices
/// of many events, in ns. Prints as some lines.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Selftest {
    /// The clock.
    pub clock: ClockSource,
    /// To read it. A span reads it twice, an instant once: most of what they cost is that.
    pub clock_read_ns: f64,
    /// A span, its end included.
    pub span_ns: f64,
    /// A span with two integers and a short text.
    pub span_with_values_ns: f64,
    /// An instant.
    pub instant_ns: f64,
    /// An annotation while nothing records, with the loop around it.
    pub not_recording_ns: f64,
}

impl fmt::Display for Selftest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let clock = match self.clock {
            ClockSource::Counter => "a read of the processor's counter",
            ClockSource::Monotonic => "a read of the system's monotonic clock",
            ClockSource::Mock => "a read of a clock that a test sets",
        };
        for (ns, what) in [
            (self.clock_read_ns, clock),
            (self.span_ns, "a span"),
            (self.span_with_values_ns, "a span with two integers and a short text"),
            (self.instant_ns, "an instant"),
            (self.not_recording_ns, "an annotation while nothing records"),
        ] {
            writeln!(f, "{ns:>8.1} ns  {what}")?;
        }
        Ok(())
    }
}

#[cfg(all(test, feature = "serde"))]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]

    use super::*;

    #[test]
    fn it_is_serialised_under_the_names_of_its_fields() {
        let costs = Selftest {
            clock: ClockSource::Counter,
            clock_read_ns: 8.5,
            span_ns: 18.0,
            span_with_values_ns: 19.0,
            instant_ns: 9.0,
            not_recording_ns: 0.25,
        };
        let expected = serde_json::json!({
            "clock": "Counter", "clock_read_ns": 8.5, "span_ns": 18.0, "span_with_values_ns": 19.0, "instant_ns": 9.0,
            "not_recording_ns": 0.25,
        });
        assert_eq!(serde_json::to_value(costs).unwrap(), expected);
    }
}

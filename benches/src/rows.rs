//! The bars, and how each is measured.

mod cost;
mod latency;
mod memory;
mod session;
mod threads;

pub use session::{COLD_SESSION, cold_session};

use crate::report::Bar;
use crate::report::Limit::{AtLeast, AtMost};

/// All bars, in the order of the table.
pub const BARS: [Bar; 15] = [
    Bar { name: "not recording, added ns an annotation", limit: AtMost(0.3), measure: cost::not_recording },
    Bar { name: "span, of two clock reads", limit: AtMost(1.03), measure: cost::span },
    Bar {
        name: "span with 2 integers and 4 bytes of text, of two reads",
        limit: AtMost(1.15),
        measure: cost::span_with_values,
    },
    Bar { name: "instant, of one clock read", limit: AtMost(1.05), measure: cost::instant },
    Bar { name: "bytes a span", limit: AtMost(16.0), measure: memory::span },
    Bar { name: "bytes an instant", limit: AtMost(8.0), measure: memory::instant },
    Bar {
        name: "bytes a span with 2 integers and 4 bytes of text",
        limit: AtMost(48.0),
        measure: memory::span_with_values,
    },
    Bar { name: "heap allocations in the steady state", limit: AtMost(0.0), measure: memory::allocations },
    Bar { name: "1M spans from cold, of two clock reads", limit: AtMost(1.3), measure: session::cold },
    Bar { name: "2 threads against 1, of that of clock reads", limit: AtLeast(0.97), measure: threads::scaling },
    Bar { name: "stop with 1M spans, us", limit: AtMost(200.0), measure: session::stop },
    Bar { name: "decode 1M spans, ns a span", limit: AtMost(5.0), measure: session::decode },
    Bar { name: "latency of a span, p99.9, ns", limit: AtMost(100.0), measure: latency::p99_9 },
    Bar { name: "latency of a span, p99.99, ns", limit: AtMost(2000.0), measure: latency::p99_99 },
    Bar { name: "latency of a refill, median, ns", limit: AtMost(1000.0), measure: latency::refill },
];

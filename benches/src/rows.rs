//! The bars, and how each is measured.

mod callsites;
mod cost;
mod decode;
mod export;
mod fresh;
mod latency;
mod live;
mod memory;
mod not_recording;
mod ring;
mod sampling;
mod session;
mod sums;
mod tasks;
mod threads;
mod trigger;

use crate::report::Bar;
use crate::report::Limit::{AtLeast, AtMost, Within};

/// All bars, in the order of the table.
pub const BARS: [Bar; 40] = [
    Bar { name: "not recording, added ns an annotation", limit: AtMost(0.3), measure: not_recording::added },
    Bar { name: "span, of two clock reads", limit: AtMost(1.03), measure: cost::span },
    Bar {
        name: "span with 2 integers and 4 bytes of text, of two reads",
        limit: AtMost(1.15),
        measure: cost::span_with_values,
    },
    Bar { name: "instant, of one clock read", limit: AtMost(1.05), measure: cost::instant },
    Bar { name: "task with one poll, of four clock reads", limit: AtMost(1.1), measure: tasks::task },
    Bar { name: "further poll of a task, of two clock reads", limit: AtMost(1.05), measure: tasks::poll },
    Bar { name: "bytes a span", limit: AtMost(16.0), measure: memory::span },
    Bar { name: "bytes an instant", limit: AtMost(8.0), measure: memory::instant },
    Bar {
        name: "bytes a span with 2 integers and 4 bytes of text",
        limit: AtMost(48.0),
        measure: memory::span_with_values,
    },
    Bar { name: "heap allocations in the steady state", limit: AtMost(0.0), measure: memory::allocations },
    Bar { name: "1M spans from cold, of two clock reads", limit: AtMost(1.3), measure: session::cold },
    Bar { name: "scaling to 2 threads, of that of clock reads", limit: AtLeast(0.97), measure: threads::scaling },
    Bar { name: "stop with 1M spans, us", limit: AtMost(200.0), measure: session::stop },
    Bar { name: "decode 1M spans, ns a span", limit: AtMost(5.0), measure: decode::flat },
    Bar { name: "decode 1M spans in trees, ns a span", limit: AtMost(5.0), measure: decode::of_trees },
    Bar {
        name: "decode 1M spans, in a process that has sampled, ns a span",
        limit: AtMost(5.0),
        measure: decode::after_a_sample,
    },
    Bar { name: "latency of a span, p99.9, ns", limit: AtMost(100.0), measure: latency::p99_9 },
    Bar { name: "latency of a span, p99.99, ns", limit: AtMost(2000.0), measure: latency::p99_99 },
    Bar {
        name: "latency of a span during snapshots, p99.9, ns",
        limit: AtMost(100.0),
        measure: latency::p99_9_during_snapshots,
    },
    Bar {
        name: "latency of a span during snapshots, p99.99, ns",
        limit: AtMost(2000.0),
        measure: latency::p99_99_during_snapshots,
    },
    Bar { name: "latency of a refill, median, ns", limit: AtMost(1000.0), measure: latency::refill },
    Bar { name: "span in a ring that goes round, of two reads", limit: AtMost(1.03), measure: ring::span },
    Bar { name: "span in a ring, of one in a bounded session", limit: AtMost(1.01), measure: ring::of_bounded },
    Bar { name: "span where only sums are kept, of two reads", limit: AtMost(1.15), measure: sums::span },
    Bar { name: "2 threads for 2 s in a ring, events without room", limit: AtMost(0.0), measure: ring::lost },
    Bar { name: "snapshot of 64 MiB, us", limit: AtMost(20_000.0), measure: ring::snapshot },
    Bar { name: "span while a trigger watches, of two reads", limit: AtMost(1.03), measure: trigger::span },
    Bar { name: "from a firing to the dump, ms", limit: AtMost(10.0), measure: trigger::delay },
    Bar { name: "from an event to a sink, ms", limit: AtMost(50.0), measure: live::delay },
    Bar { name: "from an event to a sink, beside work, ms", limit: AtMost(50.0), measure: live::delay_beside_work },
    Bar { name: "toggling 10,000 callsites, ms", limit: AtMost(1.0), measure: callsites::toggle },
    Bar {
        name: "span that sampling leaves out, ns added to one of 40 ns",
        limit: AtMost(1.5),
        measure: sampling::left_out,
    },
    Bar { name: "budget of 1 %, points measured", limit: Within(0.7, 1.3), measure: sampling::budget },
    Bar { name: "budget of 1 %, events not accounted for", limit: AtMost(0.0), measure: sampling::unaccounted },
    Bar { name: "export to Perfetto, M spans/s", limit: AtLeast(5.0), measure: export::perfetto },
    Bar { name: "export to Chrome JSON, M spans/s", limit: AtLeast(3.0), measure: export::chrome },
    Bar { name: "export, MiB that the peak of memory rises", limit: AtMost(32.0), measure: export::growth },
    Bar { name: "Perfetto, bytes a span", limit: AtMost(28.0), measure: export::bytes },
    Bar { name: "Perfetto, bytes a span, compressed", limit: AtMost(10.0), measure: export::compressed_bytes },
    Bar {
        name: "record and save 1M spans, of tracing-chrome's time",
        limit: AtMost(1.0),
        measure: export::of_tracing_chrome,
    },
];

/// What a process of its own, started with this argument to measure something, is to print; `None` if it is another
/// argument.
pub fn in_fresh_process(argument: &str) -> Option<String> {
    match argument {
        session::COLD_SESSION => Some(session::cold_session()),
        export::GROWTH => Some(export::growths()),
        export::RECORD_AND_SAVE => Some(export::record_and_save()),
        export::TRACING_CHROME => Some(export::tracing_chrome()),
        not_recording::ADDED_BY_SHAPE => Some(not_recording::added_by_shape()),
        _ => decode::kind(argument).map(decode::of_trace),
    }
}

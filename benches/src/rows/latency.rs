//! How long a writer is held up, at worst.

use crate::clock::{ns_per_tick, pairs, ticks};
use crate::sessions::{assert_whole, start, start_in, warm_up};
use crate::slices::{Outcome, Times};
use crate::subjects::spans;

/// Spans in a session, all in memory that was used before.
const SPANS: u64 = 500_000;
const SESSIONS: u64 = 8;

/// The times of single spans.
struct Latencies {
    spans: Times,
    /// The same for two reads of the clock: what the machine itself does to a thread.
    reads: Times,
    /// Of `spans`, those that went on in a new chunk, and those right before them.
    refills: Times,
    before_refills: Times,
    ns_per_tick: f64,
}

pub(super) fn p99_9() -> Outcome {
    quantile(0.999)
}

pub(super) fn p99_99() -> Outcome {
    quantile(0.9999)
}

fn quantile(part: f64) -> Outcome {
    let latencies = measure();
    let ns = |times: &Times, part| times.quantile(part) * latencies.ns_per_tick;
    let note = format!(
        "of {} spans, median {:.0}; two clock reads {:.0}, median {:.0}",
        SPANS * SESSIONS,
        ns(&latencies.spans, 0.5),
        ns(&latencies.reads, part),
        ns(&latencies.reads, 0.5)
    );
    Outcome::Measured(ns(&latencies.spans, part), note)
}

pub(super) fn refill() -> Outcome {
    let latencies = measure();
    let ns = |times: &Times, part| times.quantile(part) * latencies.ns_per_tick;
    let (median, before) = (ns(&latencies.refills, 0.5), ns(&latencies.before_refills, 0.5));
    assert!(median > 1.5 * before, "the refills are not where they should be: {median} ns, {before} ns before");
    let note = format!(
        "p10 {:.0}, p90 {:.0}, worst {:.0}; the span before {before:.0}",
        ns(&latencies.refills, 0.1),
        ns(&latencies.refills, 0.9),
        ns(&latencies.refills, 1.0)
    );
    Outcome::Measured(median, note)
}

fn measure() -> Latencies {
    warm_up();
    let chunk = spans_in_a_chunk();
    let mut latencies = Latencies {
        spans: Times::with_capacity(SPANS * SESSIONS),
        reads: Times::with_capacity(SPANS * SESSIONS),
        refills: Times::default(),
        before_refills: Times::default(),
        ns_per_tick: ns_per_tick(),
    };
    for _ in 0..SESSIONS {
        let session = start();
        let first = latencies.spans.len();
        each(&mut latencies.spans, spans);
        assert_whole(&session.stop(), SPANS);
        each(&mut latencies.reads, pairs);
        let of_session = &latencies.spans.all()[first..];
        for refill in of_session.chunks(chunk).skip(1) {
            latencies.refills.add(refill[0]);
        }
        for chunk in of_session.chunks_exact(chunk) {
            latencies.before_refills.add(chunk[chunk.len() - 1]);
        }
    }
    latencies
}

/// Times each of a session's calls by itself.
#[inline(always)]
fn each(times: &mut Times, what: fn(u64)) {
    for _ in 0..SPANS {
        let start = ticks();
        what(1);
        times.add(ticks() - start);
    }
}

/// How many spans a chunk holds.
fn spans_in_a_chunk() -> usize {
    let session = start_in(1);
    spans(20_000);
    let trace = session.stop();
    assert!(trace.losses().total() > 0, "the chunk was not full");
    usize::try_from(trace.event_count()).expect("a chunk's spans")
}

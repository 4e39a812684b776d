//! What events take of memory.

use std::hint::black_box;

use traceme::Trace;
use traceme::trace::Cause;

use crate::allocations::count;
use crate::sessions::{CHUNK_BYTES, assert_whole, start, start_in, warm_up};
use crate::slices::Outcome;
use crate::subjects::{APPEND, COUNTER, INSTANT, SPAN, SPAN_WITH_LONG_TEXT, SPAN_WITH_VALUES, Subject};

pub(super) fn span() -> Outcome {
    bytes(SPAN)
}

pub(super) fn instant() -> Outcome {
    bytes(INSTANT)
}

pub(super) fn span_with_values() -> Outcome {
    bytes(SPAN_WITH_VALUES)
}

/// The bytes of an event: a record is whole words, and what a chunk says of itself is far less than a word an event,
/// so the words of a session by the events that fit it, rounded, are those of an event.
fn bytes(subject: Subject) -> Outcome {
    const CHUNKS: u64 = 4;
    let attempted = 2 * CHUNKS * CHUNK_BYTES / subject.bytes;
    let session = start_in(CHUNKS);
    (subject.record)(attempted);
    let trace = session.stop();
    let fitted = trace.event_count();
    assert_full(&trace, attempted);
    let raw = (CHUNKS * CHUNK_BYTES) as f64 / fitted as f64;
    let note = format!("{fitted} in {CHUNKS} chunks of 256 KiB: {raw:.3} with what a chunk says of itself");
    Outcome::Measured((raw / 8.0).round() * 8.0, note)
}

/// Checks that the session was full, and that every event is accounted for.
fn assert_full(trace: &Trace, attempted: u64) {
    let losses = trace.losses();
    assert!(losses.by_cause(Cause::Full) > 0, "the session was not full: {losses:?}");
    assert_eq!(trace.event_count() + losses.by_cause(Cause::Full), attempted, "{losses:?}");
}

/// The heap allocations of a thread that records, after its first event.
pub(super) fn allocations() -> Outcome {
    const EACH: u64 = 50_000;
    const SUBJECTS: [Subject; 6] = [SPAN, SPAN_WITH_VALUES, SPAN_WITH_LONG_TEXT, INSTANT, COUNTER, APPEND];
    warm_up();
    assert_ne!(count(|| drop(black_box(Box::new(1)))), 0, "the allocator doesn't count");
    let session = start();
    for subject in SUBJECTS {
        (subject.record)(2);
    }
    let allocations = count(|| {
        for subject in SUBJECTS {
            (subject.record)(EACH);
        }
    });
    let events = (EACH + 2) * SUBJECTS.len() as u64;
    assert_whole(&session.stop(), events);
    Outcome::Measured(allocations as f64, format!("in {events} events of {} kinds", SUBJECTS.len()))
}

//! Sessions to measure in, and the check that they recorded what they were given.

use traceme::{Memory, Session, Trace};

use crate::subjects::Subject;

/// A chunk: what memory is bounded in. [`Memory::bounded`] documents it.
pub const CHUNK_BYTES: u64 = 256 << 10;

/// How many bytes of events a session takes that finds all its memory used before: more than this, and pages go back
/// to the system when the session before is dropped.
const STEADY_BYTES: u64 = 10 << 20;

/// Starts a session that records everything.
pub fn start() -> Session {
    Session::builder().start().expect("no session runs")
}

/// Starts a session that records what a filter says.
pub fn start_with(filter: &str) -> Session {
    Session::builder().filter(filter).start().expect("no session runs")
}

/// Starts a session with a bound in chunks.
pub fn start_in(chunks: u64) -> Session {
    let bytes = usize::try_from(chunks * CHUNK_BYTES).expect("memory that can be addressed");
    Session::builder().memory(Memory::bounded(bytes)).start().expect("no session runs")
}

/// Checks that a trace holds exactly so many events, and that nothing was lost.
pub fn assert_whole(trace: &Trace, events: u64) {
    assert_eq!(trace.event_count(), events, "{:?}", trace.losses());
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
}

/// How many slices of `count` of the subject a session takes in memory that was used before.
pub fn steady_slices(subject: &Subject, count: u64) -> u64 {
    STEADY_BYTES / (subject.bytes * count)
}

/// Leaves memory that was used behind, as much as the sessions that follow need.
pub fn warm_up() {
    let count = STEADY_BYTES / crate::subjects::SPAN.bytes;
    let session = start();
    crate::subjects::spans(count);
    assert_whole(&session.stop(), count);
}

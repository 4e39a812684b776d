//! Events while the session runs.

use crate::trace::Trace;

/// Something that takes a session's events while it runs: a log, a dashboard.
///
/// A session with a sink has a thread of its own, `traceme-sink`, which calls it; writers never wait for it. Each
/// batch holds the chunks that have become full since the last one, and the last batch, when the session stops,
/// all the rest: every recorded event is in exactly one batch. A span that began in an earlier chunk of its
/// thread is in the batch too, without its metadata; a span still open is marked incomplete.
///
/// Of a [ring](crate::Memory::ring), chunks that are overwritten before the next batch, within 10 ms or while a sink takes
/// longer, are in none. The last batch tells of all that was overwritten, whether it was in a batch or not.
pub trait Sink: Send {
    /// Takes the next events. The session's trace has them all the same.
    fn batch(&mut self, batch: &Trace);
}

//! Events while the session runs.

use crate::trace::Trace;

/// Something that takes a session's events while it runs: a log, a dashboard.
///
/// A session with a sink has a thread of its own, `traceme-sink`, which calls it; writers never wait for it. Each
/// batch holds what was recorded since the last one, and the last batch, when the session stops, all the rest: every
/// recorded event is in exactly one batch. A span that is open at the seam is in both, [marked](crate::trace::Flags): as
/// incomplete in the first one, as continuing in the next.
///
/// Of a [ring](crate::Memory::ring), what is overwritten before the next batch, within 10 ms or while a sink takes
/// longer, is in none: the next batch has it among its losses. All other losses are in the last batch.
pub trait Sink: Send {
    /// Takes the next events. The session's trace has them all the same.
    fn batch(&mut self, batch: &Trace);
}

//! Events that others record: a GPU's, a simulator's, those of another tracer.

use crate::error::Error;
use crate::trace::TraceBuilder;

/// Something that records events of its own while a session runs, and adds them to the session's trace.
///
/// A session calls [`start`](Self::start) before it records, [`stop`](Self::stop) when it has stopped, and
/// [`collect`](Self::collect) last, each once, on the thread that starts and stops the session.
pub trait Source: Send {
    /// Begins to record.
    ///
    /// # Errors
    ///
    /// Whatever keeps it from recording, made with [`Error::source`]: then the session doesn't start, and the
    /// sources that had started are stopped.
    fn start(&mut self) -> Result<(), Error>;

    /// Ends recording.
    fn stop(&mut self);

    /// Adds the tracks and events that were recorded.
    fn collect(&mut self, trace: &mut TraceBuilder);
}

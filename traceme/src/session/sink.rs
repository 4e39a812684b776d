//! Events while the session runs.

use crate::session::theirs::Theirs;
use crate::trace::{Selection, Trace};

/// Something that takes a session's events while it runs: a log, a dashboard.
///
/// A session with a sink has a thread of its own, `traceme-sink`, which calls it every 12 ms, if anything was recorded since
/// the last time, and once more when the session stops. Each batch holds what was recorded meanwhile, of all threads, busy or
/// not: every event is in exactly one. Writers never wait for a sink. [`Builder::sink`](super::Builder::sink) gives it
/// everything, [`sink_of`](super::Builder::sink_of) a part that is chosen by level, by callsite or by chance.
///
/// A span that is open between two batches is in both, if its thread records anything in the second one's time, with its true
/// start: in the first one it is [incomplete](crate::trace::Flags::is_incomplete), in the next it
/// [continues](crate::trace::Flags::is_continuing). So a span with an end is in one batch, the one in whose time it ended. The
/// same holds for activities, which continue in the batch that they end in. Metadata is repeated, but not that of a span
/// that began in an earlier chunk: 256 KiB of its thread's events ago.
///
/// A slow sink holds up the others, and nobody else. What is recorded meanwhile waits for it in the session's memory, and goes
/// into one large batch. Of a [ring](crate::Memory::ring), what is overwritten before that is among the next batch's
/// [losses](Trace::losses), to the unit. While it looks at a batch, that keeps its chunks from being used again, as a
/// [snapshot](crate::Session::snapshot) does. Other losses, and what is late, are in the last batch, or in the one behind a
/// [rotation](crate::Session::rotate). So the events and the losses of all batches are what was attempted.
///
/// A sink that panics is called no more; if it panics when it is dropped, the panic ends there.
///
/// A function that takes a batch is a sink.
///
/// ```
/// use std::time::Duration;
/// use traceme::{Session, Trace, traceme};
///
/// #[traceme]
/// fn work() {}
///
/// // Prints spans that took long, as they end.
/// let slow = |batch: &Trace| {
///     for span in batch.spans() {
///         // What is still open has no duration yet.
///         let Some(duration) = span.duration().map(Duration::from_nanos) else { continue };
///         if duration >= Duration::from_millis(5) {
///             eprintln!("{} took {duration:?} on {}", span.name(), span.track().name);
///         }
///     }
///     if batch.losses().total() > 0 {
///         eprintln!("{} events were lost", batch.losses().total());
///     }
/// };
/// let session = Session::builder().sink_of("info", slow).start()?;
/// work();
/// drop(session);
/// # Ok::<(), traceme::Error>(())
/// ```
pub trait Sink: Send {
    /// Takes the next events. The session's trace has them all the same.
    fn batch(&mut self, batch: &Trace);
}

impl<F: FnMut(&Trace) + Send> Sink for F {
    fn batch(&mut self, batch: &Trace) {
        self(batch);
    }
}

/// A sink, and what it is shown, if not everything.
pub(super) type Taker = (Option<Selection>, Theirs<Box<dyn Sink>>);

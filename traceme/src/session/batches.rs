//! What a session's sinks are given while it runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::record::chunk::{Reader, Recorded};
use crate::record::held::Held;
use crate::record::recorder::{self, Recording, Started};
use crate::record::supply::Supply;
use crate::session::Sink;
use crate::trace::{Trace, TraceBuilder};

pub(super) struct Batches {
    sinks: Vec<Box<dyn Sink>>,
    started: Started,
    /// Holds the chunks. Those that the sinks have had are closed.
    supply: Arc<Supply>,
}

impl Batches {
    pub(super) fn new(recording: &Recording, sinks: Vec<Box<dyn Sink>>) -> Self {
        Self { sinks, started: recording.started(), supply: recording.supply() }
    }

    /// Gives the chunks that have become full since the last batch.
    pub(super) fn give_full(&mut self) {
        if self.sinks.is_empty() {
            return;
        }
        let chunks = self.supply.with_held(Held::close_finished);
        if !chunks.is_empty() {
            self.give(Recorded { chunks, shared: recorder::is_shared(), ..Recorded::of(self.started.clock()) });
        }
    }

    /// Stops the recording, and gives all that the sinks haven't had.
    pub(super) fn finish(mut self, recording: Recording) -> Recorded {
        let recorded = recording.stop();
        if !self.sinks.is_empty() {
            let rest = recorded.chunks.get(recorded.closed_before..).unwrap_or_default();
            let chunks = rest.iter().map(Reader::share).collect();
            let (lost, shared) = (recorded.lost.clone(), recorded.shared);
            self.give(Recorded { chunks, lost, shared, ..Recorded::of(recorded.clock) });
        }
        recorded
    }

    /// A sink that panics gets no further batch.
    fn give(&mut self, batch: Recorded) {
        let batch = Trace::new(batch, TraceBuilder::default());
        self.sinks.retain_mut(|sink| catch_unwind(AssertUnwindSafe(|| sink.batch(&batch))).is_ok());
    }
}

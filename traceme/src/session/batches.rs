//! What a session's sinks are given while it runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::record::chunk::{News, Recorded};
use crate::record::held::Held;
use crate::record::loss::Cause;
use crate::record::recorder::{self, Recording};
use crate::record::running::Started;
use crate::record::supply::Supply;
use crate::session::Sink;
use crate::trace::{Trace, TraceBuilder};

pub(super) struct Batches {
    sinks: Vec<Box<dyn Sink>>,
    started: Started,
    /// Holds the chunks, and remembers how far the sinks have had them.
    supply: Arc<Supply>,
}

impl Batches {
    pub(super) fn new(recording: &Recording, sinks: Vec<Box<dyn Sink>>) -> Self {
        let supply = recording.supply();
        if !sinks.is_empty() {
            supply.with_held(Held::go_live);
        }
        Self { sinks, started: recording.started(), supply }
    }

    /// Gives what was recorded since the last batch.
    pub(super) fn give_news(&mut self) {
        if self.sinks.is_empty() {
            return;
        }
        let News { chunks, missed } = self.supply.with_held(|held| held.news(false));
        if !chunks.is_empty() {
            let lost = missed.into_iter().collect();
            self.give(Recorded { chunks, lost, shared: recorder::is_shared(), ..Recorded::of(self.started.clock()) });
        }
    }

    /// Stops the recording, and gives all that the sinks haven't had.
    pub(super) fn finish(mut self, recording: Recording) -> Recorded {
        let mut recorded = recording.stop();
        let News { chunks, missed } = std::mem::take(&mut recorded.news);
        if !self.sinks.is_empty() {
            let others = recorded.lost.iter().filter(|lost| lost.cause != Cause::Overwritten).copied();
            let (lost, shared) = (others.chain(missed).collect(), recorded.shared);
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

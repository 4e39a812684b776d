//! What a session's sinks are given while it runs.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use crate::record::chunk::{News, Recorded};
use crate::record::loss::{Cause, Lost};
use crate::record::recorder::{self, Recording};
use crate::record::running::Started;
use crate::record::supply::Supply;
use crate::session::sink::Taker;
use crate::trace::{Carried, Trace};

pub(super) struct Batches {
    sinks: Vec<Taker>,
    started: Started,
    /// Holds the chunks, and remembers how far the sinks have had them.
    supply: Arc<Supply>,
    /// What the last batch left to the next one.
    carried: Carried,
}

impl Batches {
    pub(super) fn new(recording: &Recording, sinks: Vec<Taker>) -> Self {
        let supply = recording.supply();
        if !sinks.is_empty() {
            supply.with_held(|held| held.set_live(true));
        }
        Self { sinks, started: recording.started(), supply, carried: Carried::for_the_first() }
    }

    /// Gives what was recorded since the last batch, if there is anything.
    pub(super) fn give_news(&mut self) {
        if self.sinks.is_empty() {
            return;
        }
        let News { chunks, missed, lost } = self.supply.with_held(|held| held.news(false));
        let lost: Vec<Lost> = lost.into_iter().chain(missed).collect();
        if chunks.is_empty() && lost.is_empty() {
            return;
        }
        let carried = std::mem::take(&mut self.carried);
        let shared = recorder::is_shared();
        self.carried = self.give(Recorded { chunks, lost, shared, ..Recorded::of(self.started.clock()) }, carried);
        if self.sinks.is_empty() {
            // All have panicked: nobody takes what would be kept for them.
            self.supply.with_held(|held| held.set_live(false));
        }
    }

    /// Stops the recording, and gives all that the sinks haven't had.
    pub(super) fn finish(mut self, recording: Recording) -> Recorded {
        let mut recorded = recording.stop();
        let News { chunks, missed, lost } = std::mem::take(&mut recorded.news);
        if !self.sinks.is_empty() {
            let others = recorded.lost.iter().filter(|lost| lost.cause != Cause::Overwritten).copied();
            let (lost, Recorded { late, shared, clock, .. }) =
                (lost.into_iter().chain(missed).chain(others), &recorded);
            let last = Recorded { chunks, lost: lost.collect(), late: *late, shared: *shared, ..Recorded::of(*clock) };
            let carried = std::mem::take(&mut self.carried).for_the_last();
            self.give(last, carried);
        }
        recorded
    }

    /// Gives a batch to each sink; one that panics gets no other. What the batch leaves to the next one is given back.
    fn give(&mut self, batch: Recorded, carried: Carried) -> Carried {
        let batch = Trace::batch(batch, carried);
        self.sinks.retain_mut(|(selection, sink)| {
            let selected = selection.as_ref().map(|selection| batch.select(selection));
            catch_unwind(AssertUnwindSafe(|| sink.batch(selected.as_ref().unwrap_or(&batch)))).is_ok()
        });
        batch.carry_on()
    }
}

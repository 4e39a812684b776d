//! What a session's sinks are given while it runs.

use crate::record::chunk::{News, Recorded};
use crate::record::loss::Cause;
use crate::record::running::View;
use crate::session::sink::Taker;
use crate::trace::{Carried, Trace};

/// In how many periods of the session's thread there is one batch: what fires can't wait as long as a sink can.
const PERIODS: u32 = 3;

pub(super) struct Batches {
    sinks: Vec<Taker>,
    /// Counts periods.
    periods: u32,
    view: View,
    /// When the last batch ended, in ticks; 0 before the first.
    since: u64,
    /// What the last batch left to the next one.
    carried: Carried,
}

impl Batches {
    pub(super) fn new(view: View, sinks: Vec<Taker>) -> Self {
        Self { sinks, periods: 0, view, since: 0, carried: Carried::for_the_first() }
    }

    /// Gives what was recorded since the last batch, if it is time for another and there is anything.
    pub(super) fn give_news(&mut self) {
        self.periods = self.periods.wrapping_add(1);
        if self.sinks.is_empty() || self.periods % PERIODS != 0 {
            return;
        }
        let news = self.view.news();
        if news.chunks.is_empty() && news.lost.is_empty() {
            return;
        }
        let carried = std::mem::take(&mut self.carried);
        self.carried = self.give(news, carried);
        if self.sinks.is_empty() {
            // All have panicked: nobody takes what would be kept for them.
            self.view.end_live();
        }
    }

    /// Gives all that the sinks haven't had of what was recorded.
    pub(super) fn finish(mut self, recorded: &mut Recorded) {
        let News { chunks, missed, mut lost } = std::mem::take(&mut recorded.news);
        if !self.sinks.is_empty() {
            lost.extend(missed);
            lost.extend(recorded.lost.iter().filter(|lost| lost.cause != Cause::Overwritten));
            let Recorded { late, shared, clock, .. } = *recorded;
            let carried = std::mem::take(&mut self.carried).for_the_last();
            self.give(Recorded { chunks, lost, late, shared, ..Recorded::of(clock) }, carried);
        }
    }

    /// Gives a batch to each sink; one that panics gets no other. What the batch leaves to the next one is given back.
    fn give(&mut self, batch: Recorded, carried: Carried) -> Carried {
        let since = std::mem::replace(&mut self.since, batch.clock.stop.ticks);
        let batch = Trace::batch(Recorded { since, ..batch }, carried);
        self.sinks.retain_mut(|(selection, sink)| {
            let selected = selection.as_ref().map(|selection| batch.select(selection));
            sink.call(|sink| sink.batch(selected.as_ref().unwrap_or(&batch)))
        });
        batch.carry_on()
    }
}

//! A session that keeps no events: what it records is summed up, and forgotten.

use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use crate::analysis::Sums;
use crate::callsite::CallsiteKind;
use crate::error::Error;
use crate::record::chunk::Recorded;
use crate::record::loss::Lost;
use crate::record::recorder;
use crate::record::running::View;
use crate::session::threads;
use crate::sync::lock;
use crate::trace::{Trace, TraceBuilder};

/// How often full chunks are summed up. At one span every 25 ns a thread fills 6 MiB meanwhile.
const PERIOD: Duration = Duration::from_millis(10);

/// The thread that sums up, as its session sees it. A thread of its own: a sink may take its time, this may not.
#[derive(Debug)]
pub(super) struct Summing {
    figures: Figures,
    /// Ends the thread once it is dropped.
    running: Sender<()>,
    thread: JoinHandle<()>,
}

/// What was summed up, for whoever asks.
#[derive(Clone, Debug)]
pub(super) struct Figures {
    summed: Arc<Mutex<Summed>>,
    view: View,
}

/// What was summed up since the start, or since the last rotation.
#[derive(Clone, Debug, Default)]
struct Summed {
    sums: Sums,
    /// By cause and callsite.
    lost: Vec<Lost>,
    missed_alerts: u64,
    /// Since when, in ticks.
    since: u64,
}

impl Summing {
    pub(super) fn start(view: View) -> Result<Self, Error> {
        let figures = Figures { summed: Arc::default(), view };
        let (running, stopped) = bounded::<()>(0);
        let theirs = figures.clone();
        let run = move || {
            while stopped.recv_timeout(PERIOD) == Err(RecvTimeoutError::Timeout) {
                let full = !have_made_names();
                // Taken with the lock held: parts are added in the order in which they were recorded.
                let mut summed = lock(&theirs.summed);
                summed.add(theirs.view.take(full), None);
            }
        };
        Ok(Self { figures, running, thread: threads::start("traceme-sums", run)? })
    }

    pub(super) fn figures(&self) -> &Figures {
        &self.figures
    }

    /// Ends the thread.
    pub(super) fn end(self) -> Figures {
        drop(self.running);
        // One that has panicked has left its sums as they were.
        let _ = self.thread.join();
        self.figures
    }
}

/// Whether there are tasks whose names are made at run time. Their polls have none: it is where the task begins, which can be in
/// a chunk of another thread that isn't full for long.
fn have_made_names() -> bool {
    recorder::callsites().iter().any(|callsite| callsite.kind == CallsiteKind::Task && callsite.name.is_empty())
}

impl Figures {
    /// The sums up to now.
    pub(super) fn snapshot(&self) -> Trace {
        let mut summed = lock(&self.summed);
        let end = summed.add(self.view.take(false), None);
        summed.trace(end)
    }

    /// How many events are in the sums, or were lost or left out.
    pub(super) fn attempts(&self) -> u64 {
        let losses = self.snapshot().summary().losses;
        losses.recorded + losses.lost + losses.left_out
    }

    /// The sums since the last call of this. What is open goes on.
    pub(super) fn rotate(&self) -> Trace {
        let mut summed = lock(&self.summed);
        let end = summed.add(self.view.take(false), None);
        let since = end.clock.stop.ticks;
        let trace = summed.trace(end);
        *summed = Summed { sums: summed.sums.next(trace.duration()), since, ..Summed::default() };
        trace
    }

    /// The sums of all, with the last part of what was recorded, and what others did.
    pub(super) fn finish(&self, recorded: Recorded, given: TraceBuilder) -> Trace {
        let mut summed = lock(&self.summed).clone();
        let late = recorded.late;
        let end = summed.add(recorded, Some(given));
        summed.trace(Recorded { late, ..end })
    }
}

impl Summed {
    /// Adds a part; gives a recording of nothing that ends where it does.
    fn add(&mut self, part: Recorded, given: Option<TraceBuilder>) -> Recorded {
        self.missed_alerts += part.missed_alerts;
        part.lost.iter().for_each(|lost| self.lose(*lost));
        let end = Recorded { since: self.since, budget: part.budget, ..Recorded::of(part.clock) };
        if !part.chunks.is_empty() || !part.lost.is_empty() {
            self.sums.add(part);
        }
        given.into_iter().for_each(|given| self.sums.add_given(given));
        end
    }

    fn lose(&mut self, lost: Lost) {
        let same = self.lost.iter_mut().find(|same| (same.cause, same.callsite) == (lost.cause, lost.callsite));
        match same {
            Some(same) => *same = same.and(lost),
            None => self.lost.push(lost.nobodys()),
        }
    }

    fn trace(&self, end: Recorded) -> Trace {
        let (lost, missed_alerts) = (self.lost.clone(), self.missed_alerts);
        let rest = Trace::new(Recorded { lost, missed_alerts, ..end }, TraceBuilder::default());
        let summary = self.sums.clone().summary(&rest);
        rest.with_figures(summary)
    }
}

//! The thread that feeds a session's sinks, and calls its handlers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use crate::error::Error;
use crate::record::alert::{self, Alerts, Waiting};
use crate::record::chunk::{Reader, Recorded};
use crate::record::held::Held;
use crate::record::recorder::{self, Recording, Started};
use crate::record::supply::Supply;
use crate::session::Sink;
use crate::session::alert::{Alert, Handler};
use crate::trace::{Trace, TraceBuilder};

/// How often the thread looks for full chunks and alerts.
const PERIOD: Duration = Duration::from_millis(10);

pub(super) struct Feed {
    /// Takes the recording to be stopped.
    stop: Sender<Recording>,
    thread: JoinHandle<Option<Recorded>>,
}

struct Batches {
    sinks: Vec<Box<dyn Sink>>,
    started: Started,
    /// Holds the chunks. Those that the sinks have had are closed.
    supply: Arc<Supply>,
}

/// The handlers of alerts, and the alerts that wait for them.
pub(super) struct Telling {
    handlers: Vec<Handler>,
    alerts: Waiting,
    /// Alerts for which no handler was left.
    missed: u64,
}

impl Feed {
    pub(super) fn start(recording: &Recording, sinks: Vec<Box<dyn Sink>>, mut telling: Telling) -> Result<Self, Error> {
        let mut batches = Batches { sinks, started: recording.started(), supply: recording.supply() };
        let (stop, stopped) = bounded::<Recording>(1);
        let run = move || loop {
            match stopped.recv_timeout(PERIOD) {
                Err(RecvTimeoutError::Timeout) => {
                    batches.give_full();
                    telling.tell();
                }
                Err(RecvTimeoutError::Disconnected) => return None,
                Ok(recording) => {
                    let mut recorded = batches.finish(recording);
                    // All that was sent before the stop is in the queue.
                    telling.tell();
                    recorded.missed_alerts += telling.missed;
                    return Some(recorded);
                }
            }
        };
        let thread = Builder::new().name("traceme-sink".into()).spawn(run);
        let thread =
            thread.map_err(|error| Error::memory(format!("the thread of the sinks can't be started: {error}")))?;
        Ok(Self { stop, thread })
    }

    /// Stops the recording, and gives the sinks what they haven't had.
    pub(super) fn stop(self, recording: Recording) -> Recorded {
        match self.stop.send(recording) {
            // A thread that ends with nothing has panicked, though not in a sink, whose panics are caught.
            Ok(()) => self.thread.join().ok().flatten().unwrap_or_default(),
            Err(returned) => returned.into_inner().stop(),
        }
    }
}

impl Batches {
    fn give_full(&mut self) {
        if self.sinks.is_empty() {
            return;
        }
        let chunks = self.supply.with_held(Held::close_finished);
        if !chunks.is_empty() {
            self.give(Recorded { chunks, shared: recorder::is_shared(), ..Recorded::of(self.started.clock()) });
        }
    }

    fn finish(mut self, recording: Recording) -> Recorded {
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

impl Telling {
    /// Handlers, and the end of their queue that the recorder has; none if there is no handler.
    pub(super) fn of(handlers: Vec<Handler>) -> (Option<Alerts>, Self) {
        if handlers.is_empty() {
            return (None, Self { handlers, alerts: Waiting::nothing(), missed: 0 });
        }
        let (sent, alerts) = alert::queue();
        (Some(sent), Self { handlers, alerts, missed: 0 })
    }

    pub(super) fn is_empty(&self) -> bool {
        self.handlers.is_empty()
    }

    /// Tells what is in the queue now: not what a handler that traces adds meanwhile.
    fn tell(&mut self) {
        let waiting = self.alerts.count();
        if waiting == 0 {
            return;
        }
        let callsites = recorder::callsites();
        for _ in 0..waiting {
            let Some(alert) = self.alerts.take() else { return };
            let at = usize::try_from(alert.callsite).unwrap_or(0).wrapping_sub(1);
            let Some(&callsite) = callsites.get(at) else { continue };
            let (duration, limit) = (Duration::from_nanos(alert.duration), Duration::from_nanos(alert.limit));
            let alert = Alert { callsite, duration, limit, os_tid: alert.os_tid };
            self.missed += u64::from(self.handlers.is_empty());
            // A handler that panics is told nothing more.
            self.handlers.retain_mut(|handler| catch_unwind(AssertUnwindSafe(|| handler(&alert))).is_ok());
        }
    }
}

//! The thread that feeds a session's sinks, and calls its handlers.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::thread::{Builder, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use crate::error::Error;
use crate::record::alert::{self, Alerts, Waiting};
use crate::record::chunk::Recorded;
use crate::record::recorder::{self, Recording};
use crate::session::Sink;
use crate::session::alert::{Alert, Handler};
use crate::session::batches::Batches;

/// How often the thread looks for full chunks and alerts.
const PERIOD: Duration = Duration::from_millis(10);

pub(super) struct Feed {
    /// Takes the recording to be stopped.
    stop: Sender<Recording>,
    thread: JoinHandle<Option<Recorded>>,
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
        let mut batches = Batches::new(recording, sinks);
        let (stop, stopped) = bounded::<Recording>(1);
        let run = move || loop {
            match stopped.recv_timeout(PERIOD) {
                Err(RecvTimeoutError::Timeout) => {
                    batches.give_news();
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

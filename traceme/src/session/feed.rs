//! The thread of a session: it feeds the sinks, and acts on what fires.

use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use crate::error::Error;
use crate::record::chunk::Recorded;
use crate::record::recorder::Recording;
use crate::session::batches::Batches;
use crate::session::exit;
use crate::session::rules::{Rules, Shared};
use crate::session::sink::Taker;
use crate::session::threads;

/// How often the thread looks for what has fired, and every third time for events: nobody wakes it, because that takes a lock.
const PERIOD: Duration = Duration::from_millis(4);

pub(super) struct Feed {
    /// Takes the recording to be stopped.
    stop: Sender<Recording>,
    thread: JoinHandle<Option<Recorded>>,
}

/// Says that the thread is through, however it ends.
struct Over(Arc<Shared>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Feed {
    pub(super) fn start(recording: &Recording, sinks: Vec<Taker>, shared: &Arc<Shared>) -> Result<Self, Error> {
        let mut batches = Batches::new(recording, sinks);
        let mut rules = Rules::new(recording.view(), Arc::clone(shared));
        let over = Over(Arc::clone(shared));
        let (stop, stopped) = bounded::<Recording>(1);
        let run = move || {
            let _over = over;
            exit::mark_thread();
            loop {
                match stopped.recv_timeout(PERIOD) {
                    Err(RecvTimeoutError::Timeout) => {
                        rules.round(None);
                        batches.give_news();
                    }
                    Err(RecvTimeoutError::Disconnected) => return None,
                    Ok(recording) => {
                        // What has fired by now is acted on while the session is whole.
                        rules.round(None);
                        let mut recorded = batches.finish(recording);
                        // All that was sent before the stop is in the queue.
                        rules.round(Some(&recorded));
                        recorded.missed_alerts += rules.missed();
                        return Some(recorded);
                    }
                }
            }
        };
        Ok(Self { stop, thread: threads::start("traceme-sink", run)? })
    }

    /// Stops the recording, acts on what has fired before, and gives the sinks what they haven't had.
    pub(super) fn stop(self, recording: Recording) -> Recorded {
        // Of an action that stops its own session: the thread can't wait for itself.
        if self.thread.thread().id() == thread::current().id() {
            return recording.stop();
        }
        match self.stop.send(recording) {
            // A thread that ends with nothing has panicked, though not in a sink, whose panics are caught.
            Ok(()) => self.thread.join().ok().flatten().unwrap_or_default(),
            Err(returned) => returned.into_inner().stop(),
        }
    }
}

//! The thread of a session: it feeds the sinks, and acts on what fires.

use std::mem;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crossbeam_channel::{RecvTimeoutError, Sender, bounded};

use crate::error::Error;
use crate::record::chunk::Recorded;
use crate::record::recorder::Recording;
use crate::record::running::View;
use crate::session::batches::Batches;
use crate::session::exit;
use crate::session::rules::{Rules, Shared};
use crate::session::sink::Taker;
use crate::session::threads;

/// How often the thread looks for what has fired, and every third time for events: nobody wakes it, because that takes a lock.
const PERIOD: Duration = Duration::from_millis(4);

pub(super) struct Feed {
    stop: Sender<Stop>,
    thread: JoinHandle<Option<Recorded>>,
}

/// What the thread is left in the end.
enum Stop {
    /// The recording, to be stopped.
    Recording(Recording),
    /// What one has recorded that an action or a sink has stopped, on this thread.
    Recorded(Recorded),
}

/// Says that the thread is through, however it ends.
struct Over(Arc<Shared>);

impl Drop for Over {
    fn drop(&mut self) {
        self.0.end();
    }
}

impl Feed {
    pub(super) fn start(view: View, sinks: Vec<Taker>, shared: &Arc<Shared>) -> Result<Self, Error> {
        let mut batches = Batches::new(view.clone(), sinks);
        let mut rules = Rules::new(view, Arc::clone(shared));
        let over = Over(Arc::clone(shared));
        let (stop, stopped) = bounded::<Stop>(1);
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
                    Ok(stop) => {
                        let mut recorded = match stop {
                            Stop::Recording(recording) => {
                                // What has fired by now is acted on while the session is whole.
                                rules.round(None);
                                recording.stop()
                            }
                            Stop::Recorded(recorded) => recorded,
                        };
                        batches.finish(&mut recorded);
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
        // Of an action that stops its own session: the thread can't wait for itself. It does the rest when that is through.
        if self.thread.thread().id() == thread::current().id() {
            let mut recorded = recording.stop();
            let news = mem::take(&mut recorded.news);
            // There is room: a session is stopped once.
            let _ = self.stop.send(Stop::Recorded(Recorded { news, ..recorded.share() }));
            return recorded;
        }
        // Neither fails: what is the program's can't end the thread, and there is nothing else that could.
        let _ = self.stop.send(Stop::Recording(recording));
        self.thread.join().ok().flatten().unwrap_or_default()
    }
}

//! Alerts: what a session with a handler hears of spans that took too long.
//!
//! What enters are spans that end; what leaves is a queue, which the session's background thread reads. A thread that
//! ends a span never waits for it: an alert that finds the queue full is counted.

use std::sync::atomic::{AtomicU64, Ordering};

use crossbeam_channel::{Receiver, Sender, bounded, never};

use crate::record::thread::Local;

/// How many alerts wait for the handler at most.
const QUEUE: usize = 1024;

/// A span that took as long as its limit, or longer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alert {
    /// The callsite's id.
    pub(crate) callsite: u64,
    /// In ns, both.
    pub(crate) duration: u64,
    pub(crate) limit: u64,
    /// The id that the operating system gives the thread.
    pub(crate) os_tid: u32,
}

/// The writers' end of a session's queue of alerts.
#[derive(Debug)]
pub(crate) struct Alerts {
    queue: Sender<Alert>,
    /// Alerts that found no room.
    missed: AtomicU64,
}

/// The session's end of its queue of alerts.
#[derive(Debug)]
pub(crate) struct Waiting(Receiver<Alert>);

/// Both ends of a queue.
pub(crate) fn queue() -> (Alerts, Waiting) {
    let (queue, waiting) = bounded(QUEUE);
    (Alerts { queue, missed: AtomicU64::new(0) }, Waiting(waiting))
}

impl Waiting {
    /// The end of a queue that nothing comes into.
    pub(crate) fn nothing() -> Self {
        Self(never())
    }

    /// How many alerts wait.
    pub(crate) fn count(&self) -> usize {
        self.0.len()
    }

    /// Takes the one that waits longest.
    pub(crate) fn take(&self) -> Option<Alert> {
        // Inside the recorder: a signal handler whose span ends here would wait for ever for the place that is being freed.
        Local::with(|local| {
            let _busy = local.enter();
            self.0.try_recv().ok()
        })
    }
}

impl Alerts {
    /// Tells the session, if it still listens. Called before the end of the span is committed: so a session that has closed
    /// the chunks finds an alert, or its count, for each span that is flagged in them.
    pub(crate) fn send(&self, alert: Alert) {
        if self.queue.try_send(alert).is_err_and(|error| error.is_full()) {
            // Relaxed: published with the end of the span.
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many found no room since the last call of this.
    pub(crate) fn take_missed(&self) -> u64 {
        // Relaxed: a count that is taken by a swap, each once.
        self.missed.swap(0, Ordering::Relaxed)
    }

    /// How many found no room.
    pub(crate) fn missed(&self) -> u64 {
        // Relaxed: those of spans that are in a chunk were acquired with it.
        self.missed.load(Ordering::Relaxed)
    }
}

//! Alerts: what a session with a handler hears of spans that took too long.
//!
//! What enters are spans that end; what leaves is a queue, which the session's background thread reads. A thread that
//! ends a span never waits for it: an alert that finds the queue full is counted.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crossbeam_channel::{Receiver, Sender, bounded};

use crate::record::os;
use crate::record::thread::Local;

/// How many alerts wait for the handler at most.
const QUEUE: usize = 1024;
/// How long the session waits for the end of a span that it was told of, in ns. It is a few instructions away, unless the
/// system takes the processor from the thread.
const PATIENCE: u64 = 100_000_000;

/// A span that took as long as its limit, or longer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Alert {
    /// The callsite's id.
    pub(crate) callsite: u64,
    /// In ns, both.
    pub(crate) duration: u64,
    pub(crate) limit: u64,
    /// When it began and ended, in ticks.
    pub(crate) began: u64,
    pub(crate) ended: u64,
    /// The id that the operating system gives the thread.
    pub(crate) os_tid: u32,
    pub(crate) due: Due,
}

/// What tells whether the end of a span is committed.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Due {
    /// Counts the alerts whose spans have ended, of one thread or of several, one behind the other.
    ended: &'static AtomicU64,
    number: u64,
}

/// A session's queue of alerts.
#[derive(Debug, Default)]
pub(crate) struct Alerts {
    /// Both ends of it, once somebody listens.
    queue: OnceLock<(Sender<Alert>, Receiver<Alert>)>,
    /// Alerts that found no room.
    missed: AtomicU64,
}

impl Due {
    /// The next one of a thread that counts here.
    pub(crate) fn next(ended: &'static AtomicU64) -> Self {
        // Relaxed: only the thread itself stores it.
        Self { ended, number: ended.load(Ordering::Relaxed) + 1 }
    }

    /// The end is committed.
    pub(crate) fn settle(self) {
        // Release: whoever acquires this sees the end.
        self.ended.store(self.number, Ordering::Release);
    }

    /// Waits until the end is committed, but not for ever.
    fn wait(self) {
        // Acquire: pairs with `settle`.
        let is_settled = || self.ended.load(Ordering::Acquire) >= self.number;
        if !is_settled() {
            let begun = os::monotonic_ns();
            while !is_settled() && os::monotonic_ns() - begun < PATIENCE {
                thread::yield_now();
            }
        }
    }
}

impl Alerts {
    /// From here on somebody takes them.
    pub(crate) fn listen(&self) {
        // Inside the recorder: a span of an allocator that traces may have a limit too.
        Local::with(|local| {
            let _busy = local.enter();
            self.queue.get_or_init(|| bounded(QUEUE));
        });
    }

    /// Tells the session, if it listens. Called before the end of the span is committed: so a session that has closed
    /// the chunks finds an alert, or its count, for each span that is flagged in them.
    pub(crate) fn send(&self, alert: Alert) {
        let Some((queue, _)) = self.queue.get() else { return };
        if queue.try_send(alert).is_err() {
            // Relaxed: published with the end of the span.
            self.missed.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// How many found no room since the last call of this.
    pub(crate) fn take_missed(&self) -> u64 {
        // Relaxed: a count that is taken by a swap, each once.
        self.missed.swap(0, Ordering::Relaxed)
    }

    /// Takes those that wait now, not what comes meanwhile; the ends of their spans are committed.
    pub(crate) fn take(&self) -> Vec<Alert> {
        let Some((_, queue)) = self.queue.get().filter(|(_, queue)| !queue.is_empty()) else { return Vec::new() };
        // Inside the recorder: a signal handler whose span ends here would wait for ever for the place that is being freed.
        let alerts: Vec<Alert> = Local::with(|local| {
            let _busy = local.enter();
            queue.try_iter().take(queue.len()).collect()
        });
        alerts.iter().for_each(|alert| alert.due.wait());
        alerts
    }

    /// How many found no room.
    pub(crate) fn missed(&self) -> u64 {
        // Relaxed: those of spans that are in a chunk were acquired with it.
        self.missed.load(Ordering::Relaxed)
    }
}

#[cfg(all(test, not(loom)))]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};
    use std::sync::mpsc;
    use std::thread;

    use super::{Alert, Alerts, Due, PATIENCE};
    use crate::record::os;

    #[test]
    fn who_takes_an_alert_sees_the_end_of_its_span() {
        static ENDED: AtomicU64 = AtomicU64::new(0);
        static SEEN: AtomicU64 = AtomicU64::new(0);
        let alerts = Alerts::default();
        alerts.listen();
        let (told, tell) = mpsc::channel::<(u64, Due)>();
        let ends = thread::Builder::new().name("ends".into()).spawn(move || {
            for (number, due) in tell {
                // Relaxed: published with what follows.
                SEEN.store(number, Ordering::Relaxed);
                due.settle();
            }
        });
        for number in 1..=200 {
            let due = Due::next(&ENDED);
            alerts.send(Alert { callsite: number, duration: 2, limit: 1, began: 2, ended: 3, os_tid: 4, due });
            told.send((number, due)).expect("the thread listens");
            let begun = os::monotonic_ns();
            let taken = alerts.take();
            // Relaxed: acquired with the end.
            let is_seen = SEEN.load(Ordering::Relaxed) == number;
            assert_eq!(taken.iter().map(|alert| alert.callsite).collect::<Vec<_>>(), [number]);
            assert!(is_seen || os::monotonic_ns() - begun >= PATIENCE, "alert {number} was taken before its end");
        }
        drop(told);
        ends.expect("a thread").join().expect("no panic");
    }
}

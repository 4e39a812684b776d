//! Two threads that do the same at the same time.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::clock::pairs;
use crate::quiet;
use crate::slices::{Times, columns, time};

const NOTHING: u64 = 0;
const RECORD: u64 = 1;
const READ: u64 = 2;
const LOOK: u64 = 3;
const END: u64 = 4;
/// What there is to do is in the low bits of an order; the others count the orders.
const WORK: u64 = 7;

/// What [`TwoThreads::alone`] and [`TwoThreads::both`] took, in ticks.
pub type Slice = [[u64; 2]; 2];

/// What a second thread is to do next, and how far it is.
#[derive(Debug)]
pub struct TwoThreads {
    record: fn(u64),
    count: u64,
    given: AtomicU64,
    done: AtomicU64,
    /// How often [`LOOK`] found that a thread shares its core.
    shared: AtomicU64,
}

impl TwoThreads {
    /// Gives `what` two threads, this one and another, that can record `count` at a time.
    ///
    /// # Panics
    ///
    /// If there is no other thread to be had.
    pub fn with<R>(record: fn(u64), count: u64, what: impl FnOnce(&Self) -> R) -> R {
        let [given, done, shared] = Default::default();
        let threads = Self { record, count, given, done, shared };
        thread::scope(|scope| {
            let second = thread::Builder::new().name("second".into()).spawn_scoped(scope, || threads.follow());
            second.expect("a second thread");
            let _end = End(&threads);
            what(&threads)
        })
    }

    /// This thread reads the clock, then it records.
    pub fn alone(&self) -> [u64; 2] {
        [READ, RECORD].map(|here| time(|| self.run(here, NOTHING)))
    }

    /// Both threads read the clock, then both record.
    pub fn both(&self) -> [u64; 2] {
        [READ, RECORD].map(|what| time(|| self.run(what, what)))
    }

    /// Runs `what`; gives what it gives if both threads had a core for themselves before and after.
    pub fn quietly<R>(&self, what: impl FnOnce() -> R) -> Option<R> {
        // Relaxed: `done` orders it.
        self.shared.store(0, Ordering::Relaxed);
        self.run(LOOK, LOOK);
        let result = what();
        self.run(LOOK, LOOK);
        (self.shared.load(Ordering::Relaxed) == 0).then_some(result)
    }

    /// The second thread: waits for orders, and follows them.
    fn follow(&self) {
        let mut last = 0;
        while last & WORK != END {
            // Acquire here and Release below: orders are followed one after the other.
            let order = self.given.load(Ordering::Acquire);
            if order != last {
                last = order;
                self.work(order & WORK);
                self.done.store(order, Ordering::Release);
            }
            std::hint::spin_loop();
        }
    }

    /// Does `here` on this thread and `there` on the other, at the same time.
    fn run(&self, here: u64, there: u64) {
        let order = (self.given.load(Ordering::Acquire) & !WORK) + WORK + 1 + there;
        self.given.store(order, Ordering::Release);
        self.work(here);
        while self.done.load(Ordering::Acquire) != order {
            std::hint::spin_loop();
        }
    }

    fn work(&self, what: u64) {
        match what {
            RECORD => (self.record)(self.count),
            READ => pairs(self.count),
            LOOK => {
                // Relaxed: `done` orders it.
                self.shared.fetch_add(u64::from(!quiet::is_quiet()), Ordering::Relaxed);
            }
            _ => {}
        }
    }
}

/// Sends the second thread home, also in a panic.
struct End<'threads>(&'threads TwoThreads);

impl Drop for End<'_> {
    fn drop(&mut self) {
        self.0.run(NOTHING, END);
    }
}

/// What came out of many slices.
#[derive(Debug)]
pub struct Scaling {
    /// The times of one thread that reads the clock, of one that records, and of two of each.
    pub times: [Times; 4],
    /// How much more two threads read the clock than one.
    pub of_reads: f64,
    /// How much more two threads record than one.
    pub of_records: f64,
}

impl Scaling {
    /// Of these slices.
    ///
    /// # Panics
    ///
    /// If there are none.
    pub fn of(slices: &[Slice]) -> Self {
        let flat: Vec<_> = slices.iter().map(|&[[one, two], [three, four]]| [one, two, three, four]).collect();
        let times: [Times; 4] = columns(&flat);
        let [floor_one, one, floor_two, two] = times.each_ref().map(Times::p10);
        Self { times, of_reads: 2.0 * floor_one / floor_two, of_records: 2.0 * one / two }
    }
}

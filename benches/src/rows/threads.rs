//! What writers cost each other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::clock::{ns_per_tick, pairs};
use crate::sessions::{assert_whole, start, steady_slices, warm_up};
use crate::slices::{Attempt, Outcome, Times, until_quiet};
use crate::subjects::{SPAN, spans};

/// Spans in a slice: a quarter of a millisecond.
const SPANS: u64 = 10_000;
const SESSIONS: usize = 30;

/// What a second thread is to do next, and how often it has done as it was told.
#[derive(Default)]
struct Orders {
    /// Counts the slices; the lowest two bits are what to do: 0 nothing, 1 spans, 2 clock reads, 3 end.
    given: AtomicU64,
    done: AtomicU64,
}

const NOTHING: u64 = 0;
const RECORD: u64 = 1;
const READ: u64 = 2;
const END: u64 = 3;

impl Orders {
    /// The second thread: waits for orders, and follows them.
    fn follow(&self) {
        let mut last = 0;
        loop {
            // Acquire and Release: orders are followed one after the other.
            let order = self.given.load(Ordering::Acquire);
            if order == last {
                std::hint::spin_loop();
                continue;
            }
            last = order;
            work(order & 3);
            self.done.store(order, Ordering::Release);
            if order & 3 == END {
                return;
            }
        }
    }

    /// Runs `here` on this thread and `there` on the other, and waits for both.
    fn run(&self, here: u64, there: u64) {
        let order = (self.given.load(Ordering::Acquire) & !3) + 4 + there;
        self.given.store(order, Ordering::Release);
        work(here);
        while self.done.load(Ordering::Acquire) != order {
            std::hint::spin_loop();
        }
    }
}

fn work(what: u64) {
    match what {
        RECORD => spans(SPANS),
        READ => pairs(SPANS),
        _ => {}
    }
}

/// How much more two threads record than one, against how much more often two threads read the clock.
pub(super) fn scaling() -> Outcome {
    warm_up();
    let ns = ns_per_tick() / SPANS as f64;
    let orders = Orders::default();
    thread::scope(|scope| {
        let second = thread::Builder::new().name("second".into()).spawn_scoped(scope, || orders.follow());
        second.expect("a second thread");
        let outcome = until_quiet(|| compare(&orders, ns));
        orders.run(NOTHING, END);
        outcome
    })
}

fn compare(orders: &Orders, ns: f64) -> Attempt {
    let [mut one, mut two, mut floor_one, mut floor_two] = [const { Times::new() }; 4];
    for _ in 0..SESSIONS {
        let session = start();
        let slices = steady_slices(&SPAN, 3 * SPANS);
        for _ in 0..slices {
            floor_one.time(|| orders.run(READ, NOTHING));
            one.time(|| orders.run(RECORD, NOTHING));
            floor_two.time(|| orders.run(READ, READ));
            two.time(|| orders.run(RECORD, RECORD));
        }
        assert_whole(&session.stop(), slices * 3 * SPANS);
    }
    let scaling = |one: &Times, two: &Times| 2.0 * one.p10() / two.p10();
    let (of_spans, of_reads) = (scaling(&one, &two), scaling(&floor_one, &floor_two));
    let note = format!(
        "spans x {of_spans:.3} ({:.2}, {:.2} ns), clock reads x {of_reads:.3} ({:.2}, {:.2} ns)",
        one.p10() * ns,
        two.p10() * ns,
        floor_one.p10() * ns,
        floor_two.p10() * ns
    );
    Attempt { floors: vec![floor_one, floor_two], figure: of_spans / of_reads, note }
}

//! What writers cost each other.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;

use crate::clock::{ns_per_tick, pairs};
use crate::quiet;
use crate::sessions::{assert_whole, start, steady_slices, warm_up};
use crate::slices::{Outcome, Patience, Times, columns, time};
use crate::subjects::{SPAN, spans};

/// Spans in a slice: a fifth of a millisecond.
const SPANS: u64 = 10_000;
/// Slices in a comparison.
const SLICES: usize = 200;

const NOTHING: u64 = 0;
const RECORD: u64 = 1;
const READ: u64 = 2;
const LOOK: u64 = 3;
const END: u64 = 4;
/// What there is to do is in the low bits of an order; the others count the orders.
const WORK: u64 = 7;

/// What a second thread is to do next, and how far it is.
#[derive(Default)]
struct Orders {
    given: AtomicU64,
    done: AtomicU64,
    /// How often [`LOOK`] found that a thread shares its core.
    shared: AtomicU64,
}

impl Orders {
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
            RECORD => spans(SPANS),
            READ => pairs(SPANS),
            LOOK => {
                // Relaxed: `done` orders it.
                self.shared.fetch_add(u64::from(!quiet::is_quiet()), Ordering::Relaxed);
            }
            _ => {}
        }
    }

    /// Runs `what`; gives what it gives if both threads had a core for themselves before and after.
    fn quietly<R>(&self, what: impl FnOnce() -> R) -> Option<R> {
        // Relaxed: `done` orders it.
        self.shared.store(0, Ordering::Relaxed);
        self.run(LOOK, LOOK);
        let result = what();
        self.run(LOOK, LOOK);
        (self.shared.load(Ordering::Relaxed) == 0).then_some(result)
    }
}

/// How much more two threads record than one, against how much more often two threads read the clock.
pub(super) fn scaling() -> Outcome {
    warm_up();
    let orders = Orders::default();
    thread::scope(|scope| {
        let second = thread::Builder::new().name("second".into()).spawn_scoped(scope, || orders.follow());
        second.expect("a second thread");
        let outcome = Patience::of_row(|patience| compare(&orders, patience));
        orders.run(NOTHING, END);
        outcome
    })
}

fn compare(orders: &Orders, patience: Patience) -> Result<Outcome, Outcome> {
    let ns = ns_per_tick() / SPANS as f64;
    let slices = patience.gather(SLICES, |slices| {
        let session = start();
        let of_session = steady_slices(&SPAN, 3 * SPANS);
        for _ in 0..of_session {
            slices.extend(orders.quietly(|| {
                [(READ, NOTHING), (RECORD, NOTHING), (READ, READ), (RECORD, RECORD)]
                    .map(|(here, there)| time(|| orders.run(here, there)))
            }));
        }
        assert_whole(&session.stop(), of_session * 3 * SPANS);
    })?;
    let [floor_one, one, floor_two, two] = columns(&slices);
    let scaling = |one: &Times, two: &Times| 2.0 * one.p10() / two.p10();
    let (of_spans, of_reads) = (scaling(&one, &two), scaling(&floor_one, &floor_two));
    let note = format!(
        "spans x {of_spans:.3} ({:.2}, {:.2} ns), clock reads x {of_reads:.3} ({:.2}, {:.2} ns)",
        one.p10() * ns,
        two.p10() * ns,
        floor_one.p10() * ns,
        floor_two.p10() * ns
    );
    Ok(Outcome::of(&[&floor_one, &floor_two], of_spans / of_reads, note))
}

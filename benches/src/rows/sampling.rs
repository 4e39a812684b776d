//! Sampling: what an event costs that is left out.

use std::hint::black_box;

use traceme::trace_scope;

use crate::clock::ns_per_tick;
use crate::quiet::quietly;
use crate::sessions::start;
use crate::slices::{Outcome, Patience, columns, time};

/// Calls in a slice: 400 us.
const COUNT: u64 = 10_000;
const SLICES: usize = 400;

/// What a span that is left out adds to a function that takes 40 ns.
pub(super) fn left_out() -> Outcome {
    let ns = ns_per_tick() / COUNT as f64;
    Patience::of_row(|patience| {
        let slices = patience.gather(SLICES, |slices| {
            let session = start();
            annotated(COUNT);
            for _ in 0..50 {
                slices.extend(quietly(|| [time(|| bare(COUNT)), time(|| annotated(COUNT))]));
            }
            let trace = session.stop();
            assert_eq!(trace.event_count() + trace.losses().left_out(), 51 * COUNT, "{:?}", trace.losses());
        })?;
        let [floor, times] = columns(&slices);
        let (bare, with) = (floor.p10() * ns, times.p10() * ns);
        let note = format!("to a function of {bare:.2} ns; the medians {:.2}", (times.median() - floor.median()) * ns);
        Ok(Outcome::of(&[&floor], with - bare, note))
    })
}

/// Some arithmetic of which each step needs the one before.
#[inline(always)]
fn work(mut n: u64) -> u64 {
    for _ in 0..35 {
        n = n.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ 0x5555;
    }
    n
}

#[inline(never)]
fn annotated(count: u64) {
    let mut n = 1;
    for _ in 0..count {
        trace_scope!("left out", rate = 0.000_001);
        n = work(n);
    }
    black_box(n);
}

#[inline(never)]
fn bare(count: u64) {
    let mut n = 1;
    for _ in 0..count {
        n = work(n);
    }
    black_box(n);
}

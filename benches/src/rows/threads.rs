//! What writers cost each other.

use crate::clock::ns_per_tick;
use crate::sessions::{assert_whole, start, steady_slices, warm_up};
use crate::slices::{Outcome, Patience, Times};
use crate::subjects::{SPAN, spans};
use crate::two_threads::{Scaling, TwoThreads};

/// Spans in a slice: a fifth of a millisecond.
const SPANS: u64 = 10_000;
/// Slices in a comparison.
const SLICES: usize = 200;

/// How much more two threads record than one, against how much more often two threads read the clock.
pub(super) fn scaling() -> Outcome {
    warm_up();
    TwoThreads::with(spans, SPANS, |threads| Patience::of_row(|patience| compare(threads, patience)))
}

fn compare(threads: &TwoThreads, patience: Patience) -> Result<Outcome, Outcome> {
    let ns = ns_per_tick() / SPANS as f64;
    let slices = patience.gather(SLICES, |slices| {
        let session = start();
        let of_session = steady_slices(&SPAN, 3 * SPANS);
        for _ in 0..of_session {
            slices.extend(threads.quietly(|| [threads.alone(), threads.both()]));
        }
        assert_whole(&session.stop(), of_session * 3 * SPANS);
    })?;
    let Scaling { times, of_reads, of_records } = Scaling::of(&slices);
    let [floor_one, one, floor_two, two] = times.each_ref().map(|times| Times::p10(times) * ns);
    let note = format!(
        "spans x {of_records:.3} ({one:.2}, {two:.2} ns), clock reads x {of_reads:.3} ({floor_one:.2}, {floor_two:.2} ns)",
    );
    Ok(Outcome::of(&[&times[0], &times[2]], of_records / of_reads, note))
}

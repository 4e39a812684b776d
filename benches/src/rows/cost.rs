//! What an annotation costs the thread that runs it.

use crate::clock::{ns_per_tick, pairs, reads};
use crate::quiet::quietly;
use crate::sessions::{assert_whole, start, steady_slices, warm_up};
use crate::slices::{Outcome, Patience, columns, time};
use crate::subjects::{INSTANT, SPAN, SPAN_WITH_VALUES, Subject};

/// Events in a slice: less than half a millisecond, but more than a chunk holds, so that each slice pays for one.
const SPANS: u64 = 20_000;
const INSTANTS: u64 = 40_000;
/// Slices in a comparison.
const SLICES: usize = 200;

/// A span against two reads of the clock.
pub(super) fn span() -> Outcome {
    compare(SPAN, SPANS, pairs)
}

/// A span with values against two reads of the clock.
pub(super) fn span_with_values() -> Outcome {
    compare(SPAN_WITH_VALUES, SPANS, pairs)
}

/// An instant against one read of the clock.
pub(super) fn instant() -> Outcome {
    compare(INSTANT, INSTANTS, reads)
}

/// What has so many events against a floor for as many.
pub(super) fn compare(subject: Subject, count: u64, floor: fn(u64)) -> Outcome {
    warm_up();
    let ns = ns_per_tick() / count as f64;
    Patience::of_row(|patience| {
        let slices = patience.gather(SLICES, |slices| {
            let session = start();
            let of_session = steady_slices(&subject, count);
            for _ in 0..of_session {
                slices.extend(quietly(|| [time(|| floor(count)), time(|| (subject.record)(count))]));
            }
            assert_whole(&session.stop(), of_session * count);
        })?;
        let [floor, times] = columns(&slices);
        let note = format!(
            "{:.2} ns, median {:.2}; the clock {:.2} ns, median {:.2}",
            times.p10() * ns,
            times.median() * ns,
            floor.p10() * ns,
            floor.median() * ns
        );
        Ok(Outcome::of(&[&floor], times.p10() / floor.p10(), note))
    })
}

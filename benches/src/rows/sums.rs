//! A session that keeps no events: what a span costs while another thread sums up what was recorded.

use traceme::{Memory, Session};

use crate::clock::{ns_per_tick, pairs};
use crate::quiet::quietly;
use crate::slices::{Outcome, Patience, columns, time};
use crate::subjects::spans;

/// Spans in a slice: more than a chunk holds, so that each slice pays for one.
const SPANS: u64 = 20_000;
const SLICES: usize = 200;

/// A span against two reads of the clock.
pub(super) fn span() -> Outcome {
    let ns = ns_per_tick() / SPANS as f64;
    Patience::of_row(|patience| {
        let session = Session::builder().memory(Memory::summary_only()).start().expect("no session runs");
        // Chunks that have been used before.
        spans(SPANS * 20);
        let mut events = SPANS * 20;
        let slices = patience.gather(SLICES, |slices| {
            slices.extend(quietly(|| [time(|| pairs(SPANS)), time(|| spans(SPANS))]));
            events += SPANS;
        });
        let losses = session.stop().summary().losses;
        // Those of slices in which the core turned out to be shared as well.
        assert_eq!((losses.recorded, losses.lost), (events, 0), "each span is in the sums");
        let [floor, times] = columns(&slices?);
        let note = format!("{:.2} ns, median {:.2}", times.p10() * ns, times.median() * ns);
        Ok(Outcome::of(&[&floor], times.p10() / floor.p10(), note))
    })
}

//! A flight recorder that has wrapped: what its events cost, what a snapshot of it costs, and whether writers at full speed
//! find room.

use std::hint::black_box;
use std::thread;

use traceme::trace::Cause;
use traceme::{Memory, Session};

use crate::clock::{ns_per_tick, pairs, ticks};
use crate::quiet::quietly;
use crate::slices::{Outcome, Patience, columns, time};
use crate::subjects::{SPAN, spans};

/// Spans in a slice: more than a chunk holds, so that each slice pays for one.
const SPANS: u64 = 20_000;
const SLICES: usize = 200;

/// Starts a ring of so many bytes that has wrapped, and gives how many spans that took.
pub(super) fn wrapped(bytes: usize) -> (Session, u64) {
    let session = Session::builder().memory(Memory::ring(bytes)).start().expect("no session runs");
    let count = 3 * (bytes as u64 / SPAN.bytes) / 2;
    spans(count);
    (session, count)
}

/// Stops a ring; checks that each of so many events is recorded or overwritten, and gives how many found no room.
pub(super) fn stop(session: Session, events: u64) -> u64 {
    let trace = session.stop();
    let losses = trace.losses();
    let found_no_room = losses.by_cause(Cause::Full) + losses.by_cause(Cause::Pinned);
    assert_eq!(trace.event_count() + losses.by_cause(Cause::Overwritten) + found_no_room, events, "{losses:?}");
    found_no_room
}

/// A span against two reads of the clock.
pub(super) fn span() -> Outcome {
    let ns = ns_per_tick() / SPANS as f64;
    Patience::of_row(|patience| {
        let (session, mut events) = wrapped(64 << 20);
        let slices = patience.gather(SLICES, |slices| {
            slices.extend(quietly(|| [time(|| pairs(SPANS)), time(|| spans(SPANS))]));
            events += SPANS;
        });
        // Those of slices in which the core turned out to be shared as well.
        assert_eq!(stop(session, events), 0, "events that found no room");
        let [floor, times] = columns(&slices?);
        let note = format!("{:.2} ns, median {:.2}; 64 MiB", times.p10() * ns, times.median() * ns);
        Ok(Outcome::of(&[&floor], times.p10() / floor.p10(), note))
    })
}

/// A span in a ring that goes round against one in a bounded session, in chunks that have been used before: both by what the
/// clock costs at the time, because a process has one session.
pub(super) fn of_bounded() -> Outcome {
    const ROUNDS: usize = 5;
    Patience::of_row(|patience| {
        let (mut rings, mut bounded) = (Vec::new(), Vec::new());
        for round in 1..=ROUNDS {
            let slices = round * SLICES / ROUNDS;
            let (session, mut events) = wrapped(64 << 20);
            rings = patience.gather_on(rings, slices, |slices| {
                slices.extend(quietly(|| [time(|| pairs(SPANS)), time(|| spans(SPANS))]));
                events += SPANS;
            })?;
            assert_eq!(stop(session, events), 0, "events that found no room");
            let session = Session::builder().memory(Memory::bounded(1 << 30)).start().expect("no session runs");
            bounded = patience.gather_on(bounded, slices, |slices| {
                slices.extend(quietly(|| [time(|| pairs(SPANS)), time(|| spans(SPANS))]));
                // It must not get full, however long it takes until there were enough quiet slices.
                assert!(session.rotate().losses().is_empty());
            })?;
            drop(session);
        }
        let ([ring_floor, ring], [floor, times]) = (columns(&rings), columns(&bounded));
        let (ring, times) = (ring.p10() / ring_floor.p10(), times.p10() / floor.p10());
        let note = format!("{ring:.3} of two clock reads against {times:.3}");
        Ok(Outcome::of(&[&ring_floor, &floor], ring / times, note))
    })
}

/// A snapshot, which is dropped again.
pub(super) fn snapshot() -> Outcome {
    const SNAPSHOTS: usize = 101;
    let us = ns_per_tick() / 1e3;
    Patience::of_row(|patience| {
        let (session, events) = wrapped(64 << 20);
        let slices = patience.gather(SNAPSHOTS, |slices| {
            slices.extend(quietly(|| [time(|| drop(black_box(session.snapshot()))), time(|| pairs(20_000))]));
        });
        assert_eq!(stop(session, events), 0, "events that found no room");
        let [snapshots, floor] = columns(&slices?);
        let note = format!("the median; p10 {:.1}, p90 {:.1}", snapshots.p10() * us, snapshots.quantile(0.9) * us);
        Ok(Outcome::of(&[&floor], snapshots.median() * us, note))
    })
}

/// Of two threads that record at full speed for two seconds: how many events find no room in 16 MiB.
pub(super) fn lost() -> Outcome {
    const SECONDS: f64 = 2.0;
    const PART: u64 = 10_000;
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a time in ticks")]
    let duration = (SECONDS * 1e9 / ns_per_tick()) as u64;
    let (session, mut events) = wrapped(16 << 20);
    let end = ticks() + duration;
    let record = || {
        let mut count = 0;
        while ticks() < end {
            spans(PART);
            count += PART;
        }
        count
    };
    thread::scope(|scope| {
        let writer = |name: &str| thread::Builder::new().name(name.into()).spawn_scoped(scope, record);
        let writers = ["first", "second"].map(|name| writer(name).expect("a thread"));
        events += writers.map(|writer| writer.join().expect("it doesn't panic")).iter().sum::<u64>();
    });
    let note = format!("of {:.0} M", events as f64 / 1e6);
    Outcome::Measured(stop(session, events) as f64, note)
}

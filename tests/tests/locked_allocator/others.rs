//! Others look at the session meanwhile, change it, start and stop it: at each of their allocations and frees a handler records
//! on another thread, which has the allocator's lock.

use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::yield_now;
use std::time::Duration;

use traceme::analysis::Summary;
use traceme::session::{Action, Builder, Fired, Trigger, callsites};
use traceme::trace::Cause;
use traceme::{Memory, Session, Trace, instant, span};

use crate::allocator::take_reentered;
use crate::common::{alone, in_child, spawn};
use crate::stepped::{Steps, taken, while_stepping};
use crate::{assert_accounted, assert_nothing_lost, attempt, event, recorded, take_attempts, with_room_for};

/// Room for a chunk for each step.
const STEPS: usize = 4000;

/// Opens more spans than a thread can have open; the last one is lost.
pub(crate) fn lose() {
    fn open(depth: usize) {
        let _guard = span!("deep", meta(n = attempt()));
        if depth > 0 {
            open(depth - 1);
        }
    }
    open(128);
}

/// Steps through an operation on a session, such that nothing is lost; gives what it gave and the trace.
fn stepped<R: Send>(session: Builder, operation: impl FnOnce(&Session, Steps) -> R + Send) -> (R, Trace) {
    let _alone = alone();
    let session = session.start().unwrap();
    event();
    // So that there are losses, of a thread that has ended and of one that hasn't.
    spawn("before", lose).join().unwrap();
    lose();
    let (result, steps) = while_stepping("the operation", event, |steps| operation(&session, steps));
    let trace = session.stop();
    eprintln!("{steps} steps, {} events", trace.event_count());
    assert!(steps > 0);
    (result, trace)
}

/// The same of a session whose trace has all: nothing is lost, nor told by anything else.
#[track_caller]
fn whole<R: Send>(session: Builder, operation: impl FnOnce(&Session, Steps) -> R + Send) -> (R, Trace) {
    let (result, trace) = stepped(session, operation);
    assert_accounted(&[&trace]);
    assert_nothing_lost(&trace);
    (result, trace)
}

#[test]
fn take_a_snapshot() {
    in_child("others::take_a_snapshot", || {
        let (snapshot, trace) = whole(with_room_for(STEPS), |session, steps| steps.take(|| session.snapshot()));
        assert!(snapshot.event_count() > 0 && snapshot.event_count() < trace.event_count());
    });
}

#[test]
fn read_losses_and_sums() {
    in_child("others::read_losses_and_sums", || {
        let read = |session: &Session, steps: Steps| {
            let snapshot = session.snapshot();
            steps.take(|| (snapshot.losses().by_cause(Cause::TooDeep), Summary::of(&snapshot).losses.recorded))
        };
        let (read, _) = whole(with_room_for(STEPS), read);
        assert_eq!(read, (2, 257));
    });
}

#[test]
fn rotate() {
    in_child("others::rotate", || {
        let (part, trace) = stepped(with_room_for(STEPS), |session, steps| steps.take(|| session.rotate()));
        assert_accounted(&[&part, &trace]);
        [&part, &trace].into_iter().for_each(assert_nothing_lost);
    });
}

#[test]
fn change_the_filter() {
    in_child("others::change_the_filter", || {
        let change = |session: &Session, steps: Steps| {
            for filter in ["info", "all"] {
                steps.take(|| session.set_filter(filter).unwrap());
            }
        };
        whole(with_room_for(STEPS), change);
    });
}

#[test]
fn watch_spans() {
    in_child("others::watch_spans", || {
        let watch = |session: &Session, steps: Steps| {
            let over = Trigger::span_over("deep", Duration::from_secs(100));
            steps.take(|| session.on(over, Action::call(|_| {})).unwrap());
        };
        whole(with_room_for(STEPS), watch);
    });
}

#[test]
fn list_callsites() {
    in_child("others::list_callsites", || {
        let (count, _) = whole(with_room_for(STEPS), |_, steps| steps.take(|| callsites().len()));
        assert!(count > 0);
    });
}

/// Has the library's threads step while this one records, until `is_enough`.
fn record_until(steps: Steps, is_enough: impl Fn() -> bool) {
    steps.take_in_library(|| {
        while !is_enough() {
            event();
            yield_now();
        }
    });
}

/// The session's own threads: one gives away batches, one keeps chunks in stock.
#[test]
fn take_live() {
    static BATCHES: AtomicU64 = AtomicU64::new(0);
    static TAKEN: AtomicU64 = AtomicU64::new(0);
    in_child("others::take_live", || {
        let sink = |batch: &Trace| {
            TAKEN.fetch_add(batch.event_count(), Ordering::Relaxed);
            BATCHES.fetch_add(1, Ordering::Relaxed);
        };
        let wait = |_: &Session, steps: Steps| record_until(steps, || BATCHES.load(Ordering::Relaxed) >= 3);
        let (_, trace) = whole(with_room_for(STEPS).sink(sink), wait);
        assert_eq!(TAKEN.load(Ordering::Relaxed), trace.event_count());
    });
}

/// A function of the program is called by the session's thread, and looks at all.
#[test]
fn act_on_triggers() {
    static CALLS: AtomicU64 = AtomicU64::new(0);
    in_child("others::act_on_triggers", || {
        let look = |fired: &Fired<'_>| {
            assert!(fired.snapshot().event_count() > 0);
            CALLS.fetch_add(1, Ordering::Relaxed);
        };
        let session = with_room_for(STEPS).on(Trigger::manual(), Action::call(look));
        let wait = |session: &Session, steps: Steps| {
            session.fire();
            record_until(steps, || CALLS.load(Ordering::Relaxed) > 0);
        };
        whole(session, wait);
    });
}

/// The thread that holds the budget counts what all have left out, and all callsites have a rate.
#[test]
fn keep_to_a_budget() {
    in_child("others::keep_to_a_budget", || {
        let hold = |_: &Session, steps: Steps| record_until(steps, || taken() >= 20);
        whole(with_room_for(STEPS).budget(0.01), hold);
    });
}

/// What is summed up is kept no longer.
#[test]
fn sum_up() {
    in_child("others::sum_up", || {
        let sum = |_: &Session, steps: Steps| record_until(steps, || taken() >= 100);
        let (_, trace) = stepped(Session::builder().memory(Memory::summary_only()), sum);
        assert_told(&[trace]);
    });
}

const LONG: &str = match std::str::from_utf8(&[b'x'; 4000]) {
    Ok(text) => text,
    Err(_) => "",
};

/// So many fill a chunk.
const LONG_EVENTS: usize = 16;

fn write(chunks: usize) {
    let write = |_| instant!("long", meta(n = attempt(), a = LONG, b = LONG, c = LONG, d = LONG));
    (0..chunks * LONG_EVENTS).for_each(write);
}

/// The session's background thread has memory mapped for chunks, and makes room for more of them.
#[test]
fn keep_chunks_in_stock() {
    in_child("others::keep_chunks_in_stock", || {
        let _alone = alone();
        let session = Session::builder().memory(Memory::bounded(250 * (256 << 10))).start().unwrap();
        write(1);
        let ((), steps) = while_stepping("the stock", || write(20), |steps| steps.take_in_library(|| write(100)));
        let trace = session.stop();
        eprintln!("{steps} steps");
        assert_accounted(&[&trace]);
        let losses = trace.losses();
        assert_eq!(losses.total(), losses.by_cause(Cause::Full), "{losses:?}");
    });
}

/// Events find one session, the other or none: none of them waits, and each that found one is recorded, lost or late.
#[test]
fn start_and_stop() {
    in_child("others::start_and_stop", || {
        let _alone = alone();
        drop(recorded(with_room_for(1), event, |_| {}));
        let kinds = [Memory::bounded(1 << 30), Memory::ring(64 << 20), Memory::summary_only()];
        let turn = |steps: Steps| {
            let turn = |memory| {
                let session = steps.take(|| Session::builder().memory(memory).start().unwrap());
                event();
                steps.take(|| session.stop())
            };
            kinds.map(turn)
        };
        let (traces, steps) = while_stepping("a start and a stop", event, turn);
        eprintln!("{steps} steps");
        assert_told(&traces);
    });
}

/// Checks that traces or their sums tell of all attempts, whatever became of them, and that no handler has allocated.
#[track_caller]
fn assert_told(traces: &[Trace]) {
    let late = with_room_for(1).start().unwrap().stop().losses().late();
    let losses = traces.iter().map(|trace| trace.summary().losses);
    let told: u64 = losses.map(|losses| losses.recorded + losses.lost + losses.late).sum();
    assert_eq!(take_reentered(), 0, "allocations and frees of handlers");
    assert_eq!(told + late, take_attempts());
}

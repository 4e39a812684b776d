//! Threads come and go while a session runs.
#![allow(clippy::unwrap_used, clippy::mem_forget, clippy::print_stderr, reason = "tests")]

mod common;

use std::collections::BTreeSet;
use std::mem::forget;
use std::sync::{Arc, Barrier, mpsc};
use std::thread::{Builder, JoinHandle};

use common::{alone, assert_sound, resident, span_names, spawn, threads, traced};
use traceme::trace::{Cause, Value};
use traceme::{Memory, Session, instant, span, trace_scope};

const THREADS: u64 = 100_000;
/// How many of them live at a time.
const AT_A_TIME: u64 = 4;

fn short_lived(from: u64, to: u64) {
    let start = |n: u64| -> JoinHandle<()> {
        let work = move || {
            trace_scope!("only span", meta(n));
        };
        Builder::new().name(format!("t{n}")).stack_size(64 << 10).spawn(work).unwrap()
    };
    for first in (from..to).step_by(usize::try_from(AT_A_TIME).unwrap()) {
        let started: Vec<_> = (first..first + AT_A_TIME).map(start).collect();
        started.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

/// Each thread takes 10 words here: 6 for its THREAD record with a name of up to 8 bytes, 3 for the BEGIN with a
/// value, 1 for the END: 7.2 MB for the last 90,000. The rest of the bound is the stock of chunks: it is small
/// because the rest of a dead thread's chunk goes to the next thread.
const GROWTH: usize = 16 << 20;

#[test]
fn a_hundred_thousand_threads_lose_nothing_and_need_no_memory_of_their_own() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(64 << 20)).start().unwrap();
    short_lived(0, THREADS / 10);
    let before = resident();
    short_lived(THREADS / 10, THREADS);
    let growth = resident().saturating_sub(before);
    let trace = session.stop();
    eprintln!("grown by {growth} bytes, from {before}");
    assert!(growth <= GROWTH, "{growth} bytes more after {THREADS} threads than after a tenth of them");
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    assert_eq!((trace.event_count(), threads(&trace).len() as u64), (THREADS, THREADS));
    let mut tracks = BTreeSet::new();
    for span in trace.spans() {
        let Some(("n", Value::U64(n))) = span.args().next() else { panic!("{span:?}") };
        assert_eq!(span.track().name, format!("t{n}"));
        assert!(span.parent().is_none() && span.end().is_some(), "{span:?}");
        assert!(tracks.insert(span.track().id), "{span:?} is alone on its track");
    }
    assert_eq!(tracks.len() as u64, THREADS);
}

/// How many losses of threads that have ended are told apart.
const APART: usize = 4096;

#[test]
fn what_a_hundred_thousand_threads_leave_out_is_counted_in_little_memory() {
    const CALLS: u64 = 20;
    let work = || (0..CALLS).for_each(|_| drop(span!("often", rate = 0.01)));
    let rounds = |count: u64| {
        for _ in 0..count / AT_A_TIME {
            let start = |_| Builder::new().stack_size(64 << 10).spawn(work).unwrap();
            let started: Vec<_> = (0..AT_A_TIME).map(start).collect();
            started.into_iter().for_each(|thread| thread.join().unwrap());
        }
    };
    let _alone = alone();
    let session = Session::builder().memory(Memory::ring(1 << 20)).start().unwrap();
    rounds(THREADS / 10);
    let before = resident();
    rounds(THREADS / 10 * 9);
    let growth = resident().saturating_sub(before);
    eprintln!("grown by {growth} bytes, from {before}");
    assert!(growth <= 4 << 20, "{growth} bytes more after {THREADS} threads than after a tenth of them");
    let snapshot = session.snapshot();
    let trace = session.stop();
    for losses in [snapshot.losses(), trace.losses()] {
        let sampled: Vec<_> = losses.iter().filter(|loss| loss.cause == Cause::Sampled).collect();
        assert_eq!(sampled.len(), APART + 1, "the rest is one");
        assert!(sampled.iter().all(|loss| loss.callsite == sampled[0].callsite && loss.callsite.is_some()));
    }
    let losses = trace.losses();
    // With many processors some of so many threads find all of so small a ring being written, or looked at.
    let of_rings: u64 =
        [Cause::Overwritten, Cause::Full, Cause::Pinned].map(|cause| losses.by_cause(cause)).iter().sum();
    assert_eq!(losses.total(), of_rings, "{losses:?}");
    let recorded = trace.event_count() + of_rings;
    assert_eq!((recorded + losses.left_out(), losses.late()), (THREADS * CALLS, 0));
    assert_eq!(
        recorded + losses.left_out(),
        snapshot.event_count() + snapshot.losses().total() + snapshot.losses().left_out()
    );
}

#[test]
fn threads_that_die_leave_their_events_under_their_own_names() {
    let trace = traced(1, || {
        let tidy = || {
            trace_scope!("tidy work");
        };
        let leaky = || {
            let outer = span!("outer");
            forget(span!("leaked"));
            instant!("inside both");
            forget(outer);
            forget(span!("leaked too"));
        };
        let heir = || {
            trace_scope!("own work");
            instant!("inside own work");
        };
        spawn("1 tidy", tidy).join().unwrap();
        spawn("2 leaky", leaky).join().unwrap();
        spawn("3 heir", heir).join().unwrap();
    });
    assert_sound(&trace);
    let expected = "thread 1 tidy\n  tidy work\n\
        thread 2 leaky\n  outer (incomplete)\n    leaked (incomplete)\n      * inside both\n\
        \x20     leaked too (incomplete)\n\
        thread 3 heir\n  own work\n    * inside own work\n";
    assert_eq!(trace.text().to_string(), expected);
    assert!(trace.losses().is_empty());
    assert!(trace.spans().all(|span| span.flags().is_incomplete() == span.end().is_none()));
}

#[test]
fn threads_that_live_across_sessions_have_a_track_in_each() {
    let _alone = alone();
    let barrier = Arc::new(Barrier::new(3));
    let start = |name: &'static str| {
        let barrier = Arc::clone(&barrier);
        spawn(name, move || {
            for n in 0..10 {
                barrier.wait();
                trace_scope!("turn", meta(n));
                barrier.wait();
            }
        })
    };
    let (a, b) = (start("a"), start("b"));
    for n in 0..10 {
        let session = Session::start(1).unwrap();
        barrier.wait();
        barrier.wait();
        // The last spans may still be open.
        let trace = session.stop();
        assert_sound(&trace);
        let found: Vec<_> =
            trace.spans().map(|span| (span.track().name.clone(), span.args().next().unwrap().1)).collect();
        let mut names: Vec<_> = found.iter().map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        assert_eq!(names, ["a", "b"]);
        assert!(found.iter().all(|(_, value)| *value == Value::I64(n)), "{n}: {found:?}");
        assert_eq!((trace.losses().total(), trace.losses().late()), (0, 0));
    }
    a.join().unwrap();
    b.join().unwrap();
}

#[test]
fn a_thread_that_begins_before_the_session_is_recorded_from_then_on() {
    let _alone = alone();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (ready, is_ready) = mpsc::channel();
    let thread = spawn("early", move || {
        let _outer = span!("before the session");
        let _inner = span!("before too");
        ready.send(()).unwrap();
        may_go_on.recv().unwrap();
        trace_scope!("in the session");
    });
    is_ready.recv().unwrap();
    let session = Session::start(1).unwrap();
    go_on.send(()).unwrap();
    thread.join().unwrap();
    let trace = session.stop();
    assert_eq!(span_names(&trace), ["in the session"], "what was open before the start is not invented");
    assert!(trace.losses().is_empty());
}

#[test]
fn more_threads_alive_than_the_session_has_chunks_are_counted() {
    const MANY: u64 = 16;
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(8 * (256 << 10))).start().unwrap();
    let barrier = Arc::new(Barrier::new(usize::try_from(MANY).unwrap()));
    let start = |n: u64| {
        let barrier = Arc::clone(&barrier);
        spawn(&format!("{n}"), move || {
            instant!("first");
            barrier.wait();
            instant!("second");
            barrier.wait();
        })
    };
    let started: Vec<_> = (0..MANY).map(start).collect();
    started.into_iter().for_each(|thread| thread.join().unwrap());
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!((trace.event_count(), trace.losses().by_cause(Cause::Full)), (MANY, MANY));
    assert_eq!(trace.losses().total(), MANY);
    assert_eq!(threads(&trace).len(), 8);
}

/// A scope is left when the threads have done their work: what they do behind it runs beside the stop.
#[test]
fn threads_that_are_ending_at_the_stop_have_their_losses_in_the_trace() {
    const MANY: u64 = 500;
    const EVENTS: u64 = 200;
    const ROUNDS: u64 = 5;
    let _alone = alone();
    for round in 0..ROUNDS {
        let session = Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap();
        let all_at_once = Barrier::new(usize::try_from(MANY).unwrap());
        std::thread::scope(|scope| {
            for _ in 0..MANY {
                scope.spawn(|| {
                    (0..EVENTS).for_each(|n| instant!("event", meta(n)));
                    all_at_once.wait();
                });
            }
        });
        let trace = session.stop();
        let next = Session::start(1).unwrap().stop();
        assert_sound(&trace);
        let losses = trace.losses();
        assert_eq!((trace.event_count() + losses.total(), losses.late()), (MANY * EVENTS, 0), "round {round}");
        assert_eq!(losses.by_cause(Cause::Full), losses.total(), "round {round}");
        for loss in losses.iter() {
            assert!(loss.callsite.is_some(), "{loss:?}");
            assert!(loss.first <= loss.last && loss.last <= trace.duration(), "{loss:?} of {}", trace.duration());
        }
        assert!(next.is_empty() && next.losses().is_empty(), "round {round}: {:?}", next.losses());
    }
}

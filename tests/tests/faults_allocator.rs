//! A global allocator that traces each allocation: inside the recorder it is counted, everywhere else recorded, and
//! it never waits for itself.
#![allow(unsafe_code, reason = "a global allocator")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;

use common::{accounted, alone, assert_sound, in_child, spawn};
use traceme::session::{Action, Trigger};
use traceme::trace::Cause;
use traceme::{Level, Memory, Session, Trace, active, instant, recorder, selftest, span, trace_scope};

struct Tracing;

thread_local! {
    /// Whether the allocations of this thread are traced. The harness and the recorder have threads of their own.
    static TRACED: Cell<bool> = const { Cell::new(false) };
    /// Whether each allocation of this thread fires the manual triggers.
    static FIRES: Cell<bool> = const { Cell::new(false) };
}

/// Whether the allocations of all threads are traced.
static ALL: AtomicBool = AtomicBool::new(false);
/// How many events the threads attempted whose allocations are traced.
static ATTEMPTS: AtomicU64 = AtomicU64::new(0);
static FIRINGS: AtomicU64 = AtomicU64::new(0);

/// Counts an event that the calling thread is about to attempt: it is the one that starts and stops sessions, or is
/// waited for by that.
fn attempt() {
    if active(Level::CRITICAL) {
        ATTEMPTS.fetch_add(1, Ordering::Relaxed);
    }
}

/// How many events of the allocator found a session.
static EVALUATED: AtomicU64 = AtomicU64::new(0);

/// The size, in metadata.
fn evaluate(size: usize) -> usize {
    EVALUATED.fetch_add(1, Ordering::Relaxed);
    size
}

fn is_traced() -> bool {
    TRACED.get() || ALL.load(Ordering::Relaxed)
}

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Tracing {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if FIRES.get() {
            FIRINGS.fetch_add(1, Ordering::Relaxed);
            recorder::fire();
        }
        if is_traced() {
            attempt();
            instant!("alloc", meta(size = evaluate(layout.size())));
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        if is_traced() {
            attempt();
            instant!("dealloc", meta(size = evaluate(layout.size()), pointer));
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Tracing = Tracing;

/// How many sessions run one after the other, each with four threads.
const ROUNDS: u64 = 5;

/// Allocates, frees and traces.
fn work(turns: usize) -> usize {
    let mut sizes = BTreeMap::new();
    for n in 0..turns {
        attempt();
        trace_scope!("turn", meta(n, text = %format!("turn {n}"), debug = ?vec![n; 3]));
        let words: Vec<String> = (0..n % 10).map(|word| format!("{word} of {n}")).collect();
        attempt();
        let guard = span!("joins", meta(words = words.len(), text = words.concat()));
        sizes.insert(n, words.join(" "));
        drop(guard);
    }
    sizes.values().map(String::len).sum()
}

fn start(name: &str) -> JoinHandle<usize> {
    spawn(name, || {
        TRACED.set(true);
        work(100)
    })
}

/// Looks at all of a trace.
fn read(trace: &Trace) -> usize {
    assert_sound(trace);
    trace.text().to_string().len()
}

/// The losses of a trace by cause.
fn causes(trace: &Trace) -> [u64; Cause::ALL.len()] {
    std::array::from_fn(|n| trace.losses().by_cause(Cause::ALL[n]))
}

#[test]
fn events_of_an_allocator_are_recorded_or_counted_as_lost() {
    in_child("events_of_an_allocator_are_recorded_or_counted_as_lost", || {
        let _alone = alone();
        let mut last = Trace::default();
        let (mut recorded, mut lost, mut late) = (0, [0; Cause::ALL.len()], Vec::new());
        TRACED.set(true);
        for _ in 0..ROUNDS {
            // So little because reading a trace makes several events of each of its own.
            let session = Session::builder().memory(Memory::bounded(2 << 20)).start().unwrap();
            let threads: Vec<_> = ["a", "b", "c", "d"].map(start).into();
            read(&last);
            drop(last);
            work(50);
            threads.into_iter().for_each(|thread| assert!(thread.join().unwrap() > 0));
            last = session.stop();
            recorded += last.event_count();
            late.push(last.losses().late());
            lost.iter_mut().zip(causes(&last)).for_each(|(sum, count)| *sum += count);
        }
        TRACED.set(false);
        let attempts = ATTEMPTS.load(Ordering::Relaxed);
        eprintln!("{attempts} attempts: {recorded} recorded, {lost:?} lost, {late:?} late");
        let [full, reentrant, teardown, too_deep, table_full, overwritten, pinned, sampled] = lost;
        assert_eq!(recorded + lost.iter().sum::<u64>() + late.iter().sum::<u64>(), attempts);
        assert!(reentrant > 0 && recorded > reentrant, "{reentrant} of {recorded}");
        assert_eq!(
            (too_deep, table_full, overwritten, pinned, sampled),
            (0, 0, 0, 0, 0),
            "and {full} found the memory used up"
        );
        assert!(teardown < ROUNDS * 4 * 10, "a thread frees a few blocks behind our end, not {teardown}");
        assert!(late.iter().all(|&late| late == 0), "{late:?}: no thread traced while a session started or stopped");
    });
}

/// What is allocated while chunks are given up and snapshots taken is traced too.
#[test]
fn a_ring_and_its_snapshots_account_for_the_events_of_an_allocator() {
    in_child("a_ring_and_its_snapshots_account_for_the_events_of_an_allocator", || {
        let _alone = alone();
        TRACED.set(true);
        let session = Session::builder().memory(Memory::ring(2 << 20)).start().unwrap();
        let mut before = 0;
        for _ in 0..20 {
            let threads: Vec<_> = ["a", "b", "c", "d"].map(start).into();
            for _ in 0..20 {
                work(20);
                let snapshot = session.snapshot();
                let all = accounted(&snapshot);
                assert!(before <= all, "{all} after {before}");
                before = all;
            }
            threads.into_iter().for_each(|thread| assert!(thread.join().unwrap() > 0));
        }
        let trace = session.stop();
        TRACED.set(false);
        assert!(trace.losses().by_cause(Cause::Overwritten) > trace.event_count(), "{:?}", causes(&trace));
        assert_eq!((accounted(&trace), trace.losses().late()), (ATTEMPTS.load(Ordering::Relaxed), 0));
    });
}

/// What the first event of the only thread that traces costs in events of the allocator is told by the session
/// that it happened in.
#[test]
fn events_lost_while_a_thread_joins_a_session_are_lost_in_that_session() {
    in_child("events_lost_while_a_thread_joins_a_session_are_lost_in_that_session", || {
        let _alone = alone();
        for n in 0..5_u64 {
            let session = Session::start(1).unwrap();
            let before = ATTEMPTS.load(Ordering::Relaxed);
            TRACED.set(true);
            // Places that the session hasn't met.
            match n {
                0 => instant!("first", meta(n)),
                1 => instant!("second", meta(n)),
                2 => instant!("third", meta(n)),
                3 => instant!("fourth", meta(n)),
                _ => instant!("fifth", meta(n)),
            }
            TRACED.set(false);
            let attempts = 1 + ATTEMPTS.load(Ordering::Relaxed) - before;
            let trace = session.stop();
            let counts = (trace.event_count(), trace.losses().by_cause(Cause::Reentrant), trace.losses().late());
            assert_eq!(counts, (1, attempts - 1, 0), "recorded, re-entrant and late events of session {n}");
            assert_eq!(accounted(&trace), attempts);
        }
    });
}

#[test]
fn sessions_start_and_stop_while_the_allocations_of_all_threads_are_traced() {
    in_child("sessions_start_and_stop_while_the_allocations_of_all_threads_are_traced", || {
        let _alone = alone();
        ALL.store(true, Ordering::Relaxed);
        let stop = Arc::new(AtomicBool::new(false));
        let start = |name| {
            let stop = Arc::clone(&stop);
            spawn(name, move || {
                while !stop.load(Ordering::Relaxed) {
                    work(20);
                    spawn("short-lived", || work(2)).join().unwrap();
                }
            })
        };
        let threads = ["a", "b", "c"].map(start);
        let mut last = Trace::default();
        for _ in 0..30 {
            let session = Session::builder().memory(Memory::bounded(512 << 10)).start().unwrap();
            work(20);
            assert!(read(&last) > 0 || last.is_empty());
            last = session.stop();
        }
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        ALL.store(false, Ordering::Relaxed);
        assert!(read(&last) > 0 && !last.is_empty());
    });
}

/// A self-test writes to memory of its own, on a thread of its own, and what its allocations record between is a session's.
#[test]
fn allocations_of_a_self_test_are_recorded_or_counted() {
    in_child("allocations_of_a_self_test_are_recorded_or_counted", || {
        let session = Session::builder().filter("all").start().unwrap();
        ALL.store(true, Ordering::Relaxed);
        (0..3).for_each(|_| _ = selftest().unwrap());
        ALL.store(false, Ordering::Relaxed);
        let trace = session.stop();
        // What a thread of the recorder was about to record, too.
        let rest = Session::start(1).unwrap().stop();
        assert_sound(&trace);
        assert_eq!(accounted(&trace) + accounted(&rest), EVALUATED.load(Ordering::Relaxed));
        assert_eq!((trace.losses().late(), rest.event_count()), (0, 0));
        assert_eq!(trace.tracks().iter().filter(|track| track.name == "traceme-selftes").count(), 3);
    });
}

/// As a signal handler does that interrupts a thread which has the recorder's lock.
#[test]
fn who_fires_waits_for_nothing_that_the_thread_itself_holds() {
    in_child("who_fires_waits_for_nothing_that_the_thread_itself_holds", || {
        assert!(recorder::start(Level::ALL));
        let heard = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&heard);
        let count = Action::call(move |_| {
            counter.fetch_add(1, Ordering::Relaxed);
        });
        // What was fired before counts no more.
        recorder::fire();
        assert!(recorder::on(Trigger::manual(), count).unwrap());
        FIRES.set(true);
        assert!(recorder::set_filter("info").unwrap());
        drop((recorder::snapshot(), recorder::rotate()));
        FIRES.set(false);
        drop(recorder::stop());
        let fired = FIRINGS.load(Ordering::Relaxed);
        assert!(fired > 0);
        assert_eq!(heard.load(Ordering::Relaxed), fired);
    });
}

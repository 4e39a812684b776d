//! In the steady state nothing allocates: neither where nothing records, nor where everything does.
#![allow(unsafe_code, reason = "a global allocator")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::alloc::{GlobalAlloc, Layout, System};
use std::borrow::Cow;
use std::cell::Cell;
use std::fmt;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Waker};
use std::thread;
use std::time::Duration;

use common::{alone, assert_sound};
use traceme::__private::fail;
use traceme::session::Alert;
use traceme::trace::Cause;
use traceme::{Category, Memory, Session, append, counter, instant, span, trace_scope, traced, traceme};

struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: the caller's promises are passed on.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How often this thread allocates or frees while `work` runs.
fn allocations(work: impl FnOnce()) -> u64 {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

#[traceme(level = 2, meta(n, text = text, shown = %n))]
fn annotated(n: u64, text: &str) -> u64 {
    append!(half = n / 2);
    n
}

#[traceme(ret, err, meta(n))]
fn outcome(n: u64, fails: bool) -> Result<Option<u64>, fmt::Error> {
    if fails { Err(fmt::Error) } else { Ok(Some(n)) }
}

#[traceme(ret(Value), err(Debug))]
fn value(text: &str) -> Result<&str, u8> {
    text.get(1..).ok_or(1)
}

/// All ways to trace; the values need no memory of their own.
fn everything(n: u64) {
    trace_scope!("scope");
    let text = "a string that is longer than one word";
    let guard = span!("span", meta(n, text, literal = "x", cow = Cow::Borrowed(text), ratio = 0.5 + 0.5));
    append!(guard, numbers = [n; 16], shown = %n, debug = ?Some(n), time = Duration::from_secs(n));
    instant!(name = text, meta(wide = u128::from(n), pointer = &raw const n, none = None::<u8>));
    counter!("counter", n, unit = "B");
    let inner = span!("inner");
    drop(guard);
    drop(inner);
    annotated(n, text);
    let _ = (outcome(n, false), outcome(n, true), value(text), value(""));
}

#[test]
fn not_recording_allocates_nothing() {
    let _alone = alone();
    assert_eq!(allocations(|| (0..1000).for_each(everything)), 0, "before any session");
    let session = Session::start(1).unwrap();
    everything(0);
    drop(session);
    assert_eq!(allocations(|| (0..1000).for_each(everything)), 0, "behind a session");
    let session = Session::builder().categories([Category::new("other")]).start().unwrap();
    everything(0);
    assert_eq!(allocations(|| (0..1000).for_each(everything)), 0, "all left out by their category");
    drop(session);
}

#[test]
fn recording_allocates_nothing() {
    const TURNS: u64 = 5_000;
    let _alone = alone();
    // Chunks that nobody has used before, and such that were.
    for _ in 0..2 {
        let session = Session::builder().memory(Memory::bounded(16 << 20)).start().unwrap();
        // The first event of a session, of a callsite and of a thread may allocate.
        everything(0);
        let count = allocations(|| (0..TURNS).for_each(everything));
        let trace = session.stop();
        assert_sound(&trace);
        assert!(trace.losses().is_empty(), "{:?}", trace.losses());
        assert_eq!(trace.event_count(), (TURNS + 1) * 16);
        assert_eq!(count, 0, "while {} events were recorded", trace.event_count());
    }
}

#[traceme(alert = "1ns", meta(n))]
fn slow(n: u64) {
    fail(span!("failed"));
}

#[test]
fn neither_alerts_nor_failures_allocate() {
    // Far above what waits for the handler: some alerts find no room.
    const TURNS: u64 = 10_000;
    let _alone = alone();
    let told = Arc::new(AtomicU64::new(0));
    for warm in [false, true] {
        let counter = Arc::clone(&told);
        let handler = move |_: &Alert| {
            // Relaxed: a count, read when the session has stopped.
            counter.fetch_add(1, Ordering::Relaxed);
        };
        let session = Session::builder().memory(Memory::bounded(16 << 20)).on_alert(handler).start().unwrap();
        slow(0);
        let count = allocations(|| (0..TURNS).for_each(slow));
        let trace = session.stop();
        // Relaxed: see above.
        assert_eq!(told.swap(0, Ordering::Relaxed) + trace.missed_alerts(), TURNS + 1);
        assert_eq!(trace.spans().filter(|span| span.flags().is_alerted()).count() as u64, TURNS + 1);
        assert_eq!(trace.event_count(), 2 * (TURNS + 1));
        assert!(!warm || count == 0, "{count} allocations");
    }
}

#[test]
fn a_full_session_allocates_nothing() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap();
    (0..5_000).for_each(everything);
    assert_eq!(allocations(|| (0..1000).for_each(everything)), 0);
    assert!(session.stop().losses().total() > 0);
}

#[test]
fn a_ring_that_goes_round_allocates_nothing_whatever_threads_come_and_go() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::ring(8 << 20)).start().unwrap();
    // Three times round, so that every chunk is there.
    let round = || (0..400_000).for_each(|_| drop(span!("round")));
    (0..3).for_each(|_| round());
    let done = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            // Relaxed: a flag by itself.
            while !done.load(Ordering::Relaxed) {
                scope.spawn(|| everything(1)).join().unwrap();
            }
        });
        let count = allocations(|| (0..3).for_each(|_| round()));
        // Relaxed: see above.
        done.store(true, Ordering::Relaxed);
        assert_eq!(count, 0);
    });
    assert!(session.stop().losses().by_cause(Cause::Overwritten) > 1_000_000);
}

/// In all ways that can be left out.
fn sampled(n: u64) {
    let span = span!("sampled", rate = 0.01, meta(n));
    append!(span, n);
    instant!("sampled", rate = 0.5);
    drop(span!("hot"));
}

#[traceme(meta(n), ret)]
async fn sum_of(n: u64) -> u64 {
    kept(n).await + failing(n).await.unwrap_or(1)
}

#[traceme]
#[must_use]
async fn kept(n: u64) -> u64 {
    n / 2
}

#[traceme(err, skip_polls)]
async fn failing(n: u64) -> Result<u64, u64> {
    if n % 2 == 0 { Ok(n) } else { Err(n) }
}

#[traceme(meta(n))]
fn boxed(n: u64) -> Pin<Box<dyn Future<Output = u64>>> {
    Box::pin(sum_of(n))
}

#[test]
fn annotated_functions_allocate_what_bare_ones_do() {
    const CALLS: u64 = 1_000;
    let _alone = alone();
    let mut context = Context::from_waker(Waker::noop());
    let mut calls = |count: u64| {
        for n in 0..count {
            assert!(pin!(sum_of(n)).poll(&mut context).is_ready());
            assert!(boxed(n).as_mut().poll(&mut context).is_ready());
        }
    };
    let session = Session::start(1).unwrap();
    calls(10);
    assert_eq!(allocations(|| calls(CALLS)), 2 * CALLS, "the box that the function makes itself comes and goes");
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!((trace.tasks().len() as u64, trace.losses().total()), (7 * (10 + CALLS), 0));
}

#[test]
fn futures_allocate_nothing() {
    let _alone = alone();
    let polls = |n: u64| {
        let mut context = Context::from_waker(Waker::noop());
        for n in 0..n {
            let mut dropped = pin!(traced!(std::future::pending::<()>(), "dropped", meta(n, text = "text")));
            assert!(dropped.as_mut().poll(&mut context).is_pending());
            let through = pin!(traced!(async { append!(half = n / 2) }, name = "through", meta(n)));
            assert!(through.poll(&mut context).is_ready());
        }
    };
    let session = Session::start(1).unwrap();
    polls(10);
    assert_eq!(allocations(|| polls(10_000)), 0);
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!((trace.tasks().len(), trace.losses().total()), (20_020, 0));
}

#[test]
fn what_is_left_out_allocates_nothing() {
    const TURNS: u64 = 20_000;
    let _alone = alone();
    for budget in [None, Some(0.001), Some(0.001)] {
        let builder = Session::builder().memory(Memory::bounded(16 << 20));
        let session = budget.map_or_else(Session::builder, |share| builder.budget(share)).start().unwrap();
        sampled(0);
        let count = allocations(|| (0..TURNS).for_each(sampled));
        let trace = session.stop();
        assert_sound(&trace);
        assert!(trace.losses().is_empty() && trace.losses().left_out() > TURNS, "{:?}", trace.losses());
        assert_eq!(count, 0, "while {} events were left out", trace.losses().left_out());
    }
}

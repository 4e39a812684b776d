//! Processes made by `fork`: what they leave out is their own.
#![cfg(unix)]
#![allow(unsafe_code, reason = "fork, and a global allocator")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;
#[path = "common/forking.rs"]
mod forking;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use common::{alone, in_child, spawn};
use forking::{Found, ensure, fork};
use traceme::{Session, Trace, trace_scope};

/// Takes its time for the block of periods: until a fork has been made or, where that waits for the block, for a moment.
struct Slow;

/// What the first callsites with a rate need: 1,024 periods, each of them twice.
const BLOCK: usize = 1024 * 16;
const MOMENT: Duration = Duration::from_millis(300);

thread_local! {
    /// Whether the thread is to be slow.
    static SLOW: Cell<bool> = const { Cell::new(false) };
}
/// Whether the block is being made.
static IS_MAKING: AtomicBool = AtomicBool::new(false);
/// Whether the fork has been made meanwhile.
static IS_FORKED: AtomicBool = AtomicBool::new(false);

// SAFETY: all is left to the system's allocator.
unsafe impl GlobalAlloc for Slow {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        if layout.size() == BLOCK && SLOW.get() {
            IS_MAKING.store(true, Ordering::SeqCst);
            let start = Instant::now();
            while !IS_FORKED.load(Ordering::SeqCst) && start.elapsed() < MOMENT {
                std::thread::yield_now();
            }
        }
        // SAFETY: the caller's promises are passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Slow = Slow;

const CALLS: u64 = 10_000;

fn ticks(count: u64) {
    for _ in 0..count {
        trace_scope!("tick", rate = 0.01);
    }
}

/// Checks that so many ticks are recorded or counted.
fn check(trace: &Trace, count: u64) -> Found {
    let (recorded, left_out) = (trace.event_count(), trace.losses().left_out());
    ensure!(recorded + left_out == count, "{recorded} recorded and {left_out} left out of {count}");
    ensure!(recorded > 0 && recorded < count / 20, "{recorded} recorded of {count}");
    ensure!(trace.losses().is_empty(), "{:?}", trace.losses());
    Ok(())
}

#[test]
fn a_child_counts_what_it_leaves_out() {
    in_child("a_child_counts_what_it_leaves_out", || {
        let _alone = alone();
        let mut session = Some(Session::builder().in_children(true).start().unwrap());
        ticks(CALLS);
        spawn("other", || ticks(CALLS)).join().unwrap();
        let child = fork(|| {
            ticks(2 * CALLS);
            check(&session.take().unwrap().stop(), 2 * CALLS)
        });
        child.join();
        ticks(CALLS);
        check(&session.unwrap().stop(), 3 * CALLS).unwrap();
    });
}

#[test]
fn a_budget_is_the_parents() {
    in_child("a_budget_is_the_parents", || {
        let _alone = alone();
        let mut session = Some(Session::builder().budget(0.01).start().unwrap());
        ticks(CALLS);
        for _ in 0..10 {
            let child = fork(|| {
                ticks(CALLS);
                let trace = session.take().unwrap().stop();
                ensure!(trace.is_empty() && trace.losses().left_out() == 0, "{trace:?}");
                let own = Session::start(1).map_err(|error| error.to_string())?;
                ticks(CALLS);
                check(&own.stop(), CALLS)
            });
            child.join();
        }
        check(&session.unwrap().stop(), CALLS).unwrap();
    });
}

#[test]
fn a_child_waits_for_no_thread_that_was_meeting_a_rate() {
    in_child("a_child_waits_for_no_thread_that_was_meeting_a_rate", || {
        let _alone = alone();
        let mut session = Some(Session::builder().in_children(true).start().unwrap());
        let other = spawn("other", || {
            trace_scope!("first");
            SLOW.set(true);
            trace_scope!("other", rate = 0.5);
        });
        while !IS_MAKING.load(Ordering::SeqCst) {
            assert!(!other.is_finished(), "a block of {BLOCK} bytes is made for the first rate");
            std::thread::yield_now();
        }
        let child = fork(|| {
            ticks(CALLS);
            check(&session.take().unwrap().stop(), CALLS)
        });
        IS_FORKED.store(true, Ordering::SeqCst);
        other.join().unwrap();
        child.join();
        assert_eq!(session.unwrap().stop().event_count(), 2);
    });
}

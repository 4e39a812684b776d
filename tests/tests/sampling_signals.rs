//! What a signal handler leaves out at the callsite that it interrupts is counted to the unit.
#![allow(unsafe_code, reason = "signals")]
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use std::os::unix::thread::JoinHandleExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{accounted, alone, in_child, spawn};
use traceme::trace::Cause;
use traceme::{Session, traceme};

/// How often the handler has called [`shared`].
static BY_HANDLER: AtomicU64 = AtomicU64::new(0);
const EACH_TIME: u64 = 3;
const SIGNALS: u64 = 20_000;
/// The most calls of the thread: where one processor is all that it and who sends signals have, there are thousands between two.
const CALLS: u64 = 10_000_000;

#[traceme(rate = 0.001)]
fn shared() {}

extern "C" fn handler(_signal: libc::c_int) {
    for _ in 0..EACH_TIME {
        shared();
    }
    BY_HANDLER.fetch_add(EACH_TIME, Ordering::Release);
}

/// Runs a thread that calls [`shared`] until the handler has run often enough on it, or it has called enough; gives how often.
fn interrupted() -> u64 {
    let (ready, done, leave) = <(Arc<AtomicBool>, Arc<AtomicBool>, Arc<AtomicBool>)>::default();
    let thread = spawn("interrupted", {
        let (ready, done, leave) = (ready.clone(), done.clone(), leave.clone());
        move || {
            // What is met for the first time is allocated, and a handler may interrupt an allocation.
            shared();
            ready.store(true, Ordering::Release);
            let mut calls = 1;
            while BY_HANDLER.load(Ordering::Relaxed) < SIGNALS * EACH_TIME && calls < CALLS {
                for _ in 0..100 {
                    shared();
                }
                calls += 100;
            }
            done.store(true, Ordering::Release);
            while !leave.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
            calls
        }
    });
    while !ready.load(Ordering::Acquire) {
        std::thread::yield_now();
    }
    while !done.load(Ordering::Acquire) {
        let handled = BY_HANDLER.load(Ordering::Acquire);
        // SAFETY: the thread has not been joined.
        assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) }, 0);
        // One behind the other, so that none is on its way when the thread may leave.
        while BY_HANDLER.load(Ordering::Acquire) == handled {
            std::thread::yield_now();
        }
    }
    leave.store(true, Ordering::Release);
    thread.join().unwrap()
}

#[test]
fn what_a_handler_leaves_out_at_the_callsite_that_it_interrupts_is_counted() {
    in_child("what_a_handler_leaves_out_at_the_callsite_that_it_interrupts_is_counted", || {
        let _alone = alone();
        // SAFETY: the handler touches atomics and traces only.
        let before = unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
        assert_ne!(before, libc::SIG_ERR);
        let session = Session::start(1).unwrap();
        let by_thread = interrupted();
        let trace = session.stop();
        let attempts = by_thread + BY_HANDLER.load(Ordering::Relaxed);
        let (recorded, losses) = (trace.event_count(), trace.losses());
        let left_out = losses.by_cause(Cause::Sampled);
        assert_eq!(accounted(&trace) + left_out, attempts, "{recorded} recorded, {losses:?}");
        // How many depends on the signals: one that comes right behind the other finds the thread at the same place.
        assert!(left_out > 0, "{recorded} of {attempts} recorded");
    });
}

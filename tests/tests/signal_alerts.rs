//! A signal handler whose spans are over their alert, on the thread that takes alerts from their queue: it must not wait
//! for the place that this thread is about to free.
#![allow(unsafe_code, reason = "signals")]
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{alone, in_child, spawn};
use traceme::{Session, instant, traceme};

/// How often the handler was through, and on which thread the session takes alerts.
static HANDLED: AtomicU64 = AtomicU64::new(0);
static SINK: AtomicU64 = AtomicU64::new(0);

extern "C" fn handler(_signal: libc::c_int) {
    slow();
    HANDLED.fetch_add(1, Ordering::Release);
}

#[traceme(alert = "1ns")]
fn slow() {}

#[test]
fn a_handler_on_the_thread_that_takes_alerts_never_waits_for_it() {
    const ENOUGH: u64 = 2_000;
    // Where one processor is all that there is, there are thousands between two signals.
    const MOST: u64 = 500_000;
    in_child("a_handler_on_the_thread_that_takes_alerts_never_waits_for_it", || {
        let _alone = alone();
        // SAFETY: the handler touches an atomic and traces only.
        let before = unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
        assert_ne!(before, libc::SIG_ERR);
        let told = Arc::new(AtomicU64::new(0));
        let counter = Arc::clone(&told);
        let session = Session::builder().on_alert(move |_| {
            if SINK.load(Ordering::Relaxed) == 0 {
                // What a thread meets for the first time is allocated.
                instant!("warm");
            }
            // SAFETY: it has no preconditions.
            SINK.store(unsafe { libc::pthread_self() }, Ordering::Relaxed);
            counter.fetch_add(1, Ordering::Relaxed);
        });
        let session = session.start().unwrap();
        let done = Arc::new(AtomicBool::new(false));
        let full = spawn("full", {
            let done = Arc::clone(&done);
            move || {
                // Keeps the queue full.
                (0..MOST).take_while(|_| !done.load(Ordering::Relaxed)).for_each(|_| slow());
            }
        });
        while SINK.load(Ordering::Relaxed) == 0 {
            std::thread::yield_now();
        }
        while HANDLED.load(Ordering::Acquire) < ENOUGH && !full.is_finished() {
            let handled = HANDLED.load(Ordering::Acquire);
            // SAFETY: the session's thread runs as long as the session.
            assert_eq!(unsafe { libc::pthread_kill(SINK.load(Ordering::Relaxed), libc::SIGUSR1) }, 0);
            // None comes when that thread ends.
            while HANDLED.load(Ordering::Acquire) == handled {
                std::thread::yield_now();
            }
        }
        assert!(HANDLED.load(Ordering::Relaxed) > 0, "no signal came");
        done.store(true, Ordering::Relaxed);
        full.join().unwrap();
        let trace = session.stop();
        let alerted = trace.spans().filter(|span| span.flags().is_alerted()).count() as u64;
        assert!(trace.missed_alerts() > 0, "the queue was never full");
        assert_eq!(told.load(Ordering::Relaxed) + trace.missed_alerts(), alerted);
    });
}

//! A signal handler that traces, on threads that take snapshots: its first event there must not wait for what the snapshot
//! looks at.
#![allow(unsafe_code, reason = "signals")]
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use std::os::unix::thread::JoinHandleExt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier};

use common::{alone, in_child, spawn};
use traceme::{Level, instant, recorder};

/// How often the handler ran.
static SIGNALS: AtomicU64 = AtomicU64::new(0);

extern "C" fn handler(_signal: libc::c_int) {
    instant!("in handler");
    SIGNALS.fetch_add(1, Ordering::Relaxed);
}

#[test]
fn a_handler_that_traces_on_a_thread_that_takes_snapshots_returns() {
    in_child("a_handler_that_traces_on_a_thread_that_takes_snapshots_returns", || {
        const THREADS: u64 = 300;
        const MANY: usize = 500;
        let _alone = alone();
        // SAFETY: the handler touches an atomic and traces only.
        let before = unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
        assert_ne!(before, libc::SIG_ERR);
        assert!(recorder::start(Level::INFO));
        // The handler's callsite is met here: what is met for the first time is allocated.
        handler(0);
        // Many threads at once, so that a snapshot looks for long.
        let all = Arc::new(Barrier::new(MANY));
        let once = |_| {
            let all = Arc::clone(&all);
            spawn("once", move || {
                instant!("once");
                all.wait();
            })
        };
        let once: Vec<_> = (0..MANY).map(once).collect();
        once.into_iter().for_each(|thread| thread.join().unwrap());
        for _ in 0..THREADS {
            let (ready, done) = <(Arc<AtomicBool>, Arc<AtomicBool>)>::default();
            let thread = spawn("snapshots", {
                let (ready, done) = (Arc::clone(&ready), Arc::clone(&done));
                move || {
                    // It records nothing itself: the handler's event is its first.
                    while !done.load(Ordering::Relaxed) {
                        drop(recorder::snapshot());
                        ready.store(true, Ordering::Relaxed);
                    }
                }
            });
            while !ready.load(Ordering::Relaxed) {
                std::hint::spin_loop();
            }
            let before = SIGNALS.load(Ordering::Relaxed);
            // SAFETY: the thread has not been joined.
            assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) }, 0);
            while SIGNALS.load(Ordering::Relaxed) == before {
                std::hint::spin_loop();
            }
            done.store(true, Ordering::Relaxed);
            thread.join().unwrap();
        }
        assert!(recorder::stop().event_count() > 0);
    });
}

//! Processes made by `fork`: what they leave out is their own.
#![cfg(unix)]
#![allow(unsafe_code, reason = "fork")]
#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "tests")]

mod common;
#[path = "common/forking.rs"]
mod forking;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{alone, in_child, spawn};
use forking::{Found, ensure, fork};
use traceme::{Session, Trace, trace_scope};

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

/// Each change of the filter has a thread meet its callsites, and their rates, anew.
#[test]
fn a_child_waits_for_no_thread_that_was_meeting_a_rate() {
    const FORKS: u64 = 300;
    static STOPS: AtomicBool = AtomicBool::new(false);
    static TURNS: AtomicU64 = AtomicU64::new(0);
    in_child("a_child_waits_for_no_thread_that_was_meeting_a_rate", || {
        let _alone = alone();
        let mut session = Some(Session::builder().in_children(true).start().unwrap());
        let other = spawn("other", || {
            while !STOPS.load(Ordering::Relaxed) {
                TURNS.fetch_add(1, Ordering::Relaxed);
                ticks(1);
            }
        });
        for _ in 0..FORKS {
            let before = TURNS.load(Ordering::Relaxed);
            session.as_ref().unwrap().set_filter("info").unwrap();
            // Not always at the same point of what the thread does then.
            while TURNS.load(Ordering::Relaxed) <= before {
                std::hint::spin_loop();
            }
            let child = fork(|| {
                ticks(CALLS);
                check(&session.take().unwrap().stop(), CALLS)
            });
            child.join();
        }
        STOPS.store(true, Ordering::Relaxed);
        other.join().unwrap();
        let trace = session.unwrap().stop();
        assert_eq!(trace.event_count() + trace.losses().left_out(), TURNS.load(Ordering::Relaxed));
    });
}

//! Processes made by `fork`: what they leave out is their own.
#![cfg(unix)]
#![allow(unsafe_code, reason = "fork")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/forking.rs"]
mod forking;

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

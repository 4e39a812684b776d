//! Processes that fork while tasks live: in the child they are bare futures, in the parent nothing has happened.
#![cfg(unix)]
#![allow(unsafe_code, reason = "fork")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/forking.rs"]
mod forking;
#[path = "common/polling.rs"]
mod polling;

use std::pin::{Pin, pin};

use common::{alone, assert_sound, in_child};
use forking::{Found, ensure, fork};
use polling::{After, flags, poll, task};
use traceme::{Session, Traced, append, traced};

type Live = Option<Pin<Box<Traced<After>>>>;

/// What a child does with a task of its parent's, in a session of its own, which has a task then.
fn go_on_in_the_child(live: &mut Live) -> Found {
    ensure!(!poll(live.as_mut().unwrap().as_mut(), 1), "it is ready");
    let session = Session::start(1).map_err(|error| error.to_string())?;
    ensure!(!poll(live.as_mut().unwrap().as_mut(), 1), "it is ready");
    append!(added = 1 + 1);
    ensure!(poll(pin!(traced!(After(1), "own")), 1), "it is not ready");
    live.take();
    let trace = session.stop();
    let own: Vec<_> =
        trace.tasks().map(|task| (task.name().to_string(), task.parent_id(), task.polls().len())).collect();
    ensure!(own == [("own".into(), None, 1)], "{own:?}");
    ensure!(
        trace.event_count() == 3 && trace.losses().is_empty(),
        "{} events, {:?}",
        trace.event_count(),
        trace.losses()
    );
    Ok(())
}

#[test]
fn a_task_that_lives_is_inert_in_the_child_and_whole_in_the_parent() {
    in_child("a_task_that_lives_is_inert_in_the_child_and_whole_in_the_parent", || {
        let _alone = alone();
        let session = Session::start(1).unwrap();
        let mut live: Live = Some(Box::pin(traced!(After(9), "fetch")));
        assert!(!poll(live.as_mut().unwrap().as_mut(), 1));
        fork(|| go_on_in_the_child(&mut live)).join();
        // Inside of a poll of another one, too.
        let around = async { fork(|| go_on_in_the_child(&mut live)).join() };
        assert!(poll(pin!(traced!(around, "around")), 1));
        assert!(!poll(live.as_mut().unwrap().as_mut(), 1));
        drop(live);
        let trace = session.stop();
        assert_sound(&trace);
        assert!(trace.losses().is_empty(), "{:?}", trace.losses());
        let [fetch, around] = ["fetch", "around"].map(|name| task(&trace, name));
        assert_eq!((flags(fetch), fetch.polls().len()), (vec!["cancelled"], 3));
        assert_eq!((flags(around), around.polls().len()), (vec![], 1));
        // Each begins, ends, and is polled, or dropped.
        assert_eq!((trace.tasks().len(), trace.event_count()), (2, 2 + 3 + 2 + 1));
    });
}

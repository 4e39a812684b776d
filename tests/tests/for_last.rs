//! Sessions that keep the last of some time only.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::future::pending;
use std::time::Duration;

use common::{accounted, alone, assert_sound, in_child, spawn};
use polling::poll_once;
use traceme::trace::Cause;
use traceme::{Memory, Session, instant, traced};

/// Ten chunks and more of instants with a number, 24 bytes each.
const TICKS: u64 = 120_000;

fn tick() {
    (0..TICKS).for_each(|n| instant!("tick", meta(n)));
}

#[test]
fn what_is_older_is_given_up_and_counted() {
    // A process that is killed after some minutes.
    in_child("what_is_older_is_given_up_and_counted", give_up_all_but_one);
}

fn give_up_all_but_one() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::for_last(Duration::from_nanos(1), 64 << 20)).start().unwrap();
    spawn("work", tick).join().unwrap();
    // Nothing more is recorded: it is time alone that gives up all but the chunk that the next thread goes on in.
    while session.snapshot().event_count() > TICKS / 10 {
        std::thread::yield_now();
    }
    let trace = session.stop();
    assert_eq!(accounted(&trace), TICKS);
    assert_eq!(trace.losses().by_cause(Cause::Overwritten), trace.losses().total());
    assert!(trace.event_count() > 0, "the newest chunk stays");
}

#[test]
fn a_task_that_is_older_has_what_is_left_of_it() {
    in_child("a_task_that_is_older_has_what_is_left_of_it", || {
        let _alone = alone();
        let session = Session::builder().memory(Memory::for_last(Duration::from_nanos(1), 64 << 20)).start().unwrap();
        let old = spawn("work", move || {
            let mut old = Box::pin(traced!(pending::<()>(), "old"));
            poll_once(old.as_mut());
            tick();
            old
        });
        let mut old = old.join().unwrap();
        while session.snapshot().tasks().len() > 0 {
            std::thread::yield_now();
        }
        let mut new = Box::pin(traced!(pending::<()>(), "new"));
        poll_once(old.as_mut());
        poll_once(new.as_mut());
        drop(old);
        drop(new);
        let trace = session.stop();
        // Each is polled, and dropped.
        let tasks: Vec<_> = trace.tasks().map(|task| (task.name().to_string(), task.polls().len())).collect();
        assert_eq!(tasks, [("old".into(), 2), ("new".into(), 2)]);
        let [old, new] = trace.tasks().collect::<Vec<_>>()[..] else { panic!("two tasks") };
        assert_eq!((old.created(), old.idle(), old.flags().is_continuing()), (None, None, true));
        assert!(new.created().is_some() && new.idle().is_some() && !new.flags().is_continuing());
        assert!([old, new].iter().all(|task| task.end().is_some() && task.flags().is_cancelled()));
        // The old one had one poll more.
        assert_eq!(accounted(&trace), TICKS + 2 * 4 + 1);
        assert!(trace.losses().by_cause(Cause::Overwritten) > TICKS / 2);
    });
}

#[test]
fn what_is_not_older_stays() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::for_last(Duration::from_secs(3_600), 64 << 20)).start().unwrap();
    spawn("work", tick).join().unwrap();
    let snapshot = session.snapshot();
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!((snapshot.event_count(), trace.event_count(), trace.losses().total()), (TICKS, TICKS, 0));
}

#[test]
fn it_is_a_ring_of_so_many_bytes() {
    let _alone = alone();
    let memory = Memory::for_last(Duration::from_secs(3_600), 4 * (256 << 10));
    assert_eq!((memory.bytes(), memory.is_ring(), memory.age()), (1 << 20, true, Some(Duration::from_secs(3_600))));
    let session = Session::builder().memory(memory).start().unwrap();
    spawn("work", tick).join().unwrap();
    let trace = session.stop();
    assert_eq!((accounted(&trace), trace.losses().by_cause(Cause::Overwritten)), (TICKS, trace.losses().total()));
    assert!(trace.losses().total() > TICKS / 2);
}

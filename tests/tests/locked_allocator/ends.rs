//! Threads end, and their destructors and frees are interrupted.

use std::cell::RefCell;

use traceme::trace::Cause;

use crate::allocator::{handle, under_lock};
use crate::common::{alone, in_child, spawn};
use crate::others::lose;
use crate::stepped::{Steps, while_stepping};
use crate::{assert_accounted, event, recorded, with_room_for};

/// Is interrupted as it is dropped.
struct Interrupted;

impl Drop for Interrupted {
    fn drop(&mut self) {
        under_lock(event);
    }
}

thread_local! {
    static FIRST: RefCell<Option<Interrupted>> = const { RefCell::new(None) };
    static SECOND: RefCell<Option<Interrupted>> = const { RefCell::new(None) };
}

fn interrupt_first() {
    FIRST.set(Some(Interrupted));
}

fn interrupt_second() {
    SECOND.set(Some(Interrupted));
}

/// What `work` records on threads one after the other; nothing is lost but behind the recorder's own end.
#[track_caller]
fn record_on_threads(work: fn()) {
    const THREADS: usize = 50;
    let _alone = alone();
    let trace = recorded(with_room_for(1), event, |_| {
        (0..THREADS).for_each(|_| spawn("ends", work).join().unwrap());
    });
    let losses = trace.losses();
    let inevitable = [Cause::Reentrant, Cause::Teardown].map(|cause| losses.by_cause(cause));
    assert_eq!(losses.total(), inevitable.iter().sum::<u64>(), "{losses:?}");
    assert!(trace.event_count() > THREADS as u64);
}

#[test]
fn events_in_destructors_registered_before_the_first_event_and_after() {
    in_child("ends::events_in_destructors_registered_before_the_first_event_and_after", || {
        record_on_threads(|| {
            interrupt_first();
            event();
            interrupt_second();
        });
    });
}

#[test]
fn the_first_event_in_a_destructor() {
    in_child("ends::the_first_event_in_a_destructor", || {
        record_on_threads(|| {
            interrupt_first();
            interrupt_second();
        });
    });
}

#[test]
fn all_that_a_thread_frees_at_its_end() {
    in_child("ends::all_that_a_thread_frees_at_its_end", || {
        record_on_threads(|| {
            interrupt_first();
            handle(Some(event));
        });
    });
}

/// Has its thread go step by step from here to its end.
struct Rest(Steps);

impl Drop for Rest {
    fn drop(&mut self) {
        self.0.take_the_rest();
    }
}

thread_local! {
    static REST: RefCell<Option<Rest>> = const { RefCell::new(None) };
}

/// At each allocation and free of a thread that ends, another one records. Not in front of its destructors: there, the
/// standard library frees while it holds a lock that threads need which begin.
#[test]
fn while_others_record() {
    in_child("ends::while_others_record", || {
        let _alone = alone();
        let session = with_room_for(1000).start().unwrap();
        event();
        // It has losses to leave behind.
        let ((), steps) = while_stepping("the end of a thread", event, |steps| {
            let end = move || {
                lose();
                REST.set(Some(Rest(steps)));
            };
            spawn("ends", end).join().unwrap();
        });
        let trace = session.stop();
        assert!(steps > 0);
        assert_accounted(&[&trace]);
        let losses = trace.losses();
        let inevitable = [Cause::Reentrant, Cause::Teardown, Cause::TooDeep].map(|cause| losses.by_cause(cause));
        assert_eq!(losses.total(), inevitable.iter().sum::<u64>(), "{losses:?}");
    });
}

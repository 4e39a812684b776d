//! The annotated functions do what the bare ones do; whether they record is decided by who builds the program.

use std::cell::Cell;
use std::future::Future;
use std::pin::pin;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll, Waker};

use shapes_no_std::outcomes::{self, Printed, Queue};
use shapes_no_std::{Bytes, EVALUATED, every_argument, made_name, sum};
use traceme::Session;

fn everything() {
    assert_eq!(sum(&[1, 2]), 3);
    assert_eq!(every_argument(&[1, 2]), Ok(3));
    assert!(every_argument(&[]).is_err());
    assert_eq!(made_name(&[1]).sum::<u64>(), 1);
    assert_eq!(Bytes([1, 2]).find(|byte| *byte > 1), Some(&2));
    assert_eq!(Bytes([0; 3]).to_string(), "3 B");
}

/// Nine spans and an activity.
fn every_outcome() {
    assert!(outcomes::result(1) == Printed(1));
    assert_eq!((outcomes::parsed("1"), outcomes::parsed("x").is_err()), (Ok(2), true));
    assert!(outcomes::everything(&mut 0).is_err_and(|error| error == Printed(0)));
    assert!(outcomes::everything(&mut 1).is_ok_and(|x| *x == 2));
    assert!(outcomes::generic(|| Err(Printed(1))).is_err());
    outcomes::nothing();
    let future = pin!(outcomes::asynchronous(Cell::new(1), &2, 3));
    assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(3));
    let future = pin!(outcomes::fails_later(3, (&4, 5), ""));
    assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(Err(Printed(3))));
    let future = pin!(outcomes::returns_a_future(3));
    assert_eq!(future.poll(&mut Context::from_waker(Waker::noop())), Poll::Ready(4));
    let future = pin!(outcomes::never((1, 2), ""));
    assert!(future.poll(&mut Context::from_waker(Waker::noop())).is_pending());
    let queue = Queue::new(4);
    assert!(queue.first() == queue.quiet());
    assert!(queue.recorded() == Printed(4));
}

#[test]
fn functions_work_and_evaluate_no_metadata_unless_they_record() {
    everything();
    every_outcome();
    // Relaxed: this thread has counted.
    assert_eq!(EVALUATED.load(Ordering::Relaxed), 0);
    match Session::start(2) {
        Err(error) => {
            assert!(error.is_disabled(), "{error}");
            everything();
            every_outcome();
            assert_eq!(EVALUATED.load(Ordering::Relaxed), 0, "compiled out");
        }
        Ok(session) => {
            everything();
            every_outcome();
            assert_eq!(session.stop().spans().count(), 27);
            assert_eq!(EVALUATED.load(Ordering::Relaxed), 20);
        }
    }
}

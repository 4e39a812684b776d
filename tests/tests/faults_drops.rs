//! What the program gives a session, and what panics when it is dropped: nothing recorded is lost by it, and the next session
//! starts.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::panic::resume_unwind;
use std::thread::panicking;

use common::in_child;
use traceme::session::{Action, Sink, Trigger};
use traceme::{Level, Session, Trace, instant, recorder};

/// Panics when it is dropped, with something that does the same when it is dropped, and so on.
struct Bomb(u32);

impl Drop for Bomb {
    fn drop(&mut self) {
        if self.0 > 0 && !panicking() {
            resume_unwind(Box::new(Bomb(self.0 - 1)));
        }
    }
}

/// Records an event in a session, has `fire` do what it wants with it, and stops it; then starts another one.
fn assert_whole(session: Session, fire: impl FnOnce(&Session)) {
    instant!("event", level = 1);
    fire(&session);
    assert_eq!(session.stop().event_count(), 1);
    assert_eq!(Session::start(1).expect("the one before has stopped").stop().event_count(), 0);
}

#[test]
fn of_a_function_that_is_called_and_panics_or_not() {
    in_child("of_a_function_that_is_called_and_panics_or_not", || {
        for depth in 0..4 {
            for panics in [false, true] {
                let bomb = Bomb(depth);
                let call = move |_: &traceme::session::Fired<'_>| {
                    let _held = &bomb;
                    if panics {
                        resume_unwind(Box::new(Bomb(depth)));
                    }
                };
                let session = Session::builder().on(Trigger::manual(), Action::call(call)).start().unwrap();
                let again = Bomb(depth);
                session
                    .on(
                        Trigger::manual(),
                        Action::call(move |_| {
                            let _held = &again;
                        }),
                    )
                    .unwrap();
                assert_whole(session, Session::fire);
            }
        }
    });
}

/// A sink that panics, or takes batches, and panics later.
struct Panics {
    at_once: bool,
    bomb: Bomb,
}

impl Sink for Panics {
    fn batch(&mut self, _batch: &Trace) {
        if self.at_once {
            resume_unwind(Box::new(Bomb(self.bomb.0)));
        }
    }
}

#[test]
fn of_a_sink_that_panics_or_not() {
    in_child("of_a_sink_that_panics_or_not", || {
        for depth in 0..4 {
            for at_once in [false, true] {
                let sink = || Panics { at_once, bomb: Bomb(depth) };
                let session = Session::builder().sink(sink()).sink_of("info", sink()).start().unwrap();
                assert_whole(session, |_| ());
                // One that is never called.
                assert!(Session::builder().sink(sink()).level(0).start().unwrap_err().is_level());
            }
        }
    });
}

/// Asks the recorder for all that it has a lock for.
struct Asks;

impl Drop for Asks {
    fn drop(&mut self) {
        instant!("dropped", level = 1);
        drop(recorder::snapshot());
        drop(recorder::rotate());
        recorder::fire();
        assert!(!recorder::on(Trigger::signal(-1), Action::call(|_| ())).unwrap_or(false));
    }
}

#[test]
fn an_action_that_is_refused_may_ask_the_recorder_when_it_is_dropped() {
    in_child("an_action_that_is_refused_may_ask_the_recorder_when_it_is_dropped", || {
        let asks = || {
            let asks = Asks;
            Action::call(move |_| {
                let _held = &asks;
            })
        };
        assert!(!recorder::on(Trigger::manual(), asks()).unwrap());
        assert!(recorder::start(Level::ALL));
        assert!(recorder::on(Trigger::signal(-1), asks()).unwrap_err().is_trigger());
        assert!(recorder::on(Trigger::span_over("a b=", std::time::Duration::ZERO), asks()).unwrap_err().is_filter());
        assert_eq!(
            recorder::stop().losses().total(),
            0,
            "what it records is recorded, though some of it is rotated away"
        );
    });
}

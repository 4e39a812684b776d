//! More is recorded for some time.

use std::time::Duration;

use traceme::__private::mock;
use traceme::session::{Action, Trigger};
use traceme::{Level, Session, active, trace_scope};

use crate::common::{in_child, span_names};
use crate::{Heard, sending};

fn detail() {
    trace_scope!("detail", level = 3);
}

/// Waits until the session has looked at the clock again.
fn wait_for(verbose: bool) {
    #[expect(clippy::disallowed_methods, reason = "a limit, not a measurement")]
    let since = std::time::Instant::now();
    while active(Level::VERBOSE) != verbose {
        assert!(since.elapsed() < Duration::from_secs(60), "it is never {verbose}");
        std::thread::yield_now();
    }
}

/// Fires, and waits until all rules have been looked at: those before the one that is heard may have been, just before the
/// first firing.
fn fire(session: &Session, heard: &Heard<()>) {
    for _ in 0..2 {
        session.fire();
        heard.next();
    }
}

#[test]
fn a_filter_is_raised_for_so_long_and_then_what_it_was() {
    in_child("changes::a_filter_is_raised_for_so_long_and_then_what_it_was", || {
        mock(1000);
        let session = Session::start(2).unwrap();
        let raise = || Action::raise("verbose,name:never=off", Duration::from_nanos(100));
        session.on(Trigger::manual(), raise()).unwrap();
        detail();
        session.fire();
        wait_for(true);
        detail();
        trace_scope!("never", level = 1);
        mock(1099);
        session.fire();
        let (looked, heard) = sending(|_| ());
        session.on(Trigger::manual(), looked).unwrap();
        fire(&session, &heard);
        // It began again.
        mock(1198);
        detail();
        fire(&session, &heard);
        mock(1297);
        detail();
        assert!(active(Level::VERBOSE));
        mock(1298);
        wait_for(false);
        detail();
        let trace = session.stop();
        assert_eq!(span_names(&trace), ["detail"; 3]);
    });
}

#[test]
fn what_the_program_sets_meanwhile_stays() {
    in_child("changes::what_the_program_sets_meanwhile_stays", || {
        mock(1000);
        let session = Session::start(2).unwrap();
        session.on(Trigger::manual(), Action::raise(Level::ALL, Duration::from_nanos(100))).unwrap();
        session.fire();
        wait_for(true);
        session.set_filter("all").unwrap();
        let (looked, heard) = sending(|_| ());
        session.on(Trigger::manual(), looked).unwrap();
        // Raised once more, from what the program has set, and over once more.
        fire(&session, &heard);
        mock(2000);
        fire(&session, &heard);
        session.set_filter("info").unwrap();
        mock(4000);
        let (looked, heard) = sending(|_| ());
        session.on(Trigger::alert(), looked).unwrap();
        drop(traceme::__private::alert(traceme::span!("alert", level = 1), 0));
        heard.next();
        assert!(!active(Level::VERBOSE), "it isn't set back to what it was before");
        session.stop();
    });
}

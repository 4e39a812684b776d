//! More is recorded for some time.

use std::time::Duration;

use traceme::__private::mock;
use traceme::session::{Action, Trigger};
use traceme::{Level, Session, Trace, active, trace_scope};

use crate::common::{in_child, span_names};
use crate::{looked, sending};

fn detail() {
    trace_scope!("detail", level = 3);
}

fn names(trace: &Trace) -> Vec<String> {
    span_names(trace).into_iter().filter(|name| name != "alert").collect()
}

#[test]
fn a_filter_is_raised_for_so_long_and_then_what_it_was() {
    in_child("changes::a_filter_is_raised_for_so_long_and_then_what_it_was", || {
        mock(1000);
        let session = Session::start(2).unwrap();
        let raise = || Action::raise("verbose,name:never=off", Duration::from_nanos(100));
        let (looks, heard) = sending(|_| ());
        session.on(Trigger::manual(), raise()).unwrap();
        session.on(Trigger::alert(), looks).unwrap();
        detail();
        session.fire();
        looked(&heard);
        detail();
        trace_scope!("never", level = 1);
        mock(1099);
        session.fire();
        looked(&heard);
        // It began again.
        mock(1198);
        detail();
        session.fire();
        looked(&heard);
        mock(1297);
        detail();
        looked(&heard);
        assert!(active(Level::VERBOSE));
        mock(1298);
        looked(&heard);
        assert!(!active(Level::VERBOSE));
        detail();
        let trace = session.stop();
        assert_eq!(names(&trace), ["detail"; 3]);
    });
}

#[test]
fn what_the_program_sets_meanwhile_stays() {
    in_child("changes::what_the_program_sets_meanwhile_stays", || {
        mock(1000);
        let session = Session::start(2).unwrap();
        let (looks, heard) = sending(|_| ());
        session.on(Trigger::manual(), Action::raise(Level::ALL, Duration::from_nanos(100))).unwrap();
        session.on(Trigger::alert(), looks).unwrap();
        session.fire();
        looked(&heard);
        assert!(active(Level::VERBOSE));
        session.set_filter("all").unwrap();
        // Raised once more, from what the program has set, and over once more.
        session.fire();
        looked(&heard);
        mock(2000);
        session.fire();
        looked(&heard);
        session.set_filter("info").unwrap();
        mock(4000);
        looked(&heard);
        assert!(!active(Level::VERBOSE), "it isn't set back to what it was before");
        session.stop();
    });
}

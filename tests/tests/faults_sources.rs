//! Sources that panic, whenever they are called: the session, the other sources and the next session are as without them.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex};

use common::{alone, span_names};
use traceme::session::Source;
use traceme::trace::{TraceBuilder, TrackKind};
use traceme::{Error, Session, trace_scope};

#[derive(Clone, Copy, PartialEq)]
enum When {
    Never,
    Start,
    Stop,
    Collect,
    Drop,
}

/// A source that says what it is asked for, adds a span, and panics.
struct Panics {
    when: When,
    heard: Arc<Mutex<Vec<&'static str>>>,
}

impl Panics {
    fn heard(&self, what: &'static str, when: When) {
        self.heard.lock().unwrap().push(what);
        if self.when == when {
            resume_unwind(Box::new("expected"));
        }
    }
}

impl Source for Panics {
    fn start(&mut self) -> Result<(), Error> {
        self.heard("start", When::Start);
        Ok(())
    }

    fn stop(&mut self) {
        self.heard("stop", When::Stop);
    }

    fn collect(&mut self, trace: &mut TraceBuilder) {
        let track = trace.add_track("theirs", TrackKind::Device { ordinal: 0 }, None).unwrap();
        let _ = trace.span(track, "theirs", 1, Some(2), &[]);
        self.heard("collect", When::Collect);
    }
}

impl Drop for Panics {
    fn drop(&mut self) {
        if self.when == When::Drop {
            resume_unwind(Box::new("expected"));
        }
    }
}

type Heard = Arc<Mutex<Vec<&'static str>>>;

/// A session with a source that panics then, between two that don't.
fn start(when: When) -> (Result<Session, Error>, [Heard; 3]) {
    let heard: [Heard; 3] = Default::default();
    let source = |at: usize, when| Panics { when, heard: Arc::clone(&heard[at]) };
    let builder = Session::builder().source(source(0, When::Never)).source(source(1, when));
    (builder.source(source(2, When::Never)).start(), heard)
}

#[test]
fn one_that_panics_later_keeps_nobody_from_the_trace() {
    let _alone = alone();
    for when in [When::Never, When::Stop, When::Collect, When::Drop] {
        let (session, heard) = start(when);
        {
            trace_scope!("ours");
        }
        let trace = session.unwrap().stop();
        assert_eq!(span_names(&trace).iter().filter(|name| *name == "ours").count(), 1);
        assert_eq!(span_names(&trace).iter().filter(|name| *name == "theirs").count(), 3, "each has added its span");
        for heard in heard {
            assert_eq!(*heard.lock().unwrap(), ["start", "stop", "collect"]);
        }
    }
    assert_eq!(Session::start(1).unwrap().stop().event_count(), 0);
}

#[test]
fn one_that_panics_at_the_start_is_an_error_and_those_before_it_are_stopped() {
    let _alone = alone();
    let (session, heard) = start(When::Start);
    assert!(session.unwrap_err().is_source());
    let heard = heard.map(|heard| heard.lock().unwrap().clone());
    assert_eq!(heard, [vec!["start", "stop"], vec!["start"], vec![]]);
    assert_eq!(Session::start(1).unwrap().stop().event_count(), 0);
}

#[test]
fn a_session_that_a_panic_drops_does_not_abort_because_of_them() {
    let _alone = alone();
    for when in [When::Stop, When::Collect, When::Drop] {
        let caught = std::panic::catch_unwind(|| {
            let _session = start(when).0.unwrap();
            resume_unwind(Box::new("of the program"));
        });
        assert_eq!(caught.unwrap_err().downcast_ref(), Some(&"of the program"));
    }
    assert_eq!(Session::start(1).unwrap().stop().event_count(), 0);
}

//! A filter that is changed while a session records.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{alone, assert_sound, below_thread, span_names, spawn};
use traceme::{Filter, Level, Memory, Session, active, append, instant, recorder, span, trace_scope};

fn detail(name: &str) {
    trace_scope!("detail", level = 3, meta(name));
}

#[test]
fn each_filter_holds_until_the_next_one() {
    let _alone = alone();
    let session = Session::builder().filter("info").start().unwrap();
    detail("by the first");
    session.set_filter(Level::VERBOSE).unwrap();
    detail("by a level");
    session.set_filter("all,name:detail=off").unwrap();
    detail("off by name");
    instant!("all", level = 200);
    session.set_filter("off").unwrap();
    assert!(!active(Level::CRITICAL));
    trace_scope!("nothing", level = 1);
    session.set_filter("critical,filter_changes=verbose".parse::<Filter>().unwrap()).unwrap();
    detail("by its module");
    assert!(session.set_filter("info,net=loud").unwrap_err().is_filter());
    detail("as before");
    let trace = session.stop();
    assert_sound(&trace);
    let expected = "detail name=\"by a level\"\n* all\ndetail name=\"by its module\"\ndetail name=\"as before\"";
    assert_eq!(below_thread(&trace.text().to_string()), expected);
    assert!(trace.losses().is_empty());
    assert!(!active(Level::CRITICAL));
}

#[test]
fn spans_that_are_open_across_a_change_are_whole() {
    let _alone = alone();
    let session = Session::builder().filter("verbose").start().unwrap();
    {
        let outer = span!("outer", level = 3);
        let inner = span!("inner", level = 3);
        session.set_filter("off").unwrap();
        trace_scope!("left out", level = 1);
        append!(outer, goes_with_it = true);
        session.set_filter("info").unwrap();
        trace_scope!("within", level = 2);
        append!(inner, n = 5);
    }
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!(below_thread(&trace.text().to_string()), "outer goes_with_it=true\n  inner n=5\n    within");
    assert!(trace.losses().is_empty());
}

#[test]
fn a_new_session_starts_with_its_own_filter() {
    let _alone = alone();
    let session = Session::builder().filter("off").start().unwrap();
    detail("none");
    session.set_filter("all").unwrap();
    detail("first");
    assert_eq!(session.stop().event_count(), 1);
    let session = Session::builder().filter("off").start().unwrap();
    detail("none");
    assert!(session.stop().is_empty());
}

#[test]
fn the_session_of_the_process_can_be_changed_from_anywhere() {
    let _alone = alone();
    assert_eq!(recorder::set_filter("info"), Ok(false));
    assert!(recorder::start(Level::CRITICAL));
    assert_eq!(spawn("changes", || recorder::set_filter("name:detail=3")).join().unwrap(), Ok(true));
    detail("recorded");
    assert!(recorder::set_filter("nonsense").unwrap_err().is_filter());
    assert_eq!(span_names(&recorder::stop()), ["detail"]);
}

/// What is evaluated is attempted, and what is attempted is recorded: whichever filter held.
#[test]
fn every_event_that_is_attempted_while_the_filter_changes_is_recorded() {
    const THREADS: usize = 4;
    const CHANGES: usize = 2000;
    static ATTEMPTS: AtomicU64 = AtomicU64::new(0);
    static OVER: AtomicBool = AtomicBool::new(false);
    fn attempt() -> u64 {
        ATTEMPTS.fetch_add(1, Ordering::Relaxed)
    }
    let _alone = alone();
    let session = Session::builder().filter("off").memory(Memory::bounded(2 << 30)).start().unwrap();
    let record = || {
        while !OVER.load(Ordering::Relaxed) {
            trace_scope!("outer", level = 2, meta(n = attempt()));
            trace_scope!("inner", level = 3, meta(n = attempt()));
            instant!("point", level = 3, meta(n = attempt()));
        }
    };
    let threads: Vec<_> = (0..THREADS).map(|_| spawn("records", record)).collect();
    for turn in 0..CHANGES {
        session.set_filter(["info", "verbose", "name:inner=3", "off"][turn % 4]).unwrap();
        if turn % 64 == 0 {
            // Until each filter has let something through.
            session.set_filter("all").unwrap();
            let before = ATTEMPTS.load(Ordering::Relaxed);
            while ATTEMPTS.load(Ordering::Relaxed) < before + 100 {
                std::hint::spin_loop();
            }
        }
    }
    OVER.store(true, Ordering::Relaxed);
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!(trace.event_count(), ATTEMPTS.load(Ordering::Relaxed));
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    assert!(trace.spans().all(|span| span.end().is_some()), "each span has ended");
}

//! When the expressions of an annotation are evaluated: never if it is not recorded; else once, left to right, and
//! before the start time is read.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::cell::RefCell;

use common::{alone, spawn};
use traceme::__private::mock;
use traceme::{Category, Session, Trace, append, counter, instant, span, trace_scope, traceme};

traceme::categories! {
    IO = "io";
    NET = "net";
}

thread_local! {
    /// What was evaluated, in order.
    static EVALUATED: RefCell<Vec<&'static str>> = const { RefCell::new(Vec::new()) };
}

/// Notes that it was evaluated.
fn note<T>(what: &'static str, value: T) -> T {
    EVALUATED.with_borrow_mut(|evaluated| evaluated.push(what));
    value
}

/// What was evaluated since the last call.
fn evaluated() -> Vec<&'static str> {
    EVALUATED.take()
}

#[traceme(level = 100, meta(first = note("attribute first", 1), second = %note("attribute second", 2)))]
fn annotated() {}

#[traceme(level = 100, category = IO, meta(first = note("attribute io", 1)))]
fn annotated_io() {}

/// Every way to trace, at level 100, some in the category `io`.
fn everything() {
    let span = span!("span", level = 100, meta(a = note("span a", 1), b = ?note("span b", 2)));
    append!(span, a = note("append a", 1));
    let io = span!(name = note("name", "io"), level = 100, category = IO, meta(a = note("io a", 1)));
    append!(io, a = note("append io", 1));
    trace_scope!("scope", level = 100, meta(a = note("scope", 1)));
    trace_scope!("block", level = 100, meta(a = note("block", 1)), {});
    instant!("instant", level = 100, meta(a = %note("instant", "text")));
    counter!("counter", note("counter", 1), level = 100);
    annotated();
    annotated_io();
}

fn traced(session: Session) -> (Trace, Vec<&'static str>) {
    everything();
    (session.stop(), evaluated())
}

#[test]
fn nothing_is_evaluated_without_a_session() {
    let _alone = alone();
    everything();
    assert!(evaluated().is_empty());
    drop(Session::start(255).unwrap());
    everything();
    assert!(evaluated().is_empty());
}

#[test]
fn nothing_is_evaluated_above_the_level_of_the_session() {
    let _alone = alone();
    let (trace, evaluated) = traced(Session::start(99).unwrap());
    assert!(evaluated.is_empty() && trace.is_empty() && trace.losses().is_empty(), "{evaluated:?}");
}

#[test]
fn nothing_is_evaluated_of_other_categories() {
    let _alone = alone();
    let (trace, evaluated) = traced(Session::builder().categories([NET]).start().unwrap());
    assert!(evaluated.is_empty() && trace.is_empty() && trace.losses().is_empty(), "{evaluated:?}");
    let (trace, evaluated) = traced(Session::builder().categories([IO]).start().unwrap());
    assert_eq!(evaluated, ["name", "io a", "append io", "attribute io"], "what is added goes with its span");
    assert_eq!(trace.event_count(), 3);
}

#[test]
fn everything_is_evaluated_once_in_the_order_of_the_source() {
    let _alone = alone();
    let all = [
        "span a",
        "span b",
        "append a",
        "name",
        "io a",
        "append io",
        "scope",
        "block",
        "instant",
        "counter",
        "attribute first",
        "attribute second",
        "attribute io",
    ];
    let (trace, evaluated) = traced(Session::start(100).unwrap());
    assert_eq!((evaluated, trace.event_count()), (all.to_vec(), 10));
    let (trace, evaluated) = traced(Session::builder().categories([IO, NET, Category::DEFAULT]).start().unwrap());
    assert_eq!((evaluated, trace.event_count()), (all.to_vec(), 10));
}

#[test]
fn a_display_impl_runs_only_if_its_event_is_recorded() {
    struct Notes;
    impl std::fmt::Display for Notes {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str(note("display", "shown"))
        }
    }
    let _alone = alone();
    let print = || instant!("prints", level = 2, meta(value = %Notes));
    print();
    let session = Session::start(1).unwrap();
    print();
    drop(session);
    assert!(evaluated().is_empty());
    let session = Session::start(2).unwrap();
    print();
    drop(session);
    assert_eq!(evaluated(), ["display"]);
}

#[test]
fn the_start_time_is_read_behind_the_metadata_and_the_end_time_before_all_else() {
    let _alone = alone();
    // A thread's time never goes backwards: one that has read another clock would not see this one.
    spawn("work", on_a_mock_clock).join().unwrap();
}

fn on_a_mock_clock() {
    /// Sets the clock when it is dropped.
    struct At(u64);
    impl Drop for At {
        fn drop(&mut self) {
            mock(self.0);
        }
    }
    let at = |ticks: u64| {
        mock(ticks);
        ticks
    };
    mock(1000);
    let session = Session::start(1).unwrap();
    {
        let _ends_late = At(5000);
        let guard = span!("span", meta(a = at(1100), b = %at(1200), c = at(1300)));
        mock(1400);
        append!(guard, d = at(1500));
        instant!("instant", meta(a = at(1600)));
        counter!("counter", at(1700));
        let _ends_early = At(2000);
    }
    let text = session.stop().text().times(true).to_string();
    let (_, below) = text.split_once("thread work\n").unwrap();
    assert_eq!(below, "  [300..1000] span a=1100 b=\"1200\" c=1300 d=1500\n    [600] * instant a=1600\n");
    assert!(text.contains("counter counter\n  [700] = 1700\n"), "{text}");
}

#[test]
fn the_level_and_the_category_can_be_constants() {
    const LEVEL: u8 = 3;
    let _alone = alone();
    let session = Session::builder().level(3).categories([IO]).start().unwrap();
    {
        trace_scope!("named", level = traceme::Level::VERBOSE, category = IO);
        instant!("constant", category = Category::new("io"), level = LEVEL);
        instant!("not of it", category = Category::new("i"), level = LEVEL);
    }
    let trace = session.stop();
    assert_eq!(trace.event_count(), 2);
    let callsite = trace.spans().next().unwrap().callsite().unwrap().clone();
    assert_eq!((callsite.level.get(), callsite.category.as_str()), (3, "io"));
}

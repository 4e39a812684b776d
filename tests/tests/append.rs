//! `append!`: metadata that comes later.
#![allow(clippy::unwrap_used, clippy::mem_forget, reason = "tests")]

mod common;

use std::cell::Cell;

use common::{alone, below_thread, recorded};
use traceme::{Session, append, instant, span, trace_scope};

#[test]
fn it_adds_to_the_guards_span_wherever_that_is() {
    let text = recorded(|| {
        let outer = span!("outer", meta(first = 1));
        let inner = span!("inner");
        append!(outer, second = 1 + 1, text = %"printed");
        append!(inner, literal = 5);
        append!(third = 1 + 2);
        instant!("point");
        append!(outer, fourth = 1 + 3);
        drop(inner);
        append!(fifth = 1 + 4);
    });
    let expected = "outer first=1 second=2 text=\"printed\" fourth=4 fifth=5\n  inner literal=5 third=3\n    * point";
    assert_eq!(text, expected);
}

#[test]
fn it_adds_to_a_span_whose_parent_has_ended() {
    let text = recorded(|| {
        let outer = span!("outer");
        let inner = span!("inner");
        drop(outer);
        append!(inner, late = true & true);
        append!(nowhere = 1 + 1);
    });
    assert_eq!(text, "outer\ninner late=true (overlapping)");
}

#[test]
fn without_a_span_it_does_nothing_and_evaluates_nothing() {
    let evaluated = Cell::new(0);
    let evaluate = || evaluated.replace(evaluated.get() + 1);
    let _alone = alone();
    append!(n = evaluate());
    let outside = span!("before the session");
    append!(outside, n = evaluate());
    let session = Session::start(1).unwrap();
    append!(n = evaluate());
    append!(outside, n = evaluate());
    let above = span!("above the level", level = 2);
    append!(above, n = evaluate());
    let trace = session.stop();
    assert_eq!((evaluated.get(), trace.event_count()), (0, 0));
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
}

#[test]
fn to_a_guard_of_a_stopped_session_it_does_nothing() {
    let evaluated = Cell::new(0);
    let evaluate = || evaluated.replace(evaluated.get() + 1);
    let _alone = alone();
    let begin = || span!("same callsite");
    let first = Session::start(1).unwrap();
    let old = begin();
    let first = first.stop();
    append!(old, n = evaluate());
    let second = Session::start(1).unwrap();
    let new = begin();
    append!(old, n = evaluate());
    drop(new);
    let second = second.stop();
    assert_eq!(below_thread(&first.text().to_string()), "same callsite (incomplete)");
    assert_eq!(below_thread(&second.text().to_string()), "same callsite", "what is added to one is not the other's");
    assert_eq!((second.event_count(), evaluated.get()), (1, 0));
}

#[test]
fn without_a_guard_it_never_means_a_span_of_a_stopped_session() {
    let evaluated = Cell::new(0);
    let evaluate = || evaluated.replace(evaluated.get() + 1);
    let _alone = alone();
    let first = Session::start(1).unwrap();
    let old = span!("old");
    drop(first);
    let second = Session::start(1).unwrap();
    append!(n = evaluate());
    let second = second.stop();
    drop(old);
    assert_eq!((second.event_count(), evaluated.get()), (0, 0), "{}", second.text());
}

#[test]
fn to_a_guard_that_is_lost_it_does_nothing() {
    let text = recorded(|| {
        let evaluated = Cell::new(0);
        let evaluate = || evaluated.replace(evaluated.get() + 1);
        let guards: Vec<_> = (0..128).map(|_| span!("nested")).collect();
        let lost = span!("too deep");
        append!(lost, n = evaluate());
        drop(lost);
        guards.into_iter().rev().for_each(drop);
        trace_scope!("after");
        append!(evaluated = evaluated.get());
    });
    assert!(text.contains("\nafter evaluated=0\n"), "{text}");
}

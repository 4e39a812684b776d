//! Whatever a handler records: all kinds of events with all kinds of values, as the first that a thread does in a session.

use std::cell::Cell;
use std::future::ready;
use std::mem::{ManuallyDrop, forget};
use std::pin::pin;
use std::time::Duration;

use traceme::session::{Action, Alert, Trigger};
use traceme::trace::Cause;
use traceme::{
    Flow, Session, SpanGuard, Trace, activity, append, counter, instant, span, step, trace_scope, traced, traceme,
};

use crate::allocator::{take_reentered, under_lock};
use crate::common::{accounted, alone, assert_sound, in_child, spawn};
use crate::polling::poll;
use crate::{attempt, take_attempts, with_room_for};

const TEXT: &str = "a text of more than a word";

fn spans_with_values() {
    let outer = span!("outer", meta(n = attempt(), text = TEXT, list = [1, 2, 3], ratio = 0.5));
    let inner = span!("inner", meta(n = attempt(), none = None::<u8>, time = Duration::from_secs(1)));
    drop(outer);
    drop(inner);
}

#[expect(clippy::mem_forget, reason = "a guard that is never dropped")]
fn spans_left_open() {
    forget(span!("left open", meta(n = attempt())));
}

thread_local! {
    /// Without a destructor, which would be registered with memory.
    static KEPT: Cell<Option<ManuallyDrop<SpanGuard>>> = const { Cell::new(None) };
}

/// One that begins as memory is allocated ends as it is freed.
fn spans_that_end_later() {
    match KEPT.take() {
        Some(guard) => drop(ManuallyDrop::into_inner(guard)),
        None => KEPT.set(Some(ManuallyDrop::new(span!("kept", meta(n = attempt()))))),
    }
}

fn scopes() {
    trace_scope!("scope", meta(n = attempt()));
    step!("step", attempt());
}

fn names_made_at_run_time() {
    instant!(name = TEXT, meta(n = attempt()));
}

fn additions() {
    let guard = span!("appended to", meta(n = attempt()));
    append!(guard, n = attempt(), text = TEXT);
}

fn samples() {
    counter!("sample", attempt());
}

fn flows() {
    let flow = Flow::new();
    drop(span!("produce", meta(n = attempt()), flow_out = flow));
    instant!("consume", meta(n = attempt()), flow_in = flow);
}

fn activities() {
    // Its end is an event too.
    attempt();
    drop(activity!("request", meta(n = attempt(), text = TEXT)));
}

fn tasks() {
    // A poll, and its end.
    attempt();
    attempt();
    assert!(poll(pin!(traced!(ready(()), "task", meta(n = attempt()))), 1));
}

#[traceme(alert = "1ns", meta(n = attempt()))]
fn spans_over_a_limit() {}

fn printed_values() {
    instant!("printed", meta(n = attempt(), display = %TEXT, debug = ?Some(1)));
}

fn left_out_events() {
    // Counted whether it is left out or not.
    attempt();
    instant!("rated", rate = 0.1, meta(text = TEXT));
}

/// Handlers, by name.
type Handlers = &'static [(&'static str, fn())];

const EVENTS: Handlers = &[
    ("spans with values", spans_with_values),
    ("spans left open", spans_left_open),
    ("spans that end later", spans_that_end_later),
    ("scopes", scopes),
    ("names made at run time", names_made_at_run_time),
    ("additions", additions),
    ("samples", samples),
    ("flows", flows),
    ("activities", activities),
    ("tasks", tasks),
    ("spans over a limit", spans_over_a_limit),
];
/// What is printed goes to memory of the thread.
const PRINTED: Handlers = &[("printed values", printed_values)];
/// What is left out is counted in memory of the thread.
const LEFT_OUT: Handlers = &[("events left out", left_out_events)];

/// Runs each handler without the lock.
fn meet(handlers: Handlers) {
    handlers.iter().for_each(|(_, handler)| (0..2).for_each(|_| handler()));
    take_reentered();
}

/// Runs each of the handlers under the lock, and checks that none has allocated.
#[track_caller]
fn handle_all(handlers: Handlers) {
    let allocates = |&(name, handler): &(&str, fn())| {
        under_lock(handler);
        let reentered = take_reentered();
        (reentered > 0).then(|| format!("{name}: {reentered}"))
    };
    let allocating: Vec<_> = handlers.iter().filter_map(allocates).collect();
    assert!(allocating.is_empty(), "allocations and frees of handlers: {allocating:?}");
}

/// The same with a new thread for each handler.
fn handle_each(handlers: Handlers) {
    (0..2).for_each(|_| {
        for handler in handlers.chunks(1) {
            spawn("first", move || handle_all(handler)).join().unwrap();
        }
    });
}

/// A session in which the end of each span is looked at.
fn session(handlers: Handlers) -> Session {
    let over = Trigger::span_over("inner", Duration::from_secs(100));
    let session = with_room_for(2 * handlers.len()).on_alert(|_: &Alert| {});
    session.on(over, Action::call(|_| {})).start().unwrap()
}

/// Checks that all attempts were recorded, or left out on purpose.
#[track_caller]
fn assert_recorded(trace: &Trace) {
    assert_sound(trace);
    let (losses, left_out) = (trace.losses(), trace.losses().by_cause(Cause::Sampled));
    assert_eq!((losses.total(), losses.late()), (0, 0), "{losses:?}");
    assert_eq!(accounted(trace) + left_out, take_attempts());
}

/// On new threads, in sessions that have met the callsites and in one that has not.
fn handled_first(handlers: Handlers) {
    let _alone = alone();
    for is_met in [true, true, false] {
        let session = session(handlers);
        if is_met {
            meet(handlers);
        }
        handle_each(handlers);
        assert_recorded(&session.stop());
    }
}

#[test]
fn of_events() {
    in_child("kinds::of_events", || handled_first(EVENTS));
}

#[test]
fn of_values_that_are_printed() {
    in_child("kinds::of_values_that_are_printed", || handled_first(PRINTED));
}

#[test]
fn of_events_that_are_left_out() {
    in_child("kinds::of_events_that_are_left_out", || handled_first(LEFT_OUT));
}

#[test]
fn of_threads_that_have_recorded_the_same() {
    in_child("kinds::of_threads_that_have_recorded_the_same", || {
        let _alone = alone();
        let session = session(EVENTS);
        for handlers in [EVENTS, PRINTED, LEFT_OUT] {
            meet(handlers);
            handle_all(handlers);
        }
        assert_recorded(&session.stop());
    });
}

//! What `append!` adds to tasks: by their handles, from any thread, and without one to what is innermost.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::future::{pending, ready};
use std::pin::pin;

use common::{assert_sound, spawn, traced as trace_of};
use polling::{After, flags, poll, task};
use traceme::__private::{Task as Handle, Traced as Wrapper, begun, fail_task};
use traceme::trace::Value;
use traceme::{TaskSpan, activity, append, span, trace_scope, traced};

#[test]
fn a_handle_adds_from_any_thread() {
    let mut handles: Vec<TaskSpan> = Vec::new();
    let trace = trace_of(2, || {
        // What the attribute writes.
        let handle: Handle = traceme::__record_task!([] "fetch" 1 (traceme::Category::DEFAULT) [] [("n", "", "")] (traceme::__private::value(&7), ()));
        let task = Wrapper::new(begun(handle), async move {
            // The innermost span is the poll: it is added to the task.
            append!(first = 1);
            {
                let _span = span!("inner");
                append!(inner = true);
                append!(handle, second = 1 + 1);
            }
            After(2).await;
            fail_task(&handle);
        });
        let mut task = pin!(task);
        poll(task.as_mut(), 1);
        let other = spawn("other", move || append!(handle, third = 1 + 2));
        other.join().unwrap();
        let mut nested = pin!(traced!(async { poll(task.as_mut(), 1) }, "around"));
        assert!(poll(nested.as_mut(), 1));
        handles.push(handle);
        let activity = activity!("activity");
        append!(activity, fourth = 1 + 3);
        append!(TaskSpan::INERT, none = 1 + 4);
        activity.end();
    });
    assert_sound(&trace);
    let fetch = task(&trace, "fetch");
    let args: Vec<_> = fetch.args().filter(|(key, _)| *key != "first").collect();
    assert_eq!(fetch.args().find(|(key, _)| *key == "first"), Some(("first", Value::I64(1))));
    let number = |key, n| (key, Value::I64(n));
    assert_eq!(args, [number("n", 7), number("second", 2), number("third", 3)]);
    assert_eq!((flags(fetch), flags(task(&trace, "around"))), (vec!["failed"], vec![]));
    let activity = trace.spans().find(|span| span.name() == "activity".into()).unwrap();
    assert_eq!(activity.args().collect::<Vec<_>>(), [number("fourth", 4)]);
    assert_eq!(trace.spans().find(|span| span.name() == "inner".into()).unwrap().args().count(), 1);

    let session_of_no_task = trace_of(2, || append!(handles[0], late = 1 + 1));
    assert_eq!(session_of_no_task.event_count(), 0, "a handle of another session adds nothing");
}

#[test]
fn what_has_no_guard_adds_to_the_task_that_is_innermost() {
    struct Adds(u8);
    impl Drop for Adds {
        fn drop(&mut self) {
            append!(dropped = self.0);
            drop(traced!(ready(1), "made in a drop", meta(n = self.0)));
        }
    }
    async fn keeps(adds: Adds) {
        let _adds = adds;
        pending().await
    }
    let trace = trace_of(1, || {
        trace_scope!("around");
        let skipping = async {
            append!(skipped = 1 + 1);
            trace_scope!("inside");
            append!(inside = 1 + 2);
        };
        assert!(poll(pin!(traced!(skipping, "skipping", skip_polls)), 1));
        let mut cancelled = Box::pin(traced!(keeps(Adds(4)), "cancelled"));
        let outer = async {
            poll(cancelled.as_mut(), 1);
            drop(cancelled);
            append!(after = 1 + 4);
            drop(traced!(keeps(Adds(6)), "dropped without polls", skip_polls));
            append!(at_last = 1 + 6);
        };
        assert!(poll(pin!(traced!(outer, "outer")), 1));
        append!(of_the_span = 1 + 7);
    });
    assert_sound(&trace);
    let number = |key, n| (key, Value::I64(n));
    let byte = |key, n| (key, Value::U64(n));
    let args = |name| task(&trace, name).args().collect::<Vec<_>>();
    assert_eq!(args("skipping"), [number("skipped", 2)]);
    assert_eq!(args("cancelled"), [byte("dropped", 4)]);
    assert_eq!(args("dropped without polls"), [byte("dropped", 6)]);
    assert_eq!(args("outer"), [number("after", 5), number("at_last", 7)]);
    let span = |name: &str| trace.spans().find(|span| span.name() == name.into()).unwrap();
    assert_eq!(span("inside").args().collect::<Vec<_>>(), [number("inside", 3)]);
    assert_eq!(span("around").args().collect::<Vec<_>>(), [number("of_the_span", 8)]);
    let made = trace.tasks().filter(|task| task.name() == "made in a drop".into());
    let parents: Vec<_> = made.map(|task| (task.parent().unwrap().name().to_string(), task.args().next())).collect();
    let expected = [("cancelled", Some(byte("n", 4))), ("dropped without polls", Some(byte("n", 6)))];
    assert_eq!(parents, expected.map(|(name, arg)| (name.to_string(), arg)));
}

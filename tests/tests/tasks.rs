//! Tasks: futures that are recorded from their making to their end, with each of their polls. Driven by hand.
#![allow(clippy::unwrap_used, clippy::mem_forget, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::cell::Cell;
use std::future::{pending, ready};
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::{Pin, pin};
use std::task::Poll;

use common::{alone, assert_sound, spawn, traced as trace_of};
use polling::{After, Dropped, flags, poll, task};
use traceme::trace::FlowEnd;
use traceme::{Flow, Session, TaskSpan, Traced, TracedExt, append, span, trace_scope, traced, traceme};

#[test]
fn a_task_begins_is_polled_and_ends() {
    let work = || {
        let (other, flow) = ("get", Flow::new());
        let future = async {
            After(3).await;
            trace_scope!("inside");
            append!(rows = 1 + 2);
        };
        let mut task = pin!(traced!(future, "fetch", level = 2, flow_in = flow, meta(n = 1 + 1, kind = "x", other)));
        assert!(!poll(task.as_mut(), 2));
        append!(task = 0);
        let worker = spawn("worker", || {
            assert!(poll(pin!(ready(7).traced("ready")), 1));
            assert!(poll(pin!(traced!(ready(8), name = format!("made {}", 1), level = 1)), 1));
        });
        worker.join().unwrap();
        assert!(poll(task.as_mut(), 1));
        drop(traced!(pending::<()>(), "above the level", level = 3));
    };
    let trace = trace_of(2, || spawn("a thread", work).join().unwrap());
    assert_sound(&trace);
    assert!(trace.losses().is_empty());
    let text = trace.text().to_string();
    let expected = "task fetch\n  fetch n=2 kind=\"x\" other=\"get\" <- #1\ntask made 1\n  made 1\ntask ready\n  ready\n\
        thread worker\n  ready (poll)\n  made 1 (poll)\n";
    assert!(text.contains("  fetch (poll)\n    inside rows=3\n"), "{text}");
    assert!(text.ends_with(expected) && text.starts_with("thread a thread\n"), "{text}");
    assert_eq!(trace.tasks().len(), 3);
    let fetch = task(&trace, "fetch");
    assert_eq!((fetch.polls().len(), fetch.parent_id(), fetch.made_in().is_none()), (3, None, true));
    assert!(matches!(fetch.flows().collect::<Vec<_>>()[..], [FlowEnd::In(_)]));
    let last = fetch.polls().last().unwrap();
    assert_eq!(last.children().map(|span| span.name().to_string()).collect::<Vec<_>>(), ["inside"]);
    assert!(fetch.end().is_some() && flags(fetch).is_empty(), "{fetch:?}");
    // Two begin with an end and a poll; that one begins, is polled three times, has a span and an addition, and ends.
    assert_eq!(trace.event_count(), 2 * 3 + 7);
}

#[test]
fn a_panic_in_a_poll_ends_the_task() {
    let trace = trace_of(1, || {
        let mut task = Box::pin(traced!(
            async {
                let _dropped = Dropped("drop");
                After(2).await;
                panic!("in a poll");
            },
            "fetch"
        ));
        poll(task.as_mut(), 1);
        catch_unwind(AssertUnwindSafe(|| poll(task.as_mut(), 1))).unwrap_err();
        drop(task);
        let task = traced!(async { drop(Dropped("not polled")) }, "unpolled");
        drop(task);
    });
    assert_sound(&trace);
    assert_eq!((flags(task(&trace, "fetch")), flags(task(&trace, "unpolled"))), (vec!["panicked"], vec!["cancelled"]));
    let polls = task(&trace, "fetch").polls().map(|poll| poll.flags().is_panicked()).collect::<Vec<_>>();
    assert_eq!(polls, [false, true]);
    assert_eq!(task(&trace, "unpolled").polls().len(), 1, "its drop");
    let summary = trace.summary();
    assert_eq!(summary.task("fetch").map(|task| (task.panicked, task.cancelled)), Some((1, 0)));
}

fn no_number(text: &str) -> u8 {
    text.parse().expect("a number")
}

#[traceme]
fn opaque(text: &str) -> impl Future<Output = u8> + use<> {
    let number = no_number(text);
    async move { number }
}

#[traceme(ret)]
fn opaque_with_return(text: &str) -> impl Future<Output = u8> + use<> {
    if text.is_empty() {
        return ready(0);
    }
    ready(no_number(text))
}

#[traceme(ret)]
fn boxed_at_the_end(text: &str) -> Pin<Box<dyn Future<Output = u8>>> {
    let number = no_number(text);
    Box::pin(async move { number })
}

#[traceme]
fn boxed(text: &str) -> Pin<Box<dyn Future<Output = u8>>> {
    if text.is_empty() { Box::pin(pending()) } else { Box::pin(ready(no_number(text))) }
}

#[test]
fn a_panic_of_what_makes_the_future_ends_the_task() {
    let trace = trace_of(1, || {
        let panics = |make: fn(&str)| drop(catch_unwind(|| make("x")).unwrap_err());
        panics(|text| drop(opaque(text)));
        panics(|text| drop(opaque_with_return(text)));
        panics(|text| drop(boxed_at_the_end(text)));
        panics(|text| drop(boxed(text)));
    });
    assert_sound(&trace);
    for name in ["opaque", "opaque_with_return", "boxed_at_the_end", "boxed"] {
        let task = task(&trace, name);
        assert_eq!((flags(task), task.polls().len()), (vec!["panicked", "cancelled"], 0), "{name}");
    }
}

#[test]
fn a_panic_in_the_drop_of_a_future_ends_the_task() {
    struct Panics;
    impl Drop for Panics {
        fn drop(&mut self) {
            panic!("in a drop");
        }
    }
    let trace = trace_of(1, || {
        let panics = Panics;
        let task = Box::pin(traced!(async move { drop(panics) }, "fetch"));
        catch_unwind(AssertUnwindSafe(|| drop(task))).unwrap_err();
        let _unwound = catch_unwind(AssertUnwindSafe(|| {
            let _task = pin!(traced!(pending::<()>(), "bystander"));
            panic!("around a task");
        }));
    });
    assert_sound(&trace);
    assert_eq!(flags(task(&trace, "fetch")), ["panicked", "cancelled"]);
    assert_eq!(flags(task(&trace, "bystander")), ["cancelled"]);
}

#[test]
fn a_task_knows_what_made_it() {
    let trace = trace_of(1, || {
        let outer = traced!(
            async {
                let _span = span!("span");
                let child = traced!(ready(1), "child");
                let skipping = traced!(async { traced!(ready(2), "grandchild").await }, "skipping", skip_polls);
                child.await + skipping.await
            },
            "outer"
        );
        assert!(poll(pin!(outer), 1));
        trace_scope!("alone");
        assert!(poll(pin!(traced!(ready(3), "orphan")), 1));
    });
    assert_sound(&trace);
    let parent = |name| task(&trace, name).parent().map(|parent| parent.name().to_string());
    let made_in = |name| task(&trace, name).made_in().map(|span| span.name().to_string());
    assert_eq!(parent("child").as_deref(), Some("outer"));
    assert_eq!((parent("grandchild").as_deref(), parent("outer")), (Some("skipping"), None));
    assert_eq!((made_in("child").as_deref(), made_in("grandchild").as_deref()), (Some("span"), Some("span")));
    assert_eq!((parent("orphan"), made_in("orphan").as_deref()), (None, Some("alone")));
    assert_eq!((task(&trace, "skipping").polls().len(), task(&trace, "skipping").busy()), (0, 0));
    let grandchild = task(&trace, "grandchild").polls().next().unwrap();
    assert_eq!(grandchild.parent().unwrap().name().to_str(), "span", "polls nest as spans do");
}

#[test]
fn what_is_not_recorded_stays_so() {
    let _alone = alone();
    let evaluated = Cell::new(0);
    let count = || evaluated.replace(evaluated.get() + 1);
    let mut before = pin!(traced!(After(9), "before", meta(n = count())));
    let session = Session::start(1).unwrap();
    assert!(!poll(before.as_mut(), 1));
    let mut during = pin!(traced!(After(9), "during", meta(n = count())));
    let mut too_fine = pin!(traced!(After(9), "too fine", level = 2, meta(n = count())));
    assert!(!poll(during.as_mut(), 1) && !poll(too_fine.as_mut(), 1));
    let first = session.stop();
    assert!(!poll(during.as_mut(), 1));
    let session = Session::start(2).unwrap();
    assert!(!poll(before.as_mut(), 1) && !poll(during.as_mut(), 1) && !poll(too_fine.as_mut(), 1));
    let second = session.stop();
    assert_eq!((evaluated.get(), first.event_count(), flags(task(&first, "during"))), (1, 2, vec!["incomplete"]));
    assert!(second.is_empty() && second.losses().is_empty(), "{}", second.text());
}

#[test]
fn what_is_through_is_as_the_bare_future() {
    let trace = trace_of(1, || {
        let mut task = pin!(traced!(std::future::poll_fn(|_| Poll::Ready(5)), "again"));
        assert!(poll(task.as_mut(), 1) && poll(task.as_mut(), 1));
        forget(traced!(ready(1), "forgotten"));
    });
    assert_sound(&trace);
    assert_eq!((task(&trace, "again").polls().len(), trace.event_count()), (1, 4));
    assert_eq!(flags(task(&trace, "forgotten")), ["incomplete"]);
}

#[test]
fn of_a_task_that_sampling_leaves_out_no_poll_is_recorded() {
    let trace = trace_of(1, || {
        for n in 0..1000 {
            let mut task = pin!(traced!(After(3), "sampled", rate = 0.1, meta(n)));
            assert!(poll(task.as_mut(), 3));
        }
    });
    assert_sound(&trace);
    let tasks: Vec<_> = trace.tasks().collect();
    assert!((50..200).contains(&tasks.len()) && tasks.iter().all(|task| task.polls().len() == 3), "{}", tasks.len());
    assert_eq!(trace.losses().left_out() + tasks.len() as u64, 1000);
    let summary = trace.summary();
    let sampled = summary.task("sampled").unwrap();
    assert_eq!((sampled.estimated, sampled.count, sampled.polls), (1000, tasks.len() as u64, 3 * tasks.len() as u64));
    assert_eq!(summary.span("sampled").map(|span| span.count), Some(sampled.polls));
}

#[test]
fn a_budget_leaves_out_whole_tasks_and_counts_polls() {
    const TASKS: u64 = 200_000;
    let _alone = alone();
    let session = Session::builder().budget(0.01).start().unwrap();
    for _ in 0..TASKS {
        let mut task = pin!(traced!(After(3), "hot"));
        assert!(poll(task.as_mut(), 3));
    }
    let trace = session.stop();
    assert_sound(&trace);
    let tasks: Vec<_> = trace.tasks().collect();
    assert!(tasks.iter().all(|task| task.polls().len() == 3 && task.end().is_some()));
    assert_eq!(tasks.len() as u64 + trace.losses().left_out(), TASKS);
    assert!((1..TASKS).contains(&(tasks.len() as u64)), "{} of {TASKS}", tasks.len());
    assert!(trace.budget().unwrap().used > 0.0);
}

#[test]
fn a_filter_tells_tasks_by_name() {
    let _alone = alone();
    let session = Session::builder().filter("all,name:unwanted=off").start().unwrap();
    for _ in 0..2 {
        assert!(poll(pin!(traced!(ready(1), "wanted")), 1));
        assert!(poll(pin!(traced!(ready(1), "unwanted")), 1));
    }
    let trace = session.stop();
    assert_eq!((trace.tasks().len(), trace.event_count()), (2, 6));
}

#[test]
fn the_wrapper_keeps_auto_traits_and_is_small() {
    fn assert_auto<T: Send + Sync + Unpin>() {}
    assert_auto::<Traced<After>>();
    assert_auto::<TaskSpan>();
    assert_eq!((size_of::<TaskSpan>(), size_of::<Traced<u64>>()), (16, 8 + 16));
}

//! Summaries of what was recorded: by callsite, over threads, with guards out of order, with losses.
#![allow(clippy::unwrap_used, clippy::mem_forget, clippy::panic, reason = "tests")]

mod common;

use std::collections::VecDeque;
use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{alone, assert_sound, spawn};
use traceme::__private::mock;
use traceme::analysis::Summary;
use traceme::trace::{Cause, TrackKind};
use traceme::{Session, Trace, append, counter, instant, span, trace_scope, traceme};

/// What `work` records on a thread of its own, from 1000 to 2000 on a clock that it sets.
fn recorded(work: impl FnOnce() + Send + 'static) -> Trace {
    let _alone = alone();
    mock(1000);
    let session = Session::start(255).unwrap();
    spawn("work", work).join().unwrap();
    mock(2000);
    let trace = session.stop();
    assert_sound(&trace);
    trace
}

fn at(ns: u64) {
    mock(1000 + ns);
}

/// Name, count, total and self time, of each name.
fn times(summary: &Summary) -> Vec<(&str, u64, u64, u64)> {
    summary.spans.iter().map(|span| (span.name.as_str(), span.count, span.total, span.self_time)).collect()
}

#[test]
fn callsites_of_one_name_and_names_made_at_run_time_are_summed_up() {
    #[traceme]
    fn step(ns: u64) {
        at(ns);
    }
    let trace = recorded(|| {
        at(10);
        let outer = span!("outer");
        step(20);
        {
            trace_scope!("step");
            at(50);
        }
        for n in 0..4 {
            trace_scope!(name = format!("batch {}", n % 2));
            instant!("seen");
            at(60 + n);
        }
        let literally = String::from("step");
        {
            trace_scope!(name = literally);
            at(70);
        }
        append!(outer, rows = 3);
        counter!("rows", 3);
        drop(outer);
    });
    let summary = trace.summary();
    let expected = [("step", 3, 47, 47), ("batch 0", 2, 11, 11), ("batch 1", 2, 2, 2), ("outer", 1, 60, 0)];
    assert_eq!(times(&summary), expected);
    assert_eq!((summary.instants[0].name.as_str(), summary.instants[0].count), ("seen", 4));
    assert_eq!((summary.counters[0].samples, summary.duration), (1, 1000));
    assert_eq!(summary.losses.recorded, trace.event_count());
    assert_eq!(summary.process, *trace.process());
    let track = &summary.tracks[0];
    assert!(matches!(track.kind, TrackKind::Thread { .. }));
    assert_eq!((track.name.as_str(), track.busy, track.utilisation), ("work", 60, 0.06));
}

#[test]
fn a_forgotten_guard_ends_with_the_span_that_it_began_in() {
    let trace = recorded(|| {
        trace_scope!("main");
        for n in 0..3 {
            {
                trace_scope!("call");
                at(n * 100 + 10);
                forget(span!("forgotten"));
                at(n * 100 + 20);
                forget(span!("inside forgotten"));
                at(n * 100 + 40);
            }
            at(n * 100 + 100);
        }
    });
    let summary = trace.summary();
    let expected =
        [("main", 1, 300, 180), ("inside forgotten", 3, 60, 60), ("call", 3, 120, 30), ("forgotten", 3, 90, 30)];
    assert_eq!(times(&summary), expected);
    let forgotten = summary.span("forgotten").unwrap();
    assert_eq!((forgotten.incomplete, forgotten.max), (3, 0));
    assert_eq!(summary.span("call").unwrap().p50, 40);
}

#[test]
fn a_guard_that_is_dropped_late_is_innermost_until_something_begins() {
    let trace = recorded(|| {
        trace_scope!("main");
        let a = span!("a");
        at(10);
        let b = span!("b");
        forget(span!("forgotten in b"));
        at(15);
        drop(a);
        at(25);
        {
            trace_scope!("c");
            at(30);
        }
        at(45);
        drop(b);
        at(50);
    });
    // What was forgotten in b is innermost until b ends, but for c.
    let expected =
        [("forgotten in b", 1, 35, 30), ("a", 1, 15, 10), ("c", 1, 5, 5), ("main", 1, 50, 5), ("b", 1, 35, 0)];
    assert_eq!(times(&trace.summary()), expected);
}

#[test]
fn open_and_panicking_spans_are_counted() {
    let trace = recorded(|| {
        for _ in 0..2 {
            let unwound = catch_unwind(AssertUnwindSafe(|| {
                trace_scope!("risky");
                panic!("on purpose");
            }));
            assert!(unwound.is_err());
        }
        at(400);
        forget(span!("open"));
    });
    let summary = trace.summary();
    assert_eq!(times(&summary), [("open", 1, 600, 600), ("risky", 2, 0, 0)]);
    let (open, risky) = (summary.span("open").unwrap(), summary.span("risky").unwrap());
    assert_eq!((open.incomplete, open.panicked, risky.incomplete, risky.panicked), (1, 0, 0, 2));
    let text = summary.to_string();
    assert!(text.contains("\n  without a known end: open 1\n  ended by a panic: risky 2\n"), "{text}");
    assert!(text.ends_with("\nNothing was lost.\n"), "{text}");
}

#[test]
fn losses_name_their_callsites() {
    fn nest(depth: u64) {
        trace_scope!("deep");
        if depth > 1 {
            nest(depth - 1);
        }
    }
    let trace = recorded(|| {
        nest(130);
        let guards: Vec<_> = (0..128).map(|_| span!("full")).collect();
        trace_scope!(name = String::from("made at run time"));
        drop(guards);
    });
    let summary = trace.summary();
    let losses = &summary.losses;
    assert_eq!((losses.recorded, losses.lost, losses.late), (256, 3, 0));
    assert_eq!(losses.causes.iter().map(|cause| (cause.cause, cause.count)).collect::<Vec<_>>(), [(Cause::TooDeep, 3)]);
    let [deep, unnamed] = &losses.causes[0].callsites[..] else { panic!("{losses:?}") };
    assert_eq!((deep.name.as_str(), deep.count, unnamed.count), ("deep", 2, 1));
    assert!(unnamed.name.starts_with(&format!("{}:", file!())), "{}", unnamed.name);
    assert_eq!(summary.tracks[0].lost, 3);
    let text = summary.to_string();
    assert!(text.lines().nth(1).unwrap().starts_with("!!! NOT EVERYTHING WAS RECORDED: 3 events lost"), "{text}");
}

#[test]
fn threads_are_summed_up_and_listed_by_how_busy_they_were() {
    let trace = recorded(|| {
        for (name, ns) in [("idle", 0), ("busy", 300), ("half busy", 100)] {
            let work = move || {
                at(0);
                trace_scope!("task");
                at(ns);
            };
            spawn(name, work).join().unwrap();
        }
    });
    let summary = trace.summary();
    assert_eq!(times(&summary), [("task", 3, 400, 400)]);
    let tracks: Vec<_> = summary.tracks.iter().map(|track| (track.name.as_str(), track.busy, track.spans)).collect();
    assert_eq!(tracks, [("busy", 300, 1), ("half busy", 100, 1), ("idle", 0, 1)]);
    let task = summary.span("task").unwrap();
    assert_eq!((task.min, task.p50, task.mean, task.max), (0, 100, 133, 300));
}

#[test]
fn a_long_queue_of_guards_is_summed_up_whatever_its_length() {
    const COUNT: u64 = 100_000;
    const OPEN: usize = 10_000;
    let trace = recorded(|| {
        let mut queue = VecDeque::new();
        for n in 0..COUNT {
            at(n);
            let around = span!("around");
            queue.push_back(span!("queued", meta(n)));
            drop(around);
            if queue.len() > OPEN {
                drop(queue.pop_front());
            }
        }
        queue.into_iter().for_each(forget);
    });
    let open = OPEN as u64;
    for span in trace.spans().filter(|span| span.name() == "queued".into()) {
        let end = (span.start() + open < COUNT).then_some(span.start() + open);
        assert_eq!((span.end(), span.flags().is_leaked()), (end, end.is_none()), "{span:?}");
    }
    let summary = trace.summary();
    let until = COUNT - 1;
    assert_eq!(times(&summary), [("queued", COUNT, until, until), ("around", COUNT, 0, 0)]);
    let queued = summary.span("queued").unwrap();
    assert_eq!((queued.incomplete, queued.min, queued.max), (open, open, open));
}

//! Spans that failed: flagged when they end, wherever that is shown.
#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind};

use common::{alone, below_thread, in_child, recorded, spawn, traced};
use traceme::__private::{alert, fail};
use traceme::trace::{Event, Read};
use traceme::{Memory, Session, SpanGuard, append, export, instant, span, trace_scope};

#[test]
fn a_span_that_failed_ends_at_once_and_says_so() {
    let text = recorded(|| {
        for n in 0..2 {
            trace_scope!("outer");
            let guard = span!("work", meta(n));
            append!(guard, error = "no such file");
            if n == 1 {
                fail(guard)
            } else {
                drop(guard)
            }
            instant!("after");
        }
    });
    let turn = |n: u64, flag: &str| format!("outer\n  work n={n} error=\"no such file\"{flag}\n  * after");
    assert_eq!(text, [turn(0, ""), turn(1, " (failed)")].join("\n"));
}

#[test]
fn one_that_left_the_stack_before_is_flagged_too() {
    let text = recorded(|| {
        let outer = span!("outer");
        let inner = span!("inner");
        fail(outer);
        instant!("between");
        fail(inner);
    });
    assert_eq!(text, "outer (failed)\ninner (failed, overlapping)\n* between");
}

#[test]
fn who_fails_in_a_panic_has_both_flags() {
    struct Fails(Option<SpanGuard>);

    impl Drop for Fails {
        fn drop(&mut self) {
            self.0.take().into_iter().for_each(fail);
        }
    }

    let text = recorded(|| {
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let _fails = Fails(Some(span!("risky")));
            panic!("on purpose");
        }));
        assert!(unwound.is_err());
    });
    assert_eq!(text, "risky (panicked, failed)");
}

#[test]
fn a_guard_of_no_span_or_of_another_session_fails_nothing() {
    let _alone = alone();
    fail(SpanGuard::INERT);
    fail(span!("not recording"));
    let first = Session::start(1).unwrap();
    let old = span!("old");
    let first = first.stop();
    let second = Session::start(1).unwrap();
    let new = span!("new");
    fail(old);
    fail(span!("left out", level = 2));
    drop(new);
    let second = second.stop();
    assert_eq!(below_thread(&first.text().to_string()), "old (incomplete)");
    assert_eq!(below_thread(&second.text().to_string()), "new");
}

const THREADS: u64 = 3;
const TURNS: u64 = 3000;

#[test]
fn events_summaries_and_exports_count_them() {
    let trace = traced(1, || {
        let work = |thread: u64| {
            move || {
                for n in 0..TURNS {
                    let guard = span!("work", meta(n));
                    trace_scope!("inner");
                    if n % 3 == thread % 3 { fail(guard) } else { drop(guard) }
                }
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|thread| spawn("work", work(thread))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    let failed = THREADS * TURNS / 3;
    let events = trace.tracks().iter().flat_map(|track| trace.events(track.id));
    let ends = events.filter(|event| matches!(event, Event::End { flags, .. } if flags.is_failed()));
    assert_eq!(ends.count() as u64, failed);
    let summary = trace.summary();
    let (work, inner) = (summary.span("work").unwrap(), summary.span("inner").unwrap());
    assert_eq!((work.count, work.failed, work.panicked, work.alerted), (THREADS * TURNS, failed, 0, 0));
    assert_eq!((inner.count, inner.failed), (THREADS * TURNS, 0));
    let table = summary.to_string();
    assert!(table.contains("\n  ended in an error: work 3000\n"), "{table}");
    let mut json = Vec::new();
    export::chrome(&trace, &mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let flags = json["traceEvents"].as_array().unwrap().iter().map(|event| &event["args"]["traceme_flags"]);
    assert_eq!(flags.filter(|flags| *flags == "failed").count() as u64, failed);
    let mut perfetto = Vec::new();
    export::perfetto(&trace, &mut perfetto).unwrap();
    assert!(perfetto.windows(6).any(|window| window == b"failed"));
}

#[test]
fn in_a_full_session_every_recorded_span_that_failed_says_so() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap();
    let attempts = 40_000;
    spawn("work", move || (0..attempts).for_each(|_| fail(span!("work")))).join().unwrap();
    let trace = session.stop();
    assert_eq!(trace.event_count() + trace.losses().total(), attempts);
    assert!(trace.losses().total() > 0 && trace.spans().all(|span| span.flags().is_failed() && span.end().is_some()));
}

#[test]
fn a_span_can_fail_and_be_over_its_alert() {
    in_child("a_span_can_fail_and_be_over_its_alert", || {
        let text = recorded(|| {
            fail(alert(span!("work", level = 2), 0));
        });
        assert_eq!(text, "work (failed, alerted)");
    });
}

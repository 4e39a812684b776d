//! Which spans are flagged, and that they are told.

use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use traceme::__private::mock;
use traceme::{Session, append, export, instant, span, trace_scope};

use crate::common::alone;
use crate::{Told, alert, at, limited, log, recorded, text, told};

#[test]
fn a_span_of_exactly_its_limit_alerts_and_one_of_a_ns_less_does_not() {
    let (trace, told) = recorded(|| {
        for (start, end) in [(0, 49), (100, 150), (200, 251), (300, 300)] {
            at(start);
            let n = end - start;
            let guard = limited!("step", 50, n);
            at(end);
            drop(guard);
        }
        let guard = limited!("none is too short", 0);
        drop(guard);
        let guard = limited!("never", u64::MAX);
        at(u64::MAX >> 2);
        drop(guard);
    });
    assert_eq!(told, [alert("step", 50, 50), alert("step", 51, 50), alert("none is too short", 0, 0)]);
    let expected = "step n=49\nstep n=50 (alerted)\nstep n=51 (alerted)\nstep n=0\nnone is too short (alerted)\nnever";
    assert_eq!(text(&trace), expected);
}

#[test]
fn texts_summaries_and_exports_show_it() {
    let (trace, _) = recorded(|| {
        for end in [10, 60, 70] {
            let _guard = limited!("slow", 5);
            at(end);
        }
        let _guard = limited!("quick", 5);
    });
    let summary = trace.summary();
    let (slow, quick) = (summary.span("slow").unwrap(), summary.span("quick").unwrap());
    assert_eq!((slow.count, slow.alerted, slow.failed, quick.count, quick.alerted), (3, 3, 0, 1, 0));
    let table = summary.to_string();
    assert!(table.contains("\n  over their alert: slow 3\n"), "{table}");
    let mut json = Vec::new();
    export::chrome(&trace, &mut json).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    let events = json["traceEvents"].as_array().unwrap();
    let flagged = events.iter().filter(|event| event["args"]["traceme_flags"] == "alerted");
    assert_eq!(flagged.map(|event| event["name"].as_str().unwrap()).collect::<Vec<_>>(), ["slow"; 3]);
    let mut perfetto = Vec::new();
    export::perfetto(&trace, &mut perfetto).unwrap();
    let has = |text: &str| perfetto.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("traceme_flags") && has("alerted"));
}

#[test]
fn limits_nest_and_recur() {
    fn recurse(n: u64) {
        at(10 * (4 - n));
        let _guard = limited!("recurse", 25, n);
        if n > 1 {
            recurse(n - 1);
        }
        at(30 + 10 * n);
    }
    let (trace, told) = recorded(|| {
        trace_scope!("outer");
        let _guard = limited!("in outer", 1000);
        recurse(4);
    });
    assert_eq!(told, [alert("recurse", 30, 25), alert("recurse", 50, 25), alert("recurse", 70, 25)]);
    let expected = "outer\n  in outer\n    recurse n=4 (alerted)\n      recurse n=3 (alerted)\n        recurse n=2 (alerted)\n          \
        recurse n=1";
    assert_eq!(text(&trace), expected);
}

#[test]
fn spans_that_end_out_of_order_keep_their_limits() {
    let (trace, told) = recorded(|| {
        let outer = limited!("outer", 10);
        let inner = limited!("inner", 20);
        let short = limited!("short", 500);
        at(15);
        drop(outer);
        at(30);
        drop(inner);
        drop(short);
    });
    assert_eq!(told, [alert("outer", 15, 10), alert("inner", 30, 20)]);
    assert_eq!(text(&trace), "outer (alerted)\ninner (alerted, overlapping)\n  short");
}

#[test]
fn a_span_that_left_the_stack_and_was_replaced_there_is_not_compared() {
    let (trace, told) = recorded(|| {
        let outer = span!("outer");
        let inner = limited!("inner", 20);
        drop(outer);
        trace_scope!("next");
        let replaces = limited!("replaces", 1000);
        at(30);
        drop(inner);
        at(5000);
        drop(replaces);
    });
    assert_eq!(told, [alert("replaces", 5000, 1000)]);
    assert!(trace.spans().all(|span| span.flags().is_alerted() == (span.name() == "replaces".into())));
}

#[test]
fn a_panic_flags_both() {
    let (trace, told) = recorded(|| {
        let unwound = catch_unwind(AssertUnwindSafe(|| {
            let _guard = limited!("risky", 5);
            at(5);
            resume_unwind(Box::new("on purpose"));
        }));
        assert!(unwound.is_err());
    });
    assert_eq!(told, [alert("risky", 5, 5)]);
    assert_eq!(text(&trace), "risky (panicked, alerted)");
}

#[test]
fn a_forgotten_guard_alerts_nobody() {
    let (trace, told) = recorded(|| {
        trace_scope!("outer");
        forget(limited!("forgotten", 5));
        at(50);
    });
    assert!(told.is_empty());
    assert_eq!(text(&trace), "outer\n  forgotten (leaked)");
}

#[test]
fn a_guard_that_outlives_its_session_alerts_nobody() {
    let _alone = alone();
    mock(1000);
    let heard = Told::default();
    let start = || Session::builder().on_alert(log(&heard)).start().unwrap();
    let first = start();
    let [between, in_the_next] = [limited!("between", 5), limited!("in the next", 5)];
    let first = first.stop();
    at(50);
    drop(between);
    let second = start();
    trace_scope!("new");
    drop(in_the_next);
    let second = second.stop();
    assert_eq!(text(&first), "between (incomplete)\n  in the next (incomplete)");
    assert_eq!(text(&second), "new (incomplete)");
    assert_eq!((first.missed_alerts(), second.missed_alerts(), told(&heard)), (0, 0, Vec::new()));
}

#[test]
fn more_can_be_appended_and_a_limit_lasts_over_many_chunks() {
    let (trace, told) = recorded(|| {
        let guard = limited!("long", 100);
        assert!(guard.is_recorded());
        append!(guard, more = 7);
        (0..100_000).for_each(|_| instant!("fills"));
        append!(guard, last = true);
        at(100);
    });
    assert_eq!(told, [alert("long", 100, 100)]);
    let span = trace.spans().next().unwrap();
    assert_eq!(span.args().map(|(key, _)| key).collect::<Vec<_>>(), ["more", "last"]);
}

#[test]
fn without_a_handler_spans_are_flagged_and_nothing_is_missed() {
    let _alone = alone();
    mock(1000);
    assert!(!limited!("not recording", 5).is_recorded());
    let session = Session::start(3).unwrap();
    for n in 0..2000_u64 {
        let guard = limited!("slow", 5, n);
        at(10 * (n + 1));
        drop(guard);
    }
    let trace = session.stop();
    assert_eq!(trace.spans().filter(|span| span.flags().is_alerted()).count(), 2000);
    assert_eq!(trace.missed_alerts(), 0);
}

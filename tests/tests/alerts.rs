//! Spans with a limit: which of them are flagged, and what the session's handlers hear of them.
//!
//! Where figures are exact the clock is a mock; that of the processor is tested in processes of their own.
#![allow(clippy::unwrap_used, clippy::mem_forget, clippy::panic, reason = "tests")]

mod common;

use std::mem::forget;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use common::{alone, assert_sound, below_thread, in_child, spawn};
use traceme::__private::{active, admit, enter_alert, enter_alert_with, mock, value};
use traceme::trace::TrackKind;
use traceme::{Category, Level, Session, SpanGuard, Trace, append, export, instant, span, trace_scope};

/// A span with a limit in ns.
macro_rules! limited {
    ($name:literal, $limit:expr) => {
        match active(Level::INFO) {
            true => enter_alert(traceme::__site!(Span [$name] [Level::INFO] [Category::DEFAULT] [] [""] []), $limit),
            false => SpanGuard::INERT,
        }
    };
    ($name:literal, $limit:expr, $key:ident) => {
        match admit(traceme::__site!(Span [$name] [Level::INFO] [Category::DEFAULT] [] [""] [[$key]])) {
            0 => SpanGuard::INERT,
            word => enter_alert_with(word, $limit, (value(&$key), ())),
        }
    };
}

/// Name, duration and limit in ns, as a handler is told.
type Told = Arc<Mutex<Vec<(String, u64, u64)>>>;

fn log(told: &Told) -> impl FnMut(&traceme::session::Alert) + Send + 'static {
    let told = Arc::clone(told);
    let ns = |duration: Duration| u64::try_from(duration.as_nanos()).unwrap();
    move |alert| told.lock().unwrap().push((alert.name(), ns(alert.duration), ns(alert.limit)))
}

fn told(told: &Told) -> Vec<(String, u64, u64)> {
    std::mem::take(&mut told.lock().unwrap())
}

/// What `work` records on a thread of its own from 1000 on, on a clock that it sets, and what the handler is told.
fn recorded(work: impl FnOnce() + Send + 'static) -> (Trace, Vec<(String, u64, u64)>) {
    let _alone = alone();
    mock(1000);
    let heard = Told::default();
    let session = Session::builder().on_alert(log(&heard)).start().unwrap();
    spawn("work", work).join().unwrap();
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!(trace.missed_alerts(), 0);
    let flagged = trace.spans().filter(|span| span.flags().is_alerted()).count();
    let heard = told(&heard);
    assert_eq!(flagged, heard.len(), "{heard:?}");
    (trace, heard)
}

fn text(trace: &Trace) -> String {
    below_thread(&trace.text().to_string())
}

fn at(ns: u64) {
    mock(1000 + ns);
}

fn alert(name: &str, duration: u64, limit: u64) -> (String, u64, u64) {
    (name.into(), duration, limit)
}

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
    let expected = "step n=49\nstep n=50 (alert)\nstep n=51 (alert)\nstep n=0\nnone is too short (alert)\nnever";
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
    let flagged = events.iter().filter(|event| event["args"]["traceme_flags"] == "alert");
    assert_eq!(flagged.map(|event| event["name"].as_str().unwrap()).collect::<Vec<_>>(), ["slow"; 3]);
    let mut perfetto = Vec::new();
    export::perfetto(&trace, &mut perfetto).unwrap();
    let has = |text: &str| perfetto.windows(text.len()).any(|window| window == text.as_bytes());
    assert!(has("traceme_flags") && has("alert"));
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
    let expected = "outer\n  in outer\n    recurse n=4 (alert)\n      recurse n=3 (alert)\n        recurse n=2 (alert)\n          \
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
    assert_eq!(text(&trace), "outer (alert)\ninner (alert, overlapping)\n  short");
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
    assert_eq!(text(&trace), "risky (panicked, alert)");
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

#[test]
fn alerts_of_many_threads_are_told_once_each_on_the_thread_of_the_session() {
    const THREADS: usize = 4;
    const TURNS: usize = 200;
    in_child("alerts_of_many_threads_are_told_once_each_on_the_thread_of_the_session", || {
        let told = Arc::<Mutex<Vec<(u32, String)>>>::default();
        let log = Arc::clone(&told);
        let handler = move |alert: &traceme::session::Alert| {
            let on = std::thread::current().name().unwrap().to_string();
            assert_eq!((on.as_str(), alert.limit), ("traceme-sink", Duration::ZERO));
            log.lock().unwrap().push((alert.thread, alert.name()));
        };
        let session = Session::builder().on_alert(handler).start().unwrap();
        let work = || {
            for n in 0..TURNS {
                let _slow = limited!("always", 0, n);
                let _quick = limited!("never", 3_600_000_000_000);
                trace_scope!("unlimited");
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|_| spawn("work", work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let trace = session.stop();
        assert_sound(&trace);
        assert_eq!((trace.spans().len(), trace.missed_alerts()), (3 * THREADS * TURNS, 0));
        assert!(trace.spans().all(|span| span.flags().is_alerted() == (span.name() == "always".into())));
        let told = told.lock().unwrap();
        assert!(told.iter().all(|(_, name)| name == "always"));
        assert_eq!(told.len(), THREADS * TURNS);
        for track in trace.tracks() {
            let TrackKind::Thread { os_tid, .. } = track.kind else { panic!("{track:?}") };
            assert_eq!(told.iter().filter(|(thread, _)| *thread == os_tid).count(), TURNS);
        }
    });
}

#[test]
fn the_duration_that_is_told_is_that_of_the_trace() {
    in_child("the_duration_that_is_told_is_that_of_the_trace", || {
        let heard = Told::default();
        let session = Session::builder().on_alert(log(&heard)).start().unwrap();
        let limit = 2_000_000;
        let guard = limited!("long", limit);
        // As long as the clock of the system says.
        #[expect(clippy::disallowed_methods, reason = "another clock than the one that is tested")]
        let since = std::time::Instant::now();
        while since.elapsed() < Duration::from_nanos(2 * limit) {}
        drop(guard);
        let trace = session.stop();
        let expected = trace.spans().next().unwrap().duration().unwrap();
        let [(_, duration, 2_000_000)] = told(&heard)[..] else { panic!("one alert") };
        assert!(duration.abs_diff(expected) < expected / 100, "{duration} for {expected}");
    });
}

/// A handler that says that it was called, and waits until it may go on.
struct Slow {
    called: mpsc::Receiver<()>,
    go_on: mpsc::Sender<()>,
}

fn slow() -> (Slow, impl FnMut(&traceme::session::Alert) + Send + 'static) {
    let ((call, called), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel::<()>());
    let handler = move |_: &traceme::session::Alert| {
        call.send(()).unwrap();
        // Nobody says so once all is over.
        let _ = may_go_on.recv_timeout(Duration::from_secs(60));
    };
    (Slow { called, go_on }, handler)
}

#[test]
fn what_finds_no_room_is_counted_and_nobody_waits() {
    const ROOM: usize = 1024;
    let _alone = alone();
    mock(1000);
    let (Slow { called, go_on }, handler) = slow();
    let session = Session::builder().on_alert(handler).start().unwrap();
    drop(limited!("first", 0));
    called.recv_timeout(Duration::from_secs(60)).expect("alerts are told while the session runs");
    (0..ROOM + 100).for_each(|_| drop(limited!("next", 0)));
    drop(go_on);
    let trace = session.stop();
    assert_eq!(trace.missed_alerts(), 100);
    assert_eq!(called.try_iter().count(), ROOM, "the rest is told before the trace is there");
    assert!(trace.spans().all(|span| span.flags().is_alerted()));
    assert_eq!(trace.spans().len(), 1 + ROOM + 100);
    assert!(trace.losses().is_empty());
    let text = trace.text().to_string();
    assert!(text.ends_with("\nmissed alerts: 100\n"), "{text}");
}

#[test]
fn a_handler_that_panics_is_not_called_again() {
    let _alone = alone();
    mock(1000);
    let (calls, other) = (Arc::<Mutex<u64>>::default(), Told::default());
    for with_other in [true, false] {
        *calls.lock().unwrap() = 0;
        let counter = Arc::clone(&calls);
        let panics = move |_: &traceme::session::Alert| {
            *counter.lock().unwrap() += 1;
            resume_unwind(Box::new("on purpose"));
        };
        let builder = Session::builder().on_alert(panics);
        let session = if with_other { builder.on_alert(log(&other)) } else { builder }.start().unwrap();
        (0..10).for_each(|_| drop(limited!("slow", 0)));
        let trace = session.stop();
        assert_eq!(trace.spans().len(), 10);
        assert_eq!(*calls.lock().unwrap(), 1);
        assert_eq!(told(&other).len(), if with_other { 10 } else { 0 });
        assert_eq!(trace.missed_alerts(), if with_other { 0 } else { 9 });
    }
}

#[test]
fn a_handler_may_trace_and_take_too_long_itself() {
    let _alone = alone();
    mock(1000);
    let calls = Arc::<Mutex<u64>>::default();
    let counter = Arc::clone(&calls);
    let handler = move |alert: &traceme::session::Alert| {
        *counter.lock().unwrap() += 1;
        trace_scope!("in handler");
        if alert.name() == "slow" {
            drop(limited!("of handler", 0));
        }
    };
    let session = Session::builder().on_alert(handler).start().unwrap();
    (0..100).for_each(|_| drop(limited!("slow", 0)));
    let trace = session.stop();
    assert_sound(&trace);
    let flagged = trace.spans().filter(|span| span.flags().is_alerted()).count() as u64;
    assert!(flagged >= 100);
    assert_eq!((*calls.lock().unwrap(), trace.missed_alerts()), (flagged, 0));
}

#[test]
fn sinks_and_handlers_share_a_session_and_dropping_it_tells_the_rest() {
    struct Counts(Arc<Mutex<u64>>);

    impl traceme::session::Sink for Counts {
        fn batch(&mut self, batch: &Trace) {
            *self.0.lock().unwrap() += batch.event_count();
        }
    }

    let _alone = alone();
    mock(1000);
    let (events, heard) = (Arc::<Mutex<u64>>::default(), Told::default());
    let builder = Session::builder().sink(Counts(Arc::clone(&events))).on_alert(log(&heard));
    let session = builder.start().unwrap();
    (0..100).for_each(|_| drop(limited!("slow", 0)));
    drop(session);
    assert_eq!((*events.lock().unwrap(), told(&heard).len()), (100, 100));
}

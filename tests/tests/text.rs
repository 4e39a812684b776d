//! Times to the nanosecond, on a clock that the tests set: one tick is 1 ns. All that a trace says, as text.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::mpsc;

use common::{alone, assert_sound, spawn};
use traceme::__private::mock;
use traceme::trace::ClockSource;
use traceme::{Memory, Session, Trace, append, counter, instant, span, trace_scope};

/// What `work` records on a thread of its own, which knows no other time, from 1,000 on.
fn traced(work: impl FnOnce() + Send + 'static) -> Trace {
    let _alone = alone();
    mock(1_000);
    let session = Session::start(255).unwrap();
    spawn("work", work).join().unwrap();
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!(trace.clock().source, ClockSource::Mock);
    trace
}

/// The same as text with times.
fn timed(work: impl FnOnce() + Send + 'static) -> String {
    traced(work).text().times(true).to_string()
}

#[test]
fn everything_at_its_time() {
    let text = timed(|| {
        mock(1_010);
        let request = span!("request", meta(path = %"/index", size = 3 + 4));
        mock(1_020);
        {
            trace_scope!("parse", level = 2);
            mock(1_025);
            instant!("found", meta(what = "header"));
            mock(1_030);
        }
        append!(request, status = 200);
        counter!("queue", 3, unit = "jobs");
        mock(1_040);
        trace_scope!("render");
        mock(1_050);
        counter!("queue", 2, unit = "jobs");
        instant!("first byte");
        mock(1_060);
        drop(request);
        mock(1_070);
    });
    let expected = "\
counter queue [jobs]
  [30] = 3
  [50] = 2
thread work
  [10..60] request path=\"/index\" size=7 status=200
    [20..30] parse
      [25] * found what=\"header\"
  [40..70] render (overlapping)
    [50] * first byte
";
    assert_eq!(text, expected);
}

#[test]
fn the_same_without_times() {
    let work = || {
        trace_scope!("outer", meta(n = 1 + 1));
        instant!("point");
    };
    assert_eq!(traced(work).text().to_string(), "thread work\n  outer n=2\n    * point\n");
    assert_eq!(timed(work), "thread work\n  [0] outer n=2\n    [0] * point\n");
}

#[test]
fn spans_that_are_open_at_the_stop_have_no_end() {
    let _alone = alone();
    mock(500);
    let session = Session::start(1).unwrap();
    let (started, has_started) = mpsc::channel();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let thread = spawn("work", move || {
        mock(510);
        let _outer = span!("outer");
        mock(520);
        let _inner = span!("inner");
        mock(530);
        started.send(()).unwrap();
        may_go_on.recv().unwrap();
    });
    has_started.recv().unwrap();
    let trace = session.stop();
    go_on.send(()).unwrap();
    thread.join().unwrap();
    assert_eq!(trace.duration(), 30);
    let expected = "thread work\n  [10..] outer (incomplete)\n    [20..] inner (incomplete)\n";
    assert_eq!(trace.text().times(true).to_string(), expected);
}

/// Times are 42 bits from their base: 73 minutes here.
const FAR: u64 = 1 << 42;

#[test]
fn a_jump_beyond_what_a_record_holds_loses_no_nanosecond() {
    let text = timed(|| {
        mock(1_010);
        let outer = span!("outer");
        mock(1_020 + FAR);
        let inner = span!("inner", meta(text = "literal", n = 1 + 1, shown = %"shown"));
        mock(1_030 + 2 * FAR);
        instant!("point", meta(n = 1 + 2));
        mock(1_040 + 3 * FAR);
        counter!("sample", 5);
        mock(1_050 + 4 * FAR);
        append!(outer, appended = 1 + 3);
        mock(1_060 + 5 * FAR);
        drop(inner);
        mock(1_070 + 100 * FAR);
        drop(outer);
        mock(1_080 + 101 * FAR);
        instant!("last");
    });
    let expected = format!(
        "counter sample\n  [{}] = 5\nthread work\n  [10..{}] outer appended=4\n    \
         [{}..{}] inner text=\"literal\" n=2 shown=\"shown\"\n      [{}] * point n=3\n  [{}] * last\n",
        40 + 3 * FAR,
        70 + 100 * FAR,
        20 + FAR,
        60 + 5 * FAR,
        30 + 2 * FAR,
        80 + 101 * FAR,
    );
    assert_eq!(text, expected);
}

#[test]
fn the_last_nanosecond_that_a_record_holds_and_the_first_that_it_does_not() {
    let text = timed(|| {
        instant!("base");
        mock(1_000 + FAR - 1);
        let span = span!("last");
        mock(1_000 + FAR);
        instant!("first");
        drop(span);
        mock(1_000 + FAR + FAR - 1);
        instant!("last again");
    });
    let (last, first, again) = (FAR - 1, FAR, 2 * FAR - 1);
    let expected = format!(
        "thread work\n  [0] * base\n  [{last}..{first}] last\n    [{first}] * first\n  [{again}] * last again\n"
    );
    assert_eq!(text, expected);
}

#[test]
fn ends_out_of_order_behind_a_jump() {
    let text = timed(|| {
        let outer = span!("outer");
        mock(1_001);
        let inner = span!("inner");
        mock(1_002 + FAR);
        drop(outer);
        mock(1_003 + 2 * FAR);
        drop(inner);
    });
    let (outer, inner) = (2 + FAR, 3 + 2 * FAR);
    assert_eq!(text, format!("thread work\n  [0..{outer}] outer\n  [1..{inner}] inner (overlapping)\n"));
}

#[test]
fn a_jump_when_the_memory_is_full_is_recorded_as_long_as_there_is_room() {
    let _alone = alone();
    mock(0);
    let session = Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap();
    let work = || {
        let outer = span!("outer");
        let inner = span!("inner");
        mock(10);
        (0..40_000).for_each(|_| instant!("fills"));
        mock(20 + FAR);
        drop(inner);
        drop(outer);
    };
    spawn("work", work).join().unwrap();
    let trace = session.stop();
    assert_sound(&trace);
    let ends: Vec<_> = trace.spans().map(|span| span.end()).collect();
    assert_eq!(ends, [Some(20 + FAR), Some(20 + FAR)]);
    assert_eq!(trace.event_count() + trace.losses().total(), 40_002);
    assert!(trace.losses().iter().all(|loss| (loss.first, loss.last) == (10, 10)), "{:?}", trace.losses());
}

#[test]
fn a_clock_that_goes_backwards_stands_still_on_the_thread() {
    let text = timed(|| {
        mock(2_000);
        let outer = span!("outer");
        mock(1_500);
        let inner = span!("inner");
        instant!("point");
        counter!("sample", 1);
        drop(inner);
        mock(1_999);
        drop(outer);
        instant!("behind");
        mock(2_001);
        instant!("on again");
    });
    let expected = "counter sample\n  [1000] = 1\nthread work\n  [1000] outer\n    [1000] inner\n      [1000] * point\n  \
        [1000] * behind\n  [1001] * on again\n";
    assert_eq!(text, expected);
}

#[test]
fn a_clock_before_the_start_reads_as_the_start() {
    let text = timed(|| {
        mock(10);
        let early = span!("early");
        mock(20);
        drop(early);
        mock(1_005);
        instant!("in time");
    });
    assert_eq!(text, "thread work\n  [0] early\n  [5] * in time\n");
}

#[test]
fn losses_stand_at_the_end_with_their_times() {
    let _alone = alone();
    mock(100);
    let session = Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap();
    let work = || {
        (0..40_000).for_each(|_| instant!("fills"));
        for ticks in [150, 160] {
            mock(ticks);
            counter!("sample", ticks);
        }
        let guards: Vec<_> = (0..3).map(|_| span!("too late")).collect();
        drop(guards);
    };
    spawn("work", work).join().unwrap();
    mock(200);
    let trace = session.stop();
    let text = trace.text().times(true).to_string();
    let lost: Vec<&str> = text.lines().filter(|line| line.starts_with("lost ")).collect();
    let fills = 40_000 - trace.event_count();
    let expected = [
        format!("lost [0] {fills} of fills on work: full"),
        "lost [50..60] 2 of sample on work: full".into(),
        "lost [60] 3 of too late on work: full".into(),
    ];
    assert_eq!(lost, expected);
    assert_eq!(trace.duration(), 100);
}

#[test]
fn tracks_stand_in_the_order_of_their_names() {
    let _alone = alone();
    mock(0);
    let session = Session::start(1).unwrap();
    for name in ["b", "a", "c", "a"] {
        spawn(name, || {
            counter!("count", 1);
            trace_scope!("work");
        })
        .join()
        .unwrap();
    }
    let text = session.stop().text().to_string();
    let thread = |name| format!("thread {name}\n  work\n");
    let counter = "counter count\n  = 1\n  = 1\n  = 1\n  = 1\n";
    assert_eq!(text, [thread("a"), thread("a"), thread("b"), thread("c"), counter.into()].concat());
}

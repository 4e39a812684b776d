//! Guards that are not dropped in the order of a stack: moved, forgotten, kept, stopped early.
#![allow(clippy::unwrap_used, clippy::mem_forget, reason = "tests")]

mod common;

use std::mem::forget;

use common::{alone, assert_sound, below_thread, recorded, spawn, traced};
use traceme::trace::Cause;
use traceme::{Memory, Session, SpanGuard, Trace, append, instant, span, trace_scope};

#[test]
fn a_guard_dropped_before_those_inside_it_leaves_them_open() {
    let text = recorded(|| {
        let a = span!("a");
        let b = span!("b");
        let c = span!("c");
        drop(b);
        instant!("behind b");
        trace_scope!("d");
        drop(c);
        instant!("behind c");
        drop(a);
        instant!("behind a");
    });
    // What begins behind the end of b begins in a; c outlives b, d outlives a: each is given to who contains it.
    assert_eq!(text, "a\n  b\n  c (overlapping)\n  * behind b\nd (overlapping)\n  * behind c\n* behind a");
}

#[test]
fn guards_in_a_vec_drop_outermost_first() {
    /// Takes some ns, so that no two spans end in the same one: then they would not overlap.
    struct Pause;

    impl Drop for Pause {
        fn drop(&mut self) {
            for n in 0..1000 {
                std::hint::black_box(n);
            }
        }
    }

    let text = recorded(|| {
        trace_scope!("outer");
        let guards: Vec<(SpanGuard, Pause)> = (0..4).map(|n| (span!("in vec", meta(n)), Pause)).collect();
        instant!("inside");
        drop(guards);
        instant!("behind");
    });
    let expected = "outer\n  in vec n=0\n  in vec n=1 (overlapping)\n  in vec n=2 (overlapping)\n\
        \x20 in vec n=3 (overlapping)\n    * inside\n  * behind";
    assert_eq!(text, expected);
}

#[test]
fn a_guard_can_be_stopped_moved_and_kept() {
    struct Work {
        _guard: SpanGuard,
    }
    let text = recorded(|| {
        let stopped = span!("stopped");
        instant!("inside stopped");
        stopped.stop();
        let work = Work { _guard: span!("in struct") };
        let moved = Box::new(work);
        {
            trace_scope!("inside struct");
        }
        drop(moved);
        let _ = span!("dropped at once");
        let kept = Some(span!("kept"));
        instant!("inside kept");
        drop(kept);
    });
    let expected = "stopped\n  * inside stopped\nin struct\n  inside struct\ndropped at once\nkept\n  * inside kept";
    assert_eq!(text, expected);
}

fn recurse(n: u64) {
    trace_scope!("recurse", meta(n));
    if n > 0 {
        recurse(n - 1);
        instant!("back", meta(n));
    }
}

#[test]
fn one_callsite_nests_in_itself() {
    let text = recorded(|| recurse(3));
    let expected = "recurse n=3\n  recurse n=2\n    recurse n=1\n      recurse n=0\n      * back n=1\n    * back n=2\n  * back n=3";
    assert_eq!(text, expected);
}

#[test]
fn guards_of_one_callsite_dropped_in_any_order_end_their_own_spans() {
    let text = recorded(|| {
        let mut guards: Vec<SpanGuard> = (0..4).map(|n| span!("same", meta(n))).collect();
        drop(guards.remove(2));
        instant!("without 2");
        drop(guards.remove(0));
        instant!("without 0");
        drop(guards.remove(1));
        instant!("without 3");
        drop(guards);
    });
    // 2 leaves 3 behind, 0 leaves 1 and 3: nothing contains these.
    let expected = "same n=0\n  same n=2\n  * without 2\nsame n=1 (overlapping)\nsame n=3 (overlapping)\n\
        * without 0\n* without 3";
    let sorted = |text: &str| {
        let mut lines: Vec<String> = text.lines().map(|line| line.trim().to_string()).collect();
        lines.sort();
        lines
    };
    assert_eq!(sorted(&text), sorted(expected), "{text}");
}

const TURNS: usize = 10_000;

#[test]
fn spans_forgotten_in_every_turn_of_a_loop_are_left_behind() {
    let trace = traced(1, || {
        for _ in 0..TURNS {
            trace_scope!("turn");
            forget(span!("forgotten"));
            trace_scope!("after");
        }
        trace_scope!("end");
    });
    assert_sound(&trace);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    let mut counts = [0; 3];
    for span in trace.spans() {
        let parents = (span.depth(), span.parent().map(|parent| parent.name().to_string()));
        match span.name().to_str().as_ref() {
            "turn" | "end" => assert_eq!((counts[0], parents).1, (0, None)),
            "forgotten" => assert_eq!(parents, (1, Some("turn".into()))),
            _ => assert_eq!(parents, (2, Some("forgotten".into())), "began in it, for all that can be known"),
        }
        let forgotten = span.name() == "forgotten".into();
        assert_eq!((span.flags().is_leaked(), span.end().is_none()), (forgotten, forgotten), "{span:?}");
        counts[span.depth()] += 1;
    }
    assert_eq!(counts, [TURNS + 1, TURNS, TURNS]);
}

#[test]
fn forgotten_spans_count_as_open_until_what_is_around_them_ends() {
    let trace = traced(1, || {
        {
            trace_scope!("outer");
            (0..TURNS).for_each(|_| forget(span!("forgotten")));
        }
        trace_scope!("next");
        trace_scope!("in next");
    });
    assert_sound(&trace);
    let too_deep = TURNS as u64 - 127;
    assert_eq!((trace.losses().by_cause(Cause::TooDeep), trace.losses().total()), (too_deep, too_deep));
    let depths: Vec<_> =
        trace.spans().filter(|span| span.name() != "forgotten".into()).map(|span| span.depth()).collect();
    assert_eq!(depths, [0, 0, 1]);
}

#[test]
fn a_guard_held_across_sessions_ends_nothing_in_the_next() {
    let _alone = alone();
    let first = Session::start(1).unwrap();
    let (old, forgotten) = (span!("old"), span!("forgotten"));
    forget(forgotten);
    let first = first.stop();
    let second = Session::start(1).unwrap();
    let new = span!("new");
    drop(old);
    instant!("inside new");
    drop(new);
    let second = second.stop();
    assert_eq!(below_thread(&first.text().to_string()), "old (incomplete)\n  forgotten (incomplete)");
    assert_eq!(below_thread(&second.text().to_string()), "new\n  * inside new");
    assert_eq!((first.event_count(), second.event_count()), (2, 2));
    assert!(first.losses().is_empty() && second.losses().is_empty());
}

#[test]
fn a_guard_held_across_sessions_does_not_end_a_span_of_the_same_callsite() {
    let _alone = alone();
    let begin = || span!("same callsite");
    let first = Session::start(1).unwrap();
    let old = begin();
    drop(first);
    let second = Session::start(1).unwrap();
    let new = begin();
    drop(old);
    instant!("inside new");
    drop(new);
    assert_eq!(below_thread(&second.stop().text().to_string()), "same callsite\n  * inside new");
}

/// How many instants fit the first chunk of a thread of this name, outside of spans.
fn instants_of_a_chunk(thread: &str) -> u64 {
    let session = Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap();
    spawn(thread, || (0..40_000).for_each(|_| instant!("fills"))).join().unwrap();
    let trace = session.stop();
    assert!(trace.losses().by_cause(Cause::Full) > 0);
    trace.event_count()
}

/// Keeps the guard of a span, whose parent has ended, for as long as a chunk lasts, and drops it inside of a span
/// that began in the next chunk just where it began in its own.
fn kept_for_a_chunk(events: u64) -> Trace {
    let (outer, inner) = (|n: u64| span!("outer", meta(n)), |n: u64| span!("inner", meta(n)));
    let session = Session::start(1).unwrap();
    let work = move || {
        let first = outer(1);
        let kept = inner(1);
        drop(first);
        // Two BEGINs with a value have 3 words each, the END has 1.
        (0..events - 7).for_each(|_| instant!("fills"));
        let second = outer(2);
        let within = inner(2);
        drop(kept);
        instant!("inside");
        drop(within);
        drop(second);
    };
    spawn("work", work).join().unwrap();
    session.stop()
}

#[test]
fn a_guard_kept_for_long_never_ends_another_span() {
    let _alone = alone();
    let trace = kept_for_a_chunk(instants_of_a_chunk("work"));
    assert_sound(&trace);
    let inside = trace.instants().find(|point| point.name() == "inside".into()).unwrap();
    assert_eq!(inside.span().map(|span| span.name().to_string()), Some("inner".into()), "its span has not ended");
    let inner: Vec<_> = trace.spans().filter(|span| span.name() == "inner".into()).collect();
    assert!(inner[0].end() <= inner[1].end(), "{inner:?}");
    assert!(inner[1].flags() == traceme::trace::Flags::default(), "{inner:?}");
}

fn nest(left: usize, recorded: &mut Vec<bool>) {
    let guard = span!("nested");
    recorded.push(guard.is_recorded());
    append!(guard, left);
    if left > 1 {
        nest(left - 1, recorded);
    } else {
        instant!("innermost");
    }
}

#[test]
fn spans_deeper_than_128_are_lost_and_those_around_them_are_whole() {
    let mut recorded = Vec::new();
    let trace = traced(1, || {
        nest(200, &mut recorded);
        trace_scope!("after");
    });
    assert_sound(&trace);
    assert_eq!(recorded, [vec![true; 128], vec![false; 72]].concat());
    assert_eq!((trace.losses().by_cause(Cause::TooDeep), trace.losses().total(), trace.losses().late()), (72, 72, 0));
    let spans: Vec<_> = trace.spans().collect();
    assert_eq!(spans.len(), 129);
    for (depth, span) in spans[..128].iter().enumerate() {
        assert_eq!((span.depth(), span.flags()), (depth, traceme::trace::Flags::default()));
        let left: Vec<_> = span.args().map(|(key, value)| format!("{key}={value:?}")).collect();
        assert_eq!(left, [format!("left=U64({})", 200 - depth)]);
    }
    assert_eq!((spans[128].name().to_string().as_str(), spans[128].depth()), ("after", 0));
    assert_eq!(trace.instants().next().unwrap().span(), Some(spans[127]));
    let text = trace.text().to_string();
    assert!(text.ends_with(": too deep\n") && text.contains("\nlost 72 of nested on "), "{text}");
}

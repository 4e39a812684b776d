//! A session that has used up its memory: what fits is whole, and the rest is counted to the unit.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier};

use common::{accounted, alone, assert_sound, spawn, threads};
use traceme::trace::{Cause, Event, Flags, Read};
use traceme::{Memory, Session, Trace, append, counter, instant, span, trace_scope};

const CHUNK: usize = 256 << 10;

/// Attempts by the name of their callsite.
type Attempts = BTreeMap<String, u64>;

/// Traces in all ways, three spans deep, and counts the attempts.
fn work(turns: u64, attempts: &mut Attempts) {
    let mut attempt = |name: &str| *attempts.entry(name.into()).or_default() += 1;
    for n in 0..turns {
        attempt("outer");
        let outer = span!("outer", meta(n));
        attempt("middle");
        trace_scope!("middle");
        attempt("inner");
        trace_scope!("inner", meta(text = %n, numbers = [n; 3]));
        attempt("point");
        instant!("point", meta(n, name = "literal"));
        attempt("sample");
        counter!("sample", n);
        if outer.is_recorded() {
            attempt("");
            append!(outer, half = n / 2);
        }
    }
}

/// What there is in a trace by the name of the callsite: recorded, and lost because the memory was full.
fn by_callsite(trace: &Trace) -> (Attempts, Attempts) {
    let (mut recorded, mut lost) = (Attempts::new(), Attempts::new());
    for track in trace.tracks() {
        for event in trace.events(track.id) {
            let meta = match event {
                Event::Begin { meta, .. } | Event::Instant { meta, .. } => meta,
                Event::Counter { meta, .. } | Event::Append { meta, .. } => meta,
                _ => continue,
            };
            *recorded.entry(meta.callsite().unwrap().name.clone()).or_default() += 1;
        }
    }
    for loss in trace.losses() {
        assert_eq!(loss.cause, Cause::Full);
        let callsite = trace.tables().callsite(loss.callsite.expect("it is known")).unwrap();
        *lost.entry(callsite.name.clone()).or_default() += loss.count;
    }
    (recorded, lost)
}

#[track_caller]
fn assert_accounted(trace: &Trace, attempts: &Attempts) {
    assert_sound(trace);
    assert_eq!(trace.losses().late(), 0);
    assert_eq!(trace.losses().by_cause(Cause::Full), trace.losses().total(), "all for one cause");
    assert!(trace.losses().total() > 0, "the memory was used up");
    assert_eq!(accounted(trace), attempts.values().sum::<u64>());
    let (mut all, lost) = by_callsite(trace);
    lost.into_iter().for_each(|(name, count)| *all.entry(name).or_default() += count);
    assert_eq!(all, *attempts, "by callsite");
    let open: Vec<_> = trace.spans().filter(|span| span.flags() != Flags::default() || span.end().is_none()).collect();
    assert!(open.is_empty(), "every span that began has its end: {open:?}");
    for loss in trace.losses() {
        assert!(loss.first <= loss.last && loss.last <= trace.duration(), "{loss:?} of {}", trace.duration());
        assert!(loss.count > 0);
    }
}

#[test]
fn one_thread() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(CHUNK)).start().unwrap();
    let attempts = spawn("work", || {
        let mut attempts = Attempts::new();
        work(5_000, &mut attempts);
        attempts
    });
    let attempts = attempts.join().unwrap();
    let trace = session.stop();
    assert_accounted(&trace, &attempts);
    let track = threads(&trace)[0].id;
    assert!(trace.losses().iter().all(|loss| loss.track == Some(track)), "{:?}", trace.losses());
    // The first loss comes when the chunk is full: nothing is recorded behind the last one but ends.
    let gaps: Vec<_> = trace.events(track).filter(|event| matches!(event, Event::Gap { .. })).collect();
    assert_eq!(gaps.len(), trace.losses().iter().len(), "each loss is a gap of its thread");
    assert!(gaps.is_sorted_by_key(Event::ns));
    // 32,768 words, at most 18 of which a turn takes.
    assert!(trace.event_count() > 6 * 32_768 / 25, "{} events fit", trace.event_count());
}

fn several_threads(memory: usize, turns: u64) -> (Trace, Attempts) {
    const THREADS: usize = 4;
    let session = Session::builder().memory(Memory::bounded(memory)).start().unwrap();
    let barrier = Arc::new(Barrier::new(THREADS));
    let start = |n: usize| {
        let barrier = Arc::clone(&barrier);
        spawn(&format!("work {n}"), move || {
            let mut attempts = Attempts::new();
            barrier.wait();
            work(turns, &mut attempts);
            barrier.wait();
            attempts
        })
    };
    let started: Vec<_> = (0..THREADS).map(start).collect();
    let mut all = Attempts::new();
    for thread in started {
        for (name, count) in thread.join().unwrap() {
            *all.entry(name).or_default() += count;
        }
    }
    (session.stop(), all)
}

#[test]
fn four_threads_and_one_chunk() {
    let _alone = alone();
    let (trace, attempts) = several_threads(CHUNK, 3_000);
    assert_accounted(&trace, &attempts);
    assert_eq!(threads(&trace).len(), 1, "the others found none");
    let without_track = trace.losses().iter().filter(|loss| loss.track.is_none());
    assert!(without_track.map(|loss| loss.count).sum::<u64>() >= 3 * 3_000 * 5, "all that the others attempted");
}

#[test]
fn four_threads_and_eight_chunks() {
    let _alone = alone();
    let (trace, attempts) = several_threads(8 * CHUNK, 6_000);
    assert_accounted(&trace, &attempts);
    assert!(!threads(&trace).is_empty());
}

#[test]
fn a_session_that_was_full_leaves_the_next_one_alone() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(CHUNK)).start().unwrap();
    (0..40_000).for_each(|_| instant!("fills"));
    let full = session.stop();
    assert!(full.losses().total() > 0);
    let session = Session::builder().memory(Memory::bounded(CHUNK)).start().unwrap();
    {
        trace_scope!("next");
    }
    let next = session.stop();
    assert_eq!(next.event_count(), 1);
    assert!(next.losses().is_empty(), "{:?}", next.losses());
}

#[test]
fn spans_open_when_the_memory_is_full_end_when_they_end() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(CHUNK)).start().unwrap();
    let guards: Vec<_> = (0..100).map(|_| span!("open")).collect();
    (0..40_000).for_each(|_| instant!("fills"));
    guards.into_iter().rev().for_each(drop);
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!(trace.spans().filter(|span| span.end().is_some()).count(), 100);
    assert_eq!(accounted(&trace), 40_100);
}

#[test]
fn spans_dropped_out_of_order_when_the_memory_is_full_end_too() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(CHUNK)).start().unwrap();
    let guards: Vec<_> = (0..100).map(|_| span!("open")).collect();
    (0..40_000).for_each(|_| instant!("fills"));
    // Outermost first.
    drop(guards);
    let trace = session.stop();
    assert_sound(&trace);
    let open: Vec<_> = trace.spans().filter(|span| span.end().is_none()).collect();
    assert!(open.is_empty(), "{} of 100 spans that began have no end, first {:?}", open.len(), open[0]);
}

//! Rotations: a session gives away what it has, part by part. Each event is in one part, whatever threads do meanwhile.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, mpsc};

use common::{accounted, alone, spawn, threads};
use traceme::trace::{Cause, Event, Read, Value};
use traceme::{Memory, Session, Trace, activity, append, counter, instant, span, trace_scope};

const CHUNK: usize = 256 << 10;

fn tick(n: u64) {
    instant!("tick", meta(n));
}

/// The numbers of all ticks, by the name of the thread; checks that time goes on, and that what ends has begun.
#[track_caller]
fn ticks(trace: &Trace) -> BTreeMap<String, Vec<u64>> {
    let mut all = BTreeMap::new();
    for track in threads(trace) {
        let (mut numbers, mut open, mut last) = (Vec::new(), Vec::new(), 0);
        for event in trace.events(track.id).filter(|event| !matches!(event, Event::Gap { .. })) {
            assert!(last <= event.ns());
            last = event.ns();
            match event {
                Event::Begin { span, .. } => open.push(span),
                Event::End { span, .. } => drop(open.remove(open.iter().rposition(|&other| other == span).unwrap())),
                Event::Append { span, .. } => assert!(open.contains(&span)),
                Event::Instant { meta, .. } => match meta.args().last() {
                    Some((_, Value::U64(n))) => numbers.push(n),
                    other => panic!("{other:?}"),
                },
                _ => {}
            }
        }
        all.entry(track.name.clone()).or_insert_with(Vec::new).append(&mut numbers);
    }
    assert_eq!((trace.losses().damaged_words(), trace.losses().unmatched_ends()), (0, 0));
    assert_eq!(trace.summary().losses.recorded, trace.event_count());
    all
}

#[test]
fn a_part_ends_where_the_next_one_begins() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    let (go, wait) = mpsc::channel::<()>();
    let (done, turned) = mpsc::channel();
    let work = spawn("work", move || {
        let outer = span!("outer", meta(size = 7));
        for n in 0..3 {
            trace_scope!("turn", meta(n));
            tick(n);
            done.send(()).unwrap();
            wait.recv().unwrap();
            append!(outer, n);
        }
    });
    let mut parts = Vec::new();
    for _ in 0..3 {
        turned.recv().unwrap();
        parts.push(session.rotate());
        go.send(()).unwrap();
    }
    work.join().unwrap();
    parts.push(session.stop());
    let text = |trace: &Trace| common::below_thread(&trace.text().to_string());
    assert_eq!(
        parts.iter().map(text).collect::<Vec<_>>(),
        [
            "outer size=7 (incomplete)\n  turn n=0 (incomplete)\n    * tick n=0",
            "outer size=7 n=0 (continues, incomplete)\n  turn n=0 (continues)\n  turn n=1 (incomplete)\n    * tick n=1",
            "outer size=7 n=1 (continues, incomplete)\n  turn n=1 (continues)\n  turn n=2 (incomplete)\n    * tick n=2",
            "outer size=7 n=2 (continues)\n  turn n=2 (continues)",
        ]
    );
    assert_eq!(parts.iter().map(Trace::event_count).collect::<Vec<_>>(), [3, 3, 3, 1]);
    for pair in parts.windows(2) {
        assert!(pair[0].start() < pair[1].start());
        assert!(pair[0].duration().abs_diff(pair[1].start()) < 1_000, "one moment, by what is known of the clock");
        let start = |trace: &Trace| trace.spans().next().unwrap().start();
        assert!(start(&pair[0]).abs_diff(start(&pair[1])) < 1_000, "its true start, by what is known of the clock");
    }
    parts.iter().for_each(|part| drop(ticks(part)));
    let summaries = || parts.iter().map(Trace::summary);
    assert!(summaries().all(|part| part.tracks[0].utilisation <= 1.0), "what was open before counts from the seam on");
    assert!(summaries().all(|part| part.span("outer").is_some_and(|outer| outer.total <= part.duration)));
}

#[test]
fn nothing_is_lost_or_doubled_at_a_seam() {
    const THREADS: u64 = 3;
    let _alone = alone();
    for (round, memory) in
        [Memory::bounded(64 << 20), Memory::ring(64 << 20), Memory::bounded(64 << 20)].into_iter().enumerate()
    {
        let session = Session::builder().memory(memory).start().unwrap();
        let stop = Arc::new(AtomicBool::new(false));
        let write = |at: u64| {
            let stop = Arc::clone(&stop);
            spawn(&format!("work {at}"), move || {
                let mut n = 0;
                while n == 0 || !stop.load(Ordering::Relaxed) {
                    trace_scope!("turn", meta(n));
                    // Threads that go on in each other's chunks.
                    spawn(&format!("short {at}"), move || tick(n)).join().unwrap();
                    (0..500).for_each(|_| {
                        tick(n);
                        n += 1;
                    });
                }
                n
            })
        };
        let writers: Vec<_> = (0..THREADS).map(write).collect();
        let mut parts: Vec<Trace> = (0..300)
            .map(|at| {
                if at % 3 == 2 {
                    drop(session.snapshot());
                    session.rotate()
                } else {
                    session.rotate()
                }
            })
            .collect();
        stop.store(true, Ordering::Relaxed);
        let counts: Vec<u64> = writers.into_iter().map(|writer| writer.join().unwrap()).collect();
        parts.push(session.stop());
        let mut all: BTreeMap<String, Vec<u64>> = BTreeMap::new();
        for part in &parts {
            assert!(part.losses().is_empty(), "{round}: {:?}", part.losses());
            for (name, mut numbers) in ticks(part) {
                all.entry(name).or_default().append(&mut numbers);
            }
        }
        for (at, &count) in counts.iter().enumerate() {
            // None of a thread that only began when it was to stop.
            let ticks_of = |who: &str| all.get(&format!("{who} {at}")).cloned().unwrap_or_default();
            assert!(ticks_of("work").into_iter().eq(0..count), "each tick once, in order");
            let mut short = ticks_of("short");
            short.sort_unstable();
            assert!(short.into_iter().eq((0..count).step_by(500)));
        }
        let attempts: u64 = counts.iter().map(|count| count + 2 * count / 500).sum();
        assert_eq!(parts.iter().map(accounted).sum::<u64>(), attempts);
    }
}

#[test]
fn rotations_of_a_ring_account_for_what_was_overwritten_between_them() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::ring(8 * CHUNK)).start().unwrap();
    let mut parts = Vec::new();
    for round in 0..6 {
        spawn("work", move || (0..40_000 * round).for_each(tick)).join().unwrap();
        parts.push(session.rotate());
        assert_eq!(accounted(parts.last().unwrap()), 40_000 * round, "each loss is in one part");
    }
    assert!(parts[1].losses().is_empty(), "it fits");
    assert!(parts[5].losses().by_cause(Cause::Overwritten) > 0, "it doesn't");
    let rest = session.stop();
    assert!(rest.is_empty() && rest.losses().is_empty());
}

/// What is given away is not the session's any more: one of 4 chunks goes on for as long as it is rotated.
#[test]
fn what_is_given_away_makes_room() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(4 * CHUNK)).start().unwrap();
    spawn("work", move || {
        for _ in 0..50 {
            // 24 bytes each: 2 of 4 chunks.
            (0..20_000).for_each(tick);
            let part = session.rotate();
            assert_eq!((part.event_count(), part.losses().total()), (20_000, 0));
        }
        assert!(session.stop().is_empty());
    })
    .join()
    .unwrap();
}

#[test]
fn activities_and_samples_go_over_seams() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    let crossing = activity!("crossing");
    counter!("size", 1);
    let first = session.rotate();
    crossing.end();
    activity!("inside").end();
    counter!("size", 2);
    traceme::activity_end(u64::MAX);
    let second = session.stop();
    assert_eq!(common::span_names(&first), ["crossing"]);
    assert_eq!(common::span_names(&second), ["inside"]);
    assert_eq!((first.counters().count(), second.counters().count()), (1, 1));
    assert_eq!((first.event_count(), second.event_count()), (2, 5));
    assert_eq!(second.summary().losses.recorded, 5, "the end that crosses the seam too");
    assert_eq!(
        second.losses().unmatched_ends(),
        1,
        "the number that nothing has, and not the end of what was given away"
    );
}

#[test]
fn an_open_span_is_known_when_its_chunk_is_not_there_any_more() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    let parts = spawn("work", move || {
        let size = 7;
        let outer = span!("outer", meta(size));
        let first = session.rotate();
        (0..20_000).for_each(tick);
        let second = session.rotate();
        let third = session.rotate();
        tick(1);
        outer.stop();
        [first, second, third, session.stop()]
    });
    let parts = parts.join().unwrap();
    let outer = |part: &Trace| {
        let span = part.roots(threads(part)[0].id).next().unwrap();
        (span.name().to_string(), span.args().count(), span.end().is_some())
    };
    let expected = [(1, false), (1, false), (0, false), (0, true)];
    for (part, (args, ended)) in parts.iter().zip(expected) {
        assert_eq!(outer(part), ("outer".into(), args, ended), "without its metadata, once that was given away");
    }
    assert_eq!(parts.iter().map(Trace::event_count).collect::<Vec<_>>(), [1, 20_000, 0, 1]);
}

/// Several threads may rotate: the parts come one behind the other, whoever has which.
#[test]
fn parts_of_two_who_rotate_at_once_do_not_overlap() {
    const PARTS: usize = 400;
    let _alone = alone();
    let session = Arc::new(Session::start(1).unwrap());
    let stop = Arc::new(AtomicBool::new(false));
    let writer = spawn("work", {
        let stop = Arc::clone(&stop);
        move || {
            while !stop.load(Ordering::Relaxed) {
                activity!("short").end();
            }
        }
    });
    let rotate = |name: &str| {
        let session = Arc::clone(&session);
        spawn(name, move || (0..PARTS).map(|_| session.rotate()).collect::<Vec<_>>())
    };
    let (one, other) = (rotate("one"), rotate("other"));
    let mut parts: Vec<Trace> = one.join().unwrap().into_iter().chain(other.join().unwrap()).collect();
    stop.store(true, Ordering::Relaxed);
    writer.join().unwrap();
    parts.push(Arc::into_inner(session).unwrap().stop());
    parts.sort_by_key(Trace::start);
    for pair in parts.windows(2) {
        // By two clocks that know the rate a little differently.
        assert!(pair[0].duration() <= pair[1].start() + 1_000, "{} {}", pair[0].duration(), pair[1].start());
    }
    assert!(parts.iter().all(|part| part.losses().unmatched_ends() == 0), "what ends in a part began there or before");
}

//! Sessions that keep no events: what happened is in the summary, to the unit, and memory doesn't grow with it.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Barrier, Mutex, mpsc};

use common::{alone, resident, spawn};
use traceme::analysis::Summary;
use traceme::session::{Action, Fired, Trigger};
use traceme::trace::TrackKind;
use traceme::{Memory, Session, Trace, activity, counter, instant, span, trace_scope};

fn start() -> Session {
    Session::builder().memory(Memory::summary_only()).start().unwrap()
}

fn work(turns: u64) {
    for n in 0..turns {
        trace_scope!("outer");
        trace_scope!("inner", meta(n));
        instant!("point");
    }
}

fn counts(summary: &Summary) -> (u64, u64, u64) {
    let count = |name: &str| summary.span(name).map_or(0, |span| span.count);
    (count("outer"), count("inner"), summary.instants.iter().map(|name| name.count).sum())
}

#[track_caller]
fn assert_keeps_nothing(trace: &Trace) {
    assert!(trace.is_empty() && trace.losses().is_empty(), "{trace:?}: {:?}", trace.losses());
    assert_eq!((trace.spans().count(), trace.tracks().len()), (0, 0));
}

#[test]
fn every_event_of_every_thread_is_summed_up() {
    const THREADS: u64 = 4;
    const TURNS: u64 = 60_000;
    let _alone = alone();
    let session = start();
    let threads: Vec<_> = (0..THREADS).map(|_| spawn("work", || work(TURNS))).collect();
    let mut before = 0;
    while threads.iter().any(|thread| !thread.is_finished()) {
        let so_far = session.snapshot();
        assert_keeps_nothing(&so_far);
        let recorded = so_far.summary().losses.recorded;
        assert!(recorded >= before);
        before = recorded;
    }
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let trace = session.stop();
    assert_keeps_nothing(&trace);
    let summary = trace.summary();
    let all = THREADS * TURNS;
    assert_eq!((counts(&summary), summary.losses.recorded), ((all, all, all), 3 * all));
    let (outer, inner) = (summary.span("outer").unwrap(), summary.span("inner").unwrap());
    assert_eq!((outer.incomplete, inner.incomplete), (0, 0));
    assert!(outer.total >= inner.total && outer.total == outer.self_time + inner.total, "{summary}");
    assert!(inner.min <= inner.p50 && inner.p50 <= inner.p99 && inner.p99 <= inner.max);
    assert_eq!(
        summary.tracks.iter().map(|track| (track.name.as_str(), track.spans)).collect::<Vec<_>>(),
        [("work", 2 * all)]
    );
    assert_eq!(summary.tracks[0].busy, outer.total, "threads of one name together");
}

#[test]
fn parts_have_what_happened_in_them_and_what_was_open() {
    let _alone = alone();
    let session = start();
    let barrier = Arc::new(Barrier::new(2));
    let thread = spawn("work", {
        let barrier = Arc::clone(&barrier);
        move || {
            let _outer = span!("all the time");
            counter!("level", 1);
            work(10);
            barrier.wait();
            barrier.wait();
            work(20_000);
        }
    });
    barrier.wait();
    let first = session.rotate();
    barrier.wait();
    thread.join().unwrap();
    let second = session.stop();
    [&first, &second].into_iter().for_each(assert_keeps_nothing);
    let (one, two) = (first.summary(), second.summary());
    assert_eq!((counts(&one), counts(&two)), ((10, 10, 10), (20_000, 20_000, 20_000)));
    assert_eq!((one.losses.recorded, two.losses.recorded), (32, 60_000), "each event is in one part");
    let all = |summary: &Summary| summary.span("all the time").map(|span| (span.count, span.incomplete)).unwrap();
    assert_eq!((all(&one), all(&two)), ((1, 1), (1, 0)), "what is open is in both");
    let (before, behind) = (one.span("all the time").unwrap(), two.span("all the time").unwrap());
    assert!(behind.max >= behind.total, "{} from its true start, {} here", behind.max, behind.total);
    assert!(before.total <= one.duration && behind.total <= two.duration);
    assert_eq!((one.counters.len(), two.counters.len()), (1, 0));
    assert_eq!((first.start(), second.start() > 0), (0, true));
}

#[test]
fn memory_does_not_grow_with_what_is_recorded() {
    let _alone = alone();
    let session = start();
    spawn("work", || work(50_000)).join().unwrap();
    drop(session.snapshot());
    let before = resident();
    // 64 bytes a turn: 190 MiB.
    for _ in 0..30 {
        spawn("work", || work(100_000)).join().unwrap();
        // A build without optimisation sums up more slowly than it records: 256 MiB could wait.
        drop(session.snapshot());
    }
    let grown = resident().saturating_sub(before);
    let summary = session.stop().summary();
    assert_eq!((counts(&summary).0, summary.losses.lost), (3_050_000, 0));
    assert!(grown < 64 << 20, "{} MiB", grown >> 20);
}

#[test]
fn names_made_at_run_time_are_bounded() {
    const NAMES: u64 = 20_000;
    let _alone = alone();
    let session = start();
    spawn("work", || {
        for n in 0..NAMES {
            trace_scope!(name = format!("made {n}"));
        }
    })
    .join()
    .unwrap();
    let summary = session.stop().summary();
    assert_eq!(summary.spans.iter().map(|span| span.count).sum::<u64>(), NAMES);
    assert_eq!(summary.spans.len(), (1 << 14) + 1);
    assert_eq!(summary.span("(others)").map(|others| others.count), Some(NAMES - (1 << 14)));
}

#[test]
fn losses_are_counted_with_their_callsites() {
    let _alone = alone();
    let session = start();
    spawn("work", || {
        fn deep(left: u64) {
            trace_scope!("deep");
            if left > 0 {
                deep(left - 1);
            }
        }
        deep(199);
    })
    .join()
    .unwrap();
    let trace = session.stop();
    let summary = trace.summary();
    assert_eq!((summary.span("deep").map(|deep| deep.count), summary.losses.lost), (Some(128), 72));
    assert_eq!(trace.losses().total(), 72);
    assert_eq!(summary.losses.causes[0].callsites[0].name, "deep");
    assert_eq!(summary.tracks[0].lost, 72);
}

/// Twice what may wait to be summed up: some of it is taken while the session runs, and nobody asks.
#[test]
fn what_is_recorded_is_summed_up_meanwhile() {
    const EACH: u64 = 4_096;
    let _alone = alone();
    let session = start();
    let waiting = Memory::summary_only().bytes() as u64;
    let attempts = 2 * waiting / EACH;
    let text = "x".repeat(4_094);
    spawn("work", move || (0..attempts).for_each(|_| instant!("large", meta(text = text.as_str())))).join().unwrap();
    let losses = session.stop().summary().losses;
    assert_eq!(losses.recorded + losses.lost, attempts);
    assert!(losses.recorded > waiting / EACH, "{} of {attempts}", losses.recorded);
}

/// Whoever asks in an action gets what the session would say.
#[test]
fn actions_see_the_sums() {
    const TURNS: u64 = 50_000;
    let _alone = alone();
    let session = start();
    let (send, told) = mpsc::channel();
    let tell = move |fired: &Fired<'_>| send.send(counts(&fired.snapshot().summary())).unwrap();
    session.on(Trigger::manual(), Action::call(tell)).unwrap();
    spawn("work", || work(TURNS)).join().unwrap();
    session.fire();
    assert_eq!(told.recv().unwrap(), (TURNS, TURNS, TURNS));
    spawn("work", || work(TURNS)).join().unwrap();
    session.fire();
    let trace = session.stop();
    assert_eq!(told.recv().unwrap(), (2 * TURNS, 2 * TURNS, 2 * TURNS), "also at the stop");
    assert_eq!(counts(&trace.summary()), (2 * TURNS, 2 * TURNS, 2 * TURNS));
}

/// A thread, an activity and two counters that have a name in common stay apart.
#[test]
fn tracks_of_one_name_and_several_kinds_are_told_apart() {
    let _alone = alone();
    let session = start();
    spawn("same", || {
        trace_scope!("inside");
        activity!("same").end();
        counter!("same", 1, unit = "B");
        counter!("same", 2, unit = "ms");
    })
    .join()
    .unwrap();
    let summary = session.stop().summary();
    let kinds = summary.tracks.iter().map(|track| (matches!(track.kind, TrackKind::Activity), track.spans));
    assert_eq!(BTreeMap::from_iter(kinds), BTreeMap::from([(false, 1), (true, 1)]), "{summary}");
    let units = summary.counters.iter().map(|counter| (counter.unit.as_str(), counter.last));
    assert_eq!(units.collect::<Vec<_>>(), [("B", 1.0), ("ms", 2.0)]);
}

/// An action that stops its session can look at it behind that, while another one runs.
#[test]
fn who_looks_at_a_session_that_has_stopped_takes_nothing_of_the_next_one() {
    const EVENTS: u64 = 40_000;
    static RUNNING: Mutex<Option<Session>> = Mutex::new(None);
    let _alone = alone();
    let session = start();
    let (sender, traces) = mpsc::channel();
    let stop_and_go_on = move |fired: &Fired<'_>| {
        let stopped = RUNNING.lock().unwrap().take().unwrap().stop();
        let next = Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap();
        spawn("work", || (0..EVENTS).for_each(|_| instant!("point"))).join().unwrap();
        let looked_at = fired.snapshot();
        sender.send([stopped, looked_at, next.stop()]).unwrap();
    };
    session.on(Trigger::manual(), Action::call(stop_and_go_on)).unwrap();
    spawn("work", || work(100)).join().unwrap();
    let mut running = RUNNING.lock().unwrap();
    session.fire();
    *running = Some(session);
    drop(running);
    let [stopped, looked_at, next] = traces.recv().unwrap().map(|trace| trace.summary().losses);
    assert_eq!((stopped.recorded, stopped.lost, looked_at.lost), (300, 0, 0));
    assert!(next.lost > 0 && next.recorded + next.lost == EVENTS, "{next:?}");
}

//! Snapshots: what is held now, while writers go on; what a session gives in the end is as if there had been none.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, mpsc};

use common::{accounted, alone, assert_sound, span_names, spawn, threads};
use traceme::session::Sink;
use traceme::trace::{Cause, Event, Loss, Read, Track, Value};
use traceme::{Memory, Session, Trace, activity, counter, instant, recorder, span, trace_scope};

const CHUNK: usize = 256 << 10;

fn tick(n: u64) {
    instant!("tick", meta(n));
}

/// The numbers of all ticks, by the name of the thread.
fn ticks(trace: &Trace) -> BTreeMap<String, Vec<u64>> {
    let mut all = BTreeMap::new();
    for track in threads(trace) {
        let numbers = trace.events(track.id).filter_map(|event| match event {
            Event::Instant { meta, .. } => match meta.args().last() {
                Some((_, Value::U64(n))) => Some(n),
                _ => None,
            },
            _ => None,
        });
        all.insert(track.name.clone(), numbers.collect());
    }
    all
}

#[test]
fn a_snapshot_has_all_so_far_and_the_session_goes_on() {
    let _alone = alone();
    let session = Session::start(255).unwrap();
    assert!(session.snapshot().is_empty());
    let work = || {
        let outer = span!("outer");
        trace_scope!("inner");
        counter!("sample", 5);
        let snapshot = session.snapshot();
        instant!("behind");
        drop(outer);
        snapshot
    };
    let snapshot = work();
    let again = session.snapshot();
    let trace = session.stop();
    assert_sound(&snapshot);
    let spans: Vec<_> = snapshot.spans().collect();
    assert_eq!(span_names(&snapshot), ["outer", "inner"]);
    assert_eq!(spans[1].parent().map(|span| span.index()), Some(0));
    assert!(spans.iter().all(|span| span.flags().is_incomplete() && span.end().is_none()), "{spans:?}");
    assert_eq!((snapshot.instants().len(), snapshot.counters().count(), snapshot.event_count()), (0, 1, 3));
    assert!(snapshot.losses().is_empty() && snapshot.duration() >= spans[1].start());
    assert!(snapshot.duration() <= again.duration() && again.duration() <= trace.duration());
    for whole in [again, trace] {
        assert_sound(&whole);
        assert_eq!((whole.event_count(), whole.spans().filter(|span| span.end().is_some()).count()), (4, 2));
    }
}

#[test]
fn the_recorder_of_the_process_gives_snapshots_too() {
    let _alone = alone();
    assert!(recorder::snapshot().is_empty(), "no session runs");
    assert!(recorder::start(traceme::Level::ALL));
    instant!("one");
    assert_eq!(recorder::snapshot().event_count(), 1);
    assert_eq!(recorder::stop().event_count(), 1);
}

#[test]
fn an_activity_is_open_in_the_snapshot_and_ended_in_the_trace() {
    let _alone = alone();
    let session = Session::start(255).unwrap();
    let request = activity!("request");
    let snapshot = session.snapshot();
    spawn("other", move || request.end()).join().unwrap();
    let trace = session.stop();
    let ends = |trace: &Trace| trace.spans().map(|span| span.end().is_some()).collect::<Vec<_>>();
    assert_eq!((ends(&snapshot), ends(&trace)), (vec![false], vec![true]));
}

/// Checks that a thread's ticks are in order, and that each hole in them is told of where it is: a part is missing there, or
/// the thread found no room then, for at least so many ticks in all. Gives the first and the last tick.
#[track_caller]
fn assert_holes_are_told(trace: &Trace, track: &Track) -> Option<(u64, u64)> {
    let is_tick =
        |loss: &Loss| loss.callsite.and_then(|id| trace.tables().callsite(id)).is_some_and(|c| c.name == "tick");
    let found_no_room = |loss: &&Loss| {
        loss.track == Some(track.id) && matches!(loss.cause, Cause::Full | Cause::Pinned) && is_tick(loss)
    };
    let losses: Vec<&Loss> = trace.losses().iter().filter(found_no_room).collect();
    let (mut seen, mut part_is_missing, mut lost) = (None::<(u64, u64, u64)>, false, 0);
    for event in trace.events(track.id) {
        let (ns, n) = match event {
            Event::Gap { loss: None, .. } => {
                part_is_missing = true;
                continue;
            }
            Event::Instant { ns, meta } => match meta.args().last() {
                Some((_, Value::U64(n))) => (ns, n),
                other => panic!("{other:?}"),
            },
            _ => continue,
        };
        if let Some((_, before, since)) = seen {
            assert!(before < n, "{}: {n} behind {before}", track.name);
            if before + 1 < n && !part_is_missing {
                let is_told = losses.iter().any(|loss| loss.first <= ns && since <= loss.last);
                assert!(is_told, "{}: a hole behind {before} up to {n}, {losses:?}", track.name);
                lost += n - before - 1;
            }
        }
        seen = Some((seen.map_or(n, |(first, ..)| first), n, ns));
        part_is_missing = false;
    }
    assert!(lost <= losses.iter().map(|loss| loss.count).sum(), "{}: {lost} of {losses:?}", track.name);
    seen.map(|(first, last, _)| (first, last))
}

/// Four threads write, threads end and others go on in their chunks, while snapshots are taken as fast as they can be. In
/// each of them each thread's events are there from where the last one's began, or a later one, and each hole is told of.
fn snapshots_in_a_loop(memory: Memory) -> (u64, Trace) {
    const TURNS: u64 = 60_000;
    const SHORT: u64 = 150;
    let session = Session::builder().memory(memory).start().unwrap();
    let start = |at: u64| {
        spawn(&format!("work {at}"), move || {
            trace_scope!("outer", meta(at));
            for n in 0..TURNS {
                trace_scope!("turn");
                tick(n);
                if n % 500 == 0 {
                    spawn(&format!("short {at}"), || (0..SHORT).for_each(tick)).join().unwrap();
                }
            }
        })
    };
    let started: Vec<_> = (0..4).map(start).collect();
    let (mut snapshots, mut before) = (0, BTreeMap::<String, (u64, u64)>::new());
    let mut accounted_before = 0;
    while started.iter().any(|thread| !thread.is_finished()) {
        let snapshot = session.snapshot();
        assert!(accounted(&snapshot) >= accounted_before, "what is accounted for never gets less");
        accounted_before = accounted(&snapshot);
        assert_eq!(snapshot.losses().damaged_words(), 0);
        for track in threads(&snapshot).into_iter().filter(|track| track.name.starts_with("work")) {
            // A ring can give up the end of a dead thread's chunk before older chunks of a busy thread.
            let Some((first, last)) = assert_holes_are_told(&snapshot, track) else { continue };
            let (first_before, last_before) = before.insert(track.name.clone(), (first, last)).unwrap_or_default();
            assert!(first_before <= first && last_before <= last, "{track:?}: {first}..={last} after {last_before}");
        }
        for span in snapshot.spans().filter(|span| span.name().to_str() == "turn") {
            assert_eq!(span.parent().map(|outer| outer.name().to_string()).as_deref(), Some("outer"));
        }
        snapshots += 1;
    }
    started.into_iter().for_each(|thread| thread.join().unwrap());
    let trace = session.stop();
    let shorts = 4 * TURNS.div_ceil(500) * SHORT;
    assert_eq!((accounted(&trace), trace.losses().late()), (4 * (2 * TURNS + 1) + shorts, 0));
    (snapshots, trace)
}

#[test]
fn snapshots_in_a_loop_of_a_bounded_session_lose_and_double_nothing() {
    let _alone = alone();
    let (snapshots, trace) = snapshots_in_a_loop(Memory::default());
    assert!(snapshots > 0);
    assert_sound(&trace);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    for (thread, numbers) in ticks(&trace).into_iter().filter(|(thread, _)| thread.starts_with("work")) {
        assert!(numbers.into_iter().eq(0..60_000), "{thread}");
    }
}

#[test]
fn snapshots_in_a_loop_of_a_ring_lose_nothing_that_is_not_counted() {
    let _alone = alone();
    let (snapshots, trace) = snapshots_in_a_loop(Memory::ring(16 * CHUNK));
    assert!(snapshots > 0 && trace.losses().by_cause(Cause::Overwritten) > 0);
    for track in threads(&trace) {
        let kept = assert_holes_are_told(&trace, track);
        let found_no_room = |loss: &&Loss| loss.track == Some(track.id) && loss.cause != Cause::Overwritten;
        if track.name.starts_with("work") && trace.losses().iter().filter(found_no_room).count() == 0 {
            assert_eq!(kept.map(|(_, last)| last), Some(59_999), "the newest are kept");
        }
        let attempts = if track.name.starts_with("work") { 2 * 60_000 + 1 } else { 150 };
        let lost: u64 = trace.losses().iter().filter(|loss| loss.track == Some(track.id)).map(|loss| loss.count).sum();
        let ticks = trace.instants().filter(|tick| tick.track().id == track.id).count() as u64;
        assert!(lost + ticks <= attempts, "{track:?}: {ticks} ticks, and {lost} lost of {attempts}");
    }
}

#[test]
fn a_snapshot_keeps_what_it_holds_while_the_ring_goes_round() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::ring(4 * CHUNK)).start().unwrap();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let (half, has_half) = mpsc::channel();
    let thread = spawn("work", move || {
        (0..30_000).for_each(tick);
        half.send(()).unwrap();
        may_go_on.recv().unwrap();
        (30_000..400_000).for_each(tick);
    });
    has_half.recv().unwrap();
    let snapshots: Vec<_> = (0..3).map(|_| session.snapshot()).collect();
    go_on.send(()).unwrap();
    thread.join().unwrap();
    let trace = session.stop();
    // Decoded only now.
    for snapshot in snapshots {
        assert_sound(&snapshot);
        let numbers = &ticks(&snapshot)["work"];
        let lost = snapshot.losses().by_cause(Cause::Overwritten);
        assert!(numbers.iter().copied().eq(lost..30_000));
        assert_eq!(accounted(&snapshot), 30_000);
    }
    let numbers = &ticks(&trace)["work"];
    assert!(numbers.iter().copied().eq(400_000 - numbers.len() as u64..400_000));
    assert_eq!(accounted(&trace), 400_000);
}

#[test]
fn losses_are_in_snapshots_and_in_the_trace() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(CHUNK)).start().unwrap();
    spawn("dead", || (0..30_000).for_each(tick)).join().unwrap();
    let first = session.snapshot();
    spawn("dead too", || (0..10_000).for_each(tick)).join().unwrap();
    let second = session.snapshot();
    let trace = session.stop();
    assert_eq!((accounted(&first), accounted(&second), accounted(&trace)), (30_000, 40_000, 40_000));
    assert!(first.losses().by_cause(Cause::Full) > 0);
    assert_eq!(second.losses().by_cause(Cause::Full), trace.losses().total());
    drop(Session::start(1).unwrap());
}

#[derive(Default)]
struct Counts {
    events: u64,
    losses: u64,
}

struct Count(Arc<Mutex<Counts>>, Option<mpsc::Sender<()>>);

impl Sink for Count {
    fn batch(&mut self, batch: &Trace) {
        let mut counts = self.0.lock().unwrap();
        counts.events += batch.event_count();
        counts.losses += batch.losses().total();
        if let Some(first) = self.1.take() {
            first.send(()).unwrap();
        }
    }
}

#[test]
fn what_sinks_have_had_is_in_snapshots_and_is_given_to_them_once() {
    let _alone = alone();
    let counts = Arc::<Mutex<Counts>>::default();
    let (first, had_first) = mpsc::channel();
    let session = Session::builder().sink(Count(Arc::clone(&counts), Some(first))).start().unwrap();
    spawn("work", || (0..50_000).for_each(tick)).join().unwrap();
    had_first.recv().unwrap();
    let given = counts.lock().unwrap().events;
    let snapshots = [session.snapshot(), session.snapshot()];
    spawn("more", || (0..50_000).for_each(tick)).join().unwrap();
    let trace = session.stop();
    assert!(given > 0, "before the stop");
    for snapshot in snapshots {
        assert_sound(&snapshot);
        assert!(ticks(&snapshot)["work"].iter().copied().eq(0..50_000));
    }
    assert_sound(&trace);
    assert_eq!(trace.event_count(), 100_000);
    let counts = counts.lock().unwrap();
    assert_eq!((counts.events, counts.losses), (100_000, 0));
}

/// A sink of a ring has each event once, or is told that it was overwritten before.
#[test]
fn a_sink_of_a_ring_has_each_event_or_its_loss() {
    let _alone = alone();
    let counts = Arc::<Mutex<Counts>>::default();
    let builder = Session::builder().memory(Memory::ring(8 * CHUNK)).sink(Count(Arc::clone(&counts), None));
    let session = builder.start().unwrap();
    spawn("work", || (0..400_000).for_each(tick)).join().unwrap();
    let trace = session.stop();
    assert_eq!(accounted(&trace), 400_000);
    let counts = counts.lock().unwrap();
    assert!((trace.event_count()..=400_000).contains(&counts.events), "{} of them", counts.events);
    assert_eq!(counts.events + counts.losses, 400_000);
}

/// In a process that has no more chunks than the session asked for.
#[test]
fn what_is_held_takes_no_room_from_the_session() {
    common::in_child("what_is_held_takes_no_room_from_the_session", || {
        const CHUNKS: usize = 64;
        /// More than the ring holds.
        const TICKS: u64 = (CHUNKS * CHUNK / 24) as u64;
        let _alone = alone();
        let session = Session::builder().memory(Memory::ring(CHUNKS * CHUNK)).start().unwrap();
        let mut held = Vec::new();
        for round in 0..6 {
            spawn("work", || (0..TICKS).for_each(tick)).join().unwrap();
            held.push(if round % 2 == 0 { session.snapshot() } else { session.rotate() });
        }
        let trace = session.stop();
        let lost = held.iter().chain([&trace]).map(|trace| trace.losses().by_cause(Cause::Full)).sum::<u64>();
        assert_eq!(lost, 0, "three snapshots and three parts hold six times what the ring does");
    });
}

//! A flight recorder: what is newest is kept, what is older is counted to the unit, and a busy thread pushes out nothing
//! of a quiet one.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Barrier, mpsc};

use common::{accounted, alone, resident, spawn, threads};
use traceme::trace::{Cause, Event, Read, Track, Value};
use traceme::{Memory, Session, Trace, append, instant, span, trace_scope};

const CHUNK: usize = 256 << 10;
/// What an instant with a number takes.
const BYTES: u64 = 24;
/// The instants of a chunk: a few words at its end are kept for ends.
const EACH: u64 = (CHUNK as u64 - 2_500) / BYTES;

fn ring(chunks: usize) -> Session {
    Session::builder().memory(Memory::ring(chunks * CHUNK)).start().unwrap()
}

fn tick(numbers: Range<u64>) {
    numbers.for_each(|n| instant!("tick", meta(n)));
}

/// The numbers of the ticks of a track.
fn ticks(trace: &Trace, track: &Track) -> Vec<u64> {
    let number = |event: Event<'_>| match event {
        Event::Instant { meta, .. } => match meta.args().last() {
            Some((_, Value::U64(n))) => Some(n),
            _ => None,
        },
        _ => None,
    };
    trace.events(track.id).filter_map(number).collect()
}

fn track<'a>(trace: &'a Trace, name: &str) -> &'a Track {
    trace.tracks().iter().find(|track| track.name == name).unwrap_or_else(|| panic!("no track {name}"))
}

/// What a track lost, all of it because it was overwritten.
fn overwritten(trace: &Trace, track: &Track) -> u64 {
    let lost = trace.losses().iter().filter(|loss| loss.track == Some(track.id));
    lost.inspect(|loss| assert_eq!(loss.cause, Cause::Overwritten)).map(|loss| loss.count).sum()
}

/// Checks that time goes on in every track, that what ends has begun, and that spans lie within each other.
#[track_caller]
fn assert_well_formed(trace: &Trace) {
    assert_eq!(trace.losses().damaged_words(), 0);
    for track in trace.tracks() {
        let (mut last, mut open) = (0, Vec::new());
        for event in trace.events(track.id).filter(|event| !matches!(event, Event::Gap { .. })) {
            assert!(last <= event.ns(), "{event:?} after {last}");
            last = event.ns();
            match event {
                Event::Begin { span, .. } => open.push(span),
                Event::End { span, .. } => {
                    open.remove(open.iter().rposition(|&other| other == span).expect("it has begun"));
                }
                Event::Append { span, .. } => assert!(open.contains(&span)),
                _ => {}
            }
        }
        assert!(open.is_empty());
    }
}

#[test]
fn the_newest_events_are_kept_and_the_others_counted() {
    const ALL: u64 = 30 * EACH;
    let _alone = alone();
    let session = ring(8);
    spawn("work", || tick(0..ALL)).join().unwrap();
    let trace = session.stop();
    assert_well_formed(&trace);
    let work = track(&trace, "work");
    let kept = ticks(&trace, work);
    let first = kept[0];
    assert!(kept.iter().copied().eq(first..ALL), "a suffix, without a hole");
    // The last of 8 is the spare one, the one before it is being written.
    assert!(kept.len() as u64 >= 6 * EACH, "{} kept", kept.len());
    assert_eq!((overwritten(&trace, work), trace.losses().total(), trace.losses().late()), (first, first, 0));
    let (loss, kept_from) = (trace.losses().iter().next().unwrap(), trace.instants().next().unwrap().time());
    assert!(loss.first < loss.last && loss.last <= kept_from, "{loss:?} before {kept_from}");
    let gap = trace.events(work.id).next().unwrap();
    assert!(matches!(gap, Event::Gap { loss: Some(_), end, .. } if end == loss.last), "{gap:?}");
    let summary = trace.summary().to_string();
    assert!(summary.contains("overwritten") && summary.contains("tick"), "{summary}");
}

#[test]
fn what_fits_is_all_there() {
    let _alone = alone();
    let session = ring(8);
    spawn("work", || tick(0..5 * EACH)).join().unwrap();
    let trace = session.stop();
    assert_eq!((trace.event_count(), trace.losses().is_empty()), (5 * EACH, true));
}

/// 64 chunks, 56 of which are kept. Seven threads write 1 to 7 of them; an eighth writes 500 meanwhile.
#[test]
fn a_busy_thread_pushes_out_nothing_of_quiet_ones() {
    const BUSY: u64 = 500 * EACH;
    let _alone = alone();
    let session = ring(64);
    let barrier = Arc::new(Barrier::new(8));
    let quiet = (1..8_u64).map(|chunks| {
        let barrier = Arc::clone(&barrier);
        spawn(&format!("quiet {chunks}"), move || {
            let _open = span!("all the time", meta(chunks));
            tick(0..chunks * EACH - 1);
            barrier.wait();
            barrier.wait();
        })
    });
    let quiet: Vec<_> = quiet.collect();
    let busy = spawn("busy", {
        let barrier = Arc::clone(&barrier);
        move || {
            barrier.wait();
            tick(0..BUSY);
            barrier.wait();
        }
    });
    quiet.into_iter().chain([busy]).for_each(|thread| thread.join().unwrap());
    let trace = session.stop();
    assert_well_formed(&trace);
    for chunks in 1..8 {
        let quiet = track(&trace, &format!("quiet {chunks}"));
        assert_eq!(ticks(&trace, quiet), Vec::from_iter(0..chunks * EACH - 1));
        assert_eq!(overwritten(&trace, quiet), 0);
        assert_eq!(trace.roots(quiet.id).map(|span| span.args().count()).collect::<Vec<_>>(), [1], "its span is whole");
    }
    // It has what is left: 56 - (1 + 2 + .. + 7), one of which is being written.
    let busy = ticks(&trace, track(&trace, "busy"));
    assert!((27 * EACH..30 * EACH).contains(&(busy.len() as u64)), "{} chunks", busy.len() as u64 / EACH);
    assert!(busy.iter().copied().eq(BUSY - busy.len() as u64..BUSY));
    assert_eq!(trace.losses().total(), BUSY - busy.len() as u64);
}

/// Four threads write 1, 10, 100 and 1000 parts, by turns, many times the ring in all: each keeps its share, and who has
/// written less than that keeps everything.
#[test]
fn each_thread_keeps_its_share() {
    const RATES: [u64; 4] = [1, 10, 100, 1000];
    const TURNS: u64 = 400;
    let _alone = alone();
    let session = ring(32);
    let (threads, done): (Vec<_>, Vec<_>) = RATES
        .iter()
        .map(|&rate| {
            let (turn, turns) = mpsc::channel::<u64>();
            let (done, is_done) = mpsc::channel();
            let write = move || {
                for turn in turns {
                    tick(turn * rate * 8..(turn + 1) * rate * 8);
                    done.send(()).unwrap();
                }
            };
            ((turn, spawn(&format!("rate {rate}"), write)), is_done)
        })
        .unzip();
    for turn in 0..TURNS {
        for ((thread, _), done) in threads.iter().zip(&done) {
            thread.send(turn).unwrap();
            done.recv().unwrap();
        }
    }
    threads.into_iter().for_each(|(turns, thread)| {
        drop(turns);
        thread.join().unwrap();
    });
    let trace = session.stop();
    for rate in RATES {
        let (track, written) = (track(&trace, &format!("rate {rate}")), rate * 8 * TURNS);
        let kept = ticks(&trace, track);
        assert!(kept.iter().copied().eq(written - kept.len() as u64..written), "a suffix");
        assert_eq!(overwritten(&trace, track), written - kept.len() as u64);
        // 28 chunks are kept: 7 of each, one of which is being written.
        let share = 6 * EACH;
        assert!(kept.len() as u64 >= share.min(written), "rate {rate}: {} of {written}", kept.len());
    }
}

#[test]
fn spans_that_are_open_for_longer_than_the_ring_keep_their_start_and_their_children() {
    let _alone = alone();
    let session = ring(4);
    spawn("work", || {
        let (a, b) = (1, 2);
        let outer = span!("outer", meta(a));
        let inner = span!("inner", meta(b, literal = 7));
        tick(0..20 * EACH);
        append!(outer, c = 3);
        trace_scope!("last", { instant!("in last") });
        // Out of order.
        drop(outer);
        drop(inner);
        instant!("behind");
    })
    .join()
    .unwrap();
    let trace = session.stop();
    assert_well_formed(&trace);
    let spans: Vec<_> = trace.spans().collect();
    assert_eq!(spans.iter().map(|span| span.name().to_string()).collect::<Vec<_>>(), ["outer", "inner", "last"]);
    assert!(spans.iter().all(|span| span.end().is_some()));
    // A span that outlives the one that it began in gets another parent.
    let parents: Vec<_> = spans.iter().map(|span| span.parent().map(|parent| parent.index())).collect();
    assert_eq!(parents, [None, None, Some(1)]);
    let (first, loss) = (trace.instants().next().unwrap(), trace.losses().iter().next().unwrap());
    assert!(spans[0].start() <= spans[1].start() && spans[1].start() < first.time());
    assert!(spans[0].start() <= loss.last, "began long before what is kept");
    assert_eq!(spans[0].args().map(|(key, _)| key).collect::<Vec<_>>(), ["c"], "what was appended while it was kept");
    assert_eq!(spans[1].args().map(|(key, _)| key).collect::<Vec<_>>(), ["literal"], "what is known of the callsite");
    assert_eq!(first.span().map(|span| span.index()), Some(1));
    assert_eq!(trace.instants().last().unwrap().span().map(|span| span.index()), None);
    assert_eq!(accounted(&trace), 2 + 20 * EACH + 4);
}

/// Threads come and go, one after the other and several at once, and share chunks.
#[test]
fn threads_that_end_leave_nothing_uncounted() {
    const EACH_THREAD: u64 = 700;
    const THREADS: u64 = 1_200;
    let _alone = alone();
    let session = ring(8);
    for group in 0..THREADS / 3 {
        let start = |at: u64| {
            spawn(&format!("{}", group * 3 + at), move || {
                trace_scope!("thread", meta(at));
                tick(0..EACH_THREAD - 1);
            })
        };
        [0, 1, 2].map(start).into_iter().for_each(|thread| thread.join().unwrap());
    }
    let trace = session.stop();
    assert_well_formed(&trace);
    assert_eq!((accounted(&trace), trace.losses().late()), (THREADS * EACH_THREAD, 0));
    assert!(trace.losses().by_cause(Cause::Overwritten) > THREADS * EACH_THREAD / 2);
    assert!(trace.event_count() > 4 * EACH, "{} events", trace.event_count());
    for loss in trace.losses().iter().filter(|loss| loss.track.is_some()) {
        assert!(loss.count < EACH_THREAD, "no thread lost more than it attempted: {loss:?}");
    }
    let last = track(&trace, &format!("{}", THREADS - 1));
    assert_eq!(ticks(&trace, last).len() as u64, EACH_THREAD - 1, "the last thread is whole");
    assert!(trace.losses().iter().len() < 20, "what is kept of losses doesn't grow with threads");
}

/// A generator of numbers that look random.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

#[test]
fn all_attempts_of_random_threads_and_snapshots_add_up() {
    let _alone = alone();
    for (round, chunks) in [(1_u64, 2), (2, 3), (3, 5), (4, 12), (5, 40)] {
        let session = ring(chunks);
        let start = |at: u64| {
            spawn(&format!("random {at}"), move || {
                let (mut state, mut attempts) = (round * 100 + at, 0);
                for _ in 0..random(&mut state) % 12 {
                    let turns = random(&mut state) % 12_000;
                    let inner = spawn("short", move || {
                        let outer = span!("outer");
                        for n in 0..turns {
                            trace_scope!("inner", meta(n));
                            append!(outer, n);
                        }
                        // To a span that was not recorded nothing is appended.
                        1 + turns + if outer.is_recorded() { turns } else { 0 }
                    });
                    let turns = random(&mut state) % 40_000;
                    tick(0..turns);
                    attempts += turns + inner.join().unwrap();
                }
                attempts
            })
        };
        let started: Vec<_> = (0..4).map(start).collect();
        let mut before = 0;
        while started.iter().any(|thread| !thread.is_finished()) {
            let snapshot = session.snapshot();
            assert_well_formed(&snapshot);
            assert!(accounted(&snapshot) >= before, "what is accounted for never gets less");
            before = accounted(&snapshot);
        }
        let attempts: u64 = started.into_iter().map(|thread| thread.join().unwrap()).sum();
        let trace = session.stop();
        assert_well_formed(&trace);
        assert_eq!((accounted(&trace), trace.losses().late()), (attempts, 0), "{chunks} chunks: {:?}", trace.losses());
        assert!(
            trace.losses().iter().all(|loss| matches!(loss.cause, Cause::Full | Cause::Pinned | Cause::Overwritten))
        );
        assert!(!threads(&trace).is_empty());
    }
}

/// Sessions stop while writers give up chunks, and the next one starts at once.
#[test]
fn sessions_that_stop_while_the_ring_goes_round_account_for_every_event() {
    const WRITERS: u64 = 3;
    static ATTEMPTS: AtomicU64 = AtomicU64::new(0);
    static STOP: AtomicBool = AtomicBool::new(false);
    // Evaluated if a session records: then the event is attempted.
    let attempt = || ATTEMPTS.fetch_add(1, Ordering::Relaxed);
    let _alone = alone();
    let write = move || {
        while !STOP.load(Ordering::Relaxed) {
            trace_scope!("turn", meta(n = attempt()));
            (0..100).for_each(|_| instant!("tick", meta(n = attempt())));
        }
    };
    let writers: Vec<_> = (0..WRITERS).map(|at| spawn(&format!("writer {at}"), write)).collect();
    let (mut sum, mut overwritten) = (0, 0);
    for round in 0..40 {
        let (session, before) = (ring(4 + round % 5), ATTEMPTS.load(Ordering::Relaxed));
        while ATTEMPTS.load(Ordering::Relaxed) < before + 12 * EACH {
            drop(session.snapshot());
        }
        let trace = session.stop();
        assert_well_formed(&trace);
        sum += accounted(&trace);
        overwritten += trace.losses().by_cause(Cause::Overwritten);
    }
    STOP.store(true, Ordering::Relaxed);
    writers.into_iter().for_each(|writer| writer.join().unwrap());
    let rest = Session::start(1).unwrap().stop();
    assert_eq!(sum + accounted(&rest), ATTEMPTS.load(Ordering::Relaxed));
    assert!(overwritten > 0);
}

#[test]
fn memory_stays_within_the_ring() {
    const CHUNKS: u64 = 32;
    const RING: usize = 32 * CHUNK;
    let _alone = alone();
    // So that the pool has what a session leaves to it.
    let session = ring(32);
    spawn("work", || tick(0..CHUNKS * EACH)).join().unwrap();
    drop(session);
    let before = resident();
    let session = ring(32);
    let work = || spawn("work", || tick(0..5 * CHUNKS * EACH));
    [work(), work()].into_iter().for_each(|thread| thread.join().unwrap());
    let grown = resident().saturating_sub(before);
    let trace = session.stop();
    assert_eq!(accounted(&trace), 10 * CHUNKS * EACH, "ten times the ring");
    assert!(grown < RING / 2, "{grown} bytes more than after a session that was full");
    assert!(trace.event_count() * BYTES <= RING as u64);
}

#[test]
fn a_ring_of_less_than_two_chunks_is_refused() {
    let _alone = alone();
    let error = Session::builder().memory(Memory::ring(2 * CHUNK - 1)).start().unwrap_err();
    assert!(error.is_memory());
    assert_eq!(
        error.to_string(),
        "524287 bytes of memory are less than two chunks, one to write and one to keep: give a ring 524288 or more"
    );
    assert_eq!((Memory::ring(5).bytes(), Memory::ring(5).is_ring(), Memory::bounded(5).is_ring()), (5, true, false));
}

/// The smallest ring, and more threads than it has chunks: what finds none is counted, and nobody waits.
#[test]
fn more_threads_than_chunks_lose_events_as_without_a_ring() {
    let _alone = alone();
    let session = ring(2);
    let barrier = Arc::new(Barrier::new(3));
    let start = |at: u64| {
        let barrier = Arc::clone(&barrier);
        spawn(&format!("work {at}"), move || {
            instant!("first");
            barrier.wait();
            tick(0..3 * EACH);
            barrier.wait();
        })
    };
    [0, 1, 2].map(start).into_iter().for_each(|thread| thread.join().unwrap());
    let trace = session.stop();
    assert_well_formed(&trace);
    assert_eq!(accounted(&trace), 3 + 9 * EACH);
    // Two that find none at the same time stand in each other's way.
    let found_none = [Cause::Full, Cause::Pinned].map(|cause| trace.losses().by_cause(cause)).iter().sum::<u64>();
    assert!(found_none > 3 * EACH, "one thread of three found none at all");
}

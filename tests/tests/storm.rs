//! Sessions start and stop in a tight loop while threads trace all the time: every event is accounted for to the
//! unit, and is in the trace of its own session or in none.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod common;

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, LazyLock};

use common::{accounted, alone, assert_sound, in_child, spawn};
use thread_local::ThreadLocal;
use traceme::trace::{Cause, Event, Read, Value};
use traceme::{Level, Memory, Session, Trace, active, append, counter, instant, span, trace_scope};

/// Sessions that start and stop one right after the other, and how often that is done; between, traces are checked.
const IN_A_ROW: u64 = 10;
const ROWS: u64 = 30;
const WRITERS: u64 = 8;

/// The number of the session that runs, or of the next one.
static SESSION: AtomicU64 = AtomicU64::new(0);

/// How many events each thread attempted, counted outside of traceme by their metadata: it is evaluated for the events
/// that find a session, and each of these must be recorded, lost or late.
static ATTEMPTS: LazyLock<ThreadLocal<AtomicU64>> = LazyLock::new(ThreadLocal::new);

fn attempts() -> u64 {
    ATTEMPTS.iter().map(|attempts| attempts.load(Ordering::Relaxed)).sum()
}

/// The metadata of an event: which event of this thread it is, and in which session.
fn attempt() -> [u64; 2] {
    [ATTEMPTS.get_or_default().fetch_add(1, Ordering::Relaxed), SESSION.load(Ordering::SeqCst)]
}

/// Set while traces are checked, so that the writers leave the processors to that.
static PAUSED: AtomicBool = AtomicBool::new(false);

/// Traces until it is told to stop.
fn write(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        while PAUSED.load(Ordering::Relaxed) {
            std::thread::park_timeout(std::time::Duration::from_millis(1));
        }
        let outer = span!("outer", meta(of = attempt()));
        let inner = span!("inner", meta(of = attempt()));
        instant!("instant", meta(of = attempt()));
        append!(outer, of = attempt());
        drop(inner);
        counter!("sample", attempt()[1]);
        if !active(Level::CRITICAL) {
            // Lets the next session start.
            std::thread::yield_now();
        }
    }
}

/// Which events of which threads were seen: none is twice.
type Seen = HashMap<(u32, String), Vec<bool>>;

/// Checks that an event was evaluated in this session, and notes it.
fn assert_of<'t>(session: u64, args: impl Iterator<Item = (&'t str, Value<'t>)>, seen: &mut Vec<bool>) {
    for (key, value) in args {
        let Value::Numbers(numbers) = value else { panic!("{key}: {value:?}") };
        let mut numbers = numbers.iter();
        let (Some(Value::U64(event)), Some(Value::U64(of))) = (numbers.next(), numbers.next()) else {
            panic!("{value:?}")
        };
        assert_eq!(of, session, "event {event} belongs to another session");
        let event = usize::try_from(event).unwrap();
        seen.resize(seen.len().max(event + 1), false);
        assert!(!std::mem::replace(&mut seen[event], true), "event {event} is there twice");
    }
}

fn check(trace: &Trace, session: u64, seen: &mut Seen) {
    assert_sound(trace);
    for track in trace.tracks() {
        let traceme::trace::TrackKind::Thread { os_tid, .. } = track.kind else { continue };
        let seen = seen.entry((os_tid, track.name.clone())).or_default();
        for event in trace.events(track.id) {
            match event {
                Event::Begin { meta, .. } | Event::Instant { meta, .. } | Event::Append { meta, .. } => {
                    assert_of(session, meta.args(), seen);
                }
                _ => {}
            }
        }
    }
    assert!(trace.counters().all(|sample| sample.value() == Value::U64(session)));
    for loss in trace.losses() {
        assert!(matches!(loss.cause, Cause::Full | Cause::Teardown), "{loss:?}");
    }
}

/// Starts a session, lets it run until `progress` has changed, and stops it.
fn session(progress: impl Fn() -> u64) -> Trace {
    let session = Session::builder().memory(Memory::bounded(1 << 20)).start().unwrap();
    let before = progress();
    while progress() == before {
        std::thread::yield_now();
    }
    session.stop()
}

/// Runs sessions; gives the sum of what they account for: recorded, lost, late.
fn sessions() -> [u64; 3] {
    let (mut sums, mut seen) = ([0; 3], Seen::new());
    for row in 0..ROWS {
        let numbers = row * IN_A_ROW + 1..=(row + 1) * IN_A_ROW;
        PAUSED.store(false, Ordering::Relaxed);
        let numbered = numbers.map(|number| {
            SESSION.store(number, Ordering::SeqCst);
            (number, session(attempts))
        });
        let traces: Vec<(u64, Trace)> = numbered.collect();
        PAUSED.store(true, Ordering::Relaxed);
        for (number, trace) in traces {
            check(&trace, number, &mut seen);
            let counts = [trace.event_count(), trace.losses().total(), trace.losses().late()];
            sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
        }
    }
    PAUSED.store(false, Ordering::Relaxed);
    sums
}

#[test]
fn sessions_that_start_and_stop_all_the_time_account_for_every_event() {
    in_child("sessions_that_start_and_stop_all_the_time_account_for_every_event", || {
        let _alone = alone();
        let stop = Arc::new(AtomicBool::new(false));
        let start = |n| {
            let stop = Arc::clone(&stop);
            spawn(&format!("writer {n}"), move || write(&stop))
        };
        let writers: Vec<_> = (0..WRITERS).map(start).collect();
        let [recorded, lost, late] = sessions();
        stop.store(true, Ordering::Relaxed);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        let rest = Session::start(1).unwrap().stop();
        assert!(rest.is_empty());
        let (attempts, rest, late) = (attempts(), accounted(&rest), late + accounted(&rest));
        eprintln!("{attempts} attempts: {recorded} recorded, {lost} lost, {late} late, {rest} of these at last");
        assert_eq!(recorded + lost + late, attempts);
        assert!(recorded > 0);
    });
}

/// The same with the macros alone, and threads that come and go.
#[test]
fn threads_that_come_and_go_while_sessions_do_leave_sound_traces() {
    in_child("threads_that_come_and_go_while_sessions_do_leave_sound_traces", || {
        let _alone = alone();
        let stop = Arc::new(AtomicBool::new(false));
        let turns = Arc::new(AtomicU64::new(0));
        let start = |n: u64| {
            let (stop, turns) = (Arc::clone(&stop), Arc::clone(&turns));
            spawn(&format!("starter {n}"), move || {
                while !stop.load(Ordering::Relaxed) {
                    trace_scope!("starts", meta(n));
                    let work = move || {
                        let guard = span!("short", meta(n, text = %n));
                        counter!("sample", n);
                        append!(guard, n);
                    };
                    spawn("short-lived", work).join().unwrap();
                    turns.fetch_add(1, Ordering::Relaxed);
                }
            })
        };
        let starters: Vec<_> = (0..4).map(start).collect();
        let (mut starts, mut shorts) = (0, 0);
        for _ in 0..300 {
            let trace = session(|| turns.load(Ordering::Relaxed));
            assert_sound(&trace);
            for span in trace.spans() {
                let short = span.name() == "short".into();
                assert_eq!(span.track().name == "short-lived", short, "{span:?} on {:?}", span.track());
                *if short { &mut shorts } else { &mut starts } += 1;
            }
        }
        stop.store(true, Ordering::Relaxed);
        starters.into_iter().for_each(|starter| starter.join().unwrap());
        drop(Session::start(1).unwrap());
        assert!(starts > 0 && shorts > 0, "{starts} {shorts}");
    });
}

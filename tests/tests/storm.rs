//! Sessions start and stop in a tight loop while threads trace all the time: every event is accounted for to the
//! unit, and is in the trace of its own session or in none.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod common;

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{accounted, alone, assert_sound, in_child, spawn};
use thread_local::ThreadLocal;
use traceme::__private::{CallsiteCell, active, admit, append, enter_with, instant, sample, target, value};
use traceme::trace::{Cause, Event, Read, Value};
use traceme::{Category, Level, Memory, Session, SpanGuard, Trace, counter, span, trace_scope};

const SESSIONS: u64 = 300;
const WRITERS: u64 = 8;

/// The number of the session that runs, or of the next one.
static SESSION: AtomicU64 = AtomicU64::new(0);

/// What one thread counts.
#[derive(Debug, Default)]
struct Counts {
    /// Events that passed the check of the level.
    attempts: AtomicU64,
    /// Events whose metadata was evaluated.
    evaluated: AtomicU64,
}

/// Counted outside of traceme, by thread.
static COUNTS: std::sync::LazyLock<ThreadLocal<Counts>> = std::sync::LazyLock::new(ThreadLocal::new);

fn add_one(to: impl Fn(&Counts) -> &AtomicU64) -> u64 {
    to(COUNTS.get_or_default()).fetch_add(1, Ordering::Relaxed)
}

fn total(of: impl Fn(&Counts) -> &AtomicU64) -> u64 {
    COUNTS.iter().map(|counts| of(counts).load(Ordering::Relaxed)).sum()
}

/// The metadata of an event that is recorded: which event of this thread it is, and in which session.
fn evaluate() -> [u64; 2] {
    [add_one(|counts| &counts.evaluated), SESSION.load(Ordering::SeqCst)]
}

/// What the macros do, with attempts counted between their steps: an event that passes the level must be recorded,
/// lost or late, though only those that find their session evaluate metadata.
fn attempted(site: &'static CallsiteCell) -> Option<u64> {
    if !active(Level::CRITICAL) {
        return None;
    }
    add_one(|counts| &counts.attempts);
    Some(admit(site)).filter(|&word| word != 0)
}

fn attempted_span() -> SpanGuard {
    match attempted(traceme::__site!(Span ["span"] [Level::CRITICAL] [Category::DEFAULT] [""] [[of]])) {
        Some(word) => enter_with(word, (value(&evaluate()), ())),
        None => SpanGuard::INERT,
    }
}

fn attempted_instant() {
    let site = traceme::__site!(Instant ["instant"] [Level::CRITICAL] [Category::DEFAULT] [""] [[of]]);
    if let Some(word) = attempted(site) {
        instant(word, (value(&evaluate()), ()));
    }
}

fn attempted_append(guard: &SpanGuard) {
    if !active(Level::CRITICAL) {
        return;
    }
    let target = target(Some(guard));
    if target != 0 {
        let site = traceme::__site!(Append [""] [Level::CRITICAL] [Category::DEFAULT] [""] [[appended]]);
        if let Some(word) = attempted(site) {
            append(word, target, (value(&evaluate()), ()));
        }
    }
}

fn attempted_sample() {
    let site = traceme::__site!(Counter ["sample"] [Level::CRITICAL] [Category::DEFAULT] [""] []);
    if let Some(word) = attempted(site) {
        sample(word, traceme::__private::number(&evaluate()[1]));
    }
}

/// Traces until it is told to stop.
fn write(stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        let outer = attempted_span();
        let inner = attempted_span();
        attempted_instant();
        attempted_append(&outer);
        drop(inner);
        attempted_sample();
    }
}

/// Which events of which threads were seen: none is twice.
type Seen = HashSet<(u32, String, u64)>;

/// Checks that an event was evaluated in this session, and notes it.
fn assert_of<'t>(session: u64, track: &(u32, String), args: impl Iterator<Item = (&'t str, Value<'t>)>, seen: &mut Seen) {
    for (key, value) in args {
        let Value::Numbers(numbers) = value else { panic!("{key}: {value:?}") };
        let numbers: Vec<Value<'_>> = numbers.iter().collect();
        let [Value::U64(event), Value::U64(of)] = numbers[..] else { panic!("{numbers:?}") };
        assert_eq!(of, session, "event {event} of {track:?}");
        assert!(seen.insert((track.0, track.1.clone(), event)), "event {event} of {track:?} is there twice");
    }
}

fn check(trace: &Trace, session: u64, seen: &mut Seen) {
    assert_sound(trace);
    for track in trace.tracks() {
        let traceme::trace::TrackKind::Thread { os_tid, .. } = track.kind else { continue };
        let thread = (os_tid, track.name.clone());
        for event in trace.events(track.id) {
            match event {
                Event::Begin { meta, .. } | Event::Instant { meta, .. } | Event::Append { meta, .. } => {
                    assert_of(session, &thread, meta.args(), seen);
                }
                _ => {}
            }
        }
    }
    assert!(trace.counters().all(|sample| sample.value() == Value::U64(session)));
    for loss in trace.losses().iter() {
        assert!(matches!(loss.cause, Cause::Full | Cause::Teardown), "{loss:?}");
    }
}

/// Starts and stops sessions; gives the sum of what they account for: recorded, lost, late.
fn sessions() -> [u64; 3] {
    let (mut sums, mut seen) = ([0; 3], Seen::new());
    for session in 1..=SESSIONS {
        SESSION.store(session, Ordering::SeqCst);
        let running = Session::builder().memory(Memory::bounded(4 << 20)).start().unwrap();
        if session % 3 == 0 {
            std::thread::yield_now();
        }
        let trace = running.stop();
        check(&trace, session, &mut seen);
        let counts = [trace.event_count(), trace.losses().total(), trace.losses().late()];
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
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
        let (attempts, evaluated) = (total(|counts| &counts.attempts), total(|counts| &counts.evaluated));
        let (rest, late) = (accounted(&rest), late + accounted(&rest));
        eprintln!("{attempts} attempts, {evaluated} evaluated: {recorded} recorded, {lost} lost, {late} late, {rest} at last");
        assert_eq!(recorded + lost + late, attempts);
        assert!(recorded + lost <= evaluated && evaluated <= attempts);
        assert!(recorded > SESSIONS, "the writers hardly ever found a session");
    });
}

/// The same with the macros alone, and threads that come and go.
#[test]
fn threads_that_come_and_go_while_sessions_do_leave_sound_traces() {
    in_child("threads_that_come_and_go_while_sessions_do_leave_sound_traces", || {
        let _alone = alone();
        let stop = Arc::new(AtomicBool::new(false));
        let start = |n: u64| {
            let stop = Arc::clone(&stop);
            spawn(&format!("starter {n}"), move || {
                while !stop.load(Ordering::Relaxed) {
                    trace_scope!("starts", meta(n));
                    let work = move || {
                        let guard = span!("short", meta(n, text = %n));
                        counter!("sample", n);
                        traceme::append!(guard, n);
                    };
                    spawn("short-lived", work).join().unwrap();
                }
            })
        };
        let starters: Vec<_> = (0..4).map(start).collect();
        let (mut spans, mut names) = (0, BTreeMap::<String, u64>::new());
        for _ in 0..SESSIONS {
            let trace = Session::builder().memory(Memory::bounded(4 << 20)).start().unwrap().stop();
            assert_sound(&trace);
            for span in trace.spans() {
                *names.entry(span.name().to_string()).or_default() += 1;
                let short = span.name() == "short".into();
                assert_eq!(span.track().name == "short-lived", short, "{span:?} on {:?}", span.track());
                spans += 1;
            }
        }
        stop.store(true, Ordering::Relaxed);
        starters.into_iter().for_each(|starter| starter.join().unwrap());
        drop(Session::start(1).unwrap());
        assert!(spans > 0, "{names:?}");
    });
}

//! A signal handler that traces, at a high rate, on a thread that traces: every event is counted to the unit, and
//! none gets into another.
#![allow(unsafe_code, reason = "signals")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use std::fmt;
use std::fs;
use std::os::unix::thread::JoinHandleExt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{accounted, alone, assert_sound, in_child, spawn};
use traceme::trace::{Cause, Value};
use traceme::{Level, Memory, Session, Trace, active, append, counter, instant, selftest, span, trace_scope};

/// How many events were attempted, by the handler and by the thread that it interrupts.
static BY_HANDLER: AtomicU64 = AtomicU64::new(0);
static BY_THREAD: AtomicU64 = AtomicU64::new(0);
/// How often the handler began, and how often it was through.
static SIGNALS: AtomicU64 = AtomicU64::new(0);
static HANDLED: AtomicU64 = AtomicU64::new(0);

fn attempt(attempts: &AtomicU64) {
    // The session doesn't change while this thread traces: the event that follows finds the same.
    if active(Level::CRITICAL) {
        attempts.fetch_add(1, Ordering::Relaxed);
    }
}

/// Prints a letter so often that a signal comes while it is copied.
struct Letters(&'static str, usize);

impl fmt::Display for Letters {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().cycle().take(self.1).try_for_each(|_| f.write_str(self.0))
    }
}

const HANDLER_TEXT: &str = "hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh";
const THREAD_TEXT: &str = "tttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt";
/// 64 bytes each time.
const PIECES: usize = 4;

extern "C" fn handler(_signal: libc::c_int) {
    let n = SIGNALS.fetch_add(1, Ordering::Relaxed);
    attempt(&BY_HANDLER);
    let guard = span!("handler", meta(n, text = %Letters(HANDLER_TEXT, PIECES)));
    attempt(&BY_HANDLER);
    instant!("in handler", meta(n, again = n));
    drop(guard);
    HANDLED.fetch_add(1, Ordering::Release);
}

/// One turn of the thread that is interrupted.
fn turn(n: u64) {
    attempt(&BY_THREAD);
    let outer = span!("thread", meta(n, text = %Letters(THREAD_TEXT, PIECES), copied = THREAD_TEXT));
    attempt(&BY_THREAD);
    trace_scope!("inner", meta(n, twice = [n, n]));
    attempt(&BY_THREAD);
    instant!("point", meta(n, text = %Letters(THREAD_TEXT, PIECES)));
    attempt(&BY_THREAD);
    counter!("sample", n);
    if outer.is_recorded() {
        attempt(&BY_THREAD);
        append!(outer, appended = n);
    }
}

fn install() {
    // SAFETY: the handler touches atomics and traces only.
    let before = unsafe { libc::signal(libc::SIGUSR1, handler as *const () as libc::sighandler_t) };
    assert_ne!(before, libc::SIG_ERR);
}

/// The most turns of a thread: where one processor is all that it and who sends signals have, there are thousands between two.
const TURNS: u64 = 20_000;

/// Runs a thread that traces until the handler has run `signals` times on it, or it has made enough turns.
fn interrupted(signals: u64) {
    let (ready, done, leave) = <(Arc<AtomicBool>, Arc<AtomicBool>, Arc<AtomicBool>)>::default();
    let until = SIGNALS.load(Ordering::Relaxed) + signals;
    let thread = spawn("interrupted", {
        let (ready, done, leave) = (ready.clone(), done.clone(), leave.clone());
        move || {
            // What is met for the first time is allocated, and a handler may interrupt an allocation.
            handler(0);
            turn(0);
            ready.store(true, Ordering::Release);
            let mut n = 1;
            while SIGNALS.load(Ordering::Relaxed) < until && n < TURNS {
                turn(n);
                n += 1;
            }
            done.store(true, Ordering::Release);
            while !leave.load(Ordering::Acquire) {
                std::hint::spin_loop();
            }
        }
    });
    while !ready.load(Ordering::Acquire) {
        std::thread::yield_now();
    }
    while !done.load(Ordering::Acquire) {
        let handled = HANDLED.load(Ordering::Acquire);
        // SAFETY: the thread has not been joined.
        assert_eq!(unsafe { libc::pthread_kill(thread.as_pthread_t(), libc::SIGUSR1) }, 0);
        // One behind the other, so that none is on its way when the thread may leave.
        while HANDLED.load(Ordering::Acquire) == handled {
            std::thread::yield_now();
        }
    }
    leave.store(true, Ordering::Release);
    thread.join().unwrap();
}

/// Checks that all the metadata of an event belongs together.
fn assert_whole<'t>(who: &str, args: impl Iterator<Item = (&'t str, Value<'t>)>) {
    let mut number = None;
    for (key, value) in args {
        match (key, value) {
            ("n", Value::U64(n)) => number = Some(n),
            // See below.
            ("text", Value::Str(text)) => assert_eq!(text.len(), THREAD_TEXT.len() * PIECES),
            ("copied", Value::Str(text)) => assert_eq!(text.to_str(), THREAD_TEXT),
            ("again" | "appended", Value::U64(n)) => assert_eq!(Some(n), number, "{who}"),
            ("twice", Value::Numbers(both)) => {
                assert!(both.iter().all(|n| Some(n) == number.map(Value::U64)), "{both:?} {number:?}");
            }
            other => panic!("{who}: {other:?}"),
        }
    }
}

fn check(trace: &Trace) {
    assert_sound(trace);
    for span in trace.spans() {
        let name = span.name().to_string();
        assert_whole(&name, span.args());
        let parent = span.parent().map(|parent| parent.name().to_string());
        match name.as_str() {
            "thread" => assert_eq!(parent, None),
            "inner" => assert!(parent.as_deref().is_none_or(|parent| parent == "thread"), "{parent:?}"),
            _ => assert_ne!(parent.as_deref(), Some("handler"), "a handler doesn't interrupt itself"),
        }
        assert!(span.end().is_some(), "{span:?}");
    }
    for point in trace.instants() {
        assert_whole(&point.name().to_str(), point.args());
    }
}

/// One session after the other, and what they account for in all: recorded, re-entrant, other losses, late.
fn sessions(count: u64, signals: u64, memory: Memory) -> [u64; 4] {
    let mut sums = [0; 4];
    for left in (0..=count).rev() {
        let session = Session::builder().memory(memory).start().unwrap();
        if left > 0 {
            interrupted(signals);
        }
        let trace = session.stop();
        check(&trace);
        let (losses, reentrant) = (trace.losses(), trace.losses().by_cause(Cause::Reentrant));
        let counts = [trace.event_count(), reentrant, losses.total() - reentrant, losses.late()];
        assert_eq!(counts.iter().sum::<u64>(), accounted(&trace));
        sums.iter_mut().zip(counts).for_each(|(sum, count)| *sum += count);
    }
    sums
}

#[test]
fn what_is_printed_while_a_signal_comes_is_whole() {
    in_child("what_is_printed_while_a_signal_comes_is_whole", || {
        let _alone = alone();
        install();
        let session = Session::start(1).unwrap();
        interrupted(3_000);
        let trace = session.stop();
        let (mut texts, mut mixed) = (0, Vec::new());
        let of_points = trace.instants().flat_map(|point| point.args().collect::<Vec<_>>());
        for (_, value) in trace.spans().flat_map(|span| span.args().collect::<Vec<_>>()).chain(of_points) {
            if let Value::Str(text) = value {
                let text = text.to_str();
                texts += 1;
                if text.chars().any(|char| !text.starts_with(char)) {
                    mixed.push(text.into_owned());
                }
            }
        }
        assert!(mixed.is_empty(), "{} of {texts} texts have another's letters, such as {}", mixed.len(), mixed[0]);
    });
}

fn attempts() -> u64 {
    BY_HANDLER.swap(0, Ordering::Relaxed) + BY_THREAD.swap(0, Ordering::Relaxed)
}

#[test]
fn a_handler_that_traces_loses_nothing_uncounted() {
    in_child("a_handler_that_traces_loses_nothing_uncounted", || {
        let _alone = alone();
        install();
        let [recorded, reentrant, other, late] = sessions(3, 1_500, Memory::bounded(1 << 30));
        let attempts = attempts();
        eprintln!("{attempts} attempts: {recorded} recorded, {reentrant} re-entrant, {other} lost else, {late} late");
        assert_eq!(recorded + reentrant + other + late, attempts);
        assert!(reentrant > 0, "the handler never found the thread inside the recorder");
        assert_eq!((other, late), (0, 0), "nothing else can have been lost");
    });
}

#[test]
fn a_handler_that_traces_into_a_full_session_is_counted() {
    in_child("a_handler_that_traces_into_a_full_session_is_counted", || {
        let _alone = alone();
        install();
        let [recorded, reentrant, full, late] = sessions(3, 1_000, Memory::bounded(256 << 10));
        assert_eq!(recorded + reentrant + full + late, attempts());
        assert!(full > 0 && reentrant > 0, "{full} {reentrant}");
        assert_eq!(late, 0);
    });
}

/// The ids of the process's threads of this name.
fn threads_named(name: &str) -> Vec<libc::pid_t> {
    let tasks = fs::read_dir("/proc/self/task").unwrap().map(|task| task.unwrap().path());
    let named = tasks.filter(|task| fs::read_to_string(task.join("comm")).is_ok_and(|comm| comm.trim_end() == name));
    named.map(|task| task.file_name().unwrap().to_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_handler_that_traces_in_a_self_test_loses_nothing_uncounted() {
    in_child("a_handler_that_traces_in_a_self_test_loses_nothing_uncounted", || {
        let _alone = alone();
        install();
        let session = Session::start(255).unwrap();
        // What is met for the first time is allocated, and the handler may interrupt an allocation.
        handler(0);
        let process = libc::pid_t::try_from(std::process::id()).unwrap();
        for _ in 0..100 {
            if SIGNALS.load(Ordering::Relaxed) > 300 {
                break;
            }
            let tests = spawn("tests", selftest);
            while !tests.is_finished() {
                for thread in threads_named("traceme-selftes") {
                    let handled = HANDLED.load(Ordering::Acquire);
                    // SAFETY: a signal with a handler; the thread may have ended.
                    let sent = unsafe { libc::syscall(libc::SYS_tgkill, process, thread, libc::SIGUSR1) } == 0;
                    while sent && HANDLED.load(Ordering::Acquire) == handled && !tests.is_finished() {
                        std::thread::yield_now();
                    }
                }
            }
            assert!(tests.join().unwrap().is_ok());
        }
        let trace = session.stop();
        check(&trace);
        let losses = trace.losses();
        eprintln!("{} recorded, {} re-entrant", trace.event_count(), losses.by_cause(Cause::Reentrant));
        assert!(trace.event_count() > 0 && losses.by_cause(Cause::Reentrant) > 0);
        assert_eq!((accounted(&trace), losses.late()), (attempts(), 0));
        assert_eq!(accounted(&Session::start(1).unwrap().stop()), 0);
    });
}

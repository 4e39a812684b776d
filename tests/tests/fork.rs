//! Processes that fork while they record: the child records nothing of the parent's, can record on its own, and never
//! waits for a thread that isn't there. The parent goes on as if nothing had happened.
#![cfg(unix)]
#![allow(unsafe_code, reason = "fork")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]

mod common;
#[path = "common/forking.rs"]
mod forking;

use std::process::Command;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::JoinHandle;

use common::{accounted, alone, assert_sound, in_child, in_child_for, spawn};
use forking::{Found, ensure, fork};
use traceme::session::{Action, Alert, Sink, Source, Trigger};
use traceme::trace::TraceBuilder;
use traceme::{Error, Level, Memory, Session, Trace, active, append, counter, instant, recorder, span, trace_scope};

/// How many events the threads of a process attempted while a session ran: counted by their metadata.
static ATTEMPTS: AtomicU64 = AtomicU64::new(0);

fn attempt() -> u64 {
    ATTEMPTS.fetch_add(1, Ordering::Relaxed)
}

/// Events of all kinds.
fn turn() {
    let outer = span!("outer", meta(n = attempt()));
    trace_scope!("inner", meta(n = attempt()));
    instant!("instant", meta(n = attempt()));
    counter!("counter", attempt());
    append!(outer, appended = attempt());
}

/// Threads that trace, and threads that come and go, until they are told to stop.
fn load(stop: &Arc<AtomicBool>) -> Vec<JoinHandle<()>> {
    let until = |work: fn()| {
        let stop = Arc::clone(stop);
        move || {
            while !stop.load(Ordering::Relaxed) {
                work();
            }
        }
    };
    let mut threads: Vec<_> = (0..4).map(|n| spawn(&format!("writer {n}"), until(turn))).collect();
    threads.push(spawn("starter", until(|| spawn("short-lived", turn).join().unwrap())));
    threads
}

/// A child is silent, and then records exactly what it traces in a session of its own.
fn silent_then_recording(turns: u64) -> Found {
    turn();
    ensure!(!active(Level::CRITICAL), "the parent's session is active");
    let before = ATTEMPTS.load(Ordering::Relaxed);
    let session = Session::builder().memory(Memory::bounded(4 << 20)).start().map_err(|error| error.to_string())?;
    // Not on a thread of its own: one that was just being started in the parent holds a lock of the standard library.
    (0..=turns).for_each(|_| turn());
    let snapshot = session.snapshot().event_count();
    let trace = session.stop();
    let attempts = ATTEMPTS.load(Ordering::Relaxed) - before;
    let counts = [attempts, snapshot, trace.event_count(), trace.losses().total(), trace.losses().late()];
    let expected = 5 * (turns + 1);
    ensure!(counts == [expected, expected, expected, 0, 0], "{expected} events are {counts:?}");
    let (pid, spans) = (trace.process().pid, trace.spans().count() as u64);
    ensure!(pid == std::process::id() && spans == 2 * (turns + 1), "{spans} spans of process {pid}");
    Ok(())
}

/// How often to fork under load: more for a long run.
fn forks() -> u64 {
    std::env::var("TRACEME_TEST_FORKS").map_or(300, |forks| forks.parse().unwrap())
}

#[test]
fn a_process_that_records_at_full_speed_forks() {
    in_child_for(300 + forks(), "a_process_that_records_at_full_speed_forks", || {
        let _alone = alone();
        let stop = Arc::new(AtomicBool::new(false));
        let session = Session::builder().memory(Memory::ring(16 << 20)).start().unwrap();
        let threads = load(&stop);
        let snapshots = {
            let stop = Arc::clone(&stop);
            spawn("snapshots", move || {
                while !stop.load(Ordering::Relaxed) {
                    drop(session.snapshot());
                }
                session
            })
        };
        for n in 0..forks() {
            let with_grandchild = n % 10 == 0;
            let child = fork(|| {
                silent_then_recording(n % 40)?;
                if with_grandchild { fork(|| silent_then_recording(n % 7)).end() } else { Ok(()) }
            });
            trace_scope!("forked", meta(n = attempt()));
            child.join();
        }
        eprintln!("{} forks without a hang", forks());
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let trace = snapshots.join().unwrap().stop();
        assert_eq!((accounted(&trace), trace.losses().late()), (ATTEMPTS.load(Ordering::Relaxed), 0));
        assert!(trace.spans().any(|span| span.name() == "forked".into()));
    });
}

/// Forks from several threads at once, while sessions start and stop.
#[test]
fn threads_fork_while_sessions_start_and_stop() {
    in_child("threads_fork_while_sessions_start_and_stop", || {
        let _alone = alone();
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = load(&stop);
        threads.extend(["forks", "forks as well"].map(|name| {
            spawn(name, || {
                for n in 0..40 {
                    turn();
                    fork(|| silent_then_recording(n)).join();
                }
            })
        }));
        let mut forking = threads.split_off(threads.len() - 2);
        let mut counted = 0;
        while !forking.iter().all(JoinHandle::is_finished) {
            assert!(recorder::start(Level::ALL));
            counted += accounted(&recorder::stop());
        }
        forking.drain(..).for_each(|thread| thread.join().unwrap());
        stop.store(true, Ordering::Relaxed);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        counted += accounted(&Session::start(1).unwrap().stop());
        assert_eq!(counted, ATTEMPTS.load(Ordering::Relaxed));
    });
}

/// Counts what a session asks of it.
struct Counted(Arc<Mutex<Vec<&'static str>>>);

impl Source for Counted {
    fn start(&mut self) -> Result<(), Error> {
        self.0.lock().unwrap().push("start");
        Ok(())
    }

    fn stop(&mut self) {
        self.0.lock().unwrap().push("stop");
    }

    fn collect(&mut self, _trace: &mut TraceBuilder) {
        self.0.lock().unwrap().push("collect");
    }
}

impl Sink for Counted {
    fn batch(&mut self, batch: &Trace) {
        self.0.lock().unwrap().push(if batch.is_empty() { "nothing" } else { "batch" });
    }
}

/// A session with all that can be asked for, and what is asked of that.
fn with_all() -> (Session, impl Fn() -> Vec<&'static str>, mpsc::Receiver<String>) {
    let (asked, given) = <(Arc<Mutex<Vec<_>>>, Arc<Mutex<Vec<_>>>)>::default();
    let (alerts, heard) = mpsc::channel();
    let builder = Session::builder().source(Counted(Arc::clone(&asked))).sink(Counted(Arc::clone(&given)));
    let told = move |alert: &Alert| alerts.send(alert.name()).unwrap();
    let session = builder.on_alert(told).start().unwrap();
    // On a slow machine what is recorded comes in several batches.
    let all = move || {
        let mut all = [asked.lock().unwrap().clone(), given.lock().unwrap().clone()].concat();
        all.dedup();
        all
    };
    (session, all, heard)
}

#[traceme::traceme(alert = "1ns")]
fn slow() {
    (0..1000).for_each(|n| {
        std::hint::black_box(n);
    });
}

#[test]
fn the_copy_of_a_session_does_nothing() {
    in_child("the_copy_of_a_session_does_nothing", || {
        let _alone = alone();
        let (session, asked, heard) = with_all();
        slow();
        // The session's thread has noted it: in a child nobody would unlock what it had locked for that.
        while asked().last() != Some(&"batch") {
            std::thread::yield_now();
        }
        let mut session = Some(session);
        let mut copies: [fn(Session) -> Trace; 3] = [
            |session| session.snapshot(),
            |session| session.stop(),
            |session| {
                drop(session);
                Trace::default()
            },
        ];
        for copy in &mut copies {
            let child = fork(|| {
                let before = asked();
                slow();
                let trace = session.take().map(*copy).unwrap();
                ensure!(trace.is_empty() && trace.losses().is_empty(), "{trace:?}");
                ensure!(asked() == before, "{before:?}, then {:?}", asked());
                Ok(())
            });
            child.join();
        }
        slow();
        let trace = session.unwrap().stop();
        assert_eq!((trace.event_count(), trace.missed_alerts()), (2, 0));
        assert_eq!(asked(), ["start", "stop", "collect", "batch"]);
        assert_eq!(heard.iter().collect::<Vec<_>>(), ["slow", "slow"]);
    });
}

#[test]
fn a_child_has_a_session_with_all_that_can_be_asked_for() {
    in_child("a_child_has_a_session_with_all_that_can_be_asked_for", || {
        let _alone = alone();
        let (copy, asked, heard) = with_all();
        let child = fork(|| {
            let (session, asked, heard) = with_all();
            slow();
            // The parent's session doesn't stop this one, whatever becomes of it.
            ensure!(copy.stop().is_empty(), "the parent's session gives a trace");
            slow();
            let trace = session.stop();
            ensure!(trace.event_count() == 2, "{} events", trace.event_count());
            ensure!(asked() == ["start", "stop", "collect", "batch"], "{:?}", asked());
            let heard = heard.iter().count();
            ensure!(heard == 2, "{heard} alerts");
            Ok(())
        });
        // In the child the session has moved into the closure; here the closure has gone unused.
        child.join();
        drop(heard);
        assert_eq!(asked()[0], "start");
    });
}

#[test]
fn the_sessions_of_the_process_are_those_of_the_parent() {
    in_child("the_sessions_of_the_process_are_those_of_the_parent", || {
        let _alone = alone();
        assert!(recorder::start(Level::ALL));
        turn();
        let child = fork(|| {
            turn();
            let traces = [recorder::snapshot(), recorder::stop()];
            ensure!(traces.iter().all(Trace::is_empty), "{traces:?}");
            let filtered = recorder::set_filter("off").map_err(|error| error.to_string())?;
            let watched = recorder::on(Trigger::manual(), Action::call(|_| {})).map_err(|error| error.to_string())?;
            recorder::fire();
            ensure!(!filtered && !watched && recorder::rotate().is_empty(), "the parent's session is the child's");
            ensure!(recorder::start(Level::ALL), "no session starts");
            turn();
            let trace = recorder::stop();
            ensure!(trace.event_count() == 5, "{} events", trace.event_count());
            Ok(())
        });
        child.join();
        turn();
        assert_eq!(recorder::stop().event_count(), 10);
    });
}

/// What was recorded before can be read in the child, and its memory is used again there.
#[test]
fn traces_are_in_the_child_as_well() {
    in_child("traces_are_in_the_child_as_well", || {
        let _alone = alone();
        let session = Session::start(255).unwrap();
        spawn("work", || (0..10_000).for_each(|_| turn())).join().unwrap();
        let snapshot = session.snapshot();
        let mut traces = Some([snapshot, session.stop()]);
        let session = Session::start(255).unwrap();
        turn();
        let child = fork(|| {
            for trace in traces.take().unwrap() {
                assert_sound(&trace);
                ensure!(trace.spans().count() == 20_000, "{} spans", trace.spans().count());
            }
            silent_then_recording(10_000)
        });
        child.join();
        for trace in traces.unwrap() {
            assert_sound(&trace);
            assert_eq!(trace.spans().count(), 20_000);
        }
        assert_eq!(session.stop().event_count(), 5);
    });
}

#[test]
fn a_span_that_is_open_ends_in_the_parent_only() {
    in_child("a_span_that_is_open_ends_in_the_parent_only", || {
        let _alone = alone();
        let session = Session::start(255).unwrap();
        let mut open = Some((span!("open"), traceme::activity!("going on")));
        let child = fork(|| {
            let session = Session::start(255).map_err(|error| error.to_string())?;
            turn();
            open.take();
            let trace = session.stop();
            let ends = trace.losses().unmatched_ends();
            ensure!((trace.event_count(), ends) == (5, 0), "{} events, {ends}", trace.event_count());
            Ok(())
        });
        child.join();
        open.take();
        let trace = session.stop();
        assert!(trace.spans().all(|span| span.end().is_some()));
        assert_eq!(
            (trace.spans().count(), trace.event_count()),
            (2, 3),
            "two begin, and the activity's end is an event"
        );
    });
}

/// A chain of processes, each made by the one before.
#[test]
fn a_child_forks_while_it_records() {
    fn generation(left: u64) -> Found {
        if left == 0 {
            return Ok(());
        }
        let session = Session::start(255).map_err(|error| error.to_string())?;
        turn();
        fork(|| generation(left - 1)).end()?;
        turn();
        let trace = session.stop();
        ensure!(trace.event_count() == 10, "{} events with {left} left", trace.event_count());
        Ok(())
    }
    in_child("a_child_forks_while_it_records", || {
        let _alone = alone();
        generation(20).unwrap();
    });
}

/// How often a fork was prepared.
static PREPARED: AtomicU64 = AtomicU64::new(0);

extern "C" fn prepare() {
    PREPARED.fetch_add(1, Ordering::Relaxed);
}

/// It shares the parent's memory until the program runs: no fork is prepared.
#[test]
fn starting_a_program_is_no_fork() {
    in_child("starting_a_program_is_no_fork", || {
        let _alone = alone();
        let session = Session::start(255).unwrap();
        // SAFETY: the function can be called at any time.
        assert_eq!(unsafe { libc::pthread_atfork(Some(prepare), None, None) }, 0);
        assert!(Command::new("true").status().unwrap().success());
        assert_eq!(PREPARED.load(Ordering::Relaxed), 0);
        fork(|| Ok(())).join();
        assert_eq!(PREPARED.load(Ordering::Relaxed), 1);
        drop(session);
    });
}

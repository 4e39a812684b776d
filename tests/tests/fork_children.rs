//! Sessions that let the processes made by `fork` record: each for itself, with what the session records.
#![cfg(unix)]
#![allow(unsafe_code, reason = "fork")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/forking.rs"]
mod forking;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use common::{accounted, alone, assert_sound, in_child, spawn};
use forking::{Found, ensure, fork};
use traceme::trace::{Cause, Value};
use traceme::{Category, Level, Memory, Session, Trace, active, instant, trace_scope};

traceme::categories! {
    WANTED = "wanted";
    OTHER = "other";
}

/// An event that tells the process it is of.
fn tell() {
    instant!("of", category = WANTED, meta(process = std::process::id()));
}

/// Checks that a trace has `count` events, all of this process.
fn check(trace: &Trace, count: u64) -> Found {
    let of = |value| matches!(value, Value::U64(process) if process == u64::from(std::process::id()));
    let own = trace.instants().filter(|instant| instant.args().all(|(_, value)| of(value))).count() as u64;
    let losses = (trace.losses().total(), trace.losses().late());
    ensure!(
        (own, trace.event_count(), losses) == (count, count, (0, 0)),
        "{own} of {} events are this process's, not {count}; losses: {losses:?}",
        trace.event_count()
    );
    ensure!(trace.process().pid == std::process::id(), "the trace is of process {}", trace.process().pid);
    Ok(())
}

fn start() -> Session {
    Session::builder().in_children(true).start().unwrap()
}

/// The text of a trace's names.
fn names(trace: &Trace) -> Vec<String> {
    trace.instants().map(|instant| instant.name().to_string()).collect()
}

#[test]
fn a_child_records_its_own_events() {
    in_child("a_child_records_its_own_events", || {
        let _alone = alone();
        let mut session = Some(start());
        tell();
        for count in 0..20 {
            let child = fork(|| {
                let session = session.take().unwrap();
                ensure!(session.snapshot().is_empty(), "something is there before the first event");
                (0..count).for_each(|_| tell());
                spawn("of the child", tell).join().map_err(|_| "a thread panicked".to_string())?;
                check(&session.snapshot(), count + 1)?;
                tell();
                check(&session.stop(), count + 2)?;
                ensure!(!active(Level::CRITICAL), "it is active");
                Ok(())
            });
            child.join();
            tell();
        }
        check(&session.unwrap().stop(), 21).unwrap();
    });
}

#[test]
fn a_child_records_what_the_session_does() {
    in_child("a_child_records_what_the_session_does", || {
        let _alone = alone();
        let builder = Session::builder().filter("all,name:hidden=off").categories([WANTED, Category::DEFAULT]);
        let mut session = Some(builder.memory(Memory::ring(1 << 20)).in_children(true).start().unwrap());
        let work = || {
            instant!("hidden");
            instant!("other", category = OTHER);
            instant!("seen", level = 3);
            tell();
        };
        work();
        let child = fork(|| {
            ensure!(active(Level::CRITICAL), "it is not active");
            work();
            let session = session.take().unwrap();
            ensure!(names(&session.snapshot()) == ["seen", "of"], "{:?}", names(&session.snapshot()));
            (0..100_000).for_each(|_| tell());
            let trace = session.stop();
            let overwritten = trace.losses().by_cause(Cause::Overwritten);
            ensure!(overwritten > 0, "it is no ring of this size");
            ensure!(trace.event_count() + overwritten == 100_002, "{} and {overwritten}", trace.event_count());
            Ok(())
        });
        child.join();
        assert_eq!(names(&session.unwrap().stop()), ["seen", "of"]);
    });
}

#[test]
fn a_child_records_what_it_says_before_its_first_event() {
    in_child("a_child_records_what_it_says_before_its_first_event", || {
        let _alone = alone();
        let mut session = Some(start());
        let child = fork(|| {
            let session = session.take().unwrap();
            session.set_filter("info").map_err(|error| error.to_string())?;
            let work = || {
                instant!("detail", level = 3);
                instant!("seen", level = 2);
            };
            work();
            ensure!(names(&session.rotate()) == ["seen"], "the filter is that of the start");
            fork(|| {
                work();
                ensure!(names(&session.snapshot()) == ["seen"], "in a grandchild it is that of the start");
                Ok(())
            })
            .end()?;
            session.set_filter("all").map_err(|error| error.to_string())?;
            work();
            ensure!(names(&session.stop()) == ["detail", "seen"], "the filter stays");
            Ok(())
        });
        child.join();
        instant!("detail", level = 3);
        assert_eq!(names(&session.unwrap().stop()), ["detail"]);
    });
}

#[test]
fn each_generation_records_its_own_events() {
    fn generation(session: &mut Option<Session>, left: u64) -> Found {
        if left == 0 {
            return Ok(());
        }
        // Some are made by one that hasn't recorded yet.
        let before = left % 3;
        (0..before).for_each(|_| tell());
        fork(|| generation(session, left - 1)).end()?;
        tell();
        let trace = session.take().map(Session::stop).unwrap_or_default();
        check(&trace, before + 1)
    }
    in_child("each_generation_records_its_own_events", || {
        let _alone = alone();
        generation(&mut Some(start()), 10).unwrap();
    });
}

#[test]
fn a_session_of_the_child_comes_before_the_parents() {
    in_child("a_session_of_the_child_comes_before_the_parents", || {
        let _alone = alone();
        let mut session = Some(start());
        tell();
        let child = fork(|| {
            let own = Session::start(255).map_err(|error| error.to_string())?;
            tell();
            let copy = session.take().map(Session::stop).unwrap_or_default();
            ensure!(copy.is_empty(), "the parent's session records");
            tell();
            check(&own.stop(), 2)
        });
        child.join();
        let child = fork(|| {
            // Before its first event: nothing is to be recorded any more.
            let copy = session.take().map(Session::stop).unwrap_or_default();
            ensure!(copy.is_empty() && !active(Level::CRITICAL), "the parent's session records");
            let own = Session::start(255).map_err(|error| error.to_string())?;
            tell();
            fork(|| {
                tell();
                ensure!(
                    !active(Level::CRITICAL),
                    "a grandchild records, though the child's session keeps that for itself"
                );
                Ok(())
            })
            .end()?;
            check(&own.stop(), 1)
        });
        child.join();
        let child = fork(|| {
            tell();
            let error = Session::start(255).map(drop).unwrap_err();
            ensure!(error.is_running(), "{error}");
            check(&session.take().map(Session::stop).unwrap_or_default(), 1)
        });
        child.join();
        check(&session.unwrap().stop(), 1).unwrap();
    });
}

/// They would keep events instead, of which nobody makes sums.
#[test]
fn sums_and_children_are_refused_together() {
    in_child("sums_and_children_are_refused_together", || {
        let _alone = alone();
        let sums = || Session::builder().memory(Memory::summary_only());
        let error = sums().in_children(true).start().unwrap_err();
        assert!(error.is_memory() && error.to_string().contains("in_children"), "{error}");
        tell();
        // Nothing was begun. Without the children it starts, and they record nothing.
        let session = sums().start().unwrap();
        tell();
        fork(|| {
            tell();
            ensure!(!active(Level::CRITICAL), "a child records");
            // A session of its own sums up, with a thread of its own.
            let session = sums().start().map_err(|error| error.to_string())?;
            (0..100_000).for_each(|_| tell());
            let recorded = [session.snapshot(), session.stop()].map(|trace| trace.summary().losses.recorded);
            ensure!(recorded == [100_000; 2], "{recorded:?} events");
            Ok(())
        })
        .join();
        let trace = session.stop();
        assert_eq!((trace.event_count(), trace.summary().losses.recorded), (0, 1));
    });
}

/// Threads record at full speed in the parent.
#[test]
fn a_busy_parent_has_none_of_its_childrens_events() {
    static ATTEMPTS: AtomicU64 = AtomicU64::new(0);
    in_child("a_busy_parent_has_none_of_its_childrens_events", || {
        let _alone = alone();
        let stop = Arc::new(AtomicBool::new(false));
        let mut session = Some(Session::builder().memory(Memory::ring(16 << 20)).in_children(true).start().unwrap());
        let writers = [0, 1, 2].map(|n| {
            let stop = Arc::clone(&stop);
            spawn(&format!("writer {n}"), move || {
                while !stop.load(Ordering::Relaxed) {
                    trace_scope!("work", meta(n = ATTEMPTS.fetch_add(1, Ordering::Relaxed)));
                }
            })
        });
        for count in 0..50 {
            let child = fork(|| {
                (0..count).for_each(|_| tell());
                check(&session.take().map(Session::stop).unwrap_or_default(), count)
            });
            child.join();
        }
        stop.store(true, Ordering::Relaxed);
        writers.into_iter().for_each(|writer| writer.join().unwrap());
        let trace = session.unwrap().stop();
        assert_sound(&trace);
        assert_eq!((accounted(&trace), trace.instants().count()), (ATTEMPTS.load(Ordering::Relaxed), 0));
    });
}

//! Sessions: how they start and stop, and what they refuse.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use common::{alone, in_child, resident, span_names, spawn};
use traceme::{Category, Error, Level, Memory, Session, Trace, active, counter, instant, recorder, trace_scope};

const IO: Category = Category::new("io");

/// Traces at levels 1 to 4, at 4 in the category `io` too.
fn work() {
    trace_scope!("one", level = 1);
    trace_scope!("two", level = 2);
    trace_scope!("three", level = 3);
    trace_scope!("four", level = 4);
    trace_scope!("io", level = 4, category = IO);
}

#[track_caller]
fn assert_recorded(session: Session, expected: &[&str]) {
    work();
    assert_eq!(span_names(&session.stop()), expected);
}

#[test]
fn a_session_records_its_level_and_those_below() {
    let _alone = alone();
    assert_recorded(Session::start(1).unwrap(), &["one"]);
    assert_recorded(Session::start(2_u64).unwrap(), &["one", "two"]);
    assert_recorded(Session::start(Level::VERBOSE).unwrap(), &["one", "two", "three"]);
    assert_recorded(Session::start(255).unwrap(), &["one", "two", "three", "four", "io"]);
    assert_recorded(Session::builder().start().unwrap(), &["one", "two", "three", "four", "io"]);
}

#[test]
fn a_session_records_its_categories() {
    let _alone = alone();
    let io = || Session::builder().categories([IO]);
    assert_recorded(io().start().unwrap(), &["io"]);
    assert_recorded(io().level(3).start().unwrap(), &[]);
    assert_recorded(Session::builder().categories([]).start().unwrap(), &[]);
    let both = Session::builder().categories([Category::DEFAULT, IO]).level(4);
    assert_recorded(both.start().unwrap(), &["one", "two", "three", "four", "io"]);
    let same_name = Category::new(String::leak("io".into()));
    assert_recorded(Session::builder().categories([same_name]).start().unwrap(), &["io"]);
    // The next session has them all again.
    assert_recorded(Session::start(1).unwrap(), &["one"]);
}

#[test]
fn a_second_start_is_an_error_and_leaves_the_first_session_alone() {
    let _alone = alone();
    let first = Session::builder().level(2).categories([Category::DEFAULT]).memory(Memory::bounded(1 << 20));
    let first = first.start().unwrap();
    trace_scope!("before");
    let attempts: [Result<Session, Error>; 3] = [
        Session::start(255),
        Session::builder().level(1).categories([IO]).memory(Memory::bounded(256 << 10)).start(),
        Session::builder().memory(Memory::bounded(0)).start(),
    ];
    for attempt in attempts {
        assert!(attempt.unwrap_err().is_running());
    }
    assert!(!recorder::start(Level::ALL));
    assert!(active(Level::INFO) && !active(Level::VERBOSE));
    // Still its categories, and its memory: four chunks.
    (0..140_000).for_each(|_| instant!("fills"));
    work();
    let trace = first.stop();
    assert_eq!(span_names(&trace), ["before"], "the memory is used up");
    let losses = trace.losses().total();
    assert_eq!(trace.event_count() + losses, 140_001 + 2, "levels 1 and 2 of the default category");
    // An instant is a word: a chunk has 32,768.
    assert!((3 * 32_768..4 * 32_768).contains(&trace.event_count()), "{} events in four chunks", trace.event_count());
}

#[test]
fn wrong_levels_are_errors() {
    let _alone = alone();
    let errors = [
        Session::start(0).unwrap_err(),
        Session::start(256).unwrap_err(),
        Session::start(-1).unwrap_err(),
        Session::start(u64::MAX).unwrap_err(),
        Session::builder().level(0).start().unwrap_err(),
    ];
    for error in errors {
        assert!(error.is_level() && !error.is_running(), "{error:?}");
        assert!(error.to_string().contains("1..=255"), "{error}");
    }
    assert!(!active(Level::CRITICAL), "nothing has started");
}

#[test]
fn dropping_a_session_stops_it() {
    let _alone = alone();
    let session = Session::start(3).unwrap();
    assert!(active(Level::VERBOSE));
    drop(session);
    assert!(!active(Level::CRITICAL));
    assert_recorded(Session::start(1).unwrap(), &["one"]);
}

#[test]
fn a_panic_stops_the_session_that_it_drops() {
    let _alone = alone();
    let outcome = std::panic::catch_unwind(|| {
        let _session = Session::start(1).unwrap();
        std::panic::resume_unwind(Box::new("expected"));
    });
    assert!(outcome.is_err());
    assert_recorded(Session::start(1).unwrap(), &["one"]);
}

#[test]
fn a_session_can_be_stopped_on_another_thread() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    work();
    let trace = spawn("stops", || session.stop()).join().unwrap();
    assert_eq!(span_names(&trace), ["one"]);
    let names = spawn("reads", move || span_names(&trace)).join().unwrap();
    assert_eq!(names, ["one"]);
}

#[test]
fn the_recorder_starts_and_stops_a_session_of_the_process() {
    let _alone = alone();
    assert!(recorder::stop().is_empty(), "none runs");
    assert!(!recorder::active(Level::CRITICAL));
    assert!(recorder::start(Level::INFO));
    assert!(!recorder::start(Level::ALL), "one runs");
    assert!(Session::start(1).unwrap_err().is_running());
    assert!(recorder::active(Level::INFO) && !recorder::active(Level::VERBOSE));
    work();
    let trace = recorder::stop();
    assert_eq!(span_names(&trace), ["one", "two"]);
    assert!(recorder::stop().is_empty() && !recorder::active(Level::CRITICAL));
    // It doesn't stop what it hasn't started.
    let session = Session::start(1).unwrap();
    assert!(recorder::stop().is_empty());
    assert!(recorder::active(Level::CRITICAL) && !recorder::start(Level::ALL));
    assert_recorded(session, &["one"]);
}

#[test]
fn too_little_memory_is_an_error() {
    let _alone = alone();
    for bytes in [0, 1, (256 << 10) - 1] {
        let error = Session::builder().memory(Memory::bounded(bytes)).start().unwrap_err();
        assert!(error.is_memory(), "{error:?}");
        assert!(error.to_string().contains("262144"), "it names what would do: {error}");
    }
    assert!(!active(Level::CRITICAL));
    assert_recorded(
        Session::builder().memory(Memory::bounded(256 << 10)).start().unwrap(),
        &["one", "two", "three", "four", "io"],
    );
}

#[test]
fn a_large_bound_costs_little_before_it_is_used() {
    in_child("a_large_bound_costs_little_before_it_is_used", || {
        let _alone = alone();
        drop(Session::start(1).unwrap());
        let before = resident();
        let session = Session::builder().memory(Memory::bounded(1 << 40)).start().unwrap();
        let growth = resident().saturating_sub(before);
        assert_recorded(session, &["one", "two", "three", "four", "io"]);
        assert!(growth < 32 << 20, "{growth} bytes for a session of 1 TiB that has recorded nothing");
    });
}

#[test]
fn a_bound_beyond_all_memory_is_no_crash() {
    in_child("a_bound_beyond_all_memory_is_no_crash", || {
        let _alone = alone();
        match Session::builder().memory(Memory::bounded(usize::MAX)).start() {
            Ok(session) => assert_recorded(session, &["one", "two", "three", "four", "io"]),
            Err(error) => assert!(error.is_memory(), "{error:?}"),
        }
    });
}

#[test]
fn an_empty_session_has_an_empty_trace() {
    let _alone = alone();
    let empty = Session::start(1).unwrap().stop();
    for trace in [&empty, &Trace::default()] {
        assert!(trace.is_empty() && trace.losses().is_empty(), "{:?}", trace.losses());
        assert_eq!((trace.event_count(), trace.spans().len(), trace.instants().len()), (0, 0, 0));
        assert_eq!((trace.counters().count(), trace.tracks().len()), (0, 0));
        assert_eq!(trace.text().to_string(), "");
    }
    assert_eq!(empty.process().pid, std::process::id());
    assert!(empty.clock().wall_ns > 1_600_000_000_000_000_000, "after 2020");
    assert!(empty.duration() > 0);
}

#[test]
fn a_thousand_sessions_one_after_the_other() {
    let _alone = alone();
    // So that the pool has all that it keeps: how much of that sessions use depends on when their threads run.
    let session = Session::builder().memory(Memory::bounded(32 << 20)).start().unwrap();
    (0..800_000).for_each(|n| instant!("fills", meta(n)));
    assert!(session.stop().losses().is_empty());
    let mut before = 0;
    for n in 0..1000_i64 {
        if n == 100 {
            before = resident();
        }
        let session = Session::start(1).unwrap();
        trace_scope!("session", meta(n));
        instant!("point", meta(n));
        counter!("sample", n);
        let trace = session.stop();
        assert_eq!(trace.event_count(), 3);
        let value = traceme::trace::Value::I64(n);
        assert!(trace.spans().all(|span| span.args().eq([("n", value)]) && span.flags().is_incomplete()));
        assert!(trace.instants().all(|point| point.args().eq([("n", value)])));
        assert!(trace.counters().all(|sample| sample.value() == value));
        assert!(trace.losses().is_empty(), "session {n}: {:?}", trace.losses());
    }
    let growth = resident().saturating_sub(before);
    assert!(growth < 8 << 20, "{growth} bytes more behind 1000 sessions than behind 100");
}

#[test]
fn traces_outlive_their_sessions_and_stay_as_they_are() {
    let _alone = alone();
    let traces: Vec<Trace> = (0..20_u64)
        .map(|n| {
            let session = Session::start(1).unwrap();
            (0..100).for_each(|turn| instant!("point", meta(n, turn)));
            session.stop()
        })
        .collect();
    for (n, trace) in traces.iter().enumerate() {
        let values: Vec<_> =
            trace.instants().map(|point| point.args().map(|(_, value)| value).collect::<Vec<_>>()).collect();
        let expected =
            (0..100).map(|turn| vec![traceme::trace::Value::U64(n as u64), traceme::trace::Value::I64(turn)]);
        assert!(values.into_iter().eq(expected), "trace {n}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn nothing_runs_once_the_session_has_stopped() {
    in_child("nothing_runs_once_the_session_has_stopped", || {
        let names = || -> Vec<String> {
            let threads = std::fs::read_dir("/proc/self/task").unwrap();
            // A thread that ends meanwhile has no name any more.
            threads.filter_map(|thread| std::fs::read_to_string(thread.unwrap().path().join("comm")).ok()).collect()
        };
        let session = Session::start(1).unwrap();
        while !names().iter().any(|name| name.starts_with("traceme")) {
            std::thread::yield_now();
        }
        drop(session.stop());
        // It hangs, and is killed, if the thread goes on.
        while names().iter().any(|name| name.starts_with("traceme")) {
            std::thread::yield_now();
        }
    });
}

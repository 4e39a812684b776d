//! What happens between the moments at which an event is recorded, step by step: the session stops, or another
//! one starts. An event belongs to the session that it was committed in, or is late; never to another.
//!
//! Metadata is user code that runs in the middle of recording an event: here it stops and starts sessions. The
//! moment before, between the check of the level and all else, is taken apart as the macros put it together.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use common::{accounted, alone, assert_sound, span_names, spawn};
use traceme::__private::{admit, enter, instant, value};
use traceme::session::{Action, Sink, Source, Trigger};
use traceme::trace::{TraceBuilder, TrackKind, Value};
use traceme::{Category, Error, Memory, Session, SpanGuard, Trace, span, trace_scope};

const DEFAULT: Category = Category::DEFAULT;

/// The running session, and what was stopped.
static RUNNING: Mutex<Option<Session>> = Mutex::new(None);
static STOPPED: Mutex<Vec<Trace>> = Mutex::new(Vec::new());

fn start(level: u8) {
    *RUNNING.lock().unwrap() = Some(Session::start(level).unwrap());
}

fn stop() {
    let trace = RUNNING.lock().unwrap().take().unwrap().stop();
    assert_sound(&trace);
    STOPPED.lock().unwrap().push(trace);
}

/// The traces of the sessions that `work` stops, on a thread of its own, and of an empty one behind it.
fn sessions(work: impl FnOnce() + Send + 'static) -> Vec<Trace> {
    spawn("work", work).join().unwrap();
    start(255);
    stop();
    std::mem::take(&mut STOPPED.lock().unwrap())
}

/// Recorded, lost and late events of each trace.
fn counts(traces: &[Trace]) -> Vec<(u64, u64, u64)> {
    traces.iter().map(|trace| (trace.event_count(), trace.losses().total(), trace.losses().late())).collect()
}

#[test]
fn an_event_whose_metadata_stops_the_session_is_late() {
    let _alone = alone();
    let stop_in_metadata = || {
        traceme::instant!(
            "late",
            meta(
                n = {
                    stop();
                    1
                }
            )
        );
    };
    let unknown_to_the_session = sessions(move || {
        start(1);
        stop_in_metadata();
    });
    assert_eq!(counts(&unknown_to_the_session), [(0, 0, 0), (0, 0, 1)]);
    let known_to_the_session = sessions(move || {
        start(1);
        traceme::instant!("in time");
        stop_in_metadata();
    });
    assert_eq!(counts(&known_to_the_session), [(1, 0, 0), (0, 0, 1)]);
}

/// A thread needn't come to the next session, nor end: who starts one is known to be between two events.
#[test]
fn what_the_thread_that_starts_a_session_wrote_too_late_is_told_by_that() {
    let _alone = alone();
    start(1);
    traceme::instant!("in time");
    traceme::instant!("late", meta(stopped = ?stop()));
    start(1);
    stop();
    let traces = std::mem::take(&mut *STOPPED.lock().unwrap());
    assert_eq!(counts(&traces), [(1, 0, 0), (0, 0, 1)]);
}

/// A source that has something to tell, which nobody attempted here.
struct Told;

impl Source for Told {
    fn start(&mut self) -> Result<(), Error> {
        Ok(())
    }

    fn stop(&mut self) {}

    fn collect(&mut self, trace: &mut TraceBuilder) {
        let gpu = trace.add_track("gpu", TrackKind::Device { ordinal: 0 }, None).unwrap();
        trace.span(gpu, "kernel", 0, Some(10), &[]).unwrap();
    }
}

/// A session that can't start: it records for a moment what nobody gets.
fn fails(memory: Memory) {
    let save = Action::save("/proc/no such folder/traces", "json");
    let error = Session::builder().memory(memory).source(Told).on(Trigger::manual(), save).start().unwrap_err();
    assert!(error.is_file(), "{error}");
}

/// Records an event too late, on a thread that ends.
fn leave_one_late() {
    start(1);
    spawn("work", || {
        traceme::instant!("in time");
        traceme::instant!("late", meta(stopped = ?stop()));
    })
    .join()
    .unwrap();
    assert_eq!(counts(&std::mem::take(&mut *STOPPED.lock().unwrap())), [(1, 0, 0)]);
}

#[test]
fn what_is_left_behind_a_session_that_could_not_start_is_told_by_the_next() {
    static ATTEMPTS: AtomicU64 = AtomicU64::new(0);
    let _alone = alone();
    for memory in [Memory::bounded(1 << 20), Memory::ring(1 << 20), Memory::summary_only()] {
        leave_one_late();
        fails(memory);
        let going_on = Arc::new(());
        let is_over = Arc::downgrade(&going_on);
        let before = ATTEMPTS.load(Ordering::Relaxed);
        let work = spawn("work", move || {
            while is_over.strong_count() > 0 {
                traceme::instant!("work", meta(n = ATTEMPTS.fetch_add(1, Ordering::Relaxed)));
            }
        });
        while ATTEMPTS.load(Ordering::Relaxed) < before + 1000 {
            fails(memory);
        }
        drop(going_on);
        work.join().unwrap();
        start(1);
        stop();
        let traces = std::mem::take(&mut *STOPPED.lock().unwrap());
        assert_eq!(counts(&traces), [(0, 0, 1 + ATTEMPTS.load(Ordering::Relaxed) - before)], "{memory:?}");
    }
}

#[test]
fn what_is_late_is_told_once_also_if_sessions_are_dropped() {
    struct Late(Arc<AtomicU64>);
    impl Sink for Late {
        fn batch(&mut self, batch: &Trace) {
            self.0.fetch_add(batch.losses().late(), Ordering::Relaxed);
        }
    }
    let _alone = alone();
    let late = Arc::new(AtomicU64::new(0));
    leave_one_late();
    drop(Session::start(1).unwrap());
    start(1);
    stop();
    assert_eq!(counts(&std::mem::take(&mut *STOPPED.lock().unwrap())), [(0, 0, 1)]);
    leave_one_late();
    (0..3).for_each(|_| drop(Session::builder().sink(Late(Arc::clone(&late))).start().unwrap()));
    start(1);
    stop();
    assert_eq!(counts(&std::mem::take(&mut *STOPPED.lock().unwrap())), [(0, 0, 0)], "the sink was told");
    assert_eq!(late.load(Ordering::Relaxed), 1);
}

#[test]
fn an_event_whose_metadata_starts_another_session_is_in_neither() {
    let _alone = alone();
    for known in [false, true] {
        let traces = sessions(move || {
            start(1);
            if known {
                traceme::instant!("in time");
            }
            let guard = span!(
                "late",
                meta(
                    n = {
                        stop();
                        start(1);
                        1
                    }
                )
            );
            trace_scope!("next");
            drop(guard);
            trace_scope!("inside next");
            stop();
        });
        assert_eq!(span_names(&traces[1]), ["next", "inside next"]);
        assert_eq!(traces[1].spans().map(|span| span.depth()).collect::<Vec<_>>(), [0, 1]);
        assert_eq!((traces[0].event_count(), traces[0].losses().total()), (u64::from(known), 0));
        assert_eq!(traces.iter().map(accounted).sum::<u64>(), 3 + u64::from(known));
        assert_eq!(traces.iter().map(|trace| trace.losses().late()).sum::<u64>(), 1);
    }
}

#[test]
fn an_event_of_a_full_session_whose_metadata_starts_another_one_is_lost_in_neither() {
    let _alone = alone();
    let traces = sessions(|| {
        let memory = Memory::bounded(256 << 10);
        *RUNNING.lock().unwrap() = Some(Session::builder().memory(memory).start().unwrap());
        (0..40_000).for_each(|_| traceme::instant!("fills"));
        traceme::instant!(
            "late",
            meta(
                n = {
                    stop();
                    start(1);
                    1
                }
            )
        );
        stop();
    });
    assert_eq!(accounted(&traces[0]), 40_000);
    assert!(traces[0].losses().total() > 0);
    assert_eq!(counts(&traces[1..2]), [(0, 0, 1)], "{:?}", traces[1].losses());
}

#[test]
fn an_event_whose_display_stops_the_session_is_late() {
    struct Stops;
    impl std::fmt::Display for Stops {
        fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            stop();
            f.write_str("stopped")
        }
    }
    let _alone = alone();
    let traces = sessions(|| {
        start(1);
        traceme::instant!("late", meta(n = %Stops));
    });
    assert_eq!(counts(&traces), [(0, 0, 0), (0, 0, 1)]);
}

#[test]
fn an_end_behind_the_stop_is_no_event() {
    let _alone = alone();
    let traces = sessions(|| {
        start(1);
        let guard: SpanGuard = span!("open");
        stop();
        drop(guard);
    });
    assert_eq!(counts(&traces), [(1, 0, 0), (0, 0, 0)]);
    assert!(traces[0].spans().next().unwrap().flags().is_incomplete());
}

#[test]
fn an_event_that_passed_the_level_and_finds_no_session_is_no_attempt() {
    let _alone = alone();
    for known in [false, true] {
        let traces = sessions(move || {
            let point_site = traceme::__site!(Instant "late" 1 DEFAULT [] [("n", "", "")]);
            let span_site = traceme::__site!(Span "late" 1 DEFAULT [] []);
            start(1);
            assert!(point_site.is_awake() && span_site.is_awake());
            if known {
                assert_ne!((admit(point_site), admit(span_site)), (0, 0));
            }
            stop();
            assert_eq!(admit(point_site), 0, "nothing is evaluated");
            assert!(!enter(span_site).is_recorded());
        });
        assert_eq!(counts(&traces), [(0, 0, 0), (0, 0, 0)]);
    }
}

#[test]
fn an_event_prepared_in_one_session_never_gets_into_the_next() {
    let _alone = alone();
    let traces = sessions(|| {
        let site = traceme::__site!(Instant "late" 1 DEFAULT [] [("n", "", "")]);
        start(1);
        let old = admit(site);
        stop();
        start(1);
        instant(admit(site), (value(&2), ()));
        instant(old, (value(&1), ()));
        stop();
    });
    assert_eq!(traces.iter().map(accounted).sum::<u64>(), 2);
    assert_eq!(traces.iter().map(|trace| trace.losses().late()).sum::<u64>(), 1);
    let values: Vec<_> = traces[1].instants().map(|point| point.args().next().unwrap().1).collect();
    assert_eq!(values, [Value::I64(2)]);
}

#[test]
fn an_event_that_passed_a_higher_level_never_gets_into_a_session_of_a_lower_one() {
    let _alone = alone();
    let traces = sessions(move || {
        let span_site = traceme::__site!(Span "detail" 200 DEFAULT [] []);
        let point_site = traceme::__site!(Instant "detail point" 200 DEFAULT [] [("n", "", "")]);
        start(255);
        assert!(point_site.is_awake() && span_site.is_awake());
        stop();
        start(1);
        drop(enter(span_site));
        if admit(point_site) != 0 {
            instant(admit(point_site), (value(&1), ()));
        }
        stop();
    });
    assert_eq!(traces[1].event_count(), 0, "a session of level 1 has events of level 200:\n{}", traces[1].text());
}

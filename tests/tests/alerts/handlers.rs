//! What handlers hear, when and where; what becomes of alerts that nobody hears.

use std::panic::resume_unwind;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use traceme::__private::mock;
use traceme::session::{Action, Alert, Fired, Sink, Trigger};
use traceme::trace::{TrackKind, Value};
use traceme::{Session, Trace, trace_scope};

use crate::common::{alone, assert_sound, in_child, spawn};
use crate::{Told, limited, log, told};

#[test]
fn alerts_of_many_threads_are_told_once_each_on_the_thread_of_the_session() {
    const THREADS: usize = 4;
    const TURNS: usize = 200;
    in_child("handlers::alerts_of_many_threads_are_told_once_each_on_the_thread_of_the_session", || {
        let told = Arc::<Mutex<Vec<(u32, String)>>>::default();
        let log = Arc::clone(&told);
        let handler = move |alert: &Alert| {
            let on = std::thread::current().name().unwrap().to_string();
            assert_eq!((on.as_str(), alert.limit), ("traceme-sink", Duration::ZERO));
            log.lock().unwrap().push((alert.os_tid, alert.name()));
        };
        let session = Session::builder().on_alert(handler).start().unwrap();
        let work = || {
            for n in 0..TURNS {
                let _slow = limited!("always", 0, n);
                let _quick = limited!("never", 3_600_000_000_000);
                trace_scope!("unlimited");
            }
        };
        let threads: Vec<_> = (0..THREADS).map(|_| spawn("work", work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        let trace = session.stop();
        assert_sound(&trace);
        assert_eq!((trace.spans().len(), trace.missed_alerts()), (3 * THREADS * TURNS, 0));
        assert!(trace.spans().all(|span| span.flags().is_alerted() == (span.name() == "always".into())));
        let told = told.lock().unwrap();
        assert!(told.iter().all(|(_, name)| name == "always"));
        assert_eq!(told.len(), THREADS * TURNS);
        for track in trace.tracks() {
            let TrackKind::Thread { os_tid, .. } = track.kind else { panic!("{track:?}") };
            assert_eq!(told.iter().filter(|(thread, _)| *thread == os_tid).count(), TURNS);
        }
    });
}

#[test]
fn the_duration_that_is_told_is_that_of_the_trace() {
    in_child("handlers::the_duration_that_is_told_is_that_of_the_trace", || {
        let heard = Told::default();
        let session = Session::builder().on_alert(log(&heard)).start().unwrap();
        let limit = 2_000_000;
        let guard = limited!("long", limit);
        // As long as the clock of the system says.
        #[expect(clippy::disallowed_methods, reason = "another clock than the one that is tested")]
        let since = std::time::Instant::now();
        while since.elapsed() < Duration::from_nanos(2 * limit) {}
        drop(guard);
        let trace = session.stop();
        let expected = trace.spans().next().unwrap().duration().unwrap();
        let [(_, duration, 2_000_000)] = told(&heard)[..] else { panic!("one alert") };
        assert!(duration.abs_diff(expected) < expected / 100, "{duration} for {expected}");
    });
}

#[test]
fn the_span_of_an_alert_is_found_in_a_snapshot_by_its_start_and_thread() {
    const TURNS: u64 = 20;
    in_child("handlers::the_span_of_an_alert_is_found_in_a_snapshot_by_its_start_and_thread", || {
        let found = Arc::<Mutex<Vec<u64>>>::default();
        let log = Arc::clone(&found);
        let find = move |fired: &Fired<'_>| {
            let (alert, snapshot) = (fired.alert().unwrap(), fired.snapshot());
            let mut spans = snapshot.spans().filter(|span| {
                matches!(span.track().kind, TrackKind::Thread { os_tid, .. } if os_tid == alert.os_tid)
                    && span.start().abs_diff(alert.start) < 5000
            });
            let (Some(span), None) = (spans.next(), spans.next()) else { panic!("one span begins then: {alert:?}") };
            let (_, Value::U64(n)) = span.args().next().unwrap() else { panic!("{span:?}") };
            log.lock().unwrap().push(n);
        };
        let session = Session::start(2).unwrap();
        session.on(Trigger::alert(), Action::call(find)).unwrap();
        for n in 0..TURNS {
            let _long = limited!("long", 0, n);
            #[expect(clippy::disallowed_methods, reason = "another clock than the one that is tested")]
            let since = std::time::Instant::now();
            while since.elapsed() < Duration::from_micros(50) {}
        }
        drop(session);
        assert_eq!(*found.lock().unwrap(), (0..TURNS).collect::<Vec<_>>());
    });
}

/// A handler that says that it was called, and waits until it may go on.
struct Slow {
    called: mpsc::Receiver<()>,
    go_on: mpsc::Sender<()>,
}

fn slow() -> (Slow, impl FnMut(&Alert) + Send + 'static) {
    let ((call, called), (go_on, may_go_on)) = (mpsc::channel(), mpsc::channel::<()>());
    let handler = move |_: &Alert| {
        call.send(()).unwrap();
        // Nobody says so once all is over.
        let _ = may_go_on.recv_timeout(Duration::from_secs(60));
    };
    (Slow { called, go_on }, handler)
}

#[test]
fn what_finds_no_room_is_counted_and_nobody_waits() {
    const ROOM: usize = 1024;
    let _alone = alone();
    mock(1000);
    let (Slow { called, go_on }, handler) = slow();
    let session = Session::builder().on_alert(handler).start().unwrap();
    drop(limited!("first", 0));
    called.recv_timeout(Duration::from_secs(60)).expect("alerts are told while the session runs");
    (0..ROOM + 100).for_each(|_| drop(limited!("next", 0)));
    drop(go_on);
    let trace = session.stop();
    assert_eq!(trace.missed_alerts(), 100);
    let summary = trace.summary();
    assert_eq!(summary.missed_alerts, 100);
    assert!(summary.to_string().contains("\n  told to no handler: 100 alerts\n"), "{summary}");
    assert_eq!(called.try_iter().count(), ROOM, "the rest is told before the trace is there");
    assert!(trace.spans().all(|span| span.flags().is_alerted()));
    assert_eq!(trace.spans().len(), 1 + ROOM + 100);
    assert!(trace.losses().is_empty());
    let text = trace.text().to_string();
    assert!(text.ends_with("\nmissed alerts: 100\n"), "{text}");
}

#[test]
fn a_handler_that_panics_is_not_called_again() {
    let _alone = alone();
    mock(1000);
    let (calls, other) = (Arc::<Mutex<u64>>::default(), Told::default());
    for with_other in [true, false] {
        *calls.lock().unwrap() = 0;
        let counter = Arc::clone(&calls);
        let panics = move |_: &Alert| {
            *counter.lock().unwrap() += 1;
            resume_unwind(Box::new("on purpose"));
        };
        let builder = Session::builder().on_alert(panics);
        let session = if with_other { builder.on_alert(log(&other)) } else { builder }.start().unwrap();
        (0..10).for_each(|_| drop(limited!("slow", 0)));
        let trace = session.stop();
        assert_eq!(trace.spans().len(), 10);
        assert_eq!(*calls.lock().unwrap(), 1);
        assert_eq!(told(&other).len(), if with_other { 10 } else { 0 });
        assert_eq!(trace.missed_alerts(), if with_other { 0 } else { 9 });
    }
}

#[test]
fn a_handler_may_trace_and_take_too_long_itself() {
    let _alone = alone();
    mock(1000);
    let calls = Arc::<Mutex<u64>>::default();
    let counter = Arc::clone(&calls);
    let handler = move |alert: &Alert| {
        *counter.lock().unwrap() += 1;
        trace_scope!("in handler");
        if alert.name() == "slow" {
            drop(limited!("of handler", 0));
        }
    };
    let session = Session::builder().on_alert(handler).start().unwrap();
    (0..100).for_each(|_| drop(limited!("slow", 0)));
    let trace = session.stop();
    assert_sound(&trace);
    let flagged = trace.spans().filter(|span| span.flags().is_alerted()).count() as u64;
    assert!(flagged >= 100);
    assert_eq!((*calls.lock().unwrap(), trace.missed_alerts()), (flagged, 0));
}

#[test]
fn sinks_and_handlers_share_a_session_and_dropping_it_tells_the_rest() {
    struct Counts(Arc<Mutex<u64>>);

    impl Sink for Counts {
        fn batch(&mut self, batch: &Trace) {
            *self.0.lock().unwrap() += batch.event_count();
        }
    }

    let _alone = alone();
    mock(1000);
    let (events, heard) = (Arc::<Mutex<u64>>::default(), Told::default());
    let builder = Session::builder().sink(Counts(Arc::clone(&events))).on_alert(log(&heard));
    let session = builder.start().unwrap();
    (0..100).for_each(|_| drop(limited!("slow", 0)));
    drop(session);
    assert_eq!((*events.lock().unwrap(), told(&heard).len()), (100, 100));
}

//! A thread that ends still runs the destructors of its thread-locals, and these can trace: their events are recorded,
//! whether registered before its first event or behind it. What the system calls behind traceme's own end is counted; in no
//! case do two threads share a buffer.
#![cfg(unix)]
#![allow(unsafe_code, reason = "keys of the system, whose destructors come behind those of thread-locals")]
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/thread_end.rs"]
mod thread_end;

use std::cell::{Cell, RefCell};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, mpsc};

use common::{alone, assert_sound, spawn, threads, traced};
use thread_end::behind_our_end;
use thread_local::ThreadLocal;
use traceme::trace::Cause;
use traceme::{Session, SpanGuard, Trace, instant, span, trace_scope};

/// Runs something when it is dropped.
struct AtEnd(Option<Box<dyn FnOnce()>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(|work| work());
    }
}

thread_local! {
    static AT_END: RefCell<AtEnd> = const { RefCell::new(AtEnd(None)) };
    static AT_END_TOO: RefCell<AtEnd> = const { RefCell::new(AtEnd(None)) };
    static GUARD: RefCell<Option<SpanGuard>> = const { RefCell::new(None) };
}

/// Has a thread-local's destructor run `work`. Destructors run in the reverse order of registration.
fn at_end(work: impl FnOnce() + 'static) {
    AT_END.with(|slot| slot.borrow_mut().0 = Some(Box::new(work)));
}

fn in_destructor() {
    trace_scope!("in destructor", meta(n = 1 + 1));
    instant!("point in destructor");
}

/// What happens on a thread of the name `thread`.
fn on_thread(work: impl FnOnce() + Send + 'static) -> Trace {
    let trace = traced(1, || spawn("thread", work).join().unwrap());
    assert_sound(&trace);
    trace
}

#[test]
fn destructors_are_recorded_registered_before_the_first_event_or_after() {
    let before = on_thread(|| {
        at_end(in_destructor);
        instant!("first event");
    });
    let after = on_thread(|| {
        instant!("first event");
        at_end(in_destructor);
    });
    let expected = "thread thread\n  * first event\n  in destructor n=2\n    * point in destructor\n";
    for trace in [before, after] {
        assert_eq!(trace.text().to_string(), expected);
        assert!(trace.losses().is_empty());
    }
}

#[test]
fn a_first_event_in_a_destructor_is_recorded_and_those_of_further_ones() {
    let trace = on_thread(|| {
        AT_END_TOO.with(|slot| slot.borrow_mut().0 = Some(Box::new(in_destructor)));
        at_end(in_destructor);
    });
    let once = "  in destructor n=2\n    * point in destructor\n";
    assert_eq!(trace.text().to_string(), format!("thread thread\n{once}{once}"));
    assert!(trace.losses().is_empty());
}

#[test]
fn what_comes_behind_our_end_is_counted_as_lost() {
    let trace = on_thread(|| {
        behind_our_end(in_destructor);
        instant!("first event");
    });
    let expected = "thread thread\n  * first event\n\
        lost 1 of in destructor on unknown thread: teardown\n\
        lost 1 of point in destructor on unknown thread: teardown\n";
    assert_eq!(trace.text().to_string(), expected);
    assert_eq!(trace.losses().by_cause(Cause::Teardown), 2);
}

#[test]
fn lost_events_of_a_destructor_evaluate_their_metadata_at_most_once_and_give_inert_guards() {
    let evaluated = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&evaluated);
    let trace = on_thread(move || {
        behind_our_end(move || {
            let guard = span!("lost", meta(n = counter.fetch_add(1, Ordering::Relaxed)));
            assert!(!guard.is_recorded());
            traceme::append!(guard, n = counter.fetch_add(100, Ordering::Relaxed));
        });
        instant!("first event");
    });
    assert!(evaluated.load(Ordering::Relaxed) <= 1);
    assert_eq!(trace.losses().by_cause(Cause::Teardown), 1);
    assert_eq!(trace.losses().total(), 1);
}

#[test]
fn a_guard_that_is_dropped_at_the_threads_end_ends_its_span_or_leaves_it_open() {
    let hold = |guard: SpanGuard| GUARD.with(|slot| *slot.borrow_mut() = Some(guard));
    let after = on_thread(move || hold(span!("held")));
    let before = on_thread(move || {
        GUARD.with(|slot| *slot.borrow_mut() = None);
        hold(span!("held"));
    });
    for ended in [after, before] {
        assert_eq!(ended.text().to_string(), "thread thread\n  held\n");
    }
    let open = on_thread(|| {
        let guard = span!("held");
        behind_our_end(move || drop(guard));
    });
    assert_eq!(open.text().to_string(), "thread thread\n  held (incomplete)\n");
}

const STEPS: u64 = 1000;

/// One thread traces behind its own end, step by step with a second thread, which began after the first one had given
/// everything back.
fn two_threads() {
    let slots: Arc<ThreadLocal<Cell<u64>>> = Arc::new(ThreadLocal::new());
    let barrier = Arc::new(Barrier::new(2));
    let (in_teardown, teardown) = mpsc::channel();
    let old = spawn("old", {
        let (slots, barrier) = (Arc::clone(&slots), Arc::clone(&barrier));
        move || {
            behind_our_end(move || {
                in_teardown.send(()).unwrap();
                for n in 0..STEPS {
                    barrier.wait();
                    trace_scope!("old", meta(n));
                    instant!("old point", meta(n));
                }
            });
            slots.get_or_default().set(7);
            instant!("first of old");
        }
    });
    teardown.recv().unwrap();
    let new = spawn("new", move || {
        assert_eq!(slots.get_or_default().get(), 7, "the id of the old thread is recycled while it still runs");
        for n in 0..STEPS {
            barrier.wait();
            trace_scope!("new", meta(n));
            instant!("new point", meta(n));
        }
    });
    new.join().unwrap();
    old.join().unwrap();
}

#[test]
fn a_thread_in_teardown_never_writes_into_the_buffer_of_a_new_one() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    two_threads();
    let trace = session.stop();
    assert_sound(&trace);
    let names: Vec<&str> = threads(&trace).iter().map(|track| track.name.as_str()).collect();
    assert_eq!(names, ["old", "new"]);
    let spans: Vec<_> = trace.spans().map(|span| (span.track().name.clone(), span.name().to_string())).collect();
    assert!(spans.iter().all(|(track, span)| track == "new" && span == "new"), "{spans:?}");
    let values: Vec<_> =
        trace.spans().flat_map(|span| span.args().map(|(_, value)| value).collect::<Vec<_>>()).collect();
    assert_eq!(values, (0..STEPS).map(traceme::trace::Value::U64).collect::<Vec<_>>());
    let points = |thread| trace.instants().filter(|point| point.track().name == thread).count() as u64;
    assert_eq!((points("old"), points("new")), (1, STEPS));
    assert_eq!((trace.losses().by_cause(Cause::Teardown), trace.losses().total()), (2 * STEPS, 2 * STEPS));
    assert_eq!(trace.losses().late(), 0);
}

#[test]
fn a_thread_that_ends_between_sessions_counts_nothing_in_the_next() {
    let _alone = alone();
    let (in_teardown, teardown) = mpsc::channel::<()>();
    let (go_on, may_go_on) = mpsc::channel::<()>();
    let session = Session::start(1).unwrap();
    let thread = spawn("thread", move || {
        behind_our_end(move || {
            in_teardown.send(()).unwrap();
            may_go_on.recv().unwrap();
            in_destructor();
        });
        instant!("first event");
    });
    teardown.recv().unwrap();
    let first = session.stop();
    go_on.send(()).unwrap();
    thread.join().unwrap();
    let second = Session::start(1).unwrap().stop();
    assert_eq!((first.event_count(), first.losses().total(), first.losses().late()), (1, 0, 0));
    assert!(second.is_empty() && second.losses().is_empty(), "{:?}", second.losses());
}

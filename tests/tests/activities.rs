//! Activities: what begins on one thread and ends on whatever thread.
#![allow(clippy::unwrap_used, clippy::mem_forget, reason = "tests")]

mod common;

use std::cell::Cell;
use std::mem::forget;
use std::sync::mpsc;
use std::thread::JoinHandle;

use common::{accounted, alone, assert_sound, span_names, spawn, traced};
use traceme::trace::{Cause, Span, TrackKind, Value};
use traceme::{
    Activity, Flow, Level, Memory, Session, Trace, activity, activity_end, activity_start, instant, trace_scope,
};

traceme::categories! {
    IO = "io";
}

/// The spans of the track of this name.
fn on<'t>(trace: &'t Trace, track: &str) -> Vec<Span<'t>> {
    trace.spans().filter(|span| span.track().kind == TrackKind::Activity && span.track().name == track).collect()
}

#[test]
fn an_activity_begins_here_and_ends_there() {
    let trace = traced(2, || {
        let (send, jobs) = mpsc::channel::<(Activity, Flow)>();
        let worker = spawn("worker", move || {
            for (activity, flow) in jobs {
                trace_scope!("work", flow_in = flow);
                activity.end();
            }
        });
        let flow = Flow::new();
        let activity = activity!("request", level = 2, category = IO, meta(n = 1 + 1, path = "/"), flow_out = flow);
        assert!(activity.is_recorded() && activity.id() != 0);
        send.send((activity, flow)).unwrap();
        drop(send);
        worker.join().unwrap();
    });
    assert_sound(&trace);
    assert!(trace.losses().is_empty());
    let request = on(&trace, "request")[0];
    assert!(request.end() >= Some(request.start()) && request.flags().names().next().is_none());
    assert_eq!(request.callsite().map(|callsite| callsite.category.as_str()), Some("io"));
    let text = trace.text().to_string();
    let expected = "activity request\n  request n=2 path=\"/\" -> #1\nthread worker\n  work <- #1\n";
    assert!(text.ends_with(expected), "{text}");
    // A beginning, an end and a span.
    assert_eq!(trace.event_count(), 3);
}

#[test]
fn activities_of_one_name_overlap_on_one_track() {
    let trace = traced(1, || {
        let first = activity!("query", meta(n = 1));
        let second = activity!("query", meta(n = 2));
        let made = activity!(name = format!("made {}", 1), meta(n = 3));
        drop(first);
        drop(second);
        made.end();
    });
    assert_sound(&trace);
    let activities = trace.tracks().iter().filter(|track| track.kind == TrackKind::Activity);
    assert_eq!(activities.map(|track| track.name.as_str()).collect::<Vec<_>>(), ["made 1", "query"]);
    let queries = on(&trace, "query");
    assert!(queries[0].start() <= queries[1].start() && queries[0].end() <= queries[1].end(), "{queries:?}");
    assert_eq!(
        queries.iter().map(|span| span.args().next()).collect::<Vec<_>>(),
        [Some(("n", Value::I64(1))), Some(("n", Value::I64(2)))]
    );
}

#[test]
fn a_parent_is_metadata() {
    let mut id = 0;
    let trace = traced(2, || {
        let outer = activity!("outer");
        id = outer.id();
        let inner = activity!("inner", level = 2, parent = &outer, meta(n = 1 + 1));
        let unrecorded = activity!("unrecorded", level = 3);
        assert!(!unrecorded.is_recorded());
        activity!("orphan", meta(n = 2 + 1), parent = &unrecorded).end();
        outer.end();
        inner.end();
    });
    let args = |name| on(&trace, name)[0].args().collect::<Vec<_>>();
    assert_eq!(args("inner"), [("parent", Value::U64(id)), ("n", Value::I64(2))]);
    assert_eq!(args("orphan"), [("parent", Value::None), ("n", Value::I64(3))]);
    assert_eq!(args("outer"), []);
}

#[test]
fn one_that_does_not_end_is_incomplete() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    forget(activity!("forgotten"));
    let late = activity!("goes on");
    let trace = session.stop();
    assert_sound(&trace);
    assert!(trace.spans().all(|span| span.flags().is_incomplete() && span.end().is_none()));
    assert_eq!(span_names(&trace), ["forgotten", "goes on"]);

    let session = Session::start(1).unwrap();
    let raw = late.id();
    drop(late);
    let trace = session.stop();
    assert!(trace.is_empty() && trace.losses().is_empty(), "a guard of the last session ends nothing in this one");
    let session = Session::start(1).unwrap();
    activity_end(raw);
    let trace = session.stop();
    assert_eq!((trace.event_count(), trace.losses().unmatched_ends()), (1, 1), "a number is not told from a wrong one");
    assert_sound(&trace);
}

#[test]
fn numbers_are_as_good_as_guards() {
    let _alone = alone();
    assert_eq!(activity_start("no session", Level::CRITICAL), 0);
    activity_end(7);
    let session = Session::start(2).unwrap();
    let (first, second) = (activity_start("raw", Level::CRITICAL), activity_start("raw", Level::INFO));
    let other = activity_start("other", Level::INFO);
    assert_eq!(activity_start("raw", Level::VERBOSE), 0, "above the session's level");
    spawn("ends", move || {
        activity_end(second);
        activity_end(0);
        activity_end(first);
    })
    .join()
    .unwrap();
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!((on(&trace, "raw").len(), on(&trace, "other").len(), trace.event_count()), (2, 1, 5));
    assert!(on(&trace, "raw").iter().all(|span| span.end().is_some()));
    assert!(on(&trace, "other")[0].flags().is_incomplete() && other != 0);
    assert!(trace.losses().is_empty());
}

#[test]
fn wrong_numbers_are_counted() {
    let trace = traced(1, || {
        let id = activity_start("raw", Level::CRITICAL);
        for wrong in [1, u64::MAX, id + 1000, id ^ 1 << 50] {
            activity_end(wrong);
        }
        activity_end(id);
        activity_end(id);
    });
    assert_sound(&trace);
    assert_eq!((trace.spans().len(), trace.event_count(), trace.losses().unmatched_ends()), (1, 7, 5));
    assert!(trace.spans().next().unwrap().end().is_some());
    // Also where nothing of a session is an activity.
    let trace = traced(1, || activity_end(5));
    assert_eq!((trace.event_count(), trace.losses().unmatched_ends()), (1, 1));
}

#[test]
fn threads_that_end_what_never_was_are_counted_and_end_nothing_else() {
    const THREADS: u64 = 4;
    const EACH: u64 = 5_000;
    let _alone = alone();
    let session = Session::start(1).unwrap();
    let of_another_session: Vec<u64> = (0..EACH).map(|_| activity_start("old", Level::CRITICAL)).collect();
    assert_eq!(session.stop().event_count(), EACH);

    let session = Session::start(1).unwrap();
    let kept = activity!("kept");
    let threads: Vec<_> = (0..THREADS)
        .map(|thread| {
            let old = of_another_session.clone();
            spawn("garbage", move || {
                let mut random = 0x9e37_79b9_7f4a_7c15_u64 ^ thread;
                for old in old {
                    let id = activity_start("right", Level::CRITICAL);
                    activity_end(old);
                    // Any number at all; none of these is that of an activity here.
                    random ^= random << 13;
                    random ^= random >> 7;
                    random ^= random << 17;
                    activity_end(random | 1 << 63);
                    activity_end(id);
                    activity_end(id);
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    kept.end();
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!((trace.losses().total(), trace.losses().unmatched_ends()), (0, THREADS * EACH * 3));
    assert_eq!((trace.event_count(), trace.spans().len() as u64), (THREADS * EACH * 5 + 2, THREADS * EACH + 1));
    assert!(trace.spans().all(|span| span.end().is_some()));
    assert_eq!(on(&trace, "right").len() as u64, THREADS * EACH);
}

#[test]
fn every_beginning_and_end_is_recorded_or_counted() {
    const THREADS: u64 = 4;
    const EACH: u64 = 20_000;
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(2 << 20)).start().unwrap();
    let (send, jobs) = mpsc::channel::<Activity>();
    let ender = spawn("ends", move || jobs.into_iter().map(|job| u64::from(job.is_recorded())).sum::<u64>());
    let begin = |n: u64| -> JoinHandle<()> {
        let send = send.clone();
        spawn(&format!("begins {n}"), move || {
            for n in 0..EACH {
                send.send(activity!("job", meta(n))).unwrap();
            }
        })
    };
    let threads: Vec<_> = (0..THREADS).map(begin).collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    drop(send);
    // Those that were lost at their beginning have no end.
    let recorded = ender.join().unwrap();
    let trace = session.stop();
    assert_sound(&trace);
    assert_eq!(accounted(&trace), THREADS * EACH + recorded);
    assert_eq!(on(&trace, "job").len() as u64, recorded);
    assert_eq!(trace.losses().by_cause(Cause::Full), trace.losses().total());
    assert!(trace.losses().total() > 0, "it is too much for 2 MiB");
    assert_eq!(trace.losses().unmatched_ends(), 0);
}

#[test]
fn metadata_is_evaluated_only_if_it_is_recorded() {
    let _alone = alone();
    let evaluated = Cell::new(0);
    let note = |n: u32| {
        evaluated.set(evaluated.get() + 1);
        n
    };
    let parent = activity!("parent");
    let work = || {
        let parent = || {
            note(0);
            &parent
        };
        drop(activity!("work", level = 2, category = IO, parent = parent(), meta(n = note(1))));
    };
    work();
    for filter in ["1", "all,cat:io=off", "all,name:work=off"] {
        let session = Session::builder().filter(filter).start().unwrap();
        work();
        assert!(session.stop().is_empty(), "{filter}");
    }
    assert_eq!(evaluated.get(), 0);
    let session = Session::start(2).unwrap();
    work();
    assert_eq!((session.stop().event_count(), evaluated.get()), (2, 2));
}

#[test]
fn an_activity_is_no_span_of_its_thread() {
    let trace = traced(1, || {
        spawn("work", || {
            trace_scope!("outer");
            let activity = activity!("activity");
            trace_scope!("inner");
            instant!("in inner");
            drop(activity);
        })
        .join()
        .unwrap();
    });
    let text = trace.text().to_string();
    assert_eq!(text, "activity activity\n  activity\nthread work\n  outer\n    inner\n      * in inner\n");
}

#[test]
fn guards_can_be_sent_and_shared() {
    fn is_sent_and_shared<T: Send + Sync + 'static>() {}
    is_sent_and_shared::<Activity>();
    assert_eq!(size_of::<Activity>(), 8);
}

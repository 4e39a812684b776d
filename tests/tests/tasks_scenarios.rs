//! What becomes of tasks where threads, sessions and executors come and go.
#![allow(clippy::unwrap_used, clippy::mem_forget, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::cell::RefCell;
use std::future::{pending, poll_fn};
use std::mem::forget;
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::mpsc;
use std::task::{Context, Poll, Wake, Waker};
use std::time::Duration;

use common::{alone, assert_sound, spawn, traced as trace_of};
use polling::{After, Dropped, flags, poll, task};
use traceme::trace::TrackKind;
use traceme::{Session, Trace, instant, trace_scope, traced};

/// The thread of a poll.
fn thread(poll: traceme::trace::Span<'_>) -> String {
    assert!(matches!(poll.track().kind, TrackKind::Thread { .. }));
    poll.track().name.clone()
}

#[test]
fn a_task_is_polled_by_one_thread_and_dropped_by_another() {
    let trace = trace_of(1, || {
        let work = async {
            let _dropped = Dropped("clean up");
            pending::<()>().await;
        };
        let mut task = Box::pin(traced!(work, "fetch"));
        let one = spawn("one", move || {
            assert!(!poll(task.as_mut(), 2));
            task
        });
        let task = one.join().unwrap();
        spawn("two", move || drop(task)).join().unwrap();
    });
    assert_sound(&trace);
    let fetch = task(&trace, "fetch");
    assert_eq!((flags(fetch), trace.losses().is_empty()), (vec!["cancelled"], true));
    assert_eq!(fetch.polls().map(thread).collect::<Vec<_>>(), ["one", "one", "two"]);
    let inside: Vec<_> = fetch.polls().map(|poll| poll.children().count()).collect();
    assert_eq!(inside, [0, 0, 1], "what is dropped is dropped in the last one");
    assert!(fetch.created() <= fetch.polls().next().map(|poll| poll.start()));
    assert!(fetch.end() >= fetch.polls().last().unwrap().end());
}

#[test]
fn a_session_is_rotated_inside_of_a_poll() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    let first = RefCell::new(None);
    let work = async {
        trace_scope!("before");
        first.replace(Some(session.rotate()));
        instant!("behind");
    };
    assert!(poll(pin!(traced!(work, "fetch")), 1));
    let first = first.take().unwrap();
    let second = session.stop();
    assert_sound(&first);
    let fetch = task(&first, "fetch");
    assert_eq!(
        (flags(fetch), fetch.polls().map(|poll| poll.end()).collect::<Vec<_>>()),
        (vec!["incomplete"], vec![None])
    );
    // It begins and is polled, and a span; the instant and its end.
    assert_eq!((first.event_count(), second.event_count()), (3, 2));
    assert!(first.losses().is_empty() && second.losses().is_empty(), "{:?}", second.losses());
    let poll = second.spans().find(|span| span.name() == "fetch".into()).unwrap();
    assert!(poll.flags().is_continuing() && poll.end().is_some() && poll.start() < second.start());
    let after = task(&second, "fetch");
    assert_eq!((after.id(), after.polls().len(), after.end().is_some()), (fetch.id(), 1, true));
    assert_eq!(second.spans().map(|span| span.name().to_string()).collect::<Vec<_>>(), ["fetch", "before"]);
}

#[test]
fn a_session_is_stopped_inside_of_a_poll() {
    let _alone = alone();
    let (session, trace) = (RefCell::new(Some(Session::start(1).unwrap())), RefCell::new(None));
    let work = async {
        trace_scope!("before");
        trace.replace(Some(session.take().unwrap().stop()));
        trace_scope!("behind");
        After(2).await;
    };
    let mut future = pin!(traced!(work, "fetch"));
    assert!(!poll(future.as_mut(), 1));
    let next = Session::start(1).unwrap();
    assert!(poll(future.as_mut(), 1));
    let next = next.stop();
    assert!(next.is_empty() && next.losses().is_empty(), "{}", next.text());
    let trace = trace.take().unwrap();
    assert_sound(&trace);
    let fetch = task(&trace, "fetch");
    assert_eq!((flags(fetch), fetch.polls().len(), trace.event_count()), (vec!["incomplete"], 1, 3));
    let poll = fetch.polls().next().unwrap();
    assert_eq!(
        (poll.end(), poll.children().map(|span| span.name()).collect::<Vec<_>>()),
        (None, vec!["before".into()])
    );
    assert_eq!(trace.losses().total() + trace.losses().late(), 0);
}

#[test]
fn what_a_runtime_drops_when_it_shuts_down_is_cancelled() {
    const TASKS: usize = 1000;
    let trace = trace_of(1, || {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).build().unwrap();
        let (started, begun) = mpsc::channel();
        for _ in 0..TASKS {
            let started = started.clone();
            let work = async move {
                let _dropped = Dropped("clean up");
                started.send(()).unwrap();
                pending::<()>().await;
            };
            runtime.spawn(traced!(work, "work"));
        }
        (0..TASKS).for_each(|_| begun.recv().unwrap());
        // Waits for its threads.
        drop(runtime);
    });
    assert_sound(&trace);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    assert_eq!(trace.tasks().len(), TASKS);
    for task in trace.tasks() {
        assert_eq!((flags(task), task.polls().len(), task.end().is_some()), (vec!["cancelled"], 2, true));
        assert_eq!(task.polls().last().unwrap().children().count(), 1, "its drop");
    }
    assert_eq!(trace.summary().task("work").map(|work| work.cancelled), Some(TASKS as u64));
}

/// What a batch says of tasks: those that begin in it, those that end in it with the name "last", whether it has the instant
/// "all", and its ends without a beginning.
type Told = (usize, Vec<bool>, bool, u64);

#[test]
fn of_futures_that_are_forgotten_a_bounded_number_is_remembered() {
    const FORGOTTEN: usize = 70_000;
    let _alone = alone();
    let (tell, told) = mpsc::channel::<Told>();
    let sink = move |batch: &Trace| {
        let begin = batch.tasks().filter(|task| task.whole().is_some_and(|task| !task.flags().is_continuing())).count();
        let last = batch.tasks().filter(|task| task.name() == "last".into() && task.end().is_some());
        let last = last.map(|task| task.whole().is_some() && task.args().count() == 1).collect();
        let all = batch.instants().any(|instant| instant.name() == "all".into());
        let _ = tell.send((begin, last, all, batch.losses().unmatched_ends()));
    };
    let session = Session::builder().sink(sink).start().unwrap();
    let first = traced!(pending::<()>(), "first");
    // A thread that has numbers for more, all lower than what is forgotten gets.
    let ((make, may_make), (made, has_made)) = (mpsc::channel(), mpsc::channel());
    let maker = spawn("maker", move || {
        drop(traced!(pending::<()>(), "number"));
        made.send(()).unwrap();
        may_make.recv().unwrap();
        traced!(pending::<()>(), "last", meta(n = 1 + 1))
    });
    has_made.recv().unwrap();
    for _ in 0..FORGOTTEN {
        forget(traced!(pending::<()>(), "forgotten"));
    }
    make.send(()).unwrap();
    let last = maker.join().unwrap();
    instant!("all");
    let mut batches: Vec<Told> = Vec::new();
    while !batches.last().is_some_and(|(_, _, all, _)| *all) {
        batches.push(told.recv_timeout(Duration::from_secs(60)).unwrap());
    }
    drop((first, last));
    let trace = session.stop();
    batches.extend(told.iter());
    assert_sound(&trace);
    assert_eq!(batches.iter().map(|(begin, ..)| begin).sum::<usize>(), FORGOTTEN + 3);
    assert_eq!(batches.iter().flat_map(|(_, last, ..)| last).collect::<Vec<_>>(), [&true], "it is whole where it ends");
    assert_eq!(batches.iter().map(|(.., unmatched)| unmatched).sum::<u64>(), 1, "the oldest was given up");
    let last = task(&trace, "last").id();
    assert!(trace.tasks().filter(|task| task.id() < last).count() < 100);
    let summary = trace.summary();
    let forgotten = summary.task("forgotten").unwrap();
    assert_eq!((forgotten.count, forgotten.incomplete, forgotten.polls), (FORGOTTEN as u64, FORGOTTEN as u64, 0));
    assert_eq!(["first", "last"].map(|name| flags(task(&trace, name))), [["cancelled"], ["cancelled"]]);
}

/// Records that it is called.
struct Records;

impl Wake for Records {
    fn wake(self: Arc<Self>) {
        instant!("woken");
    }
}

#[test]
fn a_waker_records_inside_of_a_poll() {
    let trace = trace_of(1, || {
        let work = poll_fn(|context| {
            context.waker().wake_by_ref();
            Poll::<()>::Pending
        });
        let mut future = Box::pin(traced!(work, "fetch"));
        let waker = Waker::from(Arc::new(Records));
        for _ in 0..2 {
            assert!(future.as_mut().poll(&mut Context::from_waker(&waker)).is_pending());
        }
        waker.wake();
    });
    assert_sound(&trace);
    let fetch = task(&trace, "fetch");
    let polls = fetch.polls().map(|poll| poll.index()).collect::<Vec<_>>();
    let woken = trace.instants().map(|instant| instant.span().map(|poll| poll.index())).collect::<Vec<_>>();
    assert_eq!((polls.len(), woken), (3, vec![Some(polls[0]), Some(polls[1]), None]));
}

/// Ready at once, and keeps what it has.
struct Keeps(#[allow(dead_code, reason = "it is dropped")] Dropped);

impl Future for Keeps {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        Poll::Ready(())
    }
}

#[test]
fn what_a_future_keeps_when_it_is_through_is_dropped_outside_of_its_task() {
    let trace = trace_of(1, || {
        let mut kept = Box::pin(traced!(Keeps(Dropped("clean up")), "keeps"));
        assert!(poll(kept.as_mut(), 1));
        drop(kept);
        let dropped = async { drop(Dropped("clean up")) };
        assert!(poll(pin!(traced!(dropped, "drops")), 1));
    });
    assert_sound(&trace);
    let parents = trace.spans().filter(|span| span.name() == "clean up".into()).map(|span| span.parent());
    let parents: Vec<_> = parents.map(|parent| parent.map(|poll| poll.name().to_string())).collect();
    assert_eq!(parents, [None, Some("drops".into())]);
    assert_eq!(["keeps", "drops"].map(|name| task(&trace, name).polls().len()), [1, 1]);
}

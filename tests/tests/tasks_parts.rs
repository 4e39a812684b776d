//! Tasks where not all of them is in a recording: rings, rotations, batches, snapshots, sums, full memory.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::future::pending;
use std::pin::{Pin, pin};
use std::sync::{Arc, Mutex, mpsc};
use std::task::{Context, Poll};
use std::time::Duration;

use common::{accounted, alone, assert_sound, spawn};
use polling::{fill, poll_once};
use traceme::analysis::TaskSummary;
use traceme::trace::{Task, TrackKind, Value};
use traceme::{Memory, Session, Trace, TracedExt, append, traced};

const CHUNK: usize = 256 << 10;

/// Is never ready, and has work to do each time.
struct Work;

impl Future for Work {
    type Output = ();

    fn poll(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        (0..1000).for_each(|n| drop(std::hint::black_box(vec![n])));
        Poll::Pending
    }
}

fn only(trace: &Trace) -> Task<'_> {
    let [task] = trace.tasks().collect::<Vec<_>>()[..] else { panic!("{:?}", trace.tasks().collect::<Vec<_>>()) };
    task
}

#[test]
fn in_a_ring_a_poll_tells_of_its_task_when_the_beginning_is_gone() {
    let _alone = alone();
    let ring = 8 * CHUNK;
    let session = Session::builder().memory(Memory::ring(ring)).start().unwrap();
    let mut task = Box::pin(traced!(pending::<()>(), "fetch", meta(n = 1 + 1)));
    poll_once(task.as_mut());
    fill(ring);
    poll_once(task.as_mut());
    poll_once(task.as_mut());
    drop(task);
    let trace = session.stop();
    assert_sound(&trace);
    let task = only(&trace);
    assert_eq!(
        (task.name().to_string(), task.polls().len(), task.created(), task.idle()),
        ("fetch".into(), 3, None, None)
    );
    assert!(task.end().is_some() && task.flags().is_cancelled() && task.flags().is_continuing());
    let summary = trace.summary();
    let fetch = summary.task("fetch").unwrap();
    assert_eq!((fetch.count, fetch.polls, fetch.idle), (0, 3, 0));
}

#[test]
fn in_a_ring_idle_is_that_of_tasks_whose_making_is_left() {
    let _alone = alone();
    let ring = 8 * CHUNK;
    let session = Session::builder().memory(Memory::ring(ring)).start().unwrap();
    let work = |future: &mut Pin<Box<traceme::Traced<Work>>>| poll_once(future.as_mut());
    let mut old = Box::pin(traced!(Work, "connection"));
    work(&mut old);
    fill(ring);
    let mut new: Vec<_> = (0..10).map(|_| Box::pin(traced!(Work, "connection"))).collect();
    (0..50).for_each(|_| work(&mut old));
    new.iter_mut().for_each(work);
    let trace = session.stop();
    let summary = trace.summary();
    let connection = summary.task("connection").unwrap();
    let (made, busy) = (trace.tasks().filter_map(|task| task.idle()), trace.tasks().map(|task| task.busy()).sum());
    assert_eq!((connection.count, connection.busy), (10, busy));
    assert_eq!(connection.idle, made.sum());
    assert!(connection.idle > 10 * connection.busy * 3 / 4, "{summary}");
}

#[test]
fn what_does_not_fit_is_counted() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(2 * CHUNK)).start().unwrap();
    let tasks = 20_000;
    for n in 0..tasks {
        let mut task = pin!(traced!(pending::<()>(), "fetch", meta(n)));
        poll_once(task.as_mut());
    }
    let trace = session.stop();
    assert_sound(&trace);
    assert!(trace.losses().total() > 0, "{:?}", trace.losses());
    // It begins, is polled, dropped, and ends; but of one whose beginning is lost nothing more is attempted.
    let begun = trace.tasks().filter(|task| task.whole().is_some()).count() as u64;
    let unbegun = tasks - begun;
    assert_eq!(accounted(&trace), 4 * begun + unbegun);
    assert!(begun < tasks && trace.tasks().all(|task| task.whole().is_some()));
    // An end that is lost leaves the task open.
    let summary = trace.summary();
    let fetch = summary.task("fetch").unwrap();
    assert_eq!((fetch.count, fetch.cancelled + fetch.incomplete), (begun, begun));
}

#[test]
fn a_task_whose_beginning_is_lost_ends_in_no_session() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::bounded(2 * CHUNK)).start().unwrap();
    let mut tasks: Vec<_> = (0..40_000).map(|n| Box::pin(traced!(pending::<()>(), "fetch", meta(n)))).collect();
    assert!(session.stop().losses().total() > 0);
    tasks.truncate(39_000);
    let session = Session::start(1).unwrap();
    tasks.iter_mut().for_each(|task| poll_once(task.as_mut()));
    drop(tasks);
    let next = session.stop();
    assert_eq!((next.event_count(), accounted(&next)), (0, 0), "{:?}", next.losses());
    let after = Session::start(1).unwrap().stop();
    assert_eq!(accounted(&after), 0, "{:?}", after.losses());
}

#[test]
fn a_task_over_a_rotation_is_in_both_parts() {
    let _alone = alone();
    let session = Session::builder().start().unwrap();
    let mut task = Box::pin(traced!(pending::<()>(), name = "fe".to_owned() + "tch"));
    poll_once(task.as_mut());
    let first = session.rotate();
    poll_once(task.as_mut());
    poll_once(task.as_mut());
    drop(task);
    let second = session.stop();
    assert_sound(&first);
    let (before, after) = (only(&first), only(&second));
    assert_eq!((before.polls().len(), before.end(), before.flags().is_incomplete()), (1, None, true));
    assert_eq!((after.polls().len(), after.created(), after.flags().is_cancelled()), (3, None, true));
    assert_eq!((before.name().to_string().as_str(), before.id()), ("fetch", after.id()));
    assert!(after.end() >= before.created() && second.losses().is_empty(), "{:?}", second.losses());
    assert_eq!((first.event_count(), second.event_count()), (2, 4));
}

#[test]
fn summaries_of_parts_have_each_task_and_each_end_once() {
    const TASKS: u64 = 100;
    let _alone = alone();
    let session = Session::builder().start().unwrap();
    let mut tasks = Vec::new();
    let mut parts = Vec::new();
    for n in 0..TASKS {
        let mut task = Box::pin(traced!(pending::<()>(), "request"));
        poll_once(task.as_mut());
        tasks.push(task);
        // Each tenth goes on over several parts.
        if n % 10 != 0 {
            tasks.pop();
        }
        if n % 25 == 0 {
            parts.push(session.rotate());
        }
    }
    drop(tasks);
    parts.push(session.stop());
    let rows: Vec<_> = parts.iter().map(|part| part.summary().task("request").unwrap().clone()).collect();
    let sum = |figure: fn(&TaskSummary) -> u64| rows.iter().map(figure).sum::<u64>();
    assert_eq!((sum(|row| row.count), sum(|row| row.cancelled), sum(|row| row.polls)), (TASKS, TASKS, 2 * TASKS));
}

#[test]
fn a_snapshot_shows_tasks_that_go_on() {
    let _alone = alone();
    let session = Session::builder().start().unwrap();
    let mut task = Box::pin(traced!(pending::<()>(), "fetch"));
    poll_once(task.as_mut());
    let snapshot = session.snapshot();
    drop(task);
    let trace = session.stop();
    assert!(only(&snapshot).flags().is_incomplete() && only(&snapshot).polls().len() == 1);
    assert!(only(&trace).flags().is_cancelled() && only(&trace).polls().len() == 2);
}

type Seen = Arc<Mutex<Vec<(String, Vec<(String, Value<'static>)>, bool)>>>;

#[test]
fn a_sink_gets_a_task_with_all_that_was_added_where_it_ends() {
    let _alone = alone();
    let seen = Seen::default();
    let (send, polls) = mpsc::channel();
    let sink = {
        let seen = Arc::clone(&seen);
        move |batch: &Trace| {
            for task in batch.tasks() {
                let args = task.args().map(|(key, value)| match value {
                    Value::I64(number) => (key.to_owned(), Value::I64(number)),
                    other => panic!("{other:?}"),
                });
                if task.end().is_some() {
                    seen.lock().unwrap().push((task.name().to_string(), args.collect(), task.flags().is_cancelled()));
                }
                if task.name() == "fetch".into() {
                    send.send(task.polls().len()).unwrap();
                }
            }
        }
    };
    let session = Session::builder().sink(sink).start().unwrap();
    let mut task = Box::pin(traced!(
        async {
            std::future::poll_fn(|_| {
                append!(polled = 3 + 4);
                Poll::<()>::Pending
            })
            .await
        },
        name = "fe".to_owned() + "tch",
        meta(n = 1 + 1)
    ));
    let mut sum = 0;
    for polled in 1..=3 {
        poll_once(task.as_mut());
        while sum < polled {
            sum += polls.recv_timeout(Duration::from_secs(60)).expect("a batch within a minute");
        }
    }
    drop(task);
    let trace = session.stop();
    let expected = [("n", 2), ("polled", 7), ("polled", 7), ("polled", 7)];
    let expected = expected.map(|(key, number)| (key.to_owned(), Value::I64(number))).to_vec();
    assert_eq!(*seen.lock().unwrap(), [("fetch".to_owned(), expected, true)]);
    assert_eq!(sum + polls.try_iter().sum::<usize>(), 4);
    assert_eq!(only(&trace).args().count(), 4);
}

#[test]
fn sums_are_kept_without_the_tasks() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::summary_only()).start().unwrap();
    let mut open = Box::pin(traced!(pending::<()>(), "open"));
    poll_once(open.as_mut());
    let threads: Vec<_> = (0..2)
        .map(|_| {
            spawn("worker", || {
                for _ in 0..30_000 {
                    let mut task = pin!(traced!(pending::<()>(), "fetch"));
                    poll_once(task.as_mut());
                }
            })
        })
        .collect();
    threads.into_iter().for_each(|thread| thread.join().unwrap());
    let trace = session.stop();
    assert!(trace.is_empty() && trace.losses().is_empty(), "{:?}", trace.losses());
    let summary = trace.summary();
    let (fetch, open) = (summary.task("fetch").unwrap(), summary.task("open").unwrap());
    assert_eq!((fetch.count, fetch.polls, fetch.cancelled, fetch.incomplete), (60_000, 120_000, 60_000, 0));
    assert_eq!((open.count, open.polls, open.incomplete), (1, 1, 1));
    assert!(open.idle > summary.duration / 2, "{summary}");
    assert_eq!(summary.losses.recorded, 4 * 60_000 + 2);
    assert!(summary.tracks.iter().all(|track| track.kind != TrackKind::Task));
}

#[test]
fn in_sums_polls_have_the_name_that_their_task_was_given_on_another_thread() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::summary_only()).start().unwrap();
    // A thread that records nothing else: its chunk is never full.
    let mut task = Box::pin(pending::<()>().traced("made"));
    // Four chunks and more.
    let polls = 60_000;
    let worker = spawn("worker", move || (0..polls).for_each(|_| poll_once(task.as_mut())));
    worker.join().unwrap();
    let summary = session.stop().summary();
    let tasks: Vec<_> = summary.tasks.iter().map(|task| (task.name.as_str(), task.count, task.polls)).collect();
    assert_eq!(tasks, [("made", 1, polls + 1)], "{summary}");
}

#[test]
fn behind_a_rotation_sums_have_what_was_since() {
    let _alone = alone();
    let session = Session::builder().memory(Memory::summary_only()).start().unwrap();
    let [mut open, mut ended] = ["open", "ended"].map(|name| Box::pin(traced!(Work, name = name)));
    for _ in 0..50 {
        poll_once(open.as_mut());
        poll_once(ended.as_mut());
    }
    let first = session.rotate();
    poll_once(open.as_mut());
    drop(ended);
    let second = session.stop();
    for (part, polls) in [(first.summary(), 50), (second.summary(), 1)] {
        let open = part.task("open").unwrap();
        assert_eq!((open.count, open.incomplete, open.polls), (1, 1, polls));
        let (alive, ended) = (open.busy + open.idle, part.task("ended").unwrap());
        // One moment, by what is known of the clock.
        assert!(alive < part.duration + 1000 && ended.busy + ended.idle < alive + 1000, "{part}");
        assert!(polls > 1 || alive + 1000 > part.duration, "{part}");
    }
}

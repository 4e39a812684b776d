//! Tasks on executors: tokio's (many threads, one thread, a local set), smol's, futures'. Each task has one track, its polls
//! are on the threads that ran them, and each one that was dropped before its end is marked.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use common::{alone, assert_sound};
use futures::executor::{LocalPool, block_on};
use futures::task::LocalSpawnExt;
use polling::{Dropped, flags};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::oneshot;
use tokio::task::{LocalSet, yield_now};
use traceme::trace::{Task, TrackKind};
use traceme::{Session, Trace, TracedExt, trace_scope, traced};

const TASKS: u64 = 1000;
const YIELDS: u64 = 4;

fn workers(count: usize) -> Runtime {
    Builder::new_multi_thread().worker_threads(count).enable_time().thread_name("worker").build().unwrap()
}

/// What `work` records.
fn recorded(work: impl FnOnce()) -> Trace {
    let _alone = alone();
    let session = Session::start(2).unwrap();
    work();
    let trace = session.stop();
    assert_sound(&trace);
    assert!(trace.losses().is_empty(), "{:?}", trace.losses());
    trace
}

fn named<'t>(trace: &'t Trace, name: &str) -> Vec<Task<'t>> {
    trace.tasks().filter(|task| task.name() == name.into()).collect()
}

/// Each task is one, with its number, whole, and busy in its polls; its spans are inside these.
#[track_caller]
fn assert_each_is_one(trace: &Trace, name: &str, polls: u64) {
    let tasks = named(trace, name);
    assert_eq!(tasks.len() as u64, TASKS);
    for task in &tasks {
        assert!(task.end().is_some() && flags(*task).is_empty(), "{task:?}");
        assert_eq!(task.polls().len() as u64, polls, "{task:?}");
        let times: Vec<_> = task.polls().map(|poll| (poll.start(), poll.end().unwrap())).collect();
        assert!(
            times.windows(2).all(|two| two[0].1 <= two[1].0),
            "a task is polled by one thread at a time: {times:?}"
        );
        let inside = task.polls().flat_map(|poll| poll.children()).filter(|span| span.name() == "step".into()).count();
        assert_eq!(inside as u64, polls);
        assert!(task.polls().all(|poll| matches!(poll.track().kind, TrackKind::Thread { .. })));
    }
    let summary = trace.summary();
    let sums = summary.task(name).unwrap();
    assert_eq!((sums.count, sums.polls, sums.cancelled), (TASKS, TASKS * polls, 0));
    let busy: u64 = tasks.iter().map(|task| task.busy()).sum();
    assert!(sums.busy.abs_diff(busy) * 100 <= busy, "{} of {busy}", sums.busy);
    assert_eq!(trace.tracks().iter().filter(|track| track.kind == TrackKind::Task && track.name == name).count(), 1);
}

async fn steps() {
    for _ in 0..YIELDS {
        trace_scope!("step", {});
        yield_now().await;
    }
    trace_scope!("step", {});
}

#[test]
fn a_thousand_tasks_on_four_workers() {
    let trace = recorded(|| {
        workers(4).block_on(async {
            let tasks: Vec<_> =
                (0..TASKS).map(|n| tokio::spawn(traced!(steps(), "steps", level = 2, meta(n)))).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
    });
    assert_each_is_one(&trace, "steps", YIELDS + 1);
    // That tasks go from one to the other is what `tasks_threads` has.
    assert!(trace.tasks().all(|task| task.polls().all(|poll| poll.track().name == "worker")));
}

#[test]
fn on_one_thread_and_in_a_local_set() {
    let trace = recorded(|| {
        let runtime = Builder::new_current_thread().build().unwrap();
        runtime.block_on(async {
            let tasks: Vec<_> = (0..TASKS).map(|_| tokio::spawn(traced!(steps(), "current"))).collect();
            for task in tasks {
                task.await.unwrap();
            }
        });
        let local = LocalSet::new();
        let here = std::rc::Rc::new(());
        runtime.block_on(local.run_until(async {
            let work = |here: std::rc::Rc<()>| async move {
                steps().await;
                drop(here);
            };
            let tasks: Vec<_> =
                (0..TASKS).map(|_| tokio::task::spawn_local(work(here.clone()).traced("local"))).collect();
            for task in tasks {
                task.await.unwrap();
            }
        }));
    });
    assert_each_is_one(&trace, "current", YIELDS + 1);
    assert_each_is_one(&trace, "local", YIELDS + 1);
}

#[test]
fn on_the_executors_of_smol_and_of_futures() {
    let steps = || async {
        for _ in 0..YIELDS {
            trace_scope!("step", {});
            smol::future::yield_now().await;
        }
        trace_scope!("step", {});
    };
    let trace = recorded(|| {
        let executor = smol::Executor::new();
        smol::block_on(executor.run(async {
            let tasks: Vec<_> = (0..TASKS).map(|_| executor.spawn(traced!(steps(), "smol"))).collect();
            for task in tasks {
                task.await;
            }
        }));
        let mut pool = LocalPool::new();
        for _ in 0..TASKS {
            pool.spawner().spawn_local(traced!(steps(), "futures")).unwrap();
        }
        pool.run();
        block_on(traced!(steps(), "blocked on"));
    });
    assert_each_is_one(&trace, "smol", YIELDS + 1);
    assert_each_is_one(&trace, "futures", YIELDS + 1);
    assert_eq!(named(&trace, "blocked on")[0].polls().len() as u64, YIELDS + 1);
}

#[test]
fn each_task_that_is_aborted_is_marked() {
    let trace = recorded(|| {
        workers(4).block_on(async {
            let (started, mut begun) = tokio::sync::mpsc::unbounded_channel();
            let tasks: Vec<_> = (0..TASKS)
                .map(|n| {
                    let started = started.clone();
                    let work = async move {
                        started.send(()).unwrap();
                        if n % 2 == 0 {
                            std::future::pending::<()>().await;
                        }
                    };
                    (n, tokio::spawn(traced!(work, "work", meta(n))))
                })
                .collect();
            for _ in 0..TASKS {
                begun.recv().await.unwrap();
            }
            for (n, task) in tasks {
                if n % 2 == 0 {
                    task.abort();
                    assert!(task.await.unwrap_err().is_cancelled());
                } else {
                    task.await.unwrap();
                }
            }
        });
    });
    let tasks = named(&trace, "work");
    assert_eq!(tasks.len() as u64, TASKS);
    for task in tasks {
        let n = task.args().find_map(|(key, value)| (key == "n").then_some(value)).unwrap();
        let is_even = matches!(n, traceme::trace::Value::U64(n) if n % 2 == 0);
        assert_eq!(
            (task.flags().is_cancelled(), task.polls().len()),
            (is_even, if is_even { 2 } else { 1 }),
            "{task:?}"
        );
    }
    assert_eq!(trace.summary().task("work").map(|task| task.cancelled), Some(TASKS / 2));
}

#[test]
fn select_join_and_timeouts_mark_what_they_drop() {
    let trace = recorded(|| {
        workers(2).block_on(async {
            let (send, receive) = oneshot::channel();
            send.send(7).unwrap();
            tokio::select! {
                biased;
                () = traced!(std::future::pending(), "loser") => unreachable!(),
                won = traced!(receive, "winner") => assert_eq!(won, Ok(7)),
            }
            let (one, two) = tokio::join!(traced!(async { 1 }, "left"), traced!(steps(), "right"));
            assert_eq!((one, two), (1, ()));
            let late = traced!(std::future::pending::<()>(), "late");
            tokio::time::timeout(Duration::from_millis(1), late).await.unwrap_err();
            let both = futures::join!(traced!(async { 1 }, "third"), traced!(async { 2 }, "fourth"));
            assert_eq!(both, (1, 2));
        });
    });
    for (name, cancelled) in [
        ("loser", true),
        ("winner", false),
        ("left", false),
        ("right", false),
        ("late", true),
        ("third", false),
        ("fourth", false),
    ] {
        let [task] = named(&trace, name)[..] else { panic!("{name}") };
        assert_eq!((task.flags().is_cancelled(), task.end().is_some()), (cancelled, true), "{name}");
    }
}

#[test]
fn tasks_nest_and_panic_and_trace_their_drops() {
    let trace = recorded(|| {
        workers(4).block_on(async {
            let outer = async {
                let inner = traced!(
                    async {
                        let _dropped = Dropped("clean up");
                        yield_now().await;
                        tokio::spawn(traced!(async { yield_now().await }, "spawned")).await.unwrap();
                    },
                    "inner"
                );
                inner.await;
            };
            tokio::spawn(traced!(outer, "outer")).await.unwrap();
            let panics = async {
                let _dropped = Dropped("clean up");
                yield_now().await;
                panic!("in a poll");
            };
            assert!(tokio::spawn(traced!(panics, "panics")).await.unwrap_err().is_panic());
        });
    });
    let [outer, inner, spawned, panics] =
        ["outer", "inner", "spawned", "panics"].map(|name| *named(&trace, name).first().unwrap());
    assert_eq!((inner.parent_id(), spawned.parent_id(), outer.parent_id()), (Some(outer.id()), Some(inner.id()), None));
    assert_eq!(flags(panics), ["panicked"]);
    for task in [inner, panics] {
        let last = task.polls().last().unwrap();
        assert_eq!(last.children().last().map(|span| span.name()), Some("clean up".into()), "{task:?}");
    }
    // A poll of what is awaited is inside a poll of what awaits.
    assert!(inner.polls().all(|poll| poll.parent().and_then(|parent| parent.poll_of()) == Some(outer.id())));
    assert!(spawned.polls().all(|poll| poll.parent().is_none()));
}

/// By another clock: each poll lies between a look at it inside of the future and one around the poll.
#[test]
#[expect(clippy::disallowed_methods, reason = "another clock than the one that is tested")]
fn busy_is_the_time_in_polls() {
    fn since(start: Instant, sum: &AtomicU64) {
        // Relaxed: looked at when all tasks are through.
        sum.fetch_add(u64::try_from(start.elapsed().as_nanos()).unwrap(), Ordering::Relaxed);
    }
    let sums = <Arc<[AtomicU64; 2]>>::default();
    let trace = recorded(|| {
        workers(4).block_on(async {
            let start = || {
                let sums = Arc::clone(&sums);
                tokio::spawn(async move {
                    let [inside, around] = &*sums;
                    let work = async {
                        for _ in 0..4 {
                            let start = Instant::now();
                            while start.elapsed() < Duration::from_micros(200) {}
                            since(start, inside);
                            yield_now().await;
                        }
                    };
                    let mut task = std::pin::pin!(traced!(work, "timed"));
                    std::future::poll_fn(|context| {
                        let start = Instant::now();
                        let result = task.as_mut().poll(context);
                        since(start, around);
                        result
                    })
                    .await;
                })
            };
            for task in (0..100).map(|_| start()).collect::<Vec<_>>() {
                task.await.unwrap();
            }
        });
    });
    let busy = trace.summary().task("timed").unwrap().busy;
    let [inside, around] = [0, 1].map(|at: usize| sums[at].load(Ordering::Relaxed));
    assert!(inside >= 100 * 4 * 200_000 && inside * 99 / 100 <= busy, "{inside} inside, {busy} busy");
    assert!(busy * 99 / 100 <= around, "{busy} busy, {around} around");
}

#[test]
fn a_poll_that_blocks_is_as_long_as_it_blocks() {
    let spun = Arc::new(AtomicU64::new(0));
    let trace = recorded(|| {
        let spun = Arc::clone(&spun);
        workers(2).block_on(async move {
            let blocking = async move {
                yield_now().await;
                #[expect(clippy::disallowed_methods, reason = "another clock than the one that is tested")]
                let start = Instant::now();
                while start.elapsed() < Duration::from_millis(5) {}
                // Relaxed: the thread is joined.
                spun.store(u64::try_from(start.elapsed().as_nanos()).unwrap(), Ordering::Relaxed);
            };
            let others: Vec<_> = (0..10).map(|_| tokio::spawn(traced!(steps(), "steps"))).collect();
            tokio::spawn(traced!(blocking, "blocking")).await.unwrap();
            for other in others {
                other.await.unwrap();
            }
        });
    });
    let summary = trace.summary();
    // Relaxed: as above.
    let spun = spun.load(Ordering::Relaxed);
    // Not whether it is the first row: another one can have lost its processor in the middle of a poll.
    let blocking = summary.tasks.iter().find(|tasks| tasks.name == "blocking").unwrap();
    assert!(blocking.longest_poll >= spun * 99 / 100, "{summary}");
}

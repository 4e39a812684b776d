//! Tasks that certainly go from thread to thread: which of them polled, in which order, and for how long.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::task::{Context, Poll, Waker};

use common::{assert_sound, spawn, traced as trace_of};
use serde_json::Value;
use tokio::runtime::Builder;
use traceme::trace::Task;
use traceme::{Trace, export, trace_scope, traceme};

/// Ready when it is polled once more than this.
struct After(u64);

impl Future for After {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        trace_scope!("inside");
        if self.0 == 0 {
            return Poll::Ready(());
        }
        self.0 -= 1;
        context.waker().wake_by_ref();
        Poll::Pending
    }
}

#[traceme(meta(times))]
async fn counted(times: u64) -> u64 {
    After(times).await;
    times
}

type Counted = Pin<Box<dyn Future<Output = u64> + Send>>;

fn poll(future: &mut Counted) -> Poll<u64> {
    future.as_mut().poll(&mut Context::from_waker(Waker::noop()))
}

/// The only task, and the threads that polled it, in order.
fn polled(trace: &Trace) -> (Task<'_>, Vec<&str>) {
    assert_sound(trace);
    let [task] = trace.tasks().collect::<Vec<_>>()[..] else { panic!("not one task") };
    assert!(task.polls().all(|poll| poll.children().map(|span| span.name().to_string()).eq(["inside"])));
    (task, task.polls().map(|poll| poll.track().name.as_str()).collect())
}

/// Whether a task is busy for as long as its polls take, which follow each other, and idle in between.
#[track_caller]
fn assert_busy_in_polls(trace: &Trace, task: Task<'_>) {
    let polls: Vec<_> = task.polls().map(|poll| (poll.start(), poll.end().unwrap())).collect();
    assert!(polls.windows(2).all(|two| two[0].1 <= two[1].0), "{polls:?}");
    let busy: u64 = polls.iter().map(|(start, end)| end - start).sum();
    let whole = task.end().unwrap() - task.created().unwrap();
    assert_eq!((task.busy(), task.idle()), (busy, Some(whole - busy)));
    let sums =
        trace.summary().task(&task.name().to_string()).map(|sums| (sums.count, sums.polls, sums.busy, sums.idle));
    assert_eq!(sums, Some((1, polls.len() as u64, busy, whole - busy)));
}

/// The flow of a task as Chrome's JSON has it: phases and the threads that they are on, in time order.
fn flow(trace: &Trace, task: Task<'_>) -> Vec<(String, String)> {
    let mut json = Vec::new();
    export::chrome(trace, &mut json).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    let events = json["traceEvents"].as_array().unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let names = events.iter().filter(|event| event["name"] == "thread_name");
    let threads: HashMap<_, _> = names.map(|event| (event["tid"].as_u64(), text(&event["args"]["name"]))).collect();
    let id = format!("{:#x}", task.id());
    let mut ends: Vec<_> =
        events.iter().filter(|event| event["name"] == "flow" && event["id"] == id.as_str()).collect();
    ends.sort_by(|one, two| one["ts"].as_f64().unwrap().total_cmp(&two["ts"].as_f64().unwrap()));
    ends.iter().map(|end| (text(&end["ph"]), threads[&end["tid"].as_u64()].clone())).collect()
}

/// The phases of a flow that leaves where a task was made, and goes through its polls.
fn through(made: &str, polls: &[&str]) -> Vec<(String, String)> {
    let polls = polls.iter().map(|thread| ("t".to_owned(), (*thread).to_owned()));
    std::iter::once(("s".to_owned(), made.to_owned())).chain(polls).collect()
}

/// A thread that polls, once each, the futures that it is sent, and sends them back.
fn poller(name: &'static str, polled: Sender<(Counted, Poll<u64>)>) -> (Sender<Counted>, std::thread::JoinHandle<()>) {
    let (send, receive): (Sender<Counted>, Receiver<Counted>) = channel();
    let thread = spawn(name, move || {
        for mut future in receive {
            let result = poll(&mut future);
            polled.send((future, result)).unwrap();
        }
    });
    (send, thread)
}

const TURNS: [usize; 7] = [0, 1, 1, 2, 0, 1, 2];

#[test]
fn from_one_to_the_other_by_hand() {
    let trace = trace_of(1, || {
        let (send, polled) = channel();
        let pollers = ["one", "two", "three"].map(|name| poller(name, send.clone()));
        let made = spawn("maker", || Box::pin(counted(6)) as Counted).join().unwrap();
        let (mut future, mut results) = (made, Vec::new());
        for turn in TURNS {
            pollers[turn].0.send(future).unwrap();
            let result;
            (future, result) = polled.recv().unwrap();
            results.push(result);
        }
        assert!(results.iter().take(6).all(Poll::is_pending) && results[6] == Poll::Ready(6), "{results:?}");
        for (send, thread) in pollers {
            drop(send);
            thread.join().unwrap();
        }
    });
    let (task, threads) = polled(&trace);
    assert_eq!(threads, TURNS.map(|turn| ["one", "two", "three"][turn]));
    assert_busy_in_polls(&trace, task);
    assert_eq!(flow(&trace, task), through("maker", &threads));
}

#[test]
fn from_a_worker_to_the_thread_that_waits() {
    let trace = trace_of(1, || {
        let runtime = Builder::new_multi_thread().worker_threads(2).thread_name("worker").build().unwrap();
        let first = async {
            let mut future: Counted = Box::pin(counted(2));
            let first = std::future::poll_fn(|context| Poll::Ready(future.as_mut().poll(context))).await;
            (future, first)
        };
        let (future, first) = runtime.block_on(runtime.spawn(first)).unwrap();
        assert!(first.is_pending());
        let result = spawn("waits", move || runtime.block_on(future)).join().unwrap();
        assert_eq!(result, 2);
    });
    let (task, threads) = polled(&trace);
    assert_eq!(threads, ["worker", "waits", "waits"]);
    assert_busy_in_polls(&trace, task);
    assert_eq!(flow(&trace, task), through("worker", &threads));
}

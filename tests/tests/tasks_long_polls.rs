//! Polls that are open for longer than their record is there: a chunk was given away, or is another part's. These are what
//! blocks an executor, so that they have to be found.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::pin::pin;
use std::sync::{Arc, Mutex, mpsc};
use std::time::Duration;

use common::{alone, assert_sound};
use polling::{After, fill, poll, task};
use traceme::{Memory, Session, Trace, append, trace_scope, traced};

const CHUNK: usize = 256 << 10;

/// A task that waits once, and then blocks: its second poll lasts until `rest` is done.
async fn blocks(rest: impl FnOnce()) {
    After(2).await;
    trace_scope!("inside");
    rest();
}

/// What is known of a poll whose record isn't in the trace.
#[track_caller]
fn assert_known(trace: &Trace, name: &str) {
    let task = task(trace, name);
    let poll = task.polls().last().unwrap();
    assert!(poll.flags().is_continuing() && task.flags().is_continuing(), "{poll:?}");
    assert_eq!((poll.poll_of(), poll.name()), (Some(task.id()), name.into()));
    assert_eq!(poll.args().count(), 0);
    let duration = poll.end().unwrap() - poll.start();
    assert_eq!((task.busy(), task.polls().len()), (duration, 1));
    let summary = trace.summary();
    let row = summary.task(name).unwrap();
    let before = trace.start().saturating_sub(poll.start());
    assert_eq!((row.polls, row.busy, row.longest_poll), (1, duration - before, duration));
}

#[test]
fn in_a_ring() {
    let _alone = alone();
    let ring = 8 * CHUNK;
    let session = Session::builder().memory(Memory::ring(ring)).start().unwrap();
    let mut task = pin!(traced!(blocks(|| fill(ring)), "blocks"));
    assert!(!poll(task.as_mut(), 1) && poll(task.as_mut(), 1));
    let trace = session.stop();
    assert_sound(&trace);
    assert_known(&trace, "blocks");
    assert!(trace.losses().total() > 0, "its record was given away");
}

#[test]
fn over_a_rotation() {
    let _alone = alone();
    let session = Session::start(1).unwrap();
    let mut first = None;
    let rest = || {
        fill(2 * CHUNK);
        first = Some(session.rotate());
        append!(late = 1 + 1);
    };
    {
        let mut task = pin!(traced!(blocks(rest), "blocks", meta(n = 3 + 4)));
        assert!(!poll(task.as_mut(), 1) && poll(task.as_mut(), 1));
    }
    let (first, second) = (first.unwrap(), session.stop());
    assert_sound(&first);
    assert_known(&second, "blocks");
    let before = task(&first, "blocks");
    assert_eq!((before.id(), before.polls().len(), before.end()), (task(&second, "blocks").id(), 2, None));
    assert!(second.losses().is_empty() && first.losses().is_empty());
    assert_eq!(second.event_count(), 2, "what was added, and the end of the task");
}

#[test]
fn in_the_batches_of_a_sink() {
    let _alone = alone();
    type Seen = Arc<Mutex<Vec<(u64, String, bool)>>>;
    let (seen, (send, batches)) = (Seen::default(), mpsc::channel());
    let sink = {
        let seen = Arc::clone(&seen);
        move |batch: &Trace| {
            let polls = batch.spans().filter(|span| span.poll_of().is_some());
            let polls =
                polls.map(|poll| (poll.poll_of().unwrap(), poll.name().to_string(), poll.flags().is_continuing()));
            seen.lock().unwrap().extend(polls);
            // Who has heard enough listens no more.
            let _ = send.send(());
        }
    };
    let session = Session::builder().sink(sink).start().unwrap();
    let rest = || {
        let continues = || seen.lock().unwrap().iter().any(|(_, _, continues)| *continues);
        assert!((0..100).any(|_| {
            fill(CHUNK);
            batches.recv_timeout(Duration::from_secs(60)).expect("a batch within a minute");
            continues()
        }));
    };
    let mut task = pin!(traced!(blocks(rest), name = "made at run time".to_owned()));
    assert!(!poll(task.as_mut(), 1) && poll(task.as_mut(), 1));
    let _rest = session.stop();
    let seen = seen.lock().unwrap();
    let (id, _, _) = seen[0];
    assert!(seen.iter().all(|(task, name, _)| (*task, name.as_str()) == (id, "made at run time")), "{seen:?}");
    assert_eq!(seen.iter().filter(|(_, _, continues)| !continues).count(), 2, "{seen:?}");
}

//! The service's trace tells what happened: each request from the client to the database, what was cancelled, and the
//! two mistakes, if they are made.
#![allow(clippy::unwrap_used, reason = "tests")]

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use http_service::client::{Answers, CONNECTIONS, REQUESTS};
use http_service::service::{BLOCKED, HANDLERS, PATIENCE, Planted, SLOW};
use http_service::{Run, findings};
use traceme::trace::{FlowEnd, Span, Task, Value};
use traceme::{Flow, Trace};

const SENT: u64 = CONNECTIONS * REQUESTS;
const OF_EACH_KIND: u64 = SENT / 4;
/// The mirror answers every second time.
const TIMED_OUT: u64 = OF_EACH_KIND / 2;

/// A process has one session at a time.
static SESSION: Mutex<()> = Mutex::new(());

fn run(slow_handler: bool, blocking_call: bool) -> Run {
    let _alone = SESSION.lock().unwrap_or_else(PoisonError::into_inner);
    let run = || http_service::run(Planted { slow_handler, blocking_call }).unwrap();
    // On a machine that is busy enough an answer of the mirror comes too late as well: then all of it is done again.
    let is_late = |run: &Run| run.answers.timed_out > TIMED_OUT;
    let run = (0..10).map(|_| run()).find(|run| !is_late(run)).expect("answers come in time, once in ten times");
    assert_eq!(run.answers, Answers { sent: SENT, answered: SENT - TIMED_OUT, timed_out: TIMED_OUT });
    assert!(run.trace.losses().is_empty(), "{:?}", run.trace.losses());
    run
}

fn named<'t>(trace: &'t Trace, name: &str) -> Vec<Task<'t>> {
    trace.tasks().filter(|task| task.name() == name.into()).collect()
}

fn id_of(task: Task<'_>) -> u64 {
    match task.args().find(|(key, _)| *key == "id") {
        Some((_, Value::U64(id))) => id,
        other => panic!("{task:?} has no number: {other:?}"),
    }
}

/// Tasks by the number of their request, of which each has one.
fn by_id<'t>(tasks: impl IntoIterator<Item = Task<'t>>) -> BTreeMap<u64, Task<'t>> {
    let mut by_id = BTreeMap::new();
    for task in tasks {
        assert!(by_id.insert(id_of(task), task).is_none(), "a second task of its request: {task:?}");
    }
    by_id
}

fn all_handlers(trace: &Trace) -> BTreeMap<u64, Task<'_>> {
    by_id(HANDLERS.iter().flat_map(|name| named(trace, name)))
}

/// Polls of this handler that were as long as a planted call blocks.
fn long_polls(trace: &Trace, handler: &str) -> u64 {
    let polls = named(trace, handler).into_iter().flat_map(Task::polls);
    polls.filter(|poll| poll.duration().unwrap() >= ns(BLOCKED)).count() as u64
}

fn ns(time: std::time::Duration) -> u64 {
    time.as_nanos().try_into().unwrap()
}

#[test]
fn each_request_is_a_task_from_end_to_end() {
    let run = run(false, false);
    let trace = &run.trace;
    let ids: Vec<u64> = (0..SENT).collect();
    let requests = by_id(named(trace, "request"));
    let served = by_id(named(trace, "handle"));
    let handlers = all_handlers(trace);
    for tasks in [&requests, &served, &handlers] {
        assert_eq!(tasks.keys().copied().collect::<Vec<_>>(), ids);
    }
    for name in HANDLERS {
        assert_eq!(named(trace, name).len() as u64, OF_EACH_KIND, "{name}");
    }
    for id in ids {
        let flow = Flow::of("request", id).id();
        assert_eq!(requests[&id].flows().collect::<Vec<_>>(), [FlowEnd::Out(flow)]);
        assert_eq!(served[&id].flows().collect::<Vec<_>>(), [FlowEnd::In(flow)]);
        assert_eq!(handlers[&id].parent_id(), Some(served[&id].id()));
        assert_eq!(requests[&id].parent().map(|parent| parent.name()), Some("client".into()));
    }
    assert!(trace.tasks().all(|task| task.end().is_some()));
    assert_eq!(
        (named(trace, "client").len() as u64, named(trace, "connection").len() as u64),
        (CONNECTIONS, CONNECTIONS)
    );
    let [in_background] = named(trace, "write_behind")[..] else { panic!("one task writes counts") };
    assert_eq!(in_background.parent().map(|parent| parent.name()), Some("serve_and_load".into()));
    assert_eq!(run.counted, SENT - TIMED_OUT);
}

#[test]
fn cancelled_are_those_that_timed_out() {
    let run = run(false, false);
    let trace = &run.trace;
    let cancelled: Vec<_> = trace.tasks().filter(|task| task.flags().is_cancelled()).collect();
    assert_eq!(cancelled.len() as u64, run.answers.timed_out);
    for task in &cancelled {
        assert_eq!(task.name(), "ask_mirror".into());
        let handler = task.parent().unwrap();
        assert!(handler.name() == "compare_notes".into() && handler.flags().is_failed(), "{handler:?}");
        assert!(task.idle().unwrap() + task.busy() >= ns(PATIENCE), "{task:?}");
    }
    let failed = trace.tasks().filter(|task| task.flags().is_failed()).count() as u64;
    assert_eq!(failed, run.answers.timed_out);
    let summary = trace.summary();
    let row = |name: &str| summary.task(name).unwrap().cancelled;
    assert_eq!(summary.tasks.iter().map(|tasks| tasks.cancelled).sum::<u64>(), TIMED_OUT);
    assert_eq!((row("ask_mirror"), row("compare_notes"), row("request")), (TIMED_OUT, 0, 0));
}

#[test]
fn what_blocks_on_the_pool_belongs_to_a_request() {
    let run = run(false, false);
    let trace = &run.trace;
    let in_of = |span: Span<'_>| match span.flows().collect::<Vec<_>>()[..] {
        [FlowEnd::In(flow)] => flow,
        ref other => panic!("{other:?} on {span:?}"),
    };
    let mut on_the_pool: BTreeMap<u64, Span<'_>> = BTreeMap::new();
    for span in trace.spans().filter(|span| span.name() == "blocking".into()) {
        assert!(span.track().name.starts_with("tokio-") && span.parent().is_none(), "{span:?}");
        assert!(on_the_pool.insert(in_of(span), span).is_none(), "two of one flow: {span:?}");
    }
    let handlers = all_handlers(trace);
    for waiting in named(trace, "database") {
        let [FlowEnd::Out(flow)] = waiting.flows().collect::<Vec<_>>()[..] else { panic!("{waiting:?}") };
        let span = on_the_pool.remove(&flow).expect("what it waits for");
        assert!(waiting.created().unwrap() <= span.start() && span.end().unwrap() <= waiting.end().unwrap());
        let parent = waiting.parent().unwrap();
        if let Some(handler) = handlers.values().find(|handler| handler.id() == parent.id()) {
            assert_eq!(flow, Flow::of("request", id_of(*handler)).id());
        } else {
            assert!(["write_behind", "serve_and_load"].map(Into::into).contains(&parent.name()), "{parent:?}");
        }
    }
    assert!(on_the_pool.is_empty(), "nobody waits for {on_the_pool:?}");
    let with_sql = |task: &Task<'_>| named(trace, "database").iter().any(|of| of.parent_id() == Some(task.id()));
    assert_eq!(handlers.values().filter(|task| with_sql(task)).count() as u64, SENT - TIMED_OUT);
}

#[test]
fn the_blocking_call_is_found() {
    let planted = run(false, true);
    let summary = planted.trace.summary();
    let row = summary.task("search_notes").unwrap();
    assert!(row.longest_poll >= ns(BLOCKED) && row.busy >= OF_EACH_KIND * ns(BLOCKED), "{row:?}");
    assert!(long_polls(&planted.trace, "search_notes") >= OF_EACH_KIND);
    assert_eq!(findings::what_blocks(&summary).map(|tasks| tasks.name.as_str()), Some("search_notes"));
    // Nothing inside explains it.
    assert!(summary.span("search_notes").unwrap().self_time >= OF_EACH_KIND * ns(BLOCKED));
    // A loaded machine has a long poll now and then, but not in each second task.
    let without = run(false, false);
    assert!(long_polls(&without.trace, "search_notes") < OF_EACH_KIND / 2);
}

#[test]
fn the_slow_handler_is_found() {
    let planted = run(true, false);
    let summary = planted.trace.summary();
    let row = summary.task("list_notes").unwrap();
    // The wait begins within a poll: a part of it is busy, and a large one if the system interrupts that poll.
    assert!(row.idle + row.busy >= OF_EACH_KIND * ns(SLOW) && row.idle >= OF_EACH_KIND * ns(SLOW) / 2, "{row:?}");
    for task in named(&planted.trace, "list_notes") {
        assert!(task.idle().unwrap() + task.busy() >= ns(SLOW), "{task:?}");
    }
    let (waits, idle) = findings::what_waits(&summary).unwrap();
    assert_eq!((waits.name.as_str(), idle), ("list_notes", row.idle / OF_EACH_KIND));
}

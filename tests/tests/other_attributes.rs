//! `#[traceme]` above and below attributes of other libraries that rewrite async functions: both orders work, and record.
#![allow(clippy::unwrap_used, clippy::disallowed_names, reason = "tests")]

mod common;

use std::future::Future;
use std::time::Duration;

use async_trait::async_trait;
use common::{alone, assert_sound};
use tokio::time::sleep;
use traceme::trace::TrackKind;
use traceme::{Session, Trace, append, traceme};

/// What a future records that runs on an executor of two threads.
fn recorded<F: Future>(future: F) -> Trace {
    let _alone = alone();
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build().unwrap();
    let session = Session::start(2).expect("no other session runs");
    runtime.block_on(future);
    let trace = session.stop();
    assert_sound(&trace);
    trace
}

/// Of the tests that are tasks themselves, and run whenever they do.
fn is_a_test(text: &str) -> bool {
    text.starts_with("tokio_test_")
}

/// The tasks of a trace, each as its text, by their names.
fn tasks(trace: &Trace) -> Vec<String> {
    let mut of_tasks = false;
    let text = trace.text().to_string();
    let below = text.lines().filter_map(|line| match line.strip_prefix("  ") {
        Some(line) => (of_tasks && !is_a_test(line)).then(|| line.to_string()),
        None => {
            of_tasks = line.starts_with("task ");
            None
        }
    });
    below.collect()
}

async fn tick() {
    sleep(Duration::from_micros(10)).await;
}

async fn later(id: u8) -> Result<u8, String> {
    tick().await;
    Ok(id)
}

#[async_trait]
trait Load: Sync {
    async fn load(&self, id: u8) -> Result<u8, String>;

    #[traceme(level = 2, meta(id))]
    async fn load_twice(&mut self, id: u8) -> Result<u8, String> {
        tick().await;
        Ok(self.load(id).await? + self.load(id).await?)
    }
}

/// The attribute on a method, which `async_trait` has rewritten before.
struct OnMethods(u8);

#[async_trait]
impl Load for OnMethods {
    #[traceme(meta(id, own = self.0), err, ret(Value), span = s)]
    async fn load(&self, id: u8) -> Result<u8, String> {
        append!(s, begun = true);
        tick().await;
        if id == 0 { Err("no id".into()) } else { Ok(self.0 + id) }
    }
}

/// On the block, before `async_trait` and behind it.
struct Above(u8);
struct Below(u8);

#[traceme]
#[async_trait]
impl Load for Above {
    async fn load(&self, mut id: u8) -> Result<u8, String> {
        id += self.0;
        later(id).await
    }
}

#[async_trait]
#[traceme]
impl Load for Below {
    async fn load(&self, mut id: u8) -> Result<u8, String> {
        id += self.0;
        later(id).await
    }
}

#[test]
fn async_trait_methods_are_tasks() {
    let trace = recorded(async {
        let mut all: [Box<dyn Load + Send>; 3] = [Box::new(OnMethods(1)), Box::new(Above(2)), Box::new(Below(3))];
        for (each, sum) in all.iter_mut().zip([8, 10, 12]) {
            assert_eq!(each.load_twice(3).await, Ok(sum));
        }
        assert!(tokio::spawn(async move { all[0].load(0).await }).await.unwrap().is_err());
    });
    let with_metadata = "load id=3 own=1 begun=true ret=4";
    let failed = "load id=0 own=1 begun=true err=\"no id\" (failed)";
    let twice = "load_twice id=3";
    let mut expected = vec![with_metadata, with_metadata, "load", "load", "load", "load", failed, twice, twice, twice];
    expected.sort_unstable();
    let mut found = tasks(&trace);
    found.sort_unstable();
    assert_eq!(found, expected);
}

#[traceme(meta(kind = "above"))]
#[tokio::main(flavor = "current_thread")]
async fn main_above() -> u8 {
    tick().await;
    1
}

#[tokio::main(flavor = "current_thread")]
#[traceme(meta(kind = "below"))]
async fn main_below() -> u8 {
    tick().await;
    2
}

/// What functions record that run an executor themselves: their tasks, and the spans that are no polls.
fn recorded_around(functions: impl FnOnce()) -> [Vec<String>; 2] {
    let _alone = alone();
    let session = Session::start(1).expect("no other session runs");
    functions();
    let trace = session.stop();
    assert_sound(&trace);
    let spans = trace.spans().filter(|span| span.poll_of().is_none() && span.track().kind != TrackKind::Task);
    let named = spans.filter(|span| !is_a_test(&span.name().to_string()));
    let shown = named.map(|span| format!("{}{}", span.name(), if span.flags().is_failed() { " (failed)" } else { "" }));
    [tasks(&trace), shown.collect()]
}

#[test]
fn tokio_main_runs_a_task_or_is_a_span() {
    let [tasks, spans] = recorded_around(|| assert_eq!(main_above() + main_below(), 3));
    assert_eq!(tasks, ["main_above kind=\"above\""]);
    assert_eq!(spans, ["main_below"], "what is left of it is a function that runs the future");
}

#[traceme]
#[tokio::test]
async fn tokio_test_above() {
    tick().await;
}

#[tokio::test]
#[traceme]
async fn tokio_test_below() -> Result<(), String> {
    tick().await;
    Ok(())
}

#[test]
#[allow(unnameable_test_items, reason = "they are called here, where all that is recorded is known")]
fn tokio_test_runs_a_task_or_is_a_span() {
    #[traceme(meta(kind = "above"), ret)]
    #[tokio::test]
    async fn above() {
        tick().await;
    }

    #[tokio::test]
    #[traceme(meta(kind = "below"), err)]
    async fn below() -> Result<(), String> {
        tick().await;
        Err("no".into())
    }

    let [tasks, spans] = recorded_around(|| {
        above();
        assert_eq!(below(), Err("no".into()));
    });
    assert_eq!(tasks, ["above kind=\"above\" ret=\"()\""]);
    assert_eq!(spans, ["below (failed)"], "what is left of it is a function that runs the future");
}

#[traceme(meta(a, b = b.len()))]
#[tracing::instrument(skip_all, fields(a))]
async fn instrumented_above(a: u8, mut b: String) -> Result<usize, String> {
    tick().await;
    b.push('x');
    Ok(b.len() + usize::from(a))
}

#[tracing::instrument(err, ret)]
#[traceme(meta(a, b = b.len()))]
async fn instrumented_below(a: u8, mut b: String) -> Result<usize, String> {
    tick().await;
    b.push('x');
    Ok(b.len() + usize::from(a))
}

struct Instrumented(u8);

#[traceme(level = 2)]
impl Instrumented {
    #[tracing::instrument(skip(self))]
    async fn method(&mut self, (a, b): (u8, u8), _: u8) -> &mut u8 {
        tick().await;
        self.0 += a + b;
        &mut self.0
    }
}

#[test]
fn instrumented_functions_are_tasks() {
    let trace = recorded(async {
        assert_eq!(instrumented_above(1, "ab".into()).await, Ok(4));
        assert_eq!(tokio::spawn(instrumented_below(1, "ab".into())).await.unwrap(), Ok(4));
        assert_eq!(*Instrumented(1).method((2, 3), 4).await, 6);
    });
    assert_eq!(tasks(&trace), ["instrumented_above a=1 b=2", "instrumented_below a=1 b=2", "method"]);
}

#[traceme(skip_polls, span = s)]
async fn joins(n: u64) -> u64 {
    let jobs: Vec<_> = (0..n).map(|job| tokio::spawn(job_of(job))).collect();
    let mut sum = 0;
    for job in jobs {
        sum += job.await.unwrap();
    }
    append!(s, sum);
    sum
}

#[traceme(level = 2, meta(job))]
async fn job_of(job: u64) -> u64 {
    tick().await;
    job
}

#[test]
fn spawned_functions_are_tasks_of_their_own() {
    let trace = recorded(async { assert_eq!(joins(10).await, 45) });
    let tasks = tasks(&trace);
    assert_eq!(tasks.len(), 11);
    assert_eq!(tasks.last().unwrap(), "joins sum=45");
    assert_eq!(tasks[..10], (0..10).map(|job| format!("job_of job={job}")).collect::<Vec<_>>());
}

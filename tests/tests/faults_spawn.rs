//! A session whose threads can't be started is an error, and leaves nothing behind.
#![allow(unsafe_code, reason = "limits of the process")]
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;
#[path = "common/limits.rs"]
mod limits;

use common::{alone, in_child, span_names};
use limits::limit;
use traceme::session::{Sink, Source};
use traceme::trace::TraceBuilder;
use traceme::{Error, Level, Session, Trace, active, trace_scope};

/// What a thread's stack takes in the child processes: more than all else.
const STACK: u64 = 4 << 30;

/// A source that counts, outside, how often it was started more than stopped.
#[derive(Default)]
struct Counted(std::sync::Arc<std::sync::atomic::AtomicI64>);

impl Source for Counted {
    fn start(&mut self) -> Result<(), Error> {
        self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        Ok(())
    }

    fn stop(&mut self) {
        self.0.fetch_sub(1, std::sync::atomic::Ordering::Relaxed);
    }

    fn collect(&mut self, _trace: &mut TraceBuilder) {}
}

struct Nothing;

impl Sink for Nothing {
    fn batch(&mut self, _batch: &Trace) {}
}

/// Starts a session when only `threads` more threads find memory; then one without limits.
fn start_with(threads: u64) {
    let _alone = alone();
    let running = std::sync::Arc::default();
    let source = Counted(std::sync::Arc::clone(&running));
    limit(threads * STACK + STACK / 2);
    let outcome = Session::builder().source(source).sink(Nothing).start();
    limit(1 << 40);
    assert!(outcome.unwrap_err().is_memory());
    assert_eq!(running.load(std::sync::atomic::Ordering::Relaxed), 0, "the source was stopped");
    assert!(!active(Level::CRITICAL), "nothing records");
    let session = Session::start(1).expect("no session runs");
    {
        trace_scope!("recorded");
    }
    assert_eq!(span_names(&session.stop()), ["recorded"]);
}

/// Runs the calling test in a child process whose threads have large stacks.
fn with_large_stacks(test: &str, threads: u64) {
    let alone = alone();
    // SAFETY: the other test waits, and the harness reads no variables while tests run.
    unsafe { std::env::set_var("RUST_MIN_STACK", STACK.to_string()) };
    drop(alone);
    in_child(test, || start_with(threads));
}

#[test]
fn no_thread_to_keep_chunks_in_stock() {
    with_large_stacks("no_thread_to_keep_chunks_in_stock", 0);
}

#[test]
fn no_thread_for_the_sinks() {
    with_large_stacks("no_thread_for_the_sinks", 1);
}

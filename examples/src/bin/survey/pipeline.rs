//! The pipeline: a walker finds files, a bounded channel takes them to the workers, what these find is merged.

use std::io;
use std::path::Path;
use std::thread::{self, Builder, ScopedJoinHandle};

use crossbeam_channel::bounded;
use traceme::{append, trace_scope, traceme};

use crate::findings::Findings;
use crate::progress::Progress;
use crate::walk::{self, Batch};
use crate::work;

/// Parsing is recursive, and some files nest deeply on purpose.
const STACK: usize = 64 << 20;

/// Surveys the files below `root`.
#[traceme(level = 1, meta(root = %root.display(), threads))]
pub(crate) fn survey(root: &Path, threads: usize, progress: &Progress) -> io::Result<Findings> {
    // Two batches a worker: enough that none waits for the walker, so few that the walker doesn't run far ahead.
    let (sender, receiver) = bounded::<Batch>(2 * threads);
    thread::scope(|scope| {
        let mut handles = Vec::new();
        for number in 0..threads {
            let receiver = receiver.clone();
            let worker = move || work::work(root, &receiver, progress);
            handles.push(Builder::new().name(format!("worker-{number}")).stack_size(STACK).spawn_scoped(scope, worker)?);
        }
        // The workers have theirs: once they are gone, the walker must not wait for room any more.
        drop(receiver);
        let walker = Builder::new().name("walker".into()).spawn_scoped(scope, move || walk::walk(root, &sender, progress))?;

        let mut findings = trace_scope!("parse all", level = 1, {
            let parsed: Vec<Findings> = handles.into_iter().map(join).collect();
            parsed
        });
        findings.push(join(walker));
        Ok(merge(findings))
    })
}

#[traceme(level = 1, meta(parts = parts.len()))]
fn merge(parts: Vec<Findings>) -> Findings {
    let mut all = Findings::default();
    parts.into_iter().for_each(|part| all.merge(part));
    all.failures.sort();
    append!(files = all.files, functions = all.functions);
    all
}

/// The result of a thread; its panic goes on in this one.
fn join<T>(thread: ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

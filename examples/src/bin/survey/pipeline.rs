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
            handles
                .push(Builder::new().name(format!("worker-{number}")).stack_size(STACK).spawn_scoped(scope, worker)?);
        }
        // The workers have theirs: once they are gone, the walker must not wait for room any more.
        drop(receiver);
        let walker =
            Builder::new().name("walker".into()).spawn_scoped(scope, move || walk::walk(root, &sender, progress))?;

        let mut findings = trace_scope!("parse all", level = 1, { handles.into_iter().map(join).collect::<Vec<_>>() });
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

#[cfg(test)]
mod tests {
    use std::fs;

    use traceme::Session;
    use traceme::trace::FlowEnd;

    use super::*;

    /// A directory that is removed in the end.
    struct Directory(std::path::PathBuf);

    impl Drop for Directory {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn two_crates() -> io::Result<Directory> {
        let directory = Directory(std::env::temp_dir().join(format!("survey-{}", std::process::id())));
        for package in ["one", "two"] {
            let sources = directory.0.join(package).join("src");
            fs::create_dir_all(&sources)?;
            fs::write(directory.0.join(package).join("Cargo.toml"), "")?;
            (0..20).try_for_each(|n| fs::write(sources.join(format!("{n}.rs")), "fn f() {\n    unsafe { {} }\n}\n"))?;
        }
        fs::write(directory.0.join("two/notes.txt"), "fn")?;
        fs::write(directory.0.join("two/broken.rs"), "\nfn fn")?;
        fs::write(directory.0.join("two/bytes.rs"), [0xff])?;
        Ok(directory)
    }

    #[test]
    fn finds_and_traces_every_file() -> Result<(), Box<dyn std::error::Error>> {
        let directory = two_crates()?;
        let session = Session::start(3)?;
        let findings = survey(&directory.0, 3, &Progress::new(String::new()))?;
        let trace = session.stop();

        assert_eq!((findings.files, findings.functions, findings.lines), (41, 40, 122));
        assert_eq!(findings.unsafety.values().map(|unsafety| unsafety.blocks).collect::<Vec<_>>(), [20, 20]);
        assert_eq!(findings.unsafety.keys().map(|package| &**package).collect::<Vec<_>>(), ["one", "two"]);
        let failures: Vec<_> = findings.failures.iter().map(|failure| failure.path.as_str()).collect();
        assert_eq!(failures, ["two/broken.rs", "two/bytes.rs"]);
        assert!(findings.failures[0].error.starts_with("2:4: expected identifier"), "{}", findings.failures[0].error);

        let count = |name: &str| trace.spans().filter(|span| span.name() == name.into()).count();
        assert_eq!(["file", "read", "parse", "measure", "send", "batch", "work"].map(count), [42, 42, 41, 40, 3, 3, 3]);
        assert_eq!(trace.instants().filter(|instant| instant.name() == "does not parse".into()).count(), 2);
        let ends: Vec<FlowEnd> = trace.spans().flat_map(|span| span.flows()).collect();
        let left = ends.iter().filter(|end| matches!(end, FlowEnd::Out(_))).count();
        assert_eq!((left, ends.len()), (3, 6), "each batch that is sent arrives");
        assert!(trace.losses().is_empty());
        Ok(())
    }
}

//! One session at a time, and what it recorded. Shared with the shapes, in all editions.

use std::sync::{Mutex, MutexGuard, PoisonError};

use traceme::{Session, Trace};

/// A process has one session at a time.
static SESSION: Mutex<()> = Mutex::new(());

/// Keeps the other tests of this program waiting.
pub(crate) fn alone() -> MutexGuard<'static, ()> {
    SESSION.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What `work` records, on whichever threads.
pub(crate) fn traced(level: u8, work: impl FnOnce()) -> Trace {
    let _alone = alone();
    let session = Session::start(level).expect("no other session runs");
    work();
    session.stop()
}

/// The lines of a trace of one thread below that thread's, two columns less indented.
pub(crate) fn below_thread(text: &str) -> String {
    let (thread, rest) = text.split_once('\n').unwrap_or_default();
    assert!(thread.is_empty() || thread.starts_with("thread "), "{}", text);
    rest.lines().map(|line| line.strip_prefix("  ").unwrap_or(line)).collect::<Vec<_>>().join("\n")
}

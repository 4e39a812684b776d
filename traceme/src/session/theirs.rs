//! What is the program's and lives with a session: its panics end here, those of its drops too.

use std::mem::ManuallyDrop;
use std::panic::{AssertUnwindSafe, catch_unwind};

/// A function or a sink of the program. Wherever it is dropped, whoever drops it goes on: most are dropped on the session's
/// thread, which has the recording in hand.
pub(super) struct Theirs<T>(Option<T>);

impl<T> Theirs<T> {
    pub(super) fn new(it: T) -> Self {
        Self(Some(it))
    }

    /// Lets it do something; `false` if that panicked.
    #[cfg_attr(
        not(all(feature = "enable", not(loom))),
        allow(dead_code, reason = "called only where recording is compiled in")
    )]
    pub(super) fn call(&mut self, f: impl FnMut(&mut T)) -> bool {
        caught(|| self.0.as_mut().into_iter().for_each(f))
    }
}

impl<T> Drop for Theirs<T> {
    fn drop(&mut self) {
        let it = self.0.take();
        caught(move || drop(it));
    }
}

/// Runs code of the program's; `false` if it panicked.
fn caught(f: impl FnOnce()) -> bool {
    let Err(panic) = catch_unwind(AssertUnwindSafe(f)) else { return true };
    // What it panicked with is the program's as well. Should that panic in turn, the next one is kept for ever.
    if let Err(next) = catch_unwind(AssertUnwindSafe(move || drop(panic))) {
        let _ = ManuallyDrop::new(next);
    }
    false
}

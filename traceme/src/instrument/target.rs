//! What metadata can be added to: the spans, activities and tasks that have a handle, and whatever is innermost.

use crate::instrument::activity::Activity;
use crate::instrument::future::{self, TaskSpan};
use crate::instrument::span::SpanGuard;
use crate::record::recorder;
use crate::record::thread::Local;
use crate::record::wire::{self, AT_ACTIVITY};

/// What `append!` takes first: the guard of a span or of an activity, or what names a task.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no guard of a span or an activity, and no task's `TaskSpan`",
    label = "metadata can't be added to this"
)]
pub trait Target {
    /// As the record says it: the key of a span, or an activity's id with its mark; 0 if it is not recorded.
    fn target(&self) -> u64;
}

impl Target for SpanGuard {
    fn target(&self) -> u64 {
        self.key()
    }
}

impl Target for Activity {
    fn target(&self) -> u64 {
        of_activity(self.id())
    }
}

impl Target for TaskSpan {
    fn target(&self) -> u64 {
        of_activity(self.id())
    }
}

impl<T: Target> Target for &T {
    fn target(&self) -> u64 {
        T::target(self)
    }
}

fn of_activity(id: u64) -> u64 {
    if id == 0 { 0 } else { id | AT_ACTIVITY }
}

/// What an `append!` with this word adds to, if it has a guard that says this target; else what is innermost on the thread:
/// a span, or the task that it polls or drops. 0 if there is none.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn target(word: u64, guard: Option<u64>) -> u64 {
    let target = guard.unwrap_or_else(innermost);
    // Inside the recorder the word may be of no session. Then the event is lost, if there is what it would add to.
    let session = if wire::epoch_of(word) == 0 { recorder::epoch() } else { wire::epoch_of(word) };
    // A span of another session gets nothing: not even if that session has stopped since the word was looked up.
    if wire::epoch_of(target & !AT_ACTIVITY) == session { target } else { 0 }
}

/// Out of line: those that have a guard need no registers for it.
#[inline(never)]
fn innermost() -> u64 {
    future::innermost_task().map_or_else(|| Local::with(Local::innermost), of_activity)
}

/// What a guard is to [`target`].
#[doc(hidden)]
pub fn guard(guard: &impl Target) -> u64 {
    guard.target()
}

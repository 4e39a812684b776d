//! What is called when a thread ends, where there are no signal handlers: a thread-local's destructor.

use std::cell::Cell;

/// What is called when it is dropped.
struct AtEnd(Cell<Option<fn()>>);

impl Drop for AtEnd {
    fn drop(&mut self) {
        self.0.take().into_iter().for_each(|function| function());
    }
}

thread_local! {
    static AT_END: AtEnd = const { AtEnd(Cell::new(None)) };
}

/// Makes [`at_thread_end`] work.
pub(crate) fn watch_thread_ends() -> bool {
    true
}

/// Has `function` called when the calling thread ends.
pub(crate) fn at_thread_end(function: fn()) {
    // A thread that ends has called it.
    let _ = AT_END.try_with(|at_end| at_end.0.set(Some(function)));
}

/// Nothing: no process is made by `fork` here.
pub(crate) fn forget_parents_ends() {}

//! Tasks whose result is recorded: what `#[traceme(ret)]` and `#[traceme(err)]` make of async functions.

use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::instrument::future::{Life, Polled, TaskSpan};

pin_project! {
    /// A future that is recorded as a task, with its result. One wrapper for both: what is nested in another one is a level
    /// more for the compiler, which goes only so deep.
    #[doc(hidden)]
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    #[derive(Debug)]
    pub struct TracedResult<F, R> {
        #[pin]
        future: F,
        // Borrows nothing, and takes no room.
        record: R,
        // Behind the future: what that drops is inside the task.
        task: Life,
    }

    impl<F, R> PinnedDrop for TracedResult<F, R> {
        fn drop(this: Pin<&mut Self>) {
            this.project().task.begin_drop();
        }
    }
}

impl<F: Future, R: Fn(&TaskSpan, &F::Output)> TracedResult<F, R> {
    /// What runs as this task, and records its result so.
    #[inline(always)]
    pub fn new(task: Life, future: F, record: R) -> Self {
        Self { future, record, task }
    }
}

impl<F: Future, R: Fn(&TaskSpan, &F::Output)> Future for TracedResult<F, R> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        let this = self.project();
        let task = this.task.0;
        if !task.is_recorded() {
            return this.future.poll(context);
        }
        let mut polled = Polled::of(this.task);
        polled.begin();
        let result = this.future.poll(context);
        if let Poll::Ready(result) = &result {
            (this.record)(&task, result);
        }
        polled.is_through = Some(result.is_ready());
        result
    }
}

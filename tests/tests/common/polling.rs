//! Futures that are polled by hand, and what is recorded of them.
#![allow(dead_code, reason = "each test program uses a part of it")]

use std::pin::Pin;
use std::task::{Context, Poll, Waker};

use traceme::trace::Task;
use traceme::{Trace, trace_scope};

/// A future that is ready when it is polled for the nth time.
pub(crate) struct After(pub(crate) u32);

impl Future for After {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0 -= 1;
        if self.0 == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Polls a future up to so often, and says whether it is through.
pub(crate) fn poll(mut future: Pin<&mut impl Future>, times: usize) -> bool {
    let mut context = Context::from_waker(Waker::noop());
    (0..times).any(|_| future.as_mut().poll(&mut context).is_ready())
}

/// Polls a future that is not ready then.
#[track_caller]
pub(crate) fn poll_once(future: Pin<&mut impl Future>) {
    assert!(!poll(future, 1), "ready too early");
}

/// Traces its drop.
pub(crate) struct Dropped(pub(crate) &'static str);

impl Drop for Dropped {
    fn drop(&mut self) {
        trace_scope!(name = self.0);
    }
}

/// The only task of this name.
#[track_caller]
pub(crate) fn task<'t>(trace: &'t Trace, name: &str) -> Task<'t> {
    let [task] = trace.tasks().filter(|task| task.name() == name.into()).collect::<Vec<_>>()[..] else {
        panic!("not one {name}: {:?}", trace.tasks().collect::<Vec<_>>())
    };
    task
}

pub(crate) fn flags(task: Task<'_>) -> Vec<&'static str> {
    task.flags().names().collect()
}

/// Records more than so many bytes: what was in a ring of that size before is given away.
pub(crate) fn fill(bytes: usize) {
    for _ in 0..2 * bytes / 16 {
        trace_scope!("filler");
    }
}

//! Tasks: futures that are recorded from their making to their end, with each of their polls. Driven by hand.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::future::{pending, ready};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use common::{assert_sound, traced};
use traceme::{TracedExt, append, trace_scope};

/// A future that is ready when it is polled for the nth time.
struct After(u32);

impl Future for After {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<()> {
        self.0 -= 1;
        if self.0 == 0 { Poll::Ready(()) } else { Poll::Pending }
    }
}

/// Polls a future so often, and gives whether it is through.
fn poll(future: Pin<&mut impl Future>, times: usize) -> bool {
    let mut future = future;
    let mut context = Context::from_waker(Waker::noop());
    (0..times).any(|_| future.as_mut().poll(&mut context).is_ready())
}

#[test]
fn a_task_begins_is_polled_and_ends() {
    let trace = traced(2, || {
        let mut task = pin!(traceme::traced!(
            async {
                After(3).await;
                trace_scope!("inside");
                append!(rows = 1 + 2);
            },
            "fetch",
            level = 2,
            meta(n = 1 + 1, kind = "get")
        ));
        assert!(!poll(task.as_mut(), 2));
        assert!(poll(task.as_mut(), 1));
        assert!(poll(pin!(ready(7).traced("ready")), 1));
        drop(pending::<()>().traced("dropped"));
    });
    assert_sound(&trace);
    // Begin, three polls, a span, an addition, the end; begin, poll and end; begin, the drop, end.
    assert_eq!(trace.event_count(), 7 + 3 + 3);
}

#[test]
fn wrapper_keeps_auto_traits_and_is_small() {
    fn assert_auto<T: Send + Sync + Unpin>() {}
    assert_auto::<traceme::Traced<After>>();
    assert_auto::<traceme::TaskSpan>();
    assert_eq!(size_of::<traceme::Traced<After>>(), 24);
    assert_eq!(size_of::<traceme::Traced<u64>>(), 8 + 16);
}

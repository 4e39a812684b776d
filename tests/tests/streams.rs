//! Streams as tasks: from their making to their end, with a poll for each item and each wait.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::pin::pin;
use std::task::Poll;

use common::{assert_sound, traced as trace_of};
use futures::executor::block_on;
use futures::future::{self, FusedFuture};
use futures::stream::{self, FusedStream};
use futures::{FutureExt, Stream, StreamExt};
use polling::{flags, task};
use traceme::{append, instant, traced, traceme};

/// Waits once before each item.
fn rows(count: u32) -> impl FusedStream<Item = u32> {
    let (mut row, mut waits) = (0, false);
    let stream = stream::poll_fn(move |context| {
        waits = !waits;
        if waits {
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        row += 1;
        instant!("row");
        Poll::Ready((row <= count).then_some(row))
    });
    stream.fuse()
}

#[traceme]
fn query(count: u32) -> impl Stream<Item = u32> {
    traced!(rows(count), "rows", level = 2, meta(count))
}

#[test]
fn a_stream_is_polled_until_its_end() {
    let trace = trace_of(2, || {
        block_on(async {
            let mut rows = pin!(query(3));
            let sum = rows.as_mut().fold(0, |sum, row| future::ready(sum + row)).await;
            assert_eq!((sum, rows.next().await), (6, None));
        });
    });
    assert_sound(&trace);
    assert!(trace.losses().is_empty());
    let rows = task(&trace, "rows");
    // Each of three rows and the end takes two polls; what is polled behind the end is as without a task.
    assert_eq!((rows.polls().len(), flags(rows)), (2 * 4, vec![]));
    assert_eq!(rows.made_in().unwrap().name(), "query".into());
    assert_eq!(rows.args().count(), 1);
    let inside = trace.instants().filter(|row| row.span().is_some_and(|poll| poll.poll_of() == Some(rows.id())));
    assert_eq!((inside.count(), trace.instants().len()), (4, 4));
}

#[test]
fn a_stream_that_is_dropped_before_its_end_is_cancelled() {
    let trace = trace_of(1, || {
        let some: Vec<_> = block_on(traced!(rows(9), "rows").take(2).collect());
        assert_eq!(some, [1, 2]);
    });
    assert_sound(&trace);
    let rows = task(&trace, "rows");
    assert_eq!((rows.polls().len(), flags(rows)), (2 * 2 + 1, vec!["cancelled"]));
}

#[test]
fn what_is_fused_stays_so() {
    let trace = trace_of(1, || {
        block_on(async {
            let mut two = traced!(stream::iter([1, 2]).fuse(), "two");
            assert_eq!((two.size_hint(), two.is_terminated()), ((2, Some(2)), false));
            assert_eq!((two.select_next_some().await, two.next().await, two.next().await), (1, Some(2), None));
            assert!(two.is_terminated());
            let mut seven = traced!(async { append!(seven = 3 + 4) }.boxed().fuse(), "seven");
            assert!(!seven.is_terminated());
            (&mut seven).await;
            assert!(seven.is_terminated());
        });
    });
    assert_sound(&trace);
    assert_eq!((task(&trace, "two").polls().len(), task(&trace, "seven").args().count()), (3, 1));
}

//! Streams as tasks.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::{FusedFuture, FusedStream, Stream};

use crate::instrument::future::Traced;

/// With the feature `futures`. The task ends when the stream does.
impl<S: Stream> Stream for Traced<S> {
    type Item = S::Item;

    #[inline]
    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<S::Item>> {
        self.poll_with(|stream| stream.poll_next(context), |next| matches!(next, Poll::Ready(None)))
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inner().size_hint()
    }
}

/// With the feature `futures`.
impl<F: FusedFuture> FusedFuture for Traced<F> {
    #[inline]
    fn is_terminated(&self) -> bool {
        self.inner().is_terminated()
    }
}

/// With the feature `futures`.
impl<S: FusedStream> FusedStream for Traced<S> {
    #[inline]
    fn is_terminated(&self) -> bool {
        self.inner().is_terminated()
    }
}

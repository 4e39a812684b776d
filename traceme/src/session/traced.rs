//! Futures that are recorded without a macro.

use crate::instrument::Traced;
#[cfg(all(feature = "enable", not(loom)))]
use crate::{
    callsite::{CallsiteCell, CallsiteKind},
    instrument::active,
    instrument::future,
    instrument::value::Name,
    level::Level,
    record::recorder,
    session::environment::Environment,
    session::raw,
};

/// Records futures as tasks, as [`traced!`](crate::traced) does, without a macro: in the midst of a chain of calls.
pub trait TracedExt: Future + Sized {
    /// The future as a task of this name, of level 1.
    ///
    /// It is for short programs and for adapters: all of these share one callsite, so a [`Filter`](crate::Filter) can't tell them by
    /// name or module, and the name is written for each task. [`traced!`](crate::traced) has a callsite of its own,
    /// metadata, and levels.
    ///
    /// ```
    /// use std::future::ready;
    /// use traceme::{Session, TracedExt};
    ///
    /// # fn block_on<F: Future>(future: F) -> F::Output {
    /// #     match std::pin::pin!(future).poll(&mut std::task::Context::from_waker(std::task::Waker::noop())) {
    /// #         std::task::Poll::Ready(output) => output,
    /// #         std::task::Poll::Pending => unreachable!(),
    /// #     }
    /// # }
    /// let session = Session::start(1)?;
    /// assert_eq!(block_on(ready(7).traced("fetch")), 7);
    /// let trace = session.stop();
    /// assert_eq!(trace.event_count(), 3, "a task begins, is polled, and ends");
    /// # Ok::<(), traceme::Error>(())
    /// ```
    fn traced(self, name: &'static str) -> Traced<Self>;
}

#[cfg(all(feature = "enable", not(loom)))]
static SITE: CallsiteCell = raw::nowhere(CallsiteKind::Task, 1);

#[cfg(all(feature = "enable", not(loom)))]
impl<F: Future> TracedExt for F {
    fn traced(self, name: &'static str) -> Traced<Self> {
        let word = if active(Level::CRITICAL) { recorder::admit::<Environment>(&SITE) } else { 0 };
        let task = match word {
            0 => future::TaskSpan::INERT,
            word => future::begin_task(word, false, (Name(name), ())),
        };
        Traced::new(future::begun(task), self)
    }
}

#[cfg(not(all(feature = "enable", not(loom))))]
impl<F: Future> TracedExt for F {
    #[inline(always)]
    fn traced(self, _: &'static str) -> Traced<Self> {
        self
    }
}

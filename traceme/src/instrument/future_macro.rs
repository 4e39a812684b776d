//! The macro that records futures: what it accepts. See `macros.rs` for the others.

/// Records a future as a task: from here to its end, with each of its polls. Gives a future.
///
/// ```
/// use traceme::{Session, traced};
///
/// async fn fetch(url: &str) -> usize {
///     url.len()
/// }
///
/// # fn block_on<F: Future>(future: F) -> F::Output {
/// #     let mut future = std::pin::pin!(future);
/// #     let mut context = std::task::Context::from_waker(std::task::Waker::noop());
/// #     loop {
/// #         if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
/// #             return output;
/// #         }
/// #     }
/// # }
/// let session = Session::start(2)?;
/// let length = block_on(async {
///     let url = "http://localhost";
///     traced!(fetch(url), "fetch", level = 2, meta(url)).await
/// });
/// let trace = session.stop();
///
/// let fetch = trace.tasks().next().expect("it was recorded");
/// assert_eq!((fetch.name().to_string().as_str(), fetch.polls().len(), length), ("fetch", 1, 16));
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// First comes the future, then what [`span!`](crate::span) takes, and `skip_polls`: then only the whole is recorded, and
/// no poll. Metadata is evaluated once, behind the future's own expression, when the task begins: that is here, and
/// not at the first poll. At most 13 values are not literals.
///
/// Each poll is a span of the thread that polls, with the task's name: spans inside are inside of it. A future that is
/// dropped before it is through is marked as cancelled; what is dropped with it is in one more such span. A task that a
/// [rate](crate::guide::sampling) leaves out has no polls either. An [`append!`](crate::append) without a guard, right in a
/// poll, adds to the task.
///
/// With the feature `futures` a `Stream` can be given as well: it is polled for each item, and the task ends when it does.
///
/// Whether it is recorded is decided when it is made: one that was made while no session runs, or is of one that has
/// stopped, stays unrecorded, and costs a comparison a poll. The guard of a [`span!`](crate::span) or a
/// [`trace_scope!`](crate::trace_scope) must not be kept across an `.await`: a future that is spawned does not compile with one, and
/// of others the summary [says](crate::analysis::SpanSummary::held_across_await) which they are, and debug builds print where.
#[macro_export]
macro_rules! traced {
    ($future:expr, $name:literal $(, $($options:tt)*)?) => {
        $crate::__traced!([$future] [$name] [] [] [] $($($options)*)?)
    };
    ($future:expr, name = $name:expr $(, $($options:tt)*)?) => {
        $crate::__traced!([$future] [""] [$name] [] [] $($($options)*)?)
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!(
            "expected `traced!(future, \"name\", level = 2, category = IO, skip_polls, meta(key = value))`, \
             or `name = expression` for the name"
        )
    };
}

/// Finds `skip_polls` among the options of `traced!`: `[future] [name] [run-time name] [skip_polls] [other options] options..`.
#[doc(hidden)]
#[macro_export]
macro_rules! __traced {
    ($future:tt [$name:literal] $dynamic:tt [$($own:tt)*] [$($options:tt)*]) => {
        $crate::__options!(__record_traced [$future $($own)*] [$name] $dynamic [] [1] [$crate::Category::DEFAULT] []
            $($options)*)
    };
    ($future:tt $name:tt $dynamic:tt $own:tt $options:tt skip_polls $(, $($rest:tt)*)?) => {
        $crate::__traced!($future $name $dynamic [skip_polls] $options $($($rest)*)?)
    };
    ($future:tt $name:tt $dynamic:tt $own:tt [$($options:tt)*] $key:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__traced!($future $name $dynamic $own [$($options)* $key = $value,] $($($rest)*)?)
    };
    ($future:tt $name:tt $dynamic:tt $own:tt [$($options:tt)*] $key:ident ($($meta:tt)*) $(, $($rest:tt)*)?) => {
        $crate::__traced!($future $name $dynamic $own [$($options)* $key($($meta)*),] $($($rest)*)?)
    };
    ($future:tt $name:tt $dynamic:tt [$($own:tt)*] [$($options:tt)*] $($wrong:tt)+) => {
        $crate::__options!(__record_traced [$future $($own)*] $name $dynamic [] [1] [$crate::Category::DEFAULT] []
            $($options)* $($wrong)+)
    };
}

//! What user code touches: the macros, and the few functions that they call.
//!
//! What enters are callsites and values; what leaves are words in the calling thread's chunk. The cost of an
//! annotation is in `span.rs`, and nowhere else.

#[cfg(all(feature = "enable", not(loom)))]
mod across_await;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod activity;
mod activity_macro;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "costs_off.rs")]
pub(crate) mod costs;
pub(crate) mod flow;
mod future_macro;
mod macros;
mod selftest;
pub(crate) mod step;
#[cfg_attr(not(all(feature = "enable", not(loom))), path = "timestamp_off.rs")]
mod timestamp;
pub(crate) mod value;

pub use self::selftest::Selftest;
pub use self::timestamp::{Timestamp, now};

#[cfg(all(feature = "enable", not(loom)))]
mod formatted;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod future;
#[cfg(all(feature = "enable", not(loom)))]
mod future_body;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod future_result;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod measured;
#[cfg(all(feature = "enable", not(loom)))]
mod on;
#[cfg(all(feature = "enable", not(loom)))]
mod slowly;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod span;
#[cfg(all(feature = "enable", feature = "futures", not(loom)))]
mod stream;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod target;
#[cfg(all(feature = "enable", not(loom)))]
pub use self::{activity::Activity, formatted::Formatted, future::TaskSpan, future::Traced, span::SpanGuard};

#[cfg(all(feature = "enable", not(loom)))]
pub(crate) use self::span::active;

#[cfg(not(all(feature = "enable", not(loom))))]
pub(crate) mod future_off;
#[cfg(not(all(feature = "enable", not(loom))))]
mod off;
#[cfg(not(all(feature = "enable", not(loom))))]
pub use self::future_off::{TaskSpan, Traced};
#[cfg(not(all(feature = "enable", not(loom))))]
pub use self::off::{Activity, Formatted, SpanGuard, guard, parent};

/// A macro's `level = ..`: a number or a [`Level`](crate::Level).
#[doc(hidden)]
#[derive(Debug)]
pub struct LevelArgument<T>(pub T);

impl LevelArgument<u8> {
    pub const fn number(self) -> u8 {
        self.0
    }
}

impl LevelArgument<crate::Level> {
    pub const fn number(self) -> u8 {
        self.0.get()
    }
}

/// Callsites of a level. A constant of its own, for the compiler leaves out what it guards even where it optimises nothing.
#[doc(hidden)]
#[derive(Debug)]
pub struct At<const LEVEL: u8>;

impl<const LEVEL: u8> At<LEVEL> {
    pub const IS_COMPILED_IN: bool = crate::Level::is_compiled_in(LEVEL);
}

/// Calls a function's body. As an argument of this the closure is one that is called once: what it borrows may leave it.
#[doc(hidden)]
#[inline(always)]
pub fn call<R>(body: impl FnOnce() -> R) -> R {
    body()
}

/// The result of a function with `err`; of another type than `Result` it fails to compile.
#[doc(hidden)]
#[inline(always)]
pub const fn outcome<T, E>(result: &Result<T, E>) -> &Result<T, E> {
    result
}

/// A value of a type that the compiler is to know, where nothing is evaluated.
#[doc(hidden)]
pub fn never<T>() -> T {
    #[allow(clippy::empty_loop, reason = "it is never called")]
    loop {}
}

//! What user code touches: the macros, and the few functions that they call.
//!
//! What enters are callsites and values; what leaves are words in the calling thread's chunk. The cost of an
//! annotation is in `span.rs`, and nowhere else.

pub(crate) mod flow;
mod macros;
pub(crate) mod value;

#[cfg(all(feature = "enable", not(loom)))]
mod formatted;
#[cfg(all(feature = "enable", not(loom)))]
mod on;
#[cfg(all(feature = "enable", not(loom)))]
mod slowly;
#[cfg(all(feature = "enable", not(loom)))]
pub(crate) mod span;
#[cfg(all(feature = "enable", not(loom)))]
pub use self::{
    formatted::Formatted,
    span::{SpanGuard, active},
};

#[cfg(not(all(feature = "enable", not(loom))))]
mod off;
#[cfg(not(all(feature = "enable", not(loom))))]
pub use self::off::{Formatted, SpanGuard, active};

/// A macro's `level = ..`: a number or a [`Level`](crate::Level).
#[doc(hidden)]
#[derive(Debug)]
pub struct LevelArgument<T>(pub T);

impl LevelArgument<u8> {
    pub const fn level(self) -> crate::Level {
        crate::Level::from_macro(self.0)
    }
}

impl LevelArgument<crate::Level> {
    pub const fn level(self) -> crate::Level {
        self.0
    }
}

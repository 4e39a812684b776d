//! What user code touches: the macros, and the few functions that they call.
//!
//! What enters are callsites and values; what leaves are words in the calling thread's chunk. The cost of an
//! annotation is in `span.rs`, and nowhere else.

mod macros;
pub(crate) mod value;

#[cfg(feature = "enable")]
pub(crate) mod formatted;
#[cfg(feature = "enable")]
mod on;
#[cfg(feature = "enable")]
mod slowly;
#[cfg(feature = "enable")]
pub(crate) mod span;

#[cfg(not(feature = "enable"))]
mod off;
#[cfg(not(feature = "enable"))]
pub(crate) use off as span;
#[cfg(not(feature = "enable"))]
pub(crate) use off as formatted;

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

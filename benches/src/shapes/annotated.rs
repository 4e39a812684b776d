//! The shapes with their annotations.

macro_rules! traced {
    ([$($argument:tt)*] $($function:tt)*) => {
        #[traceme::traceme($($argument)*)]
        #[inline(never)]
        $($function)*
    };
}
use traceme::{append, counter, instant, span, trace_scope};

#[path = "bodies.rs"]
#[allow(clippy::duplicate_mod, reason = "the same source, annotated here and bare there")]
mod bodies;

pub use bodies::SHAPES;

//! The shapes as if nobody had heard of traceme.

macro_rules! traced {
    ([$($argument:tt)*] $($function:tt)*) => {
        #[inline(never)]
        $($function)*
    };
}
macro_rules! span {
    ($($ignored:tt)*) => {
        ()
    };
}
macro_rules! trace_scope {
    ($name:literal, $block:block) => {
        $block
    };
    ($($ignored:tt)*) => {};
}
macro_rules! nothing {
    ($($ignored:tt)*) => {};
}
use {nothing as append, nothing as counter, nothing as instant, span, trace_scope};

#[path = "bodies.rs"]
#[allow(unused, clippy::duplicate_mod, clippy::let_unit_value, reason = "what the annotations use is left over")]
mod bodies;

pub use bodies::SHAPES;

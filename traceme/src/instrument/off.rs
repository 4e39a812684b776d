//! What the macros become where recording is compiled out: nothing, once their arguments are type-checked.
//!
//! `loop { break; .. }` and not `if false { .. }`: the compiler drops what is behind the `break` before it lays
//! out a function or a future, so that neither has a trace of it, optimised or not.

use std::fmt;
use std::marker::PhantomData;

use crate::instrument::value::Sealed;
use crate::level::Level;
use crate::record::args::Out;

/// Whether a session records callsites of this level now: never, recording is compiled out.
#[inline(always)]
pub const fn active(_level: Level) -> bool {
    false
}

/// A span. Recording is compiled out: it is none.
#[must_use = "the span ends when its guard is dropped: bind it, `let guard = span!(..)`"]
#[derive(Debug)]
pub struct SpanGuard(PhantomData<*const ()>);

impl SpanGuard {
    /// A guard of no span.
    #[doc(hidden)]
    pub const INERT: Self = Self(PhantomData);

    /// Ends the span now.
    #[inline(always)]
    pub fn stop(self) {}

    /// Whether the span is being recorded: never.
    pub const fn is_recorded(&self) -> bool {
        false
    }
}

/// What `%value` and `?value` become, for the type checker.
#[doc(hidden)]
#[derive(Debug)]
pub struct Formatted;

impl Formatted {
    pub fn new(_value: fmt::Arguments<'_>) -> Self {
        Self
    }
}

impl Sealed for Formatted {
    fn tag(&self) -> u64 {
        0
    }

    fn words(&self) -> usize {
        0
    }

    fn put(&self, _: &mut Out<'_>) {}
}

#[doc(hidden)]
#[macro_export]
macro_rules! __checked {
    ($($check:tt)*) => {
        #[allow(unreachable_code, clippy::never_loop, clippy::diverging_sub_expression)]
        loop {
            break;
            $($check)*
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_span {
    ([[] [$name:expr] [$level:expr] [$category:expr]] $keys:tt [$($values:tt)*]) => {{
        $crate::__checked! {
            let _: ($crate::Level, $crate::Category) =
                (const { $crate::__private::LevelArgument($level).level() }, $category);
            let _ = $crate::__values!($($values)*);
        }
        $crate::SpanGuard::INERT
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_instant {
    ($options:tt $keys:tt $values:tt) => {{
        let _ = $crate::__record_span!($options $keys $values);
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_counter {
    ([[$unit:literal, $value:expr] $name:tt $level:tt $category:tt] [] []) => {{
        let _ = $crate::__record_span!([[] $name $level $category] [] [$crate::__private::number(&$value),]);
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_append {
    ([$($guard:expr)?] $keys:tt [$($values:tt)*]) => {{
        $crate::__checked! {
            $(let _: &$crate::SpanGuard = &$guard;)?
            let _ = $crate::__values!($($values)*);
        }
    }};
}

//! What the macros become where recording is compiled out: nothing, once their arguments are checked.
//!
//! The description of a callsite is a constant without a name, so that what fails to compile with recording fails
//! without. Values are type-checked behind a `break`, which the compiler drops before it lays out a function or a
//! future: behind `if false`, a future that holds a variable which metadata borrows grows by 8 bytes.

use std::fmt;
use std::marker::PhantomData;

use crate::instrument::value::Sealed;
use crate::level::Level;
use crate::record::args::Out;

/// Whether a session records callsites of this level now: never, recording is compiled out.
#[doc(hidden)]
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

/// Type-checks and evaluates nothing.
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
    ([[] [$name:expr] [$level:expr] [$category:expr] $flows:tt] $keys:tt [$($values:tt)*]) => {{
        const _: $crate::__private::StaticCallsite = $crate::__description!(Span [$name]
            [$crate::__private::LevelArgument($level).level()] [$category] $flows [""] $keys).checked();
        $crate::__checked! {
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
    ([[$unit:literal, $value:expr] $name:tt [$level:expr] [$category:expr] []] [] []) => {{
    const _: $crate::__private::StaticCallsite = $crate::__description!(Counter $name
            [$crate::__private::LevelArgument($level).level()] [$category] [] [$unit] [])
        .checked();
        $crate::__checked! {
            let _ = $crate::__private::number(&$value);
        }
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_append {
    ([$($guard:expr)?] $keys:tt [$($values:tt)*]) => {{
        const _: $crate::__private::StaticCallsite = $crate::__description!(Append [""]
            [$crate::Level::CRITICAL] [$crate::Category::DEFAULT] [] [""] $keys).checked();
        $crate::__checked! {
            $(let _: &$crate::SpanGuard = &$guard;)?
            let _ = $crate::__values!($($values)*);
        }
    }};
}

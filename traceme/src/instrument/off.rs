//! What the macros become where recording is compiled out: nothing, once their arguments are checked.
//!
//! The description of a callsite is a constant without a name: so a wrong level fails to compile here, too. The values are
//! in an arm that nothing can reach. The compiler checks it all the same, moves and borrows as well, takes its variables
//! for used, and drops it before it lays out a future: behind `if false`, one that holds a variable which metadata borrows
//! grows by 8 bytes, and behind a `break` variables are neither checked nor used.

use std::fmt;
use std::marker::PhantomData;

use crate::instrument::future_off::TaskSpan;
use crate::instrument::value::Sealed;
use crate::record::args::Out;

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
    pub fn is_recorded(&self) -> bool {
        false
    }
}

/// An activity. Recording is compiled out: it is none.
#[must_use = "the activity ends when this is dropped: keep it until then"]
#[derive(Debug)]
pub struct Activity(());

impl Activity {
    /// An activity that is not recorded.
    #[doc(hidden)]
    pub const INERT: Self = Self(());

    /// Ends the activity now.
    #[inline(always)]
    pub fn end(self) {}

    /// Whether it is being recorded: never.
    pub fn is_recorded(&self) -> bool {
        false
    }

    /// Its number in this process: 0, it is not recorded.
    pub fn id(&self) -> u64 {
        0
    }
}

/// What `append!` takes first.
#[doc(hidden)]
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no guard of a span or an activity, and no task's `TaskSpan`",
    label = "metadata can't be added to this"
)]
pub trait Target {}

impl Target for SpanGuard {}
impl Target for Activity {}
impl Target for TaskSpan {}
impl<T: Target> Target for &T {}

/// What the macros call on what is appended to, for the type checker.
#[doc(hidden)]
pub const fn guard(_: &impl Target) {}

/// What the macros call on `parent = ..`, for the type checker.
#[doc(hidden)]
pub const fn parent(_: &Activity) -> Formatted {
    Formatted
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

/// Checks statements as if they could run, and evaluates nothing. (No warning tells of the second arm: it is in a macro of
/// another crate.)
#[doc(hidden)]
#[macro_export]
macro_rules! __checked {
    ($($check:tt)*) => {
        match () {
            () => {}
            _ => {
                $($check)*
            }
        }
    };
}

/// Checks what is known of a callsite at compile time, and leaves nothing of it.
#[doc(hidden)]
#[macro_export]
macro_rules! __described {
    ($($description:tt)*) => {
        const _: $crate::__private::StaticCallsite = $crate::__description!($($description)*);
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_span {
    ([$($($alert:literal)?;)?] $name:tt $level:tt $category:tt $flows:tt $keys:tt $values:tt) => {{
        $crate::__described!(Span $name $level $category $flows $keys);
        $crate::__checked! {
            let _ = $values;
        }
        $crate::SpanGuard::INERT
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_instant {
    ($($parts:tt)*) => {{
        let _ = $crate::__record_span!($($parts)*);
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_counter {
    ([$unit:literal, $value:expr] $name:tt $level:tt $category:tt $flows:tt $keys:tt ()) => {{
        $crate::__described!(Counter $name $level $category $flows $keys .in_unit($unit));
        $crate::__checked! {
            let _ = $crate::__private::number(&$value);
        }
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_activity {
    ([parent $parent:expr] $name:tt $level:tt $category:tt $flows:tt [$($keys:tt)*] $values:tt) => {
        $crate::__record_activity!([] $name $level $category $flows [("parent", "", ""), $($keys)*]
            ($crate::__private::parent($parent), $values))
    };
    ([] $name:tt $level:tt $category:tt $flows:tt $keys:tt $values:tt) => {{
        let _ = $crate::__record_span!([] $name $level $category $flows $keys $values);
        $crate::Activity::INERT
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_append {
    ([$($guard:expr)?] $keys:tt $values:tt) => {{
        $crate::__described!(Append "" 1 ($crate::Category::DEFAULT) [] $keys);
        $crate::__checked! {
            $($crate::__private::guard(&$guard);)?
            let _ = $values;
        }
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_outcome {
    ($guard:ident $owned:tt $arrow:tt $type:tt $body:tt $result:ident $outcome:tt) => {
        $crate::__check_result!($type $result $outcome);
        ($body)
    };
}

/// Checks what would be recorded of a result.
#[doc(hidden)]
#[macro_export]
macro_rules! __check_result {
    ([$($type:tt)*] $result:ident $outcome:tt) => {
        $crate::__checked! {
            let _ = |$result: $($type)*| {
                $crate::__result_values!($outcome);
            };
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __result_values {
    ([ret $($ret:tt)*]) => {
        let _ = $($ret)*;
    };
    ([err ($matched:expr) $success:ident [$($ret:tt)*] $error:ident $($err:tt)*]) => {
        match $matched {
            ::core::result::Result::Ok($success) => {
                let _ = ($success, $($ret)*);
            }
            ::core::result::Result::Err($error) => {
                let _ = $($err)*;
            }
        }
    };
}

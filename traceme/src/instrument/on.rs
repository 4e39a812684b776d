//! What the macros become where recording is compiled in.
//!
//! Each `__record_*` macro takes what the public macros have sorted, each part as one token tree:
//! `[its own] name level category flows keys values`.
//!
//! | part | |
//! |---|---|
//! | a span's own | nothing; `;` if it is all of a function that is not async, with the ns of its alert before that |
//! | an activity's own | nothing, or `parent` and a parent |
//! | a task's own | nothing, or `skip_polls` |
//! | level | a number, or a block of one |
//! | flows | their names, in brackets; behind a `;` there the rate, if there is one |
//! | keys | an array of `StaticKey` |
//! | values | a list `(first, (second, ()))`, in parentheses |
//!
//! `#[traceme]` writes these parts itself: that costs the user's compiler less than to sort options.

/// The static of a callsite.
#[doc(hidden)]
#[macro_export]
macro_rules! __site {
    (Span $name:tt $level:tt $category:tt [] $keys:tt) => {
        $crate::__static_site!(
            $crate::__private::CallsiteCell::span($name, $level, $category, ::core::module_path!(), &$keys)
        )
    };
    ($($description:tt)*) => {
        $crate::__static_site!($crate::__private::CallsiteCell::new($crate::__description!($($description)*)))
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_span {
    ([$alert:literal;] $($parts:tt)*) => {
        match $crate::__record_span!([] $($parts)*) {
            __traceme_guard if __traceme_guard.is_recorded() => $crate::__private::alert(__traceme_guard, $alert),
            __traceme_guard => __traceme_guard,
        }
    };
    ([$(;)?] $name:tt $level:tt $category:tt $flows:tt $keys:tt ()) => {
        $crate::__if_awake!($level (Span $name $level $category $flows $keys) __traceme_site {
            $crate::__private::enter(__traceme_site)
        } $crate::SpanGuard::INERT)
    };
    ([$(;)?] $name:tt $level:tt $category:tt $flows:tt $keys:tt $values:tt) => {
        $crate::__if_awake!($level (Span $name $level $category $flows $keys) __traceme_site {
            match $crate::__private::admit(__traceme_site) {
                0 => $crate::SpanGuard::INERT,
                __traceme_word => $crate::__private::enter_with(__traceme_word, $values),
            }
        } $crate::SpanGuard::INERT)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_instant {
    ([] $name:tt $level:tt $category:tt $flows:tt $keys:tt $values:tt) => {
        $crate::__if_awake!($level (Instant $name $level $category $flows $keys) __traceme_site {
            match $crate::__private::admit(__traceme_site) {
                0 => {}
                __traceme_word => $crate::__private::instant(__traceme_word, $values),
            }
        } ())
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_counter {
    ([$unit:literal, $value:expr] $name:tt $level:tt $category:tt $flows:tt $keys:tt ()) => {
        $crate::__if_awake!($level (Counter $name $level $category $flows $keys .in_unit($unit)) __traceme_site {
            match $crate::__private::admit(__traceme_site) {
                0 => {}
                __traceme_word => $crate::__private::sample(__traceme_word, $crate::__private::number(&$value)),
            }
        } ())
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_activity {
    ([parent $parent:expr] $name:tt $level:tt $category:tt $flows:tt [$($keys:tt)*] $values:tt) => {
        $crate::__record_activity!([] $name $level $category $flows [("parent", "", ""), $($keys)*]
            ($crate::__private::parent($parent), $values))
    };
    ([] $name:tt $level:tt $category:tt $flows:tt $keys:tt $values:tt) => {
        $crate::__if_awake!($level (Activity $name $level $category $flows $keys) __traceme_site {
            match $crate::__private::admit(__traceme_site) {
                0 => $crate::Activity::INERT,
                __traceme_word => $crate::__private::begin_activity(__traceme_word, $values),
            }
        } $crate::Activity::INERT)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_append {
    ([$($guard:expr)?] $keys:tt $values:tt) => {
        $crate::__if_awake!(1 (Append "" 1 ($crate::Category::DEFAULT) [] $keys) __traceme_site {
            match $crate::__private::admit(__traceme_site) {
                0 => {}
                __traceme_word => match $crate::__private::target(__traceme_word, $crate::__guard!($($guard)?)) {
                    0 => {}
                    __traceme_target => $crate::__private::append(__traceme_word, __traceme_target, $values),
                },
            }
        } ())
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_task {
    ([$($skip_polls:ident)?] $name:tt $level:tt $category:tt $flows:tt $keys:tt $values:tt) => {
        $crate::__if_awake!($level (Task $name $level $category $flows $keys) __traceme_site {
            match $crate::__private::admit(__traceme_site) {
                0 => $crate::__private::Task::INERT,
                __traceme_word => {
                    $crate::__private::begin_task(__traceme_word, $crate::__skips_polls!($($skip_polls)?), $values)
                }
            }
        } $crate::__private::Task::INERT)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __skips_polls {
    () => {
        false
    };
    (skip_polls) => {
        true
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_traced {
    ([[$future:expr] $($own:tt)*] $($parts:tt)*) => {
        match $future {
            __traceme_future => {
                $crate::__private::Traced::new(
                    $crate::__private::begun($crate::__record_task!([$($own)*] $($parts)*)),
                    __traceme_future,
                )
            }
        }
    };
}

/// What is recorded at a callsite that is compiled in and awake, or what is there else.
#[doc(hidden)]
#[macro_export]
macro_rules! __if_awake {
    ($level:tt ($($description:tt)*) $site:ident $record:block $else:expr) => {
        match $crate::__site!($($description)*) {
            $site if $crate::__private::At::<$level>::IS_COMPILED_IN && $site.is_awake() => $record,
            _ => $else,
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __guard {
    () => {
        ::core::option::Option::None
    };
    ($guard:expr) => {
        ::core::option::Option::Some($crate::__private::guard(&$guard))
    };
}

/// Runs a function's body inside the span of this guard and records its result: `guard [owned variables] [|| ->] [type]
/// body`, and what `__record_result!` takes. The body is in a closure, from which its `return` and `?` come back to here.
/// The closure's first tokens come from the attribute, which puts them where the body is: that is where the compiler then
/// explains what the body does.
#[doc(hidden)]
#[macro_export]
macro_rules! __record_outcome {
    ($guard:ident $owned:tt [$($arrow:tt)*] [$($type:tt)*] $body:tt $result:ident $outcome:tt) => {{
        let $result = $crate::__private::call($($arrow)* $($type)* { $crate::__owned!($owned $body) });
        $crate::__record_result!($guard (fail $guard) $result $outcome);
        $result
    }};
}

/// Records the result of a function: `guard (how to mark it as failed) result`, and `[ret value]` or
/// `[err (result to match) success [value] error value]`.
#[doc(hidden)]
#[macro_export]
macro_rules! __record_result {
    ($guard:ident $fail:tt $result:ident [ret $($ret:tt)*]) => {
        if $guard.is_recorded() {
            $crate::__record_append!([$guard] [("ret", "", "")] ($($ret)*, ()));
        }
    };
    (
        $guard:ident ($fail:ident $($failed:tt)*) $result:ident
        [err ($matched:expr) $success:ident [$($ret:tt)*] $error:ident $($err:tt)*]
    ) => {
        if $guard.is_recorded() {
            match $matched {
                ::core::result::Result::Ok($success) => {
                    $crate::__record_success!($guard $success $($ret)*);
                }
                ::core::result::Result::Err($error) => {
                    $crate::__record_append!([$guard] [("err", "", "")] ($($err)*, ()));
                    $crate::__private::$fail($($failed)*);
                }
            }
        }
    };
}

/// A closure's body, which owns these variables: what is moved in is not borrowed from outside. Else a mutable reference
/// that moves along a list, or that a `match` looks through, could not be returned.
#[doc(hidden)]
#[macro_export]
macro_rules! __owned {
    ([] $body:tt) => {
        ($body)
    };
    ([$($(#[$condition:meta])* $owned:ident)*] $body:tt) => {{
        if false {
            $($(#[$condition])* let _owned = $owned;)*
            loop {}
        }
        ($body)
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_success {
    ($guard:ident $success:ident) => {
        let _ = $success;
    };
    ($guard:ident $success:ident $($ret:tt)+) => {
        $crate::__record_append!([$guard] [("ret", "", "")] ($($ret)+, ()));
    };
}

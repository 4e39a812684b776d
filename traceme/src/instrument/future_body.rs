//! What the attribute makes of functions that give futures where recording is compiled in; `future_off.rs` has what it is
//! else.

/// Makes what a function does a task, which has begun: `task [how] [result] what`. The result is nothing, or how it is called
/// and what `__record_result!` takes.
///
/// | how | what |
/// |---|---|
/// | `future` | an expression: the future |
/// | `begun` and a variable of [`__begun`] | the same, behind something that can panic |
/// | `call` and variables to own | a body that returns the future |
/// | `boxed`, variables to own, `\|\| ->`, type | a body that returns the future in a pinned box |
/// | `within`, variables, last first, and a type | what an `async fn` does; they are dropped at its end, in this order |
/// | `never` and the same | the same of one that never returns |
#[doc(hidden)]
#[macro_export]
macro_rules! __as_task {
    ($task:ident [future $($type:tt)?] $result:tt $($future:tt)*) => {
        $crate::__as_task!($task [begun $crate::__private::begun($task)] $result $($future)*)
    };
    ($task:ident [begun $life:expr] [] $($future:tt)*) => {
        $crate::__private::Traced::new($life, $($future)*)
    };
    ($task:ident [begun $life:expr] [$result:ident $outcome:tt] $($future:tt)*) => {
        $crate::__private::TracedResult::new($life, $($future)*, |$task, $result| {
            $crate::__record_result!($task (fail_task $task) $result $outcome);
        })
    };
    ($task:ident [call $owned:tt] $result:tt $body:tt) => {
        $crate::__as_task!($task [future] $result $crate::__private::call(|| $crate::__owned!($owned $body)))
    };
    ($task:ident [boxed $owned:tt [$($arrow:tt)*] [$($type:tt)*]] $result:tt $body:tt) => {
        match (
            $crate::__private::begun($task),
            $crate::__private::call($($arrow)* $($type)* { $crate::__owned!($owned $body) }),
        ) {
            (__traceme_life, __traceme_future) if $task.is_recorded() => {
                $crate::__private::Box::pin($crate::__as_task!($task [begun __traceme_life] $result __traceme_future))
            }
            (_, __traceme_future) => __traceme_future,
        }
    };
    ($task:ident [within $whole:tt $type:tt] $result:tt $($what:tt)*) => {
        $crate::__as_task!($task [future] $result async move {
            $crate::__captured!($whole);
            $($what)*
        })
        .await
    };
    ($task:ident [never $whole:tt $type:tt] [] $($what:tt)*) => {
        match $crate::__private::Traced::new($crate::__private::begun($task), async move {
            $crate::__captured!($whole);
            if false {
                return $crate::__private::never::<::core::convert::Infallible>();
            }
            $($what)*
        })
        .await
        {}
    };
}

/// A variable that keeps a task going until its future does: it ends the task if that is never made.
#[doc(hidden)]
#[macro_export]
macro_rules! __begun {
    ($life:ident $task:ident) => {
        let $life = $crate::__private::begun($task);
    };
}

/// Has the block around it own these variables, whole and in this order: it drops them so. Some are there on a condition only.
#[doc(hidden)]
#[macro_export]
macro_rules! __captured {
    ([]) => {};
    ([$($(#[$condition:meta])* $whole:ident)*]) => {
        if false {
            $($(#[$condition])* let _ = &$whole;)*
        }
        $($(#[$condition])* match $whole { _ => {} })*
    };
}

/// The pattern of an argument in a header that stays: `[pattern] name`. It is taken apart further down.
#[doc(hidden)]
#[macro_export]
macro_rules! __argument {
    ($pattern:tt $name:ident) => {
        $name
    };
}

/// What is there only where recording is compiled in.
#[doc(hidden)]
#[macro_export]
macro_rules! __compiled_in {
    ($($what:tt)*) => {
        $($what)*
    };
}

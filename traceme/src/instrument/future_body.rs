//! What the attribute makes of functions that give futures where recording is compiled in; `future_off.rs` has what it is
//! else.

/// Makes what a function does a task, which has begun: `task [how] what`.
///
/// | how | what |
/// |---|---|
/// | `future` | an expression: the future |
/// | `call` and variables to own | a body that returns the future |
/// | `boxed`, variables to own, `\|\| ->`, type | a body that returns the future in a pinned box |
/// | `within` and variables, last first | what an `async fn` does; they are dropped inside, in this order |
/// | `never` and the same | the same of one that never returns |
/// | `result` and a result's name, with what `__record_result!` takes | an expression: the future |
#[doc(hidden)]
#[macro_export]
macro_rules! __as_task {
    ($task:ident [future] $($future:tt)*) => {
        $crate::__private::Traced::new($task, $($future)*)
    };
    ($task:ident [call $owned:tt] $body:tt) => {
        $crate::__private::Traced::new($task, $crate::__private::call(|| $crate::__owned!($owned $body)))
    };
    ($task:ident [boxed $owned:tt [$($arrow:tt)*] [$($type:tt)*] [$($outcome:tt)*]] $body:tt) => {
        match $crate::__private::call($($arrow)* $($type)* { $crate::__owned!($owned $body) }) {
            __traceme_future if $task.is_recorded() => {
                $crate::__private::Box::pin($crate::__as_task!($task [$($outcome)*] __traceme_future))
            }
            __traceme_future => __traceme_future,
        }
    };
    ($task:ident [within $whole:tt] $($what:tt)*) => {
        $crate::__private::Traced::new($task, async move {
            $crate::__captured!($whole);
            $($what)*
        })
        .await
    };
    ($task:ident [never $whole:tt] $body:tt) => {
        match $crate::__private::Traced::new($task, async move {
            $crate::__captured!($whole);
            #[allow(unreachable_code, clippy::never_loop)]
            loop {
                break;
                return $crate::__private::never::<::core::convert::Infallible>();
            }
            $body
        })
        .await
        {}
    };
    ($task:ident [result $result:ident $outcome:tt] $($future:tt)*) => {
        match $($future)* {
            __traceme_future => $crate::__private::Traced::new($task, async move {
                let $result = __traceme_future.await;
                $crate::__record_result!($task (fail_task &$task) $result $outcome);
                $result
            }),
        }
    };
}

/// Runs a body and records its result: `task [variables] {type} body result outcome`, where the variables, last first, are
/// moved in whole. The body is in a block of its own, from which its `return` and `?` come back to here.
#[doc(hidden)]
#[macro_export]
macro_rules! __record_awaited {
    ($task:ident $whole:tt $type:tt {$($hint:tt)*} $body:tt $result:ident $outcome:tt) => {
        let $result = async move {
            $crate::__captured!($whole);
            $($hint)*
            $body
        }
        .await;
        $crate::__record_result!($task (fail_task &$task) $result $outcome);
        $result
    };
}

/// Has the block around it own these variables, whole and in this order: it drops them so.
#[doc(hidden)]
#[macro_export]
macro_rules! __captured {
    ([]) => {};
    ([$($whole:ident)*]) => {
        #[allow(unreachable_code, clippy::never_loop)]
        loop {
            break;
            $(let _ = &$whole;)*
        }
        $(match $whole { _ => {} })*
    };
}

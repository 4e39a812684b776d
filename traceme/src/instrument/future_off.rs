//! What futures become where recording is compiled out: what they were.

/// The future itself: recording is compiled out.
pub type Traced<F> = F;

/// What the attribute makes traced futures with.
#[doc(hidden)]
#[derive(Debug)]
pub struct NotTraced;

impl NotTraced {
    #[inline(always)]
    #[expect(clippy::new_ret_no_self, reason = "what is made is the future itself")]
    pub fn new<F>(_: TaskSpan, future: F) -> F {
        future
    }

    /// Checks what would be recorded of a result.
    pub fn check<F: Future>(_: &F, _: impl Fn(&F::Output)) {}
}

/// Names a task. Recording is compiled out: there is none.
#[derive(Clone, Copy, Debug)]
pub struct TaskSpan(());

impl TaskSpan {
    /// A task that is not recorded.
    #[doc(hidden)]
    pub const INERT: Self = Self(());

    /// Whether the task is being recorded: never.
    pub fn is_recorded(&self) -> bool {
        false
    }

    /// The task's number in this process: 0, it is not recorded.
    pub fn id(&self) -> u64 {
        0
    }
}

/// Has the task end as failed: recording is compiled out.
#[doc(hidden)]
#[inline(always)]
pub const fn fail_task(_: &TaskSpan) {}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_task {
    ([$(skip_polls)?] $name:tt $level:tt $category:tt $flows:tt $keys:tt $values:tt) => {{
        $crate::__described!(Task $name $level $category $flows $keys);
        $crate::__checked! {
            let _ = $values;
        }
        $crate::__private::Task::INERT
    }};
}

#[doc(hidden)]
#[macro_export]
macro_rules! __record_traced {
    ([[$future:expr] $($own:tt)*] $($parts:tt)*) => {
        match $future {
            __traceme_future => {
                let _ = $crate::__record_task!([$($own)*] $($parts)*);
                __traceme_future
            }
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __as_task {
    ($task:ident [future $($type:tt)?] [] $($future:tt)*) => {
        $($future)*
    };
    ($task:ident [future [$($type:tt)*]] [$result:ident $outcome:tt] $($future:tt)*) => {{
        $crate::__check_result!([&$($type)*] $result $outcome);
        $($future)*
    }};
    ($task:ident [future] [$result:ident $outcome:tt] $($future:tt)*) => {
        match $($future)* {
            __traceme_future => {
                $crate::__checked! {
                    $crate::__private::Traced::check(&__traceme_future, |$result| {
                        $crate::__result_values!($outcome);
                    });
                }
                __traceme_future
            }
        }
    };
    ($task:ident [begun $life:ident] $result:tt $($future:tt)*) => {
        $crate::__as_task!($task [future] $result $($future)*)
    };
    ($task:ident [within $whole:tt $type:tt] [] $($what:tt)*) => {{
        $($what)*
    }};
    ($task:ident [within $whole:tt [$($type:tt)*]] [$result:ident $outcome:tt] $($what:tt)*) => {{
        $crate::__check_result!([&$($type)*] $result $outcome);
        $($what)*
    }};
    ($task:ident [boxed $owned:tt $arrow:tt $type:tt] [$result:ident $outcome:tt] $body:tt) => {
        $crate::__as_task!($task [future] [$result $outcome] ($body))
    };
    ($task:ident [never $whole:tt $type:tt] [] $($what:tt)*) => {{
        $($what)*
    }};
    ($task:ident [call $owned:tt] [$result:ident $outcome:tt] $body:tt) => {
        $crate::__as_task!($task [future] [$result $outcome] ($body))
    };
    // In parentheses, without which the braces would count as superfluous.
    ($task:ident $how:tt [] $body:tt) => {
        ($body)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __begun {
    ($life:ident $task:ident) => {};
}

/// The pattern of an argument in a header that stays: where it was written.
#[doc(hidden)]
#[macro_export]
macro_rules! __argument {
    ([$($pattern:tt)*] $name:ident) => {
        $($pattern)*
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __compiled_in {
    ($($what:tt)*) => {};
}

//! Steps: spans that have a number. See `macros.rs` for the other macros.

use crate::instrument::value::Value;

/// An integer: what steps are counted by.
#[diagnostic::on_unimplemented(message = "`{Self}` is not an integer", label = "a step's number is an integer")]
pub trait Integer: Value {}

macro_rules! integers {
    ($($type:ty)*) => {
        $(impl Integer for $type {})*
    };
}
integers! { u8 u16 u32 u64 usize i8 i16 i32 i64 isize }

impl<N: Integer + ?Sized> Integer for &N {}

/// What `step!` calls on its number.
#[doc(hidden)]
#[inline(always)]
pub fn step_number<N: Integer + ?Sized>(number: &N) -> N::Encoded<'_> {
    number.value()
}

/// Records a step of something that repeats (training, frames, requests) until the end of the enclosing block, or around
/// a block of its own.
///
/// ```
/// use traceme::trace::Value;
/// use traceme::{Session, step};
///
/// fn train(batch: &[f32]) -> f32 {
///     batch.iter().sum()
/// }
///
/// let session = Session::start(1)?;
/// for n in 0..3 {
///     step!("train", n);
///     train(&[0.5, 0.25]);
/// }
/// let loss = step!("validate", 0, level = 1, meta(batches = 1), { train(&[1.0]) });
/// let trace = session.stop();
///
/// let numbers: Vec<_> = trace.spans().filter(|span| span.name() == "train".into()).flat_map(|span| span.args()).collect();
/// assert_eq!(numbers, [0, 1, 2].map(|n| ("step_num", Value::I64(n))));
/// # assert_eq!((loss, trace.spans().len()), (1.0, 4));
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// A step is a span whose first metadata is its number, an integer, under the key `step_num`: by that key readers know a
/// step from other spans. In a summary the steps are a row under their name.
///
/// What is accepted: the name, the number, and behind them what [`trace_scope!`](crate::trace_scope) takes behind its name.
/// The number counts as one of 14 values, and is evaluated only if the step is recorded.
#[macro_export]
macro_rules! step {
    // An option where the number should be.
    ($name:literal, $key:ident = $($wrong:tt)*) => {
        $crate::step!()
    };
    ($name:literal, $number:expr $(, $($options:tt)*)?) => {
        $crate::__step!([$name] [$number] [] [] $($($options)*)?)
    };
    ($($wrong:tt)*) => {
        ::core::compile_error!(
            "expected `step!(\"name\", number, level = 2, category = IO, meta(key = value))`, \
             and at the end a block to trace, if not the rest of the enclosing one: `{ .. }`"
        )
    };
}

/// Finds the metadata and the block among the options of `step!`: `[name] [number] [other options] [metadata] options..`.
#[doc(hidden)]
#[macro_export]
macro_rules! __step {
    ([$name:literal] [$number:expr] [$($options:tt)*] [$($meta:tt)*] $($block:block)?) => {
        $crate::__scope!(
            [$name, meta(step_num = $crate::__private::step_number(&$number), $($meta)*), $($options)*] $($block)?
        )
    };
    ($name:tt $number:tt [$($options:tt)*] $meta:tt $key:ident = $value:expr $(, $($rest:tt)*)?) => {
        $crate::__step!($name $number [$($options)* $key = $value,] $meta $($($rest)*)?)
    };
    ($name:tt $number:tt $options:tt $old:tt meta($($meta:tt)*) $(, $($rest:tt)*)?) => {
        $crate::__step!($name $number $options [$($meta)*] $($($rest)*)?)
    };
    ($($wrong:tt)*) => {
        $crate::step!()
    };
}

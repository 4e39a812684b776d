//! Which types can be metadata values, and how they get into words.

use std::borrow::Cow;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use crate::record::args::{CUT, MAX_NUMBERS, MAX_TEXT, Out, tag_word, text_words};
use crate::record::value::tag;

/// A type that can be the value of a metadata key, as in `meta(size = size)`.
///
/// Integers, floats, `bool`, `char`, strings, `Duration`, pointers, slices of up to 16 numbers, and references to
/// and `Option`s of these have it. Your own types get it by naming one of these as what they are recorded as:
///
/// ```
/// use traceme::Value;
///
/// struct Celsius(f64);
///
/// impl Value for Celsius {
///     type Encoded<'a> = f64;
///
///     fn value(&self) -> f64 {
///         self.0
///     }
/// }
///
/// let outside = Celsius(21.5);
/// traceme::instant!("weather", meta(outside));
/// ```
///
/// Strings are cut at 4094 bytes and slices at 16 numbers; what was cut is marked.
#[diagnostic::on_unimplemented(
    message = "`{Self}` can't be recorded as metadata",
    note = "record how it prints, `key = ?value` (Debug) or `key = %value` (Display), or implement `traceme::Value`"
)]
pub trait Value {
    /// What it is recorded as.
    type Encoded<'a>: Encode
    where
        Self: 'a;

    /// The value to record. Called at most once an event, and only if the event is recorded.
    fn value(&self) -> Self::Encoded<'_>;
}

/// A type that the recorder itself can write. It can't be implemented: see [`Value`].
#[diagnostic::on_unimplemented(message = "`{Self}` is not a type that the recorder can write")]
pub trait Encode: Sealed {}

/// A [`Value`] of any type: what [`record_span`](crate::record_span) takes. All types with that trait have this one.
pub trait AnyValue {
    /// Calls a function with what the value is recorded as.
    #[doc(hidden)]
    fn encoded(&self, then: &mut dyn FnMut(&dyn Sealed));
}

impl<T: Value> AnyValue for T {
    fn encoded(&self, then: &mut dyn FnMut(&dyn Sealed)) {
        then(&self.value());
    }
}

/// How a value is written; not nameable from outside.
#[doc(hidden)]
pub trait Sealed {
    fn tag(&self) -> u64;
    fn words(&self) -> usize;
    fn put(&self, out: &mut Out<'_>);
}

/// The values of one event: a list `(first, (second, ()))`.
#[doc(hidden)]
pub trait Values {
    const COUNT: u64;
    fn tags(&self) -> u64;
    fn words(&self) -> usize;
    fn put(&self, out: &mut Out<'_>);
}

impl Values for () {
    const COUNT: u64 = 0;

    #[inline(always)]
    fn tags(&self) -> u64 {
        0
    }

    #[inline(always)]
    fn words(&self) -> usize {
        0
    }

    #[inline(always)]
    fn put(&self, _: &mut Out<'_>) {}
}

impl<H: Sealed, T: Values> Values for (H, T) {
    const COUNT: u64 = 1 + T::COUNT;

    #[inline(always)]
    fn tags(&self) -> u64 {
        self.0.tag() | self.1.tags() << 4
    }

    #[inline(always)]
    fn words(&self) -> usize {
        self.0.words() + self.1.words()
    }

    #[inline(always)]
    fn put(&self, out: &mut Out<'_>) {
        self.0.put(out);
        self.1.put(out);
    }
}

/// How many words the values take behind an event's head.
#[inline(always)]
pub(crate) fn total_words<V: Values>(values: &V) -> usize {
    if V::COUNT == 0 { 0 } else { 1 + values.words() }
}

/// Writes the values behind an event's head.
#[inline(always)]
pub(crate) fn put_all<V: Values>(values: &V, out: &mut Out<'_>) {
    if V::COUNT > 0 {
        out.word(tag_word(V::COUNT, values.tags()));
        values.put(out);
    }
}

/// The values of one event, of whatever types: for code that is not worth a copy for each.
pub(crate) trait AnyValues {
    fn total_words(&self) -> usize;
    fn put_all(&self, out: &mut Out<'_>);
}

impl<V: Values> AnyValues for V {
    fn total_words(&self) -> usize {
        total_words(self)
    }

    fn put_all(&self, out: &mut Out<'_>) {
        put_all(self, out);
    }
}

macro_rules! one_word {
    ($($type:ty, $tag:ident, $value:ident => $word:expr;)*) => {$(
        impl Encode for $type {}

        impl Sealed for $type {
            #[inline(always)]
            fn tag(&self) -> u64 {
                tag::$tag
            }

            #[inline(always)]
            fn words(&self) -> usize {
                1
            }

            #[inline(always)]
            fn put(&self, out: &mut Out<'_>) {
                let $value = *self;
                out.word($word);
            }
        }
    )*};
}
one_word! {
    u64, U64, value => value;
    i64, I64, value => u64::from_ne_bytes(value.to_ne_bytes());
    f64, F64, value => value.to_bits();
    bool, BOOL, value => u64::from(value);
    char, CHAR, value => u64::from(u32::from(value));
    Address, POINTER, value => value.0 as u64;
    Duration, DURATION, value => u64::try_from(value.as_nanos()).unwrap_or(u64::MAX);
}

/// Where a pointer points, recorded in hexadecimal.
#[derive(Clone, Copy, Debug)]
pub struct Address(usize);

macro_rules! two_words {
    ($($type:ty, $tag:ident;)*) => {$(
        impl Encode for $type {}

        impl Sealed for $type {
            #[inline(always)]
            fn tag(&self) -> u64 {
                tag::$tag
            }

            #[inline(always)]
            fn words(&self) -> usize {
                2
            }

            #[inline(always)]
            fn put(&self, out: &mut Out<'_>) {
                let bytes = self.to_le_bytes();
                for word in bytes.chunks_exact(8) {
                    out.word(word.try_into().map_or(0, u64::from_le_bytes));
                }
            }
        }
    )*};
}
two_words! { u128, U128; i128, I128; }

impl Encode for &str {}

impl Sealed for &str {
    #[inline(always)]
    fn tag(&self) -> u64 {
        tag::STR
    }

    #[inline(always)]
    fn words(&self) -> usize {
        // Exact for a string that is cut too: see `MAX_TEXT`.
        text_words(self.len().min(MAX_TEXT))
    }

    #[inline(always)]
    fn put(&self, out: &mut Out<'_>) {
        out.text(self);
    }
}

impl<E: Encode> Encode for Option<E> {}

impl<E: Encode> Sealed for Option<E> {
    #[inline(always)]
    fn tag(&self) -> u64 {
        self.as_ref().map_or(tag::NONE, Sealed::tag)
    }

    #[inline(always)]
    fn words(&self) -> usize {
        self.as_ref().map_or(0, Sealed::words)
    }

    #[inline(always)]
    fn put(&self, out: &mut Out<'_>) {
        if let Some(value) = self {
            value.put(out);
        }
    }
}

/// A slice of numbers, of which the first 16 are recorded.
#[derive(Clone, Copy, Debug)]
pub struct Slice<'a, T>(&'a [T]);

impl<T: Number> Encode for Slice<'_, T> {}

impl<T: Number> Sealed for Slice<'_, T> {
    fn tag(&self) -> u64 {
        tag::NUMBERS
    }

    fn words(&self) -> usize {
        1 + self.0.len().min(MAX_NUMBERS)
    }

    fn put(&self, out: &mut Out<'_>) {
        let count = self.0.len().min(MAX_NUMBERS);
        let cut = if self.0.len() > MAX_NUMBERS { CUT } else { 0 };
        out.word(count as u64 | T::TAG << 8 | cut);
        for number in &self.0[..count] {
            number.value().put(out);
        }
    }
}

/// A number: what a counter samples, and what slices can be recorded of.
#[diagnostic::on_unimplemented(message = "`{Self}` is not a number", label = "a counter samples integers and floats")]
pub trait Number: for<'a> Value<Encoded<'a>: Sealed> {
    #[doc(hidden)]
    const TAG: u64;
}

macro_rules! numbers {
    ($($type:ty => $encoded:ty, $tag:ident;)*) => {$(
        impl Value for $type {
            type Encoded<'a> = $encoded;

            #[inline(always)]
            #[allow(clippy::cast_lossless, reason = "usize and isize have no From")]
            fn value(&self) -> $encoded {
                *self as $encoded
            }
        }

        impl Number for $type {
            const TAG: u64 = tag::$tag;
        }
    )*};
}
numbers! {
    u8 => u64, U64;
    u16 => u64, U64;
    u32 => u64, U64;
    u64 => u64, U64;
    usize => u64, U64;
    i8 => i64, I64;
    i16 => i64, I64;
    i32 => i64, I64;
    i64 => i64, I64;
    isize => i64, I64;
    f32 => f64, F64;
    f64 => f64, F64;
}

macro_rules! values {
    ($([$($generics:tt)*] $type:ty => $encoded:ty, |$this:ident| $value:expr;)*) => {$(
        impl<$($generics)*> Value for $type {
            type Encoded<'a>
                = $encoded
            where
                Self: 'a;

            #[inline(always)]
            fn value(&self) -> Self::Encoded<'_> {
                let $this = self;
                $value
            }
        }
    )*};
}
values! {
    [] u128 => u128, |this| *this;
    [] i128 => i128, |this| *this;
    [] bool => bool, |this| *this;
    [] char => char, |this| *this;
    [] str => &'a str, |this| this;
    [] String => &'a str, |this| this;
    [] Cow<'_, str> => &'a str, |this| this;
    [] Duration => Duration, |this| *this;
    [T: Value] Option<T> => Option<T::Encoded<'a>>, |this| this.as_ref().map(|value| value.value());
    [T: Value + ?Sized] &T => T::Encoded<'a>, |this| T::value(this);
    [T: Value + ?Sized] &mut T => T::Encoded<'a>, |this| T::value(this);
    [T: Value + ?Sized] Box<T> => T::Encoded<'a>, |this| T::value(this);
    [T: Value + ?Sized] Rc<T> => T::Encoded<'a>, |this| T::value(this);
    [T: Value + ?Sized] Arc<T> => T::Encoded<'a>, |this| T::value(this);
    [T] *const T => Address, |this| Address(this.addr());
    [T] *mut T => Address, |this| Address(this.addr());
    [T: Number] [T] => Slice<'a, T>, |this| Slice(this);
    [T: Number] Vec<T> => Slice<'a, T>, |this| Slice(this);
    [T: Number, const N: usize] [T; N] => Slice<'a, T>, |this| Slice(this);
}

/// A name that is made at run time.
#[doc(hidden)]
#[derive(Debug)]
pub struct Name<N>(pub N);

impl Sealed for Name<&str> {
    fn tag(&self) -> u64 {
        tag::NAME
    }

    fn words(&self) -> usize {
        self.0.words()
    }

    fn put(&self, out: &mut Out<'_>) {
        self.0.put(out);
    }
}

/// What the macros call on a value.
#[doc(hidden)]
#[inline(always)]
pub fn value<T: Value + ?Sized>(value: &T) -> T::Encoded<'_> {
    value.value()
}

/// What `counter!` calls on its value: the list of one number.
#[doc(hidden)]
#[inline(always)]
pub fn number<T: Number>(value: &T) -> (T::Encoded<'_>, ()) {
    (value.value(), ())
}

//! Metadata values as they are read back: views of recorded words.

use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

use crate::sync::{AtomicU64, Ordering};

/// The 4-bit types of a tag word.
pub(crate) mod tag {
    pub(crate) const NONE: u64 = 0;
    pub(crate) const U64: u64 = 1;
    pub(crate) const I64: u64 = 2;
    pub(crate) const F64: u64 = 3;
    pub(crate) const BOOL: u64 = 4;
    pub(crate) const CHAR: u64 = 5;
    pub(crate) const STR: u64 = 6;
    pub(crate) const POINTER: u64 = 7;
    pub(crate) const DURATION: u64 = 8;
    pub(crate) const U128: u64 = 9;
    pub(crate) const I128: u64 = 10;
    pub(crate) const NUMBERS: u64 = 11;
    pub(crate) const FLOW_OUT: u64 = 12;
    pub(crate) const FLOW_IN: u64 = 13;
    pub(crate) const TASK: u64 = 14;
    pub(crate) const NAME: u64 = 15;
}

/// How many bytes of a string fit its first word.
pub(crate) const FIRST: usize = 6;

/// Reads a word that was published with its chunk's length.
#[inline(always)]
pub(crate) fn load(word: &AtomicU64) -> u64 {
    // Relaxed: the length that covers the word was acquired before.
    word.load(Ordering::Relaxed)
}

/// A metadata value as it was recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Value<'a> {
    /// An `Option` that was `None`.
    None,
    /// An unsigned integer.
    U64(u64),
    /// A signed integer.
    I64(i64),
    /// A floating point number.
    F64(f64),
    /// A truth value.
    Bool(bool),
    /// A character.
    Char(char),
    /// A string, or what `%` or `?` printed.
    Str(Text<'a>),
    /// An address.
    Pointer(u64),
    /// A span of time, at most 2^64 - 1 ns.
    Duration(Duration),
    /// A wide unsigned integer.
    U128(u128),
    /// A wide signed integer.
    I128(i128),
    /// Several numbers of one type.
    Numbers(Numbers<'a>),
}

/// What is written behind an event's head: its metadata, and what else it carries.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Written<'a> {
    Value(Value<'a>),
    /// The event's own name, if it was made at run time.
    Name(Text<'a>),
    /// The id of a flow that leaves the event.
    FlowOut(u64),
    /// The id of a flow that arrives at the event.
    FlowIn(u64),
    /// The id of the task that a poll is of, or of the one that a task was made in.
    #[cfg_attr(not(test), allow(dead_code, reason = "`Values::task` reads it where it is"))]
    Task(u64),
}

impl<'a> Written<'a> {
    /// The value, if it is one of the metadata's.
    #[inline]
    pub(crate) fn metadata(self) -> Option<Value<'a>> {
        match self {
            Self::Value(value) => Some(value),
            _ => None,
        }
    }
}

/// A recorded string. It lies in words that may not be borrowed as bytes: print it, or take its bytes one by one.
#[derive(Clone, Copy)]
pub struct Text<'a>(Repr<'a>);

#[derive(Clone, Copy)]
enum Repr<'a> {
    Words { words: &'a [AtomicU64], length: usize, cut: bool },
    Str(&'a str),
}

impl<'a> Text<'a> {
    pub(crate) fn recorded(words: &'a [AtomicU64], length: usize, cut: bool) -> Self {
        Self(Repr::Words { words, length, cut })
    }

    /// Whether the string was longer than 4094 bytes and only its beginning was kept.
    pub fn is_cut(&self) -> bool {
        matches!(self.0, Repr::Words { cut: true, .. })
    }

    /// The length in bytes.
    pub fn len(&self) -> usize {
        match self.0 {
            Repr::Words { length, .. } => length,
            Repr::Str(text) => text.len(),
        }
    }

    /// Whether it has no bytes.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Appends the bytes to `out`: UTF-8 if the trace is sound.
    pub fn append_to(&self, out: &mut Vec<u8>) {
        match self.0 {
            Repr::Str(text) => out.extend_from_slice(text.as_bytes()),
            Repr::Words { words, length, .. } => {
                let end = out.len() + length;
                for (at, word) in words.iter().enumerate() {
                    let bytes = load(word).to_le_bytes();
                    out.extend_from_slice(if at == 0 { &bytes[8 - FIRST..] } else { &bytes });
                }
                out.truncate(end);
            }
        }
    }

    /// The string itself; bytes that are not UTF-8 (in a damaged trace) become replacement characters.
    pub fn to_str(&self) -> Cow<'a, str> {
        if let Repr::Str(text) = self.0 {
            return text.into();
        }
        let mut bytes = Vec::with_capacity(self.len() + 8);
        self.append_to(&mut bytes);
        String::from_utf8(bytes).unwrap_or_else(|e| String::from_utf8_lossy(e.as_bytes()).into_owned()).into()
    }
}

impl<'a> From<&'a str> for Text<'a> {
    fn from(text: &'a str) -> Self {
        Self(Repr::Str(text))
    }
}

impl PartialEq for Text<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.len() == other.len() && self.to_str() == other.to_str()
    }
}

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str())
    }
}

impl fmt::Debug for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.to_str(), f)
    }
}

/// Up to 16 recorded numbers of one type.
#[derive(Clone, Copy)]
pub struct Numbers<'a> {
    words: &'a [AtomicU64],
    kind: u64,
    cut: bool,
}

impl<'a> Numbers<'a> {
    pub(crate) fn recorded(words: &'a [AtomicU64], kind: u64, cut: bool) -> Self {
        Self { words, kind, cut }
    }

    /// Whether there were more numbers than are kept.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    /// The numbers, each a [`Value::U64`], [`Value::I64`] or [`Value::F64`].
    #[expect(clippy::cast_possible_wrap, reason = "the words of signed values were written so")]
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Value<'a>> + use<'a> {
        let kind = self.kind;
        self.words.iter().map(load).map(move |word| match kind {
            tag::U64 => Value::U64(word),
            tag::I64 => Value::I64(word as i64),
            _ => Value::F64(f64::from_bits(word)),
        })
    }
}

impl PartialEq for Numbers<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Numbers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

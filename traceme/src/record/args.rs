//! Metadata values as words: how each type is written, and how it is read back.
//!
//! The values of an event follow its head as one tag word and then the values' words:
//!
//! | bits of the tag word | meaning |
//! |---|---|
//! | 0..4 | the kind [`ARGS`] |
//! | 4..8 | how many values follow, 0 to 14 |
//! | 8..64 | the type of each value, 4 bits each, first value lowest |
//!
//! | type | words | content |
//! |---|---|---|
//! | 0 none | 0 | an `Option` that was `None` |
//! | 1 u64, 2 i64, 3 f64 (bits), 4 bool, 5 char, 7 pointer, 8 duration (ns) | 1 | the value |
//! | 6 string, 15 the event's name | 1 + | bits 0..15 length in bytes, bit 15 set if cut, then 6 bytes; 8 bytes in each further word |
//! | 9 u128, 10 i128 | 2 | low word, high word |
//! | 11 numbers | 1 + n | bits 0..8 n, bits 8..12 their type (1, 2 or 3), bit 15 set if cut; then the numbers |

use std::fmt;
use std::time::Duration;

use crate::record::wire::ARGS;
use crate::sync::{AtomicU64, Ordering};

/// How many run-time values one event can carry; a name made at run time counts as one.
pub const MAX_VALUES: usize = 14;
/// The longest string that is kept, in bytes; longer ones are cut at a character and marked.
pub const MAX_TEXT: usize = 4096;
/// The longest slice of numbers that is kept; longer ones are cut and marked.
pub const MAX_NUMBERS: usize = 16;

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
    pub(crate) const NAME: u64 = 15;
}

/// Set in the first word of a string or slice that was cut.
pub(crate) const CUT: u64 = 1 << 15;
/// How many bytes of a string fit its first word.
const FIRST: usize = 6;

/// The tag word of `count` values with the types `types`.
#[inline(always)]
pub(crate) const fn tag_word(count: u64, types: u64) -> u64 {
    ARGS | count << 4 | types << 8
}

/// How many words a string of `length` bytes takes.
#[inline(always)]
pub(crate) const fn text_words(length: usize) -> usize {
    1 + length.saturating_sub(FIRST).div_ceil(8)
}

/// Where values are written: the free part of a chunk, whose room was checked before.
#[derive(Debug)]
pub struct Out<'a> {
    words: std::slice::Iter<'a, AtomicU64>,
}

impl<'a> Out<'a> {
    #[inline(always)]
    pub(crate) fn new(words: &'a [AtomicU64]) -> Self {
        Self { words: words.iter() }
    }

    /// Writes the next word. There is always room: the length was computed from the same values.
    #[inline(always)]
    pub(crate) fn word(&mut self, value: u64) {
        if let Some(word) = self.words.next() {
            // Relaxed: nobody reads it before the length that covers it is published.
            word.store(value, Ordering::Relaxed);
        }
    }

    /// Writes a string of at most [`MAX_TEXT`] bytes.
    #[inline(always)]
    pub(crate) fn text(&mut self, text: &[u8], cut: bool) {
        if text.len() <= FIRST {
            self.word(text.len() as u64 | short(text) << 16);
        } else {
            self.long_text(text, cut);
        }
    }

    /// Out of line: inlined, its loops would cost the shorter strings their registers.
    #[inline(never)]
    fn long_text(&mut self, text: &[u8], cut: bool) {
        let length = text.len() as u64 | if cut { CUT } else { 0 };
        let (first, rest) = text.split_at(text.len().min(FIRST));
        self.word(length | short(first) << 16);
        let mut words = rest.chunks_exact(8);
        for word in words.by_ref() {
            self.word(word.try_into().map_or(0, u64::from_le_bytes));
        }
        if !words.remainder().is_empty() {
            self.word(short(words.remainder()));
        }
    }

    /// Writes a string of `length` bytes, at most [`MAX_TEXT`], that come one by one.
    pub(crate) fn text_of(&mut self, length: usize, cut: bool, bytes: impl Iterator<Item = u8>) {
        let mut word = length as u64 | if cut { CUT } else { 0 };
        // The first word is filled up to its third byte.
        let mut filled = 8 - FIRST;
        for byte in bytes.take(length) {
            if filled == 8 {
                self.word(word);
                (word, filled) = (0, 0);
            }
            word |= u64::from(byte) << (filled * 8);
            filled += 1;
        }
        self.word(word);
    }
}

/// Up to 8 bytes as a little-endian number, without a call to `memcpy`.
#[inline(always)]
fn short(bytes: &[u8]) -> u64 {
    let length = bytes.len();
    if let (Some(low), Some(high)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let high = u64::from(u32::from_le_bytes(*high));
        u64::from(u32::from_le_bytes(*low)) | high << ((length - 4) * 8)
    } else if let (Some(&first), Some(&middle), Some(&last)) = (bytes.first(), bytes.get(length / 2), bytes.last()) {
        u64::from(first) | u64::from(middle) << (length / 2 * 8) | u64::from(last) << ((length - 1) * 8)
    } else {
        0
    }
}

/// The largest length up to `most` at which `text` can be cut.
pub(crate) fn floor_char_boundary(text: &str, most: usize) -> usize {
    if text.len() <= most {
        return text.len();
    }
    (0..=most).rev().find(|&at| text.is_char_boundary(at)).unwrap_or(0)
}

/// The values that follow an event's head.
#[derive(Clone, Copy)]
pub struct Values<'a> {
    left: u64,
    types: u64,
    words: &'a [AtomicU64],
}

impl<'a> Values<'a> {
    /// No values.
    pub(crate) const EMPTY: Self = Self { left: 0, types: 0, words: &[] };

    /// Reads the values after the tag word `tag`; gives them and how many words they take, or `None` if they
    /// don't lie within `words` or have an unknown type.
    pub(crate) fn read(tag: u64, words: &'a [AtomicU64]) -> Option<(Self, usize)> {
        let count = tag >> 4 & 15;
        if count > MAX_VALUES as u64 {
            return None;
        }
        let all = Self { left: count, types: tag >> 8, words };
        let mut rest = all;
        while rest.left > 0 {
            rest.next()?;
        }
        let used = words.len() - rest.words.len();
        Some((Self { words: words.get(..used)?, ..all }, used))
    }

    fn take(&mut self, count: usize) -> Option<&'a [AtomicU64]> {
        let (taken, rest) = self.words.split_at_checked(count)?;
        self.words = rest;
        Some(taken)
    }

    fn word(&mut self) -> Option<u64> {
        self.take(1).and_then(<[_]>::first).map(load)
    }

    fn text(&mut self) -> Option<Text<'a>> {
        let first = load(self.words.first()?);
        #[expect(clippy::cast_possible_truncation, reason = "masked to 15 bits")]
        let length = (first & (CUT - 1)) as usize;
        let words = self.take(text_words(length)).filter(|_| length <= MAX_TEXT)?;
        Some(Text(Repr::Words { words, length, cut: first & CUT != 0 }))
    }

    fn numbers(&mut self) -> Option<Numbers<'a>> {
        let head = self.word()?;
        #[expect(clippy::cast_possible_truncation, reason = "masked to 8 bits")]
        let count = (head & 0xff) as usize;
        let kind = head >> 8 & 15;
        let known = matches!(kind, tag::U64 | tag::I64 | tag::F64) && count <= MAX_NUMBERS;
        let words = self.take(count).filter(|_| known)?;
        Some(Numbers { words, kind, cut: head & CUT != 0 })
    }
}

/// Gives the values one by one, `None` at the end; a type that doesn't exist ends them.
impl<'a> Iterator for Values<'a> {
    type Item = Value<'a>;

    #[expect(clippy::cast_possible_wrap, reason = "the words of signed values were written so")]
    fn next(&mut self) -> Option<Value<'a>> {
        self.left = self.left.checked_sub(1)?;
        let kind = self.types & 15;
        self.types >>= 4;
        Some(match kind {
            tag::NONE => Value::None,
            tag::U64 => Value::U64(self.word()?),
            tag::I64 => Value::I64(self.word()? as i64),
            tag::F64 => Value::F64(f64::from_bits(self.word()?)),
            tag::BOOL => Value::Bool(self.word()? != 0),
            tag::CHAR => Value::Char(u32::try_from(self.word()?).ok().and_then(char::from_u32)?),
            tag::STR => Value::Str(self.text()?),
            tag::NAME => Value::Name(self.text()?),
            tag::POINTER => Value::Pointer(self.word()?),
            tag::DURATION => Value::Duration(Duration::from_nanos(self.word()?)),
            tag::U128 => Value::U128(u128::from(self.word()?) | u128::from(self.word()?) << 64),
            tag::I128 => Value::I128((u128::from(self.word()?) | u128::from(self.word()?) << 64) as i128),
            tag::NUMBERS => Value::Numbers(self.numbers()?),
            _ => return None,
        })
    }
}

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

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
    /// The event's own name, if it was made at run time: never among the metadata that a reader is given.
    Name(Text<'a>),
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

/// A recorded string. It lies in words that may not be borrowed as bytes: print it, or take its bytes one by one.
#[derive(Clone, Copy)]
pub struct Text<'a>(Repr<'a>);

#[derive(Clone, Copy)]
enum Repr<'a> {
    Words { words: &'a [AtomicU64], length: usize, cut: bool },
    Str(&'a str),
}

impl<'a> Text<'a> {
    /// Whether the string was longer than [`MAX_TEXT`] bytes and only its beginning was kept.
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
    pub fn to_str(&self) -> std::borrow::Cow<'a, str> {
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

/// Up to [`MAX_NUMBERS`] recorded numbers of one type.
#[derive(Clone, Copy)]
pub struct Numbers<'a> {
    words: &'a [AtomicU64],
    kind: u64,
    cut: bool,
}

impl<'a> Numbers<'a> {
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

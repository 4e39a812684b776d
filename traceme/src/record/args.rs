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
//! | 12 a flow that leaves, 13 one that arrives | 1 | its id |
//! | 14 a task: of a BEGIN, the one that it polls; of an `ACTIVITY_BEGIN`, the one that it was made in | 1 | its id, or 0 |
//! | 11 numbers | 1 + n | bits 0..8 n, bits 8..12 their type (1, 2 or 3), bit 15 set if cut; then the numbers |

use std::fmt;
use std::time::Duration;

pub(crate) use crate::callsite::MAX_VALUES;
use crate::record::value::{FIRST, Numbers, Text, Value, Written, load, tag};
use crate::record::wire::{ARGS, kind_of};
use crate::sync::{AtomicU64, Ordering};

/// The longest string that is kept, in bytes: 4 KiB with its length. Longer ones are cut at a character and marked;
/// that leaves out 3 bytes at most, and takes the same number of words.
pub(crate) const MAX_TEXT: usize = 4094;
/// The longest slice of numbers that is kept; longer ones are cut and marked.
pub(crate) const MAX_NUMBERS: usize = 16;

/// Set in the first word of a string or slice that was cut.
pub(crate) const CUT: u64 = 1 << 15;
/// The tag word of `count` values with the types `types`.
#[inline(always)]
pub(crate) const fn tag_word(count: u64, types: u64) -> u64 {
    ARGS | count << 4 | types << 8
}

/// How many words a string of `length` bytes takes.
#[inline(always)]
pub(crate) const fn text_words(length: usize) -> usize {
    (8 - FIRST + length).div_ceil(8)
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

    /// Writes a string, of which [`MAX_TEXT`] bytes are kept.
    #[inline(always)]
    pub(crate) fn text(&mut self, text: &str) {
        if text.len() <= FIRST {
            self.word(text.len() as u64 | short(text.as_bytes()) << 16);
        } else {
            // By value: an `Out` whose address is known to a call is kept in memory.
            *self = Self { words: self.words.clone() }.long_text(text);
        }
    }

    /// Out of line: inlined, its loops would cost the shorter strings their registers.
    #[inline(never)]
    fn long_text(mut self, text: &str) -> Self {
        let kept = floor_char_boundary(text, MAX_TEXT);
        let cut = if kept < text.len() { CUT } else { 0 };
        let (first, rest) = text.as_bytes()[..kept].split_at(FIRST);
        self.word(kept as u64 | cut | short(first) << 16);
        let mut words = rest.chunks_exact(8);
        for word in words.by_ref() {
            self.word(word.try_into().map_or(0, u64::from_le_bytes));
        }
        if !words.remainder().is_empty() {
            self.word(short(words.remainder()));
        }
        self
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
pub(crate) struct Values<'a> {
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
        let types = tag >> 8;
        let mut used = 0;
        for at in 0..count {
            used += words_of(types >> (at * 4) & 15, words.get(used..)?)?;
        }
        Some((Self { left: count, types, words: words.get(..used)? }, used))
    }

    /// Whether there is a flow among them.
    #[inline]
    pub(crate) fn hold_flows(&self) -> bool {
        // Types with the bits 110x.
        const TOP: u64 = 0x8888_8888_8888_8888;
        const { assert!(tag::FLOW_OUT == 0b1100 && tag::FLOW_IN == 0b1101) };
        self.types & self.types << 1 & !(self.types << 2) & TOP != 0
    }

    /// The task that they are about: where there is one, it comes first.
    #[inline]
    pub(crate) fn task(&self) -> Option<u64> {
        if self.left > 0 && self.types & 15 == tag::TASK { self.words.first().map(load) } else { None }
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
        let length = (first & (CUT - 1)) as usize;
        let words = self.take(text_words(length)).filter(|_| length <= MAX_TEXT)?;
        Some(Text::recorded(words, length, first & CUT != 0))
    }

    fn numbers(&mut self) -> Option<Numbers<'a>> {
        let head = self.word()?;
        let count = (head & 0xff) as usize;
        let kind = head >> 8 & 15;
        let known = matches!(kind, tag::U64 | tag::I64 | tag::F64) && count <= MAX_NUMBERS;
        let words = self.take(count).filter(|_| known)?;
        Some(Numbers::recorded(words, kind, head & CUT != 0))
    }
}

/// How many words a value takes, which is at the front of `words`; `None` if it can't be there. They may be cut short.
#[inline(always)]
fn words_of(kind: u64, words: &[AtomicU64]) -> Option<usize> {
    match kind {
        tag::U64 | tag::I64 | tag::F64 | tag::BOOL | tag::POINTER | tag::DURATION => Some(1),
        tag::FLOW_OUT | tag::FLOW_IN | tag::TASK => Some(1),
        tag::NONE => Some(0),
        tag::CHAR => u32::try_from(load(words.first()?)).ok().and_then(char::from_u32).map(|_| 1),
        tag::U128 | tag::I128 => Some(2),
        tag::STR | tag::NAME => {
            let length = (load(words.first()?) & (CUT - 1)) as usize;
            (length <= MAX_TEXT).then(|| text_words(length))
        }
        tag::NUMBERS => {
            let head = load(words.first()?);
            let known = matches!(head >> 8 & 15, tag::U64 | tag::I64 | tag::F64);
            let count = (head & 0xff) as usize;
            (known && count <= MAX_NUMBERS).then_some(1 + count)
        }
        _ => None,
    }
}

/// Gives the values one by one, `None` at the end; a type that doesn't exist ends them.
impl<'a> Iterator for Values<'a> {
    type Item = Written<'a>;

    #[expect(clippy::cast_possible_wrap, reason = "the words of signed values were written so")]
    fn next(&mut self) -> Option<Written<'a>> {
        self.left = self.left.checked_sub(1)?;
        let kind = self.types & 15;
        self.types >>= 4;
        Some(Written::Value(match kind {
            tag::NONE => Value::None,
            tag::U64 => Value::U64(self.word()?),
            tag::I64 => Value::I64(self.word()? as i64),
            tag::F64 => Value::F64(f64::from_bits(self.word()?)),
            tag::BOOL => Value::Bool(self.word()? != 0),
            tag::CHAR => Value::Char(u32::try_from(self.word()?).ok().and_then(char::from_u32)?),
            tag::STR => Value::Str(self.text()?),
            tag::NAME => return self.text().map(Written::Name),
            tag::POINTER => Value::Pointer(self.word()?),
            tag::DURATION => Value::Duration(Duration::from_nanos(self.word()?)),
            tag::U128 => Value::U128(u128::from(self.word()?) | u128::from(self.word()?) << 64),
            tag::I128 => Value::I128((u128::from(self.word()?) | u128::from(self.word()?) << 64) as i128),
            tag::NUMBERS => Value::Numbers(self.numbers()?),
            tag::FLOW_OUT => return self.word().map(Written::FlowOut),
            tag::FLOW_IN => return self.word().map(Written::FlowIn),
            tag::TASK => return self.word().map(Written::Task),
            _ => return None,
        }))
    }
}

/// The values at the front of `rest`, if there are any, and takes them off it; `None` if they are cut.
#[inline(always)]
pub(crate) fn take_values<'a>(rest: &mut std::slice::Iter<'a, AtomicU64>) -> Option<Values<'a>> {
    match rest.as_slice().first().map(load) {
        Some(tag) if kind_of(tag) == ARGS => {
            let words = rest.as_slice().get(1..)?;
            let (values, used) = Values::read(tag, words)?;
            *rest = words.get(used..)?.iter();
            Some(values)
        }
        _ => Some(Values::EMPTY),
    }
}

/// Two lists of values: an event's name and the keys, then what these are of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Named<'a> {
    /// Both lists with their tag words.
    words: &'a [AtomicU64],
}

impl<'a> Named<'a> {
    /// The lists at the front of `rest`, which takes them off it; `None` if they are cut.
    pub(crate) fn take(rest: &mut std::slice::Iter<'a, AtomicU64>) -> Option<Self> {
        let words = rest.as_slice();
        take_values(rest)?;
        take_values(rest)?;
        Some(Self { words: words.get(..words.len() - rest.len())? })
    }

    fn lists(self) -> (Values<'a>, Values<'a>) {
        let mut rest = self.words.iter();
        let mut list = || take_values(&mut rest).unwrap_or(Values::EMPTY);
        (list(), list())
    }

    /// The name.
    pub(crate) fn name(self) -> Option<Text<'a>> {
        self.lists().0.find_map(|value| match value {
            Written::Name(name) => Some(name),
            _ => None,
        })
    }

    /// The keys and their values.
    pub(crate) fn args(self) -> impl Iterator<Item = (Text<'a>, Value<'a>)> + use<'a> {
        let (names, values) = self.lists();
        let keys = names.filter_map(|value| match value {
            Written::Value(Value::Str(key)) => Some(key),
            _ => None,
        });
        keys.zip(values.filter_map(Written::metadata))
    }
}

impl fmt::Debug for Values<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(*self).finish()
    }
}

const _: () = assert!(text_words(MAX_TEXT - 3) == text_words(MAX_TEXT), "a cut at a character takes the same words");

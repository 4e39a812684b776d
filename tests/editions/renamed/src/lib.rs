//! A library that depends on traceme as `tracer`, and is as strict with itself as it can be: what its bare functions
//! don't trigger, the annotated ones don't either.
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, unused, unreachable_pub, clippy::all, clippy::pedantic, clippy::nursery)]

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt;

use tracer::{Category, append, traceme};

/// What has to do with reading.
pub const READING: Category = Category::new("reading");

/// Adds one.
#[traceme(crate = tracer)]
#[must_use]
pub fn plain(x: u64) -> u64 {
    x + 1
}

/// Has every argument.
///
/// # Errors
///
/// If the text is no number.
#[traceme(crate = tracer, span = own, level = 2, name = "read", category = READING, meta(len = text.len(), text = %text, kind = ?Kind::Word))]
pub fn every_argument(text: &str) -> Result<u64, Box<dyn Error>> {
    append!(own, first = text.chars().next());
    let number: u64 = text.parse()?;
    Ok(plain(number))
}

/// A name that is made when the function is called.
#[traceme(crate = ::tracer, name = format!("made {n}"))]
pub fn made_name(n: u8) {
    fn helper(n: u8) -> u64 {
        plain(n.into())
    }
    let _ = helper(n);
}

/// Records what it returns.
#[traceme(crate = tracer, ret, alert = "1.5ms")]
#[must_use]
pub fn returns(mut x: u64) -> u64 {
    x += 1;
    if x > 2 {
        return x;
    }
    plain(x)
}

/// Records how it fails.
///
/// # Errors
///
/// If the text is no number, or 0.
#[traceme(crate = tracer, err, ret(Display), span = own)]
pub fn parses<'a>(mut texts: impl Iterator<Item = &'a str>, mut sum: &mut u64) -> Result<&mut u64, Box<dyn Error>> {
    let text = texts.next().ok_or("no text")?;
    append!(own, text);
    let number: u64 = text.parse()?;
    if number == 0 {
        return Err("zero".into());
    }
    let same = &mut *sum;
    sum = same;
    *sum += number;
    Ok(sum)
}

/// Goes on later.
#[traceme(crate = tracer, name = format!("later {n}"), meta(n, text = text.len()))]
pub async fn later(n: u8, text: &str) -> usize {
    std::future::ready(()).await;
    text.len()
}

/// Fails later.
///
/// # Errors
///
/// If the text is no number.
#[traceme(crate = tracer, ret, err, span = own, skip_polls)]
pub async fn fails_later(mut sum: u64, text: &str, (more, _): (u64, u64), _unused: u8) -> Result<u64, Box<dyn Error>> {
    std::future::ready(()).await;
    append!(own, more);
    let number: u64 = text.parse()?;
    sum += number + more;
    Ok(sum)
}

/// Something in a block.
#[derive(Clone, Copy, Debug)]
pub struct InABlock(u8);

#[traceme(crate = tracer, level = 2, alert = "10s")]
impl InABlock {
    /// A new one.
    #[must_use]
    pub const fn new(x: u8) -> Self {
        Self(x)
    }

    /// Its number.
    #[must_use]
    pub fn number(self) -> u8 {
        self.0
    }

    /// Its number, which can be none.
    ///
    /// # Errors
    ///
    /// If it is 0.
    #[traceme(crate = tracer, ret, err)]
    pub fn checked(&self) -> Result<&u8, fmt::Error> {
        if self.0 == 0 { Err(fmt::Error) } else { Ok(&self.0) }
    }
}

/// A kind of text.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// One word.
    #[default]
    Word,
    /// Several.
    Words,
}

impl Kind {
    /// The kind of a text.
    #[traceme(crate = tracer, meta(words = text.split(' ').count()))]
    #[must_use]
    pub fn of(text: &str) -> Self {
        match text.split(' ').count() {
            0 | 1 => Self::Word,
            _ => Self::Words,
        }
    }
}

impl fmt::Display for Kind {
    #[traceme(crate = tracer)]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Word => "word",
            Self::Words => "words",
        })
    }
}

/// Counts what it is given.
#[derive(Debug, Default)]
pub struct Counter<T> {
    counts: BTreeMap<T, usize>,
}

impl<T: Ord + Clone> Counter<T> {
    /// Counts one more.
    ///
    /// # Panics
    ///
    /// If there are too many.
    #[traceme(crate = tracer, level = 2)]
    #[inline]
    pub fn count(&mut self, item: &T) -> usize {
        let count = self.counts.entry(item.clone()).or_default();
        *count = count.checked_add(1).expect("not too many");
        *count
    }

    /// The most frequent one.
    #[traceme(crate = tracer, meta(len = self.counts.len()))]
    #[must_use]
    pub fn most(&self) -> Option<&T> {
        let (item, _) = self.counts.iter().max_by_key(|(_, count)| **count)?;
        Some(item)
    }

    /// All of them.
    #[traceme(crate = tracer)]
    pub fn into_items(self) -> impl Iterator<Item = T> {
        self.counts.into_keys()
    }
}

//! A library without std that depends on traceme as libraries do, with `default-features = false`.
#![no_std]
#![forbid(unsafe_code)]
#![deny(warnings, missing_docs, clippy::pedantic)]

pub mod metadata;
pub mod outcomes;

use core::fmt;
use core::sync::atomic::{AtomicU32, Ordering};

use traceme::{Category, Level, append, counter, instant, span, trace_scope, traceme};

/// How often metadata was evaluated.
pub static EVALUATED: AtomicU32 = AtomicU32::new(0);

/// What has to do with input.
pub const IO: Category = Category::new("io");

fn size(data: &[u8]) -> usize {
    // Relaxed: it is read by the thread that counts.
    EVALUATED.fetch_add(1, Ordering::Relaxed);
    data.len()
}

/// The sum of some bytes.
#[traceme]
#[must_use]
pub fn sum(data: &[u8]) -> u64 {
    data.iter().copied().map(u64::from).sum()
}

/// Has every argument.
///
/// # Errors
///
/// If there is no data.
#[traceme(level = 2, category = IO, meta(size = size(data), first = ?data.first(), kind = "bytes"), crate = traceme)]
pub fn every_argument(data: &[u8]) -> Result<u64, fmt::Error> {
    append!(size = size(data));
    trace_scope!("adding up", level = 2, meta(size = size(data)));
    let inner = span!("inner", level = Level::INFO);
    instant!("half way", meta(size = size(data)));
    counter!("bytes", size(data), unit = "B");
    inner.stop();
    if data.is_empty() {
        return Err(fmt::Error);
    }
    Ok(sum(data))
}

/// Names its guard, which has nothing to do without recording.
#[traceme(span = own)]
#[must_use]
pub fn names_its_guard(data: &[u8]) -> usize {
    append!(own, size = size(data));
    data.len()
}

/// Has arguments for its metadata and its name only.
#[traceme(name = if id == 0 { "none" } else { names[0] }, meta(id, half = half / 2.0, shown = ?&mut *shown))]
pub fn uses_arguments_in_metadata(id: u32, half: f64, names: &[&str], shown: &mut [u8]) {}

/// A name made when it is called.
#[traceme(name = if size(data) > 1 { "many" } else { "few" })]
pub fn made_name(data: &[u8]) -> impl Iterator<Item = u64> + '_ {
    data.iter().copied().map(u64::from)
}

/// A number that prints with a unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bytes<const N: usize>(pub [u8; N]);

impl<const N: usize> Bytes<N> {
    /// The first one that is given by a function.
    #[traceme(meta(n = N))]
    pub fn find(&self, wanted: impl Fn(&u8) -> bool) -> Option<&u8> {
        self.0.iter().find(|byte| wanted(byte))
    }
}

impl<const N: usize> fmt::Display for Bytes<N> {
    #[traceme(level = 3)]
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{N} B")
    }
}

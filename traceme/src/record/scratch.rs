//! Where `%value` and `?value` are printed before their event is written.
//!
//! The bytes of one thread lie in one buffer, used as a stack: a `Debug` impl that traces prints above what is
//! being printed, and is through before the printing goes on.

use std::fmt;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering, compiler_fence};

use crate::record::args::{MAX_TEXT, Out, floor_char_boundary};
use crate::record::kept::Kept;

/// Room for four of the longest strings; an event that prints more gets the rest cut.
const SIZE: usize = 4 * MAX_TEXT;

/// The buffer of one thread. Only that thread uses it: the atomics are there so that it can be shared safely, and
/// all are relaxed.
#[derive(Debug)]
pub(crate) struct Scratch {
    /// Made when the thread first prints a value.
    bytes: Kept<AtomicU8>,
    used: AtomicUsize,
}

/// What one value printed, until it is dropped.
#[derive(Debug)]
pub(crate) struct Printed<'a> {
    scratch: &'a Scratch,
    start: usize,
    length: usize,
    cut: bool,
}

impl Scratch {
    pub(crate) fn new() -> Self {
        Self { bytes: Kept::new(), used: AtomicUsize::new(0) }
    }

    /// Makes the buffer; without it nothing is printed.
    pub(crate) fn prepare(&self) {
        let _ = self.bytes.make(SIZE, || AtomicU8::new(0));
    }

    /// Prints a value; an error of its impl ends the string there.
    pub(crate) fn print(&self, value: fmt::Arguments<'_>) -> Printed<'_> {
        let mut printed = Printed { scratch: self, start: self.used.load(Ordering::Relaxed), length: 0, cut: false };
        printed.cut |= fmt::write(&mut printed, value).is_err();
        printed
    }
}

impl Printed<'_> {
    /// How many bytes were kept.
    pub(crate) fn len(&self) -> usize {
        self.length
    }

    /// Writes the bytes as a string.
    pub(crate) fn put(&self, out: &mut Out<'_>) {
        let bytes = self.scratch.bytes.get().and_then(|bytes| bytes.get(self.start..self.start + self.length));
        let bytes = bytes.unwrap_or_default();
        out.text_of(bytes.len(), self.cut, bytes.iter().map(|byte| byte.load(Ordering::Relaxed)));
    }
}

impl fmt::Write for Printed<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        if self.cut {
            return Err(fmt::Error);
        }
        let end = self.start + self.length;
        let left = (MAX_TEXT - self.length).min(SIZE.saturating_sub(end));
        let kept = floor_char_boundary(text, left);
        let bytes = self.scratch.bytes.get().and_then(|bytes| bytes.get(end..end + kept)).unwrap_or_default();
        // Taken before it is written: a signal handler that prints meanwhile goes on above it.
        self.scratch.used.store(end + bytes.len(), Ordering::Relaxed);
        compiler_fence(Ordering::SeqCst);
        for (to, &from) in bytes.iter().zip(text.as_bytes()) {
            to.store(from, Ordering::Relaxed);
        }
        self.length += bytes.len();
        // The impl is told to stop: nothing that it still prints is kept.
        self.cut = bytes.len() < text.len();
        if self.cut { Err(fmt::Error) } else { Ok(()) }
    }
}

impl Drop for Printed<'_> {
    fn drop(&mut self) {
        // The values of one event are dropped first to last: the first one's start is the lowest.
        self.scratch.used.fetch_min(self.start, Ordering::Relaxed);
    }
}

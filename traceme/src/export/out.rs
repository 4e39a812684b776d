//! Bytes on their way out.

use std::io::{self, Write};

/// How many bytes are handed on at a time.
const PIECE: usize = 256 * 1024;

/// Collects bytes, and hands them on in large pieces.
#[derive(Debug)]
pub(super) struct Out<W> {
    pub(super) bytes: Vec<u8>,
    inner: W,
}

impl<W: Write> Out<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { bytes: Vec::with_capacity(PIECE + PIECE / 4), inner }
    }

    /// Hands on what there is, if it is a piece.
    #[inline]
    pub(super) fn turn(&mut self) -> io::Result<()> {
        if self.bytes.len() >= PIECE { self.flush() } else { Ok(()) }
    }

    /// Hands on all that there is.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        self.inner.write_all(&self.bytes)?;
        self.bytes.clear();
        Ok(())
    }

    /// Hands on all that there is, and makes sure that it has gone through.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.flush()?;
        self.inner.flush()
    }
}

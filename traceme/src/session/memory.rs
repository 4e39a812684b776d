//! How much memory a session may use.

/// A session's memory policy.
///
/// ```
/// use traceme::{Memory, Session};
///
/// let session = Session::builder().memory(Memory::bounded(64 << 20)).start()?;
/// # drop(session);
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Memory {
    bytes: usize,
}

impl Memory {
    /// Keeps the first events that fit `bytes`; later ones are counted as lost.
    ///
    /// Memory is used in chunks of 256 KiB, at least one for each thread that records: a session whose threads
    /// are many and short-lived shares chunks among them, one with 1,000 threads alive at once needs 256 MiB. More
    /// than 64 GiB is taken for 64 GiB.
    pub const fn bounded(bytes: usize) -> Self {
        Self { bytes }
    }

    /// The bound in bytes.
    pub const fn bytes(self) -> usize {
        self.bytes
    }
}

impl Default for Memory {
    /// 256 MiB: 16 million spans without metadata.
    fn default() -> Self {
        Self::bounded(256 << 20)
    }
}

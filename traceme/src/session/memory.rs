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
    ring: bool,
}

impl Memory {
    /// Keeps the first events that fit `bytes`; later ones are counted as lost.
    ///
    /// Memory is used in chunks of 256 KiB, at least one for each thread that records: a session whose threads
    /// are many and short-lived shares chunks among them, one with 1,000 threads alive at once needs 256 MiB. More
    /// than 64 GiB is taken for 64 GiB.
    pub const fn bounded(bytes: usize) -> Self {
        Self { bytes, ring: false }
    }

    /// Keeps the newest events that fit `bytes`: a flight recorder, to be left on. What is given up for them is counted,
    /// as [`Overwritten`](crate::trace::Cause::Overwritten).
    ///
    /// Memory is used in chunks of 256 KiB, and given up by the chunk, before the last eighth of it (at most 4 MiB) is
    /// used. Of all threads the one that holds most chunks gives up its oldest; of several such threads the one whose
    /// chunk is the oldest. So a busy thread pushes out no event of a quiet one that holds less: with `n` threads, each
    /// keeps its newest chunks up to an `n`th of the memory, as long as it has written so much. Chunks that are being
    /// written are never given up. There must be one for each thread that records, and one more: if `bytes` are less,
    /// events are lost as in a [`bounded`](Self::bounded) session, until threads end. The least is two chunks.
    ///
    /// A span whose beginning was given up while it is open is in the trace, from its true start on, without its metadata.
    /// It is counted as overwritten all the same. A loss that is of several threads, because they wrote into one chunk,
    /// one after the other's end, names no thread.
    ///
    /// ```
    /// use traceme::{Memory, Session, instant, trace::Cause};
    ///
    /// let session = Session::builder().memory(Memory::ring(1 << 20)).start()?;
    /// for n in 0..200_000 {
    ///     instant!("tick", meta(n = n));
    /// }
    /// let trace = session.stop();
    /// let newest = trace.instants().last().expect("some are kept");
    /// assert_eq!(newest.args().last().map(|(_, n)| n.to_string()), Some("199999".into()));
    /// assert_eq!(trace.event_count() + trace.losses().by_cause(Cause::Overwritten), 200_000);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub const fn ring(bytes: usize) -> Self {
        Self { bytes, ring: true }
    }

    /// The bound in bytes.
    pub const fn bytes(self) -> usize {
        self.bytes
    }

    /// Whether new events overwrite old ones.
    pub const fn is_ring(self) -> bool {
        self.ring
    }
}

impl Default for Memory {
    /// 256 MiB: 16 million spans without metadata.
    fn default() -> Self {
        Self::bounded(256 << 20)
    }
}

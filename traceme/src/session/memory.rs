//! How much memory a session may use.

use std::time::Duration;

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
    keep: Keep,
}

/// What is kept when there is too much.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Keep {
    First,
    Newest,
    Last(Duration),
    Sums,
}

impl Memory {
    /// Keeps the first events that fit `bytes`; later ones are counted as lost.
    ///
    /// Memory is used in chunks of 256 KiB, at least one for each thread that records: a session whose threads
    /// are many and short-lived shares chunks among them, one with 1,000 threads alive at once needs 256 MiB. More
    /// than 64 GiB is taken for 64 GiB.
    pub const fn bounded(bytes: usize) -> Self {
        Self { bytes, keep: Keep::First }
    }

    /// Keeps the newest events that fit `bytes`: a flight recorder, to be left on. What is given up for them is counted,
    /// as [`Overwritten`](crate::trace::Cause::Overwritten).
    ///
    /// Memory is used in chunks of 256 KiB, and given up by the chunk; an eighth of it is kept free. It is the thread that
    /// holds most chunks that gives up its oldest; of several such threads the one whose chunk was taken first. So a busy
    /// thread pushes out nothing of one that holds less: in a ring of 16 MiB, seven threads that have written 1 to 7
    /// chunks keep them all, while an eighth one writes 500, of which it keeps the 28 that are left. What a thread writes
    /// into the rest of a chunk of a thread that has ended is kept or given up with that.
    ///
    /// A chunk that is being written is never given up. There must be one for each thread that records, and one more: in
    /// less memory, events are lost as in a [`bounded`](Self::bounded) session. Rarely, on a machine with too little to
    /// spare, they are lost as [`Pinned`](crate::trace::Cause::Pinned): if a thread loses its processor just while it gives
    /// up a chunk, and others use up what is free before it goes on. No thread waits for another one's events, nor for a snapshot: only, at a new chunk, for the list
    /// of free ones.
    ///
    /// A span that is open while its beginning is given up is in the trace, from its true start on, without its metadata.
    /// It counts as overwritten all the same. Of what was overwritten, the thread is known, but not if several threads
    /// shared a chunk; the callsites are not.
    ///
    /// ```
    /// use traceme::trace::{Cause, Value};
    /// use traceme::{Memory, Session, instant};
    ///
    /// let session = Session::builder().memory(Memory::ring(1 << 20)).start()?;
    /// for n in 0..200_000_u64 {
    ///     instant!("tick", meta(n = n));
    /// }
    /// let trace = session.stop();
    /// let newest = trace.instants().last().expect("some are kept");
    /// assert_eq!(newest.args().last(), Some(("n", Value::U64(199_999))));
    /// assert_eq!(trace.event_count() + trace.losses().by_cause(Cause::Overwritten), 200_000);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub const fn ring(bytes: usize) -> Self {
        Self { bytes, keep: Keep::Newest }
    }

    /// Keeps the events of the last `duration`, as far as they fit `bytes`: a [`ring`](Self::ring) that gives up what has
    /// got older too. A quiet program holds little memory, and a snapshot reaches back as far as is asked for, not for days.
    ///
    /// What is older is given up by the chunk, when the newest of it is too old and no thread writes there any more: so each
    /// thread's newest 256 KiB stay, however old. It is counted as [`Overwritten`](crate::trace::Cause::Overwritten).
    ///
    /// ```
    /// use std::time::Duration;
    /// use traceme::{Memory, Session};
    ///
    /// let session = Session::builder().memory(Memory::for_last(Duration::from_secs(30), 256 << 20)).start()?;
    /// # drop(session);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub const fn for_last(duration: Duration, bytes: usize) -> Self {
        Self { bytes, keep: Keep::Last(duration) }
    }

    /// Keeps no events, only what [`Trace::summary`](crate::Trace::summary) says of them: how often and for how long, by name,
    /// with percentiles. To be left on for weeks: memory is taken for each name, not for each event.
    ///
    /// Threads record as ever, and at the same cost; a thread of the session, `traceme-sums`, sums up what they have written,
    /// chunk by chunk, and has the memory used again. That takes some 17 ns a span, on another core if there is one. At
    /// most 256 MiB wait for it: what a program records beyond that, if it is faster for so long, is lost and counted.
    ///
    /// [`snapshot`](crate::Session::snapshot), [`rotate`](crate::Session::rotate) and [`stop`](crate::Session::stop) give a
    /// trace with the summary and the losses, and without events. Of losses the thread is not known. Threads, and activities,
    /// of one name are taken together. Of names that are made at run time the first 16,384 are told apart; a poll can be without
    /// the one that its task was given on another thread just before. A span that
    /// outlives the one it began in can be there without its end, as incomplete. Processes made by `fork` can't be summed up
    /// by their parent's session: [`in_children`](super::Builder::in_children) is an error with this.
    ///
    /// ```
    /// use traceme::{Memory, Session, trace_scope};
    ///
    /// let session = Session::builder().memory(Memory::summary_only()).start()?;
    /// for _ in 0..100_000 {
    ///     trace_scope!("request");
    /// }
    /// let so_far = session.snapshot().summary();
    /// assert_eq!(so_far.span("request").map(|request| request.count), Some(100_000));
    ///
    /// let trace = session.stop();
    /// assert!(trace.is_empty() && trace.losses().is_empty());
    /// assert_eq!(trace.summary().losses.recorded, 100_000);
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub const fn summary_only() -> Self {
        Self { bytes: 256 << 20, keep: Keep::Sums }
    }

    /// The bound in bytes.
    pub const fn bytes(self) -> usize {
        self.bytes
    }

    /// Whether new events overwrite old ones.
    pub const fn is_ring(self) -> bool {
        matches!(self.keep, Keep::Newest | Keep::Last(_))
    }

    /// Whether no events are kept.
    pub const fn is_summary_only(self) -> bool {
        matches!(self.keep, Keep::Sums)
    }

    /// How old what is kept gets, if that is bounded.
    pub const fn age(self) -> Option<Duration> {
        match self.keep {
            Keep::Last(duration) => Some(duration),
            _ => None,
        }
    }
}

impl Default for Memory {
    /// 256 MiB: 16 million spans without metadata.
    fn default() -> Self {
        Self::bounded(256 << 20)
    }
}

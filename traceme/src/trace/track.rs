//! The timelines of a trace.

/// Names a track of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct TrackId(usize);

impl TrackId {
    pub(super) fn new(index: usize) -> Self {
        Self(index)
    }

    /// The track's place among [`Trace::tracks`](super::Trace::tracks), from 0.
    pub fn index(self) -> usize {
        self.0
    }
}

/// A timeline: what a viewer shows as one row, or as one stack of rows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Track {
    /// Its id.
    pub id: TrackId,
    /// The track that it belongs to.
    pub parent: Option<TrackId>,
    /// What it shows.
    pub kind: TrackKind,
    /// The name of the thread (as the system knows it: on Linux that of the program, if it was given none), the counter,
    /// the device's queue.
    pub name: String,
}

/// What a track shows.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum TrackKind {
    /// A thread of this process.
    #[non_exhaustive]
    Thread {
        /// The id that the operating system gives it.
        os_tid: u32,
    },
    /// The samples of a counter.
    Counter {
        /// What is counted, such as `B`; empty if that is not known.
        unit: String,
    },
    /// The activities of one name: spans that belong to no thread, and are not inside each other, whatever their times.
    Activity,
    /// The tasks of one name: futures, from their making to their end. They are not inside each other. Their polls are on the
    /// tracks of threads.
    Task,
    /// A device, a queue of one, or whatever else a source watched.
    Device {
        /// The device's number, from 0.
        ordinal: u32,
    },
}

impl TrackKind {
    /// Whether its spans are never inside each other, whatever their times.
    pub(crate) fn is_flat(&self) -> bool {
        matches!(self, Self::Activity | Self::Task)
    }
}

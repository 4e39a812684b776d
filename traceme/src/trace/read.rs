//! How a recording is read, whatever it lies in: all that an exporter needs to know.
//!
//! ```
//! use traceme::trace::{Event, Read};
//!
//! /// The time spent in spans of each depth, in nanoseconds.
//! fn time_by_depth(recording: &impl Read) -> Vec<u64> {
//!     let mut times = Vec::new();
//!     for track in recording.tracks() {
//!         let mut open = Vec::new();
//!         for event in recording.events(track.id) {
//!             match event {
//!                 Event::Begin { ns, span, .. } => open.push((span, ns)),
//!                 Event::End { ns, span, .. } => {
//!                     if let Some(depth) = open.iter().position(|&(number, _)| number == span) {
//!                         times.resize(times.len().max(depth + 1), 0);
//!                         times[depth] += ns - open[depth].1;
//!                         open.remove(depth);
//!                     }
//!                 }
//!                 _ => {}
//!             }
//!         }
//!     }
//!     times
//! }
//!
//! assert!(time_by_depth(&traceme::Trace::default()).is_empty());
//! ```

use std::num::NonZeroU32;

use super::flags::Flags;
use super::losses::{Loss, Losses};
use super::meta::Meta;
use super::model::{ClockInfo, Process};
use super::track::{Track, TrackId};
use crate::callsite::Callsite;
use crate::record::budget::Budget;

/// A recording that can be read.
///
/// All times are nanoseconds from the session's start.
pub trait Read {
    /// What the events refer to.
    fn tables(&self) -> &Tables;

    /// The tracks; each one's id is its index here.
    fn tracks(&self) -> &[Track];

    /// The events of a track, in time order; none if there is no such track.
    ///
    /// The samples of a counter are on the counter's own track, whichever threads took them.
    fn events(&self, track: TrackId) -> impl Iterator<Item = Event<'_>>;
}

/// What the events of a recording refer to, and what it says of itself.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Tables {
    /// The process that was recorded.
    pub process: Process,
    /// How times were measured.
    pub clock: ClockInfo,
    /// What is not among the events.
    pub losses: Losses,
    /// How many alerts no handler was called for: see [`Trace::missed_alerts`](super::Trace::missed_alerts).
    pub missed_alerts: u64,
    /// What recording was to use at most, and what it has used: see [`Trace::budget`](super::Trace::budget).
    pub budget: Option<Budget>,
    /// When the recording begins, in ns: 0, unless an earlier part was [given away](crate::Session::rotate). A span that
    /// was open then began before.
    pub start: u64,
    /// When the recording ends, in ns: no event is later.
    pub duration: u64,
    /// How many ends of activities are of ones that began before the recording does.
    pub(crate) earlier_ends: u64,
    /// Whether what sampling left out is counted among the losses for just as long as events are in the recording.
    pub(crate) counts_left_out: bool,
    pub(super) callsites: Vec<&'static Callsite>,
}

impl Tables {
    /// The callsite that an event refers to.
    pub fn callsite(&self, id: CallsiteId) -> Option<&Callsite> {
        self.callsites.get(id.index()).copied()
    }

    /// The callsites that had run in the process by the end of the recording.
    pub fn callsites(&self) -> impl ExactSizeIterator<Item = &Callsite> {
        self.callsites.iter().copied()
    }
}

/// Names a callsite of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct CallsiteId(NonZeroU32);

impl CallsiteId {
    /// The id from a record; 0 is none.
    #[inline(always)]
    pub(super) fn new(id: u32) -> Option<Self> {
        NonZeroU32::new(id).map(Self)
    }

    /// The callsite's place among [`Tables::callsites`], from 0.
    #[inline(always)]
    pub fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

/// As its [`index`](CallsiteId::index).
#[cfg(feature = "serde")]
impl serde::Serialize for CallsiteId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.index().serialize(serializer)
    }
}

/// One event of a track. Spans are named by numbers that grow from one [`Begin`](Event::Begin) of a track to the next.
///
/// Each `Begin` is followed, sooner or later, by exactly one `End` of the same span.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A span begins, inside the innermost open one; an activity or a task, inside none.
    Begin {
        /// When, in ns.
        ns: u64,
        /// The number of the span.
        span: u64,
        /// Its name and metadata.
        meta: Meta<'a>,
    },
    /// A span ends. If it is not the innermost one, those inside it stay open, and are told of by number from
    /// then on; but what begins later begins outside of them.
    End {
        /// When, in ns. If the span did not really end ([`Flags::is_incomplete`], [`Flags::is_leaked`]), this is
        /// when the recording did.
        ns: u64,
        /// The number of the span.
        span: u64,
        /// How it ended.
        flags: Flags,
    },
    /// Something happened.
    Instant {
        /// When, in ns.
        ns: u64,
        /// Its name and metadata.
        meta: Meta<'a>,
    },
    /// A task was made here, in the innermost span that is open: see [`traced!`](crate::traced). Its beginning is an event of its own, on the track of the tasks
    /// of its name.
    Spawn {
        /// When, in ns.
        ns: u64,
        /// Its name and metadata; [`Meta::task`] is its id.
        meta: Meta<'a>,
    },
    /// A counter was sampled. Only on the counter's track.
    Counter {
        /// When, in ns.
        ns: u64,
        /// The counter's name; the sample is [`Meta::value`].
        meta: Meta<'a>,
    },
    /// A span that is open gets more metadata.
    Append {
        /// When, in ns.
        ns: u64,
        /// The number of the span.
        span: u64,
        /// What is added to its metadata.
        meta: Meta<'a>,
    },
    /// Events are missing here.
    Gap {
        /// From when on, in ns.
        ns: u64,
        /// Until when, in ns.
        end: u64,
        /// What was counted as lost; `None` if a part of the recording itself is missing or damaged.
        loss: Option<&'a Loss>,
    },
}

impl Event<'_> {
    /// When it happened, in ns.
    pub fn ns(&self) -> u64 {
        match *self {
            Self::Begin { ns, .. } | Self::End { ns, .. } | Self::Instant { ns, .. } => ns,
            Self::Spawn { ns, .. } | Self::Counter { ns, .. } | Self::Append { ns, .. } | Self::Gap { ns, .. } => ns,
        }
    }
}

//! The trace that a session leaves behind.

use std::fmt;
use std::sync::OnceLock;

use super::builder::TraceBuilder;
use super::decode::Decoder;
use super::events::{Events, Rest, Source};
use super::forest::Forest;
use super::given::GivenTrack;
use super::index::{Contents, Index};
use super::losses::Losses;
use super::read::{Event, Read, Tables};
use super::view::{Instant, Sample, Span};
use crate::callsite::Callsite;
use crate::record::chunk::{Reader, Recorded};
#[cfg(feature = "enable")]
use crate::record::recorder;
use crate::record::time::{Clock, ClockSource};

/// Everything that a session recorded.
///
/// It holds the recording as it was written, and decodes it when it is first asked: getting one is cheap. All
/// times are nanoseconds from the session's start.
///
/// ```
/// let session = traceme::Session::start(1)?;
/// {
///     traceme::trace_scope!("outer");
///     traceme::trace_scope!("inner", meta(n = 3));
/// }
/// let trace = session.stop();
///
/// let inner = trace.spans().find(|span| span.name() == "inner".into()).expect("it was recorded");
/// let outer = inner.parent().expect("it began inside another span");
/// assert_eq!(outer.name().to_str(), "outer");
/// assert!(outer.start() <= inner.start() && inner.end() <= outer.end());
/// assert_eq!(inner.args().map(|(key, _)| key).collect::<Vec<_>>(), ["n"]);
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Default)]
pub struct Trace {
    recorded: Recorded,
    given: Vec<GivenTrack>,
    callsites: Vec<&'static Callsite>,
    process: Process,
    clock: ClockInfo,
    index: OnceLock<Index>,
    tables: OnceLock<Tables>,
    forest: OnceLock<Forest>,
}

impl Trace {
    /// The trace of what was recorded and of what sources added. Reads no word of the recording.
    #[cfg(feature = "enable")]
    pub(crate) fn new(recorded: Recorded, given: TraceBuilder) -> Self {
        Self {
            callsites: recorder::callsites(),
            process: Process::this(),
            clock: ClockInfo::from(&recorded.clock),
            recorded,
            ..Self::from_builder(given)
        }
    }

    /// A trace of words that a test made, with callsites of its own.
    #[cfg(test)]
    pub(super) fn of(recorded: Recorded, callsites: Vec<&'static Callsite>) -> Self {
        Self { clock: ClockInfo::from(&recorded.clock), recorded, callsites, ..Self::default() }
    }

    pub(super) fn from_builder(given: TraceBuilder) -> Self {
        let (clock, given) = given.into_parts();
        Self { clock, given, ..Self::default() }
    }

    /// The timelines: first those that sources added, then the threads, then the counters, then the activities.
    pub fn tracks(&self) -> &[Track] {
        &self.index().tracks
    }

    /// All spans, by track and in the order in which they began: parents before their children.
    pub fn spans(&self) -> impl ExactSizeIterator<Item = Span<'_>> {
        (0..self.forest().spans.len()).map(move |index| Span::new(self, index))
    }

    /// The spans of a track that have no parent, in the order in which they began.
    pub fn roots(&self, track: TrackId) -> impl Iterator<Item = Span<'_>> {
        let forest = self.forest();
        let first = forest.first_root(track);
        forest.siblings(first).map(move |index| Span::new(self, index))
    }

    /// All instants, by track and in time order.
    pub fn instants(&self) -> impl ExactSizeIterator<Item = Instant<'_>> {
        (0..self.forest().instants.len()).map(move |index| Instant::new(self, index))
    }

    /// All samples of all counters, by counter and in time order.
    pub fn counters(&self) -> impl Iterator<Item = Sample<'_>> {
        let counters = self.tracks().iter().filter(|track| matches!(track.kind, TrackKind::Counter { .. }));
        counters.flat_map(|track| self.events(track.id).filter_map(move |event| Sample::new(track, event)))
    }

    /// What was not recorded.
    pub fn losses(&self) -> &Losses {
        &self.tables().losses
    }

    /// How many [alerts](crate::session::Builder::on_alert) no handler was called for, though the session has one: because
    /// 1,024 others were waiting, or because it had panicked. The spans are flagged all the same.
    pub fn missed_alerts(&self) -> u64 {
        self.recorded.missed_alerts
    }

    /// How many events the trace holds: spans, instants, samples, additions to spans, beginnings and ends of activities.
    /// Decodes nothing.
    pub fn event_count(&self) -> u64 {
        let recorded = self.recorded.chunks.iter().map(Reader::events).sum::<u64>();
        recorded + self.given.iter().map(GivenTrack::event_count).sum::<u64>()
    }

    /// Whether it holds no event. It may still tell of losses.
    pub fn is_empty(&self) -> bool {
        self.event_count() == 0
    }

    /// How times were measured.
    pub fn clock(&self) -> &ClockInfo {
        &self.clock
    }

    /// The process that was recorded.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// When the recording begins, in ns: 0, unless an earlier part was [given away](crate::Session::rotate).
    pub fn start(&self) -> u64 {
        self.recorded.clock.ns(self.recorded.since)
    }

    /// How long the session has run when the recording ends, in ns; if an event that a source added is later, until then.
    pub fn duration(&self) -> u64 {
        let clock = &self.recorded.clock;
        self.given.iter().map(GivenTrack::end).fold(clock.ns(clock.stop.ticks), u64::max)
    }

    pub(super) fn contents(&self) -> Contents<'_> {
        Contents { recorded: &self.recorded, given: &self.given, callsites: &self.callsites }
    }

    pub(super) fn index(&self) -> &Index {
        self.index.get_or_init(|| Index::new(self.contents()))
    }

    pub(super) fn forest(&self) -> &Forest {
        self.forest.get_or_init(|| Forest::new(self))
    }

    /// What the events of a track come from.
    pub(super) fn source(&self, track: TrackId) -> Box<Source<'_>> {
        let (index, contents, end) = (self.index(), self.contents(), self.duration());
        let decoder = Decoder::new(contents, index.sections(track), index.losses_of(track), end);
        let rest = match self.given.get(track.index()) {
            Some(given) => Rest::Given(given.events(end)),
            None => index.shared_events(track, contents, end),
        };
        Source::new(decoder, rest)
    }
}

impl Read for Trace {
    fn tables(&self) -> &Tables {
        self.tables.get_or_init(|| Tables {
            process: self.process.clone(),
            clock: self.clock.clone(),
            losses: self.index().losses(self.contents()),
            missed_alerts: self.missed_alerts(),
            start: self.start(),
            duration: self.duration(),
            callsites: self.callsites.clone(),
        })
    }

    fn tracks(&self) -> &[Track] {
        Self::tracks(self)
    }

    #[inline]
    fn events(&self, track: TrackId) -> impl Iterator<Item = Event<'_>> {
        Events::new(self.source(track))
    }
}

impl fmt::Debug for Trace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Trace")
            .field("events", &self.event_count())
            .field("ns", &self.duration())
            .finish_non_exhaustive()
    }
}

/// Names a track of a trace.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TrackId(usize);

impl TrackId {
    pub(super) fn new(index: usize) -> Self {
        Self(index)
    }

    /// The track's place among [`Trace::tracks`], from 0.
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
    /// A device, a queue of one, or whatever else a source watched.
    Device {
        /// The device's number, from 0.
        ordinal: u32,
    },
}

/// The process that was recorded.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Process {
    /// The id that the operating system gives it.
    pub pid: u32,
    /// The file name of its program; empty if that is not known.
    pub name: String,
}

impl Process {
    fn this() -> Self {
        let program = std::env::current_exe().unwrap_or_default();
        let name = program.file_name().unwrap_or_default().to_string_lossy().into_owned();
        Self { pid: std::process::id(), name }
    }
}

/// How the times of a trace were measured.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct ClockInfo {
    /// The clock.
    pub source: ClockSource,
    /// How long a tick of it is, in ns.
    pub ns_per_tick: f64,
    /// When the session started, in ns since 1970 (UTC).
    pub wall_ns: u64,
    /// When the session started, in ns of the system's monotonic clock.
    pub monotonic_ns: u64,
}

impl Default for ClockInfo {
    fn default() -> Self {
        Self::from(&Clock::default())
    }
}

impl From<&Clock> for ClockInfo {
    fn from(clock: &Clock) -> Self {
        Self {
            source: clock.source,
            ns_per_tick: clock.ns_per_tick(),
            wall_ns: clock.wall_ns,
            monotonic_ns: clock.start.ns,
        }
    }
}

//! The trace that a session leaves behind.

use std::any::Any;
use std::fmt;
use std::sync::{Arc, OnceLock};

use super::builder::TraceBuilder;
#[cfg(any(feature = "enable", test))]
use super::carried::Carried;
#[cfg(feature = "enable")]
use super::carried::Change;
use super::decode::Decoder;
use super::events::{Events, Rest, Source};
use super::forest::Forest;
use super::given::GivenTrack;
use super::index::{Contents, Index};
use super::keys::NO_KEYS;
use super::known::Known;
use super::losses::Losses;
use super::read::{Event, Read, Tables};
use super::selected::{Selected, SelectedEvents};
use super::selection::Selection;
use super::tasks::Tasks;
use super::track::{Track, TrackId, TrackKind};
use super::view::{Instant, Sample, Span};
#[cfg(test)]
use crate::callsite::Callsite;
use crate::record::budget::Budget;
use crate::record::chunk::{Reader, Recorded};
use crate::record::loss::Cause;
use crate::record::process;
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
    whole: Arc<Whole>,
    /// What is shown of it, if not all.
    selected: Option<Selected>,
    forest: OnceLock<Forest>,
    tasks: OnceLock<Tasks>,
    /// What is known of events that were not kept.
    figures: Option<Arc<dyn Any + Send + Sync>>,
}

/// What all selections of a trace have in common.
#[derive(Default)]
struct Whole {
    recorded: Recorded,
    given: Vec<GivenTrack>,
    known: Known,
    process: Process,
    clock: ClockInfo,
    is_batch: bool,
    index: OnceLock<Index>,
    tables: OnceLock<Tables>,
}

impl Trace {
    /// The trace with figures of events that were not kept, of whatever kind: here nobody looks at them.
    #[cfg(feature = "enable")]
    pub(crate) fn with_figures(self, figures: impl Any + Send + Sync) -> Self {
        Self { figures: Some(Arc::new(figures)), ..self }
    }

    /// The figures that it has been given.
    pub(crate) fn figures<T: Any>(&self) -> Option<&T> {
        self.figures.as_ref()?.downcast_ref()
    }

    /// The trace of what was recorded and of what sources added. Reads no word of the recording.
    #[cfg(feature = "enable")]
    pub(crate) fn new(recorded: Recorded, given: TraceBuilder) -> Self {
        let (known, process) = (Known::new(recorder::callsites(), Carried::default()), Process::this());
        let (clock, (_, given)) = (ClockInfo::from(&recorded.clock), given.into_parts());
        Self::from(Whole { recorded, given, known, process, clock, ..Whole::default() })
    }

    /// A batch: a part of a recording, behind others that left this to it.
    #[cfg(feature = "enable")]
    pub(crate) fn batch(recorded: Recorded, carried: Carried) -> Self {
        let (known, process) = (Known::new(recorder::callsites(), carried), Process::this());
        let clock = ClockInfo::from(&recorded.clock);
        Self::from(Whole { recorded, known, process, clock, is_batch: true, ..Whole::default() })
    }

    /// What a batch leaves to the next one.
    #[cfg(feature = "enable")]
    pub(crate) fn carry_on(self) -> Carried {
        let change = Change::of(self.contents(), self.index());
        // A sink can have kept a clone, or a selection.
        let carried =
            Arc::try_unwrap(self.whole).map_or_else(|whole| whole.known.carried.clone(), |whole| whole.known.carried);
        change.apply(carried)
    }

    /// A trace of words that a test made, with callsites of its own.
    #[cfg(test)]
    pub(super) fn of(recorded: Recorded, callsites: Vec<&'static Callsite>, carried: Carried) -> Self {
        let clock = ClockInfo::from(&recorded.clock);
        Self::from(Whole { clock, recorded, known: Known::new(callsites, carried), ..Whole::default() })
    }

    pub(super) fn from_builder(given: TraceBuilder) -> Self {
        let (clock, given) = given.into_parts();
        Self::from(Whole { clock, given, ..Whole::default() })
    }

    /// The part that a selection shows, as a trace of its own. It shares the recording with this one, and nothing is copied.
    ///
    /// A span that isn't shown is as if it had not been recorded: what is inside is inside the nearest span around it that
    /// is shown, and what was appended to it is gone. Samples, activities and tasks are shown by their callsites. Events that
    /// [sources](crate::session::Source) added have none, and are always shown. Tracks, losses and the duration are
    /// those of this trace, also where nothing else is left; so are the figures of a session that kept
    /// [nothing else](crate::Memory::summary_only). Of what is selected already, both selections hold.
    ///
    /// ```
    /// use traceme::{Level, Session, trace_scope};
    ///
    /// let session = Session::start(3)?;
    /// {
    ///     trace_scope!("request");
    ///     trace_scope!("parse", level = 3);
    ///     trace_scope!("query");
    /// }
    /// let trace = session.stop();
    ///
    /// let short = trace.select(&Level::INFO.into());
    /// let query = short.spans().last().expect("it is shown");
    /// assert_eq!(query.parent().map(|parent| parent.name()), Some("request".into()));
    /// assert_eq!((trace.event_count(), short.event_count()), (3, 2));
    /// # Ok::<(), traceme::Error>(())
    /// ```
    #[must_use]
    pub fn select(&self, selection: &Selection) -> Self {
        let selected = Selected::new(selection, &self.whole.known.callsites, self.selected.as_ref());
        Self { selected: Some(selected), ..self.clone() }
    }

    /// The timelines: first those that sources added, then the threads, then the counters, then the activities, then the tasks.
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

    /// The [late](Losses::late) events, without a look at the others.
    pub(crate) fn late(&self) -> u64 {
        self.whole.recorded.late
    }

    /// How many [alerts](crate::session::Builder::on_alert) no handler was called for, though the session has one: because
    /// 1,024 others were waiting, or because it had panicked. The spans are flagged all the same.
    pub fn missed_alerts(&self) -> u64 {
        self.whole.recorded.missed_alerts
    }

    /// How many events the trace holds: spans, instants, samples, additions to spans, beginnings and ends of
    /// activities and tasks.
    /// Decodes nothing, unless the trace is a [selection](Self::select): then it reads all of it, once.
    pub fn event_count(&self) -> u64 {
        let Whole { recorded, given, .. } = &*self.whole;
        let shown = match &self.selected {
            Some(selected) => *selected.count.get_or_init(|| self.count()),
            None => recorded.chunks.iter().map(Reader::events).sum(),
        };
        shown + given.iter().map(GivenTrack::event_count).sum::<u64>()
    }

    /// How many recorded events can be read.
    fn count(&self) -> u64 {
        let recorded = self.tracks().iter().skip(self.whole.given.len());
        recorded.map(|track| Events::new(self.source(track.id)).count_recorded(track)).sum()
    }

    /// Whether it holds no event. It may still tell of losses.
    pub fn is_empty(&self) -> bool {
        self.event_count() == 0
    }

    /// What recording was to use at most, and what it has used, if the session had a
    /// [budget](crate::session::Builder::budget).
    pub fn budget(&self) -> Option<Budget> {
        self.whole.recorded.budget
    }

    /// How times were measured.
    pub fn clock(&self) -> &ClockInfo {
        &self.whole.clock
    }

    /// The process that was recorded.
    pub fn process(&self) -> &Process {
        &self.whole.process
    }

    /// When it begins, in ns: 0, unless an earlier part was [given away](crate::Session::rotate), or was in another batch.
    pub fn start(&self) -> u64 {
        self.whole.recorded.clock.ns(self.whole.recorded.since)
    }

    /// How long the session has run when the recording ends, in ns; if an event that a source added is later, until then.
    pub fn duration(&self) -> u64 {
        let clock = &self.whole.recorded.clock;
        self.whole.given.iter().map(GivenTrack::end).fold(clock.ns(clock.stop.ticks), u64::max)
    }

    pub(super) fn contents(&self) -> Contents<'_> {
        let Whole { recorded, given, known, .. } = &*self.whole;
        // While the index is made, nobody asks for keys.
        let keys = self.whole.index.get().map_or(&NO_KEYS, Index::keys);
        Contents { recorded, given, callsites: &known.callsites, known, keys }
    }

    pub(super) fn index(&self) -> &Index {
        self.whole.index.get_or_init(|| Index::new(self.contents()))
    }

    pub(super) fn forest(&self) -> &Forest {
        self.forest.get_or_init(|| Forest::new(self))
    }

    pub(super) fn all_tasks(&self) -> &Tasks {
        self.tasks.get_or_init(|| Tasks::new(self))
    }

    /// What the events of a track come from.
    pub(super) fn source(&self, track: TrackId) -> Box<Source<'_>> {
        let (index, contents, end) = (self.index(), self.contents(), self.duration());
        let decoder = Decoder::new(contents, index.sections(track), index.losses_of(track), end);
        let rest = match contents.given.get(track.index()) {
            // These have no callsites: a selection shows all of them.
            Some(given) => return Source::new(decoder, Rest::Given(given.events(end))),
            None => index.shared_events(track, contents, end),
        };
        let Some(selected) = &self.selected else { return Source::new(decoder, rest) };
        let events = SelectedEvents::new(Source::new(decoder, rest), selected, index.thread(track));
        Source::new(Decoder::new(contents, &[], &[], end), Rest::Selected(Box::new(events)))
    }
}

impl Read for Trace {
    fn tables(&self) -> &Tables {
        let losses = || self.index().losses(self.contents());
        let tables = |losses: Losses| Tables {
            counts_left_out: !self.whole.is_batch && losses.by_cause(Cause::Overwritten) == 0,
            process: self.whole.process.clone(),
            clock: self.whole.clock.clone(),
            losses,
            missed_alerts: self.missed_alerts(),
            budget: self.budget(),
            start: self.start(),
            duration: self.duration(),
            earlier_ends: self.index().earlier_ends(),
            callsites: self.whole.known.callsites.clone(),
        };
        self.whole.tables.get_or_init(|| tables(losses()))
    }

    fn tracks(&self) -> &[Track] {
        Self::tracks(self)
    }

    #[inline]
    fn events(&self, track: TrackId) -> impl Iterator<Item = Event<'_>> {
        Events::new(self.source(track))
    }
}

/// Shares the recording. What has been decoded of it is decoded again where it is asked for.
impl Clone for Trace {
    fn clone(&self) -> Self {
        let (whole, selected, figures) = (Arc::clone(&self.whole), self.selected.clone(), self.figures.clone());
        Self { whole, selected, figures, ..Self::default() }
    }
}

impl From<Whole> for Trace {
    fn from(whole: Whole) -> Self {
        Self { whole: Arc::new(whole), ..Self::default() }
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
        Self { pid: process::id(), name }
    }
}

/// How the times of a trace were measured.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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

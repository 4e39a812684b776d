//! What a trace holds, one thing at a time: borrowed views, decoded as they are asked.

use std::fmt;

use super::flags::Flags;
use super::meta::{FlowEnd, Meta};
use super::model::Trace;
use super::read::{CallsiteId, Event};
use super::track::Track;
use crate::callsite::Callsite;
use crate::record::value::{Text, Value};

/// A timed interval of a track. Times are nanoseconds from the session's start.
///
/// ```
/// let session = traceme::Session::start(1)?;
/// {
///     traceme::trace_scope!("load", meta(path = "a.txt"));
/// }
/// let trace = session.stop();
/// for span in trace.spans() {
///     let duration = span.duration().expect("it ended");
///     println!("{}{} took {duration} ns", "  ".repeat(span.depth()), span.name());
/// }
/// # assert_eq!(trace.spans().len(), 1);
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Span<'t> {
    trace: &'t Trace,
    index: usize,
}

impl<'t> Span<'t> {
    pub(super) fn new(trace: &'t Trace, index: usize) -> Self {
        Self { trace, index }
    }

    fn node(self) -> &'t super::forest::SpanNode {
        &self.trace.forest().spans[self.index]
    }

    pub(super) fn meta(self) -> Option<Meta<'t>> {
        self.trace.contents().meta(self.node().place)
    }

    /// The span's place among [`Trace::spans`], from 0.
    pub fn index(self) -> usize {
        self.index
    }

    /// Its name.
    pub fn name(self) -> Text<'t> {
        self.meta().map_or_else(|| "".into(), |meta| meta.name())
    }

    /// Where in the source it comes from; `None` if it was not recorded in this process.
    pub fn callsite(self) -> Option<&'t Callsite> {
        self.meta().and_then(|meta| meta.callsite())
    }

    /// The id of that callsite.
    pub fn callsite_id(self) -> Option<CallsiteId> {
        self.meta().and_then(|meta| meta.callsite_id())
    }

    /// How many spans of its callsite it stands for, itself included: more than 1 if those before it were left out by
    /// sampling, of the same callsite on the same thread. Of one that began before the recording does, 1 if it isn't known.
    pub fn weight(self) -> u64 {
        self.meta().map_or(1, |meta| meta.weight())
    }

    /// When it began, in ns.
    pub fn start(self) -> u64 {
        self.node().start
    }

    /// When it ended, in ns; `None` if that is not known (see [`Flags::is_incomplete`], [`Flags::is_leaked`]).
    pub fn end(self) -> Option<u64> {
        self.node().end()
    }

    /// How long it took, in ns, if it is known when it ended.
    pub fn duration(self) -> Option<u64> {
        Some(self.end()? - self.start())
    }

    /// Its metadata, literals included, in source order; then what was appended, in time order.
    pub fn args(self) -> impl Iterator<Item = (&'t str, Value<'t>)> {
        let appended = self.trace.forest().appended(self.index);
        let appended = appended.filter_map(move |place| self.trace.contents().meta(place));
        self.meta().into_iter().chain(appended).flat_map(|meta| meta.args())
    }

    /// The flows that leave it or arrive at it, in source order.
    pub fn flows(self) -> impl Iterator<Item = FlowEnd> {
        self.meta().into_iter().flat_map(|meta| meta.flows())
    }

    /// The track that it is on.
    pub fn track(self) -> &'t Track {
        &self.trace.tracks()[self.node().track as usize]
    }

    /// The id of the [task](Trace::tasks) of which it is a poll, or the dropping of its future; `None` of other spans.
    pub fn poll_of(self) -> Option<u64> {
        self.meta().and_then(|meta| meta.poll_of())
    }

    /// The span around it: both its ends lie within the parent's.
    pub fn parent(self) -> Option<Self> {
        self.node().parent.map(|parent| Self::new(self.trace, parent as usize))
    }

    /// The spans right inside it, in the order in which they began.
    pub fn children(self) -> impl Iterator<Item = Self> {
        self.trace.forest().children(self.index).map(move |child| Self::new(self.trace, child))
    }

    /// How many spans are around it.
    pub fn depth(self) -> usize {
        self.node().depth as usize
    }

    /// What is special about it.
    pub fn flags(self) -> Flags {
        self.node().flags
    }
}

/// The same span of the same trace.
impl PartialEq for Span<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.trace, other.trace) && self.index == other.index
    }
}

impl Eq for Span<'_> {}

impl fmt::Debug for Span<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut span = f.debug_struct("Span");
        span.field("name", &self.name()).field("start", &self.start()).field("end", &self.end());
        span.field("args", &self.args().collect::<Vec<_>>()).field("flags", &self.flags()).finish_non_exhaustive()
    }
}

/// A point in time of a track.
///
/// ```
/// let session = traceme::Session::start(1)?;
/// {
///     traceme::trace_scope!("lookup");
///     traceme::instant!("cache_miss", level = 1);
/// }
/// let trace = session.stop();
/// let miss = trace.instants().next().expect("it was recorded");
/// assert_eq!(miss.span().map(|span| span.name()), Some("lookup".into()));
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Instant<'t> {
    trace: &'t Trace,
    index: usize,
}

impl<'t> Instant<'t> {
    pub(super) fn new(trace: &'t Trace, index: usize) -> Self {
        Self { trace, index }
    }

    fn node(self) -> &'t super::forest::InstantNode {
        &self.trace.forest().instants[self.index]
    }

    fn meta(self) -> Option<Meta<'t>> {
        self.trace.contents().meta(self.node().place)
    }

    /// Its name.
    pub fn name(self) -> Text<'t> {
        self.meta().map_or_else(|| "".into(), |meta| meta.name())
    }

    /// Where in the source it comes from; `None` if it was not recorded in this process.
    pub fn callsite(self) -> Option<&'t Callsite> {
        self.meta().and_then(|meta| meta.callsite())
    }

    /// The id of that callsite.
    pub fn callsite_id(self) -> Option<CallsiteId> {
        self.meta().and_then(|meta| meta.callsite_id())
    }

    /// How many instants of its callsite it stands for, itself included: more than 1 if those before it were left out by
    /// sampling, of the same callsite on the same thread.
    pub fn weight(self) -> u64 {
        self.meta().map_or(1, |meta| meta.weight())
    }

    /// When it happened, in ns from the session's start.
    pub fn time(self) -> u64 {
        self.node().ns
    }

    /// Its metadata, literals included, in source order.
    pub fn args(self) -> impl Iterator<Item = (&'t str, Value<'t>)> {
        self.meta().into_iter().flat_map(|meta| meta.args())
    }

    /// The flows that leave it or arrive at it, in source order.
    pub fn flows(self) -> impl Iterator<Item = FlowEnd> {
        self.meta().into_iter().flat_map(|meta| meta.flows())
    }

    /// The track that it is on.
    pub fn track(self) -> &'t Track {
        &self.trace.tracks()[self.node().track as usize]
    }

    /// The innermost span that was open.
    pub fn span(self) -> Option<Span<'t>> {
        self.node().span.map(|span| Span::new(self.trace, span as usize))
    }

    /// The index of the first span of the trace that began later, or on a later track.
    pub(super) fn before(self) -> usize {
        self.node().before as usize
    }
}

/// The same instant of the same trace.
impl PartialEq for Instant<'_> {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.trace, other.trace) && self.index == other.index
    }
}

impl Eq for Instant<'_> {}

impl fmt::Debug for Instant<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut instant = f.debug_struct("Instant");
        instant.field("name", &self.name()).field("time", &self.time());
        instant.field("args", &self.args().collect::<Vec<_>>()).finish_non_exhaustive()
    }
}

/// What a counter was at one moment. A counter is one for the whole process, whichever threads sample it.
///
/// ```
/// let session = traceme::Session::start(1)?;
/// traceme::counter!("queued", 3, level = 1);
/// let trace = session.stop();
/// let sample = trace.counters().next().expect("it was recorded");
/// assert_eq!(sample.track().name, "queued");
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct Sample<'t> {
    track: &'t Track,
    ns: u64,
    meta: Meta<'t>,
}

impl<'t> Sample<'t> {
    pub(super) fn new(track: &'t Track, event: Event<'t>) -> Option<Self> {
        match event {
            Event::Counter { ns, meta } => Some(Self { track, ns, meta }),
            _ => None,
        }
    }

    /// When it was taken, in ns from the session's start.
    pub fn time(self) -> u64 {
        self.ns
    }

    /// The sample.
    pub fn value(self) -> Value<'t> {
        self.meta.value()
    }

    /// The counter: its name is the track's, its unit in [`TrackKind::Counter`](super::TrackKind::Counter).
    pub fn track(self) -> &'t Track {
        self.track
    }

    /// Where in the source it comes from; `None` if it was not recorded in this process.
    pub fn callsite(self) -> Option<&'t Callsite> {
        self.meta.callsite()
    }

    /// The id of that callsite.
    pub fn callsite_id(self) -> Option<CallsiteId> {
        self.meta.callsite_id()
    }
}

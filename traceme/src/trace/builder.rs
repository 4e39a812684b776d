//! How events come in that were not recorded here: those of a device, or of another program's log.

use super::given::{Given, GivenTrack, Item, ItemKind};
use super::meta::FlowEnd;
use super::model::{ClockInfo, Trace};
use super::track::{Track, TrackId, TrackKind};
use crate::error::Error;
use crate::record::time::Clock;
use crate::record::value::Value;

/// Collects the tracks and events that a source adds to a trace.
///
/// Events may be added in any order. All times are nanoseconds from the session's start;
/// [`clock`](Self::clock) tells when that was. Flows and tasks are told of what was just [`Added`].
///
/// ```
/// use traceme::trace::{FlowEnd, TraceBuilder, TrackKind, Value};
///
/// let mut builder = TraceBuilder::default();
/// let gpu = builder.add_track("GPU 0", TrackKind::Device { ordinal: 0 }, None)?;
/// let stream = builder.add_track("stream 7", TrackKind::Device { ordinal: 0 }, Some(gpu))?;
/// builder.span(stream, "matmul", 100, Some(350), &[("rows", Value::U64(64))])?;
/// builder.instant(stream, "stall", 200, &[])?.flow(FlowEnd::In(7));
///
/// let trace = builder.build();
/// let span = trace.spans().next().expect("it was added");
/// assert_eq!((span.name().to_str().as_ref(), span.duration()), ("matmul", Some(250)));
/// assert_eq!(trace.instants().next().and_then(|stall| stall.span()), Some(span));
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Debug, Default)]
pub struct TraceBuilder {
    clock: ClockInfo,
    tracks: Vec<GivenTrack>,
}

impl TraceBuilder {
    /// A builder for the sources of a session.
    pub(crate) fn new(clock: &Clock) -> Self {
        Self { clock: clock.into(), tracks: Vec::new() }
    }

    /// When the session started, to convert the times of other clocks.
    pub fn clock(&self) -> &ClockInfo {
        &self.clock
    }

    /// Adds a track, below `parent` if there is one.
    ///
    /// # Errors
    /// If the name is empty, the parent is not a track of this builder, or the kind is a thread: the threads of
    /// this process are recorded, and others are somebody else's devices.
    pub fn add_track(&mut self, name: &str, kind: TrackKind, parent: Option<TrackId>) -> Result<TrackId, Error> {
        if name.is_empty() {
            return Err(Error::of_source("a track needs a name"));
        }
        if matches!(kind, TrackKind::Thread { .. }) {
            return Err(Error::of_source(format!("track {name:?}: a source can't add a thread, add a device")));
        }
        if let Some(parent) = parent {
            self.track(parent)?;
        }
        let id = TrackId::new(self.tracks.len());
        self.tracks.push(GivenTrack::new(Track { id, parent, kind, name: name.into() }));
        Ok(id)
    }

    /// Adds a span from `start` to `end`, in ns. Without an end it is kept as incomplete.
    ///
    /// # Errors
    /// If there is no such track or it is a counter's, the name or a key is empty, or the span ends before it
    /// starts.
    pub fn span(
        &mut self,
        track: TrackId,
        name: &str,
        start: u64,
        end: Option<u64>,
        args: &[(&str, Value<'_>)],
    ) -> Result<Added<'_>, Error> {
        if let Some(end) = end.filter(|&end| end < start) {
            return Err(Error::of_source(format!("span {name:?} ends at {end} ns, before it starts at {start} ns")));
        }
        self.event(track, name, ItemKind::Span { start, end }, args)
    }

    /// Adds an instant at `ns`.
    ///
    /// # Errors
    /// If there is no such track or it is a counter's, or the name or a key is empty.
    pub fn instant(
        &mut self,
        track: TrackId,
        name: &str,
        ns: u64,
        args: &[(&str, Value<'_>)],
    ) -> Result<Added<'_>, Error> {
        self.event(track, name, ItemKind::Instant { ns }, args)
    }

    /// Adds a sample, taken at `ns`, to a counter's track.
    ///
    /// # Errors
    /// If there is no such track or it is not a counter's, or the value is not a number.
    pub fn sample(&mut self, track: TrackId, ns: u64, value: Value<'_>) -> Result<(), Error> {
        let counter = self.track(track)?;
        let name = &counter.track.name;
        if !matches!(counter.track.kind, TrackKind::Counter { .. }) {
            return Err(Error::of_source(format!("track {name:?} is not a counter's: it can't have samples")));
        }
        if !is_number(value) {
            return Err(Error::of_source(format!("counter {name:?}: a sample is a number, not {value:?}")));
        }
        let given = Given::new(name, &[("value", value)]);
        counter.items.push(Item { given, kind: ItemKind::Sample { ns } });
        Ok(())
    }

    /// The trace of what was added, without a session.
    pub fn build(self) -> Trace {
        Trace::from_builder(self)
    }

    pub(super) fn into_parts(self) -> (ClockInfo, Vec<GivenTrack>) {
        (self.clock, self.tracks)
    }

    fn track(&mut self, track: TrackId) -> Result<&mut GivenTrack, Error> {
        let unknown = || Error::of_source(format!("there is no track {} in this builder", track.index()));
        self.tracks.get_mut(track.index()).ok_or_else(unknown)
    }

    fn event(
        &mut self,
        track: TrackId,
        name: &str,
        kind: ItemKind,
        args: &[(&str, Value<'_>)],
    ) -> Result<Added<'_>, Error> {
        let track = self.track(track)?;
        if name.is_empty() || args.iter().any(|(key, _)| key.is_empty()) {
            return Err(Error::of_source(format!("event {name:?}: names and keys can't be empty")));
        }
        if matches!(track.track.kind, TrackKind::Counter { .. }) {
            return Err(Error::of_source(format!(
                "track {:?} is a counter's: it can have only samples",
                track.track.name
            )));
        }
        let (at, is_task) = (track.items.len(), track.track.kind == TrackKind::Task);
        track.items.push(Item { given: Given::new(name, args), kind });
        Ok(Added { given: &mut track.items[at].given, is_task })
    }
}

/// A span or an instant that was just added, to say more of it.
#[derive(Debug)]
pub struct Added<'a> {
    given: &'a mut Given,
    /// Whether it is on a track of tasks.
    is_task: bool,
}

impl Added<'_> {
    /// A flow leaves it, or arrives at it.
    pub fn flow(self, end: FlowEnd) -> Self {
        self.given.flows.push(end);
        self
    }

    /// The id of the [task](crate::trace::Task) that the span is, on a track of that kind, or else a poll of.
    pub fn task(self, id: u64) -> Self {
        *(if self.is_task { &mut self.given.task } else { &mut self.given.poll_of }) = Some(id);
        self
    }
}

fn is_number(value: Value<'_>) -> bool {
    matches!(value, Value::U64(_) | Value::I64(_) | Value::F64(_) | Value::U128(_) | Value::I128(_))
}

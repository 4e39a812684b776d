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

use std::fmt;
use std::num::NonZeroU32;

use super::flags::Flags;
use super::given::Given;
use super::losses::{Loss, Losses};
use super::model::{ClockInfo, Process};
use super::track::{Track, TrackId};
use crate::callsite::{Callsite, ID_BITS, Literal};
use crate::record::args::Values;
use crate::record::budget::Budget;
use crate::record::value::{Text, Value};
use crate::record::wire::TIME_BITS;

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

/// One event of a track. Spans are named by numbers that grow from one [`Begin`](Event::Begin) of a track to the next.
///
/// Each `Begin` is followed, sooner or later, by exactly one `End` of the same span.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Event<'a> {
    /// A span begins, inside the innermost open one; an activity, inside none.
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
            Self::Counter { ns, .. } | Self::Append { ns, .. } | Self::Gap { ns, .. } => ns,
        }
    }
}

/// Where an event stands in a flow: an arrow from what caused something to what it caused, on whatever thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FlowEnd {
    /// The flow of this id leaves here: `flow_out`.
    Out(u64),
    /// The flow of this id arrives here: `flow_in`.
    In(u64),
}

/// The bit above a callsite's id, and where the bits of the weight begin.
const CONTINUES: u64 = 1 << ID_BITS;
const WEIGHT_SHIFT: u32 = u64::BITS - TIME_BITS;

/// An event's name and metadata.
#[derive(Clone, Copy)]
pub struct Meta<'a>(Repr<'a>);

#[derive(Clone, Copy)]
enum Repr<'a> {
    /// The callsite is looked up only if it is asked for.
    Recorded {
        /// In one word, as loops over all events would have it: the callsite's id; [`CONTINUES`] if it is of a span that was
        /// open when the recording, or a part of it behind a hole, begins; above that, the events that it stands for
        /// besides itself.
        about: u64,
        callsites: &'a [&'static Callsite],
        values: Values<'a>,
    },
    Given(&'a Given),
}

impl<'a> Meta<'a> {
    /// Of the callsite with this id, which has 18 bits.
    #[inline(always)]
    pub(super) fn recorded(callsite: u64, callsites: &'a [&'static Callsite], values: Values<'a>) -> Self {
        Self(Repr::Recorded { about: callsite, callsites, values })
    }

    /// The same, of a span that had begun before.
    pub(super) fn continuing(self) -> Self {
        self.with(CONTINUES)
    }

    /// The same, of an event that stands for so many, itself included: at most 2^42.
    pub(super) fn weighing(self, weight: u64) -> Self {
        self.with((weight - 1) << WEIGHT_SHIFT)
    }

    fn with(self, bits: u64) -> Self {
        match self.0 {
            Repr::Recorded { about, callsites, values } => {
                Self(Repr::Recorded { about: about | bits, callsites, values })
            }
            Repr::Given(_) => self,
        }
    }

    pub(super) fn given(given: &'a Given) -> Self {
        Self(Repr::Given(given))
    }

    /// The event's name; empty for an [`Event::Append`].
    pub fn name(&self) -> Text<'a> {
        match self.0 {
            Repr::Given(given) => given.name.as_str().into(),
            Repr::Recorded { values, .. } => {
                let written = self.callsite().map_or("", |callsite| callsite.name.as_str());
                // Only a callsite without a name has it made at run time: don't search the values of others.
                let made = if written.is_empty() { values.into_iter().find_map(name) } else { None };
                made.unwrap_or_else(|| written.into())
            }
        }
    }

    /// Whether a span began before the recording does, or in a part of it that was lost, and is here because it was open:
    /// as an event, its beginning is counted there.
    pub fn continues(&self) -> bool {
        matches!(self.0, Repr::Recorded { about, .. } if about & CONTINUES != 0)
    }

    /// How many events the event stands for, itself included: more than 1 if those before it were left out by sampling,
    /// of the same callsite on the same thread.
    pub fn weight(&self) -> u64 {
        match self.0 {
            Repr::Recorded { about, .. } => (about >> WEIGHT_SHIFT) + 1,
            Repr::Given(_) => 1,
        }
    }

    /// Where in the source the event comes from; `None` if it was not recorded in this process.
    pub fn callsite(&self) -> Option<&'a Callsite> {
        match self.0 {
            Repr::Recorded { callsites, .. } => callsites.get(self.callsite_id()?.index()).copied(),
            Repr::Given(_) => None,
        }
    }

    /// The id of that callsite.
    #[inline]
    pub fn callsite_id(&self) -> Option<CallsiteId> {
        match self.0 {
            Repr::Recorded { about, .. } => CallsiteId::new((about & (CONTINUES - 1)) as u32),
            Repr::Given(_) => None,
        }
    }

    /// The metadata, literals of the callsite included, in source order.
    pub fn args(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let (values, given) = self.values();
        let keys = self.callsite().map_or(&[][..], |callsite| &callsite.keys);
        let mut values = values.filter(is_metadata);
        let recorded = keys.iter().filter_map(move |key| {
            let value = key.literal.as_ref().map(literal).or_else(|| values.next())?;
            Some((key.name.as_str(), value))
        });
        recorded.chain(given.into_iter().flat_map(Given::args))
    }

    /// The flows that leave the event or arrive at it, in source order.
    pub fn flows(&self) -> impl Iterator<Item = FlowEnd> + use<'a> {
        let (values, given) = self.values();
        let values = if values.hold_flows() { values } else { Values::EMPTY };
        values.filter_map(flow).chain(given.into_iter().flat_map(Given::flows))
    }

    /// Where its values are: in words, or in what was given.
    fn values(&self) -> (Values<'a>, Option<&'a Given>) {
        match self.0 {
            Repr::Recorded { values, .. } => (values, None),
            Repr::Given(given) => (Values::EMPTY, Some(given)),
        }
    }

    /// The sample of an [`Event::Counter`]; of other events the first value of the metadata that is no literal.
    pub fn value(&self) -> Value<'a> {
        let first = match self.0 {
            Repr::Recorded { mut values, .. } => values.find(is_metadata),
            Repr::Given(given) => given.args().next().map(|(_, value)| value),
        };
        first.unwrap_or(Value::None)
    }
}

impl fmt::Debug for Meta<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Meta").field(&self.name()).field(&self.args().collect::<Vec<_>>()).finish()
    }
}

/// The text of a [`Value::Name`].
fn name(value: Value<'_>) -> Option<Text<'_>> {
    match value {
        Value::Name(text) => Some(text),
        _ => None,
    }
}

/// The flow of a [`Value::FlowOut`] or [`Value::FlowIn`].
pub(super) fn flow(value: Value<'_>) -> Option<FlowEnd> {
    match value {
        Value::FlowOut(id) => Some(FlowEnd::Out(id)),
        Value::FlowIn(id) => Some(FlowEnd::In(id)),
        _ => None,
    }
}

/// Whether a value is one of the metadata's.
#[inline]
pub(super) fn is_metadata(value: &Value<'_>) -> bool {
    !matches!(value, Value::Name(_) | Value::FlowOut(_) | Value::FlowIn(_))
}

fn literal(literal: &Literal) -> Value<'_> {
    match literal {
        Literal::I64(number) => Value::I64(*number),
        Literal::U64(number) => Value::U64(*number),
        Literal::F64(number) => Value::F64(*number),
        Literal::Bool(truth) => Value::Bool(*truth),
        Literal::Char(char) => Value::Char(*char),
        Literal::Str(text) => Value::Str(text.as_str().into()),
    }
}

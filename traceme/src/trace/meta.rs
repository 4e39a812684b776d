//! What an event is called and carries: its name, metadata, flows, where it comes from.

use std::fmt;

use super::given::Given;
use super::keys::Keys;
use super::known::{Known, name_in};
use super::read::CallsiteId;
use crate::callsite::{Callsite, CallsiteKind, ID_BITS, Literal};
use crate::record::args::{Named, Values};
use crate::record::value::{Text, Value, Written};
use crate::record::wire::TIME_BITS;

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
/// No activity's id has it.
const POLL: u64 = 1 << 63;

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
        known: &'a Known,
        values: Values<'a>,
        /// The activity or task that begins; with [`POLL`], the task of a poll whose own record isn't there; 0 of all else.
        activity: u64,
    },
    Given(&'a Given),
    /// Measured elsewhere: the callsite knows neither name nor keys.
    Measured {
        callsite: u32,
        known: &'a Known,
        named: Named<'a>,
        keys: &'a Keys,
    },
}

impl<'a> Meta<'a> {
    /// Of the callsite with this id, which has 18 bits.
    #[inline(always)]
    pub(super) fn recorded(callsite: u64, known: &'a Known, values: Values<'a>) -> Self {
        Self(Repr::Recorded { about: callsite, known, values, activity: 0 })
    }

    /// The same, of a span that had begun before.
    pub(super) fn continuing(self) -> Self {
        self.with(CONTINUES)
    }

    /// The same, of an activity or a task that begins, of this id.
    pub(super) fn beginning(self, activity: u64) -> Self {
        match self.0 {
            Repr::Recorded { about, known, values, .. } => Self(Repr::Recorded { about, known, values, activity }),
            Repr::Given(_) | Repr::Measured { .. } => self,
        }
    }

    /// The same, of a poll of this task, if it is one's, whose own record isn't there.
    pub(super) fn polling(self, task: u64) -> Self {
        if task == 0 { self } else { self.beginning(task | POLL) }
    }

    /// The same, of an event that stands for so many, itself included: at most 2^42.
    pub(super) fn weighing(self, weight: u64) -> Self {
        self.with((weight - 1) << WEIGHT_SHIFT)
    }

    fn with(self, bits: u64) -> Self {
        match self.0 {
            Repr::Recorded { about, known, values, activity } => {
                Self(Repr::Recorded { about: about | bits, known, values, activity })
            }
            Repr::Given(_) | Repr::Measured { .. } => self,
        }
    }

    /// Of what was measured elsewhere, recorded at the callsite with this id.
    #[expect(clippy::cast_possible_truncation, reason = "18 bits")]
    pub(super) fn measured(callsite: u64, known: &'a Known, named: Named<'a>, keys: &'a Keys) -> Self {
        Self(Repr::Measured { callsite: callsite as u32, known, named, keys })
    }

    pub(super) fn given(given: &'a Given) -> Self {
        Self(Repr::Given(given))
    }

    /// The event's name; empty for an [`Event::Append`](crate::trace::Event::Append).
    pub fn name(&self) -> Text<'a> {
        match self.0 {
            Repr::Given(given) => given.name.as_str().into(),
            Repr::Measured { named, .. } => named.name().unwrap_or_else(|| "".into()),
            Repr::Recorded { values, known, .. } => {
                let written = self.callsite().map_or("", |callsite| callsite.name.as_str());
                // Only a callsite without a name has it made at run time: don't search the values of others.
                let made = if written.is_empty() { name_in(values) } else { None };
                let made = made.or_else(|| known.name_of(self.poll_of().filter(|_| written.is_empty())?));
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
            Repr::Given(_) | Repr::Measured { .. } => 1,
        }
    }

    /// Whether it is of a span that was [measured elsewhere](crate::record_span): that is one event, recorded at its end,
    /// and no activity that begins and ends.
    pub fn is_measured(&self) -> bool {
        matches!(self.0, Repr::Measured { .. })
    }

    /// The id of the task that begins with this event; `None` of all other events.
    pub fn task(&self) -> Option<u64> {
        match self.0 {
            Repr::Recorded { activity, .. } if is_begun(activity) && self.is_of_task() => Some(activity),
            Repr::Given(given) => given.task,
            _ => None,
        }
    }

    /// The id of the task of which a span is a poll, or the dropping of its future; `None` of all other events.
    #[inline]
    pub fn poll_of(&self) -> Option<u64> {
        match self.0 {
            Repr::Recorded { activity: 0, values, .. } => values.task(),
            Repr::Recorded { activity, .. } if activity & POLL != 0 => Some(activity & !POLL),
            Repr::Given(given) => given.poll_of,
            _ => None,
        }
    }

    /// The id of the task whose poll made the one that begins with this event; `None` if none did, and of all other events.
    pub fn made_in(&self) -> Option<u64> {
        match self.0 {
            Repr::Recorded { activity, values, .. } if is_begun(activity) => values.task().filter(|&task| task != 0),
            _ => None,
        }
    }

    /// Whether it is a poll, at its callsite: then its task has the metadata.
    #[inline]
    fn is_poll_at(&self, callsite: &Callsite) -> bool {
        callsite.kind == CallsiteKind::Task && matches!(self.0, Repr::Recorded { activity, .. } if !is_begun(activity))
    }

    /// Whether it can be a task or a poll: not, of most events.
    #[inline]
    pub(crate) fn is_about_task(&self) -> bool {
        match self.0 {
            Repr::Recorded { values, activity, .. } => activity != 0 || values.task().is_some(),
            Repr::Given(_) => true,
            Repr::Measured { .. } => false,
        }
    }

    fn is_of_task(&self) -> bool {
        self.callsite().is_some_and(|callsite| callsite.kind == CallsiteKind::Task)
    }

    /// Where in the source the event comes from; `None` if it was not recorded in this process.
    pub fn callsite(&self) -> Option<&'a Callsite> {
        match self.0 {
            Repr::Recorded { known, .. } | Repr::Measured { known, .. } => {
                known.callsites.get(self.callsite_id()?.index()).copied()
            }
            Repr::Given(_) => None,
        }
    }

    /// The id of that callsite.
    #[inline]
    pub fn callsite_id(&self) -> Option<CallsiteId> {
        match self.0 {
            Repr::Recorded { about, .. } => CallsiteId::new((about & (CONTINUES - 1)) as u32),
            Repr::Measured { callsite, .. } => CallsiteId::new(callsite),
            Repr::Given(_) => None,
        }
    }

    /// The metadata, literals of the callsite included, in source order.
    pub fn args(&self) -> impl Iterator<Item = (&'a str, Value<'a>)> + use<'a> {
        let (values, given) = self.values();
        let measured = match self.0 {
            Repr::Measured { named, keys, .. } => {
                Some(named.args().filter_map(|(key, value)| Some((keys.find(key)?, value))))
            }
            _ => None,
        };
        let keys =
            self.callsite().map_or(&[][..], |callsite| if self.is_poll_at(callsite) { &[] } else { &callsite.keys });
        let mut values = values.filter_map(Written::metadata);
        let recorded = keys.iter().filter_map(move |key| {
            let value = key.literal.as_ref().map(literal).or_else(|| values.next())?;
            Some((key.name.as_str(), value))
        });
        recorded.chain(given.into_iter().flat_map(Given::args)).chain(measured.into_iter().flatten())
    }

    /// The flows that leave the event or arrive at it, in source order.
    pub fn flows(&self) -> impl Iterator<Item = FlowEnd> + use<'a> {
        let (values, given) = self.values();
        let values = if values.hold_flows() { values } else { Values::EMPTY };
        values.filter_map(flow).chain(given.into_iter().flat_map(|given| given.flows.iter().copied()))
    }

    /// Where its values are: in words, or in what was given.
    fn values(&self) -> (Values<'a>, Option<&'a Given>) {
        match self.0 {
            Repr::Recorded { values, .. } => (values, None),
            Repr::Given(given) => (Values::EMPTY, Some(given)),
            Repr::Measured { .. } => (Values::EMPTY, None),
        }
    }

    /// The sample of an [`Event::Counter`](crate::trace::Event::Counter); of other events the first value of the metadata that is no literal.
    pub fn value(&self) -> Value<'a> {
        let first = match self.0 {
            Repr::Recorded { mut values, .. } => values.find_map(Written::metadata),
            Repr::Given(given) => given.args().next().map(|(_, value)| value),
            Repr::Measured { named, .. } => named.args().next().map(|(_, value)| value),
        };
        first.unwrap_or(Value::None)
    }
}

/// Whether it is the id of an activity or task that begins.
fn is_begun(activity: u64) -> bool {
    activity != 0 && activity & POLL == 0
}

impl fmt::Debug for Meta<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Meta").field(&self.name()).field(&self.args().collect::<Vec<_>>()).finish()
    }
}

fn flow(written: Written<'_>) -> Option<FlowEnd> {
    match written {
        Written::FlowOut(id) => Some(FlowEnd::Out(id)),
        Written::FlowIn(id) => Some(FlowEnd::In(id)),
        _ => None,
    }
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

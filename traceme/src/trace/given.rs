//! Events that were given to a [`TraceBuilder`](super::TraceBuilder), as they are kept.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::slice;
use std::sync::OnceLock;

use super::flags::Flags;
use super::index::{Place, small};
use super::meta::{FlowEnd, Meta};
use super::read::Event;
use super::track::Track;
use crate::record::args::{CUT, Values, tag_word};
use crate::record::value::{Text, Value, tag};
use crate::sync::AtomicU64;

/// The name and the metadata of an event.
#[derive(Debug)]
pub(super) struct Given {
    pub(super) name: String,
    args: Vec<(String, Kept)>,
    pub(super) flows: Vec<FlowEnd>,
    /// The task that it is.
    pub(super) task: Option<u64>,
    /// The task of which it is a poll.
    pub(super) poll_of: Option<u64>,
}

/// A value that borrows nothing.
#[derive(Debug)]
enum Kept {
    Plain(Value<'static>),
    Text(String),
    /// Encoded as in a chunk.
    Numbers(Vec<AtomicU64>),
}

impl Given {
    pub(super) fn new(name: &str, args: &[(&str, Value<'_>)]) -> Self {
        let args = args.iter().map(|&(key, value)| (key.into(), Kept::new(value))).collect();
        Self { name: name.into(), args, flows: Vec::new(), task: None, poll_of: None }
    }

    pub(super) fn args(&self) -> impl Iterator<Item = (&str, Value<'_>)> {
        self.args.iter().map(|(key, value)| (key.as_str(), value.get()))
    }
}

impl Kept {
    fn new(value: Value<'_>) -> Self {
        match value {
            Value::None => Self::Plain(Value::None),
            Value::U64(number) => Self::Plain(Value::U64(number)),
            Value::I64(number) => Self::Plain(Value::I64(number)),
            Value::F64(number) => Self::Plain(Value::F64(number)),
            Value::Bool(truth) => Self::Plain(Value::Bool(truth)),
            Value::Char(char) => Self::Plain(Value::Char(char)),
            Value::Pointer(address) => Self::Plain(Value::Pointer(address)),
            Value::Duration(duration) => Self::Plain(Value::Duration(duration)),
            Value::U128(number) => Self::Plain(Value::U128(number)),
            Value::I128(number) => Self::Plain(Value::I128(number)),
            Value::Str(text) => Self::Text(text.to_str().into_owned()),
            Value::Numbers(numbers) => {
                let kind = numbers.iter().next().map_or(tag::U64, |first| number(first).0);
                let cut = if numbers.is_cut() { CUT } else { 0 };
                let head = numbers.iter().len() as u64 | kind << 8 | cut;
                let words = std::iter::once(head).chain(numbers.iter().map(|value| number(value).1));
                Self::Numbers(words.map(AtomicU64::new).collect())
            }
        }
    }

    fn get(&self) -> Value<'_> {
        match self {
            Self::Plain(value) => *value,
            Self::Text(text) => Value::Str(Text::from(text.as_str())),
            Self::Numbers(words) => {
                let values = Values::read(tag_word(1, tag::NUMBERS), words);
                values.and_then(|(mut values, _)| values.next()?.metadata()).unwrap_or(Value::None)
            }
        }
    }
}

/// The type and the word of an element of [`Value::Numbers`].
fn number(value: Value<'_>) -> (u64, u64) {
    match value {
        Value::I64(number) => (tag::I64, u64::from_ne_bytes(number.to_ne_bytes())),
        Value::F64(number) => (tag::F64, number.to_bits()),
        Value::U64(number) => (tag::U64, number),
        _ => (tag::U64, 0),
    }
}

/// What was given of a track.
#[derive(Debug)]
pub(super) struct GivenTrack {
    pub(super) track: Track,
    pub(super) items: Vec<Item>,
    /// The items in time order, once somebody asks.
    steps: OnceLock<Vec<Step>>,
}

/// A span, an instant or a sample.
#[derive(Debug)]
pub(super) struct Item {
    pub(super) given: Given,
    pub(super) kind: ItemKind,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum ItemKind {
    Span {
        start: u64,
        end: Option<u64>,
    },
    Instant {
        ns: u64,
    },
    Sample {
        ns: u64,
    },
    /// Something is added to a span, the item of this number.
    Append {
        ns: u64,
        of: u32,
    },
}

impl ItemKind {
    /// The latest time known of it.
    pub(super) fn latest(self) -> u64 {
        match self {
            Self::Span { start, end } => end.unwrap_or(start),
            Self::Instant { ns } | Self::Sample { ns } | Self::Append { ns, .. } => ns,
        }
    }
}

/// What happens to an item at a moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    pub(super) item: u32,
    pub(super) what: What,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum What {
    Begin { ns: u64, span: u64 },
    End { ns: Option<u64>, span: u64 },
    Instant { ns: u64 },
    Sample { ns: u64 },
    Append { ns: u64, span: u64 },
}

impl GivenTrack {
    pub(super) fn new(track: Track) -> Self {
        Self { track, items: Vec::new(), steps: OnceLock::new() }
    }

    pub(super) fn event_count(&self) -> u64 {
        self.items.len() as u64
    }

    /// The latest time of the track.
    pub(super) fn end(&self) -> u64 {
        self.items.iter().map(|item| item.kind.latest()).max().unwrap_or(0)
    }

    pub(super) fn meta(&self, item: usize) -> Option<Meta<'_>> {
        self.items.get(item).map(|item| Meta::given(&item.given))
    }

    /// The events of the track, in time order, of a recording that ends at `end`.
    pub(super) fn events(&self, end: u64) -> GivenEvents<'_> {
        let steps = self.steps.get_or_init(|| in_time_order(self.items.iter().map(|item| item.kind)));
        GivenEvents { given: self, steps: steps.iter(), end }
    }
}

/// What happens to items, in time order. A span contains its start, but not its end: at one moment, first spans end,
/// then spans begin, longer ones first, and then comes the rest.
pub(super) fn in_time_order(items: impl Iterator<Item = ItemKind> + Clone) -> Vec<Step> {
    let span = |(item, kind)| match kind {
        ItemKind::Span { start, end } => Some((start, Reverse(end.unwrap_or(u64::MAX)), item, end)),
        _ => None,
    };
    let mut spans: Vec<_> = items.clone().enumerate().filter_map(span).collect();
    spans.sort_unstable();

    let (mut steps, mut ranks) = (Vec::new(), HashMap::new());
    let has_additions = items.clone().any(|kind| matches!(kind, ItemKind::Append { .. }));
    for (rank, &(start, _, item, end)) in spans.iter().enumerate() {
        if has_additions {
            ranks.insert(item, rank);
        }
        let span = rank as u64;
        let item = small(item);
        steps.push(((start, 1, span, 0), Step { item, what: What::Begin { ns: start, span } }));
        let order = match end {
            Some(end) if end == start => (end, 1, span, 2),
            // Innermost first.
            Some(end) => (end, 0, u64::MAX - span, 0),
            None => (u64::MAX, 3, u64::MAX - span, 0),
        };
        steps.push((order, Step { item, what: What::End { ns: end, span } }));
    }
    for (item, kind) in items.enumerate() {
        let (ns, what) = match kind {
            ItemKind::Span { .. } => continue,
            ItemKind::Instant { ns } => (ns, What::Instant { ns }),
            ItemKind::Sample { ns } => (ns, What::Sample { ns }),
            ItemKind::Append { ns, of } => {
                let Some(&rank) = ranks.get(&(of as usize)) else { continue };
                let (start, _, _, end) = spans[rank];
                // Within the span, whatever clocks say; where that ends, before it does.
                let (ns, span) = (ns.clamp(start, end.unwrap_or(u64::MAX).max(start)), rank as u64);
                let order = if ns == start { (ns, 1, span, 1) } else { (ns, 0, 0, item as u64) };
                steps.push((order, Step { item: small(item), what: What::Append { ns, span } }));
                continue;
            }
        };
        steps.push(((ns, 2, item as u64, 0), Step { item: small(item), what }));
    }
    steps.sort_unstable_by_key(|&(order, _)| order);
    steps.into_iter().map(|(_, step)| step).collect()
}

/// Gives the events of a track in time order.
#[derive(Debug)]
pub(super) struct GivenEvents<'a> {
    given: &'a GivenTrack,
    steps: slice::Iter<'a, Step>,
    end: u64,
}

impl<'a> Iterator for GivenEvents<'a> {
    type Item = (Event<'a>, Place);

    fn next(&mut self) -> Option<(Event<'a>, Place)> {
        let &Step { item, what } = self.steps.next()?;
        let meta = self.given.meta(item as usize)?;
        let event = match what {
            What::Begin { ns, span } => Event::Begin { ns, span, meta },
            What::End { ns: Some(ns), span } => Event::End { ns, span, flags: Flags::NONE },
            What::End { ns: None, span } => Event::End { ns: self.end, span, flags: Flags::INCOMPLETE },
            What::Instant { ns } => Event::Instant { ns, meta },
            What::Sample { ns } => Event::Counter { ns, meta },
            What::Append { ns, span } => Event::Append { ns, span, meta },
        };
        Some((event, Place::Given { track: small(self.given.track.id.index()), item }))
    }
}

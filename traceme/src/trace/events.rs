//! The events of any track.

use std::slice;

use super::activities::ActivityEvents;
use super::decode::{Cursor, Decoder};
use super::given::GivenEvents;
use super::index::{Contents, Place};
use super::read::Event;
use super::selected::SelectedEvents;
use super::track::Track;

/// What the events of a track come from: its thread's sections or, if it is no thread's or only some are shown, the rest.
#[derive(Debug)]
pub(super) struct Source<'a> {
    decoder: Decoder<'a>,
    rest: Rest<'a>,
}

#[derive(Debug)]
pub(super) enum Rest<'a> {
    None,
    Given(GivenEvents<'a>),
    Samples(Contents<'a>, slice::Iter<'a, (u64, Place)>),
    Activities(ActivityEvents<'a>),
    Selected(Box<SelectedEvents<'a>>),
}

/// Gives the events of a track in time order.
#[derive(Debug)]
pub(super) struct Events<'a> {
    /// Only ever lent to code that is inlined, so that the loop over the events keeps it in registers: that
    /// makes decoding twice as fast.
    cursor: Cursor<'a>,
    source: Box<Source<'a>>,
}

impl<'a> Events<'a> {
    #[inline(always)]
    pub(super) fn new(source: Box<Source<'a>>) -> Self {
        Self { cursor: Cursor::default(), source }
    }

    /// The next event, and where its name and metadata are.
    #[inline(always)]
    pub(super) fn next_placed(&mut self) -> Option<(Event<'a>, Place)> {
        self.source.next_placed(&mut self.cursor)
    }

    /// How many events they are, as the recorder counts: not the ends of spans, but those of activities and tasks.
    pub(super) fn count_recorded(self, track: &Track) -> u64 {
        let mut count = 0;
        for event in self {
            count += u64::from(match event {
                // What was measured elsewhere counts at its end.
                Event::Begin { meta, .. } => !meta.continues() && !meta.is_measured(),
                Event::End { flags, .. } => track.kind.is_flat() && !flags.is_incomplete(),
                Event::Instant { .. } | Event::Counter { .. } | Event::Append { .. } => true,
                Event::Spawn { .. } | Event::Gap { .. } => false,
            });
        }
        count
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Event<'a>> {
        // Not by `next_placed`: merged with the others, a simple event would go through memory, which costs those who
        // look at its metadata more than decoding does.
        if let Some((event, _)) = self.source.decoder.simple(&mut self.cursor) {
            return Some(event);
        }
        self.source.lend(&mut self.cursor).map(|(event, _)| event)
    }
}

impl<'a> Source<'a> {
    pub(super) fn new(decoder: Decoder<'a>, rest: Rest<'a>) -> Box<Self> {
        Box::new(Self { decoder, rest })
    }

    /// Where the instant, or the span of this number, began that was given last: see [`Decoder::place_of`].
    pub(super) fn place_of(&self, place: Place, span: Option<u64>) -> u64 {
        self.decoder.place_of(place, span)
    }

    /// The next event, and where its name and metadata are. See [`Events`] for what the cursor may be.
    #[inline(always)]
    pub(super) fn next_placed(&mut self, cursor: &mut Cursor<'a>) -> Option<(Event<'a>, Place)> {
        let next = self.decoder.simple(cursor);
        if next.is_some() {
            return next;
        }
        self.lend(cursor)
    }

    #[inline(always)]
    fn lend(&mut self, cursor: &mut Cursor<'a>) -> Option<(Event<'a>, Place)> {
        let mut lent = cursor.clone();
        let next = self.other(&mut lent);
        *cursor = lent;
        next
    }

    #[inline(never)]
    fn other(&mut self, cursor: &mut Cursor<'a>) -> Option<(Event<'a>, Place)> {
        if let Rest::Selected(events) = &mut self.rest {
            return events.next();
        }
        self.decoder.other(cursor).or_else(|| match &mut self.rest {
            Rest::None | Rest::Selected(_) => None,
            Rest::Given(events) => events.next(),
            Rest::Activities(events) => events.next(),
            Rest::Samples(contents, samples) => {
                let &(ns, place) = samples.next()?;
                contents.meta(place).map(|meta| (Event::Counter { ns, meta }, place))
            }
        })
    }
}

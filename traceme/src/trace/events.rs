//! The events of any track.

use std::slice;

use super::decode::{Cursor, Decoder};
use super::given::GivenEvents;
use super::index::{Contents, Place};
use super::read::Event;

/// What events come from.
#[derive(Debug)]
#[expect(clippy::large_enum_variant, reason = "there is one for each loop over events, in a box")]
pub(super) enum Source<'a> {
    Thread(Decoder<'a>),
    Given(GivenEvents<'a>),
    Samples(Contents<'a>, slice::Iter<'a, (u64, Place)>),
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
        if let Source::Thread(decoder) = &mut *self.source {
            let next = decoder.simple(&mut self.cursor);
            if next.is_some() {
                return next;
            }
        }
        let mut cursor = self.cursor.clone();
        let next = self.source.other(&mut cursor);
        self.cursor = cursor;
        next
    }
}

impl<'a> Iterator for Events<'a> {
    type Item = Event<'a>;

    #[inline(always)]
    fn next(&mut self) -> Option<Event<'a>> {
        self.next_placed().map(|(event, _)| event)
    }
}

impl<'a> Source<'a> {
    #[inline(never)]
    fn other(&mut self, cursor: &mut Cursor<'a>) -> Option<(Event<'a>, Place)> {
        match self {
            Self::Thread(decoder) => decoder.other(cursor),
            Self::Given(events) => events.next(),
            Self::Samples(contents, samples) => {
                let &(ns, place) = samples.next()?;
                contents.meta(place).map(|meta| (Event::Counter { ns, meta }, place))
            }
        }
    }
}

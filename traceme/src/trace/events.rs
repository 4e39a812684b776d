//! The events of any track.

use std::slice;

use super::decode::{Cursor, Decoder};
use super::given::GivenEvents;
use super::index::{Contents, Place};
use super::read::Event;
use super::shared::ActivityEvents;

/// What the events of a track come from: its thread's sections or, if it is no thread's, the rest.
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
        let next = self.source.decoder.simple(&mut self.cursor);
        if next.is_some() {
            return next;
        }
        self.other()
    }

    #[inline(always)]
    fn other(&mut self) -> Option<(Event<'a>, Place)> {
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
        // Not by `next_placed`: merged with the others, a simple event would go through memory, which costs those who
        // look at its metadata more than decoding does.
        if let Some((event, _)) = self.source.decoder.simple(&mut self.cursor) {
            return Some(event);
        }
        self.other().map(|(event, _)| event)
    }
}

impl<'a> Source<'a> {
    pub(super) fn new(decoder: Decoder<'a>, rest: Rest<'a>) -> Box<Self> {
        Box::new(Self { decoder, rest })
    }

    #[inline(never)]
    fn other(&mut self, cursor: &mut Cursor<'a>) -> Option<(Event<'a>, Place)> {
        self.decoder.other(cursor).or_else(|| match &mut self.rest {
            Rest::None => None,
            Rest::Given(events) => events.next(),
            Rest::Activities(events) => events.next(),
            Rest::Samples(contents, samples) => {
                let &(ns, place) = samples.next()?;
                contents.meta(place).map(|meta| (Event::Counter { ns, meta }, place))
            }
        })
    }
}

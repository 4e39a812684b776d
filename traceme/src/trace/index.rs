//! What lies where in the chunks: the first, quick look at every record.
//!
//! A chunk holds sections, each written by one thread. Here they are found, checked and put in order, so that
//! [`decode`](super::decode) meets no surprise. A chunk is cut at the first record that no writer can have
//! written; what lies behind is counted as damaged.

use std::collections::BTreeMap;

use super::decode::Decoder;
use super::events::{Events, Source};
use super::given::GivenTrack;
use super::head;
use super::losses::Loss;
use super::model::{Track, TrackId, TrackKind};
use super::read::{CallsiteId, Event, Meta, Tables};
use crate::callsite::Callsite;
use crate::record::args::Values;
use crate::record::chunk::{Reader, Recorded};
use crate::record::value::load;
use crate::record::wire::{self, MAX_DEPTH, Record};
use crate::sync::AtomicU64;

/// What a trace holds, undecoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contents<'a> {
    pub(super) recorded: &'a Recorded,
    pub(super) given: &'a [GivenTrack],
    pub(super) callsites: &'a [&'static Callsite],
}

/// Where the name and the metadata of an event are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the record at this word of this chunk.
    Record { chunk: u32, at: u32 },
    /// The span is known from an OPEN record only, and has none.
    Open(u64),
    /// The event has neither.
    Nowhere,
    /// In this item of this given track.
    Given { track: u32, item: u32 },
}

/// An index in 32 bits: chunks have 2^15 words, and 2^32 of chunks or events fit no memory.
#[expect(clippy::cast_possible_truncation, reason = "see above")]
pub(super) const fn small(index: usize) -> u32 {
    index as u32
}

impl<'a> Contents<'a> {
    /// The words of a chunk.
    pub(super) fn words(&self, chunk: usize) -> &'a [AtomicU64] {
        self.recorded.chunks.get(chunk).map_or(&[], Reader::words)
    }

    /// The callsite of this id, if there is one.
    pub(super) fn callsite(&self, id: u64) -> Option<CallsiteId> {
        CallsiteId::new(id).filter(|id| id.index() < self.callsites.len())
    }

    #[inline(always)]
    pub(super) fn recorded_meta(&self, callsite: u64, values: Values<'a>) -> Meta<'a> {
        Meta::recorded(callsite, self.callsites, values)
    }

    /// The name and metadata at a place.
    pub(super) fn meta(&self, place: Place) -> Option<Meta<'a>> {
        match place {
            Place::Nowhere => None,
            Place::Open(callsite) => Some(self.recorded_meta(callsite, Values::EMPTY)),
            Place::Given { track, item } => self.given.get(track as usize)?.meta(item as usize),
            Place::Record { chunk, at } => match wire::read(self.words(chunk as usize).get(at as usize..)?)?.0 {
                Record::Begin { id, values, .. }
                | Record::Instant { id, values, .. }
                | Record::Counter { id, values, .. }
                | Record::Append { id, values, .. } => Some(self.recorded_meta(id, values)),
                _ => None,
            },
        }
    }

    fn ns(&self, ticks: u64) -> u64 {
        self.recorded.clock.ns(ticks)
    }
}

/// A part of a chunk that one thread wrote.
#[derive(Debug)]
pub(super) struct Section {
    sequence: u64,
    os_id: u32,
    name: Vec<u8>,
    pub(super) chunk: usize,
    /// The words behind the section's THREAD and OPEN records.
    pub(super) from: usize,
    pub(super) to: usize,
    /// The base of its times, in ticks.
    pub(super) base: u64,
    /// The spans that were open: key and start in ticks, outermost first.
    pub(super) open: Vec<(u64, u64)>,
    /// Whether the recording goes on behind the section before this one without a hole.
    pub(super) follows: bool,
    /// Whether what lies behind is damaged.
    pub(super) damaged: bool,
}

/// All sections of one thread, in order.
#[derive(Debug, Default)]
pub(super) struct Thread {
    pub(super) sections: Vec<Section>,
}

/// The samples of one counter: when, and where.
type Samples = Vec<(u64, Place)>;

/// Tracks, tables, and where the events of each track are.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) tracks: Vec<Track>,
    pub(super) tables: Tables,
    /// The tracks are the given ones, then these, then the samples.
    given: usize,
    threads: Vec<Thread>,
    samples: Vec<Samples>,
    /// By thread: what it lost, in order of time.
    losses: Vec<Vec<Loss>>,
}

impl Index {
    pub(super) fn new(contents: Contents<'_>) -> Self {
        let mut scan = Scan { contents, threads: BTreeMap::new(), damaged: 0, counters: false };
        for chunk in 0..contents.recorded.chunks.len() {
            scan.chunk(chunk);
        }
        let Scan { threads, damaged, counters, .. } = scan;
        let numbers: Vec<u64> = threads.keys().copied().collect();
        let mut index =
            Self { given: contents.given.len(), threads: threads.into_values().collect(), ..Self::default() };
        index.tables.callsites = contents.callsites.to_vec();
        index.tables.losses.damaged_words = damaged;
        for thread in &mut index.threads {
            index.tables.losses.damaged_words += thread.sort();
            index.tables.losses.missing_sections += thread.join();
        }
        index.tracks.extend(contents.given.iter().map(|given| given.track.clone()));
        for thread in &index.threads {
            let kind = TrackKind::Thread { os_tid: thread.sections.first().map_or(0, |section| section.os_id) };
            push_track(&mut index.tracks, kind, thread.name());
        }
        index.take_losses(contents, &numbers);
        if counters {
            index.find_samples(contents);
        }
        index
    }

    fn take_losses(&mut self, contents: Contents<'_>, numbers: &[u64]) {
        self.losses.resize(numbers.len(), Vec::new());
        let losses = &mut self.tables.losses;
        losses.late = contents.recorded.late;
        for lost in &contents.recorded.lost {
            let thread = lost.thread.and_then(|number| numbers.binary_search(&number).ok());
            losses.items.push(Loss {
                cause: lost.cause,
                track: thread.map(|thread| TrackId::new(self.given + thread)),
                callsite: contents.callsite(lost.callsite),
                count: lost.count,
                first: contents.ns(lost.first),
                last: contents.ns(lost.last),
            });
        }
        losses.items.sort_by_key(|loss| (loss.first, loss.last, loss.track, loss.callsite, loss.cause));
        for loss in &losses.items {
            let thread = loss.track.and_then(|track| self.losses.get_mut(track.index() - self.given));
            thread.into_iter().for_each(|losses| losses.push(loss.clone()));
        }
    }

    /// Gathers the samples of all threads, in time order, on a track for each counter.
    fn find_samples(&mut self, contents: Contents<'_>) {
        let mut counters: BTreeMap<(String, &str), Samples> = BTreeMap::new();
        for thread in &self.threads {
            let mut events =
                Events::new(Box::new(Source::Thread(Decoder::new(contents, thread, &[], 0).with_counters())));
            while let Some((event, place)) = events.next_placed() {
                if let Event::Counter { ns, meta } = event {
                    let unit = meta.callsite().map_or("", |callsite| callsite.unit.as_str());
                    counters.entry((meta.name().to_str().into_owned(), unit)).or_default().push((ns, place));
                }
            }
        }
        for ((name, unit), mut samples) in counters {
            // Stable: at one time the samples of a thread stay in order, and those of threads by their number.
            samples.sort_by_key(|&(ns, _)| ns);
            self.samples.push(samples);
            push_track(&mut self.tracks, TrackKind::Counter { unit: unit.into() }, name);
        }
    }

    /// The thread that a track shows, if it does.
    pub(super) fn thread(&self, track: TrackId) -> Option<&Thread> {
        self.threads.get(track.index().checked_sub(self.given)?)
    }

    /// What a thread's track lost, in time order.
    pub(super) fn losses_of(&self, track: TrackId) -> &[Loss] {
        let thread = track.index().checked_sub(self.given);
        thread.and_then(|thread| self.losses.get(thread)).map_or(&[], Vec::as_slice)
    }

    /// The samples of a counter's track that were recorded.
    pub(super) fn samples(&self, track: TrackId) -> &[(u64, Place)] {
        let counter = track.index().checked_sub(self.given + self.threads.len());
        counter.and_then(|counter| self.samples.get(counter)).map_or(&[], Vec::as_slice)
    }
}

fn push_track(tracks: &mut Vec<Track>, kind: TrackKind, name: String) {
    tracks.push(Track { id: TrackId::new(tracks.len()), parent: None, kind, name });
}

impl Thread {
    /// Its name, which it may have got only after its first section.
    fn name(&self) -> String {
        let name = self.sections.iter().rev().map(|section| &section.name).find(|name| !name.is_empty());
        name.map_or_else(String::new, |name| String::from_utf8_lossy(name).into_owned())
    }

    /// Puts the sections in order; drops those that are there twice, and gives how many words these have.
    fn sort(&mut self) -> u64 {
        self.sections.sort_by_key(|section| (section.sequence, section.base, section.chunk, section.from));
        let mut dropped = 0;
        self.sections.dedup_by(|section, before| {
            let twice = section.sequence == before.sequence;
            dropped += if twice { section.to - section.from } else { 0 };
            twice
        });
        dropped as u64
    }

    /// Marks the holes between the sections; gives how many sections are missing in them.
    fn join(&mut self) -> u64 {
        let mut missing = 0;
        let mut before: Option<(u64, bool)> = None;
        for section in &mut self.sections {
            if let Some((sequence, damaged)) = before {
                let between = section.sequence - sequence - 1;
                section.follows = between == 0 && !damaged;
                missing += between;
            }
            before = Some((section.sequence, section.damaged));
        }
        missing
    }
}

struct Scan<'a> {
    contents: Contents<'a>,
    threads: BTreeMap<u64, Thread>,
    damaged: u64,
    counters: bool,
}

impl Scan<'_> {
    /// Finds the sections of a chunk.
    fn chunk(&mut self, chunk: usize) {
        let words = self.contents.words(chunk);
        let (mut at, mut writer) = (0, None);
        while let Some(start) = words.get(at..) {
            let Some((Record::Thread { section, open }, used)) = wire::read(start) else { break };
            if !self.sound(&open) {
                break;
            }
            let from = at + used;
            let (length, counters) = self.extent(&words[from..], open.len());
            at = from + length;
            self.counters |= counters;
            writer = Some(section.thread);
            self.threads.entry(section.thread).or_default().sections.push(Section {
                os_id: section.os_id,
                name: section.name,
                sequence: section.sequence,
                chunk,
                from,
                to: at,
                base: section.base.ticks,
                open,
                follows: true,
                damaged: false,
            });
        }
        if at < words.len() {
            self.damaged += (words.len() - at) as u64;
            let last = writer.and_then(|thread| self.threads.get_mut(&thread)?.sections.last_mut());
            last.into_iter().for_each(|section| section.damaged = true);
        }
    }

    /// Whether the OPEN records of a section are such as a writer makes.
    fn sound(&self, open: &[(u64, u64)]) -> bool {
        let known = |key: u64| self.contents.callsite(wire::id_of(key)).is_some();
        open.len() <= MAX_DEPTH
            && open.iter().enumerate().all(|(depth, &(key, _))| wire::depth_of(key) == depth && known(key))
    }

    /// How far a section goes in `words`, which begin behind its first records: how many words, and
    /// whether there are samples among them.
    fn extent(&self, words: &[AtomicU64], open: usize) -> (usize, bool) {
        let callsites = self.contents.callsites.len() as u64;
        // 0 is no callsite: it wraps round to the largest number.
        let known = |id: u64| id.wrapping_sub(1) < callsites;
        let (mut rest, mut depth, mut counters) = (words.iter(), open, false);
        loop {
            let before = rest.as_slice();
            // Most records are these two; the others are slower to tell apart.
            let head = rest.next().map_or(0, load);
            if head::kind(head) == wire::END && depth > 0 {
                depth -= 1;
                continue;
            }
            let begins = head::kind(head) == wire::BEGIN && depth < MAX_DEPTH && known(head::id(head));
            if begins && head::values(&mut rest).is_some() {
                depth += 1;
                continue;
            }
            rest = before.iter();
            let Some((record, used)) = wire::read(before) else { break };
            match record {
                Record::EndAt { depth: ended, .. } if ended < depth => depth = ended,
                Record::Instant { id, .. } | Record::Append { id, .. } if known(id) => {}
                Record::Counter { id, .. } if known(id) => counters = true,
                Record::EndDetached { .. } | Record::Clock { .. } => {}
                _ => break,
            }
            rest = before[used..].iter();
        }
        (words.len() - rest.len(), counters)
    }
}

//! What lies where in the chunks: a first, quick look.
//!
//! The sections that are found in the chunks are put in order here, by thread. The first record in a section that no
//! thread can have written, and all behind it, is damaged.

use super::carried::Seam;
use super::events::Rest;
use super::flags::Flags;
use super::given::{Given, GivenTrack};
use super::keys::Keys;
use super::known::Known;
use super::losses::{Loss, Losses};
use super::meta::Meta;
use super::read::CallsiteId;
use super::scan::{Scan, Section};
use super::shared::Shared;
use super::track::{Track, TrackId, TrackKind};
use crate::callsite::{Callsite, CallsiteKind};
use crate::record::args::Values;
use crate::record::chunk::{Reader, Recorded};
use crate::record::loss::Cause;
use crate::record::value::load;
use crate::record::wire::{self, AT_ACTIVITY, MAX_DEPTH, Record};
use crate::sync::AtomicU64;

/// What a trace holds, undecoded.
#[derive(Clone, Copy, Debug)]
pub(super) struct Contents<'a> {
    pub(super) recorded: &'a Recorded,
    pub(super) given: &'a [GivenTrack],
    pub(super) callsites: &'a [&'static Callsite],
    pub(super) known: &'a Known,
    /// The keys of what was measured elsewhere, once they are gathered.
    pub(super) keys: &'a Keys,
}

/// Where the name and the metadata of an event are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// In the record at this word of this chunk.
    Record { chunk: u32, at: u32 },
    /// The span is known from an OPEN record only, and has none, but for the task that it polls.
    Open { callsite: u32, task: u64 },
    /// In an earlier batch, in the record in which the activity of this id begins, or, counted from 1, in one that adds to it.
    Carried(u64, u32),
    /// The event has neither.
    Nowhere,
    /// In this item of this given track.
    Given { track: u32, item: u32 },
}

impl Place {
    #[expect(clippy::cast_possible_truncation, reason = "an id has 18 bits")]
    pub(super) const fn open(callsite: u64, task: u64) -> Self {
        Self::Open { callsite: callsite as u32, task }
    }
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
        u32::try_from(id).ok().and_then(CallsiteId::new).filter(|_| self.knows(id))
    }

    /// Whether there is a callsite of this id.
    #[inline(always)]
    pub(super) fn knows(&self, id: u64) -> bool {
        // 0 is no callsite: it wraps round to the largest number.
        id.wrapping_sub(1) < self.callsites.len() as u64
    }

    /// Whether there can be tasks.
    pub(super) fn have_tasks(&self) -> bool {
        let is_of_one = |given: &Given| given.task.is_some() || given.poll_of.is_some();
        self.callsites.iter().any(|callsite| callsite.kind == CallsiteKind::Task)
            || self.given.iter().flat_map(|track| &track.items).any(|item| is_of_one(&item.given))
    }

    /// What the callsite of this id records.
    pub(super) fn kind_of(&self, id: u64) -> Option<CallsiteKind> {
        let at = usize::try_from(id).ok()?.checked_sub(1)?;
        self.callsites.get(at).map(|callsite| callsite.kind)
    }

    #[inline(always)]
    pub(super) fn recorded_meta(&self, callsite: u64, values: Values<'a>) -> Meta<'a> {
        Meta::recorded(callsite, self.known, values)
    }

    /// Of a span that is known from an OPEN record only.
    pub(super) fn open_meta(&self, callsite: u64, task: u64) -> Meta<'a> {
        self.recorded_meta(callsite, Values::EMPTY).polling(task)
    }

    /// The words from a place in a chunk on.
    pub(super) fn words_at(&self, place: Place) -> Option<&'a [AtomicU64]> {
        let Place::Record { chunk, at } = place else { return None };
        self.words(chunk as usize).get(at as usize..)
    }

    /// The record at a place.
    pub(super) fn record(&self, place: Place) -> Option<Record<'a>> {
        match place {
            Place::Carried(activity, 0) => self.known.carried.record(activity),
            Place::Carried(activity, at) => self.known.carried.addition(activity, at),
            _ => Some(wire::read(self.words_at(place)?)?.0),
        }
    }

    /// The name and metadata at a place.
    pub(super) fn meta(&self, place: Place) -> Option<Meta<'a>> {
        match place {
            Place::Nowhere => None,
            Place::Open { callsite, task } => Some(self.open_meta(u64::from(callsite), task)),
            Place::Given { track, item } => self.given.get(track as usize)?.meta(item as usize),
            Place::Carried(_, 0) => Some(self.meta_of(&self.record(place)?)?.continuing()),
            Place::Record { .. } | Place::Carried(..) => self.meta_of(&self.record(place)?),
        }
    }

    fn meta_of(&self, record: &Record<'a>) -> Option<Meta<'a>> {
        match *record {
            Record::Begin { id, weight, values } | Record::Instant { id, weight, values } => {
                Some(self.recorded_meta(id, values).weighing(weight))
            }
            Record::ActivityBegin { id, weight, activity, values } => {
                Some(self.recorded_meta(id, values).weighing(weight).beginning(activity))
            }
            Record::Counter { id, values, .. } | Record::Append { id, values, .. } => {
                Some(self.recorded_meta(id, values))
            }
            Record::Measured { id, named, .. } => Some(Meta::measured(id, self.known, named, self.keys)),
            _ => None,
        }
    }

    /// Whether a thread with `depth` open spans can have written this.
    pub(super) fn fits(&self, record: &Record<'_>, depth: usize) -> bool {
        match *record {
            Record::Begin { id, .. } => depth < MAX_DEPTH && self.knows(id),
            Record::End { .. } => depth > 0,
            Record::EndAt { depth: ended, .. } => ended < depth,
            Record::Instant { id, .. }
            | Record::Counter { id, .. }
            | Record::Append { id, .. }
            | Record::ActivityBegin { id, .. }
            | Record::Measured { id, .. } => self.knows(id),
            Record::EndDetached { .. } | Record::ActivityEnd { .. } | Record::Clock { .. } => true,
            Record::Thread { .. } => false,
        }
    }

    /// How many of the words of a section, which begin behind its first records, can be read, and whether there
    /// are events among them that belong to no thread's track.
    pub(super) fn extent(&self, words: &[AtomicU64], open: usize) -> (usize, bool) {
        let (mut rest, mut depth, mut shared) = (words.iter(), open, false);
        loop {
            let before = rest.as_slice();
            // Most records are BEGIN and END; the others are slower to tell apart.
            let head = rest.next().map_or(0, load);
            if wire::kind_of(head) == wire::END && depth > 0 {
                depth -= 1;
                continue;
            }
            let begins = wire::kind_of(head) == wire::BEGIN && depth < MAX_DEPTH && self.knows(wire::callsite_of(head));
            if begins && wire::take_values(&mut rest).is_some() {
                depth += 1;
                continue;
            }
            let record = wire::read(before).filter(|(record, _)| self.fits(record, depth));
            let Some((record, used)) = record else { return (words.len() - before.len(), shared) };
            match record {
                // Behind a weight.
                Record::Begin { .. } => depth += 1,
                Record::EndAt { depth: ended, .. } => depth = ended,
                Record::Counter { .. } | Record::Measured { .. } => shared = true,
                Record::ActivityBegin { .. } | Record::ActivityEnd { .. } => shared = true,
                Record::Append { target, .. } => shared |= target & AT_ACTIVITY != 0,
                _ => {}
            }
            rest = before[used..].iter();
        }
    }

    pub(super) fn ns(&self, ticks: u64) -> u64 {
        self.recorded.clock.ns(ticks)
    }
}

/// All sections of one thread, in order.
#[derive(Debug, Default)]
struct Thread {
    sections: Vec<Section>,
}

/// The tracks, and where the events of each track are.
#[derive(Debug, Default)]
pub(super) struct Index {
    pub(super) tracks: Vec<Track>,
    /// The tracks are the given ones, then these, then what they share.
    given: usize,
    threads: Vec<Thread>,
    /// The numbers of the threads.
    numbers: Vec<u64>,
    shared: Shared,
    /// By thread: what it lost, in order of time.
    losses: Vec<Vec<Loss>>,
    all_losses: Losses,
}

impl Index {
    pub(super) fn new(contents: Contents<'_>) -> Self {
        let Scan { sections, damaged, shared, .. } = Scan::of(contents);
        let numbers: Vec<u64> = sections.keys().copied().collect();
        let threads = sections.into_values().map(|sections| Thread { sections }).collect();
        let mut index = Self { given: contents.given.len(), threads, ..Self::default() };
        index.all_losses.damaged_words = damaged;
        for thread in &mut index.threads {
            index.all_losses.damaged_words += thread.sort();
            index.all_losses.missing_sections += thread.join();
        }
        index.tracks.extend(contents.given.iter().map(|given| given.track.clone()));
        for thread in &index.threads {
            let kind = TrackKind::Thread { os_tid: thread.sections.first().map_or(0, |section| section.os_id) };
            push_track(&mut index.tracks, kind, thread.name());
        }
        index.take_losses(contents, &numbers);
        index.numbers = numbers;
        if shared || !contents.known.carried.ends().is_empty() {
            index.shared = Shared::gather(contents, index.threads.iter().map(|thread| thread.sections.as_slice()));
            for (kind, name) in std::mem::take(&mut index.shared.tracks) {
                push_track(&mut index.tracks, kind, name);
            }
            index.all_losses.unmatched_ends = index.shared.unmatched_ends;
        }
        index
    }

    /// All that was lost. Looks at every record, to count those that are damaged.
    pub(super) fn losses(&self, contents: Contents<'_>) -> Losses {
        let mut losses = self.all_losses.clone();
        for section in self.threads.iter().flat_map(|thread| &thread.sections) {
            let words = contents.words(section.chunk).get(section.from..section.to).unwrap_or_default();
            losses.damaged_words += (words.len() - contents.extent(words, section.open.len()).0) as u64;
        }
        losses
    }

    fn take_losses(&mut self, contents: Contents<'_>, numbers: &[u64]) {
        self.losses.resize(numbers.len(), Vec::new());
        let losses = &mut self.all_losses;
        losses.late = contents.recorded.late;
        // Threads lose events while the end is taken, too: that of the recording is the latest time in it.
        let ns = |ticks: u64| contents.ns(ticks.min(contents.recorded.clock.stop.ticks));
        for lost in &contents.recorded.lost {
            let thread = lost.thread.and_then(|number| numbers.binary_search(&number).ok());
            losses.items.push(Loss {
                cause: lost.cause,
                track: thread.map(|thread| TrackId::new(self.given + thread)),
                callsite: contents.callsite(lost.callsite),
                count: lost.count,
                first: ns(lost.first.max(if lost.cause == Cause::Sampled { contents.recorded.since } else { 0 })),
                last: ns(lost.last),
            });
        }
        losses.items.sort_by_key(|loss| (loss.first, loss.last, loss.track, loss.callsite, loss.cause));
        for loss in losses.lost() {
            let thread = loss.track.and_then(|track| self.losses.get_mut(track.index() - self.given));
            thread.into_iter().for_each(|losses| losses.push(loss.clone()));
        }
    }

    /// What there is of activities that are not wholly in the recording.
    pub(super) fn seam(&self) -> &Seam {
        &self.shared.seam
    }

    /// The keys of what was measured elsewhere.
    pub(super) fn keys(&self) -> &Keys {
        &self.shared.keys
    }

    /// Whether there are ends of activities that have no beginning here.
    pub(super) fn has_lone_ends(&self) -> bool {
        !self.shared.lone_ends.is_empty()
    }

    /// When and how an activity ended that has no beginning here.
    pub(super) fn lone_end(&self, activity: u64) -> Option<(u64, Flags)> {
        self.shared.lone_ends.get(&activity).copied()
    }

    /// How many ends of activities are of ones that began before the recording does.
    pub(super) fn earlier_ends(&self) -> u64 {
        self.shared.earlier_ends
    }

    /// The last section of each thread.
    pub(super) fn last_sections(&self) -> impl Iterator<Item = &Section> {
        self.threads.iter().filter_map(|thread| thread.sections.last())
    }

    /// The sections of a thread's track.
    pub(super) fn sections(&self, track: TrackId) -> &[Section] {
        let thread = track.index().checked_sub(self.given);
        thread.and_then(|thread| self.threads.get(thread)).map_or(&[], |thread| &thread.sections)
    }

    /// The number of the thread whose track it is, if it is one's.
    pub(super) fn thread(&self, track: TrackId) -> Option<u64> {
        self.numbers.get(track.index().checked_sub(self.given)?).copied()
    }

    /// What a thread's track lost, in time order.
    pub(super) fn losses_of(&self, track: TrackId) -> &[Loss] {
        let thread = track.index().checked_sub(self.given);
        thread.and_then(|thread| self.losses.get(thread)).map_or(&[], Vec::as_slice)
    }

    /// The events of a track that is no thread's and was not given, of a recording that ends at `end`.
    pub(super) fn shared_events<'a>(&'a self, track: TrackId, contents: Contents<'a>, end: u64) -> Rest<'a> {
        let track = track.index().checked_sub(self.given + self.threads.len());
        track.map_or(Rest::None, |track| self.shared.events(track, contents, end))
    }
}

fn push_track(tracks: &mut Vec<Track>, kind: TrackKind, name: String) {
    tracks.push(Track { id: TrackId::new(tracks.len()), parent: None, kind, name });
}

impl Thread {
    /// Its name, which it may have got only after its first section.
    fn name(&self) -> String {
        let name = self.sections.iter().rev().map(|section| section.name.bytes()).find(|name| !name.is_empty());
        name.map_or_else(String::new, |name| String::from_utf8_lossy(name).into_owned())
    }

    /// Puts the sections in order; drops those that are there twice, and gives how many words these have. A section can be
    /// there in parts: behind a rotation, what was given away and what came since.
    fn sort(&mut self) -> u64 {
        self.sections.sort_by_key(|section| (section.sequence, section.from, section.base, section.chunk));
        let mut dropped = 0;
        self.sections.dedup_by(|section, before| {
            let twice = section.sequence == before.sequence && section.from < before.to;
            dropped += if twice { section.to - section.from } else { 0 };
            twice
        });
        dropped as u64
    }

    /// Marks the holes between the sections; gives how many sections are missing in them.
    fn join(&mut self) -> u64 {
        let mut missing = 0;
        let mut before: Option<u64> = None;
        for section in &mut self.sections {
            let between = before.map_or(0, |before| (section.sequence - before).saturating_sub(1));
            section.follows = between == 0;
            missing += between;
            before = Some(section.sequence);
        }
        missing
    }
}

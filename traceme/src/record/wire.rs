//! The words of a chunk: every record's layout, written here and read back here.
//!
//! A chunk is a run of records. A record is one head word and the words that its kind calls for:
//!
//! | bits of a head | meaning |
//! |---|---|
//! | 0..4 | kind |
//! | 4..22 | callsite id, or what the kind says |
//! | 22..64 | time in ticks since the base |
//!
//! | kind | id field | words after the head |
//! |---|---|---|
//! | 1 BEGIN | callsite | values, if an ARGS tag follows |
//! | 2 END | 0; ends the innermost open span | – |
//! | 3 `END_AT` | depth (7), flags (8); ends the span of that depth, detaches those inside it | – |
//! | 4 `END_DETACHED` | flags (8) | key of the span, which an `END_AT` detached |
//! | 5 INSTANT | callsite | values, if an ARGS tag follows |
//! | 6 COUNTER | callsite | values: the sample |
//! | 7 ARGS | see [`args`](super::args); only behind BEGIN, INSTANT, COUNTER, APPEND, `ACTIVITY_BEGIN` | values |
//! | 8 APPEND | callsite of the keys | key of the span that gets the values, or [`AT_ACTIVITY`] and the id of an activity; values |
//! | 9 OPEN | callsite; time is the number of the task that it polls, 0 if none | key; start in ticks: a span that was open when the section began |
//! | 10 THREAD | open spans (8); begins a section; time is its number in this thread's session | thread; OS id (32), name length (32); ticks; ns; name; then that many OPEN |
//! | 11 CLOCK | 0 | ticks; ns: a new base |
//! | 12 `ACTIVITY_BEGIN` | callsite | id of the activity; values |
//! | 13 `ACTIVITY_END` | flags (8) | id of the activity, which can have begun on another thread |
//! | 14 MEASURED | callsite; time of the recording | start and end in ticks; its name, the keys and their values, as [`Named`] |
//! | 15 WEIGHT | 0; the time is a number instead: how many events the one behind stands for besides itself | that event: BEGIN, INSTANT or `ACTIVITY_BEGIN`, with all its words; they are one record |
//!
//! A chunk begins with THREAD, and a further THREAD says that another thread goes on from there. THREAD and
//! CLOCK set the base for the times behind them, with the `CLOCK_MONOTONIC` time of the same moment: so the
//! chunks of a thread, from any one of them on, can be read without those before.
//!
//! A span's key says which one of its thread it is: session (23 bits) << 40 | place (33) << 7 | depth (7). The place is
//! where its BEGIN stands: the section's number << 15 | the word in the chunk. The highest bit is 0 here; in a guard it
//! says that the span has a limit ([`ALERT`]).
//!
//! Flags: 1 panicked, 2 failed, 4 alerted, 8 cancelled; others mean nothing yet.
//!
//! An activity's id is session (23 bits) << 40 | a number of the process (40). A task is an activity at a callsite of that
//! kind; its polls are spans at the same callsite, with the task's id as a value.
//!
//! BEGIN, INSTANT, COUNTER, APPEND, `ACTIVITY_BEGIN`, `ACTIVITY_END` and MEASURED are events: what user code attempts, and what is
//! counted when it is lost.

use crate::callsite::ID_BITS;
pub(crate) use crate::record::args::take_values;
use crate::record::args::{Named, Out, Values};
use crate::record::ends::EndFlags;
use crate::record::name::Name;
use crate::record::time::Anchor;
use crate::record::value::load;
use crate::sync::{AtomicU64, Ordering};

pub(crate) const BEGIN: u64 = 1;
pub(crate) const END: u64 = 2;
pub(crate) const END_AT: u64 = 3;
pub(crate) const END_DETACHED: u64 = 4;
pub(crate) const INSTANT: u64 = 5;
pub(crate) const COUNTER: u64 = 6;
pub(crate) const ARGS: u64 = 7;
pub(crate) const APPEND: u64 = 8;
pub(crate) const OPEN: u64 = 9;
pub(crate) const THREAD: u64 = 10;
pub(crate) const CLOCK: u64 = 11;
pub(crate) const ACTIVITY_BEGIN: u64 = 12;
pub(crate) const ACTIVITY_END: u64 = 13;
pub(crate) const MEASURED: u64 = 14;
pub(crate) const WEIGHT: u64 = 15;

/// How many spans can be open on one thread.
pub(crate) const MAX_DEPTH: usize = 128;
/// The words of a CLOCK record.
pub(crate) const CLOCK_WORDS: usize = 3;
/// The words of an OPEN record.
pub(crate) const OPEN_WORDS: usize = 3;
/// Times are below 2 to this power.
pub(crate) const TIME_BITS: u32 = 42;

const KIND_BITS: u32 = 4;
const ID_MASK: u64 = (1 << ID_BITS) - 1;
const DEPTH_BITS: u32 = 7;
/// Words of a chunk are below 2 to this power.
const AT_BITS: u32 = 15;
const PLACE_MASK: u64 = (1 << (EPOCH_SHIFT - DEPTH_BITS)) - 1;
const EVENT_MASK: u64 = (1 << EPOCH_SHIFT) - 1;
/// Session epochs are below 2 to this power.
pub(crate) const EPOCH_BITS: u32 = 23;
/// Where the epoch begins in a key, and in a callsite's word.
pub(crate) const EPOCH_SHIFT: u32 = 40;
/// Set in the word of a callsite of which only some events are recorded. Right above the id: what is left of such a word
/// without the stamp is a number behind all ids.
pub(crate) const SAMPLED: u64 = 1 << ID_BITS;
/// The generation of a session's selection is between epoch and that bit; it is below 2 to this power.
pub(crate) const GENERATION_BITS: u32 = EPOCH_SHIFT - GENERATION_SHIFT;
const GENERATION_SHIFT: u32 = ID_BITS + 1;
/// Set in a guard's key, and in no other, if the span is to be compared with a limit when it ends. So the key is of no
/// session that the hot path knows, and the guard leaves that way by the test which is there anyway.
pub(crate) const ALERT: u64 = 1 << 63;
/// Set in the word that an event is recorded with, if others of its callsite are left out: so the word is of no session that
/// the hot path knows, and leaves that way by the test which is there anyway.
pub(crate) const WEIGHED: u64 = 1 << 63;
/// Set in the target of an APPEND that is an activity's id, and no span's key.
pub(crate) const AT_ACTIVITY: u64 = 1 << 63;

/// The head of a record; `time` is below 2^[`TIME_BITS`].
#[inline(always)]
pub(crate) const fn head(kind: u64, id: u64, time: u64) -> u64 {
    kind | id << KIND_BITS | time << (KIND_BITS + ID_BITS)
}

/// Whether a time is too far from its base to be in a head.
#[inline(always)]
pub(crate) const fn is_far(time: u64) -> bool {
    time >> TIME_BITS != 0
}

/// The callsite id in a callsite's word.
#[inline(always)]
pub(crate) const fn id_of(word: u64) -> u64 {
    word & ID_MASK
}

/// The stamp of a session's selection: what a callsite's word has above the id, there where the word has it.
pub(crate) const fn stamp(epoch: u64, generation: u64) -> u64 {
    epoch << EPOCH_SHIFT | generation << GENERATION_SHIFT
}

/// The stamp in a callsite's word: by whom it was decided whether to record.
pub(crate) const fn stamp_of(word: u64) -> u64 {
    word & !(WEIGHED | SAMPLED | ID_MASK)
}

/// Whether this is an id and nothing else: so is the word of a callsite which is recorded whole, or not at all, less its stamp.
#[inline(always)]
pub(crate) const fn is_id(rest: u64) -> bool {
    rest <= ID_MASK
}

/// A callsite's word: with id 0 if its events are not recorded.
pub(crate) const fn word(stamp: u64, id: u32) -> u64 {
    stamp | id as u64
}

/// The place of word `at` of a chunk, in the section of that number.
#[inline(always)]
pub(crate) const fn place(sequence: u64, at: usize) -> u64 {
    ((sequence << AT_BITS) + at as u64) & PLACE_MASK
}

/// The key of the span that begins at `place`, in the session of its callsite's word.
#[inline(always)]
pub(crate) const fn key(word: u64, depth: usize, place: u64) -> u64 {
    (word & !EVENT_MASK) | place << DEPTH_BITS | depth as u64
}

/// The key of the span that begins `words` words behind this [`key`] of none, at this depth. Nothing is carried: `place` is that
/// of a section, and words of a chunk are fewer than it has room for.
#[inline(always)]
pub(crate) const fn key_behind(key: u64, words: usize, depth: usize) -> u64 {
    key + ((words as u64) << DEPTH_BITS) + depth as u64
}

/// The id of the activity of this number, in the session of its callsite's word.
#[inline(always)]
pub(crate) const fn activity(word: u64, number: u64) -> u64 {
    word & !EVENT_MASK | number & EVENT_MASK
}

/// The id of the task of this number, in the session of a span's key; 0 of no number.
pub(crate) const fn task(key: u64, number: u64) -> u64 {
    if number == 0 { 0 } else { activity(key, number) }
}

/// Whether a record of this kind has a word behind its head that says which span or activity it is about.
#[inline(always)]
pub(crate) const fn has_target(kind: u64) -> bool {
    matches!(kind, APPEND | ACTIVITY_BEGIN | ACTIVITY_END)
}

/// The depth in a key.
#[inline(always)]
pub(crate) const fn depth_of(key: u64) -> usize {
    (key & ((1 << DEPTH_BITS) - 1)) as usize
}

/// The place in a key.
pub(crate) const fn place_of(key: u64) -> u64 {
    key >> DEPTH_BITS & PLACE_MASK
}

/// The part of a key that tells spans of one session from each other.
#[inline(always)]
pub(crate) const fn within_session(key: u64) -> u64 {
    key & EVENT_MASK
}

/// Writes a head, the last word of its record to be written.
#[inline(always)]
pub(crate) fn put(word: &AtomicU64, head: u64) {
    // Relaxed: nobody reads it before the length that covers it is published.
    word.store(head, Ordering::Relaxed);
}

/// The session epoch in a key or in a callsite's word.
#[inline(always)]
pub(crate) const fn epoch_of(key: u64) -> u64 {
    key >> EPOCH_SHIFT
}

/// The head of an `END_AT`.
pub(crate) const fn end_at(depth: usize, flags: EndFlags, time: u64) -> u64 {
    head(END_AT, depth as u64 | flags.bits() << DEPTH_BITS, time)
}

/// The two words of an `END_DETACHED`.
pub(crate) const fn end_detached(key: u64, flags: EndFlags, time: u64) -> [u64; 2] {
    [head(END_DETACHED, flags.bits(), time), key]
}

/// A span that was open when a section began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Open {
    pub(crate) callsite: u64,
    pub(crate) key: u64,
    /// In ticks.
    pub(crate) start: u64,
    /// The id of the task that it polls; 0 if none.
    pub(crate) task: u64,
}

/// Who writes a section of a chunk, and from when on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Section {
    /// Counts the sections of this thread in this session, from 0.
    pub(crate) sequence: u64,
    /// The number of the thread in this process, never used again.
    pub(crate) thread: u64,
    /// The id that the operating system gives the thread.
    pub(crate) os_id: u32,
    /// The thread's name; empty if it has none.
    pub(crate) name: Name,
    /// The base of the times in this section.
    pub(crate) base: Anchor,
}

impl Section {
    /// How many words the record takes, OPEN records included.
    pub(crate) fn words(&self, open: usize) -> usize {
        section_words(self.name.bytes().len(), open)
    }

    /// Writes the record and an OPEN for each span, outermost first.
    pub(crate) fn write(&self, open: impl ExactSizeIterator<Item = Open>, out: &mut Out<'_>) {
        out.word(head(THREAD, open.len() as u64, self.sequence));
        out.word(self.thread);
        out.word(u64::from(self.os_id) | (self.name.bytes().len() as u64) << 32);
        out.word(self.base.ticks);
        out.word(self.base.ns);
        for bytes in self.name.bytes().chunks(8) {
            let mut word = [0; 8];
            word[..bytes.len()].copy_from_slice(bytes);
            out.word(u64::from_le_bytes(word));
        }
        for span in open {
            out.word(head(OPEN, span.callsite, within_session(span.task)));
            out.word(span.key);
            out.word(span.start);
        }
    }

    /// Reads what follows a THREAD head; gives the section, the spans that were open and how many words that took.
    fn read(sequence: u64, open: u64, words: &[AtomicU64]) -> Option<(Self, Vec<Open>, usize)> {
        let word = |at: usize| words.get(at).map(load);
        let sizes = word(1)?;
        let length = usize::try_from(sizes >> 32).ok()?;
        let mut at = 4 + length.div_ceil(8);
        let bytes = words.get(4..at)?.iter().flat_map(|word| load(word).to_le_bytes());
        let name = Name::new(bytes.take(length));
        let base = Anchor { ticks: word(2)?, ns: word(3)? };
        let mut spans = Vec::new();
        for _ in 0..open {
            let head = word(at).filter(|&head| kind_of(head) == OPEN)?;
            let (key, start) = (word(at + 1)?, word(at + 2)?);
            spans.push(Open { callsite: callsite_of(head), key, start, task: task(key, time_of(head)) });
            at += OPEN_WORDS;
        }
        #[expect(clippy::cast_possible_truncation, reason = "the low half is the id")]
        let os_id = sizes as u32;
        Some((Self { sequence, thread: word(0)?, os_id, name, base }, spans, at))
    }
}

/// How many words the record of a thread takes whose name has `name` bytes, OPEN records included.
pub(crate) const fn section_words(name: usize, open: usize) -> usize {
    5 + name.div_ceil(8) + open * OPEN_WORDS
}

/// The base of the times in the section that `words` begin with, in ticks.
pub(crate) fn base_of(words: &[AtomicU64]) -> Option<u64> {
    words.first().filter(|head| kind_of(load(head)) == THREAD)?;
    words.get(3).map(load)
}

/// The kind in a head.
#[inline(always)]
pub(crate) const fn kind_of(head: u64) -> u64 {
    head & ((1 << KIND_BITS) - 1)
}

/// The callsite id in a head, or what its kind says.
#[inline(always)]
pub(crate) const fn callsite_of(head: u64) -> u64 {
    head >> KIND_BITS & ID_MASK
}

/// The time in a head.
#[inline(always)]
pub(crate) const fn time_of(head: u64) -> u64 {
    head >> (KIND_BITS + ID_BITS)
}

/// The time of the record that `words` begin with.
pub(crate) fn time_in(words: &[AtomicU64]) -> u64 {
    let head = words.first().map_or(0, load);
    time_of(if kind_of(head) == WEIGHT { words.get(1).map_or(0, load) } else { head })
}

/// Whether a weight can stand in front of this event.
fn can_weigh(event: &[AtomicU64]) -> bool {
    event.first().is_some_and(|head| matches!(kind_of(load(head)), BEGIN | INSTANT | ACTIVITY_BEGIN))
}

/// A record as it is read back, but for its time: `id` is a callsite id.
#[derive(Debug)]
pub(crate) enum Record<'a> {
    Begin { id: u64, weight: u64, values: Values<'a> },
    End,
    EndAt { depth: usize, flags: EndFlags },
    EndDetached { key: u64, flags: EndFlags },
    Instant { id: u64, weight: u64, values: Values<'a> },
    Counter { id: u64, values: Values<'a> },
    Append { id: u64, target: u64, values: Values<'a> },
    ActivityBegin { id: u64, weight: u64, activity: u64, values: Values<'a> },
    ActivityEnd { activity: u64, flags: EndFlags },
    Measured { id: u64, start: u64, end: u64, named: Named<'a> },
    Thread { section: Box<Section>, open: Vec<Open> },
    Clock { base: Anchor },
}

/// Reads the record at the front of `words`: gives it and how many words it takes; `None` if the words are no
/// record, or not all of one.
pub(crate) fn read(words: &[AtomicU64]) -> Option<(Record<'_>, usize)> {
    let (front, weight) = match words.first().map(load) {
        Some(head) if kind_of(head) == WEIGHT => (words.get(1..).filter(|event| can_weigh(event))?, time_of(head) + 1),
        _ => (words, 1),
    };
    let mut rest = front.iter();
    let head = load(rest.next()?);
    let id = callsite_of(head);
    let record = match kind_of(head) {
        BEGIN => Record::Begin { id, weight, values: take_values(&mut rest)? },
        END => Record::End,
        END_AT => Record::EndAt { depth: depth_of(id), flags: EndFlags::read(id >> DEPTH_BITS) },
        END_DETACHED => Record::EndDetached { key: load(rest.next()?), flags: EndFlags::read(id) },
        INSTANT => Record::Instant { id, weight, values: take_values(&mut rest)? },
        COUNTER => Record::Counter { id, values: take_values(&mut rest)? },
        APPEND => Record::Append { id, target: load(rest.next()?), values: take_values(&mut rest)? },
        ACTIVITY_BEGIN => {
            Record::ActivityBegin { id, weight, activity: load(rest.next()?), values: take_values(&mut rest)? }
        }
        ACTIVITY_END => Record::ActivityEnd { activity: load(rest.next()?), flags: EndFlags::read(id) },
        MEASURED => {
            let (start, end) = (load(rest.next()?), load(rest.next()?));
            Record::Measured { id, start, end, named: Named::take(&mut rest)? }
        }
        THREAD => {
            let (section, open, used) = Section::read(time_of(head), id, rest.as_slice())?;
            rest = rest.as_slice().get(used..)?.iter();
            Record::Thread { section: Box::new(section), open }
        }
        CLOCK => Record::Clock { base: Anchor { ticks: load(rest.next()?), ns: load(rest.next()?) } },
        _ => return None,
    };
    Some((record, words.len() - rest.len()))
}

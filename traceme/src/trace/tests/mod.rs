//! Words as a thread writes them, for the tests of what reads them.

mod batches;
mod builder;
mod damage;
mod nesting;
mod rules;
mod seams;
mod selection;
mod tasks;
mod values;

use proptest::prelude::{Just, Strategy, prop_oneof};

use crate::callsite::{Callsite, CallsiteKind, Key, Literal};
use crate::level::Level;
use crate::record::args::{CUT, Out, tag_word, text_words};
use crate::record::chunk::{Chunk, Committed, Home, Reader, Recorded};
use crate::record::ends::EndFlags;
use crate::record::loss::Lost;
use crate::record::name::Name;
use crate::record::time::{Anchor, Clock, ClockSource};
use crate::record::value::tag;
use crate::record::wire::{self, Section};
use crate::sync::{AtomicU64, Ordering};
use crate::trace::{Carried, Trace};

/// The callsites of these tests, by their ids.
const WORK: u64 = 1;
const STEP: u64 = 2;
const MISS: u64 = 3;
const MEMORY: u64 = 4;
const ROWS: u64 = 5;
const NAMED: u64 = 6;
const QUERY: u64 = 7;
const FETCH: u64 = 8;
const MADE: u64 = 9;
const UNKNOWN: u64 = 10;

fn callsites() -> Vec<&'static Callsite> {
    let kind = Some(Literal::Str("k".into()));
    vec![
        callsite(CallsiteKind::Span, "work", &[("n", None), ("kind", kind), ("s", None)], ""),
        callsite(CallsiteKind::Span, "step", &[], ""),
        callsite(CallsiteKind::Instant, "miss", &[("key", None)], ""),
        callsite(CallsiteKind::Counter, "memory", &[], "B"),
        callsite(CallsiteKind::Append, "", &[("rows", None)], ""),
        callsite(CallsiteKind::Span, "", &[("x", None)], ""),
        callsite(CallsiteKind::Activity, "query", &[("n", None)], ""),
        callsite(CallsiteKind::Task, "fetch", &[("n", None)], ""),
        callsite(CallsiteKind::Task, "", &[], ""),
    ]
}

fn callsite(kind: CallsiteKind, name: &str, keys: &[(&str, Option<Literal>)], unit: &str) -> &'static Callsite {
    let keys = keys.iter().map(|(name, literal)| Key { name: (*name).into(), literal: literal.clone() }).collect();
    Box::leak(Box::new(Callsite {
        kind,
        name: name.into(),
        level: Level::INFO,
        category: "default".into(),
        module: "tests".into(),
        file: file!().into(),
        line: 1,
        column: 1,
        keys,
        unit: unit.into(),
    }))
}

/// How many events one stands for: mostly itself alone, at most as many as a word has room for.
fn weights() -> impl Strategy<Value = u64> {
    prop_oneof![4 => Just(1), 2 => 2..5_u64, 1 => Just(1 << wire::TIME_BITS)]
}

/// A value to write.
#[derive(Clone, Debug)]
enum Arg {
    None,
    Word(u64, u64),
    Text(u64, String, bool),
    Wide(u64, u128),
    Numbers(u64, Vec<u64>, bool),
}

fn int(number: u64) -> Arg {
    Arg::Word(tag::U64, number)
}

fn string(text: &str) -> Arg {
    Arg::Text(tag::STR, text.into(), false)
}

impl Arg {
    fn tag(&self) -> u64 {
        match self {
            Self::None => tag::NONE,
            Self::Word(tag, _) | Self::Text(tag, ..) | Self::Wide(tag, _) => *tag,
            Self::Numbers(..) => tag::NUMBERS,
        }
    }
}

/// The tag word and the words of `args`; none for no values.
fn encode(args: &[Arg]) -> Vec<u64> {
    if args.is_empty() {
        return Vec::new();
    }
    let types = args.iter().rev().fold(0, |types, arg| types << 4 | arg.tag());
    let mut words = vec![tag_word(args.len() as u64, types)];
    for arg in args {
        match arg {
            Arg::None => {}
            Arg::Word(_, word) => words.push(*word),
            Arg::Wide(_, wide) => {
                let halves = [wide & u128::from(u64::MAX), wide >> 64];
                words.extend(halves.map(|half| u64::try_from(half).expect("64 bits")));
            }
            Arg::Numbers(kind, numbers, cut) => {
                words.push(numbers.len() as u64 | kind << 8 | if *cut { CUT } else { 0 });
                words.extend(numbers);
            }
            Arg::Text(_, text, cut) => {
                words.extend(written(text_words(text.len()), |out| out.text_of(text.len(), *cut, text.bytes())));
            }
        }
    }
    words
}

/// The words that `write` writes.
fn written(length: usize, write: impl FnOnce(&mut Out<'_>)) -> Vec<u64> {
    let room: Vec<AtomicU64> = (0..length).map(|_| AtomicU64::new(0)).collect();
    write(&mut Out::new(&room));
    room.iter().map(|word| word.load(Ordering::Relaxed)).collect()
}

/// A thread as it writes: its stack, over all its sections.
#[derive(Clone, Debug)]
struct Writer {
    number: u64,
    name: &'static str,
    sequence: u64,
    /// Its open spans, and the keys of those that were passed over.
    stack: Vec<wire::Open>,
    detached: Vec<u64>,
}

fn writer(number: u64, name: &'static str) -> Writer {
    Writer { number, name, sequence: 0, stack: Vec::new(), detached: Vec::new() }
}

impl Writer {
    /// The key of a span that begins now.
    fn next_key(&self, words: &Words) -> u64 {
        wire::key(SESSION, self.stack.len(), wire::place(self.sequence - 1, words.words.len()))
    }
}

/// A chunk as it is written. Times are ticks of 1 ns.
#[derive(Clone, Debug, Default)]
struct Words {
    words: Vec<u64>,
    events: u64,
    base: u64,
    /// How many events the next one stands for besides itself.
    others: u64,
}

const SESSION: u64 = 7 << wire::EPOCH_SHIFT;

const PLAIN: EndFlags = EndFlags { panicked: false, failed: false, alerted: false, cancelled: false };
const PANICKED: EndFlags = EndFlags { panicked: true, ..PLAIN };

impl Words {
    fn section(&mut self, writer: &mut Writer, ticks: u64) {
        let base = Anchor { ticks, ns: ticks };
        let name = Name::new(writer.name.bytes());
        let section = Section { sequence: writer.sequence, thread: writer.number, os_id: 4000, name, base };
        let length = section.words(writer.stack.len());
        self.words.extend(written(length, |out| section.write(writer.stack.iter().copied(), out)));
        self.base = ticks;
        writer.sequence += 1;
    }

    /// What begins next stands for so many.
    fn weighing(&mut self, weight: u64) -> &mut Self {
        self.others = weight - 1;
        self
    }

    fn head(&mut self, kind: u64, id: u64, ticks: u64) {
        match std::mem::take(&mut self.others) {
            0 => {}
            others => self.words.push(wire::head(wire::WEIGHT, 0, others)),
        }
        self.words.push(wire::head(kind, id, ticks - self.base));
    }

    fn begin(&mut self, writer: &mut Writer, id: u64, ticks: u64, args: &[Arg]) {
        let key = writer.next_key(self);
        writer.stack.push(wire::Open { callsite: id, key, start: ticks, task: 0 });
        self.event(wire::BEGIN, id, ticks, args);
    }

    fn end(&mut self, writer: &mut Writer, ticks: u64) {
        writer.stack.pop().expect("a span is open");
        self.words.push(wire::head(wire::END, 0, ticks - self.base));
    }

    fn end_at(&mut self, writer: &mut Writer, depth: usize, ticks: u64, flags: EndFlags) {
        writer.detached.extend(writer.stack[depth + 1..].iter().map(|open| open.key));
        writer.stack.truncate(depth);
        self.words.push(wire::end_at(depth, flags, ticks - self.base));
    }

    fn end_detached(&mut self, writer: &mut Writer, at: usize, ticks: u64, flags: EndFlags) {
        let key = writer.detached.remove(at);
        self.words.extend(wire::end_detached(key, flags, ticks - self.base));
    }

    fn event(&mut self, kind: u64, id: u64, ticks: u64, args: &[Arg]) {
        self.head(kind, id, ticks);
        self.words.extend(encode(args));
        self.events += 1;
    }

    fn append(&mut self, key: u64, ticks: u64, args: &[Arg]) {
        self.words.extend([wire::head(wire::APPEND, ROWS, ticks - self.base), key]);
        self.words.extend(encode(args));
        self.events += 1;
    }

    fn begin_activity(&mut self, id: u64, activity: u64, ticks: u64, args: &[Arg]) {
        self.head(wire::ACTIVITY_BEGIN, id, ticks);
        self.words.push(activity);
        self.words.extend(encode(args));
        self.events += 1;
    }

    fn end_activity(&mut self, activity: u64, ticks: u64) {
        self.end_task(activity, ticks, PLAIN);
    }

    fn end_task(&mut self, task: u64, ticks: u64, flags: EndFlags) {
        self.words.extend([wire::head(wire::ACTIVITY_END, flags.bits(), ticks - self.base), task]);
        self.events += 1;
    }

    /// Recorded at `ticks`, with one value of this key.
    fn measured(&mut self, name: &str, [start, end]: [u64; 2], ticks: u64, (key, value): (&str, Arg)) {
        self.words.extend([wire::head(wire::MEASURED, NAMED, ticks - self.base), start, end]);
        self.words.extend(encode(&[Arg::Text(tag::NAME, name.into(), false), string(key)]));
        self.words.extend(encode(&[value]));
        self.events += 1;
    }

    fn clock(&mut self, ticks: u64) {
        self.words.extend([wire::head(wire::CLOCK, 0, 0), ticks, ticks]);
        self.base = ticks;
    }

    fn reader(&self) -> Reader {
        let words: Vec<AtomicU64> = self.words.iter().copied().map(AtomicU64::new).collect();
        let committed = Committed::NOTHING.plus(words.len(), self.events);
        let chunk: &'static Chunk = Box::leak(Box::new(Chunk::new(words.leak(), &Nowhere)));
        let (writer, mut reader) = chunk.split();
        committed.publish(writer.chunk().committed());
        reader.close();
        reader
    }
}

struct Nowhere;

impl Home for Nowhere {
    fn give_back(&self, _: &'static Chunk) {}

    fn count_late(&self, _: u64) {}

    fn count_finished(&self) {}
}

/// The trace of these chunks and losses, of a session from 0 to 1000 ns.
fn trace_of<'a>(chunks: impl IntoIterator<Item = &'a Words>, lost: Vec<Lost>) -> Trace {
    batch_of(chunks, lost, Carried::default())
}

/// The same of a part, to which others left this.
fn batch_of<'a>(chunks: impl IntoIterator<Item = &'a Words>, lost: Vec<Lost>, carried: Carried) -> Trace {
    let stop = Anchor { ticks: 1000, ns: 1000 };
    let clock = Clock::even(ClockSource::Mock, Anchor::default(), stop, 0);
    let chunks = chunks.into_iter().map(Words::reader).collect();
    Trace::of(Recorded { chunks, lost, shared: true, clock, ..Recorded::default() }, callsites(), carried)
}

fn text<'a>(chunks: impl IntoIterator<Item = &'a Words>) -> String {
    trace_of(chunks, Vec::new()).text().times(true).to_string()
}

//! Recordings that are read batch by batch: what is left to the next one changes nothing of what it shows.

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseError;
use proptest::{collection, prop_assert_eq, proptest};

use super::{MEMORY, MISS, PLAIN, QUERY, STEP, WORK, Words, Writer, callsites, int, string, weights, writer};
use crate::record::chunk::{self, Chunk, Committed, Reader, Recorded};
use crate::record::time::{Anchor, Clock, ClockSource};
use crate::record::wire;
use crate::sync::AtomicU64;
use crate::trace::{Carried, Event, Read, Trace};

/// A chunk that is still written while parts of it are read.
pub(super) struct Live {
    writer: Option<chunk::Writer>,
    reader: Reader,
}

impl Live {
    pub(super) fn new(words: &Words) -> Self {
        let memory: Vec<AtomicU64> = words.words.iter().copied().map(AtomicU64::new).collect();
        let chunk: &'static Chunk = Box::leak(Box::new(Chunk::new(memory.leak(), &super::Nowhere)));
        let (writer, reader) = chunk.split();
        reach(words).publish(chunk.committed());
        Self { writer: Some(writer), reader }
    }

    pub(super) fn part(&self, from: Committed, to: Committed) -> Reader {
        self.reader.share(from, to)
    }

    /// Its thread has gone on in another chunk.
    fn finish(&mut self) {
        self.writer = None;
        self.reader.close();
    }
}

/// How far a chunk is written.
fn reach(words: &Words) -> Committed {
    Committed::NOTHING.plus(words.words.len(), words.events)
}

/// A batch of these parts.
pub(super) fn batch(chunks: Vec<Reader>, carried: Carried) -> Trace {
    let stop = Anchor { ticks: 1000, ns: 1000 };
    let clock = Clock::even(ClockSource::Mock, Anchor::default(), stop, 0);
    Trace::of(Recorded { chunks, ..Recorded::of(clock) }, callsites(), carried)
}

/// What a thread does next; numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
enum Act {
    Begin {
        with_args: bool,
        weight: u64,
    },
    End,
    EndAt(usize),
    EndDetached(usize),
    Instant(u64),
    Append(usize),
    Sample,
    BeginActivity(u64),
    EndActivity(u64),
    /// It took as many ticks as this.
    Measure(u64),
    Clock,
    Chunk,
    /// It ends, and another thread goes on in its chunk.
    Leave,
}

/// By one of four threads, some ticks later; at times, what has come is a batch then.
fn act() -> impl Strategy<Value = (usize, Act, u64, bool)> {
    let act = prop_oneof![
        6 => (any::<bool>(), weights()).prop_map(|(with_args, weight)| Act::Begin { with_args, weight }),
        4 => Just(Act::End),
        2 => (0..8_usize).prop_map(Act::EndAt),
        2 => (0..8_usize).prop_map(Act::EndDetached),
        1 => weights().prop_map(Act::Instant),
        1 => (0..8_usize).prop_map(Act::Append),
        1 => Just(Act::Sample),
        1 => weights().prop_map(Act::BeginActivity),
        1 => (0..8_u64).prop_map(Act::EndActivity),
        1 => (0..20_u64).prop_map(Act::Measure),
        1 => Just(Act::Clock),
        1 => Just(Act::Chunk),
        1 => Just(Act::Leave),
    ];
    (0..4_usize, act, 0..4_u64, prop_oneof![6 => Just(false), 1 => Just(true)])
}

/// Threads that write, each in a chunk.
#[derive(Clone, Debug, Default)]
pub(super) struct Recording {
    threads: Vec<(Writer, usize)>,
    pub(super) chunks: Vec<Words>,
    /// Chunks that nobody writes any more.
    finished: Vec<usize>,
    started: u64,
    activities: u64,
    /// At the end of each batch: how far each chunk is written, and how many of them are finished.
    batches: Vec<(Vec<Committed>, usize)>,
}

pub(super) fn recordings() -> impl Strategy<Value = Recording> {
    collection::vec(act(), 0..100).prop_map(|acts| {
        let (mut recording, mut now) = (Recording::default(), 1);
        for _ in 0..4 {
            let thread = recording.start();
            recording.threads.push((thread, 0));
            recording.take_chunk(recording.threads.len() - 1, now);
        }
        for (thread, act, pause, is_batch) in acts {
            now += pause;
            recording.act(thread, act, now);
            if is_batch {
                recording.end_batch();
            }
        }
        recording.end_batch();
        recording
    })
}

impl Recording {
    fn start(&mut self) -> Writer {
        self.started += 1;
        writer(self.started, "main")
    }

    fn take_chunk(&mut self, thread: usize, now: u64) {
        let (writer, chunk) = &mut self.threads[thread];
        *chunk = self.chunks.len();
        let mut words = Words::default();
        words.section(writer, now);
        self.chunks.push(words);
    }

    fn end_batch(&mut self) {
        self.batches.push((self.chunks.iter().map(reach).collect(), self.finished.len()));
    }

    fn act(&mut self, thread: usize, act: Act, now: u64) {
        let (writer, chunk) = &mut self.threads[thread];
        let words = &mut self.chunks[*chunk];
        match act {
            Act::Begin { with_args: true, weight } => {
                words.weighing(weight).begin(writer, WORK, now, &[int(now), string("some text")]);
            }
            Act::Begin { with_args: false, weight } => words.weighing(weight).begin(writer, STEP, now, &[]),
            Act::End if !writer.stack.is_empty() => words.end(writer, now),
            Act::EndAt(depth) if !writer.stack.is_empty() => {
                words.end_at(writer, depth % writer.stack.len(), now, PLAIN);
            }
            Act::EndDetached(at) if !writer.detached.is_empty() => {
                words.end_detached(writer, at % writer.detached.len(), now, PLAIN);
            }
            Act::Append(depth) if !writer.stack.is_empty() => {
                words.append(writer.stack[depth % writer.stack.len()].key, now, &[int(now)]);
            }
            Act::Instant(weight) => words.weighing(weight).event(wire::INSTANT, MISS, now, &[]),
            Act::Sample => words.event(wire::COUNTER, MEMORY, now, &[int(now)]),
            Act::BeginActivity(weight) => {
                self.activities += 1;
                words.weighing(weight).begin_activity(QUERY, self.activities, now, &[int(now)]);
            }
            Act::EndActivity(at) => words.end_activity(1 + at % (self.activities + 1), now),
            Act::Measure(took) => {
                let name = if took % 2 == 0 { "query" } else { "copy" };
                words.measured(name, [now.saturating_sub(took), now], now, ("n", int(now)));
            }
            Act::Clock => words.clock(now),
            Act::Chunk => {
                self.finished.push(*chunk);
                self.take_chunk(thread, now);
            }
            Act::Leave => {
                let other = self.start();
                let (writer, chunk) = &mut self.threads[thread];
                *writer = other;
                self.chunks[*chunk].section(writer, now);
            }
            Act::End | Act::EndAt(_) | Act::EndDetached(_) | Act::Append(_) => {}
        }
    }
}

/// All that a batch shows.
fn shown(batch: &Trace) -> String {
    let events = batch.tracks().iter().flat_map(|track| batch.events(track.id));
    let weights = events.filter_map(|event| match event {
        Event::Begin { meta, .. } | Event::Instant { meta, .. } => Some(meta.weight()),
        _ => None,
    });
    let weights: Vec<u64> = weights.collect();
    format!("{}{:?}{weights:?}", batch.text().times(true), batch.losses())
}

/// Reads the batches one after the other, each also without what is known of the chunks; and all so far, in parts and as one.
fn check(recording: &Recording) -> Result<(), TestCaseError> {
    let mut chunks: Vec<Live> = recording.chunks.iter().map(Live::new).collect();
    let (mut carried, mut before) = (Carried::for_the_first(), vec![Committed::NOTHING; chunks.len()]);
    for (reached, finished) in &recording.batches {
        let grown = before.iter().zip(reached).enumerate().filter(|(_, (from, to))| from < to);
        let grown: Vec<usize> = grown.map(|(at, _)| at).collect();
        let parts = || grown.iter().map(|&at| chunks[at].part(before[at], reached[at]));
        let read_again = batch(parts().collect(), carried.clone().without_chunks());
        let next = batch(parts().collect(), carried);
        prop_assert_eq!(shown(&next), shown(&read_again));
        let up_to = |to: &[Committed]| -> Vec<Reader> {
            let all = to.iter().zip(&chunks).filter(|(to, _)| to.words() > 0);
            all.map(|(&to, chunk)| chunk.part(Committed::NOTHING, to)).collect()
        };
        let in_parts = up_to(&before).into_iter().chain(parts()).collect();
        let [in_parts, whole] = [in_parts, up_to(reached)].map(|all| shown(&batch(all, Carried::default())));
        prop_assert_eq!(in_parts, whole);
        let finished = &recording.finished[..*finished];
        finished.iter().for_each(|&at| chunks[at].finish());
        carried = next.carry_on();
        for (at, &to) in reached.iter().enumerate() {
            let known = carried.reached(chunks[at].part(before[at], to).words()).map(|section| section.from);
            let is_written = !finished.contains(&at);
            prop_assert_eq!(known, is_written.then_some(to.words()), "chunk {}", at);
        }
        before[..reached.len()].copy_from_slice(reached);
    }
    Ok(())
}

proptest! {
    #[test]
    fn batches_show_the_same_whether_they_go_on_or_read_all_again(recording in recordings()) {
        check(&recording)?;
    }
}

#[test]
fn a_batch_can_have_a_chunk_in_parts() {
    let (mut words, mut main) = (Words::default(), writer(1, "main"));
    words.section(&mut main, 0);
    words.begin(&mut main, WORK, 1, &[int(1)]);
    words.clock(10);
    words.weighing(5).begin(&mut main, STEP, 11, &[]);
    let middle = reach(&words);
    words.event(wire::INSTANT, MISS, 12, &[]);
    words.end(&mut main, 13);
    words.end(&mut main, 14);
    let chunk = Live::new(&words);
    let whole = batch(vec![chunk.part(Committed::NOTHING, reach(&words))], Carried::default());
    // A rotation leaves what it gives away to the sinks, too.
    let parts = vec![chunk.part(Committed::NOTHING, middle), chunk.part(middle, reach(&words))];
    assert_eq!(shown(&batch(parts, Carried::default())), shown(&whole));
    assert_eq!(whole.spans().map(|span| span.weight()).collect::<Vec<_>>(), [1, 5]);
}

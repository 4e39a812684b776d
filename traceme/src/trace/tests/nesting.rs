//! Nesting, against an oracle that compares each span with each other.

use proptest::prelude::{Just, Strategy, any, prop_oneof};
use proptest::test_runner::TestCaseError;
use proptest::{collection, prop_assert_eq, proptest};

use super::{MISS, STEP, WORK, Words, Writer, int, trace_of, weights, writer};
use crate::record::ends::EndFlags;
use crate::record::wire;

/// What a thread does next; numbers are taken modulo what there is.
#[derive(Clone, Copy, Debug)]
enum Act {
    Begin { with_args: bool, weight: u64 },
    End,
    EndAt { depth: usize, flags: EndFlags },
    EndDetached { at: usize, flags: EndFlags },
    Instant { weight: u64 },
    Append { depth: usize },
    Clock,
    Chunk,
}

fn flags() -> impl Strategy<Value = EndFlags> {
    any::<[bool; 3]>().prop_map(|[panicked, failed, alerted]| EndFlags {
        panicked,
        failed,
        alerted,
        ..EndFlags::default()
    })
}

fn act() -> impl Strategy<Value = (Act, u64)> {
    let act = prop_oneof![
        6 => (any::<bool>(), weights()).prop_map(|(with_args, weight)| Act::Begin { with_args, weight }),
        4 => Just(Act::End),
        2 => (0..8_usize, flags()).prop_map(|(depth, flags)| Act::EndAt { depth, flags }),
        2 => (0..8_usize, flags()).prop_map(|(at, flags)| Act::EndDetached { at, flags }),
        1 => weights().prop_map(|weight| Act::Instant { weight }),
        1 => (0..8_usize).prop_map(|depth| Act::Append { depth }),
        1 => Just(Act::Clock),
        1 => Just(Act::Chunk),
    ];
    (act, 0..4_u64)
}

/// A span as the oracle sees it.
#[derive(Clone, Debug, Default)]
struct Known {
    start: u64,
    end: Option<u64>,
    /// The spans that it began in, outermost first.
    inside: Vec<usize>,
    passed_over: bool,
    flags: EndFlags,
    with_args: bool,
    weight: u64,
    /// The chunks in which something is appended to it.
    appended: Vec<usize>,
}

/// What a thread wrote, and what it did.
#[derive(Clone, Debug)]
pub(super) struct Recording {
    pub(super) chunks: Vec<Words>,
    known: Vec<Known>,
    /// By chunk: the spans that are open when it begins, outermost first, and how many have begun.
    begins: Vec<(Vec<usize>, usize)>,
    /// Instants: when, in which chunk, inside which span, and of which weight.
    instants: Vec<(u64, usize, Option<usize>, u64)>,
}

pub(super) fn recordings() -> impl Strategy<Value = Recording> {
    collection::vec(act(), 0..60).prop_map(|acts| {
        let mut main = writer(1, "main");
        let chunks = vec![Words::default()];
        let mut recording =
            Recording { chunks, known: Vec::new(), begins: vec![(Vec::new(), 0)], instants: Vec::new() };
        recording.chunks[0].section(&mut main, 1);
        let (mut now, mut open, mut detached) = (1, Vec::new(), Vec::new());
        for (act, pause) in acts {
            now += pause;
            recording.act(act, now, &mut main, &mut open, &mut detached);
        }
        recording
    })
}

impl Recording {
    /// Does and writes one act.
    fn act(&mut self, act: Act, now: u64, main: &mut Writer, open: &mut Vec<usize>, detached: &mut Vec<usize>) {
        let chunk = self.chunks.len() - 1;
        let words = &mut self.chunks[chunk];
        match act {
            Act::Begin { with_args, weight } => {
                let args = if with_args { vec![int(now), super::string("some text")] } else { Vec::new() };
                let callsite = if with_args { WORK } else { STEP };
                words.weighing(weight).begin(main, callsite, now, &args);
                let inside = open.clone();
                open.push(self.known.len());
                self.known.push(Known { start: now, inside, with_args, weight, ..Known::default() });
            }
            Act::End => {
                if let Some(span) = open.pop() {
                    words.end(main, now);
                    self.known[span].end = Some(now);
                }
            }
            Act::EndAt { depth, flags } if !open.is_empty() => {
                let depth = depth % open.len();
                words.end_at(main, depth, now, flags);
                for &span in &open[depth + 1..] {
                    self.known[span].passed_over = true;
                    detached.push(span);
                }
                let span = &mut self.known[open[depth]];
                (span.end, span.flags) = (Some(now), flags);
                open.truncate(depth);
            }
            Act::EndDetached { at, flags } if !detached.is_empty() => {
                let at = at % detached.len();
                words.end_detached(main, at, now, flags);
                let span = &mut self.known[detached.remove(at)];
                (span.end, span.flags) = (Some(now), flags);
            }
            Act::Append { depth } if !open.is_empty() => {
                let depth = depth % open.len();
                words.append(main.stack[depth].key, now, &[int(depth as u64)]);
                self.known[open[depth]].appended.push(chunk);
            }
            Act::Instant { weight } => {
                words.weighing(weight).event(wire::INSTANT, MISS, now, &[]);
                self.instants.push((now, chunk, open.last().copied(), weight));
            }
            Act::Clock => words.clock(now),
            Act::Chunk => {
                let mut next = Words::default();
                next.section(main, now);
                self.chunks.push(next);
                self.begins.push((open.clone(), self.known.len()));
            }
            Act::EndAt { .. } | Act::EndDetached { .. } | Act::Append { .. } => {}
        }
    }

    /// How far a span reaches.
    fn reach(&self, span: usize) -> u64 {
        let known = &self.known[span];
        match (known.end, known.passed_over) {
            (Some(end), _) => end,
            (None, false) => u64::MAX,
            (None, true) => known.inside.last().map_or(u64::MAX, |&outer| self.reach(outer)),
        }
    }

    /// The parent of a span: of all that it began in and did not outlive, the one that began last.
    fn parent(&self, span: usize) -> Option<usize> {
        let around = |&other: &usize| self.known[span].inside.contains(&other) && self.reach(other) >= self.reach(span);
        (0..self.known.len()).filter(around).max()
    }
}

/// Checks what is read of a recording whose chunks before `from` are gone: of the spans that are open then, all but their
/// metadata; of those that were passed over and have not ended, nothing.
fn check(recording: &Recording, from: usize) -> Result<(), TestCaseError> {
    let trace = trace_of(&recording.chunks[from..], Vec::new());
    let (open, begun) = &recording.begins[from];
    let expected: Vec<usize> = open.iter().copied().chain(*begun..recording.known.len()).collect();
    let numbers: Vec<usize> = trace.spans().map(|span| span.index()).collect();
    prop_assert_eq!(numbers, Vec::from_iter(0..expected.len()));
    let place = |span: usize| expected.iter().position(|&other| other == span).expect("it is there");
    for (span, &index) in trace.spans().zip(&expected) {
        let known = &recording.known[index];
        prop_assert_eq!((span.start(), span.end()), (known.start, known.end));
        let parent = recording.parent(index);
        prop_assert_eq!(span.parent().map(|parent| parent.index()), parent.map(place));
        let depth = std::iter::successors(parent, |&span| recording.parent(span)).count();
        prop_assert_eq!(span.depth(), depth);
        prop_assert_eq!(span.flags().is_overlapping(), parent != known.inside.last().copied());
        let flags = span.flags();
        let [panicked, failed, alerted] = [flags.is_panicked(), flags.is_failed(), flags.is_alerted()];
        prop_assert_eq!(EndFlags { panicked, failed, alerted, ..EndFlags::default() }, known.flags);
        prop_assert_eq!(span.flags().is_leaked(), known.end.is_none() && known.passed_over);
        prop_assert_eq!(span.flags().is_incomplete(), known.end.is_none() && !known.passed_over);
        let appended = known.appended.iter().filter(|&&chunk| chunk >= from).count();
        prop_assert_eq!(span.args().filter(|(key, _)| *key == "rows").count(), appended);
        let is_whole = index >= *begun;
        prop_assert_eq!(span.args().any(|(key, _)| key == "n"), known.with_args && is_whole);
        prop_assert_eq!(span.weight(), if is_whole { known.weight } else { 1 });
    }
    let instants = trace.instants();
    let instants = instants.map(|instant| (instant.time(), instant.span().map(|span| span.index()), instant.weight()));
    let kept = recording.instants.iter().filter(|(_, chunk, ..)| *chunk >= from);
    let kept = kept.map(|&(ns, _, inside, weight)| (ns, inside.map(place), weight));
    prop_assert_eq!(Vec::from_iter(instants), Vec::from_iter(kept));
    prop_assert_eq!((trace.losses().damaged_words(), trace.losses().missing_sections()), (0, 0));
    let events: u64 = recording.chunks[from..].iter().map(|chunk| chunk.events).sum();
    prop_assert_eq!(trace.event_count(), events);
    Ok(())
}

proptest! {
    #[test]
    fn what_is_read_from_any_chunk_on_is_as_the_oracle_says(recording in recordings()) {
        for from in 0..recording.chunks.len() {
            check(&recording, from)?;
        }
    }
}

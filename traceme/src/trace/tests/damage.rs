//! Words that no thread writes: whatever they are, what comes of them is sound, and the rest is counted.

use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::{collection, prop_assert_eq, proptest, sample};

use super::nesting::{Recording, recordings};
use super::seams::{self, Live};
use super::{MEMORY, MISS, SESSION, STEP, UNKNOWN, WORK, Words, Writer, int, trace_of, writer};
use crate::record::args::tag_word;
use crate::record::chunk::Committed;
use crate::record::ends::EndFlags;
use crate::record::value::tag;
use crate::record::wire::{self, MAX_DEPTH};
use crate::sync::AtomicU64;
use crate::trace::{Carried, Event, Read, Selection, Trace};

/// What a trace promises, and any part of it, whatever it was made from.
fn check(trace: &Trace) {
    check_one(trace);
    check_one(&trace.select(&"all,name:work=off".parse::<Selection>().expect("a filter").rate(0.9)));
}

fn check_one(trace: &Trace) {
    for track in trace.tracks() {
        let (mut latest, mut open) = (0, Vec::new());
        for event in trace.events(track.id) {
            assert!(event.ns() >= latest, "{event:?} is before {latest}");
            latest = event.ns();
            match event {
                Event::Begin { span, .. } => open.push((span, true)),
                Event::End { span, .. } => {
                    let began = usize::try_from(span).expect("a small number");
                    assert!(std::mem::replace(&mut open[began], (span, false)).1, "span {span} ended twice");
                }
                Event::Append { span, .. } => assert!(open.contains(&(span, true)), "nothing is appended to {span}"),
                _ => {}
            }
        }
        assert!(open.iter().enumerate().all(|(at, &(span, open))| !open && span == at as u64), "{open:?}");
    }
    for span in trace.spans() {
        let Some(parent) = span.parent() else { continue };
        let ended = |at: Option<u64>| at.unwrap_or(u64::MAX);
        assert!(parent.index() < span.index() && parent.depth() + 1 == span.depth());
        assert!(parent.start() <= span.start(), "{span:?} in {parent:?}");
        assert!(span.end().is_none() || ended(span.end()) <= ended(parent.end()), "{span:?} in {parent:?}");
    }
    let children: usize = trace.spans().map(|span| span.children().count()).sum();
    let roots: usize = trace.tracks().iter().map(|track| trace.roots(track.id).count()).sum();
    assert_eq!(children + roots, trace.spans().len());
    assert!(trace.text().to_string().lines().count() >= trace.spans().len());
    for task in trace.tasks() {
        let polls: u64 = task.polls().map(|poll| poll.duration().unwrap_or(0)).sum();
        assert!(polls <= task.busy() && task.longest_poll() <= task.busy(), "{task:?}");
        assert!(task.polls().all(|poll| poll.poll_of() == Some(task.id())));
        assert!(task.created() <= task.end() || task.end().is_none(), "{task:?}");
    }
}

/// The events of all tracks that are in the recording itself.
fn recorded(trace: &Trace) -> Vec<String> {
    let tracks = trace.tracks().iter();
    let events = tracks.flat_map(|track| trace.events(track.id));
    let made_up = |event: &Event<'_>| match event {
        Event::End { flags, .. } => flags.is_incomplete() || flags.is_leaked(),
        Event::Gap { .. } => true,
        _ => false,
    };
    events.filter(|event| !made_up(event)).map(|event| format!("{event:?}")).collect()
}

/// Words that look like records more often than chance would have it.
fn word() -> impl Strategy<Value = u64> {
    let head = (0..16_u64, prop_oneof![0..=UNKNOWN, any::<u64>()], 0..2000_u64);
    let head = head.prop_map(|(kind, id, time)| wire::head(kind, id & 0x3_ffff, time));
    let target = (0..8_u64).prop_map(|id| wire::AT_ACTIVITY | id);
    prop_oneof![8 => head, 2 => 0..300_u64, 1 => target, 1 => any::<u64>()]
}

/// Some chunks of such words; some begin as one does.
fn any_chunks() -> impl Strategy<Value = Vec<Words>> {
    collection::vec((any::<bool>(), collection::vec(word(), 0..60)), 0..4).prop_map(|chunks| {
        let chunks = (1..).zip(chunks).map(|(number, (headed, words))| {
            let mut chunk = Words::default();
            if headed {
                chunk.section(&mut writer(number % 3, "main"), 5);
            }
            chunk.words.extend(words);
            chunk
        });
        chunks.collect()
    })
}

/// Where chunks are cut, one after the other.
fn cuts() -> impl Strategy<Value = Vec<[sample::Index; 2]>> {
    collection::vec(any::<[sample::Index; 2]>(), 1..4)
}

/// Reads chunks as two or three batches, which begin anywhere, also in the midst of records.
fn check_in_parts(chunks: &[Words], cuts: &[[sample::Index; 2]]) {
    let live: Vec<Live> = chunks.iter().map(Live::new).collect();
    let ends = chunks.iter().zip(cuts.iter().cycle()).map(|(chunk, cut)| {
        let mut ends = cut.map(|cut| cut.index(chunk.words.len() + 1));
        ends.sort_unstable();
        [0, ends[0], ends[1], chunk.words.len()].map(|end| Committed::NOTHING.plus(end, 0))
    });
    let ends: Vec<[Committed; 4]> = ends.collect();
    let mut carried = Carried::for_the_first();
    for part in 0..3 {
        let parts = live.iter().zip(&ends).filter(|(_, ends)| ends[part] < ends[part + 1]);
        let parts = parts.map(|(chunk, ends)| chunk.part(ends[part], ends[part + 1])).collect();
        let batch = seams::batch(parts, if part == 2 { carried.for_the_last() } else { carried });
        check(&batch);
        let damaged = batch.summary().losses.damaged_words;
        assert_eq!(damaged, batch.losses().damaged_words());
        let all: usize = ends.iter().map(|ends| ends[part + 1].words()).sum();
        assert!(damaged <= all as u64, "{damaged} of {all} words");
        carried = batch.carry_on();
    }
}

fn words_of(words: Vec<u64>) -> Words {
    Words { words, ..Words::default() }
}

proptest! {
    #[test]
    fn any_words_are_read(chunks in any_chunks(), cuts in cuts()) {
        check_in_parts(&chunks, &cuts);
        check(&trace_of(&chunks, Vec::new()));
    }

    #[test]
    fn a_wrong_word_does_no_harm(recording in recordings(), at in any::<sample::Index>(), wrong in word()) {
        let mut chunks = recording.chunks;
        let chunk = at.index(chunks.len());
        let at = at.index(chunks[chunk].words.len());
        chunks[chunk].words[at] = wrong;
        check(&trace_of(&chunks, Vec::new()));
    }

    #[test]
    fn wrong_words_do_no_harm_to_what_is_read_in_parts(
        recording in seams::recordings(), wrong in collection::vec((any::<sample::Index>(), word()), 1..3), cuts in cuts(),
    ) {
        let mut chunks = recording.chunks;
        for (at, wrong) in wrong {
            let chunk = at.index(chunks.len());
            let at = at.index(chunks[chunk].words.len());
            chunks[chunk].words[at] = wrong;
        }
        check_in_parts(&chunks, &cuts);
    }

    #[test]
    fn a_cut_gives_what_is_before_it(recording in recordings()) {
        let Recording { chunks, .. } = recording;
        let (last, before) = chunks.split_last().expect("there is a chunk");
        let whole = trace_of(&chunks, Vec::new());
        let whole = recorded(&whole);
        let records = record_starts(&last.words);
        for length in 0..last.words.len() {
            let read = records.iter().copied().filter(|&start| start <= length).max().unwrap_or(0);
            if record_starts(&last.words[read..length]).len() > 1 {
                continue; // a record without its values is a record too
            }
            let cut = words_of(last.words[..length].to_vec());
            let trace = trace_of(before.iter().chain([&cut]), Vec::new());
            check(&trace);
            let events = recorded(&trace);
            prop_assert_eq!(&events[..], &whole[..events.len()]);
            prop_assert_eq!(trace.losses().damaged_words(), (length - read) as u64);
        }
    }

    #[test]
    fn chunks_come_in_any_order(recording in recordings(), seed in any::<u64>()) {
        let chunks: Vec<&Words> = recording.chunks.iter().collect();
        let mut shuffled = chunks.clone();
        shuffled.sort_by_key(|chunk| (chunk.words.len() as u64 ^ seed).wrapping_mul(0x9e37_79b9_7f4a_7c15 | seed));
        let [one, other] = [chunks, shuffled].map(super::text);
        prop_assert_eq!(one, other);
    }
}

/// Where the records of a sound chunk start, and where the last one ends.
fn record_starts(words: &[u64]) -> Vec<usize> {
    let words: Vec<AtomicU64> = words.iter().copied().map(AtomicU64::new).collect();
    let mut starts = vec![0];
    while let Some((_, used)) = wire::read(&words[starts[starts.len() - 1]..]) {
        starts.push(starts[starts.len() - 1] + used);
    }
    starts
}

/// A chunk in which `main` has recorded a step, and then `damage` came.
fn damaged(damage: impl FnOnce(&mut Words, &mut Writer)) -> Words {
    let (mut words, mut main) = (Words::default(), writer(1, "main"));
    words.section(&mut main, 0);
    words.begin(&mut main, STEP, 1, &[]);
    words.end(&mut main, 2);
    damage(&mut words, &mut main);
    words
}

#[test]
fn damage_is_counted_from_its_first_word_on() {
    let instant = wire::head(wire::INSTANT, MISS, 9);
    let cases: [(&str, Vec<u64>); 12] = [
        ("no record", vec![0]),
        ("values of nothing", super::encode(&[int(1)])),
        ("an end of nothing", vec![wire::head(wire::END, STEP, 3)]),
        ("an end of a depth that isn't there", vec![wire::end_at(0, EndFlags::default(), 3)]),
        ("a span of callsite 0", vec![wire::head(wire::BEGIN, 0, 3)]),
        ("an instant of an unknown callsite", vec![wire::head(wire::INSTANT, UNKNOWN, 3)]),
        ("an activity of an unknown callsite", vec![wire::head(wire::ACTIVITY_BEGIN, UNKNOWN, 3), 1]),
        ("a span measured at an unknown callsite", vec![wire::head(wire::MEASURED, UNKNOWN, 3), 1, 2]),
        (
            "a span with a value that its type doesn't have",
            vec![wire::head(wire::MEASURED, STEP, 3), 1, 2, tag_word(1, tag::CHAR), 0xd800],
        ),
        ("an open span on its own", vec![wire::head(wire::OPEN, STEP, 0), STEP, 3]),
        ("a section with an unknown open span", {
            let mut words = Words::default();
            words.section(
                &mut Writer {
                    stack: vec![wire::Open { callsite: UNKNOWN, key: 8, start: 3, task: 0 }],
                    ..writer(2, "other")
                },
                5,
            );
            words.words
        }),
        ("a section with an open span of the wrong depth", {
            let mut words = Words::default();
            words.section(
                &mut Writer {
                    stack: vec![wire::Open { callsite: STEP, key: wire::key(0, 1, 9), start: 3, task: 0 }],
                    ..writer(2, "other")
                },
                5,
            );
            words.words
        }),
    ];
    for (what, damage) in cases {
        let words = damaged(|words, _| words.words.extend(damage.iter().copied().chain([instant])));
        let trace = trace_of([&words], Vec::new());
        assert_eq!(trace.losses().damaged_words(), damage.len() as u64 + 1, "{what}");
        assert_eq!((trace.spans().len(), trace.instants().len(), trace.tracks().len()), (1, 0, 1), "{what}");
        let gap = trace.events(trace.tracks()[0].id).last();
        assert!(matches!(gap, Some(Event::Gap { ns: 2, end: 1000, loss: None })), "{what}: {gap:?}");
    }
}

#[test]
fn a_weight_is_of_what_begins_behind_it() {
    let weight = wire::head(wire::WEIGHT, 0, 4);
    let cases: [(&str, Vec<u64>); 6] = [
        ("nothing", vec![]),
        ("an end", vec![wire::head(wire::END, 0, 4)]),
        ("an end of what is around", vec![wire::end_at(0, EndFlags::default(), 4)]),
        ("a sample", [vec![wire::head(wire::COUNTER, MEMORY, 4)], super::encode(&[int(1)])].concat()),
        ("another weight, with a span", vec![weight, wire::head(wire::BEGIN, STEP, 4)]),
        ("a span of an unknown callsite", vec![wire::head(wire::BEGIN, UNKNOWN, 4)]),
    ];
    for (what, behind) in cases {
        let words = damaged(|words, main| {
            words.weighing(3).begin(main, WORK, 3, &[]);
            words.words.extend([weight].iter().chain(&behind));
        });
        let trace = trace_of([&words], Vec::new());
        check(&trace);
        assert_eq!(trace.losses().damaged_words(), 1 + behind.len() as u64, "{what}");
        let spans: Vec<_> = trace.spans().map(|span| (span.end(), span.weight())).collect();
        assert_eq!((&spans[..], trace.event_count()), (&[(Some(2), 1), (None, 3)][..], 2), "{what}");
    }
}

#[test]
fn no_more_spans_are_open_than_a_thread_can_have() {
    for (depth, damage) in [(MAX_DEPTH, 0), (MAX_DEPTH + 1, 1)] {
        let words = damaged(|words, main| (0..depth).for_each(|_| words.begin(main, WORK, 3, &[])));
        let trace = trace_of([&words], Vec::new());
        check(&trace);
        assert_eq!((trace.losses().damaged_words(), trace.spans().len()), (damage, 1 + MAX_DEPTH));
    }
}

#[test]
fn a_chunk_without_a_section_is_damaged() {
    let trace = trace_of([&words_of(vec![wire::head(wire::INSTANT, MISS, 9), 0])], Vec::new());
    assert_eq!((trace.losses().damaged_words(), trace.tracks().len()), (2, 0));
    assert!(!trace.losses().is_empty());
}

#[test]
fn a_section_counts_once() {
    let words = damaged(|_, _| {});
    let trace = trace_of([&words, &words], Vec::new());
    assert_eq!((trace.spans().len(), trace.losses().damaged_words()), (1, 2));
}

#[test]
fn what_ends_before_it_is_known_is_ignored() {
    let words = damaged(|words, main| {
        words.words.extend(wire::end_detached(wire::key(SESSION, 1, 99), EndFlags::default(), 3));
        words.begin(main, WORK, 4, &[]);
        words.end(main, 5);
    });
    let trace = trace_of([&words], Vec::new());
    assert!(trace.losses().is_empty());
    assert_eq!(trace.spans().map(|span| span.end()).collect::<Vec<_>>(), [Some(2), Some(5)]);
}

#[test]
fn a_late_base_overflows_nothing() {
    let words = damaged(|words, main| {
        words.words.extend([wire::head(wire::CLOCK, 0, 0), u64::MAX, u64::MAX]);
        words.words.push(wire::head(wire::BEGIN, WORK, (1 << 42) - 1));
        main.stack.push(wire::Open::default());
    });
    check(&trace_of([&words], Vec::new()));
}

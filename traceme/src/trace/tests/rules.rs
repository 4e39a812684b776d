//! Each rule of the format, on the smallest recording that shows it.

use super::{
    MEMORY, MISS, NAMED, PANICKED, PLAIN, QUERY, STEP, WORK, Words, batch_of, int, string, text, trace_of, writer,
};
use crate::record::ends::EndFlags;
use crate::record::loss::{Cause, Lost};
use crate::record::value::tag;
use crate::record::wire;
use crate::trace::tests::Arg;
use crate::trace::{Carried, Event, Read, TrackKind};

/// The lines below the header of the only track.
fn lines(words: &Words) -> Vec<String> {
    let text = text([words]);
    text.lines().skip(1).map(String::from).collect()
}

/// A chunk of the thread `main` that begins at 0.
fn chunk(write: impl FnOnce(&mut Words, &mut super::Writer)) -> Words {
    let (mut words, mut main) = (Words::default(), writer(1, "main"));
    words.section(&mut main, 0);
    write(&mut words, &mut main);
    words
}

#[test]
fn spans_nest_and_instants_lie_in_the_innermost() {
    let words = chunk(|words, main| {
        words.begin(main, WORK, 10, &[int(3), string("a\nb")]);
        words.event(wire::INSTANT, MISS, 11, &[int(5)]);
        words.begin(main, STEP, 12, &[]);
        words.end(main, 14);
        words.event(wire::INSTANT, MISS, 15, &[]);
        words.end(main, 20);
        words.event(wire::INSTANT, MISS, 21, &[]);
    });
    assert_eq!(
        text([&words]),
        "thread main\n  [10..20] work n=3 kind=\"k\" s=\"a\\nb\"\n    [11] * miss key=5\n    [12..14] step\n    [15] * miss\n  [21] * miss\n"
    );
    let trace = trace_of([&words], Vec::new());
    assert_eq!(trace.event_count(), 5);
    assert_eq!(trace.duration(), 1000);
    assert_eq!(trace.tracks()[0].kind, TrackKind::Thread { os_tid: 4000 });
    assert_eq!(trace.spans().map(|span| span.depth()).collect::<Vec<_>>(), [0, 1]);
}

#[test]
fn an_end_passes_over_inner_spans() {
    // `step` is detached by the end of `work`, then ended outside of it, in the outermost span.
    let words = chunk(|words, main| {
        words.begin(main, STEP, 1, &[]);
        words.begin(main, WORK, 2, &[]);
        words.begin(main, STEP, 3, &[]);
        words.end_at(main, 1, 4, PANICKED);
        words.begin(main, WORK, 5, &[]);
        words.end_detached(main, 0, 6, PLAIN);
        words.end(main, 7);
        words.end(main, 8);
    });
    let expected = [
        "  [1..8] step",
        "    [2..4] work kind=\"k\" (panicked)",
        "    [3..6] step (overlapping)",
        "    [5..7] work kind=\"k\"",
    ];
    assert_eq!(lines(&words), expected);
}

#[test]
fn flags_are_those_that_are_known() {
    let words = chunk(|words, main| {
        words.begin(main, STEP, 1, &[]);
        words.begin(main, STEP, 2, &[]);
        words.begin(main, STEP, 3, &[]);
        words.end_at(main, 2, 4, EndFlags { failed: true, ..PLAIN });
        // 8 flags behind a depth of 7 bits.
        words.words.push(wire::head(wire::END_AT, 1 | 0b1111_0100 << 7, 5));
        words.end_at(main, 0, 6, EndFlags { panicked: true, failed: true, alerted: true, ..PLAIN });
    });
    let expected =
        ["  [1..6] step (panicked, failed, alerted)", "    [2..5] step (alerted)", "      [3..4] step (failed)"];
    assert_eq!(lines(&words), expected);
}

#[test]
fn a_detached_span_that_ends_at_the_same_time_lies_within() {
    let words = chunk(|words, main| {
        words.begin(main, WORK, 2, &[]);
        words.begin(main, STEP, 3, &[]);
        words.end_at(main, 0, 4, PLAIN);
        words.end_detached(main, 0, 4, PLAIN);
    });
    assert_eq!(lines(&words), ["  [2..4] work kind=\"k\"", "    [3..4] step"]);
}

#[test]
fn a_span_that_is_passed_over_and_never_ends_is_leaked() {
    // So is what began in it; and a child that did end outside is not left inside a leaked span.
    let words = chunk(|words, main| {
        words.begin(main, WORK, 1, &[]);
        words.begin(main, STEP, 2, &[]);
        words.begin(main, STEP, 3, &[]);
        words.end_at(main, 0, 4, PLAIN);
        words.end_detached(main, 1, 6, PLAIN);
    });
    let expected = ["  [1..4] work kind=\"k\"", "    [2..] step (leaked)", "  [3..6] step (overlapping)"];
    assert_eq!(lines(&words), expected);
}

#[test]
fn open_spans_are_incomplete() {
    let words = chunk(|words, main| {
        words.begin(main, WORK, 1, &[int(1)]);
        words.begin(main, STEP, 2, &[]);
        words.end(main, 3);
        words.begin(main, STEP, 4, &[]);
    });
    let expected = ["  [1..] work n=1 kind=\"k\" (incomplete)", "    [2..3] step", "    [4..] step (incomplete)"];
    assert_eq!(lines(&words), expected);
    let trace = trace_of([&words], Vec::new());
    let ends: Vec<_> = trace.events(trace.tracks()[0].id).filter(|event| matches!(event, Event::End { .. })).collect();
    assert_eq!(ends.iter().map(Event::ns).collect::<Vec<_>>(), [3, 1000, 1000], "each begin has one end");
}

#[test]
fn appended_values_find_their_span() {
    let words = chunk(|words, main| {
        words.begin(main, WORK, 1, &[int(1), string("")]);
        words.begin(main, STEP, 2, &[]);
        let (outer, inner) = (main.stack[0].key, main.stack[1].key);
        words.append(outer, 3, &[int(7)]);
        words.append(inner, 3, &[int(8)]);
        words.append(wire::key(0, 9, 9), 3, &[int(9)]); // nobody's
        words.end_at(main, 0, 4, PLAIN);
        words.append(inner, 5, &[int(10)]); // detached
        words.append(outer, 5, &[int(11)]); // ended
    });
    let expected = ["  [1..4] work n=1 kind=\"k\" s=\"\" rows=7", "    [2..] step rows=8 rows=10 (leaked)"];
    assert_eq!(lines(&words), expected);
}

#[test]
fn spans_of_one_place_are_told_apart() {
    // Two detached spans of the same callsite at the same depth: the first to end is the second to begin.
    let words = chunk(|words, main| {
        for at in [1, 5] {
            words.begin(main, WORK, at, &[]);
            words.begin(main, STEP, at + 1, &[]);
            words.end_at(main, 0, at + 2, PLAIN);
        }
        words.end_detached(main, 1, 10, PLAIN);
        words.end_detached(main, 0, 20, PLAIN);
    });
    let work = "work kind=\"k\"";
    let expected = [
        format!("  [1..3] {work}"),
        "  [2..20] step (overlapping)".into(),
        format!("  [5..7] {work}"),
        "  [6..10] step (overlapping)".into(),
    ];
    assert_eq!(lines(&words), expected);
}

#[test]
fn names_made_at_run_time() {
    let words = chunk(|words, main| {
        words.begin(main, NAMED, 1, &[Arg::Text(tag::NAME, "batch 7".into(), false), int(2)]);
        words.end(main, 2);
    });
    assert_eq!(lines(&words), ["  [1..2] batch 7 x=2"]);
}

#[test]
fn times_never_go_backwards() {
    let words = chunk(|words, main| {
        words.begin(main, STEP, 10, &[]);
        words.clock(5);
        words.end(main, 6);
        words.clock(100);
        words.begin(main, STEP, 130, &[]);
        words.end(main, 140);
    });
    assert_eq!(lines(&words), ["  [10..10] step", "  [130..140] step"].map(|line| line.replace("[10..10]", "[10]")));
}

/// A thread over two chunks, the second of which another one goes on in.
fn three_sections() -> [Words; 2] {
    let (mut first, mut second) = (Words::default(), Words::default());
    let (mut main, mut other) = (writer(1, "main"), writer(2, "other"));
    first.section(&mut main, 0);
    first.begin(&mut main, WORK, 1, &[int(1)]);
    first.begin(&mut main, STEP, 2, &[]);
    second.section(&mut main, 10);
    second.end(&mut main, 11);
    second.begin(&mut main, STEP, 12, &[]);
    second.end(&mut main, 13);
    second.end(&mut main, 14);
    second.section(&mut other, 20);
    second.begin(&mut other, WORK, 21, &[int(2)]);
    second.begin(&mut other, STEP, 22, &[]);
    let key = other.stack[1].key;
    second.append(key, 23, &[int(3)]);
    second.end(&mut other, 24);
    second.end(&mut other, 25);
    [first, second]
}

#[test]
fn sections_go_on_where_the_last_one_stopped() {
    let [first, second] = three_sections();
    let expected = "thread main\n  [1..14] work n=1 kind=\"k\"\n    [2..11] step\n    [12..13] step\nthread other\n  [21..25] work n=2 kind=\"k\"\n    [22..24] step rows=3\n";
    assert_eq!(text([&first, &second]), expected);
    assert_eq!(text([&second, &first]), expected, "chunks come in any order");
}

#[test]
fn a_suffix_knows_what_was_open() {
    let [_, second] = three_sections();
    let text = text([&second]);
    let main = "thread main\n  [1..14] work kind=\"k\" (continues)\n    [2..11] step (continues)\n    [12..13] step\nthread other\n";
    assert!(text.starts_with(main), "{text}");
}

#[test]
fn a_hole_ends_what_is_not_open_behind_it() {
    let mut main = writer(1, "main");
    let [mut first, mut lost, mut last] = [Words::default(), Words::default(), Words::default()];
    first.section(&mut main, 0);
    first.begin(&mut main, WORK, 1, &[]);
    first.begin(&mut main, STEP, 2, &[]);
    lost.section(&mut main, 10);
    lost.end(&mut main, 11);
    lost.begin(&mut main, STEP, 12, &[]);
    last.section(&mut main, 20);
    last.end(&mut main, 21);
    last.end(&mut main, 22);
    let trace = trace_of([&last, &first], Vec::new());
    let expected = "thread main\n  [1..22] work kind=\"k\"\n    [2..] step (incomplete)\n    [12..21] step (continues)\nmissing sections: 1\n";
    assert_eq!(trace.text().times(true).to_string(), expected);
    let gaps =
        trace.events(trace.tracks()[0].id).filter(|event| matches!(event, Event::Gap { ns: 2, end: 20, loss: None }));
    assert_eq!(gaps.count(), 1);
}

#[test]
fn samples_of_all_threads_are_on_the_counters_track() {
    let (mut words, mut main, mut other) = (Words::default(), writer(1, "main"), writer(2, "other"));
    words.section(&mut main, 0);
    words.event(wire::COUNTER, MEMORY, 10, &[int(1)]);
    words.event(wire::COUNTER, MEMORY, 30, &[int(3)]);
    words.section(&mut other, 15);
    words.event(wire::COUNTER, MEMORY, 20, &[int(2)]);
    let expected = "thread main\ncounter memory [B]\n  [10] = 1\n  [20] = 2\n  [30] = 3\nthread other\n";
    assert_eq!(text([&words]), expected);
    let trace = trace_of([&words], Vec::new());
    assert_eq!(trace.counters().map(|sample| sample.time()).collect::<Vec<_>>(), [10, 20, 30]);
    assert_eq!((trace.spans().len(), trace.instants().len()), (0, 0));
}

#[test]
fn losses_are_told_and_lie_in_the_events() {
    let words = chunk(|words, main| {
        words.begin(main, STEP, 10, &[]);
        words.end(main, 30);
    });
    let lost = |cause, thread, callsite, first| Lost { cause, thread, callsite, count: 2, first, last: first + 5 };
    let lost = vec![
        lost(Cause::Full, Some(1), WORK, 40),
        lost(Cause::TooDeep, Some(1), 0, 20),
        lost(Cause::Teardown, Some(9), STEP, 5),
    ];
    let trace = trace_of([&words], lost);
    let expected = "thread main\n  [10..30] step\n\
        lost [20..25] 2 of unknown callsite on main: too deep\n\
        lost [40..45] 2 of work on main: full\n\
        lost [5..10] 2 of step on unknown thread: teardown\n";
    assert_eq!(trace.text().times(true).to_string(), expected);
    let losses = trace.losses();
    assert_eq!((losses.total(), losses.by_cause(Cause::Full), losses.is_empty()), (6, 2, false));
    let events: Vec<_> = trace.events(trace.tracks()[0].id).collect();
    assert_eq!(events.iter().map(Event::ns).collect::<Vec<_>>(), [10, 20, 30, 40]);
    assert!(matches!(events[1], Event::Gap { end: 25, loss: Some(loss), .. } if loss.cause == Cause::TooDeep));
}

#[test]
fn an_empty_trace_is_empty() {
    let trace = crate::trace::Trace::default();
    assert!(trace.is_empty() && trace.losses().is_empty());
    assert_eq!((trace.text().to_string().as_str(), trace.duration(), trace.tracks().len()), ("", 0, 0));
    assert_eq!(trace.events(crate::trace::TrackId::new(3)).count(), 0);
}

#[test]
fn traces_can_be_shared() {
    fn shared<T: Send + Sync>() {}
    shared::<crate::trace::Trace>();
}

#[test]
fn batches_leave_open_activities_and_early_ends_to_the_next() {
    let batch = |carried, write: &dyn Fn(&mut Words)| {
        let batch = batch_of([&chunk(|words, _| write(words))], Vec::new(), carried);
        let text = batch.text().times(true).to_string();
        let spans = text.lines().filter(|line| line.contains("query")).skip(1).map(String::from).collect::<Vec<_>>();
        (spans, batch.losses().unmatched_ends(), batch.carry_on())
    };
    let (spans, unmatched, carried) = batch(Carried::for_the_first(), &|words| {
        words.begin_activity(QUERY, 1, 10, &[int(5)]);
        words.end_activity(2, 12);
        words.end_activity(9, 13);
    });
    assert_eq!((spans, unmatched), (vec!["  [10..] query n=5 (incomplete)".into()], 0));
    let (spans, unmatched, carried) = batch(carried, &|words| words.begin_activity(QUERY, 3, 20, &[]));
    assert_eq!((spans, unmatched), (vec!["  [20..] query (incomplete)".into()], 0), "what goes on isn't repeated");
    let (spans, unmatched, _) = batch(carried.for_the_last(), &|words| {
        words.begin_activity(QUERY, 2, 11, &[int(6)]);
        words.end_activity(1, 30);
        words.end_activity(1, 31);
    });
    assert_eq!((spans, unmatched), (vec!["  [10..30] query n=5 (continues)".into(), "  [11..12] query n=6".into()], 2));
}

#[test]
fn activities_begin_and_end_on_any_thread() {
    let named = [Arg::Text(tag::NAME, "other".into(), false), int(2)];
    let one = chunk(|words, main| {
        words.begin(main, WORK, 10, &[]);
        words.begin_activity(QUERY, 1, 20, &[int(1)]);
        words.begin_activity(QUERY, 2, 30, &[int(2)]);
        words.begin_activity(NAMED, 3, 35, &named);
        // Ended before the record of its beginning is read, and a tick before it.
        words.end_activity(4, 49);
        words.end(main, 60);
        // Twice, and one that never was.
        words.end_activity(1, 70);
        words.end_activity(9, 71);
    });
    let (mut two, mut other) = (Words::default(), writer(2, "other"));
    two.section(&mut other, 5);
    two.end_activity(1, 40);
    two.end_activity(3, 45);
    two.begin_activity(QUERY, 4, 50, &[int(4)]);
    let expected = "thread main\n  [10..60] work kind=\"k\"\nthread other\n\
        activity other\n  [35..45] other x=2\n\
        activity query\n  [20..40] query n=1\n  [30..] query n=2 (incomplete)\n  [50] query n=4\n\
        unmatched ends: 2\n";
    assert_eq!(text([&one, &two]), expected);
    let trace = trace_of([&one, &two], Vec::new());
    assert_eq!((trace.event_count(), trace.losses().unmatched_ends()), (10, 2));
    assert!(!trace.losses().is_empty());
}

#[test]
fn what_was_measured_is_a_span_of_its_own_name_and_one_event() {
    let one = chunk(|words, main| {
        words.begin(main, WORK, 10, &[]);
        words.measured("copy", [5, 15], 20, ("bytes", int(1)));
        words.measured("copy", [2, 8], 21, ("of", string("x")));
        words.begin_activity(QUERY, 1, 22, &[]);
        words.end_activity(1, 24);
        words.measured("query", [23, 23], 25, ("n", int(2)));
        words.end(main, 30);
        // No thread writes these: an end after the recording, and before the start.
        words.measured("wrong", [31, 99], 32, ("n", int(3)));
        words.measured("wrong", [33, 2], 34, ("n", int(4)));
    });
    let expected = "activity copy\n  [2..8] copy of=\"x\"\n  [5..15] copy bytes=1\n\
        thread main\n  [10..30] work kind=\"k\"\n\
        activity query\n  [22..24] query\n  [23] query n=2\n\
        activity wrong\n  [31..32] wrong n=3\n  [33] wrong n=4\n";
    assert_eq!(text([&one]), expected);
    let trace = trace_of([&one], Vec::new());
    assert_eq!((trace.event_count(), trace.summary().losses.recorded), (8, 8));
    assert!(trace.losses().is_empty());
}

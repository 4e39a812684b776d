//! How events are completed and drawn. That readers show what is in a trace is tested with the real ones: see
//! `tests/tests/readers`.
#![allow(clippy::unwrap_used, reason = "tests")]

use super::chrome;
use super::json;
use super::lanes::{LEVELS, Lanes};
use super::whole::{Step, WINDOW, Whole};
use crate::trace::{Event, Read, TraceBuilder, TrackKind, Value};

/// The spans of a trace with so many spans inside one, in the order in which they are given.
fn ends(inside: u64) -> Vec<(u64, u64)> {
    let mut builder = TraceBuilder::default();
    let track = builder.add_track("device", TrackKind::Device { ordinal: 0 }, None).unwrap();
    let end = inside * 10 + 10;
    builder.span(track, "outer", 0, Some(end), &[("n", Value::U64(inside))]).unwrap();
    for at in 1..=inside {
        builder.span(track, "inner", at * 10, Some(at * 10 + 5), &[]).unwrap();
    }
    let trace = builder.build();
    let whole = Whole::new(|| trace.events(track));
    let spans = whole.filter_map(|step| match step {
        Step::Begin(span) => Some((span.start, span.end)),
        _ => None,
    });
    spans.collect()
}

#[test]
fn a_span_knows_its_end_however_much_lies_inside() {
    for inside in [0, 1, WINDOW as u64 / 2, WINDOW as u64, 5 * WINDOW as u64] {
        let ends = ends(inside);
        assert_eq!(ends.len() as u64, inside + 1);
        assert_eq!(ends[0], (0, inside * 10 + 10));
        assert!(ends[1..].iter().all(|&(start, end)| end == start + 5));
    }
}

#[test]
fn a_recording_that_breaks_off_is_given_whole() {
    let mut builder = TraceBuilder::default();
    let track = builder.add_track("device", TrackKind::Device { ordinal: 0 }, None).unwrap();
    builder.span(track, "outer", 0, Some(50), &[]).unwrap();
    builder.span(track, "inner", 10, Some(20), &[]).unwrap();
    let trace = builder.build();
    // Without the ends, as no trace should be.
    let whole = Whole::new(|| trace.events(track).filter(|event| !matches!(event, Event::End { .. })));
    let spans: Vec<_> = whole.collect();
    assert_eq!(spans.len(), 2);
    for step in spans {
        let Step::Begin(span) = step else { panic!("{step:?}") };
        assert!(span.flags.is_incomplete());
        assert_eq!(span.end, 10, "the latest time");
    }
}

/// The lane of each of these spans, in the order in which they begin.
fn lanes(spans: &[(u64, u64)]) -> Vec<usize> {
    let mut builder = TraceBuilder::default();
    let track = builder.add_track("device", TrackKind::Device { ordinal: 0 }, None).unwrap();
    for &(start, end) in spans {
        builder.span(track, "span", start, Some(end), &[]).unwrap();
    }
    let trace = builder.build();
    let mut lanes = Lanes::default();
    let mut found = Vec::new();
    for step in Whole::new(|| trace.events(track)) {
        match step {
            Step::Begin(span) => found.push(lanes.begin(&span).lane),
            Step::End { span, .. } => assert_eq!(lanes.end(span).1, 1),
            _ => panic!("{step:?}"),
        }
    }
    found
}

#[test]
fn nested_spans_share_a_lane() {
    assert_eq!(lanes(&[(0, 100), (10, 50), (20, 50), (60, 100), (100, 110)]), [0, 0, 0, 0, 0]);
    assert_eq!(lanes(&[(5, 5), (5, 5), (5, 10)]), [0, 0, 0], "at one moment");
}

#[test]
fn a_span_that_outlives_another_has_its_own_lane_for_itself_and_what_begins_inside() {
    assert_eq!(lanes(&[(0, 100), (50, 150), (60, 120)]), [0, 1, 1]);
    // What begins once the outer one has ended begins outside of both.
    assert_eq!(lanes(&[(0, 100), (50, 150), (120, 140), (200, 210)]), [0, 1, 0, 0]);
}

#[test]
fn spans_that_have_nothing_to_do_with_each_other_are_not_drawn_inside_each_other() {
    // The third begins in the second, outlives it, and would fit the first.
    assert_eq!(lanes(&[(0, 100), (10, 200), (20, 300), (30, 400)]), [0, 1, 2, 3]);
    let deep: Vec<_> = (0..1100).map(|depth| (depth, 3000 - depth)).collect();
    let expected = [vec![0; LEVELS], vec![1; LEVELS], vec![2; 100]].concat();
    assert_eq!(lanes(&deep), expected, "too deep for one lane");
    // A lane is used again when it is empty.
    assert_eq!(lanes(&[(0, 100), (50, 150), (160, 200), (170, 250)]), [0, 1, 0, 1]);
}

#[test]
fn what_is_hard_on_json_is_read_back() {
    let texts = ["\"quoted\"", "back\\slash\\", "\u{0}\n\r\t\u{8}\u{c}\u{1f}", "é\u{2028}\u{1f980}", "</script>"];
    let mut builder = TraceBuilder::default();
    let track = builder.add_track("\"device\"", TrackKind::Device { ordinal: 0 }, None).unwrap();
    for (at, text) in (0..).zip(texts) {
        builder.span(track, text, at * 10, Some(at * 10 + 5), &[(text, Value::Str(text.into()))]).unwrap();
    }
    let mut bytes = Vec::new();
    chrome(&builder.build(), &mut bytes).unwrap();
    let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
    let events = json["traceEvents"].as_array().unwrap();
    let spans: Vec<_> = events.iter().filter(|event| event["ph"] == "X").collect();
    assert_eq!(spans.len(), texts.len());
    for (span, text) in spans.iter().zip(texts) {
        assert_eq!((span["name"].as_str(), span["args"][text].as_str()), (Some(text), Some(text)));
    }
    assert_eq!(spans[1]["ts"].to_string(), "0.01");
    assert!(
        events.iter().all(|event| event["name"].is_string() && event["cat"].is_string() && event["ts"].is_number())
    );
}

#[test]
fn numbers_are_in_decimal() {
    let edges = (0..64).flat_map(|bit| [(1 << bit) - 1, 1 << bit]);
    let powers = (0..20).map(|exponent| 10_u64.pow(exponent)).flat_map(|power| [power - 1, power]);
    for number in edges.chain(powers).chain(0..1000).chain([u64::MAX]) {
        let mut out = Vec::new();
        json::integer(&mut out, number);
        assert_eq!(String::from_utf8(out).unwrap(), number.to_string());
        let mut out = Vec::new();
        json::microseconds(&mut out, number);
        assert_eq!(String::from_utf8(out).unwrap(), format!("{}.{:03}", number / 1000, number % 1000));
    }
}

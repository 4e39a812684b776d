//! Tracks and events that a source adds.

use proptest::{collection, prop_assert, prop_assert_eq, proptest};

use super::{Arg, encode};
use crate::record::args::Values;
use crate::record::time::Clock;
use crate::record::value::tag;
use crate::sync::{AtomicU64, Ordering};
use crate::trace::{FlowEnd, Text, Trace, TraceBuilder, TrackId, TrackKind, Value};

const GPU: TrackKind = TrackKind::Device { ordinal: 0 };

fn device() -> (TraceBuilder, TrackId) {
    let mut builder = TraceBuilder::default();
    let track = builder.add_track("gpu", GPU, None).expect("a track");
    (builder, track)
}

fn text(trace: &Trace) -> String {
    trace.text().times(true).to_string()
}

#[test]
fn spans_come_in_any_order() {
    let spans = [("a", 0, Some(10)), ("b", 0, Some(5)), ("c", 5, Some(10)), ("d", 5, Some(5)), ("e", 20, None)];
    let expected =
        "device gpu\n  [0..10] a\n    [0..5] b\n    [5..10] c\n      [5] d\n  [20..] e (incomplete)\n    [30..40] f\n";
    for turn in 0..spans.len() {
        let (mut builder, track) = device();
        builder.span(track, "f", 30, Some(40), &[]).expect("a span");
        for (name, start, end) in spans.iter().cycle().skip(turn).take(spans.len()) {
            builder.span(track, name, *start, *end, &[]).expect("a span");
        }
        assert_eq!(text(&builder.build()), expected);
    }
}

#[test]
fn a_span_that_outlives_the_one_it_began_in_overlaps() {
    let (mut builder, track) = device();
    for (name, start, end) in
        [("outer", 0, Some(30)), ("a", 1, Some(10)), ("b", 5, Some(15)), ("c", 6, Some(8)), ("d", 7, None)]
    {
        builder.span(track, name, start, end, &[]).expect("a span");
    }
    builder.instant(track, "last", 40, &[]).expect("an instant");
    let expected = "device gpu\n  [0..30] outer\n    [1..10] a\n    [5..15] b (overlapping)\n      [6..8] c\n  \
        [7..] d (incomplete, overlapping)\n  [40] * last\n";
    assert_eq!(text(&builder.build()), expected);
}

#[test]
fn flows_are_no_metadata() {
    let (mut builder, track) = device();
    let span = builder.span(track, "copy", 10, Some(20), &[("n", Value::U64(1))]).expect("a span");
    span.flow(FlowEnd::Out(70)).flow(FlowEnd::In(9));
    builder.instant(track, "done", 15, &[]).expect("an instant").flow(FlowEnd::In(70));
    let trace = builder.build();
    assert_eq!(text(&trace), "device gpu\n  [10..20] copy n=1 -> #1 <- #2\n    [15] * done <- #1\n");
    let flows: Vec<FlowEnd> = trace.spans().flat_map(|span| span.flows()).collect();
    assert_eq!(flows, [FlowEnd::Out(70), FlowEnd::In(9)]);
}

#[test]
fn an_instant_lies_in_what_has_begun_and_not_ended() {
    let (mut builder, track) = device();
    builder.instant(track, "at the end", 20, &[]).expect("an instant");
    builder.instant(track, "at the start", 10, &[]).expect("an instant");
    builder.span(track, "span", 10, Some(20), &[]).expect("a span");
    let expected = "device gpu\n  [10..20] span\n    [10] * at the start\n  [20] * at the end\n";
    assert_eq!(text(&builder.build()), expected);
}

#[test]
fn samples_are_on_their_track() {
    let mut builder = TraceBuilder::default();
    let power = builder.add_track("power", TrackKind::Counter { unit: "W".into() }, None).expect("a track");
    builder.sample(power, 20, Value::F64(1.5)).expect("a sample");
    builder.sample(power, 10, Value::U64(1)).expect("a sample");
    let trace = builder.build();
    assert_eq!(text(&trace), "counter power [W]\n  [10] = 1\n  [20] = 1.5\n");
    let samples: Vec<_> = trace.counters().map(|sample| (sample.time(), sample.value(), sample.track().id)).collect();
    assert_eq!(samples, [(10, Value::U64(1), power), (20, Value::F64(1.5), power)]);
    assert_eq!((trace.event_count(), trace.duration()), (2, 20));
}

#[test]
fn values_are_kept() {
    let written = [
        Arg::Numbers(tag::I64, vec![1, u64::MAX], true),
        Arg::Numbers(tag::F64, vec![0.5_f64.to_bits()], false),
        Arg::Numbers(tag::U64, Vec::new(), false),
        Arg::Word(tag::POINTER, 0xff),
        Arg::Word(tag::DURATION, 1500),
        Arg::Wide(tag::I128, u128::MAX),
        Arg::Text(tag::STR, "a,b=c#".into(), false),
        Arg::None,
    ];
    let words: Vec<AtomicU64> = encode(&written).into_iter().map(AtomicU64::new).collect();
    let (values, _) = Values::read(words[0].load(Ordering::Relaxed), &words[1..]).expect("sound values");
    let args: Vec<(&str, Value<'_>)> = values.map(|value| ("key", value.metadata().expect("metadata"))).collect();
    let (mut builder, track) = device();
    builder.span(track, "span", 0, None, &args).expect("a span");
    let trace = builder.build();
    let span = trace.spans().next().expect("it was added");
    assert_eq!(span.args().collect::<Vec<_>>(), args);
    let text = text(&trace);
    assert!(text.contains("key=[1, -1]… key=[0.5] key=[] key=0xff key=1.5µs key=-1 key=\"a,b=c#\" key=none"), "{text}");
}

#[test]
fn bad_input_is_refused_and_says_why() {
    let (mut builder, gpu) = device();
    let memory = builder.add_track("memory", TrackKind::Counter { unit: String::new() }, Some(gpu)).expect("a track");
    let nobody = TrackId::new(2);
    let one = Value::U64(1);
    let errors = [
        (builder.add_track("", GPU, None).map(drop), "needs a name"),
        (builder.add_track("x", GPU, Some(nobody)).map(drop), "no track 2"),
        (builder.add_track("x", TrackKind::Thread { os_tid: 1 }, None).map(drop), "can't add a thread"),
        (builder.span(nobody, "x", 0, None, &[]).map(drop), "no track 2"),
        (builder.span(gpu, "", 0, None, &[]).map(drop), "can't be empty"),
        (builder.span(gpu, "x", 2, Some(1), &[]).map(drop), "ends at 1 ns, before it starts at 2 ns"),
        (builder.span(gpu, "x", 0, None, &[("", one)]).map(drop), "can't be empty"),
        (builder.span(memory, "x", 0, None, &[]).map(drop), "is a counter's"),
        (builder.instant(nobody, "x", 0, &[]).map(drop), "no track 2"),
        (builder.instant(memory, "x", 0, &[]).map(drop), "is a counter's"),
        (builder.sample(gpu, 0, one), "is not a counter's"),
        (builder.sample(nobody, 0, one), "no track 2"),
        (builder.sample(memory, 0, Value::Str(Text::from("1"))), "is a number"),
    ];
    for (result, why) in errors {
        let error = result.expect_err(why);
        assert!(error.is_source() && error.to_string().contains(why), "{error} for {why}");
    }
    assert!(builder.build().is_empty(), "nothing of it was kept");
}

#[test]
fn a_builder_knows_when_the_session_started() {
    let mut clock = Clock::default();
    (clock.start.ns, clock.wall_ns) = (77, 5);
    let builder = TraceBuilder::new(&clock);
    assert_eq!((builder.clock().monotonic_ns, builder.clock().wall_ns), (77, 5));
    assert_eq!(builder.build().clock().monotonic_ns, 77);
}

proptest! {
    /// Spans that don't outlive one another have the innermost around them as parent, found by trying all.
    #[test]
    fn proper_spans_nest(cuts in collection::vec((0..30_u64, 0..30_u64), 0..20)) {
        let (mut builder, track) = device();
        let mut spans: Vec<(u64, u64)> = Vec::new();
        for (a, b) in cuts {
            let (start, end) = (a.min(b), a.max(b) + 1);
            let crosses = |&(s, e): &(u64, u64)| (s < start && start < e && e < end) || (start < s && s < end && end < e);
            if !spans.iter().any(|span| crosses(span) || *span == (start, end)) {
                spans.push((start, end));
                builder.span(track, "span", start, Some(end), &[]).expect("a span");
            }
        }
        let trace = builder.build();
        for span in trace.spans() {
            let (start, end) = (span.start(), span.end().expect("it has an end"));
            let around = spans.iter().filter(|&&(s, e)| s <= start && end <= e && (s, e) != (start, end));
            let parent = around.min_by_key(|(s, e)| e - s).copied();
            prop_assert_eq!(span.parent().map(|parent| (parent.start(), parent.end().expect("an end"))), parent);
            prop_assert!(!span.flags().is_overlapping());
        }
        prop_assert_eq!(trace.spans().len(), spans.len());
    }
}

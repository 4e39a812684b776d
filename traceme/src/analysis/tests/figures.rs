//! Each figure, on the smallest trace that shows it.

use super::{GPU, summary, times};
use crate::analysis::{NameCount, Summary};
use crate::trace::{Trace, TraceBuilder, TrackKind, Value};

#[test]
fn self_time_is_what_no_inner_span_has() {
    let summary = summary(&[&[
        ("outer", 100, Some(200)),
        ("inner", 110, Some(130)),
        ("innermost", 115, Some(120)),
        ("inner", 130, Some(170)),
        ("after", 300, Some(310)),
    ]]);
    let expected = [("inner", 2, 60, 55), ("outer", 1, 100, 40), ("after", 1, 10, 10), ("innermost", 1, 5, 5)];
    assert_eq!(times(&summary), expected);
    let track = &summary.tracks[0];
    assert_eq!((track.busy, track.spans, track.lost), (110, 5, 0));
    assert_eq!((summary.duration, summary.losses.recorded), (310, 5));
    assert!((track.utilisation - 110.0 / 310.0).abs() < 1e-12);
    let inner = summary.span("inner").expect("it is there");
    assert_eq!((inner.min, inner.mean, inner.p50, inner.p95, inner.p99, inner.max), (20, 30, 20, 40, 40, 40));
}

#[test]
fn recursion_is_open_once() {
    // f calls g, which calls f: f is open all the time, on this track; another track is counted by itself.
    let recursive = [("f", 0, Some(100)), ("g", 10, Some(90)), ("f", 20, Some(80))];
    let summary = summary(&[&recursive, &[("f", 50, Some(60))]]);
    assert_eq!(times(&summary), [("f", 3, 110, 90), ("g", 1, 80, 20)]);
    let f = summary.span("f").expect("it is there");
    assert_eq!((f.min, f.p50, f.max, f.mean), (10, 60, 100, 57));
    assert_eq!(summary.tracks.iter().map(|track| track.busy).collect::<Vec<_>>(), [100, 10]);
}

#[test]
fn of_overlapping_spans_the_one_that_began_last_is_innermost() {
    let summary = summary(&[&[("p", 0, Some(40)), ("a", 5, Some(20)), ("b", 10, Some(30)), ("c", 22, Some(25))]]);
    assert_eq!(times(&summary), [("b", 1, 20, 17), ("p", 1, 40, 15), ("a", 1, 15, 5), ("c", 1, 3, 3)]);
    assert_eq!(summary.tracks[0].busy, 40);
}

/// So many spans, of which so many are open at a time: at each ns the oldest one ends and another one begins.
fn queue(count: u64, open: u64) -> Trace {
    let mut builder = TraceBuilder::default();
    let track = builder.add_track("gpu", GPU, None).expect("a track");
    for start in 0..count {
        builder.span(track, "queued", start, Some(start + open), &[]).expect("a span");
    }
    builder.build()
}

#[test]
fn a_queue_of_spans_is_summed_up_whatever_its_length() {
    for (count, open) in [(4, 2), (100_000, 1), (100_000, 100), (100_000, 10_000), (100_000, 100_000)] {
        let summary = queue(count, open).summary();
        let busy = count - 1 + open;
        assert_eq!(times(&summary), [("queued", count, busy, busy)], "{open} open of {count}");
        assert_eq!((summary.spans[0].min, summary.spans[0].max, summary.tracks[0].busy), (open, open, busy));
    }
}

#[test]
fn spans_of_no_length_count() {
    let summary = summary(&[&[("a", 0, Some(10)), ("b", 5, Some(5)), ("b", 10, Some(10)), ("b", 10, Some(12))]]);
    assert_eq!(times(&summary), [("a", 1, 10, 10), ("b", 3, 2, 2)]);
    let b = summary.span("b").expect("it is there");
    assert_eq!((b.min, b.p50, b.p99, b.max, b.mean), (0, 0, 2, 2, 1));
}

#[test]
fn sums_that_are_too_large_stop_at_the_largest_number() {
    let of = |name: &'static str| [(name, 0, Some(u64::MAX)), (name, 0, Some(u64::MAX))];
    let mut summary = summary(&[&of("a"), &of("a"), &of("b"), &of("c")]);
    let all = u64::MAX;
    assert_eq!(times(&summary), [("a", 4, all, all), ("b", 2, all, all), ("c", 2, all, all)]);
    assert!(summary.tracks.iter().all(|track| track.busy == all), "{:?}", summary.tracks);
    assert_eq!((summary.duration, summary.spans[0].max, summary.spans[1].p99), (all, all, all));
    summary.instants = vec![NameCount { name: "i".into(), count: all, estimated: all }; 3];
    let text = summary.table().rows(1).width(200).to_string();
    let cells = |start: &str| {
        let lines = text.lines().filter(|line| line.starts_with(start));
        lines.map(|line| line.split_whitespace().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
    };
    let rest = ["and 2 more 4 18446744074 s 66.7", "and 3 more 18446744074 s 6 0 0", "and 2 more 18.4 E"];
    assert_eq!(cells("and "), rest, "{text}");
}

#[test]
fn open_spans_last_until_the_end_and_have_no_duration() {
    let summary = summary(&[&[("a", 10, None), ("b", 20, Some(25)), ("b", 60, None)], &[("c", 0, Some(100))]]);
    assert_eq!(times(&summary), [("c", 1, 100, 100), ("a", 1, 90, 45), ("b", 2, 45, 45)]);
    let (a, b) = (summary.span("a").expect("a"), summary.span("b").expect("b"));
    assert_eq!((a.incomplete, a.min, a.mean, a.p50, a.max), (1, 0, 0, 0, 0));
    assert_eq!((b.incomplete, b.min, b.mean, b.p50, b.max), (1, 5, 5, 5, 5));
}

#[test]
fn an_open_span_outlives_the_one_it_began_in() {
    let summary = summary(&[&[("a", 0, Some(10)), ("b", 5, None), ("c", 20, Some(30))]]);
    assert_eq!(times(&summary), [("b", 1, 25, 15), ("c", 1, 10, 10), ("a", 1, 10, 5)]);
}

#[test]
fn instants_are_counted_by_name() {
    let mut builder = TraceBuilder::default();
    let gpu = builder.add_track("gpu", GPU, None).expect("a track");
    for (name, ns) in [("miss", 1), ("hit", 2), ("miss", 3), ("evict", 4)] {
        builder.instant(gpu, name, ns, &[]).expect("an instant");
    }
    let summary = builder.build().summary();
    let counts: Vec<_> = summary.instants.iter().map(|item| (item.name.as_str(), item.count)).collect();
    assert_eq!(counts, [("miss", 2), ("evict", 1), ("hit", 1)]);
    assert_eq!((summary.tracks[0].instants, summary.tracks[0].busy, summary.losses.recorded), (4, 0, 4));
}

#[test]
fn the_mean_of_a_counter_is_that_over_time() {
    let mut builder = TraceBuilder::default();
    let memory = builder.add_track("memory", TrackKind::Counter { unit: "B".into() }, None).expect("a track");
    let once = builder.add_track("once", TrackKind::Counter { unit: String::new() }, None).expect("a track");
    builder.add_track("never", TrackKind::Counter { unit: String::new() }, None).expect("a track");
    for (ns, value) in [(10, Value::U64(4)), (20, Value::I64(-2)), (50, Value::F64(f64::NAN)), (60, Value::F64(1.5))] {
        builder.sample(memory, ns, value).expect("a sample");
    }
    for value in [1, 2] {
        builder.sample(once, 100, Value::U64(value)).expect("a sample");
    }
    let summary = builder.build().summary();
    let [memory, once] = &summary.counters[..] else { panic!("{:?}", summary.counters) };
    assert_eq!((memory.name.as_str(), memory.unit.as_str(), memory.samples), ("memory", "B", 3));
    assert_eq!([memory.min, memory.max, memory.last], [-2.0, 4.0, 1.5]);
    // 4 for 10 ns, -2 for 40 ns, 1.5 for 40 ns.
    assert!((memory.mean - (40.0 - 80.0 + 60.0) / 90.0).abs() < 1e-12);
    assert_eq!((once.samples, once.mean, once.last), (2, 1.5, 2.0));
    assert!(summary.tracks.is_empty(), "counters are no tracks of spans");
}

#[test]
fn nothing_is_summed_up_too() {
    let summary = Summary::of(&Trace::default());
    assert_eq!((summary.spans.len(), summary.tracks.len(), summary.duration), (0, 0, 0));
    assert_eq!(summary.to_string(), "0 ns recorded: 0 spans, 0 instants, 0 samples on 0 tracks\n\nNothing was lost.\n");
}

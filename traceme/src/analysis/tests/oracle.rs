//! Random traces, against sums that are easy to see through.

use std::collections::BTreeMap;

use proptest::prelude::{Strategy, any};
use proptest::{collection, option, prop_assert, prop_assert_eq, proptest};

use super::GPU;
use crate::trace::{Span, Trace, TraceBuilder};

const NAMES: [&str; 4] = ["a", "b", "c", "d"];

/// Spans: track, name, start, length.
fn spans() -> impl Strategy<Value = Vec<(usize, usize, u64, Option<u64>)>> {
    collection::vec((0..2_usize, 0..NAMES.len(), 0..60_u64, option::weighted(0.9, 0..30_u64)), 0..40)
}

fn trace(spans: &[(usize, usize, u64, Option<u64>)]) -> Trace {
    let mut builder = TraceBuilder::default();
    let tracks = ["0", "1"].map(|name| builder.add_track(name, GPU, None).expect("a track"));
    for &(track, name, start, length) in spans {
        builder.span(tracks[track], NAMES[name], start, length.map(|length| start + length), &[]).expect("a span");
    }
    builder.build()
}

/// The total and the self time of each name, found by asking at every ns of every track who is open.
fn times(trace: &Trace) -> BTreeMap<String, (u64, u64)> {
    let mut times: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    let all: Vec<Span<'_>> = trace.spans().collect();
    for span in &all {
        times.entry(span.name().to_string()).or_default();
    }
    for track in trace.tracks() {
        for ns in 0..trace.duration() {
            let is_open = |span: &&Span<'_>| {
                let end = span.end().unwrap_or(trace.duration());
                span.track().id == track.id && span.start() <= ns && ns < end
            };
            let mut open: Vec<String> = all.iter().filter(is_open).map(|span| span.name().to_string()).collect();
            if let Some(innermost) = open.last() {
                times.entry(innermost.clone()).or_default().1 += 1;
            }
            open.sort();
            open.dedup();
            open.into_iter().for_each(|name| times.entry(name).or_default().0 += 1);
        }
    }
    times
}

/// The duration at a rank of `percentage` in all.
fn percentile(sorted: &[u64], percentage: usize) -> u64 {
    sorted.get((sorted.len() * percentage).div_ceil(100).saturating_sub(1)).copied().unwrap_or(0)
}

proptest! {
    #[test]
    fn times_and_counts_are_exact(spans in spans()) {
        let trace = trace(&spans);
        let summary = trace.summary();
        let expected = times(&trace);
        let found: BTreeMap<_, _> =
            summary.spans.iter().map(|span| (span.name.clone(), (span.total, span.self_time))).collect();
        prop_assert_eq!(found, expected);
        for found in &summary.spans {
            let of_name: Vec<_> = trace.spans().filter(|span| span.name() == found.name.as_str().into()).collect();
            let mut durations: Vec<u64> = of_name.iter().filter_map(|span| span.duration()).collect();
            durations.sort_unstable();
            prop_assert_eq!(found.count, of_name.len() as u64);
            prop_assert_eq!(found.count - found.incomplete, durations.len() as u64);
            prop_assert_eq!(found.min, durations.first().copied().unwrap_or(0));
            prop_assert_eq!(found.max, durations.last().copied().unwrap_or(0));
            for (percentage, value) in [(50, found.p50), (95, found.p95), (99, found.p99)] {
                prop_assert_eq!(value, percentile(&durations, percentage));
            }
        }
        let busy: u64 = summary.tracks.iter().map(|track| track.busy).sum();
        prop_assert_eq!(busy, summary.spans.iter().map(|span| span.self_time).sum::<u64>());
        prop_assert!(summary.spans.is_sorted_by(|a, b| a.self_time >= b.self_time));
    }

    #[test]
    fn percentiles_of_many_are_within_one_percent(
        seeds in collection::vec(any::<u64>(), 257..1000),
        bits in 1..50_u32,
    ) {
        let mut durations: Vec<u64> = seeds.iter().map(|seed| seed >> (64 - bits) >> (seed % u64::from(bits))).collect();
        let mut builder = TraceBuilder::default();
        let track = builder.add_track("gpu", GPU, None).expect("a track");
        for &duration in &durations {
            builder.span(track, "a", 5, Some(5 + duration), &[]).expect("a span");
        }
        let summary = builder.build().summary();
        durations.sort_unstable();
        let found = &summary.spans[0];
        for (percentage, value) in [(50, found.p50), (95, found.p95), (99, found.p99)] {
            let exact = percentile(&durations, percentage);
            prop_assert!(value.abs_diff(exact) * 100 <= exact, "p{percentage} is {exact}, found {value}");
        }
        let sum: u64 = durations.iter().sum();
        let count = durations.len() as u64;
        prop_assert_eq!((found.count, found.max, found.mean), (count, durations[durations.len() - 1], (sum + count / 2) / count));
    }
}

//! What recording took, with costs that are given, of times that are known.

use super::GPU;
use crate::analysis::taken::{Overwritten, Taken};
use crate::analysis::{Overhead, Summary, TrackSummary};
use crate::instrument::Selftest;
use crate::trace::{Budget, ClockSource, Trace, TrackKind};

const COSTS: Selftest = Selftest {
    clock: ClockSource::Counter,
    clock_read_ns: 9.0,
    span_ns: 20.0,
    span_with_values_ns: 30.0,
    instant_ns: 10.0,
    not_recording_ns: 0.5,
};

/// A summary of threads with so many spans and instants, in a recording of 1000 µs, whose thread time is this.
fn threads(counts: &[(u64, u64)], taken: Taken) -> Summary {
    let kind = TrackKind::Thread { os_tid: 1 };
    let track = |&(spans, instants): &(u64, u64)| TrackSummary {
        name: String::new(),
        kind: kind.clone(),
        busy: 0,
        utilisation: 0.0,
        spans,
        instants,
        lost: 0,
    };
    let mut summary = Summary::of(&Trace::default());
    summary.duration = 1_000_000;
    summary.tracks = counts.iter().map(track).collect();
    summary.losses.recorded = counts.iter().map(|(spans, instants)| spans + instants).sum();
    summary.taken = taken;
    summary
}

fn taken(seen: &[(u64, u64)], overwritten: Option<Overwritten>) -> Taken {
    let mut taken = Taken::default();
    seen.iter().for_each(|&seen| taken.add(Some(seen), overwritten.as_ref(), 1_000_000));
    taken
}

#[track_caller]
fn overhead(summary: &Summary) -> (u64, u64, f64) {
    let Overhead { events, total, share, .. } = Overhead::of(summary, &COSTS).expect("something was recorded");
    (events, total, share)
}

#[test]
fn threads_are_charged_for_the_time_from_their_first_event_to_their_last() {
    // Ten threads one after the other, each busy with 1000 spans for 50 µs.
    let one_by_one: Vec<_> = (0..10).map(|n| (n * 100_000, n * 100_000 + 50_000)).collect();
    let summary = threads(&[(1000, 0); 10], taken(&one_by_one, None));
    assert_eq!(overhead(&summary), (10_000, 200_000, 0.4));
    let counters_only = {
        let mut taken = Taken::default();
        taken.add(None, None, 1_000_000);
        taken
    };
    assert_eq!(overhead(&threads(&[(1000, 0)], counters_only)).2, 0.02, "it may have lasted as long as the recording");
    assert_eq!(overhead(&threads(&[(0, 1)], taken(&[(7, 7)], None))), (1, 10, 1e-5), "a single instant");
}

#[test]
fn what_a_ring_has_given_up_cost_something_too() {
    let overwritten = Overwritten { count: 30_000, first: 0, last: 980_000 };
    let summary = threads(&[(900, 100)], taken(&[(970_000, 1_000_000)], Some(overwritten)));
    assert_eq!(overhead(&summary), (31_000, 589_000, 0.589), "it was like what is left");
}

#[test]
fn what_was_left_out_costs_something_too() {
    let mut summary = threads(&[(100, 0)], taken(&[(0, 1_000_000)], None));
    summary.losses.left_out = 99_900;
    let found = Overhead::of(&summary, &COSTS).expect("something was recorded");
    assert_eq!((found.events, found.left_out, found.event_ns, found.left_out_ns), (100, 99_900, 20.0, 0.085 * 20.0));
    assert_eq!(found.total, 171_830);
    assert!((found.share - 0.17183).abs() < 1e-9, "{found:?}");
    summary.overhead = Some(found);
    let line = "\noverhead: 100 events x 20.0 ns + 99900 left out x 1.7 ns = 172 µs, 17.2 % of the threads' time, besides what values take\n";
    assert!(summary.to_string().contains(line), "{summary}");
}

#[test]
fn a_budget_is_the_only_account() {
    let mut summary = threads(&[(100, 0)], taken(&[(0, 1_000_000)], None));
    summary.process.pid = std::process::id();
    summary.budget = Some(Budget { share: 0.02, used: 0.0196 });
    assert_eq!(summary.with_overhead().overhead, None);
}

#[test]
fn what_a_device_did_costs_nothing() {
    let summary = super::summary(&[&[("kernel", 0, Some(10))]]);
    assert!(summary.tracks.iter().all(|track| track.kind == GPU) && Overhead::of(&summary, &COSTS).is_none());
}

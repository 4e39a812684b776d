//! Summaries of guards that are dropped in any order, or never, against sums that are easy to see through.
#![allow(clippy::unwrap_used, clippy::mem_forget, reason = "tests")]

mod common;

use std::collections::BTreeMap;
use std::mem::forget;

use common::{alone, assert_sound, spawn};
use proptest::prelude::{Strategy, any, prop_oneof};
use proptest::sample::Index;
use proptest::{collection, prop_assert, prop_assert_eq, proptest};
use traceme::__private::mock;
use traceme::trace::Span;
use traceme::{Session, SpanGuard, Trace, span};

/// What happens at one ns; guards are chosen among those that are there.
#[derive(Clone, Debug)]
enum Step {
    Begin(usize),
    Drop(Index),
    Forget(Index),
    Nothing,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..4_usize).prop_map(Step::Begin),
        3 => any::<Index>().prop_map(Step::Drop),
        1 => any::<Index>().prop_map(Step::Forget),
        1 => any::<bool>().prop_map(|_| Step::Nothing),
    ]
}

fn begin(name: usize) -> SpanGuard {
    match name {
        0 => span!("a"),
        1 => span!("b"),
        2 => span!(name = String::from("c")),
        _ => span!("d"),
    }
}

fn recorded(steps: Vec<Step>) -> Trace {
    let _alone = alone();
    mock(1000);
    let session = Session::start(255).unwrap();
    let work = move || {
        let mut guards = Vec::new();
        for (ns, step) in (1001..).zip(steps) {
            mock(ns);
            match step {
                Step::Begin(name) => guards.push(begin(name)),
                Step::Drop(index) if !guards.is_empty() => drop(guards.remove(index.index(guards.len()))),
                Step::Forget(index) if !guards.is_empty() => forget(guards.remove(index.index(guards.len()))),
                _ => {}
            }
        }
        guards.into_iter().for_each(forget);
    };
    spawn("work", work).join().unwrap();
    mock(1100);
    session.stop()
}

/// When a span ends; one that leaked, with its parent.
fn end(span: Span<'_>, trace: &Trace) -> u64 {
    let around = span.parent().filter(|_| span.flags().is_leaked());
    span.end().unwrap_or_else(|| around.map_or(trace.duration(), |parent| end(parent, trace)))
}

/// Count, total and self time of each name, found by asking at every ns who is open.
fn times(trace: &Trace) -> BTreeMap<String, (u64, u64, u64)> {
    let mut times: BTreeMap<String, (u64, u64, u64)> = BTreeMap::new();
    for span in trace.spans() {
        times.entry(span.name().to_string()).or_default().0 += 1;
    }
    for ns in 0..trace.duration() {
        let is_open = |span: &Span<'_>| span.start() <= ns && ns < end(*span, trace);
        let mut open: Vec<String> = trace.spans().filter(is_open).map(|span| span.name().to_string()).collect();
        if let Some(innermost) = open.last() {
            times.entry(innermost.clone()).or_default().2 += 1;
        }
        open.sort();
        open.dedup();
        open.into_iter().for_each(|name| times.entry(name).or_default().1 += 1);
    }
    times
}

proptest! {
    #[test]
    fn times_are_exact_in_whatever_order_guards_end(steps in collection::vec(step(), 0..60)) {
        let trace = recorded(steps);
        assert_sound(&trace);
        let summary = trace.summary();
        let found: BTreeMap<_, _> = summary
            .spans
            .iter()
            .map(|span| (span.name.clone(), (span.count, span.total, span.self_time)))
            .collect();
        prop_assert_eq!(found, times(&trace), "{}", trace.text().times(true));
        let busy: u64 = summary.tracks.iter().map(|track| track.busy).sum();
        prop_assert_eq!(busy, summary.spans.iter().map(|span| span.self_time).sum::<u64>());
        let incomplete: u64 = summary.spans.iter().map(|span| span.incomplete).sum();
        prop_assert_eq!(incomplete, trace.spans().filter(|span| span.end().is_none()).count() as u64);
        prop_assert!(summary.losses.is_empty());
    }
}

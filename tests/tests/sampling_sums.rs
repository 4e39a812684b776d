//! What a summary makes of events that stand for others. The clock is a mock, so that durations are known.
#![allow(clippy::unwrap_used, clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "tests")]

mod common;

use common::alone;
use traceme::__private::mock;
use traceme::analysis::{SpanSummary, Summary};
use traceme::{Memory, Session, activity, instant, span, trace_scope, traceme};

/// A load whose counts and durations are known: counts are exact, sums of times within 1 %.
#[test]
fn sums_are_estimated() {
    const SPANS: u64 = 400_000;
    let _alone = alone();
    // In an order that a program could have: periodic.
    let duration = |n: u64| 100 + n % 10 * 20;
    mock(1_000_000);
    let session = Session::start(1).unwrap();
    let mut now = 1_000_000;
    for n in 0..SPANS {
        let span = span!("work", rate = 0.1);
        now += duration(n);
        mock(now);
        drop(span);
        if n % 2 == 0 {
            instant!("half", rate = 0.01);
        }
    }
    let trace = session.stop();
    let summary = trace.summary();
    let work = summary.span("work").unwrap();
    assert_eq!((work.count, work.estimated), (trace.spans().len() as u64, SPANS));
    let exact: u64 = (0..SPANS).map(duration).sum();
    for (name, found) in [("total", work.total), ("self time", work.self_time), ("mean", work.mean * SPANS)] {
        assert!(found.abs_diff(exact) * 100 < exact, "{name}: {found} instead of {exact}");
    }
    assert_eq!((work.min, work.max), (100, 280));
    assert_eq!(summary.instants[0].estimated, SPANS / 2);
    assert_eq!(summary.losses.left_out, trace.losses().left_out());
    assert!(summary.losses.is_empty() && summary.losses.causes.is_empty());
    let text = summary.to_string();
    assert!(text.contains("~400000") && text.contains("Nothing was lost.\nLeft out by sampling: "), "{text}");
}

/// The summary of 400 000 spans that take so long, of which a tenth is recorded, and their exact sum.
fn sampled(memory: Memory, begin: u64, duration: impl Fn(u64) -> u64) -> (Summary, u64) {
    let mut now = begin;
    mock(now);
    let session = Session::builder().memory(memory).start().unwrap();
    for n in 0..400_000 {
        let span = span!("work", rate = 0.1);
        now += duration(n);
        mock(now);
        drop(span);
    }
    (session.stop().summary(), now - begin)
}

/// How far the total may be off by its own account, as a part of it.
fn error(work: &SpanSummary) -> f64 {
    work.total_error as f64 / work.total as f64
}

/// Any number that follows from `n`, uniform from 0 to 1.
fn uniform(n: u64) -> f64 {
    let mixed = (n + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / (1_u64 << 53) as f64
}

/// The table in the guide has these figures.
#[test]
fn a_total_says_how_far_it_may_be_off() {
    let _alone = alone();
    let even = |n: u64| 100 + n % 10 * 20;
    let exponential = |n: u64| (-1000.0 * (1.0 - uniform(n)).ln()) as u64;
    let rare = |n: u64| if uniform(n) < 0.001 { 1_000_000 } else { 100 };
    let cases: [(&str, &dyn Fn(u64) -> u64, _); 4] = [
        ("all the same", &|_| 150, 0.0..=0.0),
        ("even", &even, 0.0015..=0.0021),
        ("exponential", &exponential, 0.005..=0.0065),
        ("a thousandth takes 10 000 times as long", &rare, 0.1..=0.25),
    ];
    let mut begin = 0;
    for (what, duration, expected) in cases {
        for memory in [Memory::default(), Memory::summary_only()] {
            begin += 1_000_000_000_000;
            let (summary, exact) = sampled(memory, begin, duration);
            let work = summary.span("work").unwrap();
            assert_eq!(work.estimated, 400_000, "{what}");
            assert!(expected.contains(&error(work)), "{what}: {}", error(work));
            assert!(
                work.total.abs_diff(exact) <= 3 * work.total_error,
                "{what}: {} for {exact}, ± {}",
                work.total,
                work.total_error
            );
            let is_shown = summary.to_string().contains(&format!(" ±{:.0} %", 100.0 * error(work)));
            assert_eq!(is_shown, error(work) > 0.01, "{what}: {summary}");
        }
    }
}

/// One span that is drawn takes nearly all the time, and stands for a hundred.
#[test]
fn no_total_is_more_than_the_time_that_there_was() {
    let _alone = alone();
    mock(1_000_000);
    let session = Session::start(1).unwrap();
    let mut now = 1_000_000;
    let mut recorded = 0;
    while recorded < 20 {
        let span = span!("work", rate = 0.01);
        let is_recorded = span.is_recorded();
        recorded += u64::from(is_recorded);
        now += if is_recorded && recorded == 10 { 5_000_000 } else { 100 };
        mock(now);
        drop(span);
    }
    let summary = session.stop().summary();
    let work = summary.span("work").unwrap();
    assert!(work.estimated > work.count && work.total_error > work.total, "{work:?}");
    assert_eq!((work.total, work.self_time), (summary.duration, summary.duration));
}

#[traceme(rate = 1)]
fn whole() {}

/// A whole number is a rate in source, as in filters.
#[test]
fn a_rate_of_one_may_be_written_without_a_point() {
    let _alone = alone();
    mock(1_000_000);
    let session = Session::start(1).unwrap();
    whole();
    drop(span!("span", rate = 1));
    trace_scope!("scope", rate = 1, level = 1);
    instant!("instant", level = 1, rate = 1);
    activity!("activity", rate = 1).end();
    let trace = session.stop();
    assert_eq!((trace.event_count(), trace.losses().left_out()), (6, 0));
}

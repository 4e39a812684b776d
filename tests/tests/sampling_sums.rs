//! What a summary makes of events that stand for others. The clock is a mock, so that durations are known.
#![allow(clippy::unwrap_used, reason = "tests")]

use traceme::__private::mock;
use traceme::{Session, instant, span};

/// A load whose counts and durations are known: counts are exact, sums of times within 1 %.
#[test]
fn sums_are_estimated() {
    const SPANS: u64 = 400_000;
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

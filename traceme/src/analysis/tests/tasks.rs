//! Figures of tasks, of hand-made traces.

use super::GPU;
use crate::trace::{TraceBuilder, TrackKind};

#[test]
fn idle_is_that_of_tasks_whose_making_is_there() {
    let mut builder = TraceBuilder::default();
    let worker = builder.add_track("worker", GPU, None).expect("a track");
    let tasks = builder.add_track("connection", TrackKind::Task, None).expect("a track");
    let mut span = |track, task, start, end| {
        builder.span(track, "connection", start, Some(end), &[]).expect("a span").task(task);
    };
    // One that was made before.
    span(worker, 5, 0, 50);
    for n in 0..10 {
        let start = 60 + 10 * n;
        span(tasks, 1_000 * n, start, start + 8);
        span(worker, 1_000 * n, start + 2, start + 3);
    }
    span(worker, 5, 200, 270);
    let summary = builder.build().summary();
    let connection = summary.task("connection").expect("it is there");
    assert_eq!((connection.count, connection.polls, connection.longest_poll), (10, 12, 70));
    assert_eq!((connection.busy, connection.idle), (50 + 10 + 70, 10 * 7));
}

#[test]
fn of_tasks_that_were_all_made_before_it_is_not_known_how_long_they_waited() {
    let mut builder = TraceBuilder::default();
    let worker = builder.add_track("worker", GPU, None).expect("a track");
    builder.span(worker, "old", 10, Some(30), &[]).expect("a span").task(5);
    let summary = builder.build().summary();
    let old = summary.task("old").map(|old| (old.count, old.polls, old.busy, old.idle));
    assert_eq!(old, Some((0, 1, 20, 0)));
    let text = summary.to_string();
    let row = text.lines().skip_while(|line| !line.starts_with("tasks")).nth(1).expect("a row");
    assert_eq!(
        row.split_whitespace().collect::<Vec<_>>(),
        ["old", "0", "20", "ns", "-", "1", "20", "ns", "0"],
        "{text}"
    );
}

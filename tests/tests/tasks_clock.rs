//! When tasks begin, are polled and end, to the ns: the clock is a mock, and all goes the slow way.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;
#[path = "common/polling.rs"]
mod polling;

use std::future::pending;

use common::{alone, assert_sound};
use polling::{After, Dropped, flags, poll_once};
use traceme::__private::mock;
use traceme::{Session, traced};

#[test]
fn times_are_those_of_the_clock() {
    let _alone = alone();
    mock(1000);
    let session = Session::start(1).unwrap();
    {
        let mut task = Box::pin(traced!(
            async {
                let _dropped = Dropped("drop");
                mock(1020);
                After(2).await;
                mock(1060);
                pending::<()>().await;
            },
            "fetch"
        ));
        mock(1010);
        poll_once(task.as_mut());
        mock(1050);
        poll_once(task.as_mut());
        mock(1100);
        drop(task);
        mock(1200);
    }
    let trace = session.stop();
    assert_sound(&trace);
    let fetch = trace.tasks().next().unwrap();
    assert_eq!((fetch.created(), fetch.end(), flags(fetch)), (Some(0), Some(100), vec!["cancelled"]));
    let polls = fetch.polls().map(|poll| (poll.start(), poll.end().unwrap())).collect::<Vec<_>>();
    assert_eq!(polls, [(10, 20), (50, 60), (100, 100)]);
    assert_eq!((fetch.busy(), fetch.idle(), fetch.longest_poll()), (20, Some(80), 10));
    let dropped = fetch.polls().last().unwrap().children().next().unwrap();
    assert_eq!(dropped.name().to_str(), "drop", "what is dropped is inside the task");
    let summary = trace.summary();
    let fetch = summary.task("fetch").unwrap();
    assert_eq!((fetch.count, fetch.polls, fetch.busy, fetch.idle, fetch.longest_poll), (1, 3, 20, 80, 10));
    assert_eq!((fetch.cancelled, fetch.panicked, fetch.failed, fetch.incomplete), (1, 0, 0, 0));
    assert_eq!((summary.span("fetch").unwrap().count, summary.losses.recorded), (3, trace.event_count()));
    let table = summary.to_string();
    assert!(table.contains("tasks") && table.contains("longest") && table.contains("cancelled"), "{table}");
}

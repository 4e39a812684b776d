//! Tasks: beginnings, polls, additions and ends, on whatever threads, in whatever part of a recording.

use super::{Arg, FETCH, MADE, PANICKED, PLAIN, QUERY, ROWS, STEP, WORK, Words, batch_of, int, trace_of, writer};
use crate::record::ends::EndFlags;
use crate::record::value::tag;
use crate::record::wire::{self, AT_ACTIVITY};
use crate::trace::{Carried, Trace, TraceBuilder, TrackKind, Value};

const CANCELLED: EndFlags = EndFlags { cancelled: true, ..PLAIN };

fn of(task: u64) -> Arg {
    Arg::Word(tag::TASK, task)
}

fn named(name: &str) -> Arg {
    Arg::Text(tag::NAME, name.into(), false)
}

/// A thread on which two tasks are made, the second one in a poll of the first; and one on which both go on.
fn two_threads() -> [Words; 2] {
    let (mut main, mut other, mut one, mut two) =
        (writer(1, "main"), writer(2, "other"), Words::default(), Words::default());
    one.section(&mut main, 0);
    one.begin(&mut main, WORK, 5, &[int(1)]);
    one.begin_activity(FETCH, 1, 10, &[of(0), int(7)]);
    one.begin(&mut main, FETCH, 20, &[of(1)]);
    one.begin_activity(MADE, 2, 25, &[of(1), named("made")]);
    one.append(AT_ACTIVITY | 1, 28, &[int(3)]);
    one.end(&mut main, 30);
    one.end(&mut main, 40);
    one.begin(&mut main, MADE, 60, &[of(2)]);
    one.begin(&mut main, STEP, 61, &[]);
    one.end(&mut main, 65);
    one.end_at(&mut main, 0, 70, PANICKED);
    one.end_task(2, 71, PANICKED);
    two.section(&mut other, 0);
    two.append(AT_ACTIVITY | 1, 45, &[int(4)]);
    two.begin(&mut other, FETCH, 50, &[of(1)]);
    two.end(&mut other, 80);
    two.end_task(1, 81, CANCELLED);
    [one, two]
}

fn names(trace: &Trace) -> Vec<String> {
    trace.tasks().map(|task| task.name().to_string()).collect()
}

#[test]
fn a_task_has_its_polls_on_all_threads() {
    let trace = trace_of(&two_threads(), Vec::new());
    assert_eq!(
        trace.text().times(true).to_string(),
        "task fetch\n  [10..81] fetch n=7 rows=3 rows=4 (cancelled)\n\
         task made\n  [25..71] made (panicked)\n\
         thread main\n  [5..40] work n=1 kind=\"k\"\n    [20..30] fetch (poll)\n  [60..70] made (poll, panicked)\n    [61..65] step\n\
         thread other\n  [50..80] fetch (poll)\n"
    );
    let [fetch, made] = trace.tasks().collect::<Vec<_>>()[..] else { panic!("{:?}", names(&trace)) };
    assert_eq!((fetch.id(), fetch.created(), fetch.end()), (1, Some(10), Some(81)));
    assert_eq!((fetch.polls().len(), fetch.busy(), fetch.idle(), fetch.longest_poll()), (2, 40, Some(31), 30));
    assert_eq!(fetch.polls().map(|poll| poll.track().name.as_str()).collect::<Vec<_>>(), ["main", "other"]);
    assert!(fetch.flags().is_cancelled() && fetch.parent().is_none() && fetch.parent_id().is_none());
    assert_eq!(fetch.made_in().map(|span| span.name()), Some("work".into()));
    assert_eq!(fetch.args().map(|(key, _)| key).collect::<Vec<_>>(), ["n", "rows", "rows"]);
    assert_eq!((made.parent().map(|parent| parent.id()), made.parent_id()), (Some(1), Some(1)));
    assert_eq!(made.made_in().and_then(|span| span.poll_of()), Some(1));
    assert!(made.flags().is_panicked() && !made.flags().is_cancelled());
    assert_eq!(trace.event_count(), 11);
    assert_eq!(trace.task(2).map(|task| task.name()), Some("made".into()));
    assert!(trace.task(3).is_none());
}

#[test]
fn polls_tell_of_a_task_whose_beginning_is_missing() {
    let [_, two] = two_threads();
    let trace = trace_of(&[two], Vec::new());
    let [fetch] = trace.tasks().collect::<Vec<_>>()[..] else { panic!("{:?}", names(&trace)) };
    assert_eq!((fetch.id(), fetch.name(), fetch.created(), fetch.end()), (1, "fetch".into(), None, Some(81)));
    assert_eq!((fetch.busy(), fetch.idle(), fetch.polls().len()), (30, None, 1));
    assert_eq!(fetch.flags().names().collect::<Vec<_>>(), ["continues", "cancelled"]);
    assert_eq!(trace.losses().unmatched_ends(), 1);
}

#[test]
fn tasks_that_go_on_are_incomplete() {
    let (mut main, mut words) = (writer(1, "main"), Words::default());
    words.section(&mut main, 0);
    words.begin_activity(FETCH, 1, 10, &[of(0), int(7)]);
    words.begin(&mut main, FETCH, 400, &[of(1)]);
    let trace = trace_of(&[words], Vec::new());
    let task = trace.task(1).expect("it is there");
    assert_eq!((task.end(), task.busy(), task.idle(), task.longest_poll()), (None, 600, Some(390), 600));
    assert_eq!(task.flags().names().collect::<Vec<_>>(), ["incomplete"]);
}

#[test]
fn a_selection_shows_tasks_by_their_callsites() {
    let trace = trace_of(&two_threads(), Vec::new());
    let short = trace.select(&"all,name:fetch=off".parse().expect("a filter"));
    let [made] = short.tasks().collect::<Vec<_>>()[..] else { panic!("{:?}", names(&short)) };
    assert_eq!((made.parent_id(), made.parent().is_none(), made.polls().len()), (Some(1), true, 1));
    assert_eq!(made.made_in().map(|span| span.name()), Some("work".into()), "the nearest span that is shown");
    let short = trace.select(&"all,name:work=off".parse().expect("a filter"));
    assert_eq!(short.tasks().map(|task| task.polls().len()).collect::<Vec<_>>(), [2, 1]);
    assert!(short.task(1).expect("it is shown").made_in().is_none());
}

#[test]
fn batches_leave_names_and_additions_to_the_next() {
    let batch = |carried, write: &dyn Fn(&mut Words)| {
        let mut words = Words::default();
        words.section(&mut writer(1, "main"), 0);
        write(&mut words);
        let batch = batch_of([&words], Vec::new(), carried);
        let text = batch.text().times(true).to_string();
        (text, batch.losses().unmatched_ends(), batch.carry_on())
    };
    let (text, _, carried) = batch(Carried::for_the_first(), &|words| {
        words.begin_activity(MADE, 1, 10, &[of(0), named("made")]);
        words.append(AT_ACTIVITY | 1, 11, &[int(1)]);
        // On its way from a thread that was looked at before.
        words.append(AT_ACTIVITY | 2, 12, &[int(2)]);
    });
    assert!(text.starts_with("task made\n  [10..] made rows=1 (incomplete)\n"), "{text}");
    let (text, _, carried) = batch(carried, &|words| {
        words.event(wire::BEGIN, MADE, 20, &[of(1)]);
        words.append(AT_ACTIVITY | 1, 21, &[int(3)]);
        words.begin_activity(FETCH, 2, 22, &[of(0), int(7)]);
    });
    let expected =
        "task fetch\n  [22..] fetch n=7 rows=2 (incomplete)\nthread main\n  [20..] made (poll, incomplete)\n";
    assert_eq!(text, expected);
    let (text, unmatched, _) = batch(carried.for_the_last(), &|words| {
        words.end_task(1, 30, CANCELLED);
        words.end_task(2, 31, PLAIN);
    });
    let expected = "task fetch\n  [22..31] fetch n=7 rows=2 (continues)\ntask made\n  [10..30] made rows=1 rows=3 (continues, cancelled)\nthread main\n";
    assert_eq!((text.as_str(), unmatched), (expected, 0));
}

#[test]
fn activities_take_additions_too() {
    let (mut main, mut words) = (writer(1, "main"), Words::default());
    words.section(&mut main, 0);
    words.begin_activity(QUERY, 1, 10, &[int(7)]);
    words.append(AT_ACTIVITY | 1, 10, &[int(1)]);
    words.end_activity(1, 20);
    words.append(AT_ACTIVITY | 1, 25, &[int(2)]);
    words.append(AT_ACTIVITY | 9, 26, &[int(3)]);
    // As a key it would be of the span at the place 0.
    words.extend_append(ROWS);
    assert_eq!(
        trace_of(&[words], Vec::new()).text().times(true).to_string(),
        "thread main\nactivity query\n  [10..20] query n=7 rows=1 rows=2\n"
    );
}

impl Words {
    /// An addition to no span.
    fn extend_append(&mut self, id: u64) {
        self.words.extend([wire::head(wire::APPEND, id, 27 - self.base), 1]);
    }
}

#[test]
fn given_tracks_can_be_of_tasks() {
    let mut builder = TraceBuilder::default();
    let tasks = builder.add_track("fetch", TrackKind::Task, None).expect("a track");
    let worker = builder.add_track("worker", TrackKind::Device { ordinal: 0 }, None).expect("a track");
    builder.span(tasks, "fetch", 10, Some(50), &[("n", Value::U64(1))]).expect("a span").task(5);
    builder.span(tasks, "fetch", 20, Some(60), &[]).expect("a span").task(6);
    builder.span(worker, "fetch", 12, Some(15), &[]).expect("a span").task(5);
    builder.span(worker, "fetch", 40, Some(50), &[]).expect("a span").task(5);
    let trace = builder.build();
    let figures = trace.tasks().map(|task| (task.id(), task.polls().len(), task.busy(), task.idle()));
    assert_eq!(figures.collect::<Vec<_>>(), [(5, 2, 13, Some(27)), (6, 0, 0, Some(40))]);
    assert!(trace.spans().all(|span| span.parent().is_none()));
    let polls = trace.spans().map(|span| (span.poll_of(), span.meta().and_then(|meta| meta.task())));
    assert_eq!(polls.collect::<Vec<_>>(), [(None, Some(5)), (None, Some(6)), (Some(5), None), (Some(5), None)]);
    assert!(trace.task(5) == trace.tasks().next() && trace.task(5) != trace.task(6));
}

#[test]
fn given_polls_have_a_task_also_if_nothing_says_what_it_is() {
    let mut builder = TraceBuilder::default();
    let worker = builder.add_track("worker", TrackKind::Device { ordinal: 0 }, None).expect("a track");
    builder.span(worker, "fetch", 12, Some(15), &[]).expect("a span").task(5);
    let trace = builder.build();
    let fetch = trace.task(5).expect("it has a poll");
    assert_eq!((trace.tasks().len(), fetch.busy(), fetch.created()), (1, 3, None));
}

//! What batches leave to the next ones of activities and tasks, and for how long.

use super::{Arg, FETCH, MADE, PANICKED, PLAIN, Words, batch_of, int, writer};
use crate::record::value::tag;
use crate::record::wire::{self, AT_ACTIVITY};
use crate::trace::carried::MOST_OPEN;
use crate::trace::{Carried, Trace};

/// Batches of one thread, one after the other.
struct Batches(Carried);

impl Batches {
    fn new() -> Self {
        Self(Carried::for_the_first())
    }

    /// The next one: what `look` sees in it.
    fn next<T>(&mut self, write: impl FnOnce(&mut Words), look: impl FnOnce(&Trace) -> T) -> T {
        let mut words = Words::default();
        words.section(&mut writer(1, "main"), 0);
        write(&mut words);
        let batch = batch_of([&words], Vec::new(), std::mem::take(&mut self.0));
        let seen = look(&batch);
        self.0 = batch.carry_on();
        seen
    }

    fn write(&mut self, write: impl FnOnce(&mut Words)) {
        self.next(write, |_| ());
    }
}

fn of(task: u64) -> Arg {
    Arg::Word(tag::TASK, task)
}

fn name(name: &str) -> Arg {
    Arg::Text(tag::NAME, name.into(), false)
}

/// Each task's name, whether its beginning is there, its end, flags and polls.
fn tasks(batch: &Trace) -> Vec<String> {
    let task = |task: crate::trace::Task<'_>| {
        let flags = task.flags().names().collect::<Vec<_>>();
        format!("{} {:?}..{:?} {flags:?} {}", task.name(), task.created(), task.end(), task.polls().len())
    };
    batch.tasks().map(task).collect()
}

#[test]
fn polls_of_a_task_that_ended_in_the_batch_before_are_known_as_its_own() {
    let mut batches = Batches::new();
    batches.write(|words| words.begin_activity(MADE, 1, 10, &[of(0), name("made")]));
    batches.write(|words| {
        words.begin_activity(FETCH, 2, 10, &[of(0), int(7)]);
        words.end_task(1, 30, PANICKED);
        words.end_task(2, 31, PLAIN);
    });
    // A thread that was looked at before they ended had polled them.
    let polls = |words: &mut Words| {
        words.event(wire::BEGIN, MADE, 20, &[of(1)]);
        words.event(wire::BEGIN, FETCH, 21, &[of(2)]);
    };
    let seen = batches.next(polls, |batch| (tasks(batch), batch.losses().unmatched_ends()));
    let expected = ["made None..Some(30) [\"continues\", \"panicked\"] 1", "fetch None..Some(31) [\"continues\"] 1"];
    assert_eq!(seen, (expected.map(String::from).to_vec(), 0));
    let expected = ["", "fetch"].map(|name| format!("{name} None..None [\"continues\", \"incomplete\"] 1"));
    assert_eq!(batches.next(polls, tasks), expected, "no thread is looked at so late");
}

#[test]
fn additions_to_what_has_ended_are_not_kept() {
    let mut batches = Batches::new();
    batches.write(|words| {
        words.begin_activity(FETCH, 1, 10, &[of(0), int(7)]);
        words.begin_activity(FETCH, 2, 10, &[of(0), int(8)]);
        words.end_task(1, 30, PLAIN);
    });
    for at in 0..3 {
        batches.write(|words| {
            (1..=2).for_each(|task| words.append(AT_ACTIVITY | task, 40 + at, &[int(at)]));
        });
        // In the first batch it is known to have ended; later it could be one whose beginning comes with the next one.
        assert_eq!(batches.0.appended(1).len(), usize::from(at > 0), "{at}");
    }
    assert_eq!((batches.0.appended(1).len(), batches.0.appended(2).len()), (1, 3));
    batches.write(|words| words.append(AT_ACTIVITY | 3, 50, &[int(0)]));
    assert_eq!((batches.0.appended(1).len(), batches.0.appended(2).len(), batches.0.appended(3).len()), (0, 3, 1));
    // It comes indeed.
    batches.write(|words| words.begin_activity(FETCH, 3, 49, &[of(0), int(9)]));
    batches.write(|_| {});
    let text = |batch: &Trace| batch.text().to_string();
    let ends = |words: &mut Words| (2..=3).for_each(|task| words.end_task(task, 60, PLAIN));
    let expected =
        "task fetch\n  fetch n=8 rows=0 rows=1 rows=2 (continues)\n  fetch n=9 rows=0 (continues)\nthread main\n";
    assert_eq!(batches.next(ends, text), expected);
}

#[test]
fn of_too_many_open_tasks_the_oldest_are_given_up() {
    let (mut batches, most) = (Batches::new(), MOST_OPEN as u64);
    // Of a thread that took its ids late. Later ones have lower ids.
    let (first, second) = (1 << 30, (1 << 30) + 1);
    batches.write(|words| {
        words.begin_activity(FETCH, first, 10, &[of(0), int(1)]);
        words.begin_activity(FETCH, second, 11, &[of(0), int(2)]);
        (1..most).for_each(|task| words.begin_activity(FETCH, task, 12, &[of(0), int(3)]));
        [first, second, 1].iter().for_each(|task| words.append(AT_ACTIVITY | task, 13, &[int(4)]));
    });
    assert_eq!([first, second, 1, most - 1].map(|task| batches.0.start(task)), [None, Some(11), Some(12), Some(12)]);
    batches.write(|_| {});
    assert_eq!([first, second, 1].map(|task| batches.0.appended(task).len()), [0, 1, 1]);
    let (ends, seen) = (batches.next(|words| words.end_task(first, 20, PLAIN), tasks), batches.0.ends().len());
    assert_eq!((ends.len(), seen), (0, 1), "its end is counted among those without a beginning");
}

//! What batches leave to the next ones of activities and tasks, and for how long.

use super::{Arg, FETCH, MADE, PANICKED, PLAIN, Words, batch_of, int, writer};
use crate::record::value::tag;
use crate::record::wire;
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

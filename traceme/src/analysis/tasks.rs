//! The tasks of each name: what is gathered of them, and their table.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::fmt;

use super::format::{count, time};
use super::names::Names;
use super::sampled::LeftOut;
use super::summary::{Summary, TaskSummary, sum};
use super::table::{Row, Table, estimate};
use crate::trace::{Flags, Task};

/// What is gathered of the tasks of one name.
#[derive(Clone, Debug, Default)]
pub(super) struct Tasks {
    count: u64,
    /// How many they stand for.
    weight: u64,
    incomplete: u64,
    cancelled: u64,
    panicked: u64,
    failed: u64,
    /// From their making to their end, of those whose making is in the recording, and within the polls of these.
    alive: u64,
    polled: u64,
    /// Within all polls.
    busy: u64,
    polls: u64,
    longest_poll: u64,
}

/// The tasks of a name that are open where a part of a recording ends: how many, and the sum of the times when they were made.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct OpenTasks {
    count: u64,
    starts: u128,
}

impl OpenTasks {
    pub(super) fn are_any(self) -> bool {
        self.count > 0
    }

    pub(super) fn add(&mut self, start: u64) {
        (self.count, self.starts) = (self.count + 1, self.starts + u128::from(start));
    }

    pub(super) fn remove(&mut self, start: u64) {
        self.count = self.count.saturating_sub(1);
        self.starts = self.starts.saturating_sub(u128::from(start));
    }
}

impl Tasks {
    /// One poll, which took so long, and so long of it in the recording; whether the task is one that was made there.
    pub(super) fn poll(&mut self, length: u64, time: u64, is_made: bool) {
        self.polls += 1;
        self.busy = self.busy.saturating_add(time);
        self.longest_poll = self.longest_poll.max(length);
        self.polled = self.polled.saturating_add(if is_made { time } else { 0 });
    }

    pub(super) fn begin(&mut self, weight: u64) {
        self.count += 1;
        self.weight = self.weight.saturating_add(weight);
    }

    pub(super) fn end(&mut self, start: u64, end: u64, flags: Flags) {
        self.alive = self.alive.saturating_add(end.saturating_sub(start));
        self.incomplete += u64::from(flags.is_incomplete());
        self.cancelled += u64::from(flags.is_cancelled());
        self.panicked += u64::from(flags.is_panicked());
        self.failed += u64::from(flags.is_failed());
    }

    /// Those that are open when the recording ends.
    pub(super) fn leave(&mut self, open: OpenTasks, end: u64) {
        self.incomplete += open.count;
        let times = (u128::from(end) * u128::from(open.count)).saturating_sub(open.starts);
        self.alive = self.alive.saturating_add(u64::try_from(times).unwrap_or(u64::MAX));
    }

    /// Those that were open before are here too, from `ns` on.
    pub(super) fn go_on(&mut self, open: OpenTasks, ns: u64) -> OpenTasks {
        self.count += open.count;
        self.weight += open.count;
        OpenTasks { starts: u128::from(ns) * u128::from(open.count), ..open }
    }

    fn summary(self, name: String, left_out: &LeftOut) -> TaskSummary {
        TaskSummary {
            estimated: left_out.estimate(self.count, self.weight, left_out.tasks.get(&name)),
            name,
            count: self.count,
            incomplete: self.incomplete,
            cancelled: self.cancelled,
            panicked: self.panicked,
            failed: self.failed,
            busy: self.busy,
            idle: self.alive.saturating_sub(self.polled),
            polls: self.polls,
            longest_poll: self.longest_poll,
        }
    }
}

impl Summary {
    /// The same, with how these tasks ended, of which it has the polls.
    pub(super) fn with_ends<'t>(mut self, ended: impl Iterator<Item = Task<'t>>) -> Self {
        let mut rows: HashMap<_, _> = self.tasks.iter_mut().map(|row| (row.name.clone(), row)).collect();
        for task in ended {
            let Some(row) = rows.get_mut(&*task.name().to_string()) else { continue };
            let flags = task.flags();
            row.cancelled += u64::from(flags.is_cancelled());
            row.panicked += u64::from(flags.is_panicked());
            row.failed += u64::from(flags.is_failed());
        }
        self
    }
}

/// The figures of all names.
pub(super) fn summaries(tasks: Names<Tasks>, left_out: &LeftOut) -> Vec<TaskSummary> {
    let mut all: Vec<_> = tasks.into_named().map(|(name, tasks)| tasks.summary(name, left_out)).collect();
    all.sort_by(|a, b| (Reverse(a.longest_poll), &a.name).cmp(&(Reverse(b.longest_poll), &b.name)));
    all
}

impl Table<'_> {
    /// The part about tasks.
    pub(super) fn tasks(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tasks = &self.summary.tasks;
        let rows = tasks.iter().map(|tasks| {
            // Of tasks that were made before the recording began nobody knows for how long they were there.
            let idle = if tasks.count > 0 { time(tasks.idle) } else { "-".into() };
            let mut cells = vec![estimate(tasks.count, tasks.estimated), time(tasks.busy), idle];
            cells.extend([count(tasks.polls), time(tasks.longest_poll), count(tasks.cancelled)]);
            Row { name: tasks.name.clone(), cells }
        });
        let rest = tasks.get(self.rows..).unwrap_or_default();
        let of_rest = |figure: fn(&TaskSummary) -> u64| sum(rest.iter().map(figure));
        let sums = [
            count(of_rest(|tasks| tasks.estimated)),
            time(of_rest(|tasks| tasks.busy)),
            time(of_rest(|tasks| tasks.idle)),
            count(of_rest(|tasks| tasks.polls)),
            String::new(),
            count(of_rest(|tasks| tasks.cancelled)),
        ];
        self.part(f, "tasks", &["count", "busy", "idle", "polls", "longest", "cancelled"], rows, &sums)?;
        let special = |of: fn(&TaskSummary) -> u64| {
            tasks.iter().map(move |tasks| (tasks.name.as_str(), of(tasks), tasks.estimated > tasks.count))
        };
        self.special(f, "tasks without a known end", special(|tasks| tasks.incomplete))?;
        self.special(f, "tasks ended by a panic", special(|tasks| tasks.panicked))?;
        self.special(f, "tasks ended in an error", special(|tasks| tasks.failed))
    }
}

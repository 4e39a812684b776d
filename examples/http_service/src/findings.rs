//! Which rows of the summary show the mistakes: what a person reads off its table of tasks.

use traceme::analysis::{Summary, TaskSummary};

use crate::service::HANDLERS;

/// The handler with long polls: for as long as each, a thread could do nothing else. Its longest poll is in its row.
///
/// That a single poll is long can be the system's doing, which gave the thread no time. So one poll in twenty has to be.
pub fn what_blocks(summary: &Summary) -> Option<&TaskSummary> {
    handlers(summary).max_by_key(|tasks| summary.span(&tasks.name).map(|polls| polls.p95))
}

/// The handler that waits longest, and how long each of its tasks does, in ns.
pub fn what_waits(summary: &Summary) -> Option<(&TaskSummary, u64)> {
    let waits = handlers(summary).map(|tasks| (tasks, tasks.idle / tasks.count.max(1)));
    waits.max_by_key(|&(_, idle)| idle)
}

fn handlers(summary: &Summary) -> impl Iterator<Item = &TaskSummary> {
    summary.tasks.iter().filter(|tasks| HANDLERS.contains(&tasks.name.as_str()))
}

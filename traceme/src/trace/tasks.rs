//! Tasks: each one from its making to its end, with its polls on whatever threads.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

use super::flags::Flags;
use super::index::small;
use super::meta::FlowEnd;
use super::model::Trace;
use super::view::Span;
use crate::callsite::Callsite;
use crate::record::value::{Text, Value};

/// The tasks of a trace, in the order of their ids, and the polls of each.
#[derive(Debug, Default)]
pub(super) struct Tasks {
    tasks: Vec<TaskNode>,
    /// The indexes of spans.
    polls: Vec<u32>,
}

#[derive(Debug, Default)]
struct TaskNode {
    id: u64,
    /// The index of the span that is the whole task, if its beginning is known.
    whole: Option<u32>,
    polls: Range<usize>,
    parent: Option<u64>,
    /// The index of the span that it was made in.
    made_in: Option<u32>,
    /// How it ended, if its beginning is not known.
    end: Option<(u64, Flags)>,
}

impl Tasks {
    pub(super) fn new(trace: &Trace) -> Self {
        let mut found: BTreeMap<u64, (TaskNode, Vec<u32>)> = BTreeMap::new();
        if !trace.contents().have_tasks() {
            return Self::default();
        }
        for span in trace.spans() {
            let Some(meta) = span.meta() else { continue };
            if let Some(id) = meta.poll_of() {
                found.entry(id).or_default().1.push(small(span.index()));
            } else if let Some(id) = meta.task() {
                let (task, _) = found.entry(id).or_default();
                (task.whole, task.parent) = (Some(small(span.index())), meta.made_in());
            }
        }
        for &(id, span) in &trace.forest().spawned {
            if let Some((task, _)) = found.get_mut(&id) {
                task.made_in = Some(span);
            }
        }
        let mut tasks = Self::default();
        for (id, (task, mut polls)) in found {
            // Tracks come one after the other.
            polls.sort_by_key(|&span| trace.forest().spans[span as usize].start);
            let from = tasks.polls.len();
            tasks.polls.extend(polls);
            let end = if task.whole.is_none() { end_elsewhere(trace, id) } else { None };
            tasks.tasks.push(TaskNode { id, polls: from..tasks.polls.len(), end, ..task });
        }
        tasks
    }

    fn place_of(&self, id: u64) -> Option<usize> {
        self.tasks.binary_search_by_key(&id, |task| task.id).ok()
    }
}

/// The end of a task whose beginning is not here: that can be in the batch before, too.
fn end_elsewhere(trace: &Trace, id: u64) -> Option<(u64, Flags)> {
    let before = || trace.contents().known.carried.ended(id).map(|end| (end.ns, end.flags));
    trace.index().lone_end(id).or_else(before)
}

impl Trace {
    /// All tasks, those of each thread in the order in which they were made there: those whose beginning is in the recording, and
    /// those of which there are polls.
    ///
    /// ```
    /// use std::future::ready;
    /// use std::task::{Context, Poll, Waker};
    /// use traceme::{Session, traced};
    ///
    /// let session = Session::start(1)?;
    /// let task = traced!(ready(7), "answer", meta(question = "6 * 9"));
    /// let poll = std::pin::pin!(task).poll(&mut Context::from_waker(Waker::noop()));
    /// assert_eq!(poll, Poll::Ready(7));
    /// drop(traced!(ready(8), "unwanted"));
    /// let trace = session.stop();
    ///
    /// let [answer, unwanted] = trace.tasks().collect::<Vec<_>>()[..] else { panic!("two tasks") };
    /// assert_eq!((answer.polls().count(), answer.flags().is_cancelled()), (1, false));
    /// assert!(unwanted.flags().is_cancelled() && unwanted.end().is_some());
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn tasks(&self) -> impl ExactSizeIterator<Item = Task<'_>> {
        (0..self.all_tasks().tasks.len()).map(move |index| Task { trace: self, index })
    }

    /// Those that end in the recording, and were made before it began.
    pub(crate) fn earlier_tasks(&self) -> impl Iterator<Item = Task<'_>> {
        let tasks = if self.index().has_lone_ends() { Some(self.tasks()) } else { None };
        tasks.into_iter().flatten().filter(|task| task.whole().is_none() && self.index().lone_end(task.id()).is_some())
    }

    /// The task of this id: see [`Span::poll_of`].
    pub fn task(&self, id: u64) -> Option<Task<'_>> {
        self.all_tasks().place_of(id).map(|index| Task { trace: self, index })
    }
}

/// A future that was recorded, from its making to its end. Times are nanoseconds from the session's start.
///
/// Its whole is a span on a track of the kind [`TrackKind::Task`](crate::trace::TrackKind::Task), its polls are spans on the tracks of threads.
#[derive(Clone, Copy)]
pub struct Task<'t> {
    trace: &'t Trace,
    index: usize,
}

impl<'t> Task<'t> {
    fn node(self) -> &'t TaskNode {
        &self.trace.all_tasks().tasks[self.index]
    }

    /// Its number in the process that was recorded.
    pub fn id(self) -> u64 {
        self.node().id
    }

    /// The task as a span; `None` if only polls are in the recording.
    pub fn whole(self) -> Option<Span<'t>> {
        self.node().whole.map(|whole| Span::new(self.trace, whole as usize))
    }

    /// The task as a whole, or a poll of it.
    fn any(self) -> Option<Span<'t>> {
        self.whole().or_else(|| self.polls().next())
    }

    /// Its name; empty if that was made at run time, and is not in the recording.
    pub fn name(self) -> Text<'t> {
        self.any().map_or_else(|| "".into(), Span::name)
    }

    /// Where in the source it comes from; `None` if it was not recorded in this process.
    pub fn callsite(self) -> Option<&'t Callsite> {
        self.any()?.callsite()
    }

    /// Its metadata, literals included, in source order; then what was appended, in time order.
    pub fn args(self) -> impl Iterator<Item = (&'t str, Value<'t>)> {
        self.whole().into_iter().flat_map(Span::args)
    }

    /// The flows that leave it or arrive at it, in source order.
    pub fn flows(self) -> impl Iterator<Item = FlowEnd> {
        self.whole().into_iter().flat_map(Span::flows)
    }

    /// When it was made, in ns; `None` if that is not in the recording.
    pub fn created(self) -> Option<u64> {
        self.whole().map(Span::start)
    }

    /// When it was through, or was dropped, in ns; `None` if that is not in the recording.
    pub fn end(self) -> Option<u64> {
        self.whole().map_or_else(|| self.node().end.map(|(ns, _)| ns), Span::end)
    }

    /// What is special about it: whether it was cancelled, has panicked or failed, or did not end.
    pub fn flags(self) -> Flags {
        let others = || self.node().end.map_or(Flags::INCOMPLETE, |(_, flags)| flags).with(Flags::CONTINUES);
        self.whole().map_or_else(others, Span::flags)
    }

    /// The id of the task whose poll made it.
    pub fn parent_id(self) -> Option<u64> {
        self.node().parent
    }

    /// The task whose poll made it, if there is anything of that in the recording.
    pub fn parent(self) -> Option<Self> {
        self.trace.task(self.node().parent?)
    }

    /// The innermost span that was open where it was made; that may be a poll of its parent.
    pub fn made_in(self) -> Option<Span<'t>> {
        self.node().made_in.map(|span| Span::new(self.trace, span as usize))
    }

    /// Its polls in time order, each a span of the thread that polled. If it was dropped before it was through, what was
    /// dropped with it is the last one.
    pub fn polls(self) -> impl ExactSizeIterator<Item = Span<'t>> {
        let polls = &self.trace.all_tasks().polls[self.node().polls.clone()];
        polls.iter().map(move |&span| Span::new(self.trace, span as usize))
    }

    /// For how long it was polled, in ns; a poll whose end is not known lasts until the recording ends.
    pub fn busy(self) -> u64 {
        self.polls().map(|poll| self.length(poll)).fold(0, u64::saturating_add)
    }

    /// The longest poll, in ns: for as long its executor's thread could do nothing else. 0 if there was none.
    pub fn longest_poll(self) -> u64 {
        self.polls().map(|poll| self.length(poll)).max().unwrap_or(0)
    }

    /// For how long it was there and was not polled, in ns: until its end, or that of the recording. `None` if it is not known
    /// when it was made.
    pub fn idle(self) -> Option<u64> {
        let end = self.end().unwrap_or_else(|| self.trace.duration());
        Some(end.saturating_sub(self.created()?).saturating_sub(self.busy()))
    }

    fn length(self, poll: Span<'_>) -> u64 {
        poll.end().unwrap_or_else(|| self.trace.duration()).saturating_sub(poll.start())
    }
}

impl PartialEq for Task<'_> {
    /// Whether it is the same one of the same trace.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.trace, other.trace) && self.index == other.index
    }
}

impl Eq for Task<'_> {}

impl fmt::Debug for Task<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut task = f.debug_struct("Task");
        task.field("name", &self.name()).field("created", &self.created()).field("end", &self.end());
        task.field("polls", &self.polls().len()).field("flags", &self.flags()).finish_non_exhaustive()
    }
}

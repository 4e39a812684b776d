//! The figures of a recording, as a reader gets them.

use super::taken::Taken;
use crate::trace::{Budget, Cause, Process, TrackKind};

/// Where the time of a recording went.
///
/// Prints as a table; [`table`](Self::table) has a few knobs. With the feature `serde` it can be serialised: fields
/// under their names here, times as whole ns.
///
/// ```
/// use traceme::trace::{TraceBuilder, TrackKind};
///
/// let mut builder = TraceBuilder::default();
/// let gpu = builder.add_track("gpu", TrackKind::Device { ordinal: 0 }, None)?;
/// builder.span(gpu, "step", 0, Some(100), &[])?;
/// builder.span(gpu, "multiply", 10, Some(40), &[])?;
/// builder.span(gpu, "multiply", 40, Some(90), &[])?;
///
/// let summary = builder.build().summary();
/// let multiply = summary.span("multiply").expect("it was added");
/// assert_eq!((multiply.count, multiply.total, multiply.self_time), (2, 80, 80));
/// assert_eq!((multiply.mean, multiply.p50, multiply.max), (40, 30, 50));
/// assert_eq!(summary.span("step").map(|step| step.self_time), Some(20));
/// println!("{summary}");
/// # Ok::<(), traceme::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Summary {
    /// The process that was recorded.
    pub process: Process,
    /// How long the recording is, in ns.
    pub duration: u64,
    /// The spans by name, callsites of one name together; largest self time first.
    ///
    /// Among them are the polls of tasks, under the tasks' names.
    pub spans: Vec<SpanSummary>,
    /// The tasks by name: see [`traced!`](crate::traced); longest poll first.
    pub tasks: Vec<TaskSummary>,
    /// The instants by name; most frequent first.
    pub instants: Vec<NameCount>,
    /// The threads and devices; busiest first.
    pub tracks: Vec<TrackSummary>,
    /// The counters of which there is a sample, by track.
    pub counters: Vec<CounterSummary>,
    /// How many spans over their alert no handler was told of, though the session has one.
    pub missed_alerts: u64,
    /// What recording took, as far as that is known: of recordings of this process, by sessions without a budget, whose own
    /// account is better. `None`, too, on a thread that panics and in a process made by `fork`, unless the
    /// [costs](crate::selftest()) were known before.
    pub overhead: Option<Overhead>,
    #[cfg_attr(feature = "serde", serde(skip))]
    pub(crate) taken: Taken,
    /// What recording was to use at most, and what it has used, if the session had a
    /// [budget](crate::session::Builder::budget).
    pub budget: Option<Budget>,
    /// What was recorded, and what was not.
    pub losses: LossSummary,
}

/// The spans of one name, on all tracks.
///
/// A span whose end is not known is counted, and its time is in `total` and `self_time`; it has no duration. If it
/// was open when the recording stopped, it lasts until then. If it leaked (a guard that was forgotten), it lasts as
/// long as the span that it began in.
///
/// Sums of times that exceed [`u64::MAX`], 584 years, stop there.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct SpanSummary {
    /// The name.
    pub name: String,
    /// How many spans there are in the recording.
    pub count: u64,
    /// How many there were: those that sampling left out too, for which the others stand. The same as `count` if there are
    /// none. Where it is more, times and percentiles are estimates; other counts are of what is recorded.
    ///
    /// It is exact, but in a sink's batch, and in a [ring](crate::Memory::ring) that has given up events: there it is what the
    /// recorded ones stand for. In a [snapshot](crate::Session::snapshot) of a session that records, what was left out is looked up
    /// a little later than the spans are: it can be a few more than there are up to the last of them.
    pub estimated: u64,
    /// How many of them have no known end.
    pub incomplete: u64,
    /// How many of them were ended by a panic.
    pub panicked: u64,
    /// How many of them ended in an error.
    pub failed: u64,
    /// How many of them took as long as their alert says, or longer.
    pub alerted: u64,
    /// How many of them were open when a poll ended in which they had begun: their guards were kept across an `.await`, and what
    /// else the thread did meanwhile looks as if it was inside. Only polls of [tasks](TaskSummary) can tell.
    pub held_across_await: u64,
    /// For how long at least one of them was open, in ns, added up over tracks: recursion counts once.
    pub total: u64,
    /// The standard error of `total`, in ns: 0 where sampling left out none. In two of three cases the true total is no further
    /// away than that, in 19 of 20 no further than twice that; but of a duration that is rare and long, and was never drawn,
    /// nobody knows. `self_time` and `mean` are about as far off, as parts of themselves.
    pub total_error: u64,
    /// For how long one of them was the innermost open span of its track, in ns. Of several open spans, the
    /// innermost is the one that began last. It is time on the clock, not on a processor: a span that waits for a
    /// lock, a channel or a disk has that time as self time, as if it worked.
    pub self_time: u64,
    /// The shortest duration, in ns. This and all below is 0 if no span of the name has a known end.
    pub min: u64,
    /// The mean duration, in ns, rounded.
    pub mean: u64,
    /// The duration that half of the spans don't exceed, in ns.
    ///
    /// Percentiles are durations that occurred, if there are at most 256 of the name; of more, they are less than
    /// 1 % away from that.
    pub p50: u64,
    /// The duration that 95 % of the spans don't exceed, in ns.
    pub p95: u64,
    /// The duration that 99 % of the spans don't exceed, in ns.
    pub p99: u64,
    /// The longest duration, in ns.
    pub max: u64,
}

/// The tasks of one name: futures, each from its making to its end.
///
/// Times are of what is recorded, also where sampling left tasks out. A task that goes on when the recording stops, and a
/// poll, last until then.
///
/// A task that was made before the recording begins, as in a ring or behind a rotation, is none of `count`, and `idle` is
/// without it: it is not known for how long it was there. Its polls are among the others, and how it ended is: so that
/// the parts of a recording have each task once, and each end. Where it is known all the same, it
/// counts from the start of the recording: in the batch of a sink in which it ends, and in what
/// [`Memory::summary_only`](crate::Memory::summary_only) sums up.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TaskSummary {
    /// The name.
    pub name: String,
    /// How many tasks were made in the recording.
    pub count: u64,
    /// How many there were, those that sampling left out too: see [`SpanSummary::estimated`].
    pub estimated: u64,
    /// How many of them have no known end.
    pub incomplete: u64,
    /// How many were dropped before they were through. At least so many, as of the next two: an end can be lost, where
    /// memory is full, and the task is `incomplete` then.
    pub cancelled: u64,
    /// How many were ended by a panic.
    pub panicked: u64,
    /// How many ended in an error.
    pub failed: u64,
    /// For how long they were polled, in ns, all together.
    pub busy: u64,
    /// For how long they were there and were not polled, in ns, all together: they waited, or their executor was busy. Of those
    /// whose making is in the recording.
    pub idle: u64,
    /// How many polls there were; the dropping of a future that was not through is one.
    pub polls: u64,
    /// The longest poll, in ns: for as long its executor's thread could do nothing else.
    pub longest_poll: u64,
}

/// A name, and how often something of that name happened.
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct NameCount {
    /// The name.
    pub name: String,
    /// How often, in the recording.
    pub count: u64,
    /// How often it happened, what sampling left out too: see [`SpanSummary::estimated`].
    pub estimated: u64,
}

/// A thread, a device, or whatever else spans lie on.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct TrackSummary {
    /// Its name.
    pub name: String,
    /// What it is.
    pub kind: TrackKind,
    /// For how long at least one span was open, in ns, whether work was done in it or it waited: of those that are recorded,
    /// without what sampling left out.
    pub busy: u64,
    /// The part of the recording's duration that it was busy, from 0 to 1; more where several threads of one name, or
    /// activities, are taken together: see [`Memory::summary_only`](crate::Memory::summary_only).
    pub utilisation: f64,
    /// How many spans began.
    pub spans: u64,
    /// How many instants there are.
    pub instants: u64,
    /// How many of its events were lost.
    pub lost: u64,
}

/// A counter that was sampled. Samples that are no numbers are left out.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CounterSummary {
    /// Its name.
    pub name: String,
    /// What is counted, such as `B`; empty if that is not known.
    pub unit: String,
    /// How many samples there are.
    pub samples: u64,
    /// The smallest sample.
    pub min: f64,
    /// The largest sample.
    pub max: f64,
    /// The mean over time: each sample holds until the next one, the last until the end of the recording. If they
    /// hold for no time at all, the mean of the samples.
    pub mean: f64,
    /// The last sample.
    pub last: f64,
}

/// What was recorded, and what was not.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct LossSummary {
    /// How many events are in the recording: spans that begin in it, instants, samples, additions to spans, beginnings and
    /// ends of activities.
    pub recorded: u64,
    /// How many events were lost, late ones not included.
    pub lost: u64,
    /// How many events were left out by sampling, on purpose: a loss that is none.
    pub left_out: u64,
    /// Why they were lost; most frequent cause first.
    pub causes: Vec<CauseSummary>,
    /// How many events were finished only after the session had stopped.
    pub late: u64,
    /// How many words (8 bytes each) of the recording could not be read.
    pub damaged_words: u64,
    /// How many sections of the recording are missing.
    pub missing_sections: u64,
    /// How many ends of activities name none that is open.
    pub unmatched_ends: u64,
}

/// The events that were lost for one reason.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct CauseSummary {
    /// The reason.
    pub cause: Cause,
    /// How many events.
    pub count: u64,
    /// When the first of them was lost, in ns. On which threads: [`TrackSummary::lost`].
    pub first: u64,
    /// When the last of them was lost, in ns.
    pub last: u64,
    /// Whose events, most first: the names of their callsites; file and line of those without one.
    pub callsites: Vec<NameCount>,
}

/// What recording took of the time of the threads that were recorded: an estimate.
///
/// It is how often something was recorded or left out by sampling, times what that costs on this machine by
/// [`selftest`](crate::selftest()). That knows nothing of values that take long to evaluate, of caches that the program would
/// have had for itself, of annotations that were not recorded, and of events that were lost, but for those that a ring has
/// given up: they were recorded.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Overhead {
    /// How many spans, instants, samples and other events were recorded, also those that a [ring](crate::Memory::ring) has
    /// given up since, of threads of which it still has something: these were like those that are left. A span is one.
    pub events: u64,
    /// What one of them costs, in ns: the mean of what a span does with its end, and of what others do, each as an instant.
    pub event_ns: f64,
    /// How many events were left out by sampling.
    pub left_out: u64,
    /// What one of these costs, in ns: as in a loop of nothing else, where a processor has no time to spare for it. In most
    /// programs it is less.
    pub left_out_ns: f64,
    /// What all of them cost together, in ns.
    pub total: u64,
    /// The part of the threads' time that this is, from 0 to 1: the time from each thread's first event to its last, those that a
    /// ring has given up included. Of a thread that has none of its own, since it only samples counters or the like, all of
    /// the recording's duration.
    pub share: f64,
}

/// Adds up figures. Times that were given to a trace can be of any size: a sum that is too large stops at the largest
/// number.
pub(super) fn sum(figures: impl Iterator<Item = u64>) -> u64 {
    figures.fold(0, u64::saturating_add)
}

impl Summary {
    /// The spans of this name.
    pub fn span(&self, name: &str) -> Option<&SpanSummary> {
        self.spans.iter().find(|span| span.name == name)
    }

    /// The tasks of this name.
    pub fn task(&self, name: &str) -> Option<&TaskSummary> {
        self.tasks.iter().find(|task| task.name == name)
    }
}

impl LossSummary {
    /// Whether the recording has all that it should: nothing was lost, late, damaged, missing or unmatched.
    pub fn is_empty(&self) -> bool {
        let incidents = [self.lost, self.late, self.damaged_words, self.missing_sections, self.unmatched_ends];
        incidents == [0; 5]
    }
}

//! A summary as a table for a terminal.

use std::cmp::Reverse;
use std::fmt;

use super::format::{WIDTH, count, list, name, number, percent, plural, time};
use super::summary::{LossSummary, Overhead, SpanSummary, Summary, TrackSummary, sum};
use crate::trace::{Cause, TrackKind};

/// Prints a summary; made by [`Summary::table`].
///
/// The columns of spans are the fields of [`SpanSummary`]; `self %` is the part of all self times. All times are on the
/// clock: `self` and `busy` mix waiting with work. To tell them apart, give what waits a span of its own, such as
/// `trace_scope!("wait for input")`: then the table has a row for the waiting.
#[derive(Clone, Copy, Debug)]
pub struct Table<'s> {
    pub(super) summary: &'s Summary,
    pub(super) rows: usize,
    width: usize,
    sort_by: SortBy,
}

/// What the largest of comes first in a table of spans.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SortBy {
    /// The time in which it was the innermost span, at work or waiting.
    #[default]
    SelfTime,
    /// The time in which it was open.
    Total,
    /// How many there are.
    Count,
    /// The longest duration.
    Max,
}

impl Summary {
    /// The summary as a table: 100 columns wide, the 30 names with most self time.
    ///
    /// ```
    /// use traceme::analysis::SortBy;
    ///
    /// let session = traceme::Session::start(1)?;
    /// traceme::trace_scope!("work", { std::hint::black_box(1) });
    /// let summary = session.stop().summary();
    /// println!("{}", summary.table().rows(10).sort_by(SortBy::Max).width(120));
    /// # Ok::<(), traceme::Error>(())
    /// ```
    pub fn table(&self) -> Table<'_> {
        Table { summary: self, rows: 30, width: 100, sort_by: SortBy::default() }
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.table().fmt(f)
    }
}

impl Table<'_> {
    /// How many rows each part has at most. What follows is added up in one more.
    #[must_use]
    pub fn rows(self, rows: usize) -> Self {
        Self { rows, ..self }
    }

    /// Which spans come first.
    #[must_use]
    pub fn sort_by(self, sort_by: SortBy) -> Self {
        Self { sort_by, ..self }
    }

    /// How many columns there are, at least 80: names that are too long for that lose their middle.
    #[must_use]
    pub fn width(self, width: usize) -> Self {
        Self { width: width.max(80), ..self }
    }

    fn head(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let summary = self.summary;
        write!(f, "{} recorded", time(summary.duration))?;
        if !summary.process.name.is_empty() {
            write!(f, " in {} ({})", name(&summary.process.name, 40), summary.process.pid)?;
        }
        let spans = sum(summary.spans.iter().map(|spans| spans.count));
        let instants = sum(summary.instants.iter().map(|instants| instants.count));
        let samples = sum(summary.counters.iter().map(|counter| counter.samples));
        let tasks = sum(summary.tasks.iter().map(|tasks| tasks.count));
        let counts = [(spans, "span"), (tasks, "task"), (instants, "instant"), (samples, "sample")];
        let counts = counts.iter().filter(|&&(count, what)| count > 0 || what != "task");
        let counts = counts.map(|&(count, what)| plural(count, what)).collect::<Vec<_>>().join(", ");
        writeln!(f, ": {counts} on {}", plural(summary.tracks.len() as u64, "track"))?;
        if !summary.losses.is_empty() {
            writeln!(f, "{} (see the end)", missing(&summary.losses))?;
        }
        if let Some(Overhead { events, event_ns, left_out, left_out_ns, total, share }) = summary.overhead {
            write!(f, "overhead: {} events x {event_ns:.1} ns", count(events))?;
            if left_out > 0 {
                write!(f, " + {} left out x {left_out_ns:.1} ns", count(left_out))?;
            }
            writeln!(f, " = {}, {} % of the threads' time, besides what values take", time(total), percent(share))?;
        }
        Ok(())
    }

    fn spans(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut spans: Vec<&SpanSummary> = self.summary.spans.iter().collect();
        // Stable: equal ones stay in the order of their self times.
        spans.sort_by_key(|spans| {
            Reverse(match self.sort_by {
                SortBy::SelfTime => spans.self_time,
                SortBy::Total => spans.total,
                SortBy::Count => spans.estimated,
                SortBy::Max => spans.max,
            })
        });
        // Not by `sum`: parts of a sum that was cut would make more than a whole.
        let self_times = |spans: &[&SpanSummary]| spans.iter().map(|spans| spans.self_time as f64).sum::<f64>();
        let all = self_times(&spans).max(1.0);
        let row = |spans: &&SpanSummary| {
            let ended = spans.count > spans.incomplete;
            let duration = |ns| if ended { time(ns) } else { "-".into() };
            let durations = [spans.mean, spans.p50, spans.p95, spans.p99, spans.max].map(duration);
            let part = percent(spans.self_time as f64 / all);
            let mut cells = vec![estimate(spans.count, spans.estimated), time(spans.self_time), part, total(spans)];
            cells.extend(durations);
            Row { name: spans.name.clone(), cells }
        };
        let rest = spans.get(self.rows..).unwrap_or_default();
        let sums = [
            count(sum(rest.iter().map(|spans| spans.estimated))),
            time(sum(rest.iter().map(|spans| spans.self_time))),
            percent(self_times(rest) / all),
        ];
        let columns = ["count", "self", "self %", "total", "mean", "p50", "p95", "p99", "max"];
        self.part(f, "spans", &columns, spans.iter().map(row), &sums)?;
        if spans.iter().any(|spans| spans.estimated > spans.count) {
            writeln!(f, "  ~ with those that sampling left out: times are estimates, from the {}", recorded(&spans))?;
        }
        let special = |of: fn(&SpanSummary) -> u64| {
            spans.iter().map(move |&spans| (spans.name.as_str(), of(spans), spans.estimated > spans.count))
        };
        self.special(f, "without a known end", special(|spans| spans.incomplete))?;
        self.special(f, "ended by a panic", special(|spans| spans.panicked))?;
        self.special(f, "ended in an error", special(|spans| spans.failed))?;
        self.special(f, "over their alert", special(|spans| spans.alerted))?;
        self.special(f, "kept across an await, by mistake", special(|spans| spans.held_across_await))?;
        match self.summary.missed_alerts {
            0 => Ok(()),
            missed => writeln!(f, "  told to no handler: {}", plural(missed, "alert")),
        }
    }

    /// A line about those names of which something unusual is to be said, each with how often, and whether sampling left out
    /// some.
    pub(super) fn special<'n>(
        self,
        f: &mut fmt::Formatter<'_>,
        what: &str,
        names: impl Iterator<Item = (&'n str, u64, bool)>,
    ) -> fmt::Result {
        let mut some: Vec<_> = names.collect();
        some.retain(|&(_, count, _)| count > 0);
        some.sort_by_key(|&(_, count, _)| Reverse(count));
        if some.is_empty() {
            return Ok(());
        }
        let is_part = some.iter().any(|&(.., is_part)| is_part);
        let what = if is_part { format!("{what}, of those recorded") } else { what.into() };
        let some = some.into_iter().map(|(name, count, _)| (name, count));
        writeln!(f, "  {what}: {}", list(some, self.width.saturating_sub(what.len() + 4)))
    }

    fn tracks(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tracks = &self.summary.tracks;
        let rows = tracks.iter().map(|track| {
            let kind = match &track.kind {
                TrackKind::Thread { os_tid } => format!("thread {os_tid}"),
                TrackKind::Device { ordinal } => format!("device {ordinal}"),
                TrackKind::Counter { .. } => "counter".into(),
                TrackKind::Activity => "activities".into(),
                TrackKind::Task => "tasks".into(),
            };
            let counts = [track.spans, track.instants, track.lost].map(count);
            let mut cells = vec![kind, time(track.busy), percent(track.utilisation)];
            cells.extend(counts);
            Row { name: track.name.clone(), cells }
        });
        let rest = tracks.get(self.rows..).unwrap_or_default();
        let of_rest = |figure: fn(&TrackSummary) -> u64| sum(rest.iter().map(figure));
        let sums = [
            String::new(),
            time(of_rest(|track| track.busy)),
            String::new(),
            count(of_rest(|track| track.spans)),
            count(of_rest(|track| track.instants)),
            count(of_rest(|track| track.lost)),
        ];
        self.part(f, "tracks", &["", "busy", "busy %", "spans", "instants", "lost"], rows, &sums)?;
        if !tracks.is_empty() && self.summary.losses.left_out > 0 {
            writeln!(f, "  busy with what is recorded: what sampling left out is not in it")?;
        }
        Ok(())
    }

    fn instants(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let instants = &self.summary.instants;
        let rows = instants
            .iter()
            .map(|item| Row { name: item.name.clone(), cells: vec![estimate(item.count, item.estimated)] });
        let rest = instants.get(self.rows..).unwrap_or_default();
        let sums = [count(sum(rest.iter().map(|item| item.estimated)))];
        self.part(f, "instants", &["count"], rows, &sums)
    }

    fn counters(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.summary.counters.iter().map(|counter| {
            let unit = if counter.unit.is_empty() { String::new() } else { format!(" [{}]", counter.unit) };
            let mut cells = vec![count(counter.samples)];
            cells.extend([counter.min, counter.mean, counter.max, counter.last].map(number));
            Row { name: format!("{}{unit}", counter.name), cells }
        });
        self.part(f, "counters", &["samples", "min", "mean", "max", "last"], rows, &[])
    }

    /// A table of its own: the first rows, and the sums of the others.
    pub(super) fn part(
        self,
        f: &mut fmt::Formatter<'_>,
        title: &str,
        columns: &[&str],
        rows: impl ExactSizeIterator<Item = Row>,
        sums: &[String],
    ) -> fmt::Result {
        if rows.len() == 0 {
            return Ok(());
        }
        let more = rows.len().saturating_sub(self.rows);
        let mut rows: Vec<Row> = rows.take(self.rows).collect();
        if more > 0 {
            rows.push(Row { name: format!("and {more} more"), cells: sums.to_vec() });
        }
        rows.insert(0, Row { name: title.into(), cells: columns.iter().map(|column| (*column).into()).collect() });
        let width = |column| {
            let cells = rows.iter().filter_map(|row: &Row| row.cells.get(column));
            cells.map(|cell: &String| cell.chars().count()).fold(WIDTH - 1, usize::max)
        };
        let widths: Vec<usize> = (0..columns.len()).map(width).collect();
        let room = self.width.saturating_sub(widths.iter().map(|width| width + 1).sum());
        let longest = rows.iter().map(|row| name(&row.name, room).chars().count()).max().unwrap_or(0);
        writeln!(f)?;
        for row in rows {
            let cells = row.cells.iter().zip(&widths).map(|(cell, &width)| format!(" {cell:>width$}"));
            let line = format!("{:longest$}{}", name(&row.name, room), cells.collect::<String>());
            writeln!(f, "{}", line.trim_end())?;
        }
        Ok(())
    }

    fn losses(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let losses = &self.summary.losses;
        if losses.is_empty() {
            writeln!(f, "\nNothing was lost.")?;
        } else {
            writeln!(f, "\n{}", missing(losses))?;
        }
        if let Some(budget) = self.summary.budget {
            let [used, share] = [budget.used, budget.share].map(|share| format!("{:.2} %", share * 100.0));
            let is_over = budget.used > budget.share && used != share;
            let its = if is_over { ": more than its budget, which" } else { "; its budget" };
            writeln!(f, "Recording used {used} of the processor time, by an estimate{its} is {share}.")?;
        }
        if losses.left_out > 0 {
            writeln!(f, "Left out by sampling: {}", plural(losses.left_out, "event"))?;
        }
        for cause in &losses.causes {
            let callsites = cause.callsites.iter().map(|item| (item.name.as_str(), item.count));
            let (first, last) = (time(cause.first), time(cause.last));
            let head = format!("    {}: {}, {first} to {last}", cause.cause, cause.count);
            let room = self.width.saturating_sub(head.len() + 3);
            writeln!(f, "{head} ({})", list(callsites, room))?;
        }
        Ok(())
    }
}

impl fmt::Display for Table<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.head(f)?;
        self.spans(f)?;
        self.tasks(f)?;
        self.tracks(f)?;
        self.instants(f)?;
        self.counters(f)?;
        self.losses(f)
    }
}

pub(super) struct Row {
    pub(super) name: String,
    pub(super) cells: Vec<String>,
}

/// How many there were, marked if not all of them are recorded.
pub(super) fn estimate(recorded: u64, estimated: u64) -> String {
    if estimated > recorded { format!("~{}", count(estimated)) } else { count(recorded) }
}

/// Their total; how far it may be off, if that is over 1 %.
fn total(spans: &SpanSummary) -> String {
    let off = spans.total_error as f64 / spans.total.max(1) as f64;
    if off > 0.01 { format!("~{} ±{:.0} %", time(spans.total), off * 100.0) } else { time(spans.total) }
}

/// How many spans are recorded of names of which some were left out.
fn recorded(spans: &[&SpanSummary]) -> String {
    let sampled = spans.iter().filter(|spans| spans.estimated > spans.count);
    format!("{} recorded", plural(sum(sampled.map(|spans| spans.count)), "span"))
}

/// What is missing, in one line. That a ring has given up what is oldest is no alarm.
fn missing(losses: &LossSummary) -> String {
    let overwritten =
        losses.causes.iter().find(|cause| cause.cause == Cause::Overwritten).map_or(0, |cause| cause.count);
    let others = [losses.late, losses.damaged_words, losses.missing_sections, losses.unmatched_ends];
    match lost(losses) {
        lost if losses.lost == overwritten && others == [0; 4] => format!("Older events were overwritten: {lost}"),
        lost => format!("!!! NOT EVERYTHING WAS RECORDED: {lost}"),
    }
}

fn lost(losses: &LossSummary) -> String {
    let all = [
        (losses.lost, "event", " lost"),
        (losses.late, "event", " late"),
        (losses.damaged_words, "word", " damaged"),
        (losses.missing_sections, "section", " missing"),
        (losses.unmatched_ends, "end", " unmatched"),
    ];
    let some = all.iter().filter(|(count, ..)| *count > 0);
    some.map(|&(count, what, how)| format!("{}{how}", plural(count, what))).collect::<Vec<_>>().join(", ")
}

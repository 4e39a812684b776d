//! From events to figures.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};

use super::ledger::{losses, lost_by_track, most_first};
use super::names::Names;
use super::open::{Left, OpenName, OpenSpans, PollOf};
use super::sampled::LeftOut;
use super::samples::Samples;
use super::spans::Spans;
use super::summary::{CounterSummary, NameCount, Summary, TrackSummary, sum};
use super::taken::{Overwritten, Taken};
use super::tasks::{self, OpenTasks, Tasks};
use super::tracks::TrackFigures;
use crate::trace::{Event, Flags, Ids, Meta, Read, Tables, Trace, Track, TrackId, TrackKind};

impl Trace {
    /// Where the time went, by name. Decodes the recording; the spans are not kept.
    ///
    /// ```
    /// let session = traceme::Session::start(1)?;
    /// for _ in 0..3 {
    ///     traceme::trace_scope!("work");
    /// }
    /// let summary = session.stop().summary();
    /// assert_eq!(summary.span("work").map(|work| work.count), Some(3));
    /// assert!(summary.losses.is_empty());
    /// println!("{summary}");
    /// # Ok::<(), traceme::Error>(())
    /// ```
    ///
    /// Of a session with [`Memory::summary_only`](crate::Memory::summary_only) these are the figures that it kept.
    ///
    /// Where tasks end that were made before the recording began, the spans are decoded and kept, as by [`Trace::spans`].
    ///
    /// The first summary, or file, of recorded events in a process that knows no [costs](crate::selftest()) has them measured:
    /// it waits for a thread that takes some 15 ms. None does on a thread that panics.
    pub fn summary(&self) -> Summary {
        let kept = self.figures::<Summary>().map(|summary| summary.clone().with_overhead());
        kept.unwrap_or_else(|| Summary::of(self).with_ends(self.earlier_tasks()))
    }
}

impl Summary {
    /// The summary of anything that can be read.
    ///
    /// Each track is read once; one on which a span ends before another that began in it, once more, to know which
    /// spans leaked. Memory is taken for each name, not for each event: so names made at run time cost the more the
    /// more of them there are, some 300 bytes each. Besides, for the spans that are open at a time, and for the numbers
    /// of those of one track that leaked, if it is read twice; and for each task, one bit. How tasks ended that were made before
    /// the recording began is not in it, as it is in [`Trace::summary`]. The
    /// first call may measure [costs](crate::export#costs).
    ///
    /// ```
    /// use traceme::{Trace, analysis::Summary};
    ///
    /// let nothing = Summary::of(&Trace::default());
    /// assert!(nothing.spans.is_empty() && nothing.losses.is_empty());
    /// ```
    pub fn of(recording: &impl Read) -> Self {
        let tables = recording.tables();
        let mut gathered = Gathered::new(usize::MAX, tables.start, Some(Ids::default()));
        let (lost, length) = (lost_by_track(tables), tables.duration.saturating_sub(tables.start));
        let (mut tracks, mut counters) = (Vec::new(), Vec::new());
        let overwritten = Overwritten::by_track(tables);
        // Before the polls.
        for track in recording.tracks().iter().filter(|track| track.kind == TrackKind::Task) {
            gathered.tasks(recording, track, None);
        }
        for track in recording.tracks() {
            if let TrackKind::Counter { unit } = &track.kind {
                let mut samples = Samples::default();
                gathered.counter(recording, track, &mut samples);
                counters.extend(samples.summary(track.name.clone(), unit.clone(), tables.duration));
            } else if track.kind != TrackKind::Task {
                let figures = gathered.track(recording, track, None);
                if let TrackKind::Thread { .. } = track.kind {
                    gathered.taken.add(figures.seen, overwritten.get(&track.id), length);
                }
                let lost = lost.get(&track.id).copied().unwrap_or(0);
                tracks.push(figures.summary(track.name.clone(), track.kind.clone(), length, lost));
            }
        }
        gathered.most = sum(tracks.iter().map(|track| track.busy.max(length)));
        gathered.summary(tables, length, tracks, counters).with_overhead()
    }
}

/// Figures of the names of a recording, gathered track by track.
#[derive(Clone, Debug)]
pub(super) struct Gathered {
    pub(super) spans: Names<Spans>,
    pub(super) tasks: Names<Tasks>,
    /// The tasks that were made in the recording; `None` if there are no others.
    made: Option<Ids>,
    /// When the recording begins, in ns.
    from: u64,
    instants: Names<Instants>,
    pub(super) recorded: u64,
    pub(super) taken: Taken,
    /// The time of all tracks, if that is known: no name can have more.
    most: u64,
}

/// Instants of one name: how many there are, and how many they stand for.
#[derive(Clone, Copy, Debug, Default)]
struct Instants {
    count: u64,
    weight: u64,
}

impl Gathered {
    /// Of at most so many names; further ones are taken together. Of a recording that begins at `from`.
    pub(super) fn new(most_names: usize, from: u64, made: Option<Ids>) -> Self {
        Self {
            spans: Names::new(most_names),
            tasks: Names::new(most_names),
            made,
            from,
            instants: Names::new(most_names),
            recorded: 0,
            taken: Taken::default(),
            most: u64::MAX,
        }
    }

    /// Reads a track that is not a counter's: all of it, or the next part, with what the last one left.
    pub(super) fn track(&mut self, recording: &impl Read, track: &Track, left: Option<&mut Left>) -> TrackFigures {
        // What was open before the recording begins counts from there on.
        let (parts, start, mut goes_on) = (left.is_some(), recording.tables().start, Vec::new());
        let before = left.as_deref().cloned().unwrap_or_default();
        let seen = before.seen.map(|ns| (ns, ns));
        let (mut figures, mut open) = (TrackFigures { seen, ..TrackFigures::default() }, OpenSpans::default());
        let (mut last, mut before, mut leaked) = (before.until, before.open.into_iter(), None);
        for event in recording.events(track.id) {
            match event {
                Event::Begin { ns, span, meta } if parts && meta.continues() => {
                    let named = before.next().unwrap_or_else(|| self.named(ns, &meta));
                    self.spans.items[named.name].resume(last, named.weight);
                    open.begin(span, named);
                }
                Event::Begin { ns, span, meta } => {
                    let from = ns.max(start);
                    figures.busy = figures.busy.saturating_add(self.pass(&open, last, from));
                    let named = self.named(ns, &meta);
                    self.spans.items[named.name].begin(from, named.weight);
                    open.begin(span, named);
                    figures.begin(&meta);
                    last = figures.see(from);
                }
                Event::End { span, flags, .. } if parts && flags.is_incomplete() => {
                    if let Some(named) = open.end_top(span) {
                        self.spans.items[named.name].pause(last);
                        goes_on.push(named);
                    }
                }
                Event::End { ns, span, flags } => {
                    // One that leaked, or has left the stack, ends at the end of the recording: but that goes on.
                    let ns = if parts && flags.is_leaked() { last } else { ns };
                    figures.busy = figures.busy.saturating_add(self.pass(&open, last, ns));
                    last = figures.see(ns);
                    // An activity can end anywhere: that is an event of its own.
                    self.recorded += u64::from(track.kind.is_flat() && !flags.is_incomplete());
                    if let Some(ended) = open.end_top(span) {
                        self.end(ended, ns, flags);
                        continue;
                    }
                    // Rare: it doesn't matter that the track is read once more.
                    let leaked = leaked.get_or_insert_with(|| leaked_spans(recording, track.id));
                    open.held_in(span, leaked).for_each(|held| self.spans.items[held.name].held += 1);
                    for (at, ended) in open.end_other(span, leaked).into_iter().enumerate() {
                        self.end(ended, ns, if at == 0 { flags } else { Flags::LEAKED });
                    }
                }
                Event::Instant { ns, meta } => self.instant(&mut figures, ns, &meta),
                Event::Append { .. } => self.recorded += 1,
                Event::Spawn { .. } | Event::Counter { .. } | Event::Gap { .. } => {}
            }
        }
        self.recorded += figures.recorded();
        // Of another thread that had the same id, and has ended.
        before.for_each(|open| self.spans.items[open.name].lose_ends(1));
        if let Some(left) = left {
            goes_on.reverse();
            *left = Left { until: last, seen: figures.seen.map(|(_, last)| last), open: goes_on };
            return figures;
        }
        // None is open, unless the recording doesn't end what it begins.
        let end = recording.tables().duration.max(last);
        figures.busy = figures.busy.saturating_add(self.pass(&open, last, end));
        open.end_all().for_each(|left| self.end(left, end, Flags::INCOMPLETE));
        figures
    }

    /// Reads the next part of a track of activities. Those that are open, by the places of their names, are counted in `open`.
    pub(super) fn activities(
        &mut self,
        recording: &impl Read,
        track: &Track,
        open: &mut HashMap<usize, u64>,
    ) -> TrackFigures {
        let (mut figures, mut here) = (TrackFigures::default(), HashMap::new());
        for event in recording.events(track.id) {
            match event {
                Event::Begin { ns, span, meta } => {
                    let name = self.spans.place(&meta);
                    here.insert(span, (name, ns, meta.weight()));
                    figures.begin(&meta);
                    if meta.continues() {
                        open.entry(name).and_modify(|count| *count = count.saturating_sub(1));
                    } else {
                        self.spans.items[name].count(meta.weight());
                    }
                }
                Event::End { ns, span, flags } => {
                    let Some((name, start, weight)) = here.remove(&span) else { continue };
                    if flags.is_incomplete() {
                        *open.entry(name).or_default() += 1;
                        continue;
                    }
                    self.spans.items[name].end_alone(start, ns, weight, flags);
                    figures.busy = figures.busy.saturating_add(ns.saturating_sub(start));
                    self.recorded += 1;
                }
                _ => {}
            }
        }
        self.recorded += figures.recorded();
        figures
    }

    /// Reads a track of tasks: all of it, or the next part, with those that are open by the places of their names.
    pub(super) fn tasks(
        &mut self,
        recording: &impl Read,
        track: &Track,
        mut open: Option<&mut HashMap<usize, OpenTasks>>,
    ) {
        let (mut here, from) = (HashMap::new(), self.from);
        for event in recording.events(track.id) {
            match event {
                Event::Begin { ns, span, meta } => {
                    let name = self.tasks.place(&meta);
                    let start = ns.max(from);
                    here.insert(span, (name, start));
                    if let (Some(made), Some(id)) = (&mut self.made, meta.task()) {
                        made.insert(id);
                    }
                    self.recorded += u64::from(!meta.continues());
                    match open.as_deref_mut().and_then(|open| open.get_mut(&name)) {
                        Some(open) if meta.continues() => open.remove(start),
                        _ => self.tasks.items[name].begin(meta.weight()),
                    }
                }
                Event::End { ns, span, flags } => {
                    self.recorded += u64::from(!flags.is_incomplete());
                    let Some((name, start)) = here.remove(&span) else { continue };
                    match open.as_deref_mut().filter(|_| flags.is_incomplete()) {
                        Some(open) => open.entry(name).or_default().add(start),
                        None => self.tasks.items[name].end(start, ns, flags),
                    }
                }
                Event::Append { .. } => self.recorded += 1,
                _ => {}
            }
        }
    }

    /// The place of the name at a place of `before`.
    pub(super) fn task_of(&mut self, before: &Self, name: usize) -> usize {
        self.tasks.place_of(before.tasks.name(name))
    }

    fn instant(&mut self, figures: &mut TrackFigures, ns: u64, meta: &Meta<'_>) {
        figures.see(ns);
        figures.instants += 1;
        let name = self.instants.place(meta);
        let instants = &mut self.instants.items[name];
        (instants.count, instants.weight) = (instants.count + 1, instants.weight.saturating_add(meta.weight()));
    }

    /// Gives the time from `from` to `to` to the innermost open span; returns it, or 0 if none is open.
    #[inline]
    fn pass(&mut self, open: &OpenSpans, from: u64, to: u64) -> u64 {
        let Some(innermost) = open.innermost() else { return 0 };
        let time = to.saturating_sub(from);
        let self_time = &mut self.spans.items[innermost.name].self_time;
        *self_time = self_time.saturating_add(time.saturating_mul(innermost.weight));
        time
    }

    /// A span that begins at `ns`.
    #[inline]
    fn named(&mut self, ns: u64, meta: &Meta<'_>) -> OpenName {
        let task = meta.poll_of().map(|id| {
            let is_made = self.made.as_ref().is_none_or(|made| made.has(id));
            PollOf { name: self.tasks.place(meta), is_made }
        });
        OpenName { name: self.spans.place(meta), start: ns, weight: meta.weight(), task }
    }

    #[inline]
    fn end(&mut self, span: OpenName, ns: u64, flags: Flags) {
        self.spans.items[span.name].end(span.start, ns, span.weight, flags);
        if let Some(PollOf { name, is_made }) = span.task {
            let time = ns.saturating_sub(span.start.max(self.from));
            self.tasks.items[name].poll(ns.saturating_sub(span.start), time, is_made);
        }
    }

    /// Ends at `end` what is open where the last part of a track ended; gives for how long it was busy meanwhile.
    pub(super) fn finish(&mut self, left: Left, end: u64) -> u64 {
        let time = end.saturating_sub(left.until);
        let Some(innermost) = left.open.last() else { return 0 };
        let self_time = &mut self.spans.items[innermost.name].self_time;
        *self_time = self_time.saturating_add(time.saturating_mul(innermost.weight));
        left.open.iter().for_each(|open| self.spans.items[open.name].resume(left.until, open.weight));
        left.open.into_iter().for_each(|open| self.end(open, end, Flags::INCOMPLETE));
        time
    }

    /// So many spans of the name at a place of `before`, which go on here, each of that weight; gives the name's place here.
    pub(super) fn go_on(&mut self, before: &Self, name: usize, count: u64, weight: u64) -> usize {
        let place = self.spans.place_of(before.spans.name(name));
        (0..count).for_each(|_| self.spans.items[place].count(weight));
        place
    }

    /// Reads the track of a counter, or the next part of it.
    pub(super) fn counter(&mut self, recording: &impl Read, track: &Track, samples: &mut Samples) {
        for event in recording.events(track.id) {
            if let Event::Counter { ns, meta } = event {
                samples.add(ns, meta.value());
                self.recorded += 1;
            }
        }
    }

    /// The figures, in a recording of this length.
    pub(super) fn summary(
        mut self,
        tables: &Tables,
        length: u64,
        mut tracks: Vec<TrackSummary>,
        counters: Vec<CounterSummary>,
    ) -> Summary {
        tracks.sort_by_key(|track| Reverse(track.busy));
        let left_out = LeftOut::of(tables);
        // Those of which nothing is recorded, too.
        for name in left_out.spans.keys() {
            self.spans.place_of(name);
        }
        for name in left_out.tasks.keys() {
            self.tasks.place_of(name);
        }
        for name in left_out.instants.keys() {
            self.instants.place_of(name);
        }
        let most = self.most;
        let mut spans: Vec<_> =
            self.spans.into_named().map(|(name, spans)| spans.summary(name, &left_out, most)).collect();
        spans.sort_by(|a, b| (Reverse(a.self_time), &a.name).cmp(&(Reverse(b.self_time), &b.name)));
        Summary {
            process: tables.process.clone(),
            duration: length,
            spans,
            instants: most_first(self.instants.into_named().map(|(name, Instants { count, weight })| {
                let estimated = left_out.estimate(count, weight, left_out.instants.get(&name));
                NameCount { name, count, estimated }
            })),
            tasks: tasks::summaries(self.tasks, &left_out),
            tracks,
            counters,
            missed_alerts: tables.missed_alerts,
            overhead: None,
            taken: self.taken,
            budget: tables.budget,
            losses: losses(tables, self.recorded + tables.losses.unmatched_ends() + tables.earlier_ends),
        }
    }
}

/// The numbers of the spans of a track that leaked.
fn leaked_spans(recording: &impl Read, track: TrackId) -> HashSet<u64> {
    let leaked = |event| match event {
        Event::End { span, flags, .. } if flags.is_leaked() => Some(span),
        _ => None,
    };
    recording.events(track).filter_map(leaked).collect()
}

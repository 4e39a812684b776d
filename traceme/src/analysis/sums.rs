//! The figures of a recording that is read part by part, and of which nothing is kept.

use std::collections::{HashMap, HashSet};

use super::gather::Gathered;
use super::ledger::lost_by_track;
use super::names::OTHERS;
use super::open::{Left, OpenName, PollOf};
use super::samples::Samples;
use super::summary::Summary;
use super::tasks::OpenTasks;
use super::tracks::TrackFigures;
use crate::record::chunk::Recorded;
use crate::trace::{Carried, Read, Trace, TraceBuilder, Track, TrackKind};

/// How many names are told apart, of spans, of instants, of tracks and of counters: memory must not grow for ever.
const MOST_NAMES: usize = 1 << 14;

/// The sums of all parts so far. Takes some memory for each name, and for each thread on which a span is open.
#[derive(Clone, Debug)]
pub(crate) struct Sums {
    gathered: Gathered,
    /// By name: threads and activities come and go.
    tracks: Tracks<(TrackFigures, u64)>,
    counters: Tracks<Samples>,
    /// What is open on threads, and the threads of the last part, by the ids that the system gives them, and the places of
    /// their tracks.
    left: HashMap<u32, (usize, Left)>,
    /// How many activities are open, by the places of their names.
    open: HashMap<usize, u64>,
    /// The tasks that are open, by the places of their names.
    tasks: HashMap<usize, OpenTasks>,
    /// How many events there were. What is added to a task can be seen again where that ends, or nowhere yet.
    recorded: u64,
    /// What the last part leaves to the next one.
    carried: Carried,
}

/// One item for each kind and name, and one of the tracks that have these.
#[derive(Clone, Debug)]
struct Tracks<T> {
    places: HashMap<(TrackKind, String), usize>,
    items: Vec<(Track, T)>,
}

impl<T: Default> Tracks<T> {
    fn new() -> Self {
        Self { places: HashMap::new(), items: Vec::new() }
    }

    fn place(&mut self, track: &Track) -> usize {
        // Threads are told apart by their names only.
        let kind = match &track.kind {
            TrackKind::Thread { .. } => TrackKind::Thread { os_tid: 0 },
            other => other.clone(),
        };
        let mut key = (kind, track.name.clone());
        if !self.places.contains_key(&key) && self.items.len() >= MOST_NAMES {
            key.1 = OTHERS.into();
        }
        let (next, items) = (self.items.len(), &mut self.items);
        *self.places.entry(key).or_insert_with_key(|(_, name)| {
            items.push((Track { name: name.clone(), ..track.clone() }, T::default()));
            next
        })
    }
}

impl Default for Sums {
    fn default() -> Self {
        Self::from(0)
    }
}

impl Sums {
    /// Sums of nothing, of a part that begins at `ns`.
    fn from(ns: u64) -> Self {
        Self {
            // Nothing is polled that was made before: it is not recorded, or goes on here.
            gathered: Gathered::new(MOST_NAMES, ns, None),
            tracks: Tracks::new(),
            counters: Tracks::new(),
            left: HashMap::new(),
            open: HashMap::new(),
            tasks: HashMap::new(),
            recorded: 0,
            carried: Carried::for_the_first(),
        }
    }

    /// Adds the next part of what was recorded. What is open at its end goes on in the next one.
    pub(crate) fn add(&mut self, part: Recorded) {
        let part = Trace::batch(part, std::mem::take(&mut self.carried));
        self.read(&part);
        let threads = part.tracks().iter().filter_map(|track| match track.kind {
            TrackKind::Thread { os_tid } => Some(os_tid),
            _ => None,
        });
        let here: HashSet<u32> = threads.collect();
        self.left.retain(|os_tid, (_, left)| !left.open.is_empty() || here.contains(os_tid));
        self.carried = part.carry_on();
    }

    /// Adds what others have recorded, all of it.
    pub(crate) fn add_given(&mut self, given: TraceBuilder) {
        self.read(&given.build());
    }

    fn read(&mut self, part: &Trace) {
        self.recorded += part.event_count();
        let lost = lost_by_track(part.tables());
        for track in part.tracks() {
            if let TrackKind::Counter { .. } = track.kind {
                let place = self.counters.place(track);
                self.gathered.counter(part, track, &mut self.counters.items[place].1);
                continue;
            }
            if track.kind == TrackKind::Task {
                self.gathered.tasks(part, track, Some(&mut self.tasks));
                continue;
            }
            let place = self.tracks.place(track);
            let figures = match track.kind {
                TrackKind::Thread { os_tid } => {
                    let (_, mut left) = self.left.remove(&os_tid).unwrap_or_default();
                    let figures = self.gathered.track(part, track, Some(&mut left));
                    let tables = part.tables();
                    self.gathered.taken.add(figures.seen, None, tables.duration.saturating_sub(tables.start));
                    self.left.insert(os_tid, (place, left));
                    figures
                }
                TrackKind::Activity => self.gathered.activities(part, track, &mut self.open),
                _ => self.gathered.track(part, track, None),
            };
            let (sums, sum_lost) = &mut self.tracks.items[place].1;
            sums.busy = sums.busy.saturating_add(figures.busy);
            sums.spans += figures.spans;
            sums.instants += figures.instants;
            *sum_lost = sum_lost.saturating_add(lost.get(&track.id).copied().unwrap_or(0));
        }
    }

    /// Sums of nothing, of a part that begins at `ns`: but what is open goes on in it.
    pub(crate) fn next(&self, ns: u64) -> Self {
        let mut next = Self::from(ns);
        for (&os_tid, (place, left)) in self.left.iter().filter(|(_, (_, left))| !left.open.is_empty()) {
            let open = left.open.iter().map(|open| {
                let name = next.gathered.go_on(&self.gathered, open.name, 1, open.weight);
                let of = |task: PollOf| PollOf { name: next.gathered.task_of(&self.gathered, task.name), ..task };
                let task = open.task.map(of);
                OpenName { name, task, ..*open }
            });
            let left = Left { until: ns, seen: Some(ns), open: open.collect() };
            next.left.insert(os_tid, (next.tracks.place(&self.tracks.items[*place].0), left));
        }
        let open = self.open.iter().filter(|&(_, &count)| count > 0);
        next.open = open.map(|(&name, &count)| (next.gathered.go_on(&self.gathered, name, count, 1), count)).collect();
        for (&task, open) in self.tasks.iter().filter(|(_, open)| open.are_any()) {
            let place = next.gathered.task_of(&self.gathered, task);
            next.tasks.insert(place, next.gathered.tasks.items[place].go_on(*open, ns));
        }
        next.carried = self.carried.clone();
        next
    }

    /// The figures, if this is all: `rest` is a recording without events, which ends when they do and has all that was lost.
    pub(crate) fn summary(mut self, rest: &Trace) -> Summary {
        let tables = rest.tables();
        let length = tables.duration.saturating_sub(tables.start);
        self.gathered.recorded = self.recorded;
        for (place, left) in self.left.into_values() {
            let busy = self.gathered.finish(left, tables.duration);
            let (figures, _) = &mut self.tracks.items[place].1;
            figures.busy = figures.busy.saturating_add(busy);
        }
        self.open.into_iter().for_each(|(name, count)| self.gathered.spans.items[name].lose_ends(count));
        for (task, open) in self.tasks {
            self.gathered.tasks.items[task].leave(open, tables.duration);
        }
        let tracks = self.tracks.items.into_iter();
        let tracks = tracks.map(|(track, (figures, lost))| figures.summary(track.name, track.kind, length, lost));
        let counters = self.counters.items.into_iter().filter_map(|(track, samples)| match track.kind {
            TrackKind::Counter { unit } => samples.summary(track.name, unit, tables.duration),
            _ => None,
        });
        let (tracks, counters) = (tracks.collect(), counters.collect());
        self.gathered.summary(tables, length, tracks, counters)
    }
}

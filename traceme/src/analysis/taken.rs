//! For how long threads recorded, and what a ring has given up of that.

use std::collections::HashMap;

use crate::trace::{Cause, Tables, TrackId};

/// How much a ring has given up of a thread, and when that happened.
#[derive(Clone, Copy, Debug)]
pub(super) struct Overwritten {
    pub(super) count: u64,
    pub(super) first: u64,
    pub(super) last: u64,
}

impl Overwritten {
    pub(super) fn by_track(tables: &Tables) -> HashMap<TrackId, Self> {
        let mut tracks = HashMap::new();
        for loss in tables.losses.lost().filter(|loss| loss.cause == Cause::Overwritten) {
            // Of the time of a thread of which nothing is left, nothing is known.
            let Some(track) = loss.track else { continue };
            let all = tracks.entry(track).or_insert(Self { count: 0, first: loss.first, last: loss.last });
            all.count = all.count.saturating_add(loss.count);
            (all.first, all.last) = (all.first.min(loss.first), all.last.max(loss.last));
        }
        tracks
    }
}

/// What can't be told from the other figures of a summary.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Taken {
    /// Of threads, from the first event of each to its last, in ns.
    pub(super) time: u64,
    /// How much was recorded in that time and has been overwritten.
    pub(super) overwritten: u64,
}

impl Taken {
    /// Adds a thread which recorded from one time to another, in a recording of this length.
    pub(super) fn add(&mut self, seen: Option<(u64, u64)>, overwritten: Option<&Overwritten>, length: u64) {
        let lost = overwritten.map(|lost| (lost.first, lost.last));
        let seen = seen.into_iter().chain(lost).reduce(|a, b| (a.0.min(b.0), a.1.max(b.1)));
        // What it recorded may lie on tracks that belong to no thread.
        self.time = self.time.saturating_add(seen.map_or(length, |(first, last)| last.saturating_sub(first)));
        self.overwritten = self.overwritten.saturating_add(overwritten.map_or(0, |lost| lost.count));
    }
}

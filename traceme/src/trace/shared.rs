//! What belongs to no thread, gathered over all threads: the samples of counters; for the rest see `activities.rs`.

use std::collections::{BTreeMap, HashMap};

use super::activities::{Activities, Found};
use super::carried::Seam;
use super::decode::Decoder;
use super::events::{Events, Rest, Source};
use super::flags::Flags;
use super::index::{Contents, Place};
use super::keys::Keys;
use super::read::Event;
use super::scan::Section;
use super::track::TrackKind;
use crate::callsite::CallsiteKind;

/// The samples of counters, and the activities, each on a track.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// What the tracks show, and their names: first those of counters.
    pub(super) tracks: Vec<(TrackKind, String)>,
    samples: Vec<Samples>,
    pub(super) activities: Vec<Activities>,
    /// How many ends of activities have no beginning.
    pub(super) unmatched_ends: u64,
    /// How many are of activities that began before the recording does.
    pub(super) earlier_ends: u64,
    /// The ends that have no beginning here, by activity: when, and how.
    pub(super) lone_ends: HashMap<u64, (u64, Flags)>,
    /// The keys of what was measured elsewhere.
    pub(super) keys: Keys,
    pub(super) seam: Seam,
}

/// The samples of one counter: when, and where.
type Samples = Vec<(u64, Place)>;

impl Shared {
    /// Gathers from the sections of all threads.
    pub(super) fn gather<'a>(contents: Contents<'a>, threads: impl Iterator<Item = &'a [Section]>) -> Self {
        let mut counters: BTreeMap<(String, &str), Samples> = BTreeMap::new();
        let mut found = Found::default();
        for sections in threads {
            let decoder = Decoder::new(contents, sections, &[], 0).with_shared();
            let mut events = Events::new(Source::new(decoder, Rest::None));
            while let Some((event, place)) = events.next_placed() {
                let Event::Counter { ns, meta } = event else { continue };
                match meta.callsite() {
                    Some(callsite) if callsite.kind == CallsiteKind::Counter => {
                        let counter = (meta.name().to_str().into_owned(), callsite.unit.as_str());
                        counters.entry(counter).or_default().push((ns, place));
                    }
                    _ => found.add(contents, ns, place),
                }
            }
        }
        let mut shared = Self::default();
        for ((name, unit), mut samples) in counters {
            // Stable: at one time the samples of a thread stay in order, and those of threads by their number.
            samples.sort_by_key(|&(ns, _)| ns);
            shared.samples.push(samples);
            shared.tracks.push((TrackKind::Counter { unit: unit.into() }, name));
        }
        found.pair(contents, &mut shared);
        shared
    }

    /// The events of a track, which is numbered from 0, of a recording that ends at `end`.
    pub(super) fn events<'a>(&'a self, track: usize, contents: Contents<'a>, end: u64) -> Rest<'a> {
        let activities = track.checked_sub(self.samples.len()).and_then(|track| self.activities.get(track));
        match (self.samples.get(track), activities) {
            (Some(samples), _) => Rest::Samples(contents, samples.iter()),
            (None, Some(activities)) => Rest::Activities(activities.events(contents, end)),
            (None, None) => Rest::None,
        }
    }
}

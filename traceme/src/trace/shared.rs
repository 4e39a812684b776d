//! What belongs to no thread: the samples of counters, the activities and what was measured elsewhere, gathered over all
//! threads.

use std::collections::{BTreeMap, HashMap};
use std::slice;

use super::carried::{MOST_OPEN, Seam};
use super::decode::Decoder;
use super::events::{Events, Rest, Source};
use super::flags::Flags;
use super::given::{ItemKind, Step, What, in_time_order};
use super::index::{Contents, Place};
use super::keys::Keys;
use super::read::Event;
use super::scan::Section;
use super::track::TrackKind;
use crate::callsite::CallsiteKind;
use crate::record::wire::{self, Record};

/// The samples of counters, and the activities, each on a track.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// What the tracks show, and their names: first those of counters.
    pub(super) tracks: Vec<(TrackKind, String)>,
    samples: Vec<Samples>,
    activities: Vec<Activities>,
    /// How many ends of activities have no beginning.
    pub(super) unmatched_ends: u64,
    /// How many are of activities that began before the recording does.
    pub(super) earlier_ends: u64,
    /// The keys of what was measured elsewhere.
    pub(super) keys: Keys,
    pub(super) seam: Seam,
}

/// The samples of one counter: when, and where.
type Samples = Vec<(u64, Place)>;

/// The activities of one name.
#[derive(Debug)]
struct Activities {
    /// Where the name and metadata of each are.
    places: Vec<Place>,
    /// What happens to them, in time order.
    steps: Vec<Step>,
    /// When the last of it happens: in a damaged recording, after its end.
    latest: u64,
}

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
            (None, Some(Activities { places, steps, latest })) => {
                Rest::Activities(ActivityEvents { contents, places, steps: steps.iter(), end: end.max(*latest) })
            }
            (None, None) => Rest::None,
        }
    }
}

/// What is found of activities, in whatever order.
#[derive(Debug, Default)]
struct Found {
    begins: Vec<Begin>,
    /// When, and of which activity.
    ends: Vec<(u64, u64)>,
    /// Of what was measured elsewhere: start and end, place and name.
    measured: Vec<(u64, u64, Place, String)>,
    keys: Keys,
}

#[derive(Debug)]
struct Begin {
    ns: u64,
    activity: u64,
    place: Place,
    name: String,
    end: Option<u64>,
}

impl Found {
    /// Takes note of the record at a place, which happened at `ns`, if it is of an activity.
    fn add(&mut self, contents: Contents<'_>, ns: u64, place: Place) {
        match contents.record(place) {
            Some(Record::ActivityBegin { activity, .. }) => self.begin(contents, ns, activity, place, None),
            Some(Record::ActivityEnd { activity, .. }) => self.ends.push((ns, activity)),
            Some(Record::Measured { start, end, named, .. }) => {
                // In a sound recording the end is not after the record itself.
                let (start, end) = (contents.ns(start).min(ns), contents.ns(end).min(ns));
                let name = named.name().map_or_else(String::new, |name| name.to_str().into_owned());
                self.measured.push((start, end.max(start), place, name));
                named.args().for_each(|(key, _)| self.keys.add(key));
            }
            _ => {}
        }
    }

    fn begin(&mut self, contents: Contents<'_>, ns: u64, activity: u64, place: Place, end: Option<u64>) {
        let name = contents.meta(place).map_or_else(String::new, |meta| meta.name().to_str().into_owned());
        self.begins.push(Begin { ns, activity, place, name, end });
    }

    /// Pairs beginnings and ends.
    fn pair(mut self, contents: Contents<'_>, shared: &mut Shared) {
        // Stable, both: at one time those of a thread stay in order, and those of threads by their number.
        self.begins.sort_by_key(|begin| begin.ns);
        self.ends.sort_by_key(|&(ns, _)| ns);
        let begins = self.begins.iter().enumerate();
        let mut open: HashMap<u64, usize> = begins.map(|(at, begin)| (begin.activity, at)).collect();
        for &(ns, activity) in contents.carried.ends() {
            if self.end(&mut open, ns, activity) {
                continue;
            }
            // It can be in what another thread writes for long.
            if contents.carried.goes_on() && shared.seam.ends.len() < MOST_OPEN {
                shared.seam.ends.push((ns, activity));
            } else {
                shared.unmatched_ends += 1;
            }
        }
        for (ns, activity) in std::mem::take(&mut self.ends) {
            if !self.end(&mut open, ns, activity) {
                self.end_elsewhere(contents, shared, ns, activity);
            }
        }
        if contents.carried.goes_on() {
            let begun = open.values().map(|&at| &self.begins[at]);
            shared.seam.begun.extend(begun.map(|begin| (begin.activity, begin.ns, begin.place)));
        }
        self.into_tracks(shared);
    }

    /// Ends an activity that began here; `false` if there is none that is open.
    fn end(&mut self, open: &mut HashMap<u64, usize>, ns: u64, activity: u64) -> bool {
        let Some(begin) = open.remove(&activity).and_then(|at| self.begins.get_mut(at)) else { return false };
        // The clocks of two processors can differ by a little.
        begin.end = Some(ns.max(begin.ns));
        true
    }

    /// Ends an activity that didn't begin here.
    fn end_elsewhere(&mut self, contents: Contents<'_>, shared: &mut Shared, ns: u64, activity: u64) {
        let begun = contents.carried.start(activity).filter(|_| shared.seam.ended.insert(activity));
        if let Some(start) = begun {
            return self.begin(contents, start, activity, Place::Carried(activity), Some(ns.max(start)));
        }
        // Activities below this one, of the same session, can have begun before the recording does.
        let from = contents.recorded.activities_from;
        if contents.carried.goes_on() {
            shared.seam.ends.push((ns, activity));
        } else if activity >= from || wire::epoch_of(activity) != wire::epoch_of(from) {
            shared.unmatched_ends += 1;
        } else {
            shared.earlier_ends += 1;
        }
    }

    /// Sorts the activities by their names.
    fn into_tracks(self, shared: &mut Shared) {
        let mut named: BTreeMap<String, (Vec<Place>, Vec<ItemKind>)> = BTreeMap::new();
        for Begin { ns, place, name, end, .. } in self.begins {
            let (places, spans) = named.entry(name).or_default();
            places.push(place);
            spans.push(ItemKind::Span { start: ns, end });
        }
        for (start, end, place, name) in self.measured {
            let (places, spans) = named.entry(name).or_default();
            places.push(place);
            spans.push(ItemKind::Span { start, end: Some(end) });
        }
        shared.keys = self.keys;
        for (name, (places, spans)) in named {
            let latest = spans.iter().map(|span| span.latest()).max().unwrap_or(0);
            shared.activities.push(Activities { places, steps: in_time_order(spans.into_iter()), latest });
            shared.tracks.push((TrackKind::Activity, name));
        }
    }
}

/// Gives the events of a track of activities in time order.
#[derive(Debug)]
pub(super) struct ActivityEvents<'a> {
    contents: Contents<'a>,
    places: &'a [Place],
    steps: slice::Iter<'a, Step>,
    end: u64,
}

impl<'a> Iterator for ActivityEvents<'a> {
    type Item = (Event<'a>, Place);

    fn next(&mut self) -> Option<(Event<'a>, Place)> {
        let &Step { item, what } = self.steps.next()?;
        let place = *self.places.get(item as usize)?;
        let event = match what {
            What::Begin { ns, span } => Event::Begin { ns, span, meta: self.contents.meta(place)? },
            What::End { ns: Some(ns), span } => Event::End { ns, span, flags: Flags::NONE },
            What::End { ns: None, span } => Event::End { ns: self.end, span, flags: Flags::INCOMPLETE },
            What::Instant { .. } | What::Sample { .. } => return None,
        };
        Some((event, place))
    }
}

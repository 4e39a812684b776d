//! Activities and tasks, and what was measured elsewhere: beginnings, ends and additions are found on whatever threads, and
//! are put together here.

use std::collections::{BTreeMap, HashMap};
use std::slice;

use super::carried::{Ending, MOST_OPEN};
use super::decode::flags_of;
use super::flags::Flags;
use super::given::{ItemKind, Step, What, in_time_order};
use super::index::{Contents, Place, small};
use super::keys::Keys;
use super::known::name_in;
use super::read::Event;
use super::shared::Shared;
use super::track::TrackKind;
use crate::callsite::CallsiteKind;
use crate::record::wire::{self, AT_ACTIVITY, Record};

/// The activities, or the tasks, of one name.
#[derive(Debug)]
pub(super) struct Activities {
    /// Of each one, and of each addition: where its name and metadata are, and how it ended.
    items: Vec<(Place, Flags)>,
    /// What happens to them, in time order.
    steps: Vec<Step>,
    /// When the last of it happens: in a damaged recording, after its end.
    latest: u64,
}

impl Activities {
    pub(super) fn events<'a>(&'a self, contents: Contents<'a>, end: u64) -> ActivityEvents<'a> {
        let Self { items, steps, latest } = self;
        ActivityEvents { contents, items, steps: steps.iter(), end: end.max(*latest) }
    }
}

/// What is found of activities, in whatever order.
#[derive(Debug, Default)]
pub(super) struct Found {
    begins: Vec<Begin>,
    ends: Vec<Ending>,
    /// What is added to which one: when, and where that is.
    appended: Vec<(u64, u64, Place)>,
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
    is_task: bool,
    end: Option<(u64, Flags)>,
}

impl Found {
    /// Takes note of the record at a place, which happened at `ns`, if it is of an activity.
    pub(super) fn add(&mut self, contents: Contents<'_>, ns: u64, place: Place) {
        match contents.record(place) {
            Some(Record::ActivityBegin { activity, .. }) => self.begin(contents, ns, activity, place, None),
            Some(Record::ActivityEnd { activity, flags }) => {
                self.ends.push(Ending { ns, activity, flags: flags_of(flags) });
            }
            Some(Record::Append { target, .. }) => self.appended.push((target & !AT_ACTIVITY, ns, place)),
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

    fn begin(&mut self, contents: Contents<'_>, ns: u64, activity: u64, place: Place, end: Option<(u64, Flags)>) {
        let meta = contents.meta(place);
        let name = meta.map_or_else(String::new, |meta| meta.name().to_str().into_owned());
        let callsite = meta.and_then(|meta| meta.callsite());
        let is_task = callsite.is_some_and(|callsite| callsite.kind == CallsiteKind::Task);
        self.begins.push(Begin { ns, activity, place, name, is_task, end });
    }

    /// Pairs beginnings and ends.
    pub(super) fn pair(mut self, contents: Contents<'_>, shared: &mut Shared) {
        // Stable, all: at one time those of a thread stay in order, and those of threads by their number.
        self.begins.sort_by_key(|begin| begin.ns);
        self.ends.sort_by_key(|end| end.ns);
        self.appended.sort_by_key(|&(_, ns, _)| ns);
        let begins = self.begins.iter().enumerate();
        let mut open: HashMap<u64, usize> = begins.map(|(at, begin)| (begin.activity, at)).collect();
        let carried = &contents.known.carried;
        for &end in carried.ends() {
            if self.end(&mut open, end) {
                continue;
            }
            // It can be in what another thread writes for long.
            if carried.goes_on() && shared.seam.ends.len() < MOST_OPEN {
                shared.seam.ends.push(end);
            } else {
                shared.unmatched_ends += 1;
            }
        }
        for end in std::mem::take(&mut self.ends) {
            if !self.end(&mut open, end) {
                self.end_elsewhere(contents, shared, end);
            }
        }
        if carried.goes_on() {
            let begun = open.values().map(|&at| &self.begins[at]);
            shared.seam.begun.extend(begun.map(|begin| (begin.activity, begin.ns, begin.place)));
            let ended = |begin: &Begin| {
                let (activity, (ns, flags)) = (begin.activity, begin.end?);
                Some((activity, Ending { ns, activity, flags }))
            };
            shared.seam.ended.extend(self.begins.iter().filter_map(ended));
            let ended = &shared.seam.ended;
            let goes_on = |(activity, ..): &&(u64, u64, Place)| {
                !ended.contains_key(activity) && carried.ended(*activity).is_none()
            };
            shared.seam.appended = self.appended.iter().filter(goes_on).copied().collect();
        }
        self.name_tasks(contents);
        self.into_tracks(contents, shared);
    }

    /// Ends an activity that began here; `false` if there is none that is open.
    fn end(&mut self, open: &mut HashMap<u64, usize>, end: Ending) -> bool {
        let Some(begin) = open.remove(&end.activity).and_then(|at| self.begins.get_mut(at)) else { return false };
        // The clocks of two processors can differ by a little.
        begin.end = Some((end.ns.max(begin.ns), end.flags));
        true
    }

    /// Ends an activity that didn't begin here.
    fn end_elsewhere(&mut self, contents: Contents<'_>, shared: &mut Shared, end: Ending) {
        let (carried, Ending { ns, activity, flags }) = (&contents.known.carried, end);
        let begun = carried.start(activity).filter(|_| shared.seam.ended.insert(activity, end).is_none());
        if let Some(start) = begun {
            let place = Place::Carried(activity, 0);
            return self.begin(contents, start, activity, place, Some((ns.max(start), flags)));
        }
        // Activities below this one, of the same session, can have begun before the recording does.
        let from = contents.recorded.activities_from;
        if carried.goes_on() {
            shared.seam.ends.push(end);
        } else if activity >= from || wire::epoch_of(activity) != wire::epoch_of(from) {
            shared.unmatched_ends += 1;
        } else {
            shared.earlier_ends += 1;
        }
        shared.lone_ends.insert(activity, (ns, flags));
    }

    /// Says the names of tasks that were made at run time: their polls have none.
    fn name_tasks(&self, contents: Contents<'_>) {
        let has_name = |begin: &&Begin| match contents.record(begin.place) {
            Some(Record::ActivityBegin { values, .. }) => begin.is_task && name_in(values).is_some(),
            _ => false,
        };
        let named = self.begins.iter().filter(has_name);
        contents.known.name_tasks(named.map(|begin| (begin.activity, begin.name.clone())).collect());
    }

    /// Sorts the activities and tasks by their names.
    fn into_tracks(self, contents: Contents<'_>, shared: &mut Shared) {
        let mut named: BTreeMap<(bool, String), Builder> = BTreeMap::new();
        let mut appended: HashMap<u64, Vec<(u64, Place)>> = HashMap::new();
        for begin in &self.begins {
            let before = contents.known.carried.appended(begin.activity);
            if !before.is_empty() {
                let places = (1..).map(|at| Place::Carried(begin.activity, at));
                appended.entry(begin.activity).or_default().extend(before.iter().map(|added| added.ns).zip(places));
            }
        }
        for &(activity, ns, place) in &self.appended {
            appended.entry(activity).or_default().push((ns, place));
        }
        for &Begin { ns, activity, place, ref name, is_task, end } in &self.begins {
            let track = named.entry((is_task, name.clone())).or_default();
            track.add(ns, place, end, appended.remove(&activity).unwrap_or_default());
        }
        for (start, end, place, name) in self.measured {
            named.entry((false, name)).or_default().add(start, place, Some((end, Flags::NONE)), Vec::new());
        }
        shared.keys = self.keys;
        for ((is_task, name), Builder { items, kinds }) in named {
            let latest = kinds.iter().map(|kind| kind.latest()).max().unwrap_or(0);
            shared.activities.push(Activities { items, steps: in_time_order(kinds.into_iter()), latest });
            shared.tracks.push((if is_task { TrackKind::Task } else { TrackKind::Activity }, name));
        }
    }
}

/// The items of a track that is being made.
#[derive(Default)]
struct Builder {
    items: Vec<(Place, Flags)>,
    kinds: Vec<ItemKind>,
}

impl Builder {
    fn add(&mut self, start: u64, place: Place, end: Option<(u64, Flags)>, appended: Vec<(u64, Place)>) {
        let of = small(self.items.len());
        self.items.push((place, end.map_or(Flags::INCOMPLETE, |(_, flags)| flags)));
        self.kinds.push(ItemKind::Span { start, end: end.map(|(ns, _)| ns) });
        for (ns, place) in appended {
            self.items.push((place, Flags::NONE));
            self.kinds.push(ItemKind::Append { ns, of });
        }
    }
}

/// Gives the events of a track of activities in time order.
#[derive(Debug)]
pub(super) struct ActivityEvents<'a> {
    contents: Contents<'a>,
    items: &'a [(Place, Flags)],
    steps: slice::Iter<'a, Step>,
    end: u64,
}

impl<'a> Iterator for ActivityEvents<'a> {
    type Item = (Event<'a>, Place);

    fn next(&mut self) -> Option<(Event<'a>, Place)> {
        let &Step { item, what } = self.steps.next()?;
        let &(place, flags) = self.items.get(item as usize)?;
        let event = match what {
            What::Begin { ns, span } => Event::Begin { ns, span, meta: self.contents.meta(place)? },
            What::End { ns, span } => Event::End { ns: ns.unwrap_or(self.end), span, flags },
            What::Append { ns, span } => Event::Append { ns, span, meta: self.contents.meta(place)? },
            What::Instant { .. } | What::Sample { .. } => return None,
        };
        Some((event, place))
    }
}

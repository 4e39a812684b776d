//! What the rows of an exported trace are: whose they are, what they are called, and the row of what was lost.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashSet};

use crate::trace::{Cause, Read, Tables, Trace, TraceBuilder, Track, TrackId, TrackKind, Value};

/// Ids of rows that are no thread's begin here: above those that systems give threads, and within 31 bits, which is
/// what readers keep.
const FIRST_EXTRA: u32 = 1 << 30;

/// Of how many callsites it is said how many of their events were lost.
const CALLSITES: usize = 20;

/// The process of a trace and the ids of its rows.
#[derive(Debug)]
pub(super) struct Rows {
    /// Readers take process 0 for the idle one.
    pub(super) pid: u32,
    used: HashSet<u32>,
    extra: u32,
}

impl Rows {
    pub(super) fn new(tables: &Tables) -> Self {
        Self { pid: tables.process.pid.max(1), used: HashSet::new(), extra: FIRST_EXTRA }
    }

    /// The id of a track's row: that of its thread, unless an earlier thread had the same one.
    pub(super) fn of_track(&mut self, track: &Track) -> u32 {
        match track.kind {
            TrackKind::Thread { os_tid } if (1..FIRST_EXTRA).contains(&os_tid) && self.used.insert(os_tid) => os_tid,
            _ => self.extra(),
        }
    }

    /// The id of one more row.
    pub(super) fn extra(&mut self) -> u32 {
        self.extra += 1;
        self.extra - 1
    }
}

/// The name of a track behind those of the tracks that it belongs to.
pub(super) fn full_name(tracks: &[Track], track: &Track) -> String {
    let above = |track: &&Track| track.parent.and_then(|parent| tracks.get(parent.index()));
    let names = std::iter::successors(Some(track), above).take(tracks.len()).map(|track| track.name.as_str());
    let mut names: Vec<&str> = names.collect();
    names.reverse();
    names.join(" / ")
}

/// The name of an extra row of a track.
pub(super) fn lane_name(track: &str, lane: usize) -> String {
    format!("{track} (lane {})", lane + 1)
}

/// A part of a recording that is missing, on the track of this name.
#[derive(Debug)]
pub(super) struct Hole {
    pub(super) track: String,
    pub(super) ns: u64,
    pub(super) end: u64,
}

/// What is not in a recording, as events of a track of its own; `None` if nothing is missing.
pub(super) fn lost(recording: &impl Read, holes: &[Hole]) -> Option<(Trace, TrackId)> {
    let tables = recording.tables();
    if tables.losses.is_empty() && holes.is_empty() {
        return None;
    }
    let mut builder = TraceBuilder::default();
    let track = builder.add_track("lost events", TrackKind::Device { ordinal: 0 }, None).ok()?;
    let mut end = 0;
    // A slice for each cause: threads that lose events do so at the same time, and would need a row each.
    for cause in Cause::ALL {
        let losses = || tables.losses.iter().filter(move |loss| loss.cause == cause);
        let Some(first) = losses().map(|loss| loss.first).min() else { continue };
        let last = losses().map(|loss| loss.last).max().unwrap_or(first);
        let threads: HashSet<_> = losses().map(|loss| loss.track).collect();
        let mut callsites: BTreeMap<&str, u64> = BTreeMap::new();
        for loss in losses() {
            let callsite = loss.callsite.and_then(|id| tables.callsite(id));
            *callsites.entry(callsite.map_or("unknown", |callsite| &callsite.name)).or_default() += loss.count;
        }
        let mut callsites: Vec<_> = callsites.into_iter().map(|(name, count)| (format!("of {name}"), count)).collect();
        callsites.sort_by_key(|&(_, count)| Reverse(count));
        let mut args = vec![
            ("count", Value::U64(tables.losses.by_cause(cause))),
            ("cause", Value::Str(cause.name().into())),
            ("threads", Value::U64(threads.len() as u64)),
        ];
        args.extend(callsites.iter().take(CALLSITES).map(|(name, count)| (name.as_str(), Value::U64(*count))));
        builder.span(track, &format!("lost: {cause}"), first, Some(last), &args).ok()?;
        end = end.max(last);
    }
    for hole in holes {
        let args = [("thread", Value::Str(hole.track.as_str().into()))];
        builder.span(track, "missing part", hole.ns, Some(hole.end), &args).ok()?;
        end = end.max(hole.end);
    }
    let totals = [
        ("late", tables.losses.late()),
        ("damaged words", tables.losses.damaged_words()),
        ("missing sections", tables.losses.missing_sections()),
        ("unmatched ends", tables.losses.unmatched_ends()),
    ];
    for (name, count) in totals.into_iter().filter(|&(_, count)| count > 0) {
        builder.instant(track, name, end, &[("count", Value::U64(count))]).ok()?;
    }
    Some((builder.build(), track))
}

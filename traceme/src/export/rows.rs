//! What the rows of an exported trace are: whose they are, what they are called, and what was lost on them.

use std::cmp::Reverse;
use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, HashSet};
use std::time::Duration;

use crate::trace::{Cause, Loss, Read, Tables, Trace, TraceBuilder, Track, TrackId, TrackKind, Value};

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

/// What is not in a recording, as events.
#[derive(Debug)]
pub(super) struct Lost {
    pub(super) trace: Trace,
    /// The totals, on a track of their own.
    pub(super) totals: TrackId,
    /// For each track of the recording that lost events: which one it is, and the track with its gaps.
    pub(super) gaps: BTreeMap<TrackId, TrackId>,
}

/// What is not in a recording; `None` if nothing is missing.
pub(super) fn lost(recording: &impl Read, holes: &[Hole]) -> Option<Lost> {
    let tables = recording.tables();
    if tables.losses.is_empty() && tables.missed_alerts == 0 && holes.is_empty() {
        return None;
    }
    let mut builder = TraceBuilder::default();
    let totals = add_track(&mut builder)?;
    let end = causes(tables, &mut builder, totals).max(holes.iter().map(|hole| hole.end).max().unwrap_or(0));
    for hole in holes {
        let args = [("thread", Value::Str(hole.track.as_str().into()))];
        builder.span(totals, "missing part", hole.ns, Some(hole.end), &args).ok()?;
    }
    let counts = [
        ("late", tables.losses.late()),
        ("damaged words", tables.losses.damaged_words()),
        ("missing sections", tables.losses.missing_sections()),
        ("unmatched ends", tables.losses.unmatched_ends()),
        ("missed alerts", tables.missed_alerts),
    ];
    for (name, count) in counts.into_iter().filter(|&(_, count)| count > 0) {
        builder.instant(totals, name, end, &[("count", Value::U64(count))]).ok()?;
    }
    let mut gaps = BTreeMap::new();
    for loss in tables.losses.lost() {
        let known = loss.track.filter(|track| track.index() < recording.tracks().len());
        let track = match known.map(|track| gaps.entry(track)) {
            Some(Entry::Occupied(gaps)) => *gaps.get(),
            Some(Entry::Vacant(gaps)) => *gaps.insert(add_track(&mut builder)?),
            None => totals,
        };
        gap(tables, loss, &mut builder, track);
    }
    Some(Lost { trace: builder.build(), totals, gaps })
}

fn add_track(builder: &mut TraceBuilder) -> Option<TrackId> {
    builder.add_track("lost events", TrackKind::Device { ordinal: 0 }, None).ok()
}

/// A slice for each cause, from its first event to its last; gives the time of the latest. Not one for each thread: threads
/// that lose events do so at the same time, and would need a row each.
fn causes(tables: &Tables, builder: &mut TraceBuilder, totals: TrackId) -> u64 {
    let mut end = 0;
    for &cause in Cause::ALL {
        let losses = || tables.losses.lost().filter(move |loss| loss.cause == cause);
        let Some(first) = losses().map(|loss| loss.first).min() else { continue };
        let last = losses().map(|loss| loss.last).max().unwrap_or(first);
        let threads: HashSet<_> = losses().map(|loss| loss.track).collect();
        let mut callsites: BTreeMap<String, u64> = BTreeMap::new();
        for loss in losses() {
            let callsite = callsite_name(tables, loss).unwrap_or_else(|| "unknown".into());
            *callsites.entry(format!("of {callsite}")).or_default() += loss.count;
        }
        let mut callsites: Vec<_> = callsites.iter().collect();
        callsites.sort_by_key(|&(_, count)| Reverse(count));
        let mut args = vec![
            ("count", Value::U64(tables.losses.by_cause(cause))),
            ("cause", Value::Str(cause.name().into())),
            ("threads", Value::U64(threads.len() as u64)),
        ];
        args.extend(callsites.into_iter().take(CALLSITES).map(|(name, &count)| (name.as_str(), Value::U64(count))));
        // The track is there, and takes spans: so below.
        let _ = builder.span(totals, &format!("lost: {cause}"), first, Some(last), &args);
        end = end.max(last);
    }
    end
}

/// An instant where events of one callsite begin to be missing: as a slice it would have to lie within the spans around it.
fn gap(tables: &Tables, loss: &Loss, builder: &mut TraceBuilder, track: TrackId) {
    let callsite = callsite_name(tables, loss);
    let mut args = vec![
        ("count", Value::U64(loss.count)),
        ("cause", Value::Str(loss.cause.name().into())),
        ("for", Value::Duration(Duration::from_nanos(loss.last.saturating_sub(loss.first)))),
    ];
    args.extend(callsite.as_ref().map(|name| ("callsite", Value::Str(name.as_str().into()))));
    let _ = builder.instant(track, &format!("gap: {}", loss.cause), loss.first, &args);
}

/// What a loss's callsite is called. `None` if it is not known.
fn callsite_name(tables: &Tables, loss: &Loss) -> Option<String> {
    Some(tables.callsite(loss.callsite?)?.title())
}

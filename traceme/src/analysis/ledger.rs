//! What is not in a recording, by cause.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};

use super::summary::{CauseSummary, LossSummary, NameCount, sum};
use crate::callsite::Callsite;
use crate::trace::{CallsiteId, Cause, Tables, TrackId};

pub(super) fn most_first(names: impl Iterator<Item = NameCount>) -> Vec<NameCount> {
    let mut all: Vec<_> = names.collect();
    all.sort_by(|a, b| (Reverse(a.estimated), &a.name).cmp(&(Reverse(b.estimated), &b.name)));
    all
}

pub(super) fn lost_by_track(tables: &Tables) -> HashMap<TrackId, u64> {
    let mut lost: HashMap<TrackId, u64> = HashMap::new();
    for loss in tables.losses.lost() {
        if let Some(track) = loss.track {
            let count = lost.entry(track).or_default();
            *count = count.saturating_add(loss.count);
        }
    }
    lost
}

pub(super) fn losses(tables: &Tables, recorded: u64) -> LossSummary {
    let mut causes: BTreeMap<Cause, (u64, u64, BTreeMap<String, u64>)> = BTreeMap::new();
    for loss in tables.losses.lost() {
        let (first, last, names) = causes.entry(loss.cause).or_insert_with(|| (u64::MAX, 0, BTreeMap::new()));
        (*first, *last) = (loss.first.min(*first), loss.last.max(*last));
        let count = names.entry(callsite_name(tables, loss.callsite)).or_default();
        *count = count.saturating_add(loss.count);
    }
    let mut causes: Vec<_> = causes
        .into_iter()
        .map(|(cause, (first, last, names))| CauseSummary {
            cause,
            count: sum(names.values().copied()),
            first,
            last,
            callsites: most_first(names.into_iter().map(|(name, count)| NameCount { name, count, estimated: count })),
        })
        .collect();
    causes.sort_by_key(|cause| (Reverse(cause.count), cause.cause));
    LossSummary {
        recorded,
        lost: tables.losses.total(),
        left_out: tables.losses.left_out(),
        causes,
        late: tables.losses.late(),
        damaged_words: tables.losses.damaged_words(),
        missing_sections: tables.losses.missing_sections(),
        unmatched_ends: tables.losses.unmatched_ends(),
    }
}

fn callsite_name(tables: &Tables, id: Option<CallsiteId>) -> String {
    id.and_then(|id| tables.callsite(id)).map_or_else(|| "unknown callsite".into(), Callsite::title)
}

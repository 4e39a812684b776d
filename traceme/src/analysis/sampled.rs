//! What sampling left out, by name, and what follows for the figures of a name.

use std::collections::BTreeMap;

use crate::callsite::CallsiteKind;
use crate::trace::{Cause, Tables};

/// What sampling left out of a recording.
#[derive(Debug, Default)]
pub(super) struct LeftOut {
    /// Of spans and activities.
    pub(super) spans: BTreeMap<String, u64>,
    pub(super) tasks: BTreeMap<String, u64>,
    pub(super) instants: BTreeMap<String, u64>,
    /// Whether this is all that was left out where the events were recorded.
    is_exact: bool,
}

impl LeftOut {
    pub(super) fn of(tables: &Tables) -> Self {
        let mut left_out = Self { is_exact: tables.counts_left_out, ..Self::default() };
        for loss in tables.losses.iter().filter(|loss| loss.cause == Cause::Sampled) {
            let Some(callsite) = loss.callsite.and_then(|id| tables.callsite(id)) else { continue };
            let names = match callsite.kind {
                CallsiteKind::Instant => &mut left_out.instants,
                CallsiteKind::Task => &mut left_out.tasks,
                _ => &mut left_out.spans,
            };
            *names.entry(callsite.name.clone()).or_default() += loss.count;
        }
        left_out
    }

    /// How many events of a name there were, of which so many are recorded, stand for so many, and were left out: exact where
    /// all that was left out is counted. Where it isn't, or was counted for longer than events are kept, what they stand for.
    pub(super) fn estimate(&self, recorded: u64, weight: u64, left_out: Option<&u64>) -> u64 {
        if self.is_exact { recorded.saturating_add(left_out.copied().unwrap_or(0)) } else { weight.max(recorded) }
    }
}

/// A sum over events that stand for `weight`, of all `estimated`.
pub(super) fn scaled(sum: u64, estimated: u64, weight: u64) -> u64 {
    if estimated == weight || weight == 0 {
        return sum;
    }
    u64::try_from(u128::from(sum) * u128::from(estimated) / u128::from(weight)).unwrap_or(u64::MAX)
}

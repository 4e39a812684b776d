//! The same as the hot path, whatever comes: a thread's first event, a full chunk, a panic, another clock.

use crate::instrument::value::AnyValues;
use crate::record::args::Out;
use crate::record::clock;
use crate::record::loss::Cause;
use crate::record::owner;
use crate::record::thread::Local;
use crate::record::wire::{self, BEGIN};

/// Writes an event, or counts it as lost or late: see [`span`](super::span).
#[cold]
#[inline(never)]
pub(super) fn write(word: u64, kind: u64, target: Option<u64>, values: &dyn AnyValues) -> u64 {
    Local::with(|local| {
        let id = wire::id_of(word);
        let Some(_busy) = local.enter() else {
            owner::lose(local, Cause::Reentrant, id);
            return 0;
        };
        if local.epoch.get() != wire::epoch_of(word) && !owner::join(local, wire::epoch_of(word), id) {
            return 0;
        }
        let words = 1 + usize::from(target.is_some()) + values.total_words();
        let Some(mut place) = local.place(words).or_else(|| owner::refill(local, words, id)) else { return 0 };
        let mut out = Out::new(place.behind_head(words));
        if let Some(target) = target {
            out.word(target);
        }
        values.put_all(&mut out);
        let ticks = place.last.max(clock::now());
        let mut time = ticks.wrapping_sub(place.base);
        if wire::is_far(time) {
            // There is room: `place` keeps it for this.
            (place, time) = (owner::rebase(local, ticks, words).unwrap_or(place), 0);
        }
        let key = wire::key(word, place.depth as u64, place.committed.events());
        if kind == BEGIN && !local.push(place.depth, key, ticks, std::thread::panicking()) {
            owner::lose(local, Cause::TooDeep, id);
            return 0;
        }
        place.commit(local, wire::head(kind, id, time), words, 1, ticks);
        if kind == BEGIN { key } else { 0 }
    })
}

/// Ends a span at `now`.
#[cold]
#[inline(never)]
pub(super) fn exit(key: u64, now: u64) {
    Local::with(|local| {
        // Inside the recorder an END can't be written: the span stays open.
        if let Some(_busy) = local.enter() {
            owner::end(local, key, now);
        }
    });
}

//! The same as the hot path, whatever comes: a thread's first event, a full chunk, a panic, another clock.

use crate::instrument::value::AnyValues;
use crate::record::args::Out;
use crate::record::clock;
use crate::record::loss::Cause;
use crate::record::owner;
use crate::record::thread::{Local, Place};
use crate::record::wire::{self, ACTIVITY_END, BEGIN, MAX_DEPTH, WEIGHT};

/// Writes an event, or counts it as lost or late: see [`span`](super::span). One that stands for others, which sampling left
/// out, has its weight in front.
#[cold]
#[inline(never)]
pub(super) fn write(word: u64, kind: u64, target: u64, values: &dyn AnyValues) -> u64 {
    Local::with(|local| {
        let (field, sampled) = (wire::id_of(word), word);
        // An end's flags are no callsite.
        let id = if kind == ACTIVITY_END { 0 } else { field };
        let word = word & !wire::WEIGHED;
        let Some(_busy) = local.enter() else {
            owner::lose(local, Cause::Reentrant, id);
            return 0;
        };
        if local.epoch.get() != wire::epoch_of(word) && !owner::join(local, wire::epoch_of(word), id) {
            return 0;
        }
        let entry = local.sampled(sampled);
        let weight = entry.map_or(1, |entry| entry.choose(local, id));
        let weight_words = usize::from(weight > 1);
        let words = weight_words + 1 + usize::from(wire::has_target(kind)) + values.total_words();
        let Some(mut place) = local.place(words).or_else(|| owner::refill(local, words, id)) else { return 0 };
        if kind == BEGIN && place.depth == MAX_DEPTH {
            owner::lose(local, Cause::TooDeep, id);
            return 0;
        }
        let fill = |place: &Place| {
            let (weight, event) = place.record(words)?.split_at_checked(weight_words)?;
            let (head, rest) = event.split_first()?;
            let mut out = Out::new(rest);
            if wire::has_target(kind) {
                out.word(target);
            }
            values.put_all(&mut out);
            Some((weight, head))
        };
        let Some(mut record) = fill(&place) else { return 0 };
        let ticks = place.last.max(clock::now());
        if wire::is_far(ticks.wrapping_sub(place.base)) {
            // There is room: `place` keeps it for this.
            owner::rebase(local, ticks);
            place = local.place_of_end();
            let Some(behind) = fill(&place) else { return 0 };
            record = behind;
        }
        let (weight_word, head) = record;
        wire::put(head, wire::head(kind, field, ticks - place.base));
        if let (Some(entry), [at]) = (entry, weight_word) {
            wire::put(at, wire::head(WEIGHT, 0, weight - 1));
            entry.weigh(weight);
        }
        let mut key = target;
        if kind == BEGIN {
            key = place.key();
            local.push(place.depth, key, id, ticks, std::thread::panicking());
        }
        place.commit(local, words, 1, ticks);
        key
    })
}

/// Gives the span of this key, which has just begun, a limit in ns; gives the key for its guard.
pub(super) fn limit(key: u64, limit: u64) -> u64 {
    if key == 0 {
        return 0;
    }
    // Not inside the recorder: nothing that a signal handler records has to be lost for it.
    Local::with(|local| local.set_limit(key, limit));
    key | wire::ALERT
}

/// Ends a span at `now` on the processor's counter.
#[cold]
#[inline(never)]
pub(super) fn exit(key: u64, now: u64) {
    owner::end(key, now, false);
}

/// Ends a span that has failed.
pub(super) fn fail(key: u64, now: u64) {
    owner::end(key, now, true);
}

//! What is changed of a session while it runs: what it records, and how long spans may take.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::callsite::{self, CallsiteKind};
use crate::filter::{Filter, Pattern};
use crate::record::limits;
use crate::record::places;
use crate::record::recorder::{CURRENT, Current, LEVEL, STAMP, while_current};
use crate::record::selection::Selection;
use crate::record::thread::Local;
use crate::sync::lock;

/// Has the session of this number record what `filter` lets through, from here on. With `only_after` only if the change to
/// that stamp was the last one. Gives the filter that held before, and the stamp of the change; `None` if nothing was changed.
pub(crate) fn set_filter(epoch: u64, filter: Arc<Filter>, only_after: Option<u64>) -> Option<(Arc<Filter>, u64)> {
    let change = |before: &Selection| {
        let is_last = only_after.is_none_or(|stamp| stamp == before.stamp(epoch));
        is_last.then(|| before.with_filter(Arc::clone(&filter)))
    };
    let before = reselect(epoch, change, |selection| {
        // Relaxed, both: whoever finds its word stale looks the selection up under the lock that is held here.
        STAMP.store(selection.stamp(epoch), Ordering::Relaxed);
        // The level last: where `active` says yes, no callsite rests for what was before.
        places::wake();
        LEVEL.store(selection.highest(), Ordering::Relaxed);
    });
    before.map(|(before, stamp)| (Arc::clone(&before.filter), stamp))
}

/// Has the session of this number look at each span that takes `limit` ns or longer, of the callsites that match the pattern.
pub(crate) fn set_limit(epoch: u64, pattern: &Pattern, limit: u64) {
    // Inside the recorder: an allocator that traces would wait for the lock for ever.
    Local::with(|local| {
        let _busy = local.enter();
        // First for callsites that come, then for those that are there: one that comes meanwhile is among them, or finds it.
        reselect(epoch, |before| Some(before.with_limit(pattern.clone(), limit)), |_| {});
        let sites = callsite::registered().into_iter().zip(1..);
        let watched = sites.filter(|(site, _)| site.kind == CallsiteKind::Span && pattern.applies(*site));
        let watched: Vec<u32> = watched.map(|(_, id)| id).collect();
        while_current(epoch, |run| {
            watched.iter().for_each(|&id| limits::lower(id, limit));
            limits::lower_least(run.clock.ticks_in(limit));
        });
    });
}

/// Replaces what the session of this number records by what `change` makes of it, and runs `then` with that before anybody else
/// sees it. Gives what there was before, and the stamp of the change; `None` if the session has ended, or `change` gives none.
fn reselect(
    epoch: u64,
    change: impl Fn(&Selection) -> Option<Selection>,
    then: impl FnOnce(&Selection),
) -> Option<(Arc<Selection>, u64)> {
    // Inside the recorder: as above.
    Local::with(|local| {
        let _busy = local.enter();
        loop {
            let is_ours = |current: &&mut Current| current.run.epoch == epoch;
            let before = lock(&CURRENT).as_mut().filter(is_ours).map(|current| Arc::clone(&current.selection))?;
            // Made, and what it replaces freed, without the lock.
            let after = Arc::new(change(&before)?);
            let mut current = lock(&CURRENT);
            let current = current.as_mut().filter(is_ours)?;
            if Arc::ptr_eq(&current.selection, &before) {
                let stamp = after.stamp(epoch);
                then(&after);
                current.selection = after;
                return Some((before, stamp));
            }
        }
    })
}

//! What is changed of a session while it runs: what it records, and how long spans may take.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::callsite::{self, CallsiteKind};
use crate::filter::{Filter, Pattern};
use crate::record::limits;
use crate::record::places;
use crate::record::recorder::{CURRENT, LEVEL, STAMP, while_current};
use crate::record::thread::Local;
use crate::sync::lock;

/// Has the session of this number record what `filter` lets through, from here on. With `only_after` only if the change to
/// that stamp was the last one. Gives the filter that held before, and the stamp of the change; `None` if nothing was changed.
pub(crate) fn set_filter(epoch: u64, filter: Arc<Filter>, only_after: Option<u64>) -> Option<(Arc<Filter>, u64)> {
    // Inside the recorder: an allocator that traces would wait for the lock for ever.
    Local::with(|local| {
        let _busy = local.enter();
        let mut current = lock(&CURRENT);
        let current = current.as_mut().filter(|current| current.run.epoch == epoch)?;
        if only_after.is_some_and(|stamp| stamp != current.selection.stamp(epoch)) {
            return None;
        }
        let selection = Arc::new(current.selection.with_filter(filter));
        let (stamp, highest) = (selection.stamp(epoch), selection.highest());
        let before = std::mem::replace(&mut current.selection, selection);
        // Relaxed, both: whoever finds its word stale looks the selection up under the lock that is held here.
        STAMP.store(stamp, Ordering::Relaxed);
        LEVEL.store(highest, Ordering::Relaxed);
        places::wake();
        Some((Arc::clone(&before.filter), stamp))
    })
}

/// Has the session of this number look at each span that takes `limit` ns or longer, of the callsites that match the pattern.
pub(crate) fn set_limit(epoch: u64, pattern: &Pattern, limit: u64) {
    // Inside the recorder: as above.
    Local::with(|local| {
        let _busy = local.enter();
        // First for callsites that come, then for those that are there: one that comes meanwhile is among them, or finds it.
        if let Some(current) = lock(&CURRENT).as_mut().filter(|current| current.run.epoch == epoch) {
            current.selection = Arc::new(current.selection.with_limit(pattern.clone(), limit));
        }
        let sites = callsite::registered().into_iter().zip(1..);
        let watched = sites.filter(|(site, _)| site.kind == CallsiteKind::Span && pattern.applies(*site));
        let watched: Vec<u32> = watched.map(|(_, id)| id).collect();
        while_current(epoch, |run| {
            watched.iter().for_each(|&id| limits::lower(id, limit));
            limits::lower_least(run.clock.ticks_in(limit));
        });
    });
}

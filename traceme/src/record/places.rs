//! The callsites that the linker lists: which there are, and how they rest while they are known not to be recorded.
//!
//! One that rests costs user code a compare. It is its own first event that puts it to rest, under the lock of what is
//! recorded at present; whoever changes that wakes all, under the same lock. What the linker doesn't list can't be
//! woken, and so never rests: it asks the recorder each time.

use std::ptr;

use crate::callsite::{Callsite, CallsiteCell};
use crate::record::chunk::Reader;
use crate::record::fork;
use crate::record::os;
use crate::record::recorder::{self, CURRENT};
use crate::record::thread::Local;
use crate::record::wire::{self, Record};
use crate::sync::lock;

/// Whether [`wake`] wakes this one.
pub(super) fn is_listed(site: &'static CallsiteCell) -> bool {
    os::callsites().as_ptr_range().contains(&ptr::from_ref(site))
}

/// Has each callsite ask the recorder again. Called with the lock of what is recorded.
pub(super) fn wake() {
    os::callsites().iter().for_each(CallsiteCell::wake);
}

/// All callsites that are listed, and those that have run elsewhere; whether the session that runs records them, and how many
/// of their events it has.
pub(crate) fn all() -> Vec<(Callsite, bool, u64)> {
    let registered = recorder::callsites();
    // Inside the recorder: an allocator or a signal handler that traces would wait for the locks for ever.
    Local::with(|local| {
        let _busy = local.enter();
        let current = if fork::is_over() { None } else { lock(&CURRENT).clone() };
        let mut hits = vec![0; registered.len() + 1];
        let chunks = current.as_ref().map(|current| current.run.supply.with_held(|held| held.peek()));
        chunks.iter().flatten().for_each(|chunk| count(chunk, &mut hits));
        let selects = |site: &Callsite| current.as_ref().is_some_and(|current| current.selection.selects_copy(site));
        let hits = |id: usize| hits.get(id).copied().unwrap_or_default();

        let mut is_copy = vec![false; registered.len() + 1];
        let mut all = Vec::with_capacity(os::callsites().len());
        for cell in os::callsites() {
            let (site, id) = (cell.description().to_owned(), cell.id().unwrap_or_default() as usize);
            is_copy.get_mut(id).into_iter().for_each(|is_copy| *is_copy = true);
            all.push((selects(&site), hits(id), site));
        }
        // Those of activities without a macro stand nowhere.
        let others = registered.iter().zip(1..).filter(|(site, id)| !is_copy[*id] && site.line > 0);
        all.extend(others.map(|(&site, id)| (selects(site), hits(id), site.clone())));
        all.into_iter().map(|(is_selected, hits, site)| (site, is_selected, hits)).collect()
    })
}

/// Counts the events in a chunk, by the ids of their callsites.
fn count(chunk: &Reader, hits: &mut [u64]) {
    let mut words = chunk.words();
    let from = chunk.start().words();
    while let Some((record, length)) = wire::read(words) {
        let is_given_away = chunk.words().len() - words.len() < from;
        words = &words[length..];
        let (Record::Begin { id, .. }
        | Record::Instant { id, .. }
        | Record::Counter { id, .. }
        | Record::Append { id, .. }
        | Record::ActivityBegin { id, .. }) = record
        else {
            continue;
        };
        let hits = usize::try_from(id).ok().and_then(|id| hits.get_mut(id));
        hits.into_iter().filter(|_| !is_given_away).for_each(|hits| *hits += 1);
    }
}

//! Says in debug builds which guards are kept across an `.await`, where it compiles: tasks that come in between fall into their
//! spans.

use std::collections::BTreeSet;
use std::sync::Mutex;

use crate::record::recorder;
use crate::record::thread::Local;
use crate::record::wire;
use crate::sync::try_lock;
use crate::terminal::tell;

/// The callsites that were named.
static NAMED: Mutex<BTreeSet<u64>> = Mutex::new(BTreeSet::new());

/// Names those callsites whose spans began in the poll of this key and are open, though it ends and the task goes on: each
/// once in a process.
pub(super) fn name_once(poll: u64) {
    for id in Local::with(|local| open_inside(local, poll)) {
        // Without waiting: in a child made by `fork` nobody may be there to let go of it.
        if try_lock(&NAMED).is_some_and(|mut named| named.insert(id)) {
            name(id);
        }
    }
}

/// The callsites of the spans that are open inside of this one; none if it isn't open.
fn open_inside(local: &Local, key: u64) -> Vec<u64> {
    let at = wire::depth_of(key);
    let inside = if local.key_at(at) == key { at + 1..local.depth.get() } else { 0..0 };
    inside.map(|at| local.open_at(at).0.callsite).collect()
}

fn name(id: u64) {
    let at = usize::try_from(id).ok().and_then(|id| id.checked_sub(1));
    if let Some(site) = at.and_then(|at| recorder::callsites().get(at).copied()) {
        tell(format!(
            "the guard of span {:?} ({}) outlives a poll, as if it was kept across an `.await`: drop it before that, or what \
             else its thread does falls into the span",
            site.title(),
            site.place()
        ));
    }
}

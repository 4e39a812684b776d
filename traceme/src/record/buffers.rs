//! All buffers that were ever made, and what was counted in them.
//!
//! A thread takes a buffer at its first event. That may be a signal handler's, which has interrupted the allocator, or that of
//! an allocator with a lock of its own: so the lock of the list is held for a few words only, and nothing is allocated or
//! freed under it. Who sums up holds the ledger's, which threads take at their ends only.

use std::iter;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use crate::record::allowance::Count;
use crate::record::buffer::Buffer;
use crate::record::fork;
use crate::record::loss::{Ended, Lost};
use crate::sync::lock;

/// Counts threads; a number is never used again.
static THREADS: AtomicU64 = AtomicU64::new(1);

static LIST: Mutex<List> = Mutex::new(List { newest: None, free: None });

static LEDGER: Mutex<Ledger> = Mutex::new(Ledger { lost: Ended::new(), sampled: Vec::new(), has_sampled: false });

/// The buffers, and those that no thread owns: in these nothing is counted.
struct List {
    newest: Option<&'static Buffer>,
    free: Option<&'static Buffer>,
}

/// What threads that have ended have counted. A loss is found here or in a buffer, and never on its way: a thread that ends
/// holds the lock, and so does who looks at both.
struct Ledger {
    lost: Ended,
    /// At callsites that can be left out, by id; and whether a thread did that has ended since the last look.
    sampled: Vec<Count>,
    has_sampled: bool,
}

/// All that a `fork` holds.
pub(super) struct Held {
    ledger: MutexGuard<'static, Ledger>,
    list: MutexGuard<'static, List>,
}

/// A buffer for the calling thread, and the thread's number; `None` if the system gives no memory.
pub(super) fn take() -> Option<(&'static Buffer, u64)> {
    let buffer = take_free().or_else(make)?;
    // Relaxed: a number.
    let thread = THREADS.fetch_add(1, Ordering::Relaxed);
    // Release: whoever finds the number finds what was done to the buffer before. A session that reads it at this moment
    // finds nothing counted beside it.
    buffer.thread.store(thread, Ordering::Release);
    Some((buffer, thread))
}

fn take_free() -> Option<&'static Buffer> {
    let mut list = lock(&LIST);
    let buffer = list.free?;
    list.free = lock(&buffer.free).take();
    Some(buffer)
}

fn make() -> Option<&'static Buffer> {
    // Without the lock, which other threads wait for: the system takes its time.
    let buffer = Buffer::new()?;
    let mut list = lock(&LIST);
    // It is new, and has none before it yet.
    let _ = list.newest.is_none_or(|older| buffer.older.set(older).is_ok());
    list.newest = Some(buffer);
    Some(buffer)
}

/// The thread that owns this buffer ends.
pub(super) fn give_back(buffer: &'static Buffer) {
    let mut ledger = lock(&LEDGER);
    // Relaxed: only its thread stores it.
    let thread = buffer.thread.load(Ordering::Relaxed);
    ledger.lost.add(buffer.losses.take(Some(thread)));
    ledger.lost.add(buffer.sampled.left_out(thread, true));
    ledger.has_sampled |= buffer.sampled.count(&mut ledger.sampled);
    buffer.sampled.clear();
    buffer.losses.forget();
    // Relaxed: the lock is held that is held by all who look.
    buffer.thread.store(0, Ordering::Relaxed);
    let mut list = lock(&LIST);
    *lock(&buffer.free) = list.free.replace(buffer);
}

impl List {
    /// All that were there at this moment.
    fn all(&self) -> impl Iterator<Item = &'static Buffer> + use<> {
        iter::successors(self.newest, |buffer| buffer.older.get().copied())
    }
}

/// Those that threads own, with the numbers of these. To be called by who holds the ledger: none of them is given back.
fn owned() -> impl Iterator<Item = (&'static Buffer, u64)> {
    let all = lock(&LIST).all();
    // Acquire: pairs with the store of who takes it.
    let with_thread = all.map(|buffer| (buffer, buffer.thread.load(Ordering::Acquire)));
    with_thread.filter(|&(_, thread)| thread != 0)
}

/// The losses that threads have counted so far, those that have ended too.
pub(crate) fn losses() -> Vec<Lost> {
    let ledger = lock(&LEDGER);
    let alive = owned().flat_map(|(buffer, thread)| {
        buffer.losses.look(Some(thread)).into_iter().chain(buffer.sampled.left_out(thread, false))
    });
    ledger.lost.iter().chain(alive).collect()
}

/// Takes the losses that threads have counted, those that have ended too.
pub(crate) fn take_losses() -> Vec<Lost> {
    let mut ledger = lock(&LEDGER);
    let mut lost = ledger.lost.take();
    lost.extend(owned().flat_map(|(buffer, thread)| {
        buffer.losses.take(Some(thread)).into_iter().chain(buffer.sampled.left_out(thread, true))
    }));
    lost
}

/// Adds what threads have counted at callsites that can be left out, by id, also those that have ended; gives how many
/// threads have since the last call.
pub(crate) fn count_sampled(counts: &mut Vec<Count>) -> u64 {
    let mut ledger = lock(&LEDGER);
    let known = counts.len().max(ledger.sampled.len());
    counts.clear();
    counts.extend_from_slice(&ledger.sampled);
    counts.resize(known, Count::default());
    let alive: u64 = owned().map(|(buffer, _)| u64::from(buffer.sampled.count(counts))).sum();
    // Those that have ended are taken for one: perhaps each began when another one had ended.
    alive + u64::from(std::mem::take(&mut ledger.has_sampled))
}

/// Keeps all others from looking at the buffers, and from taking one or giving it back, until it is dropped.
pub(super) fn hold() -> Held {
    let ledger = lock(&LEDGER);
    Held { ledger, list: lock(&LIST) }
}

impl Held {
    /// In a process made by `fork`, where none of the parent's threads is: what they owned stays as it is, and is nobody's.
    pub(super) fn forget_parent(&mut self) {
        fork::leak(std::mem::replace(&mut self.ledger.lost, Ended::new()));
        // Relaxed, both: there is no other thread. Looked at first: what is stored to is a page that the child has to copy.
        let owned = self.list.all().filter(|buffer| buffer.thread.load(Ordering::Relaxed) != 0);
        owned.for_each(|buffer| buffer.thread.store(0, Ordering::Relaxed));
    }
}

//! The rarer turns of a thread: its first event in a session, a full chunk, an END out of order, its end.
//!
//! All of it runs inside the recorder (`Local::enter`), and none of it panics, prints or waits for another
//! thread, but for the moment that a mutex guards a few words.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};

use crate::record::alert::{Alert, Due};
use crate::record::allowance::Count;
use crate::record::args::{MAX_TEXT, MAX_VALUES, Out, text_words};
use crate::record::buffer::Buffer;
use crate::record::chunk::{WORDS, Writer};
use crate::record::clock;
use crate::record::ends::EndFlags;
use crate::record::fork;
use crate::record::limits;
use crate::record::loss::{Cause, Ended, Lost};
use crate::record::os;
use crate::record::recorder::{self, Run};
use crate::record::supply::NoChunk;
use crate::record::thread::{Local, Place, RESERVED_WORDS};
use crate::record::time::Anchor;
use crate::record::wire::{self, CLOCK, CLOCK_WORDS, END, MAX_DEPTH, Section};
use crate::sync::lock;

thread_local! {
    /// What the thread gives back when it ends.
    static OWNER: RefCell<Option<Owner>> = const { RefCell::new(None) };
}

/// Counts threads; a number is never used again.
static THREADS: AtomicU64 = AtomicU64::new(1);

static BUFFERS: Mutex<Buffers> = Mutex::new(Buffers {
    owned: Vec::new(),
    free: Vec::new(),
    lost: Ended::new(),
    sampled: Vec::new(),
    has_sampled: false,
});

/// All buffers that were ever made: those that threads own, and the others, in which nothing is counted. Who looks at the
/// counts doesn't look at these, of which there are as many as threads were ever alive at a time.
pub(crate) struct Buffers {
    owned: Vec<&'static Buffer>,
    free: Vec<&'static Buffer>,
    /// The losses of threads that have ended. Under the same lock: a sweep finds a loss here or in a buffer, and never
    /// on its way.
    lost: Ended,
    /// What these threads have counted at callsites that can be left out, by id; and whether one did that has ended since
    /// the last look.
    sampled: Vec<Count>,
    has_sampled: bool,
}

impl Buffers {
    /// The thread that owns this buffer ends, or has.
    fn take_back(&mut self, buffer: &'static Buffer) {
        // Relaxed: only its thread stores it.
        let thread = buffer.thread.load(Ordering::Relaxed);
        self.lost.add(buffer.losses.take(Some(thread)));
        self.lost.add(buffer.sampled.left_out(thread, true));
        self.has_sampled |= buffer.sampled.count(&mut self.sampled);
        buffer.sampled.clear();
        if let Some(at) = self.owned.iter().position(|&owned| std::ptr::eq(owned, buffer)) {
            self.owned.swap_remove(at);
        }
        self.free.push(buffer);
    }
}

struct Owner {
    run: Arc<Run>,
    writer: Option<Writer>,
    buffer: &'static Buffer,
    section: Section,
}

impl Owner {
    fn new(run: Arc<Run>) -> Self {
        let mut buffers = lock(&BUFFERS);
        let buffer = buffers.free.pop().unwrap_or_else(|| Box::leak(Box::new(Buffer::new())));
        buffers.owned.push(buffer);
        buffer.losses.forget();
        drop(buffers);
        // Relaxed, both: numbers. A session that reads the second one at this moment finds no losses beside it.
        let thread = THREADS.fetch_add(1, Ordering::Relaxed);
        buffer.thread.store(thread, Ordering::Relaxed);
        let section =
            Section { sequence: 0, thread, os_id: os::thread_id(), name: Vec::new(), base: Anchor::default() };
        Self { run, writer: None, buffer, section }
    }
}

impl Drop for Owner {
    /// The thread ends: its last words go to the session, the rest of its chunk to the next thread.
    fn drop(&mut self) {
        if fork::is_over() {
            // Nothing is given back: the locks may be held by threads that are not there.
            fork::leak((Arc::clone(&self.run), self.writer.take()));
            return;
        }
        Local::with(|local| {
            // The destructor runs outside the recorder: nothing that it interrupts is inside.
            let _busy = local.enter();
            local.torn_down.set(true);
            local.leave();
            local.set_buffer(None);
            // Under the lock: a session that has stopped would never let go of the writer.
            let writer = self.writer.take().inspect(|writer| writer.leave_at(local.last.get()));
            recorder::while_current(self.run.epoch, |run| writer.map(|writer| run.supply.leave(writer)));
            lock(&BUFFERS).take_back(self.buffer);
        });
    }
}

/// Runs `f` with what the thread owns in `run`; `None` once the thread is torn down.
fn with_owner<R>(run: Option<&Arc<Run>>, f: impl FnOnce(&mut Owner) -> R) -> Option<R> {
    let with = |slot: &RefCell<Option<Owner>>| {
        let mut slot = slot.try_borrow_mut().ok()?;
        if slot.is_none() {
            *slot = Some(Owner::new(Arc::clone(run?)));
        }
        slot.as_mut().map(f)
    };
    OWNER.try_with(with).ok().flatten()
}

/// Joins the session `epoch`; if it has ended, or the thread has, the event is counted, and `false`.
#[cold]
#[inline(never)]
pub(crate) fn join(local: &Local, epoch: u64, callsite: u64) -> bool {
    let run = recorder::current().filter(|run| run.epoch == epoch);
    if !local.torn_down.get() {
        match &run {
            Some(run) if join_run(local, run) => return true,
            Some(_) => {}
            None => {
                recorder::count_late(1);
                return false;
            }
        }
    }
    lose(local, Cause::Teardown, callsite);
    false
}

/// Joins whatever session there is, for an event that is still to come.
#[cold]
#[inline(never)]
pub(crate) fn join_any(local: &Local) {
    if let (Some(run), false) = (recorder::current(), local.torn_down.get()) {
        join_run(local, &run);
    }
}

fn join_run(local: &Local, run: &Arc<Run>) -> bool {
    local.leave();
    let joined = with_owner(Some(run), |owner| {
        // What the thread wrote for the last session after that had stopped is late.
        owner.writer = None;
        owner.run = Arc::clone(run);
        owner.section.sequence = 0;
        owner.section.name = os::thread_name();
        local.join(run.epoch, owner.buffer, clock::is_counter());
    });
    local.torn_down.set(joined.is_none());
    joined.is_some()
}

/// Goes on in another chunk, which has room for `words` words behind its first record; if there is none the
/// event is counted as lost, and `None`.
#[cold]
#[inline(never)]
pub(crate) fn refill(local: &Local, words: usize, callsite: u64) -> Option<Place> {
    let depth = local.depth.get();
    let refilled = with_owner(None, |owner| {
        let needed = owner.section.words(depth) + words + RESERVED_WORDS;
        let supply = &owner.run.supply;
        let writer = match supply.adopt(needed) {
            Some(writer) => writer,
            // A session that has stopped doesn't take the counts any more, but the next one would.
            None => supply.take(owner.section.thread).map_err(|error| match recorder::epoch() == owner.run.epoch {
                true => error,
                false => NoChunk::Stopped,
            })?,
        };
        if let Some(full) = &owner.writer {
            full.leave_at(local.last.get());
        }
        let anchor = clock::anchor_once();
        owner.section.base = Anchor { ticks: anchor.ticks.max(local.last.get()), ..anchor };
        let committed = writer.committed();
        let chunk = writer.chunk();
        writer.begin_section();
        let open = (0..depth).map(|at| local.open_at(at).0);
        owner.section.write(open, &mut Out::new(&chunk.words()[committed.words()..]));
        let behind = committed.plus(owner.section.words(depth), 0);
        local.go_on(chunk, behind, owner.section.sequence, owner.section.base.ticks);
        owner.section.sequence += 1;
        owner.writer = Some(writer);
        Ok(())
    });
    match refilled {
        Some(Ok(())) => return local.place(words),
        Some(Err(NoChunk::Stopped)) => recorder::count_late(1),
        Some(Err(NoChunk::Full)) => lose(local, Cause::Full, callsite),
        Some(Err(NoChunk::Pinned)) => lose(local, Cause::Pinned, callsite),
        None => lose(local, Cause::Teardown, callsite),
    }
    None
}

/// Counts an event as lost.
#[cold]
#[inline(never)]
pub(crate) fn lose(local: &Local, cause: Cause, callsite: u64) {
    let ticks = clock::now();
    match local.buffer() {
        // Perhaps for an older session than the one that takes the counts: each is reported once all the same.
        Some(buffer) => buffer.losses.add(cause, callsite, ticks),
        None => recorder::homeless_losses().add(cause, callsite, ticks),
    }
}

/// Sets a new base for times, `ticks`, which is too far from the old one; `false` if there is no room.
#[cold]
#[inline(never)]
pub(crate) fn rebase(local: &Local, ticks: u64) -> bool {
    let place = local.place_of_end();
    let Some(record) = place.record(CLOCK_WORDS).filter(|_| CLOCK_WORDS + place.depth <= place.free()) else {
        return false;
    };
    let mut out = Out::new(record);
    out.word(wire::head(CLOCK, 0, 0));
    out.word(ticks);
    out.word(clock::anchor_once().ns);
    local.go_on_behind(place.committed.plus(CLOCK_WORDS, 0), ticks);
    true
}

/// Ends the span of a guard's key, innermost or not, at `now`.
pub(crate) fn end(local: &Local, guard: u64, now: u64, failed: bool) {
    let key = guard & !wire::ALERT;
    if local.epoch.get() != wire::epoch_of(key) {
        return; // of another session, or the thread is torn down
    }
    let ticks = local.last.get().max(now);
    if wire::is_far(ticks.wrapping_sub(local.base.get())) && !rebase(local, ticks) {
        return; // the buffer has been full for long: the span stays open
    }
    let place = local.place_of_end();
    let time = ticks - place.base;
    let depth = wire::depth_of(key);
    let open = depth < place.depth && local.key_at(depth) == key;
    let panicked = std::thread::panicking() && !(open && local.open_at(depth).1);
    let alert = alert_of(local, guard, ticks);
    let flags = EndFlags { panicked, failed, alerted: alert.is_some(), ..EndFlags::default() };
    let [head, detached] = wire::end_detached(key, flags, time);
    let (words, head) = match open {
        true if depth + 1 == place.depth && flags == EndFlags::default() => (1, wire::head(END, 0, time)),
        // Those inside it leave the stack too: they were forgotten, or their guards are dropped later.
        true => (1, wire::end_at(depth, flags, time)),
        false => (2, head),
    };
    if !open && place.free() < words + place.depth {
        return; // the word that was kept for this END went with the stack: the span stays open
    }
    let Some(record) = place.record(words) else { return };
    if let Some(alert) = alert {
        with_owner(None, |owner| owner.run.alerts.send(alert));
    }
    let mut out = Out::new(record);
    out.word(head);
    out.word(detached); // no room for it unless it is wanted
    if open {
        local.depth.set(depth);
    }
    place.commit(local, words, 0, ticks);
    if let Some(alert) = alert {
        alert.due.settle();
    }
}

/// The alert of the span of this guard, which ends in `ticks`, if it took as long as a limit: its own, or that of its
/// callsite. A span that left the stack before it ends is known for as long as no other has taken its place there.
fn alert_of(local: &Local, guard: u64, ticks: u64) -> Option<Alert> {
    let key = guard & !wire::ALERT;
    let (span, _) = local.open_at(wire::depth_of(key));
    let own = if guard == key { limits::NONE } else { local.limit_of(key) };
    let limit = limits::of(span.callsite).min(own);
    // Mostly there is none: the end of a span for which there is no room, or which is out of order.
    if span.key != key || guard == key && limit == limits::NONE {
        return None;
    }
    let over = with_owner(None, |owner| {
        let duration = owner.run.clock.ns_after(ticks.saturating_sub(span.start));
        let (due, os_tid) = (Due::next(&owner.buffer.alerted), owner.section.os_id);
        let (callsite, began) = (span.callsite, span.start);
        (duration >= limit).then_some(Alert { callsite, duration, limit, began, ended: ticks, os_tid, due })
    });
    over.flatten()
}

/// The losses that threads have counted so far, those that have ended too.
pub(crate) fn losses() -> Vec<Lost> {
    let buffers = lock(&BUFFERS);
    let alive = buffers.owned.iter().flat_map(|buffer| {
        // Relaxed: as below.
        let thread = buffer.thread.load(Ordering::Relaxed);
        buffer.losses.look(Some(thread)).into_iter().chain(buffer.sampled.left_out(thread, false))
    });
    buffers.lost.iter().chain(alive).collect()
}

/// Takes the losses that threads have counted, those that have ended too.
pub(crate) fn take_losses() -> Vec<Lost> {
    let mut buffers = lock(&BUFFERS);
    let mut lost = buffers.lost.take();
    lost.extend(buffers.owned.iter().flat_map(|buffer| {
        // Relaxed: a number; a buffer that has its owner since this moment has no losses yet.
        let thread = buffer.thread.load(Ordering::Relaxed);
        buffer.losses.take(Some(thread)).into_iter().chain(buffer.sampled.left_out(thread, true))
    }));
    lost
}

/// Adds what threads have counted at callsites that can be left out, by id, also those that have ended; gives how many
/// threads have since the last call.
pub(crate) fn count_sampled(counts: &mut Vec<Count>) -> u64 {
    let mut buffers = lock(&BUFFERS);
    let known = counts.len().max(buffers.sampled.len());
    counts.clear();
    counts.extend_from_slice(&buffers.sampled);
    counts.resize(known, Count::default());
    let alive: u64 = buffers.owned.iter().map(|buffer| u64::from(buffer.sampled.count(counts))).sum();
    // Those that have ended are taken for one: perhaps each began when another one had ended.
    alive + u64::from(std::mem::take(&mut buffers.has_sampled))
}

/// The list of buffers, which nobody else reads or changes until the guard is dropped.
pub(crate) fn hold() -> MutexGuard<'static, Buffers> {
    lock(&BUFFERS)
}

/// In a process made by `fork`: of the parent's threads none is there, and this one has no session.
pub(crate) fn forget_parent(local: &Local, buffers: &mut Buffers) {
    buffers.owned.clear();
    fork::leak(std::mem::replace(&mut buffers.lost, Ended::new()));
    if local.buffer().is_some() {
        // As it is: the session that it belongs to can be half changed by a thread that is not there.
        fork::leak(OWNER.try_with(|owner| owner.try_borrow_mut().ok()?.take()));
    }
    local.leave();
    local.set_buffer(None);
}

/// The words of the largest event, and of the largest record in front of it: a name has 63 bytes or less.
const LARGEST_EVENT: usize = 5 + (2 * MAX_VALUES - 1) * text_words(MAX_TEXT);
const LARGEST_SECTION: usize = wire::section_words(63, MAX_DEPTH);
#[cfg(not(loom))]
const _: () = assert!(LARGEST_SECTION + LARGEST_EVENT + RESERVED_WORDS <= WORDS, "no event is too large for a chunk");
const _: () = assert!(MAX_DEPTH < 256, "a THREAD record counts the open spans in 8 bits");

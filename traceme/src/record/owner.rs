//! The rarer turns of a thread: its first event in a session, a full chunk, an END out of order, its end.
//!
//! All of it runs inside the recorder (`Local::enter`), and none of it panics, prints or waits for another
//! thread, but for the moment that a mutex guards a few words.

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use crate::record::alert::{Alert, Due};
use crate::record::args::{MAX_TEXT, MAX_VALUES, Out, text_words};
use crate::record::buffer::Buffer;
use crate::record::buffers;
use crate::record::chunk::{WORDS, Writer};
use crate::record::clock;
use crate::record::ends::EndFlags;
use crate::record::fork;
use crate::record::limits;
use crate::record::loss::Cause;
use crate::record::name::Name;
use crate::record::os;
use crate::record::recorder::{self, Run};
use crate::record::supply::NoChunk;
use crate::record::thread::{Local, Place, RESERVED_WORDS};
use crate::record::time::Anchor;
use crate::record::trial;
use crate::record::wire::{self, CLOCK, CLOCK_WORDS, END, MAX_DEPTH, Section};

thread_local! {
    /// What the thread gives back when it ends. Without a destructor, which the call at the end isn't: see
    /// `os::at_thread_end`.
    static OWNER: RefCell<ManuallyDrop<Option<Owner>>> = const { RefCell::new(ManuallyDrop::new(None)) };
}

struct Owner {
    /// Never the last one, which `recorder` drops: a thread may come from it to the next session in a signal handler that has
    /// interrupted the allocator.
    run: Arc<Run>,
    writer: Option<Writer>,
    buffer: &'static Buffer,
    section: Section,
}

impl Owner {
    /// `None` if the system gives no memory.
    fn new(run: Arc<Run>) -> Option<Self> {
        let (buffer, thread) = buffers::take()?;
        let (os_id, name, base) = (os::thread_id(), Name::default(), Anchor::default());
        os::at_thread_end(end_thread);
        Some(Self { run, writer: None, buffer, section: Section { sequence: 0, thread, os_id, name, base } })
    }
}

/// The thread ends: its last words go to the session, the rest of its chunk to the next thread.
fn end_thread() {
    Local::with(|local| {
        // Called outside the recorder: nothing that it interrupts is inside.
        let _busy = local.enter();
        let owner = OWNER.with(|owner| owner.try_borrow_mut().ok()?.take());
        let last = local.last.get();
        local.torn_down.set(true);
        local.leave();
        local.set_buffer(None);
        if fork::is_over() {
            // Nothing is given back: the locks may be held by threads that are not there.
            return fork::leak(owner);
        }
        let Some(Owner { run, writer, buffer, .. }) = owner else { return };
        // Under the lock: a session that has stopped would never let go of the writer.
        let writer = writer.inspect(|writer| writer.leave_at(last));
        recorder::while_current(run.epoch, |run| writer.map(|writer| run.supply.leave(writer)));
        buffers::give_back(buffer);
    });
}

/// Runs `f` with what the thread owns; `None` before it has joined a session, and once it is torn down.
fn with_owner<R>(f: impl FnOnce(&mut Owner) -> R) -> Option<R> {
    // Not `with`, which holds what it takes to panic, and is not inlined here.
    OWNER.try_with(|owner| owner.try_borrow_mut().ok()?.as_mut().map(f)).ok()?
}

/// Joins the session `epoch`; if it has ended, or the thread has, the event is counted, and `false`.
#[cold]
#[inline(never)]
pub(crate) fn join(local: &Local, epoch: u64, callsite: u64) -> bool {
    let cause = match recorder::current().filter(|run| run.epoch == epoch) {
        _ if local.torn_down.get() => Cause::Teardown,
        Some(run) if join_run(local, &run) => return true,
        Some(_) => Cause::Full,
        // What a trial writes was never attempted.
        None if trial::is_trials(epoch) => return false,
        None => {
            recorder::count_late(1);
            return false;
        }
    };
    lose(local, cause, callsite);
    false
}

/// The thread lets go of a session that has stopped: what it wrote for that behind the stop is late, from now on.
pub(super) fn let_go(local: &Local) {
    local.leave();
    with_owner(|owner| owner.writer = None);
}

/// Joins whatever session there is, for an event that is still to come.
#[cold]
#[inline(never)]
pub(crate) fn join_any(local: &Local) {
    if let (Some(run), false) = (recorder::current(), local.torn_down.get()) {
        join_run(local, &run);
    }
}

/// `false` if the system gives no memory.
fn join_run(local: &Local, run: &Arc<Run>) -> bool {
    local.leave();
    let joined = OWNER.with(|owner| {
        let mut owner = owner.try_borrow_mut().ok()?;
        let owner = match &mut **owner {
            Some(owner) => owner,
            none => none.insert(Owner::new(Arc::clone(run))?),
        };
        // It can come back to the same session, from a trial: then its sections go on.
        if owner.run.epoch != run.epoch {
            // What the thread wrote for the last session after that had stopped is late.
            owner.writer = None;
            owner.run = Arc::clone(run);
            owner.section.sequence = 0;
        }
        owner.section.name = os::thread_name();
        local.join(run.epoch, owner.buffer, clock::is_counter());
        Some(())
    });
    joined.is_some()
}

/// Goes on in another chunk, which has room for `words` words behind its first record; if there is none the
/// event is counted as lost, and `None`.
#[cold]
#[inline(never)]
pub(crate) fn refill(local: &Local, words: usize, callsite: u64) -> Option<Place> {
    let depth = local.depth.get();
    let refilled = with_owner(|owner| {
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
    // Relaxed: only this thread stores it. A trial's buffer is nobody's, and is never looked at.
    match local.buffer().filter(|buffer| buffer.thread.load(Ordering::Relaxed) != 0) {
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

/// Ends the span of a guard's key, innermost or not, at `now` on the processor's counter.
pub(crate) fn end(guard: u64, now: u64, failed: bool) {
    Local::with(|local| {
        // Inside the recorder an END can't be written: the span stays open.
        if let Some(_busy) = local.enter() {
            end_at(local, guard, if clock::is_counter() { now } else { clock::now() }, failed);
        }
    });
}

fn end_at(local: &Local, guard: u64, now: u64, failed: bool) {
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
        with_owner(|owner| owner.run.alerts.send(alert));
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
    let over = with_owner(|owner| {
        let duration = owner.run.clock.ns_after(ticks.saturating_sub(span.start));
        let (due, os_tid) = (Due::next(&owner.buffer.alerted), owner.section.os_id);
        let (callsite, began) = (span.callsite, span.start);
        (duration >= limit).then_some(Alert { callsite, duration, limit, began, ended: ticks, os_tid, due })
    });
    over.flatten()
}

/// In a process made by `fork`: this thread has no session.
pub(crate) fn forget_parent(local: &Local) {
    if local.buffer().is_some() {
        // As it is: the session that it belongs to can be half changed by a thread that is not there.
        fork::leak(OWNER.with(|owner| owner.try_borrow_mut().ok()?.take()));
    }
    local.leave();
    local.set_buffer(None);
}

/// The words of the largest event, and of the largest record in front of it.
const LARGEST_EVENT: usize = 5 + (2 * MAX_VALUES - 1) * text_words(MAX_TEXT);
const LARGEST_SECTION: usize = wire::section_words(Name::MOST, MAX_DEPTH);
#[cfg(not(loom))]
const _: () = assert!(LARGEST_SECTION + LARGEST_EVENT + RESERVED_WORDS <= WORDS, "no event is too large for a chunk");
const _: () = assert!(MAX_DEPTH < 256, "a THREAD record counts the open spans in 8 bits");

//! The hot path: all that a span, an instant, a sample costs.
//!
//! Inlined into user code are a load, a test and a branch on the way in ([`CallsiteCell::is_awake`]), a test and a
//! branch on the way out. The rest is out of line. While recording it reads the clock last on the way in and
//! first on the way out, and stores a word each time; what it does around that hides behind the clock's latency.
//!
//! Every event that [`recorder::admit`] lets pass is in a chunk, or is counted as lost or late, exactly once.

use std::marker::PhantomData;

use crate::callsite::CallsiteCell;
use crate::instrument::slowly;
use crate::instrument::value::{Values, put_all, total_words};
use crate::level::Level;
use crate::record::args::Out;
use crate::record::clock;
use crate::record::limits;
use crate::record::recorder::{self, Settle};
use crate::record::sampling;
use crate::record::thread::Local;
use crate::record::wire::{self, APPEND, BEGIN, COUNTER, END, INSTANT, has_target};

/// Whether callsites of this level are recorded, or nobody has decided yet whether to record.
#[inline(always)]
pub(crate) fn active(level: Level) -> bool {
    Level::is_compiled_in(level.get()) && recorder::active(level.get())
}

/// A span that is open: it ends when the guard is dropped.
///
/// The guard stays on its thread: a span is part of one thread's nesting.
#[must_use = "the span ends when its guard is dropped: bind it, `let guard = span!(..)`"]
#[derive(Debug)]
pub struct SpanGuard {
    /// The span's key, with [`wire::ALERT`] if it has a limit; 0 if nothing is recorded.
    key: u64,
    /// Not `Send`: ending a span on another thread would break the nesting of both.
    thread: PhantomData<*const ()>,
}

impl SpanGuard {
    /// A guard of no span.
    #[doc(hidden)]
    pub const INERT: Self = Self { key: 0, thread: PhantomData };

    /// Ends the span now.
    #[inline(always)]
    pub fn stop(self) {}

    /// Whether the span is being recorded.
    #[inline(always)]
    pub fn is_recorded(&self) -> bool {
        self.key != 0
    }

    /// The span's key.
    pub(super) fn key(&self) -> u64 {
        self.key & !wire::ALERT
    }
}

impl Drop for SpanGuard {
    #[inline(always)]
    fn drop(&mut self) {
        if self.key != 0 {
            end(self.key);
        }
    }
}

// What user code calls is `#[cold]`, so that the way around it is laid out first and keeps its registers; but nothing
// is inlined into cold functions, so that the work is in functions of their own.

/// Begins a span. The macros come here, and to [`recorder::admit`], by way of the session's environment.
///
/// What is left out is counted here, and all else goes on in functions of its own: so nothing has to be saved for that. The
/// thread's state comes first, because to look for it counts as a call: what is known before has to be saved.
#[inline(always)]
pub(crate) fn begin<S: Settle>(site: &'static CallsiteCell) -> SpanGuard {
    Local::with(|local| {
        let (word, stamp) = (site.word(), S::stamp());
        match word ^ stamp {
            rest if !wire::is_id(rest) => match local.leave_out(rest, stamp) {
                true => SpanGuard::INERT,
                false => begin_slowly::<S>(site),
            },
            0 => SpanGuard::INERT,
            _ => begin_admitted(local, word),
        }
    })
}

#[inline(never)]
fn begin_admitted(local: &Local, word: u64) -> SpanGuard {
    SpanGuard { key: write_on::<BEGIN, _>(local, word, 0, &()), thread: PhantomData }
}

#[cold]
#[inline(never)]
fn begin_slowly<S: Settle>(site: &'static CallsiteCell) -> SpanGuard {
    match sampling::admit_slowly::<S>(site) {
        0 => SpanGuard::INERT,
        word => SpanGuard { key: slowly::write(word, BEGIN, 0, &()), thread: PhantomData },
    }
}

/// Begins a span with values.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn enter_with<V: Values>(word: u64, values: V) -> SpanGuard {
    SpanGuard { key: write_with::<BEGIN, _>(word, 0, &values), thread: PhantomData }
}

/// The guard of a span that has begun, with which the span is flagged, and told to the session's handlers, if it takes
/// `limit` ns or longer.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn alert(mut guard: SpanGuard, limit: u64) -> SpanGuard {
    guard.key = slowly::limit(guard.key, limit);
    guard
}

/// Ends a span that has failed.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn fail(mut guard: SpanGuard) {
    let now = clock::counter();
    slowly::fail(std::mem::take(&mut guard.key), now);
}

/// Records an instant.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn instant<V: Values>(word: u64, values: V) {
    write_with::<INSTANT, _>(word, 0, &values);
}

/// Records a counter's sample.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn sample<V: Values>(word: u64, value: V) {
    write_with::<COUNTER, _>(word, 0, &value);
}

/// Adds values to the span `target`.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn append<V: Values>(word: u64, target: u64, values: V) {
    write_with::<APPEND, _>(word, target, &values);
}

/// [`write`], once for each kind and list of types.
#[inline(never)]
pub(super) fn write_with<const KIND: u64, V: Values>(word: u64, target: u64, values: &V) -> u64 {
    write::<KIND, V>(word, target, values)
}

/// Writes an event of the kind: its head, its target if it has one, its values. Gives the key of a span that begins,
/// the target of other events; 0 if the event is lost.
///
/// This is the usual way: on a thread that has joined the session, in a chunk that has room. It calls nothing
/// and keeps nothing across calls; all else begins again in [`slowly::write`].
#[inline(always)]
pub(super) fn write<const KIND: u64, V: Values>(word: u64, target: u64, values: &V) -> u64 {
    Local::with(|local| write_on::<KIND, V>(local, word, target, values))
}

/// The same on a thread whose state is at hand.
#[inline(always)]
fn write_on<const KIND: u64, V: Values>(local: &Local, word: u64, target: u64, values: &V) -> u64 {
    // First: a signal handler could join another session between a look at this one and the rest.
    let Some(busy) = local.enter() else { return slowly::write(word, KIND, target, values) };
    if local.hot_epoch.get() != wire::epoch_of(word) || std::thread::panicking() {
        drop(busy);
        return slowly::write(word, KIND, target, values);
    }
    let words = 1 + usize::from(has_target(KIND)) + total_words(values);
    let place = local.place(words);
    let (Some(place), Some((head, rest))) = (place, place.and_then(|place| place.record(words)?.split_first())) else {
        drop(busy);
        return slowly::write(word, KIND, target, values);
    };
    let mut out = Out::new(rest);
    if has_target(KIND) {
        out.word(target);
    }
    put_all(values, &mut out);
    let ticks = place.last.max(clock::counter());
    let time = ticks.wrapping_sub(place.base);
    let (id, key) = (wire::id_of(word), place.key());
    if wire::is_far(time) || KIND == BEGIN && !local.push(place.depth, key, id, ticks, false) {
        drop(busy);
        return slowly::write(word, KIND, target, values);
    }
    wire::put(head, wire::head(KIND, id, time));
    place.commit(local, words, 1, ticks);
    if KIND == BEGIN { key } else { target }
}

/// Ends a span; like [`write`], the usual way only.
#[cold]
#[inline(never)]
pub(super) fn end(key: u64) {
    let now = clock::counter();
    Local::with(|local| {
        let Some(busy) = local.enter() else { return };
        let (innermost, since) = local.innermost_since();
        let usual = innermost == key && local.hot_epoch.get() == wire::epoch_of(key);
        if !usual || std::thread::panicking() {
            drop(busy);
            return slowly::exit(key, now);
        }
        let place = local.place_of_end();
        let ticks = place.last.max(now);
        let time = ticks.wrapping_sub(place.base);
        let is_unusual = wire::is_far(time) || limits::may_be_reached(ticks.wrapping_sub(since));
        let (false, Some([head])) = (is_unusual, place.record(1)) else {
            drop(busy);
            return slowly::exit(key, now);
        };
        wire::put(head, wire::head(END, 0, time));
        local.depth.set(place.depth - 1);
        place.commit(local, 1, 0, ticks);
    });
}

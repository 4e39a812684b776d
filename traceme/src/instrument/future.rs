//! Tasks: futures, each recorded from its making to its end, with each of its polls.
//!
//! A task is an activity, and each poll a span of the thread that polls, inside whatever is open there. Both are of one
//! callsite, and the poll tells whose it is. What the wrapper keeps for that are two words, whatever the task carries:
//! its metadata was written when it began.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::task::{Context, Poll};

use pin_project_lite::pin_project;

use crate::instrument::across_await;
use crate::instrument::span;
use crate::instrument::value::{Sealed, Values};
use crate::record::args::Out;
use crate::record::ends::EndFlags;
use crate::record::numbers;
use crate::record::recorder;
use crate::record::sampling;
use crate::record::thread::Local;
use crate::record::value::tag;
use crate::record::wire::{self, ACTIVITY_BEGIN, ACTIVITY_END, BEGIN};

thread_local! {
    /// The task that this thread polls or drops, with [`FAILED`], and which span was innermost when it began to, as
    /// [`innermost_of`] says it: the poll, if that is recorded.
    static POLLED: Cell<(u64, u64)> = const { Cell::new((0, 0)) };
}

/// Set in the id of the task that is polled once it has said that it failed.
const FAILED: u64 = 1 << 63;

/// In the second word of a task: the callsite's id is lowest, then come these.
const SITE: u64 = (1 << crate::callsite::ID_BITS) - 1;
const SKIPS_POLLS: u64 = 1 << 18;
const WAS_PANICKING: u64 = 1 << 19;
const IS_SAMPLED: u64 = 1 << 20;
/// The future is being dropped: the task is in [`POLLED`], and what was there before is in its two words, from
/// [`OUTER_SHIFT`] on.
const IS_DROPPED: u64 = 1 << 21;
const OUTER_SHIFT: u32 = 24;

/// Names a task that is being recorded, for [`append!`](crate::append): `#[traceme(span = s)]` gives an async function its
/// own.
///
/// It is a number to be copied: any thread can add metadata by it, as long as the task goes on.
#[derive(Clone, Copy, Debug)]
pub struct TaskSpan {
    /// 0 if nothing is recorded.
    id: u64,
    about: u64,
}

impl TaskSpan {
    /// A task that is not recorded.
    #[doc(hidden)]
    pub const INERT: Self = Self { id: 0, about: 0 };

    /// Whether the task is being recorded.
    #[inline(always)]
    pub fn is_recorded(&self) -> bool {
        self.id != 0
    }

    /// The task's number in this process; 0 if it is not recorded.
    #[inline(always)]
    pub fn id(&self) -> u64 {
        self.id
    }
}

/// Begins a task.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn begin_task<V: Values>(word: u64, skips_polls: bool, values: V) -> TaskSpan {
    begin(word, skips_polls, values)
}

/// Out of line, and with nothing of it out of line again: it has to hide behind the clock.
#[inline(never)]
fn begin<V: Values>(word: u64, skips_polls: bool, values: V) -> TaskSpan {
    let session = word & !wire::WEIGHED;
    let parent = POLLED.get().0 & !FAILED;
    let parent = if wire::epoch_of(parent) == wire::epoch_of(session) { parent } else { 0 };
    let id = span::write::<ACTIVITY_BEGIN, _>(word, numbers::begin_activity(session), &(OfTask(parent), values));
    if id == 0 {
        // Its beginning is lost: so is the rest.
        return TaskSpan::INERT;
    }
    let sampled = if word == session { 0 } else { IS_SAMPLED };
    TaskSpan { id, about: wire::id_of(word) | if skips_polls { SKIPS_POLLS } else { 0 } | sampled }
}

/// Has the task, which is polled on this thread, end as failed.
#[doc(hidden)]
#[cold]
#[inline(never)]
pub fn fail_task(task: &TaskSpan) {
    let (id, key) = POLLED.get();
    if id == task.id && id != 0 {
        POLLED.set((id | FAILED, key));
    }
}

/// The task that the thread polls or drops, if nothing that has begun in there is open.
pub(super) fn innermost_task() -> Option<u64> {
    let (id, innermost) = POLLED.get();
    let id = id & !FAILED;
    (id != 0 && innermost == innermost_of(id)).then_some(id)
}

/// The thread's innermost span, by its key within the session that the task is of; 0 if there is none.
fn innermost_of(id: u64) -> u64 {
    let key = Local::with(Local::innermost);
    if wire::epoch_of(key) == wire::epoch_of(id) { wire::within_session(key) } else { 0 }
}

/// A task among the values of what is about it.
struct OfTask(u64);

impl Sealed for OfTask {
    #[inline(always)]
    fn tag(&self) -> u64 {
        tag::TASK
    }

    #[inline(always)]
    fn words(&self) -> usize {
        1
    }

    #[inline(always)]
    fn put(&self, out: &mut Out<'_>) {
        out.word(self.0);
    }
}

pin_project! {
    /// A future that is recorded as a task: made by [`traced!`](crate::traced) and [`TracedExt`](crate::TracedExt).
    ///
    /// It is `Send`, `Sync` and `Unpin` exactly if the future is, and 16 bytes larger. Where recording is compiled out it is
    /// the future itself.
    #[must_use = "futures do nothing unless you `.await` or poll them"]
    pub struct Traced<F> {
        #[pin]
        future: F,
        // Behind the future: what that drops is inside the task.
        task: Life,
    }

    impl<F> PinnedDrop for Traced<F> {
        fn drop(this: Pin<&mut Self>) {
            this.project().task.begin_drop();
        }
    }
}

impl<F> Traced<F> {
    /// What runs as this task.
    #[doc(hidden)]
    #[inline(always)]
    pub fn new(task: Life, future: F) -> Self {
        Self { future, task }
    }

    /// Polls it; with what that gives it may be through.
    #[inline(always)]
    pub(super) fn poll_with<T>(
        self: Pin<&mut Self>,
        poll: impl FnOnce(Pin<&mut F>) -> T,
        is_through: impl FnOnce(&T) -> bool,
    ) -> T {
        let this = self.project();
        if this.task.0.id == 0 {
            return poll(this.future);
        }
        let mut polled = Polled::of(this.task);
        polled.begin();
        let result = poll(this.future);
        polled.is_through = Some(is_through(&result));
        result
    }

    #[cfg(feature = "futures")]
    #[inline(always)]
    pub(super) fn inner(&self) -> &F {
        &self.future
    }
}

impl<F: Future> Future for Traced<F> {
    type Output = F::Output;

    #[inline]
    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<F::Output> {
        self.poll_with(|future| future.poll(context), Poll::is_ready)
    }
}

impl<F> fmt::Debug for Traced<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Traced").field("task", &self.task.0).finish_non_exhaustive()
    }
}

/// A task that has not ended: it is cancelled if this is dropped. It is there before its future is: what makes that can panic.
#[doc(hidden)]
#[must_use = "the task ends when this is dropped"]
#[derive(Debug)]
pub struct Life(pub(super) TaskSpan);

/// What keeps a task going that has begun.
#[doc(hidden)]
#[inline(always)]
pub fn begun(task: TaskSpan) -> Life {
    Life(task)
}

impl Life {
    /// Whether its session does; else nothing is recorded of it any more.
    fn goes_on(&mut self) -> bool {
        if wire::epoch_of(self.0.id) != recorder::epoch() {
            self.0 = TaskSpan::INERT;
        }
        self.0.is_recorded()
    }

    /// Begins to poll the future, or to drop it. Gives the key of the span in which that is, 0 if none is recorded, and what
    /// the thread polled before.
    fn enter(&self) -> (u64, (u64, u64)) {
        let TaskSpan { id, about } = self.0;
        let key = if about & SKIPS_POLLS == 0 { self.begin_span() } else { 0 };
        let innermost = if key == 0 { innermost_of(id) } else { wire::within_session(key) };
        (key, POLLED.replace((id, innermost)))
    }

    fn begin_span(&self) -> u64 {
        let TaskSpan { id, about } = self.0;
        if about & IS_SAMPLED != 0 {
            sampling::count_poll(about & SITE);
        }
        // Of the session that the id is of.
        let word = wire::activity(id, 0) | about & SITE;
        let key = span::write_with::<BEGIN, _>(word, 0, &(OfTask(id), ()));
        Local::with(|local| local.set_task(key, id));
        key
    }

    #[inline(always)]
    pub(super) fn begin_drop(&mut self) {
        if self.0.id != 0 {
            self.begin_drop_recorded();
        }
    }

    #[cold]
    #[inline(never)]
    fn begin_drop_recorded(&mut self) {
        if !self.goes_on() {
            return;
        }
        let (key, (outer, innermost)) = self.enter();
        let was_panicking = if std::thread::panicking() { WAS_PANICKING } else { 0 };
        let no_span = if key == 0 { SKIPS_POLLS } else { 0 };
        self.0 = TaskSpan { id: outer, about: IS_DROPPED | was_panicking | no_span | innermost << OUTER_SHIFT };
    }

    /// The future has been dropped.
    fn end_drop(&mut self) {
        let TaskSpan { id: outer, about } = self.0;
        let (id, key) = POLLED.replace((outer, about >> OUTER_SHIFT));
        if about & SKIPS_POLLS == 0 {
            span::end(wire::activity(id, key));
        }
        self.0.id = id;
    }

    #[inline(always)]
    fn end(&mut self, flags: EndFlags) {
        let TaskSpan { id, .. } = std::mem::replace(&mut self.0, TaskSpan::INERT);
        if wire::epoch_of(id) == recorder::epoch() {
            span::write_with::<ACTIVITY_END, ()>(wire::activity(id, 0) | flags.bits(), id, &());
        }
    }
}

impl Drop for Life {
    #[inline(always)]
    fn drop(&mut self) {
        // Not the id: while the future was dropped that was another one, if any.
        if self.0.about != 0 {
            cancel(self);
        }
    }
}

/// Ends a task whose future was dropped.
#[cold]
#[inline(never)]
fn cancel(life: &mut Life) {
    let about = life.0.about;
    if about & IS_DROPPED != 0 {
        life.end_drop();
    }
    let panicked = std::thread::panicking() && about & WAS_PANICKING == 0;
    life.end(EndFlags { cancelled: true, panicked, ..EndFlags::default() });
}

/// A poll that goes on, once it has begun: it ends when this is dropped. It lies where the future is polled, and is not moved.
pub(super) struct Polled<'a> {
    life: &'a mut Life,
    /// Whether the task is recorded still.
    begun: bool,
    /// The key of its span; 0 if that is not recorded.
    key: u64,
    /// What the thread polled before.
    outer: (u64, u64),
    /// What it gave, unless it has panicked: whether the future is through.
    pub(super) is_through: Option<bool>,
}

impl<'a> Polled<'a> {
    #[inline(always)]
    pub(super) fn of(life: &'a mut Life) -> Self {
        Self { life, begun: false, key: 0, outer: (0, 0), is_through: None }
    }

    #[inline(never)]
    pub(super) fn begin(&mut self) {
        if !self.life.goes_on() {
            return;
        }
        self.begun = true;
        (self.key, self.outer) = self.life.enter();
    }

    #[inline(never)]
    fn end(&mut self) {
        let (polled, _) = POLLED.replace(self.outer);
        if self.key != 0 {
            if cfg!(debug_assertions) && self.is_through == Some(false) {
                across_await::name_once(self.key);
            }
            span::end(self.key);
        }
        let failed = polled & FAILED != 0;
        match self.is_through {
            Some(false) => {}
            Some(true) => self.life.end(EndFlags { failed, ..EndFlags::default() }),
            None => self.life.end(EndFlags { failed, panicked: true, ..EndFlags::default() }),
        }
    }
}

impl Drop for Polled<'_> {
    #[inline(always)]
    fn drop(&mut self) {
        if self.begun {
            self.end();
        }
    }
}

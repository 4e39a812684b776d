//! What becomes of the recorder in a process made by `fork`.
//!
//! The child has a copy of all memory, and one thread. So whoever forks first takes the recorder's locks: then no other
//! thread is in the middle of what they guard. The channels of a session have no lock to take. The child keeps its copy of
//! the parent's session as it is, for ever: it sends nothing, takes nothing, drops nothing. It records nothing either,
//! unless the session lets children record; then the child's first callsite starts one of its own.
//!
//! A `fork` from inside the recorder (a signal handler that interrupts it, an allocator that traces) takes no lock, for
//! the thread may hold it. That child never records again, and never waits.
//!
//! The order of locks: the gate, the recorder's `LIFE` and `CURRENT`, the ledger, the buffers, the callsites, the pool.
//! What a supply keeps is locked behind `CURRENT`, and not taken here. All are taken inside the recorder
//! (`Local::enter`), so that a thread which is not inside holds none.

use std::cell::Cell;
use std::mem::ManuallyDrop;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{LazyLock, Mutex, MutexGuard};

use crate::callsite::{self, Callsite};
use crate::category::Category;
use crate::error::Error;
use crate::filter::Filter;
use crate::record::buffers;
use crate::record::chunk::Recorded;
use crate::record::os;
use crate::record::owner;
use crate::record::pool::{Free, Pool};
use crate::record::recorder::{self, CURRENT, Config, Current, HOMELESS, LIFE, Life, Recording};
use crate::record::running::View;
use crate::record::supply::WhenFull;
use crate::record::thread::Local;
use crate::sync::{lock, try_lock};

/// How many forks there are between this process and the first one.
static FORKS: AtomicU64 = AtomicU64::new(0);
/// Whether the process was made from inside the recorder.
static OVER: AtomicBool = AtomicBool::new(false);
/// Whether the parent's session lets this process record.
static FOLLOWS: AtomicBool = AtomicBool::new(false);
/// Held by those above the recorder while they hold locks of their own.
static GATE: Mutex<()> = Mutex::new(());

thread_local! {
    /// How many forks of this thread are going on: more than one if a signal handler forks during a fork.
    static FORKING: Cell<u32> = const { Cell::new(0) };
    /// Whether the thread has the gate.
    static APART: Cell<bool> = const { Cell::new(false) };
    /// What the thread holds meanwhile; nothing if it was inside the recorder.
    static HELD: Cell<Option<ManuallyDrop<Held>>> = const { Cell::new(None) };
}

/// All locks; dropped from the last one taken to the first.
struct Held {
    _pool: MutexGuard<'static, Free>,
    _callsites: MutexGuard<'static, Vec<&'static Callsite>>,
    buffers: buffers::Held,
    current: MutexGuard<'static, Option<Current>>,
    life: MutexGuard<'static, Life>,
    _gate: MutexGuard<'static, ()>,
}

impl Held {
    fn take() -> Self {
        LazyLock::force(&HOMELESS);
        let gate = lock(&GATE);
        let life = lock(&LIFE);
        let current = lock(&CURRENT);
        let buffers = buffers::hold();
        let callsites = callsite::hold();
        let pool = Pool::global().free();
        Self { _pool: pool, _callsites: callsites, buffers, current, life, _gate: gate }
    }
}

/// How many forks there are between this process and the first one: what was made at another number is the parent's.
pub(crate) fn forks() -> u64 {
    // Relaxed: it changes while the process has one thread.
    FORKS.load(Ordering::Relaxed)
}

/// Whether this process can't record: its locks may be held by threads that are not there.
pub(crate) fn is_over() -> bool {
    // Relaxed: it changes while the process has one thread.
    OVER.load(Ordering::Relaxed)
}

/// Keeps a value for ever as it is: a thread of the parent may be in the middle of changing it.
pub(crate) fn leak<T>(value: T) {
    let _ = ManuallyDrop::new(value);
}

/// Sees to it that forks are prepared from now on. Called without any lock: the system has one of its own around this.
pub(crate) fn watch() -> Result<(), Error> {
    static WATCHES: AtomicBool = AtomicBool::new(false);
    // Relaxed, both: two threads that come here at once both see to it, which does no harm. Nobody waits for anybody,
    // who might not be there in a child.
    if !WATCHES.load(Ordering::Relaxed) {
        if !os::at_fork(prepare, in_parent, in_child) {
            return Err(Error::memory("the system calls no further functions when the process forks".into()));
        }
        WATCHES.store(true, Ordering::Relaxed);
    }
    Ok(())
}

/// Runs `f`, which may take locks of those above the recorder, such that no other thread forks meanwhile. `None` where the
/// recorder is over.
pub(crate) fn apart<R>(f: impl FnOnce() -> R) -> Option<R> {
    inside_gate(|| Some(lock(&GATE)), f)
}

/// The same without waiting: `None`, too, if another thread does this or forks.
pub(crate) fn try_apart<R>(f: impl FnOnce() -> R) -> Option<R> {
    inside_gate(|| try_lock(&GATE), f)
}

fn inside_gate<R>(gate: impl FnOnce() -> Option<MutexGuard<'static, ()>>, f: impl FnOnce() -> R) -> Option<R> {
    // Without memory for that, forks go on unprepared.
    let _ = watch();
    Local::with(|local| {
        let _busy = local.enter();
        if is_over() {
            return None;
        }
        if APART.get() {
            return Some(f());
        }
        gate().map(|_gate| {
            let _apart = Apart::begin();
            f()
        })
    })
}

/// Says that the thread has the gate, until this is dropped.
struct Apart;

impl Apart {
    fn begin() -> Self {
        APART.set(true);
        Self
    }
}

impl Drop for Apart {
    fn drop(&mut self) {
        APART.set(false);
    }
}

extern "C" fn prepare() {
    FORKING.set(FORKING.get() + 1);
    // Where the recorder is over, so it is in children.
    if FORKING.get() == 1 && !is_over() && Local::with(Local::stay_inside) {
        HELD.set(Some(ManuallyDrop::new(Held::take())));
    }
}

/// Whether the fork that ends is the thread's outermost one.
fn is_outermost() -> bool {
    FORKING.set(FORKING.get().saturating_sub(1));
    FORKING.get() == 0
}

fn release(held: ManuallyDrop<Held>) {
    drop(ManuallyDrop::into_inner(held));
    Local::with(Local::leave_inside);
}

extern "C" fn in_parent() {
    if is_outermost() {
        HELD.take().into_iter().for_each(release);
    }
}

/// Allocates and frees nothing: an allocator may have locks of its own.
extern "C" fn in_child() {
    if !is_outermost() {
        return;
    }
    os::forget_parents_ends();
    // Relaxed, both: this is the only thread.
    FORKS.fetch_add(1, Ordering::Relaxed);
    let Some(mut held) = HELD.take() else {
        OVER.store(true, Ordering::Relaxed);
        recorder::decide();
        return recorder::begin_anew(false);
    };
    let Held { buffers, current, life, .. } = &mut *held;
    leak(current.take());
    leak(life.stocker.take());
    leak(std::mem::take(&mut life.retired));
    leak(life.heir.as_mut().and_then(|heir| heir.recording.take()));
    // Relaxed: as above.
    FOLLOWS.store(life.heir.is_some(), Ordering::Relaxed);
    recorder::begin_anew(life.heir.is_some());
    buffers.forget_parent();
    Local::with(owner::forget_parent);
    HOMELESS.clear();
    Pool::global().take_late();
    release(held);
}

/// What a session lets processes made by `fork` record.
#[derive(Debug)]
pub(crate) struct Heir {
    /// The number of the session, in the process that it was started in by hand.
    of: u64,
    filter: Filter,
    categories: Option<Vec<Category>>,
    memory: usize,
    when_full: WhenFull,
    age: Option<u64>,
    /// What follows it in this process.
    recording: Option<Recording>,
}

impl Heir {
    /// That of the session `epoch`, if it lets children record.
    pub(super) fn of(epoch: u64, config: &Config) -> Option<Self> {
        let Config { filter, categories, memory, when_full, age, .. } = config;
        let (filter, categories) = (filter.clone(), categories.clone());
        let heir =
            Self { of: epoch, filter, categories, memory: *memory, when_full: *when_full, age: *age, recording: None };
        config.in_children.then_some(heir)
    }

    fn recording_of(&self, epoch: u64) -> Option<&Recording> {
        self.recording.as_ref().filter(|_| self.of == epoch)
    }

    fn config(&self) -> Config {
        let Self { memory, when_full, age, .. } = *self;
        let (filter, categories) = (self.filter.clone(), self.categories.clone());
        Config { filter, categories, memory, when_full, age, in_children: true, live: false, has_budget: false }
    }
}

/// Whether the parent's session lets this process record: then [`follow`], and not the environment, says what.
pub(crate) fn follows() -> bool {
    // Relaxed: it changes while the process has one thread.
    FOLLOWS.load(Ordering::Relaxed)
}

/// Records what the parent's session lets this process record; `false` if another session was started instead, or the
/// copy of that one stopped. Called by who decides.
pub(crate) fn follow() -> Result<bool, Error> {
    let followed = with_life(|life| {
        let Some(heir) = life.heir.take() else { return Ok(false) };
        let recording = recorder::start_in(life, heir.config())?;
        life.heir = Some(Heir { recording: Some(recording), ..heir });
        Ok(true)
    });
    followed.unwrap_or(Ok(false))
}

/// Runs `f` inside the recorder while no session starts or stops; `None` where the recorder is over.
fn with_life<R>(f: impl FnOnce(&mut Life) -> R) -> Option<R> {
    Local::with(|local| {
        let _busy = local.enter();
        (!is_over()).then(|| f(&mut lock(&LIFE)))
    })
}

impl View {
    /// Whether it is of another process than this one, which was made by `fork` since.
    pub(crate) fn is_of_parent(&self) -> bool {
        self.forks != forks()
    }

    /// Runs `f` with this, or in a process made by `fork` with what follows it there, if anything does.
    pub(crate) fn here<R>(&self, f: impl FnOnce(&Self) -> R) -> Option<R> {
        if !self.is_of_parent() {
            return Some(f(self));
        }
        with_life(|life| Some(f(&life.heir.as_ref()?.recording_of(self.run.epoch)?.view))).flatten()
    }

    /// The number of the session in this process, if it records. What is yet to follow the parent's, from the first event on,
    /// will record what `filter` lets through.
    pub(crate) fn epoch_or_heir(&self, filter: &Filter) -> Option<u64> {
        if !self.is_of_parent() {
            return Some(self.run.epoch);
        }
        let of_heir = |life: &mut Life| {
            let heir = life.heir.as_mut().filter(|heir| heir.of == self.run.epoch)?;
            if heir.recording.is_none() {
                heir.filter = filter.clone();
            }
            heir.recording.as_ref().map(|recording| recording.view.run.epoch)
        };
        with_life(of_heir).flatten()
    }
}

impl Recording {
    /// Whether it goes on in this process: always, unless it is of the parent and not for children.
    pub(crate) fn goes_on(&self) -> bool {
        let is_of_this = |heir: &Heir| heir.of == self.view.run.epoch;
        !self.view.is_of_parent() || with_life(|life| life.heir.as_ref().is_some_and(is_of_this)).unwrap_or_default()
    }

    /// Stops to record; of the parent's, what follows it in this process, if anything does.
    pub(crate) fn stop(self) -> Recorded {
        // Inside the recorder: a signal handler that forks would wait for the locks for ever.
        Local::with(|local| {
            let _busy = local.enter();
            if !self.view.is_of_parent() {
                return self.end();
            }
            let heir = with_life(|life| life.heir.take_if(|heir| heir.of == self.view.run.epoch)).flatten();
            leak(self);
            let Some(heir) = heir else { return Recorded::default() };
            // If nothing follows it yet, nothing will.
            recorder::decide();
            heir.recording.map(Self::end).unwrap_or_default()
        })
    }
}

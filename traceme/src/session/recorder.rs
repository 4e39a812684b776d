//! A session of the whole process, for programs that start it in one place and stop it in another.
//!
//! It is also where the session is kept that `TRACEME` in the environment asks for: see [`init`](crate::init).
//!
//! ```
//! use traceme::{Level, recorder};
//!
//! assert!(recorder::start(Level::INFO));
//! assert!(!recorder::start(Level::ALL), "one is running");
//! {
//!     traceme::trace_scope!("work");
//! }
//! let trace = recorder::stop();
//! assert_eq!(trace.spans().count(), 1);
//! assert!(recorder::stop().is_empty(), "none is running");
//! ```

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard};

use super::environment;
use super::output::Output;
use super::request::Request;
use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;
use crate::record::{fork, process};
use crate::session::ends::Ends;
use crate::session::run::snapshot_of;
use crate::session::{Action, Failures, Session, Trigger};
use crate::sync::{lock, try_lock};
use crate::trace::Trace;

/// Locked within [`fork::apart`] or [`fork::try_apart`] only.
static SLOT: Mutex<Slot> = Mutex::new(Slot { session: None, saving: None, forks: 0 });

struct Slot {
    /// The session, and what is to become of its trace if the environment asked for it.
    session: Option<(Session, Option<Requested>)>,
    /// Locked while the trace of the last session is saved that the environment asked for.
    saving: Option<&'static Mutex<()>>,
    /// The number of the process that this is of.
    forks: u64,
}

/// What comes with a session that the environment asked for.
pub(super) struct Requested {
    /// The file to save its trace in.
    pub(super) output: Output,
    /// What it records, as it is written; in a process made by `fork` nothing: the parent tells.
    pub(super) directives: String,
    /// Dropped when that is done, or when the program has the trace.
    pub(super) ends: Ends,
}

/// The process in which a session runs that the environment asked for; 0 if none does. By its id: a process can also be
/// made without a word to the recorder.
static REQUESTED_IN: AtomicU32 = AtomicU32::new(0);

/// The process in which such a session has ever run: when it is stopped, its trace may still be about to be saved.
static EVER_REQUESTED_IN: AtomicU32 = AtomicU32::new(0);

/// How often [`fire`] was called: what the manual triggers of the session in the slot look at.
pub(super) static FIRED: AtomicU64 = AtomicU64::new(0);

/// Runs `f` with the slot; `None` in a process made by `fork` that can't record.
fn with_slot<R>(f: impl FnOnce(&mut Slot) -> R) -> Option<R> {
    fork::apart(|| f(lock(&SLOT).of_this_process()))
}

impl Slot {
    /// What the parent has is not there any more in a process made by `fork`, unless its session is for children.
    fn of_this_process(&mut self) -> &mut Self {
        if self.forks != fork::forks() {
            self.forks = fork::forks();
            self.saving = None;
            self.session = self.session.take().filter(|(session, _)| session.goes_on());
        }
        self
    }

    fn take(&mut self) -> Option<(Session, Option<Requested>)> {
        // Relaxed: see the other store.
        REQUESTED_IN.store(0, Ordering::Relaxed);
        self.session.take()
    }
}

/// Starts a session; `false` if one is running already (it is not touched), or none can be started: [`Session::start`] says
/// why.
pub fn start(level: Level) -> bool {
    let started = Session::start(level).ok();
    started.is_some_and(|session| with_slot(|slot| slot.session.replace((session, None))).is_some())
}

/// Stops the session that [`start`] or the environment started, and gives its trace: an empty one if there is none.
///
/// The trace of a session that the environment asked for is then not saved when the process ends.
pub fn stop() -> Trace {
    let session = with_slot(Slot::take).flatten();
    session.map_or_else(Trace::default, |(session, _requested)| session.stop())
}

/// What the session holds at this moment that [`start`] or the environment started: an empty trace if there is none.
///
/// The session goes on: see [`Session::snapshot`].
#[must_use = "it is made to be looked at, and changes nothing"]
pub fn snapshot() -> Trace {
    // Not under the lock: nobody waits for it.
    let view = with_session(Session::view).flatten();
    view.map_or_else(Trace::default, |view| snapshot_of(&view))
}

/// What that session recorded since its start or the last call: an empty trace if there is none.
///
/// The session goes on without it: see [`Session::rotate`].
#[must_use = "what was recorded is in it, and nowhere else any more"]
pub fn rotate() -> Trace {
    with_session(Session::rotate).unwrap_or_default()
}

/// Does something when something happens, while the session runs that [`start`] or the environment started: see
/// [`Session::on`]. `false` if there is none.
///
/// ```
/// use traceme::{Level, recorder};
/// use traceme::session::{Action, Trigger};
///
/// assert!(recorder::start(Level::INFO));
/// recorder::on(Trigger::manual(), Action::raise(Level::ALL, std::time::Duration::from_secs(10)))?;
/// recorder::fire();
/// recorder::stop();
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// # Errors
///
/// Those of [`Session::on`].
pub fn on(trigger: Trigger, action: Action) -> Result<bool, Error> {
    // Not under the lock: what is dropped with an action may come here again.
    match with_session(Session::acting).flatten() {
        Some(acting) => acting?.of_recorder().on(trigger, action).map(|()| true),
        None => Ok(false),
    }
}

/// Fires the manual triggers of that session, from any thread: see [`Session::fire`].
/// It takes no lock: a signal handler may call it.
pub fn fire() {
    // Release: what this thread recorded before is in a snapshot.
    FIRED.fetch_add(1, Ordering::Release);
}

/// What that session tried to do and could not, such as to save a dump: see [`Session::failures`]. None if there is none.
///
/// ```
/// use traceme::{Level, recorder};
///
/// assert!(recorder::start(Level::INFO));
/// assert_eq!(recorder::failures().count, 0);
/// recorder::stop();
/// ```
pub fn failures() -> Failures {
    with_session(Session::failures).unwrap_or_default()
}

/// Has the session that [`start`] or the environment started record what a filter lets through, from here on: see
/// [`Session::set_filter`]. `false` if there is none.
///
/// ```
/// use traceme::{Level, recorder};
///
/// assert!(recorder::start(Level::INFO));
/// assert!(recorder::set_filter("info,db=verbose")?);
/// recorder::stop();
/// # Ok::<(), traceme::Error>(())
/// ```
///
/// # Errors
///
/// [`is_filter`](Error::is_filter): the filter's text has a mistake. What was recorded is recorded still.
pub fn set_filter<F: TryInto<Filter, Error: Into<Error>>>(filter: F) -> Result<bool, Error> {
    let filter = filter.try_into().map_err(Into::into)?;
    with_session(|session| session.set_filter(filter).map(|()| true)).unwrap_or(Ok(false))
}

/// Runs `f` with the session that [`start`] or the environment started; `None` if there is none.
fn with_session<R>(f: impl FnOnce(&Session) -> R) -> Option<R> {
    with_slot(|slot| slot.session.as_ref().map(|(session, _)| f(session))).flatten()
}

/// Whether a session records callsites of this level now, whoever started it.
#[inline(always)]
pub fn active(level: Level) -> bool {
    environment::active(level)
}

/// Starts the session that the environment asks for, unless it is running.
pub(super) fn start_requested(Request { filter, directives, memory, output }: Request) -> Result<(), Error> {
    let start = |slot: &mut Slot| {
        if !is_requested() {
            let in_children = output.is_of_each_process();
            let session = Session::builder().filter(filter).memory(memory).in_children(in_children).start()?;
            let ends = Ends::watch(&session);
            request();
            slot.session = Some((session, Some(Requested { output, directives, ends })));
        }
        Ok(())
    };
    with_slot(start).unwrap_or_else(|| Err(Error::forked()))
}

fn request() {
    // Relaxed, both: who acts on them takes the lock that is held here.
    EVER_REQUESTED_IN.store(process::id(), Ordering::Relaxed);
    REQUESTED_IN.store(process::id(), Ordering::Relaxed);
}

/// The file for what a process made by `fork` is to record because the environment asked for it in the parent.
pub(super) fn output_in_child() -> Option<Output> {
    with_slot(|slot| slot.session.as_ref()?.1.as_ref().map(|requested| requested.output.of_this_process())).flatten()
}

/// Does what starts recording in a process made by `fork`; if that records, it is saved in `output`.
pub(super) fn start_in_child(start: impl FnOnce() -> Result<bool, Error>, output: Option<Output>) -> Result<(), Error> {
    let start = |slot: &mut Slot| {
        if let (true, Some((session, requested @ Some(_)))) = (start()?, &mut slot.session) {
            let ends = Ends::watch_in_child(session);
            *requested = output.map(|output| Requested { output, directives: String::new(), ends });
            request();
        }
        Ok(())
    };
    with_slot(start).unwrap_or(Ok(()))
}

/// Whether a session is running that the environment asked for.
pub(super) fn is_requested() -> bool {
    // Relaxed: see the store.
    REQUESTED_IN.load(Ordering::Relaxed) == process::id()
}

/// Whether one runs, or has run, in this process.
pub(super) fn was_requested() -> bool {
    // Relaxed: see the store.
    EVER_REQUESTED_IN.load(Ordering::Relaxed) == process::id()
}

/// What to do while somebody else has the session in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Yes,
    /// Nothing is missed: the session is about to start, or somebody is about to take it.
    No,
    /// On a thread of the session: who has it in hand waits for that.
    Never,
}

/// Whether some thread is saving the trace of a session that the environment asked for.
pub(super) fn is_being_saved() -> bool {
    with_slot(|slot| slot.saving.is_some_and(|saving| try_lock(saving).is_none())).unwrap_or(false)
}

/// Takes the session that the environment asked for, the file to save it in, and what others wait for meanwhile. If
/// another thread has taken it, waits until that has saved it.
pub(super) fn take_requested(wait: Wait) -> Option<(Session, Requested, MutexGuard<'static, ()>)> {
    let take = || {
        let mut slot = lock(&SLOT);
        let slot = slot.of_this_process();
        let Some((session, Some(requested))) = is_requested().then(|| slot.take()).flatten() else {
            return Err(slot.saving);
        };
        // Kept for the rest of the process: others may wait for it at any time.
        let saving: &'static Mutex<()> = Box::leak(Box::new(Mutex::new(())));
        slot.saving = Some(saving);
        Ok((session, requested, lock(saving)))
    };
    let taken = match wait {
        Wait::Yes | Wait::Never => fork::apart(take),
        Wait::No => fork::try_apart(take),
    };
    let wait_for = |saving: &Option<&'static Mutex<()>>| saving.map_or((), |saving| drop(lock(saving)));
    taken?
        .inspect_err(|saving| {
            if wait != Wait::Never {
                wait_for(saving)
            }
        })
        .ok()
}

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

use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError, TryLockError};

use super::environment;
use super::request::Request;
use crate::error::Error;
use crate::filter::Filter;
use crate::level::Level;
use crate::session::run::snapshot_of;
use crate::session::{Action, Session, Trigger};
use crate::sync::lock;
use crate::trace::Trace;

/// The session, and the file to save its trace in if the environment asked for it.
static SESSION: Mutex<Option<(Session, Option<PathBuf>)>> = Mutex::new(None);

/// The process in which a session runs that the environment asked for; 0 if none does.
static REQUESTED_IN: AtomicU32 = AtomicU32::new(0);

/// The process in which such a session has ever run: when it is stopped, its trace may still be about to be saved.
static EVER_REQUESTED_IN: AtomicU32 = AtomicU32::new(0);

/// Starts a session; `false` if one is running already (it is not touched), or none can be started.
pub fn start(level: Level) -> bool {
    match Session::start(level) {
        Ok(session) => {
            *lock(&SESSION) = Some((session, None));
            true
        }
        Err(_) => false,
    }
}

/// Stops the session that [`start`] or the environment started, and gives its trace: an empty one if there is none.
///
/// The trace of a session that the environment asked for is then not saved when the process ends.
pub fn stop() -> Trace {
    let session = take(&mut lock(&SESSION));
    session.map_or_else(Trace::default, |(session, _)| session.stop())
}

/// What the session holds at this moment that [`start`] or the environment started: an empty trace if there is none.
///
/// The session goes on: see [`Session::snapshot`].
pub fn snapshot() -> Trace {
    // Not under the lock: nobody waits for it.
    let view = lock(&SESSION).as_ref().and_then(|(session, _)| session.view());
    view.map_or_else(Trace::default, |view| snapshot_of(&view))
}

/// Does something when something happens, while the session runs that [`start`] or the environment started: see
/// [`Session::on`]. `false` if there is none.
///
/// # Errors
///
/// Those of [`Session::on`].
pub fn on(trigger: Trigger, action: Action) -> Result<bool, Error> {
    lock(&SESSION).as_ref().map_or(Ok(false), |(session, _)| session.on(trigger, action).map(|()| true))
}

/// Fires the manual triggers of that session, from any thread: see [`Session::fire`].
pub fn fire() {
    if let Some((session, _)) = lock(&SESSION).as_ref() {
        session.fire();
    }
}

/// What that session recorded since its start or the last call: an empty trace if there is none.
///
/// The session goes on without it: see [`Session::rotate`].
pub fn rotate() -> Trace {
    lock(&SESSION).as_ref().map_or_else(Trace::default, |(session, _)| session.rotate())
}

/// Has the session that [`start`] or the environment started record what a filter lets through, from here on: see
/// [`Session::set_filter`]. `false` if there is none.
///
/// # Errors
///
/// [`is_filter`](Error::is_filter): the filter's text has a mistake. What was recorded is recorded still.
pub fn set_filter<F: TryInto<Filter, Error: Into<Error>>>(filter: F) -> Result<bool, Error> {
    let filter = filter.try_into().map_err(Into::into)?;
    lock(&SESSION).as_ref().map_or(Ok(false), |(session, _)| session.set_filter(filter).map(|()| true))
}

/// Whether a session records callsites of this level now, whoever started it.
#[inline(always)]
pub fn active(level: Level) -> bool {
    environment::active(level)
}

/// Starts the session that the environment asks for, unless it is running.
pub(super) fn start_requested(Request { filter, memory, file }: Request) -> Result<(), Error> {
    let mut slot = lock(&SESSION);
    if !is_requested() {
        let session = Session::builder().filter(filter).memory(memory).start()?;
        // Relaxed, both: who acts on them takes the lock that is held here.
        EVER_REQUESTED_IN.store(std::process::id(), Ordering::Relaxed);
        REQUESTED_IN.store(std::process::id(), Ordering::Relaxed);
        *slot = Some((session, Some(file)));
    }
    Ok(())
}

/// Whether a session is running that the environment asked for.
pub(super) fn is_requested() -> bool {
    // Relaxed: see the store.
    REQUESTED_IN.load(Ordering::Relaxed) == std::process::id()
}

/// Whether one runs, or has run, in this process.
pub(super) fn was_requested() -> bool {
    // Relaxed: see the store.
    EVER_REQUESTED_IN.load(Ordering::Relaxed) == std::process::id()
}

/// What to do while somebody else has the session in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wait {
    Yes,
    /// Nothing is missed: the session is about to start, or somebody is about to take it.
    No,
}

/// Takes the session that the environment asked for, and the file to save it in.
pub(super) fn take_requested(wait: Wait) -> Option<(Session, PathBuf)> {
    if !is_requested() {
        return None;
    }
    let mut slot = match SESSION.try_lock() {
        Ok(slot) => slot,
        Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        Err(TryLockError::WouldBlock) if wait == Wait::No => return None,
        Err(TryLockError::WouldBlock) => SESSION.lock().unwrap_or_else(PoisonError::into_inner),
    };
    match slot.as_ref()? {
        (_, Some(_)) => take(&mut slot).and_then(|(session, file)| Some((session, file?))),
        _ => None,
    }
}

fn take(slot: &mut Option<(Session, Option<PathBuf>)>) -> Option<(Session, Option<PathBuf>)> {
    // Relaxed: see the other store.
    REQUESTED_IN.store(0, Ordering::Relaxed);
    slot.take()
}

//! The end of the process: it waits for what the session's thread is doing, and for what has fired.

use std::cell::Cell;
use std::panic;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use crate::record::{fork, os, process};
use crate::session::rules::Shared;
use crate::sync::lock;

/// How long the process waits at its end, and a thread whose panic aborts it; in ns.
const AT_EXIT: u64 = 60_000_000_000;
const AT_PANIC: u64 = 5_000_000_000;

/// The session whose thread is running, and the process that it runs in.
static LIVE: Mutex<Option<Arc<Shared>>> = Mutex::new(None);
static LIVE_IN: AtomicU32 = AtomicU32::new(0);
/// Counts panics, once somebody watches them.
static PANICS: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Whether this is the thread of a session.
    static IS_SESSIONS: Cell<bool> = const { Cell::new(false) };
}

/// From here on the process doesn't end without the session of these rules.
pub(super) fn wait_for(shared: &Arc<Shared>) {
    static PREPARED: AtomicBool = AtomicBool::new(false);
    fork::apart(|| *lock(&LIVE) = Some(Arc::clone(shared)));
    // Relaxed, both: whoever finds the process takes the lock.
    LIVE_IN.store(process::id(), Ordering::Relaxed);
    if !PREPARED.swap(true, Ordering::Relaxed) {
        // If the system takes no more functions, a dump that is just being made can be missed.
        let _ = os::at_exit(at_exit);
    }
}

/// Marks the calling thread as one that never waits for a session: it is the session's own.
pub(super) fn mark_thread() {
    IS_SESSIONS.set(true);
}

/// Whether the calling thread is that of a session.
fn is_sessions_thread() -> bool {
    IS_SESSIONS.try_with(Cell::get).unwrap_or(false)
}

/// Counts panics from here on; gives how many there were, or why it can't.
pub(super) fn watch_panics() -> Result<u64, String> {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    if thread::panicking() {
        return Err("this thread is panicking: say so on another one, or earlier".into());
    }
    // Relaxed: whoever comes first does it. No lock: a hook that is running is waited for, and that may wait for locks of ours.
    if !WATCHED.swap(true, Ordering::Relaxed) {
        hook();
    }
    Ok(panics())
}

fn hook() {
    let previous = panic::take_hook();
    panic::set_hook(Box::new(move |info| {
        let is_noted = note_panic();
        previous(info);
        if cfg!(panic = "abort") && is_noted {
            settle(AT_PANIC);
        }
    }));
}

/// How many panics there were.
pub(super) fn panics() -> u64 {
    // Acquire: what was recorded before the panic is in a snapshot.
    PANICS.load(Ordering::Acquire)
}

/// Counts a panic, before a hook that was there stops the session; `false` on the session's own thread.
fn note_panic() -> bool {
    let is_noted = !is_sessions_thread();
    // Release: pairs with `panics`.
    PANICS.fetch_add(u64::from(is_noted), Ordering::Release);
    is_noted
}

extern "C" fn at_exit() {
    // A panic can't leave a function that C has called.
    let _ = panic::catch_unwind(|| settle(AT_EXIT));
}

/// Waits until the session has acted on all that has fired by now, but no longer than so many ns.
fn settle(patience: u64) {
    // Relaxed: as above. A child made by `fork` may find any lock held, and has no such thread.
    if LIVE_IN.load(Ordering::Relaxed) != process::id() || is_sessions_thread() {
        return;
    }
    let Some(shared) = fork::apart(|| lock(&LIVE).clone()).flatten() else { return };
    // Acquire, all: what it did is done. The round that is going on may have looked before; the next one looks at all.
    let enough = shared.rounds.load(Ordering::Acquire) + 2;
    let begun = os::monotonic_ns();
    while shared.rounds.load(Ordering::Acquire) < enough && !shared.is_over() && os::monotonic_ns() - begun < patience {
        thread::sleep(Duration::from_millis(1));
    }
}

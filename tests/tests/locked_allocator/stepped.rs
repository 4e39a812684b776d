//! Threads that are stopped at each of their allocations and frees, as if they waited for the allocator's lock, and what
//! another thread does meanwhile that has the lock.

use std::cell::Cell;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::allocator::{handle, under_lock};
use crate::common::spawn;

/// How many times a thread has come to a step, and how many of these may be taken.
static CAME: AtomicU64 = AtomicU64::new(0);
static MAY: AtomicU64 = AtomicU64::new(0);
static DONE: AtomicBool = AtomicBool::new(false);
/// Whether the library's own threads are stepped.
static OF_LIBRARY: AtomicBool = AtomicBool::new(false);

thread_local! {
    static IS_STEPPED: Cell<bool> = const { Cell::new(false) };
}

/// How long an event may take before it is taken to hang.
const PATIENCE: Duration = Duration::from_secs(10);

/// Waits for the next step if the thread is stepped. Called before each allocation and free; it allocates nothing.
pub(crate) fn stop() {
    let is_stepped = IS_STEPPED.get() || OF_LIBRARY.load(Ordering::Relaxed) && is_of_library();
    if !is_stepped {
        return;
    }
    // Release and acquire: what is done between two steps is behind the one and before the other.
    let number = CAME.fetch_add(1, Ordering::Release) + 1;
    while MAY.load(Ordering::Acquire) < number {
        thread::yield_now();
    }
}

/// Whether the system knows the thread by a name that the library gives.
fn is_of_library() -> bool {
    let mut name = [0_u8; 16];
    // SAFETY: the system writes 16 bytes at most.
    unsafe { libc::prctl(libc::PR_GET_NAME, name.as_mut_ptr()) };
    name.starts_with(b"traceme")
}

/// How many steps were taken so far.
pub(crate) fn taken() -> u64 {
    MAY.load(Ordering::Relaxed)
}

/// The right to be stepped: see [`while_stepping`].
#[derive(Clone, Copy)]
pub(crate) struct Steps {
    handler: fn(),
}

impl Steps {
    /// Runs `work` on this thread, step by step. The handler runs here too: it finds the thread inside the recorder, or not.
    pub(crate) fn take<R>(self, work: impl FnOnce() -> R) -> R {
        handle(Some(self.handler));
        IS_STEPPED.set(true);
        let result = work();
        IS_STEPPED.set(false);
        handle(None);
        result
    }

    /// Runs `work`, while the library's own threads go step by step.
    pub(crate) fn take_in_library<R>(self, work: impl FnOnce() -> R) -> R {
        OF_LIBRARY.store(true, Ordering::Relaxed);
        let result = work();
        OF_LIBRARY.store(false, Ordering::Relaxed);
        result
    }

    /// Has this thread go step by step from here to its end, what is destroyed and freed then included.
    pub(crate) fn take_the_rest(self) {
        handle(Some(self.handler));
        IS_STEPPED.set(true);
    }
}

/// Runs `operation` on a thread of its own; at each of its [`Steps`] a new thread runs `handler` with the allocator's lock, as
/// the first that it does in the session, and ends. Gives how many steps there were.
pub(crate) fn while_stepping<R: Send>(
    what: &str,
    handler: fn(),
    operation: impl FnOnce(Steps) -> R + Send,
) -> (R, u64) {
    CAME.store(0, Ordering::Relaxed);
    MAY.store(0, Ordering::Relaxed);
    DONE.store(false, Ordering::Relaxed);
    thread::scope(|scope| {
        let operation = || {
            let result = operation(Steps { handler });
            DONE.store(true, Ordering::Release);
            result
        };
        let stepped = thread::Builder::new().name("stepped".into()).spawn_scoped(scope, operation).unwrap();
        let mut threads = Vec::new();
        let steps = loop {
            // In this order: when it is done, nobody comes any more but the library's threads.
            let (is_done, may) = (DONE.load(Ordering::Acquire), MAY.load(Ordering::Relaxed));
            if CAME.load(Ordering::Acquire) > may {
                threads.push(first_event_of_a_thread(what, handler, may));
                MAY.store(may + 1, Ordering::Release);
            } else if is_done {
                break may;
            }
            thread::yield_now();
        };
        MAY.store(u64::MAX, Ordering::Release);
        threads.into_iter().for_each(|thread| thread.join().unwrap());
        (stepped.join().unwrap(), steps)
    })
}

/// Records on a new thread, which has the lock meanwhile. Its end isn't waited for: what it gives back then may be locked.
fn first_event_of_a_thread(what: &str, handler: fn(), step: u64) -> JoinHandle<()> {
    let (done_in, done) = channel();
    let thread = spawn("first", move || {
        under_lock(handler);
        done_in.send(()).unwrap();
    });
    if done.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
        eprintln!(
            "{what}: an event under the allocator's lock waits for who is stopped at allocation or free {step} of it"
        );
        // SAFETY: it ends the process, which can't end otherwise.
        unsafe { libc::_exit(1) };
    }
    thread
}

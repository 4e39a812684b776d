//! What is called when a thread ends, on Unix systems.
//!
//! Not a thread-local's destructor: to register one takes memory of the allocator, which a signal handler that records its
//! thread's first event may have interrupted. A thread stores a word of its own instead, under a key that was made before. The
//! call comes behind the destructors of all thread-locals, where these are the C library's to run, as in glibc and on macOS.
#![allow(unsafe_code, reason = "system calls")]

use std::ffi::c_void;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use super::{at_exit, monotonic_ns};

/// The key plus one; 0 while there is none.
static KEY: AtomicUsize = AtomicUsize::new(0);
/// How many threads are in the call.
static ENDING: AtomicUsize = AtomicUsize::new(0);
/// How long a library that is unloaded waits for them, in ns: at the exit of a process they may never be through.
const PATIENCE: u64 = 100_000_000;

/// Makes [`at_thread_end`] work; `false` if the system has no more keys. Never to be called by two threads at once.
pub(crate) fn watch_thread_ends() -> bool {
    // Relaxed, also below: a number, which means something to the system only.
    if KEY.load(Ordering::Relaxed) != 0 {
        return true;
    }
    let mut key = 0;
    // SAFETY: writes a key to a place for one; `call` can be called on any thread, with what that has stored.
    let is_made = unsafe { libc::pthread_key_create(&raw mut key, Some(call)) } == 0;
    // A library that is unloaded must leave no key behind: threads would call what isn't there any more.
    KEY.store(if is_made { key as usize + 1 } else { 0 }, Ordering::Relaxed);
    if is_made && !at_exit(forget_key) {
        forget_key();
    }
    KEY.load(Ordering::Relaxed) != 0
}

/// Has `function` called when the calling thread ends. Takes no memory, unless the process has more than 31 other keys.
pub(crate) fn at_thread_end(function: fn()) {
    if let Some(key) = key_of(KEY.load(Ordering::Relaxed)) {
        // SAFETY: the key was made, and is forgotten by the process's exit or the library's end only. Without memory for it,
        // which a system may need for a high key, the function isn't called, and the thread's buffer isn't used again.
        unsafe { libc::pthread_setspecific(key, function as *const c_void) };
    }
}

#[allow(clippy::cast_possible_truncation, reason = "it was a key before; their type is the system's")]
fn key_of(stored: usize) -> Option<libc::pthread_key_t> {
    stored.checked_sub(1).map(|key| key as libc::pthread_key_t)
}

extern "C" fn call(function: *mut c_void) {
    // Relaxed: who unloads the library as a thread comes here is too late in any case; see the guide's "Leaving it on".
    ENDING.fetch_add(1, Ordering::Relaxed);
    // SAFETY: only `at_thread_end` stores anything under the key, and that is a function of this type. The system calls this
    // with what isn't zero.
    let function = unsafe { std::mem::transmute::<*mut c_void, fn()>(function) };
    function();
    // Release: pairs with `forget_key`, which lets go of what was used here.
    ENDING.fetch_sub(1, Ordering::Release);
}

/// At the exit of the process, and where a library with a recorder of its own is unloaded: no thread may be in there then.
extern "C" fn forget_key() {
    let Some(key) = key_of(KEY.swap(0, Ordering::Relaxed)) else { return };
    // SAFETY: the key was made, and nobody else deletes it.
    unsafe { libc::pthread_key_delete(key) };
    let begun = monotonic_ns();
    // Acquire: as above.
    while ENDING.load(Ordering::Acquire) > 0 && monotonic_ns() - begun < PATIENCE {
        thread::yield_now();
    }
}

/// In a process made by `fork`: no other thread is there.
pub(crate) fn forget_parents_ends() {
    // Relaxed: there is one thread.
    ENDING.store(0, Ordering::Relaxed);
}

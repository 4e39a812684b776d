//! The allocator of this process, C's `malloc`, behind one lock; and what happens while a thread has that.
//!
//! It is `malloc` itself that is replaced: what the C library allocates for a thread that registers a destructor goes past
//! Rust's global allocator.

use std::cell::Cell;
use std::ffi::{c_int, c_void};
use std::hint::black_box;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::stepped;

/// Waits in the kernel, and allocates nothing.
static LOCK: Mutex<()> = Mutex::new(());
/// How often a thread came here that had the lock already.
static REENTERED: AtomicU64 = AtomicU64::new(0);

thread_local! {
    /// Whether this thread has the lock, or is about to take it or to give it back.
    static HOLDS: Cell<bool> = const { Cell::new(false) };
    /// What this thread does each time that it has the lock, as a signal handler would.
    static HANDLER: Cell<Option<fn()>> = const { Cell::new(None) };
}

/// How often a handler has allocated or freed memory since the last call.
pub(crate) fn take_reentered() -> u64 {
    REENTERED.swap(0, Ordering::Relaxed)
}

/// Has this thread call `handler` each time that it has the lock.
pub(crate) fn handle(handler: Option<fn()>) {
    HANDLER.set(handler);
}

/// Calls `handler` twice while this thread has the lock: as it allocates, and as it frees.
pub(crate) fn under_lock(handler: fn()) {
    let before = HANDLER.replace(Some(handler));
    drop(black_box(Box::new(0_u64)));
    HANDLER.set(before);
}

/// A breakpoint for who looks for what a handler allocates.
#[cold]
#[inline(never)]
fn reenter() {
    REENTERED.fetch_add(1, Ordering::Relaxed);
}

pub(crate) type Lock = MutexGuard<'static, ()>;

/// Waits for the lock.
pub(crate) fn lock() -> Lock {
    LOCK.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Runs `work` with the lock, and the thread's handler before it. A thread that has the lock goes on without.
fn with_lock<R>(work: impl FnOnce() -> R) -> R {
    if HOLDS.replace(true) {
        reenter();
        return work();
    }
    stepped::stop();
    let lock = lock();
    if let Some(handler) = HANDLER.get() {
        handler();
    }
    let result = work();
    drop(lock);
    HOLDS.set(false);
    result
}

mod libc_s {
    use super::c_void;

    unsafe extern "C" {
        pub(super) fn __libc_malloc(size: usize) -> *mut c_void;
        pub(super) fn __libc_calloc(count: usize, size: usize) -> *mut c_void;
        pub(super) fn __libc_realloc(pointer: *mut c_void, size: usize) -> *mut c_void;
        pub(super) fn __libc_memalign(align: usize, size: usize) -> *mut c_void;
        pub(super) fn __libc_free(pointer: *mut c_void);
    }
}

#[unsafe(no_mangle)]
extern "C" fn malloc(size: usize) -> *mut c_void {
    // SAFETY: it has no preconditions.
    with_lock(|| unsafe { libc_s::__libc_malloc(size) })
}

#[unsafe(no_mangle)]
extern "C" fn calloc(count: usize, size: usize) -> *mut c_void {
    // SAFETY: it has no preconditions.
    with_lock(|| unsafe { libc_s::__libc_calloc(count, size) })
}

#[unsafe(no_mangle)]
unsafe extern "C" fn realloc(pointer: *mut c_void, size: usize) -> *mut c_void {
    // SAFETY: the caller's promises are passed on.
    with_lock(|| unsafe { libc_s::__libc_realloc(pointer, size) })
}

#[unsafe(no_mangle)]
extern "C" fn aligned_alloc(align: usize, size: usize) -> *mut c_void {
    // SAFETY: it has no preconditions.
    with_lock(|| unsafe { libc_s::__libc_memalign(align, size) })
}

#[unsafe(no_mangle)]
extern "C" fn memalign(align: usize, size: usize) -> *mut c_void {
    aligned_alloc(align, size)
}

#[unsafe(no_mangle)]
unsafe extern "C" fn posix_memalign(to: *mut *mut c_void, align: usize, size: usize) -> c_int {
    let pointer = aligned_alloc(align, size);
    if pointer.is_null() {
        return libc::ENOMEM;
    }
    // SAFETY: the caller gives a place for a pointer.
    unsafe { to.write(pointer) };
    0
}

#[unsafe(no_mangle)]
unsafe extern "C" fn free(pointer: *mut c_void) {
    // SAFETY: the caller's promises are passed on.
    with_lock(|| unsafe { libc_s::__libc_free(pointer) });
}

//! What all Unix systems share: the monotonic clock, thread names, what is called at the exit and at a fork.
#![allow(unsafe_code, reason = "system calls")]

use std::ffi::CStr;

use crate::record::name::Name;

#[cfg(not(target_vendor = "apple"))]
const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC;
/// There the other one gives whole microseconds.
#[cfg(target_vendor = "apple")]
const CLOCK: libc::clockid_t = libc::CLOCK_MONOTONIC_RAW;

/// The monotonic clock in nanoseconds.
pub(crate) fn monotonic_ns() -> u64 {
    ns_of(CLOCK)
}

/// How long the process has run on processors so far, all threads together, in nanoseconds.
pub(crate) fn processor_ns() -> Option<u64> {
    Some(ns_of(libc::CLOCK_PROCESS_CPUTIME_ID))
}

/// How long the calling thread has.
pub(crate) fn thread_processor_ns() -> Option<u64> {
    Some(ns_of(libc::CLOCK_THREAD_CPUTIME_ID))
}

fn ns_of(clock: libc::clockid_t) -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: writes one timespec to a place for one.
    unsafe { libc::clock_gettime(clock, &raw mut time) };
    let seconds = u64::try_from(time.tv_sec).unwrap_or(0);
    seconds * 1_000_000_000 + u64::try_from(time.tv_nsec).unwrap_or(0)
}

/// The thread's name as the system knows it: Linux keeps 15 bytes. Asking `std` for the full name could allocate
/// in the middle of an allocator, and panics while a thread ends.
pub(crate) fn thread_name() -> Name {
    let mut name = [0u8; Name::MOST + 1];
    // SAFETY: the call takes no arguments and can't fail.
    let thread = unsafe { libc::pthread_self() };
    // SAFETY: the thread runs, and the length is that of the buffer, which keeps a zero at its end.
    unsafe { libc::pthread_getname_np(thread, name.as_mut_ptr().cast(), name.len()) };
    CStr::from_bytes_until_nul(&name)
        .map_or_else(|_| Name::default(), |name| Name::new(name.to_bytes().iter().copied()))
}

/// Has a function called when the process exits; `false` if the system takes no more of them.
pub(crate) fn at_exit(function: extern "C" fn()) -> bool {
    // SAFETY: a function that can be called at any time, from any thread.
    unsafe { libc::atexit(function) == 0 }
}

/// Has functions called at each `fork` of the process, on the thread that forks: before it, and behind it in the parent
/// and in the child; `false` if the system takes no more of them.
pub(crate) fn at_fork(prepare: extern "C" fn(), parent: extern "C" fn(), child: extern "C" fn()) -> bool {
    // SAFETY: functions that can be called at any time, from any thread, and stay where they are.
    unsafe { libc::pthread_atfork(Some(prepare), Some(parent), Some(child)) == 0 }
}

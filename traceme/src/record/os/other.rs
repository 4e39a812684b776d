//! Windows, and what is neither Windows nor Unix.
#![allow(unsafe_code, reason = "system calls")]

use std::sync::OnceLock;
use std::time::Instant;

/// Nanoseconds of the monotonic clock since it was first asked.
#[expect(clippy::disallowed_methods, reason = "the clock asks the system here")]
pub(crate) fn monotonic_ns() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let first = *FIRST.get_or_init(Instant::now);
    // Not 0: an hour, so that times shortly before the first call stay positive.
    u64::try_from(first.elapsed().as_nanos()).unwrap_or(u64::MAX) + 3_600_000_000_000
}

/// How long the process has run on processors so far: not known.
pub(crate) fn processor_ns() -> Option<u64> {
    None
}

/// The id that the system gives the thread.
pub(crate) fn thread_id() -> u32 {
    #[cfg(windows)]
    // SAFETY: the call takes no arguments and can't fail.
    return unsafe { windows_sys::Win32::System::Threading::GetCurrentThreadId() };
    #[cfg(not(windows))]
    0
}

/// Nothing: the name would have to be asked of `std`, which can allocate in the middle of an allocator.
pub(crate) fn thread_name() -> Vec<u8> {
    Vec::new()
}

/// Nothing to do: no process is made by `fork` here.
pub(crate) fn at_fork(_prepare: extern "C" fn(), _parent: extern "C" fn(), _child: extern "C" fn()) -> bool {
    true
}

/// Has a function called when `main` returns; `false` where that can't be.
pub(crate) fn at_exit(function: extern "C" fn()) -> bool {
    #[cfg(windows)]
    {
        // SAFETY: the C runtime that every Rust program on Windows is linked with has this function.
        unsafe extern "C" {
            safe fn atexit(function: extern "C" fn()) -> i32;
        }
        atexit(function) == 0
    }
    #[cfg(not(windows))]
    {
        let _ = function;
        false
    }
}

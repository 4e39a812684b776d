//! macOS: thread ids, the process's memory, and whether the environment is to be trusted.
#![allow(unsafe_code, reason = "system calls")]

use std::mem::MaybeUninit;

/// The id that the kernel gives the thread, as Instruments and `sample` show it; 0 if it doesn't fit.
pub(crate) fn thread_id() -> u32 {
    let mut id = 0;
    // SAFETY: thread 0 is the calling one, and the id is written to a place for one.
    unsafe { libc::pthread_threadid_np(0, &raw mut id) };
    u32::try_from(id).unwrap_or(0)
}

/// Whether the program has more rights than whoever started it: then the environment is not to be trusted.
pub(crate) fn is_privileged() -> bool {
    // SAFETY: the call takes no arguments and can't fail.
    unsafe { libc::issetugid() != 0 }
}

/// How much memory the process has, in bytes, as `ps` shows it under RSS; `None` if the system doesn't say.
pub(crate) fn resident_bytes() -> Option<u64> {
    let mut info = MaybeUninit::<libc::proc_taskinfo>::zeroed();
    let size = i32::try_from(size_of::<libc::proc_taskinfo>()).ok()?;
    // SAFETY: the call takes no arguments and can't fail.
    let process = unsafe { libc::getpid() };
    // SAFETY: writes at most so many bytes to a place for that many.
    let written = unsafe { libc::proc_pidinfo(process, libc::PROC_PIDTASKINFO, 0, info.as_mut_ptr().cast(), size) };
    // SAFETY: all of it is written, and before that it was zero, which is valid for numbers.
    (written == size).then(|| unsafe { info.assume_init() }.pti_resident_size)
}

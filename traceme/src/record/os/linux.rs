//! Linux: memory in huge pages, thread ids, and what the kernel thinks of the processor's counter.
#![allow(unsafe_code, reason = "system calls")]

use std::fs;

use crate::sync::AtomicU64;

/// The id that the kernel gives the thread, as `ps` and `perf` show it.
pub(crate) fn thread_id() -> u32 {
    // SAFETY: the call takes no arguments and can't fail.
    let id = unsafe { libc::syscall(libc::SYS_gettid) };
    u32::try_from(id).unwrap_or(0)
}

/// Whether the program has more rights than whoever started it: then the environment is not to be trusted.
pub(crate) fn is_privileged() -> bool {
    // SAFETY: the call reads a number that the kernel gave the process at its start.
    unsafe { libc::getauxval(libc::AT_SECURE) != 0 }
}

/// Whether the kernel itself uses the processor's counter: it stops when the cores disagree. Where the file
/// can't be read (a sandbox) the processor's own word has to do.
#[cfg(target_arch = "x86_64")]
pub(crate) fn counter_is_trusted() -> bool {
    let current = fs::read_to_string("/sys/devices/system/clocksource/clocksource0/current_clocksource");
    current.map_or(true, |name| name.trim() == "tsc")
}

/// How much memory the process has, in bytes, as `ps` shows it under RSS; `None` if `/proc` isn't there.
pub(crate) fn resident_bytes() -> Option<u64> {
    let statm = fs::read_to_string("/proc/self/statm").ok()?;
    let pages: u64 = statm.split(' ').nth(1)?.parse().ok()?;
    // SAFETY: the call reads a number.
    let page = unsafe { libc::sysconf(libc::_SC_PAGESIZE) };
    Some(pages * u64::try_from(page).ok()?)
}

/// The alignment and the least size of memory that can be one huge page.
const HUGE: usize = 2 << 20;

/// Zeroed memory for `words` words, aligned for huge pages, kept for the rest of the process; `None` if the
/// system gives none.
pub(crate) fn map(words: usize) -> Option<&'static [AtomicU64]> {
    let bytes = words.checked_mul(size_of::<u64>())?;
    let mapped = bytes.checked_add(HUGE)?;
    let protection = libc::PROT_READ | libc::PROT_WRITE;
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE;
    // SAFETY: a new private mapping at an address that the kernel chooses touches no memory that is in use.
    let start = unsafe { libc::mmap(std::ptr::null_mut(), mapped, protection, flags, -1, 0) };
    if start == libc::MAP_FAILED {
        return None;
    }
    let front = start.addr().next_multiple_of(HUGE) - start.addr();
    let aligned = start.wrapping_byte_add(front);
    if front > 0 {
        // SAFETY: the first `front` bytes of the mapping above, which nothing refers to.
        unsafe { libc::munmap(start, front) };
    }
    let behind = HUGE - front;
    if behind > 0 {
        // SAFETY: the last `behind` bytes of the mapping above, which nothing refers to.
        unsafe { libc::munmap(aligned.wrapping_byte_add(bytes), behind) };
    }
    // SAFETY: the range is mapped. A refusal (no huge pages in this kernel) leaves small pages: slower, no error.
    unsafe { libc::madvise(aligned, bytes, libc::MADV_HUGEPAGE) };
    // SAFETY: `bytes` bytes from `aligned` are mapped, zeroed and aligned for u64, are never unmapped, and all
    // access to them is through these atomics.
    Some(unsafe { std::slice::from_raw_parts(aligned.cast::<AtomicU64>(), words) })
}

/// Gives the pages behind `words` back to the system; they read as zero when they are next touched.
pub(crate) fn discard(words: &'static [AtomicU64]) {
    let start = words.as_ptr().cast_mut().cast();
    // SAFETY: the range is a mapping made by `map`, whole pages; its words are atomics, for which turning to
    // zero is a store like any other, and the pool discards only what no half of a chunk refers to.
    unsafe { libc::madvise(start, size_of_val(words), libc::MADV_DONTNEED) };
}

//! What serves where the system offers nothing better.

use crate::sync::AtomicU64;

/// Memory for `words` words, kept for the rest of the process; `None` if the system gives none.
pub(crate) fn map(words: usize) -> Option<&'static [AtomicU64]> {
    let mut memory = Vec::new();
    memory.try_reserve_exact(words).ok()?;
    memory.resize_with(words, || AtomicU64::new(0));
    Some(memory.leak())
}

/// Nothing: the memory stays where it is.
pub(crate) fn discard(_words: &'static [AtomicU64]) {}

/// Whether the program has more rights than whoever started it: nobody says so.
#[cfg(not(any(loom, target_os = "macos")))]
pub(crate) fn is_privileged() -> bool {
    false
}

/// Whether the system uses the processor's counter itself: nobody says otherwise.
#[cfg(all(target_arch = "x86_64", not(loom)))]
pub(crate) fn counter_is_trusted() -> bool {
    true
}

/// How much memory the process has: not known.
#[cfg(not(any(loom, target_os = "macos", windows)))]
pub(crate) fn resident_bytes() -> Option<u64> {
    None
}

/// No id: it can't be asked for in a portable way.
#[cfg(not(any(loom, target_os = "macos", windows)))]
pub(crate) fn thread_id() -> u32 {
    0
}

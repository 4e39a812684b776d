//! What the runtime asks the operating system for.

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{monotonic_ns, thread_name};

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::{monotonic_ns, thread_id, thread_name};

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::{counter_is_trusted, thread_id};

#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) use portable::thread_id;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use portable::counter_is_trusted;

#[cfg(all(any(target_os = "linux", target_os = "android"), not(loom)))]
pub(crate) use linux::{discard, map};
#[cfg(any(not(any(target_os = "linux", target_os = "android")), loom))]
pub(crate) use portable::{discard, map};

/// What serves where the system offers nothing better.
#[cfg(any(not(any(target_os = "linux", target_os = "android")), loom))]
mod portable {
    use crate::sync::AtomicU64;

    /// Memory for `words` words, kept for the rest of the process.
    pub(crate) fn map(words: usize) -> Option<&'static [AtomicU64]> {
        let mut memory = Vec::new();
        memory.try_reserve_exact(words).ok()?;
        memory.resize_with(words, || AtomicU64::new(0));
        Some(memory.leak())
    }

    /// Nothing: the memory stays where it is.
    pub(crate) fn discard(_words: &'static [AtomicU64]) {}

    #[cfg(not(any(target_os = "linux", target_os = "android")))]
    pub(crate) fn counter_is_trusted() -> bool {
        true
    }

    /// A number that stands for the thread where its id can't be asked for in a portable way.
    #[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
    pub(crate) fn thread_id() -> u32 {
        0
    }
}

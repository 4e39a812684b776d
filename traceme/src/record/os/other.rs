//! What is not Unix: Windows, as far as it offers nothing better, and what has even less.

#[cfg(not(target_family = "wasm"))]
use std::sync::OnceLock;
#[cfg(not(target_family = "wasm"))]
use std::time::Instant;

#[cfg(not(windows))]
use crate::record::name::Name;

/// Nanoseconds of the monotonic clock since it was first asked.
#[cfg(not(target_family = "wasm"))]
#[expect(clippy::disallowed_methods, reason = "the clock asks the system here")]
pub(crate) fn monotonic_ns() -> u64 {
    static FIRST: OnceLock<Instant> = OnceLock::new();
    let first = *FIRST.get_or_init(Instant::now);
    // Not 0: an hour, so that times shortly before the first call stay positive.
    u64::try_from(first.elapsed().as_nanos()).unwrap_or(u64::MAX) + 3_600_000_000_000
}

/// How long the calling thread has run on a processor so far: not known.
pub(crate) fn thread_processor_ns() -> Option<u64> {
    None
}

/// How long the process has run on processors so far: not known.
#[cfg(not(windows))]
pub(crate) fn processor_ns() -> Option<u64> {
    None
}

/// No time: `Instant::now` panics where there is no clock.
#[cfg(target_family = "wasm")]
pub(crate) fn monotonic_ns() -> u64 {
    0
}

/// Nothing to do: no process is made by `fork` here.
pub(crate) fn at_fork(_prepare: extern "C" fn(), _parent: extern "C" fn(), _child: extern "C" fn()) -> bool {
    true
}

/// Nothing: the name would have to be asked of `std`, which can allocate in the middle of an allocator.
#[cfg(not(windows))]
pub(crate) fn thread_name() -> Name {
    Name::default()
}

/// Nothing is called at the exit.
#[cfg(not(windows))]
pub(crate) fn at_exit(_function: extern "C" fn()) -> bool {
    false
}

/// So many values, kept for the rest of the process; `None` if there is no memory.
pub(crate) fn keep<T: Sync + 'static>(count: usize, value: impl Fn() -> T) -> Option<&'static [T]> {
    let mut values = Vec::new();
    values.try_reserve_exact(count).ok()?;
    values.resize_with(count, value);
    Some(values.leak())
}

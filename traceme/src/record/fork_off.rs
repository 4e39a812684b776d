//! Forks where recording is compiled out: there is nothing to prepare.

/// How many forks there are between this process and the first one: nobody asks.
pub(crate) fn forks() -> u64 {
    0
}

/// Runs `f`.
pub(crate) fn apart<R>(f: impl FnOnce() -> R) -> Option<R> {
    Some(f())
}

/// Runs `f`.
pub(crate) fn try_apart<R>(f: impl FnOnce() -> R) -> Option<R> {
    Some(f())
}

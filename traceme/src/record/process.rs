//! The id of the process.

/// The id that the operating system gives the process; 1 where there are no processes: `std` panics there.
pub(crate) fn id() -> u32 {
    if cfg!(target_family = "wasm") { 1 } else { std::process::id() }
}

//! What the runtime asks the operating system for.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::{counter_is_trusted, discard, is_privileged, map, resident_bytes, thread_id};

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod portable;
#[cfg(all(unix, not(any(target_os = "linux", target_os = "android"))))]
pub(crate) use portable::thread_id;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use portable::{counter_is_trusted, discard, is_privileged, map, resident_bytes};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{at_exit, at_fork, monotonic_ns, processor_ns, thread_name};

#[cfg(not(unix))]
mod other;
#[cfg(not(unix))]
pub(crate) use other::{at_exit, at_fork, monotonic_ns, processor_ns, thread_id, thread_name};

mod sections;
pub(crate) use sections::callsites;

#[cfg(unix)]
pub(crate) mod signal;
#[cfg(not(unix))]
#[path = "signal_off.rs"]
pub(crate) mod signal;

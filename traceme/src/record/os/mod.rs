//! What the runtime asks the operating system for: `linux`, `macos` and `windows` where these have something to offer,
//! `unix` for what all Unix systems share; `portable` and `other` where there is nothing better.

#[cfg(any(target_os = "linux", target_os = "android"))]
mod linux;
#[cfg(all(any(target_os = "linux", target_os = "android"), target_arch = "x86_64"))]
pub(crate) use linux::counter_is_trusted;
#[cfg(any(target_os = "linux", target_os = "android"))]
pub(crate) use linux::{discard, is_privileged, map, resident_bytes, thread_id};

#[cfg(target_os = "macos")]
mod macos;
#[cfg(target_os = "macos")]
pub(crate) use macos::{is_privileged, resident_bytes, thread_id};

#[cfg(windows)]
mod windows;
#[cfg(windows)]
pub(crate) use windows::{at_exit, processor_ns, resident_bytes, thread_id, thread_name};

#[cfg(not(any(target_os = "linux", target_os = "android")))]
mod portable;
#[cfg(all(not(any(target_os = "linux", target_os = "android")), target_arch = "x86_64"))]
pub(crate) use portable::counter_is_trusted;
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos")))]
pub(crate) use portable::is_privileged;
#[cfg(not(any(target_os = "linux", target_os = "android")))]
pub(crate) use portable::{discard, map};
#[cfg(not(any(target_os = "linux", target_os = "android", target_os = "macos", windows)))]
pub(crate) use portable::{resident_bytes, thread_id};

#[cfg(unix)]
mod unix;
#[cfg(unix)]
pub(crate) use unix::{at_exit, at_fork, monotonic_ns, processor_ns, thread_name, thread_processor_ns};

#[cfg(unix)]
mod keep;
#[cfg(unix)]
pub(crate) use keep::keep;

#[cfg(not(unix))]
mod other;
#[cfg(not(any(unix, windows)))]
pub(crate) use other::{at_exit, processor_ns, thread_name};
#[cfg(not(unix))]
pub(crate) use other::{at_fork, keep, monotonic_ns, thread_processor_ns};

mod sections;
pub(crate) use sections::callsites;

#[cfg_attr(not(unix), path = "thread_end_other.rs")]
mod thread_end;
pub(crate) use thread_end::{at_thread_end, forget_parents_ends, watch_thread_ends};

#[cfg(unix)]
pub(crate) mod signal;
#[cfg(not(unix))]
#[path = "signal_off.rs"]
pub(crate) mod signal;

/// What a session needs and the target hasn't, if anything.
pub(crate) const MISSING: Option<&str> = if cfg!(target_family = "wasm") { Some("a clock and threads") } else { None };

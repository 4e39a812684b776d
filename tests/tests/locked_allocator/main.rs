//! Events of a signal handler that interrupts the allocator, on whatever thread and whenever that is: it records them, and
//! takes nothing from the allocator, which is locked. And no thread that waits for that lock holds one that the handler waits
//! for: at each allocation and each free of who starts sessions, looks at them and ends them, another thread records.
//!
//! Attempts are counted outside the library, by their metadata: it is evaluated for the events that find a session.
#![allow(unsafe_code, reason = "an allocator, and signals")]
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests")]
#![cfg(all(target_os = "linux", target_env = "gnu"))]

mod allocator;
#[path = "../common/mod.rs"]
mod common;
mod ends;
mod first_events;
mod kinds;
mod memory;
mod others;
#[path = "../common/polling.rs"]
mod polling;
mod signals;
mod stepped;

use std::sync::atomic::{AtomicU64, Ordering};

use common::{accounted, assert_sound};
use traceme::session::Builder;
use traceme::trace::Cause;
use traceme::{Memory, Session, Trace, instant};

static ATTEMPTS: AtomicU64 = AtomicU64::new(0);

/// Metadata of an event that is recorded, lost or late.
fn attempt() -> u64 {
    ATTEMPTS.fetch_add(1, Ordering::Relaxed)
}

/// How many there were since the last call.
fn take_attempts() -> u64 {
    ATTEMPTS.swap(0, Ordering::Relaxed)
}

/// What most handlers do.
fn event() {
    instant!("under the lock", meta(n = attempt()));
}

/// A session with room for `threads` threads.
fn with_room_for(threads: usize) -> Builder {
    Session::builder().memory(Memory::bounded((threads + 16) * (256 << 10)))
}

/// What `work` records in a session in which its callsites are met; no handler may allocate meanwhile.
#[track_caller]
fn recorded(session: Builder, handler: fn(), work: impl FnOnce(&Session)) -> Trace {
    let session = session.start().unwrap();
    handler();
    work(&session);
    let trace = session.stop();
    assert_accounted(&[&trace]);
    trace
}

/// Checks that the traces tell of all attempts since the last call, none of which came late, and that no handler has
/// allocated.
#[track_caller]
fn assert_accounted(traces: &[&Trace]) {
    let reentered = allocator::take_reentered();
    assert_eq!(reentered, 0, "allocations and frees of handlers that had interrupted the allocator");
    assert_eq!(traces.iter().map(|trace| accounted(trace)).sum::<u64>(), take_attempts(), "attempts");
    assert_eq!(traces.iter().map(|trace| trace.losses().late()).sum::<u64>(), 0, "late events");
}

/// Checks that the trace is whole, and nothing was lost but what happened inside the recorder, or more than 128 spans deep.
#[track_caller]
fn assert_nothing_lost(trace: &Trace) {
    assert_sound(trace);
    let losses = trace.losses();
    let inevitable = [Cause::Reentrant, Cause::TooDeep].map(|cause| losses.by_cause(cause));
    assert_eq!(losses.total(), inevitable.iter().sum::<u64>(), "{losses:?}");
}

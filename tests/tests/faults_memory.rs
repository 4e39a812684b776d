//! The system gives no memory while a session records: what finds no room is counted, and later sessions are whole.
#![allow(unsafe_code, reason = "limits of the process")]
#![allow(clippy::unwrap_used, reason = "tests")]
#![cfg(target_os = "linux")]

mod common;

use common::{assert_sound, in_child};
use traceme::trace::Cause;
use traceme::{Memory, Session, Trace, instant};

const MIB: u64 = 1 << 20;

/// Limits the process to the addresses that it has and `more` bytes.
fn limit(more: u64) {
    let statm = std::fs::read_to_string("/proc/self/statm").unwrap();
    let now = statm.split(' ').next().unwrap().parse::<u64>().unwrap() * 4096;
    let limit = libc::rlimit { rlim_cur: now + more, rlim_max: libc::RLIM_INFINITY };
    // SAFETY: reads the limit from where the pointer points.
    assert_eq!(unsafe { libc::setrlimit(libc::RLIMIT_AS, &raw const limit) }, 0);
}

/// Records so many instants of 8 bytes.
fn record(events: u64) {
    (0..events).for_each(|_| instant!("event", level = 1));
}

const EVENTS: u64 = 4_000_000;

fn without_memory(memory: Memory, check: impl FnOnce(&Trace)) {
    let session = Session::builder().memory(memory).start().unwrap();
    record(1);
    limit(24 * MIB);
    record(EVENTS - 1);
    instant!("last", level = 1);
    limit(1 << 40);
    let trace = session.stop();
    let losses = trace.losses();
    assert_eq!(trace.event_count() + losses.total(), EVENTS + 1, "every attempt is recorded or counted");
    assert!(trace.event_count() > MIB / 8 && losses.total() > 0, "{} {}", trace.event_count(), losses.total());
    check(&trace);
    assert_sound(&trace);
    drop(trace);

    let session = Session::start(1).unwrap();
    record(EVENTS);
    assert_eq!(session.stop().event_count(), EVENTS, "with memory the next session has all");
}

fn has_last(trace: &Trace) -> bool {
    trace.instants().any(|instant| instant.name() == "last".into())
}

#[test]
fn none_for_a_bounded_session() {
    in_child("none_for_a_bounded_session", || {
        without_memory(Memory::bounded(1 << 30), |trace| {
            assert_eq!(trace.losses().by_cause(Cause::Full), trace.losses().total(), "of one cause");
            assert!(!has_last(trace), "it keeps the first ones");
        });
    });
}

#[test]
fn none_for_a_ring_that_is_not_round_yet() {
    in_child("none_for_a_ring_that_is_not_round_yet", || {
        without_memory(Memory::ring(1 << 30), |trace| {
            let losses = trace.losses();
            let overwritten = losses.by_cause(Cause::Overwritten);
            // A chunk that was given up can be on its way through the stock when it is needed.
            assert_eq!(overwritten + losses.by_cause(Cause::Full) + losses.by_cause(Cause::Pinned), losses.total());
            assert!(overwritten > 0 && has_last(trace), "it keeps the newest ones: {losses:?}");
        });
    });
}

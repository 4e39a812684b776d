//! The session's memory is full, or goes round, or keeps nothing.

use std::hint::black_box;
use std::time::Duration;

use traceme::trace::Cause;
use traceme::{Memory, Session, Trace, span};

use crate::allocator::{handle, take_reentered};
use crate::common::{alone, assert_sound, in_child, spawn};
use crate::{attempt, recorded, take_attempts};

const CHUNK: usize = 256 << 10;
const MEMORY: usize = 16 * CHUNK;

/// 8 threads at a time that do nothing but allocate and free; several chunks each.
fn storm() {
    const TURNS: usize = 3_000;
    for _ in 0..5 {
        let work = || {
            handle(Some(long_span));
            (0..TURNS).for_each(|n| drop(black_box(Vec::<u8>::with_capacity(n % 700))));
            handle(None);
        };
        let threads: Vec<_> = (0..8).map(|_| spawn("allocates", work)).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    }
}

fn long_span() {
    let text = "a text that takes some words of a chunk, so that chunks are used up sooner than by numbers alone";
    drop(span!("long", meta(n = attempt(), text, again = text, once_more = text)));
}

fn stormed(memory: Memory) -> Trace {
    let trace = recorded(Session::builder().memory(memory), long_span, |_| storm());
    assert!(trace.event_count() > 0);
    trace
}

/// Checks that of what was lost something was for the first cause, and all for one of these.
#[track_caller]
fn assert_lost_for(trace: &Trace, causes: &[Cause]) {
    let losses = trace.losses();
    assert!(losses.by_cause(causes[0]) > 0, "{losses:?}");
    assert_eq!(causes.iter().map(|&cause| losses.by_cause(cause)).sum::<u64>(), losses.total(), "{losses:?}");
}

#[test]
fn that_is_full() {
    in_child("memory::that_is_full", || {
        let _alone = alone();
        let trace = stormed(Memory::bounded(MEMORY));
        assert_sound(&trace);
        assert_lost_for(&trace, &[Cause::Full]);
    });
}

#[test]
fn that_goes_round() {
    in_child("memory::that_goes_round", || {
        let _alone = alone();
        assert_lost_for(&stormed(Memory::ring(MEMORY)), &[Cause::Overwritten, Cause::Pinned, Cause::Full]);
    });
}

#[test]
fn for_the_last_of_some_time() {
    in_child("memory::for_the_last_of_some_time", || {
        let _alone = alone();
        let memory = Memory::for_last(Duration::from_millis(1), MEMORY);
        assert_lost_for(&stormed(memory), &[Cause::Overwritten, Cause::Pinned, Cause::Full]);
    });
}

/// The sums tell of all that was recorded; a thread that sums up allocates all the time.
#[test]
fn that_keeps_nothing() {
    in_child("memory::that_keeps_nothing", || {
        let _alone = alone();
        let session = Session::builder().memory(Memory::summary_only()).start().unwrap();
        long_span();
        storm();
        let losses = session.stop().summary().losses;
        assert_eq!(take_reentered(), 0);
        assert_eq!(losses.recorded + losses.lost + losses.late, take_attempts());
    });
}

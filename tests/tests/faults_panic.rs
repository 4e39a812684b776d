//! Panics in traced code, and in the code that annotations run.
#![allow(clippy::unwrap_used, reason = "tests")]

mod common;

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use common::recorded;
use traceme::{counter, instant, span, trace_scope, traceme};

/// Unwinds like a panic, and prints nothing.
fn panic_quietly() -> u64 {
    resume_unwind(Box::new("expected"))
}

/// Runs `work`, which panics.
fn caught(work: impl FnOnce()) {
    assert!(catch_unwind(AssertUnwindSafe(work)).is_err());
}

#[test]
fn all_spans_that_a_panic_ends_are_flagged_and_no_others() {
    let text = recorded(|| {
        trace_scope!("catches");
        caught(|| {
            trace_scope!("outer");
            {
                trace_scope!("over before");
            }
            trace_scope!("inner", meta(n = 1 + 1));
            panic_quietly();
        });
        trace_scope!("after");
    });
    let expected = "catches\n  outer (panicked)\n    over before\n    inner n=2 (panicked)\n  after";
    assert_eq!(text, expected);
}

#[traceme]
fn fails(n: u64) -> u64 {
    if n == 0 { panic_quietly() } else { fails(n - 1) }
}

#[test]
fn functions_and_blocks_that_panic_are_flagged() {
    let text = recorded(|| {
        caught(|| {
            fails(2);
        });
        caught(|| {
            let n = trace_scope!("block", level = 2, { panic_quietly() });
            instant!("never", meta(n));
        });
        instant!("after");
    });
    let expected = "fails (panicked)\n  fails (panicked)\n    fails (panicked)\nblock (panicked)\n* after";
    assert_eq!(text, expected);
}

#[test]
fn guards_kept_outside_of_the_panic_are_not_flagged() {
    let text = recorded(|| {
        let mut kept = None;
        caught(|| {
            kept = Some(span!("kept"));
            trace_scope!("inside");
            panic_quietly();
        });
        instant!("after");
        drop(kept);
    });
    assert_eq!(text, "kept\n  inside (panicked)\n  * after");
}

/// Traces when it is dropped.
struct Cleanup;

impl Drop for Cleanup {
    fn drop(&mut self) {
        trace_scope!("clean up", meta(panicking = std::thread::panicking()));
        {
            trace_scope!("inside");
        }
        instant!("cleaned");
        // A panic while panicking, caught inside the destructor, is not seen: the spans began while panicking.
        caught(|| {
            trace_scope!("caught inside");
            panic_quietly();
        });
    }
}

#[test]
fn a_span_begun_while_the_thread_panics_is_not_flagged() {
    let text = recorded(|| {
        caught(|| {
            trace_scope!("outer");
            let _cleanup = Cleanup;
            panic_quietly();
        });
    });
    let expected = "outer (panicked)\n  clean up panicking=true\n    inside\n    * cleaned\n    caught inside";
    assert_eq!(text, expected);
}

#[test]
fn a_guard_that_is_dropped_out_of_order_by_a_panic_is_flagged() {
    let text = recorded(|| {
        caught(|| {
            let outer = span!("outer");
            let inner = span!("inner");
            // Dropped in the order of the tuple: the outer one first.
            let _both = (outer, inner);
            panic_quietly();
        });
        instant!("after");
    });
    assert_eq!(text, "outer (panicked)\ninner (panicked, overlapping)\n* after");
}

#[test]
fn an_event_whose_metadata_panics_is_not_recorded_and_breaks_nothing() {
    let text = recorded(|| {
        trace_scope!("outer");
        caught(|| {
            trace_scope!("never", meta(first = %"printed", n = panic_quietly()));
        });
        caught(|| instant!("never", meta(n = panic_quietly())));
        caught(|| counter!("never", panic_quietly()));
        caught(|| traceme::append!(n = panic_quietly()));
        caught(|| {
            trace_scope!(name = panic_quietly().to_string());
        });
        trace_scope!("inner", meta(text = %"still printed"));
    });
    assert_eq!(text, "outer\n  inner text=\"still printed\"");
}

#[test]
fn metadata_that_panics_ten_thousand_times_uses_nothing_up() {
    let text = recorded(|| {
        let long = "x".repeat(4000);
        for _ in 0..10_000 {
            caught(|| instant!("never", meta(long = %long, longer = ?long, n = panic_quietly())));
        }
        let lengths = [&long[..], &long[1..]];
        instant!("whole", meta(first = %lengths[0], second = %lengths[1]));
    });
    let (first, second) = ("x".repeat(4000), "x".repeat(3999));
    assert_eq!(text, format!("* whole first=\"{first}\" second=\"{second}\""));
}

#[test]
fn metadata_that_panics_inside_metadata_ends_the_spans_that_it_began() {
    let text = recorded(|| {
        caught(|| {
            let fails = || {
                trace_scope!("inside metadata");
                panic_quietly()
            };
            trace_scope!("never", meta(n = fails()));
        });
        instant!("after");
    });
    assert_eq!(text, "inside metadata (panicked)\n* after");
}
